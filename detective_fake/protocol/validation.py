"""Checks parameters against the constraints of an input shape, with closures built once from the service model.

Knows shapes and the wording of Detective's refusals; must not know HTTP or what an operation does. Source of every
limit: service model 2018-10-26; of the wording: the one refusal that was published, for 51 and more accounts (GitHub
issue aws-samples/amazon-detective-multiaccount-scripts#6), after which the others are modelled.
"""

from __future__ import annotations

import functools
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from detective_fake.errors import ValidationFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

    Check = Callable[[object], "Violation | None"]

__all__ = ["INVALID_GRAPH_ARN", "INVALID_REQUEST_BODY", "compile_validator", "malformed", "pattern_of"]

INVALID_GRAPH_ARN: Final = "INVALID_GRAPH_ARN"
INVALID_REQUEST_BODY: Final = "INVALID_REQUEST_BODY"

# What was found valid is remembered, since nearly every call of a test names the same graph. Bounded, because a
# process may meet any number of values of any length.
REMEMBERED_VALUES: Final = 1024
REMEMBERED_LENGTH: Final = 256

_INTEGER_BITS: Final = {"integer": 32, "long": 64}


class Violation(NamedTuple):
    """The first constraint that a value breaks.

    Attributes:
        path: From the value that was checked down to the broken one, `"[3].EmailAddress"`; empty for the value itself.
        rule: What the value must be, as a sentence without its subject; None where the body is no valid request.
        error_code: Member `ErrorCode` of the answer, empty for none.
    """

    path: str
    rule: str | None
    error_code: str

    def under(self, step: str) -> Violation:
        """Return this violation as seen from the container of the value."""
        return self._replace(path=step + self.path)

    def as_error(self, subject: str) -> ValidationFailed:
        """Return what Detective answers, for a violation somewhere in the input shape of that name."""
        if self.rule is None:
            return malformed()
        members = {"ErrorCode": self.error_code} if self.error_code else {}
        return ValidationFailed(f"{subject}{self.path} {self.rule}", members)


_MALFORMED: Final = Violation("", None, INVALID_REQUEST_BODY)


def malformed() -> ValidationFailed:
    """Return the refusal of a body that is no JSON object, has a value of a wrong type, or lacks a required member.

    Source: Administration Guide, logging-using-cloudtrail (2019), for the text; the `ErrorCode` is inferred.
    """
    return ValidationFailed("Invalid request body", {"ErrorCode": INVALID_REQUEST_BODY})


def compile_validator(operation_name: str, input_shape: StructureShape | None) -> Callable[[Mapping[str, Any]], None]:
    """Return a function that raises `ValidationFailed` for the first violation, in the order of the model's members.

    Members that the model does not know are ignored. Timestamps are datetimes by now. No value is ever put into a
    message, as e-mail addresses and texts are sensitive; lengths and numbers are.
    """
    if input_shape is None:
        return _accept_nothing
    subject, check = input_shape.name, _members(input_shape)

    def validate(parameters: Mapping[str, Any]) -> None:
        violation = check(parameters)
        if violation is not None:
            raise violation.as_error(subject)

    validate.__qualname__ = f"validate[{operation_name}]"
    return validate


def pattern_of(shape: StringShape) -> re.Pattern[str] | None:
    """Return the pattern of a string shape, to be used by `fullmatch`: `$` would let a final newline pass."""
    pattern = shape.metadata.get("pattern")
    return None if pattern is None else _compiled(pattern)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    r"""Return it with ASCII classes, as the service's `\d` and `\w` are; None where Python cannot read it.

    Other dialects' syntax (`\p{L}`) is nothing that Detective uses today, and no reason to refuse every call tomorrow.
    """
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:
        return None


def _accept_nothing(_parameters: Mapping[str, Any]) -> None:
    """Accept whatever was sent to an operation without input: it is ignored."""


def _check(shape: Shape) -> Check:
    return _BUILDERS.get(shape.type_name, _any)(shape)


def _any(_shape: Shape) -> Check:
    return lambda _value: None


