"""Random histories of a world: API calls by several accounts, organization changes, volume changes and time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import attrs

from detective_fake.domain import designation, enrolment
from detective_fake.domain.account import Organization, volumes_of
from detective_fake.domain.due_events import run_due_events, settle_all
from detective_fake.domain.membership import MemberStatus
from detective_fake.errors import ServiceError
from tests.builders import HOUR, MINUTE, NOON, a_call, a_world, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from detective_fake.domain.world import World

ACCOUNTS = tuple(str(digit) * 12 for digit in range(1, 8))
MANAGEMENT, DOOMED = ACCOUNTS[0], ACCOUNTS[-1]
REGIONS = ("us-east-1", "us-gov-west-1")
VOLUMES = (None, 0, 10**12, 4 * 10**12, 11 * 10**12)
NO_GRAPH = "arn:aws:detective:us-east-1:111111111111:graph:" + "0" * 32


class Life:
    """A world that changes by random steps. The same seed gives the same steps.

    Attributes:
        world: Tests may replace it with an earlier copy.
        now: The current time. Every step advances it.
    """

    def __init__(self, seed: int) -> None:
        self.world: World = a_world()
        self.now = NOON
        self._random = Random(seed)  # noqa: S311 - must be reproducible
        self._arns = [NO_GRAPH]
        organization = Organization(
            organization_id="o-life", management_account_id=MANAGEMENT, accounts=dict.fromkeys(ACCOUNTS[:5])
        )
        self.world.organizations[organization.organization_id] = organization

    def step(self) -> tuple[str, ServiceError | None]:
        """Run the due events and one random step. Return the name of the step and its error, if any.

        A step that fails must not change the world.
        """
        self.now += MINUTE
        run_due_events(self.world, self.now)
        before = self.world.copy()
        name = self.choice(*STEPS)
        try:
            STEPS[name](self)
        except ServiceError as refusal:
            assert self.world.copy() == before, name
            return name, refusal
        return name, None

    @property
    def organization(self) -> Organization:
        """The only organization."""
        return self.world.organizations["o-life"]

    def choice(self, *among: Any) -> Any:
        """Return a random choice of the arguments."""
        return self._random.choice(among)

    def often(self) -> bool:
        """Return True with a probability of 0.9."""
        return self._random.random() < 0.9

    def account_ids(self) -> list[str]:
        """Return one to three account IDs, possibly with duplicates."""
        return self._random.choices(ACCOUNTS, k=self.choice(1, 2, 3))

    def arn(self) -> str:
        """Return the ARN of a graph, occasionally of a deleted or unknown one."""
        living = list(self.world.graphs)
        self._arns += [arn for arn in living if arn not in self._arns]
        return str(self.choice(*(living if living and self.often() else self._arns)))

    def member(self, status: MemberStatus) -> tuple[str, str]:
        """Return the graph ARN and account ID of a membership, usually one with this status."""
        rows = [(arn, row) for arn, table in self.world.members.items() for row in table.ordered()]
        wanted = [(arn, row) for arn, row in rows if row.status is status]
        if not rows:
            return NO_GRAPH, str(self.choice(*ACCOUNTS))
        arn, row = self.choice(*(wanted if wanted and self.often() else rows))
        return arn, row.account_id

    def call(self, operation: str, account_id: str | None = None, **parameters: Any) -> None:
        """Make a call, usually in the Region of its graph."""
        arn = parameters.get("GraphArn") or parameters.get("ResourceArn")
        graph = self.world.graphs.get(arn or "")
        region = graph.region if graph is not None and self.often() else self.choice(*REGIONS)
        caller = account_id or self.choice(*ACCOUNTS)
        answer(a_call(self.world, operation, account_id=caller, region=region, at=self.now, **parameters))

    def administer(self, operation: str, arn: str | None = None, *, name: str = "GraphArn", **parameters: Any) -> None:
        """Make a call about a graph, usually as its administrator."""
        arn = arn or self.arn()
        graph = self.world.graphs.get(arn)
        caller = graph.administrator_id if graph is not None and self.often() else None
        self.call(operation, caller, **{name: arn}, **parameters)


def _create_graph(life: Life) -> None:
    life.call("CreateGraph")


def _create_members(life: Life) -> None:
    accounts = [{"AccountId": each, "EmailAddress": f"root@{each}.example.com"} for each in life.account_ids()]
    life.administer("CreateMembers", Accounts=accounts)


def _start_monitoring(life: Life) -> None:
    arn, account_id = life.member(MemberStatus.ACCEPTED_BUT_DISABLED)
    life.administer("StartMonitoringMember", arn, AccountId=account_id)


def _as_member(operation: str, status: MemberStatus) -> Callable[[Life], None]:
    def step(life: Life) -> None:
        arn, account_id = life.member(status)
        life.call(operation, account_id, GraphArn=arn)

    return step


def _designate(life: Life) -> None:
    life.call("EnableOrganizationAdminAccount", MANAGEMENT if life.often() else None, AccountId=life.choice(*ACCOUNTS))


def _withdraw(life: Life) -> None:
    life.call("DisableOrganizationAdminAccount", MANAGEMENT if life.often() else None)


def _list_administrators(life: Life) -> None:
    life.call("ListOrganizationAdminAccounts", MANAGEMENT if life.often() else None)


def _of_organization_graph(operation: str) -> Callable[[Life], None]:
    def step(life: Life) -> None:
        graphs = [arn for arn, graph in life.world.graphs.items() if graph.organization_id]
        more: dict[str, Any] = {"AutoEnable": life.often()} if operation.startswith("Update") else {}
        life.administer(operation, life.choice(*graphs) if graphs and life.often() else None, **more)

    return step


def _join(life: Life) -> None:
    account_id = life.choice(*ACCOUNTS)
    if account_id not in life.organization.accounts:
        designation.account_joined(life.world, life.organization, account_id, None, life.now)


def _leave(life: Life) -> None:
    account_id = life.choice(*life.organization.accounts)
    if account_id != MANAGEMENT:
        designation.account_left(life.world, life.organization, account_id, life.now)


def _close(life: Life) -> None:
    designation.account_closed(life.world, DOOMED, life.now)


def _deregister(life: Life) -> None:
    if life.organization.delegated_administrator_id is not None:
        designation.deregister(life.world, life.organization, life.now)


def _change_volume(life: Life) -> None:
    world, account_id = life.world, life.choice(*ACCOUNTS)
    volumes = volumes_of(life.choice(*VOLUMES))
    world.accounts[account_id] = attrs.evolve(world.account(account_id), volumes=volumes, verifies=life.often())
    for graph in list(world.graphs.values()):
        row = world.membership(graph.arn, account_id)
        if row is not None:
            enrolment.measure(world, graph, row, life.now)
            enrolment.check_ingest(world, graph, life.now)


def _pass_time(life: Life) -> None:
    life.now += life.choice(MINUTE, HOUR, 3 * HOUR)
    run_due_events(life.world, life.now)


def _settle_all(life: Life) -> None:
    settle_all(life.world, life.now)


def _change_timings(life: Life) -> None:
    timings = life.world.timings
    timings.verification = timings.enabling = life.choice(0 * MINUTE, 2 * MINUTE, None)
    timings.administrator_visibility = life.choice(0 * MINUTE, None)
    timings.recheck = life.choice(HOUR, None)


def _change_quotas(life: Life) -> None:
    life.world.quotas.members_per_graph = life.choice(2, 3, 1200)


STEPS: Mapping[str, Callable[[Life], None]] = {
    "create graph": _create_graph,
    "list graphs": lambda life: life.call("ListGraphs"),
    "delete graph": lambda life: life.administer("DeleteGraph"),
    "create members": _create_members,
    "create more members": _create_members,
    "get members": lambda life: life.administer("GetMembers", AccountIds=life.account_ids()),
    "list members": lambda life: life.administer("ListMembers"),
    "delete members": lambda life: life.administer("DeleteMembers", AccountIds=life.account_ids()),
    "start monitoring": _start_monitoring,
    "accept": _as_member("AcceptInvitation", MemberStatus.INVITED),
    "accept another": _as_member("AcceptInvitation", MemberStatus.INVITED),
    "reject": _as_member("RejectInvitation", MemberStatus.INVITED),
    "resign": _as_member("DisassociateMembership", MemberStatus.ENABLED),
    "list invitations": lambda life: life.call("ListInvitations"),
    "tag": lambda life: life.administer("TagResource", name="ResourceArn", Tags={life.choice("a", "b"): "value"}),
    "untag": lambda life: life.administer("UntagResource", name="ResourceArn", TagKeys=[life.choice("a", "b")]),
    "list tags": lambda life: life.administer("ListTagsForResource", name="ResourceArn"),
    "designate": _designate,
    "withdraw": _withdraw,
    "list administrators": _list_administrators,
    "describe organization": _of_organization_graph("DescribeOrganizationConfiguration"),
    "update organization": _of_organization_graph("UpdateOrganizationConfiguration"),
    "join": _join,
    "leave": _leave,
    "close": _close,
    "deregister": _deregister,
    "change volume": _change_volume,
    "pass time": _pass_time,
    "settle all": _settle_all,
    "change timings": _change_timings,
    "change quotas": _change_quotas,
}
"""All steps by name. Frequent steps appear twice."""
