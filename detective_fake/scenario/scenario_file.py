"""Scenario files: every table is a call of the `fake.seed` function of that name, with the table's keys as arguments.

The calls are made on a scratch world, which the fake's world becomes if all of them succeed.
"""

from __future__ import annotations

import copy
from datetime import datetime  # noqa: TC003 - `arguments_of` reads the annotations
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.controls.context import FakeContext
from detective_fake.controls.seed import Seed
from detective_fake.domain.clock import Clock  # noqa: TC001 - as above
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.domain.world import World
from detective_fake.errors import FakeUsageError
from detective_fake.scenario.arguments import arguments_of, check_keys, convert
from detective_fake.scenario.files import Problem, ScenarioError, key, read, show
from detective_fake.scenario.saved_state import load_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike

__all__ = ["GRAPH_TABLES", "LISTS", "SCHEMA_KEY", "SETTINGS", "load"]

SCHEMA_KEY: Final = "$schema"
"""The key that names the JSON Schema for editors."""


def freeze_clock(clock: Clock, frozen_at: datetime) -> None:
    """Stop the fake's clock. Without this table it runs on as it was.

    Args:
        clock: The clock.
        frozen_at: The time at which the clock stands still.
    """
    clock.freeze(frozen_at)


SETTINGS: Final[Mapping[str, Callable[..., object]]] = {"clock": freeze_clock, "quotas": Quotas, "timings": Timings}
"""Tables that occur once, and what describes their keys. Values that are not given stay as the fake has them."""

LISTS: Final[Mapping[str, Callable[..., object]]] = {
    "organization": Seed.organization,
    "account": Seed.account,
    "graph": Seed.graph,
}
"""Tables that may occur several times, in the order of the calls."""

GRAPH_TABLES: Final[Mapping[str, Callable[..., object]]] = {
    "member": Seed.member,
    "investigation": Seed.investigation,
    "investigation_outcome": Seed.investigation_outcome,
}
"""Tables inside a graph."""


def load(path: str | PathLike[str], context: FakeContext, seed: Seed) -> None:
    """Replace the state of a fake by that of a scenario file or a saved state.

    Args:
        path: The file.
        context: The context of the fake.
        seed: The fake's `seed`.
    Raises:
        ScenarioError: The file cannot be read or has mistakes. Then nothing changes.
    """
    try:
        with context.lock:
            world, setting = _read_state(path, context, seed)
            context.world.become(world)
            context.clock.setting = setting
    except RecursionError:
        raise ScenarioError(str(path), [Problem("", "is nested too deeply")]) from None


def _read_state(path: str | PathLike[str], context: FakeContext, seed: Seed) -> tuple[World, tuple[int, Any]]:
    """Return the world and the clock's setting that a file describes."""
    data = read(path)
    if isinstance(data, dict) and "format" in data:
        state = load_state(path, data, context.clock)
        return state.world, state.clock
    scratch = _scratch(context)
    run = _Run(scratch, seed.on(scratch))
    run.tables(data)
    if run.problems:
        raise ScenarioError(str(path), run.problems)
    return scratch.world, scratch.clock.setting


def _scratch(context: FakeContext) -> FakeContext:
    """Return a context with an empty world, and with the options, quotas, timings and time of another one."""
    world = context.world
    empty = World(
        id_seed=world.id_seed,
        disabled_may_leave=world.disabled_may_leave,
        quotas=attrs.evolve(world.quotas),
        timings=attrs.evolve(world.timings),
    )
    return FakeContext(empty, copy.copy(context.clock))


