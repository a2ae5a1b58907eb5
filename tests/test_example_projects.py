"""The projects in `examples/`: their tests pass, and the README lists each with what it needs."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from pathlib import Path
from unittest import mock

import pytest

PLUGINS = ("-p", "detective_fake.pytest_plugin", "-p", "pytest_asyncio.plugin", "-p", "no:cacheprovider")
EXAMPLES = Path(__file__).parent.parent / "examples"
PROJECTS = sorted({path.parent.name for path in EXAMPLES.glob("*/test_*.py")})
README = (EXAMPLES / "README.md").read_text("utf-8")


class Outcomes:
    """A pytest plugin that notes the outcomes of each project."""

    def __init__(self) -> None:
        self.of_project: dict[str, set[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome of a test, or of its fixtures if they fail."""
        if report.when == "call" or not report.passed:
            self.of_project.setdefault(Path(report.nodeid).parts[0], set()).add(report.outcome)


class TestProjects:
    @pytest.mark.slow
    def test_pass(self) -> None:
        """All in one run, as `pytest examples`. The Node.js program may be skipped."""
        outcomes, printed = Outcomes(), io.StringIO()
        options = ["-c", str(EXAMPLES / "pytest.ini"), "-W", "error", "-o", "asyncio_default_fixture_loop_scope=module"]
        with (
            mock.patch.dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
            mock.patch.object(sys, "path", list(sys.path)),
            contextlib.redirect_stdout(printed),
        ):
            status = pytest.main([*PLUGINS, *options, str(EXAMPLES)], plugins=[outcomes])
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", "")).startswith(str(EXAMPLES)):
                del sys.modules[name]
        assert status == 0, printed.getvalue()
        expected = {name: {"passed"} for name in PROJECTS}
        node = outcomes.of_project.pop("node_service")
        assert len(node) == 1
        assert {**outcomes.of_project, "node_service": {"passed"}} == expected

    def test_are_listed(self) -> None:
        """The list is complete."""
        assert sorted(re.findall(r"^\| \[(\w+)\]", README, re.MULTILINE)) == PROJECTS

    @pytest.mark.parametrize("project", PROJECTS)
    def test_say_what_they_need(self, project: str) -> None:
        """Every package that a project imports is in its requirements."""
        imported = {
            name
            for path in (EXAMPLES / project).glob("*.py")
            for name in re.findall(r"^(?:from|import) (\w+)", path.read_text("utf-8"), re.MULTILINE)
        }
        required = (EXAMPLES / project / "requirements.txt").read_text("utf-8")
        needed = imported - sys.stdlib_module_names - {"boto3", "botocore", "pytest"}
        own = {path.stem for path in (EXAMPLES / project).glob("*.py")}
        assert [name for name in sorted(needed - own) if name.replace("_", "-") not in required] == []
