"""The stream of events: when it has one, and when it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from detective_fake.fake import DetectiveFake
from detective_fake.server import page
from detective_fake.server.control import Control
from detective_fake.server.page import changes
from tests.server.http import Client, connected, everything, served

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

ANA = "222222222222"
CHANGE = "event: change\ndata: \n\n"
REQUEST = b"GET /_fake/events HTTP/1.1\r\nHost: localhost\r\n\r\n"


def call(fake: DetectiveFake) -> None:
    fake.client().list_graphs()


def retry(fake: DetectiveFake) -> None:
    fake.faults.add("ListGraphs", error="ThrottlingException")
    fake.client().list_graphs()


def act_as_another(fake: DetectiveFake) -> None:
    fake.account_id = ANA


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_POLL_SECONDS", 0.001)


class TestChanges:
    @pytest.mark.parametrize(
        "change",
        [
            call,
            retry,
            act_as_another,
            lambda fake: fake.faults.add("ListGraphs", status=503),
            lambda fake: fake.deny("detective:ListGraphs"),
            lambda fake: fake.seed.graph(members=[ANA]),
            lambda fake: fake.clock.advance(hours=1),
            lambda fake: fake.clock.freeze(),
            lambda fake: setattr(fake.quotas, "members_per_graph", 3),
        ],
    )
    def test_every_change_is_an_event(self, change: Callable[[DetectiveFake], object]) -> None:
        """The first event comes at once, as the reader may have missed anything."""

        async def read() -> list[str]:
            stopping = asyncio.Event()
            events = []
            async for event in changes(Control(fake, stopping)):
                events.append(event)
                if len(events) == 1:
                    change(fake)
                else:
                    asyncio.get_running_loop().call_later(0.05, stopping.set)
            return events

        with DetectiveFake(unused_faults="ignore") as fake:
            assert asyncio.run(read()) == [CHANGE, CHANGE]

    def test_it_ends_when_the_server_stops(self) -> None:
        """It would delay it otherwise."""

        async def read() -> list[str]:
            stopping = asyncio.Event()
            stopping.set()
            return [event async for event in changes(Control(DetectiveFake(), stopping))]

        assert asyncio.run(read()) == []


def read_events(connection: socket.socket, count: int) -> bytes:
    received = b""
    while received.count(CHANGE.encode()) < count:
        received += connection.recv(2**16)
    return received


class TestOverHttp:
    def test_it_goes_on_until_the_server_stops(self) -> None:
        """As an event stream."""
        fake = DetectiveFake()
        with served(fake) as endpoint, connected(endpoint) as connection:
            connection.sendall(REQUEST)
            head = read_events(connection, 1)
            fake.seed.graph(ANA)
            read_events(connection, 1)
        assert b"content-type: text/event-stream" in head

    def test_a_reader_that_goes_away_is_not_an_error(self) -> None:
        """Users close pages."""
        with served() as endpoint:
            with connected(endpoint) as connection:
                connection.sendall(REQUEST)
                read_events(connection, 1)
            with Client(endpoint) as client:
                assert client.get("/clock")["frozen"] is False

    def test_an_error_reaches_the_test(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The response has begun: the client only sees its end."""
        fake, errors = DetectiveFake(), list[BaseException]()
        with fake.serve(on_error=errors.append) as endpoint, connected(endpoint) as connection:
            connection.sendall(REQUEST)
            read_events(connection, 1)
            monkeypatch.setattr(fake, "snapshot", lambda: 1 // 0)
            everything(connection)
        assert len(errors) == 1  # in a group, with older releases of Starlette
