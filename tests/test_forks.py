"""A forked child has a copy of the fake: with a consistent state, and with locks that no other thread holds."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.config import Config
from hypothesis import settings

from detective_fake import DetectiveFake, locks
from tests.builders import ADMINISTRATOR, ANA, BEN
from tests.invariants import violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]

FORKS = 20 if settings().max_examples < 100 else 200
ACCOUNTS: Any = [{"AccountId": each, "EmailAddress": "a@example.com"} for each in (ANA, BEN)]


@contextmanager
def busy(work: Callable[[], object]) -> Iterator[None]:
    """Let another thread do some work again and again."""
    stopping = threading.Event()

    def loop() -> None:
        while not stopping.is_set():
            work()

    thread = threading.Thread(target=loop)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(interval / 50)  # else each fork waits for the other thread several times
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        sys.setswitchinterval(interval)


def fork(work: Callable[[], object]) -> int:
    """Do some work in a forked child, and return the child's process ID."""
    child = os.fork()
    if child == 0:  # pragma: no cover - the child ends without a report of its coverage
        signal.alarm(60)
        try:
            work()
        except BaseException:  # noqa: BLE001 - the parent must see it
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def statuses(children: list[int]) -> set[int]:
    """Return the exit statuses of children: 0, 1 for an error, -14 for a deadlock."""
    return {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}


def create_graph(account_id: str) -> str:
    return str(boto3.Session(account_id, "x", region_name="us-east-1").client("detective").create_graph()["GraphArn"])


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR) as fake:
        yield fake


class TestForks:
    @pytest.mark.slow
    def test_beside_a_thread_that_makes_calls(self, fake: DetectiveFake) -> None:
        """On both paths; the children can make calls, too, and start fakes."""
        client = fake.client()
        arn = client.create_graph()["GraphArn"]

        def change() -> None:
            client.create_members(GraphArn=arn, Accounts=ACCOUNTS)
            # Not an error with a response: for its next attempt botocore calls `strptime`, which has a lock of its own.
            fake.faults.add("DeleteMembers", network="ConnectionClosedError")
            client.delete_members(GraphArn=arn, AccountIds=[ANA, BEN])
            fake.forget_calls(keep=10)

        def call() -> None:
            assert violations(fake._context.world) == []  # noqa: SLF001 - the indexes are internal
            change()
            with DetectiveFake() as other:
                client.list_graphs()
            assert len(other.calls) == 1

        with busy(change):
            for _ in range(FORKS // 20):
                assert statuses([fork(call) for _ in range(20)]) == {0}

    def test_during_a_call(self, fake: DetectiveFake) -> None:
        """The fork waits for the call to end. The child can create clients and start threads."""
        called, forking = threading.Event(), threading.Event()

        class Organizations:
            def pull(self) -> None:
                called.set()
                forking.wait(0.2)

            def push(self) -> None:
                """Do nothing."""

        def call() -> None:
            assert len(fake.calls) == 1
            with DetectiveFake(wire=True) as other:
                thread = threading.Thread(target=other.client(config=Config()).create_graph)
                thread.start()
                thread.join()
            assert len(other.graphs) == 1

        fake._context.outside.append(cast("Any", Organizations()))  # noqa: SLF001 - a public one needs moto
        thread = threading.Thread(target=fake.client().create_graph)
        thread.start()
        called.wait(30)
        assert statuses([fork(call)]) == {0}
        thread.join()

    def test_the_parent_does_not_see_the_childs_calls(self, fake: DetectiveFake) -> None:
        """The child has a copy of the state, also in a pool of processes."""
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
            arns = list(pool.map(create_graph, [ANA, BEN]))
        assert [arn.split(":")[4] for arn in arns] == [ANA, BEN]
        assert (fake.graphs, len(fake.calls)) == ((), 0)

    def test_while_the_thread_itself_holds_a_lock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fork waits for a while, and goes on."""
        monkeypatch.setattr(locks, "_PATIENCE_SECONDS", 0.01)
        lock = locks.held_during_forks(threading.Lock())
        with lock:
            assert statuses([fork(lambda: None)]) == {0}
        assert lock.acquire(blocking=False)
