"""Answers that a test's author has written: held against the service model, and brought into the parser's form.

Knows output shapes and botocore's `ClientError`; must not know who wrote an answer, nor why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from detective_fake.errors import ServiceError
from detective_fake.exchange import Deferred, copy_value
from detective_fake.protocol.model import error_members, error_status, operations
from detective_fake.protocol.results import NotAnOutput, check_output

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from botocore.model import Shape

    from detective_fake.exchange import Body

    OnClock = Callable[[datetime], datetime]

__all__ = ["body_of", "refusal_of"]

_METADATA: Final = "ResponseMetadata"
_UNMODELLED_STATUSES: Final = range(300, 600)


def body_of(operation: str, answer: object, on_clock: OnClock) -> Body:
    """Return an answer as an operation's body.

    A response of a client serves as well: its `ResponseMetadata` is left out.

    Args:
        on_clock: Returns an instant as the fake's clock gives it.
    Raises:
        NotAnOutput: No client of Detective could ever receive this.
    """
    if not isinstance(answer, Mapping):
        raise NotAnOutput(operation, answer, "a dict, or None for the fake's own answer")
    body = {name: value for name, value in answer.items() if name != _METADATA}
    check_output(operations()[operation], body)
    shape = operations()[operation].output_shape
    if shape is None:
        return {}
    return {
        name: Deferred(copy_value, (value,)) if isinstance(value, (dict, list)) else value
        for name, value in _formed(shape, body, on_clock).items()
    }


def refusal_of(error: Exception) -> ServiceError | None:
    """Return the service's error that an exception is, or that botocore has made it from; None for any other."""
    if isinstance(error, ServiceError):
        return error
    details: Mapping[str, Any] = error.response.get("Error", {}) if isinstance(error, ClientError) else {}
    code = details.get("Code")
    if not code:
        return None
    response: Mapping[str, Any] = error.response  # type: ignore[attr-defined] # it had details
    status = response.get(_METADATA, {}).get("HTTPStatusCode")
    modelled = error_status(code) is not None or status not in _UNMODELLED_STATUSES
    members = {name: response[name] for name in error_members(code) if name in response and name != "Message"}
    return ServiceError(details.get("Message", ""), members, code, None if modelled else status)


def _formed(shape: Shape, value: Any, on_clock: OnClock) -> Any:
    """Return a checked value as botocore's parser would have made it: members in order, times in the clock's zone."""
    form = _FORMS.get(shape.type_name)
    return value if form is None else form(shape, value, on_clock)


def _form_structure(shape: Any, value: Mapping[str, Any], on_clock: OnClock) -> dict[str, Any]:
    return {name: _formed(member, value[name], on_clock) for name, member in shape.members.items() if name in value}


def _form_list(shape: Any, value: list[Any], on_clock: OnClock) -> list[Any]:
    return [_formed(shape.member, item, on_clock) for item in value]


def _form_map(shape: Any, value: Mapping[str, Any], on_clock: OnClock) -> dict[str, Any]:
    return {key: None if item is None else _formed(shape.value, item, on_clock) for key, item in value.items()}


def _form_timestamp(_shape: Shape, value: datetime, on_clock: OnClock) -> datetime:
    return on_clock(value)


_FORMS: Final[Mapping[str, Callable[[Any, Any, OnClock], Any]]] = {
    "list": _form_list,
    "map": _form_map,
    "structure": _form_structure,
    "timestamp": _form_timestamp,
}
