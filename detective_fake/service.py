"""From a request to its result: due events, faults, IAM, overrides, validation, operation, journal.

`Service` takes the fake's lock, so calls of several threads run one after the other. Functions of the test (callbacks
and overrides) run outside the lock, so they can make calls themselves.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import attrs

from detective_fake.controls.faults import with_unprocessed, without
from detective_fake.domain.due_events import anything_due, run_due_events
from detective_fake.errors import AccessDenied, NotFaked, ResourceNotFound, ServiceError
from detective_fake.exchange import READING, Result
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
    from detective_fake.domain.world import World
    from detective_fake.exchange import Body, NetworkError, Request, StatusChange
    from detective_fake.journal.calls import CallRecord, Recorder

__all__ = ["RequestIds", "Service"]


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
class Interventions:
    """The faults, denials and overrides that apply to one request.

    Attributes:
        faults: Faults that match the request.
        network_error: Raised instead of sending the request, if any.
        error: The error that a fault, IAM or an override answers, if any.
        body: The answer of an override, if any.
        unprocessed: Account IDs removed from the batch, with the reason reported for each.
        changes: The memberships that have changed their status so far.
        reason: Why the request is refused, in terms of the caller.
    """

    faults: tuple[Fault, ...] = ()
    network_error: NetworkError | None = None
    error: ServiceError | None = None
    body: Body | None = None
    unprocessed: Mapping[str, str] = attrs.field(factory=dict)
    changes: list[StatusChange] = attrs.field(factory=list)
    reason: str = ""

    @property
    def answered(self) -> bool:
        """Whether the request does not reach the operation."""
        return self.network_error is not None or self.error is not None or self.body is not None

    def call_back(self, when: When) -> None:
        """Call the callbacks of the faults."""
        for fault in self.faults:
            if fault.when == when and fault.callback is not None:
                with fault.running():
                    fault.callback()


@attrs.define(eq=False, repr=False)
class Service:
    """Amazon Detective for all accounts and Regions of one fake.

    Args:
        context: World, clock, lock and Regions.
        recorder: Records every call.
        faults: Faults that the test has added.
        denials: Actions that IAM denies.
        overrides: Functions of the test that answer operations.
        page_size: Maximum number of items on a page; None for the sizes of AWS.

    Attributes:
        request_ids: Generates request IDs.
    """

    _context: FakeContext
    _recorder: Recorder
    _faults: Faults
    _denials: Denials
    _overrides: Overrides
    _page_size: int | None = None
    request_ids: RequestIds = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.request_ids = RequestIds(f"request {self._context.world.id_seed}")

    @property
    def may_take_long(self) -> bool:
        """Whether a call may run a function of the test, or ask another service."""
        callbacks = (fault.callback for fault in tuple(self._faults.active))
        return bool(self._overrides.active or self._context.outside) or any(callbacks)

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
        try:
            interventions = self._find_interventions(request, number)
            with self._context.lock:
                at = self._context.clock.now()
                if self._changes_nothing(request, interventions, at):
                    result = self._answer(request, interventions, at)
                else:
                    with self._context.all_or_nothing(interventions.changes):
                        result = self._answer(request, interventions, self._run_due_events())
                result.changes = tuple(interventions.changes)
                self._recorder.add(request, result, record)
        except BaseException as error:
            with self._context.lock:
                at = self._context.clock.now()
                failure = Result(request.operation, None, None, "", at, raised=type(error).__name__)
                self._recorder.add(request, failure, record)
            raise
        interventions.call_back("after")
        return result

    def _changes_nothing(self, request: Request, interventions: Interventions, at: datetime) -> bool:
        """Whether a request only reads, so that there is nothing to undo and no need to prepare for it."""
        return request.operation.startswith(READING) and not (
            self._context.outside or interventions.faults or anything_due(self._context.world, at)
        )

    def _answer(self, request: Request, interventions: Interventions, at: datetime) -> Result:
        """Perform a request at a time, unless an intervention answers it."""
        body, error = interventions.body, interventions.error
        if not interventions.answered:
            try:
                body = self._perform(request, at, interventions)
            except ServiceError as refusal:
                error = refusal
        if interventions.network_error is None:
            result = Result(request.operation, body, error, self.request_ids(), at)
        else:
            result = Result(request.operation, None, None, "", at, interventions.network_error)
        self._apply_faults_after(interventions.faults, result)
        result.reason = interventions.reason
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
        if not self._context.regions.has(request.region, fips=request.fips):
            reason = f'there is no Detective in {request.region}; with missing_regions="allow" there is'
            return Interventions(network_error="EndpointConnectionError", reason=reason)
        found = Interventions()
        if self._faults.active:
            with self._context.all_or_nothing(found.changes):
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
            with self._context.all_or_nothing(found.changes):
                return self._perform(request, self._run_due_events(), found)

        with self._context.all_or_nothing(found.changes):
            at = self._run_due_events()
        try:
            found.body = self._overrides.answer(request, at, perform)
        except ServiceError as refusal:
            found.error = refusal

    def _perform(self, request: Request, at: datetime, found: Interventions) -> Body:
        """Validate a request and perform its operation.

        Args:
            request: The request.
            at: Time of the call.
            found: Has the accounts of a batch that the operation does not process. The reason of a refusal is added.
        Raises:
            ServiceError: Detective refuses the request.
        """
        operation, parameters, unprocessed = request.operation, request.parameters, found.unprocessed
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
        except (AccessDenied, ResourceNotFound):
            found.reason = _explain_refusal(self._context.world, request)
            raise
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


def _explain_refusal(world: World, request: Request) -> str:
    """Say what the caller is to the graph or the organization that it calls about."""
    account_id, parameters = request.caller.account_id, request.parameters
    arn = parameters.get("GraphArn", parameters.get("ResourceArn"))
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
