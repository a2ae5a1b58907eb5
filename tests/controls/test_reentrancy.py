"""Tests of `detective_fake.controls.reentrancy`."""

from __future__ import annotations

from threading import Thread

import pytest

from detective_fake.controls.reentrancy import is_running, running

THING, OTHER = object(), object()


class TestUnderWay:
    def test_holds_within_the_block_alone(self) -> None:
        """And for the thing itself, not for others like it."""
        with running(THING):
            assert is_running(THING)
            assert not is_running(OTHER)
        assert not is_running(THING)

    def test_ends_with_an_exception(self) -> None:
        """However the block is left."""
        with pytest.raises(KeyError), running(THING):
            raise KeyError
        assert not is_running(THING)

    def test_nests(self) -> None:
        """Several things may be under way."""
        with running(THING), running(OTHER):
            assert is_running(THING)

    def test_is_no_matter_to_other_threads(self) -> None:
        """They are in the middle of nothing."""
        seen: list[bool] = []
        with running(THING):
            thread = Thread(target=lambda: seen.append(is_running(THING)))
            thread.start()
            thread.join()
        assert seen == [False]
