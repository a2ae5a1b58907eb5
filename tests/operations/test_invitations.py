"""Tests of AcceptInvitation, RejectInvitation, DisassociateMembership and ListInvitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain.enrolment import leave
from detective_fake.domain.membership import InvitationType, MemberEvent, MemberStatus
from detective_fake.domain.quotas import Behavior
from detective_fake.errors import Conflict, ResourceNotFound, ValidationFailed
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    NOON,
    REGION,
    a_call,
    a_graph,
    a_member,
    a_world,
    an_organization_graph,
    answer,
    every_status_but,
    refused,
    status_of,
)

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

ELSEWHERE = "eu-west-1"
DISABLED, ENABLED, INVITED = MemberStatus.ACCEPTED_BUT_DISABLED, MemberStatus.ENABLED, MemberStatus.INVITED
TERABYTE = 10**12

ANSWERS = {"AcceptInvitation": INVITED, "RejectInvitation": INVITED, "DisassociateMembership": ENABLED}
"""Maps each operation to the only member status in which it succeeds."""

WRONG = [(operation, status) for operation, right in ANSWERS.items() for status in every_status_but(right)]


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    return a_graph(world)


def by_ana(world: World, operation: str, graph: BehaviorGraph, **options: Any) -> dict[str, Any]:
    return answer(a_call(world, operation, account_id=ANA, GraphArn=graph.arn, **options))


class TestRefusals:
    @pytest.mark.parametrize(("operation", "status"), WRONG)
    def test_the_wrong_status_is_a_conflict(
        self, world: World, graph: BehaviorGraph, operation: str, status: MemberStatus
    ) -> None:
        """The message names account and status, even before verification, when the account sees no invitation."""
        a_member(world, graph, ANA, status=status)
        with refused(world, Conflict, f"attempted an invalid action. Account {ANA} is {status.value}"):
            by_ana(world, operation, graph)

    @pytest.mark.parametrize("operation", ANSWERS)
    def test_an_organization_account_is_refused(self, world: World, operation: str) -> None:
        """In the organization graph, all three operations are a conflict for an organization account."""
        graph = an_organization_graph(world)
        row = a_member(world, graph, ANA, status=ANSWERS[operation])
        world.put(graph, attrs.evolve(row, invitation_type=InvitationType.ORGANIZATION))
        with refused(world, Conflict, f"Account {ANA} is in the behavior graph as an organization account"):
            by_ana(world, operation, graph)

    @pytest.mark.parametrize("operation", ANSWERS)
    def test_the_administrator_of_an_organization_graph_is_refused(self, world: World, operation: str) -> None:
        """The administrator has a row in its graph, as an organization account."""
        graph = an_organization_graph(world)
        with refused(world, Conflict, f"Account {ADMINISTRATOR} is in the behavior graph as its administrator"):
            answer(a_call(world, operation, GraphArn=graph.arn))

    @pytest.mark.parametrize("operation", ANSWERS)
    @pytest.mark.parametrize("account_id", [BEN, ADMINISTRATOR])
    def test_an_account_without_a_row_is_not_found(
        self, world: World, graph: BehaviorGraph, operation: str, account_id: str
    ) -> None:
        """Strangers and the administrator of an ordinary graph have no row."""
        a_member(world, graph, ANA, status=ANSWERS[operation])
        with refused(world, ResourceNotFound):
            answer(a_call(world, operation, account_id=account_id, GraphArn=graph.arn))

    @pytest.mark.parametrize("operation", ANSWERS)
    @pytest.mark.parametrize("region", [REGION, ELSEWHERE])
    def test_an_unknown_graph_is_not_found(
        self, world: World, graph: BehaviorGraph, operation: str, region: str
    ) -> None:
        """Deleted graphs and graphs of other Regions are not found."""
        a_member(world, graph, ANA, status=ANSWERS[operation])
        if region == REGION:
            world.delete_graph(graph)
        with refused(world, ResourceNotFound):
            by_ana(world, operation, graph, region=region)


class TestAcceptInvitation:
    def test_an_account_that_fits_is_enabled(self, world: World, graph: BehaviorGraph) -> None:
        """The account is enabled at the time of the call. A second call is a conflict."""
        a_member(world, graph, ANA, status=INVITED)
        assert by_ana(world, "AcceptInvitation", graph, at=NOON + HOUR) == {}
        row = world.rows(graph.arn).rows[ANA]
        assert (row.status, row.updated_at) == (ENABLED, NOON + HOUR)
        with refused(world, Conflict):
            by_ana(world, "AcceptInvitation", graph)

    def test_an_account_over_the_volume_quota_is_disabled(self, world: World, graph: BehaviorGraph) -> None:
        """The call succeeds, and the account is not enabled."""
        a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=11 * TERABYTE)
        assert by_ana(world, "AcceptInvitation", graph) == {}
        assert status_of(world, graph, ANA) is DISABLED

    def test_an_account_can_join_several_graphs(self, world: World, graph: BehaviorGraph) -> None:
        """An account can join several graphs in one Region and administer its own."""
        other = a_graph(world, account_id=BEN)
        a_graph(world, account_id=ANA)
        for each in (graph, other):
            a_member(world, each, ANA, status=INVITED)
            by_ana(world, "AcceptInvitation", each)
        assert status_of(world, graph, ANA) is status_of(world, other, ANA) is ENABLED

    def test_a_stranger_can_accept_an_invitation_to_an_organization_graph(self, world: World) -> None:
        """An account from outside the organization is invited, as in any other graph."""
        graph = an_organization_graph(world)
        a_member(world, graph, "777777777777", status=INVITED)
        answer(a_call(world, "AcceptInvitation", account_id="777777777777", GraphArn=graph.arn))
        assert status_of(world, graph, "777777777777") is ENABLED


class TestRejectInvitation:
    def test_the_row_is_removed(self, world: World, graph: BehaviorGraph) -> None:
        """The row is removed for administrator and member. A second call is not found."""
        a_member(world, graph, ANA, status=INVITED)
        assert by_ana(world, "RejectInvitation", graph) == {}
        assert status_of(world, graph, ANA) is None
        assert not world.memberships
        with refused(world, ResourceNotFound):
            by_ana(world, "RejectInvitation", graph)

    def test_the_account_may_be_invited_again(self, world: World, graph: BehaviorGraph) -> None:
        """An account that rejected an invitation can be invited again at once."""
        a_member(world, graph, ANA, status=INVITED)
        by_ana(world, "RejectInvitation", graph)
        accounts = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        assert answer(a_call(world, "CreateMembers", GraphArn=graph.arn, Accounts=accounts))["Members"]


class TestDisassociateMembership:
    def test_the_row_is_removed(self, world: World, graph: BehaviorGraph) -> None:
        """The row and its volume are removed. A second call is not found."""
        a_member(world, graph, ANA)
        assert by_ana(world, "DisassociateMembership", graph) == {}
        assert status_of(world, graph, ANA) is None
        assert world.rows(graph.arn).volume == 0
        with refused(world, ResourceNotFound):
            by_ana(world, "DisassociateMembership", graph)

    def test_a_disabled_member_may_leave_if_the_fake_allows_it(self) -> None:
        """The user guide says that it can leave. The service model says that it cannot."""
        world = a_world(behavior=Behavior(disabled_may_leave=True))
        graph = a_graph(world)
        a_member(world, graph, ANA, status=DISABLED)
        assert by_ana(world, "DisassociateMembership", graph) == {}
        assert status_of(world, graph, ANA) is None


class TestListInvitations:
    def listed(self, world: World, **parameters: Any) -> list[str]:
        body = answer(a_call(world, "ListInvitations", account_id=ANA, **parameters))
        return [each["AdministratorId"] for each in body["Invitations"]]

    @pytest.mark.parametrize(
        ("status", "visible"),
        [
            (MemberStatus.VERIFICATION_IN_PROGRESS, False),
            (MemberStatus.VERIFICATION_FAILED, False),
            (INVITED, True),
            (ENABLED, True),
            (DISABLED, True),
        ],
    )
    def test_open_and_accepted_invitations_are_listed(
        self, world: World, graph: BehaviorGraph, status: MemberStatus, *, visible: bool
    ) -> None:
        """Before verification succeeds, no invitation has been sent."""
        a_member(world, graph, ANA, status=status)
        assert self.listed(world) == [ADMINISTRATOR] * visible

    def test_an_account_without_invitations_gets_an_empty_list(self, world: World) -> None:
        """The administrator of a graph with members gets an empty list, too."""
        a_graph(world, account_id=ANA, members=[BEN])
        assert answer(a_call(world, "ListInvitations", account_id=ANA)) == {"Invitations": []}

    def test_organization_graphs_are_listed(self, world: World) -> None:
        """An enabled organization account sees the graph without an invitation. The administrator does not."""
        graph = an_organization_graph(world)
        row = a_member(world, graph, ANA)
        world.put(graph, attrs.evolve(row, invitation_type=InvitationType.ORGANIZATION))
        assert self.listed(world) == [ADMINISTRATOR]
        assert answer(a_call(world, "ListInvitations")) == {"Invitations": []}

    def test_only_invitations_of_the_region_are_listed(self, world: World) -> None:
        """Each Region lists its own invitations."""
        for region, administrator in ((REGION, ADMINISTRATOR), (ELSEWHERE, BEN)):
            a_graph(world, account_id=administrator, region=region, members=[ANA])
        assert self.listed(world) == [ADMINISTRATOR]
        assert self.listed(world, region=ELSEWHERE) == [BEN]

    def test_invitations_are_listed_in_the_order_sent(self, world: World, graph: BehaviorGraph) -> None:
        """The order in which the graphs were created does not matter."""
        other = a_graph(world, account_id=BEN)
        a_member(world, other, ANA)
        a_member(world, graph, ANA)
        assert self.listed(world) == [BEN, ADMINISTRATOR]


class TestPagesOfInvitations:
    ADMINISTRATORS = tuple(f"{number:012d}" for number in range(5))

    @pytest.fixture(autouse=True)
    def graphs(self, world: World) -> list[BehaviorGraph]:
        return [a_graph(world, account_id=each, members=[ANA]) for each in self.ADMINISTRATORS]

    def page(self, world: World, account_id: str = ANA, **parameters: Any) -> tuple[list[str], str | None]:
        body = answer(a_call(world, "ListInvitations", account_id=account_id, **parameters))
        return [each["AdministratorId"] for each in body["Invitations"]], body.get("NextToken")

    @pytest.mark.parametrize("size", range(1, 7))
    def test_paging_returns_each_invitation_once(self, world: World, size: int) -> None:
        """Pages of any size return every invitation once, in order."""
        found, token = self.page(world, MaxResults=size)
        while token is not None:
            more, token = self.page(world, MaxResults=size, NextToken=token)
            found += more
        assert tuple(found) == self.ADMINISTRATORS

    def test_max_results_may_change_between_pages(self, world: World) -> None:
        """A full last page has no token."""
        _, token = self.page(world, MaxResults=1)
        rest, token = self.page(world, MaxResults=4, NextToken=token)
        assert (tuple(rest), token) == (self.ADMINISTRATORS[1:], None)

    def test_removing_an_invitation_between_pages_skips_no_other(
        self, world: World, graphs: list[BehaviorGraph]
    ) -> None:
        """The next page is complete even if the last invitation of the page before was removed."""
        _, token = self.page(world, MaxResults=2)
        leave(world, graphs[1], world.rows(graphs[1].arn).rows[ANA], MemberEvent.REMOVED)
        rest, _ = self.page(world, NextToken=token)
        assert tuple(rest) == self.ADMINISTRATORS[2:]

    def test_the_tests_page_size_caps_max_results(self, world: World) -> None:
        """The fake's page size applies even if the caller asks for more."""
        found, token = self.page(world, page_size=2, MaxResults=200)
        assert len(found) == 2
        assert token is not None

    def test_a_token_of_another_account_is_rejected(self, world: World) -> None:
        """A token is valid only for the account that received it."""
        _, token = self.page(world, MaxResults=1)
        with refused(world, ValidationFailed, r"ListInvitationsRequest\.NextToken is not one"):
            self.page(world, account_id=BEN, NextToken=token)
