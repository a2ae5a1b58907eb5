"""Every limit of the service, by name and with its source; a test may lower one on its fake.

Knows numbers only. List sizes, string lengths and the like are the service model's and not repeated here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import attrs

from detective_fake.domain.choices import settings
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BYTES_PER_TERABYTE", "QuotaName", "Quotas"]

BYTES_PER_TERABYTE = 10**12


QuotaName = Literal[
    "members_per_graph",
    "volume_bytes_per_day",
    "tags_per_graph",
    "members_page",
    "investigations_page",
    "investigation_token_lifetime",
]
"""The names of `Quotas`."""


def _at_least_one(_: Quotas, attribute: attrs.Attribute[int], value: object) -> None:
    if type(value) is not int or value < 1:
        message = f"quotas.{attribute.name} must be a whole number of at least 1, not {value!r}."
        raise FakeUsageError(message)


def _duration(_: Quotas, attribute: attrs.Attribute[timedelta], value: object) -> None:
    if not isinstance(value, timedelta) or value <= timedelta():
        message = f"quotas.{attribute.name} must be a datetime.timedelta longer than zero, not {value!r}."
        raise FakeUsageError(message)


@attrs.define(kw_only=True)
class Quotas:
    """The limits of one fake.

    Attributes:
        members_per_graph: Member accounts in a behavior graph, whatever their status; the administrator is not counted.
            Source: user guide, regions-limitations; which rows count is an inference.
        volume_bytes_per_day: Data a behavior graph may take in a day, in bytes, before no account can be added.
            Source: user guide, regions-limitations.
        tags_per_graph: Source: service model, `TagMap`.
        members_page: Items on a page of members or invitations where `MaxResults` is not given.
            Source: none; half of the maximum.
        investigations_page: The same for investigations and indicators. Source: none; half of the maximum.
        investigation_token_lifetime: How long `NextToken` of investigations and indicators is valid.
            Source: service model, `ListInvestigationsRequest$NextToken`.
    """

    members_per_graph: int = attrs.field(default=1200, validator=_at_least_one)
    volume_bytes_per_day: int = attrs.field(default=10 * BYTES_PER_TERABYTE, validator=_at_least_one)
    tags_per_graph: int = attrs.field(default=50, validator=_at_least_one)
    members_page: int = attrs.field(default=100, validator=_at_least_one)
    investigations_page: int = attrs.field(default=50, validator=_at_least_one)
    investigation_token_lifetime: timedelta = attrs.field(default=timedelta(hours=24), validator=_duration)

    @classmethod
    def of(cls, given: Quotas | Mapping[str, Any] | None) -> Quotas:
        """Return quotas of one's own from those given: none, some by name, or a whole set.

        Raises:
            FakeUsageError: A name that is no quota, or a value it cannot have.
        """
        return settings(cls, given, "quota")
