"""How accounts join a graph, are enabled, and leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from detective_fake.domain import enrolment
from detective_fake.domain.account import Account
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.enrolment import Obstacle
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.graph import DatasourcePackage, update_packages
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberEvent, Membership, MemberStatus
from detective_fake.errors import Conflict
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    MINUTE,
    NOON,
    a_graph,
    a_member,
    a_world,
    an_organization_graph,
    every_status_but,
    refused,
    status_of,
)
from tests.invariants import violations

if TYPE_CHECKING:
    from datetime import timedelta

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

CORE, EKS = DatasourcePackage.DETECTIVE_CORE, DatasourcePackage.EKS_AUDIT
TERABYTE = 10**12
STRANGER = "777777777777"
GOVCLOUD = "us-gov-west-1"
LATER = NOON + HOUR

DISABLED, ENABLED, INVITED = MemberStatus.ACCEPTED_BUT_DISABLED, MemberStatus.ENABLED, MemberStatus.INVITED
VERIFYING = MemberStatus.VERIFICATION_IN_PROGRESS


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    return a_graph(world)


def row_of(world: World, graph: BehaviorGraph, account_id: str = ANA) -> Membership:
    row = world.membership(graph.arn, account_id)
    assert row is not None
    return row


def set_volume(world: World, account_id: str, volume: int | None) -> None:
    volumes = None if volume is None else {CORE: volume}
    world.accounts[account_id] = Account(account_id=account_id, volumes=volumes)


def an_invited(world: World, graph: BehaviorGraph, account_id: str = ANA, volume: int | None = 5) -> Membership:
    return a_member(world, graph, account_id, status=INVITED, daily_volume_bytes=volume)


class TestUsage:
    def test_only_started_packages_count(self, world: World, graph: BehaviorGraph) -> None:
        """Volumes of packages that are not started are ignored."""
        world.accounts[ANA] = Account(account_id=ANA, volumes={CORE: 3, EKS: 4})
        usage = enrolment.usage_of(world, graph, ANA, LATER)
        assert usage is not None
        assert (usage.total, usage.by_package, usage.measured_at) == (3, {CORE: 3}, LATER)

    def test_a_started_package_without_data_counts_as_zero(self, world: World, graph: BehaviorGraph) -> None:
        """The package is still listed."""
        started = attrs.evolve(graph, packages=update_packages(graph.packages, {CORE, EKS}, NOON))
        world.accounts[ANA] = Account(account_id=ANA, volumes={CORE: 3})
        usage = enrolment.usage_of(world, started, ANA, NOON)
        assert usage is not None
        assert usage.by_package == {CORE: 3, EKS: 0}

    def test_a_stopped_package_does_not_count(self, world: World, graph: BehaviorGraph) -> None:
        """A stopped package is not listed, either."""
        started = update_packages(graph.packages, {CORE, EKS}, NOON)
        stopped = attrs.evolve(graph, packages=update_packages(started, {CORE}, NOON))
        world.accounts[ANA] = Account(account_id=ANA, volumes={CORE: 3, EKS: 4})
        usage = enrolment.usage_of(world, stopped, ANA, NOON)
        assert usage is not None
        assert usage.by_package == {CORE: 3}

    def test_an_unknown_volume_is_none(self, world: World, graph: BehaviorGraph) -> None:
        """An unknown volume is different from a volume of zero."""
        set_volume(world, ANA, None)
        assert enrolment.usage_of(world, graph, ANA, NOON) is None


class TestGraphVolume:
    def test_it_sums_administrator_and_enabled_members(self, world: World, graph: BehaviorGraph) -> None:
        """Invited members do not count."""
        set_volume(world, ADMINISTRATOR, 100)
        a_member(world, graph, ANA, daily_volume_bytes=20)
        an_invited(world, graph, BEN, 3)
        assert enrolment.graph_volume(world, graph) == 120

    def test_unknown_volumes_count_as_zero(self, world: World, graph: BehaviorGraph) -> None:
        """Neither an administrator nor a member with an unknown volume adds to the sum."""
        set_volume(world, ADMINISTRATOR, None)
        a_member(world, graph, ANA, daily_volume_bytes=None)
        assert enrolment.graph_volume(world, graph) == 0

    def test_the_administrator_counts_once(self, world: World) -> None:
        """In an organization graph, only the administrator's own row counts."""
        set_volume(world, ADMINISTRATOR, 100)
        assert enrolment.graph_volume(world, an_organization_graph(world)) == 100


