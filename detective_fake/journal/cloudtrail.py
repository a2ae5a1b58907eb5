"""`fake.cloudtrail`: the calls as CloudTrail would log them. Knows the form of its records; reads the journal.

Source: administration guide, logging-using-cloudtrail, with the record it shows.
"""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timezone
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from detective_fake.journal.matching import masked
from detective_fake.journal.principals import user_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike

    from detective_fake.journal.calls import Attempt, CallRecord, Journal

__all__ = ["CloudTrail"]

_READING: Final = ("BatchGet", "Describe", "Get", "List")
_SOURCE_ADDRESS: Final = "127.0.0.1"


class CloudTrail:
    """Log records of one fake's calls.

    Args:
        journal: Where the calls are read.
        sensitive: Members that are masked; that they are is an inference from the model's trait.
        wire_names: Returns how an operation's members are called on the wire, where that differs.
    """

    def __init__(
        self, journal: Journal, *, sensitive: frozenset[str], wire_names: Callable[[str], Mapping[str, str]]
    ) -> None:
        self._journal = journal
        self._sensitive = sensitive
        self._wire_names = wire_names

    def records(self) -> list[dict[str, Any]]:
        """Return a record for each attempt that has reached the service, made anew each time."""
        return [
            self._record(call, attempt) for call in self._journal[:] for attempt in call.attempts if attempt.request_id
        ]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the records as CloudTrail delivers them: JSON, compressed by gzip; equal records give equal files."""
        text = json.dumps({"Records": self.records()}, separators=(",", ":"))
        Path(path).write_bytes(gzip.compress(text.encode(), mtime=0))

    def _record(self, call: CallRecord, attempt: Attempt) -> dict[str, Any]:
        reads = call.operation.startswith(_READING)
        time = _second(attempt.at)
        record: dict[str, Any] = {
            "eventVersion": "1.05",
            "userIdentity": user_identity(call.caller, call.region, time),
            "eventTime": time,
            "eventSource": "detective.amazonaws.com",
            "eventName": call.operation,
            "awsRegion": call.region,
            "sourceIPAddress": _SOURCE_ADDRESS,
            "userAgent": call.user_agent,
        }
        if attempt.error is not None:
            record["errorCode"] = attempt.error.error_code
        record["requestParameters"] = self._parameters(call)
        record["responseElements"] = self._elements(attempt, reads=reads)
        record["requestID"] = attempt.request_id
        record["eventID"] = _event_id(attempt.request_id)
        record["readOnly"] = reads
        record["eventType"] = "AwsApiCall"
        record["recipientAccountId"] = call.account_id
        return record

    def _parameters(self, call: CallRecord) -> dict[str, Any] | None:
        names = self._wire_names(call.operation)
        parameters = masked(call.parameters, self._sensitive)
        return _plain({names.get(name, name): value for name, value in parameters.items()}) or None

    def _elements(self, attempt: Attempt, *, reads: bool) -> dict[str, Any] | None:
        if attempt.error is not None:
            return {"message": attempt.error.message}
        return None if reads else _plain(masked(attempt.result, self._sensitive)) or None


def _event_id(request_id: str) -> str:
    """Return the same UUID of version 4 for the same request."""
    return str(UUID(bytes=blake2b(f"event/{request_id}".encode(), digest_size=16).digest(), version=4))


def _second(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> Any:
    """Return a value with its datetimes as text, as they are on the wire."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    return value
