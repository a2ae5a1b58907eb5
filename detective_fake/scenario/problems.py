"""What is wrong with a scenario file, and where in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.errors import FakeUsageError
from detective_fake.scenario.values import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Problem", "ScenarioError", "index", "key"]

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
_MOST_SHOWN: Final = 50


@attrs.frozen
class Problem:
    """One thing that is wrong.

    Attributes:
        path: Where, as `graphs[0].members[2].status`; empty for the file as a whole.
        message: What is there, and what is expected. Sensitive values are masked.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


@attrs.define(slots=False, eq=False)
class ScenarioError(FakeUsageError):
    """A scenario file cannot be loaded; nothing of it was.

    Attributes:
        file: Its path, as given.
        problems: All that is wrong with it.
    """

    file: str
    problems: Sequence[Problem]

    def __str__(self) -> str:
        lines = [f"The scenario {self.file} cannot be loaded:"]
        lines += [f"  {problem}" for problem in self.problems[:_MOST_SHOWN]]
        if len(self.problems) > _MOST_SHOWN:
            lines.append(f"  and {len(self.problems) - _MOST_SHOWN} more.")
        return "\n".join(lines)


def key(path: str, name: str) -> str:
    """Return the path of a table's key."""
    if not _BARE_KEY.fullmatch(name):
        name = shown(name)
    return f"{path}.{name}" if path else name


def index(path: str, place: int) -> str:
    """Return the path of a list's entry, counted from 0."""
    return f"{path}[{place}]"
