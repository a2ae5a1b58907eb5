"""`fake.seed`, and the objects that change an organization."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.controls.organizations import OrganizationControl
from detective_fake.controls.seed import UNCHANGED
from detective_fake.domain import enrolment
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.graph import DatasourcePackage, IngestState
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus
from detective_fake.domain.quotas import Behavior
from detective_fake.errors import FakeUsageError
from tests.builders import HOUR, MANAGEMENT, an_organization_graph, every_status_but
from tests.controls.contexts import ANA, BEN, DEFAULT, NOON, REGION, SECURITY, a_context, seed_on
from tests.invariants import violations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from detective_fake.controls.context import FakeContext
    from detective_fake.controls.seed import Seed
    from detective_fake.domain.membership import Membership, MemberStatusName
    from detective_fake.domain.world import World

STRANGER = "777777777777"
ELSEWHERE, GOVCLOUD = "eu-west-1", "us-gov-west-1"
CORE, EKS = DatasourcePackage.DETECTIVE_CORE, DatasourcePackage.EKS_AUDIT
TERABYTE = 10**12


@pytest.fixture
def context() -> FakeContext:
    return a_context()


@pytest.fixture
def world(context: FakeContext) -> Iterator[World]:
    """Yield the world, which must still be consistent afterwards."""
    yield context.world
    assert not violations(context.world)


@pytest.fixture
def seed(context: FakeContext) -> Seed:
    return seed_on(context)


@contextmanager
def refused(world: World, text: str) -> Iterator[None]:
    """Expect a `FakeUsageError` that begins with this text and changes nothing."""
    before = world.copy()
    with pytest.raises(FakeUsageError, match=f"^{text}"):
        yield
    assert world.copy() == before


def row_of(world: World, graph_arn: str, account_id: str = ANA) -> Membership:
    return world.rows(graph_arn).rows[account_id]


class TestAccount:
    def test_it_gets_the_given_attributes(self, seed: Seed, world: World) -> None:
        """All of them in one call."""
        seed.account(ANA, email="ana@example.com", daily_volume_bytes=7, verifies=False, guardduty=False)
        seed.account(ANA, guardduty_since=NOON - HOUR)
        account = world.account(ANA)
        assert (account.email, account.volumes) == ("ana@example.com", {CORE: 7})
        assert account.guardduty_since == NOON - HOUR
        seed.account(ANA, guardduty_since=None)
        assert world.account(ANA).guardduty_since is None
        assert (account.verifies, account.guardduty) == (False, False)

    def test_other_attributes_are_unchanged(self, seed: Seed, world: World) -> None:
        """None is a value: an unknown volume, or any address."""
        seed.account(ANA, email="ana@example.com", daily_volume_bytes={"EKS_AUDIT": 7})
        seed.account(ANA, verifies=False)
        assert (world.account(ANA).email, world.account(ANA).volumes) == ("ana@example.com", {EKS: 7})
        seed.account(ANA, email=None, daily_volume_bytes=None)
        assert (world.account(ANA).email, world.account(ANA).volumes) == (None, None)
        assert not world.account(ANA).verifies

    @pytest.mark.parametrize(
        ("values", "text"),
        [
            ({"account_id": "12"}, "account_id: .*'12'"),
            ({"verifies": "no"}, "verifies: expected True or False, got the string 'no'"),
            ({"closed": 1}, "closed: expected True or False, got the int 1"),
            ({"email": "nobody"}, "email: .*EmailAddress must match"),
            ({"email": f"{'x' * 60}@example.com"}, "email: .*EmailAddress must have length less than or equal to 64"),
            ({"guardduty_since": "now"}, "guardduty_since: .*'now'"),
            ({"daily_volume_bytes": -1}, "daily_volume_bytes.* -1"),
            ({"daily_volume_bytes": {"EKS": 1}}, "daily_volume_bytes: .*'EKS'"),
        ],
    )
    def test_invalid_values_are_refused(self, seed: Seed, world: World, values: dict[str, Any], text: str) -> None:
        """The valid ones in the same call are not set either."""
        with refused(world, text):
            given: dict[str, Any] = {"account_id": ANA, "verifies": False, **values}
            seed.account(**given)

    @pytest.mark.parametrize(
        ("change", "volume"),
        [({"daily_volume_bytes": 5}, 5), ({"daily_volume_bytes": None}, 0), ({"guardduty": False}, 0)],
    )
    def test_its_graphs_measure_it_again(self, seed: Seed, world: World, change: dict[str, Any], volume: int) -> None:
        """Every graph that has it enabled does so at once, in all Regions."""
        arns = [seed.graph(SECURITY, members=[ANA]), seed.graph(BEN, ELSEWHERE, members=[ANA])]
        seed.account(ANA, **change)
        assert [world.rows(arn).volume for arn in arns] == [volume, volume]
        assert not violations(world)

    def test_an_administrator_is_measured_in_its_own_organization_graph(self, seed: Seed, world: World) -> None:
        """There it has a membership."""
        graph = an_organization_graph(world)
        seed.account(graph.administrator_id, daily_volume_bytes=5)
        assert world.rows(graph.arn).volume == 5

    def test_an_administrator_is_not_measured_in_other_graphs(self, seed: Seed, world: World) -> None:
        """Its volume is read when it is needed."""
        arn = seed.graph(SECURITY)
        seed.account(SECURITY, daily_volume_bytes=5)
        assert enrolment.graph_volume(world, world.graphs[arn]) == 5

    def test_other_changes_measure_nothing(self, seed: Seed, world: World) -> None:
        """The membership is the same object."""
        arn = seed.graph(SECURITY, members=[ANA])
        before = row_of(world, arn)
        seed.account(ANA, email="ana@example.com")
        assert row_of(world, arn) is before

    def test_a_closed_administrator_is_designated_no_more(self, seed: Seed, world: World) -> None:
        """The list shows it until the change is visible."""
        graph = an_organization_graph(world)
        world.timings.administrator_visibility = HOUR
        seed.account(graph.administrator_id, closed=True)
        assert not world.designations
        assert [event.due for event in world.event_queue.events()] == [NOON + HOUR]

    def test_it_may_be_closed(self, seed: Seed, world: World) -> None:
        """A closed account leaves its graphs; it can be opened again."""
        arn = seed.graph(SECURITY, members=[ANA])
        seed.account(ANA, closed=True)
        assert ANA not in world.rows(arn).rows
        seed.account(ANA, closed=False)
        assert not world.account(ANA).closed

    def test_an_unknown_volume_may_be_written_out(self, seed: Seed, world: World) -> None:
        """The word "unknown" is the same as None."""
        seed.account(ANA, daily_volume_bytes="unknown")
        assert world.account(ANA).volumes is None

    def test_the_default_reads_well_in_a_signature(self) -> None:
        """`help()` shows `UNCHANGED`."""
        assert repr(UNCHANGED) == "UNCHANGED"


class TestGraph:
    def test_the_default_administrator_is_the_default_caller(self, seed: Seed, world: World) -> None:
        """In the fake's Region."""
        graph = world.graphs[seed.graph()]
        assert (graph.administrator_id, graph.region, graph.created_at) == (DEFAULT, REGION, NOON)

    def test_a_stack_of_cloudformation_may_have_created_it(self, seed: Seed, world: World) -> None:
        """Its tags begin with `aws:`."""
        tags = {"aws:cloudformation:stack-name": "security", "team": "blue"}
        assert world.graphs[seed.graph(tags=tags)].tags == tags

    def test_account_region_and_tags_may_be_given(self, seed: Seed, world: World) -> None:
        """The ARN has the partition of the Region."""
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

    def test_members_can_have_a_status(self, seed: Seed, world: World) -> None:
        """Given in a mapping."""
        arn = seed.graph(members={BEN: "INVITED", ANA: "VERIFICATION_FAILED"})
        assert [row.status.value for row in world.rows(arn).ordered()] == ["INVITED", "VERIFICATION_FAILED"]

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ({"administrator_id": 12}, 'administrator_id: .* Write it as a string: "000000000012"'),
            ({"administrator_id": ""}, "administrator_id: .*''"),
            ({"region": "us-west-7"}, "region: .*'us-west-7'.*'us-west-1'"),
            ({"tags": {"a b": "y"}}, "tags: Detective would not take this: CreateGraphRequest.Tags.* must match"),
            ({"tags": {"aws:a b": "y"}}, "tags: .*Tags.* must match"),
            ({"tags": ["a"]}, "tags: expected a mapping, got the list"),
            ({"members": ANA}, f"members: expected a mapping or a list of account IDs, got the string '{ANA}'"),
            ({"members": 2}, "members: expected a mapping or a list of account IDs, got the int 2"),
            ({"packages": "EKS_AUDIT"}, "packages: expected a mapping or a list of packages, got the string"),
            ({"packages": ["EKS"]}, "packages: .*'EKS'"),
            ({"packages": ["EKS_AUDIT"]}, "packages: DETECTIVE_CORE is not among the started packages"),
            (
                {"packages": {"DETECTIVE_CORE": {"stopped_at": NOON}}},
                "packages: DETECTIVE_CORE is not among the started packages; every graph ingests it",
            ),
            (
                {"packages": {"EKS_AUDIT": {"started": NOON}}},
                r"packages\[EKS_AUDIT\]: expected a mapping with started_at and stopped_at, got the dict {'started'",
            ),
            ({"packages": {"EKS_AUDIT": None}}, r"packages\[EKS_AUDIT\]: expected a mapping with started_at"),
            ({"packages": {"EKS_AUDIT": {"started_at": "now"}}}, "packages: started_at: .*'now'"),
            ({"packages": {"EKS_AUDIT": {"stopped_at": "now"}}}, "packages: stopped_at: .*'now'"),
            ({"created_at": "now"}, "created_at: .*'now'"),
            ({"auto_enable": True}, "auto_enable: only an organization behavior graph has it; set organization_graph"),
            ({"auto_enable": "no"}, "auto_enable: expected True or False"),
            ({"organization_graph": 1}, "organization_graph: expected True or False"),
            (
                {"organization_graph": True},
                f"organization_graph: {DEFAULT} is in no organization; add it with seed.org",
            ),
            ({"tags": {str(number): "" for number in range(51)}}, r"tags: .*Tags must have length .* 50. Found 51\."),
            ({"members": [ANA, "12"]}, "members: .*'12'"),
            ({"members": {ANA: "ENABLED", BEN: "GONE"}}, "members: .*'GONE'.* INVITED, VERIF"),
            ({"members": [ANA, DEFAULT]}, f"members: Account {DEFAULT} administers this behavior graph and cannot be"),
        ],
    )
    def test_invalid_arguments_are_refused(
        self, seed: Seed, world: World, arguments: dict[str, Any], text: str
    ) -> None:
        """And nothing changes."""
        with refused(world, text):
            seed.graph(**arguments)

    def test_the_creation_time_may_be_given(self, seed: Seed, world: World) -> None:
        """The packages are ingested since then."""
        graph = world.graphs[seed.graph(created_at=NOON - HOUR, packages=["DETECTIVE_CORE", "EKS_AUDIT"])]
        assert graph.created_at == NOON - HOUR
        assert graph.started == (CORE, EKS)
        assert {at for ingest in graph.packages.values() for at in ingest.changes.values()} == {NOON - HOUR}

    @pytest.mark.parametrize(("stopped_at", "state"), [(NOON - 2 * HOUR, "STARTED"), (NOON, "STOPPED")])
    def test_packages_may_have_a_history(self, seed: Seed, world: World, stopped_at: datetime, state: str) -> None:
        """A package that stopped after it started is stopped now."""
        times = {"started_at": NOON - HOUR, "stopped_at": stopped_at}
        packages: Any = {"DETECTIVE_CORE": {}, "EKS_AUDIT": times}
        ingest = world.graphs[seed.graph(packages=packages)].packages[EKS]
        assert (ingest.state.value, ingest.changes) == (state, {"STARTED": NOON - HOUR, "STOPPED": stopped_at})

    def test_an_account_has_one_graph_in_each_region(self, seed: Seed, world: World) -> None:
        """The error names the existing graph."""
        arn = seed.graph()
        advice = "An account has one graph in each Region. Use that one, or another account or Region"
        with refused(world, f"Account {DEFAULT} administers a behavior graph in us-east-1 already, {arn}. {advice}"):
            seed.graph()
        seed.graph(region=ELSEWHERE)


