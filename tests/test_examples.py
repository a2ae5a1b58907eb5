"""Wrong examples in pages fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def outcomes(folder: Path) -> Mapping[str, set[str]]:
    """Run pages with the examples above in another pytest process, and return the outcomes of each."""
    shutil.copy(ROOT / "conftest.py", folder)
    for name, blocks in {**SOUND, **UNSOUND, **BAD_TEXT}.items():
        folder.joinpath("docs").mkdir(exist_ok=True)
        folder.joinpath("docs", name).write_text(page(blocks), encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST_")}
    environment = {**inherited, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "pytester", "-q", "-rpf", "docs"]
    printed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout
    found: dict[str, set[str]] = {}
    for outcome, name in re.findall(r"^(PASSED|FAILED) docs/(\w+\.md)::", printed, re.MULTILINE):
        found.setdefault(name, set()).add(outcome.lower())
    return found


class TestExamples:
    def test_right_ones_pass_and_wrong_ones_fail(self, tmp_path: Path) -> None:
        """Tests, files, scripts, expected failures, commands; in one test, as all pages run in one process."""
        assert outcomes(tmp_path) == {
            **{name: {"passed"} for name in SOUND},
            **{name: {"failed"} for name in UNSOUND},
            "bad_text.md": {"passed", "failed"},  # the test before the text fails as expected
        }
