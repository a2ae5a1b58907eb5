"""The projects in `examples/`: their tests pass, and the README has a line for each."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import aiobotocore.session  # noqa: F401 - pytester forgets what its runs import: they would load all this each time
import moto.core  # noqa: F401
import pytest

import detective_fake.fake  # noqa: F401

EXAMPLES = Path(__file__).parent.parent / "examples"
PROJECTS = sorted({path.parent.name for path in EXAMPLES.glob("*/test_*.py")})


class TestProjects:
    @pytest.mark.parametrize("project", PROJECTS)
    def test_pass_as_they_stand(self, project: str, pytester: pytest.Pytester) -> None:
        """Each is a folder that pytest can be started on."""
        options = ("-c", EXAMPLES / "pytest.ini", "-p", "no:cacheprovider")
        with mock.patch.dict(os.environ):
            result = pytester.runpytest_inprocess(EXAMPLES / project, *options)
        assert set(result.parseoutcomes()) == {"passed"}

    def test_are_listed(self) -> None:
        """None is forgotten, and none made up."""
        lines = (EXAMPLES / "README.md").read_text("utf-8").splitlines()
        assert sorted(line[3 : line.index("]")] for line in lines if line.startswith("- [")) == PROJECTS
