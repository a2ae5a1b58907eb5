"""The world: its indexes, its snapshots, and its invariants after any sequence of steps."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.domain import enrolment, investigations
from detective_fake.domain.account import Account
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.event_queue import EventKind, Timings
from detective_fake.domain.membership import MemberStatus
from detective_fake.domain.quotas import Behavior
from detective_fake.domain.world import World, status_changes
from detective_fake.errors import (
    AccessDenied,
    Conflict,
    ResourceNotFound,
    ServiceError,
    ServiceQuotaExceeded,
    ValidationFailed,
)
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    MANAGEMENT,
    MINUTE,
    NOON,
    REGION,
    ROLE,
    a_graph,
    a_member,
    a_world,
    an_organization,
    an_organization_graph,
)
from tests.invariants import unexplained, violations
from tests.lives import STEPS, Life

ELSEWHERE = "eu-west-1"
SEEDS = st.integers(0, 2**32)


def in_full(state: World) -> dict[str, str]:
    """Return each part of a state as text, including the sums and the order of every table."""
    parts: dict[str, Any] = {field.name: getattr(state, field.name) for field in attrs.fields(World)}
    parts["members"] = {
        arn: (table.rows, table.ordered(), table.enabled, table.failed, table.volume)
        for arn, table in state.members.items()
    }
    parts["rechecks"] = sorted(state.rechecks)
    return {name: repr(value) for name, value in parts.items()}


class TestGraphs:
    def test_a_new_graph_is_found_by_its_administrator(self) -> None:
        """The graph is found only in its own Region."""
        world = a_world()
        graph = a_graph(world)
        assert world.administered(REGION, ADMINISTRATOR) == graph
        assert world.administered(ELSEWHERE, ADMINISTRATOR) is None

    def test_its_tags_are_copied(self) -> None:
        """Later changes to the caller's mapping do not affect the graph."""
        tags = {"team": "blue"}
        graph = a_world().create_graph(account_id=ADMINISTRATOR, region=REGION, at=NOON, tags=tags)
        tags.clear()
        assert graph.tags == {"team": "blue"}

    def test_a_new_graph_has_a_new_arn(self) -> None:
        """The ARN of a deleted graph is not reused."""
        world = a_world()
        first = a_graph(world)
        world.delete_graph(first)
        assert a_graph(world).arn != first.arn

    def test_the_same_seed_gives_the_same_arns(self) -> None:
        """The ARN depends on seed, account, Region and count, not on other accounts."""
        world = a_world()
        a_graph(world, account_id=ANA)
        assert a_graph(world).arn == a_graph(a_world()).arn
        assert a_graph(a_world(id_seed=1)).arn != a_graph(a_world()).arn

    def test_deleting_a_graph_keeps_other_graphs(self) -> None:
        """A member of two graphs stays a member of the other graph."""
        world = a_world()
        gone, left = a_graph(world, members=[BEN]), a_graph(world, account_id=ANA, members=[BEN])
        world.delete_graph(gone)
        assert [graph.arn for graph, _ in world.memberships_of(REGION, BEN)] == [left.arn]
        assert not violations(world)

    def test_deleting_an_organization_graph_deletes_the_administrators_row(self) -> None:
        """The administrator's row is not in the index of memberships."""
        world = a_world()
        world.delete_graph(an_organization_graph(world))
        assert not world.memberships


class TestMembers:
    def test_a_row_is_found_by_graph_and_by_account(self) -> None:
        """The lookup by account is limited to one Region."""
        world = a_world()
        graph = a_graph(world, members=[ANA])
        row = world.membership(graph.arn, ANA)
        assert list(world.memberships_of(REGION, ANA)) == [(graph, row)]
        assert not list(world.memberships_of(ELSEWHERE, ANA))

    @pytest.mark.parametrize(("arn", "account_id"), [("no such", ANA), (None, BEN)])
    def test_a_missing_row_is_none(self, arn: str | None, account_id: str) -> None:
        """The result is None if the graph or the row does not exist."""
        world = a_world()
        graph = a_graph(world, members=[ANA])
        assert world.membership(arn or graph.arn, account_id) is None

    def test_a_removed_row_is_not_found(self) -> None:
        """An account without memberships is removed from the index."""
        world = a_world()
        graph = a_graph(world, members=[ANA])
        world.remove(graph, ANA)
        assert world.membership(graph.arn, ANA) is None
        assert not world.memberships

    def test_the_administrators_own_row_does_not_count(self) -> None:
        """The row counts neither as a member nor as an enabled member."""
        world = a_world()
        graph = an_organization_graph(world)
        a_member(world, graph, "777777777777")
        assert (world.member_count(graph), world.enabled_count(graph)) == (1, 1)
        assert not list(world.memberships_of(REGION, ADMINISTRATOR))


