"""The kinds of value a scenario file has: how each is read, written, refused, and described in the JSON Schema.

Knows nothing of tables, files or worlds.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain.account import volumes_of
from detective_fake.domain.datasources import DatasourcePackage, IngestState
from detective_fake.domain.emails import MASK
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.indicators import IndicatorType
from detective_fake.domain.investigations import Severity, State, Status
from detective_fake.domain.membership import InvitationType, MemberStatus
from detective_fake.errors import FakeUsageError
from detective_fake.scenario.values import (
    AccountId,
    Address,
    Delay,
    EntityArn,
    Format,
    GraphArn,
    InvestigationId,
    Message,
    Offset,
    OrganizationId,
    Positive,
    Reason,
    RegionName,
    Unexpected,
    Volumes,
    cut,
    shown,
    suggestion,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from enum import Enum

__all__ = ["KINDS", "Kind"]

MOST: Final = 2**63 - 1
"""The largest number, that of the service model's `long`."""


@attrs.frozen(kw_only=True)
class Kind:
    """One kind of value.

    Attributes:
        expected: What it is, to follow "is not".
        schema: Its JSON Schema.
        read: Returns the value from what the file has; raises ValueError or OverflowError where that is none.
        write: The other way round, where it is not a matter of course.
        words: All there are, where it is one of a few.
        sensitive: The value is never shown. Source: the model's `sensitive` trait.
    """

    expected: str
    schema: Mapping[str, Any]
    read: Callable[[Any], object]
    write: Callable[[Any], object] | None = None
    words: tuple[str, ...] = ()
    sensitive: bool = False

    def structure(self, value: object) -> object:
        """Return the value.

        Raises:
            Unexpected: It is none of this kind.
        """
        try:
            return self.read(value)
        except (ValueError, OverflowError):
            shown_value = MASK if self.sensitive else shown(value)
            raise Unexpected(shown_value, self.expected + self._suggestion(value)) from None

    def _suggestion(self, value: object) -> str:
        return f"; {suggestion(cut(value), self.words)}" if isinstance(value, str) and self.words else ""


def _text(value: object) -> str:
    if type(value) is not str:
        raise ValueError
    value.encode()  # JSON can name halves of characters, which nothing can write
    return value


def _matching(pattern: str, expected: str, *, sensitive: bool = False) -> Kind:
    matches = re.compile(pattern, re.ASCII).fullmatch

    def read(value: object) -> str:
        if type(value) is not str or not matches(value):
            raise ValueError
        return value

    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return Kind(expected=expected, schema=schema, read=read, sensitive=sensitive)


def _whole(least: int, most: int, expected: str) -> Kind:
    def read(value: object) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError
        return value

    return Kind(expected=expected, schema={"type": "integer", "minimum": least, "maximum": most}, read=read)


def _choice(values: Iterable[str], make: Callable[[str], object], write: Callable[[Any], object] | None = None) -> Kind:
    known = {value: make(value) for value in values}
    expected = f"one of {', '.join(value or 'an empty string for none' for value in known)}"

    def read(value: object) -> object:
        if type(value) is not str or value not in known:
            raise ValueError
        return known[value]

    return Kind(
        expected=expected, schema={"enum": list(known)}, read=read, write=write, words=tuple(filter(None, known))
    )


def _enum(kind: type[Enum], *, without: Iterable[Enum] = ()) -> Kind:
    return _choice([each.value for each in kind if each not in set(without)], kind, attrgetter("value"))


