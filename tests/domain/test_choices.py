"""What a test gives for an enum, or for settings."""

from __future__ import annotations

import pytest

from detective_fake.domain.choices import checked_choice, choice, matching, nearest, settings
from detective_fake.domain.investigations import State
from detective_fake.domain.quotas import Quotas
from detective_fake.errors import FakeUsageError

OPERATIONS = ("CreateGraph", "CreateMembers", "ListMembers")


class TestChoice:
    @pytest.mark.parametrize("given", ["ARCHIVED", State.ARCHIVED])
    def test_a_value_or_the_member_itself_will_do(self, given: object) -> None:
        """Tests may write the service's words as strings."""
        assert choice(State, given) is State.ARCHIVED

    @pytest.mark.parametrize("given", ["archived", None, ["ARCHIVED"]])
    def test_anything_else_is_refused_with_the_values_there_are(self, given: object) -> None:
        """A mistyped value is answered with the list."""
        with pytest.raises(FakeUsageError, match="is no State; it is one of ACTIVE, ARCHIVED"):
            choice(State, given)


class TestSettings:
    def test_of_none_are_the_usual_ones(self) -> None:
        """Nothing has to be said."""
        assert settings(Quotas, None, "quota") == Quotas()

    def test_of_some_names_leave_the_others(self) -> None:
        """As in a constructor's argument."""
        assert settings(Quotas, {"tags_per_graph": 3}, "quota") == Quotas(tags_per_graph=3)

    def test_of_a_whole_set_are_a_set_of_their_own(self) -> None:
        """Changing one leaves the other as it was."""
        given = Quotas(tags_per_graph=3)
        own = settings(Quotas, given, "quota")
        own.tags_per_graph = 4
        assert given.tags_per_graph == 3

    @pytest.mark.parametrize("given", [{"tags": 3}, {7: 3}])
    def test_of_unknown_names_are_refused(self, given: object) -> None:
        """With those there are."""
        with pytest.raises(FakeUsageError, match=r"There is no quota called (tags|7); the quotas are members"):
            settings(Quotas, given, "quota")

    def test_of_something_else_are_refused(self) -> None:
        """They are a mapping."""
        with pytest.raises(FakeUsageError, match=r"The quotas are a mapping of members_per_graph, .*, not 5\."):
            settings(Quotas, 5, "quota")


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
