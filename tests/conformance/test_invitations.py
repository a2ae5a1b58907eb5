"""An invitation, as seen by the invited account and the administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.comparing import Refusal
from tests.conformance.graphs import list_members, status_of_member
from tests.conformance.rules import holds

if TYPE_CHECKING:
    from tests.conformance.accounts import Accounts
    from tests.conformance.comparing import Comparison

CONFLICT = Refusal("ConflictException", 409)
NOT_FOUND = Refusal("ResourceNotFoundException", 404)


def invitations(member: Any) -> list[tuple[str, str]]:
    """Return graph and status of each invitation that the member sees."""
    return [(each["GraphArn"], each["Status"]) for each in member.list_invitations()["Invitations"]]


class TestInvited:
    @holds(("ListInvitations", "Memberships with the status"))
    def test_it_is_listed(self, member: Any, invited: str, compare: Comparison) -> None:
        """The invitation is listed as open."""
        compare(invitations(member), [(invited, "INVITED")])

    @holds(("DisassociateMembership", "Any status other than"))
    def test_one_cannot_leave_yet(self, member: Any, invited: str, compare: Comparison) -> None:
        """An account that has not accepted is not a member."""
        compare.refusal(CONFLICT, member.disassociate_membership, GraphArn=invited)


class TestReject:
    @holds(("RejectInvitation", "The membership is deleted"))
    def test_it_is_gone_from_both_sides(
        self, administrator: Any, member: Any, invited: str, compare: Comparison
    ) -> None:
        """A second time there is nothing to reject."""
        member.reject_invitation(GraphArn=invited)
        compare((invitations(member), list_members(administrator, invited)), ([], []))
        compare.refusal(NOT_FOUND, member.reject_invitation, GraphArn=invited)

    @holds(("RejectInvitation", "The account can be"))
    def test_the_account_may_be_invited_again(
        self, accounts: Accounts, administrator: Any, member: Any, invited: str, compare: Comparison
    ) -> None:
        """The account does not have to wait."""
        member.reject_invitation(GraphArn=invited)
        account = {"AccountId": accounts.account_id("member"), "EmailAddress": accounts.member_email}
        administrator.create_members(GraphArn=invited, Accounts=[account], DisableEmailNotification=True)
        compare(status_of_member(accounts, invited), "INVITED")


class TestAccept:
    @holds(("AcceptInvitation", "An invited account becomes"))
    def test_the_account_is_enabled(self, administrator: Any, member: Any, invited: str, compare: Comparison) -> None:
        """At once; the time of the invitation stays."""
        (before,) = list_members(administrator, invited)
        member.accept_invitation(GraphArn=invited)
        (after,) = list_members(administrator, invited)
        compare((after["Status"], after["InvitedTime"] == before["InvitedTime"]), ("ENABLED", True))
        compare(after["UpdatedTime"] > before["UpdatedTime"], expected=True)

    @holds(("ListInvitations", "Memberships with the status"))
    def test_it_is_still_listed(self, member: Any, enabled: str, compare: Comparison) -> None:
        """The invitation is listed as accepted."""
        compare(invitations(member), [(enabled, "ENABLED")])

    @holds(("AcceptInvitation", "Accepting twice is a conflict"))
    def test_twice_is_a_conflict(self, member: Any, enabled: str, compare: Comparison) -> None:
        """Not a success that changes nothing."""
        compare.refusal(CONFLICT, member.accept_invitation, GraphArn=enabled)

    @holds(("RejectInvitation", "Any status other than"))
    def test_it_cannot_be_rejected_any_more(self, member: Any, enabled: str, compare: Comparison) -> None:
        """It can be left."""
        compare.refusal(CONFLICT, member.reject_invitation, GraphArn=enabled)

    @holds(("ListGraphs", "The list is empty"))
    @pytest.mark.usefixtures("enabled")
    def test_a_member_has_no_graph(self, member: Any, compare: Comparison) -> None:
        """It is the administrator's."""
        compare(member.list_graphs()["GraphList"], [])


class TestDisassociate:
    @holds(("DisassociateMembership", "The membership is deleted"))
    def test_it_is_gone_from_both_sides(
        self, administrator: Any, member: Any, enabled: str, compare: Comparison
    ) -> None:
        """A second time there is nothing to leave."""
        member.disassociate_membership(GraphArn=enabled)
        compare((invitations(member), list_members(administrator, enabled)), ([], []))
        compare.refusal(NOT_FOUND, member.disassociate_membership, GraphArn=enabled)

    @holds(("DeleteMembers", "A removed account can"))
    def test_an_enabled_account_can_be_removed_and_invited_again(
        self, accounts: Accounts, administrator: Any, enabled: str, compare: Comparison
    ) -> None:
        """The administrator does both."""
        member_id = accounts.account_id("member")
        administrator.delete_members(GraphArn=enabled, AccountIds=[member_id])
        account = {"AccountId": member_id, "EmailAddress": accounts.member_email}
        administrator.create_members(GraphArn=enabled, Accounts=[account], DisableEmailNotification=True)
        compare(status_of_member(accounts, enabled), "INVITED")
