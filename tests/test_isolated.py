"""`fake.isolated()`, `snapshot`, `restore`: what they cover, and what ends with a fake."""

# ruff: noqa: SLF001 - "everything" has parts without public names

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

import detective_fake
from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.errors import UnusedFaults
from tests.builders import ADMINISTRATOR, ANA, BEN, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from detective_fake.controls.overrides import OverriddenCall

PACKAGE = str(Path(detective_fake.__file__).parent)


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    """Return a fake with some of everything."""
    with DetectiveFake(ADMINISTRATOR, timings={"verification": timedelta(hours=1)}) as fake:
        fake.clock.freeze(NOON)
        fake.seed.graph(members={ANA: "INVITED"})
        fake.faults.add("ListGraphs", latency=timedelta(seconds=1), times=3)
        fake.deny("detective:DeleteGraph")
        fake.on("GetMembers")(unanswered)
        fake.client().list_graphs()
        fake.faults.add("ListGraphs", error="ThrottlingException")
        with pytest.raises(fake.client().exceptions.AccessDeniedException):
            fake.client().delete_graph(GraphArn=fake.graphs[0].arn)
        fake.client().list_graphs()
        fake.client().get_members(GraphArn=fake.graphs[0].arn, AccountIds=[ANA])
        yield fake


def unanswered(_call: OverriddenCall) -> None:
    """Leave the answer to the fake."""


def everything(fake: DetectiveFake) -> tuple[Any, ...]:
    """Return all that a test can see of a fake."""
    return (
        fake.snapshot(),
        str(fake.calls),
        [call.request_id for call in fake.calls],
        (repr(fake.faults), repr(fake.denials), repr(fake._overrides)),
        (list(fake.faults.active), list(fake.denials.active), list(fake._overrides.active)),
        [fault.matching_calls for fault in fake.faults],
        (fake.account_id, list(fake.emails), fake.backoffs, fake.pending),
        list(fake._context.outside),
        {key: id(client) for key, client in fake._clients.items()},
    )


def change_everything(fake: DetectiveFake) -> None:
    """Change every part of a fake."""
    arn = fake.graphs[0].arn
    accounts: Any = [{"AccountId": BEN, "EmailAddress": "ben@example.com"}]
    fake.client().create_members(GraphArn=arn, Accounts=accounts)
    fake.settle()
    fake.client(ANA).accept_invitation(GraphArn=arn)
    fake.client(BEN, "eu-west-1").create_graph()
    fake.seed.organization("999999999999", [BEN])
    fake.clock.advance(days=1)
    fake.clock.unfreeze()
    fake.quotas.members_per_graph = 3
    fake.timings.enabling = None
    fake.account_id = BEN
    with fake.deny("detective:List*"), pytest.raises(fake.client().exceptions.AccessDeniedException):
        fake.client().list_graphs()
    for fault in list(fake.faults):
        fault.remove()
    fake.on("ListInvitations")(lambda _: {"Invitations": []})
    fake.client().list_invitations()
    fake.faults.add("ListGraphs", error="ThrottlingException")
    fake.client().list_graphs()
    fake.forget_calls(keep=2)


class TestIsolated:
    def test_takes_everything_back(self, fake: DetectiveFake) -> None:
        """State, clock, faults, denials, overrides, quotas, timings, caller, journal, e-mails, backoffs, clients."""
        before = everything(fake)
        with fake.isolated() as isolated:
            assert isolated is fake
            assert everything(fake)[:-1] == before[:-1]
            change_everything(fake)
            for one, other in zip(everything(fake), before, strict=True):
                assert one != other or one == []
        assert everything(fake) == before

    def test_a_second_block_sees_the_same(self, fake: DetectiveFake) -> None:
        """IDs of graphs, organizations and requests included."""
        seen = []
        for _ in range(2):
            with fake.isolated():
                graph_arn = fake.client(BEN).create_graph()["GraphArn"]
                organization_id = fake.seed.organization("999999999999").organization_id
                seen.append((graph_arn, organization_id, fake.calls[-1].request_id))
        assert seen[0] == seen[1]

    def test_blocks_nest(self, fake: DetectiveFake) -> None:
        """Each takes back its own changes."""
        with fake.isolated():
            fake.seed.graph(ANA)
            outer = everything(fake)
            with fake.isolated():
                change_everything(fake)
            assert everything(fake) == outer
        assert len(fake.graphs) == 1

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, LookupError, GeneratorExit])
    def test_an_exception_leaves_nothing(self, fake: DetectiveFake, kind: type[BaseException]) -> None:
        """Also one in the middle of a call, after the operation has changed the state."""
        before = everything(fake)

        def interrupt() -> None:
            raise kind

        def change() -> None:
            with fake.isolated():
                change_everything(fake)
                fake.faults.add("CreateGraph", callback=interrupt, when="after")
                fake.client(ANA, "eu-west-1").create_graph()

        with pytest.raises(kind):
            change()
        assert everything(fake) == before

    def test_clients_of_the_block_are_its_own(self, fake: DetectiveFake) -> None:
        """A handler that the block registers does not stay."""
        client = fake.client()
        with fake.isolated():
            assert fake.client() is not client
            assert fake.client() is fake.client()
        assert fake.client() is client

    def test_works_before_the_start(self) -> None:
        """A world can be prepared once and changed for a while."""
        fake = DetectiveFake()
        with fake.isolated():
            fake.seed.graph()
        assert fake.graphs == ()


