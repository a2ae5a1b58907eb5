"""Helpers for tests of the server: raw connections, requests over them, and servers with other limits."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from detective_fake.fake import DetectiveFake
from detective_fake.server.application import Limits
from detective_fake.server.endpoint import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from detective_fake.server.endpoint import Endpoint

CONTROL = {"X-Detective-Fake": "test"}
PATIENCE = 20
"""Seconds after which a test that hangs fails."""


class Served(NamedTuple):
    """A process of `detective-fake serve`, and the environment variables that it prints for each account."""

    popen: subprocess.Popen[str]
    accounts: tuple[dict[str, str], ...]

    @property
    def url(self) -> str:
        """Return its URL."""
        return self.accounts[0]["AWS_ENDPOINT_URL_DETECTIVE"]


@contextmanager
def served_by_process(*arguments: str) -> Iterator[Served]:
    """Start `detective-fake serve` as a process, which ends with the block."""
    command = [sys.executable, "-m", "detective_fake", "serve", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as started:
        assert started.stdout is not None
        printed = "".join(iter(started.stdout.readline, "Ctrl-C stops it.\n"))
        first, second = (dict(re.findall(r"^export (\w+)=(.*)$", part, re.MULTILINE)) for part in _halves(printed))
        yield Served(started, (first, {**first, **second}))
        started.kill()


def _halves(printed: str) -> tuple[str, str]:
    before, _, after = printed.partition("# Another one")
    return before, after


class Answered(NamedTuple):
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


class Client:
    """Sends requests over one connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port_of(endpoint), timeout=PATIENCE)

    def ask(self, method: str, target: str, body: object = None, headers: dict[str, str] | None = None) -> Answered:
        """Return the response to a request. A body in bytes is sent as it is, anything else as JSON."""
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        self._connection.request(method, target, sent, headers or {})
        response = self._connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answered(response.status, found, response.read())

    def get(self, path: str) -> Any:
        """Return the response of a control call that reads."""
        return self.ask("GET", f"/_fake{path}").json

    def do(self, method: str, path: str, body: object = None) -> Any:
        """Return the response of a control call that changes something, and succeeds."""
        answered = self.ask(method, f"/_fake{path}", body, CONTROL)
        assert answered.status == 200, answered.body
        return answered.json

    def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Return status and message of a refused control call."""
        answered = self.ask(method, f"/_fake{path}", body, CONTROL)
        return answered.status, answered.json["message"]

    def open(self) -> None:
        """Open the connection without sending a request."""
        self._connection.connect()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def port_of(endpoint: Endpoint) -> int:
    """Return the port of an endpoint."""
    port = urlsplit(endpoint.url).port
    assert port is not None
    return port


@contextmanager
def served(fake: DetectiveFake | None = None, **limits: float) -> Iterator[Endpoint]:
    """Serve a fake with these limits."""
    fake = fake or DetectiveFake()
    with serving(fake, fake._backend, limits=Limits(**limits)) as endpoint:  # type: ignore[arg-type] # noqa: SLF001 as `fake.serve` does
        yield endpoint


@contextmanager
def connected(endpoint: Endpoint) -> Iterator[socket.socket]:
    """Open a connection to an endpoint."""
    with socket.create_connection(("127.0.0.1", port_of(endpoint)), timeout=PATIENCE) as connection:
        yield connection


def everything(connection: socket.socket) -> bytes:
    """Return everything received until the server closes the connection."""
    found = b""
    with suppress(ConnectionResetError):
        while chunk := connection.recv(2**16):
            found += chunk
    return found


def status_lines(received: bytes) -> list[bytes]:
    """Return the status lines in what a client received."""
    return re.findall(rb"HTTP/1\.1 \d[^\r]*", received)


def told(endpoint: Endpoint, request: bytes) -> bytes:
    """Send these bytes, and return everything received until the server closes the connection."""
    with connected(endpoint) as connection:
        connection.sendall(request)
        return everything(connection)
