"""The control API under `/_fake/`: each call is a thin call of the fake's public names."""

from __future__ import annotations

import json
import reprlib
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from fastapi import APIRouter, Body, Depends, Header, Query, Request
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    model_validator,
)
from starlette.exceptions import HTTPException

from detective_fake.controls.faults import When
from detective_fake.errors import FakeUsageError
from detective_fake.exchange import NetworkError
from detective_fake.scenario.files import ScenarioError
from detective_fake.server.state import call_by_number, call_json, clock_json, to_json, world_json

if TYPE_CHECKING:
    import asyncio

    from typing_extensions import Self

    from detective_fake.controls.faults import Fault
    from detective_fake.controls.organizations import OrganizationControl
    from detective_fake.fake import DetectiveFake

__all__ = ["HEADER", "PREFIX", "Answer", "Control", "Here", "NotFound", "changing", "explain", "reading"]

PREFIX: Final = "/_fake"
"""The path of the control API and the page. No operation of Detective begins with it."""

HEADER: Final = "X-Detective-Fake"
"""Browsers do not let a page of another origin send it without asking the server, which never allows it."""

LATEST: Final = datetime(9000, 1, 1, tzinfo=timezone.utc)
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


class NotFound(FakeUsageError):
    """The path names something that does not exist."""


class Answer(JSONResponse):
    """Any value of a fake as JSON in ASCII, since UTF-8 cannot encode a lone surrogate in a refused parameter."""

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return json.dumps(to_json(content)).encode("ascii")


class Control:
    """A fake that is served.

    Attributes:
        stopping: Set when the server stops.
    """

    def __init__(self, fake: DetectiveFake, stopping: asyncio.Event) -> None:
        self.fake = fake
        self.stopping = stopping
        self._numbers: dict[Fault, int] = {}

    def fault(self, number: int) -> Fault:
        """Return the fault of a number."""
        for fault in self.fake.faults:
            if self.fault_json(fault)["number"] == number:
                return fault
        raise NotFound(f"There is no fault {number}.")

    def fault_json(self, fault: Fault) -> dict[str, Any]:
        """Return a fault. Faults are numbered from 1, in the order in which they are first seen."""
        return {
            "number": self._numbers.setdefault(fault, len(self._numbers) + 1),
            "description": str(fault),
            "used": fault.used,
            "active": fault in self.fake.faults.active,
        }

    def faults(self) -> list[dict[str, Any]]:
        """Return all faults."""
        return [self.fault_json(fault) for fault in self.fake.faults]

    def organization(self, organization_id: str) -> OrganizationControl:
        """Return the controls of an organization."""
        known = [each.organization_id for each in self.fake.organizations]
        if organization_id not in known:
            expected = ", ".join(known) or "none"
            raise NotFound(f"There is no organization {organization_id!r}. Expected one of: {expected}.")
        return self.fake.seed.organization_control(organization_id)

    def state(self) -> dict[str, Any]:
        """Return everything the fake holds except calls and e-mails."""
        return {
            "account_id": self.fake.account_id,
            "region": self.fake.region,
            "clock": clock_json(self.fake),
            **world_json(self.fake.snapshot().state),
            "faults": self.faults(),
            "calls": self.fake.calls.made,
        }


def _control(request: Request) -> Control:
    return request.state.control  # type: ignore[no-any-return]


def _require_header(_header: Annotated[str, Header(alias=HEADER, min_length=1, description="Any value.")]) -> None:
    """Refuse a request without the header that no page of another origin can send."""


def _encodable(value: object) -> object:
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # lone surrogates and NaN raise a ValueError
    return value


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a time is a string")  # noqa: TRY004 - pydantic reports a ValueError
    return value


def _representable(at: datetime) -> datetime:
    if not _EARLIEST <= at < LATEST:
        raise ValueError(f"a time is between the years {_EARLIEST.year} and {LATEST.year}")
    return at


Here = Annotated[Control, Depends(_control)]
AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$", examples=["222222222222"], description="Twelve digits.")]
Number = Annotated[int, InPath(ge=1, le=10**9, examples=[1])]
OrganizationId = Annotated[str, InPath(examples=["o-exampleorg1"])]
Duration = Annotated[float, Field(ge=0, le=10**7)]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text), AfterValidator(_representable)]
Scenario = Annotated[dict[str, Any], BeforeValidator(_encodable), Body(examples=[{}])]
Bytes = Annotated[int, Field(ge=0, le=10**18)]


