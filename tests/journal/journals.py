"""Calls and journals for tests of what reads them: each with whatever a test leaves open filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detective_fake.exchange import Caller, Request, Result
from detective_fake.journal.call_records import CallNames
from detective_fake.journal.calls import Recorder
from detective_fake.protocol import model
from detective_fake.protocol.parameter_names import check_parameter_names
from tests.builders import ADMINISTRATOR, NOON, REGION

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.errors import ServiceError
    from detective_fake.exchange import NetworkError

__all__ = ["NAMES", "a_recorder", "a_request", "a_result"]

NAMES: Final = CallNames(tuple(model.operations()), model.sensitive_members(), check_parameter_names)


def a_request(
    operation: str = "ListGraphs",
    *,
    account_id: str = ADMINISTRATOR,
    region: str = REGION,
    access_key: str | None = None,
    **parameters: Any,
) -> Request:
    """Return a request; parameters by their wire names."""
    return Request(operation, parameters, Caller(account_id, "default", access_key), region, region, "Boto3/1")


def a_result(
    operation: str = "ListGraphs",
    body: dict[str, Any] | None = None,
    *,
    error: ServiceError | None = None,
    network: NetworkError | None = None,
    request_id: str = "id-1",
    at: datetime = NOON,
) -> Result:
    """Return what came of a request: success with an empty body unless told otherwise."""
    answer = {} if body is None and error is None and request_id else body
    return Result(operation, answer, error, request_id, at, network)


def a_recorder(*calls: Request | tuple[Request, Result]) -> Recorder:
    """Return a recorder that has noted these calls; those without a result have succeeded."""
    recorder = Recorder(NAMES)
    for call in calls:
        request, result = call if isinstance(call, tuple) else (call, a_result(call.operation))
        recorder.add(request, result)
    return recorder