class TestObstacle:
    def test_a_default_account_has_none(self, world: World, graph: BehaviorGraph) -> None:
        """A default account has no disabled reason, either."""
        assert enrolment.obstacle(world, graph, ANA) is None
        assert enrolment.disabled_reason(world, graph, ANA) is None

    def test_a_full_graph_is_an_obstacle(self, world: World, graph: BehaviorGraph) -> None:
        """Only enabled members count. The service has no disabled reason for a full graph."""
        world.quotas.members_per_graph = 1
        an_invited(world, graph, ANA)
        assert enrolment.obstacle(world, graph, ANA) is None
        a_member(world, graph, BEN)
        assert enrolment.obstacle(world, graph, ANA) is Obstacle.MEMBER_COUNT
        assert enrolment.disabled_reason(world, graph, ANA) is None

    def test_the_administrators_own_row_does_not_count(self, world: World) -> None:
        """In an organization graph, the administrator's row is not a member."""
        world.quotas.members_per_graph = 1
        graph = an_organization_graph(world)
        assert enrolment.obstacle(world, graph, ANA) is None

    @pytest.mark.parametrize(("volume", "found"), [(4, None), (5, Obstacle.VOLUME_TOO_HIGH)])
    def test_a_volume_over_the_limit_is_an_obstacle(
        self, world: World, graph: BehaviorGraph, volume: int, found: Obstacle | None
    ) -> None:
        """A volume equal to the limit is allowed."""
        world.quotas.volume_bytes_per_day = 10
        set_volume(world, ADMINISTRATOR, 6)
        set_volume(world, ANA, volume)
        assert enrolment.obstacle(world, graph, ANA) is found

    def test_an_unknown_volume_is_an_obstacle(self, world: World, graph: BehaviorGraph) -> None:
        """The disabled reason is `VOLUME_UNKNOWN`."""
        set_volume(world, ANA, None)
        assert enrolment.obstacle(world, graph, ANA) is Obstacle.VOLUME_UNKNOWN
        assert enrolment.disabled_reason(world, graph, ANA) is DisabledReason.VOLUME_UNKNOWN

    def test_a_graph_over_the_limit_comes_before_an_unknown_volume(self, world: World, graph: BehaviorGraph) -> None:
        """If the graph exceeds its volume limit, no account fits, regardless of its volume."""
        set_volume(world, ADMINISTRATOR, 11 * TERABYTE)
        set_volume(world, ANA, None)
        assert enrolment.obstacle(world, graph, ANA) is Obstacle.VOLUME_TOO_HIGH


class TestObstacleToAdding:
    @pytest.mark.parametrize(("rows", "found"), [(0, None), (1, None), (2, Obstacle.MEMBER_COUNT)])
    def test_every_row_counts(self, world: World, graph: BehaviorGraph, rows: int, found: Obstacle | None) -> None:
        """Rows count with any status."""
        world.quotas.members_per_graph = 2
        an_invited(world, graph)
        assert enrolment.obstacle_to_adding(world, graph, [BEN, STRANGER][:rows]) is found

    def test_failed_verifications_do_not_count(self, world: World, graph: BehaviorGraph) -> None:
        """But inviting such an account again takes a place."""
        world.quotas.members_per_graph = 1
        a_member(world, graph, ANA, status=MemberStatus.VERIFICATION_FAILED)
        assert enrolment.obstacle_to_adding(world, graph, [BEN]) is None
        an_invited(world, graph, BEN)
        assert enrolment.obstacle_to_adding(world, graph, [ANA]) is Obstacle.MEMBER_COUNT

    def test_adding_no_rows_ignores_the_member_limit(self, world: World, graph: BehaviorGraph) -> None:
        """There is no obstacle even if the limit was lowered below the current number of members."""
        an_invited(world, graph, ANA)
        an_invited(world, graph, BEN)
        world.quotas.members_per_graph = 1
        assert enrolment.obstacle_to_adding(world, graph, [ANA]) is None

    def test_a_graph_over_its_volume_limit_accepts_no_account(self, world: World, graph: BehaviorGraph) -> None:
        """A graph exactly at its limit accepts accounts."""
        set_volume(world, ADMINISTRATOR, 10 * TERABYTE)
        assert enrolment.obstacle_to_adding(world, graph, [ANA]) is None
        set_volume(world, ADMINISTRATOR, 10 * TERABYTE + 1)
        assert enrolment.obstacle_to_adding(world, graph, [ANA]) is Obstacle.VOLUME_TOO_HIGH