class TestMember:
    @pytest.fixture
    def arn(self, seed: Seed) -> str:
        return seed.graph()

    def test_by_default_it_is_enabled(self, seed: Seed, world: World, arn: str) -> None:
        """It is invited now, at a made-up address."""
        seed.member(arn, ANA)
        row = row_of(world, arn)
        assert (row.status, row.invitation_type) == (MemberStatus.ENABLED, InvitationType.INVITATION)
        assert row.invited_at == row.updated_at == NOON
        assert row.email == f"root@{ANA}.example.com"
        assert row.usage is not None

    def test_times_may_be_given(self, seed: Seed, world: World, arn: str) -> None:
        """They are cut to milliseconds."""
        seed.member(arn, ANA, invited_at=NOON - 2 * HOUR, updated_at=(NOON - HOUR).replace(microsecond=1_999))
        row = row_of(world, arn)
        assert (row.invited_at, row.updated_at) == (NOON - 2 * HOUR, (NOON - HOUR).replace(microsecond=1_000))

    def test_the_default_address_is_that_of_the_account(self, seed: Seed, world: World, arn: str) -> None:
        """Another one can be given."""
        seed.account(ANA, email="ana@example.com")
        seed.account(BEN, email="ben@example.com")
        seed.member(arn, ANA)
        seed.member(arn, BEN, email="other@example.com")
        assert (row_of(world, arn, ANA).email, row_of(world, arn, BEN).email) == (
            "ana@example.com",
            "other@example.com",
        )

    def test_quotas_do_not_apply(self, seed: Seed, world: World, arn: str) -> None:
        """A test can start with a graph that is over its limits."""
        world.quotas.members_per_graph = 1
        seed.account(ANA, daily_volume_bytes=20 * TERABYTE)
        seed.member(arn, ANA)
        seed.member(arn, BEN)
        assert world.rows(arn).enabled == 2

    @pytest.mark.parametrize("status", [status.value for status in MemberStatus])
    def test_every_status_leads_to_a_consistent_world(
        self, seed: Seed, world: World, arn: str, status: MemberStatusName
    ) -> None:
        """The events that would be pending are."""
        seed.member(arn, ANA, status=status)
        assert row_of(world, arn).status.value == status
        assert not violations(world)

    def test_a_verification_in_progress_goes_on(self, seed: Seed, world: World, arn: str) -> None:
        """As after `CreateMembers`: an e-mail is sent."""
        seed.member(arn, ANA, status="VERIFICATION_IN_PROGRESS")
        run_due_events(world, NOON)
        assert row_of(world, arn).status is MemberStatus.INVITED
        assert [email.account_id for email in world.emails] == [ANA]

    @pytest.mark.parametrize(("volume", "reason"), [(None, "VOLUME_UNKNOWN"), (20 * TERABYTE, "VOLUME_TOO_HIGH")])
    def test_the_reason_of_a_disabled_member_follows_from_its_volume(
        self, seed: Seed, world: World, arn: str, volume: int | None, reason: str
    ) -> None:
        """The member is checked hourly."""
        seed.account(ANA, daily_volume_bytes=volume)
        seed.member(arn, ANA, status="ACCEPTED_BUT_DISABLED")
        assert row_of(world, arn).disabled_reason is DisabledReason(reason)
        seed.account(ANA, daily_volume_bytes=5)
        run_due_events(world, NOON + HOUR)
        assert row_of(world, arn).status is MemberStatus.ENABLED

    def test_the_reason_can_be_given(self, seed: Seed, world: World, arn: str) -> None:
        """It stays until the next check."""
        seed.member(arn, ANA, status="ACCEPTED_BUT_DISABLED", disabled_reason="VOLUME_UNKNOWN")
        assert row_of(world, arn).disabled_reason is DisabledReason.VOLUME_UNKNOWN

    def test_an_organization_account_is_added_as_one(self, seed: Seed, world: World) -> None:
        """Other accounts are invited."""
        arn = an_organization_graph(world).arn
        seed.member(arn, ANA)
        seed.member(arn, STRANGER)
        kinds = [row.invitation_type.value for row in world.rows(arn).ordered()]
        assert kinds == ["ORGANIZATION", "ORGANIZATION", "INVITATION"]
        assert not violations(world)

    def test_an_organization_account_is_enabled_after_its_verification(self, seed: Seed, world: World) -> None:
        """No e-mail is sent."""
        arn = an_organization_graph(world).arn
        seed.member(arn, ANA, status="VERIFICATION_IN_PROGRESS")
        run_due_events(world, NOON)
        assert row_of(world, arn).status is MemberStatus.ENABLED
        assert not world.emails

    @pytest.mark.parametrize("status", ["INVITED", "VERIFICATION_FAILED"])
    def test_an_organization_account_is_never_invited(self, seed: Seed, world: World, status: MemberStatusName) -> None:
        """And its verification never fails."""
        arn = an_organization_graph(world).arn
        with refused(world, f"Account {ANA} belongs to the graph's organization and so is never {status}"):
            seed.member(arn, ANA, status=status)

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ({"account_id": "12"}, "account_id: .*'12'"),
            ({"account_id": DEFAULT}, f"Account {DEFAULT} administers this behavior graph and cannot be its member"),
            ({"status": "GONE"}, "status: .*'GONE'.* INVITED, VERIF"),
            ({"disabled_reason": "VOLUME_UNKNOWN"}, f"disabled_reason: only an ACCEPTED.* has it; {ANA} is ENABLED"),
            ({"disabled_reason": "LAZY"}, "disabled_reason: .*'LAZY'.* VOLUME_TOO_HIGH, VOLUME_UNKNOWN"),
            ({"status": "INVITED", "enabling": True}, f"enabling: only an ACCEPTED.* has it; {ANA} is INVITED"),
            ({"status": "ACCEPTED_BUT_DISABLED", "enabling": 1}, "enabling: expected True or False"),
            ({"email": "nobody"}, "email: .*EmailAddress must match"),
            ({"invited_at": NOON.replace(tzinfo=None)}, "invited_at: .*tzinfo"),
            ({"updated_at": "yesterday"}, "updated_at: .*'yesterday'"),
        ],
    )
    def test_invalid_arguments_are_refused(
        self, seed: Seed, world: World, arn: str, arguments: dict[str, Any], text: str
    ) -> None:
        """And nothing changes."""
        with refused(world, text):
            seed.member(**({"graph": arn, "account_id": ANA} | arguments))

    def test_a_member_cannot_be_added_again(self, seed: Seed, world: World, arn: str) -> None:
        """The error has its status."""
        seed.member(arn, ANA, status="INVITED")
        with refused(world, f"Account {ANA} is in {arn} already; it is INVITED"):
            seed.member(arn, ANA)

    def test_an_unknown_graph_is_refused(self, seed: Seed, world: World) -> None:
        """The error lists the known ones."""
        with refused(world, r"There is no behavior graph 'arn:x'\. Known graphs: none\. Add one with seed\.graph\(\)"):
            seed.member("arn:x", ANA)
        arn = seed.graph()
        with refused(world, f"There is no behavior graph 'arn:x'. Known graphs: {arn}"):
            seed.member("arn:x", ANA)
        other = seed.graph(BEN)
        with refused(world, f"There is no behavior graph 'arn:x'. Known graphs: {arn}, {other}. "):
            seed.member("arn:x", ANA)

    def test_an_enabling_member_is_enabled_later(self, seed: Seed, world: World, arn: str) -> None:
        """After the timing `enabling`; until then its volume is unknown."""
        world.timings.enabling = 2 * HOUR
        seed.member(arn, ANA, status="ACCEPTED_BUT_DISABLED", enabling=True)
        assert row_of(world, arn).disabled_reason is DisabledReason.VOLUME_UNKNOWN
        assert not violations(world)
        run_due_events(world, NOON + HOUR)
        assert row_of(world, arn).status is MemberStatus.ACCEPTED_BUT_DISABLED
        run_due_events(world, NOON + 2 * HOUR)
        assert row_of(world, arn).status is MemberStatus.ENABLED

    def test_a_graph_may_be_given_as_a_value(self, seed: Seed, world: World, arn: str) -> None:
        """All functions take a graph as well as its ARN."""
        graph = world.graphs[arn]
        seed.member(graph, ANA)
        seed.investigation_outcome(graph, entity_arn=TestInvestigation.ROLE)
        seed.investigation(graph, entity_arn=TestInvestigation.ROLE)
        assert row_of(world, arn).status is MemberStatus.ENABLED


