"""`fake.seed`, and what changes an organization later on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.controls.live_organization import LiveOrganization
from detective_fake.controls.seed import UNSET, OrganizationControl
from detective_fake.domain import enrolment
from detective_fake.domain.datasources import DatasourcePackage
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus
from detective_fake.errors import FakeUsageError
from tests.builders import HOUR, an_organization_graph, every_status_but
from tests.controls.contexts import ANA, BEN, DEFAULT, NOON, REGION, SECURITY, a_context, seed_on
from tests.invariants import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.controls.context import FakeContext
    from detective_fake.controls.seed import Seed
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

STRANGER = "777777777777"
ELSEWHERE, GOVCLOUD = "eu-west-1", "us-gov-west-1"
CORE, EKS = DatasourcePackage.DETECTIVE_CORE, DatasourcePackage.EKS_AUDIT
TERABYTE = 10**12


@pytest.fixture
def context() -> FakeContext:
    return a_context()


@pytest.fixture
def world(context: FakeContext) -> World:
    return context.world


@pytest.fixture
def seed(context: FakeContext) -> Seed:
    return seed_on(context)


@contextmanager
def refused(world: World, text: str) -> Iterator[None]:
    """Expect a mistake of the test's author, and that it leaves no trace."""
    before = world.copy()
    with pytest.raises(FakeUsageError, match=text):
        yield
    assert world.copy() == before


def row_of(world: World, graph_arn: str, account_id: str = ANA) -> Membership:
    return world.rows(graph_arn).rows[account_id]


class TestAccount:
    def test_what_is_given_is_true_of_it(self, seed: Seed, world: World) -> None:
        """All at once."""
        seed.account(ANA, email="ana@example.com", daily_volume_bytes=7, verifies=False, guardduty=False)
        account = world.account(ANA)
        assert (account.email, account.volumes) == ("ana@example.com", {CORE: 7})
        assert (account.verifies, account.guardduty) == (False, False)

    def test_what_is_not_given_stays(self, seed: Seed, world: World) -> None:
        """None is something given: unknown, or no address in particular."""
        seed.account(ANA, email="ana@example.com", daily_volume_bytes={"EKS_AUDIT": 7})
        seed.account(ANA, verifies=False)
        assert (world.account(ANA).email, world.account(ANA).volumes) == ("ana@example.com", {EKS: 7})
        seed.account(ANA, email=None, daily_volume_bytes=None)
        assert (world.account(ANA).email, world.account(ANA).volumes) == (None, None)
        assert not world.account(ANA).verifies

    @pytest.mark.parametrize(
        ("values", "text"),
        [
            ({"account_id": "12"}, "string of twelve digits, not '12'"),
            ({"email": "nobody"}, "EmailAddress must match"),
            ({"email": f"{'x' * 60}@example.com"}, "EmailAddress must have length less than or equal to 64"),
            ({"daily_volume_bytes": -1}, "zero or more, or None for unknown, not -1"),
            ({"daily_volume_bytes": {"EKS": 1}}, "'EKS' is no data source package"),
        ],
    )
    def test_what_no_account_can_have_is_refused(
        self, seed: Seed, world: World, values: dict[str, Any], text: str
    ) -> None:
        """Together with everything else that was given."""
        with refused(world, text):
            given: dict[str, Any] = {"account_id": ANA, "verifies": False, **values}
            seed.account(**given)

    @pytest.mark.parametrize(
        ("change", "volume"),
        [({"daily_volume_bytes": 5}, 5), ({"daily_volume_bytes": None}, 0), ({"guardduty": False}, 0)],
    )
    def test_its_graphs_measure_it_anew(self, seed: Seed, world: World, change: dict[str, Any], volume: int) -> None:
        """All it is enabled in, in every Region; at once."""
        arns = [seed.graph(SECURITY, members=[ANA]), seed.graph(BEN, ELSEWHERE, members=[ANA])]
        seed.account(ANA, **change)
        assert [world.rows(arn).volume for arn in arns] == [volume, volume]
        assert not violations(world)

    def test_an_administrator_is_measured_in_its_own_organization_graph(self, seed: Seed, world: World) -> None:
        """Where it has a row."""
        graph = an_organization_graph(world)
        seed.account(graph.administrator_id, daily_volume_bytes=5)
        assert world.rows(graph.arn).volume == 5

    def test_an_administrator_of_others_has_none(self, seed: Seed, world: World) -> None:
        """Its volume is looked up when it is needed."""
        arn = seed.graph(SECURITY)
        seed.account(SECURITY, daily_volume_bytes=5)
        assert enrolment.graph_volume(world, world.graphs[arn]) == 5

    def test_what_was_not_said_of_volumes_measures_nothing(self, seed: Seed, world: World) -> None:
        """The time of measurement stays."""
        arn = seed.graph(SECURITY, members=[ANA])
        before = row_of(world, arn)
        seed.account(ANA, email="ana@example.com")
        assert row_of(world, arn) is before

    def test_unset_says_what_it_means(self) -> None:
        """In the signature that help() shows."""
        assert repr(UNSET) == "<unchanged>"


