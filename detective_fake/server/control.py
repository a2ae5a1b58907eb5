"""The control API under `/_fake/`: each call is a thin call of the fake's public names.

The body of a call has the arguments of the Python function that it calls, written as in scenario files.
"""

from __future__ import annotations

import json
import re
import reprlib
from collections import deque
from datetime import timedelta
from fnmatch import fnmatchcase
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypeVar

import attrs
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from detective_fake.controls.context import TimeControl
from detective_fake.controls.deny import Denials
from detective_fake.controls.faults import Fault, Faults
from detective_fake.controls.organizations import OrganizationControl
from detective_fake.controls.seed import Seed
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.errors import FakeUsageError, ServiceError
from detective_fake.scenario.arguments import arguments_of, check_keys, read_arguments
from detective_fake.scenario.files import PARSERS, Problem, ScenarioError
from detective_fake.scenario.saved_state import FORMAT, VERSION, SavedState, to_json

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from detective_fake.controls.deny import Denial
    from detective_fake.fake import DetectiveFake, Snapshot
    from detective_fake.journal.calls import CallRecord

PREFIX: Final = "/_fake"
"""The path of the control API and the page. No operation of Detective begins with it."""

HEADER: Final = "X-Detective-Fake"
"""Browsers do not let a page of another origin send it without asking the server, which never allows it."""

_SNAPSHOTS: Final = 30
_MOST_NAMES: Final = 400
"""So many characters of names are in a message."""

T = TypeVar("T")


class NotFound(FakeUsageError):
    """The path names something that does not exist."""


