"""How accounts join a behavior graph, are enabled, and leave it, and which data the graph ingests.

Every change of a membership's status goes through this module. The operations check who may ask for it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.graph import update_packages
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
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph, DatasourcePackage
    from detective_fake.domain.world import World

__all__ = [
    "Obstacle",
    "accept",
    "check_hourly",
    "convert",
    "disabled_reason",
    "enable_waiting",
    "enrol",
    "expected_volume",
    "graph_volume",
    "invite",
    "leave",
    "measure",
    "obstacle",
    "obstacle_to_adding",
    "recheck",
    "select_packages",
    "start_monitoring",
    "usage_of",
]


class Obstacle(Enum):
    """Why an account cannot be enabled."""

    MEMBER_COUNT = "the graph has reached its quota of members"
    VOLUME_TOO_HIGH = "the graph would ingest more data than its quota allows"
    VOLUME_UNKNOWN = "the data volume of the account is unknown"


_REASONS: Final[Mapping[Obstacle, DisabledReason | None]] = {
    Obstacle.MEMBER_COUNT: None,
    Obstacle.VOLUME_TOO_HIGH: DisabledReason.VOLUME_TOO_HIGH,
    Obstacle.VOLUME_UNKNOWN: DisabledReason.VOLUME_UNKNOWN,
}
"""The reason that the service reports. Source: service model. That it reports none for the count is an inference."""


def usage_of(world: World, graph: BehaviorGraph, account_id: str, at: datetime) -> Usage | None:
    """Return how much of an account's data the graph ingests in a day, None if the volume is unknown."""
    volumes = world.account(account_id).known_volumes
    if volumes is None:
        return None
    by_package = {package: volumes.get(package, 0) for package in graph.started}
    return Usage(total=sum(by_package.values()), by_package=by_package, measured_at=at)


def graph_volume(world: World, graph: BehaviorGraph) -> int:
    """Return the bytes a day that a graph ingests from its enabled members and its administrator."""
    table = world.rows(graph.arn)
    if graph.administrator_id in table.rows:
        return table.volume
    own = usage_of(world, graph, graph.administrator_id, graph.created_at)
    return table.volume + (own.total if own else 0)


def expected_volume(world: World, graph: BehaviorGraph) -> int:
    """Return the bytes a day that a graph with these packages ingests from its administrator and enabled members.

    An account with an unknown volume counts nothing, as in `graph_volume`.
    """
    rows = world.rows(graph.arn).rows.values()
    accounts = {row.account_id for row in rows if row.status is MemberStatus.ENABLED} | {graph.administrator_id}
    usages = (usage_of(world, graph, account_id, graph.created_at) for account_id in accounts)
    return sum(usage.total for usage in usages if usage is not None)


def select_packages(world: World, graph: BehaviorGraph, desired: Collection[DatasourcePackage], at: datetime) -> bool:
    """Ingest exactly these packages from now on, and measure the volume of each enabled account again.

    Nothing changes if the graph ingests them already, or if one would be started and the graph would exceed its quota.
    Stopping a package always succeeds (an inference).

    Source: service model, `ServiceQuotaExceededException`; user guide, regions-limitations.

    Returns:
        Whether the graph ingests these packages now.
    """
    updated = update_packages(graph.packages, desired, at)
    if updated == graph.packages:
        return True
    changed = attrs.evolve(graph, packages=updated)
    starts_packages = not set(changed.started) <= set(graph.started)
    if starts_packages and expected_volume(world, changed) > world.quotas.volume_bytes_per_day:
        return False
    world.put_graph(changed)
    for membership in list(world.rows(graph.arn).ordered()):
        measure(world, changed, membership, at)
    return True


def obstacle(world: World, graph: BehaviorGraph, account_id: str) -> Obstacle | None:
    """Return why an account cannot be enabled, None if it can.

    Source: user guide, member-invitation-response and graph-admin-unblock-account.
    """
    if world.enabled_count(graph) >= world.quotas.members_per_graph:
        return Obstacle.MEMBER_COUNT
    volume, quota = graph_volume(world, graph), world.quotas.volume_bytes_per_day
    usage = usage_of(world, graph, account_id, graph.created_at)
    if volume <= quota and usage is None:
        return Obstacle.VOLUME_UNKNOWN
    return Obstacle.VOLUME_TOO_HIGH if volume + (usage.total if usage else 0) > quota else None


