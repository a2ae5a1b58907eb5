"""Tests of `detective_fake.controls.overrides`."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from detective_fake.controls.context import FakeContext
from detective_fake.controls.overrides import Overrides
from detective_fake.domain.clock import Clock
from detective_fake.errors import AccessDenied, FakeUsageError, ServiceError
from detective_fake.exchange import write_body
from tests.builders import ADMINISTRATOR, NOON, a_world
from tests.journal.journals import a_recorder, a_request

if TYPE_CHECKING:
    from detective_fake.controls.overrides import OverriddenCall

REQUEST = a_request("ListMembers", GraphArn="arn", Accounts=[{"AccountId": "1"}])


@pytest.fixture
def overrides() -> Overrides:
    return Overrides(FakeContext(a_world(), Clock(lambda: 0.0)), a_recorder().journal)


class Fakes:
    """The fake's own answer, and how often it was performed."""

    def __init__(self, outcome: dict[str, Any] | ServiceError | None = None) -> None:
        self.outcome = {"MemberDetails": []} if outcome is None else outcome
        self.performed = 0

    def __call__(self) -> dict[str, Any]:
        self.performed += 1
        if isinstance(self.outcome, ServiceError):
            raise self.outcome
        return self.outcome


def answer(overrides: Overrides, perform: Fakes | None = None, request: Any = REQUEST) -> Any:
    return overrides.answer(request, NOON, perform or Fakes())


class TestOn:
    def test_rejects_unknown_operations(self, overrides: Overrides) -> None:
        """The message names the closest one. Patterns are not allowed."""
        for operation in ("list_members", "List*"):
            with pytest.raises(FakeUsageError, match=r"Unknown operation .* Did you mean 'List"):
                overrides.on(operation)  # type: ignore[arg-type]

    def test_returns_the_function(self, overrides: Overrides) -> None:
        """The test can call it as before."""

        @overrides.on("ListMembers")
        def members(_call: OverriddenCall) -> dict[str, Any]:
            return {"a": 1}

        assert members(None) == {"a": 1}  # type: ignore[arg-type]

    def test_decorates_one_function(self, overrides: Overrides) -> None:
        """With two it would not be clear which one `remove` removes."""
        on = overrides.on("ListMembers")
        on(lambda _call: None)
        with pytest.raises(FakeUsageError, match=r'@fake\.on\("ListMembers"\) already decorates'):
            on(lambda _call: None)

    def test_decorates_functions_only(self, overrides: Overrides) -> None:
        """An answer is not a function."""
        with pytest.raises(FakeUsageError, match=r"expected a function to decorate, got \{'a': 1\}"):
            overrides.on("ListMembers")({"a": 1})  # type: ignore[type-var]

    def test_rejects_asynchronous_functions(self, overrides: Overrides) -> None:
        """Synchronous clients cannot await them."""

        async def coroutine(_call: OverriddenCall) -> None: ...

        async def generator(_call: OverriddenCall) -> Any:
            yield  # pragma: no cover - never called

        for function in (coroutine, generator, functools.partial(coroutine)):
            problem = (
                f"{function!r} cannot answer ListMembers, because it is asynchronous and synchronous clients call it "
            )
            advice = "too. Define it with a plain `def`."
            with pytest.raises(FakeUsageError, match=f"^{re.escape(problem + advice)}$"):
                overrides.on("ListMembers")(function)
        assert overrides.active == []

    def test_can_be_removed(self, overrides: Overrides) -> None:
        """Then the fake answers."""
        on = overrides.on("ListMembers")
        on(lambda _call: {"NextToken": "x"})
        on.remove()
        assert answer(overrides) is None


class TestAnswer:
    def test_is_what_the_function_returns(self, overrides: Overrides) -> None:
        """The call is not performed."""
        on = overrides.on("ListMembers")
        on(lambda _call: {"NextToken": "x"})
        fake = Fakes()
        assert answer(overrides, fake) == {"NextToken": "x"}
        assert (fake.performed, on.used) == (0, 1)

    def test_an_invalid_answer_is_rejected(self, overrides: Overrides) -> None:
        """The service model says what is valid."""
        overrides.on("ListMembers")(lambda _call: [])
        with pytest.raises(FakeUsageError, match="ListMembers"):
            answer(overrides)

    def test_is_none_if_no_function_answers(self, overrides: Overrides) -> None:
        """A function that returned None was used. The call is not performed yet."""
        on = overrides.on("ListMembers")
        on(lambda _call: None)
        fake = Fakes()
        assert [answer(overrides, fake) for _ in range(2)] == [None, None]
        assert answer(overrides, fake, a_request("CreateGraph")) is None
        assert (fake.performed, on.used) == (0, 2)

    def test_a_function_gets_the_call(self, overrides: Overrides) -> None:
        """It has its own copy of the parameters."""
        seen: list[OverriddenCall] = []

        @overrides.on("ListMembers")
        def note(call: OverriddenCall) -> None:
            seen.append(call)
            call.parameters["Accounts"][0]["AccountId"] = "2"

        answer(overrides)
        (call,) = seen
        assert (call.operation, call.account_id, call.region, call.at) == (
            "ListMembers",
            ADMINISTRATOR,
            "us-east-1",
            NOON,
        )
        assert REQUEST.parameters["Accounts"] == [{"AccountId": "1"}]
        assert "perform" not in repr(call)

    def test_newer_functions_come_first(self, overrides: Overrides) -> None:
        """If they return None, older ones are asked."""
        overrides.on("ListMembers")(lambda _call: {"NextToken": "old"})
        overrides.on("ListMembers")(lambda call: {"NextToken": "new"} if call.parameters.get("Accounts") else None)
        assert answer(overrides) == {"NextToken": "new"}
        assert answer(overrides, request=a_request("ListMembers")) == {"NextToken": "old"}

    def test_calls_that_the_function_makes_do_not_use_it(self, overrides: Overrides) -> None:
        """Otherwise the recursion would not end."""
        inner: list[object] = []

        @overrides.on("ListMembers")
        def again(_call: OverriddenCall) -> None:
            inner.append(answer(overrides))

        answer(overrides)
        assert inner == [None]


