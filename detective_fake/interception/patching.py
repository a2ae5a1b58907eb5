"""An attribute of a class or an object, replaced for a while and put back.

Knows nothing of what it replaces. Others may have replaced the same attribute before, or do so meanwhile.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Patch"]

_INHERITED: Final = object()


class Patch:
    """A replacement for one method.

    Args:
        owner: The class that defines it, or an object with a `__dict__`.
        name: The method.
        replacement: What stands in its place. Where somebody has replaced it in turn, it cannot be taken away, and
            must pass everything on to `below` once `active` is false.
    """

    def __init__(self, owner: object, name: str, replacement: Callable[..., Any]) -> None:
        self._owner = owner
        self._name = name
        self._replacement = replacement
        self._before = self._current()
        self.active = False

    @property
    def below(self) -> Callable[..., Any]:
        """What one would get without the replacement; for an object that has nothing of its own, its class's method."""
        if self._before is _INHERITED:
            return types.MethodType(getattr(type(self._owner), self._name), self._owner)
        return self._before  # type: ignore[return-value]

    def start(self) -> bool:
        """Put the replacement in place, also where somebody has taken it away; not on top of another's.

        Returns:
            Whether it is in use now. It is not where another's has come to stand before this could.
        """
        current = self._current()
        if current is self._before:
            self.active = True
            setattr(self._owner, self._name, self._replacement)
        elif current is self._replacement:
            self.active = True
        return self.active

    def stop(self) -> None:
        """Put back what was there before, exactly; leave the replacement where it is if another's stands on it."""
        self.active = False
        if self._current() is not self._replacement:
            return
        if self._before is _INHERITED:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._before)

    def _current(self) -> object:
        return self._owner.__dict__.get(self._name, _INHERITED)
