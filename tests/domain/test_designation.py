"""Who administers Detective for an organization, and what its changes do to graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from detective_fake.domain import enrolment
from detective_fake.domain.account import Account
from detective_fake.domain.designation import (
    account_closed,
    account_joined,
    account_left,
    deregister,
    designate,
    withdraw,
)
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    MANAGEMENT,
    MINUTE,
    NOON,
    REGION,
    a_graph,
    a_member,
    a_world,
    an_organization,
    an_organization_graph,
    every_status_but,
    status_of,
)
from tests.invariants import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.organization import Designation, Organization
    from detective_fake.domain.world import World

ELSEWHERE, GOVCLOUD = "eu-west-1", "us-gov-west-1"
STRANGER = "777777777777"
LATER = NOON + HOUR
ENABLED, DISABLED = MemberStatus.ENABLED, MemberStatus.ACCEPTED_BUT_DISABLED
ORGANIZATION, INVITATION = InvitationType.ORGANIZATION, InvitationType.INVITATION


@pytest.fixture
def world() -> Iterator[World]:
    """Return a world, and see that it is sound after the test as well."""
    world = a_world()
    yield world
    run_due_events(world, NOON)
    assert [each for each in violations(world) if "never checked again" not in each] == []


@pytest.fixture
def organization(world: World) -> Organization:
    return an_organization(world)


def present(world: World) -> Organization:
    return next(iter(world.organizations.values()))


def designation_in(world: World, region: str = REGION) -> Designation | None:
    return world.designations.get((region, present(world).organization_id))


def row_of(world: World, graph: BehaviorGraph, account_id: str = ANA) -> Membership:
    row = world.membership(graph.arn, account_id)
    assert row is not None
    return row


def an_automatic_graph(world: World, organization: Organization) -> BehaviorGraph:
    graph = attrs.evolve(an_organization_graph(world, organization), auto_enable=True)
    world.put_graph(graph)
    return graph


def designate_everywhere(world: World, account_id: str = ADMINISTRATOR) -> None:
    for region in (REGION, ELSEWHERE):
        designate(world, present(world), account_id, region, NOON)


class TestDesignate:
    def test_an_account_without_a_graph_gets_one(self, world: World, organization: Organization) -> None:
        """It is the organization graph, and enables nobody by itself."""
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        graph = world.administered(REGION, ADMINISTRATOR)
        assert graph is not None
        assert (graph.organization_id, graph.auto_enable) == (organization.organization_id, False)
        designation = designation_in(world)
        assert designation is not None
        assert (designation.administrator_id, designation.graph_arn) == (ADMINISTRATOR, graph.arn)
        assert designation.delegated_at == LATER

    def test_a_graph_that_is_there_is_converted(self, world: World, organization: Organization) -> None:
        """Not replaced: ARN, tags and time of creation stay."""
        before = world.create_graph(account_id=ADMINISTRATOR, region=REGION, at=NOON, tags={"team": "blue"})
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        expected = attrs.evolve(before, organization_id=organization.organization_id)
        assert world.administered(REGION, ADMINISTRATOR) == expected

    def test_other_regions_have_no_administrator(self, world: World, organization: Organization) -> None:
        """Nor a graph."""
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        assert designation_in(world, ELSEWHERE) is None
        assert world.administered(ELSEWHERE, ADMINISTRATOR) is None

    def test_it_becomes_the_delegated_administrator(self, world: World, organization: Organization) -> None:
        """Of all Regions."""
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        assert present(world).delegated_administrator_id == ADMINISTRATOR

    def test_the_management_account_never_does(self, world: World, organization: Organization) -> None:
        """It may administer all the same, beside one that is."""
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        designate(world, present(world), MANAGEMENT, ELSEWHERE, NOON)
        assert present(world).delegated_administrator_id == ADMINISTRATOR
        assert world.administered(ELSEWHERE, MANAGEMENT) is not None

    def test_it_shows_after_a_while(self, world: World, organization: Organization) -> None:
        """The list of administrators follows later."""
        world.timings.administrator_visibility = 5 * MINUTE
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        run_due_events(world, NOON + 4 * MINUTE)
        assert not world.listed
        run_due_events(world, NOON + 5 * MINUTE)
        assert world.listed == world.designations


class TestAdministratorsOwnRow:
    def test_it_is_as_observed(self, world: World, organization: Organization) -> None:
        """Enabled, invited when the graph was created, and without an address."""
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, email="admin@example.com")
        graph = a_graph(world)
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        row = row_of(world, graph, ADMINISTRATOR)
        assert (row.status, row.invitation_type, row.email) == (ENABLED, ORGANIZATION, None)
        assert (row.invited_at, row.updated_at) == (NOON, LATER)
        assert row.usage is not None

    def test_it_counts_with_its_volume(self, world: World, organization: Organization) -> None:
        """As before it had a row."""
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, volumes=None)
        graph = an_organization_graph(world, organization)
        assert row_of(world, graph, ADMINISTRATOR).usage is None
        assert enrolment.graph_volume(world, graph) == 0


class TestConversion:
    def test_enabled_members_keep_their_times(self, world: World, organization: Organization) -> None:
        """They are organization accounts from now on."""
        graph = a_graph(world, members=[ANA])
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        row = row_of(world, graph)
        assert (row.invitation_type, row.updated_at, row.invited_at) == (ORGANIZATION, NOON, None)

    @pytest.mark.parametrize("status", every_status_but(ENABLED))
    def test_all_others_are_enabled(self, world: World, organization: Organization, status: MemberStatus) -> None:
        """Whatever they were waiting for."""
        graph = a_graph(world)
        a_member(world, graph, ANA, status=status)
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        row = row_of(world, graph)
        assert (row.status, row.invitation_type, row.updated_at) == (ENABLED, ORGANIZATION, LATER)

    def test_those_over_the_limit_are_disabled(self, world: World, organization: Organization) -> None:
        """In the order invited, after those that are enabled already."""
        graph = a_graph(world)
        a_member(world, graph, BEN, status=MemberStatus.INVITED)
        a_member(world, graph, MANAGEMENT, status=MemberStatus.INVITED, daily_volume_bytes=None)
        a_member(world, graph, ANA)
        world.quotas.members_per_graph = 2
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        assert status_of(world, graph, ANA) is status_of(world, graph, BEN) is ENABLED
        assert status_of(world, graph, MANAGEMENT) is DISABLED

    def test_accounts_from_elsewhere_stay_invited(self, world: World, organization: Organization) -> None:
        """They are none of the organization's."""
        graph = a_graph(world)
        before = a_member(world, graph, STRANGER, status=MemberStatus.INVITED)
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        assert row_of(world, graph, STRANGER) == before

    def test_accounts_without_a_row_get_none(self, world: World, organization: Organization) -> None:
        """Nobody but the administrator is in a new organization graph."""
        graph = an_organization_graph(world, organization)
        assert list(world.rows(graph.arn).rows) == [ADMINISTRATOR]


