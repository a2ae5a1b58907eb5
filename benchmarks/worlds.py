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
NEWCOMER = [{"AccountId": "333333333333", "EmailAddress": "root@example.com"}]


def _ids(first: int, number: int) -> list[str]:
    return [f"{first + each:012d}" for each in range(number)]


def long_list() -> float:
    """A page of 50 out of 1,200 and out of 50, the second page of the long one."""
    with DetectiveFake() as fake:
        long = fake.seed.graph("111111111111", members=_ids(4 * 10**11, MEMBERS))
        short = fake.seed.graph("222222222222", members=_ids(5 * 10**11, 50))
        one, other = client_of("111111111111"), client_of("222222222222")
        first = one.list_members(GraphArn=long, MaxResults=50)
        assert len(first["MemberDetails"]) == 50
        assert "NextToken" in first
        return ratio(
            lambda: one.list_members(GraphArn=long, MaxResults=50),
            lambda: other.list_members(GraphArn=short, MaxResults=50),
        )


@functools.cache
def large_world() -> DetectiveFake:
    """A hundred graphs of 1,200 members each, every account in one of them."""
    fake = DetectiveFake()
    for number in range(GRAPHS):
        fake.seed.graph(f"{900_000_000_000 + number}", members=_ids(6 * 10**11 + number * MEMBERS, MEMBERS))
    assert sum(len(fake.members(graph.arn)) for graph in fake.graphs) == GRAPHS * MEMBERS
    return fake


def in_large_world(work: Callable[[Any, str], None]) -> Callable[[], float]:
    """Return a measure of calls in a large world and in an empty one."""

    def measure() -> float:
        large, small = large_world(), DetectiveFake()
        client = client_of(ADMINISTRATOR)
        arns = {id(fake): _one_graph(fake) for fake in (large, small)}

        def inside(fake: DetectiveFake) -> Callable[[], None]:
            def run() -> None:
                with fake:
                    for _ in range(100):
                        work(client, arns[id(fake)])

            return run

        return ratio(inside(large), inside(small), rounds=15)

    return measure


def _one_graph(fake: DetectiveFake) -> str:
    present = [graph.arn for graph in fake.graphs if graph.administrator_id == ADMINISTRATOR]
    return present[0] if present else fake.seed.graph(ADMINISTRATOR, members=["222222222222"])


def _read(client: Any, arn: str) -> None:
    assert client.list_members(GraphArn=arn)["MemberDetails"]


def _invitations(client: Any, _arn: str) -> None:
    assert client.list_invitations()["Invitations"] == []


def _change(client: Any, arn: str) -> None:
    assert client.create_members(GraphArn=arn, Accounts=NEWCOMER)["Members"]
    assert client.delete_members(GraphArn=arn, AccountIds=["333333333333"])["AccountIds"]


def memory() -> float:
    """Bytes a membership, with all indexes."""
    fake = DetectiveFake()
    gc.collect()
    tracemalloc.start()
    for number in range(GRAPHS):
        fake.seed.graph(f"{900_000_000_000 + number}", members=_ids(6 * 10**11 + number * MEMBERS, MEMBERS))
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / (GRAPHS * MEMBERS)


def snapshots() -> float:
    """`snapshot()` and `restore()` of the large world beside one call."""
    fake = large_world()
    client = client_of(ADMINISTRATOR)
    arn = _one_graph(fake)

    def ours() -> None:
        fake.restore(fake.snapshot())

    with fake:
        assert fake.snapshot() == fake.snapshot()
        return ratio(ours, lambda: client.list_members(GraphArn=arn))


def events() -> float:
    """How much longer an event takes when there are twice as many: 1 is linear."""

    def settled(number: int) -> float:
        with DetectiveFake(quotas={"members_per_graph": 20_000}, timings={"verification": timedelta(hours=1)}) as fake:
            arn = fake.seed.graph(ADMINISTRATOR)
            client = client_of(ADMINISTRATOR)
            ids = _ids(7 * 10**11, number)
            for start in range(0, number, 50):
                accounts = [{"AccountId": each, "EmailAddress": "root@example.com"} for each in ids[start : start + 50]]
                client.create_members(GraphArn=arn, Accounts=accounts)
            start_time = time.perf_counter()
            fake.clock.advance(hours=1)
            taken = time.perf_counter() - start_time
            assert all(member.status.value == "INVITED" for member in fake.members(arn))
            return taken / number

    return statistics.median(settled(10_000) / settled(5_000) for _ in range(5))


_EMPTY = "the same in an empty world"

ROWS = (
    Row(what="page of 50 of 1,200 members", against="page of 50 of 50", target=1.1, measure=long_list),
    Row(what="list_members among 120,000 members", against=_EMPTY, target=1.2, measure=in_large_world(_read)),
    Row(
        what="list_invitations among 120,000 members", against=_EMPTY, target=1.2, measure=in_large_world(_invitations)
    ),
    Row(what="create + delete among 120,000 members", against=_EMPTY, target=1.2, measure=in_large_world(_change)),
    Row(what="memory of a membership", against="-", target=700, measure=memory, unit=" bytes"),
    Row(what="snapshot + restore, 120,000 members", against="one list_members", target=3, measure=snapshots),
    Row(what="an event of 10,000", against="an event of 5,000", target=1.2, measure=events),
)
