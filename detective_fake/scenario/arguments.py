"""The arguments of `fake.seed` functions, read from signatures and docstrings, and their values in files."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from detective_fake.domain.choices import nearest
from detective_fake.domain.indicators import TYPE_KEY, Indicator, indicator_of
from detective_fake.errors import FakeUsageError, ServiceError
from detective_fake.formatting import parse_time
from detective_fake.scenario.files import Problem, key, show

if TYPE_CHECKING:
    from collections.abc import Callable

_NOT_IN_FILES: Final = frozenset({"self", "clock", "graph"})

_SETTLE: Final[Any] = Literal["settle"]
"""How a file writes None for a delay, which makes an event wait for `settle()`."""

_UNITS: Final = {
    unit: timedelta(**{f"{unit}s": 1}) for unit in ("day", "hour", "minute", "second", "millisecond", "microsecond")
}
SCALARS: Final[Mapping[Any, tuple[str, dict[str, Any]]]] = {
    str: ("a string", {"type": "string"}),
    bool: ("true or false", {"type": "boolean"}),
    int: ("a whole number", {"type": "integer"}),
    float: ("a number", {"type": "number"}),
    NoneType: ("null", {"type": "null"}),
    datetime: ("a time with its offset, such as 2024-03-01T12:00:00Z", {"type": "string", "format": "date-time"}),
    timedelta: (
        'a duration, such as "90 minutes" or 5400 for seconds',
        {"type": ["number", "string"], "description": 'Seconds, or a text such as "90 minutes".'},
    ),
}
"""Types of single values: what an error says is expected, and the JSON Schema."""

_DESCRIPTION: Final = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_MAX_NUMBER: Final = 2**63 - 1
_MAX_WORD: Final = 60


@cache
def arguments_of(function: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    """Return the arguments that a file can have, by name and with evaluated annotations."""
    # `Indicator` is imported for type checkers only, because its module takes long to import.
    hints = get_type_hints(function, localns={"Indicator": Indicator})
    return {
        name: parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in _NOT_IN_FILES
    }


def descriptions(documented: object) -> Mapping[str, str]:
    """Return what a docstring says about each argument or attribute, without the sources."""
    text = inspect.cleandoc(getattr(documented, "__doc__", None) or "")
    found = {name: " ".join(words.split()) for name, words in _DESCRIPTION.findall(text)}
    return {name: words.partition("Source:")[0].strip() for name, words in found.items()}


def alternatives(hint: Any) -> tuple[Any, ...]:
    """Return the types that a value of a file can have."""
    kinds = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    if Indicator in kinds:
        return (Indicator,)
    kinds = tuple(kind for kind in kinds if kind is not ServiceError)
    return (*kinds, _SETTLE) if {timedelta, NoneType} <= set(kinds) else kinds


def check_keys(table: Mapping[str, object], known: Iterable[str], path: str, problems: list[Problem]) -> None:
    """Add a problem for each unknown key of a table."""
    names = list(known)
    for name in [name for name in table if name not in names]:
        suggestion = nearest(name[:_MAX_WORD], names)
        problems.append(Problem(key(path, name), f"unknown key; did you mean {suggestion}?"))


def read_arguments(
    table: Mapping[str, object], known: Mapping[str, inspect.Parameter], path: str, problems: list[Problem]
) -> dict[str, Any]:
    """Return the values in a table as arguments, without invalid ones, and add what is wrong to the problems."""
    arguments = {}
    for name, argument in known.items():
        place, before = key(path, name), len(problems)
        if name in table:
            value = convert(table[name], argument.annotation, place, problems)
            if len(problems) == before:
                arguments[name] = value
        elif argument.default is argument.empty:
            problems.append(Problem(place, "is missing"))
    return arguments


def convert(value: object, hint: Any, path: str, problems: list[Problem]) -> Any:
    """Return a value of a file as an argument of this type, or add what is wrong with it to the problems."""
    for kind in alternatives(hint):
        origin = get_origin(kind)
        if isinstance(value, list) and origin is Iterable:
            (entry,) = get_args(kind)
            return [convert(each, entry, f"{path}[{i}]", problems) for i, each in enumerate(value)]
        if isinstance(value, dict) and origin is Mapping:
            names, values = get_args(kind)
            places = {name: key(path, name) for name in value}
            return {
                convert(name, names, places[name], problems): convert(each, values, places[name], problems)
                for name, each in value.items()
            }
        try:
            return _scalar(value, kind)
        except FakeUsageError as error:
            problems.append(Problem(path, str(error)))
            return None
        except (ValueError, OverflowError):
            continue
    words = [word for kind in alternatives(hint) if get_origin(kind) is Literal for word in get_args(kind)]
    suggestion = ""
    if isinstance(value, str) and len(words) > 1:
        suggestion = f"; did you mean {nearest(value[:_MAX_WORD], words)}?"
    kinds = [kind for kind in alternatives(hint) if kind is not NoneType]
    expected = " or ".join(_expected(kind) for kind in kinds if get_origin(kind) is not Literal or str not in kinds)
    problems.append(Problem(path, f"expected {expected}, got {show(value)}{suggestion}"))
    return None


def _expected(kind: Any) -> str:
    if get_origin(kind) is Literal:
        words = get_args(kind)
        return f'"{words[0]}"' if len(words) == 1 else f"one of {', '.join(words)}"
    if kind is Indicator:
        return f"a table of {TYPE_KEY} and the attributes of that type"
    expected, _ = SCALARS.get(kind, ("a list" if get_origin(kind) is Iterable else "a table", {}))
    return expected


def _scalar(value: Any, kind: Any) -> object:
    """Return a value that is not a list and not a table of this format.

    Raises:
        ValueError: The value is not of this type.
        OverflowError: The value is too large for it.
        FakeUsageError: The value is an indicator with mistakes.
    """
    if get_origin(kind) is Literal and isinstance(value, str) and value in get_args(kind):
        return None if kind is _SETTLE else value
    if kind is datetime and isinstance(value, (str, datetime)):
        at = parse_time(value) if isinstance(value, str) else value
        if at.tzinfo is None:
            raise ValueError
        return at
    if kind is timedelta and type(value) in {int, float, str}:
        return _duration(value)
    if kind is float and type(value) is int:
        return value
    if kind is Indicator and isinstance(value, dict):
        return indicator_of(value)
    if type(value) is not kind or (isinstance(value, int) and abs(value) > _MAX_NUMBER):
        raise ValueError
    if isinstance(value, str):
        value.encode()  # JSON can express half a character, which has no encoding
    return value


def _duration(value: float | str) -> timedelta:
    if not isinstance(value, str):
        return timedelta(seconds=value)
    words = value.split()
    units = [unit.removesuffix("s") for unit in words[1::2]]
    if not words or len(words) % 2 or not _UNITS.keys() >= set(units):
        raise ValueError
    parts = [float(number) * _UNITS[unit] for number, unit in zip(words[::2], units, strict=True)]
    return sum(parts, timedelta())
