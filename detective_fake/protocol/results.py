"""Responses as botocore's parser returns them: built from our results, and made from what tests write by hand.

A property test compares them with botocore's own parser.
"""

from __future__ import annotations

import functools
import math
import reprlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.exceptions import ClientError
from botocore.utils import parse_timestamp

from detective_fake.errors import DOCS, FakeUsageError, ServiceError
from detective_fake.exchange import write_body
from detective_fake.protocol.model import error_members, error_statuses, operations
from detective_fake.protocol.rest_json import error_body, headers, status
from detective_fake.protocol.validation import KINDS, pattern_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from botocore.model import MapShape, StringShape, StructureShape

    from detective_fake.exchange import Body, Result
    from detective_fake.protocol.model import Operation

_METADATA: Final = "ResponseMetadata"
_UNMODELLED_STATUSES: Final = range(300, 600)


def make_response(result: Result, retry_attempts: int = 0) -> dict[str, Any]:
    """Return a new parsed response for a result, as botocore returns it for our HTTP response.

    The body is already in the model's order, with datetimes in `timestamp_zone()`.

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
            **(body if error.error_code in error_statuses() else {}),
        }
    return {_METADATA: metadata, **write_body(result.body or {})}


def timestamp_zone() -> tzinfo:
    """Return the zone of the datetimes that botocore parses from `…Z` in this process.

    It is dateutil's UTC, or dateutil's local zone on a machine whose own zone is called UTC.
    """
    return _timestamp_zone(time.tzname, time.timezone)


@functools.lru_cache(maxsize=16)
def _timestamp_zone(_names: tuple[str, str], _offset: int) -> tzinfo:
    # Cached by what `time.tzset()` changes: parsing takes longer than everything else that starting a fake does.
    return cast("tzinfo", parse_timestamp("2020-01-22T11:35:11.372Z").tzinfo)


class NotAnOutput(FakeUsageError):
    """A response body that no client of Detective can receive.

    Attributes:
        path: The place in the response, from the operation down: `"ListMembers.MemberDetails[0].Status"`.
        value: The value there.
        expected: What the service model allows there, in words.
    """

    def __init__(self, path: str, value: object, expected: str) -> None:
        super().__init__(path, value, expected)
        self.path, self.value, self.expected = path, value, expected

    def __str__(self) -> str:
        return (
            f"{self.path} cannot be {reprlib.repr(self.value)} in an answer: the service model allows {self.expected}. "
            f"Answer what Detective could answer, or leave the member out. See {DOCS}not-an-output"
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
    return check_output(operations()[operation], body, on_clock)


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
    modelled = code in error_statuses() or http_status not in _UNMODELLED_STATUSES
    members = {name: response[name] for name in error_members(code) if name in response and name != "Message"}
    return ServiceError(details.get("Message", ""), members, code, None if modelled else http_status)


def check_output(
    operation: Operation, body: Mapping[str, Any], on_clock: Callable[[datetime], datetime] = lambda at: at
) -> dict[str, Any]:
    """Return a body as botocore's parser returns it: members in the model's order, times on the clock.

    Members, types, enums, lengths of texts and patterns are checked against the operation's output shape. Lengths of
    lists and maps are not: some shapes of the model have minima that apply to requests, while responses often have
    empty lists.

    Raises:
        NotAnOutput: The first deviation, depth first.
    """
    if operation.output_shape is not None:
        return _check_structure(operation.output_shape, dict(body), operation.name, on_clock)
    if body:
        raise NotAnOutput(operation.name, body, "no output")
    return {}


def _check(shape: Any, value: Any, path: str, on_clock: Callable[[datetime], datetime]) -> Any:
    kind = KINDS[shape.type_name]
    if not kind.has(value):
        raise NotAnOutput(path, value, kind.description)
    if shape.type_name == "list":
        return [_check(shape.member, item, f"{path}[{index}]", on_clock) for index, item in enumerate(value)]
    if shape.type_name == "map":
        return {key: _check_entry(shape, key, item, f"{path}[{key!r}]", on_clock) for key, item in value.items()}
    if shape.type_name == "structure":
        return _check_structure(shape, value, path, on_clock)
    if shape.type_name == "string":
        _check_string(shape, value, path)
    return on_clock(value) if shape.type_name == "timestamp" else value


def _check_string(shape: StringShape, value: str, path: str) -> None:
    values = shape.metadata.get("enum")
    if values and value not in values:
        raise NotAnOutput(path, value, f"one of {', '.join(values)}")
    shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max", math.inf)
    if not shortest <= len(value) <= longest:
        raise NotAnOutput(path, value, f"a length from {shortest} to {longest}")
    pattern = pattern_of(shape)
    # Tags of AWS itself are returned, although no request may have them.
    checked = value.removeprefix("aws:") if shape.name == "TagKey" else value
    if pattern is not None and not pattern.fullmatch(checked):
        raise NotAnOutput(path, value, f"what matches {pattern.pattern}")


def _check_entry(shape: MapShape, key: object, item: object, path: str, on_clock: Callable[..., datetime]) -> Any:
    """Check an entry of a map. A structure may be None, such as the change to a state that a package was never in.

    Source: API Reference, ListDatasourcePackages, sample response. botocore keeps such a None, and fails on any other.
    """
    _check(shape.key, key, path, on_clock)
    if item is None and shape.value.type_name == "structure":
        return None
    return _check(shape.value, item, path, on_clock)


def _check_structure(
    shape: StructureShape, value: dict[str, Any], path: str, on_clock: Callable[..., datetime]
) -> dict[str, Any]:
    for name, member in value.items():
        if name not in shape.members:
            place = f"{path}.{name}"
            raise NotAnOutput(place, member, f"only {', '.join(shape.members) or 'nothing'}")
    present = {name: member for name, member in shape.members.items() if name in value}
    return {name: _check(member, value[name], f"{path}.{name}", on_clock) for name, member in present.items()}
