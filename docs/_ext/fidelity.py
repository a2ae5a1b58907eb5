"""Reads `docs/fidelity.toml`, checks it against the service model and the tests, and generates its page."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from detective_fake.protocol.model import Operation

FILE: Final = Path(__file__).parent.parent / "fidelity.toml"
ROOT: Final = FILE.parent.parent

BASES: Final = {
    "documented": "stated by AWS, in the service model or its guides",
    "observed": "seen in AWS, and published",
    "inferred": "our most likely reading; AWS may behave differently",
}


_IN_REPOSITORY: Final = re.compile(
    r"([\w.-]+/[\w.-]+?)(?:@([0-9a-f]{8,40}))?: ([\w./@-]+\.(?:go|json|md|py|rst|ts))\b", re.ASCII
)
_ISSUE: Final = re.compile(r"([\w.-]+/[\w.-]+), issue (\d+)")
"""How a source names a file or an issue of a repository on GitHub."""

_ABOUT_FAULTS: Final = (
    "These errors are in the service model. The fake returns them only if a test adds a fault: see "
    "[faults and retries](how-to/faults.md).\n"
)


class Rule(NamedTuple):
    """One rule; the keys of the file."""

    text: str
    basis: str
    source: str
    test: str
    error: str | None = None
    status: int | None = None
    beyond_model: bool = False


class Shared(NamedTuple):
    """Rules that several operations share."""

    name: str
    operations: tuple[str, ...]
    rules: tuple[Rule, ...]


class ByFault(NamedTuple):
    """An error that some operations return only because of a fault."""

    error: str
    status: int
    operations: tuple[str, ...]
    text: str
    source: str
    test: str


class Own(NamedTuple):
    """The rules of one operation."""

    summary: str
    rules: tuple[Rule, ...]


class Fidelity(NamedTuple):
    """The whole file."""

    operations: Mapping[str, Own]
    shared: tuple[Shared, ...]
    faults: tuple[ByFault, ...]

    def rules_of(self, operation: str) -> list[Rule]:
        """Return an operation's own rules and its shared rules."""
        shared = [rule for each in self.shared if operation in each.operations for rule in each.rules]
        return [*self.operations[operation].rules, *shared]

    def all_rules(self) -> Iterator[tuple[str, Rule]]:
        """Yield every rule once, with its heading."""
        for group in self.shared:
            yield from ((group.name, rule) for rule in group.rules)
        for name, own in self.operations.items():
            yield from ((name, rule) for rule in own.rules)


