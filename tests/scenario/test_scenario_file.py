"""Scenario files: they set up what `fake.seed` sets up, and all mistakes in a file are reported at once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake import DetectiveFake
from detective_fake.errors import DOCS
from detective_fake.scenario.files import ScenarioError
from tests.controls.contexts import ANA, BEN, NOON, REGION, SECURITY, a_context, loaded, moment, refusal, seed_on

if TYPE_CHECKING:
    from pathlib import Path

    from detective_fake.controls.context import FakeContext

ROLE = f"arn:aws:iam::{ANA}:role/deploy"
HOUR = timedelta(hours=1)


def context_with(tmp_path: Path, **data: Any) -> FakeContext:
    """Return a context that has loaded a file with these tables."""
    (tmp_path / "scenario.json").write_text(json.dumps(data))
    return loaded(tmp_path / "scenario.json")


def problems_of(tmp_path: Path, text: str | dict[str, Any], name: str = "scenario.toml") -> list[str]:
    """Return the problems of a file with this text, or with this content as JSON."""
    file = tmp_path / ("scenario.json" if isinstance(text, dict) else name)
    file.write_text(json.dumps(text) if isinstance(text, dict) else text, encoding="utf-8")
    return refusal(file)


class TestLoading:
    def test_every_table_is_a_call_of_seed(self, tmp_path: Path) -> None:
        """The state is the same, down to ARNs, numbers and pending events."""
        seeded = a_context()
        seed = seed_on(seeded)
        seed.organization(
            SECURITY,
            {"555555555555": "five@example.com"},
            delegated_administrator_id="555555555555",
            designations={"us-west-2": SECURITY},
        )
        seed.account(ANA, email="ana@example.com", daily_volume_bytes={"EKS_AUDIT": 5}, guardduty=False)
        seed.account("666666666666", suspended=True, guardduty_since=NOON - HOUR)
        seed.account(BEN, daily_volume_bytes="unknown", closed=True)
        arn = seed.graph(
            "555555555555",
            "eu-west-1",
            organization_graph=True,
            auto_enable=True,
            created_at=NOON - HOUR,
            members=[ANA],
        )
        seed.member(arn, BEN, status="ACCEPTED_BUT_DISABLED", enabling=True)
        seed.member(arn, SECURITY, status="VERIFICATION_IN_PROGRESS")
        seed.investigation(
            arn, entity_arn=ROLE, severity="HIGH", indicators=[{"indicator_type": "NEW_ASO", "aso": "x"}]
        )
        seed.investigation_outcome(arn, entity_arn=ROLE, status="FAILED")
        seed.graph(
            tags={"aws:cloudformation:stack-name": "blue"}, members={ANA: "INVITED"}, packages={"DETECTIVE_CORE": {}}
        )
        context = context_with(
            tmp_path,
            organization=[
                {
                    "management_account_id": SECURITY,
                    "accounts": {"555555555555": "five@example.com"},
                    "delegated_administrator_id": "555555555555",
                    "designations": {"us-west-2": SECURITY},
                }
            ],
            account=[
                {
                    "account_id": ANA,
                    "email": "ana@example.com",
                    "daily_volume_bytes": {"EKS_AUDIT": 5},
                    "guardduty": False,
                },
                {"account_id": "666666666666", "suspended": True, "guardduty_since": "2024-03-01T11:00:00Z"},
                {"account_id": BEN, "daily_volume_bytes": "unknown", "closed": True},
            ],
            graph=[
                {
                    "administrator_id": "555555555555",
                    "region": "eu-west-1",
                    "organization_graph": True,
                    "auto_enable": True,
                    "created_at": "2024-03-01T11:00:00Z",
                    "members": [ANA],
                    "member": [
                        {"account_id": BEN, "status": "ACCEPTED_BUT_DISABLED", "enabling": True},
                        {"account_id": SECURITY, "status": "VERIFICATION_IN_PROGRESS"},
                    ],
                    "investigation": [
                        {
                            "entity_arn": ROLE,
                            "severity": "HIGH",
                            "indicators": [{"indicator_type": "NEW_ASO", "aso": "x"}],
                        }
                    ],
                    "investigation_outcome": [{"entity_arn": ROLE, "status": "FAILED"}],
                },
                {
                    "tags": {"aws:cloudformation:stack-name": "blue"},
                    "members": {ANA: "INVITED"},
                    "packages": {"DETECTIVE_CORE": {}},
                },
            ],
        )
        assert moment(context) == moment(seeded)

    def test_an_empty_file_is_an_empty_world(self, tmp_path: Path) -> None:
        """No table is required, and the former state is replaced."""
        (tmp_path / "empty.toml").write_text("")
        context = a_context()
        seed_on(context).graph()
        assert moment(loaded(tmp_path / "empty.toml", context)) == moment(a_context())

    def test_the_clock_stops_before_anything_is_added(self, tmp_path: Path) -> None:
        """Times that are not given are the frozen time."""
        context = context_with(tmp_path, clock={"frozen_at": "2023-01-01T00:00:00Z"}, graph=[{}])
        (graph,) = context.world.graphs.values()
        assert graph.created_at == context.clock.now() == NOON.replace(2023, 1, 1, 0)

    def test_settings_that_are_not_given_stay(self, tmp_path: Path) -> None:
        """As the fake has them; so does its clock."""
        (tmp_path / "a.toml").write_text('timings = { recheck = "settle" }\nquotas = { members_page = 7 }')
        context = a_context()
        context.clock.freeze(NOON)
        context.world.timings.enabling = HOUR
        context.world.quotas.members_page = 5
        context.world.quotas.tags_per_graph = 4
        loaded(tmp_path / "a.toml", context)
        timings, quotas = context.world.timings, context.world.quotas
        assert (timings.recheck, timings.enabling) == (None, HOUR)
        assert (quotas.members_page, quotas.tags_per_graph) == (7, 4)
        assert context.clock.setting == (0, NOON)

    def test_an_organization_may_have_pending_joins(self, tmp_path: Path) -> None:
        """Loaded organizations can be changed like seeded ones."""
        context = context_with(
            tmp_path,
            organization=[{"management_account_id": SECURITY, "accounts": [ANA]}],
            graph=[{"administrator_id": ANA, "organization_graph": True, "auto_enable": True}],
        )
        (organization_id,) = context.world.organizations
        seed_on(context).organization_control(organization_id).add_account(BEN)
        (table,) = context.world.members.values()
        assert table.rows[BEN].status.value == "VERIFICATION_IN_PROGRESS"

    def test_the_schema_may_be_named(self, tmp_path: Path) -> None:
        """Editors read the key `$schema`."""
        assert moment(context_with(tmp_path, **{"$schema": "scenario.schema.json"})) == moment(a_context())

    def test_a_fake_loads_both_kinds_of_file(self, tmp_path: Path) -> None:
        """A saved state has a `format`."""
        (tmp_path / "scenario.toml").write_text(f'[[graph]]\nmembers = ["{ANA}"]')
        fake = DetectiveFake(scenario=tmp_path / "scenario.toml")
        fake.save(tmp_path / "state.json")
        another = DetectiveFake()
        another.load(tmp_path / "state.json")
        assert another.snapshot() == fake.snapshot()

    def test_defaults_are_those_of_the_fake(self, tmp_path: Path) -> None:
        """The default caller at the time of loading, and the Region."""
        (tmp_path / "scenario.toml").write_text("[[graph]]")
        fake = DetectiveFake(ANA, "eu-west-1")
        with fake.acting_as(BEN):
            fake.load(tmp_path / "scenario.toml")
        assert [(graph.administrator_id, graph.region) for graph in fake.graphs] == [(BEN, "eu-west-1")]


TEN_MISTAKES = f"""
graphs = []                                      # unknown table
clock = {{ frozen_at = 2024-03-01T12:00:00 }}      # no offset
quotas = {{ members_page = 0 }}                    # invalid value
timings = {{ recheck = "1 fortnight" }}            # wrong type

