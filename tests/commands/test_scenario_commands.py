"""The commands about scenario files: what they print, and their exit codes."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

import pytest

from detective_fake.commands import check, show

Captured = pytest.CaptureFixture[str]

SAMPLES = Path(__file__).parents[2] / "examples" / "scenarios"
TEAM = str(SAMPLES / "team.toml")
ORGANIZATION = str(SAMPLES / "organization.toml")


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """Return the path of a file with two problems."""
    file = tmp_path / "wrong.toml"
    file.write_text('[[graphs]]\nmembers = ["22"]\nauto_enabel = true\n')
    return str(file)


def run_check(*arguments: str) -> int:
    """Run `detective-fake check`."""
    parser = ArgumentParser()
    check.configure(parser)
    return check.run(parser.parse_args(arguments))


def run_show(*arguments: str) -> int:
    """Run `detective-fake show`."""
    parser = ArgumentParser()
    show.configure(parser)
    return show.run(parser.parse_args(arguments))


class TestCheck:
    @pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
    def test_every_sample_is_all_right(self, capsys: Captured, sample: Path) -> None:
        """In one line, with exit code 0."""
        assert run_check(str(sample)) == 0
        assert capsys.readouterr().out == f"{sample}: ok\n"

    def test_problems_are_listed(self, capsys: Captured, wrong: str) -> None:
        """One on each line, after the file's name; exit code 1."""
        assert run_check(wrong) == 1
        first, second = capsys.readouterr().out.splitlines()
        assert first.startswith(f'{wrong}: graphs[0].members[0]: "22" is not an account id')
        assert second.startswith(f"{wrong}: graphs[0].auto_enabel: is no key here; did you mean auto_enable?")

    def test_several_files_are_all_checked(self, capsys: Captured, wrong: str) -> None:
        """One that is wrong is enough for exit code 1."""
        assert run_check(wrong, TEAM) == 1
        assert capsys.readouterr().out.endswith(f"{TEAM}: ok\n")

    def test_what_detective_would_not_take_is_found(self, capsys: Captured, tmp_path: Path) -> None:
        """By the constraints of the service model."""
        file = tmp_path / "a.toml"
        file.write_text('[[graphs]]\ntags = { "aws:a" = "" }\n')
        assert run_check(str(file)) == 1
        assert 'graphs[0].tags."aws:a": Detective would not take this' in capsys.readouterr().out

    def test_a_file_that_is_not_there(self, capsys: Captured) -> None:
        """Is a problem like any other."""
        assert run_check("missing.toml") == 1
        assert capsys.readouterr().out == "missing.toml: cannot be read: No such file or directory\n"

    def test_without_a_file_the_usage_is_shown(self, capsys: Captured) -> None:
        """Exit code 2."""
        with pytest.raises(SystemExit, match="2"):
            run_check()
        assert "FILE" in capsys.readouterr().err


class TestShow:
    def test_tables(self, capsys: Captured) -> None:
        """With masked addresses."""
        assert run_show(TEAM) == 0
        shown = capsys.readouterr().out
        assert "Members of graph 1 (4)" in shown
        assert "@" not in shown

    def test_addresses_are_revealed_when_asked_for(self, capsys: Captured) -> None:
        """By a switch of its own."""
        run_show(TEAM, "--reveal")
        assert "security@ben.example.com" in capsys.readouterr().out

    def test_a_flowchart(self, capsys: Captured) -> None:
        """For Mermaid."""
        assert run_show(ORGANIZATION, "--mermaid") == 0
        assert capsys.readouterr().out.startswith("flowchart LR\n    subgraph organization1[")

    def test_problems_go_to_standard_error(self, capsys: Captured, wrong: str) -> None:
        """Nothing is shown then; exit code 1."""
        assert run_show(wrong) == 1
        captured = capsys.readouterr()
        assert not captured.out
        assert captured.err.startswith(f"The scenario {wrong} cannot be loaded:\n  graphs[0].members[0]: ")
