"""`DetectiveFake`, the object that a test holds. It builds the components of a fake and has no rules of its own.

What many tests do not need is imported when a test first needs it, because importing the library takes time.
"""

# ruff: noqa: PLC0415 - as said above

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from detective_fake.controls.context import FakeContext, TimeControl
from detective_fake.domain.account import checked_account_id
from detective_fake.domain.choices import checked_count
from detective_fake.domain.clock import Clock
from detective_fake.domain.due_events import settle_all, settle_one
from detective_fake.domain.event_queue import PendingEvent, Timings
from detective_fake.domain.quotas import Behavior, Quotas
from detective_fake.domain.world import World
from detective_fake.errors import DOCS, FakeUsageError, UnusedFaults
from detective_fake.exchange import Caller
from detective_fake.formatting import calling_place
from detective_fake.interception import botocore_hooks
from detective_fake.interception.backend import Backend
from detective_fake.interception.callers import CallerRules, make_client, make_credentials, make_session
from detective_fake.interception.environment import explain_missing_profile
from detective_fake.journal.calls import Emails, Recorder
from detective_fake.options import OPTIONS, Options, make_options, with_signature_of
from detective_fake.protocol import results
from detective_fake.protocol.model import Regions
from detective_fake.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from os import PathLike

    import boto3
    from mypy_boto3_detective import DetectiveClient
    from typing_extensions import Self

    from detective_fake.controls.deny import Denial, Denials
    from detective_fake.controls.faults import Faults
    from detective_fake.controls.overrides import Override, Overrides
    from detective_fake.controls.rules import Rule, Rules
    from detective_fake.controls.seed import Seed
    from detective_fake.domain.account import Organization
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.exchange import OperationName
    from detective_fake.interception.callers import Credentials
    from detective_fake.journal.calls import Backoff, Journal
    from detective_fake.server.endpoint import Endpoint

F = TypeVar("F", bound="Callable[..., Any]")
R = TypeVar("R", bound="Rules[Any]")

_BEFORE_CALL: Final = "before-call.detective"

