"""The wire path: a call runs through botocore's own signing, retries and parser, and gets our response as if sent.

Only the event emitter of the calling client is patched, and only while it has such calls in progress. A call that began
under a fake ends under that fake, whichever fakes are active by then.
"""

from __future__ import annotations

import inspect
import threading
import types
import uuid
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import attrs
from botocore import exceptions
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.hooks import first_non_none_response

from detective_fake.locks import held_during_forks
from detective_fake.protocol import rest_json
from detective_fake.protocol.rest_json import decode_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest
    from botocore.hooks import EventAliaser

    from detective_fake.exchange import Request, Result
    from detective_fake.interception.backend import Backend

    Responses = list[tuple[Any, Any]]
    from collections.abc import Generator

    from typing_extensions import Self

_INVOCATION_ID: Final = "amz-sdk-invocation-id"
_CONTEXT_KEY: Final = "detective_fake"

_lock: Final = held_during_forks(threading.Lock())
_client_patches: Final[dict[EventAliaser, _ClientPatch]] = {}


class Patch:
    """A replacement for one method or property, which other code may have replaced before, or may replace later.

    Args:
        owner: The class that defines the method, or an object with a `__dict__`.
        name: The method or property.
        replacement: The function or property to use instead. If other code has replaced it in turn, it cannot be
            removed, and must pass every call on to `original` once `active` is false.
    """

    def __init__(self, owner: object, name: str, replacement: Any) -> None:
        self._owner = owner
        self._name = name
        self._replacement = replacement
        self._found = self._current()
        self.active = False

    @property
    def original(self) -> Callable[..., Any]:
        """What the owner has without the replacement; for an object without its own, its class's current method."""
        if self._found is None:
            return types.MethodType(getattr(type(self._owner), self._name), self._owner)
        return self._found  # type: ignore[no-any-return]

    def start(self) -> bool:
        """Put the replacement in place, also if other code has removed it, but not on top of another replacement.

        Returns:
            Whether the replacement is in place now.
        """
        current = self._current()
        if current is self._found:
            self.active = True
            setattr(self._owner, self._name, self._replacement)
        elif current is self._replacement:
            self.active = True
        return self.active

    def stop(self) -> None:
        """Restore exactly what was found; leave the replacement in place if another replacement is on top of it."""
        self.active = False
        if self._current() is not self._replacement:
            return
        if self._found is None:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._found)

    def _current(self) -> Any:
        """Return what the owner itself has; None if it inherits the method from its class."""
        return vars(self._owner).get(self._name)


@attrs.define(eq=False)
class WireCall:
    """One API call with all its attempts. Only the context of its request refers to it, and it ends with that.

    Attributes:
        backend: Answers, whichever backends are active by then.
        record: What `backend.begin` returned.
        request: The request at `before-call`; its caller and Regions apply to each attempt.
        first_result: The result of the first attempt, if it is already known.
        attempts: The number of attempts so far.
        invocation_id: botocore sends it in a header of every attempt.
    """

    backend: Backend
    record: object
    request: Request
    first_result: Result | None = None
    attempts: int = 0
    invocation_id: str = attrs.field(factory=lambda: str(uuid.uuid4()))

    def __copy__(self) -> WireCall:
        return self

    def __deepcopy__(self, _: object) -> WireCall:
        return self

    def __reduce__(self) -> Any:
        # Code that copies or pickles the context of a request does not need to know about this object.
        return str, (repr(self),)

    def respond(self, prepared: AWSPreparedRequest, responses: Responses) -> Responses:
        """Return the response to the next attempt: that of another handler of `before-send`, else ours.

        moto's handler answers for every service, also for those it does not implement; its response does not count.

        Raises:
            Exception: What the backend raises, or the network error of botocore that its result names.
        """
        for handler, response in responses:
            if response is not None and not getattr(handler, "__module__", "").startswith("moto."):
                return [(handler, response)]
        self.attempts += 1
        result, self.first_result = self.first_result, None
        if result is None:
            url = urlsplit(prepared.url)
            decoded = decode_request(self.request.operation, url.path, url.query, prepared.body)
            request = attrs.evolve(self.request, **decoded._asdict())
            result = self.backend.attempt(self.record, request, self.attempts)
        if result.network is not None:
            raise getattr(exceptions, result.network)(endpoint_url=prepared.url, error=result.network)
        return [(self.respond, FakeResponse(result, rest_json.status(result), prepared.url))]

    def shorten_delay(self, responses: Responses) -> Responses:
        """Record the delay before a retry that handlers of `needs-retry` returned; make it 0 unless it is wanted."""
        seconds = first_non_none_response(responses)
        if seconds is None or seconds is False:
            return responses
        self.backend.note_backoff(self.request.operation, self.attempts, seconds)
        return responses if self.backend.real_backoff else [(self.shorten_delay, 0)]


def start_wire_call(call: WireCall, emitter: EventAliaser, context: dict[str, Any], *, signed: bool) -> None:
    """Let a call take the wire path: from now on its client's emitter hands its attempts to it.

    Args:
        call: The call.
        emitter: That of its client: `client.meta.events`.
        context: That of its request, as `before-call` receives it.
        signed: Whether botocore signs the request.
    """
    context.setdefault("retries", {})["invocation-id"] = call.invocation_id
    context[_CONTEXT_KEY] = call
    if not signed:
        context["auth_type"] = "none"
    with _lock:
        patch = _client_patches.get(emitter)
        if patch is None:
            patch = _client_patches[emitter] = _ClientPatch(emitter, real_backoff=call.backend.real_backoff)
        patch.calls[call.invocation_id] = weakref.ref(call, _forget_abandoned)
        patch.start()


