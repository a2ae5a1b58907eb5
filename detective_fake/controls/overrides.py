"""`fake.on`: a function of the test answers an operation in place of the fake."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from detective_fake.controls.rules import Rule, Rules
from detective_fake.domain.choices import nearest
from detective_fake.errors import FakeUsageError, ServiceError
from detective_fake.exchange import copy_value, write_body
from detective_fake.journal.expectations import Difference, masked
from detective_fake.protocol.model import operations
from detective_fake.protocol.results import make_body, to_service_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from detective_fake.exchange import Body, OperationName, Request

    Perform = Callable[[], Body]

F = TypeVar("F", bound="Callable[[OverriddenCall], Any]")


@attrs.define(eq=False)
class OverriddenCall:
    """The argument of a function that answers an operation.

    Attributes:
        operation: The operation's name.
        parameters: By their wire names, as the client sent them: not validated. The copy belongs to the function.
        account_id: The caller.
        region: The Region that was called.
        at: Time of the call.
    """

    operation: str
    parameters: dict[str, Any] = attrs.field(repr=lambda parameters: repr(masked(parameters)))
    account_id: str
    region: str
    at: datetime
    _perform: Perform = attrs.field(repr=False)
    _outcome: Body | ServiceError | None = attrs.field(default=None, init=False, repr=False)

    def proceed(self) -> dict[str, Any]:
        """Perform the call, and return a new copy of the fake's answer.

        The call is performed once, even if this is called several times. If the function then returns None, the
        client gets this answer.

        Raises:
            ServiceError: The fake answers with an error.
        """
        return write_body(self._own_answer())

    def _own_answer(self) -> Body:
        if self._outcome is None:
            try:
                self._outcome = self._perform()
            except ServiceError as refusal:
                self._outcome = refusal
        if isinstance(self._outcome, ServiceError):
            raise self._outcome
        return self._outcome


@attrs.define(kw_only=True, eq=False, repr=False)
class Override(Rule):
    """A function that answers an operation: `@fake.on("ListMembers")`. Newer functions come before older ones.

    Attributes:
        operation: The operation's name.
        function: None until the decorator has been applied.
    """

    kind = "override"

    operation: str
    function: Callable[[OverriddenCall], Any] | None = attrs.field(default=None, init=False)

    def __call__(self, function: F) -> F:
        """Use a function to answer the operation from now on.

        Raises:
            FakeUsageError: It is not a function, it is asynchronous, or this decorator was applied before.
        """
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise FakeUsageError(_asynchronous(self.operation, function))
        given: object = function
        if not callable(given):
            raise FakeUsageError(f"{self}: expected a function to decorate, got {function!r}.")
        if self.function is not None:
            raise FakeUsageError(
                f"{self} already decorates {self.function!r}. Call fake.on(…) again to decorate {function!r}."
            )
        self.function = function
        self.rules.activate(self)
        return function

    def differences(self, request: Request) -> Iterator[Difference]:
        """Yield the reason why the function does not answer a request."""
        if request.operation != self.operation:
            yield Difference("operation", self.operation, request.operation)

    def answer(self, call: OverriddenCall) -> Any:
        """Return what the function returns.

        Raises:
            ServiceError: The function raises it, or botocore's exception for it.
        """
        assert self.function is not None  # noqa: S101 - only then it is active
        self.used += 1
        try:
            with self.running():
                answer = self.function(call)
        except Exception as error:
            refusal = to_service_error(error)
            if refusal is None or refusal is error:
                raise
            raise refusal from error
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()  # else Python warns about it
            raise FakeUsageError(_asynchronous(self.operation, self.function))
        return answer

    @property
    def obstacle(self) -> str:
        """Why it was not used for a call that it matches."""
        return "a fault, a denial or a newer override came first"

    def __str__(self) -> str:
        return f'@fake.on("{self.operation}")'


class Overrides(Rules[Override]):
    """All functions that answer operations of one fake."""

    def on(self, operation: OperationName) -> Override:
        """Return a decorator for a function that answers an operation.

        Raises:
            FakeUsageError: There is no such operation.
        """
        if operation not in operations():
            raise FakeUsageError(f"Unknown operation {operation!r}. Did you mean {nearest(operation, operations())!r}?")
        return Override(rules=self, operation=operation)

    def answer(self, request: Request, at: datetime, perform: Perform) -> Body | None:
        """Return what the functions answer to a request; None if none of them does.

        Args:
            perform: Performs the call as the fake does, for a function that calls `proceed`.
        Raises:
            ServiceError: A function answers with an error.
            FakeUsageError: A function's answer is not valid.
        """
        matching = [each for each in self.active if each.operation == request.operation and not each.is_running]
        return self._ask(matching, request, at, perform)

    def _ask(self, overrides: Sequence[Override], request: Request, at: datetime, perform: Perform) -> Body | None:
        if not overrides:
            return None
        *older, newest = overrides

        def proceed() -> Body:
            body = self._ask(older, request, at, perform)
            return perform() if body is None else body

        parameters = copy_value(request.parameters)
        call = OverriddenCall(request.operation, parameters, request.caller.account_id, request.region, at, proceed)
        answer = newest.answer(call)
        if answer is not None:
            return make_body(request.operation, answer, self.context.clock.cut)
        if call._outcome is None:  # noqa: SLF001 - private to the function of the test
            return self._ask(older, request, at, perform)
        return call._own_answer()  # noqa: SLF001 - as above


def _asynchronous(operation: str, function: object) -> str:
    return (
        f"{function!r} cannot answer {operation}, because it is asynchronous and synchronous clients call it too. "
        "Define it with a plain `def`."
    )