class Answer(JSONResponse):
    """Any value of a fake as JSON in ASCII, since UTF-8 cannot encode a lone surrogate in a refused parameter."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return json.dumps(to_json(content)).encode("ascii")


class Moment(NamedTuple):
    """A snapshot with its number, and what had happened before it."""

    number: int
    name: str
    snapshot: Snapshot
    calls: int

    @property
    def json(self) -> dict[str, Any]:
        """Everything but the state."""
        return {"number": self.number, "name": self.name, "calls": self.calls, "frozen_at": self.snapshot.clock[1]}


@attrs.define(eq=False)
class Control:
    """A fake that is served.

    Attributes:
        stopping: Set when the server stops.
        moments: The snapshots, oldest first. Taking one more drops the oldest.
    """

    fake: DetectiveFake
    stopping: asyncio.Event
    moments: deque[Moment] = attrs.field(factory=lambda: deque(maxlen=_SNAPSHOTS), init=False)
    _numbers: dict[Fault | Denial, int] = attrs.field(factory=dict, init=False)

    def rule(self, kind: str, number: int, rules: Faults | Denials) -> Fault | Denial:
        """Return the fault or denial of a number."""
        return found(kind, number, {self.rule_json(each)["number"]: each for each in rules})

    def rule_json(self, rule: Fault | Denial) -> dict[str, Any]:
        """Return a fault or denial. They are numbered from 1, in the order in which they are first seen."""
        active = rule in rule.rules.active
        known = arguments_of(Faults.add if isinstance(rule, Fault) else Denials.add)
        terms = {name: _plain(getattr(rule, name)) for name in known if name != "callback"}
        waits_for = rule.awaited if active and isinstance(rule, Fault) else ""
        number = self._numbers.setdefault(rule, len(self._numbers) + 1)
        return {"number": number, **terms, "used": rule.used, "active": active, "waits_for": waits_for}

    def graph(self, arn: str) -> str:
        """Return the ARN of a graph that exists."""
        return found("behavior graph", arn, {graph.arn: graph.arn for graph in self.fake.graphs})

    def organization(self, organization_id: str) -> OrganizationControl:
        """Return the controls of an organization."""
        known = {each.organization_id: each.organization_id for each in self.fake.organizations}
        return self.fake.seed.organization_control(found("organization", organization_id, known))

    def call(self, number: int) -> CallRecord:
        """Return a call of the journal."""
        return found("call", number, dict(self.fake.calls.numbered))

    def take(self, name: str = "") -> Moment:
        """Add a snapshot unless the last one is equal, and return it.

        Args:
            name: A name to recognize it by; the last call if not given.
        """
        snapshot, calls = self.fake.snapshot(), self.fake.calls
        last = self.moments[-1] if self.moments else None
        if last is None or last.snapshot != snapshot:
            name = name or (f"#{calls.made} {calls[-1].operation}" if calls else "start")
            last = Moment(last.number + 1 if last else 1, name, snapshot, calls.made)
            self.moments.append(last)
        return last

    def state(self) -> SavedState:
        """Return everything that the fake holds."""
        snapshot = self.fake.snapshot()
        return SavedState(FORMAT, VERSION, snapshot.clock, snapshot.state)


def found(kind: str, name: object, known: Mapping[Any, T]) -> T:
    """Return what is known by a name or number."""
    if name in known:
        return known[name]
    names = shorten(", ".join(map(str, known)) or "none", _MOST_NAMES, placeholder=" …")
    raise NotFound(f"There is no {kind} {name!r}. Expected one of: {names}.")


def _plain(value: object) -> object:
    if isinstance(value, ServiceError):
        return value.error_code
    return value.total_seconds() if isinstance(value, timedelta) else value


def move_clock(
    *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, to_next_event: bool = False
) -> None:
    """Move the clock forward.

    Args:
        days: Days.
        hours: Hours.
        minutes: Minutes.
        seconds: Seconds.
        to_next_event: In place of a duration: to the time of the next pending event.
    """


def set_caller(*, account_id: str) -> None:
    """Set the default caller.

    Args:
        account_id: Twelve digits.
    """


class CallFilter(BaseModel):
    """Which calls to list."""

    model_config = ConfigDict(extra="forbid")
    operation: str = Field("*", examples=["Create*"], description="Name, or a pattern: `Create*`.")
    account_id: str = Field("", pattern=r"^([0-9]{12})?$", description="Only calls of this account.")
    region: str = Field("", max_length=30, description="Only calls to this Region.")
    outcome: str = Field("", max_length=100, description="`ok`, `failed`, or the code of an error.")
    text: str = Field("", max_length=1000, description="Only calls that have all these words in their line.")
    after: int = Field(0, ge=0, le=10**9, description="Only calls with a larger number.")
    before: int = Field(10**9, ge=0, le=10**9, description="Only calls with a smaller number.")
    limit: int = Field(100, ge=0, le=10**6, description="At most so many.")

    def matching(self, fake: DetectiveFake) -> list[tuple[int, CallRecord]]:
        """Return the calls that match, with their numbers, oldest first, without regard to the limit."""
        words = self.text.lower().split()
        return [
            (number, record)
            for number, record in fake.calls.numbered
            if self.after < number < self.before
            and fnmatchcase(record.operation, self.operation)
            and self.account_id in {"", record.account_id}
            and self.region in {"", record.region}
            and self.outcome in {"", record.outcome, "failed" if record.failed else "ok"}
            and all(word in f"{record.line()} {record.user_agent}".lower() for word in words)
        ]


def call_json(record: CallRecord, number: int) -> dict[str, Any]:
    """Return one call of the journal."""
    names = ("operation", "account_id", "region", "at", "user_agent", "parameters", "outcome", "failed", "result")
    return {
        "number": number,
        **{name: getattr(record, name) for name in (*names, "request_id")},
        "rule": record.caller.rule,
        "message": None if record.error is None else record.error.message,
        "reason": record.reason or None,
        "changes": record.changes,
        "attempts": [attempt.outcome for attempt in record.attempts],
    }


def _control(request: Request) -> Control:
    return request.state.control  # type: ignore[no-any-return]


def _require_header(_header: Annotated[str, Header(alias=HEADER, min_length=1, description="Any value.")]) -> None:
    """Refuse a request without the header that no page of another origin can send."""


def _content(request: Request) -> dict[str, Any]:
    """Return the body of a request: an object in JSON or, if the request says so, a document in TOML."""
    kind = "toml" if "toml" in request.headers.get("content-type", "") else "json"
    try:
        body = request.state.body.decode()
        content = PARSERS[f".{kind}"](body or "{}" if request.method == "POST" else body)
    except (ValueError, RecursionError) as error:
        raise FakeUsageError(f"The body is not valid {kind.upper()}: {error}.") from None
    if not isinstance(content, dict):
        raise FakeUsageError(f"body: expected an object, got {reprlib.repr(content)}.")
    return content


class Arguments:
    """A dependency: the arguments of a Python function, in the body of a request.

    Attributes:
        function: The function. Its docstring describes the arguments.
        known: The arguments that the body can have.
    """

    def __init__(self, function: Callable[..., Any], *without: str) -> None:
        self.function = function
        self.known = {name: each for name, each in arguments_of(function).items() if name not in without}

    def __call__(self, request: Request) -> dict[str, Any]:
        """Return the arguments in a body."""
        table = _content(request)
        problems: list[Problem] = []
        check_keys(table, self.known, "", problems)
        arguments = read_arguments(table, self.known, "", problems)
        if problems:
            raise FakeUsageError("; ".join(map(str, problems)) + ".")
        return arguments


def like(function: Callable[..., Any], *without: str) -> Any:
    """Return the dependency of a call whose body has the arguments of a function, without some."""
    return Depends(Arguments(function, *without))


Here = Annotated[Control, Depends(_control)]
Given = dict[str, Any]
Content = Annotated[dict[str, Any], Depends(_content)]
Number = Annotated[int, InPath(ge=1, le=10**9)]
Id = Annotated[str, InPath()]
AccountId = Annotated[str, InPath(pattern=r"^[0-9]{12}$")]

reading: Final = APIRouter(prefix=PREFIX)
changing: Final = APIRouter(prefix=PREFIX, dependencies=[Depends(_require_header)])


@reading.get("/health")
def check_health() -> Answer:
    """Answer as soon as the server is up."""
    return Answer({"status": "ok"})


@reading.get("/state")
def read_state(control: Here) -> Answer:
    """Read everything that the fake holds except calls, faults and denials, as `fake.save` writes it."""
    return Answer(control.state())


@changing.put("/state")
def load_state(control: Here, content: Content) -> Answer:
    """Replace the state by a saved state or a scenario, in JSON or, with `Content-Type: application/toml`, in TOML."""
    control.fake.load(content)
    return Answer(control.state())


@changing.post("/reset")
def reset(control: Here) -> Answer:
    """Return to the state at the start, and remove all calls, faults, denials and overrides."""
    control.fake.reset()
    return Answer(control.state())


@reading.get("/caller")
def read_caller(control: Here) -> Answer:
    """Read the default caller and the Region of requests that name none."""
    return Answer({"account_id": control.fake.account_id, "region": control.fake.region})


@changing.put("/caller")
def change_caller(control: Here, given: Annotated[Given, like(set_caller)]) -> Answer:
    """Set the account of requests that name none."""
    control.fake.account_id = given["account_id"]
    return read_caller(control)


@reading.get("/calls")
def list_calls(control: Here, which: Annotated[CallFilter, Query()]) -> Answer:
    """List the calls of the journal, oldest first."""
    return Answer([call_json(record, number) for number, record in which.matching(control.fake)[: which.limit]])


@changing.delete("/calls")
def forget_calls(
    control: Here, keep: Annotated[int, Query(ge=0, le=10**9, description="The last ones.")] = 0
) -> Answer:
    """Forget all calls, or all but the last ones."""
    control.fake.forget_calls(keep)
    return Answer({"forgotten": control.fake.calls.forgotten})


@reading.get("/calls/{number}")
def read_call(control: Here, number: Number) -> Answer:
    """Read one call of the journal."""
    return Answer(call_json(control.call(number), number))


@reading.get("/cloudtrail")
def list_trail(control: Here) -> Answer:
    """List the calls as CloudTrail delivers them."""
    return Answer({"Records": control.fake.cloudtrail})


@reading.get("/emails")
def list_emails(control: Here) -> Answer:
    """List the invitations sent by e-mail."""
    return Answer(control.fake.emails[:])


@reading.get("/clock")
def read_clock(control: Here) -> Answer:
    """Read the fake's time."""
    return Answer({"now": control.fake.clock.now(), "frozen": control.fake.snapshot().clock[1] is not None})


