"""How accounts join a behavior graph, are enabled, and leave it, and which data the graph ingests.

Every change of a membership's status goes through this module. The operations check who may ask for it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.graph import stop_ingest, update_packages
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
    from collections.abc import Collection
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph, DatasourcePackage
    from detective_fake.domain.world import World


class Obstacle(Enum):
    """Why an account cannot be enabled.

    The value is the reason that the service reports. Source: service model. That it reports none for the number of
    members is an inference.
    """

    MEMBER_COUNT = None
    VOLUME_TOO_HIGH = DisabledReason.VOLUME_TOO_HIGH
    VOLUME_UNKNOWN = DisabledReason.VOLUME_UNKNOWN


_UNANSWERED: Final = frozenset({MemberStatus.INVITED, MemberStatus.VERIFICATION_IN_PROGRESS})


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


def check_ingest(world: World, graph: BehaviorGraph, at: datetime) -> None:
    """Stop the ingest of a graph that gets too much data or whose administrator is suspended, or start it again.

    Source: user guide, regions-limitations; administration guide, accounts-effects. In AWS only AWS Support starts the
    ingest again after too much data.
    """
    graph = world.graphs[graph.arn]
    too_much = graph_volume(world, graph) > world.quotas.ingest_stop_bytes_per_day
    stopped = too_much or world.account(graph.administrator_id).suspended
    packages = stop_ingest(graph.packages, at, stopped=stopped)
    if packages != graph.packages:
        world.put_graph(attrs.evolve(graph, packages=packages))


def select_packages(world: World, graph: BehaviorGraph, desired: Collection[DatasourcePackage], at: datetime) -> bool:
    """Ingest exactly these packages from now on, and measure the volume of each enabled account again.

    Nothing changes if the graph ingests them already, or if one would be started and the graph exceeds its quota now.
    Stopping a package always succeeds (an inference), and so does starting one that brings the graph over its quota.

    Source: service model, `ServiceQuotaExceededException`; user guide, regions-limitations.

    Returns:
        Whether the graph ingests these packages now.
    """
    updated = update_packages(graph.packages, desired, at)
    if updated == graph.packages:
        return True
    starts_packages = not set(desired) <= set(graph.started)
    if starts_packages and graph_volume(world, graph) > world.quotas.volume_bytes_per_day:
        return False
    changed = attrs.evolve(graph, packages=updated)
    world.put_graph(changed)
    for membership in list(world.rows(graph.arn).ordered()):
        measure(world, changed, membership, at)
    check_ingest(world, changed, at)
    return True


def obstacle(world: World, graph: BehaviorGraph, account_id: str) -> Obstacle | None:
    """Return why an account cannot be enabled, None if it can.

    Source: user guide, member-invitation-response and graph-admin-unblock-account.
    """
    reached = reached_limit(world, graph)
    if reached is not None:
        return reached
    usage = usage_of(world, graph, account_id, graph.created_at)
    if usage is None:
        return Obstacle.VOLUME_UNKNOWN
    too_high = graph_volume(world, graph) + usage.total > world.quotas.volume_bytes_per_day
    return Obstacle.VOLUME_TOO_HIGH if too_high else None


def reached_limit(world: World, graph: BehaviorGraph) -> Obstacle | None:
    """Return the limit that a graph has reached, so that no further account can be enabled; None if there is none.

    Source: service model, `StartMonitoringMember`.
    """
    if world.enabled_count(graph) >= world.quotas.members_per_graph:
        return Obstacle.MEMBER_COUNT
    return obstacle_to_adding(world, graph, ())


def obstacle_to_adding(world: World, graph: BehaviorGraph, account_ids: Collection[str]) -> Obstacle | None:
    """Return why accounts cannot be invited or enrolled at all, None if they can.

    Args:
        account_ids: The accounts. Of the rows present, those whose verification failed do not count (an inference).
    Source: service model, `CreateMembers`.
    """
    table = world.rows(graph.arn)
    rows = [table.rows.get(account_id) for account_id in account_ids]
    gained = sum(row is None or row.status is MemberStatus.VERIFICATION_FAILED for row in rows)
    if gained and world.member_count(graph) - table.failed + gained > world.quotas.members_per_graph:
        return Obstacle.MEMBER_COUNT
    if graph_volume(world, graph) > world.quotas.volume_bytes_per_day:
        return Obstacle.VOLUME_TOO_HIGH
    return None


def disabled_reason(world: World, graph: BehaviorGraph, account_id: str) -> DisabledReason | None:
    """Return the reason that the service reports for an account that cannot be enabled now, if any."""
    found = obstacle(world, graph, account_id)
    return found.value if found else None


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
        Conflict: `may_be_added` is false.
    """
    former = world.membership(graph.arn, account_id)
    organization = world.is_organization_account(graph, account_id)
    if former is not None and former.status in _UNANSWERED and may_be_added(world, graph, account_id):
        convert(world, graph, former, at)
        return world.rows(graph.arn).rows[account_id]
    is_verified = organization or graph.verifies_invitations
    event = MemberEvent.INVITED if is_verified else MemberEvent.INVITED_UNVERIFIED
    status = status_after(None if former is None else former.status, event, account_id)
    assert status is not None, event  # noqa: S101 - an invitation always creates a row
    membership = Membership(
        account_id=account_id,
        number=world.next_number(),
        invitation_type=InvitationType.ORGANIZATION if organization else InvitationType.INVITATION,
        status=status,
        updated_at=at,
        invited_at=at,
        email=email or world.account(account_id).email if organization else email,
    )
    world.put(graph, membership)
    schedule_next(world, graph, membership, at, message=message, notify=notify)
    return membership


