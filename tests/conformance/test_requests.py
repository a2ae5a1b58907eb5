"""Validation of requests, and its order. Nothing is created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.calls import STRANGER, about
from tests.conformance.comparing import Refusal
from tests.conformance.rules import holds, operations_under
from tests.conformance.safety import MALFORMED_ARN

if TYPE_CHECKING:
    from tests.conformance.comparing import Comparison

REQUESTS = "What every request has to be"
BY_ARN = "Operations on a behavior graph that name it by its ARN"
ADMINISTRATORS = "Operations of a graph's administrator"
ANSWERS = "Answers to an invitation"
PAGES = "Lists in pages"

ACCOUNT = {"AccountId": STRANGER, "EmailAddress": "nobody@example.com"}
INVALID_BODY = Refusal("ValidationException", 400, "INVALID_REQUEST_BODY", "Invalid request body")
INVALID_ARN = Refusal("ValidationException", 400, "INVALID_GRAPH_ARN")
INVALID = Refusal("ValidationException", 400)
NOT_FOUND = Refusal("ResourceNotFoundException", 404)


def too_long(path: str, most: int, found: int) -> Refusal:
    """Return the error for a list, with the only text that is known to be AWS's."""
    text = rf"{path} must have length less than or equal to {most}\. Found {found}\."
    return INVALID._replace(text=text)


class TestBody:
    @holds((REQUESTS, "A body that is"))
    def test_a_required_member_is_missing(self, administrator: Any, unknown_arn: str, compare: Comparison) -> None:
        """The request lacks `Accounts` of `CreateMembers`."""
        compare.refusal(INVALID_BODY, administrator.create_members, GraphArn=unknown_arn)

    @holds((REQUESTS, "A body that is"))
    def test_a_member_is_of_another_type(self, administrator: Any, unknown_arn: str, compare: Comparison) -> None:
        """A text where a number has to be."""
        compare.refusal(INVALID_BODY, administrator.list_members, GraphArn=unknown_arn, MaxResults="many")

    @holds((REQUESTS, "A body that is"))
    def test_members_are_looked_at_in_the_models_order(self, administrator: Any, compare: Comparison) -> None:
        """A malformed ARN is told before a value of another type that comes after it."""
        compare.refusal(INVALID_ARN, administrator.list_members, GraphArn=MALFORMED_ARN, MaxResults="many")


class TestConstraints:
    @holds((REQUESTS, "A parameter that breaks a constraint"))
    def test_51_accounts_are_too_many(self, administrator: Any, unknown_arn: str, compare: Comparison) -> None:
        """The graph is unknown as well, which is looked at later."""
        expected = too_long(r"CreateMembersRequest\.Accounts", 50, 51)
        compare.refusal(expected, administrator.create_members, GraphArn=unknown_arn, Accounts=[ACCOUNT] * 51)

    @holds((REQUESTS, "A parameter that breaks a constraint"))
    def test_so_are_51_account_ids(self, administrator: Any, unknown_arn: str, compare: Comparison) -> None:
        """Of `DeleteMembers`: the text names the shape."""
        expected = too_long(r"DeleteMembersRequest\.AccountIds", 50, 51)
        compare.refusal(expected, administrator.delete_members, GraphArn=unknown_arn, AccountIds=[STRANGER] * 51)

    @holds((REQUESTS, "A parameter that breaks a constraint"))
    def test_a_list_must_not_be_empty(self, administrator: Any, unknown_arn: str, compare: Comparison) -> None:
        """The call needs at least one account."""
        compare.refusal(INVALID, administrator.create_members, GraphArn=unknown_arn, Accounts=[])

    @holds((REQUESTS, "A parameter that breaks a constraint"))
    @pytest.mark.parametrize("size", [0, 201])
    def test_a_page_has_1_to_200_entries(self, administrator: Any, compare: Comparison, size: int) -> None:
        """Other sizes are refused, not taken for the nearest."""
        compare.refusal(INVALID, administrator.list_graphs, MaxResults=size)

    @holds((REQUESTS, "A parameter that breaks a constraint"))
    def test_an_account_id_has_12_digits(self, administrator: Any, unknown_arn: str, compare: Comparison) -> None:
        """Inside of a list, too."""
        compare.refusal(INVALID, administrator.get_members, GraphArn=unknown_arn, AccountIds=["12345678901"])

    @holds((BY_ARN, "An ARN that does not have the form"))
    @pytest.mark.parametrize("operation", ["AcceptInvitation", "ListMembers", "ListTagsForResource"])
    def test_an_arn_has_the_form_of_a_graphs(self, administrator: Any, compare: Comparison, operation: str) -> None:
        """The error has an `ErrorCode` of its own."""
        call, arguments = about(administrator, operation, MALFORMED_ARN)
        compare.refusal(INVALID_ARN, call, **arguments)

    @holds((BY_ARN, "An ARN that does not have the form"))
    def test_the_arn_is_looked_at_before_the_accounts(self, administrator: Any, compare: Comparison) -> None:
        """Where both are wrong, one error is told."""
        compare.refusal(INVALID_ARN, administrator.create_members, GraphArn=MALFORMED_ARN, Accounts=[ACCOUNT] * 51)


class TestUnknownGraph:
    @holds((ADMINISTRATORS, "A graph that does"))
    @pytest.mark.parametrize("operation", operations_under(ADMINISTRATORS))
    def test_is_not_found(self, administrator: Any, unknown_arn: str, compare: Comparison, operation: str) -> None:
        """No operation of administrators finds it."""
        call, arguments = about(administrator, operation, unknown_arn)
        compare.refusal(NOT_FOUND, call, **arguments)

    @holds((ANSWERS, "If the graph does"))
    @pytest.mark.parametrize("operation", operations_under(ANSWERS))
    def test_has_no_invitation(self, member: Any, unknown_arn: str, compare: Comparison, operation: str) -> None:
        """Nothing to accept, to reject or to leave."""
        call, arguments = about(member, operation, unknown_arn)
        compare.refusal(NOT_FOUND, call, **arguments)

    @holds(("BatchGetMembershipDatasources", "Graphs of which the"))
    def test_is_not_processed(self, member: Any, unknown_arn: str, compare: Comparison) -> None:
        """A batch has no error for it."""
        answer = member.batch_get_membership_datasources(GraphArns=[unknown_arn])
        unprocessed = [each["GraphArn"] for each in answer["UnprocessedGraphs"]]
        compare((answer["MembershipDatasources"], unprocessed), ([], [unknown_arn]))


class TestEmptyLists:
    @holds(("ListGraphs", "The list is empty"))
    def test_an_account_without_a_graph_has_none(self, member: Any, compare: Comparison) -> None:
        """An empty list, and no token."""
        answer = member.list_graphs()
        compare((answer["GraphList"], "NextToken" in answer), ([], False))

    @holds(("ListInvitations", "An account without memberships"), (PAGES, "A response has a"))
    def test_an_account_that_nobody_invited_has_none(self, member: Any, compare: Comparison) -> None:
        """An empty list, and no token."""
        answer = member.list_invitations()
        compare((answer["Invitations"], "NextToken" in answer), ([], False))


class TestTokens:
    @holds((PAGES, "A `NextToken` is valid"))
    @pytest.mark.parametrize("operation", ["list_graphs", "list_invitations"])
    def test_one_that_is_made_up_is_refused(self, administrator: Any, compare: Comparison, operation: str) -> None:
        """Every list refuses an invented token."""
        compare.refusal(INVALID, getattr(administrator, operation), NextToken="made-up")
