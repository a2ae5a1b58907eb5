"""The fake's clock: aware UTC datetimes with whole milliseconds, as the service returns them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

LONGEST_DELAY = timedelta(days=365_000)
"""The longest delay of an event or a call. Added to any time of the clock, it stays within the years of Python."""

_MILLISECOND = timedelta(milliseconds=1)
_YEARS = range(1000, 9000)
"""The years in which a test may set the clock."""


class Clock:
    """The time of one fake: the real time with an offset, or a frozen time.

    Args:
        read: Returns seconds since 1970, as `time.time` does.
        zone: The time zone object of all returned times. Its offset is zero.
    """

    def __init__(self, read: Callable[[], float], zone: tzinfo = timezone.utc) -> None:
        self._read = read
        self._epoch = datetime(1970, 1, 1, tzinfo=zone)
        self._offset = 0
        self._frozen_at: datetime | None = None

    def now(self) -> datetime:
        """Return the current time, truncated to the millisecond."""
        if self._frozen_at is not None:
            return self._frozen_at
        return self._epoch + (self._read_milliseconds() + self._offset) * _MILLISECOND

    def freeze(self, at: datetime) -> None:
        """Stop at this time.

        Raises:
            FakeUsageError: `check` refuses the time.
        """
        self._frozen_at = self.check(at)

    def unfreeze(self) -> None:
        """Continue from the frozen time at the pace of the real clock."""
        if self._frozen_at is not None:
            self._offset = (self._frozen_at - self._epoch) // _MILLISECOND - self._read_milliseconds()
            self._frozen_at = None

    def advance(self, by: timedelta) -> None:
        """Move forward. A frozen clock stays frozen, at the later time.

        Raises:
            FakeUsageError: The duration is negative or leads past the last year. The clock has not moved then.
        """
        if by < timedelta():
            raise FakeUsageError(f"The clock cannot go back by {-by}; use clock.freeze(at) to choose an earlier time.")
        now = self.now()
        if by > LONGEST_DELAY or (now + by).year not in _YEARS:
            raise FakeUsageError(
                f"The clock cannot advance from {now.isoformat()} by {by}: it ends with the year {_YEARS[-1]}."
            )
        if self._frozen_at is not None:
            self._frozen_at = self.cut(now + by)
        else:
            self._offset += by // _MILLISECOND

    def check(self, at: object) -> datetime:
        """Return a time that a test has given, as `cut` does.

        Raises:
            FakeUsageError: The time is naive, not a datetime, or outside the years of the clock.
        """
        if isinstance(at, datetime) and at.year not in _YEARS:
            raise FakeUsageError(f"A time is in the years {_YEARS[0]} to {_YEARS[-1]}, not {at.isoformat()}.")
        return self.cut(at)

    def cut(self, at: object) -> datetime:
        """Return this instant as the clock returns times: in its zone, with whole milliseconds.

        Raises:
            FakeUsageError: The time is naive or not a datetime.
        """
        if not isinstance(at, datetime):
            raise FakeUsageError(f"A time is an aware datetime.datetime, not {at!r}.")
        if at.tzinfo is None or at.utcoffset() is None:
            raise FakeUsageError(
                f"{at!r} has no time zone; give an aware time, for example with tzinfo=datetime.timezone.utc."
            )
        return self._epoch + (at - self._epoch) // _MILLISECOND * _MILLISECOND

    @property
    def setting(self) -> tuple[int, datetime | None]:
        """What a test changed: milliseconds ahead of the real time, and the time at which the clock is frozen."""
        return self._offset, self._frozen_at

    @setting.setter
    def setting(self, setting: tuple[int, datetime | None]) -> None:
        self._offset, self._frozen_at = setting

    def _read_milliseconds(self) -> int:
        # Round to microseconds first: multiplying the float by 1000 directly can fall just short of a millisecond.
        return int(self._read() * 1_000_000 + 0.5) // 1000
