"""How long a regular expression can take: in how many ways it can read one text, by the automaton that it stands for.

Python's `re` goes back and tries the other ways. It reads a text of n characters in time proportional to n if the
number of ways to read any beginning of it is bounded, whether or not the rest matches in the end. That number grows

- exponentially, if some text leads from a place in the pattern back to itself in two ways, and
- as a power of n, if some text leads from a place p back to p, from p to another place q, and from q back to q;

and it is bounded otherwise. Source: Weber and Seidl, "On the degree of ambiguity of finite automata" (1991), for
trimmed automata; here every place counts as an end, since a way that leads nowhere takes its time as well.

`search` and its like begin anew at each character: they are the same pattern after a loop over anything.

Counted repetitions are taken for endless ones and assertions for nothing: that only adds ways. What is in an assertion
must be of fixed length, then it costs no more than that.
"""

from __future__ import annotations

import itertools
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["grows"]

_MODERN = sys.version_info >= (3, 11)
_parser: Any = import_module("re._parser" if _MODERN else "sre_parse")
_compiler: Any = import_module("re._compiler" if _MODERN else "sre_compile")

_CHARACTERS = [*map(chr, range(256)), "٣", "Ж", "\u2028", "\ud800", "🕵"]
"""Stand for all there are: patterns that tell further ones apart would need them here."""

_START = 0
Way = tuple[int, ...]


@attrs.define
class _Automaton:
    """Glushkov's: a state is a place in the pattern where a character is read; state 0 stands before all of them.

    Attributes:
        reads: What each state reads.
        after: Which states may follow each.
        twice: Steps that there are two ways to make, as in `(a+)+`: within the inner repetition, and by the outer one.
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
        """Yield where several readers may be after one and the same character more."""
        for following in itertools.product(*(sorted(self.after[place]) for place in places)):
            if frozenset.intersection(*(self.reads[place] for place in following)):
                yield following


@attrs.frozen
class _Part:
    """Of a pattern: where it may begin, where it may end, and whether it may be nothing."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    optional: bool = True


def grows(pattern: str, flags: int = 0, *, search: bool = False) -> str | None:
    """Return how the time to read a text grows: None for in proportion, `"exponentially"`, or `"as a power"`.

    Args:
        pattern: A regular expression of Python's.
        flags: Those of `re`.
        search: Whether it is looked for anywhere in a text, and not matched from its beginning.
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
    """Tell whether one text leads from p to p, from p to q, and from q to q."""
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
    """Makes the states of a parsed pattern."""

    automaton: _Automaton
    state: Any
    flags: int

    def sequence(self, items: Any) -> _Part:
        """Return parts that follow one another, as one."""
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
        """Return one part by the parser's name for it; one that is not spoken of here is an error."""
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
        """Return which characters a single item reads, as Python reads them."""
        item = _parser.SubPattern(self.state, [(getattr(_parser, name), argument)])
        reads = _compiler.compile(item, self.flags).fullmatch
        return frozenset(filter(reads, _CHARACTERS))

    def position(self, _argument: Any) -> _Part:
        """Return nothing: `^`, `$` and their like read nothing."""
        return _Part()

    def assertion(self, argument: Any) -> _Part:
        """Return nothing, for what is looked at and not read."""
        shortest, longest = argument[1].getwidth()
        assert shortest == longest
        return _Part()

    def branch(self, argument: Any) -> _Part:
        """Return alternatives as one; only one of them may be nothing, as that is done in two ways otherwise."""
        parts = [self.sequence(items) for items in argument[1]]
        assert sum(part.optional for part in parts) <= 1
        return _Part(
            frozenset[int]().union(*(part.first for part in parts)),
            frozenset[int]().union(*(part.last for part in parts)),
            any(part.optional for part in parts),
        )

    def repeat(self, argument: Any) -> _Part:
        """Return what is repeated; more than once is as often as you like, and then it may not be nothing."""
        fewest, most, items = argument
        part = self.sequence(items)
        if most > 1:
            assert not part.optional
            self.automaton.lead(part.last, set(part.first))
        return attrs.evolve(part, optional=part.optional or fewest == 0)

    def group(self, argument: Any) -> _Part:
        """Return what is in parentheses."""
        return self.sequence(argument[-1])
