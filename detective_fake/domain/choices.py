"""Checks of values that a test passes in: enum members, names and patterns, settings, attributes."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from typing_extensions import Self

E = TypeVar("E", bound=Enum)
T = TypeVar("T", bound=str)


def choice(kind: type[E], value: object) -> E:
    """Return the enum member with this value.

    Raises:
        FakeUsageError: There is none. The text lists the valid values.
    """
    try:
        return kind(value)
    except ValueError:
        words = re.sub(r"(?<=[a-z])([A-Z])", r" \1", kind.__name__).lower()
        raise FakeUsageError(
            f"Unknown {words} {value!r}. Expected one of: {', '.join(str(member.value) for member in kind)}."
        ) from None


def nearest(given: object, known: Iterable[T]) -> T:
    """Return the known name most similar to the given one. Letter case, wildcards and separators are ignored."""

    def simplify(text: str) -> str:
        return re.sub(r"[^a-z0-9]", "", text.lower())

    simple = simplify(str(given))
    from difflib import SequenceMatcher  # noqa: PLC0415 - only after a mistake

    return max(known, key=lambda name: SequenceMatcher(None, simple, simplify(name)).ratio())


def matching(pattern: object, known: Iterable[str], kind: str) -> frozenset[str]:
    """Return the names that a name or shell pattern matches.

    Args:
        kind: What the names denote, with an article: `"a Detective operation"`.
    Raises:
        FakeUsageError: It matches none.
    """
    found = frozenset(name for name in known if isinstance(pattern, str) and fnmatchcase(name, pattern))
    if not found:
        raise FakeUsageError(f"{pattern!r} is not {kind} and matches none. Did you mean {nearest(pattern, known)!r}?")
    return found


def checked_choice(name: str, value: object, choices: Iterable[T]) -> T:
    """Return the choice that is equal to the value of an argument.

    Raises:
        FakeUsageError: There is none.
    """
    for each in choices:
        if each == value:
            return each
    raise FakeUsageError(
        f"Invalid {name} {value!r}. Expected one of: {', '.join(choices)}. Did you mean {nearest(value, choices)!r}?"
    )


def checked_count(name: str, value: Any) -> int:
    """Return a whole number of zero or more unchanged.

    Raises:
        FakeUsageError: The value of the argument is something else.
    """
    if type(value) is not int or value < 0:
        raise FakeUsageError(f"{name}: expected a whole number, zero or more, got {value!r}.")
    return value


class Settings:
    """Values that a test sets by name. Each subclass is an attrs class."""

    __slots__ = ()

    @classmethod
    def of(cls, given: Self | Mapping[str, Any] | None) -> Self:
        """Return new settings.

        Args:
            given: None for the defaults, a mapping of some settings, or a settings object to copy.
        Raises:
            FakeUsageError: `given` is something else, a name is unknown, or a value is invalid.
        """
        if given is None:
            return cls()
        if isinstance(given, cls):
            return copy.copy(given)
        kind: Any = cls
        names, name = attrs.fields_dict(kind), cls.__name__.lower().removesuffix("s")
        known = ", ".join(names)
        if not isinstance(given, Mapping):
            raise FakeUsageError(
                f"Expected {name}s as a mapping of names to values, not {given!r}. The names are: {known}."
            )
        unknown = sorted(repr(each) for each in given if each not in names)
        if unknown:
            raise FakeUsageError(f"Unknown {name} {', '.join(unknown)}. Expected one of: {known}.")
        return cls(**given)


def must_be(expected: str, is_valid: Callable[[Any], bool]) -> Callable[[Any, attrs.Attribute[Any], object], None]:
    """Return a validator of an attribute. Its error names class and attribute, what is expected, and the value."""

    def check(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not is_valid(value):
            owner = type(instance).__name__
            place = f"{owner.lower() if isinstance(instance, Settings) else owner}.{attribute.name}"
            raise FakeUsageError(f"{place} must be {expected}, not {value!r}.")

    return check
