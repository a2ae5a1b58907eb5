"""A short story of calls for each operation: together they reach every error and show every member of the responses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name
from botocore.exceptions import ClientError

from detective_fake import DetectiveFake
from tests.random_calls import NOON, client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from detective_fake.journal.calls import CallRecord

ADMINISTRATOR, MEMBER, INVITED, DISABLED, STRANGER, MANAGEMENT, ORG_ADMINISTRATOR, ORG_MEMBER, ORG_STRANGER = (
    str(digit) * 12 for digit in range(1, 10)
)
REGION: Final = "us-east-1"
UNKNOWN: Final = f"arn:aws:detective:{REGION}:{ADMINISTRATOR}:graph:{'0' * 32}"
NO_INVESTIGATION: Final = "1" * 21
ROLE: Final = f"arn:aws:iam::{MEMBER}:role/deploy"
DAY: Final = timedelta(days=1)
PETABYTE: Final = 10**15

INDICATORS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "indicator_type": "TTP_OBSERVED",
        "tactic": "Persistence",
        "technique": "IAM Password Policy Manipulation",
        "procedure": "Change Account Password Policy",
        "ip_address": "192.0.2.1",
        "api_name": "iam:UpdateAccountPasswordPolicy",
        "api_success_count": 2,
    },
    {"indicator_type": "TTP_OBSERVED", "tactic": "Impact"},
    {
        "indicator_type": "IMPOSSIBLE_TRAVEL",
        "starting_ip_address": "192.0.2.1",
        "ending_ip_address": "192.0.2.2",
        "starting_location": "Oslo",
        "ending_location": "Lima",
    },
    {"indicator_type": "FLAGGED_IP_ADDRESS", "ip_address": "192.0.2.1"},
    {"indicator_type": "NEW_GEOLOCATION", "location": "Lima", "ip_address": "192.0.2.2"},
    {"indicator_type": "NEW_GEOLOCATION", "location": "Oslo"},
    {"indicator_type": "NEW_ASO", "aso": "AMAZON-02"},
    {"indicator_type": "NEW_USER_AGENT", "user_agent": "curl"},
    {"indicator_type": "RELATED_FINDING", "arn": "arn:aws:guardduty:1", "type": "Recon", "ip_address": "192.0.2.1"},
    {"indicator_type": "RELATED_FINDING", "arn": "arn:aws:guardduty:2", "type": "Recon"},
    {"indicator_type": "RELATED_FINDING_GROUP", "id": "arn:aws:detective:1"},
)


class Story:
    """A fake with two graphs: one made by `CreateGraph`, and that of an organization.

    Attributes:
        fake: The fake.
        graph: The first graph. Its members are enabled, invited and disabled; it takes in one package and has stopped
            another.
        org_graph: The organization behavior graph, with one member of the organization.
    """

    def __init__(self, fake: DetectiveFake) -> None:
        self.fake = fake
        fake.clock.freeze(NOON)
        fake.seed.organization(MANAGEMENT, [ORG_ADMINISTRATOR, ORG_MEMBER, ORG_STRANGER])
        fake.seed.account(DISABLED, guardduty=False)
        self.graph = fake.seed.graph(
            ADMINISTRATOR,
            members={MEMBER: "ENABLED", INVITED: "INVITED", DISABLED: "ACCEPTED_BUT_DISABLED"},
            packages={"DETECTIVE_CORE": {}, "EKS_AUDIT": {"stopped_at": NOON}},
            created_at=NOON - DAY,
        )
        self.org_graph = fake.seed.graph(ORG_ADMINISTRATOR, organization_graph=True, members=[ORG_MEMBER])

    def call(self, operation: str, account_id: str = ADMINISTRATOR, **parameters: Any) -> dict[str, Any]:
        """Make a call as an account. Return the response, or that of the error."""
        method = getattr(client_of("testing", REGION), xform_name(operation))
        try:
            with self.fake.acting_as(account_id):
                return method(**parameters)  # type: ignore[no-any-return]
        except ClientError as error:
            return error.response  # type: ignore[return-value]

    def refusals(self, operation: str, name: str = "GraphArn", *, by: str = STRANGER, **parameters: Any) -> None:
        """Make the calls that an operation on a graph refuses: another account, an unknown graph, a malformed ARN."""
        self.call(operation, by, **{name: self.graph, **parameters})
        for arn in (UNKNOWN, "arn:aws:detective"):
            self.call(operation, **{name: arn, **parameters})

    def pages(self, operation: str, account_id: str = ADMINISTRATOR, **parameters: Any) -> None:
        """Read a list in pages of one, and try a token that does not exist."""
        page: dict[str, Any] = {"NextToken": "none"}
        self.call(operation, account_id, **parameters, **page)
        while "NextToken" in page:
            token = {} if page["NextToken"] == "none" else {"NextToken": page["NextToken"]}
            page = self.call(operation, account_id, MaxResults=1, **parameters, **token)

    def investigations(self) -> tuple[str, str]:
        """Add an investigation that is running and one that found every kind of indicator. Return their IDs."""
        running = self.fake.seed.investigation(self.graph, entity_arn=ROLE, status="RUNNING")
        return running, self.fake.seed.investigation(self.graph, entity_arn=ROLE, indicators=INDICATORS)


def _accept_invitation(story: Story) -> None:
    for _ in "again":
        story.call("AcceptInvitation", INVITED, GraphArn=story.graph)
    story.refusals("AcceptInvitation")


def _batch_get_graph_member_datasources(story: Story) -> None:
    accounts = [MEMBER, INVITED, STRANGER]
    story.call("BatchGetGraphMemberDatasources", GraphArn=story.graph, AccountIds=accounts)
    story.call("BatchGetGraphMemberDatasources", GraphArn=story.graph, AccountIds=[STRANGER])
    story.call("BatchGetGraphMemberDatasources", GraphArn=story.graph, AccountIds=[MEMBER])
    story.refusals("BatchGetGraphMemberDatasources", AccountIds=accounts)


def _batch_get_membership_datasources(story: Story) -> None:
    for arns in ([story.graph], [UNKNOWN], ["arn:aws:detective"]):
        story.call("BatchGetMembershipDatasources", MEMBER, GraphArns=arns)
    story.call("BatchGetMembershipDatasources", INVITED, GraphArns=[story.graph])


def _create_graph(story: Story) -> None:
    story.call("CreateGraph", STRANGER, Tags={"aws:team": "blue"})
    story.fake.seed.account(STRANGER, daily_volume_bytes=PETABYTE)
    story.call("CreateGraph", STRANGER)
    story.call("CreateGraph")


def _create_members(story: Story) -> None:
    accounts = [{"AccountId": STRANGER, "EmailAddress": "stranger@example.com"}]
    story.refusals("CreateMembers", Accounts=accounts)
    for _ in "again":
        story.call("CreateMembers", GraphArn=story.graph, Accounts=accounts)
    joining = [{"AccountId": ORG_STRANGER, "EmailAddress": "joining@example.com"}]
    story.call("CreateMembers", ORG_ADMINISTRATOR, GraphArn=story.org_graph, Accounts=joining)
    story.fake.quotas.members_per_graph = 1
    story.call("CreateMembers", GraphArn=story.graph, Accounts=[*joining])


def _delete_graph(story: Story) -> None:
    story.refusals("DeleteGraph")
    story.call("DeleteGraph", GraphArn=story.graph)


def _delete_members(story: Story) -> None:
    story.refusals("DeleteMembers", AccountIds=[MEMBER])
    for _ in "again":
        story.call("DeleteMembers", GraphArn=story.graph, AccountIds=[MEMBER])


def _describe_organization_configuration(story: Story) -> None:
    story.refusals("DescribeOrganizationConfiguration", by=ORG_MEMBER)
    story.call("DescribeOrganizationConfiguration", ORG_ADMINISTRATOR, GraphArn=story.org_graph)


def _disable_organization_admin_account(story: Story) -> None:
    for account_id in (ORG_MEMBER, MANAGEMENT, MANAGEMENT):
        story.call("DisableOrganizationAdminAccount", account_id)


def _disassociate_membership(story: Story) -> None:
    for account_id in (INVITED, MEMBER):
        story.call("DisassociateMembership", account_id, GraphArn=story.graph)
    story.refusals("DisassociateMembership")


def _enable_organization_admin_account(story: Story) -> None:
    story.call("EnableOrganizationAdminAccount", MANAGEMENT, AccountId=ORG_ADMINISTRATOR)
    for account_id in (MANAGEMENT, ORG_MEMBER):
        story.call("EnableOrganizationAdminAccount", account_id, AccountId=STRANGER)


def _get_investigation(story: Story) -> None:
    for identifier in (*story.investigations(), NO_INVESTIGATION):
        story.call("GetInvestigation", GraphArn=story.graph, InvestigationId=identifier)
    story.refusals("GetInvestigation", InvestigationId=NO_INVESTIGATION)


def _get_members(story: Story) -> None:
    for account_ids in ([MEMBER, INVITED, DISABLED], [STRANGER]):
        story.call("GetMembers", GraphArn=story.graph, AccountIds=account_ids)
    story.call("GetMembers", ORG_ADMINISTRATOR, GraphArn=story.org_graph, AccountIds=[ORG_ADMINISTRATOR, ORG_MEMBER])
    story.refusals("GetMembers", AccountIds=[MEMBER])


def _list_datasource_packages(story: Story) -> None:
    story.pages("ListDatasourcePackages", GraphArn=story.graph)
    story.refusals("ListDatasourcePackages")


def _list_graphs(story: Story) -> None:
    story.pages("ListGraphs")
    story.call("ListGraphs", STRANGER)


def _list_indicators(story: Story) -> None:
    running, successful = story.investigations()
    story.pages("ListIndicators", GraphArn=story.graph, InvestigationId=successful)
    for identifier in (running, successful, NO_INVESTIGATION):
        story.call("ListIndicators", GraphArn=story.graph, InvestigationId=identifier)
    story.refusals("ListIndicators", InvestigationId=NO_INVESTIGATION)


def _list_investigations(story: Story) -> None:
    story.call("ListInvestigations", GraphArn=story.graph)
    story.investigations()
    story.pages("ListInvestigations", GraphArn=story.graph)
    story.refusals("ListInvestigations")


def _list_invitations(story: Story) -> None:
    other = story.fake.seed.graph(STRANGER)
    story.fake.seed.member(other, MEMBER)
    for account_id in (MEMBER, INVITED, DISABLED, STRANGER, ORG_MEMBER):
        story.pages("ListInvitations", account_id)


def _list_members(story: Story) -> None:
    story.pages("ListMembers", GraphArn=story.graph)
    story.pages("ListMembers", ORG_ADMINISTRATOR, GraphArn=story.org_graph)
    empty = story.fake.seed.graph(STRANGER)
    story.call("ListMembers", STRANGER, GraphArn=empty)
    story.refusals("ListMembers")


def _list_organization_admin_accounts(story: Story) -> None:
    for account_id in (ORG_MEMBER, STRANGER):
        story.call("ListOrganizationAdminAccounts", account_id)
    story.pages("ListOrganizationAdminAccounts", MANAGEMENT)
    story.call("DeleteGraph", ORG_ADMINISTRATOR, GraphArn=story.org_graph)
    story.call("ListOrganizationAdminAccounts", MANAGEMENT)
    story.call("DisableOrganizationAdminAccount", MANAGEMENT)
    story.call("ListOrganizationAdminAccounts", MANAGEMENT)


def _list_tags_for_resource(story: Story) -> None:
    story.call("ListTagsForResource", ResourceArn=story.graph)
    story.call("TagResource", ResourceArn=story.graph, Tags={"team": "blue"})
    story.call("ListTagsForResource", ResourceArn=story.graph)
    story.refusals("ListTagsForResource", "ResourceArn")


def _reject_invitation(story: Story) -> None:
    for account_id in (MEMBER, INVITED):
        story.call("RejectInvitation", account_id, GraphArn=story.graph)
    story.refusals("RejectInvitation")


def _start_investigation(story: Story) -> None:
    scope: dict[str, Any] = {"EntityArn": ROLE, "ScopeStartTime": NOON - DAY, "ScopeEndTime": NOON}
    story.call("StartInvestigation", GraphArn=story.graph, **scope)
    story.refusals("StartInvestigation", **scope)


def _start_monitoring_member(story: Story) -> None:
    for account_id in (MEMBER, STRANGER, DISABLED):
        story.call("StartMonitoringMember", GraphArn=story.graph, AccountId=account_id)
    story.fake.quotas.members_per_graph = 1
    story.call("StartMonitoringMember", GraphArn=story.graph, AccountId=DISABLED)
    story.refusals("StartMonitoringMember", AccountId=DISABLED)


def _tag_resource(story: Story) -> None:
    story.call("TagResource", ResourceArn=story.graph, Tags={"team": "blue"})
    story.refusals("TagResource", "ResourceArn", Tags={"team": "blue"})


def _untag_resource(story: Story) -> None:
    story.call("UntagResource", ResourceArn=story.graph, TagKeys=["team"])
    story.refusals("UntagResource", "ResourceArn", TagKeys=["team"])


def _update_datasource_packages(story: Story) -> None:
    story.refusals("UpdateDatasourcePackages", DatasourcePackages=["DETECTIVE_CORE"])
    story.call("UpdateDatasourcePackages", GraphArn=story.graph, DatasourcePackages=["DETECTIVE_CORE"])
    story.fake.seed.account(MEMBER, daily_volume_bytes=PETABYTE)
    story.call("UpdateDatasourcePackages", GraphArn=story.graph, DatasourcePackages=["DETECTIVE_CORE", "EKS_AUDIT"])


def _update_investigation_state(story: Story) -> None:
    for identifier in (*story.investigations(), NO_INVESTIGATION):
        story.call("UpdateInvestigationState", GraphArn=story.graph, InvestigationId=identifier, State="ARCHIVED")
    story.refusals("UpdateInvestigationState", InvestigationId=NO_INVESTIGATION, State="ARCHIVED")


def _update_organization_configuration(story: Story) -> None:
    story.refusals("UpdateOrganizationConfiguration", by=ORG_MEMBER, AutoEnable=True)
    story.call("UpdateOrganizationConfiguration", ORG_ADMINISTRATOR, GraphArn=story.org_graph, AutoEnable=True)


STORIES: Final[Mapping[str, Callable[[Story], None]]] = {
    "AcceptInvitation": _accept_invitation,
    "BatchGetGraphMemberDatasources": _batch_get_graph_member_datasources,
    "BatchGetMembershipDatasources": _batch_get_membership_datasources,
    "CreateGraph": _create_graph,
    "CreateMembers": _create_members,
    "DeleteGraph": _delete_graph,
    "DeleteMembers": _delete_members,
    "DescribeOrganizationConfiguration": _describe_organization_configuration,
    "DisableOrganizationAdminAccount": _disable_organization_admin_account,
    "DisassociateMembership": _disassociate_membership,
    "EnableOrganizationAdminAccount": _enable_organization_admin_account,
    "GetInvestigation": _get_investigation,
    "GetMembers": _get_members,
    "ListDatasourcePackages": _list_datasource_packages,
    "ListGraphs": _list_graphs,
    "ListIndicators": _list_indicators,
    "ListInvestigations": _list_investigations,
    "ListInvitations": _list_invitations,
    "ListMembers": _list_members,
    "ListOrganizationAdminAccounts": _list_organization_admin_accounts,
    "ListTagsForResource": _list_tags_for_resource,
    "RejectInvitation": _reject_invitation,
    "StartInvestigation": _start_investigation,
    "StartMonitoringMember": _start_monitoring_member,
    "TagResource": _tag_resource,
    "UntagResource": _untag_resource,
    "UpdateDatasourcePackages": _update_datasource_packages,
    "UpdateInvestigationState": _update_investigation_state,
    "UpdateOrganizationConfiguration": _update_organization_configuration,
}
"""Operation -> its story."""


def calls_of(operation: str) -> Iterator[CallRecord]:
    """Tell the story of an operation, and yield the calls of this operation in it."""
    with DetectiveFake() as fake:
        STORIES[operation](Story(fake))
        yield from fake.calls.of(operation)
