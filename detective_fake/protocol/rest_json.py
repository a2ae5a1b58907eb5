"""The rest-json protocol: from an HTTP request to an operation and its parameters, from a result to an HTTP answer.

Knows paths, query strings, headers and JSON; must not know who carries them, nor what an operation does.
"""

from __future__ import annotations

import functools
import json
import math
import re
from datetime import datetime, timedelta, timezone
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import parse_qsl, unquote

from botocore.model import StructureShape

from detective_fake.exchange import write_body
from detective_fake.protocol.model import error_members, error_status, operations
from detective_fake.protocol.validation import malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.model import Shape

    from detective_fake.errors import ServiceError
    from detective_fake.exchange import Result
    from detective_fake.protocol.model import Operation

    Convert = Callable[[object], object]
    Query = str | Mapping[str, str | list[str]] | list[tuple[str, str | list[str]]]

__all__ = ["decode", "encode", "error_body", "headers", "route", "status", "unknown_operation"]

_UNKNOWN_OPERATION: Final = "UnknownOperationException"

# The front end of AWS answers 400 for what it refuses itself, if nothing else is known of a code.
_UNMODELLED_STATUS: Final = 400

# Far more levels than any request of Detective's has, and few enough for whoever walks a value by recursion later on.
_DEEPEST: Final = 64

# Each level begins and ends.
_SHORTEST_DEEP: Final = 2 * _DEEPEST

# Python itself refuses numbers of some thousands of digits, as they take quadratic time; its older releases do not.
_LONGEST_NUMBER: Final = 400

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_ISO_8601: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def route(method: str, path: str) -> Operation | None:
    """Return the operation that a request is for, None if there is none.

    Args:
        method: As sent: upper case.
        path: As sent, without the query string. An ARN in it may be percent-encoded, plain, or missing.
    """
    fixed, templates = _routes()
    operation = fixed.get((method, path))
    if operation is None:
        for verb, template, candidate in templates:
            if verb == method and template.fullmatch(path):
                return candidate
    return operation


def decode(operation: Operation, url_path: str, query: Query, body: bytes | str | None) -> dict[str, Any]:
    """Return the parameters of a request by member names, in the model's order: body, path, query string.

    Serves both what botocore has serialised (`request_dict`) and what came over the wire. Null members and members
    that the model does not know are left out; timestamps become aware datetimes in UTC.

    Args:
        operation: What is asked for; see `route`.
        url_path: Path with percent-encoded labels; what an endpoint URL puts before it is no matter.
        query: Raw query string, or names and values not yet encoded.
        body: JSON of an object; None or empty where there are no members in it.

    Raises:
        ValidationFailed: The body is no JSON object, or not of proper Unicode, or nested too deep, or has a number that
            is beyond all bounds, or a timestamp is none.
    """
    parameters: dict[str, Any] = {}
    if body and operation.body_members:
        get = _json_object(body).get
        for name, member, convert in _body_members(operation):
            value = get(name)
            if value is not None:
                parameters[member] = value if convert is None else convert(value)
    if operation.uri_members:
        parameters.update(_labels(operation, url_path))
    if operation.query_members:
        parameters.update(_query_parameters(operation, query))
    return parameters


def status(result: Result) -> int:
    """Return the HTTP status of an answer."""
    error = result.error
    if error is None:
        return operations()[result.operation].status
    return error.status or error_status(error.error_code) or _UNMODELLED_STATUS


def headers(result: Result) -> dict[str, str]:
    """Return the headers of an answer, in lower case, without a content-length: not every carrier has one."""
    answer = {
        "content-type": "application/json",
        "date": _http_date(result.at),
        "x-amzn-requestid": result.request_id,
    }
    if result.error is not None:
        answer["x-amzn-errortype"] = result.error.error_code
    return answer


