"""The one door: a request in, a result out, read from top to bottom.

It knows the order of things (what is due, faults, IAM, overrides, validation, operation, journal) and none of the rules
behind them, and it alone takes the fake's lock: calls from many threads happen one after the other. A test's own
functions run outside it, so that they may call the fake.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.controls.batches import with_unprocessed, without
from detective_fake.controls.reentrancy import running
from detective_fake.domain.due_events import run_due_events
from detective_fake.errors import NotFaked, ServiceError
from detective_fake.exchange import Result
from detective_fake.operations.call import Call
from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol import model
from detective_fake.protocol.validation import malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from detective_fake.controls.context import FakeContext
    from detective_fake.controls.fault_terms import When
    from detective_fake.controls.faults import Fault, Faults
    from detective_fake.controls.iam import Denials
    from detective_fake.controls.overrides import Overrides
    from detective_fake.exchange import Body, NetworkError, Request
    from detective_fake.journal.calls import CallRecord, Recorder
    from detective_fake.protocol.regions import Regions

__all__ = ["RequestIds", "Service"]

# An odd number meets every number of twelve digits before it meets one again.
_TWELVE_DIGITS: Final = 0xFFFF_FFFF_FFFF
_STRIDE: Final = 0x9E37_79B9_7F4B


@lru_cache
def _first_digits(seed: str) -> str:
    digits = blake2b(seed.encode(), digest_size=10).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-"


class RequestIds:
    """`x-amzn-RequestId`s: UUIDs of a stream of their own, the same for the same seed.

    They differ from one another in the last twelve digits, and from those of other seeds in the others.
    """

    __slots__ = ("_last", "_start")

    def __init__(self, seed: str) -> None:
        self._start = _first_digits(seed)
        self._last = 0

    def __call__(self) -> str:
        """Return the next id."""
        self._last = last = self._last + _STRIDE & _TWELVE_DIGITS
        return self._start + last.to_bytes(6, "big").hex()


@attrs.define(eq=False)
class _Course:
    """What a request meets on its way, where that is anything at all.

    Attributes:
        met: The faults.
        lost: The connection fails before the request reaches the service.
        refusal: What it is refused with before the operation.
        body: What an override answers in place of the operation.
        unprocessed: Accounts of a batch that the operation does not get to see, with reasons.
    """

    met: tuple[Fault, ...] = ()
    lost: NetworkError | None = None
    refusal: ServiceError | None = None
    body: Body | None = None
    unprocessed: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def open(self) -> bool:
        """Whether the request gets as far as this."""
        return self.lost is None and self.refusal is None

    def faults(self, when: When) -> Iterator[Fault]:
        return (fault for fault in self.met if fault.terms.when == when)

    def call_back(self, when: When) -> None:
        for fault in self.faults(when):
            if fault.terms.callback is not None:
                with running(fault):
                    fault.terms.callback()


class Service:
    """Detective, for all accounts and Regions of one fake.

    Args:
        context: State, time, and the lock under which both are touched.
        recorder: Writes every call into the journal.
        faults: What calls meet before or after the operation.
        denials: What IAM denies.
        overrides: Functions that answer in place of operations.
        regions: Where there is a Detective.
        page_size: The most items on any page; None for the service's own sizes.
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
        self._lock = context.lock
        self._outside = context.outside
        self._recorder = recorder
        self._faults = faults
        self._denials = denials
        self._overrides = overrides
        self._regions = regions
        # What every call looks at, to find as a rule that there is nothing.
        self._present_faults = faults.present
        self._present_denials = denials.present
        self._present_overrides = overrides.present
        self._known_regions = regions.known
        self._page_size = page_size
        self._request_ids = RequestIds(f"request {context.world.id_seed}")

    def handle(self, request: Request, record: CallRecord | None = None, number: int = 1) -> Result:
        """Answer one call, or one attempt at it.

        Args:
            record: Of the call, for one whose attempts come one by one.
            number: Of the attempt, 1 for the first.
        Raises:
            FakeUsageError: The test is at fault, not the code under test.
        """
        course = None
        if request.region not in self._known_regions and not self._regions.has(request.region):
            course = _Course(lost="EndpointConnectionError")
        elif self._present_faults or self._present_denials or self._present_overrides:
            course = self._course(request, number)
        with self._lock:
            at = self._run_due_events()
            if course is None:
                body, error = None, None
                try:
                    body = self._answer(request, at, None)
                except ServiceError as refusal:
                    error = refusal
                for outside in self._outside:
                    outside.push()
                result = Result(request.operation, body, error, self._request_ids(), at)
            else:
                result = self._along(course, request, at)
            if record is None:
                self._recorder.add(request, result)
            else:
                self._recorder.add_attempt(record, request, result)
        if course is not None:
            course.call_back("after")
        return result

    def _run_due_events(self) -> datetime:
        if self._outside:
            run_due_events(
                self._context.world, self._context.clock.now()
            )  # what was due before anything was seen outside
            for outside in self._outside:
                outside.pull()
        at = self._context.clock.now()
        run_due_events(self._context.world, at)
        return at

    def _course(self, request: Request, number: int) -> _Course:
        """Find out what a request meets before the operation: faults, then IAM, then overrides."""
        with self._lock:
            self._run_due_events()
            course = _Course(self._faults.meet(request, first=number == 1))
            self._pass_time(course, "before")
        course.call_back("before")
        for fault in course.faults("before"):
            if fault.terms.decides:
                course.lost, course.refusal = fault.terms.network, fault.terms.error
                course.unprocessed = fault.terms.unprocessed
        if course.open and self._present_denials:
            course.refusal = self._denials.refusal(request)
        if course.open and self._present_overrides and not request.malformed:
            self._override(course, request)
        return course

    def _override(self, course: _Course, request: Request) -> None:
        def perform() -> Body:
            with self._lock:
                return self._performed(request, self._run_due_events(), course.unprocessed)

        with self._lock:
            at = self._run_due_events()
        try:
            course.body = self._overrides.answer(request, at, perform)
        except ServiceError as refusal:
            course.refusal = refusal

    def _along(self, course: _Course, request: Request, at: datetime) -> Result:
        """Answer a request that meets something on its way."""
        if course.lost is not None:
            return Result(request.operation, None, None, "", at, course.lost)
        body, error = course.body, course.refusal
        if body is None and error is None:
            try:
                body = self._performed(request, at, course.unprocessed)
            except ServiceError as refusal:
                error = refusal
        result = Result(request.operation, body, error, self._request_ids(), at)
        for fault in course.faults("after"):
            if fault.terms.error is not None:
                result.body, result.error = None, fault.terms.error
            if fault.terms.network is not None:
                result.network = fault.terms.network
        self._pass_time(course, "after")
        return result

    def _performed(self, request: Request, at: datetime, unprocessed: Mapping[str, str]) -> Body:
        """Do what a call that meets nothing does, for some of a batch, and raise what the operation is refused with."""
        try:
            return self._answer(request, at, unprocessed)
        finally:
            for outside in self._outside:
                outside.push()

    def _answer(self, request: Request, at: datetime, unprocessed: Mapping[str, str] | None) -> Body:
        operation, parameters = request.operation, request.parameters
        handler = HANDLERS.get(operation)
        if handler is None:
            raise NotFaked(operation, tuple(HANDLERS))
        if request.malformed:
            raise malformed()
        if not request.valid:
            model.operations()[operation].validate(parameters)
        if unprocessed:
            parameters = without(operation, parameters, unprocessed)
        body = handler(
            Call(
                self._context.world,
                operation,
                parameters,
                request.caller.account_id,
                request.region,
                at,
                self._page_size,
            )
        )
        return with_unprocessed(operation, request.parameters, body, unprocessed) if unprocessed else body

    def _pass_time(self, course: _Course, when: When) -> None:
        for fault in course.faults(when):
            if fault.terms.latency:
                self._context.clock.advance(fault.terms.latency)
                run_due_events(self._context.world, self._context.clock.now())
