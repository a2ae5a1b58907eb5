"""Saved states: the classes of `domain/` as JSON, written and read by one cattrs converter.

A new attribute of a class is saved without a change here. Indexes and sums are not saved but built again.
"""

from __future__ import annotations

import collections.abc
import copy
import datetime as dt
import importlib
import json
import pkgutil
import re
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, partial
from pathlib import Path
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from detective_fake import domain
from detective_fake.domain.account import checked_account_id
from detective_fake.domain.choices import choice
from detective_fake.domain.event_queue import EventKind, EventQueue, PendingEvent
from detective_fake.domain.ids import partition_of
from detective_fake.domain.indicators import TYPE_KEY, Indicator, indicator_of
from detective_fake.domain.investigations import Investigation, entity_type_of
from detective_fake.domain.membership import Membership, MemberStatus
from detective_fake.domain.world import MemberTable, World
from detective_fake.errors import FakeUsageError
from detective_fake.scenario.files import Problem, ScenarioError, key, show, write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from os import PathLike

    from detective_fake.domain.clock import Clock

    Found = Iterator[tuple[str, str]]

FORMAT: Final = "detective_fake state"
VERSION: Final = 1

_CUT: Final[ContextVar[Callable[[object], datetime]]] = ContextVar("_CUT")
"""Gives a time the time zone object and the precision of the clock that is being loaded."""

_MICROSECOND: Final = timedelta(microseconds=1)


@attrs.frozen
class SavedState:
    """What a file holds.

    Attributes:
        format: Always `FORMAT`.
        version: Version of the format.
        clock: The clock's setting: milliseconds ahead of the real clock, and the time at which it stands still.
        world: The state.
    """

    format: str = attrs.field(validator=attrs.validators.in_([FORMAT]))
    version: int
    clock: tuple[int, dt.datetime | None]
    world: World


