"""Everything under `/_fake/`: the control calls, their OpenAPI document, the page, and the events that keep it fresh.

Knows requests and responses of werkzeug; what a call does is in `calls`, what the page shows in `page`.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, Final

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from detective_fake.errors import FakeUsageError
from detective_fake.server import openapi
from detective_fake.server.application import PREFIX
from detective_fake.server.calls import CALLS, Desk, NotThere
from detective_fake.server.events import changes
from detective_fake.server.page import Page
from detective_fake.server.parameters import Sent, arguments
from detective_fake.server.shapes import plain, written_as

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from detective_fake.fake import DetectiveFake
    from detective_fake.server.calls import ControlCall

    Answering = Callable[[Request, Mapping[str, str]], Response]

__all__ = ["Control"]

_JSON: Final = "application/json"


class Control:
    """The WSGI application under `/_fake/`.

    Args:
        fake: What is looked at and steered.
        stopping: Set when streams have to come to their end.
        on_error: Gets what goes wrong in a stream, whose answer has begun already.
    """

    def __init__(
        self, fake: DetectiveFake, stopping: threading.Event, on_error: Callable[[BaseException], None]
    ) -> None:
        self._desk = Desk(fake)
        self._stopping = stopping
        self._on_error = on_error
        self._page = Page(self._desk)
        self._answering: Mapping[str, Answering] = {
            **{call.name: self._calling(call) for call in CALLS},
            **{name: getattr(self._page, name) for name in _PAGES},
            "describe": _describe,
            "stream": self._stream,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        response = self._respond(request)
        response.headers.setdefault("cache-control", "no-store")
        response.headers["x-content-type-options"] = "nosniff"
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            name, path = _routes().bind_to_environ(request.environ).match()
            return self._answering[name](request, path)
        except NotThere as error:
            return _refusal(404, str(error))
        except FakeUsageError as error:
            return _refusal(400, str(error))
        except RequestRedirect as error:
            return redirect(error.new_url, error.code or 308)
        except HTTPException as error:
            response = _refusal(error.code or 500, error.description or error.name)
            response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
            return response

    def _calling(self, call: ControlCall) -> Answering:
        def answer(request: Request, path: Mapping[str, str]) -> Response:
            if call.changes and not request.headers.get(openapi.HEADER):
                return _refusal(403, f"What changes something needs the header {openapi.HEADER}, with any value.")
            sent = Sent(path, request.args.to_dict(), request.get_data())
            return _json(_written(call.answer, call.run(self._desk, **arguments(call.parameters, sent))))

        return answer

    def _stream(self, _request: Request, _path: Mapping[str, str]) -> Response:
        return Response(changes(self._desk.fake, self._stopping, self._on_error), mimetype="text/event-stream")


_PAGES: Final = {"whole": "/", "view": "/view", "call": "/view/calls/<int:number>", "static": "/static/<name>"}


@functools.cache
def _routes() -> Map:
    rules = [Rule(PREFIX + path, methods=["GET"], endpoint=name) for name, path in _PAGES.items()]
    rules.append(Rule(f"{PREFIX}/openapi.json", methods=["GET"], endpoint="describe"))
    rules.append(Rule(f"{PREFIX}/events", methods=["GET"], endpoint="stream"))
    for call in CALLS:
        path = call.path.replace("{", "<").replace("}", ">")
        rules.append(Rule(PREFIX + path, methods=[call.method], endpoint=call.name))
    return Map(rules)


def _describe(_request: Request, _path: Mapping[str, str]) -> Response:
    return _json(openapi.document())


def _written(answer: str, value: Any) -> Any:
    if not answer:
        return plain(value)
    name = answer.removesuffix("[]")
    return written_as(name, value) if name == answer else [written_as(name, each) for each in value]


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype=_JSON)


def _refusal(status: int, message: str) -> Response:
    return _json({"message": message}, status)
