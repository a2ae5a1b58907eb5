"""A server of its own thread: an application over HTTP from `start` to `stop`, and what went wrong meanwhile.

Knows sockets and threads; must not know what the application does.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from werkzeug.serving import ThreadedWSGIServer, select_address_family

from detective_fake.errors import FakeUsageError
from detective_fake.server.connections import Connection, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed.wsgi import WSGIApplication

__all__ = ["HttpServer", "is_loopback", "listen"]

_BACKLOG: Final = 512
_PORTS: Final = range(2**16)
_POLL_SECONDS: Final = 0.02
_PATIENCE_SECONDS: Final = 5
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        port: 0 for any that is free.
    Raises:
        FakeUsageError: The address is not this machine's, or the port is taken.
    """
    if port not in _PORTS:
        raise FakeUsageError(_not_served(host, port, f"a port is a number from 0 to {_PORTS[-1]}"))
    try:
        return socket.create_server((host, port), family=select_address_family(host, port), backlog=_BACKLOG)
    except OSError as error:
        raise FakeUsageError(_not_served(host, port, error.strerror or str(error))) from None


def _not_served(host: str, port: int, reason: str) -> str:
    return (
        f"Nothing can be served at {host!r}, port {port}: {reason}. "
        "Choose a port that is free, or 0 for any, and a host that is an address of this machine."
    )


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class HttpServer(ThreadedWSGIServer):
    """Serves an application, a thread a connection, from a thread of its own.

    Args:
        app: What answers.
        listening: From `listen`; closed with the server.
        limits: Of size, time and number.
        stopping: Set when the server is about to stop: what streams has to come to its end.
        on_error: Gets what goes wrong in serving without any client being the cause of it.
    """

    def __init__(
        self,
        app: WSGIApplication,
        listening: socket.socket,
        limits: Limits,
        *,
        stopping: threading.Event,
        on_error: Callable[[BaseException], None],
    ) -> None:
        host, port = listening.getsockname()[:2]
        with listening:
            super().__init__(host, port, app, Connection, fd=listening.fileno())
        self.limits = limits
        self._stopping = stopping
        self._on_error = on_error
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), name="detective_fake server", daemon=True
        )

    def start(self) -> None:
        """Accept connections from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Accept no more; let requests under way have their answers, and close all connections."""
        self._stopping.set()
        self.shutdown()
        self._thread.join()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            _shut(connection, socket.SHUT_RD)
        for connection, thread in connections.items():
            thread.join(_PATIENCE_SECONDS)
            _shut(connection, socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a new connection from a thread of its own, or turn it away."""
        with self._lock:
            if len(self._connections) >= self.limits.connections:
                self._turn_away(request)
                return
            thread = threading.Thread(
                target=self.process_request_thread,
                args=(request, client_address),
                name="detective_fake connection",
                daemon=True,
            )
            self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection and close it."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Keep what was raised while a connection was served, unless the client is the cause of it."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self._on_error(error)

    def _turn_away(self, request: socket.socket) -> None:
        with suppress(OSError):
            request.sendall(_BUSY)
        super().shutdown_request(request)


def _shut(connection: socket.socket, how: int) -> None:
    with suppress(OSError):  # it may be closed already
        connection.shutdown(how)
