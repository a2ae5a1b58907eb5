"""Tests of the five operations on organizations."""

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

    from detective_fake.domain.account import Organization
    from detective_fake.domain.graph import BehaviorGraph
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


class TestPermissions:
    @pytest.mark.parametrize("operation", OF_MANAGEMENT)
    def test_an_account_outside_an_organization_is_refused(self, world: World, operation: str) -> None:
        """A published client searches for the text of this message."""
        call = a_call(world, operation, **OF_MANAGEMENT[operation])
        with refused(world, ValidationFailed, "account is not a member of an organization"):
            answer(call)

    @pytest.mark.parametrize("operation", OF_MANAGEMENT)
    @pytest.mark.parametrize("account_id", [ADMINISTRATOR, ANA])
    def test_only_the_management_account_is_allowed(
        self, world: World, organization: Organization, operation: str, account_id: str
    ) -> None:
        """Other accounts of the organization are denied, even the Detective administrator."""
        an_organization_graph(world, organization)
        with refused(world, AccessDenied):
            answer(a_call(world, operation, account_id=account_id, **OF_MANAGEMENT[operation]))

    @pytest.mark.parametrize("operation", OF_THE_ADMINISTRATOR)
    @pytest.mark.parametrize("account_id", [MANAGEMENT, ANA])
    def test_only_the_administrator_may_configure(
        self, world: World, organization: Organization, operation: str, account_id: str
    ) -> None:
        """The management account and members are denied."""
        graph = an_organization_graph(world, organization)
        with refused(world, AccessDenied):
            answer(a_call(world, operation, account_id=account_id, GraphArn=graph.arn))

    @pytest.mark.parametrize("operation", OF_THE_ADMINISTRATOR)
    @pytest.mark.usefixtures("organization")
    def test_only_an_organization_graph_can_be_configured(self, world: World, operation: str) -> None:
        """The caller's graph is denied if it is not the organization graph."""
        graph = a_graph(world)
        with refused(world, AccessDenied):
            answer(a_call(world, operation, GraphArn=graph.arn))

    @pytest.mark.parametrize("operation", OF_THE_ADMINISTRATOR)
    def test_a_graph_administrator_outside_an_organization_is_refused(self, world: World, operation: str) -> None:
        """The caller is refused for its own graph if it is not in an organization."""
        graph = a_graph(world, account_id=STRANGER)
        with refused(world, ValidationFailed, "account is not a member of an organization"):
            answer(a_call(world, operation, account_id=STRANGER, GraphArn=graph.arn))

    @pytest.mark.parametrize("operation", OF_THE_ADMINISTRATOR)
    @pytest.mark.parametrize("region", [REGION, ELSEWHERE])
    def test_an_unknown_graph_is_a_validation_error(
        self, world: World, organization: Organization, operation: str, region: str
    ) -> None:
        """These operations have no 404. A graph of another Region is unknown, too."""
        arn = an_organization_graph(world, organization).arn if region == ELSEWHERE else NO_GRAPH
        with refused(world, ValidationFailed) as caught:
            answer(a_call(world, operation, region=region, GraphArn=arn))
        assert caught.value.members == {"ErrorCode": "INVALID_GRAPH_ARN"}


