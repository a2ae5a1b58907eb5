"""Detective for an organization: who administers it in this Region, and whether it enables new accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from detective_fake.domain import designation
from detective_fake.errors import AccessDenied, ValidationFailed
from detective_fake.operations.call import administered_graph, page_position

if TYPE_CHECKING:
    from detective_fake.domain.account import Organization
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

NOT_IN_AN_ORGANIZATION = "The request is rejected because the account is not a member of an organization."
"""Source: a published client looks for the second half of this text."""


def enable_organization_admin_account(call: Call) -> Body:
    """Designate the Detective administrator account of the caller's organization in this Region.

    Raises:
        AccessDenied: The caller is not the management account.
        ValidationFailed: The account may not be designated: see `designation.designate`.
    Source: service model, `EnableOrganizationAdminAccount`.
    """
    organization = _managed_organization(call)
    designation.designate(call.world, organization, call.parameters["AccountId"], call.region, call.at)
    return {}


def disable_organization_admin_account(call: Call) -> Body:
    """Remove the designation in this Region and delete the organization behavior graph.

    Raises:
        AccessDenied: The caller is not the management account.
        ValidationFailed: No account is designated in this Region (an inference).
    Source: service model, `DisableOrganizationAdminAccount`.
    """
    organization = _managed_organization(call)
    if (call.region, organization.organization_id) not in call.world.designations:
        raise ValidationFailed(f"No account is designated as the Detective administrator account in {call.region}.")
    designation.withdraw(call.world, organization, call.region, call.at)
    return {}


def list_organization_admin_accounts(call: Call) -> Body:
    """List the Detective administrator of the caller's organization in this Region: one or none.

    Raises:
        AccessDenied: The caller is not the management account (an inference).
        ValidationFailed: The caller is not in an organization (observed).
    Source: service model, `ListOrganizationAdminAccounts`.
    """
    organization = _managed_organization(call)
    page_position(call)  # rejects every token: this list has only one page
    listed = call.world.listed.get((call.region, organization.organization_id))
    if listed is None:
        return {"Administrators": []}
    administrator = {
        "AccountId": listed.administrator_id,
        "GraphArn": listed.graph_arn,
        "DelegationTime": listed.delegated_at,
    }
    return {"Administrators": [administrator]}


def describe_organization_configuration(call: Call) -> Body:
    """Return whether accounts that join the organization are enabled automatically.

    Source: service model, `DescribeOrganizationConfiguration`.
    """
    return {"AutoEnable": _organization_graph(call).auto_enable}


def update_organization_configuration(call: Call) -> Body:
    """Set whether accounts that join later are enabled automatically. Without `AutoEnable` nothing changes.

    Source: service model, `UpdateOrganizationConfiguration`.
    """
    graph = _organization_graph(call)
    auto_enable = call.parameters.get("AutoEnable", graph.auto_enable)
    call.world.put_graph(attrs.evolve(graph, auto_enable=auto_enable))
    return {}


def _managed_organization(call: Call) -> Organization:
    organization = call.world.organization_of(call.account_id)
    if organization is None:
        raise ValidationFailed(NOT_IN_AN_ORGANIZATION)
    if organization.management_account_id != call.account_id:
        raise AccessDenied
    return organization


def _organization_graph(call: Call) -> BehaviorGraph:
    """Return the organization behavior graph that a call names. Only its administrator gets it.

    Raises:
        ValidationFailed: The caller is not in an organization, or there is no such graph: a 404 is not modelled here.
        AccessDenied: The graph is another account's, or not an organization behavior graph (an inference), or the
            caller is suspended.
    """
    if call.world.organization_of(call.account_id) is None:
        raise ValidationFailed(NOT_IN_AN_ORGANIZATION)
    graph = call.world.graphs.get(call.parameters["GraphArn"])
    if graph is None or graph.region != call.region:
        raise ValidationFailed(members={"ErrorCode": "INVALID_GRAPH_ARN"})
    if graph.organization_id is None:
        raise AccessDenied
    return administered_graph(call)
