"""The differences between two digests of a service model, a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.drift.digest import Digest, Facts

_ONE_OF: Final = {"enum": "value", "errors": "error"}
"""Facts that are lists -> the name of an element."""


def differences(before: Digest, after: Digest) -> list[str]:
    """Return what appeared or changed, in the order of the later model, and then what was removed."""
    lines = [f"{place}: {line}" for place, facts in after.items() for line in _changed(before.get(place), facts)]
    return [*lines, *(f"{place}: went" for place in before if place not in after)]


def _changed(before: Facts | None, after: Facts) -> Iterator[str]:
    if before is None:
        yield f"appeared ({', '.join(_told(name, value) for name, value in after.items())})"
        return
    for name in {**before, **after}:
        if name in _ONE_OF:
            yield from _elements(_ONE_OF[name], before.get(name, ()), after.get(name, ()))
        elif name not in before:
            yield f"{_told(name, after[name])} appeared"
        elif name not in after:
            yield f"{_told(name, before[name])} went"
        elif before[name] != after[name]:
            yield f"{name} {before[name]} -> {after[name]}"


def _elements(kind: str, before: list[str], after: list[str]) -> Iterator[str]:
    yield from (f"{kind} {each} appeared" for each in after if each not in before)
    yield from (f"{kind} {each} went" for each in before if each not in after)


def _told(name: str, value: Any) -> str:
    if value is True:
        return name
    return f"{name} {'/'.join(value) if isinstance(value, list) else value}"
