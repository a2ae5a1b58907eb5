"""The rest-json protocol: decodes HTTP requests to operations and parameters, encodes results as HTTP responses."""

from __future__ import annotations

import functools
import json
import math
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn
from urllib.parse import parse_qs, unquote

from botocore.model import StructureShape

from detective_fake.errors import ServiceError, ValidationFailed
from detective_fake.exchange import Result, write_body
from detective_fake.formatting import format_http_date, format_time, parse_time
from detective_fake.protocol.model import error_members, error_statuses, operations
from detective_fake.protocol.validation import malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import Shape

    from detective_fake.protocol.model import Operation

    Query = str | Mapping[str, str | list[str]]

# AWS's front end answers 400 to what it rejects itself, unless a code has another status.
_UNMODELLED_STATUS: Final = 400

# Decoding and validating a request takes about 13 % of a read, and tests make the same calls again and again. Long
# requests are not kept, so that the cache stays below 1 MB.
_CACHED_REQUESTS: Final = 256
_CACHED_LENGTH: Final = 2048

# Requests of Detective have far fewer levels. Code that walks a value by recursion can handle this many.
_MAX_DEPTH: Final = 64

# Python itself rejects numbers of some thousand digits, as they take quadratic time; its older releases do not.
_MAX_DIGITS: Final = 400

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


class DecodedRequest(NamedTuple):
    """The input of a request.

    Attributes:
        parameters: By member names. Shared between equal requests: do not change them. Empty if they are malformed.
        malformed: The parameters cannot be decoded.
        valid: The parameters satisfy the service model. If not, the operation's validation says why.
    """

    parameters: dict[str, Any]
    malformed: bool
    valid: bool


def route(method: str, path: str) -> Operation | None:
    """Return the operation of a request, None if there is none.

    Args:
        method: As sent, in upper case.
        path: As sent, without the query string. An ARN in it may be percent-encoded, plain, or missing.
    """
    for operation in operations().values():
        if operation.method == method and operation.path_pattern.fullmatch(path):
            return operation
    return None


def decode_request(operation_name: str, url_path: str, query: Query, body: Any) -> DecodedRequest:
    """Return the input of a request, from a cache if an equal request was decoded before.

    An operation that the installed botocore does not know has no parameters: no fake answers it.

    Args:
        operation_name: As in the service model.
        url_path: As for `decode_parameters`.
        query: As for `decode_parameters`.
        body: As for `decode_parameters`.
    """
    if query or type(body) is not bytes or len(body) + len(url_path) > _CACHED_LENGTH:
        return _decode(operation_name, url_path, query, body)
    return _decode_cached(operation_name, url_path, "", body)


def _decode(operation_name: str, url_path: str, query: Query, body: Any) -> DecodedRequest:
    operation = operations().get(operation_name)
    if operation is None:
        return DecodedRequest({}, malformed=False, valid=False)
    found = DecodedRequest({}, malformed=True, valid=False)
    with suppress(ValidationFailed):
        found = DecodedRequest(decode_parameters(operation, url_path, query, body), malformed=False, valid=False)
        operation.validate(found.parameters)
        found = found._replace(valid=True)
    return found


_decode_cached: Final = functools.lru_cache(maxsize=_CACHED_REQUESTS)(_decode)


def decode_parameters(operation: Operation, url_path: str, query: Query, body: bytes | str | None) -> dict[str, Any]:
    """Return the parameters of a request by member names, in the model's order: body, path, query string.

    It reads both what botocore has serialized (`request_dict`) and what came over the wire. Null members and members
    that the model does not know are left out; timestamps become aware datetimes in UTC.

    Args:
        operation: The operation; see `route`.
        url_path: The path with percent-encoded labels; an endpoint URL may put more before it.
        query: The raw query string, or names and values that are not yet encoded.
        body: The JSON of an object; None or empty if there are no members in it.

    Raises:
        ValidationFailed: The body is not a JSON object, is not valid Unicode, is nested too deep, or has a number or
            timestamp out of range.
    """
    parameters: dict[str, Any] = {}
    if body and operation.body_members and operation.input_shape is not None:
        members = _decode_json_object(body)
        shapes = operation.input_shape.members
        for wire_name, name in operation.body_members.items():
            value = members.get(wire_name)
            if value is not None:
                parameters[name] = _decode_value(shapes[name], value)
    if operation.uri_members:
        found = operation.path_pattern.search(url_path)
        labels = {} if found is None else found.groupdict()
        parameters.update({operation.uri_members[label]: unquote(value) for label, value in labels.items()})
    if operation.query_members and operation.input_shape is not None:
        parameters.update(_decode_query(operation.input_shape, operation.query_members, query))
    return parameters


