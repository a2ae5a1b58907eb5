"""Check the audit of the API's documentation, and how it reads the documentation."""

from __future__ import annotations

import runpy
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import botocore
import pytest

from detective_fake.protocol.model import SERVICE_NAME, loader
from docs._ext import fidelity
from tests.audit import __main__ as command
from tests.audit.pages import SENTENCES_PAGE, sentences_page
from tests.audit.sentences import Entry, Sentence, digest, load, problems, rules_named, sentences
from tests.drift.__main__ import RECORD, read

if TYPE_CHECKING:
    from pathlib import Path

AUDIT, RULES = load(), fidelity.load()
KEY = next(key for key, entry in AUDIT.sentences.items() if entry.rules and not entry.differs)
ENTRY = AUDIT.sentences[KEY]
RECORDED, _ = read(RECORD)


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def documented() -> dict[str, Sentence]:
    """Return sentences as the audit has them, whichever botocore is installed."""
    return {key: Sentence("", entry.where) for key, entry in AUDIT.sentences.items()}


class TestTheFile:
    @pytest.mark.skipif(
        version(botocore.__version__) < version(RECORDED),
        reason=f"The audit has the documentation of botocore {RECORDED}. Older ones have other sentences.",
    )
    def test_every_sentence_has_a_rule_a_test_or_a_reason(self) -> None:
        """A sentence that a newer botocore brings fails this test until the file has an entry for it."""
        installed = sentences(loader().load_service_model(SERVICE_NAME, "service-2"))
        assert problems(AUDIT, installed, RULES, fidelity.has_test) == []

    def test_every_rule_and_test_exists(self) -> None:
        """Every rule and test that an entry names exists, with any botocore."""
        assert problems(AUDIT, documented(), RULES, fidelity.has_test) == []

    def test_sentences_are_in_other_words(self) -> None:
        """The file does not copy the documentation."""
        assert [key for key, entry in AUDIT.sentences.items() if digest(entry.says) == key] == []

    def test_the_page_is_the_one_of_the_file(self) -> None:
        """`python -m tests.audit --write` writes it."""
        assert SENTENCES_PAGE.read_text(encoding="utf-8") == sentences_page(AUDIT, RULES)


class TestProblems:
    @staticmethod
    def found(**changes: Any) -> list[str]:
        entries = {**AUDIT.sentences, KEY: ENTRY._replace(**changes)}
        return problems(AUDIT._replace(sentences=entries), documented(), RULES, fidelity.has_test)

    def test_a_new_sentence_is_reported(self) -> None:
        """A maintainer writes the entry from its text and its places."""
        new = Sentence("Graphs are round.", ("Graph",))
        assert problems(AUDIT, {**documented(), "0": new}, RULES, fidelity.has_test) == [
            f"0 {new}: no entry has this sentence"
        ]

    def test_a_sentence_that_is_gone_is_reported(self) -> None:
        """Its entry is to be removed."""
        others = {key: each for key, each in documented().items() if key != KEY}
        assert problems(AUDIT, others, RULES, fidelity.has_test) == [
            f"{KEY}: the documentation of {ENTRY.where[0]} has no such sentence"
        ]

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"where": ("Graph",)}, f"the sentence is in {', '.join(ENTRY.where)}, not in Graph"),
            ({"rules": ("CreateGraph: No rule",)}, "0 rules begin with 'CreateGraph: No rule'"),
            (
                {"rules": ("CreateGraph: A",)},
                f"{len(rules_named('CreateGraph: A', RULES))} rules begin with 'CreateGraph: A'",
            ),
            ({"rules": ("CreateGraph",)}, "0 rules begin with 'CreateGraph'"),
            ({"tests": ("tests/none.py::test",)}, "there is no test tests/none.py::test"),
            ({"rules": ()}, "needs rules, tests or why it differs, or else why it states no behavior"),
            ({"outside": "list"}, "needs rules, tests or why it differs, or else why it states no behavior"),
            ({"rules": (), "tests": (), "outside": "mood"}, "'mood' is no reason"),
        ],
    )
    def test_an_invalid_entry_is_reported(self, changes: dict[str, Any], told: str) -> None:
        """The report has the digest of its sentence."""
        assert self.found(**changes) == [f"{KEY}: {told}"]

    def test_an_unused_reason_is_reported(self) -> None:
        """So that the file has none that no sentence needs."""
        more = AUDIT._replace(reasons={**AUDIT.reasons, "mood": "It is about moods."})
        assert problems(more, documented(), RULES, fidelity.has_test) == ["no entry names the reason 'mood'"]


