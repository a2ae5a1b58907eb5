"""`fake.clock`: the fake's time, read, stopped and moved by a test."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from detective_fake.domain.due_events import run_due_events
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.controls.context import FakeContext

__all__ = ["TimeControl"]


class TimeControl:
    """The clock of one fake: the real UTC clock until a test stops or moves it."""

    def __init__(self, context: FakeContext) -> None:
        self._context = context

    def now(self) -> datetime:
        """Return the present time: aware, UTC, whole milliseconds."""
        with self._context.lock:
            return self._context.clock.now()

    def freeze(self, at: datetime | None = None) -> None:
        """Stand still, at this time or the present one, until `advance` or `unfreeze`. Nothing is settled.

        Raises:
            FakeUsageError: The time is naive, or no datetime.
        """
        with self._context.lock:
            self._context.clock.freeze(self._context.clock.now() if at is None else at)

    def unfreeze(self) -> None:
        """Go on from the present time at the pace of the real clock."""
        with self._context.lock:
            self._context.clock.unfreeze()

    def advance(self, by: timedelta | None = None, **parts: float) -> None:
        """Move forward and let everything happen that falls due on the way, each at its own time.

        Args:
            by: How far.
            parts: Or in parts, as for `timedelta`: `hours=1`, `minutes=30`.
        Raises:
            FakeUsageError: Neither or both are given, a part is unknown or no number, or the clock would go back.
        """
        duration = _duration(by, parts)
        with self._context.lock:
            self._context.clock.advance(duration)
            run_due_events(self._context.world, self._context.clock.now())


def _duration(by: object, parts: dict[str, float]) -> timedelta:
    if (by is None) != bool(parts):
        message = (
            "clock.advance takes a datetime.timedelta or its parts: advance(timedelta(hours=1)) or advance(hours=1)."
        )
        raise FakeUsageError(message)
    if by is not None:
        if not isinstance(by, timedelta):
            message = (
                f"clock.advance takes a datetime.timedelta, not {by!r}; write advance(seconds={by!r}), for example."
            )
            raise FakeUsageError(message)
        return by
    try:
        return timedelta(**parts)
    except (OverflowError, TypeError, ValueError) as error:
        message = f"clock.advance({', '.join(f'{name}={value!r}' for name, value in parts.items())}): {error}."
        raise FakeUsageError(message) from None
