"""Wrong examples in pages fail."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

ROOT = Path(__file__).parent.parent
FENCE = "```"
COMMENTS = {"fails": "fails", "generated": "generated: file a.py", "end": "end"}

TEST_PASSES = "def test_a(detective_fake): assert detective_fake.graphs == ()"
TEST_FAILS = "def test_a(detective_fake): detective_fake.client().list_graphs(MaxResults=201)"

SOUND = {
    "test.md": [("python", TEST_PASSES)],
    "two_tests.md": [("python", TEST_PASSES), ("python", TEST_PASSES)],
    "file.md": [("python", "# helper.py\nX = 1"), ("python", "from helper import X\n\ndef test_x(): assert X == 1")],
    "statement.md": [("python", "assert fake.graphs == ()")],
    "failing.md": [("fails", ""), ("python", TEST_FAILS), ("text", "must be less than or equal to 200. Found 201.")],
    "command.md": [("toml", "# a.toml\ngraph = []"), ("console", "$ detective-fake check a.toml\na.toml: ok")],
    "not_run.md": [("sh", "exit 1"), ("text", "anything")],
    "generated.md": [("generated", ""), ("python", TEST_FAILS), ("end", ""), ("python", TEST_PASSES)],
}
UNSOUND = {
    "bad_test.md": [("python", TEST_FAILS)],
    "bad_import.md": [("python", f"import no_such_module\n\n{TEST_PASSES}")],
    "bad_statement.md": [("python", "assert fake.graphs")],
    "left_active.md": [("python", "from detective_fake import DetectiveFake\n\nDetectiveFake().start()")],
    "no_failure.md": [("fails", ""), ("python", TEST_PASSES)],
    "no_test.md": [("python", "class Other:\n    def test_a(self): ...")],
    "bad_command.md": [("console", "$ detective-fake check none.toml\nok")],
    "other_command.md": [("console", "$ ls")],
}
BAD_TEXT = {"bad_text.md": [("fails", ""), ("python", TEST_FAILS), ("text", "another failure")]}


def page(blocks: list[tuple[str, str]]) -> str:
    """Return a page with these fenced blocks and comments."""
    return "\n".join(
        f"<!-- {COMMENTS[language]} -->\n" if language in COMMENTS else f"{FENCE}{language}\n{source}\n{FENCE}\n"
        for language, source in blocks
    )


def outcomes(pytester: pytest.Pytester) -> Mapping[str, set[str]]:
    """Run pages with the examples above, and return the outcomes of each."""
    shutil.copy(ROOT / "conftest.py", pytester.path)
    folder = pytester.mkdir("docs")
    for name, blocks in {**SOUND, **UNSOUND, **BAD_TEXT}.items():
        folder.joinpath(name).write_text(page(blocks), encoding="utf-8")
    run = pytester.inline_run("-p", "pytester", "-q", "docs")
    found: dict[str, set[str]] = {}
    for report in run.getreports("pytest_runtest_logreport"):
        if report.when == "call":
            found.setdefault(Path(report.location[0]).name, set()).add(report.outcome)
    return found


class TestExamples:
    def test_right_ones_pass_and_wrong_ones_fail(
        self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Tests, files, scripts, expected failures, commands; in one test, as all pages run in one process."""
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
        assert outcomes(pytester) == {
            **{name: {"passed"} for name in SOUND},
            **{name: {"failed"} for name in UNSOUND},
            "bad_text.md": {"passed", "failed"},  # the test before the text fails as expected
        }
