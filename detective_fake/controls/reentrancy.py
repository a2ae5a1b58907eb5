"""A re-entrancy guard for functions of a test: calls that they make themselves do not come back to them."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_running", "running"]

_running: Final[ContextVar[tuple[object, ...]]] = ContextVar("_running", default=())


@contextmanager
def running(thing: object) -> Iterator[None]:
    """Note that this thread or task runs something."""
    token = _running.set((*_running.get(), thing))
    try:
        yield
    finally:
        _running.reset(token)


def is_running(thing: object) -> bool:
    """Tell whether this thread or task runs it; threads that it started do not."""
    return any(each is thing for each in _running.get())
