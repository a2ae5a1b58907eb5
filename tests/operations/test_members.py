"""Tests of CreateMembers, GetMembers, ListMembers, DeleteMembers and StartMonitoringMember."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain.account import Account
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.enrolment import leave
from detective_fake.domain.graph import DatasourcePackage
from detective_fake.domain.membership import MemberEvent, MemberStatus
from detective_fake.errors import (
    AccessDenied,
    Conflict,
    ResourceNotFound,
    ServiceQuotaExceeded,
    ValidationFailed,
)
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
from tests.invariants import violations

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

CARLA, STRANGER = "444444444444", "777777777777"
ELSEWHERE, GOVCLOUD = "eu-west-1", "us-gov-west-1"
TERABYTE = 10**12
CORE = DatasourcePackage.DETECTIVE_CORE

DISABLED, ENABLED = MemberStatus.ACCEPTED_BUT_DISABLED, MemberStatus.ENABLED
FAILED, INVITED = MemberStatus.VERIFICATION_FAILED, MemberStatus.INVITED

OPERATIONS: dict[str, dict[str, Any]] = {
    "CreateMembers": {"Accounts": [{"AccountId": STRANGER, "EmailAddress": "s@example.com"}]},
    "GetMembers": {"AccountIds": [ANA]},
    "ListMembers": {},
    "DeleteMembers": {"AccountIds": [ANA]},
    "StartMonitoringMember": {"AccountId": ANA},
}


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    return a_graph(world)


def set_volume(world: World, account_id: str, volume: int | None) -> None:
    volumes = None if volume is None else {CORE: volume}
    world.accounts[account_id] = Account(account_id=account_id, volumes=volumes)


def create(world: World, graph: BehaviorGraph, *account_ids: str, **options: Any) -> dict[str, Any]:
    accounts = [{"AccountId": each, "EmailAddress": f"root@{each}.example.com"} for each in account_ids]
    call = a_call(world, "CreateMembers", region=graph.region, GraphArn=graph.arn, Accounts=accounts, **options)
    return answer(call)


def ids(details: list[dict[str, Any]]) -> list[str]:
    return [each["AccountId"] for each in details]


def reasons(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["AccountId"], each["Reason"]) for each in body["UnprocessedAccounts"]]


class TestPermissions:
    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("account_id", [ANA, BEN])
    def test_only_the_administrator_is_allowed(
        self, world: World, graph: BehaviorGraph, operation: str, account_id: str
    ) -> None:
        """Members and strangers are denied."""
        a_member(world, graph, ANA)
        call = a_call(world, operation, account_id=account_id, GraphArn=graph.arn, **OPERATIONS[operation])
        with refused(world, AccessDenied):
            answer(call)

    @pytest.mark.parametrize("operation", OPERATIONS)
    @pytest.mark.parametrize("region", [REGION, ELSEWHERE])
    def test_an_unknown_graph_is_not_found(
        self, world: World, graph: BehaviorGraph, operation: str, region: str
    ) -> None:
        """Deleted graphs and graphs of other Regions are not found."""
        if region == REGION:
            world.delete_graph(graph)
        with refused(world, ResourceNotFound):
            answer(a_call(world, operation, region=region, GraphArn=graph.arn, **OPERATIONS[operation]))


class TestCreateMembers:
    def test_accounts_are_verified_first(self, world: World, graph: BehaviorGraph) -> None:
        """Members come in the requested order, with their first status. Both lists are always present."""
        body = create(world, graph, BEN, ANA)
        assert ids(body["Members"]) == [BEN, ANA]
        assert {each["Status"] for each in body["Members"]} == {"VERIFICATION_IN_PROGRESS"}
        assert body["UnprocessedAccounts"] == []
        run_due_events(world, NOON)
        assert status_of(world, graph, ANA) is INVITED

    def test_in_govcloud_accounts_are_invited_at_once(self, world: World) -> None:
        """Detective sends no e-mails in GovCloud Regions."""
        body = create(world, a_graph(world, region=GOVCLOUD), ANA)
        assert body["Members"][0]["Status"] == "INVITED"
        run_due_events(world, NOON)
        assert not world.emails

    def test_organization_accounts_are_enabled(self, world: World) -> None:
        """Organization accounts, management included, get no e-mail. Accounts from outside are invited."""
        graph = an_organization_graph(world)
        body = create(world, graph, ANA, "999999999999", STRANGER)
        kinds = [each["InvitationType"] for each in body["Members"]]
        assert kinds == ["ORGANIZATION", "ORGANIZATION", "INVITATION"]
        run_due_events(world, NOON)
        assert [row.status for row in world.rows(graph.arn).ordered()] == [ENABLED, ENABLED, ENABLED, INVITED]
        assert [email.account_id for email in world.emails] == [STRANGER]

    def test_organization_accounts_are_invited_to_other_graphs(self, world: World) -> None:
        """Only the organization graph enables organization accounts without an invitation."""
        an_organization_graph(world)
        graph = a_graph(world, account_id=BEN)
        call = a_call(
            world,
            "CreateMembers",
            account_id=BEN,
            GraphArn=graph.arn,
            Accounts=[{"AccountId": ANA, "EmailAddress": "ana@example.com"}],
        )
        assert answer(call)["Members"][0]["InvitationType"] == "INVITATION"

    @pytest.mark.parametrize(("disable", "sent"), [({}, 1), ({"DisableEmailNotification": True}, 0)])
    def test_emails_can_be_disabled(
        self, world: World, graph: BehaviorGraph, disable: dict[str, bool], sent: int
    ) -> None:
        """E-mails contain the message of the request. DisableEmailNotification suppresses them."""
        create(world, graph, ANA, Message="Join us", **disable)
        run_due_events(world, NOON)
        assert [email.message for email in world.emails] == ["Join us"] * sent

    @pytest.mark.parametrize("status", every_status_but(FAILED))
    def test_existing_members_are_unprocessed(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """The reason is the text that AWS's own code searches for. Other accounts are processed."""
        before = a_member(world, graph, ANA, status=status)
        body = create(world, graph, ANA, BEN)
        assert reasons(body) == [(ANA, "Account is already a member")]
        assert ids(body["Members"]) == [BEN]
        assert world.membership(graph.arn, ANA) == before

    def test_a_repeated_call_changes_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """In the second call, every account is already a member."""
        create(world, graph, ANA, BEN)
        before = world.copy()
        assert len(create(world, graph, BEN, ANA)["UnprocessedAccounts"]) == 2
        assert world.copy() == before

    def test_an_account_whose_verification_failed_is_invited_again(self, world: World, graph: BehaviorGraph) -> None:
        """The new invitation replaces the old one, and the account moves to the end."""
        a_member(world, graph, ANA, status=FAILED)
        create(world, graph, BEN)
        body = create(world, graph, ANA, at=NOON + HOUR)
        assert body["Members"][0]["InvitedTime"] == NOON + HOUR
        assert [row.account_id for row in world.rows(graph.arn).ordered()] == [BEN, ANA]
        assert not violations(world)

    def test_a_repeated_account_is_invited_once(self, world: World, graph: BehaviorGraph) -> None:
        """The first entry counts. For the second, the account is already a member."""
        body = answer(
            a_call(
                world,
                "CreateMembers",
                GraphArn=graph.arn,
                Accounts=[
                    {"AccountId": ANA, "EmailAddress": "first@example.com"},
                    {"AccountId": ANA, "EmailAddress": "second@example.com"},
                ],
            )
        )
        assert [each["EmailAddress"] for each in body["Members"]] == ["first@example.com"]
        assert reasons(body) == [(ANA, "Account is already a member")]

    @pytest.mark.parametrize("organization", [False, True])
    def test_the_administrator_is_unprocessed(self, world: World, *, organization: bool) -> None:
        """Callers often pass all accounts of an organization, including their own."""
        graph = an_organization_graph(world) if organization else a_graph(world)
        body = create(world, graph, ADMINISTRATOR, ANA)
        assert reasons(body) == [(ADMINISTRATOR, "Account is the administrator account of the behavior graph")]
        assert ids(body["Members"]) == [ANA]

    def test_unprocessed_accounts_are_in_the_order_of_the_request(self, world: World, graph: BehaviorGraph) -> None:
        """Accounts with different reasons keep the requested order."""
        a_member(world, graph, BEN)
        body = create(world, graph, CARLA, BEN, ANA, ADMINISTRATOR, CARLA)
        assert [account_id for account_id, _ in reasons(body)] == [BEN, ADMINISTRATOR, CARLA]
        assert ids(body["Members"]) == [CARLA, ANA]


