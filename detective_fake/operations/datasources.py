"""Data source packages: what a behavior graph takes in, and of which account since when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detective_fake.domain.datasources import DatasourcePackage, IngestState, history_since
from detective_fake.domain.ingest import select_packages
from detective_fake.domain.membership import MemberStatus
from detective_fake.errors import ServiceQuotaExceeded, ValidationFailed
from detective_fake.exchange import Deferred
from detective_fake.operations import pages
from detective_fake.operations.call import administered_graph
from detective_fake.operations.details import NOT_A_MEMBER, OWN_ACCOUNT, unprocessed_accounts
from detective_fake.operations.invitations import VISIBLE
from detective_fake.operations.members import VOLUME_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from detective_fake.domain.datasources import PackageIngest
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

__all__ = [
    "batch_get_graph_member_datasources",
    "batch_get_membership_datasources",
    "list_datasource_packages",
    "update_datasource_packages",
]

PACKAGES: Final = tuple(DatasourcePackage)

# In the order of AWS's samples, which leave DISABLED out of a member's history.
_STATES_OF_GRAPH: Final = (IngestState.DISABLED, IngestState.STOPPED, IngestState.STARTED)
_STATES_OF_MEMBER: Final = (IngestState.STOPPED, IngestState.STARTED)


def list_datasource_packages(call: Call) -> Body:
    """List the packages that a graph takes in or once took in.

    There are three, so only a small `MaxResults` makes a second page. Source: service model, `ListDatasourcePackages`.
    """
    graph = administered_graph(call)
    start = int(pages.position(call) or 0)
    size = pages.limit(call, call.world.quotas.members_page)
    packages = [package for package in PACKAGES[start:] if package in graph.packages]
    page = packages[:size]
    listed = tuple((package, graph.packages[package]) for package in page)
    body: Body = {"DatasourcePackages": Deferred(_packages, (listed,))}
    if len(packages) > size:
        body[pages.NEXT_TOKEN] = pages.next_token(call, PACKAGES.index(page[-1]) + 1)
    return body


def update_datasource_packages(call: Call) -> Body:
    """Take in exactly the packages given, for all members: the others are stopped.

    Raises:
        ValidationFailed: `DETECTIVE_CORE` is not among them (an inference: nothing can turn it off).
        ServiceQuotaExceeded: The graph would take in more data than it may; then nothing changes.
    Source: service model, `UpdateDatasourcePackages`; that the list is the whole set is a strong inference.
    """
    given = call.parameters["DatasourcePackages"]
    desired = {DatasourcePackage(name) for name in given}
    if DatasourcePackage.DETECTIVE_CORE not in desired:
        message = (
            f"{call.operation}Request.DatasourcePackages must contain {DatasourcePackage.DETECTIVE_CORE.value}. "
            f"Found {', '.join(given)}."
        )
        raise ValidationFailed(message)
    graph = administered_graph(call)
    if not select_packages(call.world, graph, desired, call.at):
        raise ServiceQuotaExceeded(members=VOLUME_RESOURCES)
    return {}


def batch_get_graph_member_datasources(call: Call) -> Body:
    """Tell since when a graph takes in which data of some accounts, in the order asked for.

    A member that is not enabled has an empty history: it is known that nothing was ever taken in of it, so it is not an
    account "that information could not be retrieved for" (an inference). Source: service model,
    `BatchGetGraphMemberDatasources`.
    """
    graph = administered_graph(call)
    rows = call.world.rows(graph.arn).rows
    asked = dict.fromkeys(call.parameters["AccountIds"])
    found = tuple((graph, rows[account_id]) for account_id in asked if account_id in rows)
    missing = [(account_id, NOT_A_MEMBER) for account_id in asked if account_id not in rows]
    return {
        "MemberDatasources": Deferred(_membership_datasources, (found,)),
        "UnprocessedAccounts": unprocessed_accounts(missing),
    }


def batch_get_membership_datasources(call: Call) -> Body:
    """Tell since when some graphs take in which data of the caller, in the order asked for.

    A graph that `ListInvitations` would not show the caller, or that the caller administers, is unprocessed
    (inferences). Source: service model, `BatchGetMembershipDatasources`.
    """
    memberships = {
        graph.arn: (graph, membership)
        for graph, membership in call.world.memberships_of(call.region, call.account_id)
        if membership.status in VISIBLE
    }
    own = call.world.graph_of.get((call.region, call.account_id))
    asked = dict.fromkeys(call.parameters["GraphArns"])
    found = tuple(memberships[arn] for arn in asked if arn in memberships)
    missing = tuple((arn, OWN_ACCOUNT if arn == own else NOT_A_MEMBER) for arn in asked if arn not in memberships)
    return {
        "MembershipDatasources": Deferred(_membership_datasources, (found,)),
        "UnprocessedGraphs": Deferred(_unprocessed_graphs, (missing,)),
    }


def _packages(listed: Sequence[tuple[DatasourcePackage, PackageIngest]]) -> dict[str, Any]:
    return {
        package._value_: {
            "DatasourcePackageIngestState": ingest.state._value_,
            "LastIngestStateChange": _changes(ingest.changes, _STATES_OF_GRAPH),
        }
        for package, ingest in listed
    }


def _membership_datasources(rows: Sequence[tuple[BehaviorGraph, Membership]]) -> list[dict[str, Any]]:
    return [
        {
            "AccountId": membership.account_id,
            "GraphArn": graph.arn,
            "DatasourcePackageIngestHistory": _history(graph, membership),
        }
        for graph, membership in rows
    ]


def _history(graph: BehaviorGraph, membership: Membership) -> dict[str, Any]:
    if membership.status is not MemberStatus.ENABLED:
        return {}
    history = history_since(graph.packages, membership.updated_at)
    return {package._value_: _changes(changes, _STATES_OF_MEMBER) for package, changes in history.items()}


def _changes(
    changes: Mapping[IngestState, datetime] | Mapping[IngestState, datetime | None], states: Sequence[IngestState]
) -> dict[str, Any]:
    """Write one entry a state: null where it was never entered, as AWS's samples have it."""
    return {state._value_: _timestamp(changes.get(state)) for state in states}


def _timestamp(at: datetime | None) -> dict[str, datetime] | None:
    return None if at is None else {"Timestamp": at}


def _unprocessed_graphs(reasons: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"GraphArn": arn, "Reason": reason} for arn, reason in reasons]
