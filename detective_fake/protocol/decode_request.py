"""The parameters of a request that came in: decoded, validated, and remembered, as tests ask the same again and again.

Knows that decoding and validating depend on the request alone; must not know either's rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from detective_fake.errors import ValidationFailed
from detective_fake.protocol import rest_json
from detective_fake.protocol.model import operations

if TYPE_CHECKING:
    from detective_fake.protocol.model import Operation

__all__ = ["DecodedRequest", "decode_request"]

REMEMBERED_REQUESTS: Final = 256
REMEMBERED_LENGTH: Final = 2048


class DecodedRequest(NamedTuple):
    """What a request asks for.

    Attributes:
        parameters: By member names, nobody's to change; empty where they cannot be decoded.
        malformed: They cannot be decoded.
        valid: They are known to be valid; else that is still to be found out.
    """

    parameters: dict[str, Any]
    malformed: bool
    valid: bool


_known: Final[dict[tuple[str, str, bytes], DecodedRequest]] = {}


def decode_request(operation_name: str, url_path: str, query: Any, body: Any) -> DecodedRequest:
    """Return what a request asks for.

    An operation that the installed botocore does not know has no parameters: nobody can answer it anyway.

    Args:
        operation_name: As in the service model.
        url_path: As for `rest_json.decode`.
        query: The same.
        body: The same.
    """
    if query or type(body) is not bytes or len(body) > REMEMBERED_LENGTH:
        return _read(operation_name, url_path, query, body)
    request = (operation_name, url_path, body)
    known = _known.get(request)
    if known is None:
        known = _read(operation_name, url_path, query, body)
        if known.valid:
            if len(_known) >= REMEMBERED_REQUESTS:
                _known.clear()
            _known[request] = known
    return known


def _read(operation_name: str, url_path: str, query: Any, body: Any) -> DecodedRequest:
    operation = operations().get(operation_name)
    if operation is None:
        return DecodedRequest({}, malformed=False, valid=False)
    try:
        parameters = rest_json.decode(operation, url_path, query, body)
    except ValidationFailed:
        return DecodedRequest({}, malformed=True, valid=False)
    return DecodedRequest(parameters, malformed=False, valid=_is_valid(operation, parameters))


def _is_valid(operation: Operation, parameters: dict[str, Any]) -> bool:
    # What else comes before this refusal is for others to say.
    try:
        operation.validate(parameters)
    except ValidationFailed:
        return False
    return True