class TestCreateMembersOfTheOrganization:
    def invite(self, world: World, graph: BehaviorGraph, *accounts: dict[str, str | None]) -> dict[str, Any]:
        return answer(a_call(world, "CreateMembers", GraphArn=graph.arn, Accounts=list(accounts)))

    @pytest.mark.parametrize("account", [{"AccountId": ANA}, {"AccountId": ANA, "EmailAddress": None}])
    def test_no_address_is_needed(self, world: World, account: dict[str, str | None]) -> None:
        """Clients that do not validate may leave it out."""
        graph = an_organization_graph(world)
        (member,) = self.invite(world, graph, account)["Members"]
        assert "EmailAddress" not in member
        assert member["InvitationType"] == "ORGANIZATION"

    def test_other_accounts_need_one(self, world: World) -> None:
        """The whole request is refused."""
        graph = an_organization_graph(world)
        with refused(world, ValidationFailed, "Invalid request body"):
            self.invite(world, graph, {"AccountId": ANA}, {"AccountId": STRANGER})

    def test_in_other_graphs_all_accounts_need_one(self, world: World, graph: BehaviorGraph) -> None:
        """As well as in a graph that does not exist."""
        for arn in (graph.arn, graph.arn[:-1] + "x"):
            with refused(world, ValidationFailed, "Invalid request body"):
                answer(a_call(world, "CreateMembers", GraphArn=arn, Accounts=[{"AccountId": ANA}]))

    def test_an_invited_account_that_joined_is_enabled(self, world: World) -> None:
        """It is no member yet, although it was invited. Once it is, it is unprocessed."""
        graph = an_organization_graph(world)
        a_member(world, graph, ANA, status=INVITED)
        world.quotas.members_per_graph = 1
        (member,) = self.invite(world, graph, {"AccountId": ANA})["Members"]
        assert (member["Status"], member["InvitationType"]) == ("ENABLED", "ORGANIZATION")
        assert reasons(create(world, graph, ANA)) == [(ANA, "Account is already a member")]


