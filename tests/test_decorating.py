"""`DetectiveFake` as a decorator. The tests use a stand-in for the fake."""

from __future__ import annotations

import asyncio
import inspect
import unittest
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from detective_fake.decorating import decorate
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator


class StandIn:
    """A stand-in for a fake: it can be started and stopped, and may report unused faults."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.active = False
        self.report: str | None = None

    def start(self) -> None:
        self.active = True

    def stop(self) -> None:
        self.active = False

    def unused_report(self) -> str | None:
        return self.report

    def __enter__(self) -> StandIn:  # noqa: PYI034 - typing.Self is of Python 3.11
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Factory:
    """Creates stand-ins and keeps them."""

    def __init__(self) -> None:
        self.made: list[StandIn] = []

    def __call__(self) -> Any:
        self.made.append(StandIn(len(self.made) + 1))
        return self.made[-1]

    @property
    def active(self) -> list[int]:
        """Numbers of the active stand-ins."""
        return [each.number for each in self.made if each.active]


@pytest.fixture
def make() -> Factory:
    return Factory()


async def everything(values: AsyncIterator[int]) -> list[int]:
    return [value async for value in values]


class TestFunctions:
    def test_each_call_runs_under_a_new_fake(self, make: Factory) -> None:
        """It is stopped afterwards."""

        def during() -> list[int]:
            return make.active

        during = decorate(during, make)
        assert [during(), during()] == [[1], [2]]
        assert not make.active

    def test_nothing_happens_before_the_call(self, make: Factory) -> None:
        """Decorating creates no fake."""
        decorate(lambda: None, make)
        assert not make.made

    def test_arguments_and_result_pass_through(self, make: Factory) -> None:
        """The decorator does not change them."""

        def collect(*args: int, **kwargs: int) -> tuple[tuple[int, ...], dict[str, int]]:
            return args, kwargs

        assert decorate(collect, make)(1, 2, x=3) == ((1, 2), {"x": 3})

    def test_an_exception_passes_through(self, make: Factory) -> None:
        """The fake is stopped."""

        def fail() -> None:
            raise KeyError(*make.active)

        with pytest.raises(KeyError, match="1"):
            decorate(fail, make)()
        assert not make.active

    def test_the_metadata_of_the_function_is_kept(self, make: Factory) -> None:
        """Name, docstring and attributes."""

        def documented() -> None:
            """Say something."""

        documented.mark = "slow"  # type: ignore[attr-defined]
        wrapper: Any = decorate(documented, make)
        assert (wrapper.__name__, wrapper.__doc__, wrapper.mark) == ("documented", "Say something.", "slow")

    def test_calls_may_nest(self, make: Factory) -> None:
        """Each has its own fake."""

        def down(depth: int) -> list[int]:
            return wrapper(depth - 1) if depth else make.active

        wrapper: Callable[[int], list[int]] = decorate(down, make)
        assert wrapper(2) == [1, 2, 3]
        assert not make.active

    def test_methods_keep_their_self(self, make: Factory) -> None:
        """They are bound as usual."""

        class Suite:
            def method(self, value: int) -> tuple[Suite, int, list[int]]:
                return self, value, make.active

            method = decorate(method, make)

        suite = Suite()
        assert suite.method(5) == (suite, 5, [1])

    def test_static_methods_work_as_well(self, make: Factory) -> None:
        """`staticmethod` objects are callable."""
        method: Any = decorate(staticmethod(lambda: make.active), make)
        assert method() == [1]


class TestParameter:
    def test_one_named_fake_receives_it(self, make: Factory) -> None:
        """Beside the arguments of the caller."""

        def test(value: int, fake: Any) -> tuple[int, Any]:
            return value, fake

        assert decorate(test, make)(5) == (5, make.made[0])  # type: ignore[call-arg]

    def test_it_is_hidden_from_pytest(self, make: Factory) -> None:
        """Pytest takes every visible parameter for a fixture."""

        def test(tmp_path: object, fake: object, *, other: int = 5) -> None:
            """Do nothing."""

        assert str(inspect.signature(decorate(test, make))) == "(tmp_path: 'object', *, other: 'int' = 5) -> 'None'"

    def test_fixtures_are_given_by_name(self, make: Factory) -> None:
        """As pytest does, in any order."""

        def test(fake: Any, tmp_path: str) -> tuple[Any, str]:
            return fake, tmp_path

        wrapper: Any = decorate(test, make)
        assert wrapper(tmp_path="here") == (make.made[0], "here")

    def test_arguments_by_position_keep_their_places(self, make: Factory) -> None:
        """The fake is inserted at its own place."""

        def test(first: int, fake: Any, second: int) -> tuple[int, Any, int]:
            return first, fake, second

        wrapper: Any = decorate(test, make)
        assert wrapper(1, 2) == (1, make.made[0], 2)

    def test_it_may_be_keyword_only(self, make: Factory) -> None:
        """It is passed by name."""

        def test(*, fake: Any) -> int:
            return int(fake.number)

        wrapper: Any = decorate(test, make)
        assert wrapper() == 1

    def test_pytest_runs_such_a_test(self, pytester: pytest.Pytester) -> None:
        """It may be a function, a coroutine or a method, with fixtures and parameters."""
        pytester.makepyfile(
            """
            import contextlib
            import pytest
            from detective_fake.decorating import decorate

            @contextlib.contextmanager
            def manager():
                yield "fake"

            def fake(function):
                return decorate(function, manager)

            @pytest.mark.parametrize("number", [1, 2])
            @fake
            def test_function(number, fake, tmp_path):
                assert (fake, tmp_path.is_dir()) == ("fake", True)

            @pytest.fixture
            def anyio_backend():
                return "asyncio"

            @pytest.mark.anyio
            @fake
            async def test_coroutine(fake):
                assert fake == "fake"

            @pytest.fixture
            @fake
            def value(fake):
                yield fake

            class TestMethods:
                @fake
                def test_method(self, fake, value):
                    assert fake == value == "fake"
            """
        )
        pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio").assert_outcomes(passed=4)

    def test_a_mock_may_come_after_it(self, make: Factory) -> None:
        """If the fake's parameter is the last."""

        @mock.patch("os.getcwd", return_value="nowhere")
        def test(getcwd: Any, fake: Any) -> tuple[str, int]:
            return getcwd(), fake.number

        wrapper: Any = decorate(test, make)
        assert wrapper() == ("nowhere", 1)