def obstacle_to_adding(world: World, graph: BehaviorGraph, *, rows: int) -> Obstacle | None:
    """Return why accounts cannot be invited or enrolled at all, None if they can.

    Args:
        rows: How many rows the graph would gain. An account whose verification failed already has one.
    Source: service model, `CreateMembers`.
    """
    if rows and world.member_count(graph) + rows > world.quotas.members_per_graph:
        return Obstacle.MEMBER_COUNT
    if graph_volume(world, graph) > world.quotas.volume_bytes_per_day:
        return Obstacle.VOLUME_TOO_HIGH
    return None


def disabled_reason(world: World, graph: BehaviorGraph, account_id: str) -> DisabledReason | None:
    """Return the reason that the service reports for an account that cannot be enabled now, if any."""
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
    """Invite an account, or enroll one of the graph's organization, as `CreateMembers` does for each account.

    Args:
        email: The address to verify. For an organization account it is only stored.
        message: Text for the e-mail.
        notify: Whether to send an e-mail once the account is verified.
    Raises:
        Conflict: The account has a row that is not a failed verification.
    """
    former = world.membership(graph.arn, account_id)
    organization = world.is_organization_account(graph, account_id)
    verified = organization or graph.verifies_invitations
    event = MemberEvent.INVITED if verified else MemberEvent.INVITED_UNVERIFIED
    status = status_after(None if former is None else former.status, event, account_id)
    assert status is not None, event  # noqa: S101 - an invitation always creates a row
    if former is not None:
        world.remove(graph, account_id)
    membership = Membership(
        account_id=account_id,
        number=world.next_number(),
        invitation_type=InvitationType.ORGANIZATION if organization else InvitationType.INVITATION,
        status=status,
        updated_at=at,
        email=email or world.account(account_id).email if organization else email,
        invited_at=None if organization else at,
    )
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
    """Accept an invitation. The account is enabled at once unless a limit or the timing `enabling` prevents it.

    Raises:
        Conflict: The invitation is not open.
    """
    if world.timings.enabling == timedelta():
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
        _update_reason(world, graph, membership)
        check_hourly(world, graph, at)


def start_monitoring(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> bool:
    """Enable a disabled account if there is no obstacle. Return whether it is enabled now.

    Raises:
        Conflict: The account is not `ACCEPTED_BUT_DISABLED`.
    """
    usage = usage_of(world, graph, membership.account_id, at)
    enabled = membership.after(MemberEvent.MONITORING_STARTED, at, usage=usage)
    if obstacle(world, graph, membership.account_id):
        return False
    world.put(graph, enabled)
    return True


def recheck(world: World, graph: BehaviorGraph, at: datetime) -> bool:
    """Enable the disabled accounts without an obstacle, in the order invited. Return whether any stay disabled.

    Those get the reason that applies now (an inference).

    Source: administration guide, accounts-invited-members-add.
    """
    for membership in list(world.rows(graph.arn).ordered()):
        if _awaits_check(membership) and not start_monitoring(world, graph, membership, at):
            _update_reason(world, graph, membership)
    return any(map(_awaits_check, world.rows(graph.arn).rows.values()))


def check_hourly(world: World, graph: BehaviorGraph, at: datetime) -> None:
    """Schedule the next re-check of a graph unless it is scheduled already."""
    if graph.arn not in world.rechecks:
        world.rechecks.add(graph.arn)
        world.schedule(EventKind.RECHECK, at, scope=graph.arn)


def convert(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Turn an invited account into an organization account of the graph, and enable it.

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
    """Update what the graph ingests from an account. Has no effect on accounts that are not enabled."""
    if membership.status is MemberStatus.ENABLED:
        usage = usage_of(world, graph, membership.account_id, at)
        world.put(graph, attrs.evolve(membership, usage=usage))


def _enable(
    world: World, graph: BehaviorGraph, membership: Membership, at: datetime, *, fits: MemberEvent, over: MemberEvent
) -> None:
    found = obstacle(world, graph, membership.account_id)
    if found is None:
        usage = usage_of(world, graph, membership.account_id, at)
        world.put(graph, membership.after(fits, at, usage=usage))
        return
    world.put(graph, membership.after(over, at, disabled_reason=_REASONS[found]))
    check_hourly(world, graph, at)


def _update_reason(world: World, graph: BehaviorGraph, membership: Membership) -> None:
    reason = disabled_reason(world, graph, membership.account_id)
    if membership.enabling or reason is not membership.disabled_reason:
        world.put(graph, attrs.evolve(membership, disabled_reason=reason, enabling=False))


def _awaits_check(membership: Membership) -> bool:
    return membership.status is MemberStatus.ACCEPTED_BUT_DISABLED and not membership.enabling
