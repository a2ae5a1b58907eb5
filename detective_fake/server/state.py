"""A fake's state as the control API and the page show it. Reading runs no pending events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from detective_fake.formatting import format_time

if TYPE_CHECKING:
    from detective_fake.controls.faults import Fault
    from detective_fake.domain.world import World
    from detective_fake.fake import DetectiveFake, Snapshot
    from detective_fake.journal.calls import CallRecord

__all__ = ["View", "call_by_number", "call_json", "clock_json", "to_json", "world_json"]


def to_json(value: Any) -> Any:
    """Return a value in the types of JSON; an attrs value becomes an object with its attributes."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if attrs.has(type(value)):
        value = attrs.asdict(value, recurse=False)
    if isinstance(value, Mapping):
        return {to_json(name): to_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value


@attrs.frozen
class View:
    """What there is to see of a fake at one moment; equal to another if nothing has changed.

    Attributes:
        snapshot: State and clock.
        calls: Number of calls so far.
        attempts: Number of attempts of the last of them.
        faults: Each fault with the number of attempts that it applied to.
        account_id: The default caller.
    """

    snapshot: Snapshot
    calls: int
    attempts: int
    faults: tuple[tuple[Fault, int], ...]
    account_id: str

    @classmethod
    def of(cls, fake: DetectiveFake) -> View:
        """Return the view of a fake at this moment."""
        last = fake.calls[-1:]
        return cls(
            snapshot=fake.snapshot(),
            calls=fake.calls.made,
            attempts=len(last[0].attempts) if last else 0,
            faults=tuple((fault, fault.used) for fault in fake.faults),
            account_id=fake.account_id,
        )


def clock_json(fake: DetectiveFake) -> dict[str, Any]:
    """Return the fake's time."""
    return {"now": fake.clock.now(), "frozen": fake.snapshot().clock[1] is not None}


def world_json(world: World) -> dict[str, Any]:
    """Return accounts, organizations, graphs and pending events, and the number of e-mails."""
    return {
        "accounts": list(world.accounts.values()),
        "organizations": [
            {
                **attrs.asdict(organization),
                "designations": {
                    region: designation
                    for (region, organization_id), designation in world.designations.items()
                    if organization_id == organization.organization_id
                },
            }
            for organization in world.organizations.values()
        ],
        "graphs": [
            {
                **attrs.asdict(graph, recurse=False),
                "members": world.members[graph.arn].ordered(),
                "investigations": list(world.investigations[graph.arn].rows.values()),
            }
            for graph in world.graphs.values()
        ],
        "pending": world.event_queue.events(),
        "emails": len(world.emails),
    }


def call_by_number(fake: DetectiveFake, number: int) -> CallRecord | None:
    """Return a call of the journal, None if there is none of this number or it is forgotten."""
    index = number - fake.calls.forgotten - 1
    return next(iter(fake.calls[index : index + 1]), None) if index >= 0 else None


def call_json(record: CallRecord, number: int) -> dict[str, Any]:
    """Return one call of the journal."""
    names = ("operation", "account_id", "region", "at", "user_agent", "parameters", "outcome", "failed", "result")
    return {
        "number": number,
        **{name: getattr(record, name) for name in (*names, "request_id")},
        "rule": record.caller.rule,
        "message": None if record.error is None else record.error.message,
        "attempts": [attempt.outcome for attempt in record.attempts],
    }
