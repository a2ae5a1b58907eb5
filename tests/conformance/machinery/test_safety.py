"""A faulty check cannot touch what the run has not created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detective_fake import DetectiveFake
from tests.conformance.safety import MALFORMED_ARN, Safety, UnsafeCallError, nobodys_arn

if TYPE_CHECKING:
    from collections.abc import Iterator

ADMINISTRATOR, MEMBER = "111111111111", "222222222222"
UNKNOWN = nobodys_arn(ADMINISTRATOR, "us-east-1", "aws")


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake() as fake:
        yield fake


def client(fake: DetectiveFake, safety: Safety, role: Any = "administrator") -> Any:
    """Return a guarded client."""
    guarded: Any = fake.session(ADMINISTRATOR if role == "administrator" else MEMBER).client("detective")
    safety.guard(guarded, role, graphs=lambda: [graph.arn for graph in fake.graphs])
    return guarded


@pytest.fixture
def safety() -> Safety:
    return Safety(may_create=True)


@pytest.fixture
def guarded(fake: DetectiveFake, safety: Safety) -> Any:
    return client(fake, safety)


class TestGraphsOfOthers:
    @pytest.mark.parametrize("operation", ["delete_graph", "list_members", "accept_invitation"])
    def test_cannot_be_named(self, fake: DetectiveFake, guarded: Any, operation: str) -> None:
        """The call does not get anywhere."""
        arn = fake.seed.graph(ADMINISTRATOR)
        with pytest.raises(UnsafeCallError, match=f"{arn} is not a behavior graph that this run has created"):
            getattr(guarded, operation)(GraphArn=arn)
        assert len(fake.calls) == 0

    def test_nor_as_a_resource_or_in_a_list(self, fake: DetectiveFake, guarded: Any) -> None:
        """Wherever an operation takes an ARN."""
        arn = fake.seed.graph(ADMINISTRATOR)
        with pytest.raises(UnsafeCallError, match="TagResource: "):
            guarded.tag_resource(ResourceArn=arn, Tags={"a": "b"})
        with pytest.raises(UnsafeCallError, match="BatchGetMembershipDatasources: "):
            guarded.batch_get_membership_datasources(GraphArns=[UNKNOWN, arn])

    def test_are_not_taken_for_ours(self, fake: DetectiveFake, guarded: Any, safety: Safety) -> None:
        """`CreateGraph` would answer with the ARN of one that is there, and it would be deleted at the end."""
        arn = fake.seed.graph(ADMINISTRATOR)
        with pytest.raises(UnsafeCallError, match=f"has a behavior graph that this run has not created: {arn}"):
            guarded.create_graph()
        assert (safety.made, len(fake.calls)) == ([], 0)


class TestCreateGraph:
    def test_is_refused_without_the_flag(self, fake: DetectiveFake) -> None:
        """So nothing is created."""
        with pytest.raises(UnsafeCallError, match="CreateGraph by the administrator: nothing may be created here"):
            client(fake, Safety(may_create=False)).create_graph()
        assert fake.graphs == ()

    def test_is_refused_to_the_member(self, fake: DetectiveFake, safety: Safety) -> None:
        """The administrator's graph alone is deleted at the end."""
        with pytest.raises(UnsafeCallError, match="CreateGraph by the member"):
            client(fake, safety, "member").create_graph()

    def test_what_it_creates_may_be_named(self, guarded: Any, safety: Safety) -> None:
        """Also when it was deleted, once or twice; only what is left has to be."""
        arn = guarded.create_graph()["GraphArn"]
        assert guarded.create_graph()["GraphArn"] == arn
        assert (safety.made, safety.alive) == ([arn], [arn])
        guarded.delete_graph(GraphArn=arn)
        with pytest.raises(guarded.exceptions.ResourceNotFoundException):
            guarded.delete_graph(GraphArn=arn)
        assert (safety.made, safety.alive) == ([arn], [])

    def test_what_is_refused_is_not_noted(self, fake: DetectiveFake, guarded: Any, safety: Safety) -> None:
        """There is nothing to delete."""
        fake.faults.add("CreateGraph", error="InternalServerException", times=None)
        with pytest.raises(guarded.exceptions.InternalServerException):
            guarded.create_graph()
        assert safety.made == []


class TestOtherCalls:
    def test_lists_about_the_caller_pass(self, guarded: Any) -> None:
        """These operations only read."""
        assert guarded.list_graphs()["GraphList"] == guarded.list_invitations()["Invitations"] == []

    @pytest.mark.parametrize("arn", [UNKNOWN, MALFORMED_ARN])
    def test_arns_that_nobody_has_pass(self, guarded: Any, arn: str) -> None:
        """Detective itself refuses them."""
        with pytest.raises(guarded.exceptions.ClientError):
            guarded.list_members(GraphArn=arn)

    def test_designations_do_not(self, fake: DetectiveFake, guarded: Any) -> None:
        """They would change an organization."""
        with pytest.raises(UnsafeCallError, match="DisableOrganizationAdminAccount names no behavior graph"):
            guarded.disable_organization_admin_account()
        with pytest.raises(UnsafeCallError, match="EnableOrganizationAdminAccount names no behavior graph"):
            guarded.enable_organization_admin_account(AccountId=MEMBER)
        assert len(fake.calls) == 0
