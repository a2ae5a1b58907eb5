"""A Hypothesis state machine that mixes all operations, accounts, Regions, time, organizations and volumes."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from detective_fake import DetectiveFake, FakeUsageError
from tests.invariants import unexplained, violations
from tests.random_calls import ACCOUNTS, GRAPH, NOON, REGIONS, Attempt, Driver, account_ids, attempts, client_of

if TYPE_CHECKING:
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

    @initialize(timings=timings, calls=st.sampled_from(BEGINNINGS))
    def begin(self, timings: dict[str, Any], calls: list[Attempt]) -> None:
        """Start a fake with an organization of four accounts and, in most runs, a behavior graph."""
        self.fake = self.stack.enter_context(DetectiveFake(timings=timings, quotas={"members_per_graph": 3}))
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
        """Advance the clock."""
        self.fake.clock.advance(by)

    @rule()
    def settle(self) -> None:
        """Run all pending events."""
        self.fake.settle()

    @rule(account_id=account_ids, volume=volumes, verifies=st.booleans())
    def change_account(self, account_id: str, volume: Any, *, verifies: bool) -> None:
        """Change the data volume of an account, and whether it passes verification."""
        self.fake.seed.account(account_id, daily_volume_bytes=volume, verifies=verifies)

    @rule(account_id=account_ids, change=st.sampled_from(["add_account", "remove_account", "close_account"]))
    def change_organization(self, account_id: str, change: str) -> None:
        """Add, remove or close an account. A change that is not possible leaves the state unchanged."""
        self.fake.clock.advance(seconds=1)
        before = self.fake.snapshot()
        with suppress(FakeUsageError):
            getattr(self.organization, change)(account_id)
            before = self.fake.snapshot()
        assert self.fake.snapshot() == before

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
        for graph in self.fake.graphs:
            client = client_of(graph.administrator_id, graph.region)
            self.fake.settle()
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
        before = self.fake.snapshot()
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
        self.fake.restore(before)


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
