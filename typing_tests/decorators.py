"""`DetectiveFake` as a decorator, and `fake.on`: decorated functions and classes keep their types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import datetime
from typing import Any
from unittest import TestCase

from typing_extensions import assert_type

from detective_fake import DetectiveFake
from detective_fake.types import OverriddenCall, Override


@DetectiveFake()
def enable(count: int, *, fake: DetectiveFake) -> str:
    """Decorate a function."""
    return f"{count} {fake.region}"


@DetectiveFake(region="eu-west-1")
async def enable_later(count: int, fake: DetectiveFake) -> str:
    """Decorate a coroutine function."""
    return f"{count} {fake.region}"


@DetectiveFake()
def graphs(fake: DetectiveFake) -> Iterator[str]:
    """Decorate a generator function."""
    yield fake.region


@DetectiveFake()
async def graphs_later(fake: DetectiveFake) -> AsyncIterator[str]:
    """Decorate an asynchronous generator function."""
    yield fake.region


@DetectiveFake()
class EnablingTest(TestCase):
    """Decorate a test class."""

    fake: DetectiveFake

    def test_region(self) -> None:
        """Use the fake of the class."""
        assert_type(self.fake, DetectiveFake)


fake = DetectiveFake()
assert_type(enable(1, fake=fake), str)
later: Coroutine[Any, Any, str] = enable_later(1, fake)
assert_type(graphs(fake), Iterator[str])
assert_type(graphs_later(fake), AsyncIterator[str])
assert_type(EnablingTest, type[EnablingTest])
enable("1", fake=fake)  # type: ignore[arg-type]
fake(1)  # type: ignore[type-var]


@fake.on("ListMembers")
def no_members(call: OverriddenCall) -> dict[str, Any]:
    """Override an operation."""
    assert_type(call.operation, str)
    assert_type(call.parameters, dict[str, Any])
    assert_type(call.account_id, str)
    assert_type(call.region, str)
    assert_type(call.at, datetime)
    return call.proceed()


same: Callable[[OverriddenCall], dict[str, Any]] = no_members
other: Callable[[OverriddenCall], str] = no_members  # type: ignore[assignment]


on = fake.on("ListGraphs")
assert_type(on.function, Callable[[OverriddenCall], Any] | None)
assert_type(on.used, int)
on.end()
fake.on("ListMember")  # type: ignore[arg-type]


@fake.on("ListMembers")  # type: ignore[type-var]
def no_call() -> dict[str, Any]:
    """Lack the parameter for the call, which is a type error."""
    return {}


override = fake.on("ListMembers")
assert_type(override, Override)
assert_type(override.operation, str)
override(lambda _: None)
override.remove()
