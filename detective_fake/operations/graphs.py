"""Behavior graphs and their tags. Only the administrator may change tags (an inference: they belong to the graph)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.domain import designation
from detective_fake.domain.graph import DatasourcePackage
from detective_fake.errors import Conflict, ServiceQuotaExceeded, ValidationFailed
from detective_fake.operations.call import administered_graph, page_position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

RESOURCE_ARN = "ResourceArn"

_GUARDDUTY_WAIT: Final = timedelta(hours=48)


def create_graph(call: Call) -> Body:
    """Create the caller's graph in this Region, or return the existing one.

    Tags of a repeated call are ignored, because it does not create a graph (an inference).

    Raises:
        ValidationFailed: There are too many tags. The service model has no such error here (an inference).
        Conflict: The behavior `guardduty_required` is on, and the caller has not had GuardDuty for 48 hours (an
            inference from the errors that the model lists).
        ServiceQuotaExceeded: The caller alone produces more data than a graph may ingest.
    Source: service model, `CreateGraph`; administration guide, detective-source-data-about.
    """
    tags = call.parameters.get("Tags", {})
    _check_tags(call, tags)
    graph = call.world.administered(call.region, call.account_id)
    if graph is None:
        account = call.world.account(call.account_id)
        enrolled_late = account.guardduty_since is not None and call.at - account.guardduty_since < _GUARDDUTY_WAIT
        if call.world.behavior.guardduty_required and (enrolled_late or not account.guardduty):
            raise Conflict(f"Account {call.account_id} must have Amazon GuardDuty enabled for at least 48 hours.")
        volumes = account.known_volumes or {}
        if volumes.get(DatasourcePackage.DETECTIVE_CORE, 0) > call.world.quotas.volume_bytes_per_day:
            raise ServiceQuotaExceeded(members={"Resources": ("VOLUME",)})
        graph = call.world.create_graph(account_id=call.account_id, region=call.region, at=call.at, tags=tags)
        designation.graph_created(call.world, graph, call.at)
    return {"GraphArn": graph.arn}


def list_graphs(call: Call) -> Body:
    """List the caller's graph in this Region: one or none.

    Source: the service model says that only administrators may ask. Several clients show an empty list for others.
    """
    page_position(call)  # rejects every token: this list has only one page
    graph = call.world.administered(call.region, call.account_id)
    return {"GraphList": [] if graph is None else [{"Arn": graph.arn, "CreatedTime": graph.created_at}]}


def delete_graph(call: Call) -> Body:
    """Delete a graph with its memberships, tags and investigations.

    An organization behavior graph can be deleted, and its designation stays (an inference).
    Source: service model, `DeleteGraph`.
    """
    call.world.delete_graph(administered_graph(call))
    return {}


def tag_resource(call: Call) -> Body:
    """Add tags. Existing keys get the new values.

    Raises:
        ValidationFailed: The graph would have more than 50. The service model has no quota error here (an inference).
    Source: service model, `TagResource`.
    """
    graph = administered_graph(call, RESOURCE_ARN)
    tags = {**graph.tags, **call.parameters["Tags"]}
    _check_tags(call, tags)
    call.world.put_graph(attrs.evolve(graph, tags=tags))
    return {}


def untag_resource(call: Call) -> Body:
    """Remove tags. Keys that the graph does not have are ignored. Source: service model, `UntagResource`."""
    graph = administered_graph(call, RESOURCE_ARN)
    removed = set(call.parameters["TagKeys"])
    tags = {key: value for key, value in graph.tags.items() if key not in removed}
    call.world.put_graph(attrs.evolve(graph, tags=tags))
    return {}


def list_tags_for_resource(call: Call) -> Body:
    """Return a graph's tags. Source: service model, `ListTagsForResource`."""
    return {"Tags": administered_graph(call, RESOURCE_ARN).tags}


def _check_tags(call: Call, tags: Mapping[str, str]) -> None:
    # Tags of AWS, such as those of CloudFormation stacks, do not count, as everywhere in AWS.
    most, count = call.world.quotas.tags_per_graph, sum(not key.startswith("aws:") for key in tags)
    if count > most:
        raise ValidationFailed(f"The behavior graph must have no more than {most} tags. Found {count}.")
