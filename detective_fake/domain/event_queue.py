"""The event queue: what AWS would do asynchronously, due on the fake's clock.

`due_events` runs the events.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from enum import Enum
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final, Literal

import attrs

from detective_fake.domain.choices import settings
from detective_fake.errors import FakeUsageError
from detective_fake.formatting import mask

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
    """An event that fires without an API call. `Timings` has a delay for each."""

    VERIFICATION = "verification"
    ENABLING = "enabling"
    INVESTIGATION = "investigation"
    ADMINISTRATOR_VISIBILITY = "administrator_visibility"
    RECHECK = "recheck"


@attrs.frozen
class PendingEvent:
    """One event in the queue.

    Attributes:
        due: When it fires. None waits for `settle()`.
        number: Its place in the order of creation. Decides among events due at the same time.
        kind: What it does.
        scope: The graph's ARN, or a Region for `ADMINISTRATOR_VISIBILITY`.
        subject: The account, investigation or organization that it affects. Empty for a re-check.
        membership: Number of the membership it was created for. A later membership of the same account has another.
        message: Text of the invitation, if an e-mail is still to be sent.
        notify: Whether to send an e-mail.
    """

    due: datetime | None
    number: int
    kind: EventKind
    scope: str
    subject: str = ""
    membership: int = 0
    message: str | None = attrs.field(default=None, repr=mask)
    notify: bool = False


def _cut(delay: timedelta | None) -> timedelta | None:
    # An event due at a finer time would leave timestamps that no response can carry.
    if isinstance(delay, timedelta) and delay.microseconds % 1000:
        return delay - delay % timedelta(milliseconds=1)
    return delay


def _check_delay(_: Timings, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and (not isinstance(value, timedelta) or value < timedelta()):
        message = (
            f"timings.{attribute.name} must be a datetime.timedelta of zero or more, "
            f"or None for 'only by settle()', not {value!r}."
        )
        raise FakeUsageError(message)
    if attribute.name == "recheck" and value == timedelta():
        message = "timings.recheck repeats and must be a millisecond at least, or None for 'only by settle()'."
        raise FakeUsageError(message)


@attrs.define(kw_only=True)
class Timings:
    """How long AWS takes, on the fake's clock. Zero means "before the next call", None means "only by `settle()`".

    Delays are cut to whole milliseconds.

    Attributes:
        verification: From `CreateMembers` until account ID and e-mail address are verified. In AWS: seconds to minutes.
        enabling: From then, or from `AcceptInvitation`, until the account is enabled.
        investigation: From `StartInvestigation` until its report is complete.
        administrator_visibility: Until `ListOrganizationAdminAccounts` shows a designation. In AWS: up to 5 minutes.
        recheck: Between two checks whether a disabled account can be enabled. Source: administration guide, hourly.
    """

    verification: timedelta | None = attrs.field(default=timedelta(), converter=_cut, validator=_check_delay)
    enabling: timedelta | None = attrs.field(default=timedelta(), converter=_cut, validator=_check_delay)
    investigation: timedelta | None = attrs.field(default=timedelta(), converter=_cut, validator=_check_delay)
    administrator_visibility: timedelta | None = attrs.field(
        default=timedelta(), converter=_cut, validator=_check_delay
    )
    recheck: timedelta | None = attrs.field(default=timedelta(hours=1), converter=_cut, validator=_check_delay)

    @classmethod
    def of(cls, given: Timings | Mapping[str, Any] | None) -> Timings:
        """Return new timings: the defaults, some replaced by name, or a copy.

        Raises:
            FakeUsageError: A name is unknown or a value is invalid.
        """
        return settings(cls, given, "timing")


_NEVER: Final = datetime.max.replace(tzinfo=timezone.utc)
"""Sorts events without a due time after all others."""


class EventQueue:
    """Pending events by due time, then in order of creation. Events without a due time come last."""

    def __init__(self, events: Iterable[PendingEvent] = ()) -> None:
        self._heap: list[tuple[datetime, int, PendingEvent]] = []
        for event in events:
            self.add(event)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EventQueue) and self.events() == other.events()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __copy__(self) -> EventQueue:
        return EventQueue(event for *_, event in self._heap)

    def __repr__(self) -> str:
        return f"EventQueue({self.events()!r})"

    def add(self, event: PendingEvent) -> None:
        """Add an event."""
        heappush(self._heap, (event.due or _NEVER, event.number, event))

    def next_due(self) -> datetime | None:
        """Return when the first event is due, None if no event has a due time."""
        return self._heap[0][2].due if self._heap else None

    def take_due(self, until: datetime) -> PendingEvent | None:
        """Remove and return the first event that is due at or before this time, None if there is none."""
        return heappop(self._heap)[2] if self._heap and self._heap[0][0] <= until else None

    def take_next(self) -> PendingEvent | None:
        """Remove and return the first event, due or not. None if the queue is empty."""
        return heappop(self._heap)[2] if self._heap else None

    def remove(self, number: int) -> PendingEvent | None:
        """Remove and return the event of this number, None if there is none."""
        entry = next((entry for entry in self._heap if entry[1] == number), None)
        if entry is None:
            return None
        self._heap.remove(entry)
        heapify(self._heap)
        return entry[2]

    def events(self) -> list[PendingEvent]:
        """Return every event in the order in which `take_next` would."""
        return [event for *_, event in sorted(self._heap)]
