"""Runs the events that fire without an API call, in order, each at its own due time.

`_HANDLERS`, at the end, has one function for each kind of event. What a pending event waits for exists: `World` removes
the events of removed graphs and memberships.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detective_fake.domain import enrolment, investigations
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import Email, InvitationType, MemberEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World


def anything_due(world: World, now: datetime) -> bool:
    """Return whether `run_due_events` does anything."""
    due = world.event_queue.next_due()
    return world.checked_on != now.toordinal() or (due is not None and due <= now)


def run_due_events(world: World, now: datetime) -> None:
    """Run all events that are due by now, and those that they cause, each at its own due time.

    On each new day, check how much data graphs ingest.
    """
    while (event := world.event_queue.take_due(now)) is not None:
        assert event.due is not None  # noqa: S101 - only timed events are ever due
        _HANDLERS[event.kind](world, event, event.due)
    if world.checked_on != now.toordinal():
        _check_ingest(world, now)


def settle_all(world: World, now: datetime) -> None:
    """Run all events, due or not, and every periodic check once.

    Events that are not due yet run at the present time. The clock does not move.
    """
    run_due_events(world, now)
    checks: list[PendingEvent] = []
    while (event := world.event_queue.take_next()) is not None:
        if event.kind is EventKind.RECHECK:
            checks.append(event)
        else:
            _HANDLERS[event.kind](world, event, now)
    for check in checks:
        if enrolment.recheck(world, world.graphs[check.scope], now):
            world.event_queue.add(check)
        else:
            world.rechecks.discard(check.scope)
    _check_ingest(world, now)


def settle_one(world: World, number: int, now: datetime) -> bool:
    """Run all events that are due, and then this one, due or not. The events it causes wait for their own time.

    Returns:
        Whether the event was pending.
    """
    is_pending = any(event.number == number for event in world.event_queue.events())
    run_due_events(world, now)
    for event in world.event_queue.remove(lambda each: each.number == number):
        _HANDLERS[event.kind](world, event, now)
    return is_pending


def _check_ingest(world: World, now: datetime) -> None:
    world.checked_on = now.toordinal()
    for graph in list(world.graphs.values()):
        enrolment.check_ingest(world, graph, now)


def _verify(world: World, event: PendingEvent, at: datetime) -> None:
    graph, membership = _find_membership(world, event)
    if membership.invitation_type is InvitationType.ORGANIZATION:
        enrolment.enrol(world, graph, membership, at)
        return
    is_checked = graph.verifies_invitations
    is_verified = not is_checked or world.account(membership.account_id).matches(membership.email)
    outcome = MemberEvent.VERIFIED if is_verified else MemberEvent.NOT_VERIFIED
    world.put(graph, membership.after(outcome, at))
    if is_checked and is_verified and event.notify:
        email = Email(
            account_id=membership.account_id,
            address=membership.email or "",
            administrator_id=graph.administrator_id,
            graph_arn=graph.arn,
            message=event.message,
            sent_at=at,
        )
        world.emails.append(email)


def _enable(world: World, event: PendingEvent, at: datetime) -> None:
    enrolment.enable_waiting(world, *_find_membership(world, event), at)


def _recheck(world: World, event: PendingEvent, at: datetime) -> None:
    world.rechecks.discard(event.scope)
    graph = world.graphs[event.scope]
    if enrolment.recheck(world, graph, at):
        enrolment.check_hourly(world, graph, at)


def _list_administrator(world: World, event: PendingEvent, at: datetime) -> None:  # noqa: ARG001 - same signature
    key = (event.scope, event.subject)
    if key in world.designations:
        world.listed[key] = world.designations[key]
    else:
        world.listed.pop(key, None)


def _find_membership(world: World, event: PendingEvent) -> tuple[BehaviorGraph, Membership]:
    """Return the membership that an event was scheduled for, and its graph."""
    return world.graphs[event.scope], world.rows(event.scope).rows[event.subject]


_HANDLERS: Final[Mapping[EventKind, Callable[[World, PendingEvent, datetime], None]]] = {
    EventKind.VERIFICATION: _verify,
    EventKind.ENABLING: _enable,
    EventKind.INVESTIGATION: investigations.finish,
    EventKind.ADMINISTRATOR_VISIBILITY: _list_administrator,
    EventKind.RECHECK: _recheck,
}
