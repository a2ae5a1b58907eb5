"""Tests of `detective_fake.interception.service_backend`; the rest of it is seen through real clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

from detective_fake.exchange import Caller, Request, Result
from detective_fake.interception.callers import CallerRules
from detective_fake.interception.service_backend import ServiceBackend
from tests.interception.stand_in import DEFAULT_ACCOUNT, REGION, a_result

if TYPE_CHECKING:
    from detective_fake.exchange import NetworkError

REQUEST = Request("ListGraphs", {}, Caller(DEFAULT_ACCOUNT, "default"), REGION, REGION)


class Service:
    """Answers with what it was given, and keeps what it was asked."""

    def __init__(self, network: NetworkError | None = None) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.result = a_result()
        self.result.network = network

    def handle(self, *request: object) -> Result:
        self.asked.append(request)
        return self.result


class Recorder:
    """Opens records that say what they are of."""

    def begin(self, *call: object) -> object:
        return ("record of", *call)


def a_backend(service: Service) -> ServiceBackend:
    parts: Any = Mock(return_value=Mock(service=service, recorder=Recorder()))
    return ServiceBackend(parts, CallerRules(Caller(DEFAULT_ACCOUNT, "default")), region=REGION, hermetic=False)


class TestCalls:
    def test_are_handled_by_the_service_asked_for_once(self) -> None:
        """With the first of them."""
        backend = a_backend(service := Service())
        parts: Any = backend._parts  # noqa: SLF001 - what was given to it
        assert parts.call_count == 0
        assert [backend.handle(REQUEST) for _ in range(3)] == [service.result] * 3
        assert (parts.call_count, service.asked) == (1, [(REQUEST,)] * 3)


class TestAttempts:
    def test_belong_to_a_record(self) -> None:
        """The recorder's; the service is told which and the how-manyeth."""
        service = Service()
        backend = a_backend(service)
        record = backend.begin(REQUEST, service.result)
        assert record == ("record of", REQUEST, service.result)
        assert backend.attempt(record, REQUEST, 2) is service.result
        assert service.asked == [(REQUEST, record, 2)]

    def test_end_in_a_network_error_where_the_answer_is_lost(self) -> None:
        """By its name."""
        assert a_backend(Service("ReadTimeoutError")).attempt(None, REQUEST, 1) == "ReadTimeoutError"


class TestBackoffs:
    def test_have_names(self) -> None:
        """And are tuples all the same."""
        backend = a_backend(Service())
        backend.note_backoff("ListGraphs", 1, 0.5)
        assert backend.backoffs == [("ListGraphs", 1, 0.5)]
        assert backend.backoffs[0].seconds == 0.5