class TestCoroutines:
    def test_the_fake_is_active_until_the_end(self, make: Factory) -> None:
        """It stays active across every `await`."""

        async def test(fake: Any) -> tuple[int, list[int]]:
            await asyncio.sleep(0)
            return fake.number, make.active

        wrapper: Any = decorate(test, make)
        assert inspect.iscoroutinefunction(wrapper)
        assert asyncio.run(wrapper()) == (1, [1])
        assert not make.active

    def test_nothing_happens_before_it_is_awaited(self, make: Factory) -> None:
        """Calling it creates no fake."""

        async def test() -> None:
            """Do nothing."""

        coroutine = decorate(test, make)()
        assert not make.made
        asyncio.run(coroutine)
        assert len(make.made) == 1

    def test_an_exception_passes_through(self, make: Factory) -> None:
        """The fake is stopped."""

        async def fail() -> None:
            await asyncio.sleep(0)
            raise KeyError(*make.active)

        with pytest.raises(KeyError, match="1"):
            asyncio.run(decorate(fail, make)())
        assert not make.active


class TestGenerators:
    def test_the_fake_is_active_between_values(self, make: Factory) -> None:
        """From the first value to the end. A pytest fixture is such a generator."""

        def values(fake: Any) -> Iterator[tuple[int, list[int]]]:
            yield fake.number, make.active
            yield fake.number, make.active

        wrapper: Any = decorate(values, make)
        assert inspect.isgeneratorfunction(wrapper)
        generator = wrapper()
        assert not make.made
        assert list(generator) == [(1, [1]), (1, [1])]
        assert not make.active

    def test_sent_and_returned_values_pass_through(self, make: Factory) -> None:
        """`yield from` does the same."""

        def echo() -> Iterator[Any]:
            got = yield "first"
            return got

        generator: Any = decorate(echo, make)()
        next(generator)
        with pytest.raises(StopIteration) as stopped:
            generator.send("got")
        assert stopped.value.value == "got"

    def test_closing_it_early_ends_the_fake(self, make: Factory) -> None:
        """After the cleanup of the body."""
        seen: list[list[int]] = []

        def values() -> Iterator[int]:
            try:
                yield 1
            finally:
                seen.append(make.active)

        generator: Any = decorate(values, make)()
        next(generator)
        assert make.active == [1]
        generator.close()
        assert (seen, make.active) == ([[1]], [])

    def test_an_exception_passes_through(self, make: Factory) -> None:
        """It does so in both directions."""

        def values() -> Iterator[int]:
            with pytest.raises(KeyError):
                yield 1
            raise ValueError(*make.active)

        generator: Any = decorate(values, make)()
        next(generator)
        with pytest.raises(ValueError, match="1"):
            generator.throw(KeyError())
        assert not make.active


