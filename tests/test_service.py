"""`Service`: the order of its steps, tested without a client."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from detective_fake.controls.context import FakeContext
from detective_fake.controls.deny import Denials
from detective_fake.controls.faults import Faults
from detective_fake.controls.overrides import Overrides
from detective_fake.domain.clock import Clock
from detective_fake.errors import Conflict, NotFaked
from detective_fake.operations import registry
from detective_fake.service import RequestIds, Service
from tests.builders import NOON, a_world
from tests.journal.journals import a_recorder, a_request

if TYPE_CHECKING:
    from detective_fake.exchange import Request
    from detective_fake.journal.calls import Journal


class Parts:
    """A service with its components. `seen` lists the calls to the world outside Detective."""

    def __init__(self) -> None:
        self.context = FakeContext(a_world(), Clock(lambda: 0.0))
        self.context.clock.freeze(NOON)
        self.seen: list[str] = []
        self.context.outside.append(self)  # type: ignore[arg-type] # no organization control is used
        recorder = a_recorder()
        self.journal: Journal = recorder.journal
        self.service = Service(self.context, recorder)
        self.faults = self.service.faults = Faults(self.context, self.journal)
        self.denials = self.service.denials = Denials(self.context, self.journal)
        self.overrides = self.service.overrides = Overrides(self.context, self.journal)

    def pull(self) -> None:
        """Record the call."""
        self.seen.append("pull")

    def push(self) -> None:
        """Record the call and the number of graphs."""
        self.seen.append(f"push {len(self.context.world.graphs)}")

    def outcome(self, request: Request) -> str:
        """Return the outcome of a request."""
        self.service.handle(request)
        return self.journal[-1].outcome


@pytest.fixture
def parts() -> Parts:
    return Parts()


class TestOutside:
    def test_is_pulled_before_a_call_and_pushed_after_it(self, parts: Parts) -> None:
        """Once, also for a refused call."""
        assert parts.outcome(a_request("CreateGraph")) == "ok"
        assert parts.outcome(a_request("CreateGraph", Tags={"aws:no": "x"})) == "ValidationException"
        assert parts.seen == ["pull", "push 1"] * 2

    def test_is_pushed_after_an_overridden_call(self, parts: Parts) -> None:
        """If the function lets the call proceed."""
        parts.overrides.on("CreateGraph")(lambda call: call.proceed())
        parts.outcome(a_request("CreateGraph"))
        assert parts.seen.count("push 1") == 1

    def test_is_not_pushed_if_the_operation_did_not_run(self, parts: Parts) -> None:
        """A fault before the operation prevents it."""
        parts.faults.add("CreateGraph", error="ConflictException")
        assert parts.outcome(a_request("CreateGraph")) == "ConflictException"
        assert set(parts.seen) == {"pull"}


class TestOrder:
    def test_each_step_can_end_the_call(self, parts: Parts) -> None:
        """Regions, faults, IAM, overrides, validation, operation, and faults after it."""
        request = a_request("DeleteGraph", GraphArn="no-arn")
        nowhere = a_request("DeleteGraph", region="cn-north-1")
        parts.faults.add("*", network="SSLError")
        after = parts.faults.add("*", error="InternalServerException", when="after")
        denial = parts.denials.add("*")
        on = parts.overrides.on("DeleteGraph")

        @on
        def refuse(_call: object) -> None:
            raise Conflict

        seen = [parts.outcome(nowhere), parts.outcome(request)]
        assert seen == ["EndpointConnectionError", "SSLError"]
        assert (parts.outcome(request), after.used) == ("InternalServerException", 1)
        assert parts.outcome(request) == "AccessDeniedException"
        denial.allow()
        assert parts.outcome(request) == "ConflictException"
        on.remove()
        assert parts.outcome(request) == "ValidationException"
        graph_arn = f"arn:aws:detective:us-east-1:111111111111:graph:{'0' * 32}"
        assert parts.outcome(a_request("DeleteGraph", GraphArn=graph_arn)) == "ResourceNotFoundException"

    def test_an_override_gets_no_malformed_request(self, parts: Parts) -> None:
        """It has no parameters."""
        parts.overrides.on("DeleteGraph")(lambda _call: pytest.fail("asked"))
        request = a_request("DeleteGraph")
        request.malformed = True
        assert parts.outcome(request) == "ValidationException"


class TestNewOperations:
    @pytest.fixture
    def new(self, monkeypatch: pytest.MonkeyPatch) -> Request:
        """Return a request for an operation that has no handler."""
        monkeypatch.setattr("detective_fake.service.HANDLERS", {"CreateGraph": registry.HANDLERS["CreateGraph"]})
        return a_request("ListGraphs")

    def test_are_rejected(self, parts: Parts, new: Request) -> None:
        """The message says what to do. The call is recorded."""
        with pytest.raises(
            NotFaked, match=r'does not support ListGraphs\. It supports CreateGraph\. .*@fake\.on\("ListGraphs"\)'
        ):
            parts.service.handle(new)
        assert [each.outcome for each in parts.journal] == ["NotFaked"]

    def test_can_be_answered_by_overrides(self, parts: Parts, new: Request) -> None:
        """As the message says."""
        parts.overrides.on("ListGraphs")(lambda _call: {"GraphList": []})
        assert parts.outcome(new) == "ok"


class TestRequestIds:
    def test_are_distinct_uuids(self) -> None:
        """The same for the same seed."""
        one, other, different = RequestIds("a"), RequestIds("a"), RequestIds("b")
        ids = [one() for _ in range(3)]
        assert ids == [other() for _ in range(3)]
        assert different() not in ids
        assert {UUID(each).version for each in ids} == {4}