class Interrupter:
    """Raises KeyboardInterrupt at one of the functions of this package that are called, counted from 0."""

    def __init__(self, step: int) -> None:
        self.remaining = step

    # Python traces no function that it calls for its profiler, so coverage cannot see this one.
    def __call__(self, frame: FrameType, event: str, _: object) -> None:  # pragma: no cover
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            self.remaining -= 1
            if self.remaining == -1:
                raise KeyboardInterrupt


class TestInterrupts:
    def test_at_the_end_of_a_block(self, fake: DetectiveFake) -> None:
        """Wherever it is interrupted, everything is taken back first."""
        client = fake.client()
        before, step, ended = everything(fake), 0, False
        while not ended:
            try:
                with fake.isolated():
                    client.list_graphs()
                    fake.seed.graph(BEN)
                    fake.clock.advance(days=1)
                    fake.faults.clear()
                    sys.setprofile(Interrupter(step))
                ended = True
            except KeyboardInterrupt:
                step += 1
            finally:
                sys.setprofile(None)
            assert everything(fake) == before
        assert step > 10


class TestUnusedRules:
    def test_of_the_block_are_an_error_at_its_end(self, fake: DetectiveFake) -> None:
        """The report names the line that added the fault. Everything is taken back nevertheless."""
        before = everything(fake)
        with (
            pytest.raises(UnusedFaults, match=rf"1 fault was never used:\n.*\n(.*\n)*    Added at {__file__}:[0-9]+\."),
            fake.isolated(),
        ):
            fake.faults.add("DeleteMembers", error="ConflictException")
        assert everything(fake) == before

    def test_of_a_block_that_raises_are_not_reported(self, fake: DetectiveFake) -> None:
        """The exception may be why no call used them."""
        with pytest.raises(LookupError), fake.isolated():  # noqa: PT012
            fake.faults.add("DeleteMembers", error="ConflictException")
            raise LookupError

    def test_can_be_ignored(self) -> None:
        """The option `unused_faults` says so."""
        with DetectiveFake(unused_faults="ignore") as fake, fake.isolated():
            fake.faults.add("DeleteMembers", error="ConflictException")

    def test_added_before_are_not_reported_by_the_block(self) -> None:
        """Nor at the end of the fake, if a call of a block has used them. Each block can use them again."""
        with DetectiveFake() as fake:
            fault = fake.faults.add("ListGraphs", error="ConflictException")
            with fake.isolated():
                pass
            for _ in range(2):
                with fake.isolated(), pytest.raises(Exception, match="ConflictException"):
                    fake.client().list_graphs()
                assert (fault.used, fake.faults.active) == (0, [fault])


