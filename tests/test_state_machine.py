"""A Hypothesis state machine that mixes all operations, accounts, Regions, time, organizations and volumes."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.domain.enrolment import graph_volume
from detective_fake.domain.graph import IngestState
from detective_fake.domain.membership import InvitationType
from tests.invariants import unexplained, violations
from tests.random_calls import ACCOUNTS, GRAPH, NOON, REGIONS, Attempt, Driver, account_ids, attempts, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.domain.graph import BehaviorGraph

VISIBLE = {"INVITED", "ENABLED", "ACCEPTED_BUT_DISABLED"}
TERABYTE = 10**12

volumes = st.sampled_from([None, 0, TERABYTE, 6 * TERABYTE, 11 * TERABYTE, {"DETECTIVE_CORE": 1, "EKS_AUDIT": 2}])
delays = st.sampled_from([timedelta(), timedelta(minutes=3), timedelta(hours=5), None])
timings = st.fixed_dictionaries(
    {
        "verification": delays,
        "enabling": delays,
        "investigation": delays,
        "administrator_visibility": delays,
        "recheck": st.sampled_from([timedelta(hours=1), None]),
    }
)

behaviors = st.fixed_dictionaries(
    {
        "administrator_listed": st.booleans(),
        "disabled_may_leave": st.booleans(),
        "partial_package_lists": st.booleans(),
    }
)
CHANGES = ["add_account", "remove_account", "close_account", "register_delegated_administrator"]


def _call(account_id: str, operation: str, **arguments: Any) -> Attempt:
    return Attempt(account_id, REGIONS[0], operation, arguments, pick=0)


INVITED = [{"AccountId": account_id, "EmailAddress": f"{account_id}@example.com"} for account_id in ACCOUNTS[4:]]
A_GRAPH = [_call(ACCOUNTS[3], "CreateGraph"), _call(ACCOUNTS[3], "CreateMembers", GraphArn=GRAPH, Accounts=INVITED)]
AN_ORGANIZATION_GRAPH = [
    _call(ACCOUNTS[0], "EnableOrganizationAdminAccount", AccountId=ACCOUNTS[1]),
    _call(ACCOUNTS[1], "UpdateOrganizationConfiguration", GraphArn=GRAPH, AutoEnable=True),
]
# Most random calls fail in an empty world.
BEGINNINGS: list[list[Attempt]] = [[], A_GRAPH, AN_ORGANIZATION_GRAPH]


class World(RuleBasedStateMachine):
    """A fake that goes through random calls and changes."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()

    @initialize(timings=timings, behavior=behaviors, calls=st.sampled_from(BEGINNINGS))
    def begin(self, timings: dict[str, Any], behavior: dict[str, bool], calls: list[Attempt]) -> None:
        """Start a fake with an organization of four accounts and, in most runs, a behavior graph."""
        options: dict[str, Any] = {"timings": timings, "behavior": behavior, "quotas": {"members_per_graph": 3}}
        self.fake = self.stack.enter_context(DetectiveFake(**options))
        self.fake.clock.freeze(NOON)
        self.driver = Driver(self.fake)
        self.organization = self.fake.seed.organization(ACCOUNTS[0], ACCOUNTS[1:4])
        for call in calls:
            assert self.driver.make(call).error is None
        self.world = self.fake._context.world  # noqa: SLF001 - the indexes are internal
        self.state = self.world.copy()

    def teardown(self) -> None:
        """Stop the fake."""
        self.stack.close()

    @rule(attempt=attempts())
    def call(self, attempt: Attempt) -> None:
        """A call that fails changes nothing, apart from running the events that were due."""
        self.fake.clock.advance(seconds=1)
        before = self.fake.snapshot()
        outcome = self.driver.make(attempt)
        if outcome.error is not None:
            assert self.fake.snapshot() == before

    @rule(by=st.sampled_from([timedelta(minutes=1), timedelta(hours=1), timedelta(days=2)]))
    def advance(self, by: timedelta) -> None:
        """Advance the clock. After a day, the volume of every graph has been checked."""
        self.fake.clock.advance(by)
        limit = self.fake.quotas.ingest_stop_bytes_per_day
        for graph in self.fake.graphs if by > timedelta(days=1) else ():
            stopped = graph_volume(self.world, graph) > limit or self.world.account(graph.administrator_id).suspended
            states = {each.state for each in graph.packages.values()} - {IngestState.STOPPED}
            assert states == {IngestState.DISABLED if stopped else IngestState.STARTED}

    @rule()
    def volumes_are_new(self) -> None:
        """No volume in a response was measured more than a day ago."""
        now = self.fake.clock.now()
        with self.everybody_active():
            for graph in self.fake.graphs:
                for detail in _members_of(graph):
                    measured = detail.get("VolumeUsageUpdatedTime", now)
                    assert now - timedelta(days=1) < measured <= now
                    assert detail["InvitedTime"] <= detail["UpdatedTime"] <= now

    @contextmanager
    def everybody_active(self) -> Iterator[None]:
        """Let suspended administrators see their graphs. Afterwards the state is as before."""
        before = self.fake.snapshot()
        for account_id in ACCOUNTS:
            self.fake.seed.account(account_id, suspended=False)
        yield
        self.fake.restore(before)

    @rule()
    def settle(self) -> None:
        """Run all pending events."""
        self.fake.settle()

    @rule(account_id=account_ids, volume=volumes, verifies=st.booleans())
    def change_account(self, account_id: str, volume: Any, *, verifies: bool) -> None:
        """Change the data volume of an account, and whether it passes verification."""
        self.fake.seed.account(account_id, daily_volume_bytes=volume, verifies=verifies)

    @rule(account_id=account_ids, suspended=st.booleans())
    def suspend(self, account_id: str, *, suspended: bool) -> None:
        """Suspend an account, or activate it again."""
        self.fake.seed.account(account_id, suspended=suspended)

    @rule(bytes_per_day=st.sampled_from([TERABYTE, 15 * TERABYTE]))
    def change_the_stop_limit(self, bytes_per_day: int) -> None:
        """Change the volume above which the ingest of graphs stops."""
        self.fake.quotas.ingest_stop_bytes_per_day = bytes_per_day

    @rule(account_id=account_ids, change=st.sampled_from(CHANGES))
    def change_organization(self, account_id: str, change: str) -> None:
        """Add, remove, close or register an account. A change that is not possible leaves the state unchanged."""
        self.fake.clock.advance(seconds=1)
        before = self.fake.snapshot()
        with suppress(FakeUsageError):
            getattr(self.organization, change)(account_id)
            before = self.fake.snapshot()
        assert self.fake.snapshot() == before

    @rule(account_id=st.sampled_from(ACCOUNTS[1:]))
    def close(self, account_id: str) -> None:
        """Close an account. Outside GovCloud nothing is left of it: no graph, no membership, no designation."""
        self.fake.clock.advance(seconds=1)
        self.fake.seed.account(account_id, closed=True)
        graphs = [graph for graph in self.fake.graphs if graph.verifies_invitations]
        assert not any(graph.administrator_id == account_id for graph in graphs)
        assert not any(self.world.membership(graph.arn, account_id) for graph in graphs)
        designations = {region: each.administrator_id for (region, _), each in self.world.designations.items()}
        assert designations.get(REGIONS[0]) != account_id

    @rule(account_id=account_ids)
    def join_while_invited(self, account_id: str) -> None:
        """An invited account that joins the organization is no member by invitation once it has accepted."""
        self.fake.clock.advance(seconds=1)
        of_organization = [graph for graph in self.fake.graphs if graph.organization_id is not None]
        accounts = [{"AccountId": account_id, "EmailAddress": f"{account_id}@example.com"}]
        if account_id in self.organization.account_ids:
            return
        for graph in of_organization:
            arguments = {"GraphArn": graph.arn, "Accounts": accounts}
            self.driver.make(Attempt(graph.administrator_id, graph.region, "CreateMembers", arguments, pick=0))
        self.organization.add_account(account_id)
        for graph in of_organization:
            row = self.world.membership(graph.arn, account_id)
            accepted = row is not None and row.status.value in {"ENABLED", "ACCEPTED_BUT_DISABLED"}
            assert row is None or not accepted or row.invitation_type is InvitationType.ORGANIZATION

    @precondition(lambda self: self.world.designations)
    @rule()
    def recreate_an_organization_graph(self) -> None:
        """A designated administrator that deletes its graph and creates it again has the organization graph."""
        self.fake.clock.advance(seconds=1)
        (region, organization_id), present = next(iter(self.world.designations.items()))
        account_id = present.administrator_id
        for operation, arguments in (("DeleteGraph", {"GraphArn": present.graph_arn}), ("CreateGraph", {})):
            self.driver.make(Attempt(account_id, region, operation, arguments, pick=0))
        graph = self.world.administered(region, account_id)
        created = self.world.designations[region, organization_id]
        assert graph is None or (graph.organization_id, graph.arn) == (organization_id, created.graph_arn)
        assert created.delegated_at == present.delegated_at

    @precondition(lambda self: self.organization.delegated_administrator_id is not None)
    @rule()
    def deregister(self) -> None:
        """Deregister the delegated administrator."""
        self.organization.deregister_delegated_administrator()

    @rule(attempt=attempts())
    def go_back(self, attempt: Attempt) -> None:
        """Restoring a snapshot undoes a call completely."""
        before = self.fake.snapshot()
        self.driver.make(attempt)
        self.fake.restore(before)
        assert self.fake.snapshot() == before

    @rule()
    def save_and_load(self) -> None:
        """A saved file restores the same state in another fake."""
        with TemporaryDirectory() as folder:
            path = Path(folder, "state.json")
            self.fake.save(path)
            other = DetectiveFake(scenario=path)
        assert other.snapshot() == self.fake.snapshot()

    @rule(size=st.integers(min_value=1, max_value=3))
    def walk_members(self, size: int) -> None:
        """Walking the pages returns every member once and in order, for any page size."""
        self.fake.settle()
        with self.everybody_active():
            for graph in self.fake.graphs:
                client = client_of(graph.administrator_id, graph.region)
                expected = [member.account_id for member in self.fake.members(graph.arn)]
                walked = _walk(client.list_members, "MemberDetails", size, graph.arn)
                assert [each["AccountId"] for each in walked] == expected

    @invariant()
    def no_invariant_is_violated(self) -> None:
        """No invariant is violated, and the table of transitions allows every status change."""
        assert violations(self.world) == []
        state = self.world.copy()
        assert unexplained(self.state, state) == []
        self.state = state

    @rule()
    def both_sides_agree(self) -> None:
        """`ListInvitations` and `ListMembers` agree on every visible membership."""
        with self.everybody_active():
            for region in REGIONS:
                listed = [
                    detail
                    for graph in self.fake.graphs
                    if graph.region == region
                    for detail in _members_of(graph)
                    if detail["Status"] in VISIBLE and detail["AccountId"] != graph.administrator_id
                ]
                invited = [
                    detail
                    for account_id in ACCOUNTS
                    for detail in client_of(account_id, region).list_invitations()["Invitations"]
                ]
                assert sorted(map(_seen, listed)) == sorted(map(_seen, invited))


