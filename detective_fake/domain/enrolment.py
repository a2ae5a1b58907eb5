"""How accounts come into a behavior graph, are enabled, and leave it.

Every change of a membership's status goes through here. Knows nothing of who may ask: the operations do.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import (
    DisabledReason,
    InvitationType,
    MemberEvent,
    Membership,
    MemberStatus,
    Usage,
    status_after,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detective_fake.domain.datasources import DatasourcePackage
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

__all__ = [
    "Obstacle",
    "accept",
    "check_hourly",
    "convert",
    "disabled_reason",
    "enable_waiting",
    "enrol",
    "graph_volume",
    "invite",
    "leave",
    "measure",
    "obstacle",
    "obstacle_to_adding",
    "recheck",
    "start_monitoring",
    "usage_of",
]

_AT_ONCE: Final = timedelta()


class Obstacle(Enum):
    """What keeps an account from being enabled."""

    MEMBER_COUNT = "the graph has as many enabled members as it may have"
    VOLUME_TOO_HIGH = "the graph would take in more data than it may"
    VOLUME_UNKNOWN = "nobody knows how much data the account makes"


_REASONS: Final[Mapping[Obstacle, DisabledReason | None]] = {
    Obstacle.MEMBER_COUNT: None,
    Obstacle.VOLUME_TOO_HIGH: DisabledReason.VOLUME_TOO_HIGH,
    Obstacle.VOLUME_UNKNOWN: DisabledReason.VOLUME_UNKNOWN,
}
"""What the service says of it. Source: service model; that nothing is said of the count is an inference."""


def usage_of(world: World, graph: BehaviorGraph, account_id: str, at: datetime) -> Usage | None:
    """Return what this graph takes in of an account's data in a day, None if nobody knows."""
    taken_in = _taken_in(world, graph, account_id)
    return None if taken_in is None else Usage(*taken_in, at)


def _taken_in(
    world: World, graph: BehaviorGraph, account_id: str
) -> tuple[int, Mapping[DatasourcePackage, int]] | None:
    volumes = world.account(account_id).known_volumes
    return None if volumes is None else _in_all(tuple(volumes.items()), graph.started)


# Most accounts are alike; so the many memberships of a large world share a few mappings.
@lru_cache
def _in_all(
    volumes: tuple[tuple[DatasourcePackage, int], ...], started: tuple[DatasourcePackage, ...]
) -> tuple[int, Mapping[DatasourcePackage, int]]:
    known = dict(volumes)
    taken_in = {package: known.get(package, 0) for package in started}
    return sum(taken_in.values()), taken_in


def graph_volume(world: World, graph: BehaviorGraph) -> int:
    """Return the bytes a day that a graph takes in from its enabled members and its administrator."""
    table = world.rows(graph.arn)
    if graph.administrator_id in table.rows:
        return table.volume
    own = _taken_in(world, graph, graph.administrator_id)
    return table.volume + (own[0] if own else 0)


def obstacle(world: World, graph: BehaviorGraph, account_id: str) -> Obstacle | None:
    """Return what keeps an account from being enabled, None if nothing does.

    Source: user guide, member-invitation-response and graph-admin-unblock-account.
    """
    return _obstacle(world, graph, usage_of(world, graph, account_id, graph.created_at))


def _obstacle(world: World, graph: BehaviorGraph, usage: Usage | None) -> Obstacle | None:
    if world.enabled_count(graph) >= world.quotas.members_per_graph:
        return Obstacle.MEMBER_COUNT
    volume, most = graph_volume(world, graph), world.quotas.volume_bytes_per_day
    if volume > most:
        return Obstacle.VOLUME_TOO_HIGH
    if usage is None:
        return Obstacle.VOLUME_UNKNOWN
    return Obstacle.VOLUME_TOO_HIGH if volume + usage.total > most else None


def obstacle_to_adding(world: World, graph: BehaviorGraph, *, rows: int) -> Obstacle | None:
    """Return what keeps accounts from being invited or enrolled at all, None if nothing does.

    Args:
        rows: How many rows the graph would get; an account whose verification failed has one.
    Source: service model, `CreateMembers`.
    """
    if rows and world.member_count(graph) + rows > world.quotas.members_per_graph:
        return Obstacle.MEMBER_COUNT
    if graph_volume(world, graph) > world.quotas.volume_bytes_per_day:
        return Obstacle.VOLUME_TOO_HIGH
    return None


def disabled_reason(world: World, graph: BehaviorGraph, account_id: str) -> DisabledReason | None:
    """Return what the service says of an account that cannot be enabled now; None if it could be, or says nothing."""
    found = obstacle(world, graph, account_id)
    return _REASONS[found] if found else None


