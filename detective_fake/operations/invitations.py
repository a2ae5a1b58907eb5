"""Invitations and memberships, as the invited account sees and answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detective_fake.domain import enrolment
from detective_fake.domain.membership import InvitationType, MemberEvent, MemberStatus
from detective_fake.errors import Conflict
from detective_fake.operations import pages
from detective_fake.operations.call import own_membership
from detective_fake.operations.details import invitation_details

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

__all__ = ["accept_invitation", "disassociate_membership", "list_invitations", "reject_invitation"]

VISIBLE: Final = frozenset({MemberStatus.INVITED, MemberStatus.ENABLED, MemberStatus.ACCEPTED_BUT_DISABLED})
"""Statuses that the invited account sees; before verification no invitation has been sent (an inference)."""


def accept_invitation(call: Call) -> Body:
    """Accept an open invitation.

    Raises:
        ResourceNotFound: There is no invitation to this graph.
        Conflict: It is not open (any more), or the account came in with its organization.
    Source: service model, `AcceptInvitation`.
    """
    graph, membership = _invited_membership(call)
    enrolment.accept(call.world, graph, membership, call.at)
    return {}


def reject_invitation(call: Call) -> Body:
    """Reject an open invitation; its row is gone, and the account may be invited again.

    Raises:
        ResourceNotFound: There is no invitation to this graph.
        Conflict: It is not open (any more), or the account came in with its organization.
    Source: service model, `RejectInvitation`.
    """
    graph, membership = _invited_membership(call)
    enrolment.leave(call.world, graph, membership, MemberEvent.REJECTED)
    return {}


def disassociate_membership(call: Call) -> Body:
    """Leave a graph.

    Raises:
        ResourceNotFound: The caller is not a member of this graph.
        Conflict: It is not `ENABLED`, or came in with its organization.
    Source: service model, `DisassociateMembership`; the guide allows `ACCEPTED_BUT_DISABLED`, too, the model does not,
    so that a fake has to be told.
    """
    graph, membership = _invited_membership(call)
    disabled = membership.status is MemberStatus.ACCEPTED_BUT_DISABLED and call.world.disabled_may_leave
    event = MemberEvent.RESIGNED_DISABLED if disabled else MemberEvent.RESIGNED
    enrolment.leave(call.world, graph, membership, event)
    return {}


def list_invitations(call: Call) -> Body:
    """List the caller's open and accepted memberships in this Region, of all administrators, in the order invited.

    Organization behavior graphs are among them. Source: service model, `ListInvitations`; administration guide,
    member-view-graph-invitations.
    """
    after = int(pages.position(call) or 0)
    rows = sorted(
        (
            (graph, membership)
            for graph, membership in call.world.memberships_of(call.region, call.account_id)
            if membership.status in VISIBLE and membership.number > after
        ),
        key=lambda row: row[1].number,
    )
    size = pages.limit(call, call.world.quotas.members_page)
    page = rows[:size]
    body: Body = {"Invitations": invitation_details([(graph, (membership,)) for graph, membership in page])}
    if len(rows) > size:
        body[pages.NEXT_TOKEN] = pages.next_token(call, page[-1][1].number)
    return body


def _invited_membership(call: Call) -> tuple[BehaviorGraph, Membership]:
    graph, membership = own_membership(call)
    if membership.invitation_type is InvitationType.ORGANIZATION:
        # Which of the modelled errors this is, nothing settles; the operations are "not for organization accounts".
        message = (
            f"{Conflict.default_message} Account {membership.account_id} is in the behavior graph "
            "as an organization account."
        )
        raise Conflict(message)
    return graph, membership