@changing.post("/clock/advance")
def advance_clock(control: Here, given: Annotated[Given, like(move_clock)]) -> Answer:
    """Move the clock forward, and run the events that become due."""
    clock = control.fake.clock
    if given.pop("to_next_event", False):
        due = min((event.due for event in control.fake.pending if event.due), default=None)
        if due is None or given:
            raise FakeUsageError("to_next_event: expected a pending event with a time, and no duration beside it.")
        clock.advance(max(due - clock.now(), timedelta()))
    elif given:
        clock.advance(**given)
    else:
        raise FakeUsageError(f"expected at least one of: {', '.join(arguments_of(move_clock))}.")
    return read_clock(control)


@changing.post("/clock/freeze")
def freeze_clock(control: Here, given: Annotated[Given, like(TimeControl.freeze)]) -> Answer:
    """Stop the clock."""
    control.fake.clock.freeze(**given)
    return read_clock(control)


@changing.post("/clock/unfreeze")
def unfreeze_clock(control: Here) -> Answer:
    """Let the clock run again."""
    control.fake.clock.unfreeze()
    return read_clock(control)


@changing.post("/settle")
def settle(control: Here) -> Answer:
    """Run all pending events now. The response lists those that are pending afterwards."""
    control.fake.settle()
    return Answer(control.fake.pending)


