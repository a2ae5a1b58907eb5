"""The event queue: what AWS would do asynchronously, due on the fake's clock.

`due_events` runs the events.
"""

from __future__ import annotations

from bisect import insort
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

import attrs

from detective_fake.domain.choices import Settings, must_be
from detective_fake.domain.clock import LONGEST_DELAY
from detective_fake.formatting import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TimingName = Literal["verification", "enabling", "investigation", "administrator_visibility", "recheck"]
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
        subject: The account, investigation or organization that it affects; for a re-check, the graph.
        membership: Number of the membership it was created for. A later membership of the same account has another.
        message: Text of the invitation, if an e-mail is still to be sent.
        notify: Whether to send an e-mail.
    """

    due: datetime | None
    number: int
    kind: EventKind
    scope: str
    subject: str
    membership: int = 0
    message: str | None = attrs.field(default=None, repr=mask)
    notify: bool = False


def _cut(delay: timedelta | None) -> timedelta | None:
    # An event due at a finer time would leave timestamps that no response can carry.
    if isinstance(delay, timedelta) and delay.microseconds % 1000:
        return delay - delay % timedelta(milliseconds=1)
    return delay


_is_delay = must_be(
    f"a datetime.timedelta from zero to {LONGEST_DELAY.days:,} days, or None for 'only by settle()'",
    lambda value: value is None or (isinstance(value, timedelta) and timedelta() <= value <= LONGEST_DELAY),
)
_is_period = must_be(
    "a millisecond at least, because it repeats, or None for 'only by settle()'", lambda value: value != timedelta()
)


@attrs.define(kw_only=True)
class Timings(Settings):
    """How long AWS takes, on the fake's clock. Zero means "before the next call", None means "only by `settle()`".

    Delays are cut to whole milliseconds.

    Attributes:
        verification: From `CreateMembers` until account ID and e-mail address are verified. In AWS: seconds to minutes.
        enabling: From the verification of an organization account, or from `AcceptInvitation`, until the account is
            enabled. Until then it is `ACCEPTED_BUT_DISABLED`, with an unknown volume.
        investigation: From `StartInvestigation` until its report is complete.
        administrator_visibility: Until `ListOrganizationAdminAccounts` shows a designation. In AWS: up to 5 minutes.
        recheck: Between two checks of whether a disabled account can be enabled. Source: administration guide, hourly.
    """

    verification: timedelta | None = attrs.field(default=timedelta(), converter=_cut, validator=_is_delay)
    enabling: timedelta | None = attrs.field(default=timedelta(), converter=_cut, validator=_is_delay)
    investigation: timedelta | None = attrs.field(default=timedelta(), converter=_cut, validator=_is_delay)
    administrator_visibility: timedelta | None = attrs.field(default=timedelta(), converter=_cut, validator=_is_delay)
    recheck: timedelta | None = attrs.field(
        default=timedelta(hours=1), converter=_cut, validator=[_is_delay, _is_period]
    )


_NEVER: Final = datetime.max.replace(tzinfo=timezone.utc)
"""Sorts events without a due time after all others."""


class EventQueue:
    """Pending events by due time, then in order of creation. Events without a due time come last."""

    def __init__(self, events: Iterable[PendingEvent] = ()) -> None:
        self._entries: list[tuple[datetime, int, PendingEvent]] = []
        for event in events:
            self.add(event)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EventQueue) and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]  # it changes

    def copy(self) -> EventQueue:
        """Return an independent queue with the same events."""
        queue = EventQueue()
        queue._entries = self._entries.copy()
        return queue

    def __repr__(self) -> str:
        return f"EventQueue({self.events()!r})"

    def add(self, event: PendingEvent) -> None:
        """Add an event."""
        insort(self._entries, (event.due or _NEVER, event.number, event))

    def next_due(self) -> datetime | None:
        """Return when the first event is due, None if no event has a due time."""
        return self._entries[0][2].due if self._entries else None

    def take_due(self, until: datetime) -> PendingEvent | None:
        """Remove and return the first event that is due at or before this time, None if there is none."""
        return self.take_next() if self._entries and self._entries[0][0] <= until else None

    def take_next(self) -> PendingEvent | None:
        """Remove and return the first event, due or not. None if the queue is empty."""
        return self._entries.pop(0)[2] if self._entries else None

    def remove(self, matches: Callable[[PendingEvent], bool]) -> list[PendingEvent]:
        """Remove and return the events that match."""
        removed = [event for *_, event in self._entries if matches(event)]
        if removed:
            self._entries = [entry for entry in self._entries if not matches(entry[2])]
        return removed

    def events(self) -> list[PendingEvent]:
        """Return every event in order."""
        return [event for *_, event in self._entries]
