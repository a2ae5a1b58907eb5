"""The cost of size: long lists, large worlds, snapshots."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from benchmarks.calls import ADMINISTRATOR, client_of
from benchmarks.measuring import Row, ratio
from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBERS = 1_200
NEWCOMER = {"AccountId": "333333333333", "EmailAddress": "root@example.com"}


def _ids(first: int, number: int) -> list[str]:
    return [f"{first + each:012d}" for each in range(number)]


def long_list() -> float:
    """The first page of 50 members, of 1,200 and of 50."""
    with DetectiveFake() as fake:
        long = fake.seed.graph("111111111111", members=_ids(4 * 10**11, MEMBERS))
        short = fake.seed.graph("222222222222", members=_ids(5 * 10**11, 50))
        one, other = client_of("111111111111"), client_of("222222222222")
        first = one.list_members(GraphArn=long, MaxResults=50)
        assert len(first["MemberDetails"]) == 50
        assert "NextToken" in first
        whole = other.list_members(GraphArn=short, MaxResults=50)
        assert len(whole["MemberDetails"]) == 50
        assert "NextToken" not in whole
        return ratio(
            lambda: one.list_members(GraphArn=long, MaxResults=50),
            lambda: other.list_members(GraphArn=short, MaxResults=50),
        )


@functools.cache
def world_of(graphs: int) -> DetectiveFake:
    """Graphs of 1,200 members each, every account in one of them: the same fake for all measures."""
    fake = DetectiveFake()
    for number in range(graphs):
        fake.seed.graph(f"{900_000_000_000 + number}", members=_ids(6 * 10**11 + number * MEMBERS, MEMBERS))
    assert sum(len(fake.members(graph.arn)) for graph in fake.graphs) == graphs * MEMBERS
    return fake


def in_large_world(work: Callable[[Any, Any, str], None]) -> float:
    """Calls about a small graph, in a world of 120,000 members and in an empty one."""
    clients = client_of(ADMINISTRATOR), client_of(NEWCOMER["AccountId"])

    def inside(fake: DetectiveFake) -> Callable[[], None]:
        arn = _one_graph(fake)

        def run() -> None:
            with fake:
                # Many, because starting the fake takes a snapshot of all members.
                for _ in range(1_000):
                    work(*clients, arn)

        return run

    return ratio(inside(world_of(graphs=100)), inside(DetectiveFake()), rounds=9)


def _one_graph(fake: DetectiveFake) -> str:
    present = [graph.arn for graph in fake.graphs if graph.administrator_id == ADMINISTRATOR]
    return present[0] if present else fake.seed.graph(ADMINISTRATOR, members=["222222222222"])


def _list_members(client: Any, _: Any, arn: str) -> None:
    assert client.list_members(GraphArn=arn)["MemberDetails"]


def _get_members(client: Any, _: Any, arn: str) -> None:
    assert client.get_members(GraphArn=arn, AccountIds=["222222222222"])["MemberDetails"]


def _list_graphs(client: Any, _: Any, arn: str) -> None:
    assert [graph["Arn"] for graph in client.list_graphs()["GraphList"]] == [arn]


def _list_invitations(_: Any, member: Any, _arn: str) -> None:
    assert member.list_invitations()["Invitations"] == []


def _create_and_delete(client: Any, _: Any, arn: str) -> None:
    assert client.create_members(GraphArn=arn, Accounts=[NEWCOMER])["Members"]
    assert client.delete_members(GraphArn=arn, AccountIds=[NEWCOMER["AccountId"]])["AccountIds"]


def _cycle(client: Any, member: Any, arn: str) -> None:
    assert client.create_members(GraphArn=arn, Accounts=[NEWCOMER])["Members"]
    member.accept_invitation(GraphArn=arn)
    assert member.list_invitations()["Invitations"][0]["Status"] == "ENABLED"
    member.disassociate_membership(GraphArn=arn)


WORKS = (_list_members, _get_members, _list_graphs, _list_invitations, _create_and_delete, _cycle)


def snapshots() -> float:
    """`snapshot()` and `restore()` of 12,000 members beside one call."""
    fake = world_of(graphs=10)
    client = client_of(ADMINISTRATOR)
    arn = _one_graph(fake)

    def ours() -> None:
        fake.restore(fake.snapshot())

    with fake:
        before = fake.snapshot()
        client.delete_members(GraphArn=arn, AccountIds=["222222222222"])
        assert client.list_members(GraphArn=arn)["MemberDetails"] == []
        assert fake.snapshot() != before
        fake.restore(before)
        assert fake.snapshot() == before
        assert len(client.list_members(GraphArn=arn)["MemberDetails"]) == 1
        return ratio(ours, lambda: client.list_members(GraphArn=arn))


ROWS = (
    Row(what="page of 50 of 1,200 members", against="page of 50 of 50", target=1.1, measure=long_list),
    Row(
        what="a call among 120,000 members, the slowest of 6",
        against="the same in an empty world",
        target=1.2,
        measure=lambda: max(map(in_large_world, WORKS)),
    ),
    Row(what="snapshot + restore, 12,000 members", against="one list_members", target=10, measure=snapshots),
)