@pytest.mark.usefixtures("organization")
class TestEnableOrganizationAdminAccount:
    def test_the_account_gets_the_organization_graph(self, world: World) -> None:
        """The account also becomes the delegated administrator."""
        graph = enable(world)
        assert graph.organization_id is not None
        assert world.organizations[graph.organization_id].delegated_administrator_id == ADMINISTRATOR
        assert not violations(world)

    def test_members_of_its_graph_are_converted(self, world: World) -> None:
        """Members from the organization become organization accounts. Other members stay invited accounts."""
        graph = a_graph(world, members=[ANA, STRANGER])
        enable(world, at=NOON + HOUR)
        kinds = {row.account_id: row.invitation_type for row in world.rows(graph.arn).ordered()}
        assert kinds[ANA] is InvitationType.ORGANIZATION
        assert kinds[STRANGER] is InvitationType.INVITATION

    def test_enabling_the_same_account_again_changes_nothing(self, world: World) -> None:
        """The second call succeeds."""
        enable(world)
        before = world.copy()
        enable(world, at=NOON + HOUR)
        assert world.copy() == before

    def test_enabling_it_after_a_deletion_creates_a_new_graph(self, world: World) -> None:
        """The new graph does not inherit the automatic enabling of the deleted graph."""
        graph = enable(world)
        answer(a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn, AutoEnable=True))
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        again = enable(world)
        assert again.arn != graph.arn
        assert not again.auto_enable

    @pytest.mark.parametrize("account_id", [ANA, MANAGEMENT])
    def test_another_account_is_refused(self, world: World, account_id: str) -> None:
        """While an account is designated, any other is refused, even the management account."""
        enable(world)
        with refused(world, ValidationFailed, f"{ADMINISTRATOR}"):
            enable(world, account_id)

    def test_another_account_is_refused_after_a_deletion(self, world: World) -> None:
        """The designation remains after its graph is deleted."""
        answer(a_call(world, "DeleteGraph", GraphArn=enable(world).arn))
        with refused(world, ValidationFailed, f"{ADMINISTRATOR} is already the Detective administrator .* us-east-1"):
            enable(world, MANAGEMENT)

    def test_an_account_outside_the_organization_is_refused(self, world: World) -> None:
        """The administrator must be a member of the organization."""
        with refused(world, ValidationFailed, f"{STRANGER} is not a member of the organization"):
            enable(world, STRANGER)

    def test_the_delegated_administrator_binds_other_regions(self, world: World) -> None:
        """Other Regions accept only the delegated administrator or the management account."""
        enable(world)
        expected = f"{ANA} is neither the delegated administrator for Detective, {ADMINISTRATOR}, nor the management"
        with refused(world, ValidationFailed, expected):
            enable(world, ANA, ELSEWHERE)
        enable(world, MANAGEMENT, ELSEWHERE)
        enable(world, ADMINISTRATOR, "eu-west-2")

    def test_the_delegated_administrator_remains_after_disabling(self, world: World) -> None:
        """Only deregistering it in AWS Organizations allows another account."""
        enable(world)
        disable(world)
        with refused(world, ValidationFailed, "neither the delegated administrator"):
            enable(world, ANA)
        deregister(world, next(iter(world.organizations.values())), NOON)
        enable(world, ANA)

    def test_management_may_designate_itself_in_every_region(self, world: World) -> None:
        """The management account does not become the delegated administrator."""
        for region in (REGION, ELSEWHERE):
            graph = enable(world, MANAGEMENT, region)
            assert status_of(world, graph, MANAGEMENT) is MemberStatus.ENABLED
        assert next(iter(world.organizations.values())).delegated_administrator_id is None


@pytest.mark.usefixtures("organization")
class TestDisableOrganizationAdminAccount:
    def test_the_designation_and_the_graph_are_removed(self, world: World) -> None:
        """Designations and graphs in other Regions stay."""
        enable(world)
        kept = enable(world, region=ELSEWHERE)
        disable(world)
        assert list(world.graphs) == [kept.arn]
        assert not listed(world)
        assert listed(world, ELSEWHERE)

    def test_it_is_refused_without_a_designation(self, world: World) -> None:
        """A second call is refused, too."""
        with refused(world, ValidationFailed, "No account is designated .* in us-east-1"):
            disable(world)
        enable(world)
        disable(world)
        with refused(world, ValidationFailed):
            disable(world)

    def test_a_designation_without_a_graph_is_removed(self, world: World) -> None:
        """The call succeeds if the graph is already deleted."""
        answer(a_call(world, "DeleteGraph", GraphArn=enable(world).arn))
        disable(world)
        assert not listed(world)


