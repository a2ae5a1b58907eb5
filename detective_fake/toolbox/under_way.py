"""What a test's own function is in the middle of, so that calls it makes itself do not come back to it.

Knows neither calls nor functions.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_under_way", "under_way"]

_under_way: Final[ContextVar[tuple[object, ...]]] = ContextVar("_under_way", default=())


@contextmanager
def under_way(thing: object) -> Iterator[None]:
    """Note that this thread or task is in the middle of something."""
    token = _under_way.set((*_under_way.get(), thing))
    try:
        yield
    finally:
        _under_way.reset(token)


def is_under_way(thing: object) -> bool:
    """Tell whether this thread or task is in the middle of it; threads started by it are not."""
    return any(each is thing for each in _under_way.get())