def invite(
    world: World,
    graph: BehaviorGraph,
    account_id: str,
    email: str | None,
    at: datetime,
    *,
    message: str | None = None,
    notify: bool = True,
) -> Membership:
    """Invite an account, or enrol one of the graph's organization, as `CreateMembers` does for each.

    Args:
        email: The address to verify; an organization account's is kept as given.
        message: Goes into the e-mail.
        notify: Whether an e-mail is sent once the account is verified.
    Raises:
        Conflict: The account has a row that is not a failed verification.
    """
    former = world.membership(graph.arn, account_id)
    organization = world.is_organization_account(graph, account_id)
    verified = organization or graph.verifies_invitations
    event = MemberEvent.INVITED if verified else MemberEvent.INVITED_UNVERIFIED
    status = status_after(None if former is None else former.status, event, account_id)
    assert status is not None, event  # noqa: S101 - whoever is invited has a row
    if former is not None:
        world.remove(graph, account_id)
    if organization:
        kept_email = email or world.account(account_id).email
        membership = Membership(account_id, world.next_number(), InvitationType.ORGANIZATION, status, at, kept_email)
    else:
        membership = Membership(account_id, world.next_number(), InvitationType.INVITATION, status, at, email, at)
    world.put(graph, membership)
    if verified:
        world.schedule(
            EventKind.VERIFICATION,
            at,
            scope=graph.arn,
            subject=account_id,
            membership=membership.number,
            message=message,
            notify=notify and not organization,
        )
    return membership


def enrol(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Enable an organization account that has been verified, or leave it disabled with the reason."""
    _enable(world, graph, membership, at, fits=MemberEvent.ENROLLED, over=MemberEvent.ENROLLED_OVER_LIMIT)


def accept(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Accept an invitation: enabled at once, unless a limit or the timing `enabling` is in the way.

    Raises:
        Conflict: The invitation is not open.
    """
    if world.timings.enabling == _AT_ONCE:
        _enable(world, graph, membership, at, fits=MemberEvent.ACCEPTED, over=MemberEvent.ACCEPTED_OVER_LIMIT)
        return
    # While AWS checks the volume (24 to 48 hours, administration guide of 2021) it is not known.
    waiting = membership.after(
        MemberEvent.ACCEPTED_OVER_LIMIT, at, disabled_reason=DisabledReason.VOLUME_UNKNOWN, enabling=True
    )
    world.put(graph, waiting)
    world.schedule(EventKind.ENABLING, at, scope=graph.arn, subject=membership.account_id, membership=membership.number)


def enable_waiting(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Enable an account that accepted some time ago, or leave it disabled with the reason."""
    if not start_monitoring(world, graph, membership, at):
        _explain(world, graph, membership)
        check_hourly(world, graph, at)


def start_monitoring(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> bool:
    """Enable a disabled account if nothing is in the way; tell whether it is enabled now.

    Raises:
        Conflict: The account is not `ACCEPTED_BUT_DISABLED`.
    """
    usage = usage_of(world, graph, membership.account_id, at)
    enabled = membership.after(MemberEvent.MONITORING_STARTED, at, usage=usage)
    if _obstacle(world, graph, usage):
        return False
    world.put(graph, enabled)
    return True


def recheck(world: World, graph: BehaviorGraph, at: datetime) -> bool:
    """Enable the disabled accounts that fit by now, in the order invited; tell whether any are left.

    Those have the reason that holds now (an inference).

    Source: administration guide, accounts-invited-members-add.
    """
    disabled = [each for each in world.rows(graph.arn).ordered() if _awaits_check(each)]
    for membership in disabled:
        if not start_monitoring(world, graph, membership, at):
            _explain(world, graph, membership)
    return any(map(_awaits_check, world.rows(graph.arn).rows.values()))


def _explain(world: World, graph: BehaviorGraph, membership: Membership) -> None:
    reason = disabled_reason(world, graph, membership.account_id)
    if membership.enabling or reason is not membership.disabled_reason:
        world.put(graph, attrs.evolve(membership, disabled_reason=reason, enabling=False))


def convert(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Make an invited account's row one of the graph's organization, and enable it.

    Source: administration guide, accounts-orgs-transition.
    """
    converted = attrs.evolve(membership, invitation_type=InvitationType.ORGANIZATION, invited_at=None)
    if membership.status is MemberStatus.ENABLED:
        world.put(graph, converted)
    else:
        _enable(world, graph, converted, at, fits=MemberEvent.CONVERTED, over=MemberEvent.CONVERTED_OVER_LIMIT)


def leave(world: World, graph: BehaviorGraph, membership: Membership, event: MemberEvent) -> None:
    """End a membership.

    Raises:
        Conflict: The event does not apply to an account of this status.
    """
    status_after(membership.status, event, membership.account_id)
    world.remove(graph, membership.account_id)


def measure(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Note anew what the graph takes in of an enabled account."""
    if membership.status is MemberStatus.ENABLED:
        usage = usage_of(world, graph, membership.account_id, at)
        world.put(graph, attrs.evolve(membership, usage=usage))


def _enable(
    world: World, graph: BehaviorGraph, membership: Membership, at: datetime, *, fits: MemberEvent, over: MemberEvent
) -> None:
    usage = usage_of(world, graph, membership.account_id, at)
    found = _obstacle(world, graph, usage)
    if found is None:
        world.put(graph, membership.after(fits, at, usage=usage))
        return
    world.put(graph, membership.after(over, at, disabled_reason=_REASONS[found]))
    check_hourly(world, graph, at)


def check_hourly(world: World, graph: BehaviorGraph, at: datetime) -> None:
    """Put the next re-check of a graph in the event queue, if none is there."""
    if graph.arn not in world.rechecks:
        world.rechecks.add(graph.arn)
        world.schedule(EventKind.RECHECK, at, scope=graph.arn)


def _awaits_check(membership: Membership) -> bool:
    return membership.status is MemberStatus.ACCEPTED_BUT_DISABLED and not membership.enabling
