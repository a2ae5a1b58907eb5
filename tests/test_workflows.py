"""The workflows run existing nox sessions and pinned actions, with minimal permissions."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
WORKFLOWS = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob(".github/workflows/*"))}
NOX = r'pipx run --spec "nox\[uv\]" nox(?: --error-on-missing-interpreters)? -s (?:"\$SESSION"|[\w-]+)'
PINNED = r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
PERMISSIONS = {"contents: read", "id-token: write", "pages: write"}

# An sdist has no workflows, so these tests have no parameters there.
each_workflow = pytest.mark.parametrize("text", WORKFLOWS.values(), ids=list(WORKFLOWS))


def sessions() -> Iterator[str]:
    """Yield the names of all sessions of the noxfile, with a Python version if there are several."""
    classifiers = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    pythons = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', classifiers)
    for function in ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef) and any(
            "nox.session" in ast.unparse(d) for d in function.decorator_list
        ):
            decorator = ast.unparse(function.decorator_list[0])
            named = re.search(r"name='([\w-]+)'", decorator)
            yield named[1] if named else function.name
            yield from (f"{function.name}-{each}" for each in pythons if "python=PYTHONS," in decorator)


def asked_for(text: str) -> Iterator[str]:
    """Yield the sessions that a workflow names: after `-s`, or in a matrix."""
    yield from re.findall(r"nox .*-s ([\w-]+)$", text, re.MULTILINE)
    yield from re.findall(r'session: "?([\w.-]+)"?', text)
    for names in re.findall(r"session: \[(.*)\]", text):
        yield from re.findall(r"[\w.-]+", names)


class TestSessions:
    def test_are_found_in_the_noxfile(self) -> None:
        """Otherwise the next test would prove nothing."""
        assert {"tests", "drift", "python", "python-3.10", "python-3.14", "typing-without-stubs"} <= set(sessions())

    def test_that_are_run_exist(self) -> None:
        """A renamed session must be renamed in the workflows."""
        asked = {name for text in WORKFLOWS.values() for name in asked_for(text)}
        assert asked - set(sessions()) == set()

    @each_workflow
    def test_are_all_that_is_run(self, text: str) -> None:
        """Everything that CI runs can be run locally."""
        commands = re.findall(r"^ +(?:- )?run: (.*)$", text, re.MULTILINE)
        assert [each for each in commands if each != ".ci/run" and not re.fullmatch(NOX, each)] == []


class TestActions:
    @each_workflow
    def test_are_pinned_by_hash(self, text: str) -> None:
        """Tags can be moved; a comment names the version."""
        used = re.findall(r"uses: (.*)$", text, re.MULTILINE)
        assert used
        assert [each for each in used if not re.fullmatch(PINNED, each)] == []

    def test_have_one_hash_each(self) -> None:
        """An action is updated everywhere at once."""
        used = {each for text in WORKFLOWS.values() for each in re.findall(r"uses: (.*)$", text, re.MULTILINE)}
        names = [each.partition("@")[0] for each in used]
        assert len(names) == len(set(names))

    @each_workflow
    def test_leave_no_credentials_in_a_checkout(self, text: str) -> None:
        """Later steps cannot push."""
        steps = re.findall(r"uses: actions/checkout@.*\n +with:\n +persist-credentials: (\w+)", text)
        assert steps == ["false"] * text.count("actions/checkout@")


class TestPermissions:
    @each_workflow
    def test_belong_to_jobs(self, text: str) -> None:
        """Each job has only those it needs."""
        assert "\npermissions: {}\n" in text
        blocks = re.findall(r"^    permissions:\n((?:      .*\n)+)", text, re.MULTILINE)
        assert len(blocks) == text.count("runs-on:")
        assert {line.strip() for block in blocks for line in block.splitlines()} <= PERMISSIONS

    @each_workflow
    def test_no_secrets_are_used(self, text: str) -> None:
        """And commands contain no values from outside."""
        assert "secrets." not in text
        assert not re.search(r"run:.*\$\{\{", text)