class TestAsyncGenerators:
    def test_the_fake_is_active_between_values(self, make: Factory) -> None:
        """From the first value to the end."""

        async def values(fake: Any) -> AsyncIterator[Any]:
            yield fake.number
            await asyncio.sleep(0)
            yield make.active

        wrapper: Any = decorate(values, make)
        assert inspect.isasyncgenfunction(wrapper)
        assert asyncio.run(everything(wrapper())) == [1, [1]]
        assert not make.active

    def test_sent_values_and_thrown_exceptions_pass_through(self, make: Factory) -> None:
        """The decorator makes no difference."""

        async def echo() -> AsyncGenerator[Any, Any]:
            said: Any = "first"
            while True:
                try:
                    said = yield said
                except LookupError as error:  # noqa: PERF203 - that is what it is for
                    said = repr(error)

        async def talk() -> list[Any]:
            generator: Any = decorate(echo, make)()
            heard = [await anext(generator), await generator.asend("second")]
            heard.append(await generator.athrow(LookupError("third")))
            await generator.aclose()
            return heard

        assert asyncio.run(talk()) == ["first", "second", "LookupError('third')"]
        assert not make.active

    def test_closing_it_early_ends_the_fake(self, make: Factory) -> None:
        """After the cleanup of the body, and not only when the generator is garbage-collected."""
        seen: list[list[int]] = []

        async def values() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                await asyncio.sleep(0)
                seen.append(make.active)

        async def close_early() -> list[int]:
            generator: Any = decorate(values, make)()
            await anext(generator)
            during = make.active
            await generator.aclose()
            return during

        assert asyncio.run(close_early()) == [1]
        assert (seen, make.active) == ([[1]], [])

    def test_an_exception_passes_through(self, make: Factory) -> None:
        """The fake is stopped."""

        async def values() -> AsyncIterator[int]:
            yield 1
            raise KeyError(*make.active)

        with pytest.raises(KeyError, match="1"):
            asyncio.run(everything(decorate(values, make)()))
        assert not make.active


