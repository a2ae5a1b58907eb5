"""The two pages of the audit as Markdown; `python -m tests.audit --write` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from detective_fake.protocol.model import error_members, error_statuses, operations
from docs._ext.fidelity import slug
from tests.audit.seen import ABSENT, EMPTY, FILLED
from tests.audit.sentences import ONLY_BY_FAULT, rules_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from docs._ext.fidelity import Fidelity
    from tests.audit.seen import Seen, States
    from tests.audit.sentences import Audit, Entry

_REFERENCE: Final = Path(__file__).parent.parent.parent / "docs" / "reference"
SENTENCES_PAGE: Final = _REFERENCE / "audit.md"
OPERATIONS_PAGE: Final = _REFERENCE / "audit-operations.md"

_FIDELITY: Final = "../fidelity.md"
_WRITTEN: Final = "<!-- Written by `python -m tests.audit --write`. -->"

_SENTENCES: Final = f"""{_WRITTEN}

# Audit of the documentation

Every sentence of the API's documentation, and what holds it in the fake.
The documentation is that of botocore's service model: of the service, its operations, shapes, members and errors.
The page gives its sentences in other words.
A test fails if botocore brings a sentence that is not here, or if a rule or a test that is named here is gone.

Rules are those of the [fidelity page]({_FIDELITY}).
[Another page](audit-operations.md) has the errors and the members that each operation shows.
"""

_OPERATIONS: Final = f"""{_WRITTEN}

# Errors and members by operation

For each operation, how a test can reach the errors of the service model, and how calls show the members of responses.

`tests/audit/stories.py` has a short story of calls for each operation, and `tests/audit/test_operations.py` runs it.
The calls must reach exactly the errors that are *by calls* here.
They must fill every member, unless a reason says why no call does.
The tests that are named show under which conditions the errors occur.

- *filled*: some response has the member, with a value that is not an empty list or map.
- *empty*: some response has it as an empty list or map.
- *absent*: some response does not have it, or has null.

`[]` is an item of a list, `{{value}}` a value of a map.
"""


def sentences_page(audit: Audit, fidelity: Fidelity) -> str:
    """Return the page about the sentences of the documentation."""
    entries = list(audit.sentences.values())
    by_owner: dict[str, list[Entry]] = {}
    for entry in entries:
        by_owner.setdefault(_owner(entry.where[0]), []).append(entry)
    differing = [entry for entry in entries if entry.differs]
    counts = (
        ("a rule holds it", sum(bool(entry.rules) and not entry.differs for entry in entries)),
        ("a test holds it", sum(bool(entry.tests and not entry.rules) and not entry.differs for entry in entries)),
        ("it does not hold", len(differing)),
        ("it states no behavior", sum(bool(entry.outside) for entry in entries)),
    )
    lines = [
        _SENTENCES,
        _table(("a sentence", "how many"), [(name, str(count)) for name, count in counts]),
        "\n## What does not hold\n",
        *(f"- {_places(entry)}: {entry.says}\n  **But:** {entry.differs}" for entry in differing),
        "\n## What states no behavior\n",
        *(
            f"- {reason} ({sum(entry.outside == name for entry in entries)} sentences)"
            for name, reason in audit.reasons.items()
        ),
    ]
    for owner in sorted(by_owner, key=lambda name: (name != "Detective", name not in operations(), name)):
        rows = [(_places(entry), entry.says, _holder(entry, audit, fidelity)) for entry in by_owner[owner]]
        lines += [f"\n## {owner}\n", _table(("where", "what the documentation says", "what holds it"), rows)]
    return "\n".join(lines) + "\n"


def _owner(place: str) -> str:
    name = place.partition(".")[0]
    for suffix in ("Request", "Response"):
        if name.removesuffix(suffix) in operations():
            return name.removesuffix(suffix)
    return name


def _places(entry: Entry) -> str:
    return ", ".join(f"`{place}`" for place in entry.where)


def _holder(entry: Entry, audit: Audit, fidelity: Fidelity) -> str:
    if entry.outside:
        return audit.reasons[entry.outside]
    parts = [f"**But:** {entry.differs}"] if entry.differs else []
    for name in entry.rules:
        (rule,) = rules_named(name, fidelity)
        summary = rule.text.split(". ")[0].removesuffix(".")
        parts.append(f"[{rule.heading}]({_FIDELITY}#{slug(rule.heading)}): {summary}; {_test(rule.test)}")
    parts += [_test(test) for test in entry.tests]
    return "<br>".join([*parts, *filter(None, [entry.note])])


def _test(test: str) -> str:
    return f"`{test.removeprefix('tests/')}`"


def operations_page(
    fidelity: Fidelity,
    seen: Mapping[str, Seen],
    by_fault: Mapping[str, Seen],
    never_filled: Mapping[str, str],
) -> str:
    """Return the page about errors and members.

    Args:
        seen: What the stories show, by operation.
        by_fault: What a fault shows, by error.
        never_filled: Members that no call fills, with the reason.
    """
    states: States = {}
    for each in seen.values():
        for place, how in each.members.items():
            states.setdefault(place, set()).update(how)
    lines = [_OPERATIONS]
    for name in operations():
        lines += [
            f"## {name}\n",
            _table(("error", "status", "reached", "by the test"), _error_rows(name, fidelity, seen[name])),
            "",
            *_response(name, seen[name].members, never_filled),
            "",
        ]
    rows = [
        (f"`{code}`", f"`{member}`", *_marks(states.get(f"{code}.{member}", set()), FILLED, ABSENT), mark)
        for code in error_statuses()
        for member in error_members(code)
        for mark in _marks(by_fault[code].members.get(f"{code}.{member}", set()), FILLED)
    ]
    return "\n".join(
        [
            *lines,
            "## Members of errors\n",
            _table(("error", "member", "filled", "absent", "filled by a fault"), rows),
            "",
        ]
    )


def _error_rows(name: str, fidelity: Fidelity, seen: Seen) -> Iterable[Sequence[str]]:
    rules = fidelity.rules_of(name)
    codes = [*operations()[name].error_codes, *sorted(seen.errors - set(operations()[name].error_codes))]
    for code in codes:
        tests = dict.fromkeys(rule.test for rule in rules if rule.error == code)
        tests |= dict.fromkeys(each.test for each in fidelity.faults if each.error == code and name in each.operations)
        reached = "by calls" if code in seen.errors else f"[only by a fault]({_FIDELITY}#{slug(ONLY_BY_FAULT)})"
        beyond = "" if code in operations()[name].error_codes else ", not in the service model"
        yield f"`{code}`", f"{error_statuses()[code]}{beyond}", reached, "<br>".join(map(_test, tests))


def _response(name: str, states: States, never_filled: Mapping[str, str]) -> list[str]:
    rows = [
        (f"`{place.removeprefix(f'{name}().')}`", *_marks(how, FILLED, EMPTY, ABSENT), never_filled.get(place, ""))
        for place, how in states.items()
        if place.startswith(f"{name}().") and not place.endswith("[]")
    ]
    if not rows:
        return ["The response has no members."]
    return [_table(("member of the response", "filled", "empty", "absent", ""), rows)]


def _marks(how: set[str], *wanted: str) -> list[str]:
    return ["yes" if each in how else "" for each in wanted]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
