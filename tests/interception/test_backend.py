"""What a fake is to the adapters, with nothing overridden."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.exchange import Caller, Request
from detective_fake.interception.access_keys import make
from detective_fake.interception.backend import Backend
from detective_fake.interception.callers import CallerRules
from tests.interception.stand_in import DEFAULT_ACCOUNT, OTHER_ACCOUNT, REGION, a_result

if TYPE_CHECKING:
    from detective_fake.exchange import Result

REQUEST = Request("ListGraphs", {}, Caller(DEFAULT_ACCOUNT, "default"), REGION, REGION)


class Alike(Backend):
    """Gives every request the same answer."""

    result = a_result()

    def handle(self, _request: Request, /) -> Result:
        return self.result


def a_backend(**options: Any) -> Backend:
    """Return a backend with nothing overridden that need not be."""
    return Alike(CallerRules(Caller(DEFAULT_ACCOUNT, "default")), region="eu-west-1", **options)


class TestDefaults:
    def test_an_attempt_is_handled_as_a_call(self) -> None:
        """Without faults there is no difference."""
        backend = a_backend()
        assert backend.attempt(backend.begin(REQUEST), REQUEST, 1) is backend.handle(REQUEST)

    def test_backoffs_are_kept(self) -> None:
        """What botocore would have slept."""
        backend = a_backend()
        backend.note_backoff("ListGraphs", 1, 0.5)
        assert backend.backoffs == [("ListGraphs", 1, 0.5)]


class TestEnvironment:
    def test_it_is_replaced_while_active(self) -> None:
        """From `enter` to `leave`."""
        backend, before = a_backend(), os.environ.get("AWS_REGION")
        backend.enter()
        assert (backend.active, os.environ["AWS_REGION"]) == (True, "eu-west-1")
        backend.leave()
        assert (backend.active, os.environ.get("AWS_REGION")) == (False, before)

    def test_it_is_left_alone_where_it_shall_be(self) -> None:
        """`hermetic=False` touches nothing."""
        backend, before = a_backend(hermetic=False), dict(os.environ)
        backend.enter()
        assert dict(os.environ) == before
        backend.leave()
        assert dict(os.environ) == before

    @pytest.mark.parametrize("hermetic", [True, False])
    def test_the_key_found_there_is_the_machines(self, hermetic: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
        """Known when the backend starts."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key := make(OTHER_ACCOUNT)["aws_access_key_id"])
        backend = a_backend(hermetic=hermetic)
        backend.enter()
        backend.leave()
        assert backend.caller_rules.machine_keys == {key}


class TestDefaultCaller:
    def test_it_may_be_assigned(self) -> None:
        """It holds from the next call on."""
        backend = a_backend()
        backend.account_id = OTHER_ACCOUNT
        assert backend.caller_rules.of(None).account_id == backend.account_id == OTHER_ACCOUNT