class TestInvite:
    def test_an_account_is_verified_first(self, world: World, graph: BehaviorGraph) -> None:
        """The row has the e-mail address and the time of the invitation."""
        row = enrolment.invite(world, graph, ANA, "ana@example.com", NOON)
        assert (row.status, row.invitation_type, row.email) == (VERIFYING, InvitationType.INVITATION, "ana@example.com")
        assert row.invited_at == row.updated_at == NOON
        assert row_of(world, graph) == row

    def test_in_govcloud_accounts_are_not_verified(self, world: World) -> None:
        """The account is invited at once, and no e-mail is scheduled."""
        graph = a_graph(world, region=GOVCLOUD)
        assert enrolment.invite(world, graph, ANA, "ana@example.com", NOON).status is INVITED
        assert not world.event_queue.events()

    def test_an_organization_account_is_enrolled(self, world: World) -> None:
        """The account is verified first, in GovCloud as well, and has the time at which its row was made."""
        graph = an_organization_graph(world, region=GOVCLOUD)
        row = enrolment.invite(world, graph, ANA, "ana@example.com", NOON)
        assert (row.status, row.invitation_type) == (VERIFYING, InvitationType.ORGANIZATION)
        assert (row.invited_at, row.email) == (NOON, "ana@example.com")

    def test_an_organization_account_needs_no_address(self, world: World) -> None:
        """The default is the known e-mail address of the account, if any."""
        graph = an_organization_graph(world)
        world.accounts[ANA] = Account(account_id=ANA, email="known@example.com")
        assert enrolment.invite(world, graph, ANA, None, NOON).email == "known@example.com"
        assert enrolment.invite(world, graph, BEN, None, NOON).email is None

    def test_an_account_outside_the_organization_is_invited(self, world: World) -> None:
        """An organization graph invites such accounts like any other graph."""
        graph = an_organization_graph(world)
        row = enrolment.invite(world, graph, STRANGER, "s@example.com", NOON)
        assert (row.invitation_type, row.invited_at) == (InvitationType.INVITATION, NOON)

    def test_a_failed_account_can_be_invited_again(self, world: World, graph: BehaviorGraph) -> None:
        """The new membership is last in the order and does not inherit pending events."""
        a_member(world, graph, ANA, status=MemberStatus.VERIFICATION_FAILED)
        an_invited(world, graph, BEN)
        row = enrolment.invite(world, graph, ANA, "new@example.com", LATER)
        assert (row.status, row.invited_at) == (VERIFYING, LATER)
        assert [each.account_id for each in world.rows(graph.arn).ordered()] == [BEN, ANA]
        assert not violations(world)

    @pytest.mark.parametrize("status", [INVITED, VERIFYING])
    def test_an_open_invitation_of_an_account_that_joined_is_converted(
        self, world: World, status: MemberStatus
    ) -> None:
        """The account has joined the organization since. It is enabled at once, and waits for nothing."""
        graph = an_organization_graph(world)
        row = a_member(world, graph, ANA, status=status)
        if status is VERIFYING:
            world.schedule(EventKind.VERIFICATION, NOON, scope=graph.arn, subject=ANA, membership=row.number)
        row = enrolment.invite(world, graph, ANA, None, LATER)
        assert (row.status, row.invitation_type) == (ENABLED, InvitationType.ORGANIZATION)
        assert (row.invited_at, row.updated_at) == (NOON, LATER)
        assert not world.event_queue.events()

    @pytest.mark.parametrize("status", every_status_but(MemberStatus.VERIFICATION_FAILED))
    def test_a_member_cannot_be_invited_again(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """Inviting a member with any other status is a conflict."""
        a_member(world, graph, ANA, status=status)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            enrolment.invite(world, graph, ANA, "new@example.com", LATER)


class TestAccept:
    def test_an_account_that_fits_is_enabled_at_once(self, world: World, graph: BehaviorGraph) -> None:
        """`UpdatedTime` changes, `InvitedTime` does not, and the volume usage is measured."""
        enrolment.accept(world, graph, an_invited(world, graph), LATER)
        row = row_of(world, graph)
        assert (row.status, row.invited_at, row.updated_at) == (ENABLED, NOON, LATER)
        assert row.usage is not None
        assert (row.usage.total, row.usage.measured_at) == (5, LATER)

    @pytest.mark.parametrize(
        ("volume", "reason"),
        [(11 * TERABYTE, DisabledReason.VOLUME_TOO_HIGH), (None, DisabledReason.VOLUME_UNKNOWN)],
    )
    def test_an_account_that_does_not_fit_is_disabled(
        self, world: World, graph: BehaviorGraph, volume: int | None, reason: DisabledReason
    ) -> None:
        """The row has the reason, and the account is checked again in an hour."""
        enrolment.accept(world, graph, an_invited(world, graph, volume=volume), NOON)
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason, row.usage) == (DISABLED, reason, None)
        assert [(event.kind, event.due) for event in world.event_queue.events()] == [(EventKind.RECHECK, LATER)]

    def test_an_account_over_the_member_limit_has_no_reason(self, world: World, graph: BehaviorGraph) -> None:
        """The service has no disabled reason for the member limit."""
        world.quotas.members_per_graph = 1
        a_member(world, graph, BEN)
        enrolment.accept(world, graph, an_invited(world, graph), NOON)
        assert (row_of(world, graph).status, row_of(world, graph).disabled_reason) == (DISABLED, None)

    def test_a_graph_has_only_one_pending_check(self, world: World, graph: BehaviorGraph) -> None:
        """One check covers all disabled accounts of the graph."""
        for account_id, at in ((ANA, NOON), (BEN, NOON + MINUTE)):
            enrolment.accept(world, graph, an_invited(world, graph, account_id, None), at)
        assert len(world.event_queue.events()) == 1

    @pytest.mark.parametrize("status", every_status_but(INVITED))
    @pytest.mark.parametrize("enabling", [0 * MINUTE, MINUTE])
    def test_only_an_invited_account_can_accept(
        self, world: World, graph: BehaviorGraph, status: MemberStatus, enabling: timedelta
    ) -> None:
        """Any other status is a conflict, with and without an enabling delay."""
        world.timings.enabling = enabling
        row = a_member(world, graph, ANA, status=status, daily_volume_bytes=None)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            enrolment.accept(world, graph, row, NOON)


