"""The failure report: complete, short, and without sensitive values."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake import DetectiveFake
from detective_fake.views.report import CALLS, MEMBERS, ROWS, WIDTH, failure_report
from tests.builders import ADMINISTRATOR, ANA, BEN, MANAGEMENT, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR, unused_faults="ignore") as fake:
        fake.clock.freeze(NOON)
        yield fake


def part(fake: DetectiveFake, title: str) -> list[str]:
    """Return the lines under a title, without it."""
    lines = failure_report(fake).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(title)) + 1
    end = next((number for number, line in enumerate(lines) if number >= start and line[0] != " "), len(lines))
    return lines[start:end]


class TestEmptyFake:
    def test_is_said_to_be_empty(self, fake: DetectiveFake) -> None:
        """Each part has a line."""
        assert failure_report(fake).splitlines() == [
            f"default caller {ADMINISTRATOR} in us-east-1, at 2024-05-17T12:00:00.000Z",
            "calls: none",
            "graphs: none",
            "members: none",
            "pending events: none",
            "unused faults: none",
        ]

    def test_has_the_current_default_caller(self, fake: DetectiveFake) -> None:
        """`acting_as` changes the default caller."""
        with fake.acting_as(ANA):
            assert failure_report(fake).startswith(f"default caller {ANA} in us-east-1")


class TestCalls:
    def test_have_a_line_each_with_errors_marked(self, fake: DetectiveFake) -> None:
        """The line says who called, and how the caller was determined."""
        fake.client(ANA).list_graphs()
        with pytest.raises(fake.client().exceptions.ValidationException):
            fake.client().list_graphs(MaxResults=201)
        first, second = part(fake, "calls (2):")
        assert first.startswith(f"    #1 2024-05-17T12:00:00.000Z ListGraphs() by {ANA} (access key decodes to {ANA})")
        assert second.startswith("  ! #2 2024-05-17T12:00:00.000Z ListGraphs(MaxResults=201) by ")
        assert "-> ValidationException: " in second

    def test_show_short_names_for_graphs(self, fake: DetectiveFake) -> None:
        """The table of graphs has their ARNs."""
        graph_arn = fake.seed.graph()
        fake.client().list_members(GraphArn=graph_arn)
        (line,) = part(fake, "calls (1):")
        assert "ListMembers(GraphArn='<graph 1>')" in line
        assert graph_arn in part(fake, "graphs (1):")[1]

    def test_show_nothing_sensitive(self, fake: DetectiveFake) -> None:
        """E-mail addresses and messages are masked."""
        accounts: list[Any] = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        fake.client().create_members(GraphArn=fake.seed.graph(), Accounts=accounts, Message="Welcome")
        report = failure_report(fake)
        assert "EmailAddress" in report
        assert "ana@example.com" not in report
        assert "Welcome" not in report

    def test_are_the_last_ones(self, fake: DetectiveFake) -> None:
        """They have the same numbers as in the journal."""
        for _ in range(CALLS + 3):
            fake.client().list_graphs()
        lines = part(fake, f"calls ({CALLS + 3}, the last {CALLS}):")
        assert len(lines) == CALLS
        assert " #4 " in lines[0]
        assert f" #{CALLS + 3} " in lines[-1]

    def test_with_long_parameters_are_shown_without_them(self, fake: DetectiveFake) -> None:
        """The outcome is more important."""
        fake.client().create_graph(Tags={f"key{number}": "x" * 50 for number in range(10)})
        (line,) = part(fake, "calls (1):")
        assert "CreateGraph(...) by " in line
        assert line.endswith("-> ok")

    def test_with_a_long_message_are_cut(self, fake: DetectiveFake) -> None:
        """A fault can have a message of any length."""
        fake.faults.add("ListGraphs", error="AccessDeniedException", message="no " * WIDTH)
        with pytest.raises(fake.client().exceptions.AccessDeniedException):
            fake.client().list_graphs()
        (line,) = part(fake, "calls (1):")
        assert len(line) == WIDTH
        assert line.endswith(" n…")


class TestGraphsAndMembers:
    def test_are_tables(self, fake: DetectiveFake) -> None:
        """Columns without content are left out."""
        fake.seed.account(BEN, daily_volume_bytes=11 * 10**12)
        first = fake.seed.graph(members={ANA: "INVITED", BEN: "ACCEPTED_BUT_DISABLED"})
        second = fake.seed.graph(ANA, "eu-west-1")
        assert part(fake, "graphs (2):") == [
            "  Graph    Administrator  Region     Members  ARN",
            f"  graph 1  {ADMINISTRATOR}   us-east-1  2        {first}",
            f"  graph 2  {ANA}   eu-west-1  0        {second}",
        ]
        assert part(fake, "members (2: 1 INVITED, 1 ACCEPTED_BUT_DISABLED):") == [
            "  Graph    Account       Status                 Note             Since",
            f"  graph 1  {ANA}  INVITED                                 2024-05-17T12:00:00.000Z",
            f"  graph 1  {BEN}  ACCEPTED_BUT_DISABLED  VOLUME_TOO_HIGH  2024-05-17T12:00:00.000Z",
        ]

    def test_of_an_organization_name_it(self, fake: DetectiveFake) -> None:
        """The administrator has a row, but does not count as a member."""
        organization = fake.seed.organization(MANAGEMENT, [ADMINISTRATOR, ANA])
        fake.client(MANAGEMENT).enable_organization_admin_account(AccountId=ADMINISTRATOR)
        _, graph = part(fake, "graphs (1):")
        assert graph.split()[:6] == ["graph", "1", ADMINISTRATOR, "us-east-1", "0", organization.organization_id]
        _, row = part(fake, "members (1: 1 ENABLED):")
        assert row.split()[:5] == ["graph", "1", ADMINISTRATOR, "ENABLED", "organization"]

    def test_members_that_are_not_enabled_come_first(self, fake: DetectiveFake) -> None:
        """Of all graphs: they are what a test usually fails about."""
        everyone = [f"{number:012}" for number in range(1, MEMBERS + 5)]
        fake.seed.graph(members=everyone)
        fake.seed.graph(ANA, members={BEN: "INVITED"})
        lines = part(fake, f"members ({MEMBERS + 5}: 1 INVITED, {MEMBERS + 4} ENABLED):")
        assert lines[1].split()[:4] == ["graph", "2", BEN, "INVITED"]
        assert lines[2].split()[:4] == ["graph", "1", everyone[0], "ENABLED"]
        assert len(lines) == 1 + MEMBERS + 1
        assert lines[-1] == "  ... and 5 more"


class TestPendingEvents:
    def test_have_a_due_time_or_wait_for_settle(self, fake: DetectiveFake) -> None:
        """They belong to a graph or a Region."""
        fake.timings.verification = timedelta(minutes=5)
        fake.seed.graph(members={ANA: "VERIFICATION_IN_PROGRESS"})
        fake.timings.administrator_visibility = None
        organization = fake.seed.organization(MANAGEMENT, [BEN])
        fake.client(MANAGEMENT).enable_organization_admin_account(AccountId=BEN)
        lines = part(fake, "pending events (")
        assert lines[0].split() == ["Due", "Event", "Of", "In"]
        assert lines[1].split() == ["2024-05-17T12:05:00.000Z", "verification", ANA, "graph", "1"]
        expected = ["at", "settle()", "administrator_visibility", organization.organization_id, "us-east-1"]
        assert expected in [line.split() for line in lines]

    def test_are_still_pending_afterwards(self, fake: DetectiveFake) -> None:
        """The report runs no due events."""
        fake.seed.graph(members={ANA: "VERIFICATION_IN_PROGRESS"})
        before = fake.snapshot()
        failure_report(fake)
        assert fake.snapshot() == before
        assert len(fake.pending) == 1


class TestUnusedFaults:
    def test_are_shown_as_they_were_added(self, fake: DetectiveFake) -> None:
        """Faults that a call has used are not shown."""
        fake.faults.add("ListGraphs", latency=timedelta(seconds=1))
        fake.client().list_graphs()
        fake.faults.add("CreateMembers", error="ThrottlingException", account_id=ANA)
        (line,) = part(fake, "unused faults (1):")
        assert line == f"  faults.add('CreateMembers', error='ThrottlingException', account_id='{ANA}')"

    def test_are_limited(self, fake: DetectiveFake) -> None:
        """A last line says how many more there are."""
        for _ in range(ROWS + 2):
            fake.faults.add("ListGraphs", error="ThrottlingException")
        lines = part(fake, f"unused faults ({ROWS + 2}):")
        assert len(lines) == ROWS + 1
        assert lines[-1] == "  ... and 2 more"


class TestLength:
    def test_is_at_most_40_lines(self, fake: DetectiveFake) -> None:
        """Every part has a limit."""
        fake.timings.verification = None
        for number in range(5):
            members = {f"9{member:011}": "VERIFICATION_IN_PROGRESS" for member in range(20)}
            fake.seed.graph(f"{number:012}", members=members)
            fake.faults.add("DeleteMembers", error="ThrottlingException")
        for _ in range(20):
            fake.client().list_graphs()
        assert len(failure_report(fake).splitlines()) == 40
