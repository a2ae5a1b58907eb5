"""Scenario files: every table is a call of the `fake.seed` function of that name, with the table's keys as arguments.

The calls are made on an empty world. If one of them fails, the fake's world and clock are as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime  # noqa: TC003 - `arguments_of` reads the annotations
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from detective_fake.controls.seed import Seed
from detective_fake.domain.clock import Clock  # noqa: TC001 - as above
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.domain.world import World
from detective_fake.errors import FakeUsageError
from detective_fake.scenario.arguments import arguments_of, check_keys, read_arguments
from detective_fake.scenario.files import Problem, ScenarioError, key, read, show
from detective_fake.scenario.saved_state import load_state, to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from detective_fake.controls.context import FakeContext

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

LISTS: Final = ("organization", "account", "graph")
"""Tables that may occur several times, in the order of the calls. Each is named after a function of `Seed`."""

GRAPH_TABLES: Final = ("member", "investigation", "investigation_outcome")
"""Tables inside a graph, named likewise."""


def load(source: str | PathLike[str] | Mapping[str, Any], context: FakeContext, seed: Seed) -> None:
    """Replace the state of a fake by that of a scenario file or a saved state.

    Args:
        source: The file, or its content.
        context: The context of the fake.
        seed: The fake's `seed`.
    Raises:
        ScenarioError: The file cannot be read or has mistakes. Then nothing changes.
    """
    name = "given" if isinstance(source, Mapping) else str(source)
    world, clock = context.world, context.clock
    with context.lock:
        before, setting = world.copy(), clock.setting
        try:
            data = dict(source) if isinstance(source, Mapping) else read(source)
            if isinstance(data, dict) and "format" in data:
                state = load_state(name, data, clock)
                world.become(state.world)
                clock.setting = state.clock
            else:
                world.become(World(quotas=world.quotas, timings=world.timings))
                with context.all_or_nothing():  # once, because each of a thousand tables would copy the world
                    _Run(context, seed).tables(data, name)
        except BaseException as error:
            world.become(before)
            clock.setting = setting
            if isinstance(error, RecursionError):
                raise ScenarioError(name, [Problem("", "is nested too deeply")]) from None
            raise


class _Run:
    """Makes the calls that a scenario file describes, and collects its mistakes.

    Attributes:
        problems: The mistakes so far.
    """

    def __init__(self, context: FakeContext, seed: Seed) -> None:
        self._context = context
        self._seed = seed
        self.problems: list[Problem] = []

    def tables(self, data: object, file: str) -> None:
        """Make the calls of all tables.

        Raises:
            ScenarioError: There are mistakes in them.
        """
        if not isinstance(data, dict):
            raise ScenarioError(file, [Problem("", f"expected a table, got {show(data)}")])
        check_keys(data, (SCHEMA_KEY, *SETTINGS, *LISTS), "", self.problems)
        for name, function in SETTINGS.items():
            if name in data:
                self._settings(name, function, data[name])
        for name in LISTS:
            nested = GRAPH_TABLES if name == "graph" else ()
            for number, (path, table) in enumerate(self._entries(data, name, "")):
                result = self._call(getattr(self._seed, name), getattr(Seed, name), table, path, nested)
                if nested and isinstance(table, dict):
                    self._graph_tables(table, path, result or self._stand_in(number))
        if self.problems:
            raise ScenarioError(file, self.problems)

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
        for name in GRAPH_TABLES:
            for place, table in self._entries(graph, name, path):
                self._call(partial(getattr(self._seed, name), arn), getattr(Seed, name), table, place)

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
        nested: tuple[str, ...] = (),
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
        check_keys(table, (*known, *nested), path, found)
        arguments = read_arguments(table, known, path, found)
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
        return None


def _problem(error: FakeUsageError, path: str, arguments: Mapping[str, object]) -> Problem:
    """Return an error as a problem at the argument that its text begins with, or else at the table."""
    text = str(error)
    first, _, rest = text.partition(" ")
    name = first.removesuffix(":").rpartition(".")[2]
    return Problem(key(path, name), rest) if name in arguments else Problem(path, text)


def scenario_of(world: World) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a scenario file that make a world, as far as `fake.seed` can."""
    return {
        "organization": [_table_of(Seed.organization, each) for each in world.organizations.values()],
        "account": [
            _table_of(Seed.account, each, daily_volume_bytes="unknown" if each.volumes is None else each.volumes)
            for each in world.accounts.values()
        ],
        "graph": [
            {
                **_table_of(
                    Seed.graph, graph, packages=graph.started, organization_graph=graph.organization_id is not None
                ),
                "member": [
                    _table_of(Seed.member, row)
                    for row in world.members[graph.arn].ordered()
                    if row.account_id != graph.administrator_id
                ],
                "investigation": [
                    _table_of(Seed.investigation, row) for row in world.investigations[graph.arn].values()
                ],
            }
            for graph in world.graphs.values()
        ],
    }


def _table_of(function: Callable[..., Any], value: object, **others: object) -> dict[str, Any]:
    """Return the arguments of a function that are attributes of a value, and others, without defaults."""
    known = arguments_of(function)
    found = to_json({name: getattr(value, name, None) for name in known} | others)
    return {name: each for name, each in found.items() if each not in (None, {}, []) and each != known[name].default}
