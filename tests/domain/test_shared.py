"""Copy on write."""

from __future__ import annotations

from detective_fake.domain.shared import Shared


class TestShared:
    def test_what_nobody_borrowed_is_written_in_place(self) -> None:
        """No copy is made."""
        shared = Shared({"a": 1})
        assert shared.own() is shared.value

    def test_what_was_lent_is_copied_before_the_first_write(self) -> None:
        """The borrower's stays as it was."""
        shared = Shared({"a": 1})
        lent = shared.lend()
        shared.own()["a"] = 2
        assert (lent, shared.value) == ({"a": 1}, {"a": 2})

    def test_it_is_copied_once(self) -> None:
        """Until it is lent again."""
        shared = Shared([1])
        shared.lend()
        assert shared.own() is shared.own()

    def test_what_was_taken_over_is_copied_before_the_first_write(self) -> None:
        """Its giver keeps it as it was."""
        given = [1]
        shared: Shared[list[int]] = Shared([])
        shared.take(given)
        assert shared.value is given
        shared.own().append(2)
        assert (given, shared.value) == ([1], [1, 2])

    def test_two_borrowers_hold_the_same(self) -> None:
        """As long as nothing is written between."""
        shared = Shared([1])
        assert shared.lend() is shared.lend()
