"""How accounts come into a graph, are enabled, and leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from detective_fake.domain import enrolment
from detective_fake.domain.account import Account
from detective_fake.domain.datasources import DatasourcePackage, after_update
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.enrolment import Obstacle
from detective_fake.domain.event_queue import EventKind
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
    def test_started_packages_count(self, world: World, graph: BehaviorGraph) -> None:
        """The others bring nothing, however much the account makes."""
        world.accounts[ANA] = Account(account_id=ANA, volumes={CORE: 3, EKS: 4})
        usage = enrolment.usage_of(world, graph, ANA, LATER)
        assert usage is not None
        assert (usage.total, usage.by_package, usage.measured_at) == (3, {CORE: 3}, LATER)

    def test_a_package_the_account_has_nothing_for_brings_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """It is listed all the same."""
        started = attrs.evolve(graph, packages=after_update(graph.packages, {CORE, EKS}, NOON))
        world.accounts[ANA] = Account(account_id=ANA, volumes={CORE: 3})
        usage = enrolment.usage_of(world, started, ANA, NOON)
        assert usage is not None
        assert usage.by_package == {CORE: 3, EKS: 0}

    def test_a_stopped_package_brings_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """Nor is it listed."""
        started = after_update(graph.packages, {CORE, EKS}, NOON)
        stopped = attrs.evolve(graph, packages=after_update(started, {CORE}, NOON))
        world.accounts[ANA] = Account(account_id=ANA, volumes={CORE: 3, EKS: 4})
        usage = enrolment.usage_of(world, stopped, ANA, NOON)
        assert usage is not None
        assert usage.by_package == {CORE: 3}

    def test_an_unknown_volume_is_none(self, world: World, graph: BehaviorGraph) -> None:
        """That is not nothing."""
        set_volume(world, ANA, None)
        assert enrolment.usage_of(world, graph, ANA, NOON) is None


class TestGraphVolume:
    def test_it_is_that_of_administrator_and_enabled_members(self, world: World, graph: BehaviorGraph) -> None:
        """Invited ones bring nothing yet."""
        set_volume(world, ADMINISTRATOR, 100)
        a_member(world, graph, ANA, daily_volume_bytes=20)
        an_invited(world, graph, BEN, 3)
        assert enrolment.graph_volume(world, graph) == 120

    def test_unknown_volumes_count_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """The administrator's, too."""
        set_volume(world, ADMINISTRATOR, None)
        a_member(world, graph, ANA, daily_volume_bytes=None)
        assert enrolment.graph_volume(world, graph) == 0

    def test_the_administrator_counts_once(self, world: World) -> None:
        """Where it has a row of its own, by that."""
        set_volume(world, ADMINISTRATOR, 100)
        assert enrolment.graph_volume(world, an_organization_graph(world)) == 100


class TestObstacle:
    def test_an_ordinary_account_has_none(self, world: World, graph: BehaviorGraph) -> None:
        """Nor a reason to be disabled."""
        assert enrolment.obstacle(world, graph, ANA) is None
        assert enrolment.disabled_reason(world, graph, ANA) is None

    def test_a_graph_that_is_full(self, world: World, graph: BehaviorGraph) -> None:
        """Enabled members count; the service gives no reason for this one."""
        world.quotas.members_per_graph = 1
        an_invited(world, graph, ANA)
        assert enrolment.obstacle(world, graph, ANA) is None
        a_member(world, graph, BEN)
        assert enrolment.obstacle(world, graph, ANA) is Obstacle.MEMBER_COUNT
        assert enrolment.disabled_reason(world, graph, ANA) is None

    def test_the_administrators_own_row_takes_no_place(self, world: World) -> None:
        """In an organization graph."""
        world.quotas.members_per_graph = 1
        graph = an_organization_graph(world)
        assert enrolment.obstacle(world, graph, ANA) is None

    @pytest.mark.parametrize(("volume", "found"), [(4, None), (5, Obstacle.VOLUME_TOO_HIGH)])
    def test_too_much_data(self, world: World, graph: BehaviorGraph, volume: int, found: Obstacle | None) -> None:
        """Just as much as allowed is not too much."""
        world.quotas.volume_bytes_per_day = 10
        set_volume(world, ADMINISTRATOR, 6)
        set_volume(world, ANA, volume)
        assert enrolment.obstacle(world, graph, ANA) is found

    def test_an_unknown_volume(self, world: World, graph: BehaviorGraph) -> None:
        """With the reason of its own."""
        set_volume(world, ANA, None)
        assert enrolment.obstacle(world, graph, ANA) is Obstacle.VOLUME_UNKNOWN
        assert enrolment.disabled_reason(world, graph, ANA) is DisabledReason.VOLUME_UNKNOWN

    def test_a_graph_over_the_limit_comes_before_an_unknown_volume(self, world: World, graph: BehaviorGraph) -> None:
        """Whatever the account makes, it does not fit."""
        set_volume(world, ADMINISTRATOR, 11 * TERABYTE)
        set_volume(world, ANA, None)
        assert enrolment.obstacle(world, graph, ANA) is Obstacle.VOLUME_TOO_HIGH


