"""How times, data volumes, ARNs and sensitive values are written for people, in one place."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

__all__ = ["MASK", "format_arn", "format_minute", "format_time", "format_volume", "mask"]

MASK: Final = "***"
"""Replaces sensitive values in representations and reports. Source: the model's `sensitive` trait."""

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


def format_arn(arn: str) -> str:
    """Return the end of a graph ARN, enough to tell graphs apart: `…0abfd972`."""
    return f"…{arn[-8:]}"


def mask(value: object) -> str:
    """Return the representation of a sensitive value: `None`, or `***`."""
    return "None" if value is None else MASK
