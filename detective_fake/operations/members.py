"""Members of a behavior graph, as its administrator sees and changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detective_fake.domain import enrolment
from detective_fake.domain.enrolment import Obstacle
from detective_fake.domain.membership import MemberEvent, MemberStatus
from detective_fake.errors import ResourceNotFound, ServiceQuotaExceeded
from detective_fake.operations import pages
from detective_fake.operations.call import administered_graph
from detective_fake.operations.details import (
    ALREADY_A_MEMBER,
    NOT_A_MEMBER,
    OWN_ACCOUNT,
    member_details,
    plain,
    unprocessed_accounts,
)

if TYPE_CHECKING:
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

__all__ = ["create_members", "delete_members", "get_members", "list_members", "start_monitoring_member"]

MEMBER_RESOURCES = {"Resources": ("MEMBER",)}
VOLUME_RESOURCES = {"Resources": ("VOLUME",)}
_RESOURCES = {Obstacle.MEMBER_COUNT: MEMBER_RESOURCES, Obstacle.VOLUME_TOO_HIGH: VOLUME_RESOURCES}


def create_members(call: Call) -> Body:
    """Invite accounts, or enrol accounts of the graph's organization; each for itself, in the order given.

    Of an account given twice the first is taken (an inference).

    Raises:
        ServiceQuotaExceeded: The graph would come to hold more members than it may, or takes in too much data already;
            then nothing is done at all.
    Source: service model, `CreateMembers`.
    """
    graph = administered_graph(call)
    accounts = call.parameters["Accounts"]
    rows = call.world.rows(graph.arn).rows
    new: dict[str, str] = {}
    added = 0
    unprocessed: list[tuple[str, str]] = []
    for account in accounts:
        account_id = account["AccountId"]
        row = rows.get(account_id)
        if account_id == graph.administrator_id:
            unprocessed.append((account_id, OWN_ACCOUNT))
        elif account_id in new or (row is not None and row.status is not MemberStatus.VERIFICATION_FAILED):
            unprocessed.append((account_id, ALREADY_A_MEMBER))
        else:
            new[account_id] = account["EmailAddress"]
            added += row is None
    found = enrolment.obstacle_to_adding(call.world, graph, rows=added) if new else None
    if found is not None:
        raise ServiceQuotaExceeded(members=_RESOURCES[found])
    notify = not call.parameters.get("DisableEmailNotification", False)
    message = call.parameters.get("Message")
    members = [
        enrolment.invite(call.world, graph, account_id, email, call.at, message=message, notify=notify)
        for account_id, email in new.items()
    ]
    return {"Members": member_details(graph, members), "UnprocessedAccounts": unprocessed_accounts(unprocessed)}


def get_members(call: Call) -> Body:
    """Return the rows of some accounts, in the order asked for. Source: service model, `GetMembers`."""
    graph = administered_graph(call)
    rows = call.world.rows(graph.arn).rows
    asked = dict.fromkeys(call.parameters["AccountIds"])
    found = [rows[account_id] for account_id in asked if account_id in rows]
    missing = [(account_id, NOT_A_MEMBER) for account_id in asked if account_id not in rows]
    return {"MemberDetails": member_details(graph, found), "UnprocessedAccounts": unprocessed_accounts(missing)}


def list_members(call: Call) -> Body:
    """List a graph's rows in the order invited; an organization graph's administrator has one, too.

    Source: service model, `ListMembers`; the order is an inference, the administrator's row was observed.
    """
    graph = administered_graph(call)
    last = pages.position(call)
    size = pages.limit(call, call.world.quotas.members_page)
    members, more = call.world.rows(graph.arn).after(int(last or 0), size)
    body: Body = {"MemberDetails": member_details(graph, members)}
    if more:
        body[pages.NEXT_TOKEN] = pages.next_token(call, members[-1].number)
    return body


def delete_members(call: Call) -> Body:
    """Remove accounts, whatever their status. Source: service model, `DeleteMembers`."""
    graph = administered_graph(call)
    rows = call.world.rows(graph.arn).rows
    asked = dict.fromkeys(call.parameters["AccountIds"])
    removed = [account_id for account_id in asked if account_id in rows and account_id != graph.administrator_id]
    unprocessed = [
        (account_id, OWN_ACCOUNT if account_id == graph.administrator_id else NOT_A_MEMBER)
        for account_id in asked
        if account_id not in rows or account_id == graph.administrator_id
    ]
    for account_id in removed:
        enrolment.leave(call.world, graph, rows[account_id], MemberEvent.REMOVED)
    return {"AccountIds": plain(removed), "UnprocessedAccounts": unprocessed_accounts(unprocessed)}


def start_monitoring_member(call: Call) -> Body:
    """Enable a disabled account if it fits by now.

    Where its volume is unknown the call succeeds and changes nothing; reading both texts of the model together.

    Raises:
        ResourceNotFound: The account is not a member.
        Conflict: It is not `ACCEPTED_BUT_DISABLED`.
        ServiceQuotaExceeded: The graph is full, or would take in too much data.
    Source: service model, `StartMonitoringMember`.
    """
    graph = administered_graph(call)
    membership = call.world.membership(graph.arn, call.parameters["AccountId"])
    if membership is None:
        raise ResourceNotFound
    if not enrolment.start_monitoring(call.world, graph, membership, call.at):
        found = enrolment.obstacle(call.world, graph, membership.account_id)
        if found in _RESOURCES:
            raise ServiceQuotaExceeded(members=_RESOURCES[found])
    return {}
