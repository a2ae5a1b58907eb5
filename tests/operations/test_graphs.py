"""CreateGraph, ListGraphs, DeleteGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from detective_fake.domain.account import Account
from detective_fake.domain.datasources import DatasourcePackage
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
        """In the Region it asked, from that time on, with its tags."""
        arn = answer(a_call(world, "CreateGraph", at=NOON + HOUR, Tags={"team": "blue"}))["GraphArn"]
        graph = world.graphs[arn]
        assert (graph.administrator_id, graph.region) == (ADMINISTRATOR, REGION)
        assert (graph.created_at, graph.tags) == (NOON + HOUR, {"team": "blue"})

    def test_asked_again_it_is_the_same(self, world: World) -> None:
        """Nothing changes, tags of the second call included."""
        first = answer(a_call(world, "CreateGraph", Tags={"team": "blue"}))
        before = world.copy()
        assert answer(a_call(world, "CreateGraph", at=NOON + HOUR, Tags={"team": "red"})) == first
        assert world.copy() == before

    @pytest.mark.parametrize(("account_id", "region"), [(ANA, REGION), (ADMINISTRATOR, ELSEWHERE)])
    def test_every_account_has_its_own_in_every_region(self, world: World, account_id: str, region: str) -> None:
        """A member of others may have one as well."""
        a_graph(world, members=[ANA])
        answer(a_call(world, "CreateGraph", account_id=account_id, region=region))
        assert len(world.graphs) == 2
        assert not violations(world)

    def test_after_a_deletion_it_is_another(self, world: World) -> None:
        """A deleted graph cannot be restored."""
        gone = a_graph(world)
        world.delete_graph(gone)
        assert answer(a_call(world, "CreateGraph"))["GraphArn"] != gone.arn

    def test_an_account_that_makes_too_much_data_is_refused(self, world: World) -> None:
        """Alone it would be over the limit; at the limit it is not."""
        set_volume(world, 10 * TERABYTE + 1)
        with refused(world, ServiceQuotaExceeded) as caught:
            answer(a_call(world, "CreateGraph"))
        assert caught.value.members == {"Resources": ("VOLUME",)}
        set_volume(world, 10 * TERABYTE)
        answer(a_call(world, "CreateGraph"))

    def test_but_not_where_it_has_a_graph(self, world: World) -> None:
        """Nothing is created then."""
        graph = a_graph(world)
        set_volume(world, 11 * TERABYTE)
        assert answer(a_call(world, "CreateGraph")) == {"GraphArn": graph.arn}

    def test_an_unknown_volume_is_no_hindrance(self, world: World) -> None:
        """Today GuardDuty is not required."""
        set_volume(world, None)
        answer(a_call(world, "CreateGraph"))

    def test_only_core_data_counts(self, world: World) -> None:
        """A new graph takes in no other."""
        volumes = {DatasourcePackage.EKS_AUDIT: 11 * TERABYTE}
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, volumes=volumes)
        answer(a_call(world, "CreateGraph"))

    def test_more_tags_than_a_graph_may_have_are_refused(self, world: World) -> None:
        """As `TagResource` refuses them."""
        world.quotas.tags_per_graph = 1
        with refused(world, ValidationFailed, "must have no more than 1 tags. Found 2."):
            answer(a_call(world, "CreateGraph", Tags={"a": "", "b": ""}))


class TestListGraphs:
    def test_it_is_the_callers_own(self, world: World) -> None:
        """With the time of its creation; nobody else's, and none of another Region."""
        graph = a_graph(world)
        a_graph(world, account_id=ANA)
        a_graph(world, region=ELSEWHERE)
        assert answer(a_call(world, "ListGraphs")) == {"GraphList": [{"Arn": graph.arn, "CreatedTime": NOON}]}

    def test_an_account_without_one_gets_an_empty_list(self, world: World) -> None:
        """Not an error, also if it is a member of one."""
        a_graph(world, members=[ANA])
        assert answer(a_call(world, "ListGraphs", account_id=ANA)) == {"GraphList": []}
        assert answer(a_call(world, "ListGraphs", account_id=BEN, MaxResults=200)) == {"GraphList": []}

    def test_no_token_is_valid(self, world: World) -> None:
        """None was ever given out."""
        a_graph(world)
        with refused(world, ValidationFailed, r"ListGraphsRequest\.NextToken is not one"):
            answer(a_call(world, "ListGraphs", NextToken="AAAA"))


class TestDeleteGraph:
    def test_it_is_gone_with_everything_in_it(self, world: World) -> None:
        """From both sides; members need not be removed before."""
        graph = a_graph(world, members=[ANA])
        assert answer(a_call(world, "DeleteGraph", GraphArn=graph.arn)) == {}
        assert answer(a_call(world, "ListGraphs")) == {"GraphList": []}
        assert answer(a_call(world, "ListInvitations", account_id=ANA)) == {"Invitations": []}
        assert not violations(world)

    def test_twice_is_not_found(self, world: World) -> None:
        """Clients take that for done."""
        graph = a_graph(world)
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        with refused(world, ResourceNotFound):
            answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))

    def test_a_member_may_not(self, world: World) -> None:
        """It contributes, no more."""
        graph = a_graph(world, members=[ANA])
        with refused(world, AccessDenied):
            answer(a_call(world, "DeleteGraph", account_id=ANA, GraphArn=graph.arn))

    def test_an_organization_graph_can_be_deleted(self, world: World) -> None:
        """The designation survives it, and stays listed with its ARN."""
        graph = an_organization_graph(world)
        designations, listed = dict(world.designations), dict(world.listed)
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        assert (world.designations, world.listed) == (designations, listed)

    def test_a_list_that_was_answered_before_stays(self, world: World) -> None:
        """It is written from what was then."""
        graph = a_graph(world)
        listed = answer(a_call(world, "ListGraphs"))
        world.put_graph(attrs.evolve(graph, created_at=NOON + HOUR))
        world.delete_graph(graph)
        assert listed == {"GraphList": [{"Arn": graph.arn, "CreatedTime": NOON}]}
