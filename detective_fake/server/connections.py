"""One HTTP connection: requests in, answers out, within limits of size and time, until either side has enough.

Knows sockets and HTTP/1.1; must not know what an application answers. Nothing that a client sends, or fails to send, is
an error of the test.
"""

from __future__ import annotations

import io
import re
import time
from typing import TYPE_CHECKING, Any, Final

import attrs
from werkzeug.serving import WSGIRequestHandler

from detective_fake.interception.wsgi import NoAnswer

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

    from typing_extensions import Buffer

    from detective_fake.server.serving import HttpServer

__all__ = ["Connection", "Incoming", "Limits"]


@attrs.frozen(kw_only=True)
class Limits:
    """What a client may ask of the server.

    Attributes:
        body_bytes: The largest body of a request.
        request_seconds: From the first byte of a request to its last, and for taking an answer.
        idle_seconds: How long a connection may wait for its next request.
        connections: How many may be open at once; one more is closed with a 503.
    """

    body_bytes: int = 2**20
    request_seconds: float = 10
    idle_seconds: float = 60
    connections: int = 512


class Connection(WSGIRequestHandler):
    """Serves the requests of one connection, one after the other.

    werkzeug closes a connection after each answer, as it cannot know whether the application has read all of a request.
    Here every request is read to its end, and only then answered.
    """

    server: HttpServer  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # and so with a status line where somebody speaks no HTTP at all
    error_message_format = "%(code)d %(message)s\n"
    error_content_type = "text/plain;charset=utf-8"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Read through what keeps to the limits of time."""
        super().setup()
        self._limits = self.server.limits
        self._incoming = Incoming(self.connection, self._limits)
        self.rfile = io.BufferedReader(self._incoming)

    def handle_one_request(self) -> None:
        """Wait for a request and answer it."""
        self._incoming.expect_request()
        super().handle_one_request()

    def parse_request(self) -> bool:
        """Refuse what is older than versions and headers."""
        if not super().parse_request():
            return False
        if len(self.requestline.split()) < _WORDS:
            self.send_error(400, "Bad request syntax")
            return False
        return True

    def handle_expect_100(self) -> bool:
        """Ask for the body only if it will be taken."""
        return self._refusal() is not None or super().handle_expect_100()

    def run_wsgi(self) -> None:
        """Read the request's body, hand both to the application, and send what it answers."""
        refusal = self._refusal()
        if refusal is not None:
            self._refuse(*refusal)
            return
        length = int(self.headers.get("Content-Length") or 0)
        try:
            body = self.rfile.read(length)
        except TimeoutError:
            self.send_error(408)
            return
        if len(body) < length:
            self.close_connection = True
            return
        self._answer(body)

    def _refusal(self) -> tuple[int, str] | None:
        """Return status and reason of the answer to a request whose body will not be read; None where it will."""
        if "Transfer-Encoding" in self.headers:
            return 411, "Length Required: send a Content-Length in place of a Transfer-Encoding"
        lengths = self.headers.get_all("Content-Length", ["0"])
        if len(set(lengths)) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
            return 400, "Bad Content-Length"
        if len(lengths[0]) > _DIGITS or int(lengths[0]) > self._limits.body_bytes:
            return 413, f"Request Entity Too Large: at most {self._limits.body_bytes} bytes"
        return None

    def _refuse(self, status: int, reason: str) -> None:
        """Answer, and then read on for a while: a client that still sends would not see the answer otherwise."""
        self.send_error(status, reason)
        try:
            for _ in range(_DRAINED_BLOCKS):
                if not self.rfile.read(_BLOCK):
                    break
        except OSError:
            pass

    def _answer(self, body: bytes) -> None:
        try:
            environ = self.make_environ()
        except ValueError:
            self.send_error(400, "Bad request target")
            return
        environ["wsgi.input"] = io.BytesIO(body)
        started: list[Any] = []
        try:
            chunks = self.server.app(environ, lambda *status_and_headers: started.extend(status_and_headers))  # type: ignore[arg-type]
        except NoAnswer:
            self.close_connection = True
            return
        self.connection.settimeout(self._limits.request_seconds)
        try:
            self._send(started[0], started[1], chunks)
        finally:
            getattr(chunks, "close", lambda: None)()

    def _send(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        """Send an answer in one piece if its length is known, and else as it comes, until the connection closes."""
        is_whole = status.startswith(_NO_CONTENT) or any(name.lower() == "content-length" for name, _ in headers)
        if not is_whole or self.request_version != "HTTP/1.1":
            self.close_connection = True
        if self.close_connection:
            headers = [*headers, ("connection", "close")]
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {_CONTROL.sub(' ', value)}" for name, value in headers), "", ""]
        head = "\r\n".join(lines).encode("latin-1", "replace")
        if self.command == "HEAD":
            self.wfile.write(head)
        elif is_whole:
            self.wfile.write(head + b"".join(chunks))
        else:
            self.wfile.write(head)
            for chunk in chunks:
                self.wfile.write(chunk)

    def version_string(self) -> str:
        """Return what goes into `Server`: no versions."""
        return "detective_fake"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the journal knows of every call."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing, of errors neither: they are the client's."""


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NO_CONTENT: Final = "204 "
_DIGITS: Final = 18
_WORDS: Final = 3
_BLOCK: Final = 2**16
_DRAINED_BLOCKS: Final = 256


class Incoming(io.RawIOBase):
    """What comes in over a socket, as long as it comes in time."""

    def __init__(self, connection: socket.socket, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits
        self._deadline: float | None = None

    def expect_request(self) -> None:
        """Let a new request begin: whenever, but when its first byte is there the others have to follow."""
        self._deadline = None

    def readable(self) -> bool:
        """Return True: it is for reading."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Read what is there.

        Raises:
            TimeoutError: It takes too long.
        """
        self._connection.settimeout(self._seconds_left())
        count = self._connection.recv_into(buffer)
        if self._deadline is None:
            self._deadline = time.monotonic() + self._limits.request_seconds
        return count

    def _seconds_left(self) -> float:
        if self._deadline is None:
            return self._limits.idle_seconds
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
