"""From a checked scenario to the world it describes: a new one, so that nothing half-built is ever seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from detective_fake.domain import enrolment, ids
from detective_fake.domain.account import Account
from detective_fake.domain.emails import Email
from detective_fake.domain.event_queue import EventKind, PendingEvent
from detective_fake.domain.membership import MemberStatus
from detective_fake.domain.organization import Designation, Organization
from detective_fake.domain.world import World
from detective_fake.scenario.context import (
    account_ids,
    delegated_administrator,
    designated,
    given_limits,
    management_account,
    place_of,
)
from detective_fake.scenario.entries import GraphEntry
from detective_fake.scenario.graphs import Site, add_graph, add_investigations, add_members
from detective_fake.scenario.values import RegionName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detective_fake.domain.clock import Clock
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.scenario.context import Context, Place
    from detective_fake.scenario.entries import DesignationEntry, OrganizationEntry
    from detective_fake.scenario.format import EventEntry, Scenario

__all__ = ["build"]


def build(scenario: Scenario, context: Context, *, like: World, clock: Clock) -> World:
    """Return a world in the state that a scenario describes.

    Args:
        scenario: Checked.
        like: Whose seed, quotas and timings hold where the scenario says nothing.
        clock: Tells the present time.
    Raises:
        OverflowError: A time is so close to the year 1 or 9999 that another one would lie beyond.
    """
    world = World(id_seed=like.id_seed, quotas=attrs.evolve(like.quotas), timings=attrs.evolve(like.timings))
    counted = scenario.counters is not None
    expects_events = scenario.events is None
    site = Site(
        world=world, clock=clock, context=context, now=clock.now(), counted=counted, expects_events=expects_events
    )
    _set_limits(world, scenario)
    _count(world, scenario)
    _add_accounts(world, scenario)
    organization_ids = _add_organizations(site, scenario)
    described = _add_graphs(site, scenario, organization_ids)
    _designate(site, scenario, organization_ids)
    _number_from(world, add_members(site, described), scenario)
    add_investigations(site, described)
    _add_emails(site, scenario)
    if scenario.events is None:
        _expect_events(site)
    else:
        _add_events(site, scenario.events)
    return world


def _set_limits(world: World, scenario: Scenario) -> None:
    for limits, entry in ((world.quotas, scenario.quotas), (world.timings, scenario.timings)):
        for name, value in given_limits(entry).items():
            setattr(limits, name, value)


def _count(world: World, scenario: Scenario) -> None:
    if scenario.counters is not None:
        for kind, names in scenario.counters.identifiers.items():
            world.counts.update({(kind, name): count for name, count in names.items()})


def _add_accounts(world: World, scenario: Scenario) -> None:
    accounts = world.accounts
    for organization in scenario.organizations:
        for each in organization.accounts:
            if each.email:
                accounts[each.account_id] = Account(account_id=each.account_id, email=each.email)
    for entry in scenario.accounts:
        usual = world.account(entry.account_id)
        accounts[entry.account_id] = Account(
            account_id=entry.account_id,
            email=usual.email if entry.email is None else entry.email or None,
            volumes=usual.volumes if entry.daily_volume_bytes is None else entry.daily_volume_bytes.by_package,
            verifies=entry.verifies,
            guardduty=entry.guardduty,
            closed=entry.closed,
        )


def _add_organizations(site: Site, scenario: Scenario) -> list[str]:
    """Add all organizations, return their ids in the order of the file."""
    taken = {entry.organization_id for entry in scenario.organizations}
    organization_ids: list[str] = []
    for entry in scenario.organizations:
        organization_id: str | None = entry.organization_id
        if organization_id is None:
            organization_id = _made_up_organization_id(site.world, taken)
        elif not site.counted:
            site.world.count("organization", "")
        organization_ids.append(organization_id)
        site.world.organizations[organization_id] = _organization(site, entry, organization_id)
    return organization_ids


def _made_up_organization_id(world: World, taken: set[Any]) -> str:
    while True:
        count = world.count("organization", "")
        organization_id = ids.organization_id(seed=world.id_seed, count=count)
        if organization_id not in taken:
            return organization_id


def _organization(site: Site, entry: OrganizationEntry, organization_id: str) -> Organization:
    emails: dict[str, str | None] = {each.account_id: each.email or None for each in entry.accounts}
    return Organization(
        organization_id=organization_id,
        management_account_id=management_account(entry, site.context),
        accounts={account_id: emails.get(account_id) for account_id in account_ids(entry, site.context)},
        delegated_administrator_id=delegated_administrator(entry, site.context),
    )


def _add_graphs(
    site: Site, scenario: Scenario, organization_ids: Sequence[str]
) -> list[tuple[BehaviorGraph, GraphEntry]]:
    """Add the graphs that are described, and those that a designation brings with it."""
    organization_of: dict[Place, str] = {}
    missing: dict[Place, DesignationEntry] = {}
    for organization_id, organization in zip(organization_ids, scenario.organizations, strict=True):
        for each in organization.designations:
            if each.deleted_graph_arn is None:
                place = designated(each, site.context)
                organization_of[place] = organization_id
                missing[place] = each
    for entry in scenario.graphs:
        missing.pop(place_of(entry, site.context), None)
    made = [
        GraphEntry(region=RegionName(region), administrator_id=each.administrator_id, created_at=each.delegated_at)
        for (region, _), each in missing.items()
    ]
    return [
        (add_graph(site, entry, organization_of.get(place_of(entry, site.context))), entry)
        for entry in (*scenario.graphs, *made)
    ]


def _designate(site: Site, scenario: Scenario, organization_ids: Sequence[str]) -> None:
    world = site.world
    designations = world.designations
    for organization_id, organization in zip(organization_ids, scenario.organizations, strict=True):
        for entry in organization.designations:
            region, administrator_id = designated(entry, site.context)
            arn = entry.deleted_graph_arn or world.graph_of[region, administrator_id]
            graph = world.graphs.get(arn)
            designations[region, organization_id] = Designation(
                administrator_id=administrator_id,
                graph_arn=arn,
                delegated_at=site.time(entry.delegated_at, site.now if graph is None else graph.created_at),
            )
    if scenario.listed_administrators is None:
        world.listed.update(designations)
        return
    for listed in scenario.listed_administrators:
        world.listed[listed.region, listed.organization_id] = Designation(
            administrator_id=listed.administrator_id,
            graph_arn=listed.graph_arn,
            delegated_at=site.clock.cut(listed.delegated_at),
        )


def _number_from(world: World, last: int, scenario: Scenario) -> None:
    """Let numbers given out from now on be larger than all that the file has."""
    numbers = [last, scenario.counters.last_number if scenario.counters else 0]
    numbers += [each.number or 0 for graph in scenario.graphs for each in graph.investigations]
    numbers += [each.number or 0 for each in scenario.events or ()]
    world.last_number = max(numbers)


def _add_emails(site: Site, scenario: Scenario) -> None:
    emails = site.world.emails
    for entry in scenario.emails:
        emails.append(
            Email(
                account_id=entry.account_id,
                address=entry.address,
                administrator_id=entry.administrator_id,
                graph_arn=entry.graph_arn,
                message=entry.message,
                sent_at=site.clock.cut(entry.sent_at),
            )
        )


def _expect_events(site: Site) -> None:
    """Schedule what follows from memberships and investigations, as `fake.seed` does."""
    world = site.world
    for graph in world.graphs.values():
        for member in world.rows(graph.arn).ordered():
            kind = _next_event(member)
            if kind is EventKind.RECHECK:
                enrolment.check_hourly(world, graph, site.now)
            elif kind is not None:
                world.schedule(kind, site.now, scope=graph.arn, subject=member.account_id, membership=member.number)


def _next_event(member: Membership) -> EventKind | None:
    if member.status is MemberStatus.VERIFICATION_IN_PROGRESS:
        return EventKind.VERIFICATION
    if member.status is MemberStatus.ACCEPTED_BUT_DISABLED:
        return EventKind.ENABLING if member.enabling else EventKind.RECHECK
    return None


def _add_events(site: Site, entries: Sequence[EventEntry]) -> None:
    for entry in entries:
        event = PendingEvent(
            due=None if entry.due is None else site.clock.cut(entry.due),
            number=entry.number or site.world.next_number(),
            kind=entry.kind,
            scope=entry.scope,
            subject=entry.subject,
            membership=entry.membership,
            message=entry.message,
            notify=entry.notify,
        )
        site.world.event_queue.add(event)
        if event.kind is EventKind.RECHECK:
            site.world.rechecks.add(event.scope)
