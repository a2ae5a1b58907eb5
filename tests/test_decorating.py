"""A fake around each call of a function or each test of a test case; the fake is a stand-in that counts."""

from __future__ import annotations

import asyncio
import inspect
import unittest
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from detective_fake.decorating import decorated
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator


class StandIn:
    """Stands for a fake: it is started and stopped, and may have faults that nobody met."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.active = False
        self.report: str | None = None

    def start(self) -> None:
        self.active = True

    def stop(self) -> None:
        self.active = False

    def unmet_faults_report(self) -> str | None:
        return self.report

    def __enter__(self) -> StandIn:  # noqa: PYI034 - typing.Self is of Python 3.11
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Factory:
    """Makes stand-ins and keeps them."""

    def __init__(self) -> None:
        self.made: list[StandIn] = []

    def __call__(self) -> Any:
        self.made.append(StandIn(len(self.made) + 1))
        return self.made[-1]

    @property
    def active(self) -> list[int]:
        """Numbers of the stand-ins that are active now."""
        return [each.number for each in self.made if each.active]


@pytest.fixture
def make() -> Factory:
    return Factory()


async def everything(values: AsyncIterator[int]) -> list[int]:
    return [value async for value in values]


class TestFunctions:
    def test_each_call_runs_under_a_new_fake(self, make: Factory) -> None:
        """Which is gone afterwards."""

        def during() -> list[int]:
            return make.active

        during = decorated(during, make)
        assert [during(), during()] == [[1], [2]]
        assert not make.active

    def test_nothing_happens_before_the_call(self, make: Factory) -> None:
        """Decorating makes no fake."""
        decorated(lambda: None, make)
        assert not make.made

    def test_arguments_and_result_pass_through(self, make: Factory) -> None:
        """Whatever they are."""

        def collect(*args: int, **kwargs: int) -> tuple[tuple[int, ...], dict[str, int]]:
            return args, kwargs

        assert decorated(collect, make)(1, 2, x=3) == ((1, 2), {"x": 3})

    def test_an_exception_passes_through(self, make: Factory) -> None:
        """And the fake is gone."""

        def fail() -> None:
            raise KeyError(*make.active)

        with pytest.raises(KeyError, match="1"):
            decorated(fail, make)()
        assert not make.active

    def test_it_is_still_the_same_function_to_others(self, make: Factory) -> None:
        """Name, docstring and what hangs on it."""

        def documented() -> None:
            """Say something."""

        documented.mark = "slow"  # type: ignore[attr-defined]
        wrapper: Any = decorated(documented, make)
        assert (wrapper.__name__, wrapper.__doc__, wrapper.mark) == ("documented", "Say something.", "slow")

    def test_calls_may_nest(self, make: Factory) -> None:
        """Each under a fake of its own."""

        def down(depth: int) -> list[int]:
            return wrapper(depth - 1) if depth else make.active

        wrapper: Callable[[int], list[int]] = decorated(down, make)
        assert wrapper(2) == [1, 2, 3]
        assert not make.active

    def test_methods_keep_their_self(self, make: Factory) -> None:
        """Bound as ever."""

        class Suite:
            def method(self, value: int) -> tuple[Suite, int, list[int]]:
                return self, value, make.active

            method = decorated(method, make)

        suite = Suite()
        assert suite.method(5) == (suite, 5, [1])

    def test_static_methods_work_as_well(self, make: Factory) -> None:
        """They are callable."""
        method: Any = decorated(staticmethod(lambda: make.active), make)
        assert method() == [1]


class TestParameter:
    def test_one_named_fake_receives_it(self, make: Factory) -> None:
        """Beside what the caller gives."""

        def test(value: int, fake: Any) -> tuple[int, Any]:
            return value, fake

        assert decorated(test, make)(5) == (5, make.made[0])  # type: ignore[call-arg]

    def test_it_is_hidden_from_pytest(self, make: Factory) -> None:
        """Which takes every other parameter for a fixture."""

        def test(tmp_path: object, fake: object, *, other: int = 5) -> None:
            """Do nothing."""

        assert str(inspect.signature(decorated(test, make))) == "(tmp_path: 'object', *, other: 'int' = 5) -> 'None'"

    def test_fixtures_are_given_by_name(self, make: Factory) -> None:
        """As pytest does, in whatever order they stand."""

        def test(fake: Any, tmp_path: str) -> tuple[Any, str]:
            return fake, tmp_path

        wrapper: Any = decorated(test, make)
        assert wrapper(tmp_path="here") == (make.made[0], "here")

    def test_arguments_by_position_keep_their_places(self, make: Factory) -> None:
        """The fake is put between them where it stands, and what follows moves on."""

        def test(first: int, fake: Any, second: int) -> tuple[int, Any, int]:
            return first, fake, second

        wrapper: Any = decorated(test, make)
        assert wrapper(1, 2) == (1, make.made[0], 2)

    def test_keyword_only_is_all_right(self, make: Factory) -> None:
        """It is given by name."""

        def test(*, fake: Any) -> int:
            return int(fake.number)

        wrapper: Any = decorated(test, make)
        assert wrapper() == 1

    def test_pytest_runs_such_a_test(self, pytester: pytest.Pytester) -> None:
        """With fixtures, parameters and a fake, as function, coroutine and method."""
        pytester.makepyfile(
            """
            import contextlib
            import pytest
            from detective_fake.decorating import decorated

            @contextlib.contextmanager
            def manager():
                yield "fake"

            def fake(function):
                return decorated(function, manager)

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
        """Where the fake's parameter is the last."""

        @mock.patch("os.getcwd", return_value="nowhere")
        def test(getcwd: Any, fake: Any) -> tuple[str, int]:
            return getcwd(), fake.number

        wrapper: Any = decorated(test, make)
        assert wrapper() == ("nowhere", 1)


