"""Detective for an organization: who administers it in this Region, and whether it enables new accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from detective_fake.domain import designation
from detective_fake.errors import AccessDenied, ValidationFailed
from detective_fake.exchange import Deferred
from detective_fake.operations.call import administered_graph, page_position

if TYPE_CHECKING:
    from detective_fake.domain.account import Designation, Organization
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

__all__ = [
    "describe_organization_configuration",
    "disable_organization_admin_account",
    "enable_organization_admin_account",
    "list_organization_admin_accounts",
    "update_organization_configuration",
]

NOT_IN_AN_ORGANIZATION = "The request is rejected because the account is not a member of an organization."
"""Source: a published client looks for the second half of this text."""


def enable_organization_admin_account(call: Call) -> Body:
    """Designate the Detective administrator account of the caller's organization in this Region.

    Raises:
        AccessDenied: The caller is not the management account.
        ValidationFailed: The account is not in the organization, or another account is the delegated administrator or
            already designated in this Region (inferences: no other error is modelled).
    Source: service model, `EnableOrganizationAdminAccount`.
    """
    organization = _managed_organization(call)
    account_id = call.parameters["AccountId"]
    present = call.world.designations.get((call.region, organization.organization_id))
    if account_id not in organization.accounts:
        message = f"Account {account_id} is not a member of the organization."
        raise ValidationFailed(message)
    if not organization.may_administer(account_id):
        message = (
            f"Account {account_id} is neither the delegated administrator for Detective, "
            f"{organization.delegated_administrator_id}, nor the management account."
        )
        raise ValidationFailed(message)
    if present is not None and present.administrator_id != account_id:
        message = f"Account {present.administrator_id} is already the Detective administrator account in {call.region}."
        raise ValidationFailed(message)
    designation.designate(call.world, organization, account_id, call.region, call.at)
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
        message = f"No account is designated as the Detective administrator account in {call.region}."
        raise ValidationFailed(message)
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
    return {"Administrators": Deferred(_write_administrators, (listed,))}


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


def _write_administrators(listed: Designation | None) -> list[dict[str, Any]]:
    if listed is None:
        return []
    return [{"AccountId": listed.administrator_id, "GraphArn": listed.graph_arn, "DelegationTime": listed.delegated_at}]
