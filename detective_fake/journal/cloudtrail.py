"""`fake.cloudtrail`: the recorded calls as CloudTrail would log them.

A caller's role and session have the names that its credentials or moto's STS give them. Roles, sessions and users
whose names are not known are named `detective-fake`.

Source: administration guide, logging-using-cloudtrail, with its sample record; CloudTrail user guide,
cloudtrail-event-reference-user-identity.
"""

from __future__ import annotations

import gzip
import json
from base64 import b32encode
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from detective_fake.domain.ids import partition_of
from detective_fake.errors import AccessDenied
from detective_fake.exchange import READING
from detective_fake.formatting import format_time
from detective_fake.journal.expectations import convert_leaves, masked
from detective_fake.protocol.model import renamed_on_the_wire
from detective_fake.scenario.files import write_file

if TYPE_CHECKING:
    from os import PathLike

    from detective_fake.exchange import Caller
    from detective_fake.journal.calls import Attempt, CallRecord, Journal

_NAME: Final = "detective-fake"
_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"


def trail(journal: Journal) -> list[dict[str, Any]]:
    """Return a new record for each attempt that reached the service.

    Sensitive members are masked. That AWS masks them is an inference from the service model's `sensitive` trait. A
    session begins with the first call of its access key.
    """
    records = []
    began: dict[tuple[str, str | None], str] = {}
    for call in journal[:]:
        for attempt in call.attempts:
            time = attempt.at.strftime("%Y-%m-%dT%H:%M:%SZ")
            session = began.setdefault((call.account_id, call.caller.access_key), time)
            if attempt.request_id:
                records.append(_record(call, attempt, time, session))
    return records


def save_trail(journal: Journal, path: str | PathLike[str]) -> None:
    """Write the records as CloudTrail delivers them: JSON, compressed with gzip. Equal records give equal files.

    Raises:
        FakeUsageError: The file cannot be written.
    """
    text = json.dumps({"Records": trail(journal)}, separators=(",", ":"))
    write_file(path, gzip.compress(text.encode(), mtime=0))


def principal_arn(caller: Caller, region: str) -> str:
    """Return a caller's ARN in the partition of a Region."""
    partition = partition_of(region)
    if _is_user(caller):
        return f"arn:{partition}:iam::{caller.account_id}:user/{_NAME}"
    # Source: IAM user guide, "IAM identifiers": the ARN of a session has the role's name without its path.
    role = (caller.role or _NAME).rpartition("/")[2]
    return f"arn:{partition}:sts::{caller.account_id}:assumed-role/{role}/{caller.session or _NAME}"


def _record(call: CallRecord, attempt: Attempt, time: str, session_began: str) -> dict[str, Any]:
    reads = call.operation.startswith(READING)
    wire_names = renamed_on_the_wire(call.operation)
    parameters = {wire_names.get(name, name): value for name, value in masked(call.parameters, _HIDDEN).items()}
    failure: dict[str, str] = {}
    response: Any = None
    if isinstance(attempt.error, AccessDenied) and "is not authorized to perform" in attempt.error.message:
        failure = {"errorCode": "AccessDenied", "errorMessage": attempt.error.message}
    elif attempt.error is not None:
        failure, response = {"errorCode": attempt.error.error_code}, {"message": attempt.error.message}
    elif not reads:
        response = _json(masked(attempt.result, _HIDDEN)) or None
    event_id = blake2b(f"event/{attempt.request_id}".encode(), digest_size=16).digest()
    return {
        "eventVersion": "1.11",
        "userIdentity": _user_identity(call.caller, call.region, session_began),
        "eventTime": time,
        "eventSource": "detective.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": "127.0.0.1",
        "userAgent": call.user_agent,
        **failure,
        "requestParameters": _json(parameters) or None,
        "responseElements": response,
        "requestID": attempt.request_id,
        "eventID": str(UUID(bytes=event_id, version=4)),
        "readOnly": reads,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "eventCategory": "Management",
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
    role = caller.role or _NAME
    role_id = _unique_id("AROA", account_id + caller.role)
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{caller.session or _NAME}",
        "arn": arn,
        "accountId": account_id,
        "accessKeyId": caller.access_key or _unique_id("ASIA", account_id),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": f"arn:{partition_of(region)}:iam::{account_id}:role/{role}",
                "accountId": account_id,
                "userName": role.rpartition("/")[2],
            },
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
        },
    }


def _is_user(caller: Caller) -> bool:
    """Return whether the access key is a long-term one. Source: IAM user guide, unique identifiers."""
    return not caller.role and (caller.access_key or "").startswith("AKIA")


def _unique_id(prefix: str, account_id: str) -> str:
    return prefix + b32encode(blake2b(f"{prefix}/{account_id}".encode(), digest_size=10).digest()).decode()


def _json(value: Any) -> Any:
    """Return a value with its datetimes as text, as on the wire."""
    return convert_leaves(value, lambda leaf: format_time(leaf) if isinstance(leaf, datetime) else leaf)
