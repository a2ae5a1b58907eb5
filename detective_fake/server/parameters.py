"""The arguments of control calls: what each can be, and how they are read from a path, a query string or a body.

Knows kinds of values; must not know what they are for.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, NoReturn, get_args

import attrs

from detective_fake.controls.fault_terms import When
from detective_fake.errors import FakeUsageError
from detective_fake.exchange import NetworkError
from detective_fake.scenario.kinds import KINDS, Kind
from detective_fake.scenario.values import AccountId, Address, Positive, Unexpected, Volumes, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_ID",
    "ADDRESS",
    "CODE",
    "COUNT",
    "DOCUMENT",
    "DURATION",
    "FLAG",
    "LATENCY",
    "LATEST",
    "MOMENT",
    "NETWORK_ERROR",
    "POSITIVE",
    "REASONS",
    "STATUS",
    "TEXT",
    "TIMES",
    "VOLUMES",
    "WHEN",
    "Parameter",
    "Sent",
    "arguments",
]

Place = Literal["body", "document", "path", "query"]


@attrs.frozen
class Parameter:
    """An argument of a control call.

    Attributes:
        name: As the function has it.
        kind: What it can be.
        description: For the OpenAPI document.
        place: Where it comes from: a member of the body, the body as a whole, the path, or the query string.
        required: Whether it has to be given.
    """

    name: str
    kind: Kind
    description: str
    place: Place = "body"
    required: bool = False


class Sent(NamedTuple):
    """What a request brings."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


def arguments(parameters: Sequence[Parameter], sent: Sent) -> dict[str, Any]:
    """Return the arguments that were given, by name.

    Raises:
        FakeUsageError: One is missing, unknown, or nothing of its kind.
    """
    body = _json_object(sent.body)
    given = {"body": body, "path": sent.path, "query": sent.query}
    for parameter in parameters:
        if parameter.place == "document":
            given |= {"document": {parameter.name: body} if sent.body else {}, "body": {}}
    for place in ("body", "query"):
        _refuse_unknown([each.name for each in parameters if each.place == place], given[place])
    return {each.name: _read(each, given[each.place]) for each in parameters if _is_given(each, given[each.place])}


def _json_object(body: bytes) -> Mapping[str, Any]:
    if not body:
        return {}
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a character can be named, and nothing can write it
    except (ValueError, RecursionError):
        raise FakeUsageError("The body is no JSON in UTF-8.") from None
    if type(value) is not dict:
        raise FakeUsageError(f"The body is a JSON object, not {shown(value)}.")
    return value


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


def _refuse_unknown(known: Sequence[str], given: Iterable[str]) -> None:
    for name in given:
        if name not in known:
            raise FakeUsageError(f"{shown(name)} is no argument here; known are {', '.join(known) or 'none'}.")


def _is_given(parameter: Parameter, given: Mapping[str, Any]) -> bool:
    if parameter.required and parameter.name not in given:
        raise FakeUsageError(f"{parameter.name} is missing: {parameter.kind.expected}.")
    return parameter.name in given


def _read(parameter: Parameter, given: Mapping[str, Any]) -> object:
    value = given[parameter.name]
    try:
        return parameter.kind.structure(_as_json(parameter.kind, value) if parameter.place in _IN_THE_URL else value)
    except Unexpected as refusal:
        raise FakeUsageError(f"{parameter.name}: {refusal}.") from None


_IN_THE_URL: Final = ("path", "query")
_DIGITS: Final = 18


def _as_json(kind: Kind, text: str) -> object:
    """Return what stands in a URL as the JSON it would be in a body."""
    if kind.schema.get("type") == "integer" and text.isascii() and text.isdecimal() and len(text) <= _DIGITS:
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind is FLAG else text


LATEST: Final = datetime(9000, 1, 1, tzinfo=timezone.utc)
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_DAY_SECONDS: Final = 86_400
_CODE: Final = re.compile(r"[A-Za-z0-9.]{1,100}")


def _number(most: int) -> Kind:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            raise ValueError
        return value

    return Kind(
        expected=f"a number from 0 to {most}", schema={"type": "number", "minimum": 0, "maximum": most}, read=read
    )


def _moment(value: object) -> datetime:
    at = KINDS[datetime].read(value)
    if not isinstance(value, str) or not _EARLIEST <= at < LATEST:  # type: ignore[operator]
        raise ValueError
    return at  # type: ignore[return-value]


def _code(value: object) -> str:
    if type(value) is not str or not _CODE.fullmatch(value):
        raise ValueError
    return value


def _status(value: object) -> int:
    if type(value) is not int or not 400 <= value <= 599:  # noqa: PLR2004 - what HTTP calls an error
        raise ValueError
    return value


def _times(value: object) -> int | None:
    return None if value is None else KINDS[Positive].read(value)  # type: ignore[return-value]


def _words(*words: str) -> Kind:
    def read(value: object) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    return Kind(expected=f"one of {', '.join(words)}", schema={"enum": list(words)}, read=read, words=words)


def _mapping(value: object, read: Callable[[Any], object]) -> dict[str, Any]:
    if type(value) is not dict:
        raise ValueError
    return {KINDS[AccountId].read(name): read(each) for name, each in value.items()}  # type: ignore[misc]


def _accounts(value: object) -> object:
    if type(value) is list:
        return [KINDS[AccountId].read(each) for each in value]
    return _mapping(value, lambda each: None if each is None else KINDS[str].read(each))


def _document(value: object) -> object:
    return value


ACCOUNT_ID: Final = KINDS[AccountId]
ADDRESS: Final = KINDS[Address]
COUNT: Final = KINDS[int]
FLAG: Final = KINDS[bool]
POSITIVE: Final = KINDS[Positive]
TEXT: Final = KINDS[str]
VOLUMES: Final = KINDS[Volumes]
NETWORK_ERROR: Final = _words(*get_args(NetworkError))
WHEN: Final = _words(*get_args(When))
CODE: Final = Kind(
    expected="an error's code: letters, digits and dots",
    schema={"type": "string", "pattern": f"^{_CODE.pattern}$"},
    read=_code,
)
DURATION: Final = _number(100 * 365 * _DAY_SECONDS)
LATENCY: Final = _number(_DAY_SECONDS)
MOMENT: Final = Kind(
    expected="a time with its offset, from 1970 to the year 9000: 2024-03-01T12:00:00Z",
    schema={"type": "string", "format": "date-time"},
    read=_moment,
)
STATUS: Final = Kind(
    expected="an HTTP status from 400 to 599",
    schema={"type": "integer", "minimum": 400, "maximum": 599},
    read=_status,
)
TIMES: Final = Kind(
    expected="a whole number of one or more, or null for all",
    schema={"type": ["integer", "null"], "minimum": 1},
    read=_times,
)
ACCOUNTS: Final = Kind(
    expected="a list of account ids, or an object of account ids and e-mail addresses",
    schema={
        "anyOf": [
            {"type": "array", "items": KINDS[AccountId].schema},
            {
                "type": "object",
                "propertyNames": KINDS[AccountId].schema,
                "additionalProperties": {"type": ["string", "null"]},
            },
        ]
    },
    read=_accounts,
)
REASONS: Final = Kind(
    expected="an object of account ids and reasons",
    schema={
        "type": "object",
        "propertyNames": KINDS[AccountId].schema,
        "additionalProperties": {"type": "string"},
        "minProperties": 1,
    },
    read=lambda value: _mapping(value, KINDS[str].read),
)
DOCUMENT: Final = Kind(expected="a scenario", schema={"type": "object"}, read=_document)
