"""The event queue and the timings of its events."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain.clock import LONGEST_DELAY
from detective_fake.domain.event_queue import EventKind, EventQueue, PendingEvent, Timings
from detective_fake.errors import FakeUsageError
from tests.builders import HOUR, MINUTE, NOON

if TYPE_CHECKING:
    from datetime import datetime


def an_event(number: int, due: datetime | None = NOON) -> PendingEvent:
    return PendingEvent(due=due, number=number, kind=EventKind.RECHECK, scope="graph", subject="graph")


def a_queue(*events: PendingEvent) -> EventQueue:
    queue = EventQueue()
    for event in events:
        queue.add(event)
    return queue


def numbers(events: list[PendingEvent]) -> list[int]:
    return [event.number for event in events]


class TestTimings:
    def test_there_is_one_for_each_kind_of_event(self) -> None:
        """The field names of `Timings` are the values of `EventKind`."""
        assert {field.name for field in attrs.fields(Timings)} == {kind.value for kind in EventKind}

    def test_by_default_events_run_before_the_next_call(self) -> None:
        """Only the check repeats, every hour."""
        timings = Timings()
        assert timings.recheck == HOUR
        assert {timings.verification, timings.enabling, timings.investigation, timings.administrator_visibility} == {
            timedelta()
        }

    @pytest.mark.parametrize("name", [kind.value for kind in EventKind])
    @pytest.mark.parametrize("value", [5, "1h", -MINUTE, LONGEST_DELAY + MINUTE])
    def test_an_invalid_delay_is_rejected(self, name: str, value: object) -> None:
        """The error message shows the name, both at construction and at assignment."""
        expected = rf"timings\.{name} must be a datetime\.timedelta from zero to 365,000 days, or None .*, not "
        with pytest.raises(FakeUsageError, match=expected):
            Timings.of({name: value})
        with pytest.raises(FakeUsageError, match=expected):
            setattr(Timings(), name, value)

    @pytest.mark.parametrize("value", [timedelta(), timedelta(microseconds=999)])
    def test_a_check_period_below_one_millisecond_is_rejected(self, value: timedelta) -> None:
        """Such a check would repeat forever."""
        with pytest.raises(
            FakeUsageError,
            match=r"^timings\.recheck must be a millisecond at least, .*, or None for 'only by settle\(\)', not ",
        ):
            Timings(recheck=value)

    @pytest.mark.parametrize("name", [kind.value for kind in EventKind])
    def test_each_can_be_none(self, name: str) -> None:
        """None means that only `settle()` runs the event."""
        assert getattr(Timings.of({name: None}), name) is None

    @pytest.mark.parametrize("microseconds", [1_001, 2_000, 2_999, 3_001])
    def test_delays_are_truncated_to_milliseconds(self, microseconds: int) -> None:
        """The service reports times in whole milliseconds."""
        expected = timedelta(milliseconds=microseconds // 1000)
        assert Timings(enabling=timedelta(microseconds=microseconds)).enabling == expected

    def test_a_timings_object_is_copied(self) -> None:
        """Two fakes do not share one timings object."""
        given = Timings(enabling=MINUTE)
        timings = Timings.of(given)
        given.enabling = HOUR
        assert timings == Timings(enabling=MINUTE)

    def test_none_gives_the_defaults(self) -> None:
        """None and an empty mapping both give the defaults."""
        assert Timings.of(None) == Timings.of({}) == Timings()

    def test_an_unknown_name_is_rejected(self) -> None:
        """The error message lists the valid names."""
        with pytest.raises(FakeUsageError, match=r"Unknown timing 'accept', 'verify'\. Expected one of: verif"):
            Timings.of({"verify": MINUTE, "accept": MINUTE, "enabling": MINUTE})


class TestEventQueue:
    def test_it_may_begin_with_events(self) -> None:
        """In any order."""
        assert EventQueue([an_event(2), an_event(1)]) == a_queue(an_event(1), an_event(2))


class TestTakeDue:
    def test_an_empty_queue_has_no_events(self) -> None:
        """There is no due event and no next event."""
        queue = EventQueue()
        assert (queue.take_due(NOON), queue.take_next()) == (None, None)

    def test_an_event_with_the_current_time_is_due(self) -> None:
        """An event that is due a millisecond later is not."""
        queue = a_queue(an_event(1, NOON + timedelta(milliseconds=1)), an_event(2, NOON))
        first = queue.take_due(NOON)
        assert first is not None
        assert first.number == 2
        assert queue.take_due(NOON) is None
        assert [event.due for event in queue.events()] == [NOON + timedelta(milliseconds=1)]

    def test_an_event_without_a_due_time_is_never_due(self) -> None:
        """The event waits for `take_next`."""
        queue = a_queue(an_event(1, None))
        assert queue.take_due(NOON + 1000 * HOUR) is None

    @given(st.lists(st.integers(0, 3), max_size=12))
    def test_events_are_ordered_by_due_time(self, delays: list[int]) -> None:
        """Events with the same due time are in order of creation."""
        events = [an_event(number, NOON + delay * MINUTE) for number, delay in enumerate(delays)]
        queue = a_queue(*events)
        taken = []
        while (event := queue.take_due(NOON + HOUR)) is not None:
            taken.append(event)
        assert taken == sorted(events, key=lambda event: (event.due, event.number))


class TestNextDue:
    def test_it_is_that_of_the_first_event(self) -> None:
        """Without such an event it is None."""
        assert a_queue().next_due() is a_queue(an_event(1, None)).next_due() is None
        assert a_queue(an_event(1, None), an_event(2, NOON + HOUR), an_event(3)).next_due() == NOON


class TestTakeNext:
    def test_timed_events_come_first(self) -> None:
        """Events with a due time come first. The others follow in order of creation."""
        queue = a_queue(an_event(1, None), an_event(2, NOON + HOUR), an_event(3, None), an_event(4, NOON))
        listed = queue.events()
        taken = []
        while (event := queue.take_next()) is not None:
            taken.append(event)
        assert taken == listed
        assert numbers(taken) == [4, 2, 1, 3]


class TestRemove:
    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_one_event_is_removed(self, number: int) -> None:
        """The event can be at any position. The others keep their order."""
        queue = a_queue(an_event(1, NOON + HOUR), an_event(2), an_event(3, None), an_event(4, NOON + MINUTE))
        assert numbers(queue.remove(lambda event: event.number == number)) == [number]
        assert numbers(queue.events()) == [each for each in (2, 4, 1, 3) if each != number]

    def test_other_events_stay(self) -> None:
        """No event is removed if none matches."""
        queue = a_queue(an_event(1), an_event(2, None))
        assert queue.remove(lambda event: event.number == 3) == []
        assert numbers(queue.events()) == [1, 2]


class TestCopies:
    def test_a_copy_is_independent(self) -> None:
        """Changes to one queue do not affect the other."""
        queue = a_queue(an_event(1), an_event(2, None))
        copied = queue.copy()
        queue.take_next()
        copied.add(an_event(3))
        assert numbers(queue.events()) == [2]
        assert numbers(copied.events()) == [1, 3, 2]

    def test_queues_with_the_same_events_are_equal(self) -> None:
        """The order in which the events were added does not matter."""
        first, second = a_queue(an_event(1), an_event(2), an_event(3)), a_queue(an_event(3), an_event(1), an_event(2))
        assert first == second
        assert first != a_queue(an_event(1))
        assert first != [an_event(1)]