class TestErrors:
    def test_a_service_error_reaches_the_client(self, overrides: Overrides) -> None:
        """It is the answer."""

        @overrides.on("ListMembers")
        def refuse(_call: OverriddenCall) -> None:
            raise AccessDenied

        with pytest.raises(AccessDenied):
            answer(overrides)

    def test_an_exception_of_botocore_becomes_a_service_error(self, overrides: Overrides) -> None:
        """Its cause is kept."""

        @overrides.on("ListMembers")
        def refuse(_call: OverriddenCall) -> None:
            raise ClientError({"Error": {"Code": "ConflictException", "Message": "busy"}}, "ListMembers")

        with pytest.raises(ServiceError, match="ConflictException: busy") as caught:
            answer(overrides)
        assert isinstance(caught.value.__cause__, ClientError)

    def test_any_other_exception_is_raised_as_it_is(self, overrides: Overrides) -> None:
        """It is probably a mistake in the function."""
        overrides.on("ListMembers")(lambda call: call.parameters["Missing"])
        with pytest.raises(KeyError, match="Missing"):
            answer(overrides)

    def test_a_coroutine_is_rejected(self, overrides: Overrides) -> None:
        """The function itself did not look asynchronous."""

        async def late() -> None: ...

        overrides.on("ListMembers")(lambda _call: late())
        with pytest.raises(
            FakeUsageError,
            match=r"^<function .*<lambda>.* cannot answer ListMembers, because.* Define it with a plain `def`\.$",
        ):
            answer(overrides)

    def test_any_other_awaitable_is_rejected(self, overrides: Overrides) -> None:
        """A future, for example."""

        class Future:
            __await__ = iter

        overrides.on("ListMembers")(lambda _call: Future())
        with pytest.raises(FakeUsageError, match="asynchronous"):
            answer(overrides)


class TestProceed:
    def test_returns_the_fakes_own_answer(self, overrides: Overrides) -> None:
        """The function can change it."""

        @overrides.on("ListMembers")
        def more(call: OverriddenCall) -> dict[str, Any]:
            return {**call.proceed(), "NextToken": "x"}

        found = answer(overrides, Fakes())
        assert write_body(found) == {"MemberDetails": [], "NextToken": "x"}

    def test_performs_the_call_once(self, overrides: Overrides) -> None:
        """If the function then returns None, the client gets this answer."""

        @overrides.on("ListMembers")
        def look(call: OverriddenCall) -> None:
            assert call.proceed() == call.proceed()

        fake = Fakes()
        assert answer(overrides, fake) is fake.outcome
        assert fake.performed == 1

    def test_raises_the_fakes_own_error(self, overrides: Overrides) -> None:
        """If the function then returns None, the client gets this error."""
        caught: list[ServiceError] = []

        @overrides.on("ListMembers")
        def look(call: OverriddenCall) -> None:
            with pytest.raises(AccessDenied) as error:
                call.proceed()
            caught.append(error.value)

        fake = Fakes(AccessDenied())
        with pytest.raises(AccessDenied) as refused:
            answer(overrides, fake)
        assert (caught, fake.performed) == ([refused.value], 1)

    def test_asks_older_functions_first(self, overrides: Overrides) -> None:
        """They would answer without this one."""
        seen: list[dict[str, Any]] = []
        overrides.on("ListMembers")(lambda _call: {"NextToken": "old"})
        overrides.on("ListMembers")(lambda call: seen.append(call.proceed()))
        fake = Fakes()
        assert answer(overrides, fake) == {"NextToken": "old"}
        assert (seen, fake.performed) == ([{"NextToken": "old"}], 0)

    def test_older_functions_get_the_same_call(self, overrides: Overrides) -> None:
        """Whether a newer function proceeds or returns None. The oldest one proceeds to the fake's own answer."""
        seen: list[OverriddenCall] = []

        def note_and_proceed(call: OverriddenCall) -> None:
            seen.append(call)
            call.proceed()

        overrides.on("ListMembers")(note_and_proceed)
        overrides.on("ListMembers")(seen.append)
        overrides.on("ListMembers")(note_and_proceed)
        fake = Fakes()
        assert (answer(overrides, fake), fake.performed) == (fake.outcome, 1)
        assert [(call.operation, call.account_id, call.region, call.at) for call in seen] == [
            ("ListMembers", ADMINISTRATOR, "us-east-1", NOON)
        ] * 3