class TestGraph:
    def test_by_default_it_is_the_default_callers(self, seed: Seed, world: World) -> None:
        """In the fake's Region."""
        graph = world.graphs[seed.graph()]
        assert (graph.administrator_id, graph.region, graph.created_at) == (DEFAULT, REGION, NOON)

    def test_account_region_and_tags_may_be_given(self, seed: Seed, world: World) -> None:
        """As `CreateGraph` would have them."""
        graph = world.graphs[seed.graph(SECURITY, GOVCLOUD, tags={"team": "blue"})]
        assert (graph.administrator_id, graph.region, graph.tags) == (SECURITY, GOVCLOUD, {"team": "blue"})
        assert graph.arn.startswith("arn:aws-us-gov:")

    def test_members_are_enabled(self, seed: Seed, world: World) -> None:
        """In the order given."""
        arn = seed.graph(members=iter([BEN, ANA]))
        assert [(row.account_id, row.status) for row in world.rows(arn).ordered()] == [
            (BEN, MemberStatus.ENABLED),
            (ANA, MemberStatus.ENABLED),
        ]

    def test_or_have_the_status_given(self, seed: Seed, world: World) -> None:
        """By account."""
        arn = seed.graph(members={BEN: "INVITED", ANA: MemberStatus.VERIFICATION_FAILED})
        assert [row.status.value for row in world.rows(arn).ordered()] == ["INVITED", "VERIFICATION_FAILED"]

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ({"account_id": 12}, 'not 12. Write it as a string: "000000000012"'),
            ({"account_id": ""}, "string of twelve digits, not ''"),
            ({"region": "us-west-7"}, "no Detective in Region 'us-west-7'; did you mean 'us-west-2'"),
            ({"tags": {"aws:x": "y"}}, "Tags.* must match"),
            ({"tags": {str(number): "" for number in range(51)}}, r"Tags must have length .* 50. Found 51\."),
            ({"members": [ANA, "12"]}, "string of twelve digits, not '12'"),
            ({"members": {ANA: "ENABLED", BEN: "GONE"}}, "'GONE' is no MemberStatus; it is one of INVITED, VERIF"),
            ({"members": [ANA, DEFAULT]}, f"{DEFAULT} administers this behavior graph and cannot be its member"),
        ],
    )
    def test_what_cannot_be_is_refused(self, seed: Seed, world: World, arguments: dict[str, Any], text: str) -> None:
        """Before anything is done."""
        with refused(world, text):
            seed.graph(**arguments)

    def test_an_account_has_one_a_region(self, seed: Seed, world: World) -> None:
        """The text names the one there is."""
        arn = seed.graph()
        with refused(world, f"{DEFAULT} administers a behavior graph in us-east-1 already, {arn};"):
            seed.graph()
        seed.graph(region=ELSEWHERE)


