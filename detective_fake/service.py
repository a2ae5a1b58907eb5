"""From a request to its result: due events, faults, IAM, overrides, validation, operation, journal.

`Service` takes the fake's lock, so calls of several threads run one after the other. Functions of the test (callbacks
and overrides) run outside the lock, so they can make calls themselves.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING

import attrs

from detective_fake.controls.faults import with_unprocessed, without
from detective_fake.domain.due_events import run_due_events
from detective_fake.errors import NotFaked, ServiceError
from detective_fake.exchange import Result
from detective_fake.operations.call import Call
from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol import model
from detective_fake.protocol.validation import malformed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detective_fake.controls.context import FakeContext
    from detective_fake.controls.deny import Denials
    from detective_fake.controls.faults import Fault, Faults, When
    from detective_fake.controls.overrides import Overrides
    from detective_fake.exchange import Body, NetworkError, Request
    from detective_fake.journal.calls import CallRecord, Recorder
    from detective_fake.protocol.model import Regions

__all__ = ["RequestIds", "Service"]


class RequestIds:
    """Generates request IDs: UUIDs, the same for the same seed.

    The seed decides the first twenty digits, a counter the last twelve.
    """

    def __init__(self, seed: str) -> None:
        digits = blake2b(seed.encode(), digest_size=10).hexdigest()
        self._start = f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}"
        self._numbers = count(1)

    def __call__(self) -> str:
        """Return the next ID."""
        return f"{self._start}-{next(self._numbers):012x}"


@attrs.define(eq=False)
class Interventions:
    """The faults, denials and overrides that apply to one request.

    Attributes:
        faults: Faults that match the request.
        network_error: Raised instead of sending the request, if any.
        error: The error that a fault, IAM or an override answers, if any.
        body: The answer of an override, if any.
        unprocessed: Account IDs removed from the batch, with the reason reported for each.
    """

    faults: tuple[Fault, ...] = ()
    network_error: NetworkError | None = None
    error: ServiceError | None = None
    body: Body | None = None
    unprocessed: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def answered(self) -> bool:
        """Whether the request does not reach the operation."""
        return self.network_error is not None or self.error is not None or self.body is not None

    def call_back(self, when: When) -> None:
        """Call the callbacks of the faults."""
        for fault in self.faults:
            if fault.when == when:
                fault.call_back()


class Service:
    """Amazon Detective for all accounts and Regions of one fake.

    Args:
        context: World, clock and lock.
        recorder: Records every call.
        faults: Faults that the test has added.
        denials: Actions that IAM denies.
        overrides: Functions of the test that answer operations.
        regions: Regions that have Detective.
        page_size: Maximum number of items on a page; None for the sizes of AWS.
    """

    def __init__(
        self,
        context: FakeContext,
        recorder: Recorder,
        *,
        faults: Faults,
        denials: Denials,
        overrides: Overrides,
        regions: Regions,
        page_size: int | None = None,
    ) -> None:
        self._context = context
        self._recorder = recorder
        self._faults = faults
        self._denials = denials
        self._overrides = overrides
        self._regions = regions
        self._page_size = page_size
        self._request_ids = RequestIds(f"request {context.world.id_seed}")

    def handle(self, request: Request, record: CallRecord | None = None, number: int = 1) -> Result:
        """Answer a call, or one attempt at it.

        Args:
            request: The request.
            record: The record of the call if its attempts come one by one.
            number: Number of the attempt, 1 for the first.
        Raises:
            FakeUsageError: The test has made a mistake.
        """
        interventions = self._find_interventions(request, number)
        with self._context.lock:
            at = self._run_due_events()
            body, error = interventions.body, interventions.error
            if not interventions.answered:
                try:
                    body = self._perform(request, at, interventions.unprocessed)
                except ServiceError as refusal:
                    error = refusal
            if interventions.network_error is None:
                result = Result(request.operation, body, error, self._request_ids(), at)
            else:
                result = Result(request.operation, None, None, "", at, interventions.network_error)
            self._apply_faults_after(interventions.faults, result)
            if record is None:
                self._recorder.add(request, result)
            else:
                self._recorder.add_attempt(record, request, result)
        interventions.call_back("after")
        return result

    def _run_due_events(self) -> datetime:
        """Run the events that are due, follow changes outside Detective, and return the time."""
        if self._context.outside:
            run_due_events(self._context.world, self._context.clock.now())
            for outside in self._context.outside:
                outside.pull()
        at = self._context.clock.now()
        run_due_events(self._context.world, at)
        return at

    def _find_interventions(self, request: Request, number: int) -> Interventions:
        """Find what applies to a request before the operation: a missing Region, faults, IAM, overrides."""
        if not self._regions.has(request.region):
            return Interventions(network_error="EndpointConnectionError")
        found = Interventions()
        if self._faults.active:
            with self._context.lock:
                self._run_due_events()
                found.faults = self._faults.use(request, first=number == 1)
                self._pass_time(found.faults, "before")
            found.call_back("before")
            for fault in found.faults:
                if fault.when == "before" and fault.changes_answer:
                    found.network_error, found.error = fault.network, fault.refusal
                    found.unprocessed = fault.unprocessed or {}
        if self._denials.active and not found.answered:
            found.error = self._denials.refusal(request)
        if self._overrides.active and not found.answered and not request.malformed:
            self._override(request, found)
        return found

    def _override(self, request: Request, found: Interventions) -> None:
        """Let the functions of the test answer a request."""

        def perform() -> Body:
            with self._context.lock:
                return self._perform(request, self._run_due_events(), found.unprocessed)

        with self._context.lock:
            at = self._run_due_events()
        try:
            found.body = self._overrides.answer(request, at, perform)
        except ServiceError as refusal:
            found.error = refusal

    def _perform(self, request: Request, at: datetime, unprocessed: Mapping[str, str]) -> Body:
        """Validate a request and perform its operation.

        Args:
            request: The request.
            at: Time of the call.
            unprocessed: Accounts of a batch that the operation does not process, with reasons.
        Raises:
            ServiceError: Detective refuses the request.
        """
        operation, parameters = request.operation, request.parameters
        try:
            if operation not in HANDLERS:
                raise NotFaked(operation, tuple(HANDLERS))
            if request.malformed:
                raise malformed()
            if not request.valid:
                model.operations()[operation].validate(parameters)
            if unprocessed:
                parameters = without(operation, parameters, unprocessed)
            account_id, region, world = request.caller.account_id, request.region, self._context.world
            body = HANDLERS[operation](Call(world, operation, parameters, account_id, region, at, self._page_size))
        finally:
            for outside in self._context.outside:
                outside.push()
        return with_unprocessed(operation, request.parameters, body, unprocessed) if unprocessed else body

    def _apply_faults_after(self, faults: tuple[Fault, ...], result: Result) -> None:
        """Replace or lose the result of an operation that was performed."""
        if result.network is not None:
            return
        for fault in faults:
            if fault.when == "after" and fault.refusal is not None:
                result.body, result.error = None, fault.refusal
            if fault.when == "after" and fault.network is not None:
                result.network = fault.network
        self._pass_time(faults, "after")

    def _pass_time(self, faults: tuple[Fault, ...], when: When) -> None:
        """Move the clock by the latency of the faults."""
        for fault in faults:
            if fault.when == when and fault.latency:
                self._context.clock.advance(fault.latency)
                run_due_events(self._context.world, self._context.clock.now())