class TestCreateMembersOverQuota:
    def test_too_many_members_refuse_the_whole_request(self, world: World, graph: BehaviorGraph) -> None:
        """No account is added, even one that fits. Rows of every status but a failed verification count."""
        world.quotas.members_per_graph = 2
        a_member(world, graph, STRANGER, status=FAILED)
        a_member(world, graph, BEN, status=INVITED)
        with refused(world, ServiceQuotaExceeded) as caught:
            create(world, graph, ANA, CARLA)
        assert caught.value.members == {"Resources": ("MEMBER",)}
        create(world, graph, ANA)

    def test_unprocessed_accounts_do_not_count(self, world: World, graph: BehaviorGraph) -> None:
        """The administrator, members and repeated accounts add nothing to the count."""
        world.quotas.members_per_graph = 3
        a_member(world, graph, BEN)
        a_member(world, graph, CARLA, status=FAILED)
        body = create(world, graph, ADMINISTRATOR, BEN, CARLA, ANA, ANA)
        assert ids(body["Members"]) == [CARLA, ANA]

    def test_the_administrators_row_does_not_count(self, world: World) -> None:
        """The row of the administrator in an organization graph does not count."""
        world.quotas.members_per_graph = 1
        assert create(world, an_organization_graph(world), ANA)["Members"]

    def test_a_quota_below_the_member_count_stops_only_new_accounts(self, world: World, graph: BehaviorGraph) -> None:
        """Members can be named again. New accounts, and those whose verification failed, are refused."""
        for account_id, status in ((ANA, ENABLED), (BEN, ENABLED), (CARLA, FAILED)):
            a_member(world, graph, account_id, status=status)
        world.quotas.members_per_graph = 1
        assert reasons(create(world, graph, ANA)) == [(ANA, "Account is already a member")]
        for account_id in (CARLA, STRANGER):
            with refused(world, ServiceQuotaExceeded):
                create(world, graph, account_id)

    @pytest.mark.parametrize("row", [None, FAILED])
    def test_a_graph_over_its_volume_quota_accepts_no_accounts(
        self, world: World, graph: BehaviorGraph, row: MemberStatus | None
    ) -> None:
        """New accounts and failed ones are refused above the quota, but not at the quota."""
        if row is not None:
            a_member(world, graph, ANA, status=row)
        a_member(world, graph, BEN, daily_volume_bytes=10 * TERABYTE)
        set_volume(world, ADMINISTRATOR, 1)
        with refused(world, ServiceQuotaExceeded, "data volume rate") as caught:
            create(world, graph, ANA)
        assert caught.value.members == {"Resources": ("VOLUME",)}
        set_volume(world, ADMINISTRATOR, 0)
        assert create(world, graph, ANA)["Members"]

    def test_naming_existing_members_is_allowed_over_the_volume_quota(self, world: World, graph: BehaviorGraph) -> None:
        """The call adds no account, so the quota does not apply."""
        a_member(world, graph, ANA, daily_volume_bytes=11 * TERABYTE)
        assert reasons(create(world, graph, ANA, ADMINISTRATOR))[0] == (ANA, "Account is already a member")