class TestDesignations:
    def test_accounts_are_designated(self, seed: Seed, world: World) -> None:
        """They get organization graphs, and the list shows them. One becomes the delegated administrator."""
        control = seed.organization(DEFAULT, [SECURITY], designations={REGION: SECURITY, ELSEWHERE: DEFAULT})
        run_due_events(world, NOON)
        listed = {region: each.administrator_id for (region, _), each in world.listed.items()}
        assert listed == {REGION: SECURITY, ELSEWHERE: DEFAULT}
        assert control.delegated_administrator_id == SECURITY
        assert {graph.organization_id for graph in world.graphs.values()} == {control.organization_id}
        assert not violations(world)

    @pytest.mark.parametrize(
        ("designations", "text"),
        [
            ({"us-fake-1": SECURITY}, "designations: There is no Detective in Region 'us-fake-1'"),
            (
                {REGION: STRANGER},
                f"designations: Account {STRANGER} is not in organization .* Its accounts are {DEFAULT}, ",
            ),
            ({REGION: SECURITY, ELSEWHERE: ANA}, f"Account {ANA} is neither the delegated .*, {SECURITY}, nor"),
            ([REGION], "designations: expected a mapping of Regions to account IDs, got the list"),
        ],
    )
    def test_others_are_refused(self, seed: Seed, world: World, designations: Any, text: str) -> None:
        """Then there is no organization."""
        with pytest.raises(FakeUsageError, match=text):
            seed.organization(DEFAULT, [SECURITY, ANA], designations=designations)
        assert not world.organizations
        assert not world.graphs


