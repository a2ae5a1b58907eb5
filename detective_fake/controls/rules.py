"""What faults, denials and overrides share: they apply to matching calls, and are reported if no call uses them."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections import Counter
from contextlib import contextmanager
from contextvars import ContextVar
from textwrap import indent
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

import attrs

from detective_fake.errors import DOCS
from detective_fake.formatting import calling_place
from detective_fake.journal.expectations import closest_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from typing_extensions import Self

    from detective_fake.controls.context import FakeContext
    from detective_fake.exchange import Request
    from detective_fake.journal.calls import Journal
    from detective_fake.journal.expectations import Difference

R = TypeVar("R", bound="Rule")

_running: Final[ContextVar[tuple[Rule, ...]]] = ContextVar("_running", default=())


@attrs.define(kw_only=True, eq=False, repr=False)
class Rule(ABC):
    """A fault, a denial or an override. In a `with` statement it ends with the block.

    Attributes:
        kind: What a report calls it.
        used: How many attempts at calls it was used for.
        place: File and line of the code that added it.
        excused: Whether it is not reported as unused: a call in an `isolated` block used it, or a test failed.
    """

    kind: ClassVar[str]

    rules: Rules[Any]
    used: int = attrs.field(default=0, init=False)
    place: str = attrs.field(factory=calling_place, init=False)
    excused: bool = attrs.field(default=False, init=False)
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
        with self.rules.context.lock:
            if self in self.rules.active:
                self.rules.active.remove(self)
                self._calls_at_end = self.rules.journal.made

    def remove(self) -> None:
        """Stop applying to calls, and do not report the rule as unused."""
        with self.rules.context.lock:
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
        text = "    No calls were made while it was active."
        if calls:
            closest = closest_calls(calls, lambda record: self.differences(record.request), self.obstacle)
            text = f"    Closest of {len(calls)} call{'s' if len(calls) > 1 else ''}:\n{indent(closest, '  ')}"
        return f"  {self}\n{text}\n    Added at {self.place}."


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
        self.context = context

    def activate(self, rule: R) -> R:
        """Apply a rule to calls from now on, and return it."""
        with self.context.lock:
            self.added.append(rule)
            self.active.append(rule)
        return rule

    def unused(self) -> tuple[R, ...]:
        """Return those that no call has used and that are not excused."""
        with self.context.lock:
            return tuple(rule for rule in self.added if not (rule.used or rule.excused))

    def clear(self) -> None:
        """Remove all."""
        with self.context.lock:
            self.active.clear()
            self.added.clear()

    def checkpoint(self) -> Callable[[], None]:
        """Return a function that goes back to the rules of this moment, and to how often each was used."""
        active, added = tuple(self.active), [(rule, copy.copy(rule)) for rule in self.added]

        def go_back() -> None:
            self.active[:] = active
            self.added[:] = [rule for rule, _ in added]
            for rule, former in added:
                former.excused = rule.excused or rule.used > former.used
                for field in attrs.fields(type(rule)):
                    setattr(rule, field.name, getattr(former, field.name))

        return go_back

    def __iter__(self) -> Iterator[R]:
        """Yield those that were added and not removed, also those that no longer apply to calls."""
        return iter(tuple(self.added))

    def __len__(self) -> int:
        """Return how many were added and not removed."""
        return len(self.added)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {', '.join(map(repr, self)) or 'none'}>"


def unused_report(*rules: Rules[Any], ignored: Collection[Rule] = ()) -> str | None:
    """Return a report of the rules that no call has used; None if all were used."""
    unused = [rule for each in rules for rule in each.unused() if rule not in ignored]
    if not unused:
        return None
    counts = Counter(rule.kind for rule in unused)
    names = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items())
    was, them = ("was", "it") if len(unused) == 1 else ("were", "them")
    reports = "\n".join(rule.report() for rule in unused)
    advice = f'Remove {them}, or create the fake with unused_faults="ignore".'
    return f"{names} {was} never used:\n{reports}\n  {advice}\n  See {DOCS}unused-faults"
