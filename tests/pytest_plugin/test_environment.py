"""The plugin leaves the environment as it was, and the library can be loaded by several threads at once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

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


class TestLoading:
    def test_several_threads_at_once(self) -> None:
        """Each gets whole modules."""
        done = subprocess.run([sys.executable, "-c", LOADED_BY_THREADS], capture_output=True, text=True, check=True)
        assert done.stdout == "[]\n"
