"""What all parts of one fake share: the world, the clock and the lock."""

from __future__ import annotations

from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from detective_fake.domain.due_events import run_due_events
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from detective_fake.domain.clock import Clock
    from detective_fake.domain.world import World


__all__ = ["FakeContext", "Outside", "TimeControl"]


class Outside(Protocol):
    """A service other than Detective that the world follows, such as AWS Organizations."""

    def pull(self) -> None:
        """Update the world with changes made in that service."""

    def push(self) -> None:
        """Tell that service what Detective has changed there."""


@attrs.define(eq=False)
class FakeContext:
    """The world, clock and lock of one fake, and the other services that its world follows."""

    world: World
    clock: Clock
    lock: AbstractContextManager[object] = attrs.field(factory=RLock)
    outside: list[Outside] = attrs.field(factory=list)


_UNITS: Final = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


class TimeControl:
    """The clock of one fake. It shows the real UTC time until a test freezes or advances it."""

    def __init__(self, context: FakeContext) -> None:
        self._context = context

    def now(self) -> datetime:
        """Return the current time: aware, UTC, in whole milliseconds."""
        with self._context.lock:
            return self._context.clock.now()

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the clock until `advance` or `unfreeze`. No event runs before the next call.

        Args:
            at: The time to stop at; by default the current time.
        Raises:
            FakeUsageError: The time is not an aware datetime.
        """
        with self._context.lock:
            self._context.clock.freeze(self._context.clock.now() if at is None else at)

    def unfreeze(self) -> None:
        """Let the clock run again, from the current time."""
        with self._context.lock:
            self._context.clock.unfreeze()

    def advance(self, by: timedelta | None = None, **parts: float) -> None:
        """Move the clock forward and run the events that become due, each at its own time.

        Args:
            by: A duration.
            parts: Or the arguments of a `timedelta`: `hours=1`, `minutes=30`.
        Raises:
            FakeUsageError: Both or neither are given, an argument is not valid, or the clock would go back.
        """
        duration = _duration(by, parts)
        with self._context.lock:
            self._context.clock.advance(duration)
            run_due_events(self._context.world, self._context.clock.now())


def _duration(by: object, parts: dict[str, float]) -> timedelta:
    if (by is None) != bool(parts):
        message = "clock.advance takes either a datetime.timedelta or its parts: advance(hours=1)."
        raise FakeUsageError(message)
    if by is not None:
        if not isinstance(by, timedelta):
            message = f"clock.advance: expected a datetime.timedelta, got {by!r}. Use advance(seconds={by!r})."
            raise FakeUsageError(message)
        return by
    for name in parts:
        if name not in _UNITS:
            message = f"clock.advance: unknown argument {name!r}. Expected one of: {', '.join(_UNITS)}."
            raise FakeUsageError(message)
    try:
        return timedelta(**parts)
    except (OverflowError, TypeError, ValueError) as error:
        message = f"clock.advance({', '.join(f'{name}={value!r}' for name, value in parts.items())}): {error}."
        raise FakeUsageError(message) from None
