"""What all parts of one fake share: the world, the clock and the lock, which is free in a forked child."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.graph import arn_of
from detective_fake.domain.world import status_changes
from detective_fake.errors import FakeUsageError
from detective_fake.locks import held_during_forks
from detective_fake.protocol.model import Regions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.domain.clock import Clock
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World
    from detective_fake.exchange import StatusChange


class Outside(Protocol):
    """A service other than Detective that the world follows, such as AWS Organizations."""

    def pull(self) -> None:
        """Update the world with changes made in that service."""

    def push(self) -> None:
        """Tell that service what Detective has changed there."""

    def follows(self, organization_id: str, *, delegation: bool = False) -> bool:  # pyright: ignore[reportReturnType]
        """Return whether it decides about the accounts of an organization, or about its delegated administrator."""


@attrs.define(eq=False, repr=False, slots=False)
class FakeContext:
    """The world, clock and lock of one fake, its Regions, and the other services that its world follows.

    Copies and pickles have a lock of their own.
    """

    world: World
    clock: Clock
    regions: Regions = attrs.field(factory=Regions)
    lock: RLock = attrs.field(factory=lambda: held_during_forks(RLock()))
    outside: list[Outside] = attrs.field(factory=list)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, lock=held_during_forks(RLock()))

    def graph(self, given: str | BehaviorGraph) -> BehaviorGraph:
        """Return a graph that a test has given, or named by its ARN, as it is now.

        Raises:
            FakeUsageError: There is no such graph.
        """
        arn, graphs = arn_of(given), self.world.graphs
        if arn not in graphs:
            known = ", ".join(graphs) or "none"
            raise FakeUsageError(
                f"There is no behavior graph {arn!r}. Known graphs: {known}. Add one with seed.graph()."
            )
        return graphs[arn]

    @contextmanager
    def all_or_nothing(self, changes: list[StatusChange] | None = None) -> Iterator[None]:
        """Hold the lock. If the block raises, world and clock are as before it.

        A block inside another one is part of that.

        Args:
            changes: Gets the changes of status if the block succeeds.
        """
        with self.lock:
            if self.world.log is not None:
                yield
                return
            setting, (undo, log) = self.clock.setting, self.world.begin()
            try:
                self.world.log = log
                yield
            except BaseException:
                undo()
                self.clock.setting = setting
                raise
            finally:
                self.world.log = None
            if changes is not None and log:
                changes += status_changes(log)


_UNITS: Final = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


class TimeControl:
    """The clock of one fake. It shows the real UTC time until a test freezes or advances it."""

    def __init__(self, context: FakeContext) -> None:
        self._context = context

    def now(self) -> datetime:
        """Return the current time: aware, UTC, in whole milliseconds."""
        with self._context.lock:
            return self._context.clock.now()

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the clock until `advance` or `unfreeze`. No event runs before the next call.

        Args:
            at: The time to stop at; by default the current time.
        Raises:
            FakeUsageError: The time is not an aware datetime, or not in the years 1000 to 8999.
        """
        with self._context.lock:
            self._context.clock.freeze(self._context.clock.now() if at is None else at)

    def unfreeze(self) -> None:
        """Let the clock run again, from the current time."""
        with self._context.lock:
            self._context.clock.unfreeze()

    def advance(self, by: timedelta | None = None, **parts: float) -> None:
        """Move the clock forward and run the events that become due, each at its own time.

        Args:
            by: A duration.
            parts: Or the arguments of a `timedelta`: `hours=1`, `minutes=30`.
        Raises:
            FakeUsageError: Both or neither are given, an argument is not valid, or the clock would go back.
        """
        duration = _duration(by, parts)
        with self._context.all_or_nothing():
            self._context.clock.advance(duration)
            run_due_events(self._context.world, self._context.clock.now())


def _duration(by: object, parts: dict[str, float]) -> timedelta:
    if (by is None) != bool(parts):
        raise FakeUsageError("clock.advance takes either a datetime.timedelta or its parts: advance(hours=1).")
    if by is not None:
        if not isinstance(by, timedelta):
            raise FakeUsageError(
                f"clock.advance: expected a datetime.timedelta, got {by!r}. Use advance(seconds={by!r})."
            )
        return by
    for name in parts:
        if name not in _UNITS:
            raise FakeUsageError(f"clock.advance: unknown argument {name!r}. Expected one of: {', '.join(_UNITS)}.")
    try:
        return timedelta(**parts)
    except (OverflowError, TypeError, ValueError) as error:
        raise FakeUsageError(
            f"clock.advance({', '.join(f'{name}={value!r}' for name, value in parts.items())}): {error}."
        ) from None
