"""The terms of a fault: which calls it concerns and what it does to them, checked against what there is.

Knows the service's names as they are handed in, and AWS's common errors; must not know which calls were made.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import attrs

from detective_fake.controls.batches import BATCHES, accounts_of
from detective_fake.domain.account import checked_account_id
from detective_fake.domain.choices import checked_choice, matching, nearest
from detective_fake.errors import FakeUsageError, ServiceError
from detective_fake.exchange import NetworkError
from detective_fake.journal.matching import Difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake.exchange import Request

__all__ = ["COMMON_ERRORS", "FaultRules", "Terms", "When", "terms_of"]

When = Literal["before", "after"]

COMMON_ERRORS: Final[Mapping[str, tuple[int, str]]] = {
    "ExpiredTokenException": (403, "The security token included in the request is expired"),
    "IncompleteSignatureException": (400, "The request signature does not conform to AWS standards."),
    "InternalFailure": (500, "The request processing has failed because of an unknown error, exception or failure."),
    "InvalidSignatureException": (
        403,
        (
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details."
        ),
    ),
    "MissingAuthenticationTokenException": (403, "Missing Authentication Token"),
    "OptInRequired": (403, "The AWS access key ID needs a subscription for the service."),
    "RequestExpired": (400, "The request is no longer valid due to expired timestamps."),
    "RequestLimitExceeded": (503, "Request limit exceeded."),
    "ServiceUnavailableException": (503, "The request has failed due to a temporary failure of the server."),
    "SlowDown": (503, "Please reduce your request rate."),
    "ThrottlingException": (429, "Rate exceeded"),
    "UnrecognizedClientException": (403, "The security token included in the request is invalid"),
}
"""What the front end of AWS may answer for any service: code -> HTTP status and message.

