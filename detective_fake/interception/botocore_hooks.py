"""The stack of active fakes, and the one hook by which every client of botocore and aiobotocore meets the innermost.

Knows botocore's `before-call` event; must not know what a fake answers. Nothing happens at import, nothing is
registered anywhere, and clients of other services are passed on.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections import deque
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from botocore import hooks
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import EventAliaser, HierarchicalEmitter

from detective_fake.exchange import Request
from detective_fake.interception.backend import Backend, NetworkError
from detective_fake.interception.callers import signable
from detective_fake.interception.http_response import FakeResponse
from detective_fake.interception.patching import Patch
from detective_fake.interception.wire_path import WireCall, take, then
from detective_fake.protocol import rest_json
from detective_fake.protocol.decode_request import decode_request
from detective_fake.protocol.results import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from detective_fake.errors import ServiceError
    from detective_fake.exchange import Result

    Answer = tuple[FakeResponse, dict[str, Any]]
    Answering = Callable[[EventAliaser, str, Mapping[str, Any]], Answer | None]

__all__ = ["Backend", "NetworkError", "activate", "deactivate"]

_BEFORE_CALL: Final = "before-call.detective."
_BEFORE_CALL_LENGTH: Final = len(_BEFORE_CALL)

# The AWS CLI parses timestamps its own way, and prints what came over the wire.
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
"""What botocore retries, in whichever mode. Source: `botocore/data/_retry.json`, `botocore.retries.standard`."""

# They put headers into a request; one that takes the short path is never sent. As an emitter holds what it has found.
_BOTOCORES_OWN: Final = deque(entry[1] for entry in BUILTIN_HANDLERS if entry[0] == "before-call")

# An asynchronous client's emitter is another, and its emission is to be awaited.
_READABLE: Final = (HierarchicalEmitter,)

# The AWS CLI brings a copy of botocore. Which one goes by the name of botocore depends on who was imported first.
_HOOKS_MODULES: Final = ("botocore.hooks", "awscli.botocore.hooks")

_lock: Final = threading.Lock()
_stack: tuple[tuple[Backend, Answering], ...] = ()
_patches: Final[dict[type, Patch]] = {}


def activate(backend: Backend) -> None:
    """Let a backend answer every call of Detective in this process that begins from now on."""
    global _stack  # noqa: PLW0603 the one process-wide state
    backend.enter()
    try:
        with _lock:
            _stack = (*_stack, (backend, _answering(backend)))
            for aliaser in _aliasers():
                patch = _patches.get(aliaser)
                if patch is None or not patch.start():
                    # The first one, or another's replacement has come to stand on the last, which is not in use.
                    _patches[aliaser] = _new_patch(aliaser)
                    _patches[aliaser].start()
    except BaseException:
        deactivate(backend)
        raise


def deactivate(backend: Backend) -> None:
    """Take a backend from wherever it stands in the stack; calls that began under it end under it.

    Does nothing for one that is not active.
    """
    global _stack  # noqa: PLW0603 the one process-wide state
    with _lock:
        _stack = tuple([entry for entry in _stack if entry[0] is not backend])
        if not _stack:
            for patch in _patches.values():
                patch.stop()
    backend.leave()


def _aliasers() -> list[type[EventAliaser]]:
    """Return the class of every client's emitter."""
    aliasers = [EventAliaser]
    for name in _HOOKS_MODULES:
        module: Any = sys.modules.get(name, hooks)
        if module is not hooks:
            aliasers.append(module.EventAliaser)
    return aliasers


def _new_patch(aliaser: type[EventAliaser]) -> Patch:
    original = vars(aliaser)["emit_until_response"]

    # Somebody else's replacement that stands below is always asked, even if it goes by the name of what it wraps.
    is_botocores = isinstance(original, FunctionType) and original.__globals__ is vars(hooks)

    @functools.wraps(original)
    def emit_until_response(self: EventAliaser, event_name: str, **kwargs: Any) -> Any:
        stack = _stack
        if event_name[:_BEFORE_CALL_LENGTH] != _BEFORE_CALL or not stack or not patch.active:
            return original(self, event_name, **kwargs)
        answer, operation = stack[-1][1], event_name[_BEFORE_CALL_LENGTH:]
        if is_botocores and _nobody_listens(self, event_name):
            answered = answer(self, operation, kwargs)
            return original(self, event_name, **kwargs) if answered is None else (answer, answered)
        emitted = original(self, event_name, **kwargs)
        # What the user's own handlers have answered, a Stubber among them, stands; else the innermost fake answers.
        if emitted.__class__ is not tuple:
            return then(
                emitted, lambda pair: pair if pair[1] is not None else (answer, answer(self, operation, kwargs))
            )
        return emitted if emitted[1] is not None else (answer, answer(self, operation, kwargs))

    patch = Patch(aliaser, "emit_until_response", emit_until_response)
    return patch


def _nobody_listens(aliaser: Any, event_name: str) -> bool:
    """Return whether this event of a client would come to handlers of botocore's own alone, as far as can be told.

    It can be told once the client has emitted it before.
    """
    try:
        emitter = aliaser._emitter  # noqa: SLF001 nothing public tells which handlers there are
        lookups = emitter._lookup_cache if type(emitter) in _READABLE else {}  # noqa: SLF001 as above
    except AttributeError:
        return False  # another release of botocore
    return bool(lookups.get(event_name) == _BOTOCORES_OWN)


def _answering(backend: Backend) -> Answering:
    """Return the function that answers an event `before-call` for a backend, None where the call takes the wire."""
    caller_of = backend.caller_rules.of
    # Every call makes its own text of some two hundred letters, and the journal keeps it: one is enough.
    user_agents: dict[str, str] = {}

    def answer(emitter: EventAliaser, operation: str, kwargs: Mapping[str, Any]) -> Answer | None:
        params, context = kwargs["params"], kwargs["context"]
        credentials = kwargs["request_signer"]._credentials  # noqa: SLF001 no event tells them
        region, user_agent = context["client_region"], params["headers"].get("User-Agent", "")
        parameters, malformed, valid = decode_request(
            operation, params["url_path"], params["query_string"], params["body"]
        )
        caller = caller_of(credentials)
        user_agent = user_agents.setdefault(user_agent, user_agent)
        request = Request(operation, parameters, caller, region, region, user_agent, malformed, valid)
        result = None
        if _WIRE_USER_AGENT not in user_agent and not backend.wire:
            result = backend.handle(request)
            if result.network is None and (result.error is None or not _is_retried(result, result.error)):
                response = parsed(result)
                return FakeResponse(result, response["ResponseMetadata"]["HTTPStatusCode"], params["url"]), response
        record = backend.begin(request, result)
        take(WireCall(backend, record, request, signable(credentials), result), emitter, context)
        return None

    return answer


def _is_retried(result: Result, error: ServiceError) -> bool:
    return error.error_code in RETRIED_CODES or rest_json.status(result) in RETRIED_STATUSES
