"""A behavior graph as a value: its administrator, tags and data source packages. The world stores its members."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

import attrs

from detective_fake.domain.ids import is_govcloud

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

DatasourcePackageName = Literal["DETECTIVE_CORE", "EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"]
"""The values of `DatasourcePackage`."""


class DatasourcePackage(str, Enum):
    """A kind of source data. Source: service model."""

    DETECTIVE_CORE = "DETECTIVE_CORE"
    EKS_AUDIT = "EKS_AUDIT"
    ASFF_SECURITYHUB_FINDING = "ASFF_SECURITYHUB_FINDING"


class IngestState(str, Enum):
    """Whether a package is ingested. Source: service model.

    `DISABLED`: Detective has stopped the ingest of the whole graph (an inference: no other rule stops it).
    """

    STARTED = "STARTED"
    STOPPED = "STOPPED"
    DISABLED = "DISABLED"


@attrs.frozen(kw_only=True)
class PackageIngest:
    """The current state of one package, and the time of the last change into each state it has been in."""

    state: IngestState
    changes: Mapping[IngestState, datetime] = attrs.field(hash=False)

    def change(self, state: IngestState, at: datetime) -> PackageIngest:
        """Return the package in this state. A package that is in the state already keeps its times."""
        if state is self.state:
            return self
        return PackageIngest(state=state, changes={**self.changes, state: at})


Packages = Mapping[DatasourcePackage, PackageIngest]


@attrs.frozen(kw_only=True)
class BehaviorGraph:
    """One account's Detective in one Region.

    Attributes:
        arn: Identifies the graph.
        administrator_id: The account that owns it.
        created_at: Aware, UTC.
        packages: All packages that were ever started, with their histories.
        tags: At most 50.
        organization_id: The organization whose organization behavior graph this is, if any.
        auto_enable: Whether accounts that join the organization become members automatically.
    """

    arn: str
    administrator_id: str
    region: str
    created_at: datetime
    packages: Packages = attrs.field(hash=False)
    tags: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    organization_id: str | None = None
    auto_enable: bool = False

    @property
    def verifies_invitations(self) -> bool:
        """Whether Detective verifies account IDs and e-mail addresses and sends e-mails: everywhere but in GovCloud."""
        return not is_govcloud(self.region)

    @property
    def started(self) -> tuple[DatasourcePackage, ...]:
        """The packages that are ingested now, or that would be if Detective had not stopped the ingest."""
        return tuple(package for package, ingest in self.packages.items() if ingest.state is not IngestState.STOPPED)


_NEVER_STARTED: Final = PackageIngest(state=IngestState.STOPPED, changes={})


def arn_of(graph: str | BehaviorGraph) -> str:
    """Return the ARN of a graph given as an ARN or as a value."""
    return graph.arn if isinstance(graph, BehaviorGraph) else graph


def update_packages(packages: Packages, desired: Collection[DatasourcePackage], at: datetime) -> Packages:
    """Return the packages after `UpdateDatasourcePackages`: exactly the desired ones are started.

    Source: strong inference. No other operation could stop a package, and IAM says "enable or disable".
    """
    updated = dict(packages)
    for package in DatasourcePackage:
        ingest = packages.get(package, _NEVER_STARTED)
        if package in desired and ingest.state is IngestState.STOPPED:
            updated[package] = ingest.change(IngestState.STARTED, at)
        elif package in packages and package not in desired:
            updated[package] = ingest.change(IngestState.STOPPED, at)
    return updated


def stop_ingest(packages: Packages, at: datetime, *, stopped: bool) -> Packages:
    """Return the packages after Detective has stopped the ingest of a graph, or started it again."""
    state = IngestState.DISABLED if stopped else IngestState.STARTED
    return {
        package: ingest if ingest.state is IngestState.STOPPED else ingest.change(state, at)
        for package, ingest in packages.items()
    }


def ingest_history(packages: Packages, since: datetime) -> dict[DatasourcePackage, dict[IngestState, datetime | None]]:
    """Return when ingest of one member's data last started and stopped.

    A package that stopped before the member was enabled is left out.
    Source: the shape `DatasourcePackageIngestHistory` and its sample. That a member's history begins when it is enabled
    is an inference.

    Args:
        since: When the member was enabled.
    """
    history = {}
    for package, ingest in packages.items():
        stopped = ingest.changes.get(IngestState.STOPPED)
        if stopped is not None and stopped < since:
            stopped = None
        if ingest.state is not IngestState.STOPPED or stopped is not None:
            history[package] = {
                IngestState.STARTED: max(ingest.changes[IngestState.STARTED], since),
                IngestState.STOPPED: stopped,
            }
    return history
