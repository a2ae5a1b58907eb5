"""The JSON of the control calls: for each kind of value what it has, as JSON Schema; the schema is also what writes it.

Knows attributes by their names; must not know where the values come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from detective_fake.domain.datasources import DatasourcePackage, IngestState
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.investigations import EntityType, Severity, State, Status
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus

if TYPE_CHECKING:
    Schema = Mapping[str, Any]

__all__ = ["SHAPES", "plain", "written_as"]

_REFERENCE: Final = "#/components/schemas/"


def _text(description: str, /, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _optional(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _choice(kind: type[Enum], description: str, *, optional: bool = False) -> Schema:
    values = [each.value for each in kind]
    return {"enum": [*values, None] if optional else values, "description": description}


def _account(description: str) -> Schema:
    return _text(description, pattern="^[0-9]{12}$")


def _time(description: str) -> Schema:
    return _text(description, format="date-time")


def _count(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": description}


def _flag(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def _list(name: str, description: str) -> Schema:
    return {"type": "array", "items": {"$ref": _REFERENCE + name}, "description": description}


def _shape(description: str, /, **members: Schema) -> Schema:
    return {"description": description, "type": "object", "properties": members, "required": list(members)}


_ARN: Final = _text("The graph's ARN.")
_JSON_OBJECT: Final[Schema] = {"type": "object", "additionalProperties": True}

SHAPES: Final[Mapping[str, Schema]] = {
    "State": _shape(
        "All that a fake holds at one moment, its calls left out.",
        account_id=_account("Who calls where credentials name no account."),
        region=_text("Region of calls that are not signed."),
        clock={"$ref": _REFERENCE + "Clock"},
        accounts=_list("Account", "Accounts of which something is known; all others are ordinary ones."),
        organizations=_list("Organization", "AWS organizations."),
        graphs=_list("Graph", "Behavior graphs of all accounts and Regions, the oldest first."),
        pending=_list("Event", "What is going to happen by itself, in that order."),
        faults=_list("Fault", "Faults, in the order in which they were added."),
        calls=_count("How many calls there were."),
        emails=_count("How many invitations were sent."),
    ),
    "Clock": _shape(
        "The fake's clock.",
        now=_time("The present time on it."),
        frozen=_flag("Whether it stands still."),
    ),
    "Account": _shape(
        "An account and what Detective can find out about it.",
        account_id=_account("Twelve digits."),
        email=_optional(_text("Root e-mail address; null: an invitation to any address passes verification.")),
        volumes={
            "type": ["object", "null"],
            "additionalProperties": {"type": "integer"},
            "description": "Bytes a day by data source package; null: unknown.",
        },
        verifies=_flag("False: every invitation of it fails verification."),
        guardduty=_flag("False: its volume is unknown to Detective."),
        closed=_flag("It has been closed."),
    ),
    "Organization": _shape(
        "An AWS organization.",
        organization_id=_text("Its id, `o-…`."),
        management_account_id=_account("Who designates the administrator."),
        accounts={
            "type": "object",
            "additionalProperties": {"type": ["string", "null"]},
            "description": "Account id to root e-mail address, the management account included.",
        },
        delegated_administrator_id=_optional(_account("As AWS Organizations has it; null: none.")),
        designations=_list("Designation", "Who administers Detective, by Region."),
    ),
    "Designation": _shape(
        "The Detective administrator account of an organization in one Region.",
        region=_text("The Region."),
        administrator_id=_account("Who."),
        graph_arn=_ARN,
        delegated_at=_time("Since when."),
    ),
    "Graph": _shape(
        "A behavior graph.",
        arn=_ARN,
        administrator_id=_account("Who owns it."),
        region=_text("Where it is."),
        created_at=_time("When it was created."),
        tags={"type": "object", "additionalProperties": {"type": "string"}, "description": "At most 50."},
        organization_id=_optional(_text("Whose organization behavior graph it is; null: nobody's.")),
        auto_enable=_flag("Whether accounts that join the organization are enabled by themselves."),
        packages=_list("Package", "Data source packages that were ever started."),
        members=_list("Member", "In the order invited."),
        investigations=_list("Investigation", "In the order started."),
    ),
    "Package": _shape(
        "A data source package of a graph.",
        package=_choice(DatasourcePackage, "Which."),
        state=_choice(IngestState, "Whether it is ingested."),
    ),
    "Member": _shape(
        "An account in a behavior graph.",
        account_id=_account("Which."),
        status=_choice(MemberStatus, "Where the membership stands."),
        disabled_reason=_choice(DisabledReason, "Why an account that accepted is not enabled.", optional=True),
        invitation_type=_choice(InvitationType, "How it came in."),
        email=_optional(_text("The address it was invited with.")),
        invited_at=_optional(_time("Only of invited accounts.")),
        updated_at=_time("When the status last changed."),
        volume_bytes_per_day=_optional(_count("What the graph takes in of it; null: not enabled, or unknown.")),
    ),
    "Investigation": _shape(
        "An investigation.",
        investigation_id=_text("21 digits."),
        entity_arn=_text("The IAM user or role."),
        entity_type=_choice(EntityType, "Which of both."),
        status=_choice(Status, "Whether the report is there."),
        state=_choice(State, "Whether somebody has still to review it."),
        severity=_choice(Severity, "Null while it runs.", optional=True),
        created_at=_time("When it was started."),
        scope_start=_time("Beginning of the time it looks at."),
        scope_end=_time("End of that time."),
        indicators=_count("How many things it found."),
    ),
    "Event": _shape(
        "Something that is going to happen by itself.",
        number=_count("Its name in `POST /settle/{number}`, and its place in the order of creation."),
        kind=_choice(EventKind, "What."),
        scope=_text("The graph's ARN, or a Region."),
        subject=_text("The account, investigation or organization it happens to; empty for a re-check."),
        due=_optional(_time("When; null: it waits for `POST /settle`.")),
    ),
    "Call": _shape(
        "An API call, all its attempts included.",
        number=_count("Its place in the journal, from 1."),
        operation=_text("The operation's name."),
        account_id=_account("Who asked."),
        rule=_text("How it was found out who asked."),
        region=_text("Whose Detective was asked."),
        at=_time("When the first attempt was answered."),
        user_agent=_text("The client's `User-Agent`."),
        parameters={**_JSON_OBJECT, "description": "What was asked, by the names of the service model."},
        outcome=_text("`ok`, the error's code, or the name of the network error."),
        failed=_flag("Whether the client got an exception."),
        message=_optional(_text("The error's message.")),
        result={"type": ["object", "null"], "additionalProperties": True, "description": "What was answered."},
        request_id=_text("Of the answer; empty if none has arrived."),
        attempts={"type": "array", "items": {"type": "string"}, "description": "The outcome of each attempt."},
    ),
    "Email": _shape(
        "An invitation that was sent.",
        account_id=_account("The invited account."),
        address=_text("Where it went."),
        administrator_id=_account("Who invites."),
        graph_arn=_ARN,
        message=_optional(_text("The administrator's own words.")),
        sent_at=_time("When the account was verified."),
    ),
    "Fault": _shape(
        "A fault that calls may meet.",
        number=_count("Its name in `DELETE /faults/{number}`."),
        description=_text("What was asked for."),
        met=_count("How many attempts at calls have met it."),
        present=_flag("Whether calls can still meet it."),
    ),
    "Error": _shape("Why a request was refused.", message=_text("The reason, in words.")),
}
"""By name; every member is there in every answer."""


def written_as(name: str, value: Any) -> Any:
    """Return an object, or a mapping, as the JSON of a shape."""
    members: Mapping[str, Schema] = SHAPES[name]["properties"]
    read = value.__getitem__ if isinstance(value, Mapping) else lambda member: getattr(value, member)
    return {member: _written(schema, read(member)) for member, schema in members.items()}


def _written(schema: Schema, value: Any) -> Any:
    if "$ref" in schema:
        return written_as(schema["$ref"].removeprefix(_REFERENCE), value)
    if "items" in schema:
        return [_written(schema["items"], item) for item in value]
    return plain(value)


def plain(value: Any) -> Any:
    """Return a value in the types of JSON."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {plain(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
