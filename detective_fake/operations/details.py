"""Domain values written as the service's structures, their members in the service model's order.

Written when an answer is read, from values that do not change; see `Deferred`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detective_fake.domain.membership import MemberStatus
from detective_fake.domain.quotas import BYTES_PER_TERABYTE
from detective_fake.exchange import Deferred

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership

__all__ = [
    "ALREADY_A_MEMBER",
    "NOT_A_MEMBER",
    "OWN_ACCOUNT",
    "invitation_details",
    "member_details",
    "plain",
    "unprocessed_accounts",
]

ALREADY_A_MEMBER: Final = "Account is already a member"
"""Source: compared literally by AWS's own code."""

NOT_A_MEMBER: Final = "Account is not a member"
OWN_ACCOUNT: Final = "Account is the administrator account of the behavior graph"

_FULL_GRAPH_BYTES: Final = 10 * BYTES_PER_TERABYTE
_ENABLED: Final = MemberStatus.ENABLED


# As a rule all accounts of a batch are processed.
_NOBODY: Final = Deferred(list, ())


def member_details(graph: BehaviorGraph, members: Sequence[Membership]) -> Deferred:
    """Return a graph's rows as a list of `MemberDetail`."""
    return Deferred(_member_details, (graph, members))


def invitation_details(rows: Sequence[tuple[BehaviorGraph, Sequence[Membership]]]) -> Deferred:
    """Return rows of several graphs as a list of `MemberDetail`."""
    return Deferred(_invitation_details, (rows,))


def unprocessed_accounts(reasons: Sequence[tuple[str, str]]) -> Deferred:
    """Return account ids and reasons as a list of `UnprocessedAccount`."""
    return Deferred(_unprocessed_accounts, (tuple(reasons),)) if reasons else _NOBODY


def plain(values: Sequence[str]) -> Deferred:
    """Return strings as a list."""
    return Deferred(list, (tuple(values),))


def _unprocessed_accounts(reasons: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"AccountId": account_id, "Reason": reason} for account_id, reason in reasons]


def _member_details(graph: BehaviorGraph, members: Sequence[Membership]) -> list[dict[str, Any]]:
    # The body of the loop runs for every row: a dict that is written down whole need not grow, `_value_` is the
    # documented attribute behind `value` without the cost of its descriptor, and functions are calls, as comprehensions
    # are in Python up to 3.11.
    states = {package._value_: ingest.state._value_ for package, ingest in graph.packages.items()}
    graph_arn, administrator_id = graph.arn, graph.administrator_id
    details = []
    for member in members:
        usage = member.usage
        if usage is None:
            reason = member.disabled_reason
            detail: dict[str, Any] = {
                "AccountId": member.account_id,
                "EmailAddress": member.email,
                "GraphArn": graph_arn,
                "MasterId": administrator_id,
                "AdministratorId": administrator_id,
                "Status": member.status._value_,
                "DisabledReason": reason and reason._value_,
                "InvitedTime": member.invited_at,
                "UpdatedTime": member.updated_at,
                "InvitationType": member.invitation_type._value_,
            }
            if reason is None:
                del detail["DisabledReason"]
        else:
            total, measured_at = usage.total, usage.measured_at
            by_package = {}
            for package, volume in usage.by_package.items():
                by_package[package._value_] = {"VolumeUsageInBytes": volume, "VolumeUsageUpdateTime": measured_at}
            detail = {
                "AccountId": member.account_id,
                "EmailAddress": member.email,
                "GraphArn": graph_arn,
                "MasterId": administrator_id,
                "AdministratorId": administrator_id,
                "Status": member.status._value_,
                "InvitedTime": member.invited_at,
                "UpdatedTime": member.updated_at,
                "VolumeUsageInBytes": total,
                "VolumeUsageUpdatedTime": measured_at,
                "PercentOfGraphUtilization": total / _FULL_GRAPH_BYTES,
                "PercentOfGraphUtilizationUpdatedTime": measured_at,
                "InvitationType": member.invitation_type._value_,
                "VolumeUsageByDatasourcePackage": by_package,
            }
        if member.email is None:
            del detail["EmailAddress"]
        if member.invited_at is None:
            del detail["InvitedTime"]
        if member.status is _ENABLED:
            detail["DatasourcePackageIngestStates"] = states.copy()
        details.append(detail)
    return details


def _invitation_details(rows: Sequence[tuple[BehaviorGraph, Sequence[Membership]]]) -> list[dict[str, Any]]:
    return [detail for graph, members in rows for detail in _member_details(graph, members)]
