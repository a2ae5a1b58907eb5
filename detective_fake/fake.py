"""`DetectiveFake`, the object that a test holds. It builds the components of a fake and has no rules of its own."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from detective_fake.controls.context import FakeContext, TimeControl
from detective_fake.controls.deny import Denials
from detective_fake.controls.faults import Faults
from detective_fake.controls.overrides import Overrides
from detective_fake.controls.rules import unused_report
from detective_fake.controls.seed import Seed
from detective_fake.decorating import decorate
from detective_fake.domain.account import checked_account_id
from detective_fake.domain.clock import Clock
from detective_fake.domain.due_events import settle_all, settle_one
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.graph import arn_of
from detective_fake.domain.quotas import Quotas
from detective_fake.domain.world import World
from detective_fake.errors import FakeUsageError, UnusedFaults, ValidationFailed
from detective_fake.exchange import Caller
from detective_fake.interception import botocore_hooks
from detective_fake.interception.backend import Backend
from detective_fake.interception.callers import CallerRules, make_client, make_credentials, make_session
from detective_fake.journal import cloudtrail, expectations
from detective_fake.journal.calls import Emails, Recorder
from detective_fake.journal.expectations import Expectation
from detective_fake.options import OPTIONS, Options, make_options, with_signature_of
from detective_fake.protocol import model, results
from detective_fake.protocol.model import Regions
from detective_fake.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from os import PathLike
    from types import TracebackType

    import boto3
    from mypy_boto3_detective import DetectiveClient
    from typing_extensions import Self

    from detective_fake.controls.deny import Denial
    from detective_fake.controls.overrides import Override
    from detective_fake.domain.account import Organization
    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.exchange import OperationName
    from detective_fake.interception.callers import Credentials
    from detective_fake.journal.calls import Backoff, Journal
    from detective_fake.server.endpoint import Endpoint

__all__ = ["DetectiveFake", "Snapshot", "check_parameters"]

F = TypeVar("F", bound="Callable[..., Any]")

_EXTRA_SERVER = frozenset({"anyio", "fastapi", "jinja2", "pydantic", "starlette", "uvicorn"})


@attrs.frozen
class Snapshot:
    """The state and clock of a fake at one moment. Two snapshots are equal if nothing differs."""

    state: World
    clock: tuple[int, Any]


class DetectiveFake:
    """Amazon Detective in process, for all accounts and Regions of a test.

    While a fake is active, it answers every Detective call of this process: of any client, session, thread or event
    loop. Use it with `with` or `async with`, with `start()` and `stop()`, or as a decorator.

    It takes the options that `Options` describes, and raises `FakeUsageError` for an unknown option or invalid value.
    """

    @with_signature_of(Options)
    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._options = made = make_options(*arguments, **options)
        self._context = context = FakeContext(_new_world(made), Clock(_read_time, results.timestamp_zone()))
        regions = Regions(only_real=made.missing_regions == "refuse")
        self._recorder = Recorder()
        self._faults = Faults(context, self._recorder.journal, regions)
        self._denials = Denials(context, self._recorder.journal)
        self._overrides = Overrides(context, self._recorder.journal)
        caller_rules = CallerRules(Caller(made.account_id, "default"))
        self._seed = Seed(
            context,
            default_account=lambda: caller_rules.default.account_id,
            default_region=made.region,
            check=check_parameters,
            check_region=regions.check,
        )
        self._clock = TimeControl(context)
        service = Service(
            context,
            self._recorder,
            faults=self._faults,
            denials=self._denials,
            overrides=self._overrides,
            regions=regions,
            page_size=made.page_size,
        )
        self._backend = Backend(
            service,
            self._recorder,
            caller_rules,
            region=made.region,
            wire=made.wire,
            hermetic=made.hermetic,
            real_backoff=made.real_backoff,
        )
        self._clients: dict[tuple[str, str], DetectiveClient] = {}
        self._initial: Snapshot | None = None
        if made.scenario is not None:
            self.load(made.scenario)

    def __repr__(self) -> str:
        with self._context.lock:
            graphs, calls = len(self._context.world.graphs), len(self.calls)
        active = "active" if self._backend.active else "not active"
        return f"<DetectiveFake of {self.account_id} in {self.region}: {active}, graphs: {graphs}, calls: {calls}>"

    def start(self) -> None:
        """Answer Detective calls from now on.

        Raises:
            FakeUsageError: The fake is active already.
        """
        if self._backend.active:
            message = "This DetectiveFake is active already. Call stop() first, or create another one: fakes nest."
            raise FakeUsageError(message)
        botocore_hooks.activate(self._backend)
        self._initial = self.snapshot()

    def stop(self) -> None:
        """Stop answering, and restore what `start()` changed.

        This does not check for unused faults, because the test may have failed already. `unused_report()` does.

        Raises:
            FakeUsageError: The fake is not active.
        """
        if not self._backend.active:
            message = "This DetectiveFake is not active. Call start() first, or use it as a context manager."
            raise FakeUsageError(message)
        botocore_hooks.deactivate(self._backend)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop.

        Raises:
            UnusedFaults: The block did not raise, and a fault was not used.
        """
        self.stop()
        report = self.unused_report() if error is None else None
        if report is not None:
            raise UnusedFaults(report)

    async def __aenter__(self) -> Self:
        """Start."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, as at the end of a `with` block."""
        self.__exit__(kind, error, traceback)

    def __call__(self, target: F) -> F:
        """Decorate a function or a `unittest.TestCase` class: each call or test gets a new fake with the same options.

        A function's parameter `fake` receives the fake. A test case has it as `self.fake`.
        """
        return decorate(target, lambda: DetectiveFake(**vars(self._options)))

    @property
    def account_id(self) -> str:
        """The account that calls if a client's credentials name none. It may be assigned."""
        return self._backend.account_id

    @account_id.setter
    def account_id(self, account_id: str) -> None:
        self._backend.account_id = checked_account_id(account_id)

    @property
    def region(self) -> str:
        """Region of the clients that this fake creates."""
        return self._options.region

    @contextmanager
    def acting_as(self, account_id: str) -> Iterator[DetectiveFake]:
        """Make another account the default caller during a `with` block, in all threads.

        Raises:
            FakeUsageError: The account ID is not twelve digits.
        """
        rules = self._backend.caller_rules
        before, rules.default = rules.default, Caller(checked_account_id(account_id), "acting_as")
        try:
            yield self
        finally:
            rules.default = before

    def credentials(self, account_id: str | None = None) -> Credentials:
        """Return credentials of an account as arguments for boto3: key ID, secret and session token.

        The key ID encodes the account, as in AWS. Raises `FakeUsageError` if the account ID is not twelve digits.
        """
        return make_credentials(checked_account_id(account_id or self.account_id))

    def session(self, account_id: str | None = None, region: str | None = None) -> boto3.Session:
        """Return a new boto3 session of an account, by default of `account_id` in `region`."""
        return make_session(self.credentials(account_id), region or self.region)

    def client(self, account_id: str | None = None, region: str | None = None, **options: Any) -> DetectiveClient:
        """Return a Detective client of an account, by default of `account_id` in `region`.

        Args:
            account_id: Twelve digits.
            options: Arguments of `boto3.client`. Without any, the same client is returned each time.
        """
        account_id = account_id or self.account_id
        region = region or self.region
        if options:
            return make_client(self.credentials(account_id), region, **options)
        client = self._clients.get((account_id, region))
        if client is None:
            client = make_client(self.credentials(account_id), region)
            self._clients[account_id, region] = client
        return client

    def serve(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        allowed_hosts: Iterable[str] = (),
        keep_calls: int | None = None,
        on_error: Callable[[BaseException], None] | None = None,
    ) -> AbstractContextManager[Endpoint]:
        """Serve this fake over HTTP during a `with` block: `with fake.serve() as endpoint: endpoint.url`.

        Requests over HTTP and calls of this process share the same state.

        Args:
            port: The port to bind; 0 selects a free one.
            host: The address to bind. Any other than the default lets other machines in.
            allowed_hosts: Other host names that requests may use.
            keep_calls: About how many calls the journal keeps; None for all.
            on_error: Called with each error inside the server at once. By default, the first error is raised at the end
                of the block, unless the block itself raises.
        Raises:
            FakeUsageError: The extra `server` is not installed, or the server cannot listen there.
        """
        try:
            from detective_fake.server.endpoint import serving  # noqa: PLC0415 - an extra
        except ModuleNotFoundError as error:
            if error.name not in _EXTRA_SERVER:
                raise
            message = f"Serving needs {error.name}, which is not installed: pip install 'detective-fake[server]'."
            raise FakeUsageError(message) from None
        return serving(
            self,
            self._backend,
            port=port,
            host=host,
            allowed_hosts=allowed_hosts,
            keep_calls=keep_calls,
            on_error=on_error,
        )

    def settle(self, event: PendingEvent | None = None) -> None:
        """Run everything that AWS does asynchronously, and each periodic check once. The clock does not move.

        Args:
            event: One event of `pending`: only this event runs, and those that are due.
        Raises:
            FakeUsageError: The event is not pending any more.
        """
        with self._context.lock:
            world, now = self._context.world, self._context.clock.now()
            if event is None:
                settle_all(world, now)
            elif not settle_one(world, event.number, now):
                message = f"This event is not pending any more: {event}. Use an event of `pending`."
                raise FakeUsageError(message)

    @property
    def pending(self) -> tuple[PendingEvent, ...]:
        """The events that fire without an API call, in order. Reading this runs no event."""
        with self._context.lock:
            return tuple(self._context.world.event_queue.events())

    def snapshot(self) -> Snapshot:
        """Return the state and the setting of the clock, to compare or to `restore`. Calls are not part of it."""
        with self._context.lock:
            return Snapshot(self._context.world.copy(), self._context.clock.setting)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this fake, or of another one with the same `id_seed`."""
        with self._context.lock:
            self._context.world.become(snapshot.state)
            self._context.clock.setting = snapshot.clock

    def save(self, path: str | PathLike[str]) -> None:
        """Write the whole state to a JSON file. A fake that loads it has an equal snapshot.

        Raises:
            FakeUsageError: The suffix is not `.json`, or the file cannot be written.
        """
        from detective_fake.scenario.saved_state import save_state  # noqa: PLC0415 - most tests do not need it

        with self._context.lock:
            save_state(path, self._context.world, self._context.clock)

    def load(self, path: str | PathLike[str]) -> None:
        """Replace the whole state by that of a scenario file (`.toml` or `.json`) or of a file that `save` has written.

        Raises:
            ScenarioError: The file cannot be read or has mistakes; all of them are reported. Then nothing changes.
        """
        from detective_fake.scenario.scenario_file import load  # noqa: PLC0415 - most tests do not need it

        load(path, self._context, self.seed)

    def reset(self) -> None:
        """Go back to the state after `start()`, and forget all calls, faults, denials and overrides.

        Raises:
            FakeUsageError: The fake was never started.
        """
        if self._initial is None:
            message = "This DetectiveFake was never started, so it has no state to go back to. Call start() first."
            raise FakeUsageError(message)
        with self._context.lock:
            self.restore(self._initial)
            self._context.outside.clear()
            self._recorder.clear()
            self._backend.backoffs.clear()
            self._faults.clear()
            self._denials.clear()
            self._overrides.clear()
            self.account_id = self._options.account_id

    @property
    def seed(self) -> Seed:
        """Sets up state without API calls: accounts, graphs, members, organizations, investigations."""
        return self._seed

    @property
    def clock(self) -> TimeControl:
        """The fake's time."""
        return self._clock

    @property
    def faults(self) -> Faults:
        """Errors, delays and callbacks for calls to come."""
        return self._faults

    @property
    def emails(self) -> Emails:
        """The invitations that AWS has sent, in order."""
        return Emails(self._context)

    @property
    def quotas(self) -> Quotas:
        """The quotas. Their attributes may be assigned."""
        with self._context.lock:
            return self._context.world.quotas

    @property
    def timings(self) -> Timings:
        """The delays of asynchronous events. Their attributes may be assigned, for events to come."""
        with self._context.lock:
            return self._context.world.timings

    @property
    def calls(self) -> Journal:
        """Every call, in order."""
        return self._recorder.journal

    def forget_calls(self, keep: int = 0) -> None:
        """Forget the oldest calls, so that a long-running fake does not grow.

        Args:
            keep: How many of the last calls to keep.
        """
        with self._context.lock:
            self._recorder.forget(keep)

    def assert_called(
        self,
        operation: OperationName | str,
        *,
        account_id: str | None = None,
        region: str | None = None,
        times: int | None = None,
        **parameters: Any,
    ) -> Journal:
        """Return the calls of an operation that had these parameters, refused calls included.

        Args:
            operation: Name, or a pattern: `"Create*"`.
            account_id: The calling account.
            region: The Region that was called.
            times: How many such calls there must be; None for one or more.
            parameters: Parameters by their API names. Of structures, only the members given here are compared.
        Raises:
            AssertionError: There is no such call, or not that many. The message shows the closest calls.
            FakeUsageError: There is no such operation or parameter.
        """
        __tracebackhide__ = True
        expected = Expectation(operation, parameters, account_id, region)
        return expectations.assert_called(self.calls, expected, times=times)

    def assert_not_called(
        self,
        operation: OperationName | str,
        *,
        account_id: str | None = None,
        region: str | None = None,
        **parameters: Any,
    ) -> None:
        """Fail if a call matches. The arguments are those of `assert_called`.

        Raises:
            AssertionError: A call matches. The message shows those that do.
            FakeUsageError: There is no such operation or parameter.
        """
        __tracebackhide__ = True
        expected = Expectation(operation, parameters, account_id, region)
        expectations.assert_not_called(self.calls, expected)

    @property
    def cloudtrail(self) -> list[dict[str, Any]]:
        """The calls as CloudTrail records, in a new list: one for each attempt that reached the service."""
        return cloudtrail.trail(self.calls)

    def save_trail(self, path: str | PathLike[str]) -> None:
        """Write `cloudtrail` as CloudTrail delivers it: `{"Records": [...]}` in JSON, compressed with gzip."""
        cloudtrail.save_trail(self.calls, path)

    @property
    def backoffs(self) -> list[Backoff]:
        """How long botocore would have slept before each retry: operation, attempt, seconds."""
        return list(self._backend.backoffs)

    def unused_report(self) -> str | None:
        """Return the faults, denials and overrides that no call used, with the calls that came closest.

        None if there are none, or if the fake was created with `unused_faults="ignore"`.
        """
        if self._options.unused_faults == "ignore":
            return None
        return unused_report(self._faults, self._denials, self._overrides)

    def deny(self, action: str, *, account_id: str | None = None) -> Denial:
        """Let IAM deny an action, or all actions that match a pattern: `"detective:Create*"`.

        The denial ends with its method `allow()`, or at the end of a `with` block.

        Args:
            action: Name of the action, or a pattern.
            account_id: The account that is denied; None for every account.
        Raises:
            FakeUsageError: There is no such action, or the account ID is not twelve digits.
        """
        return self._denials.add(action, account_id=account_id)

    def on(self, operation: OperationName) -> Override:
        """Return a decorator for a function that answers an operation in place of the fake.

        The function receives an `OverriddenCall`. It returns the output as a dict, or None to let the fake answer, or
        raises a `ServiceError` or botocore's `ClientError`. Any other exception reaches the client's caller unchanged.

        Raises:
            FakeUsageError: There is no such operation.
        """
        return self._overrides.on(operation)

    @property
    def graphs(self) -> tuple[BehaviorGraph, ...]:
        """All behavior graphs of all accounts and Regions, oldest first. Reading this runs no event."""
        with self._context.lock:
            return tuple(self._context.world.graphs.values())

    def members(self, graph: str | BehaviorGraph) -> tuple[Membership, ...]:
        """Return the members of a graph, in the order of their invitations. This runs no event.

        Args:
            graph: The graph or its ARN.
        Raises:
            FakeUsageError: There is no such graph.
        """
        with self._context.lock:
            table = self._context.world.members.get(arn_of(graph))
            if table is None:
                known = ", ".join(self._context.world.graphs) or "none"
                message = f"There is no behavior graph {arn_of(graph)!r}. Existing graphs: {known}."
                raise FakeUsageError(message)
            return tuple(table.ordered())

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """All organizations. Reading this runs no event."""
        with self._context.lock:
            return tuple(self._context.world.organizations.values())


