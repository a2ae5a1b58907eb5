"""Loading the plugin imports only pytest, the standard library and two small modules of the package."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from detective_fake.options import OPTIONS

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

MODULES = """
import pytest, sys
assert pytest.main([]) == 0
assert "detective_fake" not in str(sys.meta_path)
"""


class TestLoading:
    def test_imports_only_the_plugin_the_options_and_the_environment(self, pytester: pytest.Pytester, run: Run) -> None:  # noqa: ARG002
        """A run without a fake imports neither botocore nor the rest of the package. Checked in a new process."""
        pytester.makepyfile("def test_without_a_fake(): pass")
        done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
        expected = ["", ".interception", ".interception.environment", ".locks", ".options", ".pytest_plugin"]
        assert str([f"detective_fake{name}" for name in expected]) in done.stdout

    def test_leaves_the_modules_to_python(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        """Python itself loads the modules, without pytest's rewriting, and no finder stays after the run."""
        pytester.makepyfile("""
            from importlib.machinery import SourceFileLoader
            from detective_fake import errors, fake
            from detective_fake.controls import faults

            def test_it():
                assert {type(each.__loader__) for each in (errors, fake, faults)} == {SourceFileLoader}
        """)
        # pytest rewrites only packages whose plugins it finds itself.
        monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
        subprocess.run([sys.executable, "-c", MODULES], check=True)


class TestHelp:
    def test_lists_every_fixture_with_its_description(self, run: Run) -> None:
        """`pytest --fixtures` shows the fixture of every scope with its description."""
        result = run("", "--fixtures")
        for prefix in ("", "class_", "module_", "package_", "session_"):
            result.stdout.re_match_lines([rf"{prefix}detective_fake .*", " +Answer Amazon Detective calls with .*"])

    def test_lists_the_marker(self, run: Run) -> None:
        """`pytest --markers` shows the marker with its description."""
        run("", "--markers").stdout.fnmatch_lines(
            ["@pytest.mark.detective_fake(?*options): answer Amazon Detective calls*"]
        )

    def test_lists_the_flag_and_the_settings(self, run: Run) -> None:
        """`pytest --help` shows `--detective-fake-wire` and a setting for every option."""
        result = run("", "--help")
        result.stdout.fnmatch_lines(["*--detective-fake-wire*"])
        result.stdout.re_match_lines([rf" *detective_fake_{name} \(.*" for name in OPTIONS])
