"""Members of a behavior graph: what its administrator does, and what the invited accounts do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from detective_fake.domain import enrolment
from detective_fake.domain.enrolment import Obstacle
from detective_fake.domain.graph import DatasourcePackage
from detective_fake.domain.membership import InvitationType, MemberEvent, MemberStatus
from detective_fake.errors import Conflict, ResourceNotFound, ServiceQuotaExceeded
from detective_fake.exchange import Deferred
from detective_fake.operations.call import (
    NEXT_TOKEN,
    administered_graph,
    cut_page,
    next_token,
    page_limit,
    page_position,
)
from detective_fake.protocol.validation import malformed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

    Unprocessed = dict[str, str]

ALREADY_A_MEMBER: Final = "Account is already a member"
"""Source: AWS's own code compares this text literally."""

NOT_A_MEMBER: Final = "Account is not a member"
OWN_ACCOUNT: Final = "Account is the administrator account of the behavior graph"

VISIBLE: Final = frozenset({MemberStatus.INVITED, MemberStatus.ENABLED, MemberStatus.ACCEPTED_BUT_DISABLED})
"""Statuses that the invited account sees. Before verification no invitation has been sent (an inference)."""

VOLUME_RESOURCES: Final = {"Resources": ("VOLUME",)}
_RESOURCES: Final = {Obstacle.MEMBER_COUNT: {"Resources": ("MEMBER",)}, Obstacle.VOLUME_TOO_HIGH: VOLUME_RESOURCES}

_DAY: Final = timedelta(days=1)

_NAMES: Final = {each: each.value for kind in (DatasourcePackage, InvitationType, MemberStatus) for each in kind}
"""Wire names. `Enum.value` is slow: looking it up for every row takes more than 10 % of a page of 200 rows."""


def create_members(call: Call) -> Body:
    """Invite accounts, or enroll accounts of the graph's organization, one by one in the order given.

    If an account is given twice, the first entry counts (an inference).

    Raises:
        ValidationFailed: An account outside the graph's organization has no e-mail address.
        ServiceQuotaExceeded: The graph would exceed its quota of members, or ingests too much data already. Nothing
            has changed then.
    Source: service model, `CreateMembers`.
    """
    world, accounts = call.world, call.parameters["Accounts"]
    named = world.graphs.get(call.parameters["GraphArn"])
    for account in accounts:
        in_organization = named is not None and world.is_organization_account(named, account["AccountId"])
        if account.get("EmailAddress") is None and not in_organization:
            raise malformed()
    graph = administered_graph(call)
    new: dict[str, str | None] = {}
    refused = []
    for account in accounts:
        account_id = account["AccountId"]
        if account_id == graph.administrator_id:
            refused.append(unprocessed_account(account_id, OWN_ACCOUNT))
        elif account_id in new or not enrolment.may_be_added(world, graph, account_id):
            refused.append(unprocessed_account(account_id, ALREADY_A_MEMBER))
        else:
            new[account_id] = account.get("EmailAddress")
    found = enrolment.obstacle_to_adding(world, graph, new) if new else None
    if found is not None:
        raise ServiceQuotaExceeded(members=_RESOURCES[found])
    notify = not call.parameters.get("DisableEmailNotification", False)
    message = call.parameters.get("Message")
    members = [
        enrolment.invite(world, graph, account_id, email, call.at, message=message, notify=notify)
        for account_id, email in new.items()
    ]
    return {"Members": member_details(call, [(graph, members)]), "UnprocessedAccounts": refused}


def get_members(call: Call) -> Body:
    """Return the rows of some accounts, in the order given. Source: service model, `GetMembers`."""
    graph, members, missing = find_members(call)
    return {"MemberDetails": member_details(call, [(graph, members)]), "UnprocessedAccounts": missing}


def list_members(call: Call) -> Body:
    """List a graph's rows in the order invited. The administrator of an organization graph has one, too.

    With the behavior `administrator_listed`, every administrator has.

    Source: service model, `ListMembers`. The order is an inference, the administrator's row was observed.
    """
    graph = administered_graph(call)
    last = int(page_position(call) or 0)
    members, more = call.world.rows(graph.arn).after(last, page_limit(call, call.world.quotas.members_page))
    body: Body = {"MemberDetails": member_details(call, [(graph, members)])}
    if more:
        body[NEXT_TOKEN] = next_token(call, members[-1].number)
    return body