def _set_attribute(fake: DetectiveFake, name: str, value: object) -> None:
    """Set an attribute of a fake, but reject an option that cannot change."""
    if name in {"quotas", "timings"}:
        message = f"Assign to an attribute instead: fake.{name}.NAME = …"
        raise FakeUsageError(message)
    if name in OPTIONS and name != "account_id":
        message = f"The option {name!r} of a fake cannot change. Create one with DetectiveFake({name}=…)."
        raise FakeUsageError(message)
    object.__setattr__(fake, name, value)


# Not a method, because then type checkers would accept any attribute.
DetectiveFake.__setattr__ = _set_attribute  # type: ignore[assignment, method-assign]


def _new_world(options: Options) -> World:
    return World(
        id_seed=options.id_seed,
        quotas=Quotas.of(options.quotas),
        timings=Timings.of(options.timings),
        disabled_may_leave=options.disabled_may_leave,
    )


def _read_time() -> float:
    # Looked up at each call, so that libraries which replace `time.time` work.
    return time.time()


def check_parameters(operation: str, parameters: Mapping[str, Any]) -> None:
    """Check parameters of an operation as Detective does.

    Raises:
        FakeUsageError: Detective would refuse them.
    """
    try:
        model.operations()[operation].validate(parameters)
    except ValidationFailed as refusal:
        message = f"Detective would not take this: {refusal.message}"
        raise FakeUsageError(message) from None