class TestRulesNamed:
    def test_a_name_is_a_heading_and_the_start_of_the_text(self) -> None:
        """The heading is that of an operation, or of rules that several share."""
        (rule,) = rules_named("Answers to an invitation: If the graph", RULES)
        assert (rule.heading, rule.text.split(",")[0]) == ("Answers to an invitation", "If the graph does not exist")

    def test_errors_by_a_fault_are_named_by_their_code(self) -> None:
        """As they have no text of their own."""
        (rule,) = rules_named("Only by a fault: InternalServerException", RULES)
        assert rule.test == "tests/test_fidelity.py::TestOnlyByFault::test_a_fault_causes_it"


class TestSentences:
    MODEL: ClassVar[dict[str, Any]] = {
        "documentation": "<fullname>Zoo</fullname><p>It has <code>Graph</code>s. Two, e.g. of sheep.</p>",
        "operations": {
            "Feed": {"documentation": "<p>Feeds &lt;all&gt;:</p> <ul> <li> <p>Sheep</p> </li> <li>Goats</li> </ul>"}
        },
        "shapes": {
            "Herd": {
                "documentation": "<p>It has <code>Graph</code>s.</p>",
                "members": {
                    "Size": {
                        "documentation": "<p>At least 2.\n    3 is better!</p>",
                        "deprecatedMessage": "Use Count.",
                    },
                    "Count": {"shape": "Integer"},
                },
            }
        },
    }

    def test_blocks_and_full_stops_end_them(self) -> None:
        """Markup, entities and line breaks are not part of a sentence."""
        assert [each.text for each in sentences(self.MODEL).values()] == [
            "Zoo",
            "It has Graphs.",
            "Two, e.g. of sheep.",
            "Feeds <all>:",
            "Sheep",
            "Goats",
            "At least 2.",
            "3 is better!",
            "Use Count.",
        ]

    def test_each_has_all_its_places(self) -> None:
        """The service, operations, shapes and members."""
        found = sentences(self.MODEL)
        assert found[digest("It has Graphs.")].where == ("Detective", "Herd")
        assert found[digest("Sheep")].where == ("Feed",)
        assert found[digest("Use Count.")].where == ("Herd.Size",)


class TestLoad:
    def test_unknown_keys_are_rejected(self, tmp_path: Path) -> None:
        """A misspelled key raises an error instead of dropping its value."""
        path = tmp_path / "audit.toml"
        path.write_text('[reasons]\n[sentences.a]\nwhere = ["Graph"]\nsays = "It is."\nrule = "none"\n')
        with pytest.raises(TypeError, match="rule"):
            load(path)


class TestPage:
    def test_it_has_every_sentence(self) -> None:
        """Each has its places, and the test or the reason that holds it."""
        page = sentences_page(AUDIT, RULES)
        lines = {tuple(line.split(" | ")[:2]): line for line in page.splitlines()}
        for entry in AUDIT.sentences.values():
            line = lines[f"| {_places(entry)}", entry.says]
            assert all(test.removeprefix("tests/") in line for test in entry.tests)
            assert all(rules_named(name, RULES)[0].test.removeprefix("tests/") in line for name in entry.rules)
            assert entry.note in line
            assert entry.differs in line


def _places(entry: Entry) -> str:
    return ", ".join(f"`{place}`" for place in entry.where)


class TestCommand:
    @pytest.fixture(autouse=True)
    def _sentences(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(command, "sentences", lambda _model: documented())

    def test_it_confirms_that_nothing_is_missing(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The command exits with 0."""
        assert command.main([]) == 0
        assert capsys.readouterr().out == "Every sentence has an entry.\n"

    def test_it_prints_the_problems_and_fails(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It writes no page then."""
        monkeypatch.setattr(command, "sentences", lambda _model: {**documented(), "0": Sentence("New.", ("Graph",))})
        assert command.main(["--write"]) == 1
        assert "New." in capsys.readouterr().out

    def test_it_is_run_as_a_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It takes the arguments of the command line."""
        monkeypatch.setattr(sys, "argv", ["tests.audit", "--wipe"])
        with pytest.raises(SystemExit) as ended, pytest.warns(RuntimeWarning, match="sys.modules"):
            runpy.run_module("tests.audit", run_name="__main__")
        assert ended.value.code == 2

    def test_it_writes_the_pages(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Complete Markdown, which a browser of the repository shows as well."""
        monkeypatch.setattr(command, "pages", lambda: {tmp_path / "page.md": "# Page\n"})
        assert command.main(["--write"]) == 0
        assert (tmp_path / "page.md").read_text() == "# Page\n"
