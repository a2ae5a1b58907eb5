"""Responses as botocore's parser returns them: built from our results, and made from what tests write by hand.

A property test compares them with botocore's own parser.
"""

from __future__ import annotations

import functools
import math
import reprlib
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
from botocore.exceptions import ClientError
from botocore.utils import parse_timestamp

from detective_fake.errors import FakeUsageError, ServiceError
from detective_fake.exchange import Deferred, copy_value
from detective_fake.protocol.model import error_members, error_status, operations
from detective_fake.protocol.rest_json import error_body, headers, status
from detective_fake.protocol.validation import pattern_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

    from detective_fake.exchange import Body, Result
    from detective_fake.protocol.model import Operation

__all__ = ["NotAnOutput", "check_output", "make_body", "make_response", "timestamp_zone", "to_service_error"]

_METADATA: Final = "ResponseMetadata"
_UNMODELLED_STATUSES: Final = range(300, 600)


def make_response(result: Result, retry_attempts: int = 0) -> dict[str, Any]:
    """Return a new parsed response for a result, as botocore returns it for our HTTP response.

    Only the top-level members are put in order. Rows are already in the model's order, with datetimes in
    `timestamp_zone()`.

    Args:
        result: The service's result.
        retry_attempts: The number of attempts that botocore made before.
    """
    metadata = {
        "RequestId": result.request_id,
        "HTTPStatusCode": status(result),
        "HTTPHeaders": headers(result),
        "RetryAttempts": retry_attempts,
    }
    error = result.error
    if error is not None:
        body = error_body(error)
        return {
            "Error": {"Message": body.get("Message", ""), "Code": error.error_code},
            _METADATA: metadata,
            **({} if error_status(error.error_code) is None else body),
        }
    response: dict[str, Any] = {_METADATA: metadata}
    body = result.body or {}
    for name in operations()[result.operation].output_members:
        value = body.get(name)
        if value is not None:
            response[name] = value.write(*value.values) if isinstance(value, Deferred) else value
    return response


def timestamp_zone() -> tzinfo:
    """Return the zone of the datetimes that botocore parses from `…Z` in this process.

    It is dateutil's UTC, or dateutil's local zone on a machine whose own zone is called UTC.
    """
    return _timestamp_zone(time.tzname, time.timezone)


@functools.lru_cache(maxsize=16)
def _timestamp_zone(_names: tuple[str, str], _offset: int) -> tzinfo:
    # Cached by what `time.tzset()` changes: parsing takes longer than everything else that starting a fake does.
    return cast("tzinfo", parse_timestamp("2020-01-22T11:35:11.372Z").tzinfo)


@attrs.define(slots=False, eq=False)
class NotAnOutput(FakeUsageError):
    """A response body that no client of Detective can receive.

    Attributes:
        path: The place in the response, from the operation down: `"ListMembers.MemberDetails[0].Status"`.
        value: The value there.
        expected: What the service model allows there, in words.
    """

    path: str
    value: object
    expected: str

    def __str__(self) -> str:
        return (
            f"{self.path} cannot be {reprlib.repr(self.value)} in an answer: the service model allows {self.expected}. "
            "Answer what Detective could answer, or leave the member out."
        )


def make_body(operation: str, response: object, on_clock: Callable[[datetime], datetime]) -> Body:
    """Return a response that a test wrote as the body of an operation.

    A response of a client can be passed, too: its `ResponseMetadata` is left out.

    Args:
        operation: Its name.
        response: What the test wrote.
        on_clock: Converts a time to the zone and precision of the fake's clock.
    Raises:
        NotAnOutput: No client of Detective can receive this.
    """
    if not isinstance(response, Mapping):
        raise NotAnOutput(operation, response, "a dict, or None for the fake's own answer")
    body = {name: value for name, value in response.items() if name != _METADATA}
    check_output(operations()[operation], body)
    shape = operations()[operation].output_shape
    return {
        name: Deferred(copy_value, (value,)) if isinstance(value, (dict, list)) else value
        for name, value in ({} if shape is None else _arrange(shape, body, on_clock)).items()
    }


def _arrange(shape: Any, value: Any, on_clock: Callable[[datetime], datetime]) -> Any:
    """Return a checked value as botocore's parser returns it: members in the model's order, times on the clock."""
    if shape.type_name == "structure":
        members = shape.members.items()
        return {name: _arrange(member, value[name], on_clock) for name, member in members if name in value}
    if shape.type_name == "list":
        return [_arrange(shape.member, item, on_clock) for item in value]
    if shape.type_name == "map":
        entries = value.items()
        return {key: None if item is None else _arrange(shape.value, item, on_clock) for key, item in entries}
    return on_clock(value) if shape.type_name == "timestamp" else value


