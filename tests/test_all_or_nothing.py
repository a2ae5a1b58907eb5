"""A call that an exception ends leaves the state as before it or completely after it, and is in the journal.

The tests make twenty calls. Each is first made again and again, with an exception in the first of our functions that it
enters, then in the second, and so on.
"""

from __future__ import annotations

import inspect
import sys
from datetime import datetime, timedelta, timezone
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import settings

import detective_fake
from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.domain.account import Account
from detective_fake.domain.clock import LONGEST_DELAY
from detective_fake.domain.event_queue import Timings
from detective_fake.exchange import Caller, Request
from detective_fake.operations.registry import HANDLERS
from tests.builders import ADMINISTRATOR, ANA, BEN, MANAGEMENT, MINUTE, NOON, ROLE
from tests.invariants import violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    from detective_fake.fake import Snapshot

PACKAGE = Path(detective_fake.__file__).parent
ROOMS = tuple(str(PACKAGE / name) for name in ("domain/", "operations/", "service.py"))
NOT_INJECTED = {"all_or_nothing", "build_indexes", "handle", "reset", "undo"}
"""The function that begins a call, and those that put the state back: an exception there would be a second one."""

EVERY_LINE = settings().max_examples > 100
"""Whether exceptions are raised at each line and not only at each function; slow, and coverage counts lines itself."""

CY, DORA = "444444444444", "555555555555"


class Injected(BaseException):
    """Raised in the middle of a call, like KeyboardInterrupt."""


def is_ours(code: CodeType) -> bool:  # pragma: no cover - runs while coverage is off
    return code.co_filename.startswith(ROOMS) and code.co_name not in NOT_INJECTED


class Injector:
    """Raises an exception at one of the steps of a call, counted from 0."""

    def __init__(self, step: int) -> None:
        self.remaining = step

    def __enter__(self) -> None:
        (sys.settrace if EVERY_LINE else sys.setprofile)(self.watch)

    def __exit__(self, *_: object) -> None:
        (sys.settrace if EVERY_LINE else sys.setprofile)(None)

    # Python traces no function that it calls for its profiler, so coverage cannot see this one.
    def watch(self, frame: FrameType, event: str, _argument: object) -> Any:  # pragma: no cover
        """Count the step and raise the exception at the chosen one."""
        is_step = event == ("line" if EVERY_LINE else "call") and not frame.f_code.co_flags & inspect.CO_GENERATOR
        if is_ours(frame.f_code):
            self.remaining -= is_step
            if is_step and self.remaining == -1:
                raise Injected
            return self.watch
        return None


