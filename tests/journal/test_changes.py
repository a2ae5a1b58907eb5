"""What each call changed, and why it was refused, in the journal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from detective_fake import DetectiveFake
from detective_fake.exchange import StatusChange
from detective_fake.views.report import failure_report
from tests.builders import ADMINISTRATOR, ANA, BEN, MANAGEMENT, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR) as fake:
        fake.clock.freeze(NOON)
        yield fake


def changes(fake: DetectiveFake) -> list[tuple[str, str | None, str | None]]:
    """Return the changes of the last call, without the graph."""
    return [(each.account_id, each.before, each.after) for each in fake.calls[-1].changes]


def invite(fake: DetectiveFake, graph_arn: str, *account_ids: str) -> None:
    """Invite accounts by a call."""
    accounts: Any = [{"AccountId": each, "EmailAddress": f"{each}@example.com"} for each in account_ids]
    fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)


class TestChanges:
    def test_have_account_graph_and_both_statuses(self, fake: DetectiveFake) -> None:
        """Of a call that changes one membership."""
        graph_arn = fake.seed.graph(members={ANA: "INVITED"})
        fake.client(ANA).accept_invitation(GraphArn=graph_arn)
        assert fake.calls[-1].changes == (StatusChange(ANA, graph_arn, "INVITED", "ENABLED"),)

    @pytest.mark.parametrize(("count", "shown"), [(3, 3), (4, 3)])
    def test_a_line_shows_three(self, fake: DetectiveFake, count: int, shown: int) -> None:
        """And how many there are if there are more."""
        graph_arn = fake.seed.graph(members=[f"{number:012}" for number in range(count)])
        fake.client().delete_graph(GraphArn=graph_arn)
        line = fake.calls[-1].line()
        assert line.count("ENABLED -> ") == shown
        assert (f"... {count} in total" in line) is (count > shown)

    def test_include_due_events(self, fake: DetectiveFake) -> None:
        """Those that the call let happen come first."""
        graph_arn = fake.seed.graph()
        invite(fake, graph_arn, ANA)
        assert changes(fake) == [(ANA, None, "VERIFICATION_IN_PROGRESS")]
        fake.client(ANA).accept_invitation(GraphArn=graph_arn)
        assert changes(fake) == [(ANA, "VERIFICATION_IN_PROGRESS", "INVITED"), (ANA, "INVITED", "ENABLED")]

    def test_end_with_none_when_a_membership_ends(self, fake: DetectiveFake) -> None:
        """The account leaves, or the graph is deleted."""
        graph_arn = fake.seed.graph(members=[ANA, BEN])
        fake.client(ANA).disassociate_membership(GraphArn=graph_arn)
        assert changes(fake) == [(ANA, "ENABLED", None)]
        fake.client().delete_graph(GraphArn=graph_arn)
        assert changes(fake) == [(BEN, "ENABLED", None)]

    def test_of_a_repeated_invitation_are_one_step(self, fake: DetectiveFake) -> None:
        """Although the new row replaces the former one."""
        graph_arn = fake.seed.graph(members={ANA: "VERIFICATION_FAILED", BEN: "VERIFICATION_FAILED"})
        invite(fake, graph_arn, ANA, BEN)
        assert changes(fake) == [
            (account_id, "VERIFICATION_FAILED", "VERIFICATION_IN_PROGRESS") for account_id in (ANA, BEN)
        ]

    def test_of_reads_are_empty(self, fake: DetectiveFake) -> None:
        """So are those of a call that measures volumes only."""
        graph_arn = fake.seed.graph(members=[ANA])
        fake.client().list_members(GraphArn=graph_arn)
        assert changes(fake) == []
        fake.client().update_datasource_packages(GraphArn=graph_arn, DatasourcePackages=["DETECTIVE_CORE", "EKS_AUDIT"])
        assert changes(fake) == []

    def test_of_the_test_itself_belong_to_no_call(self, fake: DetectiveFake) -> None:
        """Seeds, `settle`, the clock and `restore`."""
        fake.timings.verification = timedelta(hours=1)
        graph_arn = fake.seed.graph()
        invite(fake, graph_arn, ANA)
        before = fake.snapshot()
        fake.settle()
        fake.seed.member(graph_arn, BEN, status="INVITED")
        fake.restore(before)
        fake.clock.advance(hours=2)
        fake.client().list_graphs()
        assert [len(call.changes) for call in fake.calls] == [1, 0]

    def test_of_a_refused_call_are_those_of_due_events(self, fake: DetectiveFake) -> None:
        """The call itself changes nothing."""
        graph_arn = fake.seed.graph()
        invite(fake, graph_arn, ANA)
        with pytest.raises(ClientError, match="ResourceNotFound"):
            fake.client(BEN).accept_invitation(GraphArn=graph_arn)
        assert changes(fake) == [(ANA, "VERIFICATION_IN_PROGRESS", "INVITED")]
        line = fake.calls[-1].line()
        assert line.endswith(f"member of {graph_arn}); {ANA}: VERIFICATION_IN_PROGRESS -> INVITED")

    def test_are_those_of_all_attempts(self, fake: DetectiveFake) -> None:
        """A retried call, and one that a function of the test and a fault answer."""
        graph_arn = fake.seed.graph(members={ANA: "INVITED"})
        fake.faults.add("AcceptInvitation", error="ThrottlingException", when="after")
        with pytest.raises(ClientError, match="ConflictException"):
            fake.client(ANA).accept_invitation(GraphArn=graph_arn)
        assert changes(fake) == [(ANA, "INVITED", "ENABLED")]
        assert " after 2 attempts: " in fake.calls[-1].line()
        fake.on("DeleteMembers")(lambda call: call.proceed())
        fake.client().delete_members(GraphArn=graph_arn, AccountIds=[ANA])
        assert changes(fake) == [(ANA, "ENABLED", None)]

    def test_of_calls_inside_a_call_are_apart(self, fake: DetectiveFake) -> None:
        """A callback's call has its own."""
        graph_arn = fake.seed.graph(members={ANA: "INVITED", BEN: "INVITED"})
        fake.faults.add("RejectInvitation", callback=lambda: fake.client(ANA).accept_invitation(GraphArn=graph_arn))
        fake.client(BEN).reject_invitation(GraphArn=graph_arn)
        assert {call.operation: [each.account_id for each in call.changes] for call in fake.calls} == {
            "AcceptInvitation": [ANA],
            "RejectInvitation": [BEN],
        }


