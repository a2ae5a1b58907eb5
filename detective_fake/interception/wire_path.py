"""The wire path: a call goes through botocore's own signing, retries and parser, and meets us instead of the network.

Knows the events that botocore emits between `before-call` and `after-call`; must not know which fakes are active: a
call that began under a fake ends under it. Only the emitter of the one client is touched, and only while it has calls
under way, so that nobody else pays for it and nothing is left on it.
"""

from __future__ import annotations

import inspect
import threading
import uuid
import weakref
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import attrs
from botocore import UNSIGNED, exceptions
from botocore.hooks import first_non_none_response

from detective_fake.interception.http_response import FakeResponse
from detective_fake.interception.patching import Patch
from detective_fake.protocol import rest_json
from detective_fake.protocol.decode_request import decode_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest
    from botocore.hooks import EventAliaser

    from detective_fake.exchange import Request, Result
    from detective_fake.interception.backend import Backend, NetworkError

    Responses = list[tuple[Any, Any]]

__all__ = ["WireCall", "take", "then"]

_INVOCATION_ID: Final = "amz-sdk-invocation-id"
_CONTEXT_KEY: Final = "detective_fake"

_NETWORK_ERRORS: Final[dict[NetworkError, Callable[..., Exception]]] = {
    "ConnectTimeoutError": exceptions.ConnectTimeoutError,
    "ConnectionClosedError": exceptions.ConnectionClosedError,
    "EndpointConnectionError": exceptions.EndpointConnectionError,
    "ReadTimeoutError": exceptions.ReadTimeoutError,
    "SSLError": exceptions.SSLError,
}

_lock: Final = threading.Lock()
_taps: Final[dict[EventAliaser, _Tap]] = {}


