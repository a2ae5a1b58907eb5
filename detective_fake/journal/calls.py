"""`fake.calls` and `fake.emails`: recorded calls with all their attempts, and the e-mails that Detective sent."""

# ruff: noqa: SLF001 - only the recorder changes a record

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, overload

import attrs

from detective_fake.domain.account import checked_account_id
from detective_fake.domain.membership import Email
from detective_fake.exchange import copy_value, write_body
from detective_fake.formatting import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from detective_fake.errors import ServiceError
    from detective_fake.exchange import Caller, NetworkError, OperationName, Request, Result, StatusChange

_LIST_ITEMS: Final = 3
"""How many items of a list parameter, and how many changes, a line shows."""

_OPERATIONS: Final = 10
"""How many operations the `repr` of a journal shows."""


class Backoff(NamedTuple):
    """A wait of botocore before a retry. It is skipped unless `real_backoff` is on.

    Attributes:
        operation: The operation's name.
        attempt: The attempt that failed, 1 for the first.
        seconds: How long botocore waits.
    """

    operation: str
    attempt: int
    seconds: float


@attrs.define(eq=False, repr=False)
class Outcome:
    """How an attempt, or a call with its last attempt, ended."""

    _results: list[Result]

    @property
    def at(self) -> datetime:
        """Time of the first answer on the fake's clock."""
        return self._results[0].at

    @property
    def request_id(self) -> str:
        """`x-amzn-RequestId` of the answer; empty if the request did not reach the service."""
        return self._results[-1].request_id

    @property
    def error(self) -> ServiceError | None:
        """The error that the service answered, if any."""
        return self._results[-1].error

    @property
    def network(self) -> NetworkError | None:
        """Name of the botocore exception that replaced the answer, if any."""
        return self._results[-1].network

    @property
    def result(self) -> dict[str, Any] | None:
        """A new copy of the service's answer; None after an error, or if the request did not reach the service."""
        body = self._results[-1].body
        return None if body is None else write_body(body)

    @property
    def outcome(self) -> str:
        """`"ok"`, the error code, or the name of the network error or of another exception that ended the call."""
        last = self._results[-1]
        return last.network or last.raised or ("ok" if last.error is None else last.error.error_code)

    @property
    def changes(self) -> tuple[StatusChange, ...]:
        """The memberships that changed their status, in order, also by events that were due when it was made."""
        return tuple(change for result in self._results for change in result.changes)

    @property
    def reason(self) -> str:
        """Why the call was refused: what the caller is to the graph, for example. Empty if the error says enough."""
        return self._results[-1].reason

    @property
    def failed(self) -> bool:
        """Whether the client got an exception, or would have without a retry."""
        return self.outcome != "ok"


