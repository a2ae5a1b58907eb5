"""What a test gives for an enum, or for settings."""

from __future__ import annotations

import pytest

from detective_fake.domain.choices import choice, settings
from detective_fake.domain.investigations import State
from detective_fake.domain.quotas import Quotas
from detective_fake.errors import FakeUsageError


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
