"""From the graphs of a checked scenario to graphs, members and investigations in a world."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import attrs

from detective_fake.domain import datasources, enrolment, ids, investigations
from detective_fake.domain.datasources import IngestState, PackageIngest
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.graph import BehaviorGraph
from detective_fake.domain.investigation_table import InvestigationTable
from detective_fake.domain.investigations import (
    DEFAULT_SCOPE,
    Investigation,
    PreparedInvestigation,
    Status,
    entity_type_of,
)
from detective_fake.domain.members import MemberTable
from detective_fake.domain.membership import DisabledReason, Membership, MemberStatus, Usage
from detective_fake.scenario.context import place_of
from detective_fake.scenario.entries import MemberEntry
from detective_fake.scenario.usual import (
    usual_address,
    usual_invitation_type,
    usual_invited_at,
    usual_usage,
)
from detective_fake.scenario.values import AccountId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from detective_fake.domain.clock import Clock
    from detective_fake.domain.datasources import Packages
    from detective_fake.domain.investigations import Severity
    from detective_fake.domain.world import World
    from detective_fake.scenario.context import Context
    from detective_fake.scenario.entries import GraphEntry, InvestigationEntry

    Described = tuple[BehaviorGraph, GraphEntry]

__all__ = ["Site", "add_graph", "add_investigations", "add_members"]


@attrs.frozen(kw_only=True)
class Site:
    """Where a scenario becomes a world.

    Attributes:
        world: Under construction.
        now: The present time.
        counted: The file says how many identifiers were given out; else they are counted as they come.
        expects_events: The file does not say what is going to happen; what follows from it is expected.
    """

    world: World
    clock: Clock
    context: Context
    now: datetime
    counted: bool
    expects_events: bool

    def time(self, given: datetime | None, otherwise: datetime) -> datetime:
        """Return a time as the clock gives it."""
        return otherwise if given is None else self.clock.cut(given)


def add_graph(site: Site, entry: GraphEntry, organization_id: str | None) -> BehaviorGraph:
    """Add a graph without members."""
    world = site.world
    region, administrator_id = place_of(entry, site.context)
    arn: str | None = entry.arn
    if arn is None or not site.counted:
        count = world.count("graph", f"{region}/{administrator_id}")
        arn = arn or ids.graph_arn(seed=world.id_seed, account_id=administrator_id, region=region, count=count)
    created_at = site.time(entry.created_at, site.now)
    graph = BehaviorGraph(
        arn=arn,
        administrator_id=administrator_id,
        region=region,
        created_at=created_at,
        packages=_packages(site, entry, created_at),
        tags=entry.tags,
        organization_id=organization_id,
        auto_enable=entry.auto_enable,
    )
    world.put_graph(graph)
    world.graph_of[region, administrator_id] = arn
    world.members[arn] = MemberTable()
    world.investigations[arn] = InvestigationTable()
    return graph


def _packages(site: Site, entry: GraphEntry, created_at: datetime) -> Packages:
    if entry.packages is None:
        return datasources.initial(created_at)
    packages = {}
    for each in entry.packages:
        changes = {IngestState.STARTED: site.time(each.started_at, created_at)}
        if each.stopped_at is not None:
            changes[IngestState.STOPPED] = site.clock.cut(each.stopped_at)
        packages[each.package] = PackageIngest(state=each.state, changes=changes)
    return packages


def add_members(site: Site, described: Iterable[Described]) -> int:
    """Add the members of all graphs, in the order of their numbers; return the largest of these."""
    entries = [(graph, member) for graph, entry in described for member in _with_administrator(graph, entry)]
    rows = [(number, graph, member) for number, (graph, member) in zip(_numbers(entries), entries, strict=True)]
    rows.sort(key=itemgetter(0))
    for number, graph, member in rows:
        site.world.put(graph, _membership(site, graph, member, number))
    for _, graph, member in rows:
        _explain(site, graph, member)
    return rows[-1][0] if rows else 0


def _with_administrator(graph: BehaviorGraph, entry: GraphEntry) -> Iterator[MemberEntry]:
    own = graph.administrator_id
    if graph.organization_id is not None and all(each.account_id != own for each in entry.members):
        yield MemberEntry(account_id=AccountId(own))
    yield from entry.members


def _numbers(entries: Iterable[tuple[BehaviorGraph, MemberEntry]]) -> Iterator[int]:
    entries = list(entries)
    given = {member.number for _, member in entries}
    last = 0
    for _, member in entries:
        number = member.number or last + 1
        while member.number is None and number in given:
            number += 1
        last = max(last, number)
        yield number


def _membership(site: Site, graph: BehaviorGraph, entry: MemberEntry, number: int) -> Membership:
    world, account_id = site.world, entry.account_id
    invitation_type = entry.invitation_type or usual_invitation_type(world, graph, account_id)
    invited_at = usual_invited_at(graph, account_id, invitation_type)
    if entry.invited_at is not None:
        invited_at = site.clock.cut(entry.invited_at)
    updated_at = site.time(entry.updated_at, invited_at or graph.created_at)
    email = usual_address(world, graph, account_id) if entry.email is None else entry.email or None
    return Membership(
        account_id=account_id,
        number=number,
        invitation_type=invitation_type,
        status=entry.status,
        updated_at=updated_at,
        email=email,
        invited_at=invited_at,
        disabled_reason=DisabledReason(entry.disabled_reason) if entry.disabled_reason else None,
        usage=_usage(site, graph, entry, updated_at),
        enabling=entry.enabling,
    )


def _usage(site: Site, graph: BehaviorGraph, entry: MemberEntry, updated_at: datetime) -> Usage | None:
    measured_at = site.time(entry.measured_at, updated_at)
    if entry.daily_volume_bytes is None:
        return usual_usage(site.world, graph, entry.account_id, entry.status, measured_at)
    volumes = entry.daily_volume_bytes.by_package
    return None if volumes is None else Usage(sum(volumes.values()), volumes, measured_at)


def _explain(site: Site, graph: BehaviorGraph, entry: MemberEntry) -> None:
    """Say why a member is disabled, where the file does not: by what its account and all the others make."""
    if entry.status is not MemberStatus.ACCEPTED_BUT_DISABLED or entry.disabled_reason is not None:
        return
    reason = enrolment.disabled_reason(site.world, graph, entry.account_id)
    if entry.enabling:
        reason = DisabledReason.VOLUME_UNKNOWN
    membership = site.world.rows(graph.arn).rows[entry.account_id]
    site.world.put(graph, attrs.evolve(membership, disabled_reason=reason))


def add_investigations(site: Site, described: Iterable[Described]) -> None:
    """Add the investigations of all graphs, and what those to come are going to find."""
    for graph, entry in described:
        for investigation in entry.investigations:
            _add_investigation(site, graph, investigation)
        for prepared in entry.prepared_investigations:
            ending = PreparedInvestigation.of(prepared.outcome, prepared.severity, prepared.indicators)
            site.world.prepared[graph.arn, prepared.entity_arn] = ending


def _add_investigation(site: Site, graph: BehaviorGraph, entry: InvestigationEntry) -> None:
    created_at = site.time(entry.created_at, graph.created_at)
    scope_end = site.time(entry.scope_end, created_at)
    scope_start = site.time(entry.scope_start, scope_end - DEFAULT_SCOPE)
    if entry.investigation_id is None:
        investigations.seed(
            site.world,
            graph,
            entry.entity_arn,
            at=site.now,
            created_at=created_at,
            scope_start=scope_start,
            scope_end=scope_end,
            status=entry.status,
            severity=entry.severity,
            state=entry.state,
            indicators=entry.indicators,
        )
        return
    entity_type = entity_type_of(entry.entity_arn)
    assert entity_type is not None  # noqa: S101 - the format takes no other ARN
    investigation = Investigation(
        investigation_id=entry.investigation_id,
        number=entry.number or site.world.next_number(),
        entity_arn=entry.entity_arn,
        entity_type=entity_type,
        created_at=created_at,
        scope_start=scope_start,
        scope_end=scope_end,
        status=entry.status,
        state=entry.state,
        severity=_severity(entry),
        indicators=entry.indicators,
    )
    site.world.put_investigation(graph.arn, investigation)
    if site.expects_events and entry.status is Status.RUNNING:
        subject = investigation.investigation_id
        site.world.schedule(EventKind.INVESTIGATION, site.now, scope=graph.arn, subject=subject)


def _severity(entry: InvestigationEntry) -> Severity | None:
    if entry.status is Status.RUNNING:
        return None
    return PreparedInvestigation.of(entry.status, entry.severity, entry.indicators).severity
