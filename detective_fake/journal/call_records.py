"""One call: who made it, what was asked, and what came of it, attempt by attempt.

Records hold what passed by and write it out when they are read; what is sensitive is masked wherever they are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import attrs

from detective_fake.domain.choices import matching
from detective_fake.errors import FakeUsageError
from detective_fake.exchange import copy_value, write_body
from detective_fake.journal.matching import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from detective_fake.errors import ServiceError
    from detective_fake.exchange import Caller, NetworkError, Request, Result

__all__ = ["Attempt", "Backoff", "CallNames", "CallRecord"]

_LISTED: Final = 3
"""How many items of a list among parameters a line shows."""


class Backoff(NamedTuple):
    """What botocore would have slept before it tried again, or has, if `real_backoff` is on.

    Attributes:
        operation: The operation's name.
        attempt: The attempt that failed, 1 for the first.
        seconds: How long.
    """

    operation: str
    attempt: int
    seconds: float


@attrs.frozen
class CallNames:
    """What can be asked of a journal: the names that the service model has.

    Attributes:
        operations: All operations.
        sensitive: Members whose values nobody should read in a log.
        check: Raises `FakeUsageError` for parameters that an operation does not have, at any depth.
    """

    operations: Sequence[str]
    sensitive: frozenset[str]
    check: Callable[[str, Mapping[str, Any]], None]

    def matching(self, operation: str, parameters: Mapping[str, Any]) -> frozenset[str]:
        """Return the operations that a name or pattern stands for.

        Raises:
            FakeUsageError: It stands for none, or none of them has these parameters.
        """
        found = matching(operation, self.operations, "a Detective operation")
        refusals = [refusal for name in found if (refusal := self._refusal(name, parameters)) is not None]
        if len(refusals) == len(found):
            raise refusals[0]
        return found

    def _refusal(self, operation: str, parameters: Mapping[str, Any]) -> FakeUsageError | None:
        try:
            self.check(operation, parameters)
        except FakeUsageError as refusal:
            return refusal
        return None


@attrs.frozen(eq=False, repr=False)
class Attempt:
    """One attempt at a call: botocore tries again where the first did not succeed."""

    _result: Result

    @property
    def at(self) -> datetime:
        """When it was answered, on the fake's clock."""
        return self._result.at

    @property
    def request_id(self) -> str:
        """`x-amzn-RequestId` of the answer; empty where the request has not reached the service."""
        return self._result.request_id

    @property
    def error(self) -> ServiceError | None:
        """What it was refused with, None if it was not."""
        return self._result.error

    @property
    def network(self) -> NetworkError | None:
        """What kept the answer from arriving: the name of botocore's exception; None if nothing did."""
        return self._result.network

    @property
    def result(self) -> dict[str, Any] | None:
        """What the service answered, None if it refused or was not reached; a copy of its own at each reading."""
        return None if self._result.body is None else write_body(self._result.body)

    @property
    def outcome(self) -> str:
        """In a word: `"ok"`, the error's code, or the network error's name."""
        if self._result.network is not None:
            return self._result.network
        return "ok" if self._result.error is None else self._result.error.error_code

    def __repr__(self) -> str:
        return f"<Attempt at {_time(self.at)} -> {self.outcome}>"


@attrs.define(eq=False, repr=False)
class CallRecord:
    """One API call, all its attempts included."""

    _request: Request
    _last: Result | None
    _names: CallNames
    _earlier: tuple[Result, ...] = ()
    _wire: bool = False

    @property
    def request(self) -> Request:
        """As an adapter brought it; a copy of its own at each reading."""
        return attrs.evolve(self._request, parameters=self.parameters)

    @property
    def operation(self) -> str:
        """The operation's name, `"CreateMembers"`."""
        return self._request.operation

    @property
    def parameters(self) -> dict[str, Any]:
        """What was asked, by wire names; a copy of its own at each reading."""
        return copy_value(self._request.parameters)  # type: ignore[no-any-return]

    @property
    def account_id(self) -> str:
        """Who asked."""
        return self._request.caller.account_id

    @property
    def caller(self) -> Caller:
        """Who asked, and in `caller.rule` how that was found out."""
        return self._request.caller

    @property
    def region(self) -> str:
        """Whose Detective was asked."""
        return self._request.region

    @property
    def client_region(self) -> str:
        """The Region the client was made for."""
        return self._request.client_region

    @property
    def user_agent(self) -> str:
        """The client's `User-Agent`."""
        return self._request.user_agent

    @property
    def path(self) -> Literal["short", "wire"]:
        """Whether the call went through botocore's signing, retries and parser, or was answered before them."""
        return "wire" if self._wire else "short"

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt, the last one with what came of the call."""
        return tuple(map(Attempt, (*self._earlier, self._result)))

    @property
    def at(self) -> datetime:
        """When the first attempt was answered, on the fake's clock."""
        return self._earlier[0].at if self._earlier else self._result.at

    @property
    def request_id(self) -> str:
        """As in the answer's metadata; empty if the last attempt has not reached the service."""
        return self._result.request_id

    @property
    def error(self) -> ServiceError | None:
        """What the call was refused with, None if it was not."""
        return self._result.error

    @property
    def network(self) -> NetworkError | None:
        """What kept the last answer from arriving: the name of botocore's exception; None if nothing did."""
        return self._result.network

    @property
    def result(self) -> dict[str, Any] | None:
        """What was answered, None if nothing was; a copy of its own at each reading."""
        return Attempt(self._result).result

    @property
    def outcome(self) -> str:
        """In a word: `"ok"`, the error's code, or the network error's name."""
        return Attempt(self._result).outcome

    @property
    def failed(self) -> bool:
        """Whether the client got an exception."""
        return self._result.error is not None or self._result.network is not None

    @property
    def _result(self) -> Result:
        assert self._last is not None  # noqa: S101 - a record is in the journal from its first attempt on
        return self._last

    def line(self, *, parameters: bool = True) -> str:
        """Return the call in words, on one line."""
        shown = masked(self._request.parameters, self._names.sensitive) if parameters else {}
        arguments = ", ".join(f"{name}={_brief(value)}" for name, value in shown.items())
        tries = f" after {len(self._earlier) + 1} attempts" if self._earlier else ""
        message = "" if self.error is None or self.network else f": {' '.join(self.error.message.split())}"
        return (
            f"{_time(self.at)} {self.operation}({arguments}) by {self.account_id} ({self.caller.rule}) "
            f"in {self.region} -> {self.outcome}{tries}{message}"
        )

    def __repr__(self) -> str:
        return f"<{self.line()}>"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _brief(value: object) -> str:
    if isinstance(value, list) and len(value) > _LISTED:
        return f"[{', '.join(map(repr, value[:_LISTED]))}, ... {len(value)} in all]"
    return repr(value)