@changing.post("/settle/{number}")
def settle_event(control: Here, number: Number) -> Answer:
    """Run one pending event now. The response lists those that are pending afterwards."""
    control.fake.settle(found("pending event", number, {event.number: event for event in control.fake.pending}))
    return Answer(control.fake.pending)


def _settings(settings: Timings | Quotas, **changes: Any) -> Answer:
    """Change some settings, and return all."""
    attrs.evolve(settings, **changes)  # checks every value before the first one changes
    for name, value in changes.items():
        setattr(settings, name, value)
    return Answer({field.name: _plain(getattr(settings, field.name)) for field in attrs.fields(type(settings))})


@reading.get("/timings")
def read_timings(control: Here) -> Answer:
    """Read the delays of asynchronous events, in seconds; null waits for `POST /_fake/settle`."""
    return _settings(control.fake.timings)


@changing.put("/timings")
def change_timings(control: Here, given: Annotated[Given, like(Timings)]) -> Answer:
    """Change some delays, for events to come."""
    return _settings(control.fake.timings, **given)


@reading.get("/quotas")
def read_quotas(control: Here) -> Answer:
    """Read the quotas."""
    return _settings(control.fake.quotas)


@changing.put("/quotas")
def change_quotas(control: Here, given: Annotated[Given, like(Quotas)]) -> Answer:
    """Change some quotas."""
    return _settings(control.fake.quotas, **given)


@reading.get("/faults")
def list_faults(control: Here) -> Answer:
    """List the faults, oldest first."""
    return Answer([control.rule_json(fault) for fault in control.fake.faults])


@changing.post("/faults")
def add_fault(control: Here, given: Annotated[Given, like(Faults.add, "callback")]) -> Answer:
    """Add a fault."""
    return Answer(control.rule_json(control.fake.faults.add(**given)))


@changing.delete("/faults/{number}")
def remove_fault(control: Here, number: Number) -> Answer:
    """Remove a fault. The response lists the others."""
    control.rule("fault", number, control.fake.faults).remove()
    return list_faults(control)


@reading.get("/denials")
def list_denials(control: Here) -> Answer:
    """List the denied actions, oldest first."""
    return Answer([control.rule_json(denial) for denial in control.fake.denials])


@changing.post("/denials")
def add_denial(control: Here, given: Annotated[Given, like(Denials.add)]) -> Answer:
    """Let IAM deny actions."""
    return Answer(control.rule_json(control.fake.deny(**given)))


@changing.delete("/denials/{number}")
def remove_denial(control: Here, number: Number) -> Answer:
    """Allow actions again. The response lists the other denials."""
    control.rule("denial", number, control.fake.denials).remove()
    return list_denials(control)


@changing.put("/accounts/{account_id}")
def set_account(
    control: Here, account_id: AccountId, given: Annotated[Given, like(Seed.account, "account_id")]
) -> Answer:
    """Set attributes of an account; those left out stay as they are. The response lists all accounts that are set."""
    control.fake.seed.account(account_id, **given)
    return Answer(list(control.fake.snapshot().state.accounts.values()))


@changing.post("/graphs")
def add_graph(control: Here, given: Annotated[Given, like(Seed.graph)]) -> Answer:
    """Add a behavior graph, with or without members."""
    return Answer({"graph_arn": control.fake.seed.graph(**given)})


@changing.post("/graphs/{graph_arn}/members")
def add_member(control: Here, graph_arn: Id, given: Annotated[Given, like(Seed.member)]) -> Answer:
    """Add an account to a graph, in any status. The response lists the members."""
    control.fake.seed.member(control.graph(graph_arn), **given)
    return Answer(control.fake.members(graph_arn))


@changing.post("/graphs/{graph_arn}/investigations")
def add_investigation(control: Here, graph_arn: Id, given: Annotated[Given, like(Seed.investigation)]) -> Answer:
    """Add an investigation to a graph."""
    return Answer({"investigation_id": control.fake.seed.investigation(control.graph(graph_arn), **given)})


