"""Runs the events that fire without an API call, in order, each at its own due time.

`_HANDLERS`, at the end, has one function for each kind of event. An event whose membership, graph or investigation no
longer exists does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detective_fake.domain import enrolment, investigations
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import Email, InvitationType, MemberEvent, MemberStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

__all__ = ["run_due_events", "settle_all", "settle_one"]


def run_due_events(world: World, now: datetime) -> None:
    """Run all events that are due by now, and those that they cause, each at its own due time."""
    while (event := world.event_queue.take_due(now)) is not None:
        assert event.due is not None  # noqa: S101 - only timed events are ever due
        _HANDLERS[event.kind](world, event, event.due)


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
        graph = world.graphs.get(check.scope)
        if graph is not None and enrolment.recheck(world, graph, now):
            world.event_queue.add(check)
        else:
            world.rechecks.discard(check.scope)


def settle_one(world: World, number: int, now: datetime) -> bool:
    """Run all events that are due, and then this one, due or not. The events it causes wait for their own time.

    Returns:
        Whether the event was pending.
    """
    is_pending = any(event.number == number for event in world.event_queue.events())
    run_due_events(world, now)
    event = world.event_queue.remove(number)
    if event is not None:
        _HANDLERS[event.kind](world, event, now)
    return is_pending


def _verify(world: World, event: PendingEvent, at: datetime) -> None:
    found = _find_membership(world, event, MemberStatus.VERIFICATION_IN_PROGRESS)
    if found is None:
        return
    graph, membership = found
    if membership.invitation_type is InvitationType.ORGANIZATION:
        world.schedule(
            EventKind.ENABLING, at, scope=graph.arn, subject=membership.account_id, membership=membership.number
        )
    elif not graph.verifies_invitations:
        world.put(graph, membership.after(MemberEvent.VERIFIED, at))
    elif world.account(membership.account_id).matches(membership.email):
        world.put(graph, membership.after(MemberEvent.VERIFIED, at))
        if event.notify:
            email = Email(
                account_id=membership.account_id,
                address=membership.email or "",
                administrator_id=graph.administrator_id,
                graph_arn=graph.arn,
                message=event.message,
                sent_at=at,
            )
            world.emails.append(email)
    else:
        world.put(graph, membership.after(MemberEvent.NOT_VERIFIED, at))


def _enable(world: World, event: PendingEvent, at: datetime) -> None:
    verified = _find_membership(world, event, MemberStatus.VERIFICATION_IN_PROGRESS)
    accepted = _find_membership(world, event, MemberStatus.ACCEPTED_BUT_DISABLED)
    if verified is not None:
        enrolment.enrol(world, *verified, at)
    elif accepted is not None and accepted[1].enabling:
        enrolment.enable_waiting(world, *accepted, at)


def _recheck(world: World, event: PendingEvent, at: datetime) -> None:
    world.rechecks.discard(event.scope)
    graph = world.graphs.get(event.scope)
    if graph is not None and enrolment.recheck(world, graph, at):
        enrolment.check_hourly(world, graph, at)


def _list_administrator(world: World, event: PendingEvent, at: datetime) -> None:  # noqa: ARG001 - same signature
    key = (event.scope, event.subject)
    if key in world.designations:
        world.listed[key] = world.designations[key]
    else:
        world.listed.pop(key, None)


def _find_membership(
    world: World, event: PendingEvent, status: MemberStatus
) -> tuple[BehaviorGraph, Membership] | None:
    """Return the membership the event was scheduled for, if it still exists and has this status."""
    graph = world.graphs.get(event.scope)
    membership = world.membership(event.scope, event.subject)
    if graph is None or membership is None or membership.number != event.membership or membership.status is not status:
        return None
    return graph, membership


_HANDLERS: Final[Mapping[EventKind, Callable[[World, PendingEvent, datetime], None]]] = {
    EventKind.VERIFICATION: _verify,
    EventKind.ENABLING: _enable,
    EventKind.INVESTIGATION: investigations.finish,
    EventKind.ADMINISTRATOR_VISIBILITY: _list_administrator,
    EventKind.RECHECK: _recheck,
}
