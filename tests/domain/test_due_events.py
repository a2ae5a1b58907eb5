"""What happens by itself, in which order, and at which time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.domain import enrolment
from detective_fake.domain.account import Account
from detective_fake.domain.datasources import DatasourcePackage
from detective_fake.domain.due_events import run_due_events, settle_all, settle_one
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import DisabledReason, MemberEvent, MemberStatus
from detective_fake.domain.organization import Designation
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


def set_account(world: World, account_id: str = ANA, **values: Any) -> None:
    world.accounts[account_id] = Account(account_id=account_id, **values)


class TestVerification:
    def test_by_default_it_is_over_before_the_next_call(self, world: World, graph: BehaviorGraph) -> None:
        """The time of the change is that of the invitation."""
        invite(world, graph)
        run_due_events(world, NOON)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (INVITED, NOON)

    def test_it_may_take_time(self, world: World, graph: BehaviorGraph) -> None:
        """It is over when it is due, however late anybody looks."""
        world.timings.verification = 4 * MINUTE
        invite(world, graph)
        run_due_events(world, NOON + 4 * MINUTE - timedelta(milliseconds=1))
        assert row_of(world, graph).status is VERIFYING
        run_due_events(world, LONG_AFTER)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (INVITED, NOON + 4 * MINUTE)

    def test_an_email_is_sent(self, world: World, graph: BehaviorGraph) -> None:
        """To the address that was given, with the administrator's words, at the time of verification."""
        world.timings.verification = MINUTE
        invite(world, graph)
        run_due_events(world, LONG_AFTER)
        (email,) = world.emails
        assert (email.account_id, email.address) == (ANA, f"root@{ANA}.example.com")
        assert (email.message, email.sent_at) == ("Join us", NOON + MINUTE)
        assert (email.administrator_id, email.graph_arn) == (ADMINISTRATOR, graph.arn)

    def test_none_is_sent_where_the_administrator_does_not_want_it(self, world: World, graph: BehaviorGraph) -> None:
        """The invitation is open all the same."""
        invite(world, graph, notify=False)
        run_due_events(world, NOON)
        assert row_of(world, graph).status is INVITED
        assert not world.emails

    def test_another_address_fails(self, world: World, graph: BehaviorGraph) -> None:
        """No e-mail is sent, and the row stays."""
        set_account(world, email="other@example.com")
        invite(world, graph)
        run_due_events(world, NOON)
        assert row_of(world, graph).status is FAILED
        assert not world.emails

    def test_in_govcloud_it_always_passes(self, world: World) -> None:
        """For a row that a test has put there; no e-mails are sent there."""
        graph = a_graph(world, region=GOVCLOUD)
        row = a_member(world, graph, BEN, status=VERIFYING)
        set_account(world, BEN, verifies=False)
        world.schedule(EventKind.VERIFICATION, NOON, scope=graph.arn, subject=BEN, membership=row.number, notify=True)
        run_due_events(world, NOON)
        assert status_of(world, graph, BEN) is INVITED
        assert not world.emails

    def test_a_removed_account_is_not_verified(self, world: World, graph: BehaviorGraph) -> None:
        """Nor is an e-mail sent."""
        invite(world, graph)
        enrolment.leave(world, graph, row_of(world, graph), MemberEvent.REMOVED)
        run_due_events(world, NOON)
        assert status_of(world, graph, ANA) is None
        assert not world.emails

    def test_one_that_is_invited_anew_is_verified_once(self, world: World, graph: BehaviorGraph) -> None:
        """What was pending for the first membership does not touch the second."""
        world.timings.verification = 2 * MINUTE
        invite(world, graph)
        enrolment.leave(world, graph, row_of(world, graph), MemberEvent.REMOVED)
        invite(world, graph, at=NOON + MINUTE)
        run_due_events(world, NOON + 2 * MINUTE)
        assert status_of(world, graph, ANA) is VERIFYING
        run_due_events(world, NOON + 3 * MINUTE)
        assert len(world.emails) == 1

    def test_a_deleted_graph_verifies_nobody(self, world: World, graph: BehaviorGraph) -> None:
        """What was pending there does nothing."""
        invite(world, graph)
        world.delete_graph(graph)
        run_due_events(world, NOON)
        assert not world.emails


