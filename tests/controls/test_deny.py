"""Tests of `detective_fake.controls.deny`."""

from __future__ import annotations

import pytest

from detective_fake.controls.context import FakeContext
from detective_fake.controls.deny import Denials, _matches, action_of
from detective_fake.domain.clock import Clock
from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import operations
from tests.builders import ADMINISTRATOR, ANA, a_world
from tests.journal.journals import a_recorder, a_request

ARN = f"arn:aws:detective:us-east-1:{ADMINISTRATOR}:graph:027c7c4610ea4aacaf0b883093cab899"
WHO = f"User: arn:aws:sts::{ADMINISTRATOR}:assumed-role/detective-fake/detective-fake is not authorized to perform: "


@pytest.fixture
def denials() -> Denials:
    return Denials(FakeContext(a_world(), Clock(lambda: 0.0)), a_recorder().journal)


def refused(denials: Denials, operation: str, **options: object) -> str | None:
    """Return the error text for a request, None if it is allowed."""
    refusal = denials.refusal(a_request(operation, **options))  # type: ignore[arg-type]
    return None if refusal is None else refusal.message


class TestActions:
    def test_are_named_after_the_operations(self) -> None:
        """They have the prefix of the service."""
        assert action_of("ListMembers") == "detective:ListMembers"

    def test_one_has_another_name(self) -> None:
        """Source: service authorization reference."""
        assert action_of("ListOrganizationAdminAccounts") == "detective:ListOrganizationAdminAccount"


class TestAdd:
    @pytest.mark.parametrize("action", ["detective:Create*", "detective:creategraph", "*", "detective:?reateGraph"])
    def test_patterns_are_those_of_iam(self, denials: Denials, action: str) -> None:
        """`*` and `?`, case-insensitive."""
        denials.add(action)
        assert refused(denials, "CreateGraph")
        assert bool(refused(denials, "ListMembers")) is (action == "*")

    @pytest.mark.parametrize(
        ("action", "nearest"),
        [
            ("CreateGraph", "detective:CreateGraph"),
            ("detective:ListOrganizationAdminAccounts", "detective:ListOrganizationAdminAccount"),
            ("detective:[C]reateGraph", "detective:CreateGraph"),
            ("guardduty:ListMembers", "detective:ListMembers"),
            (5, "detective:"),
        ],
    )
    def test_unknown_actions_are_rejected(self, denials: Denials, action: str, nearest: str) -> None:
        """The message names the closest action."""
        with pytest.raises(FakeUsageError, match=f"Unknown IAM action .*Did you mean '{nearest}"):
            denials.add(action)

    def test_a_bracket_is_no_wildcard(self, denials: Denials) -> None:
        """It stands for itself, so it is in the name of no action."""
        with pytest.raises(FakeUsageError, match="Unknown IAM action"):
            denials.add("detective:[]CreateGraph")
        assert _matches("a:[b]*", "A:[B]c")

    def test_invalid_account_ids_are_rejected(self, denials: Denials) -> None:
        """They have twelve digits."""
        with pytest.raises(FakeUsageError, match="twelve digits"):
            denials.add("*", account_id="1")


class TestRefusal:
    def test_is_the_text_of_iam(self, denials: Denials) -> None:
        """It names the ARN of the graph."""
        denials.add("detective:ListMembers")
        assert refused(denials, "ListMembers", GraphArn=ARN) == f"{WHO}detective:ListMembers on resource: {ARN}"

    def test_names_the_graph_of_a_tag_operation(self, denials: Denials) -> None:
        """The parameter has another name there."""
        denials.add("*")
        assert str(refused(denials, "TagResource", ResourceArn=ARN)).endswith(f"on resource: {ARN}")

    @pytest.mark.parametrize(
        "operation",
        [
            "BatchGetMembershipDatasources",
            "CreateGraph",
            "DisableOrganizationAdminAccount",
            "EnableOrganizationAdminAccount",
            "ListGraphs",
            "ListInvitations",
            "ListOrganizationAdminAccounts",
        ],
    )
    def test_some_operations_have_no_resource(self, denials: Denials, operation: str) -> None:
        """They have no parameter for one graph. Source: service authorization reference, Amazon Detective."""
        found = operations()[operation]
        assert not {"GraphArn", "ResourceArn"} & {*found.body_members, *found.uri_members, *found.query_members}
        denials.add("*")
        assert str(refused(denials, operation)).endswith("on resource: *")

    @pytest.mark.parametrize("parameters", [{}, {"GraphArn": 5}])
    def test_a_request_without_a_valid_graph_has_no_resource(
        self, denials: Denials, parameters: dict[str, object]
    ) -> None:
        """The parameters are not validated yet."""
        denials.add("*")
        assert str(refused(denials, "ListMembers", **parameters)).endswith("on resource: *")

    @pytest.mark.parametrize(
        ("parameters", "denied"), [({"Tags": {"a": "b"}}, True), ({"Tags": {}}, False), ({}, False)]
    )
    def test_creating_a_graph_with_tags_also_needs_tag_resource(
        self, denials: Denials, parameters: dict[str, object], *, denied: bool
    ) -> None:
        """Source: service authorization reference."""
        denials.add("detective:TagResource")
        message = refused(denials, "CreateGraph", **parameters)
        assert (message == f"{WHO}detective:TagResource on resource: *") is denied

    def test_other_accounts_are_not_denied(self, denials: Denials) -> None:
        """If an account is given."""
        denials.add("*", account_id=ANA)
        assert refused(denials, "ListGraphs") is None
        assert refused(denials, "ListGraphs", account_id=ANA)

    def test_other_regions_are_not_denied(self, denials: Denials) -> None:
        """The text names the Region."""
        denial = denials.add("*", region="eu-west-1")
        assert refused(denials, "ListGraphs") is None
        assert refused(denials, "ListGraphs", region="eu-west-1")
        assert str(denial) == "deny('*', region='eu-west-1')"
        assert [str(each) for each in denial.differences(a_request("ListGraphs"))] == [
            "region: expected 'eu-west-1', was 'us-east-1'"
        ]

    def test_regions_without_detective_are_rejected(self, denials: Denials) -> None:
        """With the nearest name."""
        with pytest.raises(FakeUsageError, match="no Detective in Region 'eu-wets-1'; did you mean 'eu-west-1'"):
            denials.add("*", region="eu-wets-1")


class TestDenial:
    def test_can_be_allowed_again(self, denials: Denials) -> None:
        """Allowing twice is no error."""
        denial = denials.add("*")
        denial.allow()
        denial.allow()
        assert refused(denials, "ListGraphs") is None

    def test_ends_with_a_block(self, denials: Denials) -> None:
        """A denial is a context manager."""
        with denials.add("*"):
            assert refused(denials, "ListGraphs")
        assert refused(denials, "ListGraphs") is None

    def test_text_is_the_call_that_added_it(self, denials: Denials) -> None:
        """The text leaves out defaults."""
        assert str(denials.add("*")) == "deny('*')"
        denial = denials.add("*", account_id=ANA, region="eu-west-1")
        assert str(denial) == f"deny('*', account_id='{ANA}', region='eu-west-1')"

    def test_counts_its_uses(self, denials: Denials) -> None:
        """All denials that match a call count it."""
        every, tags, lists = denials.add("*"), denials.add("detective:TagResource"), denials.add("detective:List*")
        refused(denials, "CreateGraph", Tags={"a": "b"})
        refused(denials, "CreateGraph")
        assert [each.used for each in (every, tags, lists)] == [2, 1, 0]
