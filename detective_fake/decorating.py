"""A fake around each call of a function, or around each test of a `unittest.TestCase`.

Knows functions and classes; makes fakes only through the factory it is given.
"""

from __future__ import annotations

import functools
import inspect
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, TypeVar
from unittest import TestCase

from detective_fake.errors import FakeUsageError, UnmetFaults

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from detective_fake.fake import DetectiveFake

    Arguments = tuple[tuple[Any, ...], dict[str, Any]]
    Passing = Callable[[DetectiveFake, tuple[Any, ...], dict[str, Any]], Arguments]

__all__ = ["decorated"]

PARAMETER: Final = "fake"

F = TypeVar("F", bound="Callable[..., Any]")


def decorated(target: F, make: Callable[[], DetectiveFake]) -> F:
    """Return the function, or the same `TestCase` class, with a new fake around each call or test.

    Raises:
        FakeUsageError: It is neither.
    """
    kind: object = target
    if inspect.isclass(target):
        if not issubclass(target, TestCase):
            message = (
                f"{target.__qualname__} is a class but no unittest.TestCase; decorate its test methods, "
                "or use the fixture detective_fake."
            )
            raise FakeUsageError(message)
        return _test_case(target, make)  # type: ignore[no-any-return]
    if not callable(kind):
        message = f"A DetectiveFake decorates a function or a unittest.TestCase class, not {target!r}."
        raise FakeUsageError(message)
    return _function(target, make)


def _function(function: F, make: Callable[[], DetectiveFake]) -> F:
    signature = inspect.signature(function)
    wrapper = _wrapper(function, make, _passing(signature))
    functools.update_wrapper(wrapper, function)
    # pytest reads fixtures off the signature: the fake is not one of them.
    visible = [each for name, each in signature.parameters.items() if name != PARAMETER]
    wrapper.__signature__ = signature.replace(parameters=visible)  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def _passing(signature: inspect.Signature) -> Passing:
    """Return what adds the fake to a call's arguments: in its place among positional ones, else by name."""
    names = list(signature.parameters)
    if PARAMETER not in names:
        return lambda _fake, args, kwargs: (args, kwargs)
    place = names.index(PARAMETER)

    def add(fake: DetectiveFake, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        if len(args) > place and signature.parameters[PARAMETER].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            return (*args[:place], fake, *args[place:]), kwargs
        return args, {**kwargs, PARAMETER: fake}

    return add


def _wrapper(function: Callable[..., Any], make: Callable[[], DetectiveFake], passing: Passing) -> Callable[..., Any]:
    """Return the wrapper of the function's own kind: its body runs, to its end, while the fake is active."""
    if inspect.isasyncgenfunction(function):
        return _async_generator(function, make, passing)
    if inspect.iscoroutinefunction(function):

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with make() as fake:
                args, kwargs = passing(fake, args, kwargs)
                return await function(*args, **kwargs)

        return coroutine
    if inspect.isgeneratorfunction(function):

        def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            with make() as fake:
                args, kwargs = passing(fake, args, kwargs)
                return (yield from function(*args, **kwargs))

        return generator

    def call(*args: Any, **kwargs: Any) -> Any:
        with make() as fake:
            args, kwargs = passing(fake, args, kwargs)
            return function(*args, **kwargs)

    return call


def _async_generator(
    function: Callable[..., Any], make: Callable[[], DetectiveFake], passing: Passing
) -> Callable[..., AsyncGenerator[Any, Any]]:
    async def async_generator(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with make() as fake:
            args, kwargs = passing(fake, args, kwargs)
            async with aclosing(function(*args, **kwargs)) as values:
                step = anext(values)
                while True:
                    try:
                        value = await step
                    except StopAsyncIteration:
                        return
                    # What `yield from` does for others, as there is none here.
                    try:
                        step = values.asend((yield value))
                    except GeneratorExit:
                        raise
                    except BaseException as error:  # noqa: BLE001 - all that is thrown in is for the function
                        step = values.athrow(error)

    return async_generator


def _test_case(case: type[TestCase], make: Callable[[], DetectiveFake]) -> Any:
    run = case.run

    @functools.wraps(run)
    def with_fake(self: TestCase, result: Any = None) -> Any:
        fake = make()
        fake.start()
        self.fake = fake  # type: ignore[attr-defined]
        self.doCleanups = _checking_faults(self, fake)  # type: ignore[assignment, method-assign]
        try:
            return run(self, result)
        finally:
            for name in ("fake", "doCleanups"):
                vars(self).pop(name, None)  # a decorated subclass of a decorated class has removed them already
            fake.stop()

    case.run = with_fake  # type: ignore[method-assign]
    return case


def _checking_faults(case: TestCase, fake: DetectiveFake) -> Callable[[], object]:
    """Return a `doCleanups` that lets a test which has passed fail for faults that no call has met.

    What leaves `run` would end all of the tests, and only here is it known whether this one has passed.
    """
    do_cleanups = case.doCleanups

    def check() -> None:
        report = fake.unmet_faults_report()
        if report is not None:
            raise UnmetFaults(report)

    def do_and_check() -> object:
        done = do_cleanups()
        if case._outcome.success:  # type: ignore[attr-defined] # noqa: SLF001 - told nowhere else
            case.addCleanup(check)
            done = do_cleanups()
        return done

    return do_and_check