class TestSuspension:
    def test_no_data_is_ingested_from_the_account(self, seed: Seed, world: World) -> None:
        """It stays a member, and its volume counts again when it is active again."""
        arn = seed.graph(members=[ANA])
        seed.account(ANA, suspended=True)
        usage = row_of(world, arn).usage
        assert usage is not None
        assert (row_of(world, arn).status, usage.total) == (MemberStatus.ENABLED, 0)
        seed.account(ANA, suspended=False)
        assert world.rows(arn).volume == 10**9

    def test_no_data_is_ingested_into_its_graph(self, seed: Seed, world: World) -> None:
        """The packages are disabled, until the account is active again."""
        arn = seed.graph()
        for suspended, state in ((True, IngestState.DISABLED), (False, IngestState.STARTED)):
            seed.account(DEFAULT, suspended=suspended)
            assert world.graphs[arn].packages[CORE].state is state


class TestTooMuchData:
    @pytest.mark.parametrize("account_id", [ANA, DEFAULT])
    def test_the_ingest_stops_at_once(self, seed: Seed, world: World, account_id: str) -> None:
        """When the volume of a member or of the administrator grows, and when such an account is added."""
        arn = seed.graph(members=[ANA])
        seed.account(account_id, daily_volume_bytes=16 * TERABYTE)
        assert world.graphs[arn].packages[CORE].state is IngestState.DISABLED
        own, other = seed.graph(account_id, ELSEWHERE), seed.graph(BEN, members=[account_id])
        for each in (own, other):
            assert world.graphs[each].packages[CORE].state is IngestState.DISABLED
        seed.account(account_id, daily_volume_bytes=1)
        assert world.graphs[arn].packages[CORE].state is IngestState.STARTED


