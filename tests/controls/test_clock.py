"""`fake.clock`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from detective_fake.controls.clock import TimeControl
from detective_fake.controls.context import FakeContext
from detective_fake.domain import enrolment
from detective_fake.domain.clock import Clock
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.membership import MemberStatus
from detective_fake.domain.world import World
from detective_fake.errors import FakeUsageError
from tests.builders import ANA, BEN, HOUR, MINUTE, NOON, a_graph


class RealClock:
    """Stands for `time.time`."""

    def __init__(self) -> None:
        self.seconds = NOON.timestamp()

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def real() -> RealClock:
    return RealClock()


@pytest.fixture
def context(real: RealClock) -> FakeContext:
    return FakeContext(World(), Clock(real))


@pytest.fixture
def clock(context: FakeContext) -> TimeControl:
    return TimeControl(context)


class TestFreeze:
    def test_at_a_time(self, clock: TimeControl, real: RealClock) -> None:
        """Until it goes on from there."""
        clock.freeze(NOON + HOUR)
        real.seconds += 60
        assert clock.now() == NOON + HOUR
        clock.unfreeze()
        real.seconds += 60
        assert clock.now() == NOON + HOUR + MINUTE

    def test_at_the_present_time(self, clock: TimeControl, real: RealClock) -> None:
        """If none is given."""
        clock.freeze()
        real.seconds += 60
        assert clock.now() == NOON

    @pytest.mark.parametrize("at", [datetime(2024, 5, 17), "2024-05-17T12:00:00Z"])  # noqa: DTZ001 - naive on purpose
    def test_at_what_is_no_instant_it_does_not(self, clock: TimeControl, at: object) -> None:
        """The text says what is wanted."""
        with pytest.raises(FakeUsageError, match="aware"):
            clock.freeze(at)  # type: ignore[arg-type]

    def test_nothing_is_settled(self, clock: TimeControl, context: FakeContext) -> None:
        """What falls due happens before the next call."""
        graph = a_graph(context.world)
        enrolment.invite(context.world, graph, ANA, None, NOON)
        clock.freeze(NOON + HOUR)
        assert context.world.rows(graph.arn).rows[ANA].status is MemberStatus.VERIFICATION_IN_PROGRESS


class TestAdvance:
    def test_by_a_duration_or_its_parts(self, clock: TimeControl) -> None:
        """As `timedelta` takes them."""
        clock.advance(HOUR)
        clock.advance(hours=1, minutes=30)
        assert clock.now() == NOON + timedelta(hours=2, minutes=30)

    def test_what_falls_due_happens_at_once(self, clock: TimeControl, context: FakeContext) -> None:
        """Each at its own time, also what others cause on the way."""
        world = context.world
        world.timings.verification, world.timings.enabling = 10 * MINUTE, 20 * MINUTE
        graph = a_graph(world)
        for account_id, at in ((ANA, NOON), (BEN, NOON + MINUTE)):
            enrolment.invite(world, graph, account_id, None, at)
        clock.advance(days=1)
        rows = world.rows(graph.arn).ordered()
        assert [row.updated_at for row in rows] == [NOON + 10 * MINUTE, NOON + 11 * MINUTE]

    def test_it_is_as_if_it_had_gone_step_by_step(self, clock: TimeControl, context: FakeContext) -> None:
        """One leap or many, the world is the same."""
        world = context.world
        graph = a_graph(world)
        world.accounts[ANA] = world.account(ANA)
        world.timings.verification = 7 * MINUTE
        enrolment.invite(world, graph, ANA, None, NOON)
        before = world.copy()
        clock.advance(hours=3)
        leapt = world.copy()
        world.become(before)
        for minutes in range(181):
            run_due_events(world, NOON + minutes * MINUTE)
        assert world.copy() == leapt

    @pytest.mark.parametrize(("by", "parts"), [(None, {}), (HOUR, {"hours": 1}), (timedelta(), {"hours": 0})])
    def test_it_takes_one_or_the_other(self, clock: TimeControl, by: timedelta | None, parts: dict[str, float]) -> None:
        """Neither both nor nothing."""
        with pytest.raises(FakeUsageError, match=r"takes a datetime\.timedelta or its parts: advance\(timedelta"):
            clock.advance(by, **parts)

    def test_a_number_is_no_duration(self, clock: TimeControl) -> None:
        """Nobody knows of what."""
        with pytest.raises(FakeUsageError, match=r"timedelta, not 60; write advance\(seconds=60\), for example\."):
            clock.advance(60)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            ({"fortnights": 1}, r"clock\.advance\(fortnights=1\): .*'fortnights'"),
            ({"hours": "1", "days": 2}, r"clock\.advance\(hours='1', days=2\): unsupported type"),
            ({"days": 2 * 10**9}, r"clock\.advance\(days=2000000000\): days="),
            ({"hours": float("nan")}, r"clock\.advance\(hours=nan\): cannot convert float NaN"),
        ],
    )
    def test_a_part_that_cannot_be_is_refused(self, clock: TimeControl, parts: dict[str, Any], expected: str) -> None:
        """The text shows the call and what is wrong with it."""
        with pytest.raises(FakeUsageError, match=expected):
            clock.advance(**parts)

    def test_back_it_does_not_go(self, clock: TimeControl) -> None:
        """Times already given out would lie in the future."""
        with pytest.raises(FakeUsageError, match="cannot go back by 1:00:00"):
            clock.advance(hours=-1)
        assert clock.now() == NOON