class TestMember:
    @pytest.fixture
    def arn(self, seed: Seed) -> str:
        return seed.graph()

    def test_by_default_it_is_enabled(self, seed: Seed, world: World, arn: str) -> None:
        """Invited just now, at an address that is made up."""
        seed.member(arn, ANA)
        row = row_of(world, arn)
        assert (row.status, row.invitation_type) == (MemberStatus.ENABLED, InvitationType.INVITATION)
        assert row.invited_at == row.updated_at == NOON
        assert row.email == f"root@{ANA}.example.com"
        assert row.usage is not None

    def test_times_may_be_given(self, seed: Seed, world: World, arn: str) -> None:
        """Cut to the millisecond, as every time is."""
        seed.member(arn, ANA, invited_at=NOON - 2 * HOUR, updated_at=(NOON - HOUR).replace(microsecond=1_999))
        row = row_of(world, arn)
        assert (row.invited_at, row.updated_at) == (NOON - 2 * HOUR, (NOON - HOUR).replace(microsecond=1_000))

    def test_its_address_is_the_accounts(self, seed: Seed, world: World, arn: str) -> None:
        """Unless another one is given."""
        seed.account(ANA, email="ana@example.com")
        seed.account(BEN, email="ben@example.com")
        seed.member(arn, ANA)
        seed.member(arn, BEN, email="other@example.com")
        assert (row_of(world, arn, ANA).email, row_of(world, arn, BEN).email) == (
            "ana@example.com",
            "other@example.com",
        )

    def test_no_limit_is_in_the_way(self, seed: Seed, world: World, arn: str) -> None:
        """So that a test can start from beyond it."""
        world.quotas.members_per_graph = 1
        seed.account(ANA, daily_volume_bytes=20 * TERABYTE)
        seed.member(arn, ANA)
        seed.member(arn, BEN)
        assert world.rows(arn).enabled == 2

    @pytest.mark.parametrize("status", [status.value for status in MemberStatus])
    def test_every_status_is_a_sound_one(self, seed: Seed, world: World, arn: str, status: str) -> None:
        """What would be pending is pending."""
        seed.member(arn, ANA, status=status)
        assert row_of(world, arn).status.value == status
        assert not violations(world)

    def test_one_that_is_verified_goes_on(self, seed: Seed, world: World, arn: str) -> None:
        """As after `CreateMembers`: an e-mail is sent."""
        seed.member(arn, ANA, status="VERIFICATION_IN_PROGRESS")
        run_due_events(world, NOON)
        assert row_of(world, arn).status is MemberStatus.INVITED
        assert [email.account_id for email in world.emails] == [ANA]

    @pytest.mark.parametrize(("volume", "reason"), [(None, "VOLUME_UNKNOWN"), (20 * TERABYTE, "VOLUME_TOO_HIGH")])
    def test_a_disabled_one_has_the_reason_of_its_volume(
        self, seed: Seed, world: World, arn: str, volume: int | None, reason: str
    ) -> None:
        """And is checked hourly."""
        seed.account(ANA, daily_volume_bytes=volume)
        seed.member(arn, ANA, status="ACCEPTED_BUT_DISABLED")
        assert row_of(world, arn).disabled_reason is DisabledReason(reason)
        seed.account(ANA, daily_volume_bytes=5)
        run_due_events(world, NOON + HOUR)
        assert row_of(world, arn).status is MemberStatus.ENABLED

    def test_or_the_reason_given(self, seed: Seed, world: World, arn: str) -> None:
        """Until it is checked."""
        seed.member(arn, ANA, status="ACCEPTED_BUT_DISABLED", disabled_reason="VOLUME_UNKNOWN")
        assert row_of(world, arn).disabled_reason is DisabledReason.VOLUME_UNKNOWN

    def test_an_organization_account_comes_in_as_one(self, seed: Seed, world: World) -> None:
        """Without a time of invitation; others are invited."""
        arn = an_organization_graph(world).arn
        seed.member(arn, ANA)
        seed.member(arn, STRANGER)
        kinds = [row.invitation_type.value for row in world.rows(arn).ordered()]
        assert kinds == ["ORGANIZATION", "ORGANIZATION", "INVITATION"]
        assert not violations(world)

    def test_one_that_is_verified_is_enabled_then(self, seed: Seed, world: World) -> None:
        """Without any e-mail."""
        arn = an_organization_graph(world).arn
        seed.member(arn, ANA, status="VERIFICATION_IN_PROGRESS")
        run_due_events(world, NOON)
        assert row_of(world, arn).status is MemberStatus.ENABLED
        assert not world.emails

    @pytest.mark.parametrize("status", ["INVITED", "VERIFICATION_FAILED"])
    def test_an_organization_account_is_never_invited(self, seed: Seed, world: World, status: str) -> None:
        """Nor does its verification fail."""
        arn = an_organization_graph(world).arn
        with refused(world, f"{ANA} belongs to the organization of {arn}; an organization account is never {status}"):
            seed.member(arn, ANA, status=status)

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ({"account_id": "12"}, "string of twelve digits, not '12'"),
            ({"account_id": DEFAULT}, rf"{DEFAULT} administers this behavior graph .* its member \(ENABLED\)"),
            ({"status": "GONE"}, "'GONE' is no MemberStatus; it is one of INVITED, VERIF"),
            ({"status": "ENABLED", "disabled_reason": "VOLUME_UNKNOWN"}, f"a disabled_reason; {ANA} is to be ENABLED"),
            ({"disabled_reason": "LAZY"}, "'LAZY' is no DisabledReason; it is one of VOLUME_TOO_HIGH, VOLUME_UNKNOWN"),
            ({"email": "nobody"}, "EmailAddress must match"),
            ({"invited_at": NOON.replace(tzinfo=None)}, "has no time zone"),
            ({"updated_at": "yesterday"}, "A time is an aware datetime.datetime, not 'yesterday'"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, seed: Seed, world: World, arn: str, arguments: dict[str, Any], text: str
    ) -> None:
        """Before anything is done."""
        with refused(world, text):
            seed.member(**({"graph_arn": arn, "account_id": ANA} | arguments))

    def test_a_member_is_not_put_in_again(self, seed: Seed, world: World, arn: str) -> None:
        """The text says where it stands."""
        seed.member(arn, ANA, status="INVITED")
        with refused(world, f"{ANA} is in {arn} already, INVITED"):
            seed.member(arn, ANA)

    def test_a_graph_that_is_not_there_takes_nobody(self, seed: Seed, world: World) -> None:
        """The text lists those that are."""
        with refused(world, r"no behavior graph 'arn:x'; there is none\. Make one with seed\.graph\(\)"):
            seed.member("arn:x", ANA)
        arn = seed.graph()
        with refused(world, f"no behavior graph 'arn:x'; there is {arn}"):
            seed.member("arn:x", ANA)


