"""How times, data volumes, ARNs and sensitive values are written, and how times are read, in one place."""

from __future__ import annotations

import inspect
import re
from datetime import datetime, timezone
from typing import Final

MASK: Final = "***"
"""Replaces sensitive values in representations and reports. Source: the model's `sensitive` trait."""

_CARRIERS: Final = frozenset({"contextlib", "detective_fake", "unittest"})
"""Packages whose frames only pass a call on."""

_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Source: RFC 9110, 5.6.7. `strftime` writes them in the language of the process."""

_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def format_time(at: datetime) -> str:
    """Return an aware time in UTC as the service writes it: `2020-01-22T11:35:11.372Z`."""
    return at.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def format_http_date(at: datetime) -> str:
    """Return an aware time in UTC for a header: `Wed, 22 Jan 2020 11:35:11 GMT`."""
    at = at.astimezone(timezone.utc)
    day = f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at.year:04}"
    return f"{day} {at.hour:02}:{at.minute:02}:{at.second:02} GMT"


def parse_time(text: str) -> datetime:
    """Return the time of an ISO 8601 text with its offset, cut to microseconds.

    Python 3.10's own `fromisoformat` accepts neither `Z` nor fractions of other than three or six digits.

    Raises:
        ValueError: It is not such a text, or there is no such time.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError
    day, time, fraction, zone = found.groups("")
    return datetime.fromisoformat(f"{day}T{time}.{fraction[:6]:0<6}{zone.upper().replace('Z', '+00:00')}")


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
