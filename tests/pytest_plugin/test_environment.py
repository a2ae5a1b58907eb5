"""The plugin leaves the environment as it was, and the library can be loaded by several threads at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from detective_fake.interception import environment

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run

LOADED_BY_THREADS = """
import importlib, threading
names = ["detective_fake.fake", "detective_fake.types", "detective_fake.service", "detective_fake.interception.asgi"]
ready, failed = threading.Barrier(8), []
def load(name):
    ready.wait()
    try:
        importlib.import_module(name)
        from detective_fake import DetectiveFake
        with DetectiveFake():
            pass
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=load, args=(name,)) for name in names * 2]
[thread.start() for thread in threads], [thread.join() for thread in threads]
print(failed)
"""


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the fakes of other tests, which simulate other machines."""
    monkeypatch.setattr(environment, "_earlier_origins", {})


class TestEnvironment:
    def test_is_as_before_after_each_test(self, run: Run) -> None:
        """Whether `monkeypatch` is undone after the fake, or a patcher is stopped after it."""
        run(
            """
            import os
            from unittest import mock
            import pytest
            from moto import mock_aws

            BEFORE = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
            open_patchers = []

            def check():
                assert {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"} == BEFORE

            @pytest.fixture
            def ends_later():
                yield
                open_patchers.pop().stop()

            def test_monkeypatch(monkeypatch, detective_fake):
                monkeypatch.setenv("AWS_REGION", "sa-east-1")
                monkeypatch.setenv("AWS_ACCESS_KEY_ID", "222222222222")

            def test_after_monkeypatch():
                check()

            def test_dictionary(ends_later, detective_fake):
                open_patchers.append(mock.patch.dict(os.environ))
                open_patchers[0].start()

            def test_after_dictionary():
                check()

            def test_moto(ends_later, detective_fake):
                open_patchers.append(mock_aws())
                open_patchers[0].start()

            def test_after_moto():
                check()
            """,
            "-p",
            "no:randomly",
        ).assert_outcomes(passed=6)

    @pytest.mark.parametrize(
        "start", ["mock.patch.dict(os.environ)", "mock.patch.dict(os.environ, clear=True)", "mock_aws()"]
    )
    def test_is_as_before_after_a_patcher_of_an_earlier_test(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, start: str
    ) -> None:
        """It restores what a fake of that test had set, in the test itself or in its teardown."""
        monkeypatch.setenv("AWS_PROFILE", "before")
        run(
            f"""
            import os
            from unittest import mock
            import pytest
            from moto import mock_aws

            BEFORE = {{name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}}
            open_patchers = []

            def check():
                assert {{name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}} == BEFORE

            def begin():
                open_patchers.append({start})
                open_patchers[0].start()

            class TestFirst:
                @pytest.fixture(scope="class", autouse=True)
                @classmethod
                def ends_later(cls):
                    yield
                    open_patchers.pop().stop()

                def test_begin(self, detective_fake): begin()
                @pytest.mark.detective_fake(region="eu-west-1")
                def test_other(self, detective_fake): pass
                def test_end(self): pass

            def test_after_the_class(): check()

            def test_begin(session_detective_fake, detective_fake): begin()
            def test_other(): pass
            def test_end(): open_patchers.pop().stop()

            @pytest.fixture(scope="session", autouse=True)
            def checked():
                yield
                check()
            """,
            "-p",
            "no:randomly",
        ).assert_outcomes(passed=7)

    def test_keeps_a_region_that_a_patcher_of_an_earlier_test_restores(self, run: Run) -> None:
        """It may as well be one that this test sets for later ones."""
        run(
            """
            import os
            import pytest

            @pytest.fixture(scope="module")
            def wider():
                with pytest.MonkeyPatch.context() as patch:
                    yield patch

            def test_begin(wider, detective_fake):
                wider.setenv("AWS_REGION", "sa-east-1")

            def test_end(wider):
                wider.undo()

            def test_after():
                assert os.environ["AWS_REGION"] == "us-east-1"
            """,
            "-p",
            "no:randomly",
        ).assert_outcomes(passed=3)


@pytest.mark.slow
class TestLoading:
    def test_several_threads_at_once(self) -> None:
        """Each gets whole modules."""
        done = subprocess.run([sys.executable, "-c", LOADED_BY_THREADS], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"
