"""Events that fire without an API call: their effects, order and times."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.domain import enrolment
from detective_fake.domain.account import Account, Designation
from detective_fake.domain.due_events import anything_due, run_due_events, settle_all, settle_one
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.graph import DatasourcePackage, IngestState
from detective_fake.domain.membership import DisabledReason, MemberEvent, MemberStatus
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    MINUTE,
    NOON,
    REGION,
    a_graph,
    a_member,
    a_world,
    an_organization_graph,
    status_of,
)
from tests.invariants import violations

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

CORE = DatasourcePackage.DETECTIVE_CORE
CARLA = "444444444444"
GOVCLOUD = "us-gov-west-1"
LONG_AFTER = NOON + timedelta(days=1)

DISABLED, ENABLED, INVITED = MemberStatus.ACCEPTED_BUT_DISABLED, MemberStatus.ENABLED, MemberStatus.INVITED
VERIFYING, FAILED = MemberStatus.VERIFICATION_IN_PROGRESS, MemberStatus.VERIFICATION_FAILED


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


def invite(
    world: World, graph: BehaviorGraph, account_id: str = ANA, at: datetime = NOON, *, notify: bool = True
) -> None:
    enrolment.invite(world, graph, account_id, f"root@{account_id}.example.com", at, message="Join us", notify=notify)


def due(world: World) -> list[datetime | None]:
    return [event.due for event in world.event_queue.events()]


def set_account(world: World, account_id: str = ANA, **values: Any) -> None:
    world.accounts[account_id] = Account(account_id=account_id, **values)


class TestAnythingDue:
    def test_once_a_day(self, world: World) -> None:
        """The volume of graphs is checked on each new day."""
        run_due_events(world, NOON)
        assert not anything_due(world, NOON + HOUR)
        assert anything_due(world, LONG_AFTER)

    def test_when_an_event_is_due(self, world: World, graph: BehaviorGraph) -> None:
        """From its time on."""
        run_due_events(world, NOON)
        world.timings.verification = MINUTE
        invite(world, graph)
        assert [anything_due(world, NOON + after) for after in (timedelta(), MINUTE)] == [False, True]


class TestVerification:
    def test_by_default_it_completes_before_the_next_call(self, world: World, graph: BehaviorGraph) -> None:
        """`updated_at` is the time of the invitation."""
        invite(world, graph)
        run_due_events(world, NOON)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (INVITED, NOON)

    def test_it_can_be_delayed(self, world: World, graph: BehaviorGraph) -> None:
        """The update time is the due time, even if the event runs later."""
        world.timings.verification = 4 * MINUTE
        invite(world, graph)
        run_due_events(world, NOON + 4 * MINUTE - timedelta(milliseconds=1))
        assert row_of(world, graph).status is VERIFYING
        run_due_events(world, LONG_AFTER)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (INVITED, NOON + 4 * MINUTE)

    def test_an_email_is_sent(self, world: World, graph: BehaviorGraph) -> None:
        """The e-mail goes to the given address with the administrator's message, at the time of verification."""
        world.timings.verification = MINUTE
        invite(world, graph)
        run_due_events(world, LONG_AFTER)
        (email,) = world.emails
        assert (email.account_id, email.address) == (ANA, f"root@{ANA}.example.com")
        assert (email.message, email.sent_at) == ("Join us", NOON + MINUTE)
        assert (email.administrator_id, email.graph_arn) == (ADMINISTRATOR, graph.arn)

    def test_no_email_is_sent_without_notify(self, world: World, graph: BehaviorGraph) -> None:
        """The account is still invited."""
        invite(world, graph, notify=False)
        run_due_events(world, NOON)
        assert row_of(world, graph).status is INVITED
        assert not world.emails

    def test_another_address_fails(self, world: World, graph: BehaviorGraph) -> None:
        """No e-mail is sent, and the row stays with status `VERIFICATION_FAILED`."""
        set_account(world, email="other@example.com")
        invite(world, graph)
        run_due_events(world, NOON)
        assert row_of(world, graph).status is FAILED
        assert not world.emails

    def test_in_govcloud_it_always_passes(self, world: World) -> None:
        """A row set up by a test passes verification in GovCloud, and no e-mail is sent."""
        graph = a_graph(world, region=GOVCLOUD)
        row = a_member(world, graph, BEN, status=VERIFYING)
        set_account(world, BEN, verifies=False)
        world.schedule(EventKind.VERIFICATION, NOON, scope=graph.arn, subject=BEN, membership=row.number, notify=True)
        run_due_events(world, NOON)
        assert status_of(world, graph, BEN) is INVITED
        assert not world.emails

    def test_a_removed_account_is_not_verified(self, world: World, graph: BehaviorGraph) -> None:
        """No e-mail is sent, either."""
        invite(world, graph)
        enrolment.leave(world, graph, row_of(world, graph), MemberEvent.REMOVED)
        run_due_events(world, NOON)
        assert status_of(world, graph, ANA) is None
        assert not world.emails

    def test_an_account_invited_again_is_verified_once(self, world: World, graph: BehaviorGraph) -> None:
        """A pending event of the first membership does not affect the second."""
        world.timings.verification = 2 * MINUTE
        invite(world, graph)
        enrolment.leave(world, graph, row_of(world, graph), MemberEvent.REMOVED)
        invite(world, graph, at=NOON + MINUTE)
        run_due_events(world, NOON + 2 * MINUTE)
        assert status_of(world, graph, ANA) is VERIFYING
        run_due_events(world, NOON + 3 * MINUTE)
        assert len(world.emails) == 1

    def test_a_deleted_graph_verifies_no_account(self, world: World, graph: BehaviorGraph) -> None:
        """Pending events of a deleted graph have no effect."""
        invite(world, graph)
        world.delete_graph(graph)
        run_due_events(world, NOON)
        assert not world.emails