class TestInvestigation:
    ROLE = f"arn:aws:iam::{ANA}:role/deploy"

    def test_one_is_put_into_a_graph(self, seed: Seed, world: World) -> None:
        """With what is given; its times are cut to the millisecond."""
        arn = seed.graph()
        created_at = (NOON - HOUR).replace(microsecond=1_999)
        found = world.investigation(
            arn, seed.investigation(arn, entity_arn=self.ROLE, severity="HIGH", created_at=created_at)
        )
        assert found is not None
        assert (found.severity, found.created_at) == ("HIGH", created_at.replace(microsecond=1_000))

    def test_one_to_come_is_prepared(self, seed: Seed, world: World) -> None:
        """For its entity in this graph."""
        arn = seed.graph()
        seed.investigation_outcome(arn, entity_arn=self.ROLE, status="FAILED")
        assert list(world.prepared) == [(arn, self.ROLE)]

    def test_a_graph_that_is_not_there_takes_none(self, seed: Seed, world: World) -> None:
        """Neither now nor later."""
        for method in (seed.investigation, seed.investigation_outcome):
            with refused(world, "no behavior graph 'arn:x'; there is none"):
                method("arn:x", entity_arn=self.ROLE)


class TestOrganization:
    def test_by_default_the_default_caller_manages_it(self, seed: Seed) -> None:
        """It has no other accounts, and no delegated administrator."""
        control = seed.organization()
        assert control.account_ids == (control.management_account_id,) == (DEFAULT,)
        assert control.delegated_administrator_id is None

    def test_accounts_may_be_listed(self, seed: Seed, world: World) -> None:
        """The management account comes first, wherever it is named."""
        control = seed.organization(SECURITY, [ANA, SECURITY])
        assert control.account_ids == (SECURITY, ANA)
        assert world.organization_of(ANA) == control.value

    def test_or_given_with_their_addresses(self, seed: Seed, world: World) -> None:
        """Which are then those of the accounts; None leaves what is known."""
        seed.account(BEN, email="ben@example.com")
        seed.organization(SECURITY, {SECURITY: "s@example.com", ANA: "ana@example.com", BEN: None})
        assert [world.account(each).email for each in (SECURITY, ANA, BEN)] == [
            "s@example.com",
            "ana@example.com",
            "ben@example.com",
        ]

    def test_there_may_be_several(self, seed: Seed) -> None:
        """Each with an id of its own."""
        first, second = seed.organization(SECURITY), seed.organization(ANA)
        assert first.organization_id != second.organization_id

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (("12",), "string of twelve digits, not '12'"),
            ((SECURITY, ["12"]), "string of twelve digits, not '12'"),
            ((SECURITY, {ANA: "nobody"}), "EmailAddress must match"),
        ],
    )
    def test_what_cannot_be_is_refused(self, seed: Seed, world: World, arguments: tuple[Any, ...], text: str) -> None:
        """Before anything is done."""
        with refused(world, text):
            seed.organization(*arguments)

    def test_an_account_is_in_one_only(self, seed: Seed, world: World) -> None:
        """The text names the one."""
        control = seed.organization(SECURITY, [ANA])
        with refused(world, f"{ANA} is in organization {control.organization_id} already; it can be in one only"):
            seed.organization(BEN, [ANA])


