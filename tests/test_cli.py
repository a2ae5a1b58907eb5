"""The command line: its subcommands, their output, and the exit codes."""

from __future__ import annotations

import importlib
import re
import runpy
import subprocess
import sys
from importlib.metadata import version

import botocore
import pytest

import detective_fake.__main__
from detective_fake.cli import main
from detective_fake.demo import paint
from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import operations

Captured = pytest.CaptureFixture[str]


class TestArguments:
    def test_without_a_command_the_usage_is_shown(self, capsys: Captured) -> None:
        """Running without a subcommand is a usage error with exit code 2."""
        with pytest.raises(SystemExit, match="2"):
            main([])
        assert "usage: detective-fake [-h] [--version] COMMAND" in capsys.readouterr().err

    def test_help_names_every_subcommand(self, capsys: Captured) -> None:
        """`--help` lists every subcommand with its description."""
        with pytest.raises(SystemExit, match="0"):
            main(["--help"])
        shown = capsys.readouterr().out
        assert re.findall(r"^    (\w+) +\w", shown, re.MULTILINE) == ["check", "coverage", "demo", "serve", "show"]

    def test_the_package_runs_as_a_module(self, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
        """`python -m detective_fake` takes the same arguments and returns the same exit code."""
        monkeypatch.setattr(sys, "argv", ["detective_fake", "coverage"])
        with pytest.raises(SystemExit, match="0"):
            runpy.run_path(detective_fake.__main__.__file__, run_name="__main__")
        assert "CreateMembers" in capsys.readouterr().out

    def test_importing_its_main_module_runs_nothing(self, capsys: Captured) -> None:
        """Tools may import every module of the package, `__main__` included."""
        importlib.reload(detective_fake.__main__)
        assert not capsys.readouterr().out

    def test_the_version_is_that_of_the_package(self, capsys: Captured) -> None:
        """As the package's metadata has it."""
        with pytest.raises(SystemExit, match="0"):
            main(["--version"])
        assert capsys.readouterr().out == f"detective-fake {version('detective-fake')}\n"


class TestOutput:
    @pytest.mark.slow
    def test_a_reader_that_has_enough_is_no_error(self) -> None:
        """`detective-fake coverage | head` ends quietly, as a process that SIGPIPE ends."""
        program = "import sys; from detective_fake.cli import main; sys.exit(main(['coverage']))"
        with subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert (process.stderr.read(), process.wait()) == ("", 141)

    @pytest.mark.parametrize(
        ("terminal", "no_color", "shown"),
        [(True, "", "\033[1mtext\033[0m"), (True, "1", "text"), (False, "", "text")],
    )
    def test_headings_are_bold_in_a_terminal(
        self,
        monkeypatch: pytest.MonkeyPatch,
        terminal: object,
        no_color: str,
        shown: str,
    ) -> None:
        """Unless `NO_COLOR` is set."""
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
        monkeypatch.setenv("NO_COLOR", no_color)
        assert paint("text") == shown


class TestCoverage:
    def test_every_operation_of_the_installed_model_has_a_line(self, capsys: Captured) -> None:
        """`coverage` prints a line for each operation, in the order of the service model."""
        assert main(["coverage"]) == 0
        rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[:-2]]
        assert rows == [[name, "answered" if name in HANDLERS else "not answered"] for name in operations()]

    def test_an_operation_without_handler_is_not_answered(
        self, capsys: Captured, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A newer botocore may have operations that this release does not support."""
        others = {name: handler for name, handler in HANDLERS.items() if name != "ListMembers"}
        monkeypatch.setattr("detective_fake.operations.registry.HANDLERS", others)
        main(["coverage"])
        assert re.search("^ListMembers +not answered$", capsys.readouterr().out, re.MULTILINE)

    def test_the_last_line_counts(self, capsys: Captured) -> None:
        """The last line counts the answered operations and gives the botocore version."""
        main(["coverage"])
        assert capsys.readouterr().out.splitlines()[-1] == (
            f"{len(HANDLERS)} of {len(operations())} operations of Detective in botocore {botocore.__version__} "
            "are answered."
        )


class TestDemo:
    def test_it_prints_the_story(self, capsys: Captured) -> None:
        """`demo` prints the story that `tests/test_demo.py` checks in detail."""
        assert main(["demo"]) == 0
        assert capsys.readouterr().out.startswith("1. An administrator")