class TestDesignateAgain:
    def test_the_same_account_changes_nothing(self, world: World, organization: Organization) -> None:
        """Not even the time of its designation."""
        an_automatic_graph(world, organization)
        before = world.copy()
        designate(world, present(world), ADMINISTRATOR, REGION, LATER)
        assert world.copy() == before

    def test_a_deleted_graph_is_made_anew(self, world: World, organization: Organization) -> None:
        """Another one, without members, and designated now."""
        first = an_organization_graph(world, organization)
        world.delete_graph(first)
        designate(world, present(world), ADMINISTRATOR, REGION, LATER)
        graph = world.administered(REGION, ADMINISTRATOR)
        designation = designation_in(world)
        assert graph is not None
        assert designation is not None
        assert graph.arn != first.arn
        assert (designation.graph_arn, designation.delegated_at) == (graph.arn, LATER)

    def test_one_it_has_made_itself_meanwhile_is_converted(self, world: World, organization: Organization) -> None:
        """As any graph that is there."""
        world.delete_graph(an_organization_graph(world, organization))
        graph = a_graph(world, members=[ANA])
        designate(world, present(world), ADMINISTRATOR, REGION, LATER)
        assert row_of(world, graph).invitation_type is ORGANIZATION


class TestWithdraw:
    @pytest.mark.usefixtures("organization")
    def test_the_graph_goes_with_the_designation(self, world: World) -> None:
        """In this Region only; the delegated administrator stays."""
        designate_everywhere(world)
        withdraw(world, present(world), REGION, NOON)
        assert designation_in(world) is None
        assert world.administered(REGION, ADMINISTRATOR) is None
        assert world.administered(ELSEWHERE, ADMINISTRATOR) is not None
        assert present(world).delegated_administrator_id == ADMINISTRATOR

    def test_it_shows_after_a_while(self, world: World, organization: Organization) -> None:
        """The list of administrators follows later."""
        an_organization_graph(world, organization)
        world.timings.administrator_visibility = 5 * MINUTE
        withdraw(world, present(world), REGION, NOON)
        run_due_events(world, NOON + 4 * MINUTE)
        assert world.listed
        run_due_events(world, NOON + 5 * MINUTE)
        assert not world.listed

    def test_a_graph_that_is_gone_already_is_no_hindrance(self, world: World, organization: Organization) -> None:
        """The designation had outlived it."""
        world.delete_graph(an_organization_graph(world, organization))
        withdraw(world, present(world), REGION, NOON)
        assert designation_in(world) is None


