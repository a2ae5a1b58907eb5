"""The projects in `examples/`: their tests pass, and the README lists each."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import aiobotocore.session  # noqa: F401 - imported once here: pytester removes modules that its runs import
import moto.core  # noqa: F401
import pytest

import detective_fake.fake  # noqa: F401

PLUGINS = ("-p", "detective_fake.pytest_plugin", "-p", "pytest_asyncio.plugin")
EXAMPLES = Path(__file__).parent.parent / "examples"
PROJECTS = sorted({path.parent.name for path in EXAMPLES.glob("*/test_*.py")})


class TestProjects:
    @pytest.mark.parametrize("project", PROJECTS)
    def test_pass(self, project: str, pytester: pytest.Pytester) -> None:
        """Each is a folder that pytest can run."""
        options = (*PLUGINS, "-c", EXAMPLES / "pytest.ini", "-p", "no:cacheprovider")
        with mock.patch.dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"):
            result = pytester.runpytest_inprocess(EXAMPLES / project, *options)
        assert set(result.parseoutcomes()) == {"passed"}

    def test_are_listed(self) -> None:
        """The list is complete."""
        lines = (EXAMPLES / "README.md").read_text("utf-8").splitlines()
        assert sorted(line[3 : line.index("]")] for line in lines if line.startswith("- [")) == PROJECTS
