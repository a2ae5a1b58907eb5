"""Data source packages: which a behavior graph ingests, and since when for each account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detective_fake.domain.enrolment import select_packages
from detective_fake.domain.graph import DatasourcePackage, IngestState, ingest_history
from detective_fake.domain.membership import MemberStatus
from detective_fake.errors import ServiceQuotaExceeded, ValidationFailed
from detective_fake.exchange import Deferred
from detective_fake.operations.call import administered_graph, cut_page, page_position
from detective_fake.operations.members import NOT_A_MEMBER, OWN_ACCOUNT, VISIBLE, VOLUME_RESOURCES, find_members

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

PACKAGES: Final = tuple(DatasourcePackage)

# In the order of AWS's samples, which leave DISABLED out of a member's history.
_STATES_OF_GRAPH: Final = (IngestState.DISABLED, IngestState.STOPPED, IngestState.STARTED)
_STATES_OF_MEMBER: Final = (IngestState.STOPPED, IngestState.STARTED)


def list_datasource_packages(call: Call) -> Body:
    """List the packages that a graph ingests or ingested before.

    There are three packages, so only a small `MaxResults` leads to a second page.
    Source: service model, `ListDatasourcePackages`.
    """
    graph = administered_graph(call)
    start = int(page_position(call) or 0)
    packages = [(package, graph.packages[package]) for package in PACKAGES[start:] if package in graph.packages]
    page, token = cut_page(call, packages, call.world.quotas.members_page, lambda row: PACKAGES.index(row[0]) + 1)
    written = {
        package.value: {
            "DatasourcePackageIngestState": ingest.state.value,
            "LastIngestStateChange": _write_changes(ingest.changes, _STATES_OF_GRAPH),
        }
        for package, ingest in page
    }
    return {"DatasourcePackages": written, **token}


def update_datasource_packages(call: Call) -> Body:
    """Ingest exactly the given packages for all members. Stop the others.

    Raises:
        ValidationFailed: `DETECTIVE_CORE` is missing (an inference: nothing can turn it off).
        ServiceQuotaExceeded: A package is to be started, and the graph exceeds its quota of data already. Nothing has
            changed then.
    Source: service model, `UpdateDatasourcePackages`. That the list is the whole set is a strong inference. With the
    behavior `partial_package_lists` it is not.
    """
    given = call.parameters["DatasourcePackages"]
    desired = {DatasourcePackage(name) for name in given}
    partial = call.world.behavior.partial_package_lists
    if not partial and DatasourcePackage.DETECTIVE_CORE not in desired:
        raise ValidationFailed(
            f"{call.operation}Request.DatasourcePackages must contain {DatasourcePackage.DETECTIVE_CORE.value}. "
            f"Found {', '.join(given)}."
        )
    graph = administered_graph(call)
    if partial:
        desired.update(graph.started)
    if not select_packages(call.world, graph, desired, call.at):
        raise ServiceQuotaExceeded(members=VOLUME_RESOURCES)
    return {}


def batch_get_graph_member_datasources(call: Call) -> Body:
    """Return since when a graph ingests which data of some accounts, in the order given.

    A member that is not enabled has an empty history. It is not an account "that information could not be retrieved
    for": nothing was ever ingested (an inference). Source: service model,
    `BatchGetGraphMemberDatasources`.
    """
    graph, members, missing = find_members(call)
    found = [(graph, member) for member in members]
    return {"MemberDatasources": Deferred(_write_memberships, (found,)), "UnprocessedAccounts": missing}


def batch_get_membership_datasources(call: Call) -> Body:
    """Return since when some graphs ingest which data of the caller, in the order given.

    A graph that `ListInvitations` does not show to the caller, or that the caller administers, is unprocessed
    (inferences). Source: service model, `BatchGetMembershipDatasources`.
    """
    memberships = {
        graph.arn: (graph, membership)
        for graph, membership in call.world.memberships_of(call.region, call.account_id)
        if membership.status in VISIBLE
    }
    own = call.world.graph_of.get((call.region, call.account_id))
    asked = dict.fromkeys(call.parameters["GraphArns"])
    found = [memberships[arn] for arn in asked if arn in memberships]
    reasons = {arn: OWN_ACCOUNT if arn == own else NOT_A_MEMBER for arn in asked if arn not in memberships}
    return {
        "MembershipDatasources": Deferred(_write_memberships, (found,)),
        "UnprocessedGraphs": [{"GraphArn": arn, "Reason": reason} for arn, reason in reasons.items()],
    }


def _write_memberships(rows: Sequence[tuple[BehaviorGraph, Membership]]) -> list[dict[str, Any]]:
    written = []
    for graph, membership in rows:
        enabled = membership.status is MemberStatus.ENABLED
        history = ingest_history(graph.packages, membership.updated_at) if enabled else {}
        written.append(
            {
                "AccountId": membership.account_id,
                "GraphArn": graph.arn,
                "DatasourcePackageIngestHistory": {
                    package.value: _write_changes(changes, _STATES_OF_MEMBER) for package, changes in history.items()
                },
            }
        )
    return written


def _write_changes(
    changes: Mapping[IngestState, datetime] | Mapping[IngestState, datetime | None], states: Sequence[IngestState]
) -> dict[str, Any]:
    """Return one entry for each state, null for a state that was never entered, as in AWS's samples."""
    times = {state.value: changes.get(state) for state in states}
    return {state: None if at is None else {"Timestamp": at} for state, at in times.items()}