class TestEnrolment:
    def test_an_organization_account_is_enabled(self, world: World) -> None:
        """The account is verified, then waits as "Not enabled", then is enabled. No e-mail is sent."""
        graph = an_organization_graph(world)
        world.timings.verification, world.timings.enabling = MINUTE, 2 * MINUTE
        invite(world, graph)
        run_due_events(world, NOON + MINUTE - timedelta(milliseconds=1))
        assert row_of(world, graph).status is VERIFYING
        run_due_events(world, NOON + 3 * MINUTE - timedelta(milliseconds=1))
        row = row_of(world, graph)
        assert (row.status, row.disabled_reason) == (DISABLED, DisabledReason.VOLUME_UNKNOWN)
        assert (row.enabling, row.updated_at) == (True, NOON + MINUTE)
        run_due_events(world, LONG_AFTER)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (ENABLED, NOON + 3 * MINUTE)
        assert not world.emails

    def test_an_organization_account_does_not_need_a_matching_address(self, world: World) -> None:
        """Membership in the organization is enough."""
        graph = an_organization_graph(world)
        set_account(world, email="other@example.com", verifies=False)
        invite(world, graph)
        run_due_events(world, NOON)
        assert row_of(world, graph).status is ENABLED

    def test_an_account_that_does_not_fit_is_disabled(self, world: World) -> None:
        """A later check enables the account, and `updated_at` is the time of that check."""
        graph = an_organization_graph(world)
        set_account(world, volumes=None)
        invite(world, graph)
        run_due_events(world, NOON)
        assert row_of(world, graph).disabled_reason is DisabledReason.VOLUME_UNKNOWN
        set_account(world)
        run_due_events(world, LONG_AFTER)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (ENABLED, NOON + HOUR)

    def test_a_removed_account_waits_for_nothing(self, world: World) -> None:
        """The pending event goes with the row."""
        graph = an_organization_graph(world)
        world.timings.enabling = 30 * MINUTE
        invite(world, graph)
        run_due_events(world, NOON)
        enrolment.leave(world, graph, row_of(world, graph), MemberEvent.REMOVED)
        assert not world.event_queue.events()


class TestDays:
    def test_each_day_the_volume_of_graphs_is_checked(self, world: World, graph: BehaviorGraph) -> None:
        """A quota that was lowered takes effect on the next day, and `settle_all` checks at once."""
        run_due_events(world, NOON)
        world.quotas.ingest_stop_bytes_per_day = 1
        run_due_events(world, NOON + HOUR)
        assert world.graphs[graph.arn].packages[CORE].state is IngestState.STARTED
        run_due_events(world, LONG_AFTER)
        assert world.graphs[graph.arn].packages[CORE].state is IngestState.DISABLED
        world.quotas.ingest_stop_bytes_per_day = 10**12
        settle_all(world, LONG_AFTER)
        assert world.graphs[graph.arn].packages[CORE].state is IngestState.STARTED


