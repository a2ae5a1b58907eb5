"""The types that values of a scenario file have, and how one that is not right is spoken of.

How each is read and written is in `kinds`.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations when it runs
from datetime import timedelta  # noqa: TC003 - as above
from functools import lru_cache
from typing import Final, NewType

import attrs

from detective_fake.domain.choices import nearest
from detective_fake.domain.datasources import DatasourcePackage  # noqa: TC001 - as above

__all__ = [
    "AccountId",
    "Address",
    "Delay",
    "EntityArn",
    "Format",
    "GraphArn",
    "InvestigationId",
    "Message",
    "Offset",
    "OrganizationId",
    "Positive",
    "Reason",
    "RegionName",
    "Unexpected",
    "Volumes",
    "cut",
    "shown",
    "suggestion",
]

AccountId = NewType("AccountId", str)
Address = NewType("Address", str)
EntityArn = NewType("EntityArn", str)
Format = NewType("Format", int)
GraphArn = NewType("GraphArn", str)
InvestigationId = NewType("InvestigationId", str)
Message = NewType("Message", str)
Offset = NewType("Offset", int)
OrganizationId = NewType("OrganizationId", str)
Positive = NewType("Positive", int)
Reason = NewType("Reason", str)
RegionName = NewType("RegionName", str)


@attrs.frozen
class Volumes:
    """Bytes a day by package; None where nobody knows."""

    by_package: Mapping[DatasourcePackage, int] | None


@attrs.frozen
class Delay:
    """How long something takes; None waits for `settle()`."""

    after: timedelta | None


class Unexpected(Exception):
    """A value of a scenario file is not what belongs there."""

    def __init__(self, value: str, expected: str) -> None:
        super().__init__(f"{value} is not {expected}")


_LONGEST_SHOWN: Final = 60
_LARGEST_SHOWN: Final = 2**63 - 1
_IN_WORDS: Final[Mapping[type, str]] = {dict: "a table", list: "a list", type(None): "null"}


def shown(value: object) -> str:
    """Return a value of a file in few words: containers by their kind, since anything may be in them."""
    if type(value) in _IN_WORDS:
        return _IN_WORDS[type(value)]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > _LARGEST_SHOWN:
        return "so large a number"
    text = f'"{cut(value)}"' if isinstance(value, str) else str(value)
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def cut(text: str) -> str:
    """Return a text that is not too long for a line."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


@lru_cache
def suggestion(word: str, known: tuple[str, ...]) -> str:
    """Return a question after the known word that is most like this one."""
    return f"did you mean {nearest(word, known)}?"