def load(path: Path = FILE) -> Fidelity:
    """Read a file. An unknown or missing key raises TypeError."""
    data = read_toml(path)
    return Fidelity(
        {name: Own(own.pop("summary"), _rules(own)) for name, own in data["operations"].items()},
        tuple(Shared(each.pop("name"), tuple(each.pop("operations")), _rules(each)) for each in data["shared"]),
        tuple(ByFault(**{**each, "operations": tuple(each["operations"])}) for each in data["faults"]),
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _rules(table: dict[str, Any]) -> tuple[Rule, ...]:
    rules = tuple(Rule(**rule) for rule in table.pop("rules"))
    if table:
        raise TypeError(f"unknown keys: {', '.join(table)}")
    return rules


def problems(
    fidelity: Fidelity,
    operations: Mapping[str, Operation],
    statuses: Mapping[str, int],
    exists: Callable[[str], bool],
) -> list[str]:
    """Return a message for each difference from the service model and the tests.

    Args:
        operations: The operations of the service model.
        statuses: Error codes of the service model and their HTTP statuses.
        exists: Returns whether a test ID exists.
    """
    known = set(operations)
    return [
        *(f"{name} is missing" for name in sorted(known - set(fidelity.operations))),
        *(f"{name} is no operation" for name in sorted(set(fidelity.operations) - known)),
        *_names(fidelity, known),
        *_errors(fidelity, operations),
        *_rules_themselves(fidelity, statuses, exists),
    ]


def _names(fidelity: Fidelity, known: set[str]) -> Iterator[str]:
    groups = [(each.name, each.operations) for each in fidelity.shared]
    groups += [(f"faults {each.error}", each.operations) for each in fidelity.faults]
    for heading, operations in groups:
        yield from (f"{heading}: {name} is no operation" for name in operations if name not in known)
        if list(operations) != sorted(set(operations)):
            yield f"{heading}: the operations are not unique and in alphabetical order"
    if list(fidelity.operations) != sorted(fidelity.operations):
        yield "the operations are not in alphabetical order"


def _errors(fidelity: Fidelity, operations: Mapping[str, Operation]) -> Iterator[str]:
    for name in fidelity.operations.keys() & operations.keys():
        modelled = set(operations[name].error_codes)
        rules = fidelity.rules_of(name)
        told = {rule.error for rule in rules if rule.error and not rule.beyond_model}
        beyond = {rule.error for rule in rules if rule.error and rule.beyond_model}
        by_fault = {each.error for each in fidelity.faults if name in each.operations}
        yield from (f"{name}: nothing is said of {code}" for code in sorted(modelled - told - by_fault))
        yield from (f"{name}: the model has no {code}" for code in sorted((told | by_fault) - modelled))
        yield from (f"{name}: {code} is not beyond the model" for code in sorted(beyond & modelled))
        yield from (f"{name}: {code} has a rule, and is said to need a fault" for code in sorted(told & by_fault))


def _rules_themselves(fidelity: Fidelity, statuses: Mapping[str, int], exists: Callable[[str], bool]) -> Iterator[str]:
    for heading, rule in fidelity.all_rules():
        place = f"{heading}, {rule.text[:40]!r}"
        if rule.basis not in BASES:
            yield f"{place}: {rule.basis!r} is none of {', '.join(BASES)}"
        if not (rule.text and rule.source):
            yield f"{place}: text or source is empty"
        yield from _commits_missing(place, rule.source)
        if rule.status != (statuses.get(rule.error) if rule.error else None):
            yield f"{place}: the status of {rule.error} is not {rule.status}"
        if not exists(rule.test):
            yield f"{place}: there is no test {rule.test}"
    for each in fidelity.faults:
        yield from _commits_missing(f"faults {each.error}", each.source)
        if each.status != statuses.get(each.error):
            yield f"faults {each.error}: its status is not {each.status}"
        if not exists(each.test):
            yield f"faults {each.error}: there is no test {each.test}"


def _commits_missing(place: str, source: str) -> Iterator[str]:
    for found in _IN_REPOSITORY.finditer(source):
        if not found[2]:
            yield f"{place}: {found[0]} has no commit"


def with_links(source: str) -> str:
    """Return a source with a link for each file of a repository, at its commit, and for each issue."""
    linked = _IN_REPOSITORY.sub(r"[\1: \3](https://github.com/\1/blob/\2/\3)", source)
    return _ISSUE.sub(r"[\1, issue \2](https://github.com/\1/issues/\2)", linked)


def has_test(test_id: str, root: Path = ROOT) -> bool:
    """Return whether a test such as `tests/test_a.py::TestB::test_c` exists, without importing it."""
    file_name, _, name = test_id.partition("::")
    path = root / file_name
    return path.is_file() and name in _tests_in(path, path.stat().st_mtime_ns)


@functools.cache
def _tests_in(path: Path, _modified: int) -> frozenset[str]:
    return frozenset(_tests_under(ast.parse(path.read_text(encoding="utf-8")), ""))


def _tests_under(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for child in node.body:
        if isinstance(child, ast.ClassDef) and child.name.startswith("Test"):
            yield from _tests_under(child, f"{prefix}{child.name}::")
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) and child.name.startswith("test_"):
            yield f"{prefix}{child.name}"


def markdown(fidelity: Fidelity, operations: Mapping[str, Operation]) -> str:
    """Return the text of the page, from the overview on."""
    sections = [
        _overview(fidelity),
        "## Rules that operations share\n",
        *(_shared_section(each) for each in fidelity.shared),
        "## Only by a fault\n",
        _ABOUT_FAULTS,
        *(_fault_item(each) for each in fidelity.faults),
        "\n## The operations\n",
        *(_section(name, fidelity, operations[name]) for name in fidelity.operations),
    ]
    return "\n".join(sections)


def inferred(fidelity: Fidelity) -> str:
    """Return the inferred rules as a list, by operation."""
    by_heading: dict[str, list[str]] = {}
    for heading, rule in fidelity.all_rules():
        if rule.basis == "inferred":
            by_heading.setdefault(heading, []).append(rule.text)
    return "\n".join(
        f"- [{heading}](fidelity.md#{slug(heading)}):\n" + "\n".join(f"  - {text}" for text in texts)
        for heading, texts in by_heading.items()
    )


def _overview(fidelity: Fidelity) -> str:
    counts = Counter(rule.basis for _, rule in fidelity.all_rules())
    lines = ["| basis | meaning | rules |", "| --- | --- | ---: |"]
    lines += [f"| {basis} | {meaning} | {counts[basis]} |" for basis, meaning in BASES.items()]
    return "\n".join([*lines, ""])


def _shared_section(shared: Shared) -> str:
    links = ", ".join(_link(name) for name in shared.operations)
    return "\n".join([f"### {shared.name}\n", *map(_item, shared.rules), f"\nThis holds for {links}.\n"])


def _section(name: str, fidelity: Fidelity, operation: Operation) -> str:
    own = fidelity.operations[name]
    shared = [_link(each.name) for each in fidelity.shared if name in each.operations]
    by_fault = [f"`{each.error}` ({each.status})" for each in fidelity.faults if name in each.operations]
    lines = [
        f"### {name}\n",
        f"{own.summary}",
        f"`{operation.method} {operation.uri}`, answered with {operation.status}.\n",
        *map(_item, own.rules),
    ]
    lines += [f"\nShared rules: {'; '.join(shared)}."] if shared else []
    lines += [f"\n[Only by a fault](#only-by-a-fault): {', '.join(by_fault)}.\n"]
    return "\n".join(lines)


def _item(rule: Rule) -> str:
    answer = f" → `{rule.error}` ({rule.status}{', not in the service model' if rule.beyond_model else ''})"
    return (
        f"- {rule.text}{answer if rule.error else ''}\n"
        f"  <br>**{rule.basis}**: {with_links(rule.source)}\n"
        f"  <br>test: `{rule.test.removeprefix('tests/')}`"
    )


def _fault_item(each: ByFault) -> str:
    return (
        f"- `{each.error}` ({each.status}), of {', '.join(map(_link, each.operations))}: {each.text}\n"
        f"  <br>source: {with_links(each.source)}\n"
        f"  <br>test: `{each.test.removeprefix('tests/')}`"
    )


def _link(heading: str) -> str:
    return f"[{heading}](#{slug(heading)})"


def slug(heading: str) -> str:
    """Return the anchor of a heading on the page."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
