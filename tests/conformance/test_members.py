"""The members of a graph, as its administrator sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conformance.calls import STRANGER
from tests.conformance.comparing import Refusal
from tests.conformance.graphs import list_members, status_of_member
from tests.conformance.rules import holds

if TYPE_CHECKING:
    from tests.conformance.accounts import Accounts
    from tests.conformance.comparing import Comparison

INVITED_KEYS = [
    "AccountId",
    "AdministratorId",
    "EmailAddress",
    "GraphArn",
    "InvitationType",
    "InvitedTime",
    "MasterId",
    "Status",
    "UpdatedTime",
]
ALREADY = "Account is already a member"


def account(accounts: Accounts, email: str | None = None) -> dict[str, str]:
    """Return the member as `CreateMembers` takes it."""
    return {"AccountId": accounts.account_id("member"), "EmailAddress": email or accounts.member_email}


def invite(accounts: Accounts, arn: str, *given: dict[str, str]) -> Any:
    """Call `CreateMembers`, without e-mails."""
    client = accounts.client("administrator")
    return client.create_members(GraphArn=arn, Accounts=[*given], DisableEmailNotification=True)


def unprocessed(answer: Any) -> list[str]:
    """Return the account ids that were not processed."""
    return [each["AccountId"] for each in answer["UnprocessedAccounts"]]


class TestCreateMembers:
    @holds(("CreateMembers", "Each account is `VERIFICATION_IN_PROGRESS`"))
    def test_accounts_are_verified_first(self, accounts: Accounts, graph_arn: str, compare: Comparison) -> None:
        """Both lists are in the answer, empty or not."""
        answer = invite(accounts, graph_arn, account(accounts))
        row = answer["Members"][0]
        compare((row["Status"], answer["UnprocessedAccounts"]), ("VERIFICATION_IN_PROGRESS", []))

    @holds(("CreateMembers", "If the account ID and the root"))
    def test_then_they_are_invited(self, accounts: Accounts, graph_arn: str, compare: Comparison) -> None:
        """If the address is that of the account's root user."""
        invite(accounts, graph_arn, account(accounts))
        compare(status_of_member(accounts, graph_arn), "INVITED")

    @holds(("CreateMembers", "If the account ID and the e-mail"))
    def test_under_another_address_they_are_not(self, accounts: Accounts, graph_arn: str, compare: Comparison) -> None:
        """The row stays listed, and the account sees nothing of it."""
        invite(accounts, graph_arn, account(accounts, "nobody@example.com"))
        compare(status_of_member(accounts, graph_arn), "VERIFICATION_FAILED")
        compare(accounts.client("member").list_invitations()["Invitations"], [])

    @holds(("CreateMembers", "An account whose verification"))
    def test_they_may_be_invited_anew(self, accounts: Accounts, graph_arn: str, compare: Comparison) -> None:
        """The new invitation has the right address."""
        invite(accounts, graph_arn, account(accounts, "nobody@example.com"))
        status_of_member(accounts, graph_arn)
        again = invite(accounts, graph_arn, account(accounts))
        compare((unprocessed(again), status_of_member(accounts, graph_arn)), ([], "INVITED"))

    @holds(("CreateMembers", "Accounts that are already"))
    def test_members_are_not_processed(self, accounts: Accounts, invited: str, compare: Comparison) -> None:
        """Published code compares the reason."""
        answer = invite(accounts, invited, account(accounts))
        reasons = [each["Reason"] for each in answer["UnprocessedAccounts"]]
        compare((answer["Members"], unprocessed(answer), reasons), ([], [accounts.account_id("member")], [ALREADY]))

    @holds(("CreateMembers", "The administrator's own account"))
    def test_the_own_account_is_not_processed(self, accounts: Accounts, graph_arn: str, compare: Comparison) -> None:
        """The other accounts are processed."""
        own = {"AccountId": accounts.account_id("administrator"), "EmailAddress": "nobody@example.com"}
        answer = invite(accounts, graph_arn, own, account(accounts))
        processed = [each["AccountId"] for each in answer["Members"]]
        compare(
            (processed, unprocessed(answer)), ([accounts.account_id("member")], [accounts.account_id("administrator")])
        )

    @holds(("CreateMembers", "If an account is"))
    def test_an_account_given_twice_is_taken_once(
        self, accounts: Accounts, graph_arn: str, compare: Comparison
    ) -> None:
        """The second is a member already."""
        answer = invite(accounts, graph_arn, account(accounts), account(accounts))
        member_id = accounts.account_id("member")
        compare(([each["AccountId"] for each in answer["Members"]], unprocessed(answer)), ([member_id], [member_id]))

    @holds(("CreateMembers", "Any other account without"))
    def test_an_account_outside_the_organization_needs_an_address(
        self, accounts: Accounts, administrator: Any, graph_arn: str, compare: Comparison
    ) -> None:
        """The graph is no organization behavior graph, so this is every account."""
        compare.refusal(
            Refusal("ValidationException", 400, "INVALID_REQUEST_BODY"),
            administrator.create_members,
            GraphArn=graph_arn,
            Accounts=[{"AccountId": accounts.account_id("member")}],
        )


