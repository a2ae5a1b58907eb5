"""`with fake.serve() as endpoint`: uvicorn in a thread of the test, and what another process needs to reach it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from anyio.from_thread import start_blocking_portal

from detective_fake.domain.account import checked_account_id
from detective_fake.errors import FakeUsageError
from detective_fake.interception.asgi import DetectiveApi, Hosts, address_of
from detective_fake.interception.environment import replaced
from detective_fake.server.application import Application, Limits
from detective_fake.server.control import PREFIX, Control
from detective_fake.service import RequestIds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from detective_fake.fake import DetectiveFake
    from detective_fake.interception.asgi import Scope
    from detective_fake.interception.backend import Backend

_BACKLOG: Final = 512
_LIMITS: Final = Limits()
_PORTS: Final = range(2**16)
_PATIENCE_SECONDS: Final = 5
_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - they cannot be in a URL


class Endpoint:
    """A fake that is served.

    Attributes:
        url: The `endpoint_url` for clients: `http://127.0.0.1:49152`.
        page_url: The page for a browser.
    """

    def __init__(self, fake: DetectiveFake, host: str, port: int) -> None:
        self._fake = fake
        name = _EVERY_ADDRESS.get(host, host)
        self.url = f"http://{f'[{name}]' if ':' in name else name}:{port}"
        self.page_url = f"{self.url}{PREFIX}/"

    def environment(self, account_id: str | None = None) -> dict[str, str]:
        """Return environment variables for a process that calls Detective as an account, by default the default caller.

        Raises:
            FakeUsageError: The account ID is not twelve digits.
        """
        return {
            "AWS_ENDPOINT_URL_DETECTIVE": self.url,
            "AWS_REGION": self._fake.region,
            "AWS_DEFAULT_REGION": self._fake.region,
            "AWS_ACCESS_KEY_ID": checked_account_id(account_id or self._fake.account_id),
            "AWS_SECRET_ACCESS_KEY": "detective-fake",
            "AWS_SESSION_TOKEN": "",
        }


@contextmanager
def serving(
    fake: DetectiveFake,
    backend: Backend,
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    allowed_hosts: Iterable[str] = (),
    keep_calls: int | None = None,
    limits: Limits = _LIMITS,
    on_error: Callable[[BaseException], None] | None = None,
) -> Iterator[Endpoint]:
    """Serve a fake over HTTP for the duration of a `with` block.

    Args:
        backend: The fake's own.
        port: 0 for any free port.
        host: The address to bind.
        allowed_hosts: Further accepted values of the `Host` header.
        keep_calls: About how many calls the journal keeps; None for all.
        limits: The limits for clients.
        on_error: Gets each exception raised inside the server when it is raised. Then none is raised at the end.
    Raises:
        FakeUsageError: The address cannot be bound.
        Exception: The first exception raised inside the server, unless the block itself raises.
    """
    errors: list[BaseException] = []
    on_error = on_error or errors.append
    stopping = asyncio.Event()

    def forget_old_calls() -> None:
        # A tenth at a time, as removing one at each call would be slow.
        if keep_calls is not None and len(fake.calls) >= keep_calls + max(keep_calls // 10, 1):
            fake.forget_calls(keep_calls)

    detective = DetectiveApi(
        backend=backend,
        region=fake.region,
        now=fake.clock.now,
        request_id=RequestIds("requests that are for no operation"),
        on_error=on_error,
        after_call=forget_old_calls,
    )
    application = Application(
        detective=detective,
        control=Control(fake, stopping),
        hosts=Hosts(host, allowed_hosts),
        limits=limits,
        on_error=on_error,
        close=lambda scope: server.close_connection(scope),  # noqa: PLW0108 - the server is made below
    )
    server = _Server(application, limits, stopping)
    try:
        with listen(host, port) as listening, start_blocking_portal() as portal:
            served = portal.start_task_soon(server.serve, [listening])
            endpoint = Endpoint(fake, host, listening.getsockname()[1])
            try:
                # For child processes. Calls of this process do not look at it.
                with replaced({"AWS_ENDPOINT_URL_DETECTIVE": endpoint.url}):
                    yield endpoint
            finally:
                portal.call(stopping.set)
                served.result()
    except BaseException as error:
        _add_notes(error, errors)
        raise
    if errors:
        _add_notes(errors[0], errors[1:])
        raise errors[0]


class _Server(uvicorn.Server):
    """uvicorn, but it stops at once, where `uvicorn.Server` polls a flag and sleeps."""

    def __init__(self, application: Any, limits: Limits, stopping: asyncio.Event) -> None:
        config = uvicorn.Config(
            application,
            ws="none",
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,  # responses of Detective have the date of the fake's clock
            timeout_keep_alive=limits.idle_seconds,
            limit_concurrency=limits.connections + 1,
        )
        super().__init__(config)
        self.server_state.default_headers = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
        self._stopping = stopping

    async def main_loop(self) -> None:
        """Serve until the server has to stop."""
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Close idle connections, and wait a while for the requests in progress."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        requests = asyncio.gather(*self.server_state.tasks)
        await asyncio.wait([requests], timeout=_PATIENCE_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await requests

    def close_connection(self, scope: Scope) -> None:
        """Close the connection of a request."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == scope["client"]:
                connection.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Args:
        port: 0 for any free port.
    Raises:
        FakeUsageError: The address does not belong to this machine, or the port is taken.
    """
    reason = f"a port is a number from 0 to {_PORTS[-1]}"
    if port in _PORTS:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        except OSError as error:
            reason = error.strerror or str(error)
        else:
            # Connections inherit it. asyncio sets it only where the socket names its protocol, which this one does not.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return listening
    raise FakeUsageError(
        f"Cannot serve at {host!r}, port {port}: {reason}. "
        "Choose a free port, or 0 for any, and a host that is an address of this machine."
    )


def is_loopback(host: str) -> bool:
    """Return whether an address can only be reached from this machine."""
    address = address_of(host)
    return host == "localhost" if address is None else address.is_loopback


def _add_notes(error: BaseException, others: list[BaseException]) -> None:
    """Add further errors to an exception; Python 3.10 has no place for them."""
    for each in others:
        if hasattr(error, "add_note"):
            error.add_note(f"In the server: {type(each).__name__}: {each}")  # pyright: ignore[reportAttributeAccessIssue]
