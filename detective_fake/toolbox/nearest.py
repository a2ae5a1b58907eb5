"""Names that a test's author may have meant, and patterns of names. Knows texts alone."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["checked_choice", "matching", "nearest"]

T = TypeVar("T", bound=str)


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
