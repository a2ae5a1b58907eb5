"""What an operation is given, and the checks that many operations begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from detective_fake.errors import AccessDenied, ResourceNotFound

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

__all__ = ["Call", "administered_graph", "on_clock", "own_membership"]


@attrs.define(eq=False)
class Call:
    """One validated call.

    Attributes:
        world: What it reads and changes.
        operation: Its name.
        parameters: By wire names, valid under the service model.
        account_id: The caller.
        region: The Region that was asked.
        at: Time of the call.
        page_size: The most items on any page, where a test wants small ones; None for the service's own sizes.
    """

    world: World
    operation: str
    parameters: dict[str, Any]
    account_id: str
    region: str
    at: datetime
    page_size: int | None = None


def administered_graph(call: Call, arn_member: str = "GraphArn") -> BehaviorGraph:
    """Return the graph a call names, for its administrator only.

    Raises:
        ResourceNotFound: No such graph in this Region, or not any more.
        AccessDenied: It is another account's. That this is not a 404 is an inference from the errors' texts.
    """
    graph = call.world.graphs.get(call.parameters[arn_member])
    if graph is None or graph.region != call.region:
        raise ResourceNotFound
    if graph.administrator_id != call.account_id:
        raise AccessDenied
    return graph


def own_membership(call: Call) -> tuple[BehaviorGraph, Membership]:
    """Return the graph a call names and the caller's row in it.

    The administrator has one in an organization behavior graph.

    Raises:
        ResourceNotFound: No such graph in this Region, or the caller has no row there; clients take this for "gone".
    """
    graph = call.world.graphs.get(call.parameters["GraphArn"])
    if graph is None or graph.region != call.region:
        raise ResourceNotFound
    membership = call.world.membership(graph.arn, call.account_id)
    if membership is None:
        raise ResourceNotFound
    return graph, membership


def on_clock(call: Call, at: datetime) -> datetime:
    """Return a time among the parameters as answers have it: in the zone of the clock, cut to the millisecond."""
    return at.astimezone(call.at.tzinfo).replace(microsecond=at.microsecond // 1000 * 1000)
