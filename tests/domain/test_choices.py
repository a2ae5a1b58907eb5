"""Checks of enum values, settings and name patterns given by a test."""

from __future__ import annotations

from typing import Any

import pytest

from detective_fake.domain.choices import checked_choice, choice, matching, nearest
from detective_fake.domain.investigations import State
from detective_fake.domain.quotas import Quotas
from detective_fake.errors import FakeUsageError

OPERATIONS = ("CreateGraph", "CreateMembers", "ListMembers")


class TestChoice:
    @pytest.mark.parametrize("given", ["ARCHIVED", State.ARCHIVED])
    def test_a_value_or_an_enum_member_is_accepted(self, given: object) -> None:
        """Tests may pass the service's values as strings."""
        assert choice(State, given) is State.ARCHIVED

    @pytest.mark.parametrize("given", ["archived", None, ["ARCHIVED"]])
    def test_anything_else_is_rejected(self, given: object) -> None:
        """The error message lists the valid values."""
        with pytest.raises(FakeUsageError, match=r"Unknown state .*\. Expected one of: ACTIVE, ARCHIVED"):
            choice(State, given)


class TestSettings:
    def test_none_gives_the_defaults(self) -> None:
        """The settings are optional."""
        assert Quotas.of(None) == Quotas()

    def test_a_mapping_sets_only_the_given_names(self) -> None:
        """All other settings keep their default values."""
        assert Quotas.of({"tags_per_graph": 3}) == Quotas(tags_per_graph=3)

    def test_a_settings_object_is_copied(self) -> None:
        """Changes to the copy do not affect the original."""
        given = Quotas(tags_per_graph=3)
        own = Quotas.of(given)
        own.tags_per_graph = 4
        assert given.tags_per_graph == 3

    @pytest.mark.parametrize("given", [{"tags": 3}, {7: 3}])
    def test_unknown_names_are_rejected(self, given: Any) -> None:
        """The error message lists the valid names."""
        with pytest.raises(FakeUsageError, match=r"Unknown quota ('tags'|7)\. Expected one of: members"):
            Quotas.of(given)

    def test_anything_else_is_rejected(self) -> None:
        """Settings must be a mapping or a settings object."""
        given: Any = 5
        with pytest.raises(
            FakeUsageError, match=r"Expected quotas as a mapping .*, not 5\. The names are: members_per_graph, "
        ):
            Quotas.of(given)


class TestNearest:
    @pytest.mark.parametrize("given", ["create_members", "CreateMember", "createmembers*", "Create Members"])
    def test_it_is_the_most_similar_name(self, given: str) -> None:
        """The comparison ignores separators, letter case and wildcards."""
        assert nearest(given, OPERATIONS) == "CreateMembers"

    def test_a_separator_is_no_difference(self) -> None:
        """A wrong letter is."""
        assert nearest("abcd", ["abxd", "a-b-c-d"]) == "a-b-c-d"

    def test_it_accepts_values_of_any_type(self) -> None:
        """The wrong value may be of any type."""
        assert nearest(None, OPERATIONS) in OPERATIONS


class TestMatching:
    def test_a_name_matches_itself(self) -> None:
        """A name does not match longer names that begin with it."""
        assert matching("CreateGraph", OPERATIONS, "an operation") == {"CreateGraph"}

    def test_a_pattern_selects_all_matching_names(self) -> None:
        """Patterns use shell wildcards."""
        assert matching("Create*", OPERATIONS, "an operation") == {"CreateGraph", "CreateMembers"}

    @pytest.mark.parametrize("pattern", ["create_graph", "Creat*raphs", "creategraph", 5])
    def test_a_pattern_without_a_match_is_rejected(self, pattern: object) -> None:
        """The error message suggests the most similar name."""
        with pytest.raises(FakeUsageError, match=r"is not an operation and matches none. Did you mean '(Create|L)"):
            matching(pattern, OPERATIONS, "an operation")


class TestCheckedChoice:
    def test_a_valid_choice_is_returned(self) -> None:
        """A valid choice is returned unchanged."""
        assert checked_choice("when", "after", ("before", "after")) == "after"

    def test_anything_else_is_rejected(self) -> None:
        """The error message lists all choices."""
        with pytest.raises(FakeUsageError, match="Invalid when 'befor'\\. Expected one of: before, after\\."):
            checked_choice("when", "befor", ("before", "after"))