class TestObstacleToAdding:
    @pytest.mark.parametrize(("rows", "found"), [(0, None), (1, None), (2, Obstacle.MEMBER_COUNT)])
    def test_every_row_takes_a_place(
        self, world: World, graph: BehaviorGraph, rows: int, found: Obstacle | None
    ) -> None:
        """Whatever its status."""
        world.quotas.members_per_graph = 2
        an_invited(world, graph)
        assert enrolment.obstacle_to_adding(world, graph, rows=rows) is found

    def test_no_row_more_is_no_matter_of_count(self, world: World, graph: BehaviorGraph) -> None:
        """Also where the limit was lowered below what is there."""
        an_invited(world, graph, ANA)
        an_invited(world, graph, BEN)
        world.quotas.members_per_graph = 1
        assert enrolment.obstacle_to_adding(world, graph, rows=0) is None

    def test_a_graph_over_its_volume_takes_nobody(self, world: World, graph: BehaviorGraph) -> None:
        """At the limit it does."""
        set_volume(world, ADMINISTRATOR, 10 * TERABYTE)
        assert enrolment.obstacle_to_adding(world, graph, rows=1) is None
        set_volume(world, ADMINISTRATOR, 10 * TERABYTE + 1)
        assert enrolment.obstacle_to_adding(world, graph, rows=1) is Obstacle.VOLUME_TOO_HIGH


