"""The fake's clock, on a real one that is an ordinary variable here."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain.clock import Clock
from detective_fake.errors import FakeUsageError
from tests.builders import HOUR, MINUTE, NOON

if TYPE_CHECKING:
    from collections.abc import Callable

MILLISECOND = timedelta(milliseconds=1)


class RealClock:
    """Stands for `time.time`."""

    def __init__(self, at: datetime = NOON) -> None:
        self.seconds = at.timestamp()

    def __call__(self) -> float:
        return self.seconds


class Nowhere(tzinfo):
    """A zone that has no offset."""

    def utcoffset(self, _at: datetime | None) -> None:
        return None


@pytest.fixture
def real() -> RealClock:
    return RealClock()


@pytest.fixture
def clock(real: RealClock) -> Clock:
    return Clock(real)


class TestNow:
    def test_it_is_the_real_time(self, clock: Clock, real: RealClock) -> None:
        """At each asking, in UTC."""
        assert clock.now() == NOON
        real.seconds += 60
        assert clock.now() == NOON + MINUTE
        assert clock.now().utcoffset() == timedelta()

    def test_it_is_cut_to_the_millisecond(self, clock: Clock, real: RealClock) -> None:
        """As the service gives its times."""
        real.seconds += 0.0129
        assert clock.now() == NOON + 12 * MILLISECOND

    @given(st.integers(0, 4_102_444_800_000))
    def test_a_time_of_whole_milliseconds_is_kept(self, milliseconds: int) -> None:
        """Though no float holds it exactly: this is what freezegun and time-machine hand out."""
        seconds, rest = divmod(milliseconds, 1000)
        expected = datetime.fromtimestamp(seconds, timezone.utc) + rest * MILLISECOND
        assert Clock(lambda: seconds + rest * 1000 / 1e6).now() == expected

    def test_it_carries_the_zone_that_was_handed_in(self, real: RealClock) -> None:
        """The very object."""
        zone = timezone(timedelta(), "Zulu")
        clock = Clock(real, zone)
        assert clock.now().tzinfo is zone
        clock.freeze(NOON)
        assert clock.now().tzinfo is zone


class TestFreeze:
    def test_it_stands_still(self, clock: Clock, real: RealClock) -> None:
        """Whatever the real time does."""
        clock.freeze(NOON - HOUR)
        real.seconds += 60
        assert clock.now() == NOON - HOUR

    def test_another_zone_is_converted(self, clock: Clock) -> None:
        """The instant counts."""
        clock.freeze(NOON.astimezone(timezone(timedelta(hours=5, minutes=30))) + timedelta(microseconds=999))
        assert (clock.now(), clock.now().utcoffset()) == (NOON, timedelta())

    @pytest.mark.parametrize("at", ["2024-05-17", date(2024, 5, 17), None])
    def test_what_is_no_datetime_is_refused(self, clock: Clock, at: object) -> None:
        """With what was given."""
        with pytest.raises(FakeUsageError, match=r"A time is an aware datetime\.datetime, not "):
            clock.freeze(at)  # type: ignore[arg-type]

    def test_a_naive_time_is_refused(self, clock: Clock) -> None:
        """Nobody can say which instant it means; the clock goes on as before."""
        with pytest.raises(FakeUsageError, match=r"has no time zone; give an aware time, .*timezone\.utc"):
            clock.freeze(NOON.replace(tzinfo=None))
        assert clock.now() == NOON

    def test_a_zone_without_an_offset_makes_it_naive(self, clock: Clock) -> None:
        """Source: Python's documentation of `datetime`, "Aware and naive objects"."""
        with pytest.raises(FakeUsageError, match="has no time zone"):
            clock.freeze(NOON.replace(tzinfo=Nowhere()))  # type: ignore[abstract] # as Python lets it be


class TestUnfreeze:
    def test_it_goes_on_from_where_it_stands(self, clock: Clock, real: RealClock) -> None:
        """At the pace of the real one."""
        clock.freeze(NOON - HOUR)
        real.seconds += 60
        clock.unfreeze()
        real.seconds += 120
        assert clock.now() == NOON - HOUR + 2 * MINUTE

    def test_also_after_it_had_been_moved(self, clock: Clock, real: RealClock) -> None:
        """What it was ahead by before counts no more."""
        clock.advance(HOUR)
        clock.freeze(NOON)
        real.seconds += 60
        clock.unfreeze()
        assert clock.now() == NOON

    @pytest.mark.parametrize("microseconds", [0, 500, 998, 999])
    def test_it_does_so_to_the_millisecond(self, clock: Clock, real: RealClock, microseconds: int) -> None:
        """However far into one the real clock is."""
        real.seconds += microseconds / 1e6
        clock.freeze(NOON)
        clock.unfreeze()
        assert (clock.now(), clock.setting) == (NOON, (0, None))
        assert type(clock.setting[0]) is int

    def test_one_that_runs_goes_on(self, clock: Clock) -> None:
        """Nothing happens."""
        clock.advance(HOUR)
        clock.unfreeze()
        assert clock.now() == NOON + HOUR


class TestAdvance:
    @pytest.mark.parametrize("prepare", [lambda _: None, lambda clock: clock.freeze(NOON)])
    def test_it_moves_forward(self, clock: Clock, prepare: Callable[[Clock], None]) -> None:
        """Running or not; moves add up."""
        prepare(clock)
        clock.advance(HOUR)
        clock.advance(MINUTE)
        assert clock.now() == NOON + HOUR + MINUTE

    def test_by_nothing_is_allowed(self, clock: Clock) -> None:
        """It is not backwards."""
        clock.advance(timedelta())
        assert clock.now() == NOON

    def test_backwards_is_refused(self, clock: Clock) -> None:
        """The text says by how much, and what to do."""
        with pytest.raises(FakeUsageError, match=r"cannot go back by 1:00:00; use clock\.freeze"):
            clock.advance(-HOUR)

    @pytest.mark.parametrize("frozen", [False, True])
    def test_past_the_last_year_is_refused(self, clock: Clock, *, frozen: bool) -> None:
        """The clock is where it was."""
        if frozen:
            clock.freeze(NOON)
        with pytest.raises(FakeUsageError, match=r"cannot go on by 999999999 days, .*: it ends with the year 9999\."):
            clock.advance(timedelta(days=999_999_999))
        assert clock.now() == NOON


class TestSetting:
    @pytest.mark.parametrize("freeze", [False, True])
    def test_it_can_be_put_back(self, clock: Clock, *, freeze: bool) -> None:
        """How far ahead, and where it stands still."""
        clock.advance(HOUR)
        if freeze:
            clock.freeze(NOON)
        setting, now = clock.setting, clock.now()
        clock.unfreeze()
        clock.advance(HOUR)
        clock.setting = setting
        assert clock.now() == now
