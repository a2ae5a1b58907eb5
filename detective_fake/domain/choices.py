"""Checks of values that a test gives: a member of an enum, a name or pattern, a set of settings."""

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
    """Return the member of an enum that has this value.

    Raises:
        FakeUsageError: There is none; the text lists those there are.
    """
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(str(member.value) for member in kind)
        message = f"{value!r} is no {kind.__name__}; it is one of {known}."
        raise FakeUsageError(message) from None


def nearest(given: object, known: Iterable[T]) -> T:
    """Return the name most like what was given; letter case, wildcards and separators do not count."""
    plain = _plain(str(given))
    return max(known, key=lambda name: SequenceMatcher(None, plain, _plain(name)).ratio())


def matching(pattern: object, known: Iterable[str], kind: str) -> frozenset[str]:
    """Return the names that a name or shell pattern stands for.

    Args:
        kind: What they are names of, with its article: `"a Detective operation"`.
    Raises:
        FakeUsageError: It stands for none.
    """
    found = frozenset(name for name in known if isinstance(pattern, str) and fnmatchcase(name, pattern))
    if not found:
        message = f"{pattern!r} is not {kind}, nor a pattern of any; did you mean {nearest(pattern, known)!r}?"
        raise FakeUsageError(message)
    return found


def checked_choice(name: str, value: object, choices: Iterable[T]) -> T:
    """Return the choice that an argument has.

    Raises:
        FakeUsageError: It is none of them.
    """
    for choice in choices:
        if choice == value:
            return choice
    known = ", ".join(map(repr, choices))
    message = f"{name} is one of {known}, not {value!r}; did you mean {nearest(value, choices)!r}?"
    raise FakeUsageError(message)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def settings(kind: type[S], given: object, name: str) -> S:
    """Return settings of one's own from those given: none, some by name, or a whole set.

    Args:
        name: What one of them is called: `"quota"`.
    Raises:
        FakeUsageError: Something else, an unknown name, or a value that a setting cannot have.
    """
    if given is None or isinstance(given, kind):
        return kind() if given is None else copy.copy(given)
    known = [field.name for field in attrs.fields(kind)]
    if not isinstance(given, Mapping):
        message = f"The {name}s are a mapping of {', '.join(known)} to their values, not {given!r}."
        raise FakeUsageError(message)
    unknown = sorted(str(each) for each in given if each not in known)
    if unknown:
        message = f"There is no {name} called {', '.join(unknown)}; the {name}s are {', '.join(known)}."
        raise FakeUsageError(message)
    return kind(**given)
