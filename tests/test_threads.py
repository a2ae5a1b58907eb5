"""One fake, many threads: calls run one after another, and a test's callbacks may make calls."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import settings

from detective_fake import DetectiveFake
from tests.builders import ADMINISTRATOR, ANA, NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from detective_fake.controls.overrides import OverriddenCall

THREADS = 16
OPERATIONS = min(4 * settings().max_examples, 2000)
MEMBERS = tuple(f"{number:012d}" for number in range(1, 9))


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR, timings={"recheck": None}) as fake:
        fake.clock.freeze(NOON)
        yield fake


def invite(fake: DetectiveFake, arn: str, member: str) -> None:
    accounts: Any = [{"AccountId": member, "EmailAddress": f"{member}@example.com"}]
    fake.client().create_members(GraphArn=arn, Accounts=accounts)


def remove(fake: DetectiveFake, arn: str, member: str) -> None:
    fake.client().delete_members(GraphArn=arn, AccountIds=[member])


def accept(fake: DetectiveFake, arn: str, member: str) -> None:
    fake.client(member).accept_invitation(GraphArn=arn)


def reject(fake: DetectiveFake, arn: str, member: str) -> None:
    fake.client(member).reject_invitation(GraphArn=arn)


def leave(fake: DetectiveFake, arn: str, member: str) -> None:
    fake.client(member).disassociate_membership(GraphArn=arn)


def look(fake: DetectiveFake, arn: str, member: str) -> None:
    fake.client().get_members(GraphArn=arn, AccountIds=[member])


def tag(fake: DetectiveFake, arn: str, member: str) -> None:
    fake.client().tag_resource(ResourceArn=arn, Tags={member: "seen"})


STEPS: tuple[Callable[[DetectiveFake, str, str], None], ...] = (invite, remove, accept, reject, leave, look, tag)


def at_random(fake: DetectiveFake, arn: str, seed: int) -> None:
    """Make random calls; many of them fail."""
    random = Random(seed)  # noqa: S311 - the same calls each time
    for _ in range(OPERATIONS):
        with suppress(ClientError):
            random.choice(STEPS)(fake, arn, random.choice(MEMBERS))


def intervene(fake: DetectiveFake) -> None:
    """Add a fault, an override and a denial."""
    fake.faults.add("TagResource", error="ConflictException", when="after", times=None)
    fake.deny("detective:RejectInvitation", account_id=MEMBERS[0])
    fake.on("GetMembers")(lambda _: {"MemberDetails": [], "UnprocessedAccounts": []})


@pytest.mark.slow
class TestOneAfterTheOther:
    @pytest.mark.parametrize("prepare", [lambda _: None, intervene], ids=["plain", "with faults and overrides"])
    def test_the_journals_order_leads_to_the_same_state(
        self, fake: DetectiveFake, prepare: Callable[[DetectiveFake], None]
    ) -> None:
        """Sixteen threads call on one graph; one thread that repeats their calls in order gets the same responses."""
        prepare(fake)
        arn = fake.seed.graph()
        for account_id in (ADMINISTRATOR, *MEMBERS):
            fake.client(account_id)
        with ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(at_random, fake, arn, seed) for seed in range(THREADS)]:
                done.result()
        assert len(fake.calls) == THREADS * OPERATIONS
        with DetectiveFake(ADMINISTRATOR, timings={"recheck": None}) as fresh:
            fresh.clock.freeze(NOON)
            prepare(fresh)
            assert fresh.seed.graph() == arn
            for record in fake.calls:
                fresh._backend.handle(record.request)  # noqa: SLF001 - what a client would add was there the first time
            assert fresh.snapshot() == fake.snapshot()
            assert [(each.request_id, each.outcome, each.result) for each in fresh.calls] == [
                (each.request_id, each.outcome, each.result) for each in fake.calls
            ]

    def test_each_fault_is_used_once(self, fake: DetectiveFake) -> None:
        """By concurrent calls, also on the wire path."""
        fault = fake.faults.add("ListGraphs", error="TooManyRequestsException", times=20)
        client = fake.client(config=Config(retries={"total_max_attempts": 21}))
        with ThreadPoolExecutor(THREADS) as pool:
            answers = list(pool.map(lambda _: client.list_graphs(), range(50)))
        assert sum(each["ResponseMetadata"]["RetryAttempts"] for each in answers) == fault.used == 20
        assert sum(len(each.attempts) for each in fake.calls) == 70
        assert len(fake.calls) == 50

    def test_a_thread_started_before_the_fake_reaches_it(self) -> None:
        """A fake applies to the whole process."""
        begin, done, seen = threading.Event(), threading.Event(), []

        def call(client: Any) -> None:
            begin.wait(30)
            seen.append(client.list_graphs()["GraphList"])
            done.set()

        thread = threading.Thread(target=call, args=(DetectiveFake().client(),))
        thread.start()
        with DetectiveFake() as fake:
            arn = fake.seed.graph()
            begin.set()
            assert done.wait(30)
        thread.join()
        assert [each["Arn"] for each in seen[0]] == [arn]


class TestNoDeadlock:
    """Each of these would block if a lock were held while a test's callback runs."""

    @pytest.mark.parametrize("wire", [False, True])
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_faults_callback_calls_from_another_thread(self, *, wire: bool, when: Any) -> None:
        """And waits for it."""
        with DetectiveFake(wire=wire) as fake, ThreadPoolExecutor(1) as pool:

            def create() -> None:
                pool.submit(fake.client().create_graph).result(timeout=30)

            fake.faults.add("ListGraphs", callback=create, when=when)
            assert len(fake.client().list_graphs()["GraphList"]) == (1 if when == "before" else 0)
            assert [each.operation for each in fake.calls.of("CreateGraph")] == ["CreateGraph"]

    def test_overrides_of_many_threads_wait_for_one_another(self, fake: DetectiveFake) -> None:
        """All are in the middle of a call at the same time."""
        together = threading.Barrier(8, timeout=30)

        @fake.on("ListGraphs")
        def wait(call: OverriddenCall) -> dict[str, Any]:
            together.wait()
            return call.proceed()

        fake.client()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: fake.client().list_graphs()["GraphList"], range(8)))
        assert answers == [[]] * 8

    def test_an_override_calls_the_fake_and_reads_it(self, fake: DetectiveFake) -> None:
        """State, journal, clock and snapshots, from another thread."""

        @fake.on("ListGraphs")
        def look(_call: OverriddenCall) -> None:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(
                    lambda: (fake.graphs, fake.calls[:], fake.emails[:], fake.clock.now(), fake.snapshot())
                ).result(30)
                pool.submit(fake.faults.add, "CreateGraph", error="ConflictException").result(30)
                pool.submit(fake.client(ANA).list_invitations).result(30)

        fake.client().list_graphs()
        assert len(fake.calls) == 2
        fake.faults.clear()

    def test_an_override_of_an_asynchronous_call_uses_a_synchronous_client(self, fake: DetectiveFake) -> None:
        """In the event loop's own thread."""

        @fake.on("ListGraphs")
        def create(_call: OverriddenCall) -> None:
            fake.client().create_graph()

        async def call() -> Any:
            credentials = fake.credentials()
            async with AioSession().create_client("detective", region_name=fake.region, **credentials) as client:
                return await client.list_graphs()

        assert len(asyncio.run(call())["GraphList"]) == 1