def to_service_error(error: Exception) -> ServiceError | None:
    """Return the service error that an exception is, or that a `ClientError` contains; None for any other."""
    if isinstance(error, ServiceError):
        return error
    response: Mapping[str, Any] = error.response if isinstance(error, ClientError) else {}
    details = response.get("Error", {})
    code = details.get("Code")
    if not code:
        return None
    http_status = response.get(_METADATA, {}).get("HTTPStatusCode")
    modelled = error_status(code) is not None or http_status not in _UNMODELLED_STATUSES
    members = {name: response[name] for name in error_members(code) if name in response and name != "Message"}
    return ServiceError(details.get("Message", ""), members, code, None if modelled else http_status)


def check_output(operation: Operation, body: Mapping[str, Any]) -> None:
    """Check a body against the operation's output shape: members, types, enums, lengths of texts, patterns.

    Lengths of lists and maps are not checked: some shapes of the model have minima that apply to requests, while
    responses often have empty lists.

    Raises:
        NotAnOutput: The first deviation, depth first.
    """
    if operation.output_shape is not None:
        _check_structure(operation.output_shape, dict(body), operation.name)
    elif body:
        raise NotAnOutput(operation.name, body, "no output")


def _check_value(shape: Shape, value: object, path: str) -> None:
    check = _CHECKS.get(shape.type_name)
    if check is not None:
        check(shape, value, path)
        return
    is_valid, expected = _SCALARS[shape.type_name]
    if not is_valid(value):
        raise NotAnOutput(path, value, expected)


def _check_string(shape: StringShape, value: object, path: str) -> None:
    if type(value) is not str:
        raise NotAnOutput(path, value, "a plain str")
    values = shape.metadata.get("enum")
    if values and value not in values:
        raise NotAnOutput(path, value, f"one of {', '.join(values)}")
    shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max", math.inf)
    if not shortest <= len(value) <= longest:
        raise NotAnOutput(path, value, f"a length from {shortest} to {longest}")
    pattern = pattern_of(shape)
    if pattern is not None and not pattern.fullmatch(value):
        raise NotAnOutput(path, value, f"what matches {pattern.pattern}")


def _check_list(shape: ListShape, value: object, path: str) -> None:
    if type(value) is not list:
        raise NotAnOutput(path, value, "a list")
    for index, item in enumerate(value):
        _check_value(shape.member, item, f"{path}[{index}]")


def _check_map(shape: MapShape, value: object, path: str) -> None:
    """Check keys and values. A structure may be None, such as the change to a state that a package was never in.

    Source: API Reference, ListDatasourcePackages, sample response. botocore keeps such a None, and fails on any other.
    """
    if type(value) is not dict:
        raise NotAnOutput(path, value, "a dict")
    is_nullable = shape.value.type_name == "structure"
    for key, item in value.items():
        item_path = f"{path}[{key!r}]"
        _check_value(shape.key, key, item_path)
        if item is not None or not is_nullable:
            _check_value(shape.value, item, item_path)


def _check_structure(shape: StructureShape, value: object, path: str) -> None:
    if type(value) is not dict:
        raise NotAnOutput(path, value, "a dict")
    for name, member in value.items():
        member_path = f"{path}.{name}"
        if name not in shape.members:
            raise NotAnOutput(member_path, member, f"only {', '.join(shape.members) or 'nothing'}")
        _check_value(shape.members[name], member, member_path)


_CHECKS: Final[Mapping[str, Callable[[Any, object, str], None]]] = {
    "list": _check_list,
    "map": _check_map,
    "string": _check_string,
    "structure": _check_structure,
}


def _is_integer(value: object) -> bool:
    return type(value) is int


def _is_number(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(cast("float", value))


def _is_boolean(value: object) -> bool:
    return type(value) is bool


def _is_aware(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


_SCALARS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "boolean": (_is_boolean, "a bool"),
    "double": (_is_number, "a finite float"),
    "float": (_is_number, "a finite float"),
    "integer": (_is_integer, "an int"),
    "long": (_is_integer, "an int"),
    "timestamp": (_is_aware, "an aware datetime"),
}