class TestCoroutines:
    def test_the_fake_is_there_to_the_end(self, make: Factory) -> None:
        """Across every await, and gone afterwards."""

        async def test(fake: Any) -> tuple[int, list[int]]:
            await asyncio.sleep(0)
            return fake.number, make.active

        wrapper: Any = decorated(test, make)
        assert inspect.iscoroutinefunction(wrapper)
        assert asyncio.run(wrapper()) == (1, [1])
        assert not make.active

    def test_nothing_happens_before_it_is_awaited(self, make: Factory) -> None:
        """Calling it makes no fake."""

        async def test() -> None:
            """Do nothing."""

        coroutine = decorated(test, make)()
        assert not make.made
        asyncio.run(coroutine)
        assert len(make.made) == 1

    def test_an_exception_passes_through(self, make: Factory) -> None:
        """And the fake is gone."""

        async def fail() -> None:
            await asyncio.sleep(0)
            raise KeyError(*make.active)

        with pytest.raises(KeyError, match="1"):
            asyncio.run(decorated(fail, make)())
        assert not make.active


class TestGenerators:
    def test_the_fake_is_there_between_values(self, make: Factory) -> None:
        """From the first to the end, and gone afterwards; a fixture is one."""

        def values(fake: Any) -> Iterator[tuple[int, list[int]]]:
            yield fake.number, make.active
            yield fake.number, make.active

        wrapper: Any = decorated(values, make)
        assert inspect.isgeneratorfunction(wrapper)
        generator = wrapper()
        assert not make.made
        assert list(generator) == [(1, [1]), (1, [1])]
        assert not make.active

    def test_what_is_sent_and_returned_passes_through(self, make: Factory) -> None:
        """As with `yield from`."""

        def echo() -> Iterator[Any]:
            got = yield "first"
            return got

        generator: Any = decorated(echo, make)()
        next(generator)
        with pytest.raises(StopIteration) as stopped:
            generator.send("got")
        assert stopped.value.value == "got"

    def test_closing_it_early_ends_the_fake(self, make: Factory) -> None:
        """After the body has cleaned up."""
        seen: list[list[int]] = []

        def values() -> Iterator[int]:
            try:
                yield 1
            finally:
                seen.append(make.active)

        generator: Any = decorated(values, make)()
        next(generator)
        assert make.active == [1]
        generator.close()
        assert (seen, make.active) == ([[1]], [])

    def test_an_exception_passes_through(self, make: Factory) -> None:
        """Both ways."""

        def values() -> Iterator[int]:
            with pytest.raises(KeyError):
                yield 1
            raise ValueError(*make.active)

        generator: Any = decorated(values, make)()
        next(generator)
        with pytest.raises(ValueError, match="1"):
            generator.throw(KeyError())
        assert not make.active


class TestAsyncGenerators:
    def test_the_fake_is_there_between_values(self, make: Factory) -> None:
        """From the first to the end, and gone afterwards."""

        async def values(fake: Any) -> AsyncIterator[Any]:
            yield fake.number
            await asyncio.sleep(0)
            yield make.active

        wrapper: Any = decorated(values, make)
        assert inspect.isasyncgenfunction(wrapper)
        assert asyncio.run(everything(wrapper())) == [1, [1]]
        assert not make.active

    def test_what_is_sent_and_thrown_in_arrives(self, make: Factory) -> None:
        """As with a generator that is not decorated."""

        async def echo() -> AsyncGenerator[Any, Any]:
            said: Any = "first"
            while True:
                try:
                    said = yield said
                except LookupError as error:  # noqa: PERF203 - that is what it is for
                    said = repr(error)

        async def talk() -> list[Any]:
            generator: Any = decorated(echo, make)()
            heard = [await anext(generator), await generator.asend("second")]
            heard.append(await generator.athrow(LookupError("third")))
            await generator.aclose()
            return heard

        assert asyncio.run(talk()) == ["first", "second", "LookupError('third')"]
        assert not make.active

    def test_closing_it_early_ends_the_fake(self, make: Factory) -> None:
        """After the body has cleaned up, at once and not when it is collected."""
        seen: list[list[int]] = []

        async def values() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                await asyncio.sleep(0)
                seen.append(make.active)

        async def close_early() -> list[int]:
            generator: Any = decorated(values, make)()
            await anext(generator)
            during = make.active
            await generator.aclose()
            return during

        assert asyncio.run(close_early()) == [1]
        assert (seen, make.active) == ([[1]], [])

    def test_an_exception_passes_through(self, make: Factory) -> None:
        """And the fake is gone."""

        async def values() -> AsyncIterator[int]:
            yield 1
            raise KeyError(*make.active)

        with pytest.raises(KeyError, match="1"):
            asyncio.run(everything(decorated(values, make)()))
        assert not make.active


