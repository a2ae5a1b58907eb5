"""The sentences of the API's documentation, and what `docs/audit.toml` says of each."""

from __future__ import annotations

import hashlib
import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from docs._ext.fidelity import read_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from docs._ext.fidelity import Fidelity

FILE: Final = Path(__file__).parent.parent.parent / "docs" / "audit.toml"
ONLY_BY_FAULT: Final = "Only by a fault"
"""The heading of errors that the fake returns only by a fault; the error code takes the place of a rule's text."""

_BLOCK: Final = re.compile(r"</?(?:p|li|ul|ol|dl|dt|dd|note|important|fullname)\b[^>]*>")
_TAG: Final = re.compile(r"<[^>]+>")
_BETWEEN: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])")


class Sentence(NamedTuple):
    """One sentence of the documentation.

    Attributes:
        text: Without markup.
        where: The operations, shapes and members (`MemberDetail.Status`) whose documentation has it; `Detective` is
            the service itself.
    """

    text: str
    where: tuple[str, ...]


class Entry(NamedTuple):
    """What the audit says of one sentence; the keys of the file.

    Attributes:
        where: As in the documentation.
        says: The sentence in other words.
        rules: The rules of `docs/fidelity.toml` that hold it: heading, colon, and how the rule's text begins.
        tests: The tests that hold it, where no rule does.
        note: What else a reader has to know.
        differs: Why the sentence does not hold. Rules and tests then hold what is true instead.
        outside: The name of the reason why the sentence states no behavior of the API.
    """

    where: tuple[str, ...]
    says: str
    rules: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    note: str = ""
    differs: str = ""
    outside: str = ""


class Audit(NamedTuple):
    """The whole file.

    Attributes:
        reasons: The reasons that `outside` names.
        sentences: Entries by the digest of their sentence.
        never_filled: Members of responses that no call fills, with the reason.
    """

    reasons: Mapping[str, str]
    sentences: Mapping[str, Entry]
    never_filled: Mapping[str, str]


class Held(NamedTuple):
    """A rule that an entry names: its heading, its text, and its test."""

    heading: str
    text: str
    test: str


def digest(text: str) -> str:
    """Return the key of a sentence in the file."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def sentences(model: Mapping[str, Any]) -> dict[str, Sentence]:
    """Return the sentences of a model (a `service-2.json`) by their digest, in its own order."""
    places: dict[str, dict[str, None]] = {}
    for where, documented in _documented(model):
        for key in ("documentation", "deprecatedMessage"):
            for block in _BLOCK.split(documented.get(key, "")):
                text = " ".join(html.unescape(_TAG.sub("", block)).split())
                for sentence in filter(None, _BETWEEN.split(text)):
                    places.setdefault(sentence, {})[where] = None
    return {digest(text): Sentence(text, tuple(where)) for text, where in places.items()}


def _documented(model: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "Detective", model
    yield from model["operations"].items()
    for name, shape in model["shapes"].items():
        yield name, shape
        yield from ((f"{name}.{member}", reference) for member, reference in shape.get("members", {}).items())


def load(path: Path = FILE) -> Audit:
    """Read a file. An unknown or missing key raises TypeError."""
    data = read_toml(path)
    entries = {key: _entry(**table) for key, table in data["sentences"].items()}
    never = {member: each["reason"] for each in data["never_filled"] for member in each["members"]}
    return Audit(data["reasons"], entries, never)


def _entry(**table: Any) -> Entry:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Entry(**values)


def rules_named(name: str, fidelity: Fidelity) -> list[Held]:
    """Return the rules that an entry may mean by a name; there should be one."""
    heading, _, start = name.partition(": ")
    rules = [Held(heading, rule.text, rule.test) for found, rule in fidelity.all_rules() if found == heading]
    if heading == ONLY_BY_FAULT:
        rules = [Held(heading, each.error, each.test) for each in fidelity.faults]
    return [rule for rule in rules if start and rule.text.startswith(start)]


def problems(
    audit: Audit, documented: Mapping[str, Sentence], fidelity: Fidelity, exists: Callable[[str], bool]
) -> list[str]:
    """Return a message for each difference from the documentation, the rules and the tests.

    Args:
        documented: The sentences of the documentation.
        exists: Returns whether a test ID exists.
    """
    lines = [
        f"{key} {each}: no entry has this sentence" for key, each in documented.items() if key not in audit.sentences
    ]
    for key, entry in audit.sentences.items():
        lines += (f"{key}: {message}" for message in _of_entry(entry, documented.get(key), audit, fidelity))
        lines += (f"{key}: there is no test {test}" for test in entry.tests if not exists(test))
    named = {entry.outside for entry in audit.sentences.values()}
    return [*lines, *(f"no entry names the reason {reason!r}" for reason in audit.reasons if reason not in named)]


def _of_entry(entry: Entry, sentence: Sentence | None, audit: Audit, fidelity: Fidelity) -> Iterator[str]:
    if sentence is None:
        yield f"the documentation of {entry.where[0]} has no such sentence"
    elif entry.where != sentence.where:
        yield f"the sentence is in {', '.join(sentence.where)}, not in {', '.join(entry.where)}"
    if bool(entry.rules or entry.tests or entry.differs) is bool(entry.outside):
        yield "needs rules, tests or why it differs, or else why it states no behavior"
    if entry.outside and entry.outside not in audit.reasons:
        yield f"{entry.outside!r} is no reason"
    for name in entry.rules:
        if len(rules_named(name, fidelity)) != 1:
            yield f"{len(rules_named(name, fidelity))} rules begin with {name!r}"