class Organizations:
    """Stands for a client of AWS Organizations that sees one organization of one account."""

    exceptions = type("exceptions", (), {"ClientError": RuntimeError})

    def describe_organization(self) -> dict[str, Any]:
        return {"Organization": {"Id": "o-live", "MasterAccountId": SECURITY}}

    def get_paginator(self, operation: str) -> Organizations:
        self.operation = operation
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Accounts": [{"Id": SECURITY}], "DelegatedAdministrators": []}]


class TestOrganizationFrom:
    def test_it_is_followed_from_now_on(self, seed: Seed, context: FakeContext) -> None:
        """Before each call."""
        control = seed.organization_from(Organizations())
        assert (control.organization_id, control.account_ids) == ("o-live", (SECURITY,))
        assert [type(each) for each in context.outside] == [LiveOrganization]


class TestOrganizationControl:
    def test_one_that_is_there_already_can_be_changed(self, seed: Seed) -> None:
        """By its id."""
        organization_id = seed.organization(SECURITY).organization_id
        seed.organization_control(organization_id).add_account(ANA, "ana@example.com")
        assert seed.organization_control(organization_id).account_ids == (SECURITY, ANA)

    def test_one_that_is_not_cannot(self, seed: Seed, world: World) -> None:
        """The text lists those there are."""
        with refused(world, "no organization 'o-x'; there is none"):
            seed.organization_control("o-x")
        known = seed.organization(SECURITY).organization_id
        with refused(world, f"no organization 'o-x'; there is {known}"):
            seed.organization_control("o-x")


