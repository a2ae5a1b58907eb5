"""`Backend`: the environment, the default caller, and what it passes to service and recorder."""

from __future__ import annotations

import os
from typing import Any

import pytest

from detective_fake.exchange import Caller, Request, Result
from detective_fake.interception import environment
from detective_fake.interception.backend import Backend
from detective_fake.interception.callers import CallerRules, make_credentials
from detective_fake.interception.environment import Machine
from tests.interception.stand_in import DEFAULT_ACCOUNT, OTHER_ACCOUNT, REGION, a_result

REQUEST = Request("ListGraphs", {}, Caller(DEFAULT_ACCOUNT, "default"), REGION, REGION)


class Service:
    """Answers every request with the same result, and keeps the arguments."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.result = a_result()

    def handle(self, *arguments: object) -> Result:
        self.asked.append(arguments)
        return self.result


class Recorder:
    """Returns its arguments as the record."""

    def begin(self, *arguments: object) -> object:
        return ("record of", *arguments)


def a_backend(service: Any = None, **options: Any) -> Backend:
    recorder: Any = Recorder()
    rules = CallerRules(Caller(DEFAULT_ACCOUNT, "default"))
    return Backend(service, recorder, rules, region="eu-west-1", **options)


class TestCalls:
    def test_are_answered_by_the_service(self) -> None:
        """On the short path."""
        backend = a_backend(service := Service())
        assert backend.handle(REQUEST) is service.result
        assert service.asked == [(REQUEST,)]

    def test_have_a_record_for_all_attempts(self) -> None:
        """The service gets the record and the number of the attempt."""
        backend = a_backend(service := Service())
        record = backend.begin(REQUEST, service.result)
        assert record == ("record of", REQUEST, service.result)
        assert backend.attempt(record, REQUEST, 2) is service.result
        assert service.asked == [(REQUEST, record, 2)]

    def test_have_named_backoffs(self) -> None:
        """Named tuples."""
        backend = a_backend()
        backend.note_backoff("ListGraphs", 1, 0.5)
        assert backend.backoffs == [("ListGraphs", 1, 0.5)]
        assert backend.backoffs[0].seconds == 0.5


class TestEnvironment:
    def test_is_replaced_while_active(self) -> None:
        """From `enter` to `leave`."""
        backend, before = a_backend(), os.environ.get("AWS_REGION")
        backend.enter()
        assert (backend.active, os.environ["AWS_REGION"]) == (True, "eu-west-1")
        backend.leave()
        assert (backend.active, os.environ.get("AWS_REGION")) == (False, before)

    def test_is_unchanged_with_hermetic_false(self) -> None:
        """No variable changes."""
        backend, before = a_backend(hermetic=False), dict(os.environ)
        backend.enter()
        assert dict(os.environ) == before
        backend.leave()
        assert dict(os.environ) == before

    @pytest.mark.parametrize("hermetic", [True, False])
    def test_gives_the_access_key_of_the_machine(self, hermetic: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
        """It is read when the backend starts."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key := make_credentials(OTHER_ACCOUNT)["aws_access_key_id"])
        monkeypatch.setattr(environment, "_machine", Machine(is_known=True))
        backend = a_backend(hermetic=hermetic)
        backend.enter()
        backend.leave()
        assert backend.caller_rules.machine_keys == {key}