def may_be_added(world: World, graph: BehaviorGraph, account_id: str) -> bool:
    """Return whether `CreateMembers` processes an account.

    It does if the account has no row, if its verification failed, or if it joined the organization before it answered
    its invitation. Source: service model, `CreateMembers`; administration guide, accounts-orgs-transition.
    """
    row = world.membership(graph.arn, account_id)
    if row is None or row.status is MemberStatus.VERIFICATION_FAILED:
        return True
    invited = row.invitation_type is InvitationType.INVITATION and row.status in _UNANSWERED
    return invited and world.is_organization_account(graph, account_id)


def enrol(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Enable an organization account that has been verified, or leave it disabled with the reason."""
    _enable(world, graph, membership, at, fits=MemberEvent.ENROLLED, over=MemberEvent.ENROLLED_OVER_LIMIT)


def accept(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Accept an invitation. The account is enabled at once unless a limit or the timing `enabling` prevents it.

    An account that has joined the organization since it was invited becomes an organization account (an inference).

    Raises:
        Conflict: The invitation is not open.
    """
    if world.is_organization_account(graph, membership.account_id):
        membership = attrs.evolve(membership, invitation_type=InvitationType.ORGANIZATION)
    _enable(world, graph, membership, at, fits=MemberEvent.ACCEPTED, over=MemberEvent.ACCEPTED_OVER_LIMIT)


def enable_waiting(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Enable an account that was to be enabled some time ago, or leave it disabled with the reason."""
    if not _check(world, graph, membership, at):
        check_hourly(world, graph, at)


def start_monitoring(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> bool:
    """Enable a disabled account if there is no obstacle and AWS has decided. Return whether it is enabled now.

    Raises:
        Conflict: The account is not `ACCEPTED_BUT_DISABLED`.
    """
    usage = usage_of(world, graph, membership.account_id, at)
    enabled = membership.after(MemberEvent.MONITORING_STARTED, at, usage=usage)
    if membership.enabling or obstacle(world, graph, membership.account_id):
        return False
    world.put(graph, enabled)
    return True


def recheck(world: World, graph: BehaviorGraph, at: datetime) -> bool:
    """Enable the disabled accounts without an obstacle, in the order invited. Return whether any stay disabled.

    Those get the reason that applies now (an inference).

    Source: administration guide, accounts-invited-members-add.
    """
    for membership in list(world.rows(graph.arn).ordered()):
        if _awaits_check(membership):
            _check(world, graph, membership, at)
    return any(map(_awaits_check, world.rows(graph.arn).rows.values()))


def schedule_next(
    world: World,
    graph: BehaviorGraph,
    membership: Membership,
    at: datetime,
    *,
    message: str | None = None,
    notify: bool = True,
) -> None:
    """Schedule the event that a membership waits for in its status, if any.

    Args:
        message: As for `invite`.
        notify: As for `invite`. Organization accounts get no e-mail.
    """
    is_unverified = membership.status is MemberStatus.VERIFICATION_IN_PROGRESS
    if is_unverified or membership.enabling:
        world.schedule(
            EventKind.VERIFICATION if is_unverified else EventKind.ENABLING,
            at,
            scope=graph.arn,
            subject=membership.account_id,
            membership=membership.number,
            message=message,
            notify=notify and is_unverified and membership.invitation_type is InvitationType.INVITATION,
        )
    elif membership.status is MemberStatus.ACCEPTED_BUT_DISABLED:
        check_hourly(world, graph, at)


def check_hourly(world: World, graph: BehaviorGraph, at: datetime) -> None:
    """Schedule the next re-check of a graph unless it is scheduled already."""
    if graph.arn not in world.rechecks:
        world.rechecks.add(graph.arn)
        world.schedule(EventKind.RECHECK, at, scope=graph.arn, subject=graph.arn)


def convert(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
    """Turn an invited account into an organization account of the graph, and enable it.

    Source: administration guide, accounts-orgs-transition.
    """
    converted = attrs.evolve(membership, invitation_type=InvitationType.ORGANIZATION)
    if membership.status is MemberStatus.ENABLED or membership.enabling:
        world.put(graph, converted)
    else:
        world.cancel_events(membership)
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
    if world.timings.enabling != timedelta():
        # While AWS checks the volume (24 to 48 hours, administration guide of 2021) it is not known.
        changed = membership.after(over, at, disabled_reason=DisabledReason.VOLUME_UNKNOWN, enabling=True)
    elif found := obstacle(world, graph, membership.account_id):
        changed = membership.after(over, at, disabled_reason=found.value)
    else:
        changed = membership.after(fits, at, usage=usage_of(world, graph, membership.account_id, at))
    world.put(graph, changed)
    schedule_next(world, graph, changed, at)


def _check(world: World, graph: BehaviorGraph, membership: Membership, at: datetime) -> bool:
    """Enable a disabled account, or update the reason why it stays disabled. Return whether it is enabled now."""
    decided = attrs.evolve(membership, enabling=False)
    is_enabled = start_monitoring(world, graph, decided, at)
    if not is_enabled:
        decided = attrs.evolve(decided, disabled_reason=disabled_reason(world, graph, membership.account_id))
        if decided != membership:
            world.put(graph, decided)
    return is_enabled


def _awaits_check(membership: Membership) -> bool:
    return membership.status is MemberStatus.ACCEPTED_BUT_DISABLED and not membership.enabling