class TestHourlyCheck:
    @pytest.fixture(autouse=True)
    def disabled(self, world: World, graph: BehaviorGraph) -> None:
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)

    def test_it_repeats_until_all_are_enabled(self, world: World, graph: BehaviorGraph) -> None:
        """Each check is due one hour after the last."""
        run_due_events(world, NOON + 2 * HOUR)
        assert due(world) == [NOON + 3 * HOUR]
        set_account(world)
        run_due_events(world, LONG_AFTER)
        assert row_of(world, graph).updated_at == NOON + 3 * HOUR
        assert not world.event_queue.events()
        assert not world.rechecks

    def test_it_ends_when_no_member_is_disabled(self, world: World, graph: BehaviorGraph) -> None:
        """A graph without disabled members is not checked."""
        enrolment.leave(world, graph, row_of(world, graph), MemberEvent.REMOVED)
        run_due_events(world, NOON + HOUR)
        assert not world.event_queue.events()

    def test_it_ends_with_the_graph(self, world: World, graph: BehaviorGraph) -> None:
        """The next check of a deleted graph does nothing and does not repeat."""
        world.delete_graph(graph)
        run_due_events(world, NOON + HOUR)
        assert not world.event_queue.events()
        assert not world.rechecks

    def test_the_period_can_be_changed(self, world: World, graph: BehaviorGraph) -> None:
        """A new period takes effect after the next check."""
        world.timings.recheck = MINUTE
        run_due_events(world, NOON + HOUR)
        assert due(world) == [NOON + HOUR + MINUTE]
        assert status_of(world, graph, ANA) is DISABLED

    def test_without_a_period_only_settle_all_checks(self, world: World, graph: BehaviorGraph) -> None:
        """A check that is already in the event queue still runs."""
        world.timings.recheck = None
        run_due_events(world, NOON + HOUR)
        assert due(world) == [None]
        set_account(world)
        run_due_events(world, LONG_AFTER)
        assert status_of(world, graph, ANA) is DISABLED
        settle_all(world, LONG_AFTER)
        assert status_of(world, graph, ANA) is ENABLED
        assert not violations(world)


class TestOrder:
    def test_events_run_in_order_of_due_time(self, world: World, graph: BehaviorGraph) -> None:
        """The order of creation does not matter."""
        world.timings.verification = 2 * MINUTE
        invite(world, graph, ANA)
        world.timings.verification = MINUTE
        invite(world, graph, BEN)
        run_due_events(world, LONG_AFTER)
        assert [email.account_id for email in world.emails] == [BEN, ANA]

    def test_ties_run_in_order_of_creation(self, world: World, graph: BehaviorGraph) -> None:
        """Events with the same due time run in the order in which the accounts were given."""
        for account_id in (CARLA, ANA, BEN):
            invite(world, graph, account_id)
        run_due_events(world, NOON)
        assert [email.account_id for email in world.emails] == [CARLA, ANA, BEN]

    def test_follow_up_events_run_at_their_own_time(self, world: World) -> None:
        """A follow-up event can run before an event queued earlier, so the account enabled first gets the place."""
        graph = an_organization_graph(world)
        world.timings.verification, world.timings.enabling = MINUTE, 10 * MINUTE
        invite(world, graph, ANA)
        world.timings.verification, world.timings.enabling = 5 * MINUTE, MINUTE
        invite(world, graph, BEN)
        world.quotas.members_per_graph = 1
        run_due_events(world, NOON + MINUTE)
        run_due_events(world, LONG_AFTER)
        times = {row.account_id: (row.status, row.updated_at) for row in world.rows(graph.arn).ordered()}
        assert times[ANA] == (ENABLED, NOON + 2 * MINUTE)
        assert times[BEN] == (DISABLED, NOON + 5 * MINUTE)

    def test_follow_up_events_without_delay_run_after_ties(self, world: World) -> None:
        """Both accounts are verified before either is enabled."""
        graph = an_organization_graph(world)
        for account_id in (ANA, BEN):
            invite(world, graph, account_id)
        kinds = [event.kind for event in world.event_queue.events()]
        assert kinds == [EventKind.VERIFICATION, EventKind.VERIFICATION]
        run_due_events(world, NOON)
        assert [row.status for row in world.rows(graph.arn).ordered()[1:]] == [ENABLED, ENABLED]

    def test_events_that_are_not_due_wait(self, world: World, graph: BehaviorGraph) -> None:
        """Events without a due time wait, too."""
        world.timings.verification = None
        invite(world, graph, ANA)
        world.timings.verification = HOUR
        invite(world, graph, BEN)
        before = world.copy()
        run_due_events(world, NOON)
        assert world.copy() == before


class TestAdministratorVisibility:
    KEY = (REGION, "o-1")
    DESIGNATION = Designation(administrator_id=ANA, graph_arn="arn", delegated_at=NOON)

    def test_a_designation_is_listed_when_it_is_due(self, world: World) -> None:
        """A withdrawn designation is removed from the list when its own event is due."""
        world.timings.administrator_visibility = MINUTE
        world.designations[self.KEY] = self.DESIGNATION
        world.schedule(EventKind.ADMINISTRATOR_VISIBILITY, NOON, scope=REGION, subject="o-1")
        run_due_events(world, NOON)
        assert not world.listed
        run_due_events(world, NOON + MINUTE)
        assert world.listed == {self.KEY: self.DESIGNATION}
        world.designations.clear()
        world.schedule(EventKind.ADMINISTRATOR_VISIBILITY, NOON, scope=REGION, subject="o-1")
        run_due_events(world, NOON + MINUTE)
        assert not world.listed