def _boolean(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _time(value: object) -> datetime:
    if isinstance(value, str) and (parts := _TIME.fullmatch(value)):
        day, time, fraction, zone = parts.groups("")
        at = datetime.fromisoformat(f"{day}T{time}.{fraction[:6]:0<6}{zone.replace('Z', '+00:00')}")
    elif isinstance(value, datetime) and value.tzinfo is not None:
        at = value
    else:
        raise ValueError
    utc = at.astimezone(timezone.utc)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


UNKNOWN: Final = "unknown"


def _volumes(value: object) -> Volumes:
    if value == UNKNOWN:
        return Volumes(None)
    if type(value) is not int and type(value) is not dict:
        raise ValueError
    try:
        volumes = volumes_of(value)
    except FakeUsageError:
        raise ValueError from None
    if any(volume > MOST for volume in (volumes or {}).values()):
        raise ValueError
    return Volumes(volumes)


def _volumes_written(volumes: Volumes) -> object:
    if volumes.by_package is None:
        return UNKNOWN
    written = {package.value: volume for package, volume in volumes.by_package.items()}
    return written[CORE] if written.keys() == {CORE} else written


CORE: Final = DatasourcePackage.DETECTIVE_CORE.value
SETTLE: Final = "settle"
_PARTS: Final = ("days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


def _duration(value: object) -> timedelta:
    parts = {"seconds": value} if type(value) is int else value
    if type(parts) is not dict or not parts or not parts.keys() <= set(_PARTS):
        raise ValueError
    if any(type(each) is not int or not 0 <= each <= MOST for each in parts.values()):
        raise ValueError
    return timedelta(**parts)


def _duration_written(duration: timedelta) -> object:
    seconds = duration // timedelta(seconds=1)
    rest = duration - timedelta(seconds=seconds)
    if not rest:
        return seconds
    return {"seconds": seconds, "microseconds": rest // timedelta(microseconds=1)}


def _delay(value: object) -> Delay:
    return Delay(None if value == SETTLE else _duration(value))


def _delay_written(delay: Delay) -> object:
    return SETTLE if delay.after is None else _duration_written(delay.after)


_SECONDS: Final[Mapping[str, Any]] = {"type": "integer", "minimum": 0}
_DURATION: Final = "whole seconds or a table of days, hours, minutes, seconds, milliseconds and microseconds"
_DURATION_SCHEMAS: Final = (
    _SECONDS,
    {
        "type": "object",
        "properties": dict.fromkeys(_PARTS, _SECONDS),
        "additionalProperties": False,
        "minProperties": 1,
    },
)
_BYTES: Final[Mapping[str, Any]] = {"type": "integer", "minimum": 0, "maximum": MOST}

KINDS: Final[Mapping[Any, Kind]] = {
    str: Kind(expected="a string", schema={"type": "string"}, read=_text),
    bool: Kind(expected="true or false", schema={"type": "boolean"}, read=_boolean),
    int: _whole(0, MOST, "a whole number of zero or more"),
    AccountId: _matching("[0-9]{12}", 'an account id, a string of twelve digits: "111122223333"'),
    Address: Kind(
        expected="an e-mail address, or an empty string for none", schema={"type": "string"}, read=_text, sensitive=True
    ),
    EntityArn: _matching(
        r"arn:aws[-a-z]*:iam::[0-9]{12}:(user|role)/[!-~]+",
        'the ARN of an IAM user or role: "arn:aws:iam::111122223333:role/name"',
    ),
    Format: _whole(1, 1, "1, the only format there is so far"),
    GraphArn: _matching(
        r"arn:aws[-\w]{0,10}:detective:[-\w]{2,20}:[0-9]{12}:graph:[a-f0-9]{32}",
        'a graph\'s ARN: "arn:aws:detective:us-east-1:111122223333:graph:" and 32 hexadecimal digits',
    ),
    InvestigationId: _matching("[0-9]{21}", "an investigation's id, a string of 21 digits"),
    Positive: _whole(1, MOST, "a whole number of one or more"),
    Message: Kind(expected="a string", schema={"type": "string"}, read=_text, sensitive=True),
    Offset: _whole(-62 * 10**12, 246 * 10**12, "whole milliseconds that lead to a year from 1 to 9999"),
    OrganizationId: _matching(r"o-[a-z0-9]{10,32}", 'an organization\'s id: "o-" and ten letters or digits'),
    RegionName: _matching(r"[-\w]{2,20}", 'a Region: "us-east-1"'),
    Reason: _choice(["VOLUME_TOO_HIGH", "VOLUME_UNKNOWN", ""], Reason),
    DatasourcePackage: _enum(DatasourcePackage),
    EventKind: _enum(EventKind),
    IndicatorType: _enum(IndicatorType),
    IngestState: _enum(IngestState, without=[IngestState.DISABLED]),
    InvitationType: _enum(InvitationType),
    MemberStatus: _enum(MemberStatus),
    Severity: _enum(Severity),
    State: _enum(State),
    Status: _enum(Status),
    Delay: Kind(
        expected=f'{_DURATION}, or "{SETTLE}" for "only by settle()"',
        schema={"anyOf": [*_DURATION_SCHEMAS, {"const": SETTLE}]},
        read=_delay,
        write=_delay_written,
    ),
    datetime: Kind(
        expected="a time with its offset: 2024-03-01T12:00:00Z",
        schema={"type": "string", "format": "date-time"},
        read=_time,
    ),
    timedelta: Kind(
        expected=_DURATION,
        schema={"anyOf": list(_DURATION_SCHEMAS)},
        read=_duration,
        write=_duration_written,
    ),
    Volumes: Kind(
        expected=f'whole bytes a day of zero or more, a table of them by package, or "{UNKNOWN}"',
        schema={
            "anyOf": [
                _BYTES,
                {
                    "type": "object",
                    "properties": {package.value: _BYTES for package in DatasourcePackage},
                    "additionalProperties": False,
                },
                {"const": UNKNOWN},
            ]
        },
        read=_volumes,
        write=_volumes_written,
    ),
}
"""By the type that an attribute of an entry has."""
