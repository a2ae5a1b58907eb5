"""The report at the end of a run: the differences by rule of the fidelity page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.conformance.comparing import Finding


class Checked(NamedTuple):
    """A check and its result.

    Attributes:
        name: File and test.
        rules: Heading, text and basis of each that it holds.
        findings: In order; none if it was not run.
    """

    name: str
    rules: Sequence[Sequence[str]]
    findings: Sequence[Finding]

    @property
    def differences(self) -> list[Finding]:
        """The comparisons that failed."""
        return [finding for finding in self.findings if not finding["agrees"]]


def summary(checks: Sequence[Checked], rule_count: int) -> list[str]:
    """Return lines to print.

    Args:
        checks: Those that were skipped as well.
        rule_count: How many rules the page has.
    """
    return [*_counts(checks, rule_count), *_differences(checks), *_texts(checks)]


def _counts(checks: Sequence[Checked], rule_count: int) -> Iterator[str]:
    run = [check for check in checks if check.findings]
    different = [check for check in run if check.differences]
    rules = {(rule[0], rule[1]) for check in run for rule in check.rules}
    yield (
        f"{len(run) - len(different)} checks agree with the fake, {len(different)} do not, "
        f"{len(checks) - len(run)} were not run; {len(rules)} of the {rule_count} rules were looked at."
    )


def _differences(checks: Sequence[Checked]) -> Iterator[str]:
    by_rule: dict[tuple[str, ...], list[Checked]] = {}
    for check in checks:
        for rule in check.rules if check.differences else ():
            by_rule.setdefault(tuple(rule), []).append(check)
    for (heading, text, basis), different in sorted(by_rule.items()):
        yield ""
        yield f"{heading} ({basis}): {text}"
        for check in different:
            yield f"  {check.name}"
            for finding in check.differences:
                yield f"    the fake: {finding['expected']}"
                yield f"    answered: {finding['answered']}"


def _texts(checks: Sequence[Checked]) -> Iterator[str]:
    """Yield AWS's texts of errors for which the fake invents a text."""
    by_text: dict[str, list[str]] = {}
    for check in checks:
        for finding in check.findings:
            by_text.setdefault(finding["text"], []).append(check.name)
    texts = [text for text in sorted(by_text) if text]
    if texts:
        yield ""
        yield "What the messages say, where the fake's own are made up:"
    for text in texts:
        first, *others = by_text[text]
        yield f"  {text}"
        yield f"    {first}{f' and {len(others)} more' if others else ''}"
