"""Tests of `detective_fake.service`: what happens in which order, without a client around it."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from detective_fake.controls.context import FakeContext
from detective_fake.controls.fault_terms import FaultRules
from detective_fake.controls.faults import Faults
from detective_fake.controls.iam import Denials
from detective_fake.controls.overrides import AnswerRules, Overrides
from detective_fake.domain.clock import Clock
from detective_fake.errors import Conflict, NotFaked
from detective_fake.operations import registry
from detective_fake.protocol import answers
from detective_fake.protocol.model import error_statuses
from detective_fake.protocol.regions import Regions
from detective_fake.service import RequestIds, Service
from tests.builders import NOON, a_world
from tests.journal.journals import NAMES, a_recorder, a_request

if TYPE_CHECKING:
    from detective_fake.exchange import Request
    from detective_fake.journal.calls import Journal


class Parts:
    """A service and what it is made of; `seen` is what happened outside Detective."""

    def __init__(self) -> None:
        self.context = FakeContext(a_world(), Clock(lambda: 0.0))
        self.context.clock.freeze(NOON)
        self.seen: list[str] = []
        self.context.outside.append(self)
        recorder = a_recorder()
        self.faults = Faults(FaultRules(NAMES.operations, error_statuses(), print), recorder.journal, RLock())
        self.denials = Denials(NAMES.operations)
        self.overrides = Overrides(AnswerRules(NAMES.operations, self._body, answers.refusal_of))
        self.journal: Journal = recorder.journal
        self.service = Service(
            self.context,
            recorder,
            faults=self.faults,
            denials=self.denials,
            overrides=self.overrides,
            regions=Regions(),
        )

    def pull(self) -> None:
        """Note that the world follows."""
        self.seen.append("pull")

    def push(self) -> None:
        """Note that the outside is told."""
        self.seen.append(f"push {len(self.context.world.graphs)}")

    def _body(self, operation: str, answer: object) -> Any:
        return answers.body_of(operation, answer, self.context.clock.cut)

    def outcome(self, request: Request) -> str:
        """Return what comes of a request."""
        self.service.handle(request)
        return self.journal[-1].outcome


@pytest.fixture
def parts() -> Parts:
    return Parts()


class TestOutside:
    def test_is_asked_before_a_call_and_told_after_it(self, parts: Parts) -> None:
        """Once, refused or not."""
        assert parts.outcome(a_request("CreateGraph")) == "ok"
        assert parts.outcome(a_request("CreateGraph", Tags={"aws:no": "x"})) == "ValidationException"
        assert parts.seen == ["pull", "push 1"] * 2

    def test_is_told_what_an_overridden_call_has_done(self, parts: Parts) -> None:
        """When the function lets it proceed."""
        parts.overrides.on("CreateGraph")(lambda call: call.proceed())
        parts.outcome(a_request("CreateGraph"))
        assert parts.seen.count("push 1") == 1

    def test_is_told_nothing_where_nothing_was_done(self, parts: Parts) -> None:
        """Of a call that met a fault before."""
        parts.faults.add("CreateGraph", error="ConflictException")
        assert parts.outcome(a_request("CreateGraph")) == "ConflictException"
        assert set(parts.seen) == {"pull"}


class TestOrder:
    def test_each_stage_ends_the_call(self, parts: Parts) -> None:
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
        assert (parts.outcome(request), after.met) == ("InternalServerException", 1)
        assert parts.outcome(request) == "AccessDeniedException"
        denial.allow()
        assert parts.outcome(request) == "ConflictException"
        on.remove()
        assert parts.outcome(request) == "ValidationException"
        graph_arn = f"arn:aws:detective:us-east-1:111111111111:graph:{'0' * 32}"
        assert parts.outcome(a_request("DeleteGraph", GraphArn=graph_arn)) == "ResourceNotFoundException"

    def test_what_cannot_be_read_is_shown_to_no_override(self, parts: Parts) -> None:
        """There is nothing to show."""
        parts.overrides.on("DeleteGraph")(lambda _call: pytest.fail("asked"))
        request = a_request("DeleteGraph")
        request.malformed = True
        assert parts.outcome(request) == "ValidationException"


class TestNewOperations:
    @pytest.fixture
    def new(self, monkeypatch: pytest.MonkeyPatch) -> Request:
        """Return a request for an operation that only a newer package answers."""
        monkeypatch.setattr("detective_fake.service.HANDLERS", {"CreateGraph": registry.HANDLERS["CreateGraph"]})
        return a_request("ListGraphs")

    def test_are_refused_as_what_they_are(self, parts: Parts, new: Request) -> None:
        """The test's author learns what to do; there is no record of it."""
        with pytest.raises(
            NotFaked, match=r'no answer for ListGraphs; it answers CreateGraph\. .*@fake\.on\("ListGraphs"\)'
        ):
            parts.service.handle(new)
        assert len(parts.journal) == 0

    def test_can_be_answered_by_overrides(self, parts: Parts, new: Request) -> None:
        """As the refusal says."""
        parts.overrides.on("ListGraphs")(lambda _call: {"GraphList": []})
        assert parts.outcome(new) == "ok"


class TestRequestIds:
    def test_are_uuids_of_a_stream(self) -> None:
        """The same for the same seed."""
        one, other, different = RequestIds("a"), RequestIds("a"), RequestIds("b")
        ids = [one() for _ in range(3)]
        assert ids == [other() for _ in range(3)]
        assert different() not in ids
        assert {UUID(each).version for each in ids} == {4}
