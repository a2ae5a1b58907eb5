"""`DetectiveFake` as a decorator: a new fake around each call of a function, or each test of a `unittest.TestCase`."""

from __future__ import annotations

import functools
import inspect
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from detective_fake.errors import FakeUsageError, UnusedFaults

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from unittest import TestCase

    from detective_fake.fake import DetectiveFake

    Run = Callable[[DetectiveFake, tuple[Any, ...], dict[str, Any]], Any]

PARAMETER: Final = "fake"

F = TypeVar("F", bound="Callable[..., Any]")


def decorate(target: F, make: Callable[[], DetectiveFake]) -> F:
    """Return a function, or the given `TestCase` class, with a new fake around each call or test.

    Raises:
        FakeUsageError: The target is neither.
    """
    given: object = target
    if not callable(given):
        raise FakeUsageError(f"A DetectiveFake decorates a function or a unittest.TestCase class, not {target!r}.")
    if inspect.isclass(target):
        from unittest import TestCase  # noqa: PLC0415 - importing it takes as long as a tenth of this package

        if not issubclass(target, TestCase):
            raise FakeUsageError(
                f"{target.__qualname__} is a class but not a unittest.TestCase. "
                "Decorate its test methods, or use the fixture detective_fake."
            )
        return _decorate_test_case(target, make)  # type: ignore[no-any-return]
    signature = inspect.signature(target)
    # pytest takes fixtures from the signature, and the fake is not a fixture.
    visible = signature.replace(parameters=[each for name, each in signature.parameters.items() if name != PARAMETER])

    def run(fake: DetectiveFake, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        parameter = signature.parameters.get(PARAMETER)
        if parameter is None:
            return target(*args, **kwargs)
        place = list(signature.parameters).index(PARAMETER)
        if len(args) > place and parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            return target(*args[:place], fake, *args[place:], **kwargs)
        return target(*args, **{**kwargs, PARAMETER: fake})

    wrapper = functools.update_wrapper(_wrapper(target, make, run), target)
    wrapper.__signature__ = visible  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def _wrapper(function: Callable[..., Any], make: Callable[[], DetectiveFake], run: Run) -> Callable[..., Any]:
    """Return a wrapper of the same kind as the function. The fake is active until the function's body ends."""
    if inspect.isasyncgenfunction(function):
        return _async_generator(make, run)
    if inspect.iscoroutinefunction(function):

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with make() as fake:
                return await run(fake, args, kwargs)

        return coroutine
    if inspect.isgeneratorfunction(function):

        def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            with make() as fake:
                return (yield from run(fake, args, kwargs))

        return generator

    def call(*args: Any, **kwargs: Any) -> Any:
        with make() as fake:
            return run(fake, args, kwargs)

    return call


def _async_generator(make: Callable[[], DetectiveFake], run: Run) -> Callable[..., AsyncGenerator[Any, Any]]:
    async def async_generator(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with make() as fake:
            async with aclosing(run(fake, args, kwargs)) as values:
                step = anext(values)
                with suppress(StopAsyncIteration):
                    while True:
                        value = await step
                        # This passes on what is sent or thrown in, like `yield from` in a plain generator.
                        try:
                            step = values.asend((yield value))
                        except GeneratorExit:
                            raise
                        except BaseException as error:  # noqa: BLE001 - the function decides about every exception
                            step = values.athrow(error)

    return async_generator


def _decorate_test_case(case: type[TestCase], make: Callable[[], DetectiveFake]) -> Any:
    run = case.run

    @functools.wraps(run)
    def run_with_fake(self: TestCase, result: Any = None) -> Any:
        fake, do_cleanups = make(), self.doCleanups

        def check() -> None:
            report = fake.unused_report()
            if report is not None:
                raise UnusedFaults(report)

        def do_and_check() -> object:
            # Only here is the outcome of the test known. An exception that leaves `run` would end the whole run.
            done = do_cleanups()
            if self._outcome.success:  # type: ignore[attr-defined]
                self.addCleanup(check)
                done = do_cleanups()
            return done

        fake.start()
        self.fake = fake  # type: ignore[attr-defined]
        self.doCleanups = do_and_check  # type: ignore[assignment, method-assign]
        try:
            return run(self, result)
        finally:
            for name in ("fake", "doCleanups"):
                vars(self).pop(name, None)  # A decorated subclass of a decorated class has removed them already.
            fake.stop()

    case.run = run_with_fake  # type: ignore[method-assign]
    return case
