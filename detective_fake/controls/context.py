"""What all parts of one fake share: its world, its clock, what it follows, and the lock under which all is touched."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from detective_fake.domain.clock import Clock
    from detective_fake.domain.world import World

__all__ = ["FakeContext", "Outside"]


class Outside(Protocol):
    """Something beyond Detective that the world follows, such as AWS Organizations."""

    def pull(self) -> None:
        """Let the world follow what has happened outside."""

    def push(self) -> None:
        """Tell the outside what Detective has done there."""


@attrs.define(eq=False)
class FakeContext:
    """One fake's world, clock and lock, and what it follows."""

    world: World
    clock: Clock
    lock: AbstractContextManager[object] = attrs.field(factory=RLock)
    outside: list[Outside] = attrs.field(factory=list)
