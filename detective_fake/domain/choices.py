"""Checks of values that a test passes in: enum members, names and patterns, sets of settings."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from enum import Enum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

import attrs

from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from attrs import AttrsInstance

__all__ = ["checked_choice", "choice", "matching", "nearest", "settings"]

E = TypeVar("E", bound=Enum)
S = TypeVar("S", bound="AttrsInstance")
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
        message = f"Unknown {words} {value!r}. Expected one of: {', '.join(str(member.value) for member in kind)}."
        raise FakeUsageError(message) from None


def nearest(given: object, known: Iterable[T]) -> T:
    """Return the known name most similar to the given one. Letter case, wildcards and separators are ignored."""

    def simplify(text: str) -> str:
        return re.sub(r"[^a-z0-9]", "", text.lower())

    simple = simplify(str(given))
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
        message = f"{pattern!r} is not {kind} and matches none. Did you mean {nearest(pattern, known)!r}?"
        raise FakeUsageError(message)
    return found


def checked_choice(name: str, value: object, choices: Iterable[T]) -> T:
    """Return the choice that is equal to the value of an argument.

    Raises:
        FakeUsageError: There is none.
    """
    for each in choices:
        if each == value:
            return each
    message = (
        f"Invalid {name} {value!r}. Expected one of: {', '.join(choices)}. Did you mean {nearest(value, choices)!r}?"
    )
    raise FakeUsageError(message)


def settings(kind: type[S], given: object, name: str) -> S:
    """Return a new settings object.

    Args:
        given: None for the defaults, a mapping of some settings, or a settings object to copy.
        name: What one setting is called in error messages: `"quota"`.
    Raises:
        FakeUsageError: `given` is something else, a name is unknown, or a value is invalid.
    """
    if given is None:
        return kind()
    if isinstance(given, kind):
        return copy.copy(given)
    known = ", ".join(field.name for field in attrs.fields(kind))
    if not isinstance(given, Mapping):
        message = f"Expected {name}s as a mapping of names to values, not {given!r}. The names are: {known}."
        raise FakeUsageError(message)
    unknown = sorted(repr(each) for each in given if each not in attrs.fields_dict(kind))
    if unknown:
        message = f"Unknown {name} {', '.join(unknown)}. Expected one of: {known}."
        raise FakeUsageError(message)
    return kind(**given)