class TestAcceptWithDelay:
    @pytest.fixture(autouse=True)
    def accepted(self, world: World, graph: BehaviorGraph) -> None:
        world.timings.enabling = 2 * HOUR
        enrolment.accept(world, graph, an_invited(world, graph), NOON)

    def test_its_volume_is_unknown_while_enabling(self, world: World, graph: BehaviorGraph) -> None:
        """AWS is still enabling the account, so the hourly check skips it."""
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason) == (DISABLED, DisabledReason.VOLUME_UNKNOWN)
        run_due_events(world, NOON + HOUR)
        assert row_of(world, graph) == row

    def test_it_is_enabled_after_the_delay(self, world: World, graph: BehaviorGraph) -> None:
        """The update time is the due time."""
        run_due_events(world, NOON + 5 * HOUR)
        row = row_of(world, graph)
        assert (row.status, row.updated_at, row.enabling) == (ENABLED, NOON + 2 * HOUR, False)

    def test_an_account_that_does_not_fit_stays_disabled(self, world: World, graph: BehaviorGraph) -> None:
        """Only the reason changes, so `UpdatedTime` stays the same. Hourly checks begin."""
        set_volume(world, ANA, 11 * TERABYTE)
        run_due_events(world, NOON + 2 * HOUR)
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason) == (DISABLED, DisabledReason.VOLUME_TOO_HIGH)
        assert (row.updated_at, row.enabling) == (NOON, False)
        assert [event.due for event in world.event_queue.events()] == [NOON + 3 * HOUR]

    def test_the_administrator_cannot_enable_it_earlier(self, world: World, graph: BehaviorGraph) -> None:
        """The volume is unknown, so nothing changes."""
        before = world.copy()
        assert not enrolment.start_monitoring(world, graph, row_of(world, graph), NOON + HOUR)
        assert world.copy() == before

    def test_a_conversion_does_not_shorten_the_delay(self, world: World, graph: BehaviorGraph) -> None:
        """The account becomes an organization account and goes on waiting."""
        enrolment.convert(world, graph, row_of(world, graph), NOON + HOUR)
        assert row_of(world, graph).enabling
        run_due_events(world, NOON + 5 * HOUR)
        row = row_of(world, graph)
        assert (row.status, row.updated_at) == (ENABLED, NOON + 2 * HOUR)
        assert row.invitation_type is InvitationType.ORGANIZATION

    def test_other_conversions_wait_as_well(self, world: World, graph: BehaviorGraph) -> None:
        """So does every organization account."""
        enrolment.convert(world, graph, an_invited(world, graph, BEN), NOON)
        assert (row_of(world, graph, BEN).status, row_of(world, graph, BEN).enabling) == (DISABLED, True)
        run_due_events(world, NOON + 2 * HOUR)
        assert row_of(world, graph, BEN).status is ENABLED

    def test_the_hourly_check_skips_it(self, world: World, graph: BehaviorGraph) -> None:
        """The check does not repeat if no other account is disabled."""
        a_member(world, graph, BEN, status=DISABLED)
        assert not enrolment.recheck(world, graph, NOON + HOUR)
        assert (status_of(world, graph, ANA), status_of(world, graph, BEN)) == (DISABLED, ENABLED)


