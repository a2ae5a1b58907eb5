"""How an organization designates its Detective administrator, and how its changes affect behavior graphs.

A designation applies to one Region. The delegated administrator is the same in all Regions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from detective_fake.domain import enrolment
from detective_fake.domain.account import Designation
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.ids import is_govcloud
from detective_fake.domain.membership import InvitationType, MemberEvent, Membership, MemberStatus
from detective_fake.errors import ValidationFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from detective_fake.domain.account import Organization
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World


def designate(world: World, organization: Organization, account_id: str, region: str, at: datetime) -> None:
    """Make an account the Detective administrator of its organization in a Region.

    Its graph becomes the organization behavior graph. An account without a graph gets one. Designating the same account
    again changes nothing unless its graph was deleted: then it gets a new one, and `DelegationTime` stays.

    Raises:
        ValidationFailed: The account is not in the organization, or another account is the delegated administrator or
            already designated in this Region (inferences: no other error is modelled).
    Source: service model, `EnableOrganizationAdminAccount`.
    """
    key = (region, organization.organization_id)
    present = world.designations.get(key)
    if account_id not in organization.accounts:
        raise ValidationFailed(f"Account {account_id} is not a member of the organization.")
    if not organization.may_administer(account_id):
        raise ValidationFailed(
            f"Account {account_id} is neither the delegated administrator for Detective, "
            f"{organization.delegated_administrator_id}, nor the management account."
        )
    if present is not None and present.administrator_id != account_id:
        raise ValidationFailed(
            f"Account {present.administrator_id} is already the Detective administrator account in {region}."
        )
    if present is not None and present.graph_arn in world.graphs:
        return
    if account_id != organization.management_account_id:
        register(world, organization, account_id)
    graph = world.administered(region, account_id)
    graph = graph or world.create_graph(account_id=account_id, region=region, at=at)
    graph = attrs.evolve(graph, organization_id=organization.organization_id)
    world.put_graph(graph)
    # A captured response of an organization graph lists its administrator.
    _list_administrator(world, graph, InvitationType.ORGANIZATION, at)
    for membership in list(world.rows(graph.arn).ordered()):
        if membership.account_id in organization.accounts and membership.account_id != account_id:
            enrolment.convert(world, graph, membership, at)
    delegated_at = at if present is None else present.delegated_at
    world.designations[key] = Designation(administrator_id=account_id, graph_arn=graph.arn, delegated_at=delegated_at)
    world.schedule(EventKind.ADMINISTRATOR_VISIBILITY, at, scope=region, subject=organization.organization_id)


def graph_created(world: World, graph: BehaviorGraph, at: datetime) -> None:
    """Make a new graph of a designated administrator, which has deleted its former one, the organization graph again.

    Source: user guide, accounts-remove-admin: Detective is disabled for a removed administrator. The rest is an
    inference.
    """
    organization = world.organization_of(graph.administrator_id)
    present = organization and world.designations.get((graph.region, organization.organization_id))
    if organization and present and present.administrator_id == graph.administrator_id:
        designate(world, organization, graph.administrator_id, graph.region, at)
    elif world.behavior.administrator_listed:
        _list_administrator(world, graph, InvitationType.INVITATION, at)


def withdraw(world: World, organization: Organization, region: str, at: datetime) -> None:
    """Remove the designation in a Region, and the organization behavior graph with it.

    The delegated administrator stays. Source: service model, `DisableOrganizationAdminAccount`.
    """
    designation = world.designations.pop((region, organization.organization_id))
    graph = world.graphs.get(designation.graph_arn)
    if graph is not None:
        world.delete_graph(graph)
    world.schedule(EventKind.ADMINISTRATOR_VISIBILITY, at, scope=region, subject=organization.organization_id)


def deregister(world: World, organization: Organization, at: datetime) -> None:
    """Remove the delegated administrator, its designations in all Regions, and their graphs.

    Regions where the management account is the administrator do not change. Source: service model,
    `DisableOrganizationAdminAccount`; administration guide, accounts-designate-admin.
    """
    delegated = organization.delegated_administrator_id
    register(world, organization, None)
    for (region, organization_id), designation in list(world.designations.items()):
        if organization_id == organization.organization_id and designation.administrator_id == delegated:
            withdraw(world, organization, region, at)


def account_joined(world: World, organization: Organization, account_id: str, email: str | None, at: datetime) -> None:
    """Add an account to an organization. Graphs with automatic enabling enroll it if `CreateMembers` could.

    An account that has accepted an invitation to the organization graph becomes an organization account. One that has
    not keeps the invitation until it accepts, `CreateMembers` adds it, or automatic enabling does (an inference).
    Source: administration guide, accounts-orgs-members-autoenable and accounts-orgs-transition.
    """
    accounts = {**organization.accounts, account_id: email}
    world.organizations[organization.organization_id] = attrs.evolve(organization, accounts=accounts)
    for graph in list(_graphs_of(world, organization)):
        row = world.membership(graph.arn, account_id)
        if row is not None and not enrolment.may_be_added(world, graph, account_id):
            enrolment.convert(world, graph, row, at)
        elif graph.auto_enable and enrolment.obstacle_to_adding(world, graph, [account_id]) is None:
            enrolment.invite(world, graph, account_id, email, at, notify=False)


def account_left(world: World, organization: Organization, account_id: str, at: datetime) -> None:
    """Remove an account from its organization, and from the graphs it is in as an organization account.

    A delegated administrator is deregistered. Source: administration guide, accounts-effects.
    """
    for graph in list(_graphs_of(world, organization)):
        row = None if account_id == graph.administrator_id else world.membership(graph.arn, account_id)
        if row is not None and row.invitation_type is InvitationType.ORGANIZATION:
            enrolment.leave(world, graph, row, MemberEvent.GONE)
    accounts = {each: email for each, email in organization.accounts.items() if each != account_id}
    remaining = attrs.evolve(organization, accounts=accounts)
    world.organizations[organization.organization_id] = remaining
    if organization.delegated_administrator_id == account_id:
        deregister(world, remaining, at)


def account_closed(world: World, account_id: str, at: datetime) -> None:
    """Close an account. Outside GovCloud its graphs are deleted, its designations end, and it leaves other graphs.

    What AWS Organizations has registered does not change. Source: administration guide, accounts-effects.
    """
    world.put_account(attrs.evolve(world.account(account_id), closed=True))
    for (region, organization_id), present in list(world.designations.items()):
        if present.administrator_id == account_id and not is_govcloud(region):
            withdraw(world, world.organizations[organization_id], region, at)
    for graph in [graph for graph in world.graphs.values() if not is_govcloud(graph.region)]:
        row = world.membership(graph.arn, account_id)
        if account_id == graph.administrator_id:
            world.delete_graph(graph)
        elif row is not None:
            enrolment.leave(world, graph, row, MemberEvent.GONE)


def _graphs_of(world: World, organization: Organization) -> Iterator[BehaviorGraph]:
    return (graph for graph in world.graphs.values() if graph.organization_id == organization.organization_id)


def register(world: World, organization: Organization, account_id: str | None) -> None:
    """Set the account that AWS Organizations has as the delegated administrator for Detective."""
    present = world.organizations[organization.organization_id]
    changed = attrs.evolve(present, delegated_administrator_id=account_id)
    world.organizations[organization.organization_id] = changed


def _list_administrator(world: World, graph: BehaviorGraph, kind: InvitationType, at: datetime) -> None:
    present = world.membership(graph.arn, graph.administrator_id)
    row = present or Membership(
        account_id=graph.administrator_id,
        number=world.next_number(),
        invitation_type=kind,
        status=MemberStatus.ENABLED,
        updated_at=at,
        invited_at=graph.created_at,
        usage=enrolment.usage_of(world, graph, graph.administrator_id, at),
    )
    world.put(graph, attrs.evolve(row, invitation_type=kind))
