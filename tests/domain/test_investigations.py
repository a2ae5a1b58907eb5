"""Investigations: how they start and finish, and how a test prepares or seeds them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain import investigations
from detective_fake.domain.due_events import run_due_events, settle_all
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.indicators import NewAso
from detective_fake.domain.investigations import (
    EntityType,
    Investigation,
    PreparedInvestigation,
    Severity,
    State,
    Status,
    entity_type_of,
)
from detective_fake.errors import FakeUsageError
from tests.builders import HOUR, NOON, ROLE, USER, a_graph, a_world
from tests.protocol.shapes import enum_values

if TYPE_CHECKING:
    from enum import Enum

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

ASO = NewAso(aso="AMAZON-02")


@pytest.fixture
def world() -> World:
    return a_world(timings=Timings(investigation=HOUR))


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    return a_graph(world)


class TestEnums:
    @pytest.mark.parametrize("kind", [EntityType, Severity, State, Status])
    def test_they_match_the_service_model(self, kind: type[Enum]) -> None:
        """The values have the order of the service model, which defines the ranks of severities."""
        assert tuple(member.value for member in kind) == enum_values(kind.__name__)


class TestEntityTypeOf:
    @pytest.mark.parametrize(
        ("arn", "expected"),
        [
            (ROLE, EntityType.IAM_ROLE),
            (USER, EntityType.IAM_USER),
            ("arn:aws-us-gov:iam::222222222222:role/user/x", EntityType.IAM_ROLE),
        ],
    )
    def test_roles_and_users_are_recognized(self, arn: str, expected: EntityType) -> None:
        """Any partition and any path are accepted."""
        assert entity_type_of(arn) is expected

    @pytest.mark.parametrize(
        "arn",
        [
            "arn:aws:iam::222222222222:root",
            "arn:aws:iam::222222222222:group/admins",
            "arn:aws:iam::222222222222:role/",
            "arn:aws:iam::2222:role/deploy",
            "arn:aws:sts::222222222222:assumed-role/deploy/session",
            "arn:aws:s3:::bucket",
        ],
    )
    def test_other_arns_are_not_entities(self, arn: str) -> None:
        """Root users and sessions, for example, cannot be investigated."""
        assert entity_type_of(arn) is None


class TestAddRunning:
    def test_a_new_investigation_is_running_without_results(self, world: World, graph: BehaviorGraph) -> None:
        """A running investigation has no severity and no indicators."""
        started = _start(world, graph)
        assert (started.status, started.state) == (Status.RUNNING, State.ACTIVE)
        assert (started.severity, started.indicators) == (None, ())
        assert world.investigation(graph.arn, started.investigation_id) == started

    def test_ids_begin_with_the_time(self, world: World, graph: BehaviorGraph) -> None:
        """The first 13 of 21 digits are the time in milliseconds."""
        started = _start(world, graph)
        assert started.investigation_id.startswith("1715947200000")
        assert len(started.investigation_id) == 21

    def test_an_id_is_never_reused(self) -> None:
        """With this seed, the 4th and the 19th ID of one millisecond would be equal."""
        world = a_world(id_seed=47886, timings=Timings(investigation=HOUR))
        graph = a_graph(world)
        ids = [_start(world, graph).investigation_id for _ in range(19)]
        assert len(set(ids)) == 19
        assert world.counts["investigation", graph.arn] == 20

    def test_an_invalid_entity_is_rejected(self, world: World, graph: BehaviorGraph) -> None:
        """Requests from a client are validated earlier, so this is a usage error."""
        with pytest.raises(FakeUsageError, match="'arn:aws:s3:::b' is not the ARN of an IAM user or role"):
            _start(world, graph, "arn:aws:s3:::b")


class TestFinish:
    def test_it_succeeds_when_it_is_due(self, world: World, graph: BehaviorGraph) -> None:
        """The default severity is `INFORMATIONAL`, without indicators."""
        started = _start(world, graph)
        run_due_events(world, NOON + HOUR)
        finished = _present(world, graph, started)
        assert (finished.status, finished.severity) == (Status.SUCCESSFUL, Severity.INFORMATIONAL)
        assert finished.indicators == ()

    def test_it_does_not_finish_earlier(self, world: World, graph: BehaviorGraph) -> None:
        """The fake's clock decides when the investigation finishes."""
        started = _start(world, graph)
        run_due_events(world, NOON + HOUR - timedelta(milliseconds=1))
        assert _present(world, graph, started) == started

    def test_archiving_does_not_stop_it(self, world: World, graph: BehaviorGraph) -> None:
        """State and status are independent."""
        started = _start(world, graph)
        world.put_investigation(graph.arn, attrs.evolve(started, state=State.ARCHIVED))
        run_due_events(world, NOON + HOUR)
        finished = _present(world, graph, started)
        assert (finished.status, finished.state) == (Status.SUCCESSFUL, State.ARCHIVED)

    def test_deleting_the_graph_removes_it(self, world: World, graph: BehaviorGraph) -> None:
        """The pending event of a deleted graph has no effect."""
        _start(world, graph)
        world.delete_graph(graph)
        run_due_events(world, NOON + HOUR)
        assert not world.investigations

    def test_thousands_can_finish_at_once(self) -> None:
        """`settle_all` finishes all of them in one call."""
        world = a_world(timings=Timings(investigation=None))
        graph = a_graph(world)
        for _ in range(5_000):
            _start(world, graph)
        settle_all(world, NOON)
        rows = world.investigations[graph.arn].values()
        assert len(rows) == 5_000
        assert {row.status for row in rows} == {Status.SUCCESSFUL}


