"""A behavior graph as a value: who administers it, its tags and packages. Its members are kept by the world."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.domain.datasources import IngestState
from detective_fake.domain.ids import partition_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detective_fake.domain.datasources import DatasourcePackage, Packages

__all__ = ["BehaviorGraph", "arn_of"]

_GOVCLOUD: Final = "aws-us-gov"


@attrs.frozen(kw_only=True, slots=False)
class BehaviorGraph:
    """One account's Detective in one Region.

    Attributes:
        arn: Its only name.
        administrator_id: The account that owns it.
        created_at: Aware, UTC.
        tags: At most 50.
        packages: The packages that were ever started, with their histories.
        organization_id: Set in the organization behavior graph of that organization, else None.
        auto_enable: Whether accounts that join the organization from now on are enabled by themselves.
    """

    arn: str
    administrator_id: str
    region: str
    created_at: datetime
    packages: Packages
    tags: Mapping[str, str] = attrs.field(factory=dict)
    organization_id: str | None = None
    auto_enable: bool = False

    @cached_property
    def verifies_invitations(self) -> bool:
        """Whether ids and e-mail addresses are verified, and e-mails sent: not in GovCloud.

        Source: user guide, accounts-invited-members.
        """
        return partition_of(self.region) != _GOVCLOUD

    @cached_property
    def started(self) -> tuple[DatasourcePackage, ...]:
        """The packages that are ingested now."""
        return tuple(package for package, ingest in self.packages.items() if ingest.state is IngestState.STARTED)


def arn_of(graph: str | BehaviorGraph) -> str:
    """Return the ARN of a graph that is given by its ARN or as a value."""
    return graph.arn if isinstance(graph, BehaviorGraph) else graph
