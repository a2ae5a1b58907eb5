"""Arguments for calls about a behavior graph, for checks of many operations."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STRANGER: Final = "000000000000"
"""The ID of no account."""

UNKNOWN_INVESTIGATION: Final = "1" * 21
SCOPE: Final = {
    "ScopeStartTime": datetime(2026, 3, 1, tzinfo=timezone.utc),
    "ScopeEndTime": datetime(2026, 3, 2, tzinfo=timezone.utc),
}

_ARGUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "BatchGetGraphMemberDatasources": {"AccountIds": [STRANGER]},
    "CreateMembers": {"Accounts": [{"AccountId": STRANGER, "EmailAddress": "nobody@example.com"}]},
    "DeleteMembers": {"AccountIds": [STRANGER]},
    "GetInvestigation": {"InvestigationId": UNKNOWN_INVESTIGATION},
    "GetMembers": {"AccountIds": [STRANGER]},
    "ListIndicators": {"InvestigationId": UNKNOWN_INVESTIGATION},
    "StartInvestigation": {"EntityArn": f"arn:aws:iam::{STRANGER}:role/none", **SCOPE},
    "StartMonitoringMember": {"AccountId": STRANGER},
    "TagResource": {"Tags": {"conformance": "1"}},
    "UntagResource": {"TagKeys": ["conformance"]},
    "UpdateDatasourcePackages": {"DatasourcePackages": ["DETECTIVE_CORE"]},
    "UpdateInvestigationState": {"InvestigationId": UNKNOWN_INVESTIGATION, "State": "ARCHIVED"},
}

_RESOURCES: Final = frozenset({"ListTagsForResource", "TagResource", "UntagResource"})


def about(client: Any, operation: str, arn: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Return the method for an operation, and arguments that are valid for a graph of this ARN."""
    name = "ResourceArn" if operation in _RESOURCES else "GraphArn"
    return getattr(client, xform_name(operation)), {name: arn, **_ARGUMENTS.get(operation, {})}