def _string(shape: StringShape) -> Check:
    shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max", math.inf)
    rules = tuple(_rules(shape))
    remembers = bool(rules) and not shape.metadata.get("sensitive")
    known: set[str] = set()

    def check(value: object) -> Violation | None:
        if type(value) is not str:
            return _MALFORMED
        if value in known:
            return None
        # Before any regular expression runs, so that none has to work through a long value.
        length = len(value)
        if not shortest <= length <= longest:
            return _length(length, shortest, longest)
        for accepts, violation in rules:
            if not accepts(value):
                return violation
        if remembers and length <= REMEMBERED_LENGTH:
            if len(known) >= REMEMBERED_VALUES:
                known.clear()
            known.add(value)
        return None

    return check


def _rules(shape: StringShape) -> Iterator[tuple[Callable[[str], object], Violation]]:
    pattern = pattern_of(shape)
    if pattern is not None:
        error_code = INVALID_GRAPH_ARN if shape.name == "GraphArn" else ""
        rule = f"must match the regular expression {pattern.pattern}."
        yield pattern.fullmatch, Violation("", rule, error_code)
    values = shape.metadata.get("enum")
    if values:
        yield frozenset(values).__contains__, Violation("", f"must be one of {', '.join(values)}.", "")


def _integer(shape: Shape) -> Check:
    beyond = 1 << (_INTEGER_BITS[shape.type_name] - 1)
    smallest, largest = shape.metadata.get("min", -beyond), shape.metadata.get("max", beyond - 1)

    def check(value: object) -> Violation | None:
        if type(value) is not int or not -beyond <= value < beyond:
            return _MALFORMED
        if value > largest:
            return Violation("", f"must be less than or equal to {largest}. Found {value}.", "")
        if value < smallest:
            return Violation("", f"must be greater than or equal to {smallest}. Found {value}.", "")
        return None

    return check


def _of_class(*classes: type) -> Callable[[Shape], Check]:
    def build(_shape: Shape) -> Check:
        return lambda value: None if type(value) in classes else _MALFORMED

    return build


def _timestamp(_shape: Shape) -> Check:
    return lambda value: None if isinstance(value, datetime) else _MALFORMED


def _list(shape: ListShape) -> Check:
    shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max", math.inf)
    check_item = _check(shape.member)

    def check(value: object) -> Violation | None:
        if type(value) is not list:
            return _MALFORMED
        if not shortest <= len(value) <= longest:
            return _length(len(value), shortest, longest)
        for index, item in enumerate(value):
            violation = check_item(item)
            if violation is not None:
                return violation.under(f"[{index}]")
        return None

    return check


def _map(shape: MapShape) -> Check:
    """Entries are named by their place, `Tags[0].key`: a key may be as long as it likes."""
    shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max", math.inf)
    check_key, check_value = _check(shape.key), _check(shape.value)

    def check(value: object) -> Violation | None:
        if type(value) is not dict:
            return _MALFORMED
        if not shortest <= len(value) <= longest:
            return _length(len(value), shortest, longest)
        for index, (key, item) in enumerate(value.items()):
            violation = check_key(key)
            if violation is not None:
                return violation.under(f"[{index}].key")
            violation = check_value(item)
            if violation is not None:
                return violation.under(f"[{index}].value")
        return None

    return check


def _structure(shape: StructureShape) -> Check:
    check_members = _members(shape)
    return lambda value: check_members(value) if type(value) is dict else _MALFORMED


def _members(shape: StructureShape) -> Callable[[Mapping[str, Any]], Violation | None]:
    required = frozenset(shape.required_members)
    members = tuple((name, name in required, _check(member)) for name, member in shape.members.items())

    def check(value: Mapping[str, Any]) -> Violation | None:
        get = value.get
        for name, is_required, check_member in members:
            member = get(name)
            if member is None:
                if is_required:
                    return _MALFORMED
                continue
            violation = check_member(member)
            if violation is not None:
                return violation.under(f".{name}")
        return None

    return check


def _length(found: int, shortest: float, longest: float) -> Violation:
    bound, limit = ("less", longest) if found > longest else ("greater", shortest)
    return Violation("", f"must have length {bound} than or equal to {limit}. Found {found}.", "")


_BUILDERS: Final[Mapping[str, Callable[[Any], Check]]] = {
    "boolean": _of_class(bool),
    "double": _of_class(float, int),
    "float": _of_class(float, int),
    "integer": _integer,
    "list": _list,
    "long": _integer,
    "map": _map,
    "string": _string,
    "structure": _structure,
    "timestamp": _timestamp,
}