class TestBehavior:
    def test_the_administrator_may_be_listed(self, seed: Seed, world: World) -> None:
        """With its volume of all packages."""
        world.behavior = Behavior(administrator_listed=True)
        seed.account(DEFAULT, daily_volume_bytes={"DETECTIVE_CORE": 1, "EKS_AUDIT": 2})
        arn = seed.graph(packages=["DETECTIVE_CORE", "EKS_AUDIT"])
        usage = row_of(world, arn, DEFAULT).usage
        assert usage is not None
        assert usage.total == 3


class TestOrganizationGraph:
    def test_the_administrator_is_designated(self, seed: Seed, world: World) -> None:
        """It becomes the delegated administrator, and is listed first among the members."""
        control = seed.organization(DEFAULT, [SECURITY, ANA])
        arn = seed.graph(SECURITY, organization_graph=True, auto_enable=True, members=[ANA, STRANGER])
        assert control.delegated_administrator_id == SECURITY
        assert world.graphs[arn].auto_enable
        rows = [(row.account_id, row.invitation_type.value) for row in world.rows(arn).ordered()]
        assert rows == [(SECURITY, "ORGANIZATION"), (ANA, "ORGANIZATION"), (STRANGER, "INVITATION")]
        run_due_events(world, NOON)
        assert world.listed == world.designations
        assert not violations(world)

    def test_a_registered_administrator_is_the_only_one(self, seed: Seed, world: World) -> None:
        """Except the management account."""
        seed.organization(DEFAULT, [SECURITY, ANA], delegated_administrator_id=SECURITY)
        with refused(world, f"organization_graph: .* Account {ANA} is neither the delegated .*, {SECURITY}, nor"):
            seed.graph(ANA, organization_graph=True)
        seed.graph(DEFAULT, organization_graph=True)
        with refused(world, f"organization_graph: .* Account {DEFAULT} is already the Detective administrator"):
            seed.graph(SECURITY, organization_graph=True)
        seed.graph(SECURITY, ELSEWHERE, organization_graph=True)

    def test_an_administrator_without_its_graph_gets_another(self, seed: Seed, world: World) -> None:
        """It is still designated."""
        seed.organization(DEFAULT, [SECURITY])
        world.delete_graph(world.graphs[seed.graph(SECURITY, organization_graph=True)])
        arn = seed.graph(SECURITY, organization_graph=True)
        assert world.graphs[arn].organization_id is not None
        assert not violations(world)

    @pytest.mark.parametrize("status", ["INVITED", "VERIFICATION_FAILED"])
    def test_a_refused_member_leaves_no_graph_behind(self, seed: Seed, world: World, status: MemberStatusName) -> None:
        """Its status is impossible; the organization has no administrator either."""
        seed.organization(DEFAULT, [SECURITY, ANA])
        with refused(world, f"members: Account {ANA} belongs to the graph's organization and so is never {status}"):
            seed.graph(SECURITY, organization_graph=True, members={STRANGER: "INVITED", ANA: status})


