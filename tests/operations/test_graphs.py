"""Tests of CreateGraph, ListGraphs and DeleteGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from detective_fake.domain.account import Account
from detective_fake.domain.graph import DatasourcePackage
from detective_fake.errors import AccessDenied, ResourceNotFound, ServiceQuotaExceeded, ValidationFailed
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    NOON,
    REGION,
    a_call,
    a_graph,
    a_world,
    an_organization_graph,
    answer,
    refused,
)
from tests.invariants import violations

if TYPE_CHECKING:
    from detective_fake.domain.world import World

TERABYTE = 10**12
ELSEWHERE = "eu-west-1"


@pytest.fixture
def world() -> World:
    return a_world()


def set_volume(world: World, volume: int | None) -> None:
    volumes = None if volume is None else {DatasourcePackage.DETECTIVE_CORE: volume}
    world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, volumes=volumes)


class TestCreateGraph:
    def test_the_caller_administers_a_new_graph(self, world: World) -> None:
        """The graph has the caller, Region, time and tags of the request."""
        arn = answer(a_call(world, "CreateGraph", at=NOON + HOUR, Tags={"team": "blue"}))["GraphArn"]
        graph = world.graphs[arn]
        assert (graph.administrator_id, graph.region) == (ADMINISTRATOR, REGION)
        assert (graph.created_at, graph.tags) == (NOON + HOUR, {"team": "blue"})

    def test_a_repeated_call_returns_the_same_graph(self, world: World) -> None:
        """A repeated call changes nothing. Its tags are ignored."""
        first = answer(a_call(world, "CreateGraph", Tags={"team": "blue"}))
        before = world.copy()
        assert answer(a_call(world, "CreateGraph", at=NOON + HOUR, Tags={"team": "red"})) == first
        assert world.copy() == before

    @pytest.mark.parametrize(("account_id", "region"), [(ANA, REGION), (ADMINISTRATOR, ELSEWHERE)])
    def test_each_account_has_one_graph_per_region(self, world: World, account_id: str, region: str) -> None:
        """A member of another graph can create its own graph, too."""
        a_graph(world, members=[ANA])
        answer(a_call(world, "CreateGraph", account_id=account_id, region=region))
        assert len(world.graphs) == 2
        assert not violations(world)

    def test_a_graph_created_after_a_deletion_has_a_new_arn(self, world: World) -> None:
        """A deleted graph cannot be restored."""
        gone = a_graph(world)
        world.delete_graph(gone)
        assert answer(a_call(world, "CreateGraph"))["GraphArn"] != gone.arn

    def test_an_account_over_the_volume_quota_is_refused(self, world: World) -> None:
        """A volume above the quota is refused. A volume equal to it is not."""
        set_volume(world, 10 * TERABYTE + 1)
        with refused(world, ServiceQuotaExceeded) as caught:
            answer(a_call(world, "CreateGraph"))
        assert caught.value.members == {"Resources": ("VOLUME",)}
        set_volume(world, 10 * TERABYTE)
        answer(a_call(world, "CreateGraph"))

    def test_an_existing_graph_is_returned_over_the_volume_quota(self, world: World) -> None:
        """The quota applies only to new graphs."""
        graph = a_graph(world)
        set_volume(world, 11 * TERABYTE)
        assert answer(a_call(world, "CreateGraph")) == {"GraphArn": graph.arn}

    def test_an_account_with_an_unknown_volume_is_accepted(self, world: World) -> None:
        """The call succeeds if the volume is unknown, because GuardDuty is no longer required."""
        set_volume(world, None)
        answer(a_call(world, "CreateGraph"))

    def test_only_core_data_counts_toward_the_quota(self, world: World) -> None:
        """A new graph ingests only core data, so other volumes do not count."""
        volumes = {DatasourcePackage.EKS_AUDIT: 11 * TERABYTE}
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, volumes=volumes)
        answer(a_call(world, "CreateGraph"))

    def test_too_many_tags_are_refused(self, world: World) -> None:
        """CreateGraph and TagResource have the same tag quota."""
        world.quotas.tags_per_graph = 1
        with refused(world, ValidationFailed, "must have no more than 1 tags. Found 2."):
            answer(a_call(world, "CreateGraph", Tags={"a": "", "b": ""}))


class TestListGraphs:
    def test_only_the_callers_graph_is_listed(self, world: World) -> None:
        """Graphs of other accounts and other Regions are not listed."""
        graph = a_graph(world)
        a_graph(world, account_id=ANA)
        a_graph(world, region=ELSEWHERE)
        assert answer(a_call(world, "ListGraphs")) == {"GraphList": [{"Arn": graph.arn, "CreatedTime": NOON}]}

    def test_an_account_without_a_graph_gets_an_empty_list(self, world: World) -> None:
        """The list is empty for a member of another graph and for a stranger."""
        a_graph(world, members=[ANA])
        assert answer(a_call(world, "ListGraphs", account_id=ANA)) == {"GraphList": []}
        assert answer(a_call(world, "ListGraphs", account_id=BEN, MaxResults=200)) == {"GraphList": []}

    def test_any_token_is_rejected(self, world: World) -> None:
        """ListGraphs returns no tokens, so it accepts none."""
        a_graph(world)
        with refused(world, ValidationFailed, r"ListGraphsRequest\.NextToken is not one"):
            answer(a_call(world, "ListGraphs", NextToken="AAAA"))


class TestDeleteGraph:
    def test_a_graph_is_deleted_with_its_members(self, world: World) -> None:
        """The graph and its memberships are no longer listed. Members need not be removed first."""
        graph = a_graph(world, members=[ANA])
        assert answer(a_call(world, "DeleteGraph", GraphArn=graph.arn)) == {}
        assert answer(a_call(world, "ListGraphs")) == {"GraphList": []}
        assert answer(a_call(world, "ListInvitations", account_id=ANA)) == {"Invitations": []}
        assert not violations(world)

    def test_deleting_it_twice_is_not_found(self, world: World) -> None:
        """The second call is not found. Clients treat that as success."""
        graph = a_graph(world)
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        with refused(world, ResourceNotFound):
            answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))

    def test_a_member_is_denied(self, world: World) -> None:
        """A member cannot delete the graph."""
        graph = a_graph(world, members=[ANA])
        with refused(world, AccessDenied):
            answer(a_call(world, "DeleteGraph", account_id=ANA, GraphArn=graph.arn))

    def test_an_organization_graph_can_be_deleted(self, world: World) -> None:
        """The designation remains, and stays listed with the ARN of the deleted graph."""
        graph = an_organization_graph(world)
        designations, listed = dict(world.designations), dict(world.listed)
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        assert (world.designations, world.listed) == (designations, listed)

    def test_an_earlier_response_does_not_change(self, world: World) -> None:
        """A response keeps its content when the graph is changed or deleted later."""
        graph = a_graph(world)
        listed = answer(a_call(world, "ListGraphs"))
        world.put_graph(attrs.evolve(graph, created_at=NOON + HOUR))
        world.delete_graph(graph)
        assert listed == {"GraphList": [{"Arn": graph.arn, "CreatedTime": NOON}]}
