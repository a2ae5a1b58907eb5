"""What happens by itself: the events in the event queue, run in order, each at its own time.

The table at the foot says what each kind does. An event that was meant for a membership, graph or investigation that is
no longer there does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detective_fake.domain import enrolment, investigations
from detective_fake.domain.emails import Email
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import InvitationType, MemberEvent, MemberStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

__all__ = ["run_due_events", "settle_all", "settle_one"]


def run_due_events(world: World, now: datetime) -> None:
    """Run what is due by now, each event at the time it was due; what they cause, too."""
    while (event := world.event_queue.take_due(now)) is not None:
        assert event.due is not None  # noqa: S101 - only timed events are ever due
        _HANDLERS[event.kind](world, event, event.due)


def settle_all(world: World, now: datetime) -> None:
    """Run everything that is not periodic, due or not, and every periodic check once.

    Events that are not due yet happen now: the clock is not moved for them.
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
    """Run what is due, and then this one event, due or not; what it causes waits for its own time.

    Returns:
        Whether the event was still to come when this began.
    """
    is_pending = any(event.number == number for event in world.event_queue.events())
    run_due_events(world, now)
    event = world.event_queue.remove(number)
    if event is not None:
        _HANDLERS[event.kind](world, event, now)
    return is_pending


def _verification(world: World, event: PendingEvent, at: datetime) -> None:
    found = _meant(world, event, MemberStatus.VERIFICATION_IN_PROGRESS)
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
            account_id, address = membership.account_id, membership.email or ""
            email = Email(account_id, address, graph.administrator_id, graph.arn, event.message, at)
            world.emails.append(email)
    else:
        world.put(graph, membership.after(MemberEvent.NOT_VERIFIED, at))


def _enabling(world: World, event: PendingEvent, at: datetime) -> None:
    enrolling = _meant(world, event, MemberStatus.VERIFICATION_IN_PROGRESS)
    waiting = _meant(world, event, MemberStatus.ACCEPTED_BUT_DISABLED)
    if enrolling is not None:
        enrolment.enrol(world, *enrolling, at)
    elif waiting is not None and waiting[1].enabling:
        enrolment.enable_waiting(world, *waiting, at)


def _recheck(world: World, event: PendingEvent, at: datetime) -> None:
    world.rechecks.discard(event.scope)
    graph = world.graphs.get(event.scope)
    if graph is not None and enrolment.recheck(world, graph, at):
        enrolment.check_hourly(world, graph, at)


def _administrator_visibility(world: World, event: PendingEvent, at: datetime) -> None:  # noqa: ARG001 - one signature
    key = (event.scope, event.subject)
    listed = world.listed
    if key in world.designations:
        listed[key] = world.designations[key]
    else:
        listed.pop(key, None)


def _meant(world: World, event: PendingEvent, status: MemberStatus) -> tuple[BehaviorGraph, Membership] | None:
    graph = world.graphs.get(event.scope)
    membership = world.membership(event.scope, event.subject)
    if graph is None or membership is None or membership.number != event.membership or membership.status is not status:
        return None
    return graph, membership


_HANDLERS: Final[Mapping[EventKind, Callable[[World, PendingEvent, datetime], None]]] = {
    EventKind.VERIFICATION: _verification,
    EventKind.ENABLING: _enabling,
    EventKind.INVESTIGATION: investigations.finish,
    EventKind.ADMINISTRATOR_VISIBILITY: _administrator_visibility,
    EventKind.RECHECK: _recheck,
}