class TestInvestigation:
    ROLE = f"arn:aws:iam::{ANA}:role/deploy"

    def test_it_is_added_to_the_graph(self, seed: Seed, world: World) -> None:
        """With the given attributes; its times are cut to milliseconds."""
        arn = seed.graph()
        created_at = (NOON - HOUR).replace(microsecond=1_999)
        found = world.investigation(
            arn, seed.investigation(arn, entity_arn=self.ROLE, severity="HIGH", created_at=created_at)
        )
        assert found is not None
        assert (found.severity, found.created_at) == ("HIGH", created_at.replace(microsecond=1_000))

    def test_it_may_have_failed(self, seed: Seed, world: World) -> None:
        """Then it does not finish later."""
        arn = seed.graph()
        investigation_id = seed.investigation(arn, entity_arn=self.ROLE, status="FAILED", state="ARCHIVED")
        found = world.investigation(arn, investigation_id)
        assert found is not None
        assert (found.status, found.state, found.severity) == ("FAILED", "ARCHIVED", None)
        assert world.event_queue.events() == []

    def test_an_outcome_is_set(self, seed: Seed, world: World) -> None:
        """For its entity in this graph."""
        arn = seed.graph()
        seed.investigation_outcome(arn, entity_arn=self.ROLE, status="FAILED")
        assert list(world.prepared) == [(arn, self.ROLE)]

    def test_an_unknown_graph_is_refused(self, seed: Seed, world: World) -> None:
        """By both functions."""
        for method in (seed.investigation, seed.investigation_outcome):
            with refused(world, "There is no behavior graph 'arn:x'. Known graphs: none"):
                method("arn:x", entity_arn=self.ROLE)