class TestGetMembers:
    def get(self, world: World, graph: BehaviorGraph, *account_ids: str) -> dict[str, Any]:
        return answer(a_call(world, "GetMembers", GraphArn=graph.arn, AccountIds=list(account_ids)))

    @pytest.mark.parametrize("status", MemberStatus)
    def test_members_come_in_the_requested_order(
        self, world: World, graph: BehaviorGraph, status: MemberStatus
    ) -> None:
        """Members of every status are returned."""
        for account_id in (ANA, BEN):
            a_member(world, graph, account_id, status=status)
        body = self.get(world, graph, BEN, ANA)
        assert ids(body["MemberDetails"]) == [BEN, ANA]
        assert body["UnprocessedAccounts"] == []

    def test_accounts_that_are_not_members_are_unprocessed(self, world: World, graph: BehaviorGraph) -> None:
        """The call succeeds and lists them in the requested order."""
        a_member(world, graph, ANA)
        body = self.get(world, graph, STRANGER, ANA, BEN)
        assert ids(body["MemberDetails"]) == [ANA]
        assert reasons(body) == [(STRANGER, "Account is not a member"), (BEN, "Account is not a member")]

    def test_a_repeated_account_is_returned_once(self, world: World, graph: BehaviorGraph) -> None:
        """Neither list contains an account twice."""
        a_member(world, graph, ANA)
        body = self.get(world, graph, ANA, BEN, ANA, BEN)
        assert (ids(body["MemberDetails"]), ids(body["UnprocessedAccounts"])) == ([ANA], [BEN])

    @pytest.mark.parametrize(("organization", "found"), [(False, []), (True, [ADMINISTRATOR])])
    def test_the_administrator_has_a_row_in_an_organization_graph(
        self, world: World, found: list[str], *, organization: bool
    ) -> None:
        """In other graphs, the administrator is unprocessed."""
        graph = an_organization_graph(world) if organization else a_graph(world)
        assert ids(self.get(world, graph, ADMINISTRATOR)["MemberDetails"]) == found

    def test_an_earlier_response_does_not_change(self, world: World, graph: BehaviorGraph) -> None:
        """A response keeps its content when the member is removed later."""
        a_member(world, graph, ANA)
        call = a_call(world, "GetMembers", GraphArn=graph.arn, AccountIds=[ANA])
        body = answer(call)
        answer(a_call(world, "DeleteMembers", GraphArn=graph.arn, AccountIds=[ANA]))
        assert ids(body["MemberDetails"]) == [ANA]


