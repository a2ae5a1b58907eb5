"""Data source packages of a graph, and what a member's history makes of them."""

from __future__ import annotations

from detective_fake.domain.datasources import (
    DatasourcePackage,
    IngestState,
    Packages,
    after_update,
    history_since,
    initial,
)
from detective_fake.protocol.model import enum_values
from tests.builders import HOUR, NOON

CORE = DatasourcePackage.DETECTIVE_CORE
EKS = DatasourcePackage.EKS_AUDIT
STARTED = IngestState.STARTED
STOPPED = IngestState.STOPPED


class TestEnums:
    def test_packages_are_the_service_models(self) -> None:
        """No package is missing, none is made up."""
        assert tuple(package.value for package in DatasourcePackage) == enum_values("DatasourcePackage")

    def test_states_are_the_service_models(self) -> None:
        """No state is missing, none is made up."""
        assert tuple(state.value for state in IngestState) == enum_values("DatasourcePackageIngestState")


class TestInitial:
    def test_a_new_graph_takes_in_core_data_only(self) -> None:
        """Optional packages are absent until they are first started."""
        packages = initial(NOON)
        assert {package: ingest.state for package, ingest in packages.items()} == {CORE: STARTED}
        assert packages[CORE].changes == {STARTED: NOON}


class TestAfterUpdate:
    def test_a_desired_package_is_started(self) -> None:
        """Its time is that of the update."""
        packages = after_update(initial(NOON), {CORE, EKS}, NOON + HOUR)
        assert packages[EKS].state is STARTED
        assert packages[EKS].changes == {STARTED: NOON + HOUR}

    def test_a_package_that_is_started_already_keeps_its_time(self) -> None:
        """Naming core again does not start it again."""
        assert after_update(initial(NOON), {CORE}, NOON + HOUR) == initial(NOON)

    def test_a_package_that_is_not_desired_is_stopped(self) -> None:
        """The time of its start stays beside that of its stop."""
        packages = after_update(_with_eks(), {CORE}, NOON + HOUR)
        assert packages[EKS].state is STOPPED
        assert packages[EKS].changes == {STARTED: NOON, STOPPED: NOON + HOUR}

    def test_a_stopped_package_can_be_started_again(self) -> None:
        """Only the last change into each state is kept."""
        stopped = after_update(_with_eks(), {CORE}, NOON + HOUR)
        packages = after_update(stopped, {CORE, EKS}, NOON + 2 * HOUR)
        assert packages[EKS].changes == {STARTED: NOON + 2 * HOUR, STOPPED: NOON + HOUR}

    def test_packages_never_desired_stay_absent(self) -> None:
        """Stopping what never ran leaves no trace."""
        assert set(after_update(_with_eks(), {CORE}, NOON)) == {CORE, EKS}


class TestHistorySince:
    def test_a_member_that_comes_later_starts_when_it_is_enabled(self) -> None:
        """The graph took in data before, but not of this member."""
        assert history_since(initial(NOON), NOON + HOUR) == {CORE: {STARTED: NOON + HOUR, STOPPED: None}}

    def test_a_package_started_later_starts_then(self) -> None:
        """For members that were there already."""
        packages = after_update(initial(NOON), {CORE, EKS}, NOON + HOUR)
        assert history_since(packages, NOON)[EKS] == {STARTED: NOON + HOUR, STOPPED: None}

    def test_a_package_stopped_later_stops_then(self) -> None:
        """Its data was taken in until then."""
        packages = after_update(_with_eks(), {CORE}, NOON + 2 * HOUR)
        assert history_since(packages, NOON + HOUR)[EKS] == {STARTED: NOON + HOUR, STOPPED: NOON + 2 * HOUR}

    def test_a_package_stopped_before_is_left_out(self) -> None:
        """Nothing was ever taken in of this member."""
        packages = after_update(_with_eks(), {CORE}, NOON + HOUR)
        assert set(history_since(packages, NOON + 2 * HOUR)) == {CORE}

    def test_a_stop_at_the_same_moment_counts(self) -> None:
        """On a clock that stands still the member was there first: a stop is more often what a test is about."""
        packages = after_update(_with_eks(), {CORE}, NOON + HOUR)
        assert history_since(packages, NOON + HOUR)[EKS] == {STARTED: NOON + HOUR, STOPPED: NOON + HOUR}

    def test_a_stop_before_the_member_came_is_not_its_own(self) -> None:
        """A package that runs again has no stop in the member's history."""
        stopped = after_update(_with_eks(), {CORE}, NOON + HOUR)
        packages = after_update(stopped, {CORE, EKS}, NOON + 2 * HOUR)
        assert history_since(packages, NOON + 3 * HOUR)[EKS] == {STARTED: NOON + 3 * HOUR, STOPPED: None}


def _with_eks() -> Packages:
    return after_update(initial(NOON), {CORE, EKS}, NOON)
