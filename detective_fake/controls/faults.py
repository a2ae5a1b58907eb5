"""`fake.faults`: calls that fail, lose their answer, arrive late, or leave accounts of a batch unprocessed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import attrs

from detective_fake.controls.rules import Rule, Rules
from detective_fake.domain.account import checked_account_id
from detective_fake.domain.choices import checked_choice, matching, nearest
from detective_fake.domain.clock import LONGEST_DELAY
from detective_fake.errors import ErrorCode, FakeUsageError, ServiceError
from detective_fake.exchange import NetworkError, OperationName, copy_value, write_body
from detective_fake.journal.expectations import Difference, other_place
from detective_fake.protocol.model import error_statuses, operations

if TYPE_CHECKING:
    from detective_fake.exchange import Body, Request

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
"""Errors that the front end of AWS can answer for every service: code -> HTTP status and message.

Source: "Common error types" of AWS's API references; for UnrecognizedClientException the README of
aws-samples/amazon-detective-multiaccount-scripts.
"""

BATCHES: Final[Mapping[str, str]] = {
    "BatchGetGraphMemberDatasources": "AccountIds",
    "CreateMembers": "Accounts",
    "DeleteMembers": "AccountIds",
    "GetMembers": "AccountIds",
}
"""Operations that answer with `UnprocessedAccounts`, each with the parameter that lists the accounts."""

_ERROR_CLASSES: Final = {kind.code: kind for kind in ServiceError.__subclasses__()}


@attrs.define(kw_only=True, eq=False, repr=False)
class Fault(Rule):
    """A fault that was added. It has the arguments of `Faults.add` as attributes.

    Attributes:
        operations: The operations that `operation` matches.
        refusal: The error that replaces the answer, if any.
        matching_calls: How many calls have matched so far.
    """

    kind = "fault"

    operation: str
    error: str | ServiceError | None = None
    message: str | None = None
    status: int | None = None
    network: NetworkError | None = None
    unprocessed: Mapping[str, str] | None = attrs.field(default=None, converter=copy_value)
    latency: timedelta | None = None
    callback: Callable[[], object] | None = None
    when: When = "before"
    times: int | None = 1
    nth: int | None = None
    account_id: str | None = None
    region: str | None = None
    operations: frozenset[str] = attrs.field(init=False)
    refusal: ServiceError | None = attrs.field(init=False)
    matching_calls: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        for name, (is_valid, expected) in _ARGUMENTS.items():
            value = getattr(self, name)
            if value is not None and not is_valid(value):
                raise FakeUsageError(f"{name}: expected {expected}, got {value!r}.")
        checked_choice("when", self.when, get_args(When))
        if self.network is not None:
            checked_choice("network", self.network, get_args(NetworkError))
        if self.account_id is not None:
            checked_account_id(self.account_id)
        for account_id in self.unprocessed or ():
            checked_account_id(account_id)
        self.operations = matching(self.operation, operations(), "a Detective operation")
        if self.unprocessed:
            self.operations &= BATCHES.keys()
        self.refusal = _service_error(self.error, self.message, self.status)
        for problem in _invalid_combinations(self):
            raise FakeUsageError(problem)

    @property
    def changes_answer(self) -> bool:
        """Whether it replaces or changes the answer. One attempt uses at most one such fault."""
        return bool(self.refusal or self.network or self.unprocessed)

    def differences(self, request: Request) -> Iterator[Difference]:
        """Yield each reason why the fault does not match a request."""
        if request.operation not in self.operations:
            yield Difference("operation", self.operation, request.operation)
        yield from other_place(self, request.caller.account_id, request.region)
        if self.unprocessed:
            accounts = accounts_of(request.operation, request.parameters)
            if not self.unprocessed.keys() & accounts:
                yield Difference("accounts", list(self.unprocessed), accounts)

    def without_unprocessed(self, request: Request) -> dict[str, Any]:
        """Return the parameters of a batch without the accounts that are not processed."""
        member, unprocessed = BATCHES[request.operation], self.unprocessed or {}
        pairs = zip(request.parameters[member], accounts_of(request.operation, request.parameters), strict=True)
        return {**request.parameters, member: [item for item, account_id in pairs if account_id not in unprocessed]}

    def with_unprocessed(self, request: Request, body: Body) -> Body:
        """Return the answer for the other accounts of a batch, with these. All of them are in the request's order."""
        account_ids, unprocessed = accounts_of(request.operation, request.parameters), self.unprocessed or {}
        rows = [*write_body(body)["UnprocessedAccounts"]]
        rows += [
            {"AccountId": account_id, "Reason": unprocessed[account_id]}
            for account_id in dict.fromkeys(account_ids)
            if account_id in unprocessed
        ]
        rows.sort(key=lambda row: account_ids.index(row["AccountId"]))
        return {**body, "UnprocessedAccounts": rows}

    @property
    def obstacle(self) -> str:
        """Why the fault was not used for a call that it matches."""
        if self.matching_calls < (self.nth or 0):
            return f"nth: expected {self.nth} matching calls, got {self.matching_calls}"
        return "an earlier fault changed the answer"

    @property
    def awaited(self) -> str:
        """Which calls the fault waits for, while it is active."""
        where = "".join(f" {word} {value}" for word, value in (("by", self.account_id), ("in", self.region)) if value)
        if self.matching_calls + 1 < (self.nth or 0):
            return f"call {self.nth} of {self.operation}{where}, {self.matching_calls} so far"
        if self.times is None:
            return f"every call of {self.operation}{where}"
        left = self.times - self.used
        return f"{left} {'more ' if self.used else ''}call{'' if left == 1 else 's'} of {self.operation}{where}"

    def __str__(self) -> str:
        arguments = [repr(self.operation)]
        for field in attrs.fields(Fault):
            value = getattr(self, field.name)
            if field.init and field.default is not attrs.NOTHING and value != field.default:
                shown = f"{type(value).__name__}({value.message!r})" if isinstance(value, ServiceError) else repr(value)
                arguments.append(f"{field.name}={shown}")
        return f"faults.add({', '.join(arguments)})"


