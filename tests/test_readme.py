"""What README.md shows is true: its tests pass, and its commands are one line each."""

from __future__ import annotations

import re
from pathlib import Path

import boto3  # noqa: F401
import pytest

import detective_fake.fake  # noqa: F401 - pytester forgets what its runs import: they would load botocore each time

README = Path(__file__).parent.parent / "README.md"


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


EXAMPLES = blocks("python")


class TestExamples:
    def test_the_first_has_fifteen_lines(self) -> None:
        """No more is needed for two accounts."""
        assert len(EXAMPLES[0].splitlines()) == 15


class TestCommands:
    @pytest.mark.parametrize("name", ["detective-fake demo", "pytest -n auto"])
    def test_there_is_one_line_from_nothing(self, name: str) -> None:
        """It makes the environment and runs the command."""
        (line,) = (line for block in blocks("sh") for line in block.splitlines() if line.endswith(name))
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install ")