class TestEnrolment:
    def test_an_organization_account_is_enabled(self, world: World) -> None:
        """Verified, then enabled, each after its own delay; no e-mail is sent."""
        graph = an_organization_graph(world)
        world.timings.verification, world.timings.enabling = MINUTE, 2 * MINUTE
        invite(world, graph)
        run_due_events(world, NOON + 3 * MINUTE - timedelta(milliseconds=1))
        assert row_of(world, graph).status is VERIFYING
        run_due_events(world, LONG_AFTER)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (ENABLED, NOON + 3 * MINUTE)
        assert not world.emails

    def test_whether_its_address_matches_does_not_matter(self, world: World) -> None:
        """That it belongs to the organization does."""
        graph = an_organization_graph(world)
        set_account(world, email="other@example.com", verifies=False)
        invite(world, graph)
        run_due_events(world, NOON)
        assert row_of(world, graph).status is ENABLED

    def test_one_that_does_not_fit_is_disabled(self, world: World) -> None:
        """And enabled by a later check, at the time of that."""
        graph = an_organization_graph(world)
        set_account(world, volumes=None)
        invite(world, graph)
        run_due_events(world, NOON)
        assert row_of(world, graph).disabled_reason is DisabledReason.VOLUME_UNKNOWN
        set_account(world)
        run_due_events(world, LONG_AFTER)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (ENABLED, NOON + HOUR)

    def test_a_conversion_forestalls_a_pending_enabling(self, world: World, graph: BehaviorGraph) -> None:
        """An account that did not fit then is checked by the hour, not by what was pending before."""
        world.timings.enabling = 30 * MINUTE
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        enrolment.convert(world, graph, row_of(world, graph), NOON)
        set_account(world)
        run_due_events(world, NOON + 30 * MINUTE)
        assert row_of(world, graph).status is DISABLED
        run_due_events(world, NOON + HOUR)
        assert row_of(world, graph).status is ENABLED


class TestHourlyCheck:
    @pytest.fixture(autouse=True)
    def disabled(self, world: World, graph: BehaviorGraph) -> None:
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)

    def test_it_repeats_until_all_are_enabled(self, world: World, graph: BehaviorGraph) -> None:
        """Each at its own hour."""
        run_due_events(world, NOON + 2 * HOUR)
        assert world.event_queue.next_due() == NOON + 3 * HOUR
        set_account(world)
        run_due_events(world, LONG_AFTER)
        assert row_of(world, graph).updated_at == NOON + 3 * HOUR
        assert not world.event_queue.events()
        assert not world.rechecks

    def test_it_ends_with_the_members(self, world: World, graph: BehaviorGraph) -> None:
        """A graph without disabled ones is not checked."""
        enrolment.leave(world, graph, row_of(world, graph), MemberEvent.REMOVED)
        run_due_events(world, NOON + HOUR)
        assert not world.event_queue.events()

    def test_it_ends_with_the_graph(self, world: World, graph: BehaviorGraph) -> None:
        """At the next check there is nothing to check."""
        world.delete_graph(graph)
        run_due_events(world, NOON + HOUR)
        assert not world.event_queue.events()
        assert not world.rechecks

    def test_the_period_may_be_changed(self, world: World, graph: BehaviorGraph) -> None:
        """From the next check on."""
        world.timings.recheck = MINUTE
        run_due_events(world, NOON + HOUR)
        assert world.event_queue.next_due() == NOON + HOUR + MINUTE
        assert status_of(world, graph, ANA) is DISABLED

    def test_without_a_period_only_settle_all_checks(self, world: World, graph: BehaviorGraph) -> None:
        """One that was in the event queue already still comes."""
        world.timings.recheck = None
        run_due_events(world, NOON + HOUR)
        assert world.event_queue.next_due() is None
        set_account(world)
        run_due_events(world, LONG_AFTER)
        assert status_of(world, graph, ANA) is DISABLED
        settle_all(world, LONG_AFTER)
        assert status_of(world, graph, ANA) is ENABLED
        assert not violations(world)


