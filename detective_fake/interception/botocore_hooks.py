"""The stack of active fakes, and the hook through which every client of botocore and aiobotocore reaches the innermost.

Nothing happens at import, nothing is registered on any client, and calls of other services pass through.

Private attributes of other libraries that the package reads, each because no public name gives the same:

========================================  ==============================================================
`request_signer._credentials`             The client's credentials: no event of botocore passes them on.
`_frozen_credentials`, `_access_key`,     What refreshable credentials hold now. Reading the public names
`_account_id` of credentials              would fetch new ones.
`emitter._emitter._handlers`,             The rate limit that a client in adaptive retry mode waits for.
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

from botocore import hooks
from botocore.hooks import EventAliaser

from detective_fake.exchange import Request
from detective_fake.interception.backend import Backend, NetworkError
from detective_fake.interception.callers import can_sign
from detective_fake.interception.wire_path import FakeResponse, Patch, WireCall, after_emission, start_wire_call
from detective_fake.protocol import rest_json
from detective_fake.protocol.rest_json import decode_request
from detective_fake.protocol.results import make_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detective_fake.exchange import Result

__all__ = ["Backend", "NetworkError", "activate", "deactivate"]

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

_lock: Final = threading.Lock()
_stack: tuple[Backend, ...] = ()
_patches: Final[dict[type, Patch]] = {}


def activate(backend: Backend) -> None:
    """Let a backend answer every Detective call of this process that begins from now on."""
    global _stack  # noqa: PLW0603 the one process-wide state
    backend.enter()
    try:
        with _lock:
            _stack = (*_stack, backend)
            for aliaser in _aliasers():
                patch = _patches.get(aliaser)
                if patch is None or not patch.start():
                    # The first patch, or the last one is covered by another library's and no longer in use.
                    patch = _patches[aliaser] = _new_patch(aliaser)
                    patch.start()
    except BaseException:
        deactivate(backend)
        raise


def deactivate(backend: Backend) -> None:
    """Remove a backend from the stack, wherever it is; calls that began under it end under it.

    Does nothing for a backend that is not active.
    """
    global _stack  # noqa: PLW0603 the one process-wide state
    with _lock:
        _stack = tuple([active for active in _stack if active is not backend])
        if not _stack:
            for patch in _patches.values():
                patch.stop()
    backend.leave()


def _aliasers() -> list[type[EventAliaser]]:
    """Return the classes that the emitters of all clients have."""
    aliasers = [EventAliaser]
    for name in _HOOKS_MODULES:
        module: Any = sys.modules.get(name, hooks)
        if module is not hooks:
            aliasers.append(module.EventAliaser)
    return aliasers


def _new_patch(aliaser: type[EventAliaser]) -> Patch:
    original = vars(aliaser)["emit_until_response"]

    @functools.wraps(original)
    def emit_until_response(self: EventAliaser, event_name: str, **kwargs: Any) -> Any:
        stack = _stack
        emitted = original(self, event_name, **kwargs)
        if not stack or not patch.active or not event_name.startswith(_BEFORE_CALL):
            return emitted
        operation = event_name[len(_BEFORE_CALL) :]

        def answer(emission: tuple[Any, Any]) -> tuple[Any, Any]:
            # A response of the user's own handlers, such as a Stubber, takes precedence.
            return emission if emission[1] is not None else (_answer, _answer(stack[-1], self, operation, kwargs))

        return after_emission(emitted, answer)

    patch = Patch(aliaser, "emit_until_response", emit_until_response)
    return patch


def _answer(
    backend: Backend, emitter: EventAliaser, operation: str, kwargs: Mapping[str, Any]
) -> tuple[FakeResponse, dict[str, Any]] | None:
    """Return the response to a `before-call` event; None if the call takes the wire path."""
    params, context = kwargs["params"], kwargs["context"]
    credentials = kwargs["request_signer"]._credentials  # noqa: SLF001 see the module's docstring
    region, user_agent = context["client_region"], params["headers"].get("User-Agent", "")
    parameters, malformed, valid = decode_request(operation, params["url_path"], params["query_string"], params["body"])
    caller = backend.caller_rules.of(credentials)
    request = Request(operation, parameters, caller, region, region, user_agent, malformed, valid)
    result = None
    if _WIRE_USER_AGENT not in user_agent and not backend.wire:
        result = backend.handle(request)
        if result.network is None and not _is_retried(result):
            response = make_response(result)
            return FakeResponse(result, response["ResponseMetadata"]["HTTPStatusCode"], params["url"]), response
    call = WireCall(backend, backend.begin(request, result), request, result)
    start_wire_call(call, emitter, context, signed=can_sign(credentials))
    return None


def _is_retried(result: Result) -> bool:
    error = result.error
    return error is not None and (error.error_code in RETRIED_CODES or rest_json.status(result) in RETRIED_STATUSES)
