"""The five operations about an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain.designation import account_joined, deregister
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.membership import InvitationType, MemberStatus
from detective_fake.errors import AccessDenied, ValidationFailed
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    MANAGEMENT,
    MINUTE,
    NOON,
    REGION,
    a_call,
    a_graph,
    a_world,
    an_organization,
    an_organization_graph,
    answer,
    refused,
    status_of,
)
from tests.invariants import violations

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.organization import Organization
    from detective_fake.domain.world import World

ELSEWHERE = "eu-west-1"
STRANGER = "777777777777"
NO_GRAPH = "arn:aws:detective:us-east-1:111111111111:graph:" + "0" * 32

OF_MANAGEMENT: dict[str, dict[str, Any]] = {
    "EnableOrganizationAdminAccount": {"AccountId": ANA},
    "DisableOrganizationAdminAccount": {},
    "ListOrganizationAdminAccounts": {},
}
OF_THE_ADMINISTRATOR = ("DescribeOrganizationConfiguration", "UpdateOrganizationConfiguration")


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def organization(world: World) -> Organization:
    return an_organization(world)


def enable(world: World, account_id: str = ADMINISTRATOR, region: str = REGION, at: datetime = NOON) -> BehaviorGraph:
    call = a_call(
        world,
        "EnableOrganizationAdminAccount",
        account_id=MANAGEMENT,
        region=region,
        at=at,
        AccountId=account_id,
    )
    assert answer(call) == {}
    run_due_events(world, at)
    graph = world.administered(region, account_id)
    assert graph is not None
    return graph


def disable(world: World, region: str = REGION) -> None:
    answer(a_call(world, "DisableOrganizationAdminAccount", account_id=MANAGEMENT, region=region))
    run_due_events(world, NOON)


def listed(world: World, region: str = REGION, at: datetime = NOON) -> list[dict[str, Any]]:
    run_due_events(world, at)
    call = a_call(world, "ListOrganizationAdminAccounts", account_id=MANAGEMENT, region=region, at=at)
    administrators: list[dict[str, Any]] = answer(call)["Administrators"]
    return administrators


class TestWhoMayAsk:
    @pytest.mark.parametrize("operation", OF_MANAGEMENT)
    def test_an_account_of_no_organization_is_told_so(self, world: World, operation: str) -> None:
        """In words that a published client looks for."""
        call = a_call(world, operation, **OF_MANAGEMENT[operation])
        with refused(world, ValidationFailed, "account is not a member of an organization"):
            answer(call)

    @pytest.mark.parametrize("operation", OF_MANAGEMENT)
    @pytest.mark.parametrize("account_id", [ADMINISTRATOR, ANA])
    def test_other_accounts_of_it_may_not(
        self, world: World, organization: Organization, operation: str, account_id: str
    ) -> None:
        """Not even the Detective administrator."""
        an_organization_graph(world, organization)
        with refused(world, AccessDenied):
            answer(a_call(world, operation, account_id=account_id, **OF_MANAGEMENT[operation]))

    @pytest.mark.parametrize("operation", OF_THE_ADMINISTRATOR)
    @pytest.mark.parametrize("account_id", [MANAGEMENT, ANA])
    def test_only_the_administrator_may_configure(
        self, world: World, organization: Organization, operation: str, account_id: str
    ) -> None:
        """Neither management nor a member."""
        graph = an_organization_graph(world, organization)
        with refused(world, AccessDenied):
            answer(a_call(world, operation, account_id=account_id, GraphArn=graph.arn))

    @pytest.mark.parametrize("operation", OF_THE_ADMINISTRATOR)
    @pytest.mark.usefixtures("organization")
    def test_only_an_organization_graph_can_be_configured(self, world: World, operation: str) -> None:
        """Another graph of the caller is none."""
        graph = a_graph(world)
        with refused(world, AccessDenied):
            answer(a_call(world, operation, GraphArn=graph.arn))

    @pytest.mark.parametrize("operation", OF_THE_ADMINISTRATOR)
    def test_a_caller_of_no_organization_is_told_so(self, world: World, operation: str) -> None:
        """Whatever its graph is."""
        graph = a_graph(world, account_id=STRANGER)
        with refused(world, ValidationFailed, "account is not a member of an organization"):
            answer(a_call(world, operation, account_id=STRANGER, GraphArn=graph.arn))

    @pytest.mark.parametrize("operation", OF_THE_ADMINISTRATOR)
    @pytest.mark.parametrize("region", [REGION, ELSEWHERE])
    def test_an_unknown_graph_is_not_valid(
        self, world: World, organization: Organization, operation: str, region: str
    ) -> None:
        """These operations have no 404; one of another Region is unknown as well."""
        arn = an_organization_graph(world, organization).arn if region == ELSEWHERE else NO_GRAPH
        with refused(world, ValidationFailed) as caught:
            answer(a_call(world, operation, region=region, GraphArn=arn))
        assert caught.value.members == {"ErrorCode": "INVALID_GRAPH_ARN"}


@pytest.mark.usefixtures("organization")
class TestEnableOrganizationAdminAccount:
    def test_the_account_gets_the_organization_graph(self, world: World) -> None:
        """And becomes the delegated administrator."""
        graph = enable(world)
        assert graph.organization_id is not None
        assert world.organizations[graph.organization_id].delegated_administrator_id == ADMINISTRATOR
        assert not violations(world)

    def test_members_of_its_graph_are_converted(self, world: World) -> None:
        """Those of the organization."""
        graph = a_graph(world, members=[ANA, STRANGER])
        enable(world, at=NOON + HOUR)
        kinds = {row.account_id: row.invitation_type for row in world.rows(graph.arn).ordered()}
        assert kinds[ANA] is InvitationType.ORGANIZATION
        assert kinds[STRANGER] is InvitationType.INVITATION

    def test_the_same_account_again_changes_nothing(self, world: World) -> None:
        """And is no error."""
        enable(world)
        before = world.copy()
        enable(world, at=NOON + HOUR)
        assert world.copy() == before

    def test_after_its_graph_was_deleted_it_gets_another(self, world: World) -> None:
        """Without members, and enabling nobody by itself."""
        graph = enable(world)
        answer(a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn, AutoEnable=True))
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        again = enable(world)
        assert again.arn != graph.arn
        assert not again.auto_enable

    @pytest.mark.parametrize("account_id", [ANA, MANAGEMENT])
    def test_another_account_is_refused(self, world: World, account_id: str) -> None:
        """Also management, while one is designated here."""
        enable(world)
        with refused(world, ValidationFailed, f"{ADMINISTRATOR}"):
            enable(world, account_id)

    def test_also_after_its_graph_was_deleted(self, world: World) -> None:
        """The designation has survived."""
        answer(a_call(world, "DeleteGraph", GraphArn=enable(world).arn))
        with refused(world, ValidationFailed, f"{ADMINISTRATOR} is already the Detective administrator .* us-east-1"):
            enable(world, MANAGEMENT)

    def test_an_account_from_elsewhere_is_refused(self, world: World) -> None:
        """It must be of the organization."""
        with refused(world, ValidationFailed, f"{STRANGER} is not a member of the organization"):
            enable(world, STRANGER)

    def test_the_delegated_administrator_binds_other_regions(self, world: World) -> None:
        """There it must be the same, or management."""
        enable(world)
        expected = f"{ANA} is neither the delegated administrator for Detective, {ADMINISTRATOR}, nor the management"
        with refused(world, ValidationFailed, expected):
            enable(world, ANA, ELSEWHERE)
        enable(world, MANAGEMENT, ELSEWHERE)
        enable(world, ADMINISTRATOR, "eu-west-2")

    def test_it_binds_them_after_a_withdrawal(self, world: World) -> None:
        """Only deregistering it in AWS Organizations ends that."""
        enable(world)
        disable(world)
        with refused(world, ValidationFailed, "neither the delegated administrator"):
            enable(world, ANA)
        deregister(world, next(iter(world.organizations.values())), NOON)
        enable(world, ANA)

    def test_management_may_designate_itself_everywhere(self, world: World) -> None:
        """It is never the delegated administrator."""
        for region in (REGION, ELSEWHERE):
            graph = enable(world, MANAGEMENT, region)
            assert status_of(world, graph, MANAGEMENT) is MemberStatus.ENABLED
        assert next(iter(world.organizations.values())).delegated_administrator_id is None


@pytest.mark.usefixtures("organization")
class TestDisableOrganizationAdminAccount:
    def test_the_designation_goes_with_the_graph(self, world: World) -> None:
        """In this Region."""
        enable(world)
        kept = enable(world, region=ELSEWHERE)
        disable(world)
        assert list(world.graphs) == [kept.arn]
        assert not listed(world)
        assert listed(world, ELSEWHERE)

    def test_where_none_is_designated_it_is_refused(self, world: World) -> None:
        """Also a second time."""
        with refused(world, ValidationFailed, "No account is designated .* in us-east-1"):
            disable(world)
        enable(world)
        disable(world)
        with refused(world, ValidationFailed):
            disable(world)

    def test_a_deleted_graph_is_no_hindrance(self, world: World) -> None:
        """The designation goes all the same."""
        answer(a_call(world, "DeleteGraph", GraphArn=enable(world).arn))
        disable(world)
        assert not listed(world)


@pytest.mark.usefixtures("organization")
class TestListOrganizationAdminAccounts:
    def test_it_is_the_one_of_this_region(self, world: World) -> None:
        """With its graph and the time of its designation."""
        graph = enable(world, at=NOON + HOUR)
        expected = {"AccountId": ADMINISTRATOR, "GraphArn": graph.arn, "DelegationTime": NOON + HOUR}
        assert listed(world, at=NOON + HOUR) == [expected]
        assert listed(world, ELSEWHERE) == []

    def test_it_follows_after_a_while(self, world: World) -> None:
        """Both ways: pollers have something to wait for."""
        world.timings.administrator_visibility = 5 * MINUTE
        enable(world)
        assert not listed(world, at=NOON + 4 * MINUTE)
        assert listed(world, at=NOON + 5 * MINUTE)
        disable(world)
        assert listed(world, at=NOON + 4 * MINUTE)
        assert not listed(world, at=NOON + 10 * MINUTE)

    def test_a_deleted_graph_stays_listed(self, world: World) -> None:
        """Nothing else tells of the designation."""
        graph = enable(world)
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        assert [each["GraphArn"] for each in listed(world)] == [graph.arn]

    def test_no_token_is_valid(self, world: World) -> None:
        """None was ever given out."""
        enable(world)
        with refused(world, ValidationFailed, r"ListOrganizationAdminAccountsRequest\.NextToken is not one"):
            answer(a_call(world, "ListOrganizationAdminAccounts", account_id=MANAGEMENT, NextToken="AAAA"))


@pytest.mark.usefixtures("organization")
class TestOrganizationConfiguration:
    def auto_enable(self, world: World, graph: BehaviorGraph) -> bool:
        return bool(answer(a_call(world, "DescribeOrganizationConfiguration", GraphArn=graph.arn))["AutoEnable"])

    def test_at_first_nobody_is_enabled_automatically(self, world: World) -> None:
        """Also where the graph was there before."""
        a_graph(world)
        assert not self.auto_enable(world, enable(world))

    @pytest.mark.parametrize("setting", [True, False])
    def test_what_was_set_can_be_read_at_once(self, world: World, *, setting: bool) -> None:
        """Setting it again changes nothing."""
        graph = attrs.evolve(enable(world), auto_enable=not setting)
        world.put_graph(graph)
        update = a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn, AutoEnable=setting)
        assert answer(update) == {}
        assert self.auto_enable(world, graph) is setting
        before = world.copy()
        answer(update)
        assert world.copy() == before

    def test_without_a_setting_nothing_changes(self, world: World) -> None:
        """It is optional."""
        graph = attrs.evolve(enable(world), auto_enable=True)
        world.put_graph(graph)
        answer(a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn))
        assert self.auto_enable(world, graph)

    def test_only_accounts_that_join_later_are_enabled(self, world: World) -> None:
        """Those that are there stay as they are."""
        graph = enable(world)
        answer(a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn, AutoEnable=True))
        account_joined(world, next(iter(world.organizations.values())), STRANGER, None, NOON)
        run_due_events(world, NOON)
        assert [row.account_id for row in world.rows(graph.arn).ordered()] == [ADMINISTRATOR, STRANGER]

    def test_it_is_each_regions_own(self, world: World) -> None:
        """As the graph is."""
        graph, other = enable(world), enable(world, region=ELSEWHERE)
        answer(a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn, AutoEnable=True))
        call = a_call(world, "DescribeOrganizationConfiguration", region=ELSEWHERE, GraphArn=other.arn)
        assert answer(call) == {"AutoEnable": False}

    def test_an_invited_member_may_not_even_ask(self, world: World) -> None:
        """Being in the graph is not enough."""
        graph = enable(world)
        with refused(world, AccessDenied):
            answer(a_call(world, "DescribeOrganizationConfiguration", account_id=BEN, GraphArn=graph.arn))
