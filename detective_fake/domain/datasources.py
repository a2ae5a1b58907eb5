"""Data source packages of a behavior graph: which are ingested, and when that changed.

Knows nothing of members or volumes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

__all__ = [
    "DatasourcePackage",
    "DatasourcePackageName",
    "IngestState",
    "PackageIngest",
    "Packages",
    "after_update",
    "history_since",
    "initial",
]


DatasourcePackageName = Literal[
    "DETECTIVE_CORE",
    "EKS_AUDIT",
    "ASFF_SECURITYHUB_FINDING",
]
"""The values of `DatasourcePackage`."""


class DatasourcePackage(str, Enum):
    """A kind of source data. Source: service model."""

    __hash__ = str.__hash__  # as `MemberStatus`

    DETECTIVE_CORE = "DETECTIVE_CORE"
    EKS_AUDIT = "EKS_AUDIT"
    ASFF_SECURITYHUB_FINDING = "ASFF_SECURITYHUB_FINDING"


class IngestState(str, Enum):
    """Whether a package is ingested. Source: service model; nothing says when `DISABLED` is used: here it never is."""

    STARTED = "STARTED"
    STOPPED = "STOPPED"
    DISABLED = "DISABLED"


@attrs.frozen(kw_only=True)
class PackageIngest:
    """One package's present state, and the time of the last change into each state it has ever been in."""

    state: IngestState
    changes: Mapping[IngestState, datetime]

    def into(self, state: IngestState, at: datetime) -> PackageIngest:
        """Return the package in this state; one that is in it already keeps its times."""
        if state is self.state:
            return self
        return PackageIngest(state=state, changes={**self.changes, state: at})


Packages = Mapping[DatasourcePackage, PackageIngest]


def initial(at: datetime) -> Packages:
    """Return the packages of a new graph.

    Source: inference, from "the packages active in the behavior graph"; core ingest of a new graph was observed.
    """
    return {DatasourcePackage.DETECTIVE_CORE: _started(at)}


def after_update(packages: Packages, desired: Collection[DatasourcePackage], at: datetime) -> Packages:
    """Return the packages after `UpdateDatasourcePackages`: exactly the desired ones are started.

    Source: strong inference; no other operation could stop a package, and IAM says "enable or disable".
    """
    updated = {
        package: ingest.into(IngestState.STARTED if package in desired else IngestState.STOPPED, at)
        for package, ingest in packages.items()
    }
    new = {package: _started(at) for package in DatasourcePackage if package in desired and package not in packages}
    return updated | new


def history_since(packages: Packages, since: datetime) -> dict[DatasourcePackage, dict[IngestState, datetime | None]]:
    """Return when ingest of one member's data last started and stopped, for a member enabled at `since`.

    A package that was stopped before the member came never took in anything of it. Source: the shape
    `DatasourcePackageIngestHistory` and its sample; that a member's history begins when it is enabled is an inference.
    """
    return {
        package: _member_changes(ingest, since)
        for package, ingest in packages.items()
        if ingest.state is IngestState.STARTED or ingest.changes[IngestState.STOPPED] >= since
    }


def _member_changes(ingest: PackageIngest, since: datetime) -> dict[IngestState, datetime | None]:
    stopped = ingest.changes.get(IngestState.STOPPED)
    return {
        IngestState.STARTED: max(ingest.changes[IngestState.STARTED], since),
        IngestState.STOPPED: stopped if stopped is not None and stopped >= since else None,
    }


def _started(at: datetime) -> PackageIngest:
    return PackageIngest(state=IngestState.STARTED, changes={IngestState.STARTED: at})
