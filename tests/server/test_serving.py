"""The server: where it listens, how it stops, and what becomes of errors in its threads."""

from __future__ import annotations

import socket
import threading

import pytest

from detective_fake.errors import FakeUsageError
from detective_fake.server.connections import Limits
from detective_fake.server.serving import HttpServer, is_loopback, listen
from tests.server.http import PATIENCE, everything


class TestListen:
    def test_port_0_is_any_that_is_free(self) -> None:
        """Chosen by the machine."""
        with listen("127.0.0.1", 0) as one, listen("127.0.0.1", 0) as other:
            assert one.getsockname()[1] != other.getsockname()[1]

    def test_a_port_that_is_taken_is_refused(self) -> None:
        """With the reason, and what to do."""
        with listen("127.0.0.1", 0) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(FakeUsageError, match=rf"'127.0.0.1', port {port}: Address already in use.*\. Choose"):
                listen("127.0.0.1", port)

    @pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("192.0.2.1", 0), ("no such name", 0)])
    def test_so_is_what_is_no_address_of_this_machine(
        self, host: str, port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By the operating system; names are not looked up in this test."""

        def unknown(*_args: object, **_options: object) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        if " " in host:
            monkeypatch.setattr(socket, "create_server", unknown)
        with pytest.raises(FakeUsageError, match="Nothing can be served at"):
            listen(host, port)


class TestIsLoopback:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
    def test_this_machine_alone(self, host: str) -> None:
        """In all its spellings."""
        assert is_loopback(host)

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com"])
    def test_others_come_in(self, host: str) -> None:
        """Names may be anybody's."""
        assert not is_loopback(host)


class TestStop:
    def serve(self, started: threading.Event, finish: threading.Event) -> tuple[HttpServer, list[BaseException]]:
        def answer(_environ: object, start_response: object) -> list[bytes]:
            started.set()
            finish.wait(PATIENCE)
            start_response("200 OK", [("content-length", "4")])  # type: ignore[operator]
            return [b"done"]

        errors: list[BaseException] = []
        server = HttpServer(
            answer,
            listen("127.0.0.1", 0),
            Limits(),
            stopping=threading.Event(),
            on_error=errors.append,
        )
        server.start()
        return server, errors

    def test_requests_under_way_get_their_answers(self) -> None:
        """And then the connection is closed."""
        started, finish = threading.Event(), threading.Event()
        server, _ = self.serve(started, finish)
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert started.wait(PATIENCE)
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            finish.set()
            assert everything(connection).endswith(b"\r\n\r\ndone")
            stopping.join(PATIENCE)

    def test_idle_connections_are_closed(self) -> None:
        """Clients keep theirs open for as long as they may."""
        server, _ = self.serve(threading.Event(), threading.Event())
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
            server.stop()
            assert everything(connection) == b""

    def test_nobody_is_let_in_afterwards(self) -> None:
        """The port is free again."""
        server, _ = self.serve(threading.Event(), threading.Event())
        server.stop()
        listen("127.0.0.1", server.port).close()

    def test_stopping_twice_is_no_error(self) -> None:
        """There is nothing left to do."""
        server, _ = self.serve(threading.Event(), threading.Event())
        server.stop()
        server.stop()


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "handed_on"), [(ZeroDivisionError("a mistake"), True), (OSError("no route to host"), False)]
    )
    def test_what_is_raised_is_handed_on(self, error: Exception, handed_on: bool) -> None:  # noqa: FBT001
        """But for what happens to connections; the client gets not a word."""
        errors: list[BaseException] = []

        def fail(*_args: object) -> list[bytes]:
            raise error

        server = HttpServer(
            fail,
            listen("127.0.0.1", 0),
            Limits(),
            stopping=threading.Event(),
            on_error=errors.append,
        )
        server.start()
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert everything(connection) == b""
        server.stop()
        assert errors == ([error] if handed_on else [])
