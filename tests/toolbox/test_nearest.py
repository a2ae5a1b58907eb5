"""Tests of `detective_fake.toolbox.nearest`."""

from __future__ import annotations

import pytest

from detective_fake.errors import FakeUsageError
from detective_fake.toolbox.nearest import checked_choice, matching, nearest

OPERATIONS = ("CreateGraph", "CreateMembers", "ListMembers")


class TestNearest:
    @pytest.mark.parametrize("given", ["create_members", "CreateMember", "createmembers*", "Create Members"])
    def test_is_the_name_most_like_what_was_given(self, given: str) -> None:
        """Separators, letter case and wildcards do not count."""
        assert nearest(given, OPERATIONS) == "CreateMembers"

    def test_takes_what_is_no_string(self) -> None:
        """A mistake may be of any type."""
        assert nearest(None, OPERATIONS) in OPERATIONS


class TestMatching:
    def test_a_name_stands_for_itself(self) -> None:
        """And for no longer one."""
        assert matching("CreateGraph", OPERATIONS, "an operation") == {"CreateGraph"}

    def test_a_pattern_stands_for_all_that_match(self) -> None:
        """As in a shell."""
        assert matching("Create*", OPERATIONS, "an operation") == {"CreateGraph", "CreateMembers"}

    @pytest.mark.parametrize("pattern", ["create_graph", "Creat*raphs", "creategraph", 5])
    def test_what_stands_for_none_is_refused(self, pattern: object) -> None:
        """With the name that was probably meant."""
        with pytest.raises(
            FakeUsageError, match=r"is not an operation, nor a pattern of any; did you mean '(Create|L)"
        ):
            matching(pattern, OPERATIONS, "an operation")


class TestCheckedChoice:
    def test_a_choice_is_returned(self) -> None:
        """As it was given."""
        assert checked_choice("when", "after", ("before", "after")) == "after"

    def test_anything_else_is_refused(self) -> None:
        """With all choices, and the nearest."""
        with pytest.raises(
            FakeUsageError, match="when is one of 'before', 'after', not 'befor'; did you mean 'before'"
        ):
            checked_choice("when", "befor", ("before", "after"))
