"""Helpers for the tests of `detective_fake.interception`: a backend with prepared answers, and clients."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

from detective_fake.errors import ServiceError
from detective_fake.exchange import Caller, Result
from detective_fake.interception import wire_path
from detective_fake.interception.backend import Backend
from detective_fake.interception.botocore_hooks import activate, deactivate
from detective_fake.interception.callers import CallerRules
from detective_fake.protocol.results import timestamp_zone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.exchange import NetworkError, Request

    Answer = ServiceError | Exception | NetworkError | None

DEFAULT_ACCOUNT: Final = "123456789012"
OTHER_ACCOUNT: Final = "222222222222"
REGION: Final = "us-east-1"
GRAPH_ARN: Final = "arn:aws:detective:us-east-1:123456789012:graph:027c7c4610ea4aacaf0b883093cab899"
NOON: Final = datetime(2024, 3, 5, 12, 0, 0, 250_000, timezone.utc)
OLD_KEY: Final = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "wJalrXUtnFEMI"}

# Its clients have their own emitters, and share the data files of botocore.
_SESSION: Final = boto3.Session(region_name=REGION)


def a_result(operation: str = "ListGraphs", error: ServiceError | None = None, request_id: str = "id-1") -> Result:
    """Return a successful result or an error; the result of ListGraphs has one graph."""
    graphs = [{"Arn": GRAPH_ARN, "CreatedTime": NOON.astimezone(timestamp_zone())}]
    body: dict[str, Any] = {"GraphList": graphs} if operation == "ListGraphs" else {}
    return Result(operation, None if error else body, error, request_id, NOON)


class Left(BaseException):
    """A call has left the process. It is not an `Exception`, so that botocore does not retry."""


class StandIn(Backend):
    """A backend without a service: it gives the answers of its arguments in order, then successful ones.

    Attributes:
        requests: The requests, in order.
        begun: The arguments of each `begin`.
        attempts: Record and number of each attempt.
    """

    may_take_long = False

    def __init__(self, *answers: Answer, name: str = "stand-in", **options: Any) -> None:
        unused: Any = None
        rules = CallerRules(Caller(DEFAULT_ACCOUNT, "default"))
        super().__init__(unused, unused, rules, **{"region": REGION, **options})
        self.requests: list[Request] = []
        self.begun: list[tuple[Request, Result | None]] = []
        self.attempts: list[tuple[object, int]] = []
        self._answers = iter(answers)
        self._records = itertools.count(1)
        self._name = name
        self._numbers = itertools.count(1)

    def handle(self, request: Request, /) -> Result:
        """Give the next answer; raise an exception that is not a `ServiceError`."""
        self.requests.append(request)
        error = next(self._answers, None)
        if isinstance(error, Exception) and not isinstance(error, ServiceError):
            raise error
        assert not isinstance(error, str)
        return a_result(request.operation, error, f"{self._name}-{next(self._numbers)}")

    def begin(self, request: Request, answered: Result | None = None, /) -> object:
        """Return a number as the record."""
        self.begun.append((request, answered))
        return next(self._records)

    def attempt(self, record: object, request: Request, number: int, /) -> Result:
        """Give the next answer; raise an exception that is not a `ServiceError`."""
        self.attempts.append((record, number))
        self.requests.append(request)
        answer = next(self._answers, None)
        if isinstance(answer, Exception) and not isinstance(answer, ServiceError):
            raise answer
        error = None if isinstance(answer, str) else answer
        result = a_result(request.operation, error, f"{self._name}-{next(self._numbers)}")
        result.network = answer if isinstance(answer, str) else None
        return result


@contextmanager
def active(*backends: Backend) -> Iterator[None]:
    """Activate backends, one inside another."""
    for backend in backends:
        activate(backend)
    try:
        yield
    finally:
        for backend in reversed(backends):
            deactivate(backend)


def a_client(**options: Any) -> Any:
    """Return a Detective client, by default with credentials that name no account."""
    return _SESSION.client("detective", **{**OLD_KEY, **options})


def handlers(client: Any) -> dict[str, list[Any]]:
    """Return all handlers of a client's emitter, by event."""
    found: dict[str, list[Any]] = {}
    nodes = [("", client.meta.events._emitter._handlers._root)]  # noqa: SLF001 botocore lists them nowhere
    while nodes:
        name, node = nodes.pop()
        here = [handler for section in node["values"] or () for handler in section]
        found |= {name: here} if here else {}
        nodes += [(f"{name}.{part}", child) for part, child in node["children"].items()]
    return found


def patched_emitters() -> list[Any]:
    """Return the emitters that are led to us at this moment."""
    return list(wire_path._client_patches)  # noqa: SLF001 of the package's own tests


def retrying(mode: str, attempts: int = 3) -> Config:
    """Return the configuration of a client that retries in a mode."""
    return Config(retries={"mode": mode, "total_max_attempts": attempts})  # type: ignore[arg-type]