_ENDED_KEPT: Final = 2
"""How many ended fakes a failing test can report, besides the active ones."""


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
        world = World(
            id_seed=made.id_seed,
            quotas=Quotas.of(made.quotas),
            timings=Timings.of(made.timings),
            behavior=Behavior.of(made.behavior),
        )
        regions = Regions(only_real=made.missing_regions == "refuse")
        self._context = context = FakeContext(world, Clock(_read_time, results.timestamp_zone()), regions)
        profiles: Mapping[str, Any] = made.profiles or {}
        for region in {made.region, *(each["region"] for each in profiles.values() if "region" in each)}:
            regions.check(region)
        self._recorder = Recorder()
        self._seed: Seed | None = None
        self._clock = TimeControl(context)
        self._service = Service(context, self._recorder, made.page_size)
        self._backend = Backend(
            self._service,
            self._recorder,
            CallerRules(Caller(made.account_id, "default")),
            region=made.region,
            wire=made.wire,
            hermetic=made.hermetic,
            real_backoff=made.real_backoff,
            profiles=made.profiles,
        )
        if made.follow_moto:
            from detective_fake.controls.organizations import MotoOrganizations

            context.outside.append(MotoOrganizations(context))
        self._clients: dict[tuple[str, str], DetectiveClient] = {}
        self._go_to_start: Callable[[DetectiveFake], None] | None = None
        self._decorates = ""
        if made.scenario is not None:
            self.load(made.scenario)

    def __reduce__(self) -> Any:
        """Give copies and pickles the same options, a copy of the state and the same time. They are not active."""
        return partial(DetectiveFake, **vars(self._options) | {"scenario": None}), (), self.snapshot()

    def __setstate__(self, snapshot: Snapshot) -> None:
        self.restore(snapshot)

    def __repr__(self) -> str:
        with self._context.lock:
            graphs, calls = len(self._context.world.graphs), len(self.calls)
        active = "active" if self.active else "not active"
        return f"<DetectiveFake of {self.account_id} in {self.region}: {active}, graphs: {graphs}, calls: {calls}>"

    if not TYPE_CHECKING:  # pragma: no branch - type checkers would accept any attribute

        def __setattr__(self, name: str, value: object) -> None:
            """Set an attribute, but reject an option that cannot change."""
            if name in {"quotas", "timings"}:
                raise FakeUsageError(f"Assign to an attribute instead: fake.{name}.NAME = …")
            if name in OPTIONS and name != "account_id":
                raise FakeUsageError(
                    f"The option {name!r} of a fake cannot change. Create one with DetectiveFake({name}=…)."
                )
            super().__setattr__(name, value)

    def start(self) -> None:
        """Answer Detective calls from now on.

        Raises:
            FakeUsageError: The fake is active already.
        """
        if self.active:
            raise FakeUsageError(
                "This DetectiveFake is active already. Call stop() first, or create another one: fakes nest."
            )
        self._emitter_class = botocore_hooks.emitter_class()
        self._go_to_start = self._checkpoint()
        self._label = self._decorates or f"DetectiveFake started at {calling_place()}"
        botocore_hooks.activate(self._backend)
        if "detective_fake.pytest_plugin" in sys.modules:
            ended = [fake for fake in STARTED if not fake._backend.active]  # noqa: SLF001 - of the same class
            for fake in ended[:-_ENDED_KEPT]:
                STARTED.remove(fake)
            STARTED.append(self)

    def stop(self) -> None:
        """Stop answering, and restore what `start()` changed.

        This does not check for unused faults, because the test may have failed already. `unused_report()` does.

        Raises:
            FakeUsageError: The fake is not active, or was not able to answer every client.
        """
        if not self.active:
            raise FakeUsageError(
                "This DetectiveFake is not active. Call start() first, or use it as a context manager."
            )
        botocore_hooks.deactivate(self._backend)
        if botocore_hooks.emitter_class() is not self._emitter_class:
            raise FakeUsageError(
                "botocore was imported again while this DetectiveFake was active, so it has not answered the calls of "
                "clients made since. Import botocore again before the fake starts, or start another fake afterwards."
            )

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
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

    async def __aexit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Stop, as at the end of a `with` block."""
        self.__exit__(kind, error, traceback)

    def __call__(self, target: F) -> F:
        """Decorate a function or a `unittest.TestCase` class: each call or test gets a new fake with the same options.

        A function's parameter `fake` receives the fake. A test case has it as `self.fake`.
        """

        def make() -> DetectiveFake:
            fake = DetectiveFake(**vars(self._options))
            fake._decorates = f"DetectiveFake that decorates {getattr(target, '__qualname__', target)}"
            return fake

        from detective_fake.decorating import decorate

        return decorate(target, make)

    @property
    def active(self) -> bool:
        """Whether this fake has been started and not stopped."""
        return self._backend.active

    @property
    def account_id(self) -> str:
        """The account that calls if a client's credentials name none. It may be assigned."""
        return self._backend.caller_rules.default.account_id

    @account_id.setter
    def account_id(self, account_id: str) -> None:
        self._backend.caller_rules.default = Caller(checked_account_id(account_id), "default")

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
        """Return a new boto3 session of an account, by default of `account_id` in `region`.

        Its Detective clients raise `FakeUsageError` for a call after this fake has ended.
        """
        session = make_session(self.credentials(account_id), region or self.region)
        session.events.register_first(_BEFORE_CALL, self._check_active)
        return session

    def client(self, account_id: str | None = None, region: str | None = None, **options: Any) -> DetectiveClient:
        """Return a Detective client of an account, by default of `account_id` in `region`.

        It raises `FakeUsageError` for a call after this fake has ended.

        Args:
            account_id: Twelve digits.
            options: Arguments of `boto3.client`. Without any, the same client is returned each time.
        """
        account_id = account_id or self.account_id
        region = region or self.region
        client = None if options else self._clients.get((account_id, region))
        if client is None:
            client = make_client(self.credentials(account_id), region, **options)
            client.meta.events.register_first(_BEFORE_CALL, self._check_active)
            if not options:
                self._clients[account_id, region] = client
        return client

    @property
    def _has_ended(self) -> bool:
        return self._go_to_start is not None and not self._backend.active

    def _check_active(self, **_: object) -> None:
        if self._has_ended:
            raise FakeUsageError(
                "This client belongs to a DetectiveFake that has ended. Use it before stop(), or inside the `with` "
                f"block. Each fake has its own clients. See {DOCS}ended-fake"
            )

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
            FakeUsageError: The extra `server` is not installed, the server cannot listen there, or `keep_calls` is not
                a whole number of zero or more.
        """
        if keep_calls is not None:
            checked_count("keep_calls", keep_calls)
        try:
            from detective_fake.server.endpoint import serving
        except ModuleNotFoundError as error:
            raise FakeUsageError(
                f"Serving needs {error.name}, which is not installed: pip install 'detective-fake[server]'. "
                f"See {DOCS}server"
            ) from None
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
            FakeUsageError: This is no event, or it is not pending any more.
        """
        with self._context.all_or_nothing():
            world, now = self._context.world, self._context.clock.now()
            given: object = event
            if event is None:
                settle_all(world, now)
            elif not isinstance(given, PendingEvent):
                raise FakeUsageError(
                    f"settle: expected an event of `pending`, got the {type(given).__name__} {given!r}."
                )
            elif not settle_one(world, event.number, now):
                raise FakeUsageError(f"This event is not pending any more: {event}. Use an event of `pending`.")

    @property
    def pending(self) -> tuple[PendingEvent, ...]:
        """The events that fire without an API call, in order. Reading this runs no event."""
        with self._context.lock:
            return tuple(self._context.world.event_queue.events())

    def snapshot(self) -> Snapshot:
        """Return the state and the setting of the clock, to compare or to `restore`.

        The state is what Detective and the test's settings hold: accounts, organizations, graphs, members,
        investigations, pending events, e-mails, quotas and timings. Calls, faults, denials, overrides, the default
        caller, backoffs and clients are not part of it: `isolated` covers those, too.
        """
        with self._context.lock:
            return Snapshot(self._context.world.copy(), self._context.clock.setting)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this fake, or of another one with the same `id_seed`.

        This covers what `snapshot` describes. An organization that the fake follows is read again before the next call.

        Raises:
            FakeUsageError: The snapshot is of a fake with another `id_seed`, whose IDs would clash with those to come.
        """
        given: object = snapshot
        if not isinstance(given, Snapshot):
            raise FakeUsageError(f"restore: expected a Snapshot, which fake.snapshot() returns, got {given!r}.")
        if snapshot.state.id_seed != self._context.world.id_seed:
            raise FakeUsageError(
                f"restore: the snapshot is of a fake with id_seed={snapshot.state.id_seed}, and this one has "
                f"id_seed={self._context.world.id_seed}. Create both with the same id_seed."
            )
        with self._context.lock:
            self._context.world.become(snapshot.state)
            self._context.clock.setting = snapshot.clock

    def save(self, path: str | PathLike[str]) -> None:
        """Write the whole state to a JSON file. A fake that loads it has an equal snapshot.

        Raises:
            FakeUsageError: The suffix is not `.json`, or the file cannot be written.
        """
        from detective_fake.scenario.saved_state import save_state

        with self._context.lock:
            save_state(path, self._context.world, self._context.clock)

    def load(self, source: str | PathLike[str] | Mapping[str, Any]) -> None:
        """Replace the whole state by that of a scenario file (`.toml` or `.json`) or of a file that `save` has written.

        Args:
            source: The file, or its content: `{"graph": [{"members": ["222222222222"]}]}`.
        Raises:
            ScenarioError: The file cannot be read or has mistakes; all of them are reported. Then nothing changes.
        """
        from detective_fake.scenario.scenario_file import load

        load(source, self._context, self.seed)

    def reset(self) -> None:
        """Undo everything that happened after `start()`, as the end of an `isolated` block does.

        Raises:
            FakeUsageError: The fake was never started.
        """
        if self._go_to_start is None:
            raise FakeUsageError(
                "This DetectiveFake was never started, so it has no state to go back to. Call start() first."
            )
        self._go_to_start(self)

    @contextmanager
    def isolated(self) -> Iterator[DetectiveFake]:
        """Undo everything that happens inside a `with` block, also if it raises.

        That is what `snapshot` covers, and also calls, faults, denials, overrides, the default caller, backoffs,
        request IDs and the clients that `client()` returns. The fake follows the same organizations as before, and
        reads their changes again.

        Raises:
            UnusedFaults: The block did not raise, and no call used a fault, denial or override that it had added.
        """
        earlier = [rule for rules in self._rules() for rule in rules]
        go_back = self._checkpoint()
        self._clients = {}
        try:
            yield self
            report = self.unused_report(ignored=earlier)
        finally:
            try:
                go_back(self)
            except BaseException:  # an interrupt
                go_back(self)
                raise
        if report is not None:
            raise UnusedFaults(report)

    def _checkpoint(self) -> Callable[[DetectiveFake], None]:
        """Return a function that takes back everything that happens to this fake from now on.

        It gets the fake as an argument, so that the fake can keep it and is still freed at once, without cycles.
        """
        with self._context.lock:
            snapshot, caller, clients = self.snapshot(), self._backend.caller_rules.default, self._clients.copy()
            outside, backoffs = tuple(self._context.outside), tuple(self._backend.backoffs)
            parts = [self._recorder.checkpoint(), *(rules.checkpoint() for rules in self._rules())]
            request_ids = self._service.request_ids.made

        def go_back(self: DetectiveFake) -> None:
            with self._context.lock:
                self.restore(snapshot)
                self._context.outside[:], self._backend.backoffs[:] = outside, backoffs
                self._backend.missing_profiles.clear()
                self._backend.caller_rules.default, self._clients = caller, clients.copy()
                self._service.request_ids.made = request_ids
                for rules in self._rules():
                    rules.clear()
                for part in parts:
                    part()

        return go_back

    @property
    def seed(self) -> Seed:
        """Sets up state without API calls: accounts, graphs, members, organizations, investigations.

        Raises:
            FakeUsageError: The fake has ended, so that no call could see the state.
        """
        if self._has_ended:
            raise FakeUsageError("This DetectiveFake has ended. Seed it before start(), or inside the `with` block.")
        if self._seed is None:
            from detective_fake.controls.seed import Seed

            rules = self._backend.caller_rules
            self._seed = Seed(self._context, partial(attrgetter("default.account_id"), rules), self.region)
        return self._seed

    @property
    def clock(self) -> TimeControl:
        """The fake's time."""
        return self._clock

    @property
    def faults(self) -> Faults:
        """Errors, delays and callbacks for calls to come."""
        from detective_fake.controls.faults import Faults

        return self._rules_of("faults", Faults)

    @property
    def denials(self) -> Denials:
        """The actions that `deny` denies."""
        from detective_fake.controls.deny import Denials

        return self._rules_of("denials", Denials)

    @property
    def _overrides(self) -> Overrides:
        from detective_fake.controls.overrides import Overrides

        return self._rules_of("overrides", Overrides)

    def _rules_of(self, name: str, kind: Callable[[FakeContext, Journal], R]) -> R:
        """Return the service's faults, denials or overrides. They are made when a test first asks for them."""
        with self._context.lock:
            if getattr(self._service, name) is None:
                setattr(self._service, name, kind(self._context, self.calls))
            return getattr(self._service, name)  # type: ignore[no-any-return]

    def _rules(self) -> list[Rules[Any]]:
        """Return the faults, denials and overrides, without those that the test has not asked for."""
        service = self._service
        return [rules for rules in (service.faults, service.denials, service.overrides) if rules is not None]

    @property
    def emails(self) -> Emails:
        """The invitations that AWS has sent so far, in a new list."""
        with self._context.lock:
            return Emails(self._context.world.emails)

    @property
    def quotas(self) -> Quotas:
        """The quotas. Their attributes may be assigned."""
        return self._context.world.quotas

    @property
    def timings(self) -> Timings:
        """The delays of asynchronous events. Their attributes may be assigned, for events to come."""
        return self._context.world.timings

    @property
    def calls(self) -> Journal:
        """Every call, in order."""
        return self._recorder.journal

    def forget_calls(self, keep: int = 0) -> None:
        """Forget the oldest calls, so that a long-running fake does not grow.

        Args:
            keep: How many of the last calls to keep.
        Raises:
            FakeUsageError: That is not a whole number of zero or more.
        """
        with self._context.lock:
            self._recorder.forget(checked_count("keep", keep))

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
        from detective_fake.journal.expectations import Expectation, assert_called

        return assert_called(self.calls, Expectation(operation, parameters, account_id, region), times=times)

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
        self.assert_called(operation, account_id=account_id, region=region, times=0, **parameters)

    @property
    def cloudtrail(self) -> list[dict[str, Any]]:
        """The calls as CloudTrail records, in a new list: one for each attempt that reached the service."""
        from detective_fake.journal.cloudtrail import trail

        return trail(self.calls)

    def save_trail(self, path: str | PathLike[str]) -> None:
        """Write `cloudtrail` as CloudTrail delivers it: `{"Records": [...]}` in JSON, compressed with gzip."""
        from detective_fake.journal.cloudtrail import save_trail

        save_trail(self.calls, path)

    @property
    def backoffs(self) -> list[Backoff]:
        """How long botocore would have slept before each retry: operation, attempt, seconds."""
        return list(self._backend.backoffs)

    @property
    def missing_profiles(self) -> tuple[str, ...]:
        """The profiles that botocore did not find while this fake was active, each with what to do about it."""
        return tuple(dict.fromkeys(map(explain_missing_profile, self._backend.missing_profiles)))

    def unused_report(self, ignored: Collection[Rule] = ()) -> str | None:
        """Return the faults, denials and overrides that no call used, with the calls that came closest.

        None if there are none, or if the fake was created with `unused_faults="ignore"`.

        Args:
            ignored: Those that are not reported.
        """
        if self._options.unused_faults == "ignore" or not self._rules():
            return None
        from detective_fake.controls.rules import unused_report

        return unused_report(*self._rules(), ignored=ignored)

    def unused_rules(self) -> tuple[Rule, ...]:
        """Return the faults, denials and overrides that no call has used so far."""
        return tuple(rule for rules in self._rules() for rule in rules.unused())

    def deny(self, action: str, *, account_id: str | None = None, region: str | None = None) -> Denial:
        """Let IAM deny an action, or all actions that match a pattern: `"detective:Create*"`.

        The denial ends with its method `allow()`, or at the end of a `with` block.

        Args:
            action: Name of the action, or a pattern.
            account_id: The account that is denied; None for every account.
            region: The Region in which it is denied; None for every Region.
        Raises:
            FakeUsageError: There is no such action or Region, or the account ID is not twelve digits.
        """
        return self.denials.add(action, account_id=account_id, region=region)

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
            return tuple(self._context.world.rows(self._context.graph(graph).arn).ordered())

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """All organizations. Reading this runs no event."""
        with self._context.lock:
            return tuple(self._context.world.organizations.values())


STARTED: Final[list[DetectiveFake]] = []
"""For pytest only: the active fakes and the last ones that ended in this test, in the order of their start."""


def _read_time() -> float:
    # Looked up at each call, so that libraries which replace `time.time` work.
    return time.time()