class TestPrepare:
    def test_it_sets_the_result_of_later_investigations(self, world: World, graph: BehaviorGraph) -> None:
        """A prepared result applies to one graph and one entity."""
        investigations.prepare(world, graph, ROLE, severity="HIGH", indicators=[ASO])
        about_role, about_user = _start(world, graph), _start(world, graph, USER)
        run_due_events(world, NOON + HOUR)
        finished = _present(world, graph, about_role)
        assert (finished.severity, finished.indicators) == (Severity.HIGH, (ASO,))
        assert _present(world, graph, about_user).severity is Severity.INFORMATIONAL

    def test_it_sets_the_result_of_running_investigations(self, world: World, graph: BehaviorGraph) -> None:
        """The last prepared result at the time of finishing applies."""
        started = _start(world, graph)
        investigations.prepare(world, graph, ROLE, outcome="FAILED")
        run_due_events(world, NOON + HOUR)
        finished = _present(world, graph, started)
        assert (finished.status, finished.severity) == (Status.FAILED, None)

    def test_it_applies_to_repeated_investigations(self, world: World, graph: BehaviorGraph) -> None:
        """Each investigation of the same entity gets the same result."""
        investigations.prepare(world, graph, ROLE, severity=Severity.LOW)
        started = [_start(world, graph), _start(world, graph)]
        run_due_events(world, NOON + HOUR)
        assert [_present(world, graph, each).severity for each in started] == [Severity.LOW, Severity.LOW]

    def test_it_is_deleted_with_its_graph(self, world: World, graph: BehaviorGraph) -> None:
        """Prepared results of other graphs stay."""
        other = a_graph(world, region="eu-west-1")
        investigations.prepare(world, graph, ROLE)
        investigations.prepare(world, other, ROLE)
        world.delete_graph(graph)
        assert list(world.prepared) == [(other.arn, ROLE)]

    def test_an_invalid_entity_is_rejected(self, world: World, graph: BehaviorGraph) -> None:
        """Otherwise a typo would prepare a result that is never used."""
        example = 'Expected an ARN such as "arn:aws:iam::111122223333:role/name".'
        with pytest.raises(FakeUsageError, match=f"^'deploy' is not the ARN of an IAM user or role.* {example}$"):
            investigations.prepare(world, graph, "deploy")


class TestPreparedInvestigation:
    def test_the_default_is_a_success_without_findings(self) -> None:
        """Explicit default values give the same result."""
        assert PreparedInvestigation.of("SUCCESSFUL", None, ()) == PreparedInvestigation()

    def test_a_failed_investigation_can_have_a_severity(self) -> None:
        """It is not known whether the service ever reports a severity for a failed investigation."""
        assert PreparedInvestigation.of("FAILED", "LOW", ()).severity is Severity.LOW

    @pytest.mark.parametrize(
        ("outcome", "severity", "indicators", "message"),
        [
            ("RUNNING", None, [], r"^Invalid outcome 'RUNNING'\. An investigation ends SUCCESSFUL or FAILED\.$"),
            ("FAILED", None, [ASO], "A FAILED investigation finds nothing; leave out its 1 indicators"),
            ("DONE", None, [], "Unknown status 'DONE'. Expected one of: RUNNING, FAILED, SUCCESSFUL"),
            ("SUCCESSFUL", "GRAVE", [], "Unknown severity 'GRAVE'"),
        ],
    )
    def test_an_invalid_result_is_rejected(
        self, outcome: str, severity: str | None, indicators: list[NewAso], message: str
    ) -> None:
        """The error message shows the invalid value or the conflict."""
        with pytest.raises(FakeUsageError, match=message):
            PreparedInvestigation.of(outcome, severity, indicators)