class TestListMembers:
    def walk(self, world: World, graph: BehaviorGraph, *sizes: int, **token: str) -> list[str]:
        """Return the accounts of all pages. Each page has the next of these sizes, and further pages the last size."""
        size, *rest = sizes or (200,)
        body = answer(a_call(world, "ListMembers", GraphArn=graph.arn, MaxResults=size, **dict[str, Any](token)))
        found = ids(body["MemberDetails"])
        if "NextToken" in body:
            found += self.walk(world, graph, *(rest or [size]), NextToken=body["NextToken"])
        return found

    def test_every_status_is_listed(self, world: World, graph: BehaviorGraph) -> None:
        """Members are listed in the order of their invitations."""
        for number, status in enumerate(MemberStatus):
            a_member(world, graph, f"{9 - number}" * 12, status=status)
        body = answer(a_call(world, "ListMembers", GraphArn=graph.arn))
        assert [each["Status"] for each in body["MemberDetails"]] == [status.value for status in MemberStatus]
        assert body.keys() == {"MemberDetails"}

    def test_an_empty_graph_has_an_empty_list(self, world: World, graph: BehaviorGraph) -> None:
        """The response for an empty graph has no token."""
        assert answer(a_call(world, "ListMembers", GraphArn=graph.arn)) == {"MemberDetails": []}

    def test_the_administrator_is_listed_in_an_organization_graph(self, world: World) -> None:
        """Other organization accounts are listed only if they are members."""
        graph = an_organization_graph(world)
        assert self.walk(world, graph) == [ADMINISTRATOR]

    @given(st.integers(0, 12), st.lists(st.integers(1, 5), min_size=1))
    def test_paging_returns_every_member_once(self, count: int, sizes: list[int]) -> None:
        """Pages of any sizes return all members in order."""
        world = a_world()
        expected = [f"{number:012d}" for number in range(count)]
        graph = a_graph(world, members=expected)
        assert self.walk(world, graph, *sizes) == expected

    def test_a_page_has_100_members_by_default(self, world: World) -> None:
        """Member 101 is on the second page."""
        members = [f"{number:012d}" for number in range(101)]
        graph = a_graph(world, members=members)
        first = answer(a_call(world, "ListMembers", GraphArn=graph.arn))
        assert ids(first["MemberDetails"]) == members[:100]
        assert "NextToken" in first

    def test_the_tests_page_size_caps_max_results(self, world: World) -> None:
        """The fake's page size applies even if the caller asks for more."""
        graph = a_graph(world, members=[ANA, BEN])
        body = answer(a_call(world, "ListMembers", page_size=1, GraphArn=graph.arn, MaxResults=200))
        assert ids(body["MemberDetails"]) == [ANA]

    def test_a_full_last_page_has_no_token(self, world: World) -> None:
        """No token leads to an empty page."""
        graph = a_graph(world, members=[ANA, BEN])
        assert "NextToken" not in answer(a_call(world, "ListMembers", GraphArn=graph.arn, MaxResults=2))

    def test_an_account_added_between_pages_comes_last(self, world: World) -> None:
        """A member added during paging is on the last page."""
        graph = a_graph(world, members=[ANA, BEN])
        first = answer(a_call(world, "ListMembers", GraphArn=graph.arn, MaxResults=1))
        create(world, graph, CARLA)
        rest = answer(a_call(world, "ListMembers", GraphArn=graph.arn, NextToken=first["NextToken"]))
        assert ids(rest["MemberDetails"]) == [BEN, CARLA]

    @pytest.mark.parametrize("gone", [ANA, BEN])
    def test_removing_a_member_between_pages_skips_no_other(self, world: World, gone: str) -> None:
        """The next page is complete, even if the last member of the first page was removed."""
        graph = a_graph(world, members=[ANA, BEN, CARLA, STRANGER])
        first = answer(a_call(world, "ListMembers", GraphArn=graph.arn, MaxResults=2))
        leave(world, graph, world.rows(graph.arn).rows[gone], MemberEvent.REMOVED)
        rest = answer(a_call(world, "ListMembers", GraphArn=graph.arn, NextToken=first["NextToken"]))
        assert ids(rest["MemberDetails"]) == [CARLA, STRANGER]

    def test_an_account_enabled_between_pages_keeps_its_position(self, world: World) -> None:
        """The order depends only on the invitations."""
        graph = a_graph(world)
        for account_id in (ANA, BEN):
            a_member(world, graph, account_id, status=DISABLED)
        first = answer(a_call(world, "ListMembers", GraphArn=graph.arn, MaxResults=1))
        answer(a_call(world, "StartMonitoringMember", GraphArn=graph.arn, AccountId=ANA))
        rest = answer(a_call(world, "ListMembers", GraphArn=graph.arn, NextToken=first["NextToken"]))
        assert ids(rest["MemberDetails"]) == [BEN]

    def test_a_token_of_another_graph_is_rejected(self, world: World) -> None:
        """A token is valid only for its own graph. If that graph is deleted, the graph is not found."""
        graph = a_graph(world, members=[ANA, BEN])
        token = answer(a_call(world, "ListMembers", GraphArn=graph.arn, MaxResults=1))["NextToken"]
        world.delete_graph(graph)
        another = a_graph(world, members=[ANA])
        with refused(world, ValidationFailed, "NextToken is not one"):
            answer(a_call(world, "ListMembers", GraphArn=another.arn, NextToken=token))
        with refused(world, ResourceNotFound):
            answer(a_call(world, "ListMembers", GraphArn=graph.arn, NextToken=token))


