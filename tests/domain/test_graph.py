"""Behavior graphs, their data source packages, and the ingest history of a member."""

from __future__ import annotations

import attrs
import pytest

from detective_fake.domain.graph import (
    BehaviorGraph,
    DatasourcePackage,
    IngestState,
    Packages,
    arn_of,
    ingest_history,
    update_packages,
)
from tests.builders import ADMINISTRATOR, HOUR, NOON, REGION, a_graph
from tests.protocol.shapes import enum_values

CORE = DatasourcePackage.DETECTIVE_CORE
EKS = DatasourcePackage.EKS_AUDIT
STARTED = IngestState.STARTED
STOPPED = IngestState.STOPPED
INITIAL = a_graph().packages


class TestEnums:
    def test_packages_match_the_service_model(self) -> None:
        """`DatasourcePackage` has exactly the values of the service model."""
        assert tuple(package.value for package in DatasourcePackage) == enum_values("DatasourcePackage")

    def test_states_match_the_service_model(self) -> None:
        """`IngestState` has exactly the values of the service model."""
        assert tuple(state.value for state in IngestState) == enum_values("DatasourcePackageIngestState")


class TestInitial:
    def test_a_new_graph_takes_in_core_data_only(self) -> None:
        """Optional packages are absent until they are first started."""
        assert {package: ingest.state for package, ingest in INITIAL.items()} == {CORE: STARTED}
        assert INITIAL[CORE].changes == {STARTED: NOON}


class TestAfterUpdate:
    def test_a_desired_package_is_started(self) -> None:
        """The start time is the time of the update."""
        packages = update_packages(INITIAL, {CORE, EKS}, NOON + HOUR)
        assert packages[EKS].state is STARTED
        assert packages[EKS].changes == {STARTED: NOON + HOUR}

    def test_a_started_package_keeps_its_start_time(self) -> None:
        """Selecting a started package again does not restart it."""
        assert update_packages(INITIAL, {CORE}, NOON + HOUR) == INITIAL

    def test_a_package_that_is_not_desired_is_stopped(self) -> None:
        """The history keeps the start time and adds the stop time."""
        packages = update_packages(_with_eks(), {CORE}, NOON + HOUR)
        assert packages[EKS].state is STOPPED
        assert packages[EKS].changes == {STARTED: NOON, STOPPED: NOON + HOUR}

    def test_a_stopped_package_can_be_started_again(self) -> None:
        """The history keeps only the last change into each state."""
        stopped = update_packages(_with_eks(), {CORE}, NOON + HOUR)
        packages = update_packages(stopped, {CORE, EKS}, NOON + 2 * HOUR)
        assert packages[EKS].changes == {STARTED: NOON + 2 * HOUR, STOPPED: NOON + HOUR}

    def test_packages_never_started_stay_absent(self) -> None:
        """Stopping a package that never ran does not add it."""
        assert set(update_packages(_with_eks(), {CORE}, NOON)) == {CORE, EKS}


class TestHistorySince:
    def test_a_later_member_starts_when_it_is_enabled(self) -> None:
        """The history of a member does not begin before the member is enabled."""
        assert ingest_history(INITIAL, NOON + HOUR) == {CORE: {STARTED: NOON + HOUR, STOPPED: None}}

    def test_a_package_started_later_has_its_own_start_time(self) -> None:
        """Existing members start at the time when the package is started."""
        packages = update_packages(INITIAL, {CORE, EKS}, NOON + HOUR)
        assert ingest_history(packages, NOON)[EKS] == {STARTED: NOON + HOUR, STOPPED: None}

    def test_a_package_stopped_later_has_a_stop_time(self) -> None:
        """The history contains the stop time of the package."""
        packages = update_packages(_with_eks(), {CORE}, NOON + 2 * HOUR)
        assert ingest_history(packages, NOON + HOUR)[EKS] == {STARTED: NOON + HOUR, STOPPED: NOON + 2 * HOUR}

    def test_a_package_stopped_earlier_is_omitted(self) -> None:
        """The member never sent data for this package."""
        packages = update_packages(_with_eks(), {CORE}, NOON + HOUR)
        assert set(ingest_history(packages, NOON + 2 * HOUR)) == {CORE}

    def test_a_stop_at_the_same_moment_counts(self) -> None:
        """If both times are equal, the member is enabled first. Tests on a frozen clock expect to see the stop."""
        packages = update_packages(_with_eks(), {CORE}, NOON + HOUR)
        assert ingest_history(packages, NOON + HOUR)[EKS] == {STARTED: NOON + HOUR, STOPPED: NOON + HOUR}

    def test_a_stop_before_the_member_is_omitted(self) -> None:
        """A restarted package has no stop time for a member that was enabled after the stop."""
        stopped = update_packages(_with_eks(), {CORE}, NOON + HOUR)
        packages = update_packages(stopped, {CORE, EKS}, NOON + 2 * HOUR)
        assert ingest_history(packages, NOON + 3 * HOUR)[EKS] == {STARTED: NOON + 3 * HOUR, STOPPED: None}


def _with_eks() -> Packages:
    return update_packages(INITIAL, {CORE, EKS}, NOON)


@pytest.mark.parametrize("given", [a_graph(), a_graph().arn])
def test_a_graph_can_be_given_as_a_value_or_an_arn(given: str | BehaviorGraph) -> None:
    """A graph and its ARN are equivalent arguments."""
    assert arn_of(given) == a_graph().arn


class TestBehaviorGraph:
    def test_a_new_graph_belongs_to_no_organization(self) -> None:
        """A new graph has no tags and does not enable accounts automatically."""
        graph = a_graph()
        assert (graph.administrator_id, graph.region, graph.created_at) == (ADMINISTRATOR, REGION, NOON)
        assert (graph.tags, graph.organization_id, graph.auto_enable) == ({}, None, False)

    def test_it_is_immutable(self) -> None:
        """Code that reads a graph may keep it."""
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            a_graph().auto_enable = True  # type: ignore[misc]
