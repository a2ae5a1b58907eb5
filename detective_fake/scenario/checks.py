"""What the entries of a scenario must be together: what no state of a fake can have is refused here.

Limits are not looked at: as with `fake.seed`, a graph may have more members than the quota allows.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.scenario.context import (
    account_ids,
    delegated_administrator,
    designated,
    given_limits,
    management_account,
    organization_places,
    place_of,
)
from detective_fake.scenario.graph_checks import Addresses, check_arn, check_graph, refused, repeated
from detective_fake.scenario.problems import Problem, index, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from detective_fake.scenario.context import Context, Place
    from detective_fake.scenario.entries import DesignationEntry, GraphEntry, OrganizationEntry
    from detective_fake.scenario.format import Scenario

__all__ = ["check_scenario"]


def check_scenario(scenario: Scenario, context: Context, now: datetime) -> list[Problem]:
    """Return everything that is wrong with the entries of a scenario."""
    addresses = Addresses(context)
    parts = (
        _check_limits(scenario),
        _check_accounts(scenario, addresses),
        _check_organizations(scenario, context, addresses),
        _check_graphs(scenario, context, now, addresses),
        _check_numbers(scenario),
    )
    return list(chain.from_iterable(parts))


def _check_limits(scenario: Scenario) -> Iterator[Problem]:
    """Check limits as `fake.quotas` and `fake.timings` do."""
    for path, limits, entry in (("quotas", Quotas, scenario.quotas), ("timings", Timings, scenario.timings)):
        for name, value in given_limits(entry).items():
            yield from refused(key(path, name), limits.of, {name: value})


def _check_accounts(scenario: Scenario, addresses: Addresses) -> Iterator[Problem]:
    described = [(("accounts", i), each.account_id) for i, each in enumerate(scenario.accounts)]
    yield from repeated(described, "account {value} is described in {first} already")
    yield from addresses.check("accounts", scenario.accounts)


def _check_organizations(scenario: Scenario, context: Context, addresses: Addresses) -> Iterator[Problem]:
    organizations = list(enumerate(scenario.organizations))
    names = [(("organizations", i), each.organization_id) for i, each in organizations if each.organization_id]
    yield from repeated(names, "{first} has the same organization_id")
    accounts = chain.from_iterable(_accounts(index("organizations", i), each, context) for i, each in organizations)
    yield from repeated(accounts, "account {value} is in an organization already, {first}; it can be in one only")
    graphs = {place_of(graph, context): graph for graph in scenario.graphs}
    for i, organization in organizations:
        path = index("organizations", i)
        yield from addresses.check(key(path, "accounts"), organization.accounts)
        yield from _check_delegated(path, organization, context)
        yield from _check_designations(key(path, "designations"), organization, graphs, context)


def _accounts(path: str, entry: OrganizationEntry, context: Context) -> Iterator[tuple[tuple[str, int], str]]:
    accounts = key(path, "accounts")
    yield from (((accounts, i), each.account_id) for i, each in enumerate(entry.accounts))
    if len(account_ids(entry, context)) > len(entry.accounts):
        yield (key(path, "management_account_id"), -1), management_account(entry, context)


def _check_delegated(path: str, organization: OrganizationEntry, context: Context) -> Iterator[Problem]:
    management = management_account(organization, context)
    delegated = delegated_administrator(organization, context)
    path = key(path, "delegated_administrator_id")
    if delegated == management:
        yield Problem(path, f"{management} is the management account, which cannot be the delegated administrator")
    elif delegated is not None and delegated not in account_ids(organization, context):
        yield Problem(path, f"{delegated} is not among the accounts of the organization")


def _check_designations(
    path: str, organization: OrganizationEntry, graphs: Mapping[Place, GraphEntry], context: Context
) -> Iterator[Problem]:
    places = [designated(each, context) for each in organization.designations]
    regions = [((path, i), region) for i, (region, _) in enumerate(places)]
    yield from repeated(regions, "{first} is of {value}, too; a Region has one administrator account")
    management = management_account(organization, context)
    delegated = delegated_administrator(organization, context)
    for i, (place, designation) in enumerate(zip(places, organization.designations, strict=True)):
        if designation.administrator_id not in {management, delegated}:
            yield Problem(
                index(path, i),
                f"{designation.administrator_id} is neither the delegated administrator, {delegated}, nor the "
                f"management account, {management}",
            )
        yield from _check_deleted(key(index(path, i), "deleted_graph_arn"), designation, place, graphs.get(place))


def _check_deleted(path: str, entry: DesignationEntry, place: Place, graph: GraphEntry | None) -> Iterator[Problem]:
    if entry.deleted_graph_arn is None:
        return
    yield from check_arn(path, entry.deleted_graph_arn, place)
    if graph is not None and graph.arn == entry.deleted_graph_arn:
        yield Problem(path, "is the ARN of a graph that is there")


def _check_graphs(scenario: Scenario, context: Context, now: datetime, addresses: Addresses) -> Iterator[Problem]:
    places = [place_of(graph, context) for graph in scenario.graphs]
    yield from repeated(
        [(("graphs", i), place) for i, place in enumerate(places)],
        "{value[1]} administers a graph in {value[0]} already, {first}; an account has one a Region",
    )
    accounts_of = organization_places(scenario, context)
    for i, (graph, place) in enumerate(zip(scenario.graphs, places, strict=True)):
        yield from check_graph(
            index("graphs", i), graph, place, accounts_of.get(place), context=context, now=now, addresses=addresses
        )


def _check_numbers(scenario: Scenario) -> Iterator[Problem]:
    """Check that nothing has the number of another of its kind: numbers decide what comes first."""
    message = "{value} is the number of {first} already"
    members: list[tuple[tuple[str, int], int | None]] = []
    investigations: list[tuple[tuple[str, int], int | None]] = []
    for i, graph in enumerate(scenario.graphs):
        path = index("graphs", i)
        members += [((f"{path}.members", j), each.number) for j, each in enumerate(graph.members)]
        investigations += [((f"{path}.investigations", j), each.number) for j, each in enumerate(graph.investigations)]
    events = [(("events", i), each.number) for i, each in enumerate(scenario.events or ())]
    for entries in (members, investigations, events):
        yield from repeated([entry for entry in entries if entry[1] is not None], message)
