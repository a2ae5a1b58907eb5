"""Detective's own API over HTTP: what an ASGI server receives, for the service that also answers calls in process.

Clients do the rest themselves: signing, retries, parsing.
"""

from __future__ import annotations

import ipaddress
import json
import re
import threading
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import attrs

from detective_fake.errors import FakeUsageError
from detective_fake.exchange import Request
from detective_fake.interception.callers import CallerRules
from detective_fake.protocol import rest_json
from detective_fake.protocol.rest_json import decode_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
    from datetime import datetime

    from detective_fake.interception.backend import Backend

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

SERVICE: Final = "detective"

# Source: AWS Signature Version 4, "Credential": key ID, date, Region, service, and a fixed end. A key ID contains no
# `=`, which keeps the search linear for a header that repeats `Credential=`.
_SCOPE: Final = re.compile(r"\bCredential=[^=/,\s]+/\d*/([a-z0-9-]{1,32})/([a-z0-9-]+)/aws4_request\b")

_FIRST_ATTEMPT: Final = re.compile(r"\battempt=1\b")
_CALLS_REMEMBERED: Final = 256
_CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x1f\x7f]")
_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::[0-9]{1,5})?", re.ASCII)


class Hosts:
    """The values of the `Host` header that a server accepts: its address, localhost, and others.

    The owner of any page can make its host name resolve to this machine (DNS rebinding) and so send requests as if
    they came from here. The name stays in the `Host` header. An IP address cannot be rebound, so a server that is bound
    to all addresses accepts each of them.

    Args:
        bound: The address that the server is bound to.
        others: Other host names.
    Attributes:
        names: Host names and addresses in lower case, without port or brackets.
    """

    def __init__(self, bound: str, others: Iterable[str] = ()) -> None:
        self.names = frozenset(name.lower() for name in (bound, "localhost", *others))
        address = address_of(bound)
        self._any_address = address is not None and address.is_unspecified

    def admits(self, host: str) -> bool:
        """Return whether a `Host` header is accepted. One that is not exactly a name and a port is not."""
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = found[1] or found[2]
        return name in self.names or (self._any_address and address_of(name) is not None)


class Answer(NamedTuple):
    """An HTTP response: status, headers in lower case, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def error(cls, status: int, code: str, message: str) -> Answer:
        """Return an error in the form of AWS: the code in a header, the message in JSON."""
        headers = {"content-type": "application/json", "x-amzn-errortype": code}
        return cls(status, headers, json.dumps({"message": message}).encode("ascii"))

    async def send(self, send: Send) -> None:
        """Send this response."""
        length = {} if self.status == HTTPStatus.NO_CONTENT else {"content-length": str(len(self.body))}
        headers = [
            (name.encode("ascii"), _CONTROL_CHARACTERS.sub(" ", value).encode("latin-1", "replace"))
            for name, value in {**self.headers, **length}.items()
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class _OpenCalls:
    """The records of calls that their clients may retry, by the invocation ID that SDKs send with each attempt."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], tuple[Any, int]] = {}
        self._lock = threading.Lock()

    def attempt(self, headers: Mapping[str, str], operation: str, begin: Callable[[], object]) -> tuple[object, int]:
        """Return the record that a request belongs to, and the number of this attempt.

        Args:
            operation: Another operation with the same invocation ID is another call.
            begin: Opens a new record.
        """
        invocation_id = headers.get("amz-sdk-invocation-id")
        if not invocation_id:
            return begin(), 1
        is_first = _FIRST_ATTEMPT.search(headers.get("amz-sdk-request", "")) is not None
        key = (operation, invocation_id)
        with self._lock:
            record, number = self._records.pop(key, (None, 0))
            if is_first or number == 0:
                record, number = begin(), 0
            if len(self._records) >= _CALLS_REMEMBERED:
                del self._records[next(iter(self._records))]
            self._records[key] = (record, number + 1)
        return record, number + 1


@attrs.frozen(eq=False, kw_only=True)
class DetectiveApi:
    """Answers the requests that an SDK or the AWS CLI sends to `endpoint_url`.

    Attributes:
        backend: Answers the calls.
        region: Region of unsigned requests.
        now: Returns the time of the fake's clock.
        request_id: Returns an ID for a response that does not come from the service.
        on_error: Gets each exception raised inside. The client sees only that something failed.
        after_call: Runs after each call, before its response is sent.
    """

    backend: Backend
    region: str
    now: Callable[[], datetime]
    request_id: Callable[[], str]
    on_error: Callable[[BaseException], None]
    after_call: Callable[[], None]
    _open_calls: _OpenCalls = attrs.field(factory=_OpenCalls, init=False)

    def answer(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """Return the response to one request, None if a fault loses it.

        Args:
            headers: By names in lower case.
        """
        try:
            outcome = self._outcome(scope, headers, body)
            self.after_call()
        except FakeUsageError as error:
            self.on_error(error)
            # 501 is a status that no SDK retries.
            return Answer.error(501, "FakeUsageError", str(error))
        except BaseException as error:  # noqa: BLE001 - `pytest.fail` in an override raises one
            self.on_error(error)
            return Answer.error(500, "InternalFailure", "detective_fake failed. The test that serves it has the error.")
        return outcome

    def _outcome(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> Answer | None:
        authorization = headers.get("authorization", "")
        signed_for = _SCOPE.search(authorization)
        region, service = (self.region, SERVICE) if signed_for is None else signed_for.groups()
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        operation = rest_json.route(scope["method"], path) if service == SERVICE else None
        if operation is None:
            return Answer(*rest_json.unknown_operation(self.request_id(), self.now()))
        # Not the backend's own rules, which ignore the key of this machine's login: a client may send that key.
        caller = CallerRules(self.backend.caller_rules.default).of_authorization(authorization)
        parameters, malformed, valid = decode_request(operation.name, path, query, body)
        user_agent = headers.get("user-agent", "")
        request = Request(operation.name, parameters, caller, region, region, user_agent, malformed, valid)
        record, number = self._open_calls.attempt(headers, operation.name, lambda: self.backend.begin(request))
        result = self.backend.attempt(record, request, number)
        if result.network is not None:
            return None
        return Answer(rest_json.status(result), rest_json.headers(result), rest_json.encode(result))


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by their names in lower case; of repeated ones the first."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an IP address, None for any other text."""
    with suppress(ValueError):
        return ipaddress.ip_address(text)
    return None