class Faults(Rules[Fault]):
    """All faults of one fake, in the order they were added."""

    def add(
        self,
        operation: OperationName | str,
        *,
        error: ErrorCode | str | ServiceError | None = None,
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
    ) -> Fault:
        """Add a fault to the calls that match.

        If several faults match a call, it uses all latencies and callbacks, and the first fault that changes the
        answer. If botocore retries a call, each attempt uses faults of its own.

        Args:
            operation: Name, or a pattern: `"Create*"`, `"*"`.
            error: A `ServiceError`, or an error code of Detective or of AWS's front end:
                `"TooManyRequestsException"`, `"ThrottlingException"`. Any other code needs `status` too.
            message: Text of the error, by default the one that AWS uses.
            status: HTTP status of the error. Without `error` it selects the error that has this status.
            network: Name of a botocore exception: the connection fails and there is no answer.
            unprocessed: Account IDs and reasons: these accounts of a batch are not processed. Only calls that name
                one of them match.
            latency: How far the fake's clock moves during the call. Nothing sleeps.
            callback: A function that is called during the call. It can make calls itself.
            when: `"before"`: the operation is not performed. `"after"`: it is performed and changes the state, then
                the answer is replaced, lost or late.
            times: How many attempts use the fault; None for all.
            nth: The first matching call that uses it, from 1. Calls are counted from now.
            account_id: Only calls of this account match.
            region: Only calls to this Region match.
        Raises:
            FakeUsageError: An argument is not valid, or the arguments cannot be combined.
        """
        arguments = dict(locals())
        del arguments["self"]
        if region is not None:
            self.context.regions.check(region)
        return self.activate(Fault(rules=self, **arguments))

    def use(self, request: Request, *, first: bool) -> tuple[Fault, ...]:
        """Return the faults that an attempt uses, and count them. Called under the fake's lock.

        Args:
            first: Whether this is the first attempt at its call.
        """
        used: list[Fault] = []
        for fault in tuple(self.active):
            if fault.is_running or any(fault.differences(request)):
                continue
            fault.matching_calls += first
            answered = fault.changes_answer and any(earlier.changes_answer for earlier in used)
            if fault.matching_calls < (fault.nth or 0) or answered:
                continue
            fault.used += 1
            if fault.used == fault.times:
                fault.end()
            used.append(fault)
        return tuple(used)