class TestOrganization:
    def test_the_default_caller_is_the_management_account(self, seed: Seed) -> None:
        """It has no other accounts, and no delegated administrator."""
        control = seed.organization()
        assert control.account_ids == (control.management_account_id,) == (DEFAULT,)
        assert control.delegated_administrator_id is None

    def test_accounts_may_be_listed(self, seed: Seed, world: World) -> None:
        """The management account comes first."""
        control = seed.organization(SECURITY, [ANA, SECURITY])
        assert control.account_ids == (SECURITY, ANA)
        assert world.organization_of(ANA) == control.value

    def test_accounts_may_have_addresses(self, seed: Seed, world: World) -> None:
        """They become the addresses of the accounts; None changes nothing."""
        seed.account(BEN, email="ben@example.com")
        seed.organization(SECURITY, {SECURITY: "s@example.com", ANA: "ana@example.com", BEN: None})
        assert [world.account(each).email for each in (SECURITY, ANA, BEN)] == [
            "s@example.com",
            "ana@example.com",
            "ben@example.com",
        ]

    def test_there_may_be_several(self, seed: Seed) -> None:
        """With different IDs."""
        first, second = seed.organization(SECURITY), seed.organization(ANA)
        assert first.organization_id != second.organization_id

    def test_its_id_comes_from_the_seed_of_the_fake(self, seed: Seed, world: World) -> None:
        """The same test gets the same IDs."""
        found = [seed_on(a_context(id_seed=each)).organization().organization_id for each in (0, 0, 1)]
        assert found == ["o-ff83ca6275", "o-ff83ca6275", "o-a507f0244e"]
        seed.organization()
        assert world.counts == {("organization", ""): 1}

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (("12",), "management_account_id: .*'12'"),
            ((SECURITY, ["12"]), "accounts: .*'12'"),
            ((SECURITY, ANA), "accounts: expected a mapping or a list of account IDs, got the string"),
            ((SECURITY, {ANA: "nobody"}), "accounts: .*EmailAddress must match"),
        ],
    )
    def test_invalid_arguments_are_refused(
        self, seed: Seed, world: World, arguments: tuple[Any, ...], text: str
    ) -> None:
        """And nothing changes."""
        with refused(world, text):
            seed.organization(*arguments)

    @pytest.mark.parametrize(
        ("account_id", "text"),
        [(STRANGER, f"not in organization o-.*. Its accounts are {SECURITY}"), (SECURITY, "the management account of")],
    )
    def test_the_delegated_administrator_is_another_account_of_it(
        self, seed: Seed, world: World, account_id: str, text: str
    ) -> None:
        """Neither an account outside the organization nor the management account."""
        for accounts in ([ANA], []):
            with refused(world, f"delegated_administrator_id: Account {account_id} is {text}"):
                seed.organization(SECURITY, accounts, delegated_administrator_id=account_id)

    def test_an_account_is_in_one_organization(self, seed: Seed, world: World) -> None:
        """The error names it."""
        control = seed.organization(SECURITY, [ANA])
        with refused(
            world, f"Account {ANA} is in organization {control.organization_id} already; it can be in one only"
        ):
            seed.organization(BEN, [ANA])


class TestOrganizationControl:
    def test_an_existing_organization_can_be_changed(self, seed: Seed) -> None:
        """By its ID."""
        organization_id = seed.organization(SECURITY).organization_id
        seed.organization_control(organization_id).add_account(ANA, "ana@example.com")
        assert seed.organization_control(organization_id).account_ids == (SECURITY, ANA)

    def test_an_unknown_organization_is_refused(self, seed: Seed, world: World) -> None:
        """The error lists the known ones."""
        with refused(world, "There is no organization 'o-x'. Expected one of: none"):
            seed.organization_control("o-x")
        known = seed.organization(SECURITY).organization_id
        with refused(world, f"There is no organization 'o-x'. Expected one of: {known}"):
            seed.organization_control("o-x")
        other = seed.organization(BEN).organization_id
        with refused(world, f"There is no organization 'o-x'. Expected one of: {known}, {other}\\."):
            seed.organization_control("o-x")


