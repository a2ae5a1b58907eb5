"""Detective administrators of organizations, and how changes of an organization affect graphs."""

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
    graph_created,
    register,
    withdraw,
)
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus
from detective_fake.domain.quotas import Behavior
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

    from detective_fake.domain.account import Designation, Organization
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

ELSEWHERE, GOVCLOUD = "eu-west-1", "us-gov-west-1"
STRANGER = "777777777777"
LATER = NOON + HOUR
ENABLED, DISABLED = MemberStatus.ENABLED, MemberStatus.ACCEPTED_BUT_DISABLED
ORGANIZATION, INVITATION = InvitationType.ORGANIZATION, InvitationType.INVITATION


@pytest.fixture
def world() -> Iterator[World]:
    """Yield a world, and check its invariants after the test."""
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
        """The new graph is the organization graph. It does not enable accounts automatically."""
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        graph = world.administered(REGION, ADMINISTRATOR)
        assert graph is not None
        assert (graph.organization_id, graph.auto_enable) == (organization.organization_id, False)
        designation = designation_in(world)
        assert designation is not None
        assert (designation.administrator_id, designation.graph_arn) == (ADMINISTRATOR, graph.arn)
        assert designation.delegated_at == LATER

    def test_an_existing_graph_is_converted(self, world: World, organization: Organization) -> None:
        """The graph keeps its ARN, tags and creation time."""
        before = world.create_graph(account_id=ADMINISTRATOR, region=REGION, at=NOON, tags={"team": "blue"})
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        expected = attrs.evolve(before, organization_id=organization.organization_id)
        assert world.administered(REGION, ADMINISTRATOR) == expected

    def test_other_regions_have_no_administrator(self, world: World, organization: Organization) -> None:
        """Designation in one Region creates no graph in other Regions."""
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        assert designation_in(world, ELSEWHERE) is None
        assert world.administered(ELSEWHERE, ADMINISTRATOR) is None

    def test_it_becomes_the_delegated_administrator(self, world: World, organization: Organization) -> None:
        """The account becomes the delegated administrator in all Regions."""
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        assert present(world).delegated_administrator_id == ADMINISTRATOR

    def test_management_never_becomes_the_delegated_administrator(
        self, world: World, organization: Organization
    ) -> None:
        """The management account may still administer Detective in another Region."""
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        designate(world, present(world), MANAGEMENT, ELSEWHERE, NOON)
        assert present(world).delegated_administrator_id == ADMINISTRATOR
        assert world.administered(ELSEWHERE, MANAGEMENT) is not None

    def test_it_is_listed_after_a_delay(self, world: World, organization: Organization) -> None:
        """The designation appears in the list of administrators after `administrator_visibility`."""
        world.timings.administrator_visibility = 5 * MINUTE
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        run_due_events(world, NOON + 4 * MINUTE)
        assert not world.listed
        run_due_events(world, NOON + 5 * MINUTE)
        assert world.listed == world.designations


class TestAdministratorsOwnRow:
    def test_it_matches_the_service(self, world: World, organization: Organization) -> None:
        """The row is enabled, has no e-mail address, and its invitation time is the creation time of the graph."""
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, email="admin@example.com")
        graph = a_graph(world)
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        row = row_of(world, graph, ADMINISTRATOR)
        assert (row.status, row.invitation_type, row.email) == (ENABLED, ORGANIZATION, None)
        assert (row.invited_at, row.updated_at) == (NOON, LATER)
        assert row.usage is not None

    def test_an_unknown_volume_is_not_counted(self, world: World, organization: Organization) -> None:
        """An administrator with an unknown volume adds nothing to the graph volume."""
        world.accounts[ADMINISTRATOR] = Account(account_id=ADMINISTRATOR, volumes=None)
        graph = an_organization_graph(world, organization)
        assert row_of(world, graph, ADMINISTRATOR).usage is None
        assert enrolment.graph_volume(world, graph) == 0


