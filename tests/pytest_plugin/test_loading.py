"""Loading the plugin: nothing but pytest and the standard library, and nothing to pay for who does not use it."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING

from detective_fake import DetectiveFake
from detective_fake.pytest_plugin import OPTIONS

if TYPE_CHECKING:
    import pytest

    from tests.pytest_plugin.conftest import Run

LOADED = """
import sys
class Watch:
    def pytest_sessionfinish(self):
        print(sorted(name for name in sys.modules if name.partition(".")[0] in
            {"detective_fake", "botocore", "boto3", "attr", "attrs", "cattrs", "aiobotocore"}))
import pytest
sys.exit(pytest.main(["-q", "-p", "detective_fake.pytest_plugin", *sys.argv[1:]], plugins=[Watch()]))
"""


class TestLoading:
    def test_imports_the_package_and_the_plugin_only(self, pytester: pytest.Pytester, run: Run) -> None:  # noqa: ARG002
        """After a whole run without a fake; in a process of its own, since this one has loaded everything."""
        pytester.makepyfile("def test_without_a_fake(): pass")
        done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
        assert "['detective_fake', 'detective_fake.pytest_plugin']" in done.stdout


class TestOptions:
    def test_are_those_of_a_fake(self) -> None:
        """In their order."""
        parameters = inspect.signature(DetectiveFake).parameters.values()
        assert list(OPTIONS) == [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]


class TestHelp:
    def test_lists_every_fixture_with_what_it_is(self, run: Run) -> None:
        """`pytest --fixtures`."""
        result = run("", "--fixtures")
        for prefix in ("", "class_", "module_", "package_", "session_"):
            result.stdout.re_match_lines([rf"{prefix}detective_fake .*", " +Answer Amazon Detective calls from .*"])

    def test_lists_the_marker(self, run: Run) -> None:
        """`pytest --markers`."""
        run("", "--markers").stdout.fnmatch_lines(
            ["@pytest.mark.detective_fake(?*options): answer Amazon Detective calls*"]
        )

    def test_lists_flag_and_settings(self, run: Run) -> None:
        """`pytest --help`."""
        result = run("", "--help")
        result.stdout.fnmatch_lines(["*--detective-fake-wire*"])
        result.stdout.re_match_lines([rf" *detective_fake_{name} \(.*" for name in OPTIONS])