class TestAdd:
    def test_it_stores_the_given_values(self, world: World, graph: BehaviorGraph) -> None:
        """The investigation has finished, so no event is pending."""
        seeded = _add(world, graph, severity="CRITICAL", state="ARCHIVED", indicators=[ASO])
        assert (seeded.status, seeded.severity) == (Status.SUCCESSFUL, Severity.CRITICAL)
        assert (seeded.state, seeded.indicators) == (State.ARCHIVED, (ASO,))
        assert not world.event_queue.events()

    def test_times_have_defaults(self, world: World, graph: BehaviorGraph) -> None:
        """The creation time is now, and the scope is the day before the creation time."""
        assert _add(world, graph).created_at == NOON
        seeded = _add(world, graph, created_at=NOON - HOUR)
        assert (seeded.scope_start, seeded.scope_end) == (NOON - 25 * HOUR, NOON - HOUR)

    def test_times_can_be_given(self, world: World, graph: BehaviorGraph) -> None:
        """The scope can end after the creation time."""
        seeded = _add(world, graph, created_at=NOON - HOUR, scope_start=NOON, scope_end=NOON + HOUR)
        assert (seeded.created_at, seeded.scope_start, seeded.scope_end) == (NOON - HOUR, NOON, NOON + HOUR)
        assert seeded.investigation_id.startswith("1715943600000")

    def test_a_running_investigation_finishes_later(self, world: World, graph: BehaviorGraph) -> None:
        """It finishes with the prepared result, after the normal delay, counted from now."""
        investigations.prepare(world, graph, ROLE, severity="MEDIUM")
        seeded = _add(world, graph, status="RUNNING", created_at=NOON - 24 * HOUR)
        assert (seeded.status, seeded.severity) == (Status.RUNNING, None)
        run_due_events(world, NOON)
        assert _present(world, graph, seeded) == seeded
        run_due_events(world, NOON + HOUR)
        assert _present(world, graph, seeded).severity is Severity.MEDIUM

    @pytest.mark.parametrize("found", [{"severity": "LOW"}, {"indicators": [ASO]}])
    def test_a_running_investigation_cannot_have_results(
        self, world: World, graph: BehaviorGraph, found: dict[str, Any]
    ) -> None:
        """The error message suggests `prepare` instead."""
        message = r"^A RUNNING investigation has neither severity nor indicators yet; prepare what .*:role/deploy"
        with pytest.raises(FakeUsageError, match=message):
            _add(world, graph, status="RUNNING", **found)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"state": "OPEN"}, "Unknown state 'OPEN'"),
            ({"status": "OPEN"}, "Unknown status 'OPEN'"),
            ({"scope_start": NOON}, "The scope must end after it starts, not from 2024-05-17T12:00"),
            ({"created_at": datetime(1969, 12, 31, tzinfo=timezone.utc)}, "in the years 1970 to 2285, .*; not 1969-"),
            ({"created_at": datetime(2286, 1, 1, tzinfo=timezone.utc)}, "in the years 1970 to 2285, .*; not 2286-"),
            ({"entity_arn": "x"}, "'x' is not the ARN of an IAM user or role"),
        ],
    )
    def test_invalid_arguments_change_nothing(
        self, world: World, graph: BehaviorGraph, given: dict[str, Any], message: str
    ) -> None:
        """A rejected call does not use up an ID, either."""
        before = world.copy()
        with pytest.raises(FakeUsageError, match=message):
            _add(world, graph, **given)
        assert world.copy() == before


def _start(world: World, graph: BehaviorGraph, entity_arn: str = ROLE) -> Investigation:
    return investigations.add(world, graph, entity_arn, at=NOON, scope_start=NOON - HOUR, status="RUNNING")


def _add(world: World, graph: BehaviorGraph, entity_arn: str = ROLE, **given: Any) -> Investigation:
    return investigations.add(world, graph, entity_arn, at=NOON, **given)


def _present(world: World, graph: BehaviorGraph, investigation: Investigation) -> Investigation:
    return world.investigations[graph.arn][investigation.investigation_id]