class Attempt(Outcome):
    """One attempt at a call. botocore retries some calls, so a call can have several attempts."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<Attempt at {format_time(self.at)} -> {self.outcome}>"


@attrs.define(eq=False, repr=False)
class CallRecord(Outcome):
    """One API call with all its attempts. Sensitive values are masked in `line()` and `repr`."""

    _request: Request
    _wire: bool = False

    @property
    def request(self) -> Request:
        """The request, with a new copy of its parameters."""
        return attrs.evolve(self._request, parameters=self.parameters)

    @property
    def operation(self) -> str:
        """The operation's name: `"CreateMembers"`."""
        return self._request.operation

    @property
    def parameters(self) -> dict[str, Any]:
        """A new copy of the parameters, by their wire names."""
        return copy_value(self._request.parameters)  # type: ignore[no-any-return]

    @property
    def account_id(self) -> str:
        """The caller's account ID."""
        return self._request.caller.account_id

    @property
    def caller(self) -> Caller:
        """The caller. `caller.rule` says how the fake found it."""
        return self._request.caller

    @property
    def region(self) -> str:
        """The Region that was called."""
        return self._request.region

    @property
    def client_region(self) -> str:
        """The Region of the client."""
        return self._request.client_region

    @property
    def user_agent(self) -> str:
        """The client's `User-Agent`."""
        return self._request.user_agent

    @property
    def path(self) -> Literal["short", "wire"]:
        """`"wire"` if botocore signed, sent and parsed the call, `"short"` if the fake answered before that."""
        return "wire" if self._wire else "short"

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts in order. The call ends as the last one does."""
        return tuple(Attempt([result]) for result in self._results)

    def line(self, *, parameters: bool = True) -> str:
        """Return the call as one line of text."""
        from detective_fake.journal.expectations import masked  # noqa: PLC0415 - most tests do not need it

        shown = masked(self._request.parameters) if parameters else {}
        arguments = ", ".join(f"{name}={_shortened(value)}" for name, value in shown.items())
        attempts = f" after {len(self._results)} attempts" if len(self._results) > 1 else ""
        message = "" if self.error is None or self.network else f": {' '.join(self.error.message.split())}"
        reason = f" ({self.reason})" if self.reason else ""
        changes = _describe_changes(self.changes, self._request.parameters.get("GraphArn"))
        outcome = f"{self.outcome}{attempts}{message}{reason}"
        if changes:
            outcome = f"{outcome}; {changes}" if self.failed or attempts else changes
        return (
            f"{format_time(self.at)} {self.operation}({arguments}) by {self.account_id} ({self.caller.rule}) "
            f"in {self.region} -> {outcome}"
        )

    def __repr__(self) -> str:
        return f"<{self.line() if self._results else f'{self.operation} in progress'}>"


class Journal(Sequence[CallRecord]):
    """Calls in the order they were made.

    `fake.calls` grows with each call. The journals that its methods return do not.

    Attributes:
        forgotten: How many calls `DetectiveFake.forget_calls` has dropped before the first of these.
    """

    def __init__(self, records: Sequence[CallRecord]) -> None:
        self._records = records
        self.forgotten = 0

    @property
    def made(self) -> int:
        """How many calls were made, forgotten ones included."""
        return self.forgotten + len(self._records)

    @property
    def numbered(self) -> list[tuple[int, CallRecord]]:
        """The calls with their numbers, from 1. Forgetting earlier calls does not change a call's number."""
        return list(enumerate(tuple(self._records), self.forgotten + 1))

    def of(self, operation: OperationName | str, **parameters: Any) -> Journal:
        """Return the calls of an operation, or those with certain parameters.

        Args:
            operation: Name, or a pattern: `"Create*"`.
            parameters: By their wire names. Only the members given are compared; a `BehaviorGraph` stands for its ARN.
        Raises:
            FakeUsageError: There is no such operation, or it has no such parameter.
        """
        from detective_fake.journal.expectations import Expectation  # noqa: PLC0415 - as above

        expected = Expectation(operation, parameters)
        return self.only(record for record in tuple(self._records) if not any(expected.differences(record)))

    def by(self, account_id: str) -> Journal:
        """Return the calls of one account.

        Raises:
            FakeUsageError: The account ID is not twelve digits.
        """
        checked_account_id(account_id)
        return self.only(record for record in tuple(self._records) if record.account_id == account_id)

    @property
    def failed(self) -> Journal:
        """The calls for which the client got an exception."""
        return self.only(record for record in tuple(self._records) if record.failed)

    def only(self, records: Iterable[CallRecord]) -> Journal:
        """Return a journal of some of these calls."""
        return Journal(tuple(records))

    @overload
    def __getitem__(self, index: int) -> CallRecord: ...
    @overload
    def __getitem__(self, index: slice) -> Journal: ...
    def __getitem__(self, index: int | slice) -> CallRecord | Journal:
        """Return a call by its position, or a journal of a slice."""
        if isinstance(index, slice):
            return self.only(self._records[index])
        return self._records[index]

    def __len__(self) -> int:
        """Return the number of calls."""
        return len(self._records)

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same calls."""
        return isinstance(other, Sequence) and list(self._records) == list(other)

    __hash__ = None  # type: ignore[assignment] # it grows

    def __str__(self) -> str:
        """Return one line for each call, with its number."""
        return "\n".join(f"#{number} {record.line()}" for number, record in self.numbered)

    def __repr__(self) -> str:
        records = tuple(self._records)
        names = [record.operation + ("!" if record.failed else "") for record in records[-_OPERATIONS:]]
        more = ["..."] if len(records) > _OPERATIONS else []
        return f"<Journal of {len(records)}: {', '.join(more + names) or 'no calls'}>"


class Recorder:
    """Writes the journal of one fake. All methods but `begin` are called under the fake's lock.

    Attributes:
        journal: All recorded calls.
    """

    def __init__(self) -> None:
        self._records: list[CallRecord] = []
        self.journal = Journal(self._records)

    def add(self, request: Request, result: Result, record: CallRecord | None = None) -> None:
        """Record a call that was answered at its first attempt, or an attempt at a call that `begin` has returned."""
        if record is None:
            self._records.append(CallRecord([result], request))
            return
        if not record._results:
            self._records.append(record)
        record._results.append(result)
        record._request = request

    def begin(self, request: Request, answered: Result | None) -> CallRecord:
        """Return the record of a call that takes the wire path. Its first attempt adds it to the journal.

        Args:
            answered: The answer to the first attempt if the call is recorded already.
        """
        record = None
        if answered is not None:
            record = next((each for each in reversed(self._records) if each._results == [answered]), None)
        if record is None:
            record = CallRecord([] if answered is None else [answered], request)
        record._wire = True
        return record

    def forget(self, keep: int) -> None:
        """Drop the oldest calls and keep the last `keep`."""
        count = max(len(self._records) - keep, 0)
        del self._records[:count]
        self.journal.forgotten += count

    def checkpoint(self) -> Callable[[], None]:
        """Return a function that goes back to the calls of this moment."""
        records, forgotten = tuple(self._records), self.journal.forgotten

        def go_back() -> None:
            self._records[:] = records
            self.journal.forgotten = forgotten

        return go_back


class Emails(list[Email]):
    """The e-mails that Detective has sent so far, in order."""

    def to(self, account_id: str) -> tuple[Email, ...]:
        """Return the e-mails that invite an account.

        Raises:
            FakeUsageError: The account ID is not twelve digits.
        """
        checked_account_id(account_id)
        return tuple(email for email in self if email.account_id == account_id)


def _describe_changes(changes: Sequence[StatusChange], graph_arn: object) -> str:
    """Return the first changes, and in which graph if it is not the one that the call names."""
    shown = [str(each) if each.graph_arn == graph_arn else f"{each} in {each.graph_arn}" for each in changes]
    if len(shown) > _LIST_ITEMS:
        shown[_LIST_ITEMS:] = [f"... {len(shown)} in total"]
    return ", ".join(shown)


def _shortened(value: object) -> str:
    if isinstance(value, list) and len(value) > _LIST_ITEMS:
        return f"[{', '.join(map(repr, value[:_LIST_ITEMS]))}, ... {len(value)} in total]"
    return repr(value)
