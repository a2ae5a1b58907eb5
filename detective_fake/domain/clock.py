"""The fake's clock: aware UTC datetimes in milliseconds, as the service gives them.

The real clock and the time zone object are handed in; nothing here reads either by itself.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

__all__ = ["UNTOUCHED", "Clock"]

UNTOUCHED = (0, None)
"""The `setting` of a clock that no test has touched."""

_MICROSECONDS = 1000
_FIRST_DAY = date(1970, 1, 1)
_MIDNIGHT = time(0)


class Clock:
    """Time as one fake sees it: the real time, moved by what a test asked for, or standing still.

    Args:
        read: Seconds since 1970, as `time.time`.
        zone: The object that all times carry; its offset is zero.
    """

    __slots__ = ("_epoch", "_frozen_at", "_last", "_last_milliseconds", "_offset", "_read", "zone")

    def __init__(self, read: Callable[[], float], zone: tzinfo = timezone.utc) -> None:
        self._read = read
        self.zone = zone
        self._epoch = datetime.combine(_FIRST_DAY, _MIDNIGHT, zone)  # by far the quickest way
        self._offset = 0
        self._frozen_at: datetime | None = None
        self._last_milliseconds = 0
        self._last = self._epoch

    def now(self) -> datetime:
        """Return the present time, cut to the millisecond."""
        if self._frozen_at is not None:
            return self._frozen_at
        # `_whole_milliseconds`, written out for what every call asks for.
        milliseconds = int(self._read() * 1_000_000 + 0.5) // 1000 + self._offset
        if milliseconds != self._last_milliseconds:
            self._last = self._epoch + timedelta(0, 0, milliseconds * _MICROSECONDS)
            self._last_milliseconds = milliseconds
        return self._last

    def freeze(self, at: datetime) -> None:
        """Stand still at this time.

        Raises:
            FakeUsageError: The time is naive, or no datetime.
        """
        self._frozen_at = self.cut(at)

    def unfreeze(self) -> None:
        """Go on from where the clock stands, at the pace of the real one."""
        if self._frozen_at is not None:
            self._offset = _milliseconds(self._frozen_at - self._epoch) - _whole_milliseconds(self._read())
            self._frozen_at = None

    def advance(self, by: timedelta) -> None:
        """Move forward; a clock that stands still stands at the later time.

        Raises:
            FakeUsageError: A negative duration: times already given out would lie in the future; or one that leads past
                the last year.
        """
        if by < timedelta():
            message = f"The clock cannot go back by {-by}; use clock.freeze(at) to choose an earlier time."
            raise FakeUsageError(message)
        try:
            later = self.now() + by
        except OverflowError:
            message = f"The clock cannot go on by {by}: it ends with the year 9999."
            raise FakeUsageError(message) from None
        if self._frozen_at is not None:
            self._frozen_at = self.cut(later)
        else:
            self._offset += _milliseconds(by)

    def cut(self, at: object) -> datetime:
        """Return this instant as the clock gives its times: in its zone, whole milliseconds.

        Raises:
            FakeUsageError: The time is naive, or no datetime.
        """
        if not isinstance(at, datetime):
            message = f"A time is an aware datetime.datetime, not {at!r}."
            raise FakeUsageError(message)
        if at.tzinfo is None or at.utcoffset() is None:
            message = f"{at!r} has no time zone; give an aware time, for example with tzinfo=datetime.timezone.utc."
            raise FakeUsageError(message)
        return self._epoch + timedelta(milliseconds=_milliseconds(at.astimezone(timezone.utc) - self._epoch))

    @property
    def setting(self) -> tuple[int, datetime | None]:
        """What a test has done to the clock: milliseconds ahead of the real one, and where it stands still."""
        return self._offset, self._frozen_at

    @setting.setter
    def setting(self, setting: tuple[int, datetime | None]) -> None:
        self._offset, self._frozen_at = setting


def _whole_milliseconds(seconds: float) -> int:
    # By way of microseconds, the finest that a float of this size tells apart: times 1000, it may fall just short.
    return int(seconds * 1_000_000 + 0.5) // 1000


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
