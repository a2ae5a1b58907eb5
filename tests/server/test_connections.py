"""Connections: kept alive, limited in size and time, and not to be upset by anything that comes in."""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from detective_fake.errors import ServiceError
from detective_fake.fake import DetectiveFake
from detective_fake.server import connections
from detective_fake.server.connections import Incoming, Limits
from tests.server.http import Client, connected, everything, served, told

if TYPE_CHECKING:
    from detective_fake.server.endpoint import Endpoint

HOST = b"Host: localhost\r\n"
LIST = b"POST /graphs/list HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n{}"


def answers(received: bytes) -> list[bytes]:
    """Return the status lines in what was received."""
    return re.findall(rb"HTTP/1\.1 \d[^\r]*", received)


def is_well(endpoint: Endpoint) -> bool:
    """Tell whether a new connection gets an answer."""
    with Client(endpoint) as client:
        return bool(client.ask("POST", "/graphs/list", {}).json == {"GraphList": []})


class TestKeepingAlive:
    def test_requests_follow_one_another(self) -> None:
        """Over one connection, as SDKs do it."""
        with served() as endpoint, Client(endpoint) as client:
            assert [client.ask("POST", "/graphs/list", {}).status for _ in range(3)] == [200] * 3

    def test_requests_may_be_sent_ahead(self) -> None:
        """Pipelined: answered in order."""
        with served() as endpoint:
            unknown = LIST.replace(b"/graphs/list", b"/nothing").replace(
                b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n"
            )
            received = told(endpoint, LIST + LIST + unknown)
        assert answers(received) == [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b"HTTP/1.1 404 Not Found"]

    def test_an_answer_without_a_body_ends_by_itself(self) -> None:
        """With a 204; nothing has to be closed for it."""
        fake = DetectiveFake()
        path = f"/tags/{fake.seed.graph()}?tagKeys=a"
        with served(fake) as endpoint, Client(endpoint) as client:
            assert [client.ask("DELETE", path).status for _ in range(2)] == [204, 204]
            assert "connection" not in client.ask("DELETE", path).headers

    def test_whoever_wants_it_closed_gets_it_closed(self) -> None:
        """`Connection: close` is said back."""
        with served() as endpoint:
            received = told(endpoint, LIST.replace(HOST, HOST + b"Connection: close\r\n"))
        assert b"connection: close" in received

    def test_http_1_0_is_answered_once(self) -> None:
        """There nobody keeps a connection open without saying so."""
        with served() as endpoint:
            received = told(endpoint, LIST.replace(b"HTTP/1.1", b"HTTP/1.0") + LIST)
        assert len(answers(received)) == 1

    def test_an_idle_connection_is_closed(self) -> None:
        """After some time."""
        with served(idle_seconds=0.05) as endpoint:
            assert told(endpoint, b"") == b""

    def test_a_head_has_no_body(self) -> None:
        """But the length of what it leaves out."""
        with served() as endpoint:
            request = b"HEAD /_fake/clock HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
            received = told(endpoint, request)
        assert received.startswith(b"HTTP/1.1 200 OK")
        assert received.endswith(b"\r\n\r\n")