class TestFollowing:
    """An organization of moto."""

    @pytest.fixture
    def organizations(self) -> Iterator[Any]:
        with mock_aws():
            client = boto3.client("organizations", "us-east-1")
            client.create_organization(FeatureSet="ALL")
            yield client

    def test_goes_on_after_the_block(self, fake: DetectiveFake, organizations: Any) -> None:
        """Changes that moto keeps are read anew."""
        control = fake.seed.organization_from(organizations)
        with fake.isolated():
            created = organizations.create_account(AccountName="web", Email="web@example.com")
            account_id = created["CreateAccountStatus"]["AccountId"]
            fake.client().list_graphs()
            assert account_id in control.account_ids
        assert account_id not in control.account_ids
        fake.client().list_graphs()
        assert account_id in control.account_ids

    def test_survives_that_the_organization_was_replaced(self, fake: DetectiveFake, organizations: Any) -> None:
        """The former one is gone after the block, too."""
        fake.seed.organization_from(organizations)
        with fake.isolated():
            organizations.delete_organization()
            created = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
            fake.client().list_graphs()
        fake.client().list_graphs()
        assert [each.organization_id for each in fake.organizations] == [created]

    def test_that_began_in_the_block_ends_with_it(self, fake: DetectiveFake, organizations: Any) -> None:
        """Later calls ask nothing of moto."""
        with fake.isolated():
            fake.seed.organization_from(organizations)
        fake.client().list_graphs()
        assert fake.organizations == ()

    def test_survives_restore(self, fake: DetectiveFake, organizations: Any) -> None:
        """The snapshot is from before the fake followed it."""
        before = fake.snapshot()
        control = fake.seed.organization_from(organizations)
        fake.restore(before)
        assert not fake.organizations
        fake.client().list_graphs()
        assert [each.organization_id for each in fake.organizations] == [control.organization_id]

    def test_ends_with_moto(self, fake: DetectiveFake) -> None:
        """The next call is refused, and nothing is sent."""
        with mock_aws():
            organizations: Any = boto3.client("organizations", "us-east-1")
            organizations.create_organization(FeatureSet="ALL")
            fake.seed.organization_from(organizations)
            fake.client().list_graphs()
        with pytest.raises(FakeUsageError, match=r"Nothing in this process answers .* mock_aws\(\) active"):
            fake.client().list_graphs()

    @pytest.mark.usefixtures("organizations")
    def test_moto_needs_no_client(self) -> None:
        """The option is `follow_moto=True`."""
        with DetectiveFake(follow_moto=True) as fake:
            fake.client().list_graphs()
            assert len(fake.organizations) == 1
            fake.reset()
            fake.client().list_graphs()
            assert len(fake.organizations) == 1


class TestSnapshot:
    def test_of_another_seed_is_refused(self, fake: DetectiveFake) -> None:
        """Its IDs would clash with those that this fake generates later."""
        other = DetectiveFake(id_seed=7).snapshot()
        with pytest.raises(FakeUsageError, match=r"snapshot is of a fake with id_seed=7, and this one has id_seed=0"):
            fake.restore(other)

    def test_other_values_are_refused(self, fake: DetectiveFake) -> None:
        """The message says where snapshots come from."""
        given: Any = fake.snapshot().state
        with pytest.raises(FakeUsageError, match=r"restore: expected a Snapshot, which fake\.snapshot\(\) returns"):
            fake.restore(given)

    def test_covers_the_state_and_the_clock_only(self, fake: DetectiveFake) -> None:
        """As its docstring says."""
        before = everything(fake)
        snapshot = fake.snapshot()
        change_everything(fake)
        calls = str(fake.calls)
        fake.restore(snapshot)
        assert everything(fake)[0] == before[0]
        assert (str(fake.calls), fake.account_id) == (calls, BEN)


class TestEndedFake:
    def test_its_clients_refuse_calls(self) -> None:
        """Whether they are shared, have options, or come from a session."""
        with DetectiveFake() as fake:
            clients = [fake.client(), fake.client(verify=False), fake.session().client("detective")]
            for client in clients:
                client.list_graphs()
        for client in clients:
            with pytest.raises(FakeUsageError, match=r"This client belongs to a DetectiveFake that has ended"):
                client.list_graphs()

    def test_its_clients_do_not_reach_another_fake(self) -> None:
        """Each fake has its own."""
        with DetectiveFake() as fake:
            client = fake.client()
        with DetectiveFake() as other, pytest.raises(FakeUsageError, match="Each fake has its own clients"):
            client.list_graphs()
        assert not other.calls

    def test_its_clients_work_after_another_start(self) -> None:
        """The same fake is active again."""
        fake = DetectiveFake()
        client = fake.client()
        for _ in range(2):
            with fake:
                assert client.list_graphs()["GraphList"] == []
            with pytest.raises(FakeUsageError, match="has ended"):
                client.list_graphs()

    def test_its_sessions_serve_other_services(self) -> None:
        """Only Detective is refused."""
        with DetectiveFake() as fake:
            session = fake.session()
        with mock_aws():
            assert session.client("sts").get_caller_identity()["Account"]

    def test_cannot_be_seeded(self) -> None:
        """No call could see the state. Before the start it can."""
        fake = DetectiveFake()
        fake.seed.graph()
        with fake:
            pass
        with pytest.raises(FakeUsageError, match=r"has ended\. Seed it before start\(\)"):
            fake.seed.graph(ANA)


class TestSettle:
    def test_refuses_what_is_no_event(self, fake: DetectiveFake) -> None:
        """The message says where events come from."""
        given: Any = "x"
        with pytest.raises(FakeUsageError, match=r"^settle: expected an event of `pending`, got the str 'x'\.$"):
            fake.settle(given)
