"""Changing the packages of a graph that has members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detective_fake.domain.account import Account
from detective_fake.domain.enrolment import check_ingest, graph_volume, select_packages
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

    def test_a_graph_over_the_volume_limit_starts_no_package(self, world: World, graph: BehaviorGraph) -> None:
        """A rejected update changes nothing."""
        world.quotas = Quotas(volume_bytes_per_day=10**9 + 9)
        before = world.copy()
        assert not select_packages(world, graph, {CORE, EKS}, LATER)
        assert world.copy() == before

    def test_a_package_may_bring_a_graph_over_the_volume_limit(self, world: World, graph: BehaviorGraph) -> None:
        """Only the present volume counts, with the administrator's own."""
        world.quotas = Quotas(volume_bytes_per_day=10**9 + 10)
        assert select_packages(world, graph, {CORE, EKS}, LATER)
        assert graph_volume(world, world.graphs[graph.arn]) == 10**9 + 15

    def test_a_package_may_stop_the_ingest(self, world: World, graph: BehaviorGraph) -> None:
        """At once, if the graph gets too much data with it."""
        world.quotas = Quotas(ingest_stop_bytes_per_day=10**9 + 10)
        assert select_packages(world, graph, {CORE, EKS}, LATER)
        packages = world.graphs[graph.arn].packages
        assert [packages[each].changes[IngestState.DISABLED] for each in (CORE, EKS)] == [LATER, LATER]

    def test_stopping_is_possible_over_the_limit(self, world: World, graph: BehaviorGraph) -> None:
        """A graph over its volume limit can always stop packages."""
        select_packages(world, graph, {CORE, EKS}, NOON)
        world.quotas = Quotas(volume_bytes_per_day=1)
        assert select_packages(world, world.graphs[graph.arn], {CORE}, LATER)
        assert world.graphs[graph.arn].packages[EKS].state is IngestState.STOPPED


class TestCheckIngest:
    def states(self, world: World, graph: BehaviorGraph) -> set[IngestState]:
        return {ingest.state for ingest in world.graphs[graph.arn].packages.values()}

    def test_too_much_data_stops_the_ingest(self, world: World, graph: BehaviorGraph) -> None:
        """The packages are `DISABLED` above the limit, not at it. They keep the time at which they were started."""
        world.quotas = Quotas(ingest_stop_bytes_per_day=10**9 + 10)
        check_ingest(world, graph, LATER)
        assert self.states(world, graph) == {IngestState.STARTED}
        world.quotas.ingest_stop_bytes_per_day -= 1
        check_ingest(world, graph, LATER)
        changes = world.graphs[graph.arn].packages[CORE].changes
        assert self.states(world, graph) == {IngestState.DISABLED}
        assert changes == {IngestState.STARTED: NOON, IngestState.DISABLED: LATER}

    def test_it_starts_again(self, world: World, graph: BehaviorGraph) -> None:
        """The volume is measured as before while the ingest is stopped. A stopped package stays stopped."""
        select_packages(world, graph, {CORE, EKS}, NOON)
        select_packages(world, world.graphs[graph.arn], {CORE}, NOON)
        world.quotas = Quotas(ingest_stop_bytes_per_day=1)
        check_ingest(world, graph, NOON)
        assert self.states(world, graph) == {IngestState.DISABLED, IngestState.STOPPED}
        assert graph_volume(world, world.graphs[graph.arn]) == 10**9 + 10
        world.quotas = Quotas()
        check_ingest(world, graph, LATER)
        assert self.states(world, graph) == {IngestState.STARTED, IngestState.STOPPED}

    def test_a_package_can_be_stopped_meanwhile(self, world: World, graph: BehaviorGraph) -> None:
        """An update with the same packages changes nothing."""
        select_packages(world, graph, {CORE, EKS}, NOON)
        world.quotas = Quotas(ingest_stop_bytes_per_day=1)
        check_ingest(world, graph, NOON)
        before = world.copy()
        assert select_packages(world, world.graphs[graph.arn], {CORE, EKS}, LATER)
        assert world.copy() == before
        assert select_packages(world, world.graphs[graph.arn], {CORE}, LATER)
        assert self.states(world, graph) == {IngestState.DISABLED, IngestState.STOPPED}

    def test_a_suspended_administrator_stops_the_ingest(self, world: World, graph: BehaviorGraph) -> None:
        """It starts again when the account is active again."""
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, suspended=True)
        check_ingest(world, graph, LATER)
        assert self.states(world, graph) == {IngestState.DISABLED}
        del world.accounts[ADMINISTRATOR]
        check_ingest(world, graph, LATER)
        assert self.states(world, graph) == {IngestState.STARTED}
