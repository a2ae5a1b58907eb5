"""The command line: which subcommands there are, what each prints, and the exit code."""

from __future__ import annotations

import importlib
import re
import runpy
import sys

import botocore
import pytest

import detective_fake.__main__
from detective_fake.cli import SUBCOMMANDS, main
from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import operations

Captured = pytest.CaptureFixture[str]


class TestArguments:
    def test_without_a_command_the_usage_is_shown(self, capsys: Captured) -> None:
        """Exit code 2, as for every usage error."""
        with pytest.raises(SystemExit, match="2"):
            main([])
        assert "usage: detective-fake [-h] COMMAND" in capsys.readouterr().err

    def test_help_names_every_subcommand(self, capsys: Captured) -> None:
        """Each has a line of its own."""
        with pytest.raises(SystemExit, match="0"):
            main(["--help"])
        shown = capsys.readouterr().out
        assert all(f"{each.name} " in shown and each.help in shown for each in SUBCOMMANDS)

    def test_the_package_runs_as_a_module(self, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
        """`python -m detective_fake` takes the same arguments and gives the same exit code."""
        monkeypatch.setattr(sys, "argv", ["detective_fake", "coverage"])
        with pytest.raises(SystemExit, match="0"):
            runpy.run_path(detective_fake.__main__.__file__, run_name="__main__")
        assert "CreateMembers" in capsys.readouterr().out

    def test_importing_its_main_module_runs_nothing(self, capsys: Captured) -> None:
        """Tools that import every module of a package are safe."""
        importlib.reload(detective_fake.__main__)
        assert not capsys.readouterr().out


class TestCoverage:
    def test_every_operation_of_the_installed_model_has_a_line(self, capsys: Captured) -> None:
        """Answered or not answered, in the order of the model."""
        assert main(["coverage"]) == 0
        rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[:-2]]
        assert rows == [[name, "answered" if name in HANDLERS else "not answered"] for name in operations()]

    def test_an_operation_without_handler_is_not_answered(
        self, capsys: Captured, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As when a newer botocore brings operations that this release does not know."""
        others = {name: handler for name, handler in HANDLERS.items() if name != "ListMembers"}
        monkeypatch.setattr("detective_fake.operations.registry.HANDLERS", others)
        main(["coverage"])
        assert re.search("^ListMembers +not answered$", capsys.readouterr().out, re.MULTILINE)

    def test_the_last_line_counts(self, capsys: Captured) -> None:
        """It also says which botocore the model is from."""
        main(["coverage"])
        assert capsys.readouterr().out.splitlines()[-1] == (
            f"{len(HANDLERS)} of {len(operations())} operations of Detective in botocore {botocore.__version__} "
            "are answered."
        )


class TestDemo:
    def test_it_tells_the_story(self, capsys: Captured) -> None:
        """What it tells, `tests/test_demo.py` knows."""
        assert main(["demo"]) == 0
        assert capsys.readouterr().out.startswith("1. An administrator")