class TestText:
    def test_shows_the_change_as_the_outcome(self, fake: DetectiveFake) -> None:
        """So do `repr` and the failure report."""
        graph_arn = fake.seed.graph(members={ANA: "INVITED"})
        fake.client(ANA).accept_invitation(GraphArn=graph_arn)
        assert repr(fake.calls[0]).endswith(f" in us-east-1 -> {ANA}: INVITED -> ENABLED>")
        assert f" in us-east-1 -> {ANA}: INVITED -> ENABLED\n" in failure_report(fake)

    def test_names_another_graph(self, fake: DetectiveFake) -> None:
        """One that the call does not name, by its short name in the report."""
        graph_arn = fake.seed.graph()
        invite(fake, graph_arn, ANA)
        fake.client().list_graphs()
        assert f"-> {ANA}: VERIFICATION_IN_PROGRESS -> INVITED in <graph 1>\n" in failure_report(fake)

    def test_shows_the_first_of_many(self, fake: DetectiveFake) -> None:
        """And how many there are."""
        graph_arn = fake.seed.graph(members=[f"{number:012}" for number in range(5)])
        fake.client().delete_graph(GraphArn=graph_arn)
        line = fake.calls[0].line()
        assert line.endswith("000000000002: ENABLED -> no member, ... 5 in total")
        assert line.count("no member") == 3


class TestReason:
    """Why a call was refused, in terms of the caller."""

    def refused(self, fake: DetectiveFake, account_id: str, operation: str, **parameters: Any) -> str:
        """Make a call that fails, and return the reason."""
        with pytest.raises((ClientError, EndpointConnectionError)):
            getattr(fake.client(account_id), operation)(**parameters)
        return fake.calls[-1].reason

    def test_says_what_the_caller_is_to_the_graph(self, fake: DetectiveFake) -> None:
        """Administrator, member, or neither."""
        arn = fake.seed.graph(members={ANA: "INVITED"})
        assert self.refused(fake, BEN, "list_members", GraphArn=arn) == (
            f"{BEN} is neither administrator nor member of {arn}"
        )
        assert self.refused(fake, ANA, "list_tags_for_resource", ResourceArn=arn) == (
            f"{ANA} is a member (INVITED) of {arn}"
        )
        assert self.refused(fake, ADMINISTRATOR, "accept_invitation", GraphArn=arn) == (
            f"{ADMINISTRATOR} is the administrator of {arn}"
        )
        assert f" ({BEN} is neither administrator nor member of <graph 1>)\n" in failure_report(fake)

    def test_says_that_there_is_no_such_graph(self, fake: DetectiveFake) -> None:
        """The reason names the Region that was called."""
        arn = fake.seed.graph(region="eu-west-1")
        assert (
            self.refused(fake, ADMINISTRATOR, "list_members", GraphArn=arn) == f"there is no graph {arn} in us-east-1"
        )

    def test_says_what_the_caller_is_to_the_organization(self, fake: DetectiveFake) -> None:
        """Only its management account may designate."""
        organization_id = fake.seed.organization(MANAGEMENT, [ANA]).organization_id
        assert self.refused(fake, ANA, "enable_organization_admin_account", AccountId=ANA) == (
            f"{ANA} is not the management account of {organization_id}"
        )

    def test_says_that_the_region_has_no_detective(self, fake: DetectiveFake) -> None:
        """And which option changes that."""
        with pytest.raises(EndpointConnectionError):
            fake.client(region="cn-north-1").list_graphs()
        expected = 'there is no Detective in cn-north-1; with missing_regions="allow" there is'
        assert fake.calls[-1].reason == expected
        assert f"({expected})\n" in failure_report(fake)

    def test_is_empty_if_the_error_says_it_all(self, fake: DetectiveFake) -> None:
        """Conflicts, IAM, faults and success."""
        arn = fake.seed.graph(members=[ANA])
        assert self.refused(fake, ANA, "accept_invitation", GraphArn=arn) == ""
        with fake.deny("detective:DeleteGraph"):
            assert self.refused(fake, ADMINISTRATOR, "delete_graph", GraphArn=arn) == ""
        fake.client().list_graphs()
        assert fake.calls[-1].reason == ""
