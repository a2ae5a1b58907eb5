"""A fake's state as tables for people."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from detective_fake.domain.world import World
from detective_fake.scenario.files import write
from detective_fake.views.text import WIDTH, described
from tests.controls.contexts import ANA, BEN, DEFAULT, SECURITY, a_context, call, loaded, only_graph, seed_on
from tests.scenario.lives import lives

if TYPE_CHECKING:
    from detective_fake.controls.context import FakeContext

SAMPLES = Path(__file__).parents[2] / "examples" / "scenarios"


class TestTables:
    def test_an_empty_world_is_told(self) -> None:
        """Nothing would look like a failure."""
        assert described(World()) == "There is nothing: no accounts, organizations or behavior graphs."

    def test_a_graph_with_its_members(self) -> None:
        """Status, what is to be noted, how much data, since when; columns without content are left out."""
        context = a_context()
        seed = seed_on(context)
        seed.account(ANA, daily_volume_bytes=1_234_000_000)
        seed.account(BEN, daily_volume_bytes=None, email="ben@example.com")
        arn = seed.graph(tags={"team": "blue"}, members=[ANA])
        seed.member(arn, BEN, status="ACCEPTED_BUT_DISABLED")
        assert described(context.world).split("Graph 1")[1].splitlines() == [
            f" of {DEFAULT} in us-east-1, created 2024-03-01 12:00",
            f"  {arn}",
            "  packages: DETECTIVE_CORE",
            "  tag team = blue",
            "",
            "Members of graph 1 (2)",
            "  Account       Status                 Note            E-mail  A day     Since",
            "  222222222222  ENABLED                                ***     1.234 GB  2024-03-01 12:00",
            "  333333333333  ACCEPTED_BUT_DISABLED  VOLUME_UNKNOWN  ***               2024-03-01 12:00",
            "",
            "To come (1)",
            "  When              What     In",
            "  2024-03-01 13:00  recheck  graph 1",
        ]

    def test_accounts(self) -> None:
        """With all that keeps them from being enabled."""
        context = a_context()
        seed_on(context).account(ANA, verifies=False, guardduty=False)
        seed_on(context).organization(SECURITY, [BEN]).close_account(BEN)
        assert described(context.world).splitlines()[:4] == [
            "Accounts (2)",
            "  Account       A day    Note",
            "  222222222222  unknown  verification fails, no GuardDuty",
            "  333333333333  1 GB     closed",
        ]

    def test_an_organization(self) -> None:
        """Who manages it, who administers Detective where."""
        context = loaded(SAMPLES / "organization.toml")
        assert "\n".join(described(context.world).split("Organization")[1].splitlines()[1:]).startswith(
            "  Account       E-mail  Role                     Administers Detective in\n"
            "  111111111111          management account\n"
            "  222222222222  ***     delegated administrator  us-east-1, eu-central-1\n"
        )
        assert "accounts that join are enabled" in described(context.world)

    def test_investigations(self) -> None:
        """How they ended and how much they found."""
        shown = described(loaded(SAMPLES / "investigations.json").world)
        assert "SUCCESSFUL  HIGH      8      ACTIVE  222222222222:role/deploy" in shown
        assert "RUNNING               0      ACTIVE  222222222222:user/ana" in shown

    def test_a_stopped_package_and_a_waiting_event(self) -> None:
        """The first is said to be stopped, the second to wait for `settle()`."""
        context = a_context()
        context.world.timings.verification = None
        arn = seed_on(context).graph(members={ANA: "VERIFICATION_IN_PROGRESS"})
        call(
            context,
            "UpdateDatasourcePackages",
            DEFAULT,
            GraphArn=arn,
            DatasourcePackages=["DETECTIVE_CORE", "EKS_AUDIT"],
        )
        call(context, "UpdateDatasourcePackages", DEFAULT, GraphArn=arn, DatasourcePackages=["DETECTIVE_CORE"])
        shown = described(context.world)
        assert "packages: DETECTIVE_CORE, EKS_AUDIT (stopped)" in shown
        assert "when settled  verification  222222222222  graph 1" in shown

    def test_a_member_about_to_be_enabled(self) -> None:
        """It waits while AWS measures its volume; one whose volume nobody knows is enabled nevertheless."""
        context = a_context()
        context.world.timings.enabling = timedelta(hours=1)
        arn = seed_on(context).graph(members={ANA: "INVITED", BEN: "ENABLED"})
        seed_on(context).account(BEN, guardduty=False)
        call(context, "AcceptInvitation", ANA, GraphArn=arn)
        shown = described(context.world)
        assert "VOLUME_UNKNOWN, enabling" in shown
        (ben,) = (line for line in shown.splitlines() if line.startswith(f"  {BEN}  ENABLED"))
        assert "unknown" in ben

    def test_control_characters_are_escaped(self, tmp_path: Path) -> None:
        """A file cannot move the cursor of a terminal."""
        write(tmp_path / "a.json", {"graphs": [{"tags": {"a": "\x1b[2J\n"}}]})
        assert "tag a = \\x1b[2J\\n" in described(loaded(tmp_path / "a.json").world)


class TestSensitiveValues:
    def test_are_masked(self) -> None:
        """Unless they are asked for."""
        context = a_context()
        seed_on(context).account(ANA, email="ana@example.com")
        seed_on(context).graph(members=[ANA, BEN])
        assert "@" not in described(context.world)
        assert described(context.world, reveal=True).count("ana@example.com") == 2


class TestWidth:
    @pytest.mark.parametrize("reveal", [False, True])
    @given(lives(shortest=0, longest=15))
    def test_no_line_is_too_long(self, reveal: bool, context: FakeContext) -> None:  # noqa: FBT001 - a parameter
        """Whatever there is to show."""
        assert max(map(len, described(context.world, reveal=reveal).splitlines())) <= WIDTH

    def test_columns_are_cut_only_where_they_may_be(self) -> None:
        """Accounts and statuses are always whole."""
        context = a_context()
        arn = seed_on(context).graph(members={ANA: "VERIFICATION_IN_PROGRESS"})
        seed_on(context).member(arn, BEN, email=f"{'b' * 52}@example.com", status="ACCEPTED_BUT_DISABLED")
        lines = described(context.world, reveal=True).splitlines()
        (ben,) = (line for line in lines if BEN in line)
        assert len(ben) == WIDTH
        assert "bbb…" in ben
        assert any("VERIFICATION_IN_PROGRESS" in line for line in lines)
        assert only_graph(context).arn in "\n".join(lines)