class _Run:
    """Makes the calls that a scenario file describes, and collects its mistakes.

    Attributes:
        problems: The mistakes so far.
    """

    def __init__(self, context: FakeContext, seed: Seed) -> None:
        self._context = context
        self._seed = seed
        self.problems: list[Problem] = []

    def tables(self, data: object) -> None:
        """Make the calls of all tables."""
        if not isinstance(data, dict):
            self.problems.append(Problem("", f"expected a table, got {show(data)}"))
            return
        check_keys(data, (SCHEMA_KEY, *SETTINGS, *LISTS), "", self.problems)
        for name, function in SETTINGS.items():
            if name in data:
                self._settings(name, function, data[name])
        for name, function in LISTS.items():
            nested = GRAPH_TABLES if name == "graph" else {}
            for number, (path, table) in enumerate(self._entries(data, name, "")):
                result = self._call(getattr(self._seed, name), function, table, path, nested)
                if nested and isinstance(table, dict):
                    self._graph_tables(table, path, result or self._stand_in(number))

    def _settings(self, name: str, function: Callable[..., object], table: object) -> None:
        if function is freeze_clock:
            self._call(partial(freeze_clock, self._context.clock), function, table, name)
            return
        settings = getattr(self._context.world, name)

        def assign(**given: object) -> None:
            for argument, value in given.items():
                setattr(settings, argument, value)

        # One call for each key, so that all invalid values are found.
        entries = [{argument: value} for argument, value in table.items()] if isinstance(table, dict) else [table]
        for entry in entries:
            self._call(assign, function, entry, name)

    def _graph_tables(self, graph: Mapping[str, object], path: str, arn: object) -> None:
        for name, function in GRAPH_TABLES.items():
            for place, table in self._entries(graph, name, path):
                self._call(partial(getattr(self._seed, name), arn), function, table, place)

    def _stand_in(self, number: int) -> str:
        """Return a graph in place of one with mistakes, so that the tables inside it are checked as well."""
        at = self._context.clock.now()
        return self._context.world.create_graph(account_id=f"{number:012}", region="us-east-1", at=at).arn

    def _entries(self, table: Mapping[str, object], name: str, path: str) -> list[tuple[str, object]]:
        """Return path and table of each entry of a list, and none if there is no list."""
        entries, place = table.get(name, []), key(path, name)
        if isinstance(entries, list):
            return [(f"{place}[{number}]", entry) for number, entry in enumerate(entries)]
        header = place.replace("[", ".").partition(".")[0] + (f".{name}" if path else "")
        message = f"expected a list of tables (in TOML: [[{header}]]), got {show(entries)}"
        self.problems.append(Problem(place, message))
        return []

    def _call(
        self,
        call: Callable[..., Any],
        function: Callable[..., object],
        table: object,
        path: str,
        nested: Mapping[str, object] | None = None,
    ) -> Any:
        """Make the call of a table, and return its result; None if the table has mistakes.

        Args:
            call: Is called with the arguments in the table.
            function: Describes the arguments.
            table: What the file has.
            path: Where the file has it.
            nested: Keys of further tables inside it.
        """
        if not isinstance(table, dict):
            self.problems.append(Problem(path, f"expected a table, got {show(table)}"))
            return None
        known = arguments_of(function)
        found: list[Problem] = []
        check_keys(table, (*known, *(nested or ())), path, found)
        arguments = {}
        for name, argument in known.items():
            place, before = key(path, name), len(found)
            if name in table:
                value = convert(table[name], argument.annotation, place, found)
                if len(found) == before:
                    arguments[name] = value
            elif argument.default is argument.empty:
                found.append(Problem(place, "is missing"))
        self.problems += found
        if any(argument.default is argument.empty and name not in arguments for name, argument in known.items()):
            return None
        try:
            return call(**arguments)
        except FakeUsageError as error:
            problem = _problem(error, path, known)
            # Without its invalid keys a table may contradict others, so only a mistake in one of its keys is certain.
            if not found or problem.path != path:
                self.problems.append(problem)
        except OverflowError:
            self.problems.append(Problem(path, "leads to a time outside the years 1 to 9999"))
        return None


def _problem(error: FakeUsageError, path: str, arguments: Mapping[str, object]) -> Problem:
    """Return an error as a problem at the argument that its text begins with, or else at the table."""
    text = str(error)
    first, _, rest = text.partition(" ")
    name = first.removesuffix(":").rpartition(".")[2]
    return Problem(key(path, name), rest) if name in arguments else Problem(path, text)
