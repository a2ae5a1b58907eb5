"""The commands `check` and `show`: their output and exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from detective_fake import DetectiveFake
from detective_fake.cli import main

Captured = pytest.CaptureFixture[str]

SAMPLES = Path(__file__).parents[1] / "examples" / "scenarios"
TEAM = str(SAMPLES / "team.toml")
ORGANIZATION = str(SAMPLES / "organization.toml")


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    """Return the path of a file with two mistakes."""
    file = tmp_path / "wrong.toml"
    file.write_text('[[graph]]\nmembers = ["22"]\nauto_enabel = true\n')
    return str(file)


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """Return the path of a saved state."""
    fake = DetectiveFake(scenario=TEAM)
    fake.save(tmp_path / "state.json")
    return str(tmp_path / "state.json")


def run_check(*arguments: str) -> int:
    """Run `detective-fake check`."""
    return main(["check", *arguments])


def run_show(*arguments: str) -> int:
    """Run `detective-fake show`."""
    return main(["show", *arguments])


class TestCheck:
    @pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
    def test_every_sample_can_be_loaded(self, capsys: Captured, sample: Path) -> None:
        """`check` prints one line for a valid file and exits with code 0."""
        assert run_check(str(sample)) == 0
        assert capsys.readouterr().out == f"{sample}: ok\n"

    def test_a_saved_state_can_be_checked(self, capsys: Captured, saved: str) -> None:
        """`check` accepts a saved state as well as a scenario file."""
        assert run_check(saved) == 0
        assert capsys.readouterr().out == f"{saved}: ok\n"

    def test_all_mistakes_are_listed(self, capsys: Captured, wrong: str) -> None:
        """`check` prints each mistake on its own line after the file name, and exits with code 1."""
        assert run_check(wrong) == 1
        first, second = capsys.readouterr().out.splitlines()
        assert first == f"{wrong}: graph[0].auto_enabel: unknown key; did you mean auto_enable?"
        assert second.startswith(f"{wrong}: graph[0].members: ")

    def test_all_files_are_checked(self, capsys: Captured, wrong: str) -> None:
        """One file with mistakes gives exit code 1, and the other files are still checked."""
        assert run_check(wrong, TEAM) == 1
        assert capsys.readouterr().out.endswith(f"{TEAM}: ok\n")

    def test_a_missing_file_is_a_mistake(self, capsys: Captured) -> None:
        """A file that cannot be read is reported with the reason from the operating system."""
        assert run_check("missing.toml") == 1
        assert capsys.readouterr().out == "missing.toml: cannot be read: No such file or directory\n"

    def test_without_a_file_the_usage_is_shown(self, capsys: Captured) -> None:
        """`check` without a file is a usage error with exit code 2."""
        with pytest.raises(SystemExit, match="2"):
            run_check()
        assert "FILE" in capsys.readouterr().err


class TestShow:
    def test_tables_mask_email_addresses(self, capsys: Captured) -> None:
        """`show` prints tables with masked e-mail addresses."""
        assert run_show(TEAM) == 0
        shown = capsys.readouterr().out
        assert "Members of graph 1 (4)" in shown
        assert "@" not in shown

    def test_a_saved_state_can_be_shown(self, capsys: Captured, saved: str) -> None:
        """`show` accepts a saved state as well as a scenario file."""
        assert run_show(saved) == 0
        assert "Members of graph 1 (4)" in capsys.readouterr().out

    def test_email_addresses_can_be_shown(self, capsys: Captured) -> None:
        """`--reveal` prints e-mail addresses unmasked."""
        run_show(TEAM, "--reveal")
        assert "security@ben.example.com" in capsys.readouterr().out

    def test_mermaid_prints_a_flowchart(self, capsys: Captured) -> None:
        """`--mermaid` prints a Mermaid flowchart."""
        assert run_show(ORGANIZATION, "--mermaid") == 0
        assert capsys.readouterr().out.startswith("flowchart LR\n    subgraph organization1[")

    def test_mistakes_go_to_standard_error(self, capsys: Captured, wrong: str) -> None:
        """`show` prints only the mistakes, on standard error, and exits with code 2."""
        assert run_show(wrong) == 2
        captured = capsys.readouterr()
        assert not captured.out
        assert captured.err.startswith(f"detective-fake show: The scenario {wrong} cannot be loaded:\n  graph[0].auto_")
