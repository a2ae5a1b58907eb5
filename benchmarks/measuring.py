"""Ratios of two pieces of work that take turns: what makes a machine slow for a while makes it slow for both.

Time is the processor's time of this process: what others run meanwhile on the same machine is not in it.
"""

from __future__ import annotations

import gc
import statistics
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[], object]
    Around = Callable[[], AbstractContextManager[object]]

__all__ = ["Around", "Row", "Work", "ratio"]

ROUNDS = 61
SECONDS_A_TURN = 0.01


@attrs.frozen(kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        what: What is measured.
        against: What it is measured against.
        target: The bound, a ratio or a number with a unit.
        measure: Does it, and returns the value.
        at_least: The measured value must reach the bound instead of staying below it.
        at_most: A second bound, for a value that misses the target and is still to be accepted.
        unit: Follows the value; `x` for a ratio.
    """

    what: str
    against: str
    target: float
    measure: Callable[[], float]
    at_least: bool = False
    at_most: float | None = None
    unit: str = "x"

    def verdict(self, value: float) -> str:
        """Return `met`, `missed`, or `accepted` for a value between the two bounds."""
        if value >= self.target if self.at_least else value <= self.target:
            return "met"
        return "accepted" if self.at_most is not None and value <= self.at_most else "missed"

    @property
    def bound(self) -> str:
        """The target in words."""
        outer = "" if self.at_most is None else f" ({self.at_most:g})"
        return f"{'>=' if self.at_least else '<='} {self.target:g}{outer}{self.unit}"


def ratio(
    ours: Work,
    theirs: Work,
    *,
    around: Around = nullcontext,
    rounds: int = ROUNDS,
    seconds: float = SECONDS_A_TURN,
) -> float:
    """Return how many times as long our work takes as theirs: the median over rounds of a turn each.

    The collector of garbage is off, and everything is collected before each round: neither pays for the other's.

    Args:
        ours: Is done within `around`.
        theirs: Is done outside of it.
        around: Makes what our turns run in, such as an active fake; what that takes does not count.
        rounds: How many turns each has.
        seconds: How long a turn lasts, about.
    """
    with around():
        our_count = _count(ours, seconds)
    their_count = _count(theirs, seconds)
    enabled = gc.isenabled()
    gc.disable()
    try:
        ratios = []
        for number in range(rounds):
            gc.collect()
            # Who comes first in a round finds another state of the caches: each does in half of them.
            if number % 2:
                our_time = _within(around, ours, our_count)
                their_time = _time(theirs, their_count)
            else:
                their_time = _time(theirs, their_count)
                our_time = _within(around, ours, our_count)
            ratios.append(our_time / their_time)
    finally:
        if enabled:
            gc.enable()
    return statistics.median(ratios)


def _within(around: Around, work: Work, count: int) -> float:
    with around():
        work()
        return _time(work, count)


def _count(work: Work, seconds: float) -> int:
    work()
    once = _time(work, 3)
    return max(1, int(seconds / once))


def _time(work: Work, count: int) -> float:
    """Return seconds a piece of work takes."""
    start = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - start) / count