class Noted(unittest.TestCase):
    """A test case that notes what it sees, by the name of the place."""

    seen: dict[str, Any]

    def setUp(self) -> None:
        """Note."""
        self.note("setUp")
        self.addCleanup(self.note, "cleanup")

    def tearDown(self) -> None:
        """Note."""
        self.note("tearDown")

    def note(self, place: str) -> None:
        """Note the fake that is at hand, if any."""
        self.seen.setdefault(place, []).append(self.fake.number)  # type: ignore[attr-defined]


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    """Run all tests of a case as unittest does."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


class TestTestCases:
    def test_each_test_has_a_fake_of_its_own(self, make: Factory) -> None:
        """From `setUp` to the last cleanup."""

        class Case(Noted):
            def test_one(self) -> None:
                self.note("test")

            def test_two(self) -> None:
                self.note("test")

        Case.seen = {}
        result = run(decorated(Case, make))
        assert result.wasSuccessful(), result.errors
        assert Case.seen == {place: [1, 2] for place in ("setUp", "test", "tearDown", "cleanup")}
        assert not make.active

    def test_it_is_the_same_class(self, make: Factory) -> None:
        """So that `super()` and inheritance work; its subclasses have fakes, too, and its parent has none."""

        class Case(unittest.TestCase):
            def test(self) -> None:
                assert make.active == [len(make.made)]

        assert decorated(Case, make) is Case
        assert run(type("Sub", (Case,), {})).wasSuccessful()
        assert len(make.made) == 1
        assert unittest.TestCase.run is not Case.run

    def test_a_failing_test_fails(self, make: Factory) -> None:
        """And its fake is gone, from the process and from the case."""

        class Case(unittest.TestCase):
            def test(self) -> None:
                self.fail(str(make.active))

        test = decorated(Case, make)("test")
        result = unittest.TestResult()
        test.run(result)
        assert "[1]" in result.failures[0][1]
        assert not make.active
        assert not hasattr(test, "fake")

    @pytest.mark.parametrize(("passes", "failures", "errors"), [(True, 0, 1), (False, 1, 0)])
    def test_faults_that_nobody_met_are_an_error(
        self, make: Factory, failures: int, errors: int, *, passes: bool
    ) -> None:
        """Of a test that would have passed otherwise; they were met, or not, by its cleanups, too."""

        class Case(unittest.TestCase):
            def test(self) -> None:
                self.addCleanup(setattr, self.fake, "report", "two faults")  # type: ignore[attr-defined]
                assert passes

        result = run(decorated(Case, make))
        assert (len(result.failures), len(result.errors)) == (failures, errors)
        assert "UnmetFaults: two faults" in str(result.errors) or not passes
        assert not make.active

    def test_a_result_may_be_left_out(self, make: Factory) -> None:
        """Then unittest makes one, and it is handed back."""

        class Case(unittest.TestCase):
            def test(self) -> None:
                assert make.active == [1]

        result = decorated(Case, make)("test").run()
        assert result is not None
        assert result.wasSuccessful()

    def test_coroutine_tests_work(self, make: Factory) -> None:
        """Those of `IsolatedAsyncioTestCase`."""
        seen: list[int] = []

        class Case(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self) -> None:
                seen.append(self.fake.number)  # type: ignore[attr-defined]

            async def test(self) -> None:
                await asyncio.sleep(0)
                seen.extend(make.active)

        assert run(decorated(Case, make)).wasSuccessful()
        assert seen == [1, 1]

    def test_pytest_runs_them_as_well(self, pytester: pytest.Pytester) -> None:
        """It calls them as unittest does."""
        pytester.makepyfile(
            """
            import unittest
            from unittest import mock
            from detective_fake.decorating import decorated

            fake = mock.Mock(**{"unmet_faults_report.return_value": None})

            class Case(unittest.TestCase):
                def test(self):
                    self.assertIs(self.fake, fake)
                    fake.start.assert_called_once_with()

            Case = decorated(Case, lambda: fake)
            """
        )
        pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:asyncio").assert_outcomes(passed=1)


class TestOtherTargets:
    def test_another_class_is_refused(self, make: Factory) -> None:
        """The text names it and says what to do."""

        class Suite:
            pass

        with pytest.raises(FakeUsageError, match=r"Suite is a class but no unittest\.TestCase; decorate its test meth"):
            decorated(Suite, make)

    @pytest.mark.parametrize("target", [None, "test", 5])
    def test_what_cannot_be_called_is_refused(self, make: Factory, target: Any) -> None:
        """The text shows it."""
        with pytest.raises(FakeUsageError, match=rf"a function or a unittest\.TestCase class, not {target!r}\."):
            decorated(target, make)
