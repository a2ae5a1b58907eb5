"""Changing the packages of a graph that has members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detective_fake.domain.enrolment import expected_volume, select_packages
from detective_fake.domain.graph import DatasourcePackage, IngestState
from detective_fake.domain.membership import MemberStatus
from detective_fake.domain.quotas import Quotas
from tests.builders import ADMINISTRATOR, ANA, BEN, HOUR, NOON, a_graph, a_member, a_world

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

CORE = DatasourcePackage.DETECTIVE_CORE
EKS = DatasourcePackage.EKS_AUDIT
LATER = NOON + HOUR
VOLUMES = {"DETECTIVE_CORE": 10, "EKS_AUDIT": 5}


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    graph = a_graph(world)
    a_member(world, graph, ANA, daily_volume_bytes=VOLUMES)
    return graph


class TestSelectPackages:
    def test_enabled_members_are_measured_again(self, world: World, graph: BehaviorGraph) -> None:
        """The volume of a newly started package appears in their usage at once."""
        assert select_packages(world, graph, {CORE, EKS}, LATER)
        usage = world.rows(graph.arn).rows[ANA].usage
        assert usage is not None
        assert (usage.total, usage.by_package, usage.measured_at) == (15, {CORE: 10, EKS: 5}, LATER)

    def test_other_members_have_no_usage(self, world: World, graph: BehaviorGraph) -> None:
        """Only enabled members are measured."""
        a_member(world, graph, BEN, status=MemberStatus.INVITED)
        select_packages(world, graph, {CORE, EKS}, LATER)
        assert world.rows(graph.arn).rows[BEN].usage is None

    def test_the_same_packages_change_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """Repeating an update does not measure the members again."""
        before = world.copy()
        assert select_packages(world, graph, {CORE}, LATER)
        assert world.copy() == before

    def test_packages_over_the_volume_limit_are_rejected(self, world: World, graph: BehaviorGraph) -> None:
        """A rejected update changes nothing."""
        world.quotas = Quotas(volume_bytes_per_day=10**9 + 14)
        before = world.copy()
        assert not select_packages(world, graph, {CORE, EKS}, LATER)
        assert world.copy() == before

    def test_a_graph_can_reach_the_volume_limit(self, world: World, graph: BehaviorGraph) -> None:
        """The administrator's own volume counts, too."""
        world.quotas = Quotas(volume_bytes_per_day=10**9 + 15)
        assert select_packages(world, graph, {CORE, EKS}, LATER)

    def test_stopping_is_possible_over_the_limit(self, world: World, graph: BehaviorGraph) -> None:
        """A graph over its volume limit can always stop packages."""
        select_packages(world, graph, {CORE, EKS}, NOON)
        world.quotas = Quotas(volume_bytes_per_day=1)
        assert select_packages(world, world.graphs[graph.arn], {CORE}, LATER)
        assert world.graphs[graph.arn].packages[EKS].state is IngestState.STOPPED


class TestExpectedVolume:
    def test_administrator_and_enabled_members_count(self, world: World, graph: BehaviorGraph) -> None:
        """Invited members do not count."""
        a_member(world, graph, BEN, status=MemberStatus.INVITED)
        assert expected_volume(world, graph) == 10**9 + 10

    def test_unknown_volumes_count_as_zero(self, world: World, graph: BehaviorGraph) -> None:
        """A member with an unknown volume adds nothing to the sum."""
        a_member(world, graph, BEN, daily_volume_bytes=None)
        assert expected_volume(world, graph) == 10**9 + 10

    def test_default_accounts_have_the_default_volume(self, world: World) -> None:
        """The default volume is one gigabyte a day."""
        assert expected_volume(world, a_graph(world, account_id=BEN, members=[ANA])) == 2 * 10**9

    def test_an_administrator_with_a_row_counts_once(self, world: World, graph: BehaviorGraph) -> None:
        """In an organization behavior graph, the administrator has its own row."""
        a_member(world, graph, ADMINISTRATOR, daily_volume_bytes=7)
        assert expected_volume(world, graph) == 17
