"""From a request to its result: due events, faults, IAM, overrides, validation, operation, journal.

`Service` takes the fake's lock, so calls of several threads run one after the other. Functions of the test (callbacks
and overrides) run outside the lock, so they can make calls themselves.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import attrs

from detective_fake.domain.due_events import anything_due, run_due_events
from detective_fake.errors import AccessDenied, NotFaked, ResourceNotFound, ServiceError
from detective_fake.exchange import READING, Result
from detective_fake.operations.call import Call
from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol import model
from detective_fake.protocol.validation import malformed

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.controls.context import FakeContext
    from detective_fake.controls.deny import Denials
    from detective_fake.controls.faults import Fault, Faults, When
    from detective_fake.controls.overrides import Overrides
    from detective_fake.domain.world import World
    from detective_fake.exchange import Body, Request
    from detective_fake.journal.calls import CallRecord, Recorder


class RequestIds:
    """Generates request IDs: UUIDs, the same for the same seed.

    The seed decides the first twenty digits, a counter the last twelve.

    Attributes:
        made: How many were generated. It may be set back.
    """

    def __init__(self, seed: str) -> None:
        digits = blake2b(seed.encode(), digest_size=10).hexdigest()
        self._start = f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}"
        self.made = 0

    def __call__(self) -> str:
        """Return the next ID."""
        self.made += 1
        return f"{self._start}-{self.made:012x}"


@attrs.define(eq=False, repr=False)
class Service:
    """Amazon Detective for all accounts and Regions of one fake.

    Args:
        context: World, clock, lock and Regions.
        recorder: Records every call.
        page_size: Maximum number of items on a page; None for the sizes of AWS.

    Attributes:
        faults: Faults that the test has added. As the next two, None until the test asks for them.
        denials: Actions that IAM denies.
        overrides: Functions of the test that answer operations.
        request_ids: Generates request IDs.
    """

    _context: FakeContext
    _recorder: Recorder
    _page_size: int | None = None
    faults: Faults | None = attrs.field(default=None, init=False)
    denials: Denials | None = attrs.field(default=None, init=False)
    overrides: Overrides | None = attrs.field(default=None, init=False)
    request_ids: RequestIds = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.request_ids = RequestIds(f"request {self._context.world.id_seed}")

    @property
    def may_take_long(self) -> bool:
        """Whether a call may run a function of the test, or ask another service."""
        callbacks = [fault.callback for fault in tuple(self.faults.active if self.faults else ())]
        return bool(self._context.outside or any(callbacks) or (self.overrides and self.overrides.active))

    def handle(self, request: Request, record: CallRecord | None = None, number: int = 1) -> Result:
        """Answer a call, or one attempt at it.

        Args:
            request: The request.
            record: The record of the call if its attempts come one by one.
            number: Number of the attempt, 1 for the first.
        Raises:
            FakeUsageError: The test has made a mistake.
            BaseException: What a function of the test raises, or a signal handler. The call is recorded all the same.
        """
        result = Result(request.operation)
        faults: tuple[Fault, ...] = ()
        try:
            if not self._context.regions.has(request.region, fips=request.fips):
                result.network = "EndpointConnectionError"
                result.reason = f'there is no Detective in {request.region}; with missing_regions="allow" there is'
            else:
                if self.faults and self.faults.active:
                    faults = self._use_faults(self.faults, request, result, first=number == 1)
                if self.denials and self.denials.active and not result.decided:
                    result.error = self.denials.refusal(request)
                if self.overrides and self.overrides.active and not (result.decided or request.malformed):
                    self._override(self.overrides, request, result, faults)
            with self._context.lock:
                result.at = self._context.clock.now()
                if faults or not self._only_reads(request, result.at):
                    with self._context.all_or_nothing(result.changes):
                        result.at = self._run_due_events()
                        self._answer(request, result, faults)
                else:
                    self._answer(request, result)
                self._recorder.add(request, result, record)
        except BaseException as error:
            with self._context.lock:
                failure = Result(request.operation, at=self._context.clock.now(), raised=type(error).__name__)
                self._recorder.add(request, failure, record)
            raise
        _call_back(faults, "after")
        return result

    def _only_reads(self, request: Request, at: datetime) -> bool:
        """Whether nothing changes by a request, so that there is nothing to undo and no need to prepare for it."""
        return request.operation.startswith(READING) and not (
            self._context.outside or anything_due(self._context.world, at)
        )

    def _answer(self, request: Request, result: Result, faults: tuple[Fault, ...] = ()) -> None:
        """Perform a request, unless its result is decided already."""
        if not result.decided:
            try:
                result.body = self._perform(request, result, faults)
            except ServiceError as refusal:
                result.error = refusal
        if result.network is None:
            result.request_id = self.request_ids()
            for fault in faults:
                if fault.when == "after" and fault.changes_answer:
                    result.network = fault.network
                    if fault.refusal:
                        result.body, result.error = None, fault.refusal
            self._pass_time(faults, "after")

    def _run_due_events(self) -> datetime:
        """Run the events that are due, follow changes outside Detective, and return the time."""
        if self._context.outside:
            run_due_events(self._context.world, self._context.clock.now())
            for outside in self._context.outside:
                outside.pull()
        at = self._context.clock.now()
        run_due_events(self._context.world, at)
        return at

    def _use_faults(self, added: Faults, request: Request, result: Result, *, first: bool) -> tuple[Fault, ...]:
        """Return the faults that an attempt uses, after those that come before the operation have done their work."""
        with self._context.all_or_nothing(result.changes):
            self._run_due_events()
            faults = added.use(request, first=first)
            self._pass_time(faults, "before")
        _call_back(faults, "before")
        for fault in faults:
            if fault.when == "before" and fault.changes_answer:
                result.network, result.error = fault.network, fault.refusal
        return faults

    def _override(self, added: Overrides, request: Request, result: Result, faults: tuple[Fault, ...]) -> None:
        """Let the functions of the test answer a request."""

        def perform() -> Body:
            with self._context.all_or_nothing(result.changes):
                result.at = self._run_due_events()
                return self._perform(request, result, faults)

        with self._context.all_or_nothing(result.changes):
            at = self._run_due_events()
        try:
            result.body = added.answer(request, at, perform)
        except ServiceError as refusal:
            result.error = refusal

    def _perform(self, request: Request, result: Result, faults: tuple[Fault, ...]) -> Body:
        """Validate a request and perform its operation.

        Args:
            request: The request.
            result: Has the time of the call. The reason of a refusal is added.
            faults: Those that apply. They may name accounts of a batch that the operation does not process.
        Raises:
            ServiceError: Detective refuses the request.
        """
        operation, parameters = request.operation, request.parameters
        partial = next((fault for fault in faults if fault.unprocessed), None)
        try:
            if operation not in HANDLERS:
                raise NotFaked(operation, tuple(HANDLERS))
            if request.malformed:
                raise malformed()
            if not request.valid:
                model.operations()[operation].validate(parameters)
            if partial:
                parameters = partial.without_unprocessed(request)
            account_id, region, world = request.caller.account_id, request.region, self._context.world
            call = Call(world, operation, parameters, account_id, region, result.at, self._page_size)
            body = HANDLERS[operation](call)
        except (AccessDenied, ResourceNotFound):
            result.reason = _explain_refusal(self._context.world, request)
            raise
        finally:
            for outside in self._context.outside:
                outside.push()
        return partial.with_unprocessed(request, body) if partial else body

    def _pass_time(self, faults: tuple[Fault, ...], when: When) -> None:
        """Move the clock by the latency of the faults."""
        for fault in faults:
            if fault.when == when and fault.latency:
                self._context.clock.advance(fault.latency)
                run_due_events(self._context.world, self._context.clock.now())


def _call_back(faults: tuple[Fault, ...], when: When) -> None:
    """Call the callbacks of the faults."""
    for fault in faults:
        if fault.when == when and fault.callback is not None:
            with fault.running():
                fault.callback()


def _explain_refusal(world: World, request: Request) -> str:
    """Say what the caller is to the graph or the organization that it calls about."""
    account_id, arn = request.caller.account_id, request.graph_arn
    if arn is None:
        organization = world.organization_of(account_id)
        return f"{account_id} is not the management account of {organization.organization_id}" if organization else ""
    graph, membership = world.graphs.get(arn), world.membership(arn, account_id)
    if graph is None or graph.region != request.region:
        return f"there is no graph {arn} in {request.region}"
    if graph.administrator_id == account_id:
        return f"{account_id} is the administrator of {arn}"
    role = "neither administrator nor member" if membership is None else f"a member ({membership.status.value})"
    return f"{account_id} is {role} of {arn}"
