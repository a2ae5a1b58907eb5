"""What is due when: the events that AWS would bring about by itself, on the fake's clock.

Knows times and names of events; what an event does is in `happenings`.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from enum import Enum
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import attrs

from detective_fake.domain.choices import settings
from detective_fake.domain.shared import Shared
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

__all__ = ["Agenda", "EventKind", "PendingEvent", "Timings"]


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


_Entry = tuple["datetime", int, PendingEvent]


class Agenda:
    """Pending events in order of due time, ties in order of creation; those without a time apart."""

    __slots__ = ("_timed", "_untimed")

    def __init__(self) -> None:
        self._timed: Shared[list[_Entry]] = Shared([])
        # Ordered: taking the first of a plain dict passes over all that were taken before.
        self._untimed: Shared[OrderedDict[int, PendingEvent]] = Shared(OrderedDict())

    def add(self, event: PendingEvent) -> None:
        """Put an event on the agenda."""
        if event.due is None:
            self._untimed.own()[event.number] = event
        else:
            heappush(self._timed.own(), (event.due, event.number, event))

    def next_due(self) -> datetime | None:
        """Return when the first timed event is due, None if there is none."""
        timed = self._timed.value
        return timed[0][0] if timed else None

    def take_due(self, until: datetime) -> PendingEvent | None:
        """Take the first event that is due at or before this time, None if there is none."""
        timed = self._timed.value
        if not timed or timed[0][0] > until:
            return None
        return heappop(self._timed.own())[2]

    def take_next(self) -> PendingEvent | None:
        """Take the first event whether due or not, those without a time last; None if the agenda is empty."""
        if self._timed.value:
            return heappop(self._timed.own())[2]
        if self._untimed.value:
            untimed = self._untimed.own()
            return untimed.popitem(last=False)[1]
        return None

    def remove(self, number: int) -> PendingEvent | None:
        """Take the event of this number, wherever it stands; None if there is none."""
        if number in self._untimed.value:
            return self._untimed.own().pop(number)
        entry = next((entry for entry in self._timed.value if entry[1] == number), None)
        if entry is None:
            return None
        timed = self._timed.own()
        timed.remove(entry)
        heapify(timed)
        return entry[2]

    def events(self) -> list[PendingEvent]:
        """Return every event in the order in which `take_next` would give them."""
        timed = [event for _, _, event in sorted(self._timed.value, key=lambda entry: entry[:2])]
        return timed + list(self._untimed.value.values())

    def lend(self) -> tuple[list[_Entry], OrderedDict[int, PendingEvent]]:
        """Return the agenda's contents for a snapshot."""
        return self._timed.lend(), self._untimed.lend()

    def take(self, contents: tuple[list[_Entry], OrderedDict[int, PendingEvent]]) -> None:
        """Go back to the contents of a snapshot."""
        timed, untimed = contents
        self._timed.take(timed)
        self._untimed.take(untimed)
