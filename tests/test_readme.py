"""README.md starts with a short example and one-line commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


EXAMPLES = blocks("python")


class TestExamples:
    def test_the_first_has_fifteen_lines(self) -> None:
        """It is short."""
        assert len(EXAMPLES[0].splitlines()) == 15


class TestCommands:
    @pytest.mark.parametrize("name", ["detective-fake demo", "pytest -n auto"])
    def test_one_line_runs_it_in_a_clone(self, name: str) -> None:
        """It creates the environment and runs the command."""
        (line,) = (line for block in blocks("sh") for line in block.splitlines() if line.endswith(name))
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install ")
