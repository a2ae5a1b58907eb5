"""aiobotocore: every operation, on both paths, with the state that synchronous clients share, on asyncio and trio."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from unittest import mock

import aiobotocore
import pytest
import trio
from aiobotocore.session import AioSession
from botocore.exceptions import ParamValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from detective_fake import DetectiveFake, FakeUsageError
from tests import random_calls
from tests.builders import ADMINISTRATOR, ANA, BEN
from tests.random_calls import ACCOUNTS, NOON, REGIONS, Attempt, Driver, attempts, exact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

VERSION = tuple(map(int, aiobotocore.__version__.split(".")[:2]))

SESSION = AioSession()


def a_client(fake: DetectiveFake, account_id: str | None = None, region: str | None = None, **options: Any) -> Any:
    """Return a context manager that opens an asynchronous client of an account."""
    credentials = fake.credentials(account_id)
    return SESSION.create_client("detective", region_name=region or fake.region, **credentials, **options)


@pytest.fixture(params=[False, True], ids=["short", "wire"])
def wire(request: pytest.FixtureRequest) -> bool:
    """Run the test on the short path and on the wire path."""
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def fake(wire: bool) -> Iterator[DetectiveFake]:  # noqa: FBT001
    with DetectiveFake(wire=wire) as fake:
        yield fake


class Blocking:
    """An asynchronous client for use in synchronous code."""

    def __init__(self, loop: asyncio.AbstractEventLoop, client: Any) -> None:
        self.meta = client.meta
        self._loop = loop
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)
        return lambda **arguments: self._loop.run_until_complete(method(**arguments))


@pytest.fixture(scope="module")
def asynchronous_clients() -> Iterator[dict[tuple[str, str], Any]]:
    """Return a client for each account and Region of the random calls, created before their fakes."""
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    clients: dict[tuple[str, str], Any] = {}
    for account_id in ACCOUNTS:
        for region in REGIONS:
            context = a_client(DetectiveFake(), account_id, region)
            clients[account_id, region] = Blocking(loop, loop.run_until_complete(stack.enter_async_context(context)))
    yield clients
    loop.run_until_complete(stack.aclose())
    loop.close()


def played(calls: list[Attempt], clients: list[Callable[[str, str], Any]], *, wire: bool) -> tuple[list[Any], Any]:
    """Return what callers received, and the final state; each call uses a client of its own kind."""
    with DetectiveFake(wire=wire, timings={"recheck": None}) as fake:
        fake.clock.freeze(NOON)
        fake.seed.organization(ACCOUNTS[0], ACCOUNTS[1:4])
        driver = Driver(fake)
        outcomes = []
        for call, client_of in zip(calls, clients, strict=True):
            with mock.patch.object(random_calls, "client_of", client_of):
                outcomes.append(driver.make(call))
        return [(each.error, exact(each.response)) for each in outcomes], fake.snapshot()


FEW = settings(max_examples=max(4, settings().max_examples // 10))
"""Every call is made twice, once by an event loop."""

choices = st.lists(st.booleans(), min_size=40, max_size=40)


@pytest.mark.slow
class TestEveryOperation:
    @pytest.mark.parametrize("wire", [False, True], ids=["short", "wire"])
    @FEW
    @given(calls=st.lists(attempts(), min_size=40, max_size=40), asynchronous=choices)
    def test_asynchronous_clients_get_the_same(
        self,
        asynchronous_clients: dict[tuple[str, str], Any],
        calls: list[Attempt],
        asynchronous: list[bool],
        *,
        wire: bool,
    ) -> None:
        """Responses, errors, metadata and state, whichever of the calls are asynchronous."""
        synchronous_client, asynchronous_client = random_calls.client_of, lambda *key: asynchronous_clients[key]
        mixed = [asynchronous_client if each else synchronous_client for each in asynchronous]
        assert played(calls, mixed, wire=wire) == played(calls, [synchronous_client] * len(calls), wire=wire)


@pytest.mark.asyncio
class TestSharedState:
    async def test_a_coroutine_accepts_an_invitation_of_a_synchronous_administrator(self, fake: DetectiveFake) -> None:
        """Each sees at once what the other has done."""
        administrator: Any = fake.client(ADMINISTRATOR)
        graph_arn = administrator.create_graph()["GraphArn"]
        accounts = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        administrator.create_members(GraphArn=graph_arn, Accounts=accounts)
        async with a_client(fake, ANA) as member:
            (invitation,) = (await member.list_invitations())["Invitations"]
            await member.accept_invitation(GraphArn=invitation["GraphArn"])
        (row,) = administrator.list_members(GraphArn=graph_arn)["MemberDetails"]
        assert row["Status"] == "ENABLED"

    async def test_calls_of_both_kinds_are_in_one_journal(self, fake: DetectiveFake) -> None:
        """They are in the order of the calls."""
        synchronous: Any = fake.client(BEN)
        async with a_client(fake, ANA) as client:
            synchronous.list_graphs()
            await client.create_graph()
            synchronous.list_invitations()
        assert [(call.operation, call.account_id) for call in fake.calls] == [
            ("ListGraphs", BEN),
            ("CreateGraph", ANA),
            ("ListInvitations", BEN),
        ]

    async def test_tokens_are_valid_for_both_kinds(self, fake: DetectiveFake) -> None:
        """Either client can request the next page."""
        graph_arn = fake.seed.graph(members=[ANA, BEN])
        async with a_client(fake) as client:
            token = (await client.list_members(GraphArn=graph_arn, MaxResults=1))["NextToken"]
        synchronous: Any = fake.client()
        page = synchronous.list_members(GraphArn=graph_arn, NextToken=token)
        assert [row["AccountId"] for row in page["MemberDetails"]] == [BEN]

    async def test_concurrent_tasks_lose_no_updates(self, fake: DetectiveFake) -> None:
        """Forty accounts accept at once, while the administrator lists them."""
        accounts = [f"{number:012}" for number in range(1, 41)]
        graph_arn = fake.seed.graph(members=dict.fromkeys(accounts, "INVITED"))

        async def accept(account_id: str) -> None:
            async with a_client(fake, account_id) as client:
                await client.accept_invitation(GraphArn=graph_arn)

        async with a_client(fake) as administrator:
            await asyncio.gather(*map(accept, accounts), administrator.list_members(GraphArn=graph_arn))
        assert {row.status.value for row in fake.members(graph_arn)} == {"ENABLED"}
        assert len(fake.calls) == 41


@pytest.mark.asyncio
class TestErrors:
    async def test_are_those_of_the_client(self, fake: DetectiveFake) -> None:
        """Caught by `client.exceptions`, with the modelled members."""
        async with a_client(fake) as client:
            with pytest.raises(client.exceptions.ValidationException) as refusal:
                await client.create_graph(Tags={})
        assert refusal.value.response["Message"] == refusal.value.response["Error"]["Message"]

    async def test_that_botocore_finds_by_itself_reach_no_fake(self, fake: DetectiveFake) -> None:
        """Synchronous clients behave in the same way."""
        async with a_client(fake) as client:
            with pytest.raises(ParamValidationError, match="Missing required parameter"):
                await client.list_members()
        assert len(fake.calls) == 0

    async def test_of_the_test_itself_are_not_retried(self, fake: DetectiveFake) -> None:
        """A `FakeUsageError` is not an outage."""

        @fake.on("ListGraphs")
        def answer(_: object) -> dict[str, Any]:
            return {"GraphList": "none"}

        async with a_client(fake) as client:
            with pytest.raises(FakeUsageError, match="GraphList"):
                await client.list_graphs()


@pytest.mark.asyncio
class TestWaysIn:
    async def test_async_with(self) -> None:
        """The fake is active within the block."""
        async with DetectiveFake() as fake, a_client(fake) as client:
            graph_arn = (await client.create_graph())["GraphArn"]
        assert [graph.arn for graph in fake.graphs] == [graph_arn]

    async def test_a_decorated_coroutine_runs_under_a_new_fake_each_time(self) -> None:
        """Until it ends, not just until it is created."""

        @DetectiveFake(account_id=ANA)
        async def administrator_of_a_new_graph(fake: DetectiveFake) -> str:
            await asyncio.sleep(0)
            async with a_client(fake) as client:
                await client.create_graph()
            (graph,) = fake.graphs
            return graph.administrator_id

        first, second = administrator_of_a_new_graph(), administrator_of_a_new_graph()  # type: ignore[call-arg]
        assert (await first, await second) == (ANA, ANA)

    async def test_so_does_a_decorated_asynchronous_generator(self) -> None:
        """Also if it is closed before its last item."""

        @DetectiveFake()
        async def graphs(fake: DetectiveFake) -> AsyncIterator[int]:
            async with a_client(fake) as client:
                while True:
                    await client.create_graph()
                    yield len(fake.calls)

        counts = graphs()  # type: ignore[call-arg]
        assert [await anext(counts), await anext(counts)] == [1, 2]
        await counts.aclose()  # type: ignore[attr-defined]

    async def test_a_client_without_credentials_is_the_default_callers(self, fake: DetectiveFake) -> None:
        """Code under test creates such clients."""
        async with SESSION.create_client("detective", region_name=fake.region) as client:
            await client.create_graph()
        (graph,) = fake.graphs
        assert graph.administrator_id == fake.account_id


def a_client_of_httpx(fake: DetectiveFake) -> Any:
    """Return a context manager that opens an asynchronous client with the httpx backend."""
    from aiobotocore.config import AioConfig  # noqa: PLC0415 - not every aiobotocore has this
    from aiobotocore.httpxsession import HttpxSession  # noqa: PLC0415 - the same

    return a_client(fake, config=AioConfig(http_session_cls=HttpxSession))


LAZY = pytest.mark.skipif(VERSION < (2, 12), reason="aiobotocore opened a session of aiohttp with every client")
HTTPX = pytest.mark.skipif(VERSION < (3, 10) or find_spec("httpx2") is None, reason="httpx2 is not for this Python")


class TestTrio:
    """Nothing is sent, so that clients work on trio as far as their HTTP library does."""

    @pytest.mark.parametrize(
        "client_of", [pytest.param(a_client, marks=LAZY), pytest.param(a_client_of_httpx, marks=HTTPX)]
    )
    def test_its_event_loop_works(self, client_of: Callable[[DetectiveFake], Any], fake: DetectiveFake) -> None:
        """The httpx backend supports it."""

        async def main() -> list[str]:
            async with client_of(fake) as client:
                graph_arn = (await client.create_graph())["GraphArn"]
                with pytest.raises(client.exceptions.ResourceNotFoundException):
                    await client.accept_invitation(GraphArn=graph_arn)
                return [graph["Arn"] for graph in (await client.list_graphs())["GraphList"]]

        assert trio.run(main) == [graph.arn for graph in fake.graphs]