def save_state(path: str | PathLike[str], world: World, clock: Clock) -> None:
    """Write a state to a file: completely, or not at all.

    Raises:
        FakeUsageError: The suffix is not `.json`, or the file cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() != ".json":
        raise FakeUsageError(f"A saved state is a JSON file, so its name must end in .json, not {file.name!r}.")
    state = SavedState(FORMAT, VERSION, clock.setting, world)
    text = json.dumps(to_json(state), indent=1) + "\n"
    write_file(file, text.encode("ascii"))


def to_json(value: object) -> Any:
    """Return a value of the fake as a saved state has it, in the types of JSON."""
    return _converter().unstructure(value)


def load_state(path: str | PathLike[str], data: Mapping[str, Any], clock: Clock) -> SavedState:
    """Return the state in a file's data, with its indexes.

    Args:
        path: The file, for errors.
        data: Its content.
        clock: The fake's clock, whose time zone all times get.
    Raises:
        ScenarioError: The data is damaged, of another version, or inconsistent.
    """
    if data.get("version") != VERSION:
        message = f"expected {VERSION}, the only version that can be read, got {show(data.get('version'))}"
        raise ScenarioError(str(path), [Problem("version", message)])
    token = _CUT.set(clock.cut)
    try:
        state = _converter().structure(data, SavedState)
    except (cattrs.BaseValidationError, ValueError) as error:
        problems = list(_problems(error, ""))
        raise ScenarioError(str(path), problems) from None
    finally:
        _CUT.reset(token)
    problems = [Problem(f"world.{where}", message) for where, message in inconsistencies(state.world)]
    try:
        moved = copy.copy(clock)
        moved.setting = state.clock
        moved.check(moved.now())
    except (FakeUsageError, OverflowError):
        problems.append(Problem("clock", "expected a time in the years 1000 to 8999"))
    if problems:
        raise ScenarioError(str(path), problems)
    state.world.build_indexes()
    return state


@cache
def _converter() -> cattrs.Converter:
    """Return the converter of all domain classes. Reading needs `_CUT`."""
    _resolve_types()
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _structure_scalar)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda text, _: _CUT.get()(datetime.fromisoformat(text)))
    converter.register_unstructure_hook(timedelta, lambda duration: duration // _MICROSECOND)
    converter.register_structure_hook(timedelta, lambda count, _: count * _MICROSECOND)
    converter.register_unstructure_hook(
        Indicator, lambda found: {TYPE_KEY: found.indicator_type.value, **attrs.asdict(found)}
    )
    converter.register_structure_hook(Indicator, lambda given, _: indicator_of(given))
    _save_as_list(converter, EventQueue, PendingEvent, EventQueue.events, EventQueue)
    by_account, by_id = partial(_by_name, "account_id"), partial(_by_name, "investigation_id")
    _save_as_list(converter, dict[str, Investigation], Investigation, dict.values, by_id)
    _save_as_list(
        converter,
        MemberTable,
        Membership,
        lambda table: table.rows.values(),
        lambda rows: MemberTable(by_account(rows)),
    )
    converter.register_unstructure_hook_func(
        _has_tuple_keys, lambda table: [[*names, converter.unstructure(value)] for names, value in table.items()]
    )
    converter.register_structure_hook_factory(_has_tuple_keys, lambda kind: _pairs_reader(converter, kind))
    # Attributes that do not count when worlds are compared are options of the fake, or indexes.
    omitted: Any = {field.name: override(omit=True) for field in attrs.fields(World) if not field.eq}
    converter.register_unstructure_hook(World, make_dict_unstructure_fn(World, converter, **omitted))
    converter.register_structure_hook(
        World, make_dict_structure_fn(World, converter, _cattrs_forbid_extra_keys=True, **omitted)
    )
    return converter


@cache
def _resolve_types() -> None:
    """Evaluate the annotations of all domain classes, which import names for type checking only."""
    found = pkgutil.iter_modules(domain.__path__, f"{domain.__name__}.")
    modules = [importlib.import_module(each.name) for each in found]
    names = {name: value for module in (collections.abc, dt, *modules) for name, value in vars(module).items()}
    for kind in list(names.values()):
        if isinstance(kind, type) and attrs.has(kind):
            attrs.resolve_types(kind, globalns=names)


def _structure_scalar(value: object, kind: type) -> object:
    """Return a string, number or boolean, or the member of an enum that has this value."""
    if issubclass(kind, Enum):
        return choice(kind, value)
    if type(value) is not kind:
        raise TypeError
    return value


def _save_as_list(
    converter: cattrs.Converter, kind: object, row: Any, rows: Callable[..., Any], build: Callable[..., Any]
) -> None:
    """Let a converter write values of a type as a list of their rows, and build them from it."""

    def is_kind(given: object) -> bool:
        return given == kind

    converter.register_unstructure_hook_func(is_kind, lambda value: converter.unstructure([*rows(value)]))
    converter.register_structure_hook_func(is_kind, lambda given, _: build(converter.structure(given, list[row])))


def _by_name(attribute: str, rows: list[Any]) -> dict[str, Any]:
    """Return rows by the attribute that names them."""
    named = {getattr(row, attribute): row for row in rows}
    if len(named) < len(rows):
        raise ValueError("expected one entry for each account or investigation, got two for one")
    return named


def _has_tuple_keys(kind: Any) -> bool:
    return get_origin(kind) is dict and get_origin(get_args(kind)[0]) is tuple


def _pairs_reader(converter: cattrs.Converter, kind: Any) -> Callable[[Any, Any], Any]:
    names, value = get_args(kind)
    entry: Any = GenericAlias(tuple, (*get_args(names), value))
    return lambda given, _: {tuple(names): value for *names, value in converter.structure(given, list[entry])}


def _problems(error: BaseException, path: str, kind: type | None = None) -> Iterator[Problem]:
    """Yield the errors of a group with their paths."""
    if not isinstance(error, (cattrs.ClassValidationError, cattrs.IterableValidationError)):
        yield Problem(path, _describe(error, kind))
        return
    located, others = error.group_exceptions()
    for inner, note in located:
        step: Any = getattr(note, "name", None) or getattr(note, "index", "")
        yield from _problems(inner, f"{path}[{step}]" if isinstance(step, int) else key(path, step), note.type)
    for inner in others:
        yield from _problems(inner, path)


def _describe(error: BaseException, kind: type | None) -> str:
    """Return the text for an error that was raised while a value of this type was read."""
    if isinstance(error, KeyError):
        return "is missing"
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        return f"unknown key: {', '.join(sorted(map(show, error.extra_fields)))}"
    if isinstance(error, (ValueError, FakeUsageError)):
        return str(error)
    return f"expected {getattr(kind, '__name__', kind)}, got something else"


_GRAPH_ARN: Final = re.compile(r"arn:[-a-z]{3,20}:detective:([-a-z0-9]{2,20}):([0-9]{12}):graph:[a-f0-9]{32}", re.ASCII)


def inconsistencies(world: World) -> Found:
    """Yield the path and an expectation for everything in a world that contradicts something else."""
    for account_id, account in world.accounts.items():
        yield from _account_ids(key("accounts", account_id), [account_id])
        if account_id != account.account_id:
            yield key("accounts", account_id), f"expected the account_id {show(account.account_id)} as its key"
    yield from _organizations(world)
    yield from _graphs(world)
    for arn in world.graphs:
        if arn in world.members and arn in world.investigations:
            yield from _rows(world, arn)
    yield from _numbers(world)
    for arn, entity_arn in world.prepared:
        if arn not in world.graphs:
            yield key("prepared", arn), f"there is no such graph, but an outcome for {show(entity_arn)}"
    for event in world.event_queue.events():
        if not _has_subject(world, event):
            yield "event_queue", f"event {event.number} is for {show(event.subject)}, which waits for no such event"


def _has_subject(world: World, event: PendingEvent) -> bool:
    """Return whether what an event is for exists and waits for it."""
    if event.kind is EventKind.INVESTIGATION:
        return world.investigation(event.scope, event.subject) is not None
    if event.kind not in {EventKind.VERIFICATION, EventKind.ENABLING}:
        return event.kind is EventKind.ADMINISTRATOR_VISIBILITY or event.scope in world.graphs
    row = world.membership(event.scope, event.subject)
    if row is None or row.number != event.membership:
        return False
    return row.enabling if event.kind is EventKind.ENABLING else row.status is MemberStatus.VERIFICATION_IN_PROGRESS


def _account_ids(path: str, account_ids: Iterable[str]) -> Found:
    for account_id in account_ids:
        try:
            checked_account_id(account_id)
        except FakeUsageError as error:  # noqa: PERF203 - every account ID is checked
            yield path, str(error)


def _organizations(world: World) -> Found:
    for name, organization in world.organizations.items():
        path, accounts = key("organizations", name), organization.accounts
        yield from _account_ids(path, accounts)
        if name != organization.organization_id:
            yield path, f"expected the organization_id {show(organization.organization_id)} as its key"
        if organization.management_account_id not in accounts:
            yield key(path, "accounts"), "expected the management account among them"
        if organization.delegated_administrator_id not in {None, *accounts} - {organization.management_account_id}:
            yield key(path, "delegated_administrator_id"), "expected an account other than the management account"
        for account_id in accounts:
            present = world.organization_of(account_id)
            if present is not organization and present is not None:
                yield key(path, "accounts"), f"{account_id} is in {present.organization_id} already"
    for region, organization_id in world.designations:
        if organization_id not in world.organizations:
            yield key("designations", region), f"there is no organization {show(organization_id)}"


def _graphs(world: World) -> Found:
    first: dict[tuple[str, str], str] = {}
    for arn, graph in world.graphs.items():
        path = key("graphs", arn)
        expected = f"arn:{partition_of(graph.region)}:detective:{graph.region}:{graph.administrator_id}:graph:"
        if arn != graph.arn:
            yield path, f"expected the arn {show(graph.arn)} as its key"
        if not _GRAPH_ARN.fullmatch(graph.arn) or not graph.arn.startswith(expected):
            yield key(path, "arn"), f"expected {expected} and 32 hexadecimal digits"
        if first.setdefault((graph.region, graph.administrator_id), arn) != arn:
            yield path, f"{graph.administrator_id} administers another graph in {graph.region} already"
        if graph.organization_id is not None and graph.organization_id not in world.organizations:
            yield key(path, "organization_id"), f"there is no organization {show(graph.organization_id)}"
    for name, arns in (("members", world.members.keys()), ("investigations", world.investigations.keys())):
        for arn in sorted(arns ^ world.graphs.keys()):
            yield key(name, arn), "expected an entry for each graph, and no others"


def _rows(world: World, arn: str) -> Found:
    graph, members = world.graphs[arn], key("members", arn)
    yield from _account_ids(members, world.members[arn].rows)
    for account_id, row in world.members[arn].rows.items():
        path = key(members, account_id)
        if account_id == graph.administrator_id and row.status is not MemberStatus.ENABLED:
            yield key(path, "status"), "expected ENABLED, as the account administers the graph"
        if row.usage is not None and row.status is not MemberStatus.ENABLED:
            yield key(path, "usage"), f"expected null, as the member is {row.status.value}"
        if (row.disabled_reason or row.enabling) and row.status is not MemberStatus.ACCEPTED_BUT_DISABLED:
            name, value = ("enabling", "false") if row.enabling else ("disabled_reason", "null")
            yield key(path, name), f"expected {value}, as the member is {row.status.value}"
    for name, investigation in world.investigations[arn].items():
        if entity_type_of(investigation.entity_arn) is not investigation.entity_type:
            path = key(key("investigations", arn), name)
            yield path, f"expected an entity_arn of an {investigation.entity_type.value}"


def _numbers(world: World) -> Found:
    rows = [row.number for table in world.members.values() for row in table.rows.values()]
    rows += [row.number for table in world.investigations.values() for row in table.values()]
    numbers = [*rows, *(event.number for event in world.event_queue.events())]
    if len(set(numbers)) < len(numbers) or not all(0 < number <= world.last_number for number in numbers):
        yield "last_number", "expected each number once, from 1 to last_number"