def after_emission(emitted: Any, finish: Callable[[Any], Any]) -> Any:
    """Return `finish(emitted)`; for an asynchronous client's emission a coroutine that returns it."""
    return finish(emitted) if isinstance(emitted, (list, tuple)) else _await_emission(emitted, finish)


async def _await_emission(emitted: Awaitable[Any], finish: Callable[[Any], Any]) -> Any:
    return finish(await emitted)


class _ClientPatch:
    """Replaces `emit` of one client's emitter while calls of that client are on the wire.

    No handler is registered: botocore caches the handlers of an event without a lock, so that threads which emit at
    that moment may miss a new handler, and their requests would leave the process.
    """

    def __init__(self, emitter: EventAliaser, *, real_backoff: bool) -> None:
        self.calls: dict[str, weakref.ref[WireCall]] = {}
        self._client_events = emitter
        self._emit = Patch(emitter, "emit", self.emit)
        self._patches = [self._emit, *(() if real_backoff else _patch_rate_limits(emitter))]

    def start(self) -> None:
        for patch in self._patches:
            patch.start()

    def stop_if_idle(self) -> None:
        if any(call() is not None for call in self.calls.values()):
            return
        for patch in self._patches:
            patch.stop()
        _client_patches.pop(self._client_events, None)

    def emit(self, event_name: str, **kwargs: Any) -> Any:
        event = event_name.partition(".")[0]
        if event in {"after-call", "after-call-error"}:
            self._end(kwargs["context"].get(_CONTEXT_KEY))
        emitted = self._emit.original(event_name, **kwargs)
        if event == "before-send":
            prepared = kwargs["request"]
            call = self._call_of(prepared)
            if call is not None:
                return after_emission(emitted, partial(call.respond, prepared))
        if event == "needs-retry":
            call = kwargs["request_dict"]["context"].get(_CONTEXT_KEY)
            if call is not None:
                return after_emission(emitted, call.shorten_delay)
        return emitted

    def _call_of(self, prepared: AWSPreparedRequest) -> WireCall | None:
        context: Mapping[str, Any] | None = getattr(prepared, "context", None)
        if context is not None:
            return context.get(_CONTEXT_KEY)
        # Requests of older releases, such as 1.34, have no context. All have this header unless other code removed it.
        header: Any = prepared.headers.get(_INVOCATION_ID, b"")
        reference = self.calls.get(header.decode())
        return None if reference is None else reference()

    def _end(self, call: WireCall | None) -> None:
        if call is not None:
            with _lock:
                self.calls.pop(call.invocation_id, None)
                self.stop_if_idle()


def _forget_abandoned(_reference: weakref.ref[WireCall]) -> None:
    """Remove the patches of clients whose calls ended without a last event, such as cancelled ones.

    Python may run this callback at any line, also while this thread holds the lock. The next call cleans up then.
    """
    if _lock.acquire(blocking=False):
        try:
            for patch in tuple(_client_patches.values()):
                patch.stop_if_idle()
        finally:
            _lock.release()


def _patch_rate_limits(emitter: EventAliaser) -> Iterator[Patch]:
    """Return patches for the token buckets that clients in adaptive mode wait for before they send: one per client.

    Source: `botocore.retries.adaptive` and `aiobotocore.retries.adaptive`, `register_retry_handler`.
    """
    handlers: Any = emitter._emitter._handlers  # type: ignore[attr-defined] # noqa: SLF001 see botocore_hooks
    for handler in handlers.prefix_search("before-send"):
        bucket = getattr(getattr(handler, "__self__", None), "_token_bucket", None)
        if bucket is not None:
            is_async = inspect.iscoroutinefunction(bucket.acquire)
            yield Patch(bucket, "acquire", _acquire_async if is_async else _acquire)


def _acquire(*_args: object, **_kwargs: object) -> bool:
    return True


async def _acquire_async(*_args: object, **_kwargs: object) -> bool:
    return True


class _Awaitable:
    """A value that botocore reads directly and aiobotocore awaits first."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()
        return self


class _AwaitableBytes(_Awaitable, bytes):
    """A body."""

    __slots__ = ()


class _AwaitableStr(_Awaitable, str):
    """A body as text."""

    __slots__ = ()


class FakeResponse(AWSResponse):
    """A result in the form of botocore's `AWSResponse`, for synchronous and asynchronous clients.

    Headers and body are written when they are read: most code reads only what the parser made of them.

    Args:
        result: The service's result.
        status_code: Its HTTP status.
        url: The URL of the request.
    """

    def __init__(self, result: Result, status_code: int, url: str) -> None:
        self.url = url
        self.status_code = status_code
        self._result = result

    @property
    def headers(self) -> HeadersDict:  # type: ignore[override] # an attribute in botocore
        """The headers, by names in upper or lower case."""
        return HeadersDict(rest_json.headers(self._result))

    @property
    def content(self) -> _AwaitableBytes:  # pyright: ignore[reportIncompatibleMethodOverride] # as headers
        """The body."""
        return _AwaitableBytes(rest_json.encode(self._result))

    @property
    def text(self) -> _AwaitableStr:
        """The body as text: JSON in ASCII, or empty."""
        return _AwaitableStr(self.content, "ascii")

    @property
    def raw(self) -> _RawResponse:
        """The response of urllib3, or of aiobotocore's HTTP library."""
        return _RawResponse(self)


class _RawResponse:
    def __init__(self, response: FakeResponse) -> None:
        self._response = response

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Source: `aiobotocore.endpoint.convert_to_response_dict` up to 2.13 reads headers only here."""
        return tuple((name.encode(), value.encode()) for name, value in self._response.headers.items())

    def stream(self) -> Iterator[bytes]:
        yield self._response.content

    def read(self) -> _AwaitableBytes:
        return self._response.content