def encode(result: Result) -> bytes:
    """Return the body of an answer: JSON, or nothing where the operation has no output.

    Source: API Reference, sample responses of EnableOrganizationAdminAccount and UntagResource, for the empty body.
    """
    if result.error is not None:
        return _dump(error_body(result.error))
    if not operations()[result.operation].output_members:
        return b""
    return _dump(write_body(result.body or {}))


def error_body(error: ServiceError) -> dict[str, Any]:
    """Return an error's members in the model's order, `Message` first; as given for a code that no model lists."""
    members: dict[str, Any] = {"Message": error.message}
    for name, value in error.members.items():
        members[name] = value if isinstance(value, str) else list(value)
    modelled = error_members(error.error_code)
    return {name: members[name] for name in modelled if name in members} if modelled else members


def unknown_operation(request_id: str, at: datetime) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the answer to a request that `route` finds no operation for.

    Source: the body as AWS's front ends have been seen to send it, for several services and with status 200; the
    status is that of AWS's list of common errors, so that nobody takes the answer for a success.
    """
    body = {"Output": {"__type": f"com.amazon.coral.service#{_UNKNOWN_OPERATION}"}, "Version": "1.0"}
    answer = {
        "content-type": "application/json",
        "date": _http_date(at),
        "x-amzn-requestid": request_id,
        "x-amzn-errortype": _UNKNOWN_OPERATION,
    }
    return 404, answer, _dump(body)


@functools.cache
def _routes() -> tuple[dict[tuple[str, str], Operation], tuple[tuple[str, re.Pattern[str], Operation], ...]]:
    every = operations().values()
    return (
        {(operation.method, operation.uri): operation for operation in every if not operation.uri_members},
        tuple((operation.method, _template(operation), operation) for operation in every if operation.uri_members),
    )


@functools.cache
def _template(operation: Operation) -> re.Pattern[str]:
    """Return the pattern of the operation's path: a group a label, slashes included, as an ARN may hold some."""
    fixed = re.split(r"\{\w+\}", operation.uri)
    return re.compile("(.*)".join(map(re.escape, fixed)), re.DOTALL)


@functools.cache
def _label_names(operation: Operation) -> tuple[str, ...]:
    return tuple(re.findall(r"\{(\w+)\}", operation.uri))


def _labels(operation: Operation, url_path: str) -> dict[str, str]:
    found = _template(operation).search(url_path)
    values = () if found is None else found.groups()
    members = (operation.uri_members[name] for name in _label_names(operation))
    return dict(zip(members, map(unquote, values), strict=False))


def _query_parameters(operation: Operation, query: Query) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for name, value in _query_pairs(query):
        member = operation.query_members.get(name)
        if member is None:
            continue
        if _is_list(operation, member):
            parameters.setdefault(member, []).append(value)
        else:
            parameters[member] = value
    return parameters


def _query_pairs(query: Query) -> Iterator[tuple[str, str]]:
    if isinstance(query, str):
        yield from parse_qsl(query, keep_blank_values=True)
        return
    for name, value in query if isinstance(query, list) else query.items():
        if isinstance(value, str):
            yield name, value
        else:
            yield from ((name, item) for item in value)


def _is_list(operation: Operation, member: str) -> bool:
    return operation.input_shape is not None and operation.input_shape.members[member].type_name == "list"


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError
    return int(digits)