class Noted(unittest.TestCase):
    """A test case that records the fake it sees at each place."""

    seen: dict[str, Any]

    def setUp(self) -> None:
        """Record the fake."""
        self.note("setUp")
        self.addCleanup(self.note, "cleanup")

    def tearDown(self) -> None:
        """Record the fake."""
        self.note("tearDown")

    def note(self, place: str) -> None:
        """Record the fake, if there is one."""
        self.seen.setdefault(place, []).append(self.fake.number)  # type: ignore[attr-defined]


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    """Run all tests of a case as unittest does."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


class TestTestCases:
    def test_each_test_has_its_own_fake(self, make: Factory) -> None:
        """It lives from `setUp` to the last cleanup."""

        class Case(Noted):
            def test_one(self) -> None:
                self.note("test")

            def test_two(self) -> None:
                self.note("test")

        Case.seen = {}
        result = run(decorate(Case, make))
        assert result.wasSuccessful(), result.errors
        assert Case.seen == {place: [1, 2] for place in ("setUp", "test", "tearDown", "cleanup")}
        assert not make.active

    def test_it_is_the_same_class(self, make: Factory) -> None:
        """So `super()` and inheritance work. Subclasses have fakes, too, and the parent has none."""

        class Case(unittest.TestCase):
            def test(self) -> None:
                assert make.active == [len(make.made)]

        assert decorate(Case, make) is Case
        assert run(type("Sub", (Case,), {})).wasSuccessful()
        assert len(make.made) == 1
        assert unittest.TestCase.run is not Case.run

    def test_a_failing_test_fails(self, make: Factory) -> None:
        """Its fake is stopped and removed from the test case."""

        class Case(unittest.TestCase):
            def test(self) -> None:
                self.fail(str(make.active))

        test = decorate(Case, make)("test")
        result = unittest.TestResult()
        test.run(result)
        assert "[1]" in result.failures[0][1]
        assert not make.active
        assert not hasattr(test, "fake")

    @pytest.mark.parametrize(("passes", "failures", "errors"), [(True, 0, 1), (False, 1, 0)])
    def test_unused_faults_are_an_error(self, make: Factory, failures: int, errors: int, *, passes: bool) -> None:
        """If the test has passed. Cleanups may still use the faults."""

        class Case(unittest.TestCase):
            def test(self) -> None:
                self.addCleanup(setattr, self.fake, "report", "two faults")  # type: ignore[attr-defined]
                assert passes

        result = run(decorate(Case, make))
        assert (len(result.failures), len(result.errors)) == (failures, errors)
        assert "UnusedFaults: two faults" in str(result.errors) or not passes
        assert not make.active

    def test_a_result_may_be_left_out(self, make: Factory) -> None:
        """Then unittest creates and returns one."""

        class Case(unittest.TestCase):
            def test(self) -> None:
                assert make.active == [1]

        result = decorate(Case, make)("test").run()
        assert result is not None
        assert result.wasSuccessful()

    def test_coroutine_tests_work(self, make: Factory) -> None:
        """The class is an `IsolatedAsyncioTestCase`."""
        seen: list[int] = []

        class Case(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self) -> None:
                seen.append(self.fake.number)  # type: ignore[attr-defined]

            async def test(self) -> None:
                await asyncio.sleep(0)
                seen.extend(make.active)

        assert run(decorate(Case, make)).wasSuccessful()
        assert seen == [1, 1]

    def test_pytest_runs_them_as_well(self, pytester: pytest.Pytester) -> None:
        """The result is that of unittest."""
        pytester.makepyfile(
            """
            import unittest
            from unittest import mock
            from detective_fake.decorating import decorate

            fake = mock.Mock(**{"unused_report.return_value": None})

            class Case(unittest.TestCase):
                def test(self):
                    self.assertIs(self.fake, fake)
                    fake.start.assert_called_once_with()

            Case = decorate(Case, lambda: fake)
            """
        )
        pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio").assert_outcomes(passed=1)


class TestOtherTargets:
    def test_another_class_is_rejected(self, make: Factory) -> None:
        """The message names it and says what to do."""

        class Suite:
            pass

        with pytest.raises(
            FakeUsageError, match=r"Suite is a class but not a unittest\.TestCase\. Decorate its test meth"
        ):
            decorate(Suite, make)

    @pytest.mark.parametrize("target", [None, "test", 5])
    def test_an_object_that_is_not_callable_is_rejected(self, make: Factory, target: Any) -> None:
        """The message shows it."""
        with pytest.raises(FakeUsageError, match=rf"a function or a unittest\.TestCase class, not {target!r}\."):
            decorate(target, make)
