"""How investigations start and finish, and how a test sets them up."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

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
)
from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import enum_values
from tests.builders import HOUR, NOON, ROLE, USER, a_graph, a_world

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
    def test_they_are_the_service_models(self, kind: type[Enum]) -> None:
        """In the model's order, on which the ranks of severities rest."""
        assert tuple(member.value for member in kind) == enum_values(kind.__name__)

    def test_severities_have_a_rank(self) -> None:
        """By the alphabet CRITICAL would come first."""
        assert [severity.rank for severity in Severity] == [1, 2, 3, 4, 5]


class TestEntityTypeOf:
    @pytest.mark.parametrize(
        ("arn", "expected"),
        [
            (ROLE, EntityType.IAM_ROLE),
            (USER, EntityType.IAM_USER),
            ("arn:aws-us-gov:iam::222222222222:role/user/x", EntityType.IAM_ROLE),
        ],
    )
    def test_roles_and_users_of_any_partition_and_path(self, arn: str, expected: EntityType) -> None:
        """The path may contain anything."""
        assert investigations.entity_type_of(arn) is expected

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
    def test_nothing_else(self, arn: str) -> None:
        """Neither root users nor sessions can be investigated."""
        assert investigations.entity_type_of(arn) is None


class TestStart:
    def test_it_runs_and_has_found_nothing_yet(self, world: World, graph: BehaviorGraph) -> None:
        """It has no severity before it has finished."""
        started = _start(world, graph)
        assert (started.status, started.state) == (Status.RUNNING, State.ACTIVE)
        assert (started.severity, started.indicators) == (None, ())
        assert world.investigation(graph.arn, started.investigation_id) == started

    def test_ids_begin_with_the_time(self, world: World, graph: BehaviorGraph) -> None:
        """13 digits of milliseconds of 21."""
        started = _start(world, graph)
        assert started.investigation_id.startswith("1715947200000")
        assert len(started.investigation_id) == 21

    def test_an_id_that_is_taken_is_not_given_out_again(self) -> None:
        """Under this seed the 4th and the 19th id of one millisecond would be the same."""
        world = a_world(id_seed=47886, timings=Timings(investigation=HOUR))
        graph = a_graph(world)
        ids = [_start(world, graph).investigation_id for _ in range(19)]
        assert len(set(ids)) == 19
        assert world.counts["investigation", graph.arn] == 20

    def test_what_cannot_be_investigated_is_refused(self, world: World, graph: BehaviorGraph) -> None:
        """Whoever starts it for a client asks before."""
        with pytest.raises(FakeUsageError, match="'arn:aws:s3:::b' is not the ARN of an IAM user or role"):
            _start(world, graph, "arn:aws:s3:::b")


class TestFinish:
    def test_it_succeeds_when_it_is_due(self, world: World, graph: BehaviorGraph) -> None:
        """With the least severity, if nobody prepared anything else."""
        started = _start(world, graph)
        run_due_events(world, NOON + HOUR)
        finished = _present(world, graph, started)
        assert (finished.status, finished.severity) == (Status.SUCCESSFUL, Severity.INFORMATIONAL)
        assert finished.indicators == ()

    def test_it_does_not_finish_before(self, world: World, graph: BehaviorGraph) -> None:
        """The fake's clock decides."""
        started = _start(world, graph)
        run_due_events(world, NOON + HOUR - timedelta(milliseconds=1))
        assert _present(world, graph, started) == started

    def test_archiving_it_meanwhile_does_not_stop_it(self, world: World, graph: BehaviorGraph) -> None:
        """State and status have nothing to do with one another."""
        started = _start(world, graph)
        investigations.set_state(world, graph, started, State.ARCHIVED)
        run_due_events(world, NOON + HOUR)
        finished = _present(world, graph, started)
        assert (finished.status, finished.state) == (Status.SUCCESSFUL, State.ARCHIVED)

    def test_a_graph_deleted_meanwhile_is_no_obstacle(self, world: World, graph: BehaviorGraph) -> None:
        """There is nothing left to finish."""
        _start(world, graph)
        world.delete_graph(graph)
        run_due_events(world, NOON + HOUR)
        assert not world.investigations

    def test_thousands_finish_at_once(self) -> None:
        """Those that wait for `settle()` as well."""
        world = a_world(timings=Timings(investigation=None))
        graph = a_graph(world)
        for _ in range(5_000):
            _start(world, graph)
        settle_all(world, NOON)
        rows = world.investigations_of(graph.arn).rows.values()
        assert len(rows) == 5_000
        assert {row.status for row in rows} == {Status.SUCCESSFUL}


