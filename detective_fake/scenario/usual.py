"""What a scenario leaves out of a graph and its members because it goes without saying.

Building fills it in, recording leaves it out: both ask here, so that one undoes the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detective_fake.domain import enrolment
from detective_fake.domain.membership import InvitationType, MemberStatus

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Usage
    from detective_fake.domain.world import World

__all__ = ["usual_address", "usual_invitation_type", "usual_invited_at", "usual_usage"]


def usual_invitation_type(world: World, graph: BehaviorGraph, account_id: str) -> InvitationType:
    """Return how an account comes into a graph."""
    organization = world.is_organization_account(graph, account_id)
    return InvitationType.ORGANIZATION if organization else InvitationType.INVITATION


def usual_address(world: World, graph: BehaviorGraph, account_id: str) -> str | None:
    """Return the address an account is invited with: none where it is the administrator itself."""
    if account_id == graph.administrator_id:
        return None
    return world.account(account_id).email or f"root@{account_id}.example.com"


def usual_invited_at(graph: BehaviorGraph, account_id: str, invitation_type: InvitationType) -> datetime | None:
    """Return when an account was invited; accounts of the organization were not, other than the administrator's row."""
    if invitation_type is InvitationType.ORGANIZATION and account_id != graph.administrator_id:
        return None
    return graph.created_at


def usual_usage(
    world: World, graph: BehaviorGraph, account_id: str, status: MemberStatus, at: datetime
) -> Usage | None:
    """Return what a graph takes in of an account."""
    return enrolment.usage_of(world, graph, account_id, at) if status is MemberStatus.ENABLED else None