def delete_members(call: Call) -> Body:
    """Remove accounts in any status. Source: service model, `DeleteMembers`."""
    graph = administered_graph(call)
    rows = call.world.rows(graph.arn).rows
    removed, refused = [], []
    for account_id in dict.fromkeys(call.parameters["AccountIds"]):
        if account_id == graph.administrator_id:
            refused.append(unprocessed_account(account_id, OWN_ACCOUNT))
        elif account_id not in rows:
            refused.append(unprocessed_account(account_id, NOT_A_MEMBER))
        else:
            enrolment.leave(call.world, graph, rows[account_id], MemberEvent.REMOVED)
            removed.append(account_id)
    return {"AccountIds": removed, "UnprocessedAccounts": refused}


def start_monitoring_member(call: Call) -> Body:
    """Enable a disabled account if it can be enabled now.

    If it cannot, because its own volume is too high or unknown, the call succeeds and changes nothing.

    Raises:
        ResourceNotFound: The account is not a member.
        Conflict: It is not `ACCEPTED_BUT_DISABLED`.
        ServiceQuotaExceeded: The graph has reached its quota of members or exceeds that of data already.
    Source: service model, `StartMonitoringMember`.
    """
    graph = administered_graph(call)
    membership = call.world.membership(graph.arn, call.parameters["AccountId"])
    if membership is None:
        raise ResourceNotFound
    if not enrolment.start_monitoring(call.world, graph, membership, call.at):
        found = enrolment.reached_limit(call.world, graph)
        if found is not None:
            raise ServiceQuotaExceeded(members=_RESOURCES[found])
    return {}


def accept_invitation(call: Call) -> Body:
    """Accept an open invitation.

    Raises:
        ResourceNotFound: There is no invitation to this graph.
        Conflict: The invitation is not open, or the account is an organization account.
    Source: service model, `AcceptInvitation`.
    """
    graph, membership = _invited_membership(call)
    enrolment.accept(call.world, graph, membership, call.at)
    return {}


def reject_invitation(call: Call) -> Body:
    """Reject an open invitation. The account has no row any more and may be invited again.

    Raises:
        ResourceNotFound: There is no invitation to this graph.
        Conflict: The invitation is not open, or the account is an organization account.
    Source: service model, `RejectInvitation`.
    """
    graph, membership = _invited_membership(call)
    enrolment.leave(call.world, graph, membership, MemberEvent.REJECTED)
    return {}


def disassociate_membership(call: Call) -> Body:
    """Leave a graph.

    Raises:
        ResourceNotFound: The caller is not a member of this graph.
        Conflict: The caller is not `ENABLED`, or is an organization account.
    Source: service model, `DisassociateMembership`. The guide also allows `ACCEPTED_BUT_DISABLED`, the model does not.
    The behavior `disabled_may_leave` chooses.
    """
    graph, membership = _invited_membership(call)
    disabled = membership.status is MemberStatus.ACCEPTED_BUT_DISABLED and call.world.behavior.disabled_may_leave
    event = MemberEvent.RESIGNED_DISABLED if disabled else MemberEvent.RESIGNED
    enrolment.leave(call.world, graph, membership, event)
    return {}


def list_invitations(call: Call) -> Body:
    """List the caller's open and accepted memberships in this Region, of all administrators, in the order invited.

    Organization behavior graphs are included. Source: service model, `ListInvitations`; administration guide,
    member-view-graph-invitations.
    """
    after = int(page_position(call) or 0)
    rows = sorted(
        (
            (graph, membership)
            for graph, membership in call.world.memberships_of(call.region, call.account_id)
            if membership.status in VISIBLE and membership.number > after
        ),
        key=lambda row: row[1].number,
    )
    page, token = cut_page(call, rows, call.world.quotas.members_page, lambda row: row[1].number)
    return {"Invitations": member_details(call, [(graph, [membership]) for graph, membership in page]), **token}


