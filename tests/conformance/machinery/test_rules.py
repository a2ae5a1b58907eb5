"""Checks name rules of the fidelity page, which are there."""

from __future__ import annotations

import pytest

from tests.conformance.rules import holds, operations_under


class TestHolds:
    def test_a_rule_is_found_by_its_beginning(self) -> None:
        """The result includes its basis."""
        (rule,) = holds(("DeleteGraph", "The graph is deleted")).args
        assert (rule.heading, rule.basis) == ("DeleteGraph", "documented")
        assert rule.text.startswith("The graph is deleted")

    @pytest.mark.parametrize(
        ("heading", "beginning", "said"),
        [
            ("DeleteGraph", "The graph was gone", "0 rules under 'DeleteGraph' begin with 'The graph was gone'."),
            ("DeleteGraph", "", r"There are:\n  The graph is deleted .*\n  An organization behavior graph"),
            ("ZipGraph", "The graph", "0 rules under 'ZipGraph'"),
        ],
    )
    def test_one_that_is_not_there_is_refused(self, heading: str, beginning: str, said: str) -> None:
        """And so is a beginning that several have; those that are there are told."""
        with pytest.raises(ValueError, match=said):
            holds((heading, beginning))

    def test_operations_share_rules(self) -> None:
        """Shared rules are under a heading."""
        assert "ListMembers" in operations_under("Lists in pages")
