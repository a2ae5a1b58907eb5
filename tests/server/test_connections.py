"""Connections over sockets: many, slow, broken, and hostile ones do no harm."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from detective_fake.fake import DetectiveFake
from tests.server.http import PATIENCE, Client, connected, everything, served, status_lines, told

if TYPE_CHECKING:
    from detective_fake.server.endpoint import Endpoint

HOST = b"Host: localhost\r\n"
LIST = b"POST /graphs/list HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n{}"


def works(endpoint: Endpoint) -> bool:
    """Return whether a new connection gets the right response."""
    with Client(endpoint) as client:
        return bool(client.ask("POST", "/graphs/list", {}).json == {"GraphList": []})


class TestKeepAlive:
    def test_a_connection_stays_open(self) -> None:
        """Also after a response without a body."""
        fake = DetectiveFake()
        path = f"/tags/{fake.seed.graph()}?tagKeys=a"
        with served(fake) as endpoint, Client(endpoint) as client:
            answered = [client.ask("DELETE", path) for _ in range(3)]
        assert [(each.status, "connection" in each.headers) for each in answered] == [(204, False)] * 3

    def test_an_idle_connection_is_closed(self) -> None:
        """After some time."""
        with served(idle_seconds=0) as endpoint, connected(endpoint) as connection:
            connection.sendall(LIST)
            assert status_lines(everything(connection)) == [b"HTTP/1.1 200 OK"]


class TestBadRequests:
    @pytest.mark.parametrize(
        "request_",
        [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 \r\n\r\n",
            b"GET / HTTP/9\r\n\r\n",
            b"GET / HTTP/3.0\r\n\r\n",
            b"POST\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
            b"GET http://[::1 HTTP/1.1\r\n" + HOST + b"\r\n",
            b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n",
            b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nConnection: close\r\n\r\n",
            b"\0" * 1000 + b"\r\n\r\n",
            *(
                b"POST /graphs/list HTTP/1.1\r\n" + HOST + header + b"\r\nConnection: close\r\n\r\n"
                for header in (
                    b"Content-Length: -1",
                    b"Content-Length: 1_0",
                    b"Content-Length: two",
                    b"Content-Length: 1\r\nContent-Length: 2",
                    b"Content-Length: 99999999999999999999",
                    b"Content-Length: 2\r\nTransfer-Encoding: chunked",
                    b"Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: two",
                )
            ),
        ],
    )
    def test_a_malformed_request_is_refused(self, request_: bytes) -> None:
        """Without a traceback, and the next request is answered."""
        with served() as endpoint:
            received = told(endpoint, request_)
            assert 400 <= int(received.split(b" ")[1]) < 500
            assert b"Traceback" not in received
            assert works(endpoint)

    def test_a_client_that_does_not_wait_for_its_response_does_no_harm(self) -> None:
        """It resets the connection."""
        with served() as endpoint:
            for _ in range(20):
                with connected(endpoint) as connection:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    connection.sendall(LIST)
            assert works(endpoint)


class TestManyConnections:
    def test_two_hundred_at_once_are_answered(self) -> None:
        """All of them are open before the first sends a request."""
        with served() as endpoint, ExitStack() as stack:
            clients = [stack.enter_context(Client(endpoint)) for _ in range(200)]
            for client in clients:
                client.open()
            with ThreadPoolExecutor(16) as pool:
                found = list(pool.map(lambda client: client.ask("POST", "/graphs/list", {}).status, clients))
        assert found == [200] * 200

    def test_others_are_answered_beside_two_hundred_slow_ones(self) -> None:
        """They have sent a part of a head or of a body."""
        with served() as endpoint, ExitStack() as stack:
            for number in range(200):
                stack.enter_context(connected(endpoint)).sendall(LIST[: -1 - number % 30])
            assert works(endpoint)

    def test_requests_beyond_the_limit_are_turned_away(self) -> None:
        """With a 503."""
        with served(connections=1) as endpoint, Client(endpoint) as first, Client(endpoint) as second:
            assert first.ask("POST", "/graphs/list", {}).status == 200
            assert second.ask("POST", "/graphs/list", {}).status == 503

    def test_calls_that_wait_do_not_hold_up_the_others(self) -> None:
        """An override may wait for another call."""
        fake = DetectiveFake()
        with served(fake) as endpoint, Client(endpoint) as client, ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(told, endpoint, LIST.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n"))
            fake.on("ListGraphs")(lambda _call: client.get("/clock") and None)
            assert status_lines(waiting.result(PATIENCE)) == [b"HTTP/1.1 200 OK"]
