"""What botocore's parser and endpoint would have made of our HTTP answer, without the way over bytes and back.

Knows the form of botocore's parsed responses; must not know how a body came about. A property test holds it against
botocore's own parser.
"""

from __future__ import annotations

import functools
import math
import reprlib
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
from botocore.utils import parse_timestamp

from detective_fake.errors import FakeUsageError
from detective_fake.exchange import Deferred
from detective_fake.protocol.model import error_status, operations
from detective_fake.protocol.rest_json import error_body, headers, status
from detective_fake.protocol.validation import pattern_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

    from detective_fake.errors import ServiceError
    from detective_fake.exchange import Result
    from detective_fake.protocol.model import Operation

__all__ = ["NotAnOutput", "check_output", "parsed", "timestamp_zone"]


def parsed(result: Result, retry_attempts: int = 0) -> dict[str, Any]:
    """Return the parsed response that botocore would hand on for this answer, made anew each time.

    Only the members at the top are put in order: rows are written in the model's order already, their datetimes in
    `timestamp_zone()`.

    Args:
        result: The answer.
        retry_attempts: How often botocore had asked before.
    """
    operation = operations()[result.operation]
    metadata = {
        "RequestId": result.request_id,
        "HTTPStatusCode": operation.status if result.error is None else status(result),
        "HTTPHeaders": headers(result),
        "RetryAttempts": retry_attempts,
    }
    if result.error is not None:
        return _parsed_error(result.error, metadata)
    response: dict[str, Any] = {"ResponseMetadata": metadata}
    body = result.body
    if body:
        for name in operation.output_members:
            value = body.get(name)
            if value is not None:
                response[name] = value.write(*value.values) if value.__class__ is Deferred else value
    return response


def _parsed_error(error: ServiceError, metadata: dict[str, Any]) -> dict[str, Any]:
    body = error_body(error)
    response: dict[str, Any] = {
        "Error": {"Message": body.get("Message", ""), "Code": error.error_code},
        "ResponseMetadata": metadata,
    }
    if error_status(error.error_code) is not None:
        response.update(body)
    return response


def timestamp_zone() -> tzinfo:
    """Return the zone of the datetimes that botocore makes of `…Z` in this process.

    It is dateutil's UTC, or dateutil's local zone on a machine whose own zone goes by the name of UTC.
    """
    return _timestamp_zone(time.tzname, time.timezone)


@functools.lru_cache(maxsize=16)
def _timestamp_zone(_names: tuple[str, str], _offset: int) -> tzinfo:
    """Asked anew when the machine's zone has changed, as `time.tzset()` in a test may do."""
    return cast("tzinfo", parse_timestamp("2020-01-22T11:35:11.372Z").tzinfo)


@attrs.define(slots=False, eq=False)
class NotAnOutput(FakeUsageError):
    """A body that no client of Detective could ever receive.

    Attributes:
        path: Where in the answer, from the operation down: `"ListMembers.MemberDetails[0].Status"`.
        value: What stands there.
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


def check_output(operation: Operation, body: Mapping[str, Any]) -> None:
    """Hold a written body against the operation's output shape: members, types, enums, lengths of texts, patterns.

    Sizes of lists and maps are not checked: the model gives some shapes minima that are meant for input, and an empty
    list is a usual answer.

    Raises:
        NotAnOutput: The first deviation, depth first.
    """
    if operation.output_shape is not None:
        _check_structure(operation.output_shape, dict(body), operation.name)
    elif body:
        raise NotAnOutput(operation.name, body, "no output")


def _check_value(shape: Shape, value: object, path: str) -> None:
    check = _CONTAINERS.get(shape.type_name)
    if check is not None:
        check(shape, value, path)
        return
    accepts, expected = _SCALARS[shape.type_name]
    if not accepts(value):
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
    """Hold keys and values; a structure may be None, as is the change to a state that a package has never been in.

    Source: API Reference, ListDatasourcePackages, sample response. Botocore keeps such a None, and fails on any other.
    """
    if type(value) is not dict:
        raise NotAnOutput(path, value, "a dict")
    nullable = shape.value.type_name == "structure"
    for key, item in value.items():
        place = f"{path}[{key!r}]"
        _check_value(shape.key, key, place)
        if item is not None or not nullable:
            _check_value(shape.value, item, place)


def _check_structure(shape: StructureShape, value: object, path: str) -> None:
    if type(value) is not dict:
        raise NotAnOutput(path, value, "a dict")
    for name, member in value.items():
        place = f"{path}.{name}"
        if name not in shape.members:
            raise NotAnOutput(place, member, f"only {', '.join(shape.members) or 'nothing'}")
        _check_value(shape.members[name], member, place)


_CONTAINERS: Final[Mapping[str, Callable[[Any, object, str], None]]] = {
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
