"""A fake's state as text tables."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from detective_fake.domain.world import World
from detective_fake.views.text import WIDTH, describe_world, write_table
from tests.controls.contexts import ANA, BEN, DEFAULT, SECURITY, a_context, call, loaded, only_graph, seed_on
from tests.scenario.lives import lives

if TYPE_CHECKING:
    from detective_fake.controls.context import FakeContext

SAMPLES = Path(__file__).parents[2] / "examples" / "scenarios"


class TestTables:
    def test_an_empty_world_has_a_sentence(self) -> None:
        """No output would look like a failure."""
        assert describe_world(World()) == "Nothing to show: there are no accounts, organizations or behavior graphs."

    def test_a_graph_with_its_members(self) -> None:
        """Status, notes, data volume, and time of the last change."""
        context = a_context()
        seed = seed_on(context)
        seed.account(ANA, daily_volume_bytes=1_234_000_000)
        seed.account(BEN, daily_volume_bytes=None, email="ben@example.com")
        arn = seed.graph(tags={"team": "blue"}, members=[ANA])
        seed.member(arn, BEN, status="ACCEPTED_BUT_DISABLED")
        assert describe_world(context.world).split("Graph 1")[1].splitlines() == [
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
            "Pending events (1)",
            "  Due               Event    In",
            "  2024-03-01 13:00  recheck  graph 1",
        ]

    def test_accounts(self) -> None:
        """The notes say what keeps them from being enabled."""
        context = a_context()
        seed_on(context).account(ANA, verifies=False, guardduty=False)
        seed_on(context).organization(SECURITY, [BEN]).close_account(BEN)
        assert describe_world(context.world).splitlines()[:4] == [
            "Accounts (2)",
            "  Account       A day    Note",
            "  222222222222  unknown  verification fails, no GuardDuty",
            "  333333333333  1 GB     closed",
        ]

    def test_an_organization(self) -> None:
        """Roles, and the Regions where accounts administer Detective."""
        context = loaded(SAMPLES / "organization.toml")
        assert "\n".join(describe_world(context.world).split("Organization")[1].splitlines()[1:]).startswith(
            "  Account       E-mail  Role                     Administers Detective in\n"
            "  111111111111          management account\n"
            "  222222222222  ***     delegated administrator  us-east-1, eu-central-1\n"
        )
        assert "new accounts are enabled" in describe_world(context.world)

    def test_investigations(self) -> None:
        """Status, severity, number of indicators, state and entity."""
        shown = describe_world(loaded(SAMPLES / "investigations.json").world)
        assert "SUCCESSFUL  HIGH      8      ACTIVE  222222222222:role/deploy" in shown
        assert "RUNNING               0      ACTIVE  222222222222:user/ana" in shown

    def test_a_stopped_package_and_a_waiting_event(self) -> None:
        """An event that has no due time waits for `settle()`."""
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
        shown = describe_world(context.world)
        assert "packages: DETECTIVE_CORE, EKS_AUDIT (stopped)" in shown
        assert "at settle()  verification  222222222222  graph 1" in shown

    def test_a_member_about_to_be_enabled(self) -> None:
        """Its note says so until AWS has measured its volume. A seeded member with an unknown volume stays enabled."""
        context = a_context()
        context.world.timings.enabling = timedelta(hours=1)
        arn = seed_on(context).graph(members={ANA: "INVITED", BEN: "ENABLED"})
        seed_on(context).account(BEN, guardduty=False)
        call(context, "AcceptInvitation", ANA, GraphArn=arn)
        shown = describe_world(context.world)
        assert "VOLUME_UNKNOWN, enabling" in shown
        (ben,) = (line for line in shown.splitlines() if line.startswith(f"  {BEN}  ENABLED"))
        assert "unknown" in ben

    def test_control_characters_are_escaped(self) -> None:
        """A tag cannot move the cursor of a terminal."""
        context = a_context()
        seed_on(context).graph(tags={"a": "\x1b[2J\n"})
        assert "tag a = \\x1b[2J\\n" in describe_world(context.world)


class TestSensitiveValues:
    def test_are_masked(self) -> None:
        """`reveal=True` shows them instead."""
        context = a_context()
        seed_on(context).account(ANA, email="ana@example.com")
        seed_on(context).graph(members=[ANA, BEN])
        assert "@" not in describe_world(context.world)
        assert describe_world(context.world, reveal=True).count("ana@example.com") == 2


class TestWidth:
    @pytest.mark.parametrize("reveal", [False, True])
    @given(lives(shortest=0, longest=15))
    def test_no_line_is_too_long(self, reveal: bool, context: FakeContext) -> None:  # noqa: FBT001 - a parameter
        """That holds in any state."""
        assert max(map(len, describe_world(context.world, reveal=reveal).splitlines())) <= WIDTH

    def test_columns_are_cut_only_where_they_may_be(self) -> None:
        """Account IDs and statuses are complete."""
        context = a_context()
        arn = seed_on(context).graph(members={ANA: "VERIFICATION_IN_PROGRESS"})
        seed_on(context).member(arn, BEN, email=f"{'b' * 52}@example.com", status="ACCEPTED_BUT_DISABLED")
        lines = describe_world(context.world, reveal=True).splitlines()
        (ben,) = (line for line in lines if BEN in line)
        assert len(ben) == WIDTH
        assert "bbb…" in ben
        assert any("VERIFICATION_IN_PROGRESS" in line for line in lines)
        assert only_graph(context).arn in "\n".join(lines)


class TestWriteTable:
    def test_columns_are_as_wide_as_their_content(self) -> None:
        """Columns without content are left out."""
        rows = [{"A": "1", "B": "", "Long": "2"}, {"A": "345", "B": "", "Long": ""}]
        assert list(write_table(rows, limit=2, width=80)) == ["  A    Long", "  1    2", "  345"]

    def test_rows_are_limited(self) -> None:
        """A last line says how many more there are."""
        rows = [{"A": str(number)} for number in range(5)]
        assert list(write_table(rows, limit=2, width=80)) == ["  A", "  0", "  1", "  ... and 3 more"]

    def test_the_widest_column_that_may_be_cut_is_cut(self) -> None:
        """Until the line fits."""
        rows = [{"Account": "a" * 12, "E-mail": "b" * 30, "Note": "c" * 5}]
        assert list(write_table(rows, limit=1, width=30))[1] == f"  {'a' * 12}  {'b' * 6}…  ccccc"