class TestOrganizationThatChanges:
    @pytest.fixture
    def control(self, seed: Seed) -> OrganizationControl:
        return seed.organization("999999999999", [SECURITY, ANA])

    @pytest.fixture
    def arn(self, world: World, control: OrganizationControl) -> str:
        return an_organization_graph(world, control.value, account_id=SECURITY).arn

    def test_an_account_joins(self, control: OrganizationControl, world: World) -> None:
        """With the address that it will be known by."""
        control.add_account(BEN, "ben@example.com")
        assert control.account_ids[-1] == BEN
        assert world.account(BEN).email == "ben@example.com"

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (("12",), "string of twelve digits, not '12'"),
            ((BEN, "nobody"), "EmailAddress must match"),
            ((ANA, "ana@example.com"), f"{ANA} is in organization o-.* already; it can be in one only"),
        ],
    )
    def test_one_that_cannot_join_does_not(
        self, control: OrganizationControl, world: World, arguments: tuple[str, ...], text: str
    ) -> None:
        """Nothing is noted of it either."""
        with refused(world, text):
            control.add_account(*arguments)

    def test_an_account_leaves(self, control: OrganizationControl, seed: Seed, world: World, arn: str) -> None:
        """And with it the organization graph."""
        seed.member(arn, ANA)
        control.remove_account(ANA)
        assert ANA not in control.account_ids
        assert ANA not in world.rows(arn).rows

    def test_an_account_is_closed(self, control: OrganizationControl, seed: Seed, world: World, arn: str) -> None:
        """It leaves every graph, and stays in the organization."""
        seed.member(arn, ANA)
        control.close_account(ANA)
        assert ANA in control.account_ids
        assert world.account(ANA).closed
        assert ANA not in world.rows(arn).rows

    @pytest.mark.parametrize("method", [OrganizationControl.remove_account, OrganizationControl.close_account])
    @pytest.mark.parametrize(
        ("account_id", "text"),
        [
            (STRANGER, rf"{STRANGER} is not in organization o-.*; it has 999999999999, {SECURITY}, {ANA}\."),
            ("999999999999", "999999999999 is the management account of o-.* and cannot leave it"),
            ("12", "string of twelve digits, not '12'"),
        ],
    )
    def test_one_that_cannot_stays(
        self, control: OrganizationControl, world: World, method: Any, account_id: str, text: str
    ) -> None:
        """Neither strangers nor management."""
        with refused(world, text):
            method(control, account_id)

    @pytest.mark.usefixtures("arn")
    def test_the_delegated_administrator_is_deregistered(self, control: OrganizationControl, world: World) -> None:
        """Its organization graphs go."""
        assert control.value.delegated_administrator_id == SECURITY
        control.deregister_delegated_administrator()
        assert control.delegated_administrator_id is None
        assert not world.graphs

    def test_where_there_is_none_that_is_a_mistake(self, control: OrganizationControl, world: World) -> None:
        """Of the test."""
        with refused(world, "Organization o-.* has no delegated administrator for Detective"):
            control.deregister_delegated_administrator()

    def test_what_was_due_before_happens_first(
        self, control: OrganizationControl, seed: Seed, context: FakeContext, arn: str
    ) -> None:
        """At its own time: an invitation that was on its way still is sent."""
        seed.member(arn, STRANGER, status="VERIFICATION_IN_PROGRESS")
        context.clock.advance(HOUR)
        control.close_account(ANA)
        assert [email.sent_at for email in context.world.emails] == [NOON]

    def test_after_a_reset_it_is_no_longer_there(self, seed: Seed, world: World) -> None:
        """The text says what to do."""
        before = world.copy()
        control = seed.organization()
        world.become(before)
        with pytest.raises(FakeUsageError, match=r"Organization o-.* is no longer there; make one anew with seed\.org"):
            control.add_account(ANA)

    def test_without_a_check_it_takes_any_address(self, control: OrganizationControl, context: FakeContext) -> None:
        """Where it is made from parts."""
        OrganizationControl(context, control.organization_id).add_account(BEN, "nobody")
        assert context.world.account(BEN).email == "nobody"


class TestEveryStatus:
    @pytest.mark.parametrize("status", every_status_but(MemberStatus.INVITED, MemberStatus.VERIFICATION_FAILED))
    def test_organization_accounts_may_have_the_others(self, seed: Seed, world: World, status: MemberStatus) -> None:
        """And are sound in each."""
        arn = an_organization_graph(world).arn
        seed.member(arn, ANA, status=status.value)
        assert not violations(world)