class TestConversion:
    def test_enabled_members_keep_their_times(self, world: World, organization: Organization) -> None:
        """Enabled members become organization accounts and keep their `updated_at`."""
        graph = a_graph(world, members=[ANA])
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        row = row_of(world, graph)
        assert (row.invitation_type, row.updated_at, row.invited_at) == (ORGANIZATION, NOON, NOON)

    @pytest.mark.parametrize("status", every_status_but(ENABLED))
    def test_all_other_members_are_enabled(
        self, world: World, organization: Organization, status: MemberStatus
    ) -> None:
        """Members with any other status become enabled organization accounts."""
        graph = a_graph(world)
        a_member(world, graph, ANA, status=status)
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        row = row_of(world, graph)
        assert (row.status, row.invitation_type, row.updated_at) == (ENABLED, ORGANIZATION, LATER)

    def test_members_over_the_limit_are_disabled(self, world: World, organization: Organization) -> None:
        """Enabled members count first, then the other members in order of invitation."""
        graph = a_graph(world)
        a_member(world, graph, BEN, status=MemberStatus.INVITED)
        a_member(world, graph, MANAGEMENT, status=MemberStatus.INVITED, daily_volume_bytes=None)
        a_member(world, graph, ANA)
        world.quotas.members_per_graph = 2
        designate(world, organization, ADMINISTRATOR, REGION, NOON)
        assert status_of(world, graph, ANA) is status_of(world, graph, BEN) is ENABLED
        assert status_of(world, graph, MANAGEMENT) is DISABLED

    def test_accounts_outside_the_organization_stay_invited(self, world: World, organization: Organization) -> None:
        """Accounts outside the organization are not converted."""
        graph = a_graph(world)
        before = a_member(world, graph, STRANGER, status=MemberStatus.INVITED)
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        assert row_of(world, graph, STRANGER) == before

    def test_accounts_without_a_row_are_not_added(self, world: World, organization: Organization) -> None:
        """A new organization graph contains only the administrator."""
        graph = an_organization_graph(world, organization)
        assert list(world.rows(graph.arn).rows) == [ADMINISTRATOR]


class TestDesignateAgain:
    def test_the_same_account_changes_nothing(self, world: World, organization: Organization) -> None:
        """Repeating a designation changes nothing, including its time."""
        an_automatic_graph(world, organization)
        before = world.copy()
        designate(world, present(world), ADMINISTRATOR, REGION, LATER)
        assert world.copy() == before

    def test_a_deleted_graph_is_replaced(self, world: World, organization: Organization) -> None:
        """The new graph has no members. The designation keeps its time."""
        first = an_organization_graph(world, organization)
        world.delete_graph(first)
        designate(world, present(world), ADMINISTRATOR, REGION, LATER)
        graph = world.administered(REGION, ADMINISTRATOR)
        designation = designation_in(world)
        assert graph is not None
        assert designation is not None
        assert graph.arn != first.arn
        assert (designation.graph_arn, designation.delegated_at) == (graph.arn, NOON)

    def test_a_graph_created_by_the_administrator_is_converted(self, world: World, organization: Organization) -> None:
        """A graph created after the deletion is converted like any existing graph."""
        world.delete_graph(an_organization_graph(world, organization))
        graph = a_graph(world, members=[ANA])
        designate(world, present(world), ADMINISTRATOR, REGION, LATER)
        assert row_of(world, graph).invitation_type is ORGANIZATION


class TestGraphCreated:
    def test_a_designated_administrator_has_the_organization_graph_again(
        self, world: World, organization: Organization
    ) -> None:
        """The designation and the list have the new graph, and withdrawing deletes it. Automatic enabling is off."""
        world.delete_graph(an_automatic_graph(world, organization))
        graph = a_graph(world)
        graph_created(world, graph, LATER)
        run_due_events(world, LATER)
        created, designation = world.graphs[graph.arn], designation_in(world)
        assert (created.organization_id, created.auto_enable) == (organization.organization_id, False)
        assert designation is not None
        assert (designation.graph_arn, designation.delegated_at) == (graph.arn, NOON)
        assert list(world.listed.values()) == [designation]
        withdraw(world, present(world), REGION, LATER)
        assert graph.arn not in world.graphs

    @pytest.mark.parametrize("account_id", [ANA, STRANGER])
    def test_graphs_of_other_accounts_are_their_own(
        self, world: World, organization: Organization, account_id: str
    ) -> None:
        """In the organization or not, and they list no administrator."""
        world.delete_graph(an_organization_graph(world, organization))
        graph = a_graph(world, account_id=account_id)
        graph_created(world, graph, LATER)
        assert world.graphs[graph.arn] == graph
        assert not world.rows(graph.arn).rows

    def test_the_administrator_may_be_listed(self, world: World, organization: Organization) -> None:
        """With `administrator_listed` it has its own row, which a designation turns into that of an organization."""
        world.behavior = Behavior(administrator_listed=True)
        graph = a_graph(world)
        graph_created(world, graph, LATER)
        row = row_of(world, graph, ADMINISTRATOR)
        assert (row.status, row.invitation_type, row.email) == (ENABLED, INVITATION, None)
        assert (row.invited_at, row.updated_at) == (NOON, LATER)
        assert (world.member_count(graph), world.enabled_count(graph)) == (0, 0)
        designate(world, organization, ADMINISTRATOR, REGION, LATER)
        assert row_of(world, graph, ADMINISTRATOR) == attrs.evolve(row, invitation_type=ORGANIZATION)


