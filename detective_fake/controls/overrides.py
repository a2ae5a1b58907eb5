"""`fake.on`: an operation answered by a test's own function.

Runs the functions, in no lock; what they may answer is checked by what is handed in.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from detective_fake.controls.reentrancy import is_running, running
from detective_fake.domain.choices import nearest
from detective_fake.errors import FakeUsageError, ServiceError
from detective_fake.exchange import copy_value, write_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from detective_fake.exchange import Body, Request

    Perform = Callable[[], Body]

__all__ = ["AnswerRules", "OverriddenCall", "Override", "Overrides"]

F = TypeVar("F", bound="Callable[[OverriddenCall], Any]")


@attrs.frozen
class AnswerRules:
    """What a function may answer.

    Attributes:
        operations: All operations of the service model.
        body: Makes an answer of what a function has returned; raises `FakeUsageError` where it cannot be one.
        refusal: Returns the service's error that an exception stands for, None if it stands for none.
    """

    operations: Sequence[str]
    body: Callable[[str, Any], Body]
    refusal: Callable[[Exception], ServiceError | None]


@attrs.frozen(eq=False)
class OverriddenCall:
    """What a function that answers an operation is given.

    Attributes:
        operation: The operation's name.
        parameters: By wire names, as the client sent them: not validated yet; the function's own copy.
        account_id: The caller.
        region: Whose Detective is asked.
        at: Time of the call.
    """

    operation: str
    parameters: dict[str, Any]
    account_id: str
    region: str
    at: datetime
    _otherwise: _Otherwise = attrs.field(repr=False)

    def proceed(self) -> dict[str, Any]:
        """Let the call take its course, and return what the fake answers; a copy of its own each time.

        The call is performed once, however often this is asked; a function that returns None afterwards has left
        this answer as it is.

        Raises:
            ServiceError: The fake refuses.
        """
        return write_body(self._otherwise.body())


class Override:
    """A function of a test's author in place of an operation: `@fake.on("ListMembers")`. Newer ones go first."""

    def __init__(self, overrides: Overrides, operation: str) -> None:
        self._overrides = overrides
        self.operation = operation
        self.function: Callable[[OverriddenCall], Any] | None = None

    def __call__(self, function: F) -> F:
        """Let a function answer from now on.

        Raises:
            FakeUsageError: It is asynchronous, no function, or this stands for another one already.
        """
        _check_function(self.operation, function)
        if self.function is not None:
            message = f"{self!r} has a function already, {self.function!r}; say fake.on(…) once more for {function!r}."
            raise FakeUsageError(message)
        self.function = function
        self._overrides.present.append(self)
        return function

    def remove(self) -> None:
        """Ask the function no longer."""
        if self in self._overrides.present:
            self._overrides.present.remove(self)

    def __repr__(self) -> str:
        return f'@fake.on("{self.operation}")'


class Overrides:
    """All functions that answer for one fake.

    Attributes:
        present: Those that are asked, oldest first; nothing else may be kept here, as it is looked at in every call.
    """

    def __init__(self, rules: AnswerRules) -> None:
        self._rules = rules
        self.present: list[Override] = []

    def on(self, operation: str) -> Override:
        """Return a decorator for the function that is to answer an operation.

        Raises:
            FakeUsageError: There is no such operation.
        """
        if operation not in self._rules.operations:
            likely = nearest(operation, self._rules.operations)
            message = f"{operation!r} is not a Detective operation; did you mean {likely!r}?"
            raise FakeUsageError(message)
        return Override(self, operation)

    def answer(self, request: Request, at: datetime, perform: Perform) -> Body | None:
        """Return what the functions answer, None where none has an answer.

        Args:
            perform: Performs the call as the fake does, for a function that wants to know.
        Raises:
            ServiceError: A function refuses.
            FakeUsageError: A function answers what cannot be.
        """
        asked = [each for each in self.present if each.operation == request.operation and not is_running(each)]
        return self._ask(asked, request, at, perform)

    def _ask(self, overrides: Sequence[Override], request: Request, at: datetime, perform: Perform) -> Body | None:
        if not overrides:
            return None
        *older, override = overrides
        otherwise = _Otherwise(lambda: self._ask(older, request, at, perform), perform)
        call = OverriddenCall(
            request.operation,
            copy_value(request.parameters),
            request.caller.account_id,
            request.region,
            at,
            otherwise,
        )
        answer = self._answer_of(override, call)
        if answer is not None:
            return self._rules.body(request.operation, answer)
        return otherwise.body() if otherwise.performed else self._ask(older, request, at, perform)

    def _answer_of(self, override: Override, call: OverriddenCall) -> Mapping[str, Any] | None:
        assert override.function is not None  # noqa: S101 - it is present since it has one
        try:
            with running(override):
                answer = override.function(call)
        except Exception as error:
            refusal = self._rules.refusal(error)
            if refusal is None or refusal is error:
                raise
            raise refusal from error
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()  # or Python warns of it
            raise FakeUsageError(_asynchronous(override.operation, override.function))
        return answer  # type: ignore[no-any-return]


class _Otherwise:
    """What would be answered without a function: asked for once at most."""

    def __init__(self, ask_older: Callable[[], Body | None], perform: Perform) -> None:
        self._ask_older = ask_older
        self._perform = perform
        self._outcome: Body | ServiceError | None = None

    @property
    def performed(self) -> bool:
        return self._outcome is not None

    def body(self) -> Body:
        if self._outcome is None:
            try:
                answer = self._ask_older()
                self._outcome = self._perform() if answer is None else answer
            except ServiceError as refusal:
                self._outcome = refusal
        if isinstance(self._outcome, ServiceError):
            raise self._outcome
        return self._outcome


def _check_function(operation: str, function: object) -> None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise FakeUsageError(_asynchronous(operation, function))
    if not callable(function):
        message = f'@fake.on("{operation}") stands before a function, and is not given {function!r}.'
        raise FakeUsageError(message)


def _asynchronous(operation: str, function: object) -> str:
    return (
        f"{function!r} cannot answer {operation}: it is asynchronous, and calls are answered without waiting, those of "
        "synchronous clients as well. Write it with a plain `def`."
    )
