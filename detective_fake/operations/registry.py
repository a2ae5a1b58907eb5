"""The supported operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detective_fake.operations import (
    datasources,
    graphs,
    investigations,
    members,
    organization,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

HANDLERS: Final[Mapping[str, Callable[[Call], Body]]] = {
    "AcceptInvitation": members.accept_invitation,
    "BatchGetGraphMemberDatasources": datasources.batch_get_graph_member_datasources,
    "BatchGetMembershipDatasources": datasources.batch_get_membership_datasources,
    "CreateGraph": graphs.create_graph,
    "CreateMembers": members.create_members,
    "DeleteGraph": graphs.delete_graph,
    "DeleteMembers": members.delete_members,
    "DescribeOrganizationConfiguration": organization.describe_organization_configuration,
    "DisableOrganizationAdminAccount": organization.disable_organization_admin_account,
    "DisassociateMembership": members.disassociate_membership,
    "EnableOrganizationAdminAccount": organization.enable_organization_admin_account,
    "GetInvestigation": investigations.get_investigation,
    "GetMembers": members.get_members,
    "ListDatasourcePackages": datasources.list_datasource_packages,
    "ListGraphs": graphs.list_graphs,
    "ListIndicators": investigations.list_indicators,
    "ListInvestigations": investigations.list_investigations,
    "ListInvitations": members.list_invitations,
    "ListMembers": members.list_members,
    "ListOrganizationAdminAccounts": organization.list_organization_admin_accounts,
    "ListTagsForResource": graphs.list_tags_for_resource,
    "RejectInvitation": members.reject_invitation,
    "StartInvestigation": investigations.start_investigation,
    "StartMonitoringMember": members.start_monitoring_member,
    "TagResource": graphs.tag_resource,
    "UntagResource": graphs.untag_resource,
    "UpdateDatasourcePackages": datasources.update_datasource_packages,
    "UpdateInvestigationState": investigations.update_investigation_state,
    "UpdateOrganizationConfiguration": organization.update_organization_configuration,
}
"""Name in the service model -> the function that performs it, in alphabetical order."""
