"""Reading TOML and JSON files into plain data, writing files, and the errors that name a file and a path inside it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import attrs

from detective_fake.errors import DOCS, FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_MAX_PROBLEMS_SHOWN: Final = 50
_MAX_SHOWN: Final = 60
_MAX_MESSAGE: Final = 1000
_MAX_NUMBER: Final = 2**63 - 1
_MAX_DOTS_IN_LINE: Final = 500
_WORDS: Final[Mapping[type, str]] = {dict: "a table", list: "a list", type(None): "null"}


@attrs.frozen
class Problem:
    """One mistake in a file.

    Attributes:
        path: Where it is, for example `graph[0].member[2].status`; empty for the file as a whole.
        message: What the file has and what is expected.
    """

    path: str
    message: str

    def __str__(self) -> str:
        message = self.message if len(self.message) <= _MAX_MESSAGE else f"{self.message[:_MAX_MESSAGE]}…"
        return f"{self.path}: {message}" if self.path else message


@attrs.define(slots=False, eq=False)
class ScenarioError(FakeUsageError):
    """A scenario file or a saved state cannot be loaded. The fake is unchanged.

    Attributes:
        file: Its path, as given.
        problems: All mistakes in it.
    """

    file: str
    problems: Sequence[Problem]

    def __str__(self) -> str:
        lines = [f"The scenario {self.file} cannot be loaded:"]
        lines += [f"  {problem}" for problem in self.problems[:_MAX_PROBLEMS_SHOWN]]
        if len(self.problems) > _MAX_PROBLEMS_SHOWN:
            lines.append(f"  and {len(self.problems) - _MAX_PROBLEMS_SHOWN} more.")
        return "\n".join([*lines, f"See {DOCS}scenario"])


def key(path: str, name: str) -> str:
    """Return the path of a key in a table."""
    if not _BARE_KEY.fullmatch(name):
        name = show(name)
    return f"{path}.{name}" if path else name


def show(value: object) -> str:
    """Return a value of a file as short text for an error message."""
    if type(value) in _WORDS:
        return _WORDS[type(value)]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > _MAX_NUMBER:
        return "a number of more than 64 bits"
    if isinstance(value, str):
        value = f'"{value if len(value) <= _MAX_SHOWN else value[:_MAX_SHOWN] + "…"}"'
    text = str(value)
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def read(path: str | PathLike[str]) -> object:
    """Return the content of a file as tables, lists, strings, numbers, booleans and datetimes.

    Raises:
        ScenarioError: The suffix is neither `.toml` nor `.json`, or the file is not readable, not TOML or not JSON.
    """
    file = Path(path)
    try:
        if file.suffix.lower() not in PARSERS:
            problem = f"unknown suffix {show(file.suffix)}. Expected one of: {', '.join(PARSERS)}"
        elif file.exists() and not file.is_file():
            problem = "is not a file"
        else:
            return PARSERS[file.suffix.lower()](file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8: byte {error.start}, counted from 0, does not begin a character"
    except ValueError as error:
        problem = str(error)
    raise ScenarioError(str(path), [Problem("", problem)])


def write_file(path: str | PathLike[str], content: bytes) -> None:
    """Write a file completely or not at all: the path always has either the old file or the new one.

    Raises:
        FakeUsageError: It cannot be written.
    """
    file = Path(path)
    temporary = file.with_name(f"{file.name}.{uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(file)
    except (OSError, ValueError) as error:
        raise FakeUsageError(f"The file {path} cannot be written: {error}") from None
    finally:
        with suppress(OSError, ValueError):
            temporary.unlink(missing_ok=True)


def _parse_toml(text: str) -> object:
    # A dotted key of n parts takes Python's parser n² steps and as much memory, so very many dots are refused.
    if text.count(".") > _MAX_DOTS_IN_LINE:
        for number, line in enumerate(text.split("\n"), 1):
            if line.count(".") > _MAX_DOTS_IN_LINE:
                raise ValueError(
                    f"has more than {_MAX_DOTS_IN_LINE} dots in line {number}; put each entry on its own line"
                )
    return import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads(text)


def _parse_json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise ValueError(f"has the key {show(next(name for name in counts if counts[name] > 1))} twice in one object")
    return table


def _refuse_constant(word: str) -> object:
    raise ValueError(f"has {word}, which is not a number in JSON")


PARSERS: Final[Mapping[str, Callable[[str], object]]] = {".toml": _parse_toml, ".json": _parse_json}
"""Suffix of a file -> what reads its text. Raises `ValueError`."""