class TestDeregister:
    @pytest.mark.usefixtures("organization")
    def test_it_is_removed_in_all_regions(self, world: World) -> None:
        """With its organization graphs."""
        designate_everywhere(world)
        deregister(world, present(world), NOON)
        assert present(world).delegated_administrator_id is None
        assert not world.designations
        assert not world.graphs

    def test_but_not_where_management_is_the_administrator(self, world: World, organization: Organization) -> None:
        """There nothing changes."""
        designate(world, organization, MANAGEMENT, ELSEWHERE, NOON)
        designate(world, present(world), ADMINISTRATOR, REGION, NOON)
        deregister(world, present(world), NOON)
        assert designation_in(world) is None
        assert designation_in(world, ELSEWHERE) is not None
        assert world.administered(ELSEWHERE, MANAGEMENT) is not None

    @pytest.mark.usefixtures("organization")
    def test_other_organizations_keep_theirs(self, world: World) -> None:
        """Each has its own."""
        other = an_organization(world, management="555555555555", accounts=["666666666666"])
        designate(world, other, "666666666666", REGION, NOON)
        designate_everywhere(world)
        deregister(world, present(world), NOON)
        assert world.administered(REGION, "666666666666") is not None

    @pytest.mark.usefixtures("organization")
    def test_another_account_may_be_chosen_then(self, world: World) -> None:
        """Nothing stands in its way."""
        designate_everywhere(world)
        deregister(world, present(world), NOON)
        designate(world, present(world), ANA, REGION, NOON)
        assert present(world).delegated_administrator_id == ANA


class TestJoining:
    def test_it_is_enrolled_where_that_is_automatic(self, world: World, organization: Organization) -> None:
        """As `CreateMembers` does, with the address the organization has."""
        graph = an_automatic_graph(world, organization)
        account_joined(world, present(world), STRANGER, "s@example.com", LATER)
        row = row_of(world, graph, STRANGER)
        assert (row.status, row.invitation_type) == (MemberStatus.VERIFICATION_IN_PROGRESS, ORGANIZATION)
        assert (row.email, row.updated_at) == ("s@example.com", LATER)
        run_due_events(world, LATER)
        assert status_of(world, graph, STRANGER) is ENABLED
        assert not world.emails

    def test_otherwise_it_only_joins(self, world: World, organization: Organization) -> None:
        """It can be enabled by hand."""
        graph = an_organization_graph(world, organization)
        account_joined(world, present(world), STRANGER, None, NOON)
        assert STRANGER in present(world).accounts
        assert status_of(world, graph, STRANGER) is None

    def test_those_that_joined_before_are_not_enrolled(self, world: World, organization: Organization) -> None:
        """The setting is for those to come."""
        graph = an_organization_graph(world, organization)
        account_joined(world, present(world), STRANGER, None, NOON)
        world.put_graph(attrs.evolve(graph, auto_enable=True))
        run_due_events(world, LATER)
        assert list(world.rows(graph.arn).rows) == [ADMINISTRATOR]

    def test_graphs_of_other_organizations_are_not_concerned(self, world: World, organization: Organization) -> None:
        """Nor is one that belongs to none."""
        graph = an_automatic_graph(world, organization)
        own = a_graph(world, account_id=ANA)
        other = an_organization(world, management="555555555555", accounts=[])
        account_joined(world, other, STRANGER, None, NOON)
        assert status_of(world, graph, STRANGER) is status_of(world, own, STRANGER) is None

    @pytest.mark.parametrize("status", every_status_but(MemberStatus.VERIFICATION_FAILED))
    def test_an_invitation_is_kept(self, world: World, organization: Organization, status: MemberStatus) -> None:
        """Nothing says that joining converts it."""
        graph = an_automatic_graph(world, organization)
        before = a_member(world, graph, STRANGER, status=status)
        world.schedule(EventKind.VERIFICATION, LATER, scope=graph.arn, subject=STRANGER, membership=before.number)
        account_joined(world, present(world), STRANGER, None, LATER)
        assert row_of(world, graph, STRANGER) == before

    def test_a_failed_one_is_replaced(self, world: World, organization: Organization) -> None:
        """As by `CreateMembers`, also in a graph that is full."""
        graph = an_automatic_graph(world, organization)
        a_member(world, graph, STRANGER, status=MemberStatus.VERIFICATION_FAILED)
        world.quotas.members_per_graph = 1
        account_joined(world, present(world), STRANGER, None, NOON)
        assert row_of(world, graph, STRANGER).invitation_type is ORGANIZATION

    def test_a_full_graph_takes_nobody(self, world: World, organization: Organization) -> None:
        """As `CreateMembers` would be refused."""
        graph = an_automatic_graph(world, organization)
        a_member(world, graph, STRANGER)
        world.quotas.members_per_graph = 1
        account_joined(world, present(world), "888888888888", None, NOON)
        assert status_of(world, graph, "888888888888") is None

    def test_one_that_does_not_fit_for_its_volume_is_disabled(self, world: World, organization: Organization) -> None:
        """It is enrolled when it does."""
        graph = an_automatic_graph(world, organization)
        world.accounts[STRANGER] = Account(account_id=STRANGER, volumes=None)
        account_joined(world, present(world), STRANGER, None, NOON)
        run_due_events(world, NOON)
        assert row_of(world, graph, STRANGER).disabled_reason is DisabledReason.VOLUME_UNKNOWN