class TestSettleAll:
    def test_all_pending_events_run_now(self, world: World, graph: BehaviorGraph) -> None:
        """Events that are not due yet or have no due time run, too. The clock does not move."""
        world.timings.verification = None
        invite(world, graph, ANA)
        world.timings.verification = HOUR
        invite(world, graph, BEN)
        settle_all(world, NOON)
        assert {row.status for row in world.rows(graph.arn).ordered()} == {INVITED}
        assert {row.updated_at for row in world.rows(graph.arn).ordered()} == {NOON}
        assert not world.event_queue.events()

    def test_overdue_events_run_at_their_due_time(self, world: World, graph: BehaviorGraph) -> None:
        """`settle_all` runs overdue events first, like any API call."""
        world.timings.verification = MINUTE
        invite(world, graph)
        settle_all(world, LONG_AFTER)
        assert row_of(world, graph).updated_at == NOON + MINUTE

    def test_follow_up_events_run_too(self, world: World) -> None:
        """The account is verified and enabled in one call."""
        graph = an_organization_graph(world)
        world.timings.verification = world.timings.enabling = None
        invite(world, graph)
        settle_all(world, NOON)
        assert row_of(world, graph).status is ENABLED

    def test_every_check_runs_once(self, world: World, graph: BehaviorGraph) -> None:
        """A check stays in the event queue for its due time while an account is disabled."""
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        settle_all(world, NOON + MINUTE)
        assert due(world) == [NOON + HOUR]
        set_account(world)
        settle_all(world, NOON + 2 * MINUTE)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (ENABLED, NOON + 2 * MINUTE)
        assert not world.event_queue.events()
        assert not world.rechecks

    def test_a_check_without_a_due_time_keeps_none(self, world: World, graph: BehaviorGraph) -> None:
        """The check waits for the next `settle()`."""
        world.timings.recheck = None
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        settle_all(world, NOON)
        assert [(event.kind, event.due) for event in world.event_queue.events()] == [(EventKind.RECHECK, None)]

    def test_checks_run_after_all_other_events(self, world: World, graph: BehaviorGraph) -> None:
        """A check that another event has just queued runs, too."""
        world.timings.enabling = HOUR
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        settle_all(world, NOON)
        assert [event.due for event in world.event_queue.events()] == [NOON + HOUR]
        assert not row_of(world, graph).enabling

    def test_a_deleted_graph_is_not_checked(self, world: World, graph: BehaviorGraph) -> None:
        """The check of a deleted graph is removed from the event queue."""
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        world.delete_graph(graph)
        settle_all(world, NOON)
        assert not world.event_queue.events()
        assert not world.rechecks

    def test_an_empty_event_queue_stays_empty(self, world: World) -> None:
        """`settle_all` changes nothing if no event is pending."""
        before = world.copy()
        settle_all(world, NOON)
        assert world.copy() == before


class TestSettleOne:
    def test_one_event_runs_now(self, world: World, graph: BehaviorGraph) -> None:
        """Other events that are not due do not run."""
        world.timings.verification = HOUR
        invite(world, graph, ANA)
        invite(world, graph, BEN)
        assert settle_one(world, world.event_queue.events()[1].number, NOON)
        assert (status_of(world, graph, ANA), status_of(world, graph, BEN)) == (VERIFYING, INVITED)
        assert row_of(world, graph, BEN).updated_at == NOON

    def test_follow_up_events_wait(self, world: World) -> None:
        """Follow-up events wait for their own due time."""
        graph = an_organization_graph(world)
        world.timings.verification = world.timings.enabling = None
        invite(world, graph)
        settle_one(world, world.event_queue.events()[0].number, NOON)
        assert row_of(world, graph).status is DISABLED
        assert [event.kind for event in world.event_queue.events()] == [EventKind.ENABLING]

    def test_a_check_repeats(self, world: World, graph: BehaviorGraph) -> None:
        """The next check is due one hour from now."""
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        settle_one(world, world.event_queue.events()[0].number, NOON + MINUTE)
        assert [event.due for event in world.event_queue.events()] == [NOON + MINUTE + HOUR]
        assert not violations(world)

    def test_overdue_events_run_first(self, world: World, graph: BehaviorGraph) -> None:
        """Overdue events run at their due time. The event itself may be one of them."""
        invite(world, graph)
        assert settle_one(world, world.event_queue.events()[0].number, NOON + HOUR)
        assert row_of(world, graph).updated_at == NOON

    def test_an_unknown_event_is_reported(self, world: World, graph: BehaviorGraph) -> None:
        """`settle_one` returns False, but due events still run."""
        invite(world, graph)
        assert not settle_one(world, 99, NOON)
        assert row_of(world, graph).status is INVITED