class TestOrder:
    def test_events_run_in_order_of_due_time(self, world: World, graph: BehaviorGraph) -> None:
        """Not in the order of creation."""
        world.timings.verification = 2 * MINUTE
        invite(world, graph, ANA)
        world.timings.verification = MINUTE
        invite(world, graph, BEN)
        run_due_events(world, LONG_AFTER)
        assert [email.account_id for email in world.emails] == [BEN, ANA]

    def test_ties_run_in_order_of_creation(self, world: World, graph: BehaviorGraph) -> None:
        """As the accounts were given."""
        for account_id in (CARLA, ANA, BEN):
            invite(world, graph, account_id)
        run_due_events(world, NOON)
        assert [email.account_id for email in world.emails] == [CARLA, ANA, BEN]

    def test_what_an_event_causes_runs_in_its_place(self, world: World) -> None:
        """Between those that were in the event queue before, each at its own time: the first enabled gets the place."""
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
        assert times[BEN] == (DISABLED, NOON + 6 * MINUTE)

    def test_what_is_caused_without_delay_comes_after_its_ties(self, world: World) -> None:
        """Both are verified before either is enabled."""
        graph = an_organization_graph(world)
        for account_id in (ANA, BEN):
            invite(world, graph, account_id)
        kinds = [event.kind for event in world.event_queue.events()]
        assert kinds == [EventKind.VERIFICATION, EventKind.VERIFICATION]
        run_due_events(world, NOON)
        assert [row.status for row in world.rows(graph.arn).ordered()[1:]] == [ENABLED, ENABLED]

    def test_what_is_not_due_waits(self, world: World, graph: BehaviorGraph) -> None:
        """So does what has no time."""
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

    def test_a_designation_shows_when_it_is_due(self, world: World) -> None:
        """And is gone when it was withdrawn and that is due."""
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
    def test_everything_pending_happens_now(self, world: World, graph: BehaviorGraph) -> None:
        """What is not due yet, and what has no time, too; the clock is not moved for it."""
        world.timings.verification = None
        invite(world, graph, ANA)
        world.timings.verification = HOUR
        invite(world, graph, BEN)
        settle_all(world, NOON)
        assert {row.status for row in world.rows(graph.arn).ordered()} == {INVITED}
        assert {row.updated_at for row in world.rows(graph.arn).ordered()} == {NOON}
        assert not world.event_queue.events()

    def test_what_was_due_before_happens_at_its_own_time(self, world: World, graph: BehaviorGraph) -> None:
        """As before any call."""
        world.timings.verification = MINUTE
        invite(world, graph)
        settle_all(world, LONG_AFTER)
        assert row_of(world, graph).updated_at == NOON + MINUTE

    def test_what_events_cause_happens_too(self, world: World) -> None:
        """Verified and enabled in one go."""
        graph = an_organization_graph(world)
        world.timings.verification = world.timings.enabling = None
        invite(world, graph)
        settle_all(world, NOON)
        assert row_of(world, graph).status is ENABLED

    def test_every_check_runs_once(self, world: World, graph: BehaviorGraph) -> None:
        """It stays in the event queue for its own time while somebody is disabled."""
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        settle_all(world, NOON + MINUTE)
        assert world.event_queue.next_due() == NOON + HOUR
        set_account(world)
        settle_all(world, NOON + 2 * MINUTE)
        assert (row_of(world, graph).status, row_of(world, graph).updated_at) == (ENABLED, NOON + 2 * MINUTE)
        assert not world.event_queue.events()
        assert not world.rechecks

    def test_a_check_without_a_time_stays_without(self, world: World, graph: BehaviorGraph) -> None:
        """Until the next `settle()`."""
        world.timings.recheck = None
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        settle_all(world, NOON)
        assert [(event.kind, event.due) for event in world.event_queue.events()] == [(EventKind.RECHECK, None)]

    def test_a_check_sees_what_the_other_events_have_done(self, world: World, graph: BehaviorGraph) -> None:
        """Also one that they have put in the event queue."""
        world.timings.enabling = HOUR
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        settle_all(world, NOON)
        assert [event.due for event in world.event_queue.events()] == [NOON + HOUR]
        assert not row_of(world, graph).enabling

    def test_a_deleted_graph_is_not_checked(self, world: World, graph: BehaviorGraph) -> None:
        """Its check goes."""
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        world.delete_graph(graph)
        settle_all(world, NOON)
        assert not world.event_queue.events()
        assert not world.rechecks

    def test_an_empty_agenda_stays_empty(self, world: World) -> None:
        """Nothing happens."""
        before = world.copy()
        settle_all(world, NOON)
        assert world.copy() == before


class TestSettleOne:
    def test_one_event_happens_now(self, world: World, graph: BehaviorGraph) -> None:
        """Not the others that are not due."""
        world.timings.verification = HOUR
        invite(world, graph, ANA)
        invite(world, graph, BEN)
        assert settle_one(world, world.event_queue.events()[1].number, NOON)
        assert (status_of(world, graph, ANA), status_of(world, graph, BEN)) == (VERIFYING, INVITED)
        assert row_of(world, graph, BEN).updated_at == NOON

    def test_what_it_causes_waits(self, world: World) -> None:
        """For its own time."""
        graph = an_organization_graph(world)
        world.timings.verification = world.timings.enabling = None
        invite(world, graph)
        settle_one(world, world.event_queue.events()[0].number, NOON)
        assert row_of(world, graph).status is VERIFYING
        assert [event.kind for event in world.event_queue.events()] == [EventKind.ENABLING]

    def test_a_check_repeats(self, world: World, graph: BehaviorGraph) -> None:
        """An hour from now."""
        row = a_member(world, graph, ANA, status=INVITED, daily_volume_bytes=None)
        enrolment.accept(world, graph, row, NOON)
        settle_one(world, world.event_queue.events()[0].number, NOON + MINUTE)
        assert [event.due for event in world.event_queue.events()] == [NOON + MINUTE + HOUR]
        assert not violations(world)

    def test_what_was_due_before_happens_first(self, world: World, graph: BehaviorGraph) -> None:
        """At its own time; the event itself may be among it."""
        invite(world, graph)
        assert settle_one(world, world.event_queue.events()[0].number, NOON + HOUR)
        assert row_of(world, graph).updated_at == NOON

    def test_one_that_is_not_pending_does_not_happen(self, world: World, graph: BehaviorGraph) -> None:
        """What is due does."""
        invite(world, graph)
        assert not settle_one(world, 99, NOON)
        assert row_of(world, graph).status is INVITED
