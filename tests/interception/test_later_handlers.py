"""Handlers of the user's own for events after `before-call`: a call of a client that has some takes the wire path."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aiobotocore.session import AioSession
from botocore.config import Config

from detective_fake import DetectiveFake
from tests.builders import ADMINISTRATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EVENTS = ["request-created", "before-sign", "before-send", "before-parse", "response-received", "needs-retry"]


class Handler:
    """Remembers the events it was asked about."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def __call__(self, event_name: str, **_: Any) -> None:
        self.events.append(event_name)

    def handle(self, _first: object = None, **arguments: Any) -> None:
        """The same as a method."""
        self(**arguments)


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR) as fake:
        yield fake


class TestHandlers:
    @pytest.mark.parametrize("event", EVENTS)
    @pytest.mark.parametrize("name", ["", ".detective", ".detective.ListGraphs", ".*.*"])
    def test_are_asked(self, fake: DetectiveFake, event: str, name: str) -> None:
        """Of each event, however they were registered."""
        client, handler = fake.client(config=Config()), Handler()
        client.meta.events.register(event + name, handler)
        client.list_graphs()
        assert [each.split(".")[0] for each in handler.events] == [event]
        assert fake.calls[0].path == "wire"

    @pytest.mark.parametrize("kind", [lambda each: each.handle, lambda each: partial(each.handle, 1)])
    def test_may_be_methods_and_partial_functions(self, fake: DetectiveFake, kind: Callable[[Handler], Any]) -> None:
        """Those of sentry are partial functions."""
        client, handler = fake.client(config=Config()), Handler()
        client.meta.events.register("request-created.detective", kind(handler))
        client.list_graphs()
        assert len(handler.events) == 1

    def test_may_come_and_go(self, fake: DetectiveFake) -> None:
        """Each call looks again."""
        client, handler = fake.client(config=Config()), Handler()
        client.list_graphs()
        client.meta.events.register("before-send.detective", handler)
        client.list_graphs()
        client.meta.events.unregister("before-send.detective", handler)
        client.list_graphs()
        assert [call.path for call in fake.calls] == ["short", "wire", "short"]

    def test_of_another_operation_do_not_matter(self, fake: DetectiveFake) -> None:
        """Nor those of another service, or of events that the short path has."""
        client = fake.client(config=Config())
        for event in ("before-send.detective.CreateGraph", "before-send.s3", "before-call", "after-call"):
            client.meta.events.register(event, Handler())
        client.list_graphs()
        assert fake.calls[0].path == "short"

    @pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
    def test_of_botocore_do_not_matter(self, fake: DetectiveFake, mode: Any) -> None:
        """They sign, retry and limit the rate."""
        fake.client(config=Config(retries={"mode": mode})).list_graphs()
        assert fake.calls[0].path == "short"

    def test_of_asynchronous_clients_are_asked(self, fake: DetectiveFake) -> None:
        """As those of others."""
        handler = Handler()

        async def call() -> None:
            credentials = fake.credentials()
            async with AioSession().create_client("detective", region_name=fake.region, **credentials) as client:
                await client.list_graphs()
                client.meta.events.register("before-send.detective", handler)
                await client.list_graphs()

        asyncio.run(call())
        assert [call.path for call in fake.calls] == ["short", "wire"]
        assert len(handler.events) == 1
