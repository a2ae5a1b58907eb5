"""Locks that are free in a forked child."""

from __future__ import annotations

import os
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:  # Python keeps what is called at a fork, with all it names, to its very end. `typing` delays that.
    from typing import Any, Final, TypeVar

    L = TypeVar("L")

_PATIENCE_SECONDS: Final = 10

_numbers: Final = count()
_locks: Final[WeakValueDictionary[int, Any]] = WeakValueDictionary()
_held: Final[list[Any]] = [Lock()]
"""What a fork holds. The first lock lets threads fork one after the other."""


def held_during_forks(lock: L) -> L:
    """Let each fork wait for a lock, so that the child finds it free, and what it guards complete."""
    _locks[next(_numbers)] = lock
    return lock


def _before_fork() -> None:
    _held[0].acquire()
    # The latest first: while a thread holds one of these locks, it takes only earlier ones. The limit is for code that
    # breaks this rule.
    for lock in reversed(tuple(_locks.values())):
        if lock.acquire(timeout=_PATIENCE_SECONDS):
            _held.append(lock)


def _after_fork() -> None:
    while len(_held) > 1:
        _held.pop().release()
    _held[0].release()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