@changing.put("/graphs/{graph_arn}/investigation-outcome")
def set_investigation_outcome(
    control: Here, graph_arn: Id, given: Annotated[Given, like(Seed.investigation_outcome)]
) -> Answer:
    """Set the outcome of investigations of an entity."""
    control.fake.seed.investigation_outcome(control.graph(graph_arn), **given)
    return Answer(given)


@changing.post("/organizations")
def add_organization(control: Here, given: Annotated[Given, like(Seed.organization)]) -> Answer:
    """Add an AWS organization. The response lists all, as of the calls below."""
    control.fake.seed.organization(**given)
    return Answer(control.fake.organizations)


@changing.post("/organizations/{organization_id}/accounts")
def add_organization_account(
    control: Here, organization_id: Id, given: Annotated[Given, like(OrganizationControl.add_account)]
) -> Answer:
    """Let an account join an organization."""
    control.organization(organization_id).add_account(**given)
    return Answer(control.fake.organizations)


@changing.delete("/organizations/{organization_id}/accounts/{account_id}")
def remove_organization_account(control: Here, organization_id: Id, account_id: AccountId) -> Answer:
    """Let an account leave an organization."""
    control.organization(organization_id).remove_account(account_id)
    return Answer(control.fake.organizations)


@changing.post("/organizations/{organization_id}/accounts/{account_id}/close")
def close_organization_account(control: Here, organization_id: Id, account_id: AccountId) -> Answer:
    """Close an account of an organization."""
    control.organization(organization_id).close_account(account_id)
    return Answer(control.fake.organizations)


@changing.delete("/organizations/{organization_id}/delegated-administrator")
def deregister_administrator(control: Here, organization_id: Id) -> Answer:
    """Deregister the delegated administrator for Detective with AWS Organizations."""
    control.organization(organization_id).deregister_delegated_administrator()
    return Answer(control.fake.organizations)


@reading.get("/snapshots")
def list_snapshots(control: Here) -> Answer:
    """List the snapshots, oldest first. While a page is open, there is one for each change."""
    return Answer([moment.json for moment in control.moments])


@changing.post("/snapshots")
def take_snapshot(control: Here, given: Annotated[Given, like(Control.take)]) -> Answer:
    """Take a snapshot, unless nothing has changed since the last one."""
    return Answer(control.take(**given).json)


@changing.post("/snapshots/{number}/restore")
def restore_snapshot(control: Here, number: Number) -> Answer:
    """Go back to a snapshot. Calls, faults and denials stay."""
    moment = found("snapshot", number, {each.number: each for each in control.moments})
    control.fake.restore(moment.snapshot)
    return read_clock(control)


_HTTP_TERMS: Final = (
    (r"seed\.(graph|organization)\(\)", rf"POST {PREFIX}/\1s"),
    (r", latency= or callback=", " or latency="),
    (r"clock\.advance\((.*?)\)", r"\1"),
    (r"a datetime\.timedelta", "a duration"),
    (r"datetime\.timedelta\((.*?)\)", r"\1"),
    (r"None for 'only by settle\(\)'", '"settle"'),
    (r"\b([a-z_]+)=(?:…|(?=[\s,.;]))", r'"\1"'),
    (r"\b([a-z_]+)=(?=\S)", r'"\1": '),
)
"""How messages for Python name what HTTP names otherwise."""


async def explain(_request: Request, error: Exception) -> Answer:
    """Return the response to a request that is refused."""
    if isinstance(error, RequestValidationError):
        problems = error.errors()
        if any(problem["loc"][0] == "header" for problem in problems):
            return Answer({"message": f"A call that changes something needs the header {HEADER}, with any value."}, 403)
        return Answer({"message": " ".join(map(_problem, problems))}, 400)
    if isinstance(error, HTTPException):
        return Answer({"message": error.detail}, error.status_code, error.headers)
    message = str(error)
    for pattern, term in _HTTP_TERMS if not isinstance(error, NotFound | ScenarioError) else ():
        message = re.sub(pattern, term, message)
    return Answer({"message": message}, 404 if isinstance(error, NotFound) else 400)


def _problem(problem: Any) -> str:
    place = ".".join(map(str, problem["loc"][1:]))
    if problem["type"] == "extra_forbidden":
        return f"Unknown parameter {place!r}."
    return f"{place}: {problem['msg']}, got {reprlib.repr(problem['input'])}."
