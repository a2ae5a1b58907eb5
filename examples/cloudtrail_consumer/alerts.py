"""Reads CloudTrail log files and reports harmful Detective calls."""

import gzip
import json

HARMFUL = {"DeleteGraph", "DeleteMembers", "DisassociateMembership", "DisableOrganizationAdminAccount"}


def alerts_in(path):
    """Return a line for each harmful call and each denied call."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = json.load(file)["Records"]
    return [_alert(record) for record in records if _is_alarming(record)]


def _is_alarming(record):
    if record["eventSource"] != "detective.amazonaws.com":
        return False
    return record["eventName"] in HARMFUL or record.get("errorCode") == "AccessDeniedException"


def _alert(record):
    outcome = record.get("errorCode", "done")
    return f"{record['awsRegion']} {record['recipientAccountId']} {record['eventName']}: {outcome}"
