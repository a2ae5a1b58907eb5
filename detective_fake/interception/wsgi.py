"""Detective over HTTP: a WSGI application in front of the same service that answers in process.

Knows the environment that WSGI hands over; must not know which server does, nor sockets. What the clients of a fake do
before they send (signing, retries, parsing) they do here by themselves.
"""

from __future__ import annotations

import re
import threading
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

from detective_fake.exchange import Request, Result
from detective_fake.interception.callers import CallerRules
from detective_fake.protocol import rest_json
from detective_fake.protocol.decode_request import decode_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from detective_fake.interception.backend import Backend

__all__ = ["Answer", "DetectiveApplication", "NoAnswer"]

SERVICE: Final = "detective"

# Source: AWS Signature Version 4, "Credential": key id, date, Region, service, and a fixed end. A key id has no `=`,
# and so a header that says `Credential=` all along is read but once.
_SCOPE: Final = re.compile(r"\bCredential=[^=/,\s]+/\d*/([a-z0-9-]{1,32})/([a-z0-9-]+)/aws4_request\b")

_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_ATTEMPT: Final = re.compile(r"\battempt=(\d+)")
_FIRST_ATTEMPT: Final = "1"
_CALLS_REMEMBERED: Final = 256


class NoAnswer(ConnectionError):
    """The request gets no answer: whoever serves the application closes the connection in its place."""


class Answer(NamedTuple):
    """What goes back: HTTP status, headers in lower case, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, status: int, headers: dict[str, str], body: bytes) -> Answer:
        """Return an answer with its length, but where the status has said already that there is no body."""
        length = {} if status == HTTPStatus.NO_CONTENT else {"content-length": str(len(body))}
        return cls(status, {**headers, **length}, body)

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """Hand it to the server as PEP 3333 has it."""
        start_response(f"{self.status} {responses.get(self.status, 'Unknown')}", list(self.headers.items()))
        return [self.body]


class DetectiveApplication:
    """Answers what an SDK or the AWS CLI sends to `endpoint_url`.

    Args:
        backend: Who answers, in process as here.
        region: Whose Detective is asked by requests that are not signed.
        now: Tells the time on the fake's clock.
        request_id: Gives an id to those answers that do not come from the service.
    """

    def __init__(
        self, backend: Backend, *, region: str, now: Callable[[], datetime], request_id: Callable[[], str]
    ) -> None:
        self._backend = backend
        self._region = region
        self._now = now
        self._request_id = request_id
        self._calls = _CallsUnderWay()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as PEP 3333 has it.

        Raises:
            NoAnswer: A fault has the connection closed.
            FakeUsageError: The test is at fault, not the code under test.
        """
        return self.answer(environ).send(start_response)

    def answer(self, environ: WSGIEnvironment) -> Answer:
        """Return the answer to one request; raises as calling the application does."""
        path, query = _target(environ)
        region, service = _scope(environ.get("HTTP_AUTHORIZATION", "")) or (self._region, SERVICE)
        operation = rest_json.route(environ["REQUEST_METHOD"], path) if service == SERVICE else None
        if operation is None:
            return Answer.of(*rest_json.unknown_operation(self._request_id(), self._now()))
        # Not the backend's own rules: those turn down the key of the machine's login, and no key here is known for one.
        caller = CallerRules(self._backend.caller_rules.default).of_authorization(environ.get("HTTP_AUTHORIZATION"))
        parameters, malformed, valid = decode_request(operation.name, path, query, _body(environ))
        user_agent = environ.get("HTTP_USER_AGENT", "")
        request = Request(operation.name, parameters, caller, region, region, user_agent, malformed, valid)
        result = self._attempt(request, environ)
        return Answer.of(rest_json.status(result), rest_json.headers(result), rest_json.encode(result))

    def _attempt(self, request: Request, environ: WSGIEnvironment) -> Result:
        record, number = self._calls.attempt(environ, request.operation, lambda: self._backend.begin(request))
        outcome = self._backend.attempt(record, request, number)
        if isinstance(outcome, Result):
            return outcome
        raise NoAnswer(str(outcome))


class _CallsUnderWay:
    """The records of calls that their clients may try again, by the id that SDKs put into each attempt at a call."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], tuple[Any, int]] = {}
        self._lock = threading.Lock()

    def attempt(self, environ: WSGIEnvironment, operation: str, begin: Callable[[], object]) -> tuple[object, int]:
        """Return the record that a request belongs to, and how many attempts there are with this one.

        Args:
            operation: What is asked for; another operation under the same id is another call.
            begin: Opens a new record.
        """
        invocation_id = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        if not invocation_id:
            return begin(), 1
        attempt = _ATTEMPT.search(environ.get("HTTP_AMZ_SDK_REQUEST", ""))
        is_first = attempt is not None and attempt.group(1) == _FIRST_ATTEMPT
        key = (operation, invocation_id)
        with self._lock:
            record, number = self._records.pop(key, (None, 0))
            if is_first or number == 0:
                record, number = begin(), 0
            if len(self._records) >= _CALLS_REMEMBERED:
                del self._records[next(iter(self._records))]
            self._records[key] = (record, number + 1)
        return record, number + 1


def _target(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return path and query string as sent: in `PATH_INFO` an encoded slash is no longer told from a plain one."""
    sent = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if not sent:
        return quote(environ.get("PATH_INFO", ""), safe="/:", encoding="latin-1"), environ.get("QUERY_STRING", "")
    if not sent.startswith("/"):
        try:
            url = urlsplit(sent)
        except ValueError:
            return sent, ""  # nothing that there is a route to
        return url.path, url.query
    path, _, query = sent.partition("?")
    return path, query


def _scope(authorization: str) -> tuple[str, str] | None:
    """Return Region and service of a signature, None where there is none or it is not for one Region."""
    found = _SCOPE.search(authorization)
    return None if found is None else (found.group(1), found.group(2))


def _body(environ: WSGIEnvironment) -> bytes:
    """Return what was sent, nothing if its length is none: not every server refuses that."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return environ["wsgi.input"].read(int(length)) if _LENGTH.fullmatch(length) else b""
