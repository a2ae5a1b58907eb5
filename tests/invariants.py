"""Invariants of every world, and a check that status changes follow the table of transitions."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import TRANSITIONS, InvitationType, MemberStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

ONLY_INVITED = {MemberStatus.INVITED, MemberStatus.VERIFICATION_FAILED}


def violations(world: World) -> list[str]:
    """Return a description of each invariant that a world violates.

    Members added without checks (`builders.a_member`) may violate the invariants of the event queue.
    """
    return [
        *_indexes(world),
        *_tables(world),
        *_rows(world),
        *_times(world),
        *_event_queue(world),
        *_designations(world),
    ]


def unexplained(before: World, after: World) -> list[str]:
    """Return the status changes that no sequence of events in the table of transitions can cause."""
    return [
        f"{was.account_id} in {arn}: {was.status.value} -> {now.status.value}"
        for arn, table in after.members.items()
        for account_id, now in table.rows.items()
        if arn in before.members and (was := before.members[arn].rows.get(account_id)) is not None
        if was.number == now.number and now.status not in _REACHABLE[was.status]
    ]


def _reachable(status: MemberStatus) -> set[MemberStatus]:
    found, look = {status}, [status]
    while look:
        present = look.pop()
        following = {to for (origin, _), to in TRANSITIONS.items() if origin is present and to is not None} - found
        found |= following
        look += following
    return found


_REACHABLE = {status: _reachable(status) for status in MemberStatus}


def _indexes(world: World) -> Iterator[str]:
    graphs = world.graphs
    if world.graph_of != {(graph.region, graph.administrator_id): arn for arn, graph in graphs.items()}:
        yield "graph_of is not one graph per administrator and Region"
    if len(world.graph_of) != len(graphs):
        yield "an account administers two graphs in a Region"
    if not graphs.keys() == world.members.keys() == world.investigations.keys():
        yield "graphs, members and investigations are not of the same graphs"
    expected: dict[tuple[str, str], set[str]] = {}
    for arn, graph in graphs.items():
        for account_id in world.rows(arn).rows.keys() - {graph.administrator_id}:
            expected.setdefault((graph.region, account_id), set()).add(arn)
    if world.memberships != expected:
        yield "what accounts are members of is not what graphs have as members"


def _tables(world: World) -> Iterator[str]:
    for arn, table in world.members.items():
        enabled = [row for row in table.rows.values() if row.status is MemberStatus.ENABLED]
        if table.enabled != len(enabled):
            yield f"{arn} counts {table.enabled} enabled members and has {len(enabled)}"
        if table.failed != sum(row.status is MemberStatus.VERIFICATION_FAILED for row in table.rows.values()):
            yield f"{arn} counts {table.failed} failed members, which it does not have"
        if table.volume != sum(row.usage.total for row in enabled if row.usage):
            yield f"{arn} has a volume of {table.volume} that is not the sum of its members'"
        if table.ordered() != sorted(table.rows.values(), key=lambda row: row.number):
            yield f"{arn} does not have its members in the order invited"
        if any(account_id != row.account_id for account_id, row in table.rows.items()):
            yield f"{arn} has a row under another account's id"
    numbers = Counter(row.number for table in world.members.values() for row in table.rows.values())
    if any(count > 1 for count in numbers.values()):
        yield "two memberships have the same number"


def _rows(world: World) -> Iterator[str]:
    for arn, table in world.members.items():
        graph = world.graphs[arn]
        listed = graph.organization_id is not None or world.behavior.administrator_listed
        if (graph.administrator_id in table.rows) is not listed:
            yield f"{arn} has a row of its administrator and is no organization graph, or the other way round"
        for row in table.rows.values():
            for said in _about_row(world, graph, row):
                yield f"{row.account_id} in {arn} {said}"


def _about_row(world: World, graph: BehaviorGraph, row: Membership) -> Iterator[str]:
    own = row.account_id == graph.administrator_id
    organization = row.invitation_type is InvitationType.ORGANIZATION
    if organization and row.status in ONLY_INVITED:
        yield f"is an organization account and {row.status.value}"
    if organization and not world.is_organization_account(graph, row.account_id):
        yield "is an organization account of another organization, or of none"
    if own and (row.status is not MemberStatus.ENABLED or row.email is not None):
        yield "administers the graph and is not enabled, or has an e-mail address"
    if row.disabled_reason is not None and row.status is not MemberStatus.ACCEPTED_BUT_DISABLED:
        yield f"is {row.status.value} with a disabled reason"
    if row.enabling and row.status is not MemberStatus.ACCEPTED_BUT_DISABLED:
        yield f"is {row.status.value} and still about to be enabled"
    if row.usage is not None and row.status is not MemberStatus.ENABLED:
        yield f"is {row.status.value} with a volume"


def _times(world: World) -> Iterator[str]:
    times: dict[str, list[datetime | None]] = {
        arn: [graph.created_at, *(at for ingest in graph.packages.values() for at in ingest.changes.values())]
        for arn, graph in world.graphs.items()
    }
    for arn, table in world.members.items():
        for row in table.rows.values():
            times[arn] += [row.invited_at, row.updated_at, row.usage.measured_at if row.usage else row.updated_at]
        times[arn] += [each.created_at for each in world.investigations.get(arn, {}).values()]
    for (region, _), designation in world.designations.items():
        times.setdefault(region, []).append(designation.delegated_at)
    for name, each in times.items():
        if not all(isinstance(at, datetime) and at.tzinfo is not None for at in each):
            yield f"{name} has a time that is none"


def _event_queue(world: World) -> Iterator[str]:
    events = world.event_queue.events()
    numbers = [event.number for event in events]
    if len(set(numbers)) != len(numbers):
        yield "two events have the same number"
    checks = sorted(event.scope for event in events if event.kind is EventKind.RECHECK)
    if checks != sorted(world.rechecks):
        yield "the hourly checks in the event queue are not those that are noted"
    for event in events:
        alive = event.scope in world.graphs or event.kind is EventKind.ADMINISTRATOR_VISIBILITY
        row = world.membership(event.scope, event.subject)
        waits = row is not None and (row.enabling or row.status is MemberStatus.VERIFICATION_IN_PROGRESS)
        if not alive or not event.subject or (event.membership and not waits):
            yield f"{event.kind.value} of {event.subject} is pending for nothing"
    awaited = {(event.scope, event.membership) for event in events if event.membership}
    for arn, table in world.members.items():
        for row in table.rows.values():
            waits = row.status is MemberStatus.VERIFICATION_IN_PROGRESS or row.enabling
            if waits and (arn, row.number) not in awaited:
                yield f"{row.account_id} in {arn} waits for an event that is not in the event queue"
            if row.status is MemberStatus.ACCEPTED_BUT_DISABLED and not row.enabling and arn not in checks:
                yield f"{row.account_id} in {arn} is disabled and never checked again"


def _designations(world: World) -> Iterator[str]:
    for (region, organization_id), designation in world.designations.items():
        organization = world.organizations[organization_id]
        if designation.administrator_id not in organization.accounts:
            yield f"{designation.administrator_id} is designated by an organization that it is not in"
        if not organization.may_administer(designation.administrator_id):
            yield f"{designation.administrator_id} is neither the delegated administrator nor management"
        graph = world.graphs.get(designation.graph_arn)
        if graph is not None and (graph.region, graph.organization_id) != (region, organization_id):
            yield f"{graph.arn} is not the organization graph that its designation calls it"
    designated = {designation.graph_arn for designation in world.designations.values()}
    for arn, graph in world.graphs.items():
        if graph.organization_id is not None and arn not in designated:
            yield f"{arn} is an organization graph whose administrator is not designated"
