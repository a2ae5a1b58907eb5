"""Which data a behavior graph takes in: changing its packages for all members at once.

Knows nothing of who may ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from detective_fake.domain import datasources, enrolment
from detective_fake.domain.membership import MemberStatus

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from detective_fake.domain.datasources import DatasourcePackage
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

__all__ = ["expected_volume", "select_packages"]


def select_packages(world: World, graph: BehaviorGraph, desired: Collection[DatasourcePackage], at: datetime) -> bool:
    """Ingest exactly these packages from now on, and measure anew what comes from each enabled account.

    Nothing changes if they are ingested already, or if one would be started and the graph would take in more data than
    it may; stopping is never refused (an inference).

    Source: service model, `ServiceQuotaExceededException`; user guide, regions-limitations.

    Returns:
        Whether these are the packages now.
    """
    updated = datasources.after_update(graph.packages, desired, at)
    if updated == graph.packages:
        return True
    changed = attrs.evolve(graph, packages=updated)
    newly_started = set(changed.started) - set(graph.started)
    if newly_started and expected_volume(world, changed) > world.quotas.volume_bytes_per_day:
        return False
    world.put_graph(changed)
    for membership in list(world.rows(graph.arn).ordered()):
        enrolment.measure(world, changed, membership, at)
    return True


def expected_volume(world: World, graph: BehaviorGraph) -> int:
    """Return the bytes a day that a graph with these packages takes in from its administrator and enabled members.

    An account whose volume nobody knows counts nothing, as it does for `enrolment.graph_volume`.
    """
    rows = world.rows(graph.arn).rows.values()
    accounts = {row.account_id for row in rows if row.status is MemberStatus.ENABLED} | {graph.administrator_id}
    usages = (enrolment.usage_of(world, graph, account_id, graph.created_at) for account_id in accounts)
    return sum(usage.total for usage in usages if usage is not None)