class TestDeleteMembers:
    def delete(self, world: World, graph: BehaviorGraph, *account_ids: str) -> dict[str, Any]:
        return answer(a_call(world, "DeleteMembers", GraphArn=graph.arn, AccountIds=list(account_ids)))

    @pytest.mark.parametrize("status", MemberStatus)
    def test_a_member_is_removed(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """A member of any status is removed, and its list of invitations is empty."""
        a_member(world, graph, ANA, status=status)
        assert self.delete(world, graph, ANA) == {"AccountIds": [ANA], "UnprocessedAccounts": []}
        assert status_of(world, graph, ANA) is None
        assert answer(a_call(world, "ListInvitations", account_id=ANA)) == {"Invitations": []}

    def test_accounts_that_are_not_members_are_unprocessed(self, world: World, graph: BehaviorGraph) -> None:
        """Members are removed in the requested order."""
        for account_id in (ANA, BEN):
            a_member(world, graph, account_id)
        body = self.delete(world, graph, STRANGER, BEN, CARLA, ANA)
        assert body["AccountIds"] == [BEN, ANA]
        assert reasons(body) == [(STRANGER, "Account is not a member"), (CARLA, "Account is not a member")]

    @pytest.mark.parametrize("organization", [False, True])
    def test_the_administrator_is_never_removed(self, world: World, *, organization: bool) -> None:
        """Callers often pass the whole list of members, including themselves."""
        graph = an_organization_graph(world) if organization else a_graph(world)
        a_member(world, graph, STRANGER)
        body = self.delete(world, graph, ADMINISTRATOR, STRANGER)
        assert reasons(body) == [(ADMINISTRATOR, "Account is the administrator account of the behavior graph")]
        assert body["AccountIds"] == [STRANGER]
        assert not violations(world)

    def test_a_repeated_account_is_removed_once(self, world: World, graph: BehaviorGraph) -> None:
        """The second entry is not reported as unprocessed."""
        a_member(world, graph, ANA)
        assert self.delete(world, graph, ANA, ANA) == {"AccountIds": [ANA], "UnprocessedAccounts": []}

    def test_deleting_no_members_changes_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """The call succeeds if none of the accounts is a member."""
        before = world.copy()
        assert self.delete(world, graph, ANA)["AccountIds"] == []
        assert world.copy() == before

    def test_a_removed_account_can_be_added_again(self, world: World) -> None:
        """It is invited again, or enabled again as an organization account."""
        graph = an_organization_graph(world)
        create(world, graph, ANA, STRANGER)
        self.delete(world, graph, ANA, STRANGER)
        create(world, graph, ANA, STRANGER)
        run_due_events(world, NOON)
        assert (status_of(world, graph, ANA), status_of(world, graph, STRANGER)) == (ENABLED, INVITED)

    def test_removing_members_does_not_change_a_snapshot(self, world: World) -> None:
        """A copy made before the call still has the members."""
        graph = a_graph(world, members=[ANA, BEN])
        state = world.copy()
        self.delete(world, graph, ANA, BEN)
        assert list(state.members[graph.arn].rows) == [ANA, BEN]


class TestStartMonitoringMember:
    def start(self, world: World, graph: BehaviorGraph, at: Any = NOON) -> dict[str, Any]:
        return answer(a_call(world, "StartMonitoringMember", at=at, GraphArn=graph.arn, AccountId=ANA))

    def test_an_account_that_fits_is_enabled(self, world: World, graph: BehaviorGraph) -> None:
        """The account is enabled at the time of the call."""
        a_member(world, graph, ANA, status=DISABLED)
        assert self.start(world, graph, NOON + HOUR) == {}
        row = world.rows(graph.arn).rows[ANA]
        assert (row.status, row.updated_at) == (ENABLED, NOON + HOUR)

    def test_an_account_with_an_unknown_volume_stays_disabled(self, world: World, graph: BehaviorGraph) -> None:
        """The call succeeds and changes nothing."""
        a_member(world, graph, ANA, status=DISABLED, daily_volume_bytes=None)
        before = world.copy()
        assert self.start(world, graph) == {}
        assert world.copy() == before

    def test_a_full_graph_refuses_the_account(self, world: World, graph: BehaviorGraph) -> None:
        """The graph already has the maximum number of enabled members."""
        a_member(world, graph, ANA, status=DISABLED)
        a_member(world, graph, BEN)
        world.quotas.members_per_graph = 1
        with refused(world, ServiceQuotaExceeded) as caught:
            self.start(world, graph)
        assert caught.value.members == {"Resources": ("MEMBER",)}

    def test_an_account_that_does_not_fit_stays_disabled(self, world: World, graph: BehaviorGraph) -> None:
        """The graph is below its quota without the account. The call succeeds and changes nothing."""
        a_member(world, graph, ANA, status=DISABLED, daily_volume_bytes=2 * TERABYTE)
        a_member(world, graph, BEN, daily_volume_bytes=9 * TERABYTE)
        before = world.copy()
        assert self.start(world, graph) == {}
        assert world.copy() == before

    @pytest.mark.parametrize("volume", [5, None])
    def test_a_graph_over_its_volume_quota_refuses_the_account(
        self, world: World, graph: BehaviorGraph, volume: int | None
    ) -> None:
        """The volume is above the quota without the account already."""
        a_member(world, graph, ANA, status=DISABLED, daily_volume_bytes=volume)
        a_member(world, graph, BEN, daily_volume_bytes=11 * TERABYTE)
        with refused(world, ServiceQuotaExceeded) as caught:
            self.start(world, graph)
        assert caught.value.members == {"Resources": ("VOLUME",)}

    @pytest.mark.parametrize("status", every_status_but(DISABLED))
    def test_any_other_status_is_a_conflict(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """Only an account that accepted but is disabled can be started."""
        a_member(world, graph, ANA, status=status)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            self.start(world, graph)

    def test_an_account_that_is_not_a_member_is_not_found(self, world: World, graph: BehaviorGraph) -> None:
        """The request names one account, so the whole call fails."""
        with refused(world, ResourceNotFound):
            self.start(world, graph)

    def test_starting_the_administrator_is_a_conflict(self, world: World) -> None:
        """The row of the administrator in an organization graph is already enabled."""
        graph = an_organization_graph(world)
        call = a_call(world, "StartMonitoringMember", GraphArn=graph.arn, AccountId=ADMINISTRATOR)
        with refused(world, Conflict):
            answer(call)
