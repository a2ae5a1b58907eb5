"""The fake's clock. A settable number replaces the real clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain.clock import LONGEST_DELAY, Clock
from detective_fake.errors import FakeUsageError
from tests.builders import HOUR, MINUTE, NOON

if TYPE_CHECKING:
    from collections.abc import Callable

MILLISECOND = timedelta(milliseconds=1)


class RealClock:
    """A replacement for `time.time` that returns a settable value."""

    def __init__(self, at: datetime = NOON) -> None:
        self.seconds = at.timestamp()

    def __call__(self) -> float:
        return self.seconds


class Nowhere(tzinfo):
    """A time zone without a UTC offset."""

    def utcoffset(self, _at: datetime | None) -> None:
        return None


@pytest.fixture
def real() -> RealClock:
    return RealClock()


@pytest.fixture
def clock(real: RealClock) -> Clock:
    return Clock(real)


class TestNow:
    def test_it_follows_the_real_time(self, clock: Clock, real: RealClock) -> None:
        """Each call reads the real clock and returns UTC."""
        assert clock.now() == NOON
        real.seconds += 60
        assert clock.now() == NOON + MINUTE
        assert clock.now().utcoffset() == timedelta()

    def test_it_is_truncated_to_milliseconds(self, clock: Clock, real: RealClock) -> None:
        """The service reports times in whole milliseconds."""
        real.seconds += 0.0129
        assert clock.now() == NOON + 12 * MILLISECOND

    @given(st.integers(0, 4_102_444_800_000))
    def test_a_time_of_whole_milliseconds_is_kept(self, milliseconds: int) -> None:
        """Whole milliseconds survive float rounding. freezegun and time-machine return such floats."""
        seconds, rest = divmod(milliseconds, 1000)
        expected = datetime.fromtimestamp(seconds, timezone.utc) + rest * MILLISECOND
        assert Clock(lambda: seconds + rest * 1000 / 1e6).now() == expected

    def test_it_uses_the_given_time_zone_object(self, real: RealClock) -> None:
        """The result has the same `tzinfo` object that was given to the clock."""
        zone = timezone(timedelta(), "Zulu")
        clock = Clock(real, zone)
        assert clock.now().tzinfo is zone
        clock.freeze(NOON)
        assert clock.now().tzinfo is zone


class TestFreeze:
    def test_a_frozen_clock_does_not_move(self, clock: Clock, real: RealClock) -> None:
        """A frozen clock ignores the real time."""
        clock.freeze(NOON - HOUR)
        real.seconds += 60
        assert clock.now() == NOON - HOUR

    def test_another_time_zone_is_converted(self, clock: Clock) -> None:
        """A time in another zone is converted to the same instant in UTC."""
        clock.freeze(NOON.astimezone(timezone(timedelta(hours=5, minutes=30))) + timedelta(microseconds=999))
        assert (clock.now(), clock.now().utcoffset()) == (NOON, timedelta())

    @pytest.mark.parametrize("at", ["2024-05-17", date(2024, 5, 17), None])
    def test_other_types_are_rejected(self, clock: Clock, at: object) -> None:
        """The error message shows the given value."""
        with pytest.raises(FakeUsageError, match=r"A time is an aware datetime\.datetime, not "):
            clock.freeze(at)  # type: ignore[arg-type]

    @pytest.mark.parametrize("year", [999, 9000])
    def test_years_near_the_ends_of_the_calendar_are_rejected(self, clock: Clock, year: int) -> None:
        """Later events would lead past them. The error message shows the allowed years."""
        with pytest.raises(FakeUsageError, match=rf"A time is in the years 1000 to 8999, not .*{year}-05-17T"):
            clock.freeze(NOON.replace(year=year))

    def test_a_naive_time_is_rejected(self, clock: Clock) -> None:
        """A naive time does not define an instant. The clock does not change."""
        with pytest.raises(FakeUsageError, match=r"has no time zone; give an aware time, .*timezone\.utc"):
            clock.freeze(NOON.replace(tzinfo=None))
        assert clock.now() == NOON

    def test_a_time_zone_without_an_offset_is_rejected(self, clock: Clock) -> None:
        """Such a time is naive. Source: Python's documentation of `datetime`, "Aware and naive objects"."""
        with pytest.raises(FakeUsageError, match="has no time zone"):
            clock.freeze(NOON.replace(tzinfo=Nowhere()))  # type: ignore[abstract] # Python allows this subclass