class TestWithdraw:
    @pytest.mark.usefixtures("organization")
    def test_the_graph_goes_with_the_designation(self, world: World) -> None:
        """The graph is deleted in this Region only. The delegated administrator does not change."""
        designate_everywhere(world)
        withdraw(world, present(world), REGION, NOON)
        assert designation_in(world) is None
        assert world.administered(REGION, ADMINISTRATOR) is None
        assert world.administered(ELSEWHERE, ADMINISTRATOR) is not None
        assert present(world).delegated_administrator_id == ADMINISTRATOR

    def test_it_is_unlisted_after_a_delay(self, world: World, organization: Organization) -> None:
        """The designation leaves the list of administrators after `administrator_visibility`."""
        an_organization_graph(world, organization)
        world.timings.administrator_visibility = 5 * MINUTE
        withdraw(world, present(world), REGION, NOON)
        run_due_events(world, NOON + 4 * MINUTE)
        assert world.listed
        run_due_events(world, NOON + 5 * MINUTE)
        assert not world.listed

    def test_a_designation_without_a_graph_can_be_withdrawn(self, world: World, organization: Organization) -> None:
        """The designation is removed even if its graph was deleted earlier."""
        world.delete_graph(an_organization_graph(world, organization))
        withdraw(world, present(world), REGION, NOON)
        assert designation_in(world) is None


class TestDeregister:
    @pytest.mark.usefixtures("organization")
    def test_it_is_removed_in_all_regions(self, world: World) -> None:
        """The organization graphs are deleted with the designations."""
        designate_everywhere(world)
        deregister(world, present(world), NOON)
        assert present(world).delegated_administrator_id is None
        assert not world.designations
        assert not world.graphs

    def test_a_designation_of_management_is_kept(self, world: World, organization: Organization) -> None:
        """Regions administered by the management account do not change."""
        designate(world, organization, MANAGEMENT, ELSEWHERE, NOON)
        designate(world, present(world), ADMINISTRATOR, REGION, NOON)
        deregister(world, present(world), NOON)
        assert designation_in(world) is None
        assert designation_in(world, ELSEWHERE) is not None
        assert world.administered(ELSEWHERE, MANAGEMENT) is not None

    @pytest.mark.usefixtures("organization")
    def test_other_organizations_are_not_affected(self, world: World) -> None:
        """Each organization has its own administrator."""
        other = an_organization(world, management="555555555555", accounts=["666666666666"])
        designate(world, other, "666666666666", REGION, NOON)
        designate_everywhere(world)
        deregister(world, present(world), NOON)
        assert world.administered(REGION, "666666666666") is not None

    @pytest.mark.usefixtures("organization")
    def test_another_account_can_be_designated_afterwards(self, world: World) -> None:
        """After deregistration, any account can become the delegated administrator."""
        designate_everywhere(world)
        deregister(world, present(world), NOON)
        designate(world, present(world), ANA, REGION, NOON)
        assert present(world).delegated_administrator_id == ANA