class TestInvite:
    def test_an_account_is_verified_first(self, world: World, graph: BehaviorGraph) -> None:
        """It has its address and the time of its invitation."""
        row = enrolment.invite(world, graph, ANA, "ana@example.com", NOON)
        assert (row.status, row.invitation_type, row.email) == (VERIFYING, InvitationType.INVITATION, "ana@example.com")
        assert row.invited_at == row.updated_at == NOON
        assert row_of(world, graph) == row

    def test_in_govcloud_nothing_is_verified(self, world: World) -> None:
        """It is invited at once, and no e-mail is on its way."""
        graph = a_graph(world, region=GOVCLOUD)
        assert enrolment.invite(world, graph, ANA, "ana@example.com", NOON).status is INVITED
        assert not world.event_queue.events()

    def test_an_organization_account_is_enrolled(self, world: World) -> None:
        """Verified first, in GovCloud as well; it is not invited at any time."""
        graph = an_organization_graph(world, region=GOVCLOUD)
        row = enrolment.invite(world, graph, ANA, "ana@example.com", NOON)
        assert (row.status, row.invitation_type) == (VERIFYING, InvitationType.ORGANIZATION)
        assert (row.invited_at, row.email) == (None, "ana@example.com")

    def test_an_organization_accounts_address_may_be_left_out(self, world: World) -> None:
        """Then it is the one the organization has, if any."""
        graph = an_organization_graph(world)
        world.accounts[ANA] = Account(account_id=ANA, email="known@example.com")
        assert enrolment.invite(world, graph, ANA, None, NOON).email == "known@example.com"
        assert enrolment.invite(world, graph, BEN, None, NOON).email is None

    def test_an_account_from_elsewhere_is_invited_to_an_organization_graph(self, world: World) -> None:
        """As to any other."""
        graph = an_organization_graph(world)
        row = enrolment.invite(world, graph, STRANGER, "s@example.com", NOON)
        assert (row.invitation_type, row.invited_at) == (InvitationType.INVITATION, NOON)

    def test_one_that_failed_is_invited_anew(self, world: World, graph: BehaviorGraph) -> None:
        """It is another membership, the last in the order; what was pending for the old one is not its."""
        a_member(world, graph, ANA, status=MemberStatus.VERIFICATION_FAILED)
        an_invited(world, graph, BEN)
        row = enrolment.invite(world, graph, ANA, "new@example.com", LATER)
        assert (row.status, row.invited_at) == (VERIFYING, LATER)
        assert [each.account_id for each in world.rows(graph.arn).ordered()] == [BEN, ANA]
        assert not violations(world)

    @pytest.mark.parametrize("status", every_status_but(MemberStatus.VERIFICATION_FAILED))
    def test_a_member_is_not_invited_again(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """Whatever its status."""
        a_member(world, graph, ANA, status=status)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            enrolment.invite(world, graph, ANA, "new@example.com", LATER)


class TestAccept:
    def test_an_account_that_fits_is_enabled_at_once(self, world: World, graph: BehaviorGraph) -> None:
        """`UpdatedTime` changes, `InvitedTime` does not; what it brings is measured."""
        enrolment.accept(world, graph, an_invited(world, graph), LATER)
        row = row_of(world, graph)
        assert (row.status, row.invited_at, row.updated_at) == (ENABLED, NOON, LATER)
        assert row.usage is not None
        assert (row.usage.total, row.usage.measured_at) == (5, LATER)

    @pytest.mark.parametrize(
        ("volume", "reason"),
        [(11 * TERABYTE, DisabledReason.VOLUME_TOO_HIGH), (None, DisabledReason.VOLUME_UNKNOWN)],
    )
    def test_one_that_does_not_is_disabled(
        self, world: World, graph: BehaviorGraph, volume: int | None, reason: DisabledReason
    ) -> None:
        """With the reason, and it will be checked again in an hour."""
        enrolment.accept(world, graph, an_invited(world, graph, volume=volume), NOON)
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason, row.usage) == (DISABLED, reason, None)
        assert [(event.kind, event.due) for event in world.event_queue.events()] == [(EventKind.RECHECK, LATER)]

    def test_one_too_many_is_disabled_for_no_reason(self, world: World, graph: BehaviorGraph) -> None:
        """The service has none for the count."""
        world.quotas.members_per_graph = 1
        a_member(world, graph, BEN)
        enrolment.accept(world, graph, an_invited(world, graph), NOON)
        assert (row_of(world, graph).status, row_of(world, graph).disabled_reason) == (DISABLED, None)

    def test_a_second_one_is_checked_with_the_first(self, world: World, graph: BehaviorGraph) -> None:
        """A graph has one check in the event queue."""
        for account_id, at in ((ANA, NOON), (BEN, NOON + MINUTE)):
            enrolment.accept(world, graph, an_invited(world, graph, account_id, None), at)
        assert len(world.event_queue.events()) == 1

    @pytest.mark.parametrize("status", every_status_but(INVITED))
    @pytest.mark.parametrize("enabling", [0 * MINUTE, MINUTE])
    def test_an_invitation_that_is_not_open_is_refused(
        self, world: World, graph: BehaviorGraph, status: MemberStatus, enabling: timedelta
    ) -> None:
        """However long enabling takes."""
        world.timings.enabling = enabling
        row = a_member(world, graph, ANA, status=status, daily_volume_bytes=None)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            enrolment.accept(world, graph, row, NOON)


