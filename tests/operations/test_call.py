"""The checks that many operations begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detective_fake.errors import AccessDenied, ResourceNotFound
from detective_fake.operations.call import administered_graph, on_clock, own_membership
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    NOON,
    REGION,
    a_call,
    a_graph,
    a_world,
    an_organization_graph,
    refused,
)

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

ELSEWHERE = "eu-west-1"


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    return a_graph(world, members=[ANA])


class TestAdministeredGraph:
    def test_the_administrator_gets_its_graph(self, world: World, graph: BehaviorGraph) -> None:
        """By the ARN, under whatever name the operation has it."""
        assert administered_graph(a_call(world, "DeleteGraph", GraphArn=graph.arn)) == graph
        assert administered_graph(a_call(world, "TagResource", ResourceArn=graph.arn), "ResourceArn") == graph

    @pytest.mark.parametrize("account_id", [ANA, BEN])
    def test_nobody_else_does(self, world: World, graph: BehaviorGraph, account_id: str) -> None:
        """Neither its members nor strangers; that is not a 404."""
        with refused(world, AccessDenied, "does not have permission"):
            administered_graph(a_call(world, "DeleteGraph", account_id=account_id, GraphArn=graph.arn))

    @pytest.mark.parametrize("account_id", [ADMINISTRATOR, BEN])
    def test_it_is_not_in_another_region(self, world: World, graph: BehaviorGraph, account_id: str) -> None:
        """Whoever asks."""
        with refused(world, ResourceNotFound):
            administered_graph(
                a_call(world, "DeleteGraph", account_id=account_id, region=ELSEWHERE, GraphArn=graph.arn)
            )

    @pytest.mark.parametrize("account_id", [ADMINISTRATOR, BEN])
    def test_a_deleted_one_is_gone(self, world: World, graph: BehaviorGraph, account_id: str) -> None:
        """Also for its former owner."""
        world.delete_graph(graph)
        with refused(world, ResourceNotFound, "nonexistent resource"):
            administered_graph(a_call(world, "DeleteGraph", account_id=account_id, GraphArn=graph.arn))


class TestOwnMembership:
    def test_a_member_gets_its_row(self, world: World, graph: BehaviorGraph) -> None:
        """With the graph."""
        call = a_call(world, "AcceptInvitation", account_id=ANA, GraphArn=graph.arn)
        assert own_membership(call) == (graph, world.rows(graph.arn).rows[ANA])

    @pytest.mark.parametrize(("account_id", "region"), [(BEN, REGION), (ADMINISTRATOR, REGION), (ANA, ELSEWHERE)])
    def test_others_have_none(self, world: World, graph: BehaviorGraph, account_id: str, region: str) -> None:
        """The administrator neither, and nobody in another Region."""
        with refused(world, ResourceNotFound):
            own_membership(a_call(world, "AcceptInvitation", account_id=account_id, region=region, GraphArn=graph.arn))

    def test_a_deleted_graph_has_no_members(self, world: World, graph: BehaviorGraph) -> None:
        """Clients take that for "gone already"."""
        world.delete_graph(graph)
        with refused(world, ResourceNotFound):
            own_membership(a_call(world, "AcceptInvitation", account_id=ANA, GraphArn=graph.arn))

    def test_in_an_organization_graph_the_administrator_has_one(self, world: World) -> None:
        """It is listed there, and is an organization account."""
        graph = an_organization_graph(world)
        _, row = own_membership(a_call(world, "AcceptInvitation", GraphArn=graph.arn))
        assert row.account_id == ADMINISTRATOR


class TestOnClock:
    @pytest.mark.parametrize(("microsecond", "cut"), [(0, 0), (999, 0), (1_000, 1_000), (999_999, 999_000)])
    def test_times_are_cut_to_the_millisecond(self, world: World, microsecond: int, cut: int) -> None:
        """As answers have them."""
        found = on_clock(a_call(world, "StartInvestigation"), NOON.replace(microsecond=microsecond))
        assert found == NOON.replace(microsecond=cut)
