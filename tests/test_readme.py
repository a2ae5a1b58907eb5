"""README.md starts with a short example and one-line commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


class TestFirstScreen:
    def test_it_says_in_three_sentences_what_it_is(self) -> None:
        """After the title and the badges, a sentence on each line."""
        _title, _badges, introduction, _install, *_ = README.read_text(encoding="utf-8").split("\n\n")
        assert len(introduction.splitlines()) == 3
        assert all(re.fullmatch(r"[^.]+\.", line) for line in introduction.splitlines())

    def test_it_has_the_installation_a_test_and_its_report(self) -> None:
        """In its first lines: what it is, what to type, and what a failure looks like."""
        screen = README.read_text(encoding="utf-8").splitlines()[:65]
        assert "pip install detective-fake" in screen
        assert any(line.startswith("def test_") for line in screen)
        assert any(line.startswith("members (1: 1 INVITED)") for line in screen)


class TestCommands:
    @pytest.mark.parametrize("name", ["detective-fake demo", "pytest -n auto -m 'not slow'"])
    def test_one_line_runs_it_in_a_clone(self, name: str) -> None:
        """It creates the environment and runs the command."""
        (line,) = (line for block in blocks("sh") for line in block.splitlines() if line.endswith(name))
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install ")
