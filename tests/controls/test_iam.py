"""Tests of `detective_fake.controls.iam`."""

from __future__ import annotations

import pytest

from detective_fake.controls.iam import Denials, action_of
from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import operations
from tests.builders import ADMINISTRATOR, ANA
from tests.journal.journals import a_request

ARN = f"arn:aws:detective:us-east-1:{ADMINISTRATOR}:graph:027c7c4610ea4aacaf0b883093cab899"
WHO = f"User: arn:aws:sts::{ADMINISTRATOR}:assumed-role/detective-fake/detective-fake is not authorized to perform: "


@pytest.fixture
def denials() -> Denials:
    return Denials(tuple(operations()))


def refused(denials: Denials, operation: str, **options: object) -> str | None:
    """Return the refusal of a request, None for none."""
    refusal = denials.refusal(a_request(operation, **options))  # type: ignore[arg-type]
    return None if refusal is None else refusal.message


class TestActions:
    def test_are_called_as_the_operations(self) -> None:
        """With the service's prefix."""
        assert action_of("ListMembers") == "detective:ListMembers"

    def test_one_is_singular(self) -> None:
        """Source: service authorization reference."""
        assert action_of("ListOrganizationAdminAccounts") == "detective:ListOrganizationAdminAccount"


class TestAdd:
    @pytest.mark.parametrize("action", ["detective:Create*", "detective:creategraph", "*", "detective:?reateGraph"])
    def test_patterns_are_those_of_iam(self, denials: Denials, action: str) -> None:
        """`*` and `?`; letter case does not matter."""
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
    def test_what_is_no_action_is_refused(self, denials: Denials, action: str, nearest: str) -> None:
        """With the one that was probably meant."""
        with pytest.raises(FakeUsageError, match=f"no IAM action of Detective, .*; did you mean '{nearest}"):
            denials.add(action)

    def test_the_account_has_to_be_one(self, denials: Denials) -> None:
        """Twelve digits."""
        with pytest.raises(FakeUsageError, match="twelve digits"):
            denials.add("*", account_id="1")


class TestRefusal:
    def test_is_the_text_of_iam(self, denials: Denials) -> None:
        """Of a graph's operation with the graph's ARN."""
        denials.add("detective:ListMembers")
        assert refused(denials, "ListMembers", GraphArn=ARN) == f"{WHO}detective:ListMembers on resource: {ARN}"

    def test_tags_are_on_the_graph(self, denials: Denials) -> None:
        """Whatever the member is called."""
        denials.add("*")
        assert str(refused(denials, "TagResource", ResourceArn=ARN)).endswith(f"on resource: {ARN}")

    @pytest.mark.parametrize("operation", ["CreateGraph", "BatchGetMembershipDatasources", "ListInvitations"])
    def test_some_operations_are_on_anything(self, denials: Denials, operation: str) -> None:
        """Whatever they name."""
        denials.add("*")
        assert str(refused(denials, operation, GraphArn=ARN)).endswith("on resource: *")

    @pytest.mark.parametrize("parameters", [{}, {"GraphArn": 5}])
    def test_what_names_no_graph_is_on_anything(self, denials: Denials, parameters: dict[str, object]) -> None:
        """Parameters are not validated yet."""
        denials.add("*")
        assert str(refused(denials, "ListMembers", **parameters)).endswith("on resource: *")

    @pytest.mark.parametrize(
        ("parameters", "denied"), [({"Tags": {"a": "b"}}, True), ({"Tags": {}}, False), ({}, False)]
    )
    def test_creating_with_tags_is_tagging_too(
        self, denials: Denials, parameters: dict[str, object], *, denied: bool
    ) -> None:
        """Source: service authorization reference."""
        denials.add("detective:TagResource")
        message = refused(denials, "CreateGraph", **parameters)
        assert (message == f"{WHO}detective:TagResource on resource: *") is denied

    def test_other_accounts_may(self, denials: Denials) -> None:
        """Where one is named."""
        denials.add("*", account_id=ANA)
        assert refused(denials, "ListGraphs") is None
        assert refused(denials, "ListGraphs", account_id=ANA)


class TestDenial:
    def test_ends(self, denials: Denials) -> None:
        """Once; a second time is no mistake."""
        denial = denials.add("*")
        denial.allow()
        denial.allow()
        assert refused(denials, "ListGraphs") is None

    def test_ends_with_a_block(self, denials: Denials) -> None:
        """As a context manager."""
        with denials.add("*"):
            assert refused(denials, "ListGraphs")
        assert refused(denials, "ListGraphs") is None

    def test_shows_itself_as_it_was_made(self, denials: Denials) -> None:
        """For lists of what is denied."""
        assert repr(denials.add("*")) == "deny('*')"
        assert repr(denials.add("*", account_id=ANA)) == f"deny('*', account_id='{ANA}')"
