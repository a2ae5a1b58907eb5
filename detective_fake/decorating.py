"""`DetectiveFake` as a decorator: a new fake around each call of a function, or each test of a `unittest.TestCase`."""

from __future__ import annotations

import functools
import inspect
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, TypeVar

from detective_fake.errors import FakeUsageError, UnusedFaults

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from unittest import TestCase

    from detective_fake.fake import DetectiveFake

    Bind = Callable[[DetectiveFake, tuple[Any, ...], dict[str, Any]], Callable[[], Any]]

__all__ = ["decorate"]

PARAMETER: Final = "fake"

F = TypeVar("F", bound="Callable[..., Any]")


def decorate(target: F, make: Callable[[], DetectiveFake]) -> F:
    """Return a function, or the given `TestCase` class, with a new fake around each call or test.

    Raises:
        FakeUsageError: The target is neither.
    """
    kind: object = target
    if inspect.isclass(target):
        from unittest import TestCase  # noqa: PLC0415 - importing it takes as long as a tenth of this package

        if not issubclass(target, TestCase):
            message = (
                f"{target.__qualname__} is a class but not a unittest.TestCase. "
                "Decorate its test methods, or use the fixture detective_fake."
            )
            raise FakeUsageError(message)
        return _decorate_test_case(target, make)  # type: ignore[no-any-return]
    if not callable(kind):
        message = f"A DetectiveFake decorates a function or a unittest.TestCase class, not {target!r}."
        raise FakeUsageError(message)
    signature = inspect.signature(target)
    wrapper = _wrapper(target, make, _bind(target, signature))
    functools.update_wrapper(wrapper, target)
    # pytest takes fixtures from the signature, and the fake is not a fixture.
    visible = [each for name, each in signature.parameters.items() if name != PARAMETER]
    wrapper.__signature__ = signature.replace(parameters=visible)  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def _bind(function: Callable[..., Any], signature: inspect.Signature) -> Bind:
    """Return what prepares a call: it adds the fake to the arguments, if there is a parameter for it."""
    names = list(signature.parameters)
    if PARAMETER not in names:
        return lambda _fake, args, kwargs: functools.partial(function, *args, **kwargs)
    place = names.index(PARAMETER)
    positional = signature.parameters[PARAMETER].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD

    def bind(fake: DetectiveFake, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[], Any]:
        if positional and len(args) > place:
            return functools.partial(function, *args[:place], fake, *args[place:], **kwargs)
        return functools.partial(function, *args, **{**kwargs, PARAMETER: fake})

    return bind


def _wrapper(function: Callable[..., Any], make: Callable[[], DetectiveFake], bind: Bind) -> Callable[..., Any]:
    """Return a wrapper of the same kind as the function. The fake is active until the function's body ends."""
    if inspect.isasyncgenfunction(function):
        return _async_generator(make, bind)
    if inspect.iscoroutinefunction(function):

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with make() as fake:
                return await bind(fake, args, kwargs)()

        return coroutine
    if inspect.isgeneratorfunction(function):

        def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            with make() as fake:
                return (yield from bind(fake, args, kwargs)())

        return generator

    def call(*args: Any, **kwargs: Any) -> Any:
        with make() as fake:
            return bind(fake, args, kwargs)()

    return call


def _async_generator(make: Callable[[], DetectiveFake], bind: Bind) -> Callable[..., AsyncGenerator[Any, Any]]:
    async def async_generator(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        with make() as fake:
            async with aclosing(bind(fake, args, kwargs)()) as values:
                step = anext(values)
                while True:
                    try:
                        value = await step
                    except StopAsyncIteration:
                        return
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
        fake = make()
        fake.start()
        self.fake = fake  # type: ignore[attr-defined]
        self.doCleanups = _checking_faults(self, fake)  # type: ignore[assignment, method-assign]
        try:
            return run(self, result)
        finally:
            for name in ("fake", "doCleanups"):
                vars(self).pop(name, None)  # A decorated subclass of a decorated class has removed them already.
            fake.stop()

    case.run = run_with_fake  # type: ignore[method-assign]
    return case


def _checking_faults(case: TestCase, fake: DetectiveFake) -> Callable[[], object]:
    """Return a `doCleanups` that fails a test for unused faults, if the test has passed.

    An exception that leaves `TestCase.run` would end the whole run, and only here the outcome of the test is known.
    """
    do_cleanups = case.doCleanups

    def check() -> None:
        report = fake.unused_report()
        if report is not None:
            raise UnusedFaults(report)

    def do_and_check() -> object:
        done = do_cleanups()
        if case._outcome.success:  # type: ignore[attr-defined] # noqa: SLF001 - unittest has no public name for it
            case.addCleanup(check)
            done = do_cleanups()
        return done

    return do_and_check