class Parameters(BaseModel):
    """Parameters in a body or a query string. Unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)
    one_of: ClassVar[tuple[str, ...]] = ()
    _check: ClassVar = model_validator(mode="before")(_encodable)

    @model_validator(mode="after")
    def _need_one(self) -> Self:
        if self.one_of and not self.model_fields_set.intersection(self.one_of):
            raise ValueError(f"expected at least one of: {', '.join(self.one_of)}")
        return self

    def given(self) -> dict[str, Any]:
        """Return the parameters of the request, without those left out."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class CallFilter(Parameters):
    """Which calls to list."""

    model_config = ConfigDict(strict=False)
    operation: str = Field("*", description="Name, or a pattern: `Create*`.")
    account_id: AccountId | None = Field(None, description="Only calls of this account.")
    failed: bool = Field(default=False, description="Only calls for which the client got an exception.")
    after: int = Field(0, ge=0, le=10**9, description="Only calls with a larger number.")
    limit: int = Field(100, ge=0, le=10**6, description="At most so many.")


class Advance(Parameters):
    """How far to move the clock."""

    one_of = ("days", "hours", "minutes", "seconds")
    days: Duration = 0
    hours: Duration = Field(0, examples=[1])
    minutes: Duration = 0
    seconds: Duration = 0


class Freeze(Parameters):
    """Where to stop the clock."""

    at: Moment | None = Field(None, examples=["2024-03-01T12:00:00Z"], description="Default: the present time.")


class NewFault(Parameters):
    """A fault, as in `fake.faults.add`."""

    one_of = ("error", "status", "network", "unprocessed", "latency_seconds")
    operation: str = Field(examples=["ListGraphs"], description="Name, or a pattern: `Create*`, `*`.")
    error: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9.]{1,100}$",
        examples=["ThrottlingException"],
        description="Code of an error of Detective or of AWS's front end; any other together with `status`.",
    )
    message: str | None = Field(None, description="Text of the error.")
    status: int | None = Field(None, ge=400, le=599, description="HTTP status of the error.")
    network: NetworkError | None = Field(None, description="Close the connection without an answer.")
    unprocessed: dict[AccountId, str] | None = Field(
        None, min_length=1, description="Accounts of a batch that are not processed, each with the reason."
    )
    latency_seconds: float | None = Field(None, gt=0, le=86_400, description="Move the fake's clock so far.")
    when: When = Field("before", description="`after`: the operation is carried out, and only its answer is replaced.")
    times: PositiveInt | None = Field(1, examples=[2], description="How many attempts it applies to; null: all.")
    nth: PositiveInt | None = Field(None, description="The first call it applies to, counted from now.")
    account_id: AccountId | None = Field(None, description="Only calls of this account.")
    region: str | None = Field(None, description="Only calls to this Region.")


class AccountAttributes(Parameters):
    """Attributes of an account, as in `fake.seed.account`. Those left out stay as they are."""

    email: str | None = Field(
        None, examples=["member@example.com"], description="Root e-mail address; null: any address is accepted."
    )
    daily_volume_bytes: Bytes | dict[str, Bytes] | None = Field(
        None, description="Bytes of source data a day, as a whole or by data source package; null: unknown."
    )
    verifies: bool = Field(default=True, description="False: every invitation fails verification.")
    guardduty: bool = Field(default=True, description="False: its volume is unknown to Detective.")


class NewOrganization(Parameters):
    """An organization, as in `fake.seed.organization`."""

    management_account_id: AccountId | None = Field(None, description="Default: the default caller.")
    accounts: list[AccountId] | dict[AccountId, str | None] = Field(
        [], examples=[["222222222222"]], description="The other accounts, as a list or with their e-mail addresses."
    )


class NewOrganizationAccount(Parameters):
    """An account that joins an organization."""

    account_id: AccountId
    email: str | None = Field(None, examples=["member@example.com"], description="Its root e-mail address.")


reading: Final = APIRouter(prefix=PREFIX)
changing: Final = APIRouter(prefix=PREFIX, dependencies=[Depends(_require_header)])


@reading.get("/health")
def check_health() -> Answer:
    """Answer as soon as the server is up."""
    return Answer({"status": "ok"})


@reading.get("/state")
def read_state(control: Here) -> Answer:
    """Read everything the fake holds except calls and e-mails."""
    return Answer(control.state())


@reading.get("/calls")
def list_calls(control: Here, which: Annotated[CallFilter, Query()]) -> Answer:
    """List the calls of the journal, oldest first."""
    calls = control.fake.calls
    journal = calls.of(which.operation)
    journal = journal if which.account_id is None else journal.by(which.account_id)
    wanted = {id(record) for record in (journal.failed if which.failed else journal)}
    found = [pair for pair in calls.numbered if id(pair[1]) in wanted and pair[0] > which.after]
    return Answer([call_json(record, number) for number, record in found[: which.limit]])


@reading.get("/calls/{number}")
def read_call(control: Here, number: Number) -> Answer:
    """Read one call of the journal."""
    record = call_by_number(control.fake, number)
    if record is None:
        raise NotFound(f"There is no call {number}, or it is forgotten. The last one is {control.fake.calls.made}.")
    return Answer(call_json(record, number))


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
    return Answer(clock_json(control.fake))


