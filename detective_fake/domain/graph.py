"""A behavior graph as a value: who administers it, its tags and packages. Its members are kept by the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detective_fake.domain.datasources import Packages

__all__ = ["BehaviorGraph"]


@attrs.frozen(kw_only=True)
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
