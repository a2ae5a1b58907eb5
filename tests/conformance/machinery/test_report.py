"""The lines at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.report import Checked, summary

if TYPE_CHECKING:
    from tests.conformance.comparing import Finding

FIRST = ("CreateGraph", "It is created.", "documented")
SECOND = ("DeleteGraph", "It is gone.", "inferred")
AGREES: Finding = {"expected": "1", "answered": "1", "agrees": True, "text": ""}
DIFFERS: Finding = {"expected": "1", "answered": "2", "agrees": False, "text": ""}


class TestSummary:
    def test_checks_and_rules_are_counted(self) -> None:
        """Those that were skipped hold nothing."""
        checks = [Checked("a", [FIRST], [AGREES]), Checked("b", [FIRST], [AGREES]), Checked("c", [SECOND], [])]
        assert summary(checks, 9) == [
            "2 checks agree with the fake, 0 do not, 1 were not run; 1 of the 9 rules were looked at."
        ]

    def test_differences_stand_under_their_rules(self) -> None:
        """Under each that the check holds; what agreed is left out."""
        checks = [Checked("b", [SECOND, FIRST], [AGREES, DIFFERS]), Checked("a", [SECOND], [DIFFERS])]
        both = ["    the fake: 1", "    answered: 2"]
        assert summary(checks, 9)[1:] == [
            "",
            "CreateGraph (documented): It is created.",
            "  b",
            *both,
            "",
            "DeleteGraph (inferred): It is gone.",
            "  b",
            *both,
            "  a",
            *both,
        ]

    def test_texts_that_are_not_compared_are_told(self) -> None:
        """Each text is listed once."""
        told: Finding = {**AGREES, "text": "No."}
        checks = [Checked("a", [FIRST], [told]), Checked("b", [FIRST], [told]), Checked("c", [FIRST], [told])]
        checks.append(Checked("d", [FIRST], [{**AGREES, "text": "Never."}]))
        assert summary(checks, 9)[1:] == [
            "",
            "What the messages say, where the fake's own are made up:",
            "  Never.",
            "    d",
            "  No.",
            "    a and 2 more",
        ]