def member_details(call: Call, rows: Sequence[tuple[BehaviorGraph, Sequence[Membership]]]) -> Deferred:
    """Return rows of graphs as a list of `MemberDetail`."""
    return Deferred(_write_member_details, (rows, call.at, call.world.quotas.volume_bytes_per_day))


def find_members(call: Call) -> tuple[BehaviorGraph, list[Membership], list[Unprocessed]]:
    """Return the graph that a call names, its rows of the accounts asked for, in that order, and the other accounts."""
    graph = administered_graph(call)
    rows = call.world.rows(graph.arn).rows
    asked = dict.fromkeys(call.parameters["AccountIds"])
    missing = [unprocessed_account(account_id, NOT_A_MEMBER) for account_id in asked if account_id not in rows]
    return graph, [rows[account_id] for account_id in asked if account_id in rows], missing


def unprocessed_account(account_id: str, reason: str) -> Unprocessed:
    """Return an `UnprocessedAccount`."""
    return {"AccountId": account_id, "Reason": reason}


def _invited_membership(call: Call) -> tuple[BehaviorGraph, Membership]:
    """Return the graph that a call names and the caller's row in it.

    Raises:
        ResourceNotFound: There is no such graph in this Region, or the caller has no row in it. Clients understand this
            as "gone".
        Conflict: The caller is not in the graph by invitation. No source says which of the modelled errors this is. The
            operations are "not for organization accounts".
    """
    arn = call.parameters["GraphArn"]
    graph, membership = call.world.graphs.get(arn), call.world.membership(arn, call.account_id)
    if graph is None or membership is None or graph.region != call.region:
        raise ResourceNotFound
    own = membership.account_id == graph.administrator_id
    if own or membership.invitation_type is InvitationType.ORGANIZATION:
        role = "its administrator" if own else "an organization account"
        raise Conflict(
            f"{Conflict.default_message} Account {membership.account_id} is in the behavior graph as {role}."
        )
    return graph, membership


def _write_member_details(
    rows: Sequence[tuple[BehaviorGraph, Sequence[Membership]]], at: datetime, quota: int
) -> list[dict[str, Any]]:
    """Return rows of graphs as a list of `MemberDetail`, whose members are in the order of the service model.

    Args:
        at: Time of the call.
        quota: The bytes a day of which the utilization is a fraction.
    """
    details = []
    for graph, members in rows:
        states = {package.value: ingest.state.value for package, ingest in graph.packages.items()}
        for member in members:
            detail: dict[str, Any] = {"AccountId": member.account_id}
            if member.email is not None:
                detail["EmailAddress"] = member.email
            detail["GraphArn"] = graph.arn
            detail["MasterId"] = graph.administrator_id
            detail["AdministratorId"] = graph.administrator_id
            detail["Status"] = _NAMES[member.status]
            if member.disabled_reason is not None:
                detail["DisabledReason"] = member.disabled_reason.value
            detail["InvitedTime"] = member.invited_at
            detail["UpdatedTime"] = member.updated_at
            usage, volumes = member.usage, {}
            if usage is not None:
                # Detective measures every day (administration guide, detective-source-data-about).
                measured, age = usage.measured_at, at - usage.measured_at
                if age >= _DAY:
                    measured += age // _DAY * _DAY
                detail["VolumeUsageInBytes"] = usage.total
                detail["VolumeUsageUpdatedTime"] = measured
                detail["PercentOfGraphUtilization"] = usage.total / quota
                detail["PercentOfGraphUtilizationUpdatedTime"] = measured
                for package, volume in usage.by_package.items():
                    volumes[_NAMES[package]] = {"VolumeUsageInBytes": volume, "VolumeUsageUpdateTime": measured}
            detail["InvitationType"] = _NAMES[member.invitation_type]
            if usage is not None:
                detail["VolumeUsageByDatasourcePackage"] = volumes
            if member.status is MemberStatus.ENABLED:
                detail["DatasourcePackageIngestStates"] = states.copy()
            details.append(detail)
    return details
