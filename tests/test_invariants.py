"""The invariant checks: they accept a valid world and report every kind of invalid one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain import enrolment
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus, Usage
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    NOON,
    REGION,
    a_graph,
    a_member,
    a_world,
    an_organization,
    an_organization_graph,
)
from tests.invariants import unexplained, violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World


def a_sound_world() -> tuple[World, BehaviorGraph]:
    """Return a valid world. Its organization graph has an enabled member, ANA, and one that is being verified, BEN."""
    world = a_world()
    graph = an_organization_graph(world, an_organization(world, accounts=[ADMINISTRATOR, BEN]))
    a_member(world, graph, ANA)
    enrolment.invite(world, graph, BEN, None, NOON)
    return world, graph


def changed(account_id: str = ANA, **values: Any) -> Callable[[World, BehaviorGraph], object]:
    """Return a function that changes a membership."""

    def change(world: World, graph: BehaviorGraph) -> None:
        world.put(graph, attrs.evolve(world.rows(graph.arn).rows[account_id], **values))

    return change


def designated(**values: Any) -> Callable[[World, BehaviorGraph], object]:
    """Return a function that changes the designation."""

    def change(world: World, _graph: BehaviorGraph) -> None:
        ((key, designation),) = world.designations.items()
        world.designations[key] = attrs.evolve(designation, **values)

    return change


def of_no_organization(world: World, graph: BehaviorGraph) -> None:
    world.put_graph(attrs.evolve(graph, organization_id=None))


def rechecked_twice(world: World, graph: BehaviorGraph) -> None:
    world.schedule(EventKind.RECHECK, NOON, scope=graph.arn, subject=graph.arn)


def with_the_same_event_twice(world: World, _graph: BehaviorGraph) -> None:
    world.event_queue.add(world.event_queue.events()[0])


def forgetting_the_order(world: World, graph: BehaviorGraph) -> None:
    world.rows(graph.arn).ordered().reverse()


def misfiled(world: World, graph: BehaviorGraph) -> None:
    rows = world.rows(graph.arn).rows
    rows[ANA] = attrs.evolve(rows[ANA], account_id="777777777777")


def administering_twice(world: World, graph: BehaviorGraph) -> None:
    world.put_graph(attrs.evolve(graph, arn="another"))
    world.members["another"] = world.rows(graph.arn).copy()


BROKEN = [
    (lambda world, _: world.graph_of.clear(), "graph_of is not one graph"),
    (administering_twice, "administers two graphs in a Region"),
    (lambda world, graph: world.investigations.pop(graph.arn), "are not of the same graphs"),
    (lambda world, _: world.memberships.pop((REGION, ANA)), "what accounts are members of"),
    (lambda world, graph: setattr(world.rows(graph.arn), "enabled", 7), "counts 7 enabled members and has 2"),
    (lambda world, graph: setattr(world.rows(graph.arn), "failed", 7), "counts 7 failed members, which it does"),
    (lambda world, graph: setattr(world.rows(graph.arn), "volume", 7), "has a volume of 7 that"),
    (forgetting_the_order, "does not have its members in the order"),
    (misfiled, "under another account's id"),
    (changed(number=1), "two memberships have the same number"),
    (of_no_organization, "has a row of its administrator and is no organization graph"),
    (lambda world, graph: world.remove(graph, ADMINISTRATOR), "or the other way round"),
    (changed(BEN, status=MemberStatus.INVITED), "is an organization account and INVITED"),
    (changed(invitation_type=InvitationType.ORGANIZATION), "of another organization, or of none"),
    (changed(ADMINISTRATOR, email="a@example.com"), "administers the graph and is not enabled, or has"),
    (changed(disabled_reason=DisabledReason.VOLUME_UNKNOWN), "is ENABLED with a disabled reason"),
    (changed(enabling=True), "is ENABLED and still about to be enabled"),
    (changed(BEN, usage=Usage(0, {}, NOON)), "is VERIFICATION_IN_PROGRESS with a volume"),
    (changed(updated_at=None), "has a time that is none"),
    (designated(delegated_at=NOON.replace(tzinfo=None)), "has a time that is none"),
    (with_the_same_event_twice, "two events have the same number"),
    (rechecked_twice, "the hourly checks in the event queue are not those"),
    (lambda world, _: world.event_queue.take_next(), "waits for an event that is not in the event queue"),
    (changed(status=MemberStatus.ACCEPTED_BUT_DISABLED, usage=None), "is disabled and never checked again"),
    (lambda world, graph: world.rows(graph.arn).remove(BEN), "is pending for nothing"),
    (designated(administrator_id="777777777777"), "is designated by an organization that it is not in"),
    (designated(administrator_id=BEN), "is neither the delegated administrator nor management"),
    (lambda world, graph: world.put_graph(attrs.evolve(graph, region="x")), "is not the organization graph that"),
    (lambda world, _: world.designations.clear(), "whose administrator is not designated"),
]


class TestViolations:
    def test_a_valid_world_has_none(self) -> None:
        """A valid world and an empty world violate no invariant."""
        assert violations(a_sound_world()[0]) == violations(a_world()) == []

    def test_a_designation_may_outlive_its_graph(self) -> None:
        """A designation without a graph is valid, because `DeleteGraph` keeps the designation."""
        world, graph = a_sound_world()
        world.delete_graph(graph)
        assert violations(world) == []

    @pytest.mark.parametrize(("break_", "said"), BROKEN, ids=[said for _, said in BROKEN])
    def test_an_invalid_world_is_reported(self, break_: Callable[[World, BehaviorGraph], object], said: str) -> None:
        """The report describes the violated invariant."""
        world, graph = a_sound_world()
        break_(world, graph)
        assert any(said in violation for violation in violations(world)), violations(world)


class TestUnexplained:
    def test_changes_that_the_table_allows_are_explained(self) -> None:
        """Changes by one or more events, new memberships and removed memberships are all explained."""
        world = a_world()
        graph = a_graph(world)
        a_member(world, graph, ANA, status=MemberStatus.VERIFICATION_IN_PROGRESS)
        a_member(world, graph, BEN)
        before = world.copy()
        changed(status=MemberStatus.ENABLED)(world, graph)
        world.remove(graph, BEN)
        a_member(world, a_graph(world, account_id=BEN), ANA)
        assert unexplained(before, world.copy()) == []

    def test_changes_that_the_table_does_not_allow_are_reported(self) -> None:
        """No event turns an enabled member into an invited one."""
        world = a_world()
        graph = a_graph(world, members=[ANA])
        before = world.copy()
        changed(status=MemberStatus.INVITED)(world, graph)
        assert unexplained(before, world.copy()) == [f"{ANA} in {graph.arn}: ENABLED -> INVITED"]

    def test_a_new_membership_of_the_same_account_is_not_a_change(self) -> None:
        """A membership with another number starts with its own status."""
        world = a_world()
        graph = a_graph(world, members=[ANA])
        before = world.copy()
        changed(status=MemberStatus.INVITED, number=99)(world, graph)
        assert unexplained(before, world.copy()) == []