@changing.post("/clock/advance")
def advance_clock(control: Here, by: Advance) -> Answer:
    """Move the clock forward, and run the events that become due."""
    duration = timedelta(**by.given())
    if duration >= LATEST - control.fake.clock.now():
        raise FakeUsageError(f"The clock cannot move beyond the year {LATEST.year}.")
    control.fake.clock.advance(duration)
    return read_clock(control)


@changing.post("/clock/freeze")
def freeze_clock(control: Here, to: Freeze | None = None) -> Answer:
    """Stop the clock."""
    control.fake.clock.freeze(to.at if to else None)
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
    event = next((each for each in control.fake.pending if each.number == number), None)
    if event is None:
        raise NotFound(f"There is no pending event {number}.")
    control.fake.settle(event)
    return Answer(control.fake.pending)


@reading.get("/faults")
def list_faults(control: Here) -> Answer:
    """List the faults, oldest first."""
    return Answer(control.faults())


@changing.post("/faults")
def add_fault(control: Here, new: NewFault) -> Answer:
    """Add a fault."""
    terms = new.given()
    seconds = terms.pop("latency_seconds", None)
    latency = None if seconds is None else timedelta(seconds=seconds)
    fault = control.fake.faults.add(terms.pop("operation"), latency=latency, **terms)
    return Answer(control.fault_json(fault))


@changing.delete("/faults/{number}")
def remove_fault(control: Here, number: Number) -> Answer:
    """Remove a fault."""
    control.fault(number).remove()
    return Answer(control.faults())


@changing.put("/accounts/{account_id}")
def set_account(control: Here, account_id: Annotated[AccountId, InPath()], attributes: AccountAttributes) -> Answer:
    """Set attributes of an account. The response lists all accounts with such attributes."""
    control.fake.seed.account(account_id, **attributes.given())
    return Answer(list(control.fake.snapshot().state.accounts.values()))


@changing.post("/organizations")
def add_organization(control: Here, new: NewOrganization) -> Answer:
    """Create an AWS organization."""
    control.fake.seed.organization(**new.given())
    return Answer(world_json(control.fake.snapshot().state)["organizations"])


@changing.post("/organizations/{organization_id}/accounts")
def add_organization_account(control: Here, organization_id: OrganizationId, new: NewOrganizationAccount) -> Answer:
    """Let an account join an organization."""
    control.organization(organization_id).add_account(new.account_id, new.email)
    return Answer(world_json(control.fake.snapshot().state)["organizations"])


@changing.delete("/organizations/{organization_id}/accounts/{account_id}")
def remove_organization_account(
    control: Here, organization_id: OrganizationId, account_id: Annotated[AccountId, InPath()]
) -> Answer:
    """Let an account leave an organization."""
    control.organization(organization_id).remove_account(account_id)
    return Answer(world_json(control.fake.snapshot().state)["organizations"])


@reading.get("/scenario")
def save_scenario(control: Here) -> Answer:
    """Return the saved state."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, _SCENARIO)
        control.fake.save(file)
        return Answer(json.loads(file.read_bytes()))


@changing.put("/scenario")
def load_scenario(control: Here, scenario: Scenario) -> Answer:
    """Replace the state by a scenario or a saved state."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, _SCENARIO)
        file.write_text(json.dumps(scenario), encoding="ascii")
        try:
            control.fake.load(file)
        except ScenarioError as error:
            raise ScenarioError("in the body", error.problems) from None
    return Answer(control.state())


_SCENARIO: Final = "scenario.json"


@changing.post("/reset")
def reset(control: Here) -> Answer:
    """Return to the state at the start, and remove all calls, faults, denials and overrides."""
    control.fake.reset()
    return Answer(control.state())


async def explain(_request: Request, error: Exception) -> Answer:
    """Return the response to a request that is refused."""
    if isinstance(error, RequestValidationError):
        problems = error.errors()
        if any(problem["loc"][0] == "header" for problem in problems):
            return Answer({"message": f"A call that changes something needs the header {HEADER}, with any value."}, 403)
        return Answer({"message": " ".join(_problem(problem) for problem in problems)}, 400)
    if isinstance(error, HTTPException):
        return Answer({"message": error.detail}, error.status_code, error.headers)
    return Answer({"message": str(error)}, 404 if isinstance(error, NotFound) else 400)


def _problem(problem: Any) -> str:
    place = ".".join(map(str, problem["loc"][1:])) or "body"
    if problem["type"] == "json_invalid":
        return f"The body is not valid JSON: {problem['ctx']['error']}."
    if problem["type"] == "extra_forbidden":
        return f"Unknown parameter {place!r}."
    if problem["type"] == "missing":
        return f"Missing parameter {place!r}."
    expected = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {expected}, got {reprlib.repr(problem['input'])}."