def _finite(text: str) -> float:
    """JSON knows no infinity: whoever writes such a number again, as the trail and the server do, would break it."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


_CONTAINERS: Final = (dict, list)
_JSON_WHITESPACE: Final = " \t\n\r"
_DECODER: Any = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
# Calls Python for each number; so only where one may be too long.
_DECODER_OF_LONG_TEXTS: Any = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, parse_int=_integer)


def _json_object(body: bytes | str) -> dict[str, Any]:
    try:
        text = (body if isinstance(body, str) else str(body, "utf-8")).strip(_JSON_WHITESPACE)
        decoder = _DECODER if len(text) <= _LONGEST_NUMBER else _DECODER_OF_LONG_TEXTS
        value, end = decoder.scan_once(text, 0)
        if "\\u" in text or not text.isascii():
            # Half a surrogate pair would pass here and fail wherever the text is next put into bytes.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError, StopIteration):
        raise malformed() from None
    if end != len(text) or type(value) is not dict or (end > _SHORTEST_DEEP and _may_be_deep(text) and _deep(value)):
        raise malformed()
    return value


def _may_be_deep(text: str) -> bool:
    return text.count("{") + text.count("[") > _DEEPEST


def _deep(value: dict[str, Any]) -> bool:
    """Tell whether there is more in it than `_DEEPEST` levels, level by level: recursion has an end of its own."""
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        contents = (outer.values() if type(outer) is dict else outer for outer in level)
        level = [inner for content in contents for inner in content if type(inner) in _CONTAINERS]
    return bool(level)


@functools.cache
def _body_members(operation: Operation) -> tuple[tuple[str, str, Convert | None], ...]:
    """Return the members in the body: wire name, member name, what makes datetimes of its timestamps."""
    shape = operation.input_shape
    converters = {} if shape is None else dict(_member_converters(shape))
    return tuple((name, member, converters.get(member)) for name, member in operation.body_members.items())


def _member_converters(shape: StructureShape) -> Iterator[tuple[str, Convert]]:
    for name, member in shape.members.items():
        convert = _converter(member)
        if convert is not None:
            yield name, convert


def _converter(shape: Shape) -> Convert | None:
    """Return what makes datetimes of a value's timestamps; None where the shape has none in it.

    Lists and maps are not looked into: none of Detective's inputs has timestamps there.
    """
    if shape.type_name == "timestamp":
        return _to_datetime
    converters = tuple(_member_converters(shape)) if isinstance(shape, StructureShape) else ()
    return functools.partial(_convert_members, converters) if converters else None


def _convert_members(converters: tuple[tuple[str, Convert], ...], value: object) -> object:
    """Leaves what is no structure, and members that are missing, for validation to refuse."""
    if type(value) is not dict:
        return value
    converted = {name: convert(value[name]) for name, convert in converters if value.get(name) is not None}
    return {**value, **converted}


def _to_datetime(value: object) -> datetime:
    """Return the time that an ISO 8601 text or a number of seconds since 1970 means.

    Raises:
        ValidationFailed: It means none.
    """
    try:
        if isinstance(value, str):
            return _parse_iso_8601(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _EPOCH + timedelta(seconds=value)
    except (ValueError, OverflowError):
        pass
    raise malformed()


def _parse_iso_8601(text: str) -> datetime:
    """Python 3.10's own `fromisoformat` knows neither `Z` nor fractions of other lengths than three and six."""
    found = _ISO_8601.fullmatch(text)
    if found is None:
        raise ValueError
    fraction, sign, hours, minutes = found.group(7, 8, 9, 10)
    microsecond = int((fraction or "")[:6].ljust(6, "0"))
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    return datetime(year, month, day, hour, minute, second, microsecond, timezone.utc) - offset


class _HttpDate:
    """Writes times of day for HTTP, and remembers the last second. Source: RFC 7231, section 7.1.1.1."""

    def __init__(self) -> None:
        # One value, so that threads cannot mix two: the second's first and last moment, and its text.
        self._last = (_EPOCH, _EPOCH, formatdate(0, usegmt=True))

    def __call__(self, at: datetime) -> str:
        first, last, text = self._last
        if first <= at <= last:
            return text
        text = formatdate(int(at.timestamp()), usegmt=True)
        self._last = (at.replace(microsecond=0), at.replace(microsecond=999_999), text)
        return text


_http_date: Final = _HttpDate()


def _to_wire(value: datetime) -> str:
    """Source: API Reference, ListGraphs: `2020-01-22T11:35:11.372Z`. Finer than that only where the value is."""
    precision = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), default=_to_wire)


def _dump(value: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(value).encode("ascii")