class TestPrepare:
    def test_it_decides_how_investigations_to_come_end(self, world: World, graph: BehaviorGraph) -> None:
        """By graph and entity."""
        investigations.prepare(world, graph, ROLE, severity="HIGH", indicators=[ASO])
        about_role, about_user = _start(world, graph), _start(world, graph, USER)
        run_due_events(world, NOON + HOUR)
        finished = _present(world, graph, about_role)
        assert (finished.severity, finished.indicators) == (Severity.HIGH, (ASO,))
        assert _present(world, graph, about_user).severity is Severity.INFORMATIONAL

    def test_it_decides_for_those_that_run_too(self, world: World, graph: BehaviorGraph) -> None:
        """What counts is what was prepared last when one finishes."""
        started = _start(world, graph)
        investigations.prepare(world, graph, ROLE, outcome="FAILED")
        run_due_events(world, NOON + HOUR)
        finished = _present(world, graph, started)
        assert (finished.status, finished.severity) == (Status.FAILED, None)

    def test_it_holds_for_more_than_one(self, world: World, graph: BehaviorGraph) -> None:
        """Investigating an entity again finds the same again."""
        investigations.prepare(world, graph, ROLE, severity=Severity.LOW)
        started = [_start(world, graph), _start(world, graph)]
        run_due_events(world, NOON + HOUR)
        assert [_present(world, graph, each).severity for each in started] == [Severity.LOW, Severity.LOW]

    def test_it_goes_with_its_graph(self, world: World, graph: BehaviorGraph) -> None:
        """A deleted graph leaves nothing prepared; others keep theirs."""
        other = a_graph(world, region="eu-west-1")
        investigations.prepare(world, graph, ROLE)
        investigations.prepare(world, other, ROLE)
        world.delete_graph(graph)
        assert list(world.prepared) == [(other.arn, ROLE)]

    def test_an_entity_that_cannot_be_investigated_is_refused(self, world: World, graph: BehaviorGraph) -> None:
        """A typo would otherwise prepare what never happens."""
        example = 'it looks like "arn:aws:iam::111122223333:role/name".'
        with pytest.raises(FakeUsageError, match=f"^'deploy' is not the ARN of an IAM user or role.* {example}$"):
            investigations.prepare(world, graph, "deploy")


class TestPreparedInvestigation:
    def test_the_default_is_a_report_of_nothing(self) -> None:
        """The same whether spelled out or not."""
        assert PreparedInvestigation.of("SUCCESSFUL", None, ()) == PreparedInvestigation()

    def test_a_failed_one_may_be_given_a_severity(self) -> None:
        """Nobody knows whether the service never does that."""
        assert PreparedInvestigation.of("FAILED", "LOW", ()).severity is Severity.LOW

    def test_indicators_may_be_mappings(self) -> None:
        """As files have them."""
        given = {"indicator_type": "NEW_ASO", "aso": "AMAZON-02"}
        assert PreparedInvestigation.of("SUCCESSFUL", None, [given]).indicators == (ASO,)

    @pytest.mark.parametrize(
        ("outcome", "severity", "indicators", "message"),
        [
            ("RUNNING", None, [], r"^RUNNING is no outcome; an investigation ends SUCCESSFUL or FAILED\.$"),
            ("FAILED", None, [ASO], "A FAILED investigation finds nothing; leave out its 1 indicators"),
            ("DONE", None, [], "'DONE' is no Status; it is one of RUNNING, FAILED, SUCCESSFUL"),
            ("SUCCESSFUL", "GRAVE", [], "'GRAVE' is no Severity"),
        ],
    )
    def test_what_cannot_be_an_ending_is_refused(
        self, outcome: str, severity: str | None, indicators: list[object], message: str
    ) -> None:
        """With the value and what there is."""
        with pytest.raises(FakeUsageError, match=message):
            PreparedInvestigation.of(outcome, severity, indicators)