class TestAccountsAndOrganizations:
    def test_an_unknown_account_has_the_defaults(self) -> None:
        """Reading an unknown account does not store it."""
        world = a_world()
        assert world.account(ANA) == Account(account_id=ANA)
        assert not world.accounts

    def test_an_account_belongs_to_the_organization_that_lists_it(self) -> None:
        """An account that no organization lists belongs to none."""
        world = a_world()
        organization = an_organization(world)
        assert world.organization_of(MANAGEMENT) == organization
        assert world.organization_of("777777777777") is None

    def test_an_account_is_an_organization_account_only_in_its_graph(self) -> None:
        """In other graphs, the account is an ordinary account."""
        world = a_world()
        graph = an_organization_graph(world)
        assert world.is_organization_account(graph, ANA)
        assert not world.is_organization_account(graph, "777777777777")
        assert not world.is_organization_account(a_graph(world, account_id=BEN), ANA)

    def test_a_graph_of_a_deleted_organization_has_no_organization_accounts(self) -> None:
        """A restored fake may contain the graph of an organization that was deleted."""
        world = a_world()
        graph = an_organization_graph(world)
        world.organizations.clear()
        assert not world.is_organization_account(graph, ANA)


class TestSchedule:
    def test_an_event_is_due_after_the_delay_of_its_kind(self) -> None:
        """The timing at the time of scheduling applies."""
        world = a_world()
        world.timings.verification = MINUTE
        world.schedule(EventKind.VERIFICATION, NOON, scope="graph", subject=ANA)
        world.timings.verification = HOUR
        assert [event.due for event in world.event_queue.events()] == [NOON + MINUTE]

    def test_without_a_timing_it_waits_for_settle(self) -> None:
        """The event is in the event queue, but is never due."""
        world = a_world()
        world.timings.enabling = None
        world.schedule(EventKind.ENABLING, NOON, scope="graph", subject=ANA)
        assert [(event.due, event.subject) for event in world.event_queue.events()] == [(None, ANA)]

    def test_optional_event_fields_have_defaults(self) -> None:
        """Membership, message and notification are used only by some kinds of events."""
        world = a_world()
        world.schedule(EventKind.RECHECK, NOON, scope="graph", subject="graph")
        (event,) = world.event_queue.events()
        assert (event.membership, event.message, event.notify) == (0, None, False)


class TestCounts:
    def test_numbers_are_consecutive(self) -> None:
        """Saved scenarios count in the same way."""
        world = a_world()
        assert [world.next_number() for _ in range(3)] == [1, 2, 3]

    def test_graphs_are_counted_by_region_and_account(self) -> None:
        """Counts begin at zero, and their keys are part of every state."""
        world = a_world()
        a_graph(world)
        assert world.copy().counts == {("graph", f"{REGION}/{ADMINISTRATOR}"): 1}
        assert [world.count("graph", name) for name in (f"{REGION}/{ADMINISTRATOR}", REGION, REGION)] == [1, 0, 1]


