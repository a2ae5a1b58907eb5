"""Copy on write: containers that a snapshot and the living world hold in common until one of them is written.

Knows nothing of what it holds.
"""

from __future__ import annotations

from copy import copy
from typing import Generic, TypeVar

__all__ = ["Shared"]


C = TypeVar("C")


class Shared(Generic[C]):
    """A container that is copied at the first write after it was lent to a snapshot.

    Attributes:
        value: For reading. Write only to what `own()` returns.
    """

    __slots__ = ("_lent", "value")

    def __init__(self, value: C) -> None:
        self.value: C = value
        self._lent = False

    def lend(self) -> C:
        """Return the container to keep as it now is: the next `own()` copies it."""
        self._lent = True
        return self.value

    def take(self, value: C) -> None:
        """Hold what a snapshot has kept, without touching it."""
        self.value = value
        self._lent = True

    def own(self) -> C:
        """Return the container for writing."""
        if self._lent:
            self.value = copy(self.value)
            self._lent = False
        return self.value
