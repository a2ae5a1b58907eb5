"""`DetectiveFake`: what a user holds. A facade: it puts the parts together and has no rules of its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

import attrs

from detective_fake.clients import make_client, make_session
from detective_fake.decorating import decorated
from detective_fake.domain.account import checked_account_id
from detective_fake.domain.clock import UNTOUCHED
from detective_fake.domain.due_events import settle_all, settle_one
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.errors import FakeUsageError, UnmetFaults
from detective_fake.exchange import Caller
from detective_fake.interception import access_keys, botocore_hooks
from detective_fake.interception.callers import CallerRules
from detective_fake.interception.service_backend import ServiceBackend
from detective_fake.journal import expectations
from detective_fake.journal.expectations import Expectation
from detective_fake.options import checked_options
from detective_fake.parts import PartsWhenNeeded, check_parameters, new_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from os import PathLike
    from types import TracebackType

    import boto3
    from mypy_boto3_detective import DetectiveClient
    from typing_extensions import Self

    from detective_fake.controls.clock import TimeControl
    from detective_fake.controls.context import FakeContext
    from detective_fake.controls.faults import Faults
    from detective_fake.controls.iam import Denial
    from detective_fake.controls.overrides import Override
    from detective_fake.controls.seed import Seed
    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.organization import Organization
    from detective_fake.domain.world import World
    from detective_fake.interception.access_keys import Credentials
    from detective_fake.journal.calls import Backoff, Journal
    from detective_fake.journal.emails import Emails
    from detective_fake.parts import Parts
    from detective_fake.server.endpoint import Endpoint

__all__ = ["DEFAULT_ACCOUNT_ID", "DEFAULT_REGION", "DetectiveFake", "Snapshot"]

F = TypeVar("F", bound="Callable[..., Any]")

DEFAULT_ACCOUNT_ID = "123456789012"
DEFAULT_REGION = "us-east-1"
_EXTRA_SERVER = frozenset({"jinja2", "markupsafe", "werkzeug"})


@attrs.frozen
class Snapshot:
    """A fake's state and clock at one moment; equal to another where nothing differs."""

    state: World
    clock: tuple[int, Any]


