"""Plain data, as TOML and JSON have it, to the classes of `format` and back.

Everything that one value can tell by itself is checked here; what values say together is for `checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Union, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from detective_fake.domain.indicators import INDICATORS, TYPE_KEY, Indicator, IndicatorType
from detective_fake.scenario.entries import Entry
from detective_fake.scenario.format import Scenario
from detective_fake.scenario.kinds import KINDS
from detective_fake.scenario.problems import Problem, index, key
from detective_fake.scenario.values import Unexpected, cut, shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from detective_fake.scenario.kinds import Kind

    Structure = Callable[[Any, Any], Any]

__all__ = ["SCHEMA_KEY", "non_optional", "parse", "plain"]

SCHEMA_KEY: Final = "$schema"
"""Names the JSON Schema for editors; ignored."""


class _Several(Exception):
    """Values inside a list or a table are not what belongs there."""

    def __init__(self, found: list[tuple[int | str, Exception]]) -> None:
        super().__init__()
        self.found = found


_REFUSALS: Final = (Unexpected, _Several, ClassValidationError)


def parse(data: object) -> tuple[Scenario | None, list[Problem]]:
    """Return what a file says, or else everything that is wrong with it."""
    if isinstance(data, dict) and type(data.get(SCHEMA_KEY)) is str:
        data = {name: value for name, value in data.items() if name != SCHEMA_KEY}
    try:
        return _CONVERTER.structure(data, Scenario), []
    except _REFUSALS as refusal:
        return None, list(_problems(refusal, ""))


def plain(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as tables, lists, strings, numbers, booleans and aware datetimes; defaults are left out."""
    written: dict[str, Any] = _CONVERTER.unstructure(scenario)
    return written


def non_optional(kind: Any) -> Any:
    """Return `X` of `X | None`, and every other type as it is."""
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    (only,) = (each for each in get_args(kind) if each is not type(None))
    return only


def _problems(error: BaseException, path: str) -> Iterator[Problem]:
    if isinstance(error, _Several):
        for step, inner in error.found:
            yield from _problems(inner, index(path, step) if isinstance(step, int) else key(path, step))
    elif isinstance(error, ClassValidationError):
        with_names, without_names = error.group_exceptions()
        for inner, note in with_names:
            yield from _problems(inner, key(path, note.name))
        for inner in without_names:
            yield from _problems(inner, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = tuple(field.name for field in attrs.fields(error.cl))
        for name in sorted(error.extra_fields):
            yield Problem(key(path, name), f"is no key here; {suggestion(cut(name), known)}")
    elif isinstance(error, KeyError):
        yield Problem(path, "is missing")
    else:
        yield Problem(path, str(error))


def _list_reader(kind: Any) -> Structure:
    read = _reader(get_args(kind)[0])

    def structure(value: object, _kind: object) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Unexpected(shown(value), "a list")
        return tuple(_each(enumerate(value), read))

    return structure


def _mapping_reader(kind: Any) -> Structure:
    read_name, read = map(_reader, get_args(kind))

    def structure(value: object, _kind: object) -> dict[str, Any]:
        if type(value) is not dict:
            raise Unexpected(shown(value), "a table")
        names = _each(((name, name) for name in value), read_name)
        return dict(zip(names, _each(value.items(), read), strict=True))

    return structure


def _optional_reader(kind: Any) -> Structure:
    # There is no null: what is not given is not there.
    read = _reader(non_optional(kind))
    return lambda value, _kind: read(value)


def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return what reads this type; looked up now, as there may be a hundred thousand values of it."""
    if kind in KINDS:
        return KINDS[kind].structure
    return lambda value: _CONVERTER.structure(value, kind)


def _each(values: Iterable[tuple[int | str, Any]], read: Callable[[Any], Any]) -> list[Any]:
    structured: list[Any] = []
    found: list[tuple[int | str, Exception]] = []
    for step, value in values:
        try:
            structured.append(read(value))
        except _REFUSALS as refusal:  # noqa: PERF203 - each on its own: all that is wrong is told at once
            found.append((step, refusal))
    if found:
        raise _Several(found)
    return structured


def _table_reader(cls: type[attrs.AttrsInstance]) -> Structure:
    read: Structure = make_dict_structure_fn(
        cls, _CONVERTER, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True
    )
    bare = _bare_key(cls)
    read_bare = _reader(attrs.fields_dict(cls)[bare].type) if bare else None

    def structure(value: object, kind: Any) -> Any:
        if type(value) is dict:
            return read(value, kind)
        if read_bare is None:
            raise Unexpected(shown(value), "a table")
        if type(value) is not str:
            raise Unexpected(shown(value), f"a table, or the {bare} alone")
        return cls(**{bare: read_bare(value)})

    return structure


def _table_writer(cls: type[attrs.AttrsInstance]) -> Callable[[Any], Any]:
    write: Callable[[Any], dict[str, Any]] = make_dict_unstructure_fn(cls, _CONVERTER, _cattrs_omit_if_default=True)
    bare = _bare_key(cls)
    kind = {TYPE_KEY: cls.indicator_type.value} if issubclass(cls, Indicator) else {}

    def unstructure(entry: object) -> object:
        table = kind | write(entry)
        return table[bare] if table.keys() == {bare} else table

    return unstructure


def _bare_key(cls: type) -> str:
    """Return the key whose value may stand for the whole entry, empty if none may."""
    return cls.BARE if issubclass(cls, Entry) else ""


def _structure_indicator(value: object, _kind: object) -> Indicator:
    if type(value) is not dict:
        raise Unexpected(shown(value), f"a table of {TYPE_KEY} and its members")
    members = dict(value)
    if TYPE_KEY not in members:
        raise _Several([(TYPE_KEY, KeyError())])
    try:
        indicator_type = _CONVERTER.structure(members.pop(TYPE_KEY), IndicatorType)
    except Unexpected as refusal:
        raise _Several([(TYPE_KEY, refusal)]) from None
    indicator: Indicator = _CONVERTER.structure(members, INDICATORS[indicator_type])
    return indicator


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    for kind, values in KINDS.items():
        converter.register_structure_hook(kind, _hook(values))
        if values.write is not None:
            converter.register_unstructure_hook(kind, values.write)
    return converter


def _hook(values: Kind) -> Structure:
    return lambda value, _kind: values.structure(value)


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and (issubclass(kind, Entry) or kind in INDICATORS.values())


def _made_of(origin: object) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is origin


_CONVERTER: Final = _make_converter()
_CONVERTER.register_structure_hook_factory(_made_of(tuple), _list_reader)
_CONVERTER.register_structure_hook_factory(_made_of(Mapping), _mapping_reader)
_CONVERTER.register_structure_hook_factory(_made_of(Union), _optional_reader)
_CONVERTER.register_structure_hook_factory(_made_of(UnionType), _optional_reader)
_CONVERTER.register_structure_hook_func(lambda kind: kind is Indicator, _structure_indicator)
_CONVERTER.register_structure_hook_factory(_is_table, _table_reader)
_CONVERTER.register_unstructure_hook_factory(_is_table, _table_writer)
_CONVERTER.register_unstructure_hook_func(
    lambda kind: kind is Indicator, lambda value: _CONVERTER.unstructure(value, type(value))
)
