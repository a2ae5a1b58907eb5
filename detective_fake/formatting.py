"""How times, data volumes, ARNs and sensitive values are written for people, in one place."""

from __future__ import annotations

import inspect
from datetime import datetime, timezone
from typing import Final

__all__ = ["MASK", "calling_place", "format_arn", "format_minute", "format_time", "format_volume", "mask"]

MASK: Final = "***"
"""Replaces sensitive values in representations and reports. Source: the model's `sensitive` trait."""

_CARRIERS: Final = frozenset({"contextlib", "detective_fake", "unittest"})
"""Packages whose frames only pass a call on."""

_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def format_time(at: datetime) -> str:
    """Return an aware time in UTC as the service writes it: `2020-01-22T11:35:11.372Z`."""
    return at.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def format_minute(at: datetime) -> str:
    """Return an aware time in UTC for a narrow table: `2020-01-22 11:35`."""
    return f"{at.astimezone(timezone.utc):%Y-%m-%d %H:%M}"


def format_volume(volume: int | None) -> str:
    """Return a number of bytes with four digits and a decimal unit, `"unknown"` for None: `1.5 TB`."""
    if volume is None:
        return "unknown"
    power = min(max(len(str(volume)) - 1, 0) // 3, len(_UNITS) - 1)
    return f"{volume / 1000**power:.4g} {_UNITS[power]}"


def calling_place() -> str:
    """Return file and line of the code outside this package that is calling: `/home/ana/tests/test_team.py:12`."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _CARRIERS:
        frame = frame.f_back
    return "an unknown place" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def format_arn(arn: str) -> str:
    """Return the end of a graph ARN, enough to tell graphs apart: `…0abfd972`."""
    return f"…{arn[-8:]}"


def mask(value: object) -> str:
    """Return the representation of a sensitive value: `None`, or `***`."""
    return "None" if value is None else MASK
