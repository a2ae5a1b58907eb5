"""The whole server as one ASGI application: Detective's own API at the root, everything else under `/_fake/`."""

from __future__ import annotations

import asyncio
import functools
import json
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
import attrs
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from detective_fake.errors import FakeUsageError
from detective_fake.interception.asgi import Answer, DetectiveApi, Hosts, headers_of
from detective_fake.scenario.schema import schema, table_schema
from detective_fake.server import control, page
from detective_fake.server.control import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi.routing import APIRoute

    from detective_fake.interception.asgi import Receive, Scope, Send


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


@attrs.frozen(kw_only=True)
class Application:
    """Detective and its controls, as one ASGI application.

    Attributes:
        detective: Answers the requests of SDKs.
        control: The fake, for everything under `/_fake/`.
        hosts: The accepted `Host` headers.
        limits: What a client may send.
        on_error: Gets each exception raised inside. The client sees only that something failed.
        close: Closes the connection of a request whose response a fault loses.
    """

    detective: DetectiveApi
    control: control.Control
    hosts: Hosts
    limits: Limits
    on_error: Callable[[BaseException], None]
    close: Callable[[Scope], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = headers_of(scope)
        answer = self._answer_by_headers(scope, headers)
        if answer is None:
            body: bytes | None = None
            with anyio.move_on_after(self.limits.body_seconds) as reading:
                body = await _read_body(receive, self.limits.body_bytes)
            if reading.cancelled_caught:
                answer = Answer.error(408, "RequestTimeout", "The body of the request did not arrive in time.")
                answer.headers["connection"] = "close"
            elif body is None:
                return
            elif len(body) > self.limits.body_bytes:
                answer = self._too_large()
            elif scope["path"] == PREFIX or scope["path"].startswith(f"{PREFIX}/"):
                await self._control(scope, receive, send, body)
                return
            else:
                answer_call = functools.partial(self.detective.answer, scope, headers, body)
                # A thread for each call would be several times as slow.
                in_thread = self.detective.backend.may_take_long
                answer = await asyncio.to_thread(answer_call) if in_thread else answer_call()
        if answer is not None:
            await answer.send(send)
        else:
            self.close(scope)
            while (await receive())["type"] != "http.disconnect":
                pass

    def _answer_by_headers(self, scope: Scope, headers: Mapping[str, str]) -> Answer | None:
        """Refuse a request or send a browser from the root to the page, by the headers. None for all other requests."""
        host = ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"host")
        if not self.hosts.admits(host):
            names = ", ".join(sorted(self.hosts.names))
            message = (
                f"This server does not answer requests for the host {host!r}. Expected one of: {names}. "
                "Start it with --allow-host to add another name."
            )
            return Answer.error(403, "Forbidden", message)
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return Answer.error(403, "Forbidden", f"This server does not answer requests of pages from {origin!r}.")
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.limits.body_bytes:
            return self._too_large()
        if scope["path"] == "/" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            return Answer(307, {"location": f"{PREFIX}/"}, b"")
        return None

    def _too_large(self) -> Answer:
        message = f"The body of the request is too large. At most {self.limits.body_bytes} bytes are accepted."
        return Answer.error(413, "RequestEntityTooLarge", message)

    async def _control(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]  # uvicorn leaves out the body
        changed = {**scope, "method": method, "state": {"control": self.control, "body": body}}
        try:
            await control_application()(changed, receive, send)
        except Exception as error:  # noqa: BLE001 - the control application has answered with a plain 500
            self.on_error(error)


_REFUSED: Final = (FakeUsageError, HTTPException, RequestValidationError)
_REFUSAL: Final[dict[str, Any]] = {
    "description": "The request is refused; the message has the reason.",
    "content": {"application/json": {"example": {"message": "There is no fault 1. Expected one of: none."}}},
}


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
        exception_handlers=dict.fromkeys(_REFUSED, control.explain),
        responses={"4XX": _REFUSAL},
    )
    for router in (control.reading, control.changing, page.router):
        application.include_router(router)
    _describe(application)
    return application


def _describe(application: FastAPI) -> None:
    """Add to the OpenAPI document what FastAPI cannot derive: the bodies, and an example of every call."""
    document = application.openapi()
    text = resources.files("detective_fake.server").joinpath("examples.json").read_text("utf-8")
    examples = {each.pop("call"): each for each in json.loads(text)}
    document["components"] = {"schemas": {"indicator": schema()["$defs"]["indicator"]}}
    for route in cast("list[APIRoute]", [*control.reading.routes, *control.changing.routes]):
        call, example = document["paths"][route.path][min(route.methods or ()).lower()], examples[route.name]
        call["responses"]["200"]["content"]["application/json"]["example"] = example["response"]
        for parameter in call.get("parameters", ()):
            parameter["example"] = example.get("parameters", {}).get(parameter["name"], "any")
        body: dict[str, Any] | None = {"type": "object"} if route.name == "load_state" else None
        for dependency in route.dependant.dependencies:
            if isinstance(dependency.call, control.Arguments):
                body = table_schema(dependency.call.known, dependency.call.function)
        if body is not None:
            content = {"schema": body, "example": example["body"]}
            call["requestBody"] = {"content": {"application/json": content}, "required": route.name == "load_state"}
    references = json.dumps(document).replace("#/$defs/", "#/components/schemas/")
    application.openapi_schema = json.loads(references)


async def _read_body(receive: Receive, most: int) -> bytes | None:
    """Return the body of a request, None if the client closes the connection before it ends.

    Args:
        most: Stop reading after this many bytes; more is returned than this if the body is longer.
    """
    body = bytearray()
    while len(body) <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message["body"]
        if not message["more_body"]:
            break
    return bytes(body)