class TestJoining:
    def test_it_is_enrolled_by_an_automatic_graph(self, world: World, organization: Organization) -> None:
        """The account is added as by `CreateMembers`, with its address in the organization."""
        graph = an_automatic_graph(world, organization)
        account_joined(world, present(world), STRANGER, "s@example.com", LATER)
        row = row_of(world, graph, STRANGER)
        assert (row.status, row.invitation_type) == (MemberStatus.VERIFICATION_IN_PROGRESS, ORGANIZATION)
        assert (row.email, row.updated_at) == ("s@example.com", LATER)
        run_due_events(world, LATER)
        assert status_of(world, graph, STRANGER) is ENABLED
        assert not world.emails

    def test_without_auto_enable_it_only_joins(self, world: World, organization: Organization) -> None:
        """The account joins the organization, but not the graph."""
        graph = an_organization_graph(world, organization)
        account_joined(world, present(world), STRANGER, None, NOON)
        assert STRANGER in present(world).accounts
        assert status_of(world, graph, STRANGER) is None

    def test_accounts_that_joined_earlier_are_not_enrolled(self, world: World, organization: Organization) -> None:
        """`auto_enable` applies only to accounts that join later."""
        graph = an_organization_graph(world, organization)
        account_joined(world, present(world), STRANGER, None, NOON)
        world.put_graph(attrs.evolve(graph, auto_enable=True))
        run_due_events(world, LATER)
        assert list(world.rows(graph.arn).rows) == [ADMINISTRATOR]

    def test_graphs_of_other_organizations_do_not_change(self, world: World, organization: Organization) -> None:
        """Graphs without an organization do not change, either."""
        graph = an_automatic_graph(world, organization)
        own = a_graph(world, account_id=ANA)
        other = an_organization(world, management="555555555555", accounts=[])
        account_joined(world, other, STRANGER, None, NOON)
        assert status_of(world, graph, STRANGER) is status_of(world, own, STRANGER) is None

    def test_an_enabled_member_stays_enabled(self, world: World, organization: Organization) -> None:
        """It becomes an organization account, with automatic enabling or without."""
        graph = an_organization_graph(world, organization)
        before = a_member(world, graph, STRANGER)
        account_joined(world, present(world), STRANGER, None, LATER)
        assert row_of(world, graph, STRANGER) == attrs.evolve(before, invitation_type=ORGANIZATION)

    def test_a_disabled_member_is_enabled(self, world: World, organization: Organization) -> None:
        """It has accepted. It is enabled if it fits."""
        graph = an_organization_graph(world, organization)
        a_member(world, graph, STRANGER, status=DISABLED)
        account_joined(world, present(world), STRANGER, None, LATER)
        row = row_of(world, graph, STRANGER)
        assert (row.status, row.invitation_type, row.invited_at) == (ENABLED, ORGANIZATION, NOON)
        assert row.updated_at == LATER

    @pytest.mark.parametrize("status", [MemberStatus.INVITED, MemberStatus.VERIFICATION_IN_PROGRESS])
    def test_automatic_enabling_enables_invited_accounts(
        self, world: World, organization: Organization, status: MemberStatus
    ) -> None:
        """They need not accept any more, and a pending verification is dropped."""
        graph = an_automatic_graph(world, organization)
        before = a_member(world, graph, STRANGER, status=status)
        if status is not MemberStatus.INVITED:
            world.schedule(EventKind.VERIFICATION, LATER, scope=graph.arn, subject=STRANGER, membership=before.number)
        account_joined(world, present(world), STRANGER, None, LATER)
        row = row_of(world, graph, STRANGER)
        assert (row.status, row.invitation_type, row.invited_at) == (ENABLED, ORGANIZATION, NOON)
        assert not world.event_queue.events()

    @pytest.mark.parametrize("status", [MemberStatus.INVITED, MemberStatus.VERIFICATION_FAILED])
    def test_without_it_the_invitation_stays(
        self, world: World, organization: Organization, status: MemberStatus
    ) -> None:
        """Until the account accepts, or `CreateMembers` adds it."""
        graph = an_organization_graph(world, organization)
        before = a_member(world, graph, STRANGER, status=status)
        account_joined(world, present(world), STRANGER, None, LATER)
        assert row_of(world, graph, STRANGER) == before
        assert enrolment.may_be_added(world, graph, STRANGER)

    def test_an_account_that_joined_and_accepts_is_an_organization_account(
        self, world: World, organization: Organization
    ) -> None:
        """It accepts the invitation that it got before."""
        graph = an_organization_graph(world, organization)
        a_member(world, graph, STRANGER, status=MemberStatus.INVITED)
        account_joined(world, present(world), STRANGER, None, NOON)
        enrolment.accept(world, graph, row_of(world, graph, STRANGER), LATER)
        row = row_of(world, graph, STRANGER)
        assert (row.status, row.invitation_type) == (ENABLED, ORGANIZATION)

    def test_a_failed_membership_is_replaced(self, world: World, organization: Organization) -> None:
        """`CreateMembers` also replaces a failed membership."""
        graph = an_automatic_graph(world, organization)
        a_member(world, graph, STRANGER, status=MemberStatus.VERIFICATION_FAILED)
        world.quotas.members_per_graph = 1
        account_joined(world, present(world), STRANGER, None, NOON)
        assert row_of(world, graph, STRANGER).invitation_type is ORGANIZATION

    def test_a_full_graph_does_not_enroll(self, world: World, organization: Organization) -> None:
        """`CreateMembers` would be rejected here, too."""
        graph = an_automatic_graph(world, organization)
        a_member(world, graph, STRANGER)
        world.quotas.members_per_graph = 1
        account_joined(world, present(world), "888888888888", None, NOON)
        assert status_of(world, graph, "888888888888") is None

    def test_an_account_with_unknown_volume_is_disabled(self, world: World, organization: Organization) -> None:
        """The account is enrolled, but not enabled."""
        graph = an_automatic_graph(world, organization)
        world.accounts[STRANGER] = Account(account_id=STRANGER, volumes=None)
        account_joined(world, present(world), STRANGER, None, NOON)
        run_due_events(world, NOON)
        assert row_of(world, graph, STRANGER).disabled_reason is DisabledReason.VOLUME_UNKNOWN