Source: "Common error types" of AWS's API references; for UnrecognizedClientException the README of
aws-samples/amazon-detective-multiaccount-scripts.
"""

_ERROR_KINDS: Final = {kind.code: kind for kind in ServiceError.__subclasses__()}
_STATUSES: Final = range(400, 600)


@attrs.frozen
class FaultRules:
    """What a fault may be about.

    Attributes:
        operations: All operations of the service model.
        statuses: Detective's own error codes with their HTTP statuses.
        check_region: Raises `FakeUsageError` for a Region that no call could reach.
    """

    operations: Sequence[str]
    statuses: Mapping[str, int]
    check_region: Callable[[str], None]


@attrs.frozen(kw_only=True)
class Terms:
    """When a fault is met, and what it does then. See `Faults.add`.

    Attributes:
        operations: The operations that `operation` stands for.
        given: The arguments as the test has given them, to show.
    """

    operation: str
    operations: frozenset[str]
    error: ServiceError | None
    network: NetworkError | None
    unprocessed: Mapping[str, str]
    latency: timedelta
    callback: Callable[[], object] | None
    when: When
    times: int | None
    nth: int
    account_id: str | None
    region: str | None
    given: Mapping[str, object]

    @property
    def decides(self) -> bool:
        """Whether it changes the answer: of such faults a call meets one at most."""
        return self.error is not None or self.network is not None or bool(self.unprocessed)

    def differences(self, request: Request) -> Iterator[Difference]:
        """Yield what a request would need to be otherwise, but for its place among others."""
        if request.operation not in self.operations:
            yield Difference("operation", self.operation, request.operation)
        if self.account_id not in {None, request.caller.account_id}:
            yield Difference("account_id", self.account_id, request.caller.account_id)
        if self.region not in {None, request.region}:
            yield Difference("region", self.region, request.region)
        if self.unprocessed:
            asked = accounts_of(request.operation, request.parameters)
            if not self.unprocessed.keys() & asked:
                yield Difference("accounts", list(self.unprocessed), asked)

    def __str__(self) -> str:
        return f"faults.add({', '.join([repr(self.operation), *_keywords(self.given)])})"


def terms_of(
    rules: FaultRules,
    operation: str,
    *,
    error: str | ServiceError | None = None,
    message: str | None = None,
    status: int | None = None,
    network: NetworkError | None = None,
    unprocessed: Mapping[str, str] | None = None,
    latency: timedelta | None = None,
    callback: Callable[[], object] | None = None,
    when: When = "before",
    times: int | None = 1,
    nth: int | None = None,
    account_id: str | None = None,
    region: str | None = None,
) -> Terms:
    """Return the terms of a fault from the arguments of `Faults.add`.

    Raises:
        FakeUsageError: There is no such operation, error, account or Region, or the arguments do not go together.
    """
    given = {
        "error": error,
        "message": message,
        "status": status,
        "network": network,
        "unprocessed": unprocessed,
        "latency": latency,
        "callback": callback,
        "when": None if when == "before" else when,
        "nth": nth,
        "account_id": account_id,
        "region": region,
    }
    terms = Terms(
        operation=operation,
        operations=_operations(operation, unprocessed, rules),
        error=_error(error, message, status, rules),
        network=None if network is None else checked_choice("network", network, get_args(NetworkError)),
        unprocessed=_unprocessed(unprocessed),
        latency=_latency(latency),
        callback=_callback(callback),
        when=checked_choice("when", when, get_args(When)),
        times=None if times is None else _count("times", times),
        nth=0 if nth is None else _count("nth", nth),
        account_id=None if account_id is None else checked_account_id(account_id),
        region=_region(region, rules),
        given={name: value for name, value in given.items() if value is not None} | _unusual_times(times),
    )
    _check_together(terms)
    return terms


def _operations(operation: str, unprocessed: object, rules: FaultRules) -> frozenset[str]:
    found = matching(operation, rules.operations, "a Detective operation")
    if unprocessed is None:
        return found
    batches = found & BATCHES.keys()
    if not batches:
        message = f"unprocessed= is for {', '.join(BATCHES)}; {operation} takes no batch of accounts."
        raise FakeUsageError(message)
    return batches


def _error(
    error: str | ServiceError | None, message: str | None, status: int | None, rules: FaultRules
) -> ServiceError | None:
    if isinstance(error, ServiceError):
        if message is not None or status is not None:
            text = (
                f"{error!r} has its own message and status; leave message= and status= out, or give the error's code."
            )
            raise FakeUsageError(text)
        return error
    if status is not None and (type(status) is not int or status not in _STATUSES):
        text = f"The HTTP status of an error is a number from 400 to 599, not {status!r}."
        raise FakeUsageError(text)
    usual = {**{code: common[0] for code, common in COMMON_ERRORS.items()}, **rules.statuses}
    code = _usual_code(status, rules) if error is None else error
    if code is None:
        _refuse_lone_message(message)
        return None
    if code not in usual and status is None:
        text = (
            f"{code!r} is an error neither of Detective nor of AWS's front end; did you mean {nearest(code, usual)!r}? "
            "An error of another kind needs its HTTP status=."
        )
        raise FakeUsageError(text)
    if code in rules.statuses:
        return _ERROR_KINDS.get(code, ServiceError)(message or "", {}, code, status)
    usual_status, usual_message = COMMON_ERRORS.get(code, (None, ""))
    return ServiceError(message or usual_message, {}, code, status or usual_status)


def _usual_code(status: int | None, rules: FaultRules) -> str | None:
    if status is None:
        return None
    usual = {**{common[0]: code for code, common in COMMON_ERRORS.items()}, 503: "ServiceUnavailableException"}
    usual |= {modelled: code for code, modelled in rules.statuses.items()}
    if status not in usual:
        text = f"No error is known by its HTTP status {status}; give its code as well: error=…, status={status}."
        raise FakeUsageError(text)
    return usual[status]


def _refuse_lone_message(message: str | None) -> None:
    if message is not None:
        text = f"message={message!r} belongs to an error; give its code as well: error=…."
        raise FakeUsageError(text)


def _unprocessed(unprocessed: object) -> Mapping[str, str]:
    if unprocessed is None:
        return {}
    if not isinstance(unprocessed, Mapping) or not unprocessed:
        message = f"unprocessed= is a mapping of account ids to reasons, not {unprocessed!r}."
        raise FakeUsageError(message)
    for account_id, reason in unprocessed.items():
        checked_account_id(account_id)
        if not isinstance(reason, str):
            message = f"The reason why {account_id} is not processed is a string, not {reason!r}."
            raise FakeUsageError(message)
    return dict(unprocessed)


def _latency(latency: object) -> timedelta:
    if latency is None:
        return timedelta()
    if not isinstance(latency, timedelta) or latency <= timedelta():
        message = f"latency= is a datetime.timedelta of more than zero, not {latency!r}."
        raise FakeUsageError(message)
    return latency


def _count(name: str, value: object) -> int:
    if type(value) is not int or value < 1:
        always = ", or None for every attempt" if name == "times" else ""
        message = f"{name}= is a whole number from 1{always}, not {value!r}."
        raise FakeUsageError(message)
    return value


def _region(region: str | None, rules: FaultRules) -> str | None:
    if region is not None:
        rules.check_region(region)
    return region


def _check_together(terms: Terms) -> None:
    answers = [name for name in ("error", "network", "unprocessed") if getattr(terms, name)]
    if len(answers) > 1:
        message = f"A fault has one of {' and '.join(answers)}; add one fault for each."
        raise FakeUsageError(message)
    if not (answers or terms.latency or terms.callback):
        message = "A fault does something: give error=, status=, network=, unprocessed=, latency= or callback=."
        raise FakeUsageError(message)
    if terms.unprocessed and terms.when == "after":
        message = 'Accounts that are not processed have no "after"; leave when= out.'
        raise FakeUsageError(message)


def _callback(callback: Any) -> Callable[[], object] | None:
    if callback is not None and (not callable(callback) or inspect.iscoroutinefunction(callback)):
        message = f"callback= is a plain function without arguments, not {callback!r}."
        raise FakeUsageError(message)
    return callback  # type: ignore[no-any-return]


def _unusual_times(times: int | None) -> dict[str, Any]:
    return {} if times == 1 else {"times": times}


def _keywords(given: Mapping[str, object]) -> Iterator[str]:
    for name, value in given.items():
        if isinstance(value, ServiceError):
            yield f"{name}={type(value).__name__}({value.message!r})"
        else:
            yield f"{name}={value!r}"
