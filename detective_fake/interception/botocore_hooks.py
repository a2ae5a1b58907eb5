"""The stack of active fakes, and the hook through which every client of botocore and aiobotocore reaches the innermost.

Nothing happens at import, nothing is registered on any client, and calls of other services pass through.

Private attributes of other libraries that the package reads, each because no public name gives the same:

========================================  ==============================================================
`request_signer._credentials`             The client's credentials: no event of botocore passes them on.
`_frozen_credentials`, `_access_key`,     What refreshable credentials hold now. Reading the public names
`_account_id` of credentials              would fetch new ones.
`_refresh_using` of credentials,          The role that will be assumed. No public name has it before the
`_role_arn`, `_role_session_name`         credentials are fetched, and fetching them calls STS.
of fetchers
`emitter._emitter._handlers`              Whether a client has handlers of the user's own.
the same, with                            The rate limit that a client in adaptive retry mode waits for.
`ClientRateLimiter._token_bucket`         Nothing else leads from a client to it.
`config._inicfg` of pytest                The settings in the configuration file, to reject unknown ones.
                                          Its public name `inicfg` ended with pytest 8.
`item._fixtureinfo` of pytest             Which fixtures a test uses, also through other fixtures.
`case._outcome` of unittest               Whether a test has passed, known when its fake stops.
========================================  ==============================================================
"""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from botocore import hooks
from botocore.exceptions import ProfileNotFound
from botocore.hooks import EventAliaser
from botocore.session import Session

from detective_fake.exchange import Request
from detective_fake.interception.callers import can_sign
from detective_fake.interception.wire_path import FakeResponse, Patch, WireCall, after_emission, start_wire_call
from detective_fake.locks import held_during_forks
from detective_fake.protocol import rest_json
from detective_fake.protocol.rest_json import decode_request
from detective_fake.protocol.results import make_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from detective_fake.exchange import Result
    from detective_fake.interception.backend import Backend

    Wrap = Callable[[Callable[..., Any], Callable[[], Backend | None]], Callable[..., Any]]

_BEFORE_CALL: Final = "before-call.detective."

# The AWS CLI parses timestamps its own way, and prints what it receives over the wire.
_WIRE_USER_AGENT: Final = "aws-cli/"

RETRIED_STATUSES: Final = frozenset({429, 500, 502, 503, 504, 509})
RETRIED_CODES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""What botocore retries in any mode. Source: `botocore/data/_retry.json`, `botocore.retries.standard`."""

# The AWS CLI brings its own copy of botocore. Which copy is called `botocore` depends on what was imported first.
_HOOKS_MODULES: Final = ("botocore.hooks", "awscli.botocore.hooks")

_LATER_EVENTS: Final = (
    "request-created",
    "before-sign",
    "before-send",
    "before-parse",
    "response-received",
    "needs-retry",
)
_LIBRARIES: Final = ("aiobotocore.", "awscli.", "boto3.", "botocore.", "moto.")
"""Libraries whose own handlers for these events do not ask for the wire path."""

_later_handlers: Final[WeakKeyDictionary[EventAliaser, dict[str, bool]]] = WeakKeyDictionary()
"""Emitter of a client -> operation -> whether it has later handlers. Forgotten when its handlers change.

