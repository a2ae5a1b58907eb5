"""How the run time of a regular expression grows with the text, computed from its automaton.

Python's `re` backtracks: it tries every way in which a pattern can read a text. The run time is linear in the length of
the text if the number of ways to read any prefix is bounded. That number grows

- exponentially, if some text leads from a state back to itself in two ways, and
- polynomially, if some text leads from a state p back to p, from p to another state q, and from q back to q.

Otherwise it is bounded. Source: Weber and Seidl, "On the degree of ambiguity of finite automata" (1991), for trimmed
automata. Here every state counts as final, since ways that fail take time as well.

A search starts again at each character: it is the same pattern after a loop over any character.

Counted repetitions are treated as unbounded ones, and assertions as empty: that only adds ways. The content of an
assertion must have a fixed length, so that it takes constant time.
"""

from __future__ import annotations

import itertools
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MODERN = sys.version_info >= (3, 11)
_parser: Any = import_module("re._parser" if _MODERN else "sre_parse")
_compiler: Any = import_module("re._compiler" if _MODERN else "sre_compile")

_CHARACTERS = [*map(chr, range(256)), "٣", "Ж", "\u2028", "\ud800", "🕵"]
"""Samples of all characters. A pattern that distinguishes other ones needs them here."""

_START = 0
Way = tuple[int, ...]


@attrs.define
class _Automaton:
    """Glushkov's automaton: a state is a position in the pattern that reads a character; state 0 is the start.

    Attributes:
        reads: The characters that each state reads.
        after: The states that may follow each state.
        twice: Steps that can be made in two ways, as in `(a+)+`: by the inner repetition and by the outer one.
    """

    reads: list[frozenset[str]] = attrs.field(factory=lambda: [frozenset()])
    after: list[set[int]] = attrs.field(factory=lambda: [set()])
    twice: set[tuple[int, int]] = attrs.field(factory=set)

    def add(self, characters: frozenset[str]) -> int:
        self.reads.append(characters)
        self.after.append(set())
        return len(self.reads) - 1

    def lead(self, sources: Iterable[int], targets: set[int]) -> None:
        for source in sources:
            self.twice.update((source, target) for target in targets & self.after[source])
            self.after[source] |= targets

    def steps(self, places: Way) -> Iterator[Way]:
        """Yield the states that several readers may reach by reading the same character."""
        for following in itertools.product(*(sorted(self.after[place]) for place in places)):
            if frozenset.intersection(*(self.reads[place] for place in following)):
                yield following


@attrs.frozen
class _Part:
    """A part of a pattern: its possible first and last states, and whether it may be empty."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    optional: bool = True


def grows(pattern: str, flags: int = 0, *, search: bool = False) -> str | None:
    """Return how the time to read a text grows: None for linearly, `"exponentially"`, or `"as a power"`.

    Args:
        pattern: A Python regular expression.
        flags: Flags of `re`.
        search: Whether a match may begin anywhere in the text.
    """
    automaton = _Automaton()
    parsed = _parser.parse(pattern, flags)
    part = _Builder(automaton, parsed.state, flags).sequence(parsed)
    automaton.lead([_START], set(part.first))
    if search:
        before = automaton.add(frozenset(_CHARACTERS))
        automaton.lead([_START, before], {before, *part.first})
    if any(_leads(automaton, (target,), (source,)) for source, target in automaton.twice):
        return "exponentially"
    if any(_returns_in_two_ways(automaton, state) for state in range(1, len(automaton.reads))):
        return "exponentially"
    pairs = itertools.permutations(range(1, len(automaton.reads)), 2)
    return "as a power" if any(_leads_on_while_both_return(automaton, p, q) for p, q in pairs) else None


def _returns_in_two_ways(automaton: _Automaton, state: int) -> bool:
    pair = (state, state)
    return any(one != other and _leads(automaton, (one, other), pair) for one, other in _reachable(automaton, pair))


def _leads_on_while_both_return(automaton: _Automaton, p: int, q: int) -> bool:
    """Return whether one text leads from p to p, from p to q, and from q to q."""
    loops = p in automaton.after[p] or _leads(automaton, (p,), (p,))
    return loops and _leads(automaton, (p,), (q,)) and _leads(automaton, (p, p, q), (p, q, q))


def _leads(automaton: _Automaton, places: Way, goal: Way) -> bool:
    return goal in _reachable(automaton, places)


def _reachable(automaton: _Automaton, places: Way) -> set[Way]:
    found: set[Way] = set()
    look = [places]
    while look:
        new = set(automaton.steps(look.pop())) - found
        found |= new
        look += new
    return found


@attrs.frozen
class _Builder:
    """Adds the states of a parsed pattern to an automaton."""

    automaton: _Automaton
    state: Any
    flags: int

    def sequence(self, items: Any) -> _Part:
        """Return consecutive parts as one part."""
        whole = _Part()
        for name, argument in items:
            part = self.part(str(name), argument)
            self.automaton.lead(whole.last, set(part.first))
            whole = _Part(
                whole.first | part.first if whole.optional else whole.first,
                whole.last | part.last if part.optional else part.last,
                whole.optional and part.optional,
            )
        return whole

    def part(self, name: str, argument: Any) -> _Part:
        """Return one part, by the parser's name for it. Other names are not supported."""
        if name in {"LITERAL", "NOT_LITERAL", "ANY", "IN"}:
            place = frozenset({self.automaton.add(self.characters(name, argument))})
            return _Part(place, place, optional=False)
        return {
            "AT": self.position,
            "ASSERT": self.assertion,
            "ASSERT_NOT": self.assertion,
            "BRANCH": self.branch,
            "MAX_REPEAT": self.repeat,
            "MIN_REPEAT": self.repeat,
            "SUBPATTERN": self.group,
        }[name](argument)

    def characters(self, name: str, argument: Any) -> frozenset[str]:
        """Return the characters that a single item matches in Python."""
        item = _parser.SubPattern(self.state, [(getattr(_parser, name), argument)])
        reads = _compiler.compile(item, self.flags).fullmatch
        return frozenset(filter(reads, _CHARACTERS))

    def position(self, _argument: Any) -> _Part:
        """Return an empty part: `^`, `$` and similar ones read no character."""
        return _Part()

    def assertion(self, argument: Any) -> _Part:
        """Return an empty part: an assertion consumes no character."""
        shortest, longest = argument[1].getwidth()
        assert shortest == longest
        return _Part()

    def branch(self, argument: Any) -> _Part:
        """Return alternatives as one part. Only one may be empty: two would be two ways to read nothing."""
        parts = [self.sequence(items) for items in argument[1]]
        assert sum(part.optional for part in parts) <= 1
        return _Part(
            frozenset[int]().union(*(part.first for part in parts)),
            frozenset[int]().union(*(part.last for part in parts)),
            any(part.optional for part in parts),
        )

    def repeat(self, argument: Any) -> _Part:
        """Return a repetition. One of more than once counts as unbounded, and its content may not be empty."""
        fewest, most, items = argument
        part = self.sequence(items)
        if most > 1:
            assert not part.optional
            self.automaton.lead(part.last, set(part.first))
        return attrs.evolve(part, optional=part.optional or fewest == 0)

    def group(self, argument: Any) -> _Part:
        """Return the part in parentheses."""
        return self.sequence(argument[-1])
