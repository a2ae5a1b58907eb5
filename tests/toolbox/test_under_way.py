"""Tests of `detective_fake.toolbox.under_way`."""

from __future__ import annotations

from threading import Thread

import pytest

from detective_fake.toolbox.under_way import is_under_way, under_way

THING, OTHER = object(), object()


class TestUnderWay:
    def test_holds_within_the_block_alone(self) -> None:
        """And for the thing itself, not for others like it."""
        with under_way(THING):
            assert is_under_way(THING)
            assert not is_under_way(OTHER)
        assert not is_under_way(THING)

    def test_ends_with_an_exception(self) -> None:
        """However the block is left."""
        with pytest.raises(KeyError), under_way(THING):
            raise KeyError
        assert not is_under_way(THING)

    def test_nests(self) -> None:
        """Several things may be under way."""
        with under_way(THING), under_way(OTHER):
            assert is_under_way(THING)

    def test_is_no_matter_to_other_threads(self) -> None:
        """They are in the middle of nothing."""
        seen: list[bool] = []
        with under_way(THING):
            thread = Thread(target=lambda: seen.append(is_under_way(THING)))
            thread.start()
            thread.join()
        assert seen == [False]