class TestStartMonitoring:
    def test_a_disabled_account_that_fits_is_enabled(self, world: World, graph: BehaviorGraph) -> None:
        """The disabled reason is cleared."""
        row = attrs.evolve(a_member(world, graph, ANA, status=DISABLED), disabled_reason=DisabledReason.VOLUME_TOO_HIGH)
        assert enrolment.start_monitoring(world, graph, row, LATER)
        assert (row_of(world, graph).status, row_of(world, graph).disabled_reason) == (ENABLED, None)

    def test_an_account_that_does_not_fit_does_not_change(self, world: World, graph: BehaviorGraph) -> None:
        """The times do not change, either."""
        row = a_member(world, graph, ANA, status=DISABLED, daily_volume_bytes=None)
        before = world.copy()
        assert not enrolment.start_monitoring(world, graph, row, LATER)
        assert world.copy() == before

    @pytest.mark.parametrize("status", every_status_but(DISABLED))
    @pytest.mark.parametrize("volume", [5, None])
    def test_any_other_status_is_rejected(
        self, world: World, graph: BehaviorGraph, status: MemberStatus, volume: int | None
    ) -> None:
        """Any status except `ACCEPTED_BUT_DISABLED` is a conflict, even if the account fits."""
        row = a_member(world, graph, ANA, status=status, daily_volume_bytes=volume)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            enrolment.start_monitoring(world, graph, row, LATER)