class TestOrganizationThatChanges:
    @pytest.fixture
    def control(self, seed: Seed) -> OrganizationControl:
        return seed.organization("999999999999", [SECURITY, ANA])

    @pytest.fixture
    def arn(self, world: World, control: OrganizationControl) -> str:
        return an_organization_graph(world, control.value, account_id=SECURITY).arn

    def test_an_account_joins(self, control: OrganizationControl, world: World) -> None:
        """Its address becomes the account's."""
        control.add_account(BEN, "ben@example.com")
        assert control.account_ids[-1] == BEN
        assert world.account(BEN).email == control.value.accounts[BEN] == "ben@example.com"

    def test_an_account_that_joins_is_enabled_automatically(
        self, control: OrganizationControl, world: World, arn: str
    ) -> None:
        """If the organization graph has that."""
        world.put_graph(attrs.evolve(world.graphs[arn], auto_enable=True))
        control.add_account(BEN)
        assert row_of(world, arn, BEN).invited_at == NOON

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            (("12",), "An AWS account ID is a string of twelve digits, not '12'"),
            ((BEN, "nobody"), "email: .*EmailAddress must match"),
            ((ANA, "ana@example.com"), f"Account {ANA} is in organization o-.* already; it can be in one only"),
        ],
    )
    def test_an_account_that_cannot_join_is_refused(
        self, control: OrganizationControl, world: World, arguments: tuple[str, ...], text: str
    ) -> None:
        """Nothing changes."""
        with refused(world, text):
            control.add_account(*arguments)

    def test_an_account_leaves(self, control: OrganizationControl, seed: Seed, world: World, arn: str) -> None:
        """It leaves the organization graph as well."""
        seed.member(arn, ANA)
        control.remove_account(ANA)
        assert ANA not in control.account_ids
        assert ANA not in world.rows(arn).rows

    @pytest.mark.usefixtures("arn")
    def test_an_administrator_leaves(self, control: OrganizationControl, world: World) -> None:
        """Its organization graph is deleted."""
        control.remove_account(SECURITY)
        assert (world.graphs, world.designations) == ({}, {})

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
            (
                STRANGER,
                rf"Account {STRANGER} is not in organization o-\w+\. Its accounts are {MANAGEMENT}, {SECURITY}, ",
            ),
            (
                MANAGEMENT,
                f"Account {MANAGEMENT} is the management account of o-.*, which cannot leave it, be closed or",
            ),
            ("12", "An AWS account ID is a string of twelve digits, not '12'"),
        ],
    )
    def test_an_account_that_cannot_leave_is_refused(
        self, control: OrganizationControl, world: World, method: Any, account_id: str, text: str
    ) -> None:
        """Other accounts and the management account cannot leave."""
        with refused(world, text):
            method(control, account_id)

    def test_a_closed_administrator_loses_its_graph(self, control: OrganizationControl, world: World, arn: str) -> None:
        """And its designation. It stays registered."""
        control.close_account(SECURITY)
        assert arn not in world.graphs
        assert not world.designations
        assert control.delegated_administrator_id == SECURITY

    def test_a_delegated_administrator_is_registered(self, control: OrganizationControl, world: World) -> None:
        """Again, or another one after it has been deregistered."""
        control.register_delegated_administrator(ANA)
        control.register_delegated_administrator(ANA)
        with refused(world, f"Account {ANA} is the delegated administrator; deregister it first"):
            control.register_delegated_administrator(SECURITY)
        with refused(world, ".*, which cannot leave it, be closed or be the delegated administrator"):
            control.register_delegated_administrator(MANAGEMENT)
        control.deregister_delegated_administrator()
        control.register_delegated_administrator(SECURITY)
        assert control.delegated_administrator_id == SECURITY

    @pytest.mark.usefixtures("arn")
    def test_the_delegated_administrator_is_deregistered(self, control: OrganizationControl, world: World) -> None:
        """Its organization graphs are deleted."""
        assert control.value.delegated_administrator_id == SECURITY
        control.deregister_delegated_administrator()
        assert control.delegated_administrator_id is None
        assert not world.graphs

    def test_without_a_delegated_administrator_that_is_an_error(
        self, control: OrganizationControl, world: World
    ) -> None:
        """The error names the organization."""
        with refused(world, "Organization o-.* has no delegated administrator for Detective"):
            control.deregister_delegated_administrator()

    def test_due_events_run_first(
        self, control: OrganizationControl, seed: Seed, context: FakeContext, arn: str
    ) -> None:
        """At the time when they were due: the invitation is still sent."""
        seed.member(arn, STRANGER, status="VERIFICATION_IN_PROGRESS")
        context.clock.advance(HOUR)
        control.close_account(ANA)
        assert [email.sent_at for email in context.world.emails] == [NOON]

    def test_after_a_reset_it_does_not_exist(self, seed: Seed, world: World) -> None:
        """The error tells what to do."""
        before = world.copy()
        control = seed.organization()
        world.become(before)
        with pytest.raises(FakeUsageError, match=r"Organization o-.* does not exist any more; add one with seed\.org"):
            control.add_account(ANA)


class TestEveryStatus:
    @pytest.mark.parametrize("status", every_status_but(MemberStatus.INVITED, MemberStatus.VERIFICATION_FAILED))
    def test_organization_accounts_may_have_the_other_statuses(
        self, seed: Seed, world: World, status: MemberStatus
    ) -> None:
        """And the world is consistent."""
        arn = an_organization_graph(world).arn
        seed.member(arn, ANA, status=status)  # type: ignore[arg-type]  # members of the enum are accepted as well
        assert not violations(world)