def _members_of(graph: BehaviorGraph) -> list[dict[str, Any]]:
    client = client_of(graph.administrator_id, graph.region)
    return client.list_members(GraphArn=graph.arn)["MemberDetails"]  # type: ignore[no-any-return]


def _seen(detail: dict[str, Any]) -> tuple[str, str, str]:
    return detail["GraphArn"], detail["AccountId"], detail["Status"]


def _walk(operation: Any, key: str, size: int, arn: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = operation(GraphArn=arn, MaxResults=size, **token)
        items += page[key]
        if "NextToken" not in page:
            return items
        token = {"NextToken": page["NextToken"]}
        size = size % 3 + 1


TestWorld = World.TestCase
TestWorld.settings = settings(stateful_step_count=50)  # more examples with --hypothesis-profile=thorough


def test_an_organization_graph_is_recreated() -> None:
    """Few random runs come so far."""
    world = World()
    world.begin(timings={}, behavior={}, calls=AN_ORGANIZATION_GRAPH)
    world.recreate_an_organization_graph()
    world.no_invariant_is_violated()
    assert len(world.fake.calls.of("CreateGraph")) == 1
    world.teardown()


def test_pages_are_walked() -> None:
    """Few random runs have two members of a graph when they do so."""
    world = World()
    world.begin(timings={}, behavior={}, calls=[])
    world.fake.seed.graph(ACCOUNTS[1], members=ACCOUNTS[2:4])
    world.walk_members(size=1)
    assert len(world.fake.calls.of("ListMembers")) == 2
    world.teardown()