class TestLeaving:
    def test_an_organization_account_is_dropped(self, world: World, organization: Organization) -> None:
        """From the organization, and from its graphs."""
        graph = an_organization_graph(world, organization)
        enrolment.invite(world, graph, ANA, None, NOON)
        account_left(world, present(world), ANA, NOON)
        assert ANA not in present(world).accounts
        assert status_of(world, graph, ANA) is None

    def test_invited_members_stay(self, world: World, organization: Organization) -> None:
        """In the organization graph where they were invited, and in graphs of others."""
        graph = an_organization_graph(world, organization)
        a_member(world, graph, STRANGER)
        own = a_graph(world, account_id=BEN, members=[ANA])
        account_joined(world, present(world), STRANGER, None, NOON)
        account_left(world, present(world), STRANGER, NOON)
        account_left(world, present(world), ANA, NOON)
        assert status_of(world, graph, STRANGER) is status_of(world, own, ANA) is ENABLED

    @pytest.mark.usefixtures("organization")
    def test_the_delegated_administrator_is_deregistered(self, world: World) -> None:
        """Its organization graphs go, in every Region."""
        designate_everywhere(world)
        account_left(world, present(world), ADMINISTRATOR, NOON)
        assert ADMINISTRATOR not in present(world).accounts
        assert present(world).delegated_administrator_id is None
        assert not world.graphs

    def test_it_is_dropped_from_the_graph_of_management(self, world: World, organization: Organization) -> None:
        """Where it is a member like others; that graph stays."""
        designate(world, organization, MANAGEMENT, ELSEWHERE, NOON)
        designate(world, present(world), ADMINISTRATOR, REGION, NOON)
        graph = world.administered(ELSEWHERE, MANAGEMENT)
        assert graph is not None
        enrolment.invite(world, graph, ADMINISTRATOR, None, NOON)
        account_left(world, present(world), ADMINISTRATOR, NOON)
        assert list(world.rows(graph.arn).rows) == [MANAGEMENT]


class TestClosing:
    @pytest.mark.parametrize("status", MemberStatus)
    def test_a_closed_account_leaves_every_graph(
        self, world: World, organization: Organization, status: MemberStatus
    ) -> None:
        """As an organization account and as an invited one; it stays in the organization."""
        graph, other = an_organization_graph(world, organization), a_graph(world, account_id=BEN)
        enrolment.invite(world, graph, ANA, None, NOON)
        a_member(world, other, ANA, status=status)
        account_closed(world, ANA)
        assert status_of(world, graph, ANA) is status_of(world, other, ANA) is None
        assert world.account(ANA).closed
        assert ANA in present(world).accounts

    def test_in_govcloud_it_does_not(self, world: World) -> None:
        """There nothing is removed by itself."""
        graph = a_graph(world, region=GOVCLOUD, members=[ANA])
        account_closed(world, ANA)
        assert status_of(world, graph, ANA) is ENABLED

    def test_its_own_graphs_stay(self, world: World, organization: Organization) -> None:
        """And so does its row in them."""
        graph = an_organization_graph(world, organization)
        account_closed(world, ADMINISTRATOR)
        assert status_of(world, graph, ADMINISTRATOR) is ENABLED