def story(fake: DetectiveFake) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the calls: caller, operation and parameters. Two minutes pass before each, so that events are due."""
    yield ADMINISTRATOR, "CreateGraph", {"Tags": {"team": "red"}}
    graph = {"GraphArn": fake.graphs[0].arn}
    invited = [{"AccountId": account_id, "EmailAddress": "a@example.com"} for account_id in (ANA, BEN, CY, DORA)]
    yield ADMINISTRATOR, "CreateMembers", {**graph, "Accounts": invited, "Message": "Join us"}
    yield ADMINISTRATOR, "ListMembers", graph
    yield ANA, "AcceptInvitation", graph
    yield BEN, "AcceptInvitation", graph
    yield CY, "AcceptInvitation", graph
    yield ADMINISTRATOR, "TagResource", {"ResourceArn": fake.graphs[0].arn, "Tags": {"team": "blue", "a": "b"}}
    yield ADMINISTRATOR, "UntagResource", {"ResourceArn": fake.graphs[0].arn, "TagKeys": ["a"]}
    packages = ["DETECTIVE_CORE", "EKS_AUDIT"]
    yield ADMINISTRATOR, "UpdateDatasourcePackages", {**graph, "DatasourcePackages": packages}
    scope = {"ScopeStartTime": NOON - timedelta(days=1), "ScopeEndTime": NOON}
    yield ADMINISTRATOR, "StartInvestigation", {**graph, "EntityArn": ROLE, **scope}
    investigation_id = fake.calls[-1].result["InvestigationId"]  # type: ignore[index]
    archived = {"InvestigationId": investigation_id, "State": "ARCHIVED"}
    yield ADMINISTRATOR, "UpdateInvestigationState", {**graph, **archived}
    yield DORA, "RejectInvitation", graph
    yield ADMINISTRATOR, "DeleteMembers", {**graph, "AccountIds": [ANA, DORA]}
    yield ADMINISTRATOR, "StartMonitoringMember", {**graph, "AccountId": CY}
    yield MANAGEMENT, "EnableOrganizationAdminAccount", {"AccountId": ADMINISTRATOR}
    yield ADMINISTRATOR, "UpdateOrganizationConfiguration", {**graph, "AutoEnable": True}
    yield CY, "DisassociateMembership", graph
    yield MANAGEMENT, "DisableOrganizationAdminAccount", {}
    yield ADMINISTRATOR, "CreateGraph", {}
    yield ADMINISTRATOR, "DeleteGraph", {"GraphArn": fake.graphs[-1].arn}


class Teller:
    """A fake, and the calls made on it."""

    def __init__(self) -> None:
        self.fake = DetectiveFake(
            ADMINISTRATOR,
            timings={"verification": MINUTE, "investigation": MINUTE, "administrator_visibility": MINUTE},
            quotas={"members_per_graph": 4, "volume_bytes_per_day": 2 * 10**9},
        )
        self.fake.clock.freeze(NOON)
        self.fake.seed.organization(MANAGEMENT, [ADMINISTRATOR, BEN])

    def pass_time(self) -> None:
        """Move the clock, without running the events that become due."""
        self.fake.clock.freeze(self.fake.clock.now() + 2 * MINUTE)

    def call(self, account_id: str, operation: str, parameters: dict[str, Any]) -> str:
        """Make a call, and return its outcome."""
        request = Request(operation, parameters, Caller(account_id, "test"), "us-east-1", "us-east-1")
        self.fake._backend.handle(request)  # noqa: SLF001 - a client would take most of the time
        return self.fake.calls[-1].outcome

    def check(self, *allowed: Snapshot) -> None:
        """Check that the state is an allowed one, the last of them if the call was answered, and its indexes fit."""
        answered = self.fake.calls[-1].outcome != "Injected"
        assert self.fake.snapshot() in (allowed[-1:] if answered else allowed)
        assert violations(self.fake._context.world) == []  # noqa: SLF001 - the indexes are internal

    def interrupt(self, call: tuple[str, str, dict[str, Any]], *, partly: bool) -> int:
        """Make a call again and again, each time with an exception at a later step, until it has no such step.

        Args:
            partly: Whether due events may have run although the operation has not.
        Returns:
            The number of steps.
        """
        fake = self.fake
        before = fake.snapshot()
        late = [before]
        for by in (timedelta(), MINUTE) if partly else ():
            fake.clock.advance(by)
            late.append(fake.snapshot())
        fake.restore(before)
        assert self.call(*call) == "ok"
        after = fake.snapshot()
        steps = count()
        while True:
            step = next(steps)
            fake.restore(before)
            made = len(fake.calls)
            try:
                with Injector(step):
                    self.call(*call)
            except Injected:
                self.check(*late, after)
                assert len(fake.calls) == made + 1
            else:
                assert fake.snapshot() == after
                return step


@pytest.mark.slow
class TestFaultAtEveryStep:
    def test_a_call_is_undone(self) -> None:
        """Together with the events that were due."""
        teller, steps = Teller(), 0
        for call in story(teller.fake):
            teller.pass_time()
            steps += teller.interrupt(call, partly=False)
        assert steps > 500

    def test_a_call_that_functions_of_the_test_take_part_in_is_undone(self) -> None:
        """Or performed: what `proceed` has performed stays."""
        teller = Teller()
        operation: Any
        for operation in HANDLERS:
            teller.fake.on(operation)(lambda call: call.proceed())
        teller.fake.faults.add("*", latency=MINUTE, times=None)
        for call in islice(story(teller.fake), 5):
            teller.pass_time()
            teller.interrupt(call, partly=True)


class TestOtherExceptions:
    @pytest.fixture
    def fake(self) -> Iterator[DetectiveFake]:
        with DetectiveFake(ADMINISTRATOR) as fake:
            fake.clock.freeze(NOON)
            yield fake

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_of_a_callback(self, fake: DetectiveFake, when: Any) -> None:
        """Before the operation, it ends the call. Afterwards, the operation has been performed and recorded."""

        def fail() -> None:
            raise KeyboardInterrupt

        fake.faults.add("CreateGraph", callback=fail, when=when)
        with pytest.raises(KeyboardInterrupt):
            fake.client().create_graph()
        assert (len(fake.graphs), [call.outcome for call in fake.calls]) == {
            "before": (0, ["KeyboardInterrupt"]),
            "after": (1, ["ok"]),
        }[when]

    def test_of_latency_past_the_end_of_the_clock(self, fake: DetectiveFake) -> None:
        """The operation is undone, and the clock does not move."""
        fake.clock.freeze(NOON.replace(year=8999))
        fake.faults.add("CreateGraph", latency=timedelta(days=400), when="after")
        with pytest.raises(FakeUsageError, match="it ends with the year 8999"):
            fake.client().create_graph()
        assert fake.graphs == ()
        assert fake.clock.now() == NOON.replace(year=8999)
        assert [call.outcome for call in fake.calls] == ["FakeUsageError"]

    def test_on_the_wire_path(self, fake: DetectiveFake) -> None:
        """The call has one record for both of its attempts."""
        fake.faults.add("ListGraphs", error="InternalServerException")
        fake.on("ListGraphs")(lambda call: call.parameters["GraphArn"])
        with pytest.raises(KeyError):
            fake.client().list_graphs()
        (call,) = fake.calls
        assert [attempt.outcome for attempt in call.attempts] == ["InternalServerException", "KeyError"]
        assert (call.failed, call.result, fake.cloudtrail[0]["errorCode"]) == (True, None, "InternalServerException")
        assert "-> KeyError" in call.line()

    def test_of_a_refused_change_of_an_organization(self, fake: DetectiveFake) -> None:
        """Due events wait for the next call."""
        organization = fake.seed.organization(MANAGEMENT, [ANA])
        arn = fake.seed.graph(members={BEN: "VERIFICATION_IN_PROGRESS"})
        before = fake.snapshot()
        with pytest.raises(FakeUsageError, match="is not in organization"):
            organization.remove_account(BEN)
        assert fake.snapshot() == before
        organization.remove_account(ANA)
        assert fake.members(arn)[0].status == "INVITED"

    def test_a_block_inside_another_one_is_undone_with_it(self, fake: DetectiveFake) -> None:
        """Such as one of a client of AWS Organizations that a call asks."""
        context = fake._context  # noqa: SLF001 - only the service uses it
        before = fake.snapshot()

        def change() -> None:
            with context.all_or_nothing():
                with context.all_or_nothing():
                    context.world.put_account(Account(account_id=ANA))
                raise Injected

        with pytest.raises(Injected):
            change()
        assert fake.snapshot() == before


FAR = NOON.replace(year=9999)


class TestRefusedValues:
    """Values that would end a later call are refused where they are given, and nothing changes."""

    @pytest.mark.parametrize(
        "give",
        [
            lambda _: DetectiveFake(timings={"verification": timedelta.max}),
            lambda fake: setattr(fake.timings, "recheck", timedelta.max),
            lambda fake: fake.faults.add("*", latency=timedelta.max),
            lambda fake: fake.clock.freeze(FAR),
            lambda fake: fake.clock.freeze(NOON.replace(year=1)),
            lambda fake: fake.clock.advance(timedelta.max),
            lambda fake: fake.clock.advance(days=365 * 7000),
            lambda fake: fake.seed.graph(ANA, created_at=FAR),
            lambda fake: fake.seed.graph(ANA, packages={"DETECTIVE_CORE": {"stopped_at": FAR}}),
            lambda fake: fake.seed.member(fake.graphs[0], ANA, invited_at=FAR),
            lambda fake: fake.seed.investigation(fake.graphs[0], entity_arn=ROLE, scope_start=NOON.replace(year=1)),
            lambda fake: fake.forget_calls(-5),
            lambda fake: fake.forget_calls("1"),
            lambda fake: fake.serve(keep_calls=-1),
        ],
    )
    def test_are_refused(self, give: Callable[[DetectiveFake], object]) -> None:
        """With an error that names the allowed values."""
        with DetectiveFake(ADMINISTRATOR, unused_faults="ignore") as fake:
            fake.clock.freeze(NOON)
            fake.client().create_graph()
            before = fake.snapshot()
            with pytest.raises(FakeUsageError, match=r"zero|8999|365,000"):
                give(fake)
            assert fake.snapshot() == before
            assert (len(fake.calls), fake.calls.forgotten) == (1, 0)

    def test_the_longest_delays_at_the_last_time_are_taken(self) -> None:
        """Every event has a due time, and runs."""
        longest = dict.fromkeys(attrs.asdict(Timings()), LONGEST_DELAY)
        with DetectiveFake(ADMINISTRATOR, timings=longest) as fake:
            fake.clock.freeze(datetime(8999, 12, 31, 23, 59, 59, tzinfo=timezone.utc))
            arn = fake.client().create_graph()["GraphArn"]
            accounts: Any = [{"AccountId": ANA, "EmailAddress": "a@example.com"}]
            fake.client().create_members(GraphArn=arn, Accounts=accounts)
            assert fake.pending[0].due == fake.clock.now() + LONGEST_DELAY
            fake.settle()
            fake.client(ANA).accept_invitation(GraphArn=arn)
            fake.settle()
            assert fake.members(arn)[0].status == "ENABLED"