class TestSizes:
    def test_a_body_up_to_the_limit_is_read(self) -> None:
        """A mebibyte."""
        body = b" " * (2**20 - 2) + b"{}"
        with served() as endpoint, Client(endpoint) as client:
            assert client.ask("POST", "/graphs/list", body).status == 200

    def test_a_larger_one_is_refused(self) -> None:
        """The client gets to see it, though it is still sending."""
        with served() as endpoint, Client(endpoint) as client:
            answered = client.ask("POST", "/graphs/list", b" " * (2**20 + 1))
            assert (answered.status, answered.headers["connection"]) == (413, "close")
            assert is_well(endpoint)

    def test_there_is_an_end_to_what_is_read_for_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever goes on sending does not see the refusal."""
        monkeypatch.setattr(connections, "_DRAINED_BLOCKS", 1)
        with served() as endpoint, connected(endpoint) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9999999\r\n\r\n" + b" " * 2**16)
            assert answers(everything(connection))[0].startswith(b"HTTP/1.1 413")

    def test_nobody_is_asked_for_what_will_not_be_read(self) -> None:
        """`Expect: 100-continue` gets the refusal instead."""
        request = b"POST /graphs/list HTTP/1.1\r\n" + HOST + b"Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n"
        with served(request_seconds=0.2) as endpoint:
            assert answers(told(endpoint, request)) == [b"HTTP/1.1 413 Request Entity Too Large: at most 1048576 bytes"]

    def test_who_asks_whether_to_go_on_may(self) -> None:
        """`curl` does for large bodies."""
        request = LIST.replace(HOST, HOST + b"Expect: 100-continue\r\nConnection: close\r\n")
        with served() as endpoint:
            assert answers(told(endpoint, request)) == [b"HTTP/1.1 100 Continue", b"HTTP/1.1 200 OK"]

    @pytest.mark.parametrize(
        ("header", "status"),
        [
            (b"Content-Length: -1", 400),
            (b"Content-Length: 1_0", 400),
            (b"Content-Length: two", 400),
            (b"Content-Length: 1\r\nContent-Length: 2", 400),
            (b"Content-Length: 99999999999999999999", 413),
            (b"Transfer-Encoding: chunked", 411),
            (b"X: " + b"x" * 70_000, 431),
            (b"\r\n".join(b"X%d: x" % number for number in range(120)), 431),
        ],
    )
    def test_headers_that_cannot_be_are_refused(self, header: bytes, status: int) -> None:
        """With what is wrong as status."""
        request = b"POST /graphs/list HTTP/1.1\r\n" + HOST + header + b"\r\n\r\n"
        with served(request_seconds=0.2) as endpoint:
            assert answers(told(endpoint, request))[0].startswith(b"HTTP/1.1 %d " % status)
            assert is_well(endpoint)


class TestBadRequests:
    @pytest.mark.parametrize(
        "request_",
        [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 \r\n\r\n",
            b"GET /\r\n\r\n",
            b"GET / HTTP/9\r\n\r\n",
            b"GET / HTTP/3.0\r\n\r\n",
            b"POST\r\n\r\n",
            b"GET http://[::1 HTTP/1.1\r\n" + HOST + b"\r\n",
            b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
            b"\r\n",
            b"\0" * 1000 + b"\r\n\r\n",
        ],
    )
    def test_none_upsets_the_server(self, request_: bytes) -> None:
        """It is refused or not answered at all, without a traceback, and the next one is answered."""
        with served(request_seconds=0.5) as endpoint:
            received = told(endpoint, request_)
            assert received == b"" or 400 <= int(received.split(b" ")[1]) < 600
            assert b"Traceback" not in received
            assert is_well(endpoint)

    def test_a_request_that_ends_early_is_no_request(self) -> None:
        """The client has gone in the middle of it."""
        fake_calls = []
        with served() as endpoint:
            with connected(endpoint) as connection:
                connection.sendall(LIST[:-1])
                connection.shutdown(socket.SHUT_WR)
                fake_calls.append(everything(connection))
            assert is_well(endpoint)
        assert fake_calls == [b""]

    def test_a_client_that_does_not_wait_for_its_answer_is_no_error(self) -> None:
        """Of the test, that is."""
        with served() as endpoint:
            for _ in range(20):
                with connected(endpoint) as connection:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    connection.sendall(LIST)
            assert is_well(endpoint)


class TestSlowClients:
    def test_a_slow_head_is_given_up(self) -> None:
        """The connection is closed."""
        with served(request_seconds=0.05) as endpoint:
            assert told(endpoint, LIST[:20]) == b""

    def test_a_slow_body_is_given_up(self) -> None:
        """With a status that says so."""
        with served(request_seconds=0.05) as endpoint:
            assert answers(told(endpoint, LIST[:-1])) == [b"HTTP/1.1 408 Request Timeout"]

    def test_a_trickle_is_given_up(self) -> None:
        """Whoever sends a byte now and then does not go on for ever: what is late is not read, though it is there."""
        client, server = socket.socketpair()
        with client, server:
            incoming = Incoming(server, Limits(request_seconds=0))
            client.sendall(b"P")
            assert incoming.readinto(bytearray(1)) == 1
            client.sendall(b"O")
            with pytest.raises(TimeoutError):
                incoming.readinto(bytearray(1))

    def test_the_others_are_answered_meanwhile(self) -> None:
        """Everybody has a thread."""
        with served() as endpoint, connected(endpoint) as slow:
            slow.sendall(LIST[:20])
            assert is_well(endpoint)


class TestManyConnections:
    def test_two_hundred_at_once_are_answered(self) -> None:
        """All of them open before the first asks."""
        with served() as endpoint, ExitStack() as stack:
            clients = [stack.enter_context(Client(endpoint)) for _ in range(200)]
            for client in clients:
                client.open()
            with ThreadPoolExecutor(16) as pool:
                found = list(pool.map(lambda client: client.ask("POST", "/graphs/list", {}).status, clients))
        assert found == [200] * 200

    def test_one_too_many_is_turned_away(self) -> None:
        """With a 503."""
        with served(connections=1) as endpoint, Client(endpoint) as client:
            client.ask("POST", "/graphs/list", {})
            assert answers(told(endpoint, b"")) == [b"HTTP/1.1 503 Service Unavailable"]


class TestAnswers:
    def test_what_no_header_can_hold_is_left_out_of_it(self) -> None:
        """Error codes come from tests, and may be anything."""
        fake = DetectiveFake()
        fake.faults.add("ListGraphs", error=ServiceError("no", {}, "Bad\r\nX-Injected: yes", 400))
        with served(fake) as endpoint, Client(endpoint) as client:
            answered = client.ask("POST", "/graphs/list", {})
        assert answered.status == 400
        assert "x-injected" not in answered.headers
        assert json.loads(answered.body) == {"Message": "no"}