class TestUnfreeze:
    def test_it_continues_from_the_frozen_time(self, clock: Clock, real: RealClock) -> None:
        """After `unfreeze`, the clock runs at the pace of the real clock."""
        clock.freeze(NOON - HOUR)
        real.seconds += 60
        clock.unfreeze()
        real.seconds += 120
        assert clock.now() == NOON - HOUR + 2 * MINUTE

    def test_an_earlier_advance_no_longer_counts(self, clock: Clock, real: RealClock) -> None:
        """`freeze` discards earlier advances."""
        clock.advance(HOUR)
        clock.freeze(NOON)
        real.seconds += 60
        clock.unfreeze()
        assert clock.now() == NOON

    @pytest.mark.parametrize("microseconds", [0, 500, 998, 999])
    def test_it_continues_at_the_exact_millisecond(self, clock: Clock, real: RealClock, microseconds: int) -> None:
        """The result does not depend on the microseconds of the real clock."""
        real.seconds += microseconds / 1e6
        clock.freeze(NOON)
        clock.unfreeze()
        assert (clock.now(), clock.setting) == (NOON, (0, None))
        assert type(clock.setting[0]) is int

    def test_a_running_clock_is_not_changed(self, clock: Clock) -> None:
        """`unfreeze` has no effect on a clock that is not frozen."""
        clock.advance(HOUR)
        clock.unfreeze()
        assert clock.now() == NOON + HOUR


class TestAdvance:
    @pytest.mark.parametrize("prepare", [lambda _: None, lambda clock: clock.freeze(NOON)])
    def test_it_moves_forward(self, clock: Clock, prepare: Callable[[Clock], None]) -> None:
        """`advance` works on running and frozen clocks, and repeated advances add up."""
        prepare(clock)
        clock.advance(HOUR)
        clock.advance(MINUTE)
        assert clock.now() == NOON + HOUR + MINUTE

    def test_the_longest_duration_is_allowed(self, clock: Clock) -> None:
        """A thousand years, as far as the clock's last year."""
        clock.advance(LONGEST_DELAY)
        assert clock.now() == NOON + LONGEST_DELAY

    def test_a_running_clock_advances_by_whole_milliseconds(self, clock: Clock) -> None:
        """The service reports no shorter times."""
        clock.advance(timedelta(microseconds=1_500))
        assert clock.now() == NOON + MILLISECOND

    def test_zero_is_allowed(self, clock: Clock) -> None:
        """Advancing by zero does not change the time."""
        clock.advance(timedelta())
        assert clock.now() == NOON

    def test_a_negative_delta_is_rejected(self, clock: Clock) -> None:
        """The error message shows the delta and suggests `clock.freeze`."""
        with pytest.raises(FakeUsageError, match=r"cannot go back by 1:00:00; use clock\.freeze"):
            clock.advance(-HOUR)

    @pytest.mark.parametrize("frozen", [False, True])
    @pytest.mark.parametrize("by", [timedelta.max, timedelta(days=365 * 6990), LONGEST_DELAY * 8])
    def test_a_time_after_the_year_8999_is_rejected(self, clock: Clock, by: timedelta, *, frozen: bool) -> None:
        """The clock does not change."""
        if frozen:
            clock.freeze(NOON)
        with pytest.raises(FakeUsageError, match=r"cannot advance from 20.*00:00 by .*: it ends with the year 8999\."):
            clock.advance(by)
        assert clock.now() == NOON


class TestSetting:
    @pytest.mark.parametrize("freeze", [False, True])
    def test_it_can_be_restored(self, clock: Clock, *, freeze: bool) -> None:
        """The setting contains the offset and the frozen time."""
        clock.advance(HOUR)
        if freeze:
            clock.freeze(NOON)
        setting, now = clock.setting, clock.now()
        clock.unfreeze()
        clock.advance(HOUR)
        clock.setting = setting
        assert clock.now() == now