class TestSeed:
    def test_it_is_there_as_described(self, world: World, graph: BehaviorGraph) -> None:
        """Nothing is pending: it has finished."""
        seeded = _seed(world, graph, severity="CRITICAL", state="ARCHIVED", indicators=[ASO])
        assert (seeded.status, seeded.severity) == (Status.SUCCESSFUL, Severity.CRITICAL)
        assert (seeded.state, seeded.indicators) == (State.ARCHIVED, (ASO,))
        assert not world.event_queue.events()

    def test_times_have_defaults(self, world: World, graph: BehaviorGraph) -> None:
        """Created now, about the day before it was created."""
        assert _seed(world, graph).created_at == NOON
        seeded = _seed(world, graph, created_at=NOON - HOUR)
        assert (seeded.scope_start, seeded.scope_end) == (NOON - 25 * HOUR, NOON - HOUR)

    def test_times_may_be_given(self, world: World, graph: BehaviorGraph) -> None:
        """The scope may reach beyond the time of creation."""
        seeded = _seed(world, graph, created_at=NOON - HOUR, scope_start=NOON, scope_end=NOON + HOUR)
        assert (seeded.created_at, seeded.scope_start, seeded.scope_end) == (NOON - HOUR, NOON, NOON + HOUR)
        assert seeded.investigation_id.startswith("1715943600000")

    def test_a_running_one_goes_on_as_after_a_call(self, world: World, graph: BehaviorGraph) -> None:
        """It finishes as prepared, after the timing, counted from now."""
        investigations.prepare(world, graph, ROLE, severity="MEDIUM")
        seeded = _seed(world, graph, status="RUNNING", created_at=NOON - 24 * HOUR)
        assert (seeded.status, seeded.severity) == (Status.RUNNING, None)
        run_due_events(world, NOON)
        assert _present(world, graph, seeded) == seeded
        run_due_events(world, NOON + HOUR)
        assert _present(world, graph, seeded).severity is Severity.MEDIUM

    @pytest.mark.parametrize("found", [{"severity": "LOW"}, {"indicators": [ASO]}])
    def test_a_running_one_has_found_nothing_yet(
        self, world: World, graph: BehaviorGraph, found: dict[str, Any]
    ) -> None:
        """The way to say what it will find is named."""
        message = r"^A RUNNING investigation has neither severity nor indicators yet; prepare what .*:role/deploy"
        with pytest.raises(FakeUsageError, match=message):
            _seed(world, graph, status="RUNNING", **found)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"state": "OPEN"}, "'OPEN' is no State"),
            ({"status": "OPEN"}, "'OPEN' is no Status"),
            ({"scope_start": NOON}, "The scope must end after it starts, not from 2024-05-17T12:00"),
            ({"created_at": datetime(1969, 12, 31, tzinfo=timezone.utc)}, "in the years 1970 to 2285, .*; not 1969-"),
            ({"created_at": datetime(2286, 1, 1, tzinfo=timezone.utc)}, "in the years 1970 to 2285, .*; not 2286-"),
            ({"entity_arn": "x"}, "'x' is not the ARN of an IAM user or role"),
        ],
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(
        self, world: World, graph: BehaviorGraph, given: dict[str, Any], message: str
    ) -> None:
        """No id is used up either."""
        before = world.copy()
        with pytest.raises(FakeUsageError, match=message):
            _seed(world, graph, **given)
        assert world.copy() == before


def _start(world: World, graph: BehaviorGraph, entity_arn: str = ROLE) -> Investigation:
    return investigations.start(world, graph, entity_arn, scope_start=NOON - HOUR, scope_end=NOON, at=NOON)


def _seed(world: World, graph: BehaviorGraph, entity_arn: str = ROLE, **given: Any) -> Investigation:
    seeded = world.investigation(graph.arn, investigations.seed(world, graph, entity_arn, at=NOON, **given))
    assert seeded is not None
    return seeded


def _present(world: World, graph: BehaviorGraph, investigation: Investigation) -> Investigation:
    return world.investigations_of(graph.arn).rows[investigation.investigation_id]
