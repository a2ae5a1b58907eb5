"""Saved states: a fake that loads one has an equal snapshot; any other file is refused and changes nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain.quotas import Behavior
from detective_fake.errors import FakeUsageError
from detective_fake.scenario.files import ScenarioError
from detective_fake.scenario.saved_state import FORMAT, VERSION, save_state
from tests.controls.contexts import ANA, BEN, NOON, SECURITY, a_context, call, loaded, moment, refusal, row, seed_on
from tests.invariants import violations
from tests.lives import Life
from tests.scenario.lives import lives

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from detective_fake.controls.context import FakeContext

ROLE = f"arn:aws:iam::{ANA}:role/deploy"
EVENT = {"due": None, "kind": "recheck", "subject": ANA, "membership": 0, "message": None, "notify": False}


@pytest.fixture
def context() -> FakeContext:
    """Return a context with something of everything."""
    context = a_context()
    seed = seed_on(context)
    seed.account(BEN, email="ben@example.com", daily_volume_bytes={"EKS_AUDIT": 5})
    seed.organization("999999999999", [SECURITY, "444444444444"])
    arn = seed.graph(SECURITY, organization_graph=True, members={ANA: "VERIFICATION_IN_PROGRESS"})
    seed.member(arn, BEN, status="ACCEPTED_BUT_DISABLED")
    seed.graph(ANA, tags={"team": "blue"}, members=[BEN])
    seed.investigation(arn, entity_arn=ROLE, indicators=[{"indicator_type": "NEW_ASO", "aso": "ASO-1"}])
    seed.investigation_outcome(arn, entity_arn=ROLE, status="FAILED")
    return context


@pytest.fixture
def file(tmp_path: Path, context: FakeContext) -> Path:
    """Return a file with the state of `context`."""
    save_state(tmp_path / "state.json", context.world, context.clock)
    return tmp_path / "state.json"


def change(file: Path, edit: Callable[[Any], object]) -> None:
    """Change the content of a JSON file."""
    data = json.loads(file.read_text())
    edit(data)
    file.write_text(json.dumps(data))


def only(table: Any, number: int = 0) -> Any:
    """Return one of the values of a table or list."""
    return list(table.values() if isinstance(table, dict) else table)[number]


class TestRoundTrip:
    @given(lives())
    def test_every_state_comes_back(self, tmp_path_factory: pytest.TempPathFactory, context: FakeContext) -> None:
        """After calls, seeding, changes of organizations and time."""
        file = tmp_path_factory.getbasetemp() / "any.json"
        save_state(file, context.world, context.clock)
        again = loaded(file)
        assert moment(again) == moment(context)
        assert again.world.graph_of == context.world.graph_of
        assert again.world.memberships == context.world.memberships
        assert again.world.rechecks == context.world.rechecks
        assert not violations(again.world)

    @given(st.integers(0, 2**32), st.integers(1, 60))
    def test_every_world_comes_back(self, tmp_path_factory: pytest.TempPathFactory, seed: int, steps: int) -> None:
        """Random steps have created the world."""
        life, file = Life(seed), tmp_path_factory.getbasetemp() / "life.json"
        for _ in range(steps):
            life.step()
        save_state(file, life.world, a_context().clock)
        assert loaded(file).world == life.world

    def test_identifiers_go_on(self, file: Path, context: FakeContext) -> None:
        """The next graph and the next investigation have the same IDs in both."""
        again = loaded(file)
        assert seed_on(again).graph(BEN) == seed_on(context).graph(BEN)

    def test_what_was_pending_happens(self, file: Path) -> None:
        """It happens on the clock of the fake that loads."""
        again = loaded(file)
        call(again, "ListGraphs", ANA)
        arn = only(again.world.graphs).arn
        assert again.world.rows(arn).rows[ANA].status.value == "INVITED"

    def test_times_have_the_zone_of_the_clock(self, file: Path) -> None:
        """And its precision, which is a millisecond."""
        change(file, lambda data: only(data["world"]["graphs"]).update(created_at="2024-03-01T13:00:00.000999+01:00"))
        assert only(loaded(file).world.graphs).created_at == NOON

    @pytest.mark.parametrize("frozen", [True, False])
    def test_the_clock_is_saved(self, tmp_path: Path, frozen: bool) -> None:  # noqa: FBT001 - a case
        """Where it stands still, or how far it is ahead."""
        context = a_context()
        if frozen:
            context.clock.freeze(NOON - timedelta(days=1))
        else:
            context.clock.advance(timedelta(days=1))
        save_state(tmp_path / "state.json", context.world, context.clock)
        assert loaded(tmp_path / "state.json").clock.now() == context.clock.now()

    def test_options_of_the_fake_stay(self, file: Path) -> None:
        """They are not part of the state."""
        context = a_context(id_seed=7, behavior=Behavior(disabled_may_leave=True))
        loaded(file, context)
        assert (context.world.id_seed, context.world.behavior.disabled_may_leave) == (7, True)


class TestSaving:
    def test_the_file_says_what_it_is(self, file: Path) -> None:
        """Format and version come first."""
        assert list(json.loads(file.read_text()).items())[:2] == [("format", FORMAT), ("version", VERSION)]

    @pytest.mark.parametrize("name", ["state.toml", "state", "state.yaml"])
    def test_it_is_json_only(self, tmp_path: Path, context: FakeContext, name: str) -> None:
        """Another suffix is refused."""
        with pytest.raises(FakeUsageError, match=rf"A saved state is a JSON file.* must end in \.json, not '{name}'"):
            save_state(tmp_path / name, context.world, context.clock)
        assert list(tmp_path.iterdir()) == []

    def test_it_can_be_read_as_other_files(self, file: Path) -> None:
        """It has the permissions of a file that the user creates."""
        (file.parent / "other").touch()
        assert file.stat().st_mode == (file.parent / "other").stat().st_mode

    def test_a_missing_folder_is_refused(self, tmp_path: Path, context: FakeContext) -> None:
        """The reason is in the words of the system."""
        with pytest.raises(FakeUsageError, match=r"The file .*state\.json cannot be written: .*No such file"):
            save_state(tmp_path / "missing" / "state.json", context.world, context.clock)

    def test_a_failure_leaves_the_former_file(
        self, file: Path, context: FakeContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """There is no temporary file beside it."""
        before = file.read_text()

        def fail(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", fail)
        with pytest.raises(FakeUsageError, match=r"cannot be written: .*No space left"):
            save_state(file, context.world, context.clock)
        assert file.read_text() == before
        assert list(file.parent.iterdir()) == [file]


class TestDamage:
    @pytest.mark.parametrize(
        ("edit", "problem"),
        [
            (lambda data: data.update(version=2), "version: expected 1, the only version that can be read, got 2"),
            (lambda data: data.pop("version"), "version: expected 1, the only version that can be read, got null"),
            (lambda data: data.update(format="something"), "'format' must be in"),
            (lambda data: data.pop("world"), "world: is missing"),
            (lambda data: data.update(more=1), 'unknown key: "more"'),
            (lambda data: data.update(clock=[0]), "clock: "),
            (lambda data: data.update(clock=[2**60, None]), "clock: expected a time in the years 1000 to 8999"),
            (
                lambda data: data.update(clock=[0, "9000-01-01T00:00:00+00:00"]),
                "clock: expected a time in the years 1000 to 8999",
            ),
            (lambda data: data.update(world=5), "world: expected World, got something else"),
            (lambda data: data["world"].pop("graphs"), "world.members."),
            (lambda data: data["world"].update(last_number="9"), "world.last_number: expected int, got something else"),
            (lambda data: data["world"].update(emails=5), "world.emails: expected "),
            (
                lambda data: data["world"]["quotas"].update(members_page=0),
                "world.quotas: quotas.members_page must be a whole number of at least 1",
            ),
            (lambda data: data["world"]["timings"].update(recheck="1 hour"), "world.timings.recheck: expected "),
            (
                lambda data: only(only(data["world"]["members"])).update(status="GONE"),
                "[0].status: Unknown member status 'GONE'. Expected one of: INVITED, ",
            ),
            (lambda data: only(only(data["world"]["members"])).update(enabling=0), "[0].enabling: expected bool"),
            (
                lambda data: only(only(data["world"]["members"])).update(updated_at="2024-03-01T12:00:00"),
                "[0].updated_at: ",
            ),
            (lambda data: only(only(data["world"]["members"])).pop("number"), "[0].number: is missing"),
            (
                lambda data: only(data["world"]["members"]).append(only(only(data["world"]["members"]))),
                "expected one entry for each account or investigation, got two for one",
            ),
            (
                lambda data: only(only(data["world"]["investigations"]))["indicators"][0].update(aso=5),
                ".indicators[0]: NewAso.aso must be",
            ),
            (lambda data: data["world"]["counts"].append(["graph", 1]), "world.counts["),
        ],
    )
    def test_is_refused(self, file: Path, edit: Callable[[Any], object], problem: str) -> None:
        """With the path in the file and what is expected."""
        change(file, edit)
        assert any(problem in each for each in refusal(file))

    @given(data=st.data())
    def test_of_any_kind_is_refused_or_loaded(
        self, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """A value anywhere in the file is replaced by another one."""
        context, file = a_context(), tmp_path_factory.getbasetemp() / "damaged.json"
        seed = seed_on(context)
        arn = seed.graph(SECURITY, members={ANA: "VERIFICATION_IN_PROGRESS", BEN: "ENABLED"})
        seed.investigation(arn, entity_arn=ROLE, status="RUNNING")
        save_state(file, context.world, context.clock)
        content = json.loads(file.read_text())
        place: Any = content
        while isinstance(value := place[name := data.draw(st.sampled_from(names(place)))], (dict, list)) and value:
            if data.draw(st.integers(0, 5)) == 0:
                break
            place = value
        place[name] = data.draw(st.sampled_from([None, 0, -1, 2**70, "", "x", True, [], {}, [1], {"x": 1}, 1.5]))
        file.write_text(json.dumps(content))
        with suppress(ScenarioError):
            loaded(file, context)
        assert not [each for each in violations(context.world) if "in the queue" not in each]


def names(place: Any) -> list[Any]:
    """Return the keys of a table or the indexes of a list."""
    return list(place) if isinstance(place, dict) else list(range(len(place)))


def move(table: Any, name: str) -> None:
    """Give the first entry of a table another key."""
    first = next(iter(table))
    table[name] = table.pop(first)


class TestInconsistency:
    @pytest.mark.parametrize(
        ("edit", "problem"),
        [
            (lambda world: move(world["accounts"], ANA), f'accounts.{ANA}: expected the account_id "{BEN}" as its key'),
            (lambda world: move(world["accounts"], "12"), "accounts.12: "),
            (lambda world: move(world["organizations"], "o-x"), "organizations.o-x: expected the organization_id"),
            (
                lambda world: only(world["organizations"]).update(management_account_id=BEN),
                "expected the management account among them",
            ),
            (
                lambda world: only(world["organizations"]).update(delegated_administrator_id=BEN),
                "delegated_administrator_id: expected an account other than the management account",
            ),
            (
                lambda world: world["organizations"].update(
                    {"o-x": only(world["organizations"]) | {"organization_id": "o-x"}}
                ),
                "accounts: 999999999999 is in o-",
            ),
            (lambda world: world["designations"][0].__setitem__(1, "o-x"), 'there is no organization "o-x"'),
            (lambda world: only(world["graphs"]).update(organization_id="o-x"), 'there is no organization "o-x"'),
            (
                lambda world: only(world["graphs"]).update(region="eu-west-1"),
                "arn: expected arn:aws:detective:eu-west-1",
            ),
            (lambda world: only(world["graphs"]).update(arn="arn"), 'expected the arn "arn" as its key'),
            (
                lambda world: only(world["graphs"], 1).update(administrator_id=SECURITY),
                f"{SECURITY} administers another graph in us-east-1 already",
            ),
            (lambda world: move(world["members"], "arn:x"), 'members."arn:x": expected an entry for each graph'),
            (lambda world: world["investigations"].clear(), "expected an entry for each graph, and no others"),
            (lambda world: only(only(world["members"])).update(account_id="12"), "'12'"),
            (
                lambda world: only(only(world["members"], 1)).update(account_id=ANA, status="INVITED", usage=None),
                "status: expected ENABLED, as the account administers the graph",
            ),
            (
                lambda world: only(only(world["members"])).update(status="VERIFICATION_IN_PROGRESS"),
                "usage: expected null, as the member is VERIFICATION_IN_PROGRESS",
            ),
            (
                lambda world: only(only(world["members"])).update(disabled_reason="VOLUME_UNKNOWN"),
                "disabled_reason: expected null, as the member is ENABLED",
            ),
            (
                lambda world: only(only(world["members"])).update(enabling=True),
                "enabling: expected false, as the member is ENABLED",
            ),
            (
                lambda world: only(only(world["investigations"])).update(entity_type="IAM_USER"),
                "expected an entity_arn of an IAM_USER",
            ),
            (lambda world: world["prepared"][0].__setitem__(0, "arn:x"), 'prepared."arn:x": there is no such graph'),
            (
                lambda world: world.update(last_number=1),
                "last_number: expected each number once, from 1 to last_number",
            ),
            *(
                (
                    lambda world, event=event: world["event_queue"].append({**EVENT, "number": 1, **event}),
                    "event_queue: event 1 is for ",
                )
                for event in (
                    {"kind": "verification", "scope": "arn:x"},
                    {"kind": "enabling", "scope": "arn:x"},
                    {"kind": "investigation", "scope": "arn:x", "subject": "1"},
                    {"kind": "recheck", "scope": "arn:x", "subject": "arn:x"},
                )
            ),
        ],
    )
    def test_is_refused(self, file: Path, edit: Callable[[Any], object], problem: str) -> None:
        """With its path in the world."""
        change(file, lambda data: edit(data["world"]))
        problems = refusal(file)
        assert any(problem in each for each in problems)
        assert all(each.startswith("world.") for each in problems)

    def test_events_of_deleted_graphs_are_consistent(self, file: Path, context: FakeContext) -> None:
        """A deleted graph leaves its events in the queue."""
        (graph, _) = context.world.graphs.values()
        context.world.delete_graph(graph)
        save_state(file, context.world, context.clock)
        again = loaded(file)
        assert moment(again) == moment(context)
        assert row(again, BEN).status.value == "ENABLED"
