"""The control calls: a function each, a thin call of the fake's public names, and the table that says how to reach it.

Knows no HTTP beyond methods and paths; arguments come in as values, answers go out as what `shapes` can write.
"""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from detective_fake.errors import FakeUsageError
from detective_fake.scenario.problems import ScenarioError
from detective_fake.server import looking
from detective_fake.server.parameters import (
    ACCOUNT_ID,
    ACCOUNTS,
    ADDRESS,
    CODE,
    COUNT,
    DOCUMENT,
    DURATION,
    FLAG,
    LATENCY,
    LATEST,
    MOMENT,
    NETWORK_ERROR,
    POSITIVE,
    REASONS,
    STATUS,
    TEXT,
    TIMES,
    VOLUMES,
    WHEN,
    Parameter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from detective_fake.controls.faults import Fault
    from detective_fake.controls.seed import OrganizationControl
    from detective_fake.fake import DetectiveFake
    from detective_fake.scenario.values import Volumes

__all__ = ["CALLS", "ControlCall", "Desk", "NotThere"]


class NotThere(FakeUsageError):
    """What a path names is not there, or no longer."""


class Desk:
    """The fake, and the numbers that its faults have outside.

    Args:
        fake: Whose controls these are.
    """

    def __init__(self, fake: DetectiveFake) -> None:
        self.fake = fake
        self.numbers = looking.FaultNumbers()


@attrs.frozen
class ControlCall:
    """One control call.

    Attributes:
        method: GET reads; everything else changes something.
        path: Below `/_fake`, with `{name}` for what varies.
        run: Does it; gets the desk and the arguments that were given.
        summary: One line for the OpenAPI document.
        answer: The shape of the answer, its list if the name ends in `[]`; empty for any JSON object.
        parameters: The arguments.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    run: Callable[..., Any]
    summary: str
    answer: str
    parameters: Sequence[Parameter] = ()

    @property
    def name(self) -> str:
        """What it is called in the OpenAPI document."""
        return self.run.__name__

    @property
    def changes(self) -> bool:
        """Whether it does more than read."""
        return self.method != "GET"


def read_state(desk: Desk) -> dict[str, Any]:
    return looking.state_view(desk.fake, desk.numbers)


def list_calls(
    desk: Desk,
    *,
    operation: str = "*",
    account_id: str | None = None,
    failed: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    journal = desk.fake.calls.of(operation)
    journal = journal if account_id is None else journal.by(account_id)
    wanted = set(map(id, journal.failed if failed else journal))
    numbered = [pair for pair in desk.fake.calls.numbered if id(pair[1]) in wanted and pair[0] > after]
    return [looking.call_view(record, number) for number, record in numbered[:limit]]


def read_call(desk: Desk, *, number: int) -> dict[str, Any]:
    record = looking.call_of(desk.fake, number)
    if record is None:
        raise NotThere(f"There is no call {number}, or no longer; there were {desk.fake.calls.made}.")
    return looking.call_view(record, number)


def list_trail(desk: Desk) -> dict[str, Any]:
    return {"Records": desk.fake.cloudtrail}


def list_emails(desk: Desk) -> Sequence[Any]:
    return desk.fake.emails[:]


def read_clock(desk: Desk) -> dict[str, Any]:
    return {"now": desk.fake.clock.now(), "frozen": desk.fake.snapshot().clock[1] is not None}


def advance_clock(desk: Desk, **parts: float) -> dict[str, Any]:
    left = LATEST - desk.fake.clock.now()
    if sum(timedelta(**{name: 1}) / _SECOND * count for name, count in parts.items()) >= left / _SECOND:
        raise FakeUsageError(f"The clock cannot go beyond the year {LATEST.year}.")
    desk.fake.clock.advance(None, **parts)
    return read_clock(desk)


def freeze_clock(desk: Desk, *, at: datetime | None = None) -> dict[str, Any]:
    desk.fake.clock.freeze(at)
    return read_clock(desk)


def unfreeze_clock(desk: Desk) -> dict[str, Any]:
    desk.fake.clock.unfreeze()
    return read_clock(desk)


def settle(desk: Desk) -> list[Any]:
    desk.fake.settle()
    return list(desk.fake.pending)


def settle_event(desk: Desk, *, number: int) -> list[Any]:
    event = next((each for each in desk.fake.pending if each.number == number), None)
    if event is None:
        raise NotThere(f"Event {number} is not pending, or no longer.")
    desk.fake.settle(event)
    return list(desk.fake.pending)


def list_faults(desk: Desk) -> list[dict[str, Any]]:
    return [looking.fault_view(desk.fake, fault, desk.numbers) for fault in desk.fake.faults]


def add_fault(desk: Desk, *, operation: str, latency_seconds: float | None = None, **terms: Any) -> dict[str, Any]:
    latency = None if latency_seconds is None else timedelta(seconds=latency_seconds)
    fault = desk.fake.faults.add(operation, latency=latency, **terms)
    return looking.fault_view(desk.fake, fault, desk.numbers)


def remove_fault(desk: Desk, *, number: int) -> list[dict[str, Any]]:
    _fault(desk, number).remove()
    return list_faults(desk)


def _fault(desk: Desk, number: int) -> Fault:
    for fault in desk.fake.faults:
        if desk.numbers.of(fault) == number:
            return fault
    raise NotThere(f"There is no fault {number}, or no longer.")


def set_account(desk: Desk, *, account_id: str, **truths: Any) -> list[Any]:
    if "daily_volume_bytes" in truths:
        volumes: Volumes = truths["daily_volume_bytes"]
        by_package = volumes.by_package
        truths["daily_volume_bytes"] = by_package and {name.value: volume for name, volume in by_package.items()}
    if "email" in truths:
        truths["email"] = truths["email"] or None
    desk.fake.seed.account(account_id, **truths)
    return list(desk.fake.snapshot().state.accounts.values())


def add_organization(desk: Desk, *, accounts: Sequence[str] = (), **given: str) -> list[Any]:
    desk.fake.seed.organization(accounts=accounts, **given)
    return _organizations(desk)


def add_organization_account(
    desk: Desk, *, organization_id: str, account_id: str, email: str | None = None
) -> list[Any]:
    _organization(desk, organization_id).add_account(account_id, email)
    return _organizations(desk)


def remove_organization_account(desk: Desk, *, organization_id: str, account_id: str) -> list[Any]:
    _organization(desk, organization_id).remove_account(account_id)
    return _organizations(desk)


def _organization(desk: Desk, organization_id: str) -> OrganizationControl:
    if organization_id not in [each.organization_id for each in desk.fake.organizations]:
        raise NotThere(f"There is no organization {organization_id!r}.")
    return desk.fake.seed.organization_control(organization_id)


def _organizations(desk: Desk) -> list[Any]:
    return looking.state_view(desk.fake, desk.numbers)["organizations"]  # type: ignore[no-any-return]


def save_scenario(desk: Desk) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, _SCENARIO)
        desk.fake.save(file)
        return json.loads(file.read_bytes())  # type: ignore[no-any-return]


def load_scenario(desk: Desk, *, scenario: Mapping[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, _SCENARIO)
        file.write_text(json.dumps(scenario), encoding="ascii")
        try:
            desk.fake.load(file)
        except ScenarioError as error:
            raise ScenarioError("that was sent", error.problems) from None
    return read_state(desk)


def reset(desk: Desk) -> dict[str, Any]:
    desk.fake.reset()
    return read_state(desk)


_SCENARIO: Final = "scenario.json"
_SECOND: Final = timedelta(seconds=1)
_NUMBER: Final = Parameter("number", POSITIVE, "Which.", "path", required=True)
_ORGANIZATION_ID: Final = Parameter("organization_id", TEXT, "Which.", "path", required=True)
_ACCOUNT_IN_PATH: Final = Parameter("account_id", ACCOUNT_ID, "Which.", "path", required=True)

CALLS: Final = (
    ControlCall("GET", "/state", read_state, "All that the fake holds.", "State"),
    ControlCall(
        "GET",
        "/calls",
        list_calls,
        "The journal: every call, in order.",
        "Call[]",
        (
            Parameter("operation", TEXT, "Name, or a pattern: `Create*`.", "query"),
            Parameter("account_id", ACCOUNT_ID, "Only calls of this account.", "query"),
            Parameter("failed", FLAG, "True: only calls for which the client got an exception.", "query"),
            Parameter("after", COUNT, "Only calls with a larger number.", "query"),
            Parameter("limit", COUNT, "How many at most; 100 if not given.", "query"),
        ),
    ),
    ControlCall("GET", "/calls/{number}", read_call, "One call of the journal.", "Call", (_NUMBER,)),
    ControlCall("GET", "/cloudtrail", list_trail, "The calls as CloudTrail delivers them.", ""),
    ControlCall("GET", "/emails", list_emails, "The invitations that were sent.", "Email[]"),
    ControlCall("GET", "/clock", read_clock, "The fake's time.", "Clock"),
    ControlCall(
        "POST",
        "/clock/advance",
        advance_clock,
        "Move the clock forward, and let happen what falls due on the way.",
        "Clock",
        tuple(Parameter(name, DURATION, f"How many {name}.") for name in ("days", "hours", "minutes", "seconds")),
    ),
    ControlCall(
        "POST",
        "/clock/freeze",
        freeze_clock,
        "Let the clock stand still.",
        "Clock",
        (Parameter("at", MOMENT, "Where; at the present time if not given."),),
    ),
    ControlCall("POST", "/clock/unfreeze", unfreeze_clock, "Let the clock go on.", "Clock"),
    ControlCall("POST", "/settle", settle, "Let everything that is pending happen now.", "Event[]"),
    ControlCall("POST", "/settle/{number}", settle_event, "Let one pending event happen now.", "Event[]", (_NUMBER,)),
    ControlCall("GET", "/faults", list_faults, "The faults, in the order in which they were added.", "Fault[]"),
    ControlCall(
        "POST",
        "/faults",
        add_fault,
        "Let calls meet a fault.",
        "Fault",
        (
            Parameter("operation", TEXT, "Name, or a pattern: `Create*`, `*`.", required=True),
            Parameter("error", CODE, "An error of Detective or of AWS's front end; any other together with `status`."),
            Parameter("message", TEXT, "Text of the error, if not the usual one."),
            Parameter("status", STATUS, "HTTP status of the error, if not the usual one."),
            Parameter("network", NETWORK_ERROR, "Whatever it is called: the connection is closed without an answer."),
            Parameter("unprocessed", REASONS, "Accounts of a batch that are not processed, and why."),
            Parameter("latency_seconds", LATENCY, "How far the fake's clock moves meanwhile."),
            Parameter("when", WHEN, "`before`: nothing has happened; `after`: only the answer is lost, or another."),
            Parameter("times", TIMES, "How many attempts meet it, 1 if not given; null: all."),
            Parameter("nth", POSITIVE, "The first call that meets it, counted from now."),
            Parameter("account_id", ACCOUNT_ID, "Only calls of this account."),
            Parameter("region", TEXT, "Only calls to this Region."),
        ),
    ),
    ControlCall("DELETE", "/faults/{number}", remove_fault, "Forget a fault.", "Fault[]", (_NUMBER,)),
    ControlCall(
        "PUT",
        "/accounts/{account_id}",
        set_account,
        "Say what is true of an account; what is not given stays as it was.",
        "Account[]",
        (
            _ACCOUNT_IN_PATH,
            Parameter("email", ADDRESS, "Root e-mail address; empty: any address passes verification."),
            Parameter("daily_volume_bytes", VOLUMES, "Bytes of source data a day."),
            Parameter("verifies", FLAG, "False: every invitation of it fails verification."),
            Parameter("guardduty", FLAG, "False: its volume is unknown to Detective."),
        ),
    ),
    ControlCall(
        "POST",
        "/organizations",
        add_organization,
        "Make an AWS organization.",
        "Organization[]",
        (
            Parameter("management_account_id", ACCOUNT_ID, "The default caller if not given."),
            Parameter("accounts", ACCOUNTS, "The other accounts."),
        ),
    ),
    ControlCall(
        "POST",
        "/organizations/{organization_id}/accounts",
        add_organization_account,
        "Let an account join an organization.",
        "Organization[]",
        (
            _ORGANIZATION_ID,
            Parameter("account_id", ACCOUNT_ID, "Which.", required=True),
            Parameter("email", TEXT, "Its root e-mail address."),
        ),
    ),
    ControlCall(
        "DELETE",
        "/organizations/{organization_id}/accounts/{account_id}",
        remove_organization_account,
        "Let an account leave an organization.",
        "Organization[]",
        (_ORGANIZATION_ID, _ACCOUNT_IN_PATH),
    ),
    ControlCall("GET", "/scenario", save_scenario, "The state as a scenario, to be loaded again.", ""),
    ControlCall(
        "PUT",
        "/scenario",
        load_scenario,
        "Load a scenario; what is not in it is not there any more.",
        "State",
        (Parameter("scenario", DOCUMENT, "A scenario in JSON.", "document", required=True),),
    ),
    ControlCall("POST", "/reset", reset, "Go back to the state at the start; forget all calls and faults.", "State"),
)
"""All there are, in the order of the OpenAPI document."""
