"""`fake.cloudtrail`: the recorded calls as CloudTrail would log them.

The fake knows a caller's account but no names of its role or user, so those are named `detective-fake`.

Source: administration guide, logging-using-cloudtrail, with its sample record; CloudTrail user guide,
cloudtrail-event-reference-user-identity.
"""

from __future__ import annotations

import gzip
import json
from base64 import b32encode
from datetime import datetime, timezone
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from detective_fake.domain.ids import partition_of
from detective_fake.formatting import format_time
from detective_fake.journal.expectations import is_list, masked
from detective_fake.protocol.model import renamed_on_the_wire

if TYPE_CHECKING:
    from os import PathLike

    from detective_fake.exchange import Caller
    from detective_fake.journal.calls import Attempt, CallRecord, Journal

__all__ = ["principal_arn", "save_trail", "trail"]

_NAME: Final = "detective-fake"
_READ_PREFIXES: Final = ("BatchGet", "Describe", "Get", "List")


def trail(journal: Journal) -> list[dict[str, Any]]:
    """Return a new record for each attempt that reached the service.

    Sensitive members are masked. That AWS masks them is an inference from the service model's `sensitive` trait.
    """
    return [_record(call, attempt) for call in journal[:] for attempt in call.attempts if attempt.request_id]


def save_trail(journal: Journal, path: str | PathLike[str]) -> None:
    """Write the records as CloudTrail delivers them: JSON, compressed with gzip. Equal records give equal files."""
    text = json.dumps({"Records": trail(journal)}, separators=(",", ":"))
    Path(path).write_bytes(gzip.compress(text.encode(), mtime=0))


def principal_arn(caller: Caller, region: str) -> str:
    """Return a caller's ARN in the partition of a Region."""
    partition = partition_of(region)
    if _is_user(caller):
        return f"arn:{partition}:iam::{caller.account_id}:user/{_NAME}"
    return f"arn:{partition}:sts::{caller.account_id}:assumed-role/{_NAME}/{_NAME}"


def _record(call: CallRecord, attempt: Attempt) -> dict[str, Any]:
    time = attempt.at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    reads = call.operation.startswith(_READ_PREFIXES)
    wire_names = renamed_on_the_wire(call.operation)
    parameters = {wire_names.get(name, name): value for name, value in masked(call.parameters).items()}
    if attempt.error is not None:
        response: Any = {"message": attempt.error.message}
    else:
        response = None if reads else _json(masked(attempt.result)) or None
    event_id = blake2b(f"event/{attempt.request_id}".encode(), digest_size=16).digest()
    return {
        "eventVersion": "1.05",
        "userIdentity": _user_identity(call.caller, call.region, time),
        "eventTime": time,
        "eventSource": "detective.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": "127.0.0.1",
        "userAgent": call.user_agent,
        **({} if attempt.error is None else {"errorCode": attempt.error.error_code}),
        "requestParameters": _json(parameters) or None,
        "responseElements": response,
        "requestID": attempt.request_id,
        "eventID": str(UUID(bytes=event_id, version=4)),
        "readOnly": reads,
        "eventType": "AwsApiCall",
        "recipientAccountId": call.account_id,
    }


def _user_identity(caller: Caller, region: str, created: str) -> dict[str, Any]:
    account_id, arn = caller.account_id, principal_arn(caller, region)
    if _is_user(caller):
        return {
            "type": "IAMUser",
            "principalId": _unique_id("AIDA", account_id),
            "arn": arn,
            "accountId": account_id,
            "accessKeyId": caller.access_key,
            "userName": _NAME,
        }
    role_id = _unique_id("AROA", account_id)
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{_NAME}",
        "arn": arn,
        "accountId": account_id,
        "accessKeyId": caller.access_key or _unique_id("ASIA", account_id),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": f"arn:{partition_of(region)}:iam::{account_id}:role/{_NAME}",
                "accountId": account_id,
                "userName": _NAME,
            },
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
        },
    }


def _is_user(caller: Caller) -> bool:
    """Return whether the access key is a long-term one. Source: IAM user guide, unique identifiers."""
    return (caller.access_key or "").startswith("AKIA")


def _unique_id(prefix: str, account_id: str) -> str:
    return prefix + b32encode(blake2b(f"{prefix}/{account_id}".encode(), digest_size=10).digest()).decode()


def _json(value: Any) -> Any:
    """Return a value with its datetimes as text, as on the wire."""
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    if is_list(value):
        return [_json(item) for item in value]
    return format_time(value) if isinstance(value, datetime) else value
