"""Tests of CreateGraph, ListGraphs and DeleteGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain.account import Account
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.graph import DatasourcePackage
from detective_fake.domain.quotas import Behavior
from detective_fake.errors import AccessDenied, Conflict, ResourceNotFound, ServiceQuotaExceeded, ValidationFailed
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    MANAGEMENT,
    NOON,
    REGION,
    a_call,
    a_graph,
    a_world,
    an_organization_graph,
    answer,
    refused,
)
from tests.invariants import violations

if TYPE_CHECKING:
    from detective_fake.domain.world import World

TERABYTE = 10**12
ELSEWHERE = "eu-west-1"


@pytest.fixture
def world() -> World:
    return a_world()


def set_volume(world: World, volume: int | None) -> None:
    volumes = None if volume is None else {DatasourcePackage.DETECTIVE_CORE: volume}
    world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, volumes=volumes)


class TestCreateGraph:
    def test_the_caller_administers_a_new_graph(self, world: World) -> None:
        """The graph has the caller, Region, time and tags of the request."""
        arn = answer(a_call(world, "CreateGraph", at=NOON + HOUR, Tags={"team": "blue"}))["GraphArn"]
        graph = world.graphs[arn]
        assert (graph.administrator_id, graph.region) == (ADMINISTRATOR, REGION)
        assert (graph.created_at, graph.tags) == (NOON + HOUR, {"team": "blue"})

    def test_a_repeated_call_returns_the_same_graph(self, world: World) -> None:
        """A repeated call changes nothing. Its tags are ignored."""
        first = answer(a_call(world, "CreateGraph", Tags={"team": "blue"}))
        before = world.copy()
        assert answer(a_call(world, "CreateGraph", at=NOON + HOUR, Tags={"team": "red"})) == first
        assert world.copy() == before

    @pytest.mark.parametrize(("account_id", "region"), [(ANA, REGION), (ADMINISTRATOR, ELSEWHERE)])
    def test_each_account_has_one_graph_per_region(self, world: World, account_id: str, region: str) -> None:
        """A member of another graph can create its own graph, too."""
        a_graph(world, members=[ANA])
        answer(a_call(world, "CreateGraph", account_id=account_id, region=region))
        assert len(world.graphs) == 2
        assert not violations(world)

    def test_a_graph_created_after_a_deletion_has_a_new_arn(self, world: World) -> None:
        """A deleted graph cannot be restored."""
        gone = a_graph(world)
        world.delete_graph(gone)
        assert answer(a_call(world, "CreateGraph"))["GraphArn"] != gone.arn

    def test_an_account_over_the_volume_quota_is_refused(self, world: World) -> None:
        """A volume above the quota is refused. A volume equal to it is not."""
        set_volume(world, 10 * TERABYTE + 1)
        with refused(world, ServiceQuotaExceeded) as caught:
            answer(a_call(world, "CreateGraph"))
        assert caught.value.members == {"Resources": ("VOLUME",)}
        set_volume(world, 10 * TERABYTE)
        answer(a_call(world, "CreateGraph"))

    def test_an_existing_graph_is_returned_over_the_volume_quota(self, world: World) -> None:
        """The quota applies only to new graphs."""
        graph = a_graph(world)
        set_volume(world, 11 * TERABYTE)
        assert answer(a_call(world, "CreateGraph")) == {"GraphArn": graph.arn}

    def test_an_account_with_an_unknown_volume_is_accepted(self, world: World) -> None:
        """The call succeeds if the volume is unknown, because GuardDuty is no longer required."""
        set_volume(world, None)
        answer(a_call(world, "CreateGraph"))

    def test_only_core_data_counts_toward_the_quota(self, world: World) -> None:
        """A new graph ingests only core data, so other volumes do not count."""
        volumes = {DatasourcePackage.EKS_AUDIT: 11 * TERABYTE}
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, volumes=volumes)
        answer(a_call(world, "CreateGraph"))

    def test_too_many_tags_are_refused(self, world: World) -> None:
        """CreateGraph and TagResource have the same tag quota."""
        world.quotas.tags_per_graph = 1
        with refused(world, ValidationFailed, "must have no more than 1 tags. Found 2."):
            answer(a_call(world, "CreateGraph", Tags={"a": "", "b": ""}))

    def test_a_designated_administrator_gets_the_organization_graph_again(self, world: World) -> None:
        """It has deleted it. The configuration of the organization can be read, and the list has the new ARN."""
        first = an_organization_graph(world)
        answer(a_call(world, "DeleteGraph", GraphArn=first.arn))
        arn = answer(a_call(world, "CreateGraph"))["GraphArn"]
        run_due_events(world, NOON)
        assert arn != first.arn
        assert answer(a_call(world, "DescribeOrganizationConfiguration", GraphArn=arn)) == {"AutoEnable": False}
        listed = answer(a_call(world, "ListOrganizationAdminAccounts", account_id=MANAGEMENT))["Administrators"]
        assert [each["GraphArn"] for each in listed] == [arn]
        answer(a_call(world, "DisableOrganizationAdminAccount", account_id=MANAGEMENT))
        assert not world.graphs
        assert not violations(world)

    def test_the_administrator_may_be_listed(self, world: World) -> None:
        """With the behavior `administrator_listed`. It cannot leave its own graph."""
        world.behavior = Behavior(administrator_listed=True)
        arn = answer(a_call(world, "CreateGraph"))["GraphArn"]
        (member,) = answer(a_call(world, "ListMembers", GraphArn=arn))["MemberDetails"]
        assert (member["AccountId"], member["Status"], member["InvitedTime"]) == (ADMINISTRATOR, "ENABLED", NOON)
        assert "EmailAddress" not in member
        with refused(world, Conflict, "in the behavior graph as its administrator"):
            answer(a_call(world, "DisassociateMembership", GraphArn=arn))


class TestGuardDuty:
    @pytest.fixture
    def world(self) -> World:
        return a_world(behavior=Behavior(guardduty_required=True))

    @pytest.mark.parametrize("late", [{"guardduty": False}, {"guardduty_since": NOON - 47 * HOUR}])
    def test_an_account_without_it_is_refused(self, world: World, late: dict[str, Any]) -> None:
        """And one that has it for less than 48 hours."""
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, **late)
        with refused(world, Conflict, "must have Amazon GuardDuty enabled for at least 48 hours"):
            answer(a_call(world, "CreateGraph"))

    def test_an_account_with_it_is_accepted(self, world: World) -> None:
        """By default an account has it for long enough."""
        world.accounts[ANA] = Account(account_id=ANA, guardduty_since=NOON - 48 * HOUR)
        for account_id in (ADMINISTRATOR, ANA):
            assert answer(a_call(world, "CreateGraph", account_id=account_id))

    def test_by_default_it_is_not_required(self) -> None:
        """The current texts do not mention it."""
        world = a_world()
        world.accounts[ANA] = Account(account_id=ANA, guardduty=False, guardduty_since=NOON)
        assert answer(a_call(world, "CreateGraph", account_id=ANA))


class TestSuspended:
    def test_the_administrator_has_no_access(self, world: World) -> None:
        """To the graph, or to the configuration of the organization."""
        graph = an_organization_graph(world)
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, suspended=True)
        for operation in ("ListMembers", "DescribeOrganizationConfiguration"):
            with refused(world, AccessDenied):
                answer(a_call(world, operation, GraphArn=graph.arn))
        del world.accounts[ADMINISTRATOR]
        assert answer(a_call(world, "ListMembers", GraphArn=graph.arn))


class TestListGraphs:
    def test_only_the_callers_graph_is_listed(self, world: World) -> None:
        """Graphs of other accounts and other Regions are not listed."""
        graph = a_graph(world)
        a_graph(world, account_id=ANA)
        a_graph(world, region=ELSEWHERE)
        assert answer(a_call(world, "ListGraphs")) == {"GraphList": [{"Arn": graph.arn, "CreatedTime": NOON}]}

    def test_an_account_without_a_graph_gets_an_empty_list(self, world: World) -> None:
        """The list is empty for a member of another graph and for a stranger."""
        a_graph(world, members=[ANA])
        assert answer(a_call(world, "ListGraphs", account_id=ANA)) == {"GraphList": []}
        assert answer(a_call(world, "ListGraphs", account_id=BEN, MaxResults=200)) == {"GraphList": []}

    def test_any_token_is_rejected(self, world: World) -> None:
        """ListGraphs returns no tokens, so it accepts none."""
        a_graph(world)
        with refused(world, ValidationFailed, r"ListGraphsRequest\.NextToken is not one"):
            answer(a_call(world, "ListGraphs", NextToken="AAAA"))


class TestDeleteGraph:
    def test_a_graph_is_deleted_with_its_members(self, world: World) -> None:
        """The graph and its memberships are no longer listed. Members need not be removed first."""
        graph = a_graph(world, members=[ANA])
        assert answer(a_call(world, "DeleteGraph", GraphArn=graph.arn)) == {}
        assert answer(a_call(world, "ListGraphs")) == {"GraphList": []}
        assert answer(a_call(world, "ListInvitations", account_id=ANA)) == {"Invitations": []}
        assert not violations(world)

    def test_deleting_it_twice_is_not_found(self, world: World) -> None:
        """The second call is not found. Clients treat that as success."""
        graph = a_graph(world)
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        with refused(world, ResourceNotFound):
            answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))

    def test_a_member_is_denied(self, world: World) -> None:
        """A member cannot delete the graph."""
        graph = a_graph(world, members=[ANA])
        with refused(world, AccessDenied):
            answer(a_call(world, "DeleteGraph", account_id=ANA, GraphArn=graph.arn))

    def test_an_organization_graph_can_be_deleted(self, world: World) -> None:
        """The designation remains, and stays listed with the ARN of the deleted graph."""
        graph = an_organization_graph(world)
        designations, listed = dict(world.designations), dict(world.listed)
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        assert (world.designations, world.listed) == (designations, listed)

    def test_an_earlier_response_does_not_change(self, world: World) -> None:
        """A response keeps its content when the graph is changed or deleted later."""
        graph = a_graph(world)
        listed = answer(a_call(world, "ListGraphs"))
        world.put_graph(attrs.evolve(graph, created_at=NOON + HOUR))
        world.delete_graph(graph)
        assert listed == {"GraphList": [{"Arn": graph.arn, "CreatedTime": NOON}]}
