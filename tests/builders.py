"""Builders with defaults for worlds, graphs, members and calls."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain.account import Account, Organization, volumes_of
from detective_fake.domain.designation import designate
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.enrolment import usage_of
from detective_fake.domain.membership import InvitationType, Membership, MemberStatus
from detective_fake.domain.world import World
from detective_fake.exchange import write_body
from detective_fake.operations.call import Call
from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import operations
from detective_fake.protocol.results import check_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.errors import ServiceError

ADMINISTRATOR = "111111111111"
ANA = "222222222222"
BEN = "333333333333"
MANAGEMENT = "999999999999"
REGION = "us-east-1"
ROLE = f"arn:aws:iam::{ANA}:role/deploy"
USER = f"arn:aws:iam::{ANA}:user/staff/ana"

NOON = datetime(2024, 5, 17, 12, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def a_world(**options: Any) -> World:
    """Return an empty world."""
    return World(**options)


def a_graph(
    world: World | None = None,
    *,
    account_id: str = ADMINISTRATOR,
    region: str = REGION,
    at: datetime = NOON,
    members: Iterable[str] = (),
) -> BehaviorGraph:
    """Return a new graph with enabled members."""
    world = a_world() if world is None else world
    graph = world.create_graph(account_id=account_id, region=region, at=at)
    for member_id in members:
        a_member(world, graph, member_id, at=at)
    return graph


def a_member(
    world: World,
    graph: BehaviorGraph,
    account_id: str,
    *,
    status: MemberStatus = MemberStatus.ENABLED,
    at: datetime = NOON,
    daily_volume_bytes: int | Mapping[str, int] | None = 10**9,
) -> Membership:
    """Add an invited account to a graph without checking any limit, and return its membership."""
    world.accounts[account_id] = Account(account_id=account_id, volumes=volumes_of(daily_volume_bytes))
    membership = Membership(
        account_id=account_id,
        number=world.next_number(),
        invitation_type=InvitationType.INVITATION,
        status=status,
        updated_at=at,
        invited_at=at,
        email=f"root@{account_id}.example.com",
    )
    if status is MemberStatus.ENABLED:
        membership = attrs.evolve(membership, usage=usage_of(world, graph, account_id, at))
    world.put(graph, membership)
    return membership


def an_organization(
    world: World,
    *,
    management: str = MANAGEMENT,
    accounts: Iterable[str] = (ADMINISTRATOR, ANA, BEN),
) -> Organization:
    """Return a new organization."""
    organization_id = f"o-{world.count('organization', '')}"
    organization = Organization(
        organization_id=organization_id,
        management_account_id=management,
        accounts=dict.fromkeys((management, *accounts)),
    )
    world.organizations[organization_id] = organization
    return organization


def an_organization_graph(
    world: World, organization: Organization | None = None, *, account_id: str = ADMINISTRATOR, region: str = REGION
) -> BehaviorGraph:
    """Designate an administrator for an organization, by default a new one, and return its organization graph."""
    organization = an_organization(world) if organization is None else organization
    designate(world, organization, account_id, region, NOON)
    run_due_events(world, NOON)
    graph = world.administered(region, account_id)
    assert graph is not None
    return graph


def every_status_but(*left_out: MemberStatus) -> list[MemberStatus]:
    """Return all other statuses in the order of the enum."""
    return [status for status in MemberStatus if status not in left_out]


def status_of(world: World, graph: BehaviorGraph, account_id: str) -> MemberStatus | None:
    """Return the status of an account in a graph, or None if it is not a member."""
    row = world.membership(graph.arn, account_id)
    return None if row is None else row.status


@contextmanager
def refused(
    world: World, error: type[ServiceError], match: str | None = None
) -> Iterator[pytest.ExceptionInfo[ServiceError]]:
    """Expect the block to raise a service error and to leave the world unchanged."""
    before = world.copy()
    with pytest.raises(error, match=match) as caught:
        yield caught
    assert world.copy() == before


def a_call(
    world: World,
    operation: str,
    *,
    account_id: str = ADMINISTRATOR,
    region: str = REGION,
    at: datetime = NOON,
    page_size: int | None = None,
    **parameters: Any,
) -> Call:
    """Return a call, by default from the administrator at noon. Parameters have their wire names."""
    return Call(world, operation, parameters, account_id, region, at, page_size)


def answer(call: Call) -> dict[str, Any]:
    """Return the response to a call after checking it against the service model."""
    body = write_body(HANDLERS[call.operation](call))
    operation = operations()[call.operation]
    check_output(operation, body)
    assert members_in_model_order(operation.output_shape, body), body
    return body


def members_in_model_order(shape: Any, value: Any) -> bool:
    """Return whether every structure in a value has its members in the order of the service model."""
    if value is None or shape is None:
        return True
    if shape.type_name == "list":
        return all(members_in_model_order(shape.member, item) for item in value)
    if shape.type_name == "map":
        return all(members_in_model_order(shape.value, item) for item in value.values())
    if shape.type_name != "structure":
        return True
    inside = all(members_in_model_order(shape.members[name], item) for name, item in value.items())
    return inside and list(value) == [name for name in shape.members if name in value]