class DetectiveFake:
    """Amazon Detective in process, for all accounts and Regions of a test.

    While it is active every Detective call of this process is answered by it: of clients made before or after, in any
    session, thread or event loop. Use it with `with`, `async with`, `start()` and `stop()`, or as a decorator.

    Args:
        account_id: The caller where a client's credentials name no account.
        region: Region of the clients it makes, and of the environment while active.
        seed: What ids are made from; the same seed gives the same ids.
        wire: Let botocore sign, send, retry and parse every call; slower, and nothing else differs.
        hermetic: Put neutral AWS settings into the environment while active.
        page_size: The most items on any page, to test pagination with few; None for the service's own sizes.
        timings: Delays of what happens by itself, by name: see `Timings`.
        quotas: Limits, by name: see `Quotas`.
        scenario: A TOML or JSON file with the state to start from: see `load`.
        unmet_faults: `"error"`: a `with` block ends with an error if no call has met a fault; or `"ignore"`.
        real_backoff: Let botocore sleep before it tries again.
        disabled_may_leave: Let `DisassociateMembership` succeed from `ACCEPTED_BUT_DISABLED`, as the guide says and
            the service model does not.
        missing_regions: `"refuse"`: where AWS has no Detective, connections fail; or `"allow"`: it is everywhere.
    Raises:
        FakeUsageError: A value that cannot be.
    """

    def __init__(
        self,
        account_id: str = DEFAULT_ACCOUNT_ID,
        region: str = DEFAULT_REGION,
        *,
        seed: int = 0,
        wire: bool = False,
        hermetic: bool = True,
        page_size: int | None = None,
        timings: Timings | Mapping[str, Any] | None = None,
        quotas: Quotas | Mapping[str, Any] | None = None,
        scenario: str | PathLike[str] | None = None,
        unmet_faults: Literal["error", "ignore"] = "error",
        real_backoff: bool = False,
        disabled_may_leave: bool = False,
        missing_regions: Literal["refuse", "allow"] = "refuse",
        **unknown: NoReturn,
    ) -> None:
        options: dict[str, Any] = {
            "account_id": account_id,
            "region": region,
            "seed": seed,
            "wire": wire,
            "hermetic": hermetic,
            "page_size": page_size,
            "timings": timings,
            "quotas": quotas,
            "scenario": scenario,
            "unmet_faults": unmet_faults,
            "real_backoff": real_backoff,
            "disabled_may_leave": disabled_may_leave,
            "missing_regions": missing_regions,
        }
        self._options = checked_options(options, unknown)
        # Checked here and now, and nobody else's from here on.
        if quotas is not None:
            options["quotas"] = Quotas.of(quotas)
        if timings is not None:
            options["timings"] = Timings.of(timings)
        self._region = region
        # Nothing that belongs to a fake refers back to it, so that it is gone with the last who holds it.
        rules = CallerRules(Caller(account_id, "default"))
        self._when_needed = PartsWhenNeeded(options, lambda: rules.default.account_id)
        self._backend = ServiceBackend(
            self._when_needed,
            rules,
            region=region,
            wire=wire,
            hermetic=hermetic,
            real_backoff=real_backoff,
        )
        self._clients: dict[tuple[str, str], DetectiveClient] = {}
        self._started = False
        self._initial: Snapshot | None = None
        if scenario is not None:
            self.load(scenario)

    @property
    def _parts(self) -> Parts:
        return self._when_needed()

    def start(self) -> None:
        """Answer Detective calls from now on.

        Raises:
            FakeUsageError: It is active already.
        """
        if self._backend.active:
            message = "This DetectiveFake is active already; stop() it first, or make another one: they nest."
            raise FakeUsageError(message)
        botocore_hooks.activate(self._backend)
        self._started = True
        # Without parts nothing has happened yet.
        self._initial = None if self._when_needed.made is None else self.snapshot()

    def stop(self) -> None:
        """Answer no further calls, and leave everything as it was before `start()`.

        Faults that no call has met are no error here, where nobody can tell whether the test has failed anyway: ask
        `unmet_faults_report()`.

        Raises:
            FakeUsageError: It is not active.
        """
        if not self._backend.active:
            message = "This DetectiveFake is not active: start() it first, or use it as a context manager."
            raise FakeUsageError(message)
        botocore_hooks.deactivate(self._backend)

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, whether or not the body raised.

        Raises:
            UnmetFaults: It did not, and no call has met some fault.
        """
        self.stop()
        report = self.unmet_faults_report() if error is None else None
        if report is not None:
            raise UnmetFaults(report)

    async def __aenter__(self) -> Self:
        """Start."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, as leaving a `with` block does."""
        self.__exit__(kind, error, traceback)

    def __call__(self, target: F) -> F:
        """Decorate a function, or a `unittest.TestCase` class: a new fake of the same options around each call or test.

        A parameter named `fake` receives it; a test case has it as `self.fake`.
        """
        return decorated(target, lambda: DetectiveFake(**self._options))

    @property
    def _context(self) -> FakeContext:
        return self._parts.context

    @property
    def account_id(self) -> str:
        """The caller where a client's credentials name no account; may be assigned."""
        return self._backend.account_id

    @account_id.setter
    def account_id(self, account_id: str) -> None:
        self._backend.account_id = checked_account_id(account_id)

    @property
    def region(self) -> str:
        """Region of the clients this fake makes."""
        return self._region

    @contextmanager
    def acting_as(self, account_id: str) -> Iterator[DetectiveFake]:
        """Let another account be the default caller for a while, in all threads.

        Raises:
            FakeUsageError: The id is not twelve digits.
        """
        rules = self._backend.caller_rules
        before, rules.default = rules.default, Caller(checked_account_id(account_id), "acting_as")
        try:
            yield self
        finally:
            rules.default = before

    def credentials(self, account_id: str | None = None) -> Credentials:
        """Return credentials of an account, as arguments for boto3: key id, secret and session token.

        The key id encodes the account as real ones do. Raises `FakeUsageError` for an id that is not twelve digits.
        """
        return access_keys.make(checked_account_id(account_id or self.account_id))

    def session(self, account_id: str | None = None, region: str | None = None) -> boto3.Session:
        """Return a new boto3 session of an account, by default of the default caller and Region."""
        return make_session(self.credentials(account_id), region or self.region)

    def client(self, account_id: str | None = None, region: str | None = None, **options: Any) -> DetectiveClient:
        """Return the Detective client of an account, by default of the default caller and Region.

        Args:
            account_id: Twelve digits.
            options: As for `boto3.client`; without any, the same client is returned each time.
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
        """Serve this fake over HTTP for the duration of a `with` block: `with fake.serve() as endpoint: endpoint.url`.

        Requests from outside and calls of this process meet the same state.

        Args:
            port: 0 for any that is free.
            host: The address to bind; any but that of this machine lets others in.
            allowed_hosts: Further names under which the server may be asked.
            keep_calls: About how many calls the journal keeps meanwhile; None for all.
            on_error: Gets what goes wrong inside the server at once. Without it, the first such error is raised at the
                end of the block, unless the block itself has raised.
        Raises:
            FakeUsageError: The extra `server` is not installed, or nothing can be served there.
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
        """Let everything that is pending happen now, and each periodic check once. The clock does not move.

        Args:
            event: One of `pending`, to let only that happen, and what is due anyway.
        Raises:
            FakeUsageError: The event is not pending any more.
        """
        with self._context.lock:
            world, now = self._context.world, self._context.clock.now()
            if event is None:
                settle_all(world, now)
            elif not settle_one(world, event.number, now):
                message = f"This event is not pending any more: {event}; `pending` has those that are."
                raise FakeUsageError(message)

    @property
    def pending(self) -> tuple[PendingEvent, ...]:
        """What is going to happen by itself, in that order. Reading settles nothing."""
        with self._context.lock:
            return tuple(self._context.world.event_queue.events())

    def snapshot(self) -> Snapshot:
        """Return the state and the clock's setting, to compare or to `restore`. The journal is not part of it."""
        with self._context.lock:
            return Snapshot(self._context.world.copy(), self._context.clock.setting)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot, of this fake or another of the same seed."""
        with self._context.lock:
            self._context.world.become(snapshot.state)
            self._context.clock.setting = snapshot.clock

    def save(self, path: str | PathLike[str]) -> None:
        """Write the whole state to a scenario file, `.toml` or `.json`; loading it leads to an equal snapshot.

        Raises:
            FakeUsageError: Another suffix, or the file cannot be written.
        """
        from detective_fake.scenario.load_and_save import save  # noqa: PLC0415 - most tests do without

        save(path, self._context)

    def load(self, path: str | PathLike[str]) -> None:
        """Replace the whole state by that of a scenario file, `.toml` or `.json`.

        Raises:
            ScenarioError: The file cannot be read or is not right, with all that is wrong; then nothing is changed.
        """
        from detective_fake.scenario.context import Context  # noqa: PLC0415 - most tests do without
        from detective_fake.scenario.load_and_save import load  # noqa: PLC0415 - as above

        context = Context(default_account=self.account_id, default_region=self.region, check=check_parameters)
        load(path, self._context, context)

    def reset(self) -> None:
        """Go back to the state after `start()`, forgetting all calls, faults, denials and overrides.

        Raises:
            FakeUsageError: It was never started.
        """
        if not self._started:
            message = "This DetectiveFake was never started: there is no state to go back to; start() it first."
            raise FakeUsageError(message)
        parts = self._parts
        with parts.context.lock:
            self.restore(self._initial or Snapshot(new_world(self._options).copy(), UNTOUCHED))
            parts.context.outside.clear()
            parts.recorder.clear()
            self._backend.backoffs.clear()
            parts.faults.clear()
            parts.denials.present.clear()
            parts.overrides.present.clear()
            self.account_id = self._options["account_id"]

    @property
    def seed(self) -> Seed:
        """What a test's author wants to be there already: accounts, graphs, members, organizations, investigations."""
        return self._parts.seed

    @property
    def clock(self) -> TimeControl:
        """The fake's time."""
        return self._parts.clock

    @property
    def faults(self) -> Faults:
        """What calls shall meet before or after their operations."""
        return self._parts.faults

    @property
    def emails(self) -> Emails:
        """The invitations that AWS has sent, in order."""
        return self._parts.emails

    @property
    def quotas(self) -> Quotas:
        """The limits; their attributes may be assigned."""
        with self._context.lock:
            return self._context.world.quotas

    @property
    def timings(self) -> Timings:
        """The delays of what happens by itself; their attributes may be assigned, for events to come."""
        with self._context.lock:
            return self._context.world.timings

    @property
    def calls(self) -> Journal:
        """Every call, in order."""
        return self._parts.recorder.journal

    def forget_calls(self, keep: int = 0) -> None:
        """Forget the oldest calls, so that a fake that lives long does not grow with them.

        Args:
            keep: How many of the last calls stay.
        """
        with self._context.lock:
            self._parts.recorder.forget(keep)

    def assert_called(
        self,
        operation: str,
        *,
        account_id: str | None = None,
        region: str | None = None,
        times: int | None = None,
        **parameters: Any,
    ) -> Journal:
        """Return the calls of an operation with these parameters among theirs, those that were refused included.

        Args:
            operation: Name, or a pattern: `"Create*"`.
            account_id: Who has called.
            region: Whose Detective was asked.
            times: How many there have to be; None for one or more.
            parameters: By wire names; of structures, in lists too, only the members given are compared.
        Raises:
            AssertionError: There are none, or not so many; it shows the nearest calls and what differs.
            FakeUsageError: There is no such operation or parameter.
        """
        __tracebackhide__ = True
        expected = Expectation.of(self.calls.names, operation, parameters, account_id=account_id, region=region)
        return expectations.assert_called(self.calls, expected, times=times)

    def assert_not_called(
        self,
        operation: str,
        *,
        account_id: str | None = None,
        region: str | None = None,
        **parameters: Any,
    ) -> None:
        """Fail if there are calls such as `assert_called` looks for.

        Raises:
            AssertionError: There are; it shows them.
            FakeUsageError: There is no such operation or parameter.
        """
        __tracebackhide__ = True
        expected = Expectation.of(self.calls.names, operation, parameters, account_id=account_id, region=region)
        expectations.assert_not_called(self.calls, expected)

    @property
    def cloudtrail(self) -> list[dict[str, Any]]:
        """The calls as CloudTrail records, made anew at each reading: one for each attempt that reached the service."""
        return self._parts.cloudtrail.records()

    def save_trail(self, path: str | PathLike[str]) -> None:
        """Write `cloudtrail` as CloudTrail delivers it: `{"Records": [...]}` in JSON, compressed by gzip."""
        self._parts.cloudtrail.save(path)

    @property
    def backoffs(self) -> list[Backoff]:
        """What botocore would have slept before it tried again: operation, attempt, seconds, in order."""
        return list(self._backend.backoffs)

    def unmet_faults_report(self) -> str | None:
        """Return which faults no call has met, and the calls that came closest; None if there is nothing to say."""
        parts = self._when_needed.made
        return None if parts is None or self._options["unmet_faults"] == "ignore" else parts.faults.report()

    def deny(self, action: str, *, account_id: str | None = None) -> Denial:
        """Let IAM deny an action, or those that a pattern stands for: `"detective:Create*"`.

        What is returned can `allow()` it again, and does so at the end of a `with` block.

        Args:
            account_id: Whose identities; everybody's if not given.
        Raises:
            FakeUsageError: There is no such action, or the id is not twelve digits.
        """
        return self._parts.denials.add(action, account_id=account_id)

    def on(self, operation: str) -> Override:
        """Return a decorator for a function that answers an operation in place of the fake.

        The function is given an `OverriddenCall`. It returns the output as a dict, or None to let the fake answer, or
        raises a `ServiceError` or botocore's `ClientError`; anything else it raises leaves the client's call as it is.

        Raises:
            FakeUsageError: There is no such operation.
        """
        return self._parts.overrides.on(operation)

    @property
    def graphs(self) -> tuple[BehaviorGraph, ...]:
        """All behavior graphs of all accounts and Regions, oldest first. Reading settles nothing."""
        with self._context.lock:
            return tuple(self._context.world.graphs.values())

    def members(self, graph_arn: str) -> tuple[Membership, ...]:
        """Return the members of a graph, in the order invited. Reading settles nothing.

        Raises:
            FakeUsageError: There is no such graph.
        """
        with self._context.lock:
            table = self._context.world.members.get(graph_arn)
            if table is None:
                known = ", ".join(self._context.world.graphs) or "none"
                message = f"There is no behavior graph {graph_arn!r}; there is {known}."
                raise FakeUsageError(message)
            return tuple(table.ordered())

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """All organizations. Reading settles nothing."""
        with self._context.lock:
            return tuple(self._context.world.organizations.values())