@attrs.define(eq=False)
class WireCall:
    """One API call under way, all its attempts included. Only its request's context holds it, and it ends with that.

    Attributes:
        backend: Who answers, whoever else is active by then.
        record: What `backend.begin` returned.
        request: As it was at `before-call`; caller and Regions hold for each attempt.
        signable: Whether the client has credentials to sign with.
        answered: The first attempt's answer, where it is known already.
        attempts: How many were made.
        invocation_id: What botocore puts into a header of every attempt.
    """

    backend: Backend
    record: object
    request: Request
    signable: bool
    answered: Result | None = None
    attempts: int = 0
    invocation_id: str = attrs.field(factory=lambda: str(uuid.uuid4()))

    def answer(self, prepared: AWSPreparedRequest) -> FakeResponse:
        """Return the answer to the next attempt.

        Raises:
            Exception: What the backend wants raised, a network error of botocore above all.
        """
        self.attempts += 1
        outcome: Result | Exception | NetworkError | None = self.answered
        if self.answered is not None and self.answered.network is not None:
            outcome = self.answered.network
        self.answered = None
        if outcome is None:
            outcome = self.backend.attempt(self.record, self._received(prepared), self.attempts)
        if isinstance(outcome, str):
            raise _NETWORK_ERRORS[outcome](endpoint_url=prepared.url, error=outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return FakeResponse(outcome, rest_json.status(outcome), prepared.url)

    def delay(self, responses: Responses) -> Responses:
        """Return what the handlers of `needs-retry` answered, without the time to wait unless that is wanted."""
        seconds = first_non_none_response(responses)
        if seconds is None or seconds is False:
            return responses
        self.backend.note_backoff(self.request.operation, self.attempts, seconds)
        return responses if self.backend.real_backoff else [(self.delay, 0)]

    def _received(self, prepared: AWSPreparedRequest) -> Request:
        url = urlsplit(prepared.url)
        found = decode_request(self.request.operation, url.path, url.query, prepared.body)
        return attrs.evolve(self.request, **found._asdict())


def take(call: WireCall, emitter: EventAliaser, context: dict[str, Any]) -> None:
    """Let a call take the wire: from here on its client's emitter leads its attempts to it.

    Args:
        call: The call.
        emitter: Of its client: `client.meta.events`.
        context: Of its request, as `before-call` gets it.
    """
    context.setdefault("retries", {})["invocation-id"] = call.invocation_id
    context[_CONTEXT_KEY] = call
    with _lock:
        tap = _taps.get(emitter) or _Tap(emitter, real_backoff=call.backend.real_backoff)
        tap.calls[call.invocation_id] = weakref.ref(call, _forget_abandoned)
        tap.start()


def then(emitted: Any, finish: Callable[[Any], Any]) -> Any:
    """Return what `finish` makes of an emission; of an asynchronous client's, a coroutine that does."""
    return finish(emitted) if isinstance(emitted, (list, tuple)) else _later(emitted, finish)


async def _later(emitted: Awaitable[Any], finish: Callable[[Any], Any]) -> Any:
    return finish(await emitted)


class _Tap:
    """What stands before one client's emitter while calls of that client are on the wire.

    Nothing is registered: handlers that come and go while other threads emit may be missed by those, as botocore keeps
    the list of an event's handlers in a cache that it fills without a lock, and a missed handler is a call that leaves.
    """

    def __init__(self, emitter: EventAliaser, *, real_backoff: bool) -> None:
        self.calls: dict[str, weakref.ref[WireCall]] = {}
        self._emitter = emitter
        self._emit = Patch(emitter, "emit", self.emit)
        self._emit_until_response = Patch(emitter, "emit_until_response", self.emit_until_response)
        waits = () if real_backoff else _rate_limits(emitter)
        self._patches = (self._emit, self._emit_until_response, *waits)

    def start(self) -> None:
        _taps[self._emitter] = self
        for patch in self._patches:
            patch.start()

    def stop_if_idle(self) -> None:
        if any(call() is not None for call in self.calls.values()):
            return
        for patch in self._patches:
            patch.stop()
        _taps.pop(self._emitter, None)

    def emit(self, event_name: str, **kwargs: Any) -> Any:
        stage = event_name.partition(".")[0]
        if stage in _LAST_EVENTS:
            self._end(kwargs["context"])
        emitted = self._emit.below(event_name, **kwargs)
        finish = _FINISHES[stage](self, kwargs) if stage in _FINISHES else None
        return emitted if finish is None else then(emitted, finish)

    def emit_until_response(self, event_name: str, **kwargs: Any) -> Any:
        emitted = self._emit_until_response.below(event_name, **kwargs)
        if not event_name.startswith("choose-signer."):
            return emitted
        call = kwargs["context"].get(_CONTEXT_KEY)
        return emitted if call is None or call.signable else then(emitted, _unsigned)

    def finish_sending(self, kwargs: Mapping[str, Any]) -> Callable[[Responses], Responses] | None:
        prepared = kwargs["request"]
        call = self._call_of(prepared)
        return None if call is None else lambda responses: _first_answer(responses, call, prepared)

    def finish_retry(self, kwargs: Mapping[str, Any]) -> Callable[[Responses], Responses] | None:
        call = kwargs["request_dict"]["context"].get(_CONTEXT_KEY)
        return None if call is None else call.delay

    def _call_of(self, prepared: AWSPreparedRequest) -> WireCall | None:
        context: Mapping[str, Any] | None = getattr(prepared, "context", None)
        if context is None:
            # Older requests tell less, 1.34's for one; but all have this header, unless somebody has removed it.
            header: Any = prepared.headers.get(_INVOCATION_ID, b"")
            reference = self.calls.get(header.decode())
            return None if reference is None else reference()
        return context.get(_CONTEXT_KEY)

    def _end(self, context: Mapping[str, Any]) -> None:
        call = context.get(_CONTEXT_KEY)
        if call is not None:
            with _lock:
                self.calls.pop(call.invocation_id, None)
                self.stop_if_idle()


_FINISHES: Final = {"before-send": _Tap.finish_sending, "needs-retry": _Tap.finish_retry}
_LAST_EVENTS: Final = frozenset({"after-call", "after-call-error"})


def _forget_abandoned(_reference: weakref.ref[WireCall]) -> None:
    """Untap the emitters of calls that ended without a last event, as cancelled ones do.

    Python may come here from within any line, one that holds the lock included. Then the next call will do it.
    """
    if _lock.acquire(blocking=False):
        try:
            for tap in tuple(_taps.values()):
                tap.stop_if_idle()
        finally:
            _lock.release()


def _first_answer(responses: Responses, call: WireCall, prepared: AWSPreparedRequest) -> Responses:
    """Return the answer that handlers of `before-send` have given, or ours.

    moto answers for every service that it does not know, too: that is no answer.
    """
    for handler, response in responses:
        if response is not None and not getattr(handler, "__module__", "").startswith("moto."):
            return [(handler, response)]
    return [(call.answer, call.answer(prepared))]


def _unsigned(emitted: tuple[Any, Any]) -> tuple[Any, Any]:
    return emitted if emitted[1] is not None else (_unsigned, UNSIGNED)


def _rate_limits(emitter: EventAliaser) -> Iterator[Patch]:
    """Return patches for what clients in adaptive mode wait for before they send: one bucket a client.

    Source: `botocore.retries.adaptive` and `aiobotocore.retries.adaptive`, `register_retry_handler`.
    """
    handlers: Any = emitter._emitter._handlers  # type: ignore[attr-defined] # noqa: SLF001 no other way to the bucket
    for handler in handlers.prefix_search("before-send"):
        bucket = getattr(getattr(handler, "__self__", None), "_token_bucket", None)
        if bucket is not None:
            is_async = inspect.iscoroutinefunction(bucket.acquire)
            yield Patch(bucket, "acquire", _acquire_async if is_async else _acquire)


def _acquire(*_args: object, **_kwargs: object) -> bool:
    return True


async def _acquire_async(*_args: object, **_kwargs: object) -> bool:
    return True
