"""Tests of `detective_fake.controls.overrides`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.controls.overrides import AnswerRules, Overrides
from detective_fake.errors import AccessDenied, Conflict, FakeUsageError, ServiceError
from detective_fake.exchange import copy_value
from tests.builders import ADMINISTRATOR, NOON
from tests.journal.journals import a_request

if TYPE_CHECKING:
    from detective_fake.controls.overrides import OverriddenCall

REQUEST = a_request("ListMembers", GraphArn="arn", Accounts=[{"AccountId": "1"}])


class NotTheirs(Exception):
    """Stands for what botocore raises for an error of the service."""


def refusal_of(error: Exception) -> ServiceError | None:
    if isinstance(error, NotTheirs):
        return Conflict("translated")
    return error if isinstance(error, ServiceError) else None


def checked(operation: str, answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise FakeUsageError(operation)
    return copy_value(answer)  # type: ignore[no-any-return]


@pytest.fixture
def overrides() -> Overrides:
    return Overrides(AnswerRules(("CreateGraph", "ListMembers"), checked, refusal_of))


class Fakes:
    """What the fake would answer, and how often it was asked."""

    def __init__(self, outcome: dict[str, Any] | ServiceError | None = None) -> None:
        self.outcome = {"Own": ["x"]} if outcome is None else outcome
        self.asked = 0

    def __call__(self) -> dict[str, Any]:
        self.asked += 1
        if isinstance(self.outcome, ServiceError):
            raise self.outcome
        return self.outcome


def answer(overrides: Overrides, perform: Fakes | None = None, request: Any = REQUEST) -> Any:
    return overrides.answer(request, NOON, perform or Fakes())


class TestOn:
    def test_an_operation_has_to_be_one(self, overrides: Overrides) -> None:
        """The nearest is named; patterns are none."""
        with pytest.raises(
            FakeUsageError, match="'list_members' is not a Detective operation; did you mean 'ListMembers'"
        ):
            overrides.on("list_members")
        with pytest.raises(FakeUsageError, match="not a Detective operation"):
            overrides.on("List*")

    def test_returns_the_function(self, overrides: Overrides) -> None:
        """Which can be called as before."""

        @overrides.on("ListMembers")
        def members(_call: OverriddenCall) -> dict[str, Any]:
            return {"a": 1}

        assert members(None) == {"a": 1}  # type: ignore[arg-type]

    def test_stands_before_one_function(self, overrides: Overrides) -> None:
        """Which `remove` would mean is not clear otherwise."""
        on = overrides.on("ListMembers")
        on(lambda _call: None)
        with pytest.raises(FakeUsageError, match=r'@fake\.on\("ListMembers"\) has a function already'):
            on(lambda _call: None)

    def test_takes_functions_only(self, overrides: Overrides) -> None:
        """An answer by itself is none."""
        with pytest.raises(FakeUsageError, match=r"stands before a function, and is not given \{'a': 1\}"):
            overrides.on("ListMembers")({"a": 1})  # type: ignore[type-var]

    def test_asynchronous_functions_are_refused(self, overrides: Overrides) -> None:
        """Synchronous clients could not wait for them."""

        async def coroutine(_call: OverriddenCall) -> None: ...

        async def generator(_call: OverriddenCall) -> Any:
            yield  # pragma: no cover - never asked

        for function in (coroutine, generator, functools.partial(coroutine)):
            with pytest.raises(FakeUsageError, match="asynchronous, and calls are answered without waiting"):
                overrides.on("ListMembers")(function)
        assert overrides.present == []

    @pytest.mark.parametrize("times", [1, 2])
    def test_can_be_removed(self, overrides: Overrides, times: int) -> None:
        """Once; a second time is no mistake."""
        on = overrides.on("ListMembers")
        on(lambda _call: {"a": 1})
        for _ in range(times):
            on.remove()
        assert answer(overrides) is None


class TestAnswer:
    def test_is_what_the_function_returns(self, overrides: Overrides) -> None:
        """As far as it is valid."""
        overrides.on("ListMembers")(lambda _call: {"a": 1})
        fake = Fakes()
        assert answer(overrides, fake) == {"a": 1}
        assert fake.asked == 0

    def test_a_wrong_one_is_refused(self, overrides: Overrides) -> None:
        """As the rules say."""
        overrides.on("ListMembers")(lambda _call: [])
        with pytest.raises(FakeUsageError, match="ListMembers"):
            answer(overrides)

    def test_is_none_where_there_is_none(self, overrides: Overrides) -> None:
        """The fake is not asked yet."""
        overrides.on("ListMembers")(lambda _call: None)
        fake = Fakes()
        assert answer(overrides, fake) is None
        assert answer(overrides, fake, a_request("CreateGraph")) is None
        assert fake.asked == 0

    def test_a_function_is_given_the_call(self, overrides: Overrides) -> None:
        """With parameters of its own."""
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
        assert "proceed" not in repr(call)

    def test_newer_functions_go_first(self, overrides: Overrides) -> None:
        """None leaves it to the older ones."""
        overrides.on("ListMembers")(lambda _call: {"from": "old"})
        overrides.on("ListMembers")(lambda call: {"from": "new"} if call.parameters.get("Accounts") else None)
        assert answer(overrides) == {"from": "new"}
        assert answer(overrides, request=a_request("ListMembers")) == {"from": "old"}

    def test_does_not_come_from_a_call_that_the_function_makes(self, overrides: Overrides) -> None:
        """Else it would never end."""

        @overrides.on("ListMembers")
        def again(_call: OverriddenCall) -> dict[str, Any]:
            return {"inner": answer(overrides)}

        assert answer(overrides) == {"inner": None}


class TestRefusal:
    def test_a_service_error_is_one(self, overrides: Overrides) -> None:
        """The client gets it."""

        @overrides.on("ListMembers")
        def refuse(_call: OverriddenCall) -> None:
            raise AccessDenied

        with pytest.raises(AccessDenied):
            answer(overrides)

    def test_other_errors_may_stand_for_one(self, overrides: Overrides) -> None:
        """As the rules say; where it came from is kept."""

        @overrides.on("ListMembers")
        def refuse(_call: OverriddenCall) -> None:
            raise NotTheirs

        with pytest.raises(Conflict, match="translated") as caught:
            answer(overrides)
        assert isinstance(caught.value.__cause__, NotTheirs)

    def test_any_other_error_passes(self, overrides: Overrides) -> None:
        """Of a mistake in the function, for one."""
        overrides.on("ListMembers")(lambda call: call.parameters["Missing"])
        with pytest.raises(KeyError, match="Missing"):
            answer(overrides)

    def test_a_coroutine_is_no_answer(self, overrides: Overrides) -> None:
        """Of a function whose kind did not show."""

        async def late() -> None: ...

        overrides.on("ListMembers")(lambda _call: late())
        with pytest.raises(FakeUsageError, match="Write it with a plain `def`"):
            answer(overrides)

    def test_nor_is_anything_else_to_wait_for(self, overrides: Overrides) -> None:
        """A future, for one."""

        class Future:
            __await__ = iter

        overrides.on("ListMembers")(lambda _call: Future())
        with pytest.raises(FakeUsageError, match="asynchronous"):
            answer(overrides)


class TestProceed:
    def test_returns_what_the_fake_answers(self, overrides: Overrides) -> None:
        """To be changed as one likes."""

        @overrides.on("ListMembers")
        def more(call: OverriddenCall) -> dict[str, Any]:
            return {**call.proceed(), "More": 1}

        fake = Fakes()
        assert answer(overrides, fake) == {"Own": ["x"], "More": 1}

    def test_performs_the_call_once(self, overrides: Overrides) -> None:
        """However often it is asked; None afterwards lets the answer stand."""

        @overrides.on("ListMembers")
        def look(call: OverriddenCall) -> None:
            assert call.proceed() == call.proceed()

        fake = Fakes()
        assert answer(overrides, fake) is fake.outcome
        assert fake.asked == 1

    def test_raises_what_the_fake_refuses_with(self, overrides: Overrides) -> None:
        """Which stands, too, if the function has nothing else to answer."""
        caught: list[ServiceError] = []

        @overrides.on("ListMembers")
        def look(call: OverriddenCall) -> None:
            with pytest.raises(AccessDenied) as error:
                call.proceed()
            caught.append(error.value)

        fake = Fakes(AccessDenied())
        with pytest.raises(AccessDenied) as refused:
            answer(overrides, fake)
        assert (caught, fake.asked) == ([refused.value], 1)

    def test_asks_older_functions_first(self, overrides: Overrides) -> None:
        """They are what would have answered."""
        overrides.on("ListMembers")(lambda _call: {"from": "old"})
        overrides.on("ListMembers")(lambda call: {"then": call.proceed()})
        fake = Fakes()
        assert answer(overrides, fake) == {"then": {"from": "old"}}
        assert fake.asked == 0
