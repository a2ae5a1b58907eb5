"""What a failing test's report says of a fake: everything that matters, nothing sensitive, and never too much."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake import DetectiveFake
from detective_fake.views.report import CALLS, ROWS, WIDTH, failure_report
from tests.builders import ADMINISTRATOR, ANA, BEN, MANAGEMENT, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR, unmet_faults="ignore") as fake:
        fake.clock.freeze(NOON)
        yield fake


def part(fake: DetectiveFake, title: str) -> list[str]:
    """Return the lines under a title, without it."""
    lines = failure_report(fake).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(title)) + 1
    end = next((number for number, line in enumerate(lines) if number >= start and line[0] != " "), len(lines))
    return lines[start:end]


class TestEmptyFake:
    def test_says_that_there_is_nothing(self, fake: DetectiveFake) -> None:
        """A line for each part."""
        assert failure_report(fake).splitlines() == [
            f"default caller {ADMINISTRATOR} in us-east-1, at 2024-05-17T12:00:00.000Z",
            "calls: none",
            "graphs: none",
            "members: none",
            "pending events: none",
            "unmet faults: none",
        ]

    def test_has_the_default_caller_of_this_moment(self, fake: DetectiveFake) -> None:
        """It may have been changed."""
        with fake.acting_as(ANA):
            assert failure_report(fake).startswith(f"default caller {ANA} in us-east-1")


class TestCalls:
    def test_have_a_line_each_with_errors_marked(self, fake: DetectiveFake) -> None:
        """Who called, and how that was found out."""
        fake.client(ANA).list_graphs()
        with pytest.raises(fake.client().exceptions.ValidationException):
            fake.client().list_graphs(MaxResults=201)
        first, second = part(fake, "calls (2):")
        assert first.startswith(f"    #1 2024-05-17T12:00:00.000Z ListGraphs() by {ANA} (access key decodes to {ANA})")
        assert second.startswith("  ! #2 2024-05-17T12:00:00.000Z ListGraphs(MaxResults=201) by ")
        assert "-> ValidationException: " in second

    def test_call_graphs_by_their_number(self, fake: DetectiveFake) -> None:
        """Their ARNs stand in the table."""
        graph_arn = fake.seed.graph()
        fake.client().list_members(GraphArn=graph_arn)
        (line,) = part(fake, "calls (1):")
        assert "ListMembers(GraphArn='<graph 1>')" in line
        assert graph_arn in part(fake, "graphs (1):")[1]

    def test_show_nothing_sensitive(self, fake: DetectiveFake) -> None:
        """Neither addresses nor messages."""
        accounts: list[Any] = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        fake.client().create_members(GraphArn=fake.seed.graph(), Accounts=accounts, Message="Welcome")
        report = failure_report(fake)
        assert "EmailAddress" in report
        assert "ana@example.com" not in report
        assert "Welcome" not in report

    def test_are_the_last_ones(self, fake: DetectiveFake) -> None:
        """Their numbers are those of the journal."""
        for _ in range(CALLS + 3):
            fake.client().list_graphs()
        lines = part(fake, f"calls ({CALLS + 3}, the last {CALLS}):")
        assert len(lines) == CALLS
        assert " #4 " in lines[0]
        assert f" #{CALLS + 3} " in lines[-1]

    def test_with_long_parameters_are_shown_without_them(self, fake: DetectiveFake) -> None:
        """What came of them is worth more."""
        fake.client().create_graph(Tags={f"key{number}": "x" * 50 for number in range(10)})
        (line,) = part(fake, "calls (1):")
        assert "CreateGraph(...) by " in line
        assert line.endswith("-> ok")

    def test_with_a_long_message_are_cut(self, fake: DetectiveFake) -> None:
        """A fault may have any."""
        fake.faults.add("ListGraphs", error="AccessDeniedException", message="no " * WIDTH)
        with pytest.raises(fake.client().exceptions.AccessDeniedException):
            fake.client().list_graphs()
        (line,) = part(fake, "calls (1):")
        assert len(line) == WIDTH
        assert line.endswith(" no...")


class TestGraphsAndMembers:
    def test_are_tables(self, fake: DetectiveFake) -> None:
        """Members with graph, status, reason, how they came in, and since when."""
        fake.seed.account(BEN, daily_volume_bytes=11 * 10**12)
        first = fake.seed.graph(members={ANA: "INVITED", BEN: "ACCEPTED_BUT_DISABLED"})
        second = fake.seed.graph(ANA, "eu-west-1")
        columns = "  graph  administrator  region     members  organization  arn"
        assert part(fake, "graphs (2):") == [
            columns,
            f"  1      {ADMINISTRATOR}   us-east-1  2        -             {first}",
            f"  2      {ANA}   eu-west-1  0        -             {second}",
        ]
        assert part(fake, "members (2):") == [
            "  graph  account       status                 reason           type        updated",
            f"  1      {ANA}  INVITED                -                INVITATION  2024-05-17T12:00:00.000Z",
            f"  1      {BEN}  ACCEPTED_BUT_DISABLED  VOLUME_TOO_HIGH  INVITATION  2024-05-17T12:00:00.000Z",
        ]

    def test_of_an_organization_name_it(self, fake: DetectiveFake) -> None:
        """Its administrator has a row, and is no member."""
        organization = fake.seed.organization(MANAGEMENT, [ADMINISTRATOR, ANA])
        fake.client(MANAGEMENT).enable_organization_admin_account(AccountId=ADMINISTRATOR)
        fake.settle()
        _, graph = part(fake, "graphs (1):")
        assert organization.organization_id in graph
        assert graph.split()[3] == str(len(part(fake, "members")[1:]) - 1)

    def test_end_after_so_many_rows(self, fake: DetectiveFake) -> None:
        """It says how many more there are."""
        fake.seed.graph(members=[f"{number:012}" for number in range(1, ROWS + 6)])
        lines = part(fake, f"members ({ROWS + 5}):")
        assert lines[-1] == "  ... and 5 more"
        assert len(lines) == 1 + ROWS + 1


class TestPendingEvents:
    def test_say_what_happens_when_to_whom(self, fake: DetectiveFake) -> None:
        """In a graph or a Region; some only when a test asks for it."""
        fake.timings.verification = timedelta(minutes=5)
        fake.seed.graph(members={ANA: "VERIFICATION_IN_PROGRESS"})
        fake.timings.administrator_visibility = None
        organization = fake.seed.organization(MANAGEMENT, [BEN])
        fake.client(MANAGEMENT).enable_organization_admin_account(AccountId=BEN)
        lines = part(fake, "pending events (")
        assert lines[0].split() == ["due", "event", "of", "in"]
        assert lines[1].split() == ["2024-05-17T12:05:00.000Z", "verification", ANA, "graph", "1"]
        expected = ["at", "settle()", "administrator_visibility", organization.organization_id, "us-east-1"]
        assert expected in [line.split() for line in lines]

    def test_are_still_pending_afterwards(self, fake: DetectiveFake) -> None:
        """Nothing is settled, whatever is due."""
        fake.seed.graph(members={ANA: "VERIFICATION_IN_PROGRESS"})
        before = fake.snapshot()
        failure_report(fake)
        assert fake.snapshot() == before
        assert len(fake.pending) == 1


class TestUnmetFaults:
    def test_are_shown_as_they_were_added(self, fake: DetectiveFake) -> None:
        """Whether or not they are an error; and those alone that no call has met."""
        fake.faults.add("ListGraphs", latency=timedelta(seconds=1))
        fake.client().list_graphs()
        fake.faults.add("CreateMembers", error="ThrottlingException", account_id=ANA)
        (line,) = part(fake, "unmet faults (1):")
        assert line == f"  faults.add('CreateMembers', error='ThrottlingException', account_id='{ANA}')"

    def test_end_after_so_many(self, fake: DetectiveFake) -> None:
        """It says how many more there are."""
        for _ in range(ROWS + 2):
            fake.faults.add("ListGraphs", error="ThrottlingException")
        lines = part(fake, f"unmet faults ({ROWS + 2}):")
        assert len(lines) == ROWS + 1
        assert lines[-1] == "  ... and 2 more"
