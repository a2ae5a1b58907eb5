"""Tests of TagResource, UntagResource and ListTagsForResource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.errors import AccessDenied, ResourceNotFound, ValidationFailed
from detective_fake.protocol.model import operations
from tests.builders import ANA, HOUR, NOON, REGION, a_call, a_graph, a_world, answer, refused

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

OPERATIONS: dict[str, dict[str, Any]] = {
    "TagResource": {"Tags": {"team": "red"}},
    "UntagResource": {"TagKeys": ["team"]},
    "ListTagsForResource": {},
}


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    graph = a_graph(world)
    answer(a_call(world, "TagResource", ResourceArn=graph.arn, Tags={"team": "blue", "Team": "", "x:y": "z"}))
    return graph


def tags_of(world: World, graph: BehaviorGraph) -> dict[str, str]:
    tags: dict[str, str] = answer(a_call(world, "ListTagsForResource", ResourceArn=graph.arn))["Tags"]
    return tags


class TestTagResource:
    def test_tags_are_merged(self, world: World, graph: BehaviorGraph) -> None:
        """New values replace old ones, and other tags stay. Keys are case-sensitive."""
        answer(a_call(world, "TagResource", ResourceArn=graph.arn, Tags={"team": "red", "new": "1"}))
        assert tags_of(world, graph) == {"team": "red", "Team": "", "x:y": "z", "new": "1"}

    def test_too_many_tags_are_refused(self, world: World) -> None:
        """The quota applies to all tags of the graph. A refused call adds none."""
        graph = a_graph(world, account_id=ANA)
        for start in (0, 25):
            tags = {str(number): "" for number in range(start, start + 25)}
            answer(a_call(world, "TagResource", account_id=ANA, ResourceArn=graph.arn, Tags=tags))
        answer(a_call(world, "TagResource", account_id=ANA, ResourceArn=graph.arn, Tags={"49": "changed"}))
        with refused(world, ValidationFailed, r"no more than 50 tags\. Found 51\."):
            answer(a_call(world, "TagResource", account_id=ANA, ResourceArn=graph.arn, Tags={"50": "", "0": "x"}))

    def test_tags_of_aws_do_not_count(self, world: World, graph: BehaviorGraph) -> None:
        """Such as those of a stack. They are listed."""
        tags = {f"aws:cloudformation:{number}": "x" for number in range(50)}
        world.put_graph(attrs.evolve(graph, tags=tags))
        answer(a_call(world, "TagResource", ResourceArn=graph.arn, Tags={"team": "red"}))
        assert tags_of(world, graph) == {**tags, "team": "red"}

    def test_the_quota_can_be_lowered(self, world: World, graph: BehaviorGraph) -> None:
        """The fake's quotas set the maximum number of tags."""
        world.quotas.tags_per_graph = 3
        with refused(world, ValidationFailed, r"no more than 3 tags\. Found 4\."):
            answer(a_call(world, "TagResource", ResourceArn=graph.arn, Tags={"new": "1"}))


class TestUntagResource:
    def test_keys_are_removed(self, world: World, graph: BehaviorGraph) -> None:
        """Unknown and repeated keys are ignored."""
        answer(a_call(world, "UntagResource", ResourceArn=graph.arn, TagKeys=["team", "none", "team"]))
        assert tags_of(world, graph) == {"Team": "", "x:y": "z"}

    def test_keys_of_aws_cannot_be_removed(self, graph: BehaviorGraph) -> None:
        """The service model refuses them, as it does in `TagResource`."""
        parameters = {"ResourceArn": graph.arn, "TagKeys": ["aws:cloudformation:stack-name"]}
        with pytest.raises(ValidationFailed, match=r"TagKeys\[0\] must match"):
            operations()["UntagResource"].validate(parameters)


class TestListTagsForResource:
    def test_a_graph_without_tags_has_an_empty_map(self, world: World) -> None:
        """The response contains an empty map instead of no map."""
        assert tags_of(world, a_graph(world)) == {}

    def test_each_response_is_a_copy(self, world: World, graph: BehaviorGraph) -> None:
        """Changing a response does not change the tags."""
        tags_of(world, graph).clear()
        assert len(tags_of(world, graph)) == 3


class TestRefusals:
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_only_the_administrator_may_call_it(self, world: World, graph: BehaviorGraph, operation: str) -> None:
        """Other accounts are denied."""
        call = a_call(world, operation, account_id=ANA, ResourceArn=graph.arn, **OPERATIONS[operation])
        with refused(world, AccessDenied):
            answer(call)

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("region", [REGION, "eu-west-1"])
    def test_an_unknown_graph_is_not_found(
        self, world: World, graph: BehaviorGraph, operation: str, region: str
    ) -> None:
        """Deleted graphs and graphs of other Regions are not found."""
        if region == REGION:
            world.delete_graph(graph)
        call = a_call(world, operation, region=region, at=NOON + HOUR, ResourceArn=graph.arn, **OPERATIONS[operation])
        with refused(world, ResourceNotFound):
            answer(call)