@pytest.mark.usefixtures("organization")
class TestListOrganizationAdminAccounts:
    def test_only_the_administrator_of_the_region_is_listed(self, world: World) -> None:
        """The entry has the graph and the time of the designation."""
        graph = enable(world, at=NOON + HOUR)
        expected = {"AccountId": ADMINISTRATOR, "GraphArn": graph.arn, "DelegationTime": NOON + HOUR}
        assert listed(world, at=NOON + HOUR) == [expected]
        assert listed(world, ELSEWHERE) == []

    def test_changes_become_visible_after_a_delay(self, world: World) -> None:
        """The delay applies to enabling and disabling, so that clients have to poll."""
        world.timings.administrator_visibility = 5 * MINUTE
        enable(world)
        assert not listed(world, at=NOON + 4 * MINUTE)
        assert listed(world, at=NOON + 5 * MINUTE)
        disable(world)
        assert listed(world, at=NOON + 4 * MINUTE)
        assert not listed(world, at=NOON + 10 * MINUTE)

    def test_a_deleted_graph_stays_listed(self, world: World) -> None:
        """The entry is the only way to see that the designation remains."""
        graph = enable(world)
        answer(a_call(world, "DeleteGraph", GraphArn=graph.arn))
        assert [each["GraphArn"] for each in listed(world)] == [graph.arn]

    def test_any_token_is_rejected(self, world: World) -> None:
        """ListOrganizationAdminAccounts returns no tokens, so it accepts none."""
        enable(world)
        with refused(world, ValidationFailed, r"ListOrganizationAdminAccountsRequest\.NextToken is not one"):
            answer(a_call(world, "ListOrganizationAdminAccounts", account_id=MANAGEMENT, NextToken="AAAA"))


@pytest.mark.usefixtures("organization")
class TestOrganizationConfiguration:
    def auto_enable(self, world: World, graph: BehaviorGraph) -> bool:
        return bool(answer(a_call(world, "DescribeOrganizationConfiguration", GraphArn=graph.arn))["AutoEnable"])

    def test_auto_enable_is_off_by_default(self, world: World) -> None:
        """It is off even for a graph that existed before the designation."""
        a_graph(world)
        assert not self.auto_enable(world, enable(world))

    @pytest.mark.parametrize("setting", [True, False])
    def test_a_new_setting_is_readable_at_once(self, world: World, *, setting: bool) -> None:
        """Setting the same value again changes nothing."""
        graph = attrs.evolve(enable(world), auto_enable=not setting)
        world.put_graph(graph)
        update = a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn, AutoEnable=setting)
        assert answer(update) == {}
        assert self.auto_enable(world, graph) is setting
        before = world.copy()
        answer(update)
        assert world.copy() == before

    def test_an_update_without_a_setting_changes_nothing(self, world: World) -> None:
        """`AutoEnable` is optional."""
        graph = attrs.evolve(enable(world), auto_enable=True)
        world.put_graph(graph)
        answer(a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn))
        assert self.auto_enable(world, graph)

    def test_only_accounts_that_join_later_are_enabled(self, world: World) -> None:
        """Accounts that are already in the organization are not enabled."""
        graph = enable(world)
        answer(a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn, AutoEnable=True))
        account_joined(world, next(iter(world.organizations.values())), STRANGER, None, NOON)
        run_due_events(world, NOON)
        assert [row.account_id for row in world.rows(graph.arn).ordered()] == [ADMINISTRATOR, STRANGER]

    def test_each_region_has_its_own_setting(self, world: World) -> None:
        """A setting applies to the graph of one Region only."""
        graph, other = enable(world), enable(world, region=ELSEWHERE)
        answer(a_call(world, "UpdateOrganizationConfiguration", GraphArn=graph.arn, AutoEnable=True))
        call = a_call(world, "DescribeOrganizationConfiguration", region=ELSEWHERE, GraphArn=other.arn)
        assert answer(call) == {"AutoEnable": False}

    def test_another_account_may_not_read_the_setting(self, world: World) -> None:
        """An organization account other than the administrator is denied."""
        graph = enable(world)
        with refused(world, AccessDenied):
            answer(a_call(world, "DescribeOrganizationConfiguration", account_id=BEN, GraphArn=graph.arn))
