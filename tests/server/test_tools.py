"""Tests that need a program which is not installed."""

from __future__ import annotations

import shutil
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
