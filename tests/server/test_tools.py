"""Tests that need a program which is not installed."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.server import tools

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROGRAMS = (tools.node, tools.chromium, tools.chromedriver, tools.axe)


@pytest.mark.parametrize("program", PROGRAMS)
class TestMissing:
    @pytest.fixture(autouse=True)
    def nothing_is_installed(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(shutil, "which", lambda _name: None)
        monkeypatch.setattr(tools, "NODE_TESTS", tmp_path)

    def test_it_is_skipped(self, program: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
        """With a word about what is missing."""
        monkeypatch.delenv("DETECTIVE_FAKE_TOOLS", raising=False)
        with pytest.raises(pytest.skip.Exception, match="is not installed"):
            program()

    def test_where_it_has_to_be_there_it_fails(
        self, program: Callable[[], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in CI."""
        monkeypatch.setenv("DETECTIVE_FAKE_TOOLS", "required")
        with pytest.raises(pytest.fail.Exception, match=r"is not installed.*, and DETECTIVE_FAKE_TOOLS says"):
            program()


class TestThere:
    @pytest.mark.parametrize("program", [tools.chromium, tools.chromedriver])
    def test_what_is_found_is_used(self, program: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
        """Wherever it is."""
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        assert program().startswith("/usr/bin/chrom")

    def test_node_needs_its_modules(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Those that `npm ci` installs."""
        monkeypatch.delenv("DETECTIVE_FAKE_TOOLS", raising=False)
        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(tools, "NODE_TESTS", tmp_path)
        with pytest.raises(pytest.skip.Exception, match="npm ci"):
            tools.node()
        (tmp_path / "node_modules").mkdir()
        assert tools.node() == "/usr/bin/node"


class TestAwsCli2:
    @pytest.fixture
    def install(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, str], str]:
        """Return a function that installs a program as the only `aws`: its interpreter, and the version it prints."""

        def write(interpreter: str, version: str) -> str:
            monkeypatch.setenv("PATH", f"{tmp_path / 'nothing'}{os.pathsep}{tmp_path}")
            (tmp_path / "aws").write_text(f"#!{interpreter}\nprint('aws-cli/{version}')\n", "utf-8")
            return interpreter

        return write

    def test_its_interpreter_is_found(self, install: Callable[[str, str], str]) -> None:
        """In the first line of the program."""
        interpreter = install(sys.executable, "2.9.19")
        assert tools.python_of_aws_2() == interpreter

    @pytest.mark.parametrize(("interpreter", "version"), [(sys.executable, "1.46.3"), ("/bin/sh", "2.9.19")])
    def test_no_other_one_is_used(self, install: Callable[[str, str], str], interpreter: str, version: str) -> None:
        """The tests that need it are skipped with a word."""
        install(interpreter, version)
        with pytest.raises(pytest.skip.Exception, match="AWS CLI 2 is not installed"):
            tools.python_of_aws_2()
