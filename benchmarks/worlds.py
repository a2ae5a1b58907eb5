"""What size costs: long lists, large worlds, snapshots, many events."""

from __future__ import annotations

import functools
import gc
import statistics
import time
import tracemalloc
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from benchmarks.calls import ADMINISTRATOR, client_of
from benchmarks.measuring import Row, ratio
from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ROWS"]

GRAPHS, MEMBERS = 100, 1_200
NEWCOMER = {"AccountId": "333333333333", "EmailAddress": "root@example.com"}


def _ids(first: int, number: int) -> list[str]:
    return [f"{first + each:012d}" for each in range(number)]


def long_list() -> float:
    """A page of 50 out of 1,200 and out of 50: the first of each."""
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


def _filled() -> DetectiveFake:
    """A hundred graphs of 1,200 members each, every account in one of them."""
    fake = DetectiveFake()
    for number in range(GRAPHS):
        fake.seed.graph(f"{900_000_000_000 + number}", members=_ids(6 * 10**11 + number * MEMBERS, MEMBERS))
    return fake


@functools.cache
def large_world() -> DetectiveFake:
    """The same world for all measures."""
    fake = _filled()
    assert sum(len(fake.members(graph.arn)) for graph in fake.graphs) == GRAPHS * MEMBERS
    return fake


def in_large_world(work: Callable[[Any, Any, str], None]) -> Callable[[], float]:
    """Return a measure of calls in a large world and in an empty one; the graph they are about is small in both."""

    def measure() -> float:
        worlds = large_world(), DetectiveFake()
        clients = client_of(ADMINISTRATOR), client_of(NEWCOMER["AccountId"])

        def inside(fake: DetectiveFake) -> Callable[[], None]:
            arn = _one_graph(fake)

            def run() -> None:
                with fake:
                    for _ in range(200):
                        work(*clients, arn)

            return run

        return ratio(inside(worlds[0]), inside(worlds[1]), rounds=31)

    return measure


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


def memory() -> float:
    """Bytes a membership, with all indexes."""
    fake = DetectiveFake()
    fake.seed.graph(ADMINISTRATOR, members=["222222222222"])  # what is made once in a process is there by now
    gc.collect()
    tracemalloc.start()
    try:
        fake = _filled()
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    members = fake.members(fake.graphs[-1].arn)
    assert len(members) == MEMBERS
    assert {member.status.value for member in members} == {"ENABLED"}
    return used / (GRAPHS * MEMBERS)


def snapshots() -> float:
    """`snapshot()` and `restore()` of the large world beside one call."""
    fake = large_world()
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


def _settled(number: int) -> float:
    """Return seconds an event takes, where so many are due at once."""
    quotas = {"members_per_graph": number, "volume_bytes_per_day": 10**18}
    with DetectiveFake(quotas=quotas, timings={"verification": timedelta(hours=1)}) as fake:
        arn = fake.seed.graph(ADMINISTRATOR)
        client = client_of(ADMINISTRATOR)
        ids = _ids(7 * 10**11, number)
        for first in range(0, number, 50):
            accounts = [{"AccountId": each, "EmailAddress": "root@example.com"} for each in ids[first : first + 50]]
            client.create_members(GraphArn=arn, Accounts=accounts)
        assert len(fake.pending) == number
        gc.collect()
        start = time.process_time()
        fake.clock.advance(hours=1)
        taken = time.process_time() - start
        assert len(fake.emails) == number
        assert all(member.status.value == "INVITED" for member in fake.members(arn))
    return taken / number


def events() -> float:
    """How much longer an event takes when there are twice as many: 1 is linear, 1.08 is n log n."""
    return statistics.median(_settled(10_000) / _settled(5_000) for _ in range(7))


_EMPTY = "the same in an empty world"
_IN_LARGE_WORLD = {
    "list_members": _list_members,
    "get_members": _get_members,
    "list_graphs": _list_graphs,
    "list_invitations": _list_invitations,
    "create + delete": _create_and_delete,
    "invite, accept, list, leave": _cycle,
}

ROWS = (
    Row(what="page of 50 of 1,200 members", against="page of 50 of 50", target=1.1, measure=long_list),
    *(
        Row(what=f"{name} among 120,000 members", against=_EMPTY, target=1.2, measure=in_large_world(work))
        for name, work in _IN_LARGE_WORLD.items()
    ),
    Row(what="memory of a membership", against="-", target=700, measure=memory, unit=" bytes"),
    Row(what="snapshot + restore, 120,000 members", against="one list_members", target=3, measure=snapshots),
    Row(what="an event of 10,000", against="an event of 5,000", target=1.2, measure=events),
)