class TestAcceptThatTakesTime:
    @pytest.fixture(autouse=True)
    def accepted(self, world: World, graph: BehaviorGraph) -> None:
        world.timings.enabling = 2 * HOUR
        enrolment.accept(world, graph, an_invited(world, graph), NOON)

    def test_meanwhile_its_volume_is_not_known(self, world: World, graph: BehaviorGraph) -> None:
        """It is not checked hourly: AWS is at it."""
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason) == (DISABLED, DisabledReason.VOLUME_UNKNOWN)
        run_due_events(world, NOON + HOUR)
        assert row_of(world, graph) == row

    def test_then_it_is_enabled(self, world: World, graph: BehaviorGraph) -> None:
        """At the time when it is due."""
        run_due_events(world, NOON + 5 * HOUR)
        row = row_of(world, graph)
        assert (row.status, row.updated_at, row.enabling) == (ENABLED, NOON + 2 * HOUR, False)

    def test_or_it_is_left_disabled(self, world: World, graph: BehaviorGraph) -> None:
        """With the real reason; its status has not changed, so nor has `UpdatedTime`. From now on it is checked."""
        set_volume(world, ANA, 11 * TERABYTE)
        run_due_events(world, NOON + 2 * HOUR)
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason) == (DISABLED, DisabledReason.VOLUME_TOO_HIGH)
        assert (row.updated_at, row.enabling) == (NOON, False)
        assert world.event_queue.next_due() == NOON + 3 * HOUR

    def test_the_administrator_may_be_quicker(self, world: World, graph: BehaviorGraph) -> None:
        """What was pending then does nothing."""
        assert enrolment.start_monitoring(world, graph, row_of(world, graph), NOON + HOUR)
        run_due_events(world, NOON + 5 * HOUR)
        assert row_of(world, graph).updated_at == NOON + HOUR

    def test_a_check_of_others_passes_it_over(self, world: World, graph: BehaviorGraph) -> None:
        """And ends when nobody else is left."""
        a_member(world, graph, BEN, status=DISABLED)
        assert not enrolment.recheck(world, graph, NOON + HOUR)
        assert (status_of(world, graph, ANA), status_of(world, graph, BEN)) == (DISABLED, ENABLED)


class TestStartMonitoring:
    def test_a_disabled_account_that_fits_is_enabled(self, world: World, graph: BehaviorGraph) -> None:
        """It has no reason left."""
        row = attrs.evolve(a_member(world, graph, ANA, status=DISABLED), disabled_reason=DisabledReason.VOLUME_TOO_HIGH)
        assert enrolment.start_monitoring(world, graph, row, LATER)
        assert (row_of(world, graph).status, row_of(world, graph).disabled_reason) == (ENABLED, None)

    def test_one_that_does_not_fit_stays_as_it_is(self, world: World, graph: BehaviorGraph) -> None:
        """Down to its times."""
        row = a_member(world, graph, ANA, status=DISABLED, daily_volume_bytes=None)
        before = world.copy()
        assert not enrolment.start_monitoring(world, graph, row, LATER)
        assert world.copy() == before

    @pytest.mark.parametrize("status", every_status_but(DISABLED))
    @pytest.mark.parametrize("volume", [5, None])
    def test_any_other_is_refused(
        self, world: World, graph: BehaviorGraph, status: MemberStatus, volume: int | None
    ) -> None:
        """Whether it would fit or not."""
        row = a_member(world, graph, ANA, status=status, daily_volume_bytes=volume)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            enrolment.start_monitoring(world, graph, row, LATER)