class TestLeaving:
    def test_an_organization_account_is_dropped(self, world: World, organization: Organization) -> None:
        """The account leaves the organization and its graphs."""
        graph = an_organization_graph(world, organization)
        enrolment.invite(world, graph, ANA, None, NOON)
        account_left(world, present(world), ANA, NOON)
        assert ANA not in present(world).accounts
        assert status_of(world, graph, ANA) is None

    def test_invited_members_stay(self, world: World, organization: Organization) -> None:
        """Accounts with an open invitation stay in the organization graph, and members in the graphs of others."""
        graph = an_organization_graph(world, organization)
        a_member(world, graph, STRANGER, status=MemberStatus.INVITED)
        own = a_graph(world, account_id=BEN, members=[ANA])
        account_joined(world, present(world), STRANGER, None, NOON)
        account_left(world, present(world), STRANGER, NOON)
        account_left(world, present(world), ANA, NOON)
        assert status_of(world, graph, STRANGER) is MemberStatus.INVITED
        assert status_of(world, own, ANA) is ENABLED

    @pytest.mark.usefixtures("organization")
    def test_the_delegated_administrator_is_deregistered(self, world: World) -> None:
        """Its organization graphs are deleted in every Region."""
        designate_everywhere(world)
        account_left(world, present(world), ADMINISTRATOR, NOON)
        assert ADMINISTRATOR not in present(world).accounts
        assert present(world).delegated_administrator_id is None
        assert not world.graphs

    def test_it_is_removed_from_the_graph_of_management(self, world: World, organization: Organization) -> None:
        """The administrator is an ordinary member there, and the graph of the management account stays."""
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
        """Organization accounts and invited accounts are removed. The account stays in the organization."""
        graph, other = an_organization_graph(world, organization), a_graph(world, account_id=BEN)
        enrolment.invite(world, graph, ANA, None, NOON)
        a_member(world, other, ANA, status=status)
        account_closed(world, ANA, LATER)
        assert status_of(world, graph, ANA) is status_of(world, other, ANA) is None
        assert world.account(ANA).closed
        assert ANA in present(world).accounts

    def test_a_closed_account_stays_in_govcloud_graphs(self, world: World) -> None:
        """In GovCloud, Detective does not remove closed accounts automatically."""
        graph = a_graph(world, region=GOVCLOUD, members=[ANA])
        account_closed(world, ANA, LATER)
        assert status_of(world, graph, ANA) is ENABLED

    def test_its_own_graphs_are_deleted(self, world: World) -> None:
        """Members no longer see them. In GovCloud the graph stays."""
        graph, govcloud = a_graph(world, members=[ANA]), a_graph(world, region=GOVCLOUD, members=[ANA])
        account_closed(world, ADMINISTRATOR, LATER)
        assert list(world.graphs) == [govcloud.arn]
        assert not list(world.memberships_of(graph.region, ANA))

    @pytest.mark.usefixtures("organization")
    def test_its_designations_end(self, world: World) -> None:
        """In all Regions but GovCloud. It stays the delegated administrator in AWS Organizations."""
        designate_everywhere(world)
        designate(world, present(world), ADMINISTRATOR, GOVCLOUD, NOON)
        account_closed(world, ADMINISTRATOR, LATER)
        run_due_events(world, LATER)
        assert [region for region, _ in world.designations] == [region for region, _ in world.listed] == [GOVCLOUD]
        assert present(world).delegated_administrator_id == ADMINISTRATOR

    def test_designations_of_others_stay(self, world: World, organization: Organization) -> None:
        """Closing an account that administers nothing ends no designation."""
        graph = an_organization_graph(world, organization)
        account_closed(world, ANA, LATER)
        assert designation_in(world) is not None
        assert graph.arn in world.graphs


class TestRegister:
    def test_the_delegated_administrator_is_set(self, world: World, organization: Organization) -> None:
        """Registering designates no account."""
        register(world, organization, ANA)
        assert present(world).delegated_administrator_id == ANA
        assert not world.designations
