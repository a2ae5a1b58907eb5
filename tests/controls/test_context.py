"""Tests of `detective_fake.controls.context`."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.controls.context import FakeContext, TimeControl
from detective_fake.domain import enrolment
from detective_fake.domain.clock import Clock
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.membership import MemberStatus
from detective_fake.domain.world import World
from detective_fake.errors import FakeUsageError
from tests.builders import ANA, BEN, HOUR, MINUTE, NOON, a_graph

if TYPE_CHECKING:
    from collections.abc import Callable


class TestFakeContext:
    def test_the_lock_is_reentrant(self) -> None:
        """`seed.graph` adds members while it holds the lock."""
        context = FakeContext(World(), Clock(NOON.timestamp))
        with context.lock, context.lock:
            assert not context.outside

    def test_each_context_has_its_own_lock(self) -> None:
        """Two fakes do not wait for each other."""
        one, other = (FakeContext(World(), Clock(NOON.timestamp)) for _ in range(2))
        assert one.lock is not other.lock
        assert one.outside is not other.outside

    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301
    def test_a_copy_has_the_same_state_and_its_own_lock(self, copied: Callable[[FakeContext], FakeContext]) -> None:
        """A lock can be neither copied nor pickled."""
        context = FakeContext(World(), Clock(NOON.timestamp))
        a_graph(context.world, members=[ANA])
        twin = copied(context)
        assert (twin.world, twin.clock.now(), twin.outside) == (context.world, NOON, [])
        assert twin.lock is not context.lock
        with twin.lock, twin.lock:
            assert context.lock.acquire(blocking=False)
        context.lock.release()


class RealClock:
    """A replacement for `time.time`."""

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
    def test_stops_at_a_given_time(self, clock: TimeControl, real: RealClock) -> None:
        """`unfreeze` lets it run from there."""
        clock.freeze(NOON + HOUR)
        real.seconds += 60
        assert clock.now() == NOON + HOUR
        clock.unfreeze()
        real.seconds += 60
        assert clock.now() == NOON + HOUR + MINUTE

    def test_stops_at_the_current_time(self, clock: TimeControl, real: RealClock) -> None:
        """That is the default."""
        clock.freeze()
        real.seconds += 60
        assert clock.now() == NOON

    @pytest.mark.parametrize("at", [datetime(2024, 5, 17), "2024-05-17T12:00:00Z"])  # noqa: DTZ001 - naive on purpose
    def test_rejects_values_that_are_not_aware_datetimes(self, clock: TimeControl, at: object) -> None:
        """The message says what is expected."""
        with pytest.raises(FakeUsageError, match="aware"):
            clock.freeze(at)  # type: ignore[arg-type]

    def test_runs_no_events(self, clock: TimeControl, context: FakeContext) -> None:
        """Due events run before the next call."""
        graph = a_graph(context.world)
        enrolment.invite(context.world, graph, ANA, None, NOON)
        clock.freeze(NOON + HOUR)
        assert context.world.rows(graph.arn).rows[ANA].status is MemberStatus.VERIFICATION_IN_PROGRESS


class TestAdvance:
    def test_takes_a_duration_or_its_parts(self, clock: TimeControl) -> None:
        """The arguments of `timedelta`."""
        clock.advance(HOUR)
        clock.advance(hours=1, minutes=30)
        assert clock.now() == NOON + timedelta(hours=2, minutes=30)

    def test_runs_due_events(self, clock: TimeControl, context: FakeContext) -> None:
        """Each at its own time, also those that other events schedule."""
        world = context.world
        world.timings.verification, world.timings.enabling = 10 * MINUTE, 20 * MINUTE
        graph = a_graph(world)
        for account_id, at in ((ANA, NOON), (BEN, NOON + MINUTE)):
            enrolment.invite(world, graph, account_id, None, at)
        clock.advance(days=1)
        rows = world.rows(graph.arn).ordered()
        assert [row.updated_at for row in rows] == [NOON + 10 * MINUTE, NOON + 11 * MINUTE]

    def test_one_step_or_many_lead_to_the_same_state(self, clock: TimeControl, context: FakeContext) -> None:
        """Three hours at once, or minute by minute."""
        world = context.world
        graph = a_graph(world)
        world.accounts[ANA] = world.account(ANA)
        world.timings.verification = 7 * MINUTE
        enrolment.invite(world, graph, ANA, None, NOON)
        before = world.copy()
        clock.advance(hours=3)
        at_once = world.copy()
        world.become(before)
        for minutes in range(181):
            run_due_events(world, NOON + minutes * MINUTE)
        assert world.copy() == at_once

    @pytest.mark.parametrize(("by", "parts"), [(None, {}), (HOUR, {"hours": 1}), (timedelta(), {"hours": 0})])
    def test_needs_either_a_duration_or_parts(
        self, clock: TimeControl, by: timedelta | None, parts: dict[str, float]
    ) -> None:
        """Both are refused, and so is neither."""
        with pytest.raises(
            FakeUsageError, match=r"^clock\.advance takes either .* or its parts: advance\(hours=1\)\.$"
        ):
            clock.advance(by, **parts)

    def test_rejects_a_number(self, clock: TimeControl) -> None:
        """It has no unit."""
        with pytest.raises(FakeUsageError, match=r"timedelta, got 60\. Use advance\(seconds=60\)\."):
            clock.advance(60)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            ({"fortnights": 1}, r"unknown argument 'fortnights'\. Expected one of: weeks, days, hours"),
            ({"hours": "1", "days": 2}, r"clock\.advance\(hours='1', days=2\): unsupported type"),
            ({"days": 2 * 10**9}, r"clock\.advance\(days=2000000000\): days="),
            ({"hours": float("nan")}, r"clock\.advance\(hours=nan\): cannot convert float NaN"),
        ],
    )
    def test_rejects_invalid_parts(self, clock: TimeControl, parts: dict[str, Any], expected: str) -> None:
        """The message shows the call and the mistake."""
        with pytest.raises(FakeUsageError, match=expected):
            clock.advance(**parts)

    def test_does_not_go_back(self, clock: TimeControl) -> None:
        """Times that were already used would be in the future."""
        with pytest.raises(FakeUsageError, match="1:00:00"):
            clock.advance(hours=-1)
        assert clock.now() == NOON