class TestRecheck:
    def test_accounts_are_enabled_in_the_order_invited(self, world: World, graph: BehaviorGraph) -> None:
        """All accounts are tried, because a smaller account may fit after a larger one did not."""
        world.quotas.volume_bytes_per_day = 10
        set_volume(world, ADMINISTRATOR, 0)
        volumes = {"3" * 12: 4, "2" * 12: 7, "5" * 12: 5, "4" * 12: 1, "6" * 12: 1}
        for account_id, volume in volumes.items():
            a_member(world, graph, account_id, status=DISABLED, daily_volume_bytes=volume)
        assert enrolment.recheck(world, graph, LATER)
        enabled = [row.account_id for row in world.rows(graph.arn).ordered() if row.status is ENABLED]
        assert enabled == ["3" * 12, "5" * 12, "4" * 12]

    def test_the_member_limit_uses_the_same_order(self, world: World, graph: BehaviorGraph) -> None:
        """The account that was invited first gets the place."""
        for account_id in (BEN, ANA):
            a_member(world, graph, account_id, status=DISABLED)
        world.quotas.members_per_graph = 1
        assert enrolment.recheck(world, graph, LATER)
        assert (status_of(world, graph, ANA), status_of(world, graph, BEN)) == (DISABLED, ENABLED)

    def test_it_returns_false_when_no_account_is_disabled(self, world: World, graph: BehaviorGraph) -> None:
        """There is nothing more to check."""
        a_member(world, graph, ANA, status=DISABLED)
        assert not enrolment.recheck(world, graph, LATER)

    def test_the_reason_is_updated(self, world: World, graph: BehaviorGraph) -> None:
        """A known volume that is too high replaces the reason `VOLUME_UNKNOWN`. `UpdatedTime` stays the same."""
        enrolment.accept(world, graph, an_invited(world, graph, volume=None), NOON)
        set_volume(world, ANA, 11 * TERABYTE)
        run_due_events(world, LATER)
        row = row_of(world, graph)
        assert (row.disabled_reason, row.updated_at) == (DisabledReason.VOLUME_TOO_HIGH, NOON)


class TestConvert:
    def test_an_enabled_member_keeps_its_update_time(self, world: World, graph: BehaviorGraph) -> None:
        """The member becomes an organization account and keeps its times."""
        row = a_member(world, graph, ANA)
        enrolment.convert(world, graph, row, LATER)
        expected = attrs.evolve(row, invitation_type=InvitationType.ORGANIZATION)
        assert row_of(world, graph) == expected

    @pytest.mark.parametrize("status", every_status_but(ENABLED))
    def test_any_other_member_is_enabled(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """Members with any other status become enabled organization accounts."""
        enrolment.convert(world, graph, a_member(world, graph, ANA, status=status), LATER)
        row = row_of(world, graph)
        assert (row.status, row.invitation_type) == (ENABLED, InvitationType.ORGANIZATION)
        assert (row.updated_at, row.invited_at) == (LATER, NOON)

    @pytest.mark.parametrize("status", every_status_but(ENABLED))
    def test_a_member_that_does_not_fit_is_disabled(
        self, world: World, graph: BehaviorGraph, status: MemberStatus
    ) -> None:
        """The member is checked every hour from now on."""
        row = a_member(world, graph, ANA, status=status, daily_volume_bytes=None)
        enrolment.convert(world, graph, row, LATER)
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason) == (DISABLED, DisabledReason.VOLUME_UNKNOWN)
        assert [event.due for event in world.event_queue.events()] == [LATER + HOUR]


class TestLeave:
    @pytest.mark.parametrize("status", MemberStatus)
    def test_the_administrator_can_remove_any_member(
        self, world: World, graph: BehaviorGraph, status: MemberStatus
    ) -> None:
        """Members with any status can be removed."""
        enrolment.leave(world, graph, a_member(world, graph, ANA, status=status), MemberEvent.REMOVED)
        assert status_of(world, graph, ANA) is None
        assert not world.memberships

    @pytest.mark.parametrize("status", every_status_but(ENABLED))
    def test_only_an_enabled_member_can_resign(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """An invited account must reject the invitation instead."""
        row = a_member(world, graph, ANA, status=status)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            enrolment.leave(world, graph, row, MemberEvent.RESIGNED)


class TestMeasure:
    def test_an_enabled_member_is_measured_again(self, world: World, graph: BehaviorGraph) -> None:
        """The volume of the graph is updated, too."""
        row = a_member(world, graph, ANA)
        set_volume(world, ANA, 7)
        enrolment.measure(world, graph, row, LATER)
        usage = row_of(world, graph).usage
        assert usage is not None
        assert (usage.total, usage.measured_at, world.rows(graph.arn).volume) == (7, LATER, 7)

    def test_other_members_have_no_usage(self, world: World, graph: BehaviorGraph) -> None:
        """Measuring a member that is not enabled changes nothing."""
        row = an_invited(world, graph)
        enrolment.measure(world, graph, row, LATER)
        assert row_of(world, graph) is row
