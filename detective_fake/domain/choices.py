"""What a test gave, made into what the domain works with: a member of an enum, a set of settings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import attrs

from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from attrs import AttrsInstance

__all__ = ["choice", "kept", "settings"]

E = TypeVar("E", bound=Enum)
S = TypeVar("S", bound="AttrsInstance")


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


@cache
def _usual(kind: type[S]) -> S:
    return kind()


def kept(given: S) -> S:
    """Return what these settings are now, to compare or to come back to, and not to be changed."""
    # As a rule they are the usual ones: no copy then.
    usual: S = _usual(type(given))
    return usual if given == usual else _copied(given)


def _copied(given: S) -> S:
    # They are right already, and not checked again.
    made = object.__new__(type(given))
    for name in _names(type(given)):
        object.__setattr__(made, name, getattr(given, name))
    return made


@cache
def _names(kind: type[AttrsInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind))


def settings(kind: type[S], given: object, name: str) -> S:
    """Return settings of one's own from those given: none, some by name, or a whole set.

    Args:
        name: What one of them is called: `"quota"`.
    Raises:
        FakeUsageError: Something else, an unknown name, or a value that a setting cannot have.
    """
    if given is None or isinstance(given, kind):
        return _copied(_usual(kind) if given is None else given)
    known = _names(kind)
    if not isinstance(given, Mapping):
        message = f"The {name}s are a mapping of {', '.join(known)} to their values, not {given!r}."
        raise FakeUsageError(message)
    unknown = sorted(str(each) for each in given if each not in known)
    if unknown:
        message = f"There is no {name} called {', '.join(unknown)}; the {name}s are {', '.join(known)}."
        raise FakeUsageError(message)
    return kind(**given)