class TestReading:
    @holds(("ListMembers", "A graph made by"))
    def test_the_administrator_is_not_listed(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """A new graph has no members."""
        compare(list_members(administrator, graph_arn), [])

    @holds(("ListMembers", "Enabled members have"))
    def test_the_utilization_of_an_enabled_account(self, administrator: Any, enabled: str, compare: Comparison) -> None:
        """Once there is a volume. AWS may not have measured it yet."""
        (row,) = list_members(administrator, enabled)
        compare(row.get("PercentOfGraphUtilization", 0), row.get("VolumeUsageInBytes", 0) / 10**13)

    @holds(("ListMembers", "Members of every status"))
    def test_a_row_of_an_invited_account(
        self, accounts: Accounts, administrator: Any, invited: str, compare: Comparison
    ) -> None:
        """The keys it has, and what is in them."""
        (row,) = list_members(administrator, invited)
        compare(sorted(row), INVITED_KEYS)
        administrator_id = accounts.account_id("administrator")
        told = [row[name] for name in ("AdministratorId", "MasterId", "EmailAddress", "GraphArn", "InvitationType")]
        compare(told, [administrator_id, administrator_id, accounts.member_email, invited, "INVITATION"])

    @holds(("GetMembers", "Members of every status"), ("GetMembers", "Accounts that are not"))
    def test_others_are_not_processed(
        self, accounts: Accounts, administrator: Any, invited: str, compare: Comparison
    ) -> None:
        """The call itself succeeds."""
        member_id = accounts.account_id("member")
        answer = administrator.get_members(GraphArn=invited, AccountIds=[STRANGER, member_id])
        rows = [each["AccountId"] for each in answer["MemberDetails"]]
        compare((rows, unprocessed(answer)), ([member_id], [STRANGER]))


class TestDeleteMembers:
    @holds(("DeleteMembers", "Removed accounts are returned"))
    def test_a_member_is_gone_from_both_sides(
        self, accounts: Accounts, administrator: Any, member: Any, invited: str, compare: Comparison
    ) -> None:
        """Neither list has the membership any more."""
        member_id = accounts.account_id("member")
        answer = administrator.delete_members(GraphArn=invited, AccountIds=[member_id])
        compare((answer["AccountIds"], answer["UnprocessedAccounts"]), ([member_id], []))
        compare((list_members(administrator, invited), member.list_invitations()["Invitations"]), ([], []))

    @holds(("DeleteMembers", "Accounts that are not"), ("DeleteMembers", "The administrator's own account"))
    def test_others_are_not_processed(
        self, accounts: Accounts, administrator: Any, graph_arn: str, compare: Comparison
    ) -> None:
        """The administrator's own account neither."""
        given = [accounts.account_id("administrator"), STRANGER]
        answer = administrator.delete_members(GraphArn=graph_arn, AccountIds=given)
        compare((answer["AccountIds"], unprocessed(answer)), ([], given))


class TestStartMonitoringMember:
    @holds(("StartMonitoringMember", "An account that is"))
    def test_an_account_that_is_no_member_is_not_found(
        self, administrator: Any, graph_arn: str, compare: Comparison
    ) -> None:
        """The request names but one."""
        compare.refusal(
            Refusal("ResourceNotFoundException", 404),
            administrator.start_monitoring_member,
            GraphArn=graph_arn,
            AccountId=STRANGER,
        )

    @holds(("StartMonitoringMember", "Any other status is a conflict"))
    def test_an_enabled_account_is_a_conflict(
        self, accounts: Accounts, administrator: Any, enabled: str, compare: Comparison
    ) -> None:
        """There is nothing to enable."""
        compare.refusal(
            Refusal("ConflictException", 409),
            administrator.start_monitoring_member,
            GraphArn=enabled,
            AccountId=accounts.account_id("member"),
        )
