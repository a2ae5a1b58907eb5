"""The whole server as one ASGI application: Detective's own API at the root, everything else under `/_fake/`."""

from __future__ import annotations

import functools
import ipaddress
import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import anyio
import attrs
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from detective_fake.errors import FakeUsageError
from detective_fake.interception.asgi import Answer, headers_of, read_body
from detective_fake.server import control, page
from detective_fake.server.control import PREFIX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from detective_fake.interception.asgi import Message, Receive, Scope, Send

    Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

__all__ = ["Application", "Hosts", "Limits", "control_application"]

_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::[0-9]{1,5})?", re.ASCII)


@attrs.frozen
class Hosts:
    """The values of the `Host` header that the server accepts.

    The owner of any page can make its host name resolve to this machine (DNS rebinding) and so send requests as if
    they came from here. The name stays in the `Host` header. An IP address cannot be rebound.

    Attributes:
        names: Host names and addresses in lower case, without port or brackets.
        any_address: Whether every IP address is accepted, for a server that is bound to all of them.
    """

    names: frozenset[str]
    any_address: bool

    @classmethod
    def of(cls, bound: str, others: Iterable[str] = ()) -> Hosts:
        """Return the names of a server: the address it is bound to, localhost, and others."""
        names = frozenset(name.lower() for name in (bound, "localhost", *others))
        return cls(names, any_address=_is_address(bound) and ipaddress.ip_address(bound).is_unspecified)

    def admits(self, host: str) -> bool:
        """Return whether a `Host` header is accepted. One that is not exactly a name and a port is not."""
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = found[1] or found[2]
        return name in self.names or (self.any_address and _is_address(name))


@attrs.frozen(kw_only=True)
class Limits:
    """The limits for clients.

    Attributes:
        body_bytes: Largest body of a request, in bytes.
        body_seconds: Longest time to send a body, in seconds.
        idle_seconds: How long a connection waits for its next request, in seconds.
        connections: Open connections. With more, requests are answered with a 503.
    """

    body_bytes: int = 2**20
    body_seconds: float = 10
    idle_seconds: int = 60
    connections: int = 512


class Application:
    """Detective and its controls, as one ASGI application.

    Args:
        detective: Answers the requests of SDKs.
        control: The fake, for everything under `/_fake/`.
        hosts: The accepted `Host` headers.
        limits: What a client may send.
        on_error: Gets each exception raised inside. The client sees only that something failed.
    """

    def __init__(
        self,
        detective: Asgi,
        control: control.Control,
        *,
        hosts: Hosts,
        limits: Limits,
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._detective = detective
        self._control = control
        self._hosts = hosts
        self._limits = limits
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = headers_of(scope)
        answer = self._refusal(scope, headers) or _redirection(scope, headers)
        if answer is None:
            body: bytes | None = None
            with anyio.move_on_after(self._limits.body_seconds) as reading:
                body = await read_body(receive, self._limits.body_bytes)
            if reading.cancelled_caught:
                answer = Answer.error(408, "RequestTimeout", "The body of the request did not arrive in time.")
                answer.headers["connection"] = "close"
            elif body is None:
                return
            elif len(body) > self._limits.body_bytes:
                answer = self._too_large()
            else:
                await self._answer(scope, _replayed(body, receive), send)
                return
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> Answer | None:
        """Return the response to a request that is refused by its headers, None for all others."""
        host = ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"host")
        if not self._hosts.admits(host):
            names = ", ".join(sorted(self._hosts.names))
            message = (
                f"This server does not answer requests for the host {host!r}. Expected one of: {names}. "
                "Start it with --allow-host to add another name."
            )
            return Answer.error(403, "Forbidden", message)
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return Answer.error(403, "Forbidden", f"This server does not answer requests of pages from {origin!r}.")
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._limits.body_bytes:
            return self._too_large()
        return None

    def _too_large(self) -> Answer:
        message = f"The body of the request is too large. At most {self._limits.body_bytes} bytes are accepted."
        return Answer.error(413, "RequestEntityTooLarge", message)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            await self._detective(scope, receive, send)
            return
        # Every body is JSON, also that of `curl -d`, which says that it is a form.
        headers = [header for header in scope["headers"] if header[0] != b"content-type"]
        changed = {
            "headers": [*headers, (b"content-type", b"application/json")],
            "method": "GET" if scope["method"] == "HEAD" else scope["method"],  # uvicorn leaves out the body
            "state": {"control": self._control},
        }
        try:
            await control_application()({**scope, **changed}, receive, _with_default_headers(send))
        except Exception as error:  # noqa: BLE001 - the control application has answered with a plain 500
            self._on_error(error)


_REFUSALS: Final[tuple[Any, ...]] = (FakeUsageError, HTTPException, RequestValidationError)


@functools.cache
def control_application() -> FastAPI:
    """Return the control API and the page. The fake is in the state of each request."""
    application = FastAPI(
        title="Controls of detective_fake",
        description="Read and change a fake of Amazon Detective. Not part of AWS.",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        default_response_class=control.Answer,
        generate_unique_id_function=lambda route: route.name,
        exception_handlers=dict.fromkeys(_REFUSALS, control.explain),
        responses={
            "4XX": {
                "description": "The request is refused; the message has the reason.",
                "content": {"application/json": {"example": {"message": "There is no fault 1."}}},
            }
        },
    )
    for router in (control.reading, control.changing, page.router):
        application.include_router(router)
    examples = json.loads(resources.files("detective_fake.server").joinpath("examples.json").read_bytes())
    for calls in application.openapi()["paths"].values():
        for call in calls.values():
            call["responses"]["200"]["content"]["application/json"]["example"] = examples[call["operationId"]]
    return application


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _redirection(scope: Scope, headers: Mapping[str, str]) -> Answer | None:
    """Return the response that sends a browser from the root to the page, None for all other requests."""
    if scope["path"] == "/" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        return Answer(307, {"location": f"{PREFIX}/"}, b"")
    return None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that first gives a body that has been read already."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


_DEFAULT_HEADERS: Final = {b"cache-control": b"no-store", b"x-content-type-options": b"nosniff"}


def _with_default_headers(send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = list({**_DEFAULT_HEADERS, **dict(message["headers"])}.items())
        await send(message)

    return add
