"""Requests, results and recorders with defaults, for tests of what reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detective_fake.exchange import Caller, Request, Result
from detective_fake.journal.calls import Recorder
from tests.builders import ADMINISTRATOR, NOON, REGION

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.errors import ServiceError
    from detective_fake.exchange import NetworkError


def a_request(
    operation: str = "ListGraphs",
    *,
    account_id: str = ADMINISTRATOR,
    region: str = REGION,
    access_key: str | None = None,
    **parameters: Any,
) -> Request:
    """Return a request. Parameters have their wire names."""
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
    """Return the result of a request, by default success with an empty body."""
    answer = {} if body is None and error is None and request_id else body
    return Result(operation, answer, error, request_id, at, network)


def a_recorder(*calls: Request | tuple[Request, Result]) -> Recorder:
    """Return a recorder with these calls. Calls without a result succeeded."""
    recorder = Recorder()
    for call in calls:
        request, result = call if isinstance(call, tuple) else (call, a_result(call.operation))
        recorder.add(request, result)
    return recorder