def status(result: Result) -> int:
    """Return the HTTP status of a result."""
    error = result.error
    if error is None:
        return operations()[result.operation].status
    return error.status or error_statuses().get(error.error_code) or _UNMODELLED_STATUS


def headers(result: Result) -> dict[str, str]:
    """Return the headers of a response by names in lower case, without the content-length."""
    found = {
        "content-type": "application/json",
        "date": format_http_date(result.at),
        "x-amzn-requestid": result.request_id,
    }
    if result.error is not None:
        found["x-amzn-errortype"] = result.error.error_code
    return found


def encode(result: Result) -> bytes:
    """Return the body of a response: JSON, or nothing if the operation has no output.

    Source: API Reference, sample responses of EnableOrganizationAdminAccount and UntagResource, for the empty body.
    """
    if result.error is not None:
        return _dump(error_body(result.error))
    if not operations()[result.operation].output_members:
        return b""
    return _dump(write_body(result.body or {}))


def error_body(error: ServiceError) -> dict[str, Any]:
    """Return an error's members in the model's order, `Message` first; as given for a code that the model lacks."""
    members: dict[str, Any] = {"Message": error.message}
    for name, value in error.members.items():
        members[name] = value if isinstance(value, str) else list(value)
    modelled = error_members(error.error_code)
    return {name: members[name] for name in modelled if name in members} if modelled else members


def unknown_operation(request_id: str, at: datetime) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of the response to a request that `route` finds no operation for.

    Source: the body as AWS's front ends have been seen to send it, for several services and with status 200. The status
    here is the one in AWS's list of common errors, so that the response is not taken for a success.
    """
    error = ServiceError(error_code="UnknownOperationException")
    body = {"Output": {"__type": f"com.amazon.coral.service#{error.error_code}"}, "Version": "1.0"}
    return 404, headers(Result("", None, error, request_id, at)), _dump(body)


def _decode_query(shape: StructureShape, members: Mapping[str, str], query: Query) -> dict[str, Any]:
    """Return the parameters of a query string. Of a repeated one that is not a list, the last value counts."""
    given = parse_qs(query, keep_blank_values=True) if isinstance(query, str) else query
    parameters: dict[str, Any] = {}
    for wire_name, value in given.items():
        values = [value] if isinstance(value, str) else list(value)
        if wire_name in members and values:
            name = members[wire_name]
            parameters[name] = values if shape.members[name].type_name == "list" else values[-1]
    return parameters


def _reject_constant(_name: str) -> NoReturn:
    raise ValueError


def _parse_integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError
    return int(digits)


def _parse_float(text: str) -> float:
    """JSON has no infinity: written again, by CloudTrail or the server, such a number would be invalid JSON."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


_DECODER: Final = json.JSONDecoder(parse_constant=_reject_constant, parse_float=_parse_float, parse_int=_parse_integer)


def _decode_json_object(body: bytes | str) -> dict[str, Any]:
    try:
        text = body if isinstance(body, str) else str(body, "utf-8")
        value = _DECODER.decode(text)
        if "\\u" in text or not text.isascii():
            # Half a surrogate pair would pass here, and fail wherever the text is encoded again.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise malformed() from None
    if type(value) is not dict or _is_too_deep(value):
        raise malformed()
    return value


def _is_too_deep(value: dict[str, Any]) -> bool:
    """Return whether a value has more than `_MAX_DEPTH` levels, without recursion, which has a limit of its own."""
    level: list[Any] = [value]
    depth = 0
    while level and depth < _MAX_DEPTH:
        depth += 1
        contents = (outer.values() if type(outer) is dict else outer for outer in level)
        level = [inner for content in contents for inner in content if type(inner) in {dict, list}]
    return bool(level)


def _decode_value(shape: Shape, value: Any) -> Any:
    """Return a value with datetimes as its timestamps, and without null members and those that the model does not know.

    Lists and maps are returned as they are: none of Detective's inputs has timestamps in them. So are values of a
    wrong type, for validation to reject.
    """
    if shape.type_name == "timestamp":
        return _decode_timestamp(value)
    if isinstance(shape, StructureShape) and type(value) is dict:
        members = shape.members.items()
        return {name: _decode_value(member, value[name]) for name, member in members if value.get(name) is not None}
    return value


def _decode_timestamp(value: object) -> datetime:
    """Return the time of an ISO 8601 text, or of a number of seconds since 1970.

    Raises:
        ValidationFailed: It is neither.
    """
    try:
        if isinstance(value, str):
            return parse_time(value.replace(" ", "-")).astimezone(timezone.utc)  # only files may have a space for `T`
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _EPOCH + timedelta(seconds=value)
    except (ValueError, OverflowError):
        pass
    raise malformed()


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), default=format_time)


def _dump(value: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(value).encode()
