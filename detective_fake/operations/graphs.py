"""Behavior graphs: CreateGraph, ListGraphs, DeleteGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detective_fake.domain.datasources import DatasourcePackage
from detective_fake.errors import ServiceQuotaExceeded
from detective_fake.exchange import Deferred
from detective_fake.operations import pages
from detective_fake.operations.call import administered_graph
from detective_fake.operations.tags import checked_tags

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

__all__ = ["create_graph", "delete_graph", "list_graphs"]


def create_graph(call: Call) -> Body:
    """Create the caller's graph in this Region, or return the one it has.

    Tags of a repeated call are ignored: it does not create (an inference).

    Raises:
        ValidationFailed: Too many tags, although the service model has no such error here (an inference).
        ServiceQuotaExceeded: The caller alone makes more data than a graph may take in.
    Source: service model, `CreateGraph`; administration guide, detective-source-data-about.
    """
    tags = checked_tags(call, call.parameters.get("Tags", {}))
    graph = call.world.administered(call.region, call.account_id)
    if graph is None:
        volumes = call.world.account(call.account_id).known_volumes or {}
        if volumes.get(DatasourcePackage.DETECTIVE_CORE, 0) > call.world.quotas.volume_bytes_per_day:
            raise ServiceQuotaExceeded(members={"Resources": ("VOLUME",)})
        graph = call.world.create_graph(account_id=call.account_id, region=call.region, at=call.at, tags=tags)
    return {"GraphArn": graph.arn}


def list_graphs(call: Call) -> Body:
    """List the caller's graph in this Region: one or none.

    Source: the service model says that only administrators may ask; several clients show an empty list for others.
    """
    pages.position(call)  # refuses every token: a list of one never gave one out
    graph = call.world.administered(call.region, call.account_id)
    return {"GraphList": Deferred(_graph_list, (graph,))}


def delete_graph(call: Call) -> Body:
    """Delete a graph with its memberships, tags and investigations.

    That an organization behavior graph can be deleted, and the designation survives it, is an inference.
    Source: service model, `DeleteGraph`.
    """
    call.world.delete_graph(administered_graph(call))
    return {}


def _graph_list(graph: BehaviorGraph | None) -> list[dict[str, Any]]:
    return [] if graph is None else [{"Arn": graph.arn, "CreatedTime": graph.created_at}]
