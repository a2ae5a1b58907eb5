"""`@holds(…)` names the rules of the fidelity page that a check verifies. Unknown rules are rejected."""

from __future__ import annotations

from typing import Final, NamedTuple

import pytest

from docs._ext.fidelity import load


class Held(NamedTuple):
    """A rule of the fidelity page.

    Attributes:
        heading: The operation, or the group of operations.
        basis: `documented`, `observed` or `inferred`.
    """

    heading: str
    text: str
    basis: str


_FIDELITY: Final = load()
_RULES: Final = tuple(Held(heading, rule.text, rule.basis) for heading, rule in _FIDELITY.all_rules())


def holds(*references: tuple[str, str]) -> pytest.MarkDecorator:
    """Return a marker for a check.

    Args:
        references: Heading and beginning of the text, as in `docs/fidelity.toml`.
    Raises:
        ValueError: Not exactly one rule of the page begins so.
    """
    return pytest.mark.holds(*(_rule(heading, beginning) for heading, beginning in references))


def _rule(heading: str, beginning: str) -> Held:
    under = [rule for rule in _RULES if rule.heading == heading]
    found = [rule for rule in under if rule.text.startswith(beginning)]
    if len(found) != 1:
        texts = "".join(f"\n  {rule.text}" for rule in under)
        raise ValueError(f"{len(found)} rules under {heading!r} begin with {beginning!r}. There are:{texts}")
    return found[0]


def rules_of_check(item: pytest.Item) -> tuple[Held, ...]:
    """Return the rules of a check; none for an ordinary test."""
    return tuple(rule for marker in item.iter_markers("holds") for rule in marker.args)


def rule_count() -> int:
    """Return the number of rules on the page."""
    return len(_RULES)


def operations_under(heading: str) -> tuple[str, ...]:
    """Return the operations that share the rules under a heading."""
    (shared,) = (each for each in _FIDELITY.shared if each.name == heading)
    return shared.operations