def accounts_of(operation: str, parameters: Mapping[str, Any]) -> list[str]:
    """Return the account IDs that a batch lists, in its order; empty for parameters that are not valid."""
    accounts = parameters.get(BATCHES[operation]) if operation in BATCHES else None
    if not isinstance(accounts, list):
        return []
    account_ids = (item.get("AccountId") if isinstance(item, dict) else item for item in accounts)
    return [account_id for account_id in account_ids if isinstance(account_id, str)]


def _service_error(error: str | ServiceError | None, message: str | None, status: int | None) -> ServiceError | None:
    if isinstance(error, ServiceError):
        if message is not None or status is not None:
            raise FakeUsageError(
                f"{error!r} has a message and a status. Leave message= and status= out, or give the error's code."
            )
        return error
    code = error
    if code is None and status is not None:
        codes = {503: "ServiceUnavailableException"} | {own: code for code, own in error_statuses().items()}
        code = codes.get(status)
        if code is None:
            raise FakeUsageError(
                f"No known error has the HTTP status {status}. Give its code too: error=…, status={status}."
            )
    if code is None:
        return None
    known = [*COMMON_ERRORS, *error_statuses()]
    if code not in known and status is None:
        raise FakeUsageError(
            f"Unknown error code {code!r}. Did you mean {nearest(code, known)!r}? "
            "For a code that neither Detective nor AWS's front end uses, give status= too."
        )
    default_status, default_message = COMMON_ERRORS.get(code, (None, ""))
    kind = _ERROR_CLASSES.get(code, ServiceError)
    return kind(message or default_message, {}, code, status or default_status)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 1


_ARGUMENTS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "status": (lambda status: type(status) is int and status in range(400, 600), "an HTTP status from 400 to 599"),
    "latency": (
        lambda latency: isinstance(latency, timedelta) and timedelta() < latency <= LONGEST_DELAY,
        f"a datetime.timedelta greater than zero and at most {LONGEST_DELAY.days:,} days",
    ),
    "callback": (
        lambda callback: callable(callback) and not inspect.iscoroutinefunction(callback),
        "a function that takes no arguments and is not async",
    ),
    "times": (_is_count, "a whole number, one or more, or None for every attempt"),
    "nth": (_is_count, "a whole number, one or more"),
    "unprocessed": (
        lambda given: isinstance(given, Mapping) and {type(reason) for reason in given.values()} == {str},
        "a mapping of account IDs to reasons",
    ),
}
"""Which values an argument of a fault can have besides None, and how an error message says it."""


def _invalid_combinations(fault: Fault) -> Iterator[str]:
    """Yield what is wrong with the arguments of a fault together."""
    effects = {"error": fault.refusal, "network": fault.network, "unprocessed": fault.unprocessed}
    answers = [name for name, value in effects.items() if value]
    if len(answers) > 1:
        yield f"{'= and '.join(answers)}= cannot be combined. Add one fault for each."
    if fault.message is not None and fault.refusal is None:
        yield f"message={fault.message!r} needs an error. Give error= or status= too."
    if not answers and fault.latency is None and fault.callback is None:
        yield "A fault needs an effect. Give error=, status=, network=, unprocessed=, latency= or callback=."
    if fault.unprocessed and not fault.operations:
        yield f"unprocessed= needs an operation on a batch, not {fault.operation!r}. Use one of: {', '.join(BATCHES)}."
    if fault.unprocessed and fault.when == "after":
        yield 'unprocessed= and when="after" cannot be combined. Leave when= out.'
