"""Checks parameters against the constraints of an input shape.

Source of every limit: service model 2018-10-26. Source of the wording: the one error text that was published, for more
than 50 accounts (GitHub issue aws-samples/amazon-detective-multiaccount-scripts#6). The others are modelled after it.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from detective_fake.errors import ValidationFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

INVALID_GRAPH_ARN: Final = "INVALID_GRAPH_ARN"
INVALID_REQUEST_BODY: Final = "INVALID_REQUEST_BODY"

_INTEGER_BITS: Final = {"integer": 32, "long": 64}


_CHECKED_BY_OPERATION: Final = ("Account", "EmailAddress")
"""`CreateMembers` requires this member only of accounts outside the graph's organization. Source: its text."""


def malformed() -> ValidationFailed:
    """Return the error for a body that is not a JSON object, has a value of a wrong type, or lacks a required member.

    Source: Administration Guide, logging-using-cloudtrail (2019), for the text; the `ErrorCode` is inferred.
    """
    return ValidationFailed("Invalid request body", {"ErrorCode": INVALID_REQUEST_BODY})


def validate(shape: StructureShape, parameters: Mapping[str, Any]) -> None:
    """Check parameters against an input shape. Timestamps are datetimes; members that the model lacks are ignored.

    Messages contain lengths and numbers, but no other values: e-mail addresses and texts are sensitive.

    Raises:
        ValidationFailed: The first violation, in the order of the model's members.
    """
    _check_members(shape, parameters, shape.name)


def pattern_of(shape: StringShape) -> re.Pattern[str] | None:
    r"""Return the pattern of a string shape, None if it has none. Use `fullmatch`: `$` also matches before a newline.

    Its classes are ASCII, as the service's `\d` and `\w` are. A pattern in a syntax that Python does not know, such as
    `\p{L}`, is ignored: Detective has none today, and a future one must not reject every call.
    """
    pattern = shape.metadata.get("pattern")
    try:
        return None if pattern is None else re.compile(pattern, re.ASCII)
    except re.error:
        return None


def _check(shape: Shape, value: object, path: str) -> None:
    # Other types occur in no input of Detective today, and must not reject a call tomorrow.
    kind = KINDS.get(shape.type_name)
    if kind is not None and not kind.has(value):
        raise malformed()
    if kind is not None and kind.check is not None:
        kind.check(shape, value, path)


def _check_length(shape: Shape, length: int, path: str) -> None:
    _check_bounds(shape, length, (0, math.inf), f"{path} must have length")


def _check_bounds(shape: Shape, value: int, bounds: tuple[float, float], must_be: str) -> None:
    """Check a number against the model's `min` and `max`, or these bounds."""
    smallest, largest = shape.metadata.get("min", bounds[0]), shape.metadata.get("max", bounds[1])
    if not smallest <= value <= largest:
        bound, limit = ("less", largest) if value > largest else ("greater", smallest)
        raise ValidationFailed(f"{must_be} {bound} than or equal to {limit}. Found {value}.")


def _check_string(shape: StringShape, value: Any, path: str) -> None:
    # The length first, so that no regular expression has to read a long value.
    _check_length(shape, len(value), path)
    pattern = pattern_of(shape)
    if pattern is not None and not pattern.fullmatch(value):
        raise ValidationFailed(
            f"{path} must match the regular expression {pattern.pattern}.",
            {"ErrorCode": INVALID_GRAPH_ARN} if shape.name == "GraphArn" else {},
        )
    values = shape.metadata.get("enum")
    if values and value not in values:
        raise ValidationFailed(f"{path} must be one of {', '.join(values)}.")


def _check_integer(shape: Shape, value: Any, path: str) -> None:
    beyond = 1 << (_INTEGER_BITS[shape.type_name] - 1)
    if not -beyond <= value < beyond:
        raise malformed()
    _check_bounds(shape, value, (-beyond, beyond), f"{path} must be")


def _check_list(shape: ListShape, value: Any, path: str) -> None:
    _check_length(shape, len(value), path)
    for index, item in enumerate(value):
        _check(shape.member, item, f"{path}[{index}]")


def _check_map(shape: MapShape, value: Any, path: str) -> None:
    """Entries are named by their position, `Tags[0].key`: a key may be long."""
    _check_length(shape, len(value), path)
    for index, (key, item) in enumerate(value.items()):
        _check(shape.key, key, f"{path}[{index}].key")
        _check(shape.value, item, f"{path}[{index}].value")


def _check_members(shape: StructureShape, value: Mapping[str, Any], path: str) -> None:
    for name, member_shape in shape.members.items():
        member = value.get(name)
        if member is not None:
            _check(member_shape, member, f"{path}.{name}")
        elif name in shape.required_members and (shape.name, name) != _CHECKED_BY_OPERATION:
            raise malformed()


class Kind(NamedTuple):
    """The values of one type of shape.

    Attributes:
        has: Returns whether a value is one of them.
        description: What they are, for messages.
        check: Checks a value against the constraints of a shape.
    """

    has: Callable[[Any], bool]
    description: str
    check: Callable[[Any, Any, str], None] | None = None


_FLOAT: Final = Kind(lambda value: type(value) in {int, float} and math.isfinite(value), "a finite float")
_INTEGER: Final = Kind(lambda value: type(value) is int, "an int", _check_integer)

KINDS: Final[Mapping[str, Kind]] = {
    "boolean": Kind(lambda value: type(value) is bool, "a bool"),
    "double": _FLOAT,
    "float": _FLOAT,
    "integer": _INTEGER,
    "list": Kind(lambda value: type(value) is list, "a list", _check_list),
    "long": _INTEGER,
    "map": Kind(lambda value: type(value) is dict, "a dict", _check_map),
    "string": Kind(lambda value: type(value) is str, "a plain str", _check_string),
    "structure": Kind(lambda value: type(value) is dict, "a dict", _check_members),
    "timestamp": Kind(lambda value: isinstance(value, datetime) and value.utcoffset() is not None, "an aware datetime"),
}
