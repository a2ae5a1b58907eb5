"""The stream of events: when there is something new to see, and when it ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from detective_fake.fake import DetectiveFake
from detective_fake.server.events import changes
from tests.server.http import Client, connected, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANA = "222222222222"
CHANGE = b"event: change\ndata: \n\n"
HEARTBEAT = b": still here\n\n"


def a_stream(fake: DetectiveFake, errors: list[BaseException] | None = None) -> Iterator[bytes]:
    """Return a stream that never waits, and has a heartbeat at every look where nothing is new."""
    seen: list[BaseException] = [] if errors is None else errors
    return changes(fake, threading.Event(), seen.append, look_seconds=0, heartbeat_seconds=0)


def call(fake: DetectiveFake) -> None:
    fake.client().list_graphs()


def meet_a_fault(fake: DetectiveFake) -> None:
    fake.faults.add("ListGraphs", error="ThrottlingException")


def act_as_another(fake: DetectiveFake) -> None:
    fake.account_id = ANA


class TestChanges:
    def test_there_is_something_to_see_at_first(self) -> None:
        """Whoever connects again may have missed anything."""
        assert next(a_stream(DetectiveFake())) == CHANGE

    def test_then_nothing_new_is_told_by_heartbeats(self) -> None:
        """Or nobody would notice that the reader has gone."""
        stream = a_stream(DetectiveFake())
        assert [next(stream) for _ in range(3)] == [CHANGE, HEARTBEAT, HEARTBEAT]

    @pytest.mark.parametrize(
        "change",
        [
            call,
            meet_a_fault,
            act_as_another,
            lambda fake: fake.seed.graph(members=[ANA]),
            lambda fake: fake.clock.advance(hours=1),
            lambda fake: fake.clock.freeze(),
            lambda fake: setattr(fake.quotas, "members_per_graph", 3),
        ],
    )
    def test_every_change_is_seen(self, change: Callable[[DetectiveFake], object]) -> None:
        """Whoever has made it, and however."""
        with DetectiveFake(unmet_faults="ignore") as fake:
            stream = a_stream(fake)
            next(stream)
            change(fake)
            assert [next(stream), next(stream)] == [CHANGE, HEARTBEAT]

    def test_so_is_another_attempt(self) -> None:
        """Of a call that is in the journal already."""
        with DetectiveFake(wire=True) as fake:
            fake.faults.add("ListGraphs", error="ThrottlingException")
            seen: list[bytes] = []
            stream = a_stream(fake)
            next(stream)
            fake.faults.add("ListGraphs", callback=lambda: seen.append(next(stream)))
            call(fake)
            assert next(stream) == CHANGE

    def test_it_ends_when_the_server_stops(self) -> None:
        """Streams would hold it up otherwise."""
        stopping = threading.Event()
        errors: list[BaseException] = []
        stream = changes(DetectiveFake(), stopping, errors.append)
        next(stream)
        stopping.set()
        assert list(stream) == []

    def test_what_goes_wrong_is_handed_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The answer has begun: the client cannot be told."""
        fake, errors = DetectiveFake(), list[BaseException]()
        stream = a_stream(fake, errors)
        next(stream)
        monkeypatch.setattr(fake, "snapshot", lambda: 1 // 0)
        assert list(stream) == []
        assert [type(error) for error in errors] == [ZeroDivisionError]


class TestOverHttp:
    def test_it_goes_on_until_the_server_stops(self) -> None:
        """Without a length, as an event stream."""
        fake = DetectiveFake()
        with served(fake) as endpoint, connected(endpoint) as connection:
            connection.sendall(b"GET /_fake/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while received.count(CHANGE) < 2:
                if received.count(CHANGE) == 1:
                    fake.seed.graph(ANA) if not fake.graphs else None
                received += connection.recv(2**16)
        head = received.partition(b"\r\n\r\n")[0].lower()
        assert b"content-type: text/event-stream" in head
        assert b"content-length" not in head

    def test_a_reader_that_has_gone_is_no_error(self) -> None:
        """Pages are closed."""
        with served() as endpoint:
            with connected(endpoint) as connection:
                connection.sendall(b"GET /_fake/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                connection.recv(2**16)
            with Client(endpoint) as client:
                assert client.get("/clock")["frozen"] is False
