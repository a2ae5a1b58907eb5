"""Scenario files as they lie on disk: TOML or JSON, by suffix, to plain data and back.

Knows nothing of what the data means.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from detective_fake.errors import FakeUsageError
from detective_fake.scenario.problems import Problem, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike

__all__ = ["read", "toml", "write"]


_DOTS_IN_A_LINE: Final = 500


class _Syntax(NamedTuple):
    parse: Callable[[str], object]
    render: Callable[[Mapping[str, Any]], str]


def read(path: str | PathLike[str]) -> object:
    """Return what is in a scenario file, as tables, lists, strings, numbers, booleans and datetimes.

    Raises:
        ScenarioError: The suffix is unknown, the file cannot be read, or is no TOML or JSON.
    """
    try:
        return _syntax_of(path).parse(_text_of(path))
    except RecursionError:
        problem = "is nested too deeply"
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8: byte {error.start}, counted from 0, begins no character"
    except ValueError as error:
        problem = str(error)
    raise ScenarioError(str(path), [Problem("", problem)])


def write(path: str | PathLike[str], data: Mapping[str, Any]) -> None:
    """Write a scenario file. One that cannot be written is left as it was.

    Raises:
        FakeUsageError: The suffix is unknown, or the file cannot be written.
    """
    try:
        # Bytes, so that the lines end the same on every machine.
        Path(path).write_bytes(_syntax_of(path).render(data).encode())
    except (OSError, ValueError) as error:
        message = f"The scenario {path} cannot be written: {error}"
        raise FakeUsageError(message) from None


def toml(data: Mapping[str, Any]) -> str:
    """Return tables as TOML: a list's entries on a line each, tables in lists of the first level under headers."""
    return "".join(f"{line}\n" for line in _document(data)).lstrip("\n")


def _syntax_of(path: str | PathLike[str]) -> _Syntax:
    syntax = _SYNTAXES.get(Path(path).suffix.lower())
    if syntax is None:
        message = f"its name ends in none of {', '.join(_SYNTAXES)}, which tells TOML from JSON"
        raise ValueError(message)
    return syntax


def _text_of(path: str | PathLike[str]) -> str:
    file = Path(path)
    if file.exists() and not file.is_file():
        message = "is no file"
        raise ValueError(message)
    return file.read_bytes().decode("utf-8-sig")


def _parse_toml(text: str) -> object:
    """Refuse what may be a key of very many parts: one of n takes Python's parser n² steps, and as much memory."""
    if text.count(".") > _DOTS_IN_A_LINE:
        for number, line in enumerate(text.split("\n"), 1):
            if line.count(".") > _DOTS_IN_A_LINE:
                message = f"has more than {_DOTS_IN_A_LINE} dots in line {number}; give each entry a line of its own"
                raise ValueError(message)
    return _read_toml(text)


def _parse_json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_number)


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        message = f"has the key {json.dumps(next(name for name in counts if counts[name] > 1))} twice in one object"
        raise ValueError(message)
    return table


def _no_number(word: str) -> object:
    message = f"has {word}, which is no number in JSON"
    raise ValueError(message)


def _json(data: Mapping[str, Any]) -> str:
    return _json_lines(data, "\n", levels=4) + "\n"


def _json_lines(value: Any, line: str, *, levels: int) -> str:
    """Return JSON with so many levels of tables and lists spread over lines: then a member is a line, as in TOML."""
    if not levels or not value or not isinstance(value, (Mapping, list, tuple)):
        return _ENCODE_ASCII(value)
    inner = f"{line}  "
    if isinstance(value, Mapping):
        entries = [
            f"{_ENCODE_ASCII(name)}: {_json_lines(each, inner, levels=levels - 1)}" for name, each in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(entries)}{line}}}"
    entries = [_json_lines(each, inner, levels=levels - 1) for each in value]
    return f"[{inner}{f',{inner}'.join(entries)}{line}]"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _document(data: Mapping[str, Any]) -> Iterator[str]:
    inline = {name: value for name, value in data.items() if not _has_header(value)}
    yield from _pairs(inline)
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield f"\n[{_key(name)}]"
            yield from _pairs(value)
        elif name not in inline:
            for entry in value:
                yield f"\n[[{_key(name)}]]"
                yield from _pairs(entry)


def _has_header(value: object) -> bool:
    is_list_of_tables = isinstance(value, (list, tuple)) and value and all(isinstance(each, Mapping) for each in value)
    return isinstance(value, Mapping) or bool(is_list_of_tables)


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, (list, tuple)) and value:
            yield f"{_key(name)} = ["
            yield from (f"    {_inline(entry)}," for entry in value)
            yield "]"
        else:
            yield f"{_key(name)} = {_inline(value)}"


def _inline(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(name)} = {_inline(each)}" for name, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_inline, value))}]"
    return _ENCODE(value)


_ENCODE_ASCII: Final = json.JSONEncoder(default=_time).encode
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False).encode
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _string(name)


def _string(text: str) -> str:
    # What JSON escapes TOML reads the same way; only DEL is a control character to TOML alone.
    return _ENCODE(text).replace("\x7f", "\\u007f")


_TOML_READER: Final = "tomllib" if sys.version_info >= (3, 11) else "tomli"
_read_toml: Final = import_module(_TOML_READER).loads
_SYNTAXES: Final[Mapping[str, _Syntax]] = {
    ".toml": _Syntax(_parse_toml, toml),
    ".json": _Syntax(_parse_json, _json),
}
