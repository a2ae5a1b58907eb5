"""What is due when: the events that AWS would bring about by itself, on the fake's clock.

Knows times and names of events; what an event does is in `happenings`.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from enum import Enum
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final, Literal

import attrs

from detective_fake.domain.choices import settings
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

__all__ = ["EventKind", "EventQueue", "PendingEvent", "TimingName", "Timings"]


TimingName = Literal[
    "verification",
    "enabling",
    "investigation",
    "administrator_visibility",
    "recheck",
]
"""The names of `Timings`."""


class EventKind(str, Enum):
    """Something that happens without a call; `Timings` has a delay for each."""

    __hash__ = str.__hash__  # as `MemberStatus`

    VERIFICATION = "verification"
    ENABLING = "enabling"
    INVESTIGATION = "investigation"
    ADMINISTRATOR_VISIBILITY = "administrator_visibility"
    RECHECK = "recheck"


@attrs.frozen
class PendingEvent:
    """One thing that will happen.

    Attributes:
        due: When; None waits for `settle()`.
        number: Its place in the order of creation, which decides among events due at the same time.
        kind: What.
        scope: The graph's ARN, or a Region for `ADMINISTRATOR_VISIBILITY`.
        subject: The account, investigation or organization it happens to; empty for a re-check.
        membership: Number of the membership it was meant for: a later one of the same account is another.
        message: Text of the invitation, where an e-mail is still to be sent.
        notify: Whether an e-mail is to be sent.
    """

    due: datetime | None
    number: int
    kind: EventKind
    scope: str
    subject: str = ""
    membership: int = 0
    message: str | None = None
    notify: bool = False


def _whole_milliseconds(delay: timedelta | None) -> timedelta | None:
    # The service's times have no more; an event at a finer one would leave a time that no answer can carry.
    return delay - delay % timedelta(milliseconds=1) if isinstance(delay, timedelta) else delay


def _delay(_: Timings, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and (not isinstance(value, timedelta) or value < timedelta()):
        message = (
            f"timings.{attribute.name} must be a datetime.timedelta of zero or more, "
            f"or None for 'only by settle()', not {value!r}."
        )
        raise FakeUsageError(message)


def _period(timings: Timings, attribute: attrs.Attribute[Any], value: object) -> None:
    _delay(timings, attribute, value)
    if value == timedelta():
        message = "timings.recheck repeats and must be a millisecond at least, or None for 'only by settle()'."
        raise FakeUsageError(message)


@attrs.define(kw_only=True)
class Timings:
    """How long AWS takes, on the fake's clock: a delay, zero for "before the next call", None for "only by `settle()`".

    Delays are cut to whole milliseconds.

    Attributes:
        verification: From `CreateMembers` until account id and e-mail address are checked. Really: seconds to minutes.
        enabling: From then, or from `AcceptInvitation`, until the account is enabled.
        investigation: From `StartInvestigation` until its report is there.
        administrator_visibility: Until a designation shows in `ListOrganizationAdminAccounts`. Really: up to 5 minutes.
        recheck: Between two checks whether a disabled account now fits. Source: administration guide, hourly.
    """

    verification: timedelta | None = attrs.field(default=timedelta(), converter=_whole_milliseconds, validator=_delay)
    enabling: timedelta | None = attrs.field(default=timedelta(), converter=_whole_milliseconds, validator=_delay)
    investigation: timedelta | None = attrs.field(default=timedelta(), converter=_whole_milliseconds, validator=_delay)
    administrator_visibility: timedelta | None = attrs.field(
        default=timedelta(), converter=_whole_milliseconds, validator=_delay
    )
    recheck: timedelta | None = attrs.field(
        default=timedelta(hours=1), converter=_whole_milliseconds, validator=_period
    )

    @classmethod
    def of(cls, given: Timings | Mapping[str, Any] | None) -> Timings:
        """Return timings of one's own from those given: none, some by name, or a whole set.

        Raises:
            FakeUsageError: A name that is no timing, or a value it cannot have.
        """
        return settings(cls, given, "timing")


_NEVER: Final = datetime.max.replace(tzinfo=timezone.utc)
"""Sorts events that have no due time after all others."""

_Entry = tuple[datetime, int, PendingEvent]


class EventQueue:
    """Pending events in order of due time, ties in order of creation; events without a due time come last."""

    __slots__ = ("_heap",)

    def __init__(self, events: Iterable[PendingEvent] = ()) -> None:
        self._heap: list[_Entry] = []
        for event in events:
            self.add(event)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EventQueue) and self.events() == other.events()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __copy__(self) -> EventQueue:
        queue = EventQueue()
        queue._heap = self._heap.copy()
        return queue

    def __repr__(self) -> str:
        return f"EventQueue({self.events()!r})"

    def add(self, event: PendingEvent) -> None:
        """Add an event."""
        heappush(self._heap, (event.due or _NEVER, event.number, event))

    def next_due(self) -> datetime | None:
        """Return when the first event is due, None if no event has a due time."""
        return self._heap[0][2].due if self._heap else None

    def take_due(self, until: datetime) -> PendingEvent | None:
        """Take the first event that is due at or before this time, None if there is none."""
        return heappop(self._heap)[2] if self._heap and self._heap[0][0] <= until else None

    def take_next(self) -> PendingEvent | None:
        """Take the first event, whether due or not; None if the queue is empty."""
        return heappop(self._heap)[2] if self._heap else None

    def remove(self, number: int) -> PendingEvent | None:
        """Take the event of this number; None if there is none."""
        entry = next((entry for entry in self._heap if entry[1] == number), None)
        if entry is None:
            return None
        self._heap.remove(entry)
        heapify(self._heap)
        return entry[2]

    def events(self) -> list[PendingEvent]:
        """Return every event in the order in which `take_next` would give them."""
        return [event for *_, event in sorted(self._heap)]
