"""What calls show: the errors they reach, and the members of responses and errors that they show filled and absent."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from detective_fake import DetectiveFake
from detective_fake.errors import ServiceError
from detective_fake.protocol.model import operations, service_model
from detective_fake.protocol.rest_json import error_body
from tests.random_calls import client_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocore.model import Shape

    from detective_fake.journal.calls import CallRecord

FILLED, EMPTY, ABSENT = "filled", "empty", "absent"

States = dict[str, set[str]]
"""Place -> how it was seen. Places are written as in `tests/drift/digest.py`."""


class Seen(NamedTuple):
    """What some calls of one operation show.

    Attributes:
        errors: The codes of their errors.
        members: The members of their responses and errors.
    """

    errors: set[str]
    members: States


def seen_in(operation: str, calls: Iterable[CallRecord]) -> Seen:
    """Return what calls of an operation show."""
    seen = Seen(set(), {})
    output = operations()[operation].output_shape
    for call in calls:
        error, result = call.error, call.result
        if error is not None:
            seen.errors.add(error.error_code)
            shape = service_model().shape_for_error_code(error.error_code)  # type: ignore[arg-type]  # the stubs say int
            _look(error.error_code, shape, error_body(error), seen.members)
        elif output is not None and result is not None:
            _look(f"{operation}()", output, result, seen.members)
    return seen


def _look(place: str, shape: Shape, value: Any, states: States) -> None:
    inside: Any = shape
    if shape.type_name == "structure":
        for name, member in inside.members.items():
            _look_at(f"{place}.{name}", member, value.get(name), states)
    elif shape.type_name == "list":
        for item in value:
            _look_at(f"{place}[]", inside.member, item, states)
    elif shape.type_name == "map":
        for item in value.values():
            _look_at(f"{place}{{value}}", inside.value, item, states)


def _look_at(place: str, shape: Shape, value: Any, states: States) -> None:
    state = ABSENT if value is None else EMPTY if value in ([], {}) else FILLED
    states.setdefault(place, set()).add(state)
    if value is not None:
        _look(place, shape, value, states)


def seen_by_fault(error: str) -> Seen:
    """Return what a call shows that a fault answers with an error and all of its members."""
    shape: Any = service_model().shape_for_error_code(error)  # type: ignore[arg-type]  # as above
    members = {
        name: ["MEMBER"] if member.type_name == "list" else member.metadata.get("enum", ["why"])[0]
        for name, member in shape.members.items()
        if name != "Message"
    }
    with DetectiveFake() as fake:
        fake.faults.add("ListGraphs", error=ServiceError("It failed.", members, error), times=None)
        with contextlib.suppress(ClientError):
            client_of("testing", "us-east-1").list_graphs()
        return seen_in("ListGraphs", fake.calls)
