"""What faults, denials and overrides share: they apply to matching calls, and are reported if no call uses them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from textwrap import indent
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

import attrs

from detective_fake.journal.expectations import closest_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    from detective_fake.controls.context import FakeContext
    from detective_fake.exchange import Request
    from detective_fake.journal.calls import Journal
    from detective_fake.journal.expectations import Difference

__all__ = ["Rule", "Rules", "unused_report"]

R = TypeVar("R", bound="Rule")

_running: Final[ContextVar[tuple[Rule, ...]]] = ContextVar("_running", default=())


@attrs.define(kw_only=True, eq=False, repr=False)
class Rule(ABC):
    """A fault, a denial or an override. In a `with` statement it ends with the block.

    Attributes:
        kind: What a report calls it.
        used: How many attempts at calls it was used for.
    """

    kind: ClassVar[str]

    rules: Rules[Any]
    used: int = attrs.field(default=0, init=False)
    _calls_at_end: int | None = attrs.field(default=None, init=False)
    _calls_before: int = attrs.field(
        default=attrs.Factory(lambda self: self.rules.journal.made, takes_self=True), init=False
    )

    @abstractmethod
    def differences(self, request: Request) -> Iterator[Difference]:
        """Yield each reason why the rule does not match a request."""

    @property
    @abstractmethod
    def obstacle(self) -> str:
        """Why the rule was not used for a call that it matches."""

    @abstractmethod
    def __str__(self) -> str: ...

    def __repr__(self) -> str:
        return f"<{self}, used {self.used} time{'' if self.used == 1 else 's'}>"

    def end(self) -> None:
        """Stop applying to calls. A rule that no call has used is still reported as unused."""
        with self.rules.lock:
            if self in self.rules.active:
                self.rules.active.remove(self)
                self._calls_at_end = self.rules.journal.made

    def remove(self) -> None:
        """Stop applying to calls, and do not report the rule as unused."""
        with self.rules.lock:
            self.end()
            if self in self.rules.added:
                self.rules.added.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Guard against re-entrance: calls that the rule's own function makes do not use the rule."""
        token = _running.set((*_running.get(), self))
        try:
            yield
        finally:
            _running.reset(token)

    @property
    def is_running(self) -> bool:
        """Whether this thread or task is inside the rule's own function. Threads started there are not."""
        return self in _running.get()

    def report(self) -> str:
        """Return the rule, with the calls that came closest to using it, as indented lines."""
        last = self.rules.journal.made if self._calls_at_end is None else self._calls_at_end
        calls = [
            (number, record) for number, record in self.rules.journal.numbered if self._calls_before < number <= last
        ]
        if not calls:
            return f"  {self}\n    No calls were made while it was active."
        closest = closest_calls(calls, lambda record: self.differences(record.request), self.obstacle)
        return f"  {self}\n    Closest of {len(calls)} call{'s' if len(calls) > 1 else ''}:\n{indent(closest, '  ')}"


class Rules(Generic[R]):
    """All faults, denials or overrides of one fake.

    Attributes:
        active: Those that apply to calls, oldest first.
        added: Those that were added and not removed, oldest first.
    """

    def __init__(self, context: FakeContext, journal: Journal) -> None:
        self.active: list[R] = []
        self.added: list[R] = []
        self.journal = journal
        self.lock = context.lock

    def activate(self, rule: R) -> R:
        """Apply a rule to calls from now on, and return it."""
        with self.lock:
            self.added.append(rule)
            self.active.append(rule)
        return rule

    def unused(self) -> tuple[R, ...]:
        """Return those that no call has used."""
        with self.lock:
            return tuple(rule for rule in self.added if not rule.used)

    def clear(self) -> None:
        """Remove all."""
        with self.lock:
            self.active.clear()
            self.added.clear()

    def __iter__(self) -> Iterator[R]:
        """Yield those that were added and not removed, also those that no longer apply to calls."""
        return iter(tuple(self.added))

    def __len__(self) -> int:
        """Return how many were added and not removed."""
        return len(self.added)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {', '.join(map(repr, self)) or 'none'}>"


def unused_report(*rules: Rules[Any]) -> str | None:
    """Return a report of the rules that no call has used; None if all were used."""
    unused = [rule for each in rules for rule in each.unused()]
    if not unused:
        return None
    counts = Counter(rule.kind for rule in unused)
    names = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items())
    was, them = ("was", "it") if len(unused) == 1 else ("were", "them")
    reports = "\n".join(rule.report() for rule in unused)
    return f'{names} {was} never used:\n{reports}\n  Remove {them}, or create the fake with unused_faults="ignore".'