[[account]]                                      # missing key
email = "ana@example.com"

[[organization]]
management_account_id = "{SECURITY}"
accounts = ["{ANA}"]

[[organization]]                                 # contradicts the first one
management_account_id = "{BEN}"
accounts = ["{ANA}"]

[[graph]]
adminstrator_id = "{SECURITY}"                     # unknown key
tags = {{ "a b" = "" }}                            # refused by the service model

[[graph.member]]
account_id = "{ANA}"
status = "ENABELD"                               # unknown word

[[graph.investigation]]
entity_arn = "{ROLE}"
indicators = [{{ indicator_type = "NEW_ASO" }}]    # missing attribute of an indicator
"""


class TestMistakes:
    def test_ten_mistakes_of_ten_kinds_are_ten_problems(self, tmp_path: Path) -> None:
        """Each with its path, what is expected, and a suggestion where there is one."""
        expected = {
            "graphs": "unknown key; did you mean graph?",
            "clock.frozen_at": "expected a time with its offset, such as 2024-03-01T12:00:00Z, got 2024-03-01 12:00:00",
            "quotas.members_page": "must be a whole number of at least 1, not 0.",
            "timings.recheck": 'expected a duration, such as "90 minutes" or 5400 for seconds or "settle", got',
            "account[0].account_id": "is missing",
            "organization[1]": f"Account {ANA} is in organization o-",
            "graph[0].adminstrator_id": "unknown key; did you mean administrator_id?",
            "graph[0].tags": "Detective would ",
            "graph[0].member[0].status": "VERIFICATION_FAILED, ENABLED, ACCEPTED_BUT_DISABLED, "
            'got "ENABELD"; did you mean ENABLED?',
            "graph[0].investigation[0].indicators[0]": "Invalid members of NEW_ASO: missing aso",
        }
        found = dict(problem.split(": ", 1) for problem in problems_of(tmp_path, TEN_MISTAKES))
        assert found.keys() == expected.keys()
        assert all(text in found[path] for path, text in expected.items())

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            ({"graph": 1}, "graph: expected a list of tables (in TOML: [[graph]]), got 1"),
            ({"graph": [1]}, "graph[0]: expected a table, got 1"),
            ({"graph": [{"member": {}}]}, "graph[0].member: expected a list of tables (in TOML: [[graph.member]])"),
            ({"graph": [{"member": [None]}]}, "graph[0].member[0]: expected a table, got null"),
            ({"quotas": 5}, "quotas: expected a table, got 5"),
            ({"clock": {}}, "clock.frozen_at: is missing"),
            ({"$schem": ""}, "$schem"),
            ({"account": [{"account_id": "22"}]}, "account[0].account_id: "),
            ({"account": [{"account_id": ANA, "email": "nobody"}]}, "account[0].email: "),
            ({"graph": [{"auto_enable": True}]}, "graph[0].auto_enable: only an organization behavior graph has it"),
            ({"graph": [{"region": "us-west-7"}]}, "graph[0].region: "),
            ({"graph": [{}, {}]}, "graph[1]: Account 123456789012 administers a behavior graph in us-east-1 already"),
            (
                {"graph": [{"members": [ANA], "member": [{"account_id": ANA}]}]},
                f"graph[0].member[0]: Account {ANA} is in arn:",
            ),
            (
                {"graph": [{"member": [{"account_id": ANA, "disabled_reason": "VOLUME_UNKNOWN"}]}]},
                "graph[0].member[0].disabled_reason: only an ACCEPTED_BUT_DISABLED member has it",
            ),
            (
                {"graph": [{"investigation": [{"entity_arn": ROLE, "created_at": "1900-01-01T00:00:00Z"}]}]},
                "graph[0].investigation[0].created_at: must lie in the years 1970",
            ),
            (
                {"graph": [{"investigation": [{"entity_arn": ROLE, "scope_end": "0001-01-01T00:00:00Z"}]}]},
                "graph[0].investigation[0].scope_end: A time is in the years 1000 to 8999, not 0001-01-01T",
            ),
        ],
    )
    def test_one_mistake_is_one_problem(self, tmp_path: Path, data: dict[str, Any], problem: str) -> None:
        """The problem has the path of the table or of the key."""
        (found,) = problems_of(tmp_path, data)
        assert problem in found

    def test_tables_inside_a_graph_with_mistakes_are_checked(self, tmp_path: Path) -> None:
        """As if it were another graph; two such graphs are not in each other's way."""
        graph = {"region": 5, "member": [{"account_id": "22"}]}
        assert [problem.partition(":")[0] for problem in problems_of(tmp_path, {"graph": [graph, graph]})] == [
            "graph[0].region",
            "graph[0].member[0].account_id",
            "graph[1].region",
            "graph[1].member[0].account_id",
        ]

    @pytest.mark.parametrize("name", ["a.toml", "a.json"])
    def test_a_file_may_not_be_nested_too_deeply(self, tmp_path: Path, name: str) -> None:
        """It is refused as a whole."""
        text = f"x = {'[' * 100_000}" if name == "a.toml" else '{"x": ' * 100_000
        assert problems_of(tmp_path, text, name) == ["is nested too deeply"]

    @pytest.mark.parametrize("text", ["[]", "1", '"format"', "null"])
    def test_a_file_must_be_a_table(self, tmp_path: Path, text: str) -> None:
        """Other JSON is refused."""
        (problem,) = problems_of(tmp_path, text, "scenario.json")
        assert problem.startswith("expected a table, got ")

    def test_the_error_lists_everything(self, tmp_path: Path) -> None:
        """After the name of the file."""
        (tmp_path / "a.toml").write_text("x = 1\n[[graph]]\ny = 1")
        with pytest.raises(ScenarioError) as caught:
            DetectiveFake(scenario=tmp_path / "a.toml")
        first, second, third, link = str(caught.value).splitlines()
        assert first == f"The scenario {tmp_path / 'a.toml'} cannot be loaded:"
        assert second.startswith("  x: unknown key; did you mean ")
        assert third.startswith("  graph[0].y: unknown key; did you mean ")
        assert link == f"See {DOCS}scenario"

    def test_regions_are_those_of_the_fake(self, tmp_path: Path) -> None:
        """A file has no rules of its own: the option `missing_regions` decides."""
        (tmp_path / "a.json").write_text('{"graph": [{"region": "us-west-7"}]}')
        (graph,) = DetectiveFake(missing_regions="allow", scenario=tmp_path / "a.json").graphs
        assert (graph.region, REGION) == ("us-west-7", "us-east-1")