class TestState:
    def test_worlds_with_the_same_contents_are_equal(self) -> None:
        """Equality compares contents, not identity."""
        one, other = a_world(), a_world()
        a_graph(one, members=[ANA])
        a_graph(other, members=[ANA])
        assert one.copy() == other.copy()

    @pytest.mark.parametrize("part", [field.name for field in attrs.fields(World) if field.eq])
    def test_every_part_is_compared(self, part: str) -> None:
        """Worlds that differ in one part are not equal."""
        world = a_world()
        changed: dict[str, Any] = {part: "other"}
        assert attrs.evolve(world, **changed) != world

    def test_quotas_and_timings_are_restored(self) -> None:
        """They are restored in place, because a test may hold a reference to them."""
        world = a_world()
        quotas, timings, before = world.quotas, world.timings, world.copy()
        quotas.members_per_graph = 1
        timings.recheck = None
        assert world.copy() != before
        world.become(before)
        assert quotas.members_per_graph == 1200
        assert timings == Timings()
        assert (world.quotas, world.timings) == (quotas, timings)

    def test_a_copy_has_the_same_options(self) -> None:
        """They are not part of the state that is compared, but of the world."""
        world = a_world(id_seed=7, behavior=Behavior(administrator_listed=True), timings=Timings(recheck=MINUTE))
        world.quotas.members_per_graph = 7
        world.checked_on = 7
        twin = world.copy()
        assert (twin.id_seed, twin.behavior, twin.timings) == (7, world.behavior, Timings(recheck=MINUTE))
        assert (twin.checked_on, twin.quotas.members_per_graph) == (7, 7)

    def test_indexes_are_built_from_the_tables(self) -> None:
        """All of them, also of a member that is checked again later."""
        world = a_world()
        graph = an_organization_graph(world)
        enrolment.invite(world, graph, "777777777777", None, NOON)
        world.accounts[BEN] = Account(account_id=BEN, volumes=None)
        enrolment.invite(world, graph, BEN, None, NOON)
        run_due_events(world, NOON)
        assert world.rechecks == {graph.arn}
        before = {name: getattr(world, name).copy() for name in ("graph_of", "memberships", "rechecks")}
        world.graph_of, world.memberships, world.rechecks = {}, {}, set()
        world.build_indexes()
        assert {name: getattr(world, name) for name in before} == before

    def test_an_investigation_of_an_unknown_graph_is_none(self) -> None:
        """Like one that a known graph does not have."""
        world = a_world()
        assert world.investigation("no such", "1") is world.investigation(a_graph(world).arn, "1") is None

    def test_accounts_and_investigations_are_undone_and_are_no_changes_of_status(self) -> None:
        """The log has them beside the memberships."""
        world = a_world()
        graph = a_graph(world, members=[ANA])
        before = world.copy()
        undo, world.log = world.begin()
        world.put_account(Account(account_id=ANA, suspended=True))
        world.put_account(Account(account_id=BEN))
        investigations.add(world, graph, ROLE, at=NOON)
        assert status_changes(world.log) == []
        undo()
        assert world.copy() == before

    def test_a_state_is_not_shared_between_worlds(self) -> None:
        """Changes to the second world affect neither the first world nor the state."""
        first, second = a_world(), a_world()
        graph = a_graph(first)
        state = first.copy()
        second.become(state)
        enrolment.invite(second, graph, ANA, None, NOON)
        assert ANA not in first.rows(graph.arn).rows
        assert ANA not in state.members[graph.arn].rows
        assert ANA in second.rows(graph.arn).rows

    def test_numbers_continue_from_the_restored_state(self) -> None:
        """The same steps from the same state give the same numbers."""
        world = a_world()
        state = world.copy()
        first = world.next_number()
        world.become(state)
        assert world.next_number() == first

    def test_restoring_resets_counts(self) -> None:
        """After a restore, the next graph gets the same ARN again."""
        world = a_world()
        state = world.copy()
        arn = a_graph(world).arn
        world.become(state)
        assert a_graph(world).arn == arn


class TestRandomSteps:
    @given(SEEDS)
    def test_the_invariants_hold(self, seed: int) -> None:
        """They hold after each step, and every change of status follows the transition table."""
        life = Life(seed)
        for _ in range(40):
            before = life.world.copy()
            life.step()
            assert not violations(life.world)
            assert not unexplained(before, life.world.copy())

    @given(SEEDS)
    def test_states_do_not_change(self, seed: int) -> None:
        """A state is not affected by later steps, by restores, or by another world that uses it."""
        life, other = Life(seed), Life(seed + 1)
        kept = []
        for number in range(40):
            life.step()
            if number % 4 == 0:
                state = life.world.copy()
                kept.append((state, in_full(state)))
            if number % 5 == 4:
                other.world.become(life.choice(*kept)[0])
                other.step()
            if number % 10 == 9:
                life.world.become(life.choice(*kept)[0])
        for state, text in kept:
            assert in_full(state) == text
            life.world.become(state)
            assert in_full(life.world.copy()) == text

    def test_random_steps_cover_everything(self) -> None:
        """Random steps reach every status, every step can succeed, and every error occurs."""
        statuses: set[MemberStatus] = set()
        done: set[str] = set()
        refusals: set[type[ServiceError]] = set()
        for seed in range(25):
            life = Life(seed)
            for _ in range(100):
                name, refusal = life.step()
                done |= {name} if refusal is None else set()
                refusals |= set() if refusal is None else {type(refusal)}
                rows = (row for table in life.world.members.values() for row in table.ordered())
                statuses.update(row.status for row in rows)
        assert statuses == set(MemberStatus)
        assert done == set(STEPS)
        assert refusals == {AccessDenied, Conflict, ResourceNotFound, ServiceQuotaExceeded, ValidationFailed}
