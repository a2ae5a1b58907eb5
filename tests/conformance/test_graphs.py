"""A behavior graph is created, tagged, read by other accounts, and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.calls import about
from tests.conformance.comparing import Refusal
from tests.conformance.graphs import TAGS, open_graph
from tests.conformance.rules import holds, operations_under

if TYPE_CHECKING:
    from tests.conformance.accounts import Accounts
    from tests.conformance.comparing import Comparison

ADMINISTRATORS = "Operations of a graph's administrator"
INVALID = Refusal("ValidationException", 400)


def tags(administrator: Any, arn: str) -> dict[str, str]:
    """Return the tags that a check has added."""
    all_tags: dict[str, str] = administrator.list_tags_for_resource(ResourceArn=arn)["Tags"]
    return {key: value for key, value in all_tags.items() if key not in TAGS}


class TestCreateGraph:
    @holds(("CreateGraph", "The caller becomes the"), ("ListGraphs", "The list contains the"))
    def test_the_graph_is_listed_at_once(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """The row has its ARN and the time of its creation."""
        listed = administrator.list_graphs()["GraphList"]
        keys = [sorted(each) for each in listed]
        compare(([each["Arn"] for each in listed], keys), ([graph_arn], [["Arn", "CreatedTime"]]))

    @holds(("CreateGraph", "An account that already"))
    def test_asked_again_it_is_the_same(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """A second call is no error."""
        compare(administrator.create_graph()["GraphArn"], graph_arn)

    @holds(("CreateGraph", "Tags of a repeated call"))
    def test_it_then_ignores_tags(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """A second call creates nothing."""
        administrator.create_graph(Tags={"repeated": "call"})
        compare(tags(administrator, graph_arn), {})

    @holds(("CreateGraph", "Too many tags, or"))
    @pytest.mark.usefixtures("graph_arn")
    def test_a_key_that_is_not_allowed_is_refused(self, administrator: Any, compare: Comparison) -> None:
        """Also where there is a graph already."""
        compare.refusal(INVALID, administrator.create_graph, Tags={"with space": "value"})


class TestTags:
    @holds(("TagResource", "Tags are merged"))
    def test_they_are_merged(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """New values replace old ones, of the same key to the letter's case."""
        administrator.tag_resource(ResourceArn=graph_arn, Tags={"team": "red", "Team": "green"})
        administrator.tag_resource(ResourceArn=graph_arn, Tags={"team": "blue", "cost:centre": ""})
        compare(tags(administrator, graph_arn), {"team": "blue", "Team": "green", "cost:centre": ""})

    @holds(("TagResource", "A request that would"))
    def test_more_than_50_are_refused(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """The graph's own count."""
        too_many = {f"key{number}": "" for number in range(51 - len(TAGS))}
        compare.refusal(INVALID, administrator.tag_resource, ResourceArn=graph_arn, Tags=too_many)
        compare(tags(administrator, graph_arn), {})

    @holds(("TagResource", "Keys may contain letters"))
    @pytest.mark.parametrize("key", ["with space", "at@sign", "aws:own"])
    def test_some_keys_are_refused(self, administrator: Any, graph_arn: str, compare: Comparison, key: str) -> None:
        """AWS has them elsewhere."""
        compare.refusal(INVALID, administrator.tag_resource, ResourceArn=graph_arn, Tags={key: ""})

    @holds(("TagResource", "Keys may contain letters"))
    def test_digits_and_signs_are_taken(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """Characters in the range `+-=` of the pattern."""
        odd = {"a1+,-./:;<=_": "value"}
        administrator.tag_resource(ResourceArn=graph_arn, Tags=odd)
        compare(tags(administrator, graph_arn), odd)

    @holds(("UntagResource", "Keys that the graph does not have"))
    def test_keys_that_are_not_there_can_be_removed(
        self, administrator: Any, graph_arn: str, compare: Comparison
    ) -> None:
        """They are ignored, the others go."""
        administrator.tag_resource(ResourceArn=graph_arn, Tags={"team": "red", "stays": ""})
        administrator.untag_resource(ResourceArn=graph_arn, TagKeys=["team", "none"])
        compare(tags(administrator, graph_arn), {"stays": ""})

    @holds(("UntagResource", "Keys that begin with"))
    def test_keys_of_aws_cannot_be_removed(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """Whether the graph has them or not."""
        compare.refusal(INVALID, administrator.untag_resource, ResourceArn=graph_arn, TagKeys=["aws:own"])


class TestOtherAccounts:
    @holds((ADMINISTRATORS, "Access to the graph"))
    @pytest.mark.parametrize("operation", operations_under(ADMINISTRATORS))
    def test_a_stranger_may_not(self, member: Any, graph_arn: str, compare: Comparison, operation: str) -> None:
        """The graph exists, but is not the caller's."""
        call, arguments = about(member, operation, graph_arn)
        compare.refusal(Refusal("AccessDeniedException", 403), call, **arguments)

    @holds((ADMINISTRATORS, "Access to the graph"))
    def test_nor_may_a_member(self, member: Any, enabled: str, compare: Comparison) -> None:
        """A member contributes data but cannot read the graph."""
        compare.refusal(Refusal("AccessDeniedException", 403), member.list_members, GraphArn=enabled)


class TestDeleteGraph:
    @holds(("DeleteGraph", "The graph is deleted"), (ADMINISTRATORS, "A graph that does"))
    def test_it_is_gone(self, administrator: Any, doomed_graph_arn: str, compare: Comparison) -> None:
        """It is neither listed nor found."""
        administrator.delete_graph(GraphArn=doomed_graph_arn)
        compare(administrator.list_graphs()["GraphList"], [])
        compare.refusal(
            Refusal("ResourceNotFoundException", 404), administrator.delete_graph, GraphArn=doomed_graph_arn
        )

    @holds(("DeleteGraph", "The graph is deleted"))
    @pytest.mark.usefixtures("enabled")
    def test_it_is_gone_from_its_members_lists(
        self, administrator: Any, member: Any, doomed_graph_arn: str, compare: Comparison
    ) -> None:
        """They do not have to be removed first."""
        administrator.delete_graph(GraphArn=doomed_graph_arn)
        compare(member.list_invitations()["Invitations"], [])

    @holds(("CreateGraph", "A graph that is"))
    def test_the_next_has_another_arn(
        self, accounts: Accounts, administrator: Any, doomed_graph_arn: str, compare: Comparison
    ) -> None:
        """A deleted graph cannot be restored."""
        administrator.delete_graph(GraphArn=doomed_graph_arn)
        compare(open_graph(accounts) == doomed_graph_arn, expected=False)
