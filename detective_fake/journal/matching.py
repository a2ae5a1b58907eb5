"""What was expected against what was there: the differences, and how to show them without showing what is sensitive.

Knows values as JSON has them, and datetimes; must not know calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain.emails import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Difference", "differences", "masked"]


class _Missing(Enum):
    MISSING = "missing"


_MISSING: Final = _Missing.MISSING


@attrs.frozen
class Difference:
    """One place where a value is not as expected.

    Attributes:
        path: From the top down: `"Accounts[1].AccountId"`.
        expected: What was wanted there.
        actual: What is there.
    """

    path: str
    expected: object
    actual: object

    def text(self, sensitive: frozenset[str]) -> str:
        """Return it in words, on one line, values of sensitive members masked."""
        if self.path.rpartition(".")[2] in sensitive:
            return f"{self.path}: {'missing' if self.actual is _MISSING else 'not as expected'} (sensitive)"
        actual = "missing" if self.actual is _MISSING else repr(masked(self.actual, sensitive))
        return f"{self.path}: expected {masked(self.expected, sensitive)!r}, was {actual}"


def differences(expected: object, actual: object, path: str = "") -> Iterator[Difference]:
    """Yield where a value lacks what is expected of it.

    Of a mapping only the expected members are looked at, at any depth; sequences are compared item by item, and have to
    be of the same length. Naive datetimes are taken for UTC, as botocore does.
    """
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            yield from differences(value, actual.get(name, _MISSING), f"{path}.{name}" if path else str(name))
    elif _is_list(expected) and _is_list(actual):
        yield from _item_differences(expected, actual, path)
    elif not _same(expected, actual):
        yield Difference(path, expected, actual)


def masked(value: Any, sensitive: frozenset[str]) -> Any:
    """Return a copy of a value with every sensitive member masked, at any depth."""
    if isinstance(value, Mapping):
        return {name: MASK if name in sensitive else masked(item, sensitive) for name, item in value.items()}
    if _is_list(value):
        return [masked(item, sensitive) for item in value]
    return value


def _item_differences(expected: Any, actual: Any, path: str) -> Iterator[Difference]:
    if len(expected) != len(actual):
        yield Difference(f"len({path})", len(expected), len(actual))
    for index, (wanted, item) in enumerate(zip(expected, actual, strict=False)):
        yield from differences(wanted, item, f"{path}[{index}]")


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _same(expected: object, actual: object) -> bool:
    if isinstance(expected, datetime) and expected.tzinfo is None:
        expected = expected.replace(tzinfo=timezone.utc)
    return bool(expected == actual)