Looking for them takes 28 µs, a tenth of a call."""

# An RLock, because the handler of a signal may start or stop a fake too.
_lock: Final = held_during_forks(threading.RLock())
_stack: tuple[Backend, ...] = ()
_patches: Final[dict[tuple[type, str], Patch]] = {}


def activate(backend: Backend) -> None:
    """Let a backend answer every Detective call of this process that begins from now on.

    If this raises, nothing has changed.
    """
    global _stack  # noqa: PLW0603 - fakes are process-wide
    try:
        backend.enter()
        with _lock:
            if not _stack:
                _later_handlers.clear()
            _stack = (*_stack, backend)
            for owner, name, wrap in _targets():
                patch = _patches.get((owner, name))
                if patch is None or not patch.start():
                    # The first patch, or the last one is covered by another library's and no longer in use.
                    patch = _patches[owner, name] = _new_patch(owner, name, wrap)
                    patch.start()
    except BaseException:
        deactivate(backend)
        raise


def deactivate(backend: Backend) -> None:
    """Remove a backend from the stack, wherever it is; calls that began under it end under it.

    Does nothing for a backend that is not active. If interrupted, it removes the backend before it raises.
    """
    try:
        _deactivate(backend)
    except BaseException:  # pragma: no cover - a test interrupts it while coverage is off
        _deactivate(backend)
        raise


def _deactivate(backend: Backend) -> None:
    global _stack  # noqa: PLW0603 - fakes are process-wide
    with _lock:
        _stack = tuple([active for active in _stack if active is not backend])
        if not _stack:
            for patch in _patches.values():
                patch.stop()
    backend.leave()


def emitter_class() -> object:
    """Return the class that the emitters of new clients have. It is another one after botocore is imported again."""
    return getattr(sys.modules.get("botocore.session"), "EventAliaser", None)


def _targets() -> Iterator[tuple[type, str, Wrap]]:
    """Yield the methods and properties to patch: of the emitters of all clients, and of the sessions."""
    yield EventAliaser, "emit_until_response", _answer_calls
    for name in _HOOKS_MODULES:
        module: Any = sys.modules.get(name, hooks)
        # Another thread may be importing the module.
        if module is not hooks and hasattr(module, "EventAliaser"):
            yield module.EventAliaser, "emit_until_response", _answer_calls
    for name in ("register", "register_first", "register_last", "unregister"):
        yield EventAliaser, name, _look_for_handlers_again
    yield Session, "get_config_variable", _prefer_region_of_profile
    yield Session, "get_scoped_config", _read_files_of_fake
    yield Session, "full_config", _read_files_of_fake


def _new_patch(owner: type, name: str, wrap: Wrap) -> Patch:
    original = vars(owner)[name]

    def innermost() -> Backend | None:
        stack = _stack
        return stack[-1] if stack and patch.active else None

    function: Any = original.fget if isinstance(original, property) else original
    replacement = functools.wraps(function)(wrap(function, innermost))
    patch = Patch(owner, name, property(replacement) if isinstance(original, property) else replacement)
    return patch


def _answer_calls(original: Callable[..., Any], innermost: Callable[[], Backend | None]) -> Callable[..., Any]:
    def emit_until_response(self: EventAliaser, event_name: str, **kwargs: Any) -> Any:
        backend = innermost() if event_name.startswith(_BEFORE_CALL) else None
        emitted = original(self, event_name, **kwargs)
        if backend is None:
            return emitted
        operation = event_name[len(_BEFORE_CALL) :]

        def answer(emission: tuple[Any, Any]) -> tuple[Any, Any]:
            # A response of the user's own handlers, such as a Stubber, takes precedence.
            return emission if emission[1] is not None else (_answer, _answer(backend, self, operation, kwargs))

        return after_emission(emitted, answer)

    return emit_until_response


def _look_for_handlers_again(
    original: Callable[..., Any],
    innermost: Callable[[], Backend | None],  # noqa: ARG001 - the same signature
) -> Callable[..., Any]:
    """Forget what is known about the handlers of a client when they change."""

    def register(self: EventAliaser, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _later_handlers.pop(self, None)

    return register


def _prefer_region_of_profile(
    original: Callable[..., Any], innermost: Callable[[], Backend | None]
) -> Callable[..., Any]:
    """Let a profile's Region precede the one that the fake has put into the environment."""

    def get_config_variable(self: Session, logical_name: str, methods: Any = None) -> Any:
        value = original(self, logical_name, methods)
        backend = innermost() if logical_name == "region" else None
        if backend is None or value != backend.neutral_region or self.instance_variables().get("region"):
            return value
        return self.get_scoped_config().get("region", value)

    return get_config_variable


def _read_files_of_fake(original: Callable[..., Any], innermost: Callable[[], Backend | None]) -> Callable[..., Any]:
    """Read the fake's files for every session, also for one that has read the machine's before.

    Keep the names of profiles that are not found, for the failure report.
    """

    def read(self: Session) -> Any:
        backend = innermost()
        try:
            return original(self if backend is None else backend.reader(self))
        except ProfileNotFound as error:
            if backend is not None:  # pragma: no branch - the patch ends with the last fake
                backend.missing_profiles.append(error.kwargs["profile"])
            raise

    return read


def _answer(
    backend: Backend, emitter: EventAliaser, operation: str, kwargs: Mapping[str, Any]
) -> tuple[FakeResponse, dict[str, Any]] | None:
    """Return the response to a `before-call` event; None if the call takes the wire path."""
    params, context = kwargs["params"], kwargs["context"]
    credentials = kwargs["request_signer"]._credentials  # noqa: SLF001 see the module's docstring
    region, user_agent = context["client_region"], params["headers"].get("User-Agent", "")
    parameters, malformed, valid = decode_request(operation, params["url_path"], params["query_string"], params["body"])
    caller = backend.caller_rules.of(credentials)
    fips = bool(context["client_config"].use_fips_endpoint)
    request = Request(operation, parameters, caller, region, region, user_agent, malformed, valid, fips)
    result = None
    if not (backend.wire or _WIRE_USER_AGENT in user_agent or _has_later_handlers(emitter, operation)):
        result = backend.handle(request)
        if result.network is None and not _is_retried(result):
            response = make_response(result)
            return FakeResponse(result, response["ResponseMetadata"]["HTTPStatusCode"], params["url"]), response
    call = WireCall(backend, backend.begin(request, result), request, result)
    start_wire_call(call, emitter, context, signed=can_sign(credentials))
    return None


def _has_later_handlers(emitter: EventAliaser, operation: str) -> bool:
    """Return whether a client has handlers of the user's own for events that only calls on the wire path have."""
    known = _later_handlers.setdefault(emitter, {})
    if operation not in known:
        handlers: Any = emitter._emitter._handlers  # type: ignore[attr-defined] # noqa: SLF001 see the module's docstring
        known[operation] = any(
            not str(handler.__module__).startswith(_LIBRARIES)
            for event in _LATER_EVENTS
            for handler in handlers.prefix_search(f"{event}.detective.{operation}")
        )
    return known[operation]


def _is_retried(result: Result) -> bool:
    error = result.error
    return error is not None and (error.error_code in RETRIED_CODES or rest_json.status(result) in RETRIED_STATUSES)
