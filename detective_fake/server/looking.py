"""What there is to see of a fake at one moment, read through its public names alone, for control calls and page.

A look changes nothing and settles nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.controls.faults import Fault
    from detective_fake.domain.world import World
    from detective_fake.fake import DetectiveFake, Snapshot
    from detective_fake.journal.call_records import CallRecord

__all__ = [
    "FaultNumbers",
    "Look",
    "call_of",
    "call_view",
    "fault_view",
    "state_view",
]


@attrs.frozen
class Look:
    """A fake at one moment; equal to another where there is nothing new to see.

    Attributes:
        snapshot: State and clock.
        calls: How many calls there were.
        attempts: How many attempts the last of them took.
        faults: Each fault with how often it was met.
        account_id: The default caller.
    """

    snapshot: Snapshot
    calls: int
    attempts: int
    faults: tuple[tuple[Fault, int], ...]
    account_id: str

    @classmethod
    def at(cls, fake: DetectiveFake) -> Look:
        """Look at a fake."""
        last = fake.calls[-1:]
        return cls(
            snapshot=fake.snapshot(),
            calls=fake.calls.made,
            attempts=len(last[0].attempts) if last else 0,
            faults=tuple((fault, fault.met) for fault in fake.faults),
            account_id=fake.account_id,
        )


class FaultNumbers:
    """Numbers for faults, as a URL can only name what has a name; from 1, in the order in which they are first seen."""

    def __init__(self) -> None:
        self._numbers: WeakKeyDictionary[Fault, int] = WeakKeyDictionary()
        self._last = 0

    def of(self, fault: Fault) -> int:
        """Return a fault's number."""
        if fault not in self._numbers:
            self._last += 1
            self._numbers[fault] = self._last
        return self._numbers[fault]


def state_view(fake: DetectiveFake, numbers: FaultNumbers) -> dict[str, Any]:
    """Return everything that the shape `State` has."""
    snapshot = fake.snapshot()
    state = snapshot.state
    return {
        "account_id": fake.account_id,
        "region": fake.region,
        "clock": {"now": fake.clock.now(), "frozen": snapshot.clock[1] is not None},
        "accounts": list(state.accounts.values()),
        "organizations": list(_organizations(state)),
        "graphs": list(_graphs(state)),
        "pending": state.event_queue.events(),
        "faults": [fault_view(fake, fault, numbers) for fault in fake.faults],
        "calls": fake.calls.made,
        "emails": len(state.emails),
    }


def call_of(fake: DetectiveFake, number: int) -> CallRecord | None:
    """Return the call of this number, None if there was none or it is forgotten."""
    place = number - fake.calls.forgotten - 1
    return next(iter(fake.calls[place : place + 1]), None) if place >= 0 else None


def call_view(record: CallRecord, number: int) -> dict[str, Any]:
    """Return everything that the shape `Call` has."""
    return {
        "number": number,
        "operation": record.operation,
        "account_id": record.account_id,
        "rule": record.caller.rule,
        "region": record.region,
        "at": record.at,
        "user_agent": record.user_agent,
        "parameters": record.parameters,
        "outcome": record.outcome,
        "failed": record.failed,
        "message": None if record.error is None else record.error.message,
        "result": record.result,
        "request_id": record.request_id,
        "attempts": [attempt.outcome for attempt in record.attempts],
    }


def fault_view(fake: DetectiveFake, fault: Fault, numbers: FaultNumbers) -> dict[str, Any]:
    """Return everything that the shape `Fault` has."""
    return {
        "number": numbers.of(fault),
        "description": str(fault.terms),
        "met": fault.met,
        "present": fault in fake.faults.present,
    }


def _organizations(state: World) -> Iterator[dict[str, Any]]:
    for organization in state.organizations.values():
        designations = [
            {"region": region, **attrs.asdict(designation)}
            for (region, organization_id), designation in state.designations.items()
            if organization_id == organization.organization_id
        ]
        yield {**attrs.asdict(organization), "designations": designations}


def _graphs(state: World) -> Iterator[dict[str, Any]]:
    for graph in state.graphs.values():
        yield {
            **attrs.asdict(graph, recurse=False),
            "packages": [{"package": package, "state": ingest.state} for package, ingest in graph.packages.items()],
            "members": [
                {**attrs.asdict(row, recurse=False), "volume_bytes_per_day": row.usage.total if row.usage else None}
                for row in state.members[graph.arn].ordered()
            ],
            "investigations": [
                {**attrs.asdict(each, recurse=False), "indicators": len(each.indicators)}
                for each in state.investigations[graph.arn].rows.values()
            ],
        }
