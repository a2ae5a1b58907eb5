"""Tags of a behavior graph, for its administrator (an inference: tags belong to the graph)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from detective_fake.errors import ValidationFailed
from detective_fake.exchange import Deferred
from detective_fake.operations.call import administered_graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detective_fake.exchange import Body
    from detective_fake.operations.call import Call

__all__ = ["checked_tags", "list_tags_for_resource", "tag_resource", "untag_resource"]

RESOURCE_ARN = "ResourceArn"


def tag_resource(call: Call) -> Body:
    """Add tags, and give those that are there already their new values.

    Raises:
        ValidationFailed: The graph would have more than 50 (an inference: a quota error is not modelled here).
    Source: service model, `TagResource`.
    """
    graph = administered_graph(call, RESOURCE_ARN)
    tags = checked_tags(call, {**graph.tags, **call.parameters["Tags"]})
    call.world.put_graph(attrs.evolve(graph, tags=tags))
    return {}


def untag_resource(call: Call) -> Body:
    """Remove tags; keys it does not have are ignored. Source: service model, `UntagResource`."""
    graph = administered_graph(call, RESOURCE_ARN)
    removed = set(call.parameters["TagKeys"])
    tags = {key: value for key, value in graph.tags.items() if key not in removed}
    call.world.put_graph(attrs.evolve(graph, tags=tags))
    return {}


def checked_tags(call: Call, tags: Mapping[str, str]) -> Mapping[str, str]:
    """Return the tags a graph is to have.

    Raises:
        ValidationFailed: They are more than it may have.
    """
    most = call.world.quotas.tags_per_graph
    if len(tags) > most:
        message = f"The behavior graph must have no more than {most} tags. Found {len(tags)}."
        raise ValidationFailed(message)
    return tags


def list_tags_for_resource(call: Call) -> Body:
    """Return a graph's tags. Source: service model, `ListTagsForResource`."""
    return {"Tags": Deferred(dict, (administered_graph(call, RESOURCE_ARN).tags,))}