class TestRecheck:
    def test_accounts_are_enabled_in_the_order_invited(self, world: World, graph: BehaviorGraph) -> None:
        """Until nothing more fits; a smaller one may fit where a larger did not."""
        world.quotas.volume_bytes_per_day = 10
        set_volume(world, ADMINISTRATOR, 0)
        volumes = {"3" * 12: 4, "2" * 12: 7, "5" * 12: 5, "4" * 12: 1, "6" * 12: 1}
        for account_id, volume in volumes.items():
            a_member(world, graph, account_id, status=DISABLED, daily_volume_bytes=volume)
        assert enrolment.recheck(world, graph, LATER)
        enabled = [row.account_id for row in world.rows(graph.arn).ordered() if row.status is ENABLED]
        assert enabled == ["3" * 12, "5" * 12, "4" * 12]

    def test_the_count_goes_by_that_order_as_well(self, world: World, graph: BehaviorGraph) -> None:
        """The first invited gets the place."""
        for account_id in (BEN, ANA):
            a_member(world, graph, account_id, status=DISABLED)
        world.quotas.members_per_graph = 1
        assert enrolment.recheck(world, graph, LATER)
        assert (status_of(world, graph, ANA), status_of(world, graph, BEN)) == (DISABLED, ENABLED)

    def test_it_tells_when_nobody_is_left(self, world: World, graph: BehaviorGraph) -> None:
        """Then there is nothing more to check."""
        a_member(world, graph, ANA, status=DISABLED)
        assert not enrolment.recheck(world, graph, LATER)

    def test_the_reason_is_that_of_today(self, world: World, graph: BehaviorGraph) -> None:
        """A volume that became known, and is too high, is not unknown; `UpdatedTime` stays."""
        enrolment.accept(world, graph, an_invited(world, graph, volume=None), NOON)
        set_volume(world, ANA, 11 * TERABYTE)
        run_due_events(world, LATER)
        row = row_of(world, graph)
        assert (row.disabled_reason, row.updated_at) == (DisabledReason.VOLUME_TOO_HIGH, NOON)


class TestConvert:
    def test_an_enabled_member_keeps_its_times(self, world: World, graph: BehaviorGraph) -> None:
        """It is an organization account from now on, without a time of invitation."""
        row = a_member(world, graph, ANA)
        enrolment.convert(world, graph, row, LATER)
        expected = attrs.evolve(row, invitation_type=InvitationType.ORGANIZATION, invited_at=None)
        assert row_of(world, graph) == expected

    @pytest.mark.parametrize("status", every_status_but(ENABLED))
    def test_any_other_is_enabled(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """Whatever it was waiting for."""
        enrolment.convert(world, graph, a_member(world, graph, ANA, status=status), LATER)
        row = row_of(world, graph)
        assert (row.status, row.invitation_type) == (ENABLED, InvitationType.ORGANIZATION)
        assert (row.updated_at, row.invited_at) == (LATER, None)

    @pytest.mark.parametrize("status", every_status_but(ENABLED))
    def test_or_disabled_where_it_does_not_fit(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """And checked from now on."""
        row = a_member(world, graph, ANA, status=status, daily_volume_bytes=None)
        enrolment.convert(world, graph, row, LATER)
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason) == (DISABLED, DisabledReason.VOLUME_UNKNOWN)
        assert world.event_queue.next_due() == LATER + HOUR


class TestLeave:
    @pytest.mark.parametrize("status", MemberStatus)
    def test_the_administrator_may_remove_any(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """Whatever its status."""
        enrolment.leave(world, graph, a_member(world, graph, ANA, status=status), MemberEvent.REMOVED)
        assert status_of(world, graph, ANA) is None
        assert not world.memberships

    @pytest.mark.parametrize("status", every_status_but(ENABLED))
    def test_only_an_enabled_member_may_resign(self, world: World, graph: BehaviorGraph, status: MemberStatus) -> None:
        """An invitation is rejected instead."""
        row = a_member(world, graph, ANA, status=status)
        with refused(world, Conflict, f"{ANA} is {status.value}"):
            enrolment.leave(world, graph, row, MemberEvent.RESIGNED)


class TestMeasure:
    def test_an_enabled_member_is_measured_anew(self, world: World, graph: BehaviorGraph) -> None:
        """The graph's volume follows."""
        row = a_member(world, graph, ANA)
        set_volume(world, ANA, 7)
        enrolment.measure(world, graph, row, LATER)
        usage = row_of(world, graph).usage
        assert usage is not None
        assert (usage.total, usage.measured_at, world.rows(graph.arn).volume) == (7, LATER, 7)

    def test_others_have_no_volume(self, world: World, graph: BehaviorGraph) -> None:
        """Nothing changes."""
        row = an_invited(world, graph)
        enrolment.measure(world, graph, row, LATER)
        assert row_of(world, graph) is row
