"""Ratios of two pieces of work that take turns in one process, so that a slow moment slows both.

Times are CPU times: work of other processes on the same machine does not count.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[], object]
    Around = Callable[[], AbstractContextManager[object]]

ROUNDS = 61
SECONDS_A_TURN = 0.01


@attrs.frozen(kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        what: The measured work.
        against: The work that it is compared with.
        target: The bound for the ratio.
        measure: Runs both and returns the ratio.
        at_least: Whether the ratio must reach the bound instead of staying below it.
    """

    what: str
    against: str
    target: float
    measure: Callable[[], float]
    at_least: bool = False

    def verdict(self, value: float) -> str:
        """Return `met` or `missed`."""
        return "met" if (value >= self.target if self.at_least else value <= self.target) else "missed"

    @property
    def bound(self) -> str:
        """The target as text."""
        return f"{'>=' if self.at_least else '<='} {self.target:g}x"


def ratio(ours: Work, theirs: Work, *, around: Around = nullcontext, rounds: int = ROUNDS) -> float:
    """Return the time of our work divided by the time of theirs: the median over several rounds.

    Garbage is collected before each round and not during it, so that neither side pays for the other.

    Args:
        ours: Runs inside `around`.
        theirs: Runs outside `around`.
        around: A context for our work, such as an active fake; entering and leaving it is not measured.
        rounds: The number of turns of each side.
    """
    with around():
        our_count = _repetitions(ours)
    their_count = _repetitions(theirs)
    gc.disable()
    try:
        ratios = []
        for number in range(rounds):
            gc.collect()
            # Alternate who goes first, because the first finds the processor's caches in another state.
            if number % 2:
                our_time = _time_within(around, ours, our_count)
                their_time = _time(theirs, their_count)
            else:
                their_time = _time(theirs, their_count)
                our_time = _time_within(around, ours, our_count)
            ratios.append(our_time / their_time)
    finally:
        gc.enable()
    return statistics.median(ratios)


def _time_within(around: Around, work: Work, count: int) -> float:
    with around():
        work()
        return _time(work, count)


def _repetitions(work: Work) -> int:
    """Return how often to repeat some work so that a turn takes about `SECONDS_A_TURN`."""
    work()
    return max(1, int(SECONDS_A_TURN / _time(work, 3)))


def _time(work: Work, count: int) -> float:
    """Return the CPU seconds of one repetition."""
    start = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - start) / count


def run_python(*arguments: str, folder: str) -> tuple[float, str]:
    """Run Python in a process of its own; return the CPU seconds it took and what it printed."""
    # Without this variable, modules are compiled once, as those of an installed package are.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, check=True, stdout=subprocess.PIPE, text=True, env=environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout
