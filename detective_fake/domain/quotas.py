"""Detective's quotas, each with its source. A test can lower them.

Limits of the service model, such as list sizes and string lengths, are not repeated here.
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


def _check_count(_: Quotas, attribute: attrs.Attribute[int], value: object) -> None:
    if type(value) is not int or value < 1:
        message = f"quotas.{attribute.name} must be a whole number of at least 1, not {value!r}."
        raise FakeUsageError(message)


def _check_duration(_: Quotas, attribute: attrs.Attribute[timedelta], value: object) -> None:
    if not isinstance(value, timedelta) or value <= timedelta():
        message = f"quotas.{attribute.name} must be a datetime.timedelta longer than zero, not {value!r}."
        raise FakeUsageError(message)


@attrs.define(kw_only=True)
class Quotas:
    """The quotas of one fake.

    Attributes:
        members_per_graph: Member accounts in a behavior graph, of any status. The administrator does not count.
            Source: user guide, regions-limitations. Which rows count is an inference.
        volume_bytes_per_day: Data that a behavior graph may ingest in a day, in bytes. Above it no account can be
            added. Source: user guide, regions-limitations.
        tags_per_graph: Source: service model, `TagMap`.
        members_page: Items on a page of members or invitations without `MaxResults`.
            Source: none, half of the maximum.
        investigations_page: Items on a page of investigations or indicators without `MaxResults`.
            Source: none, half of the maximum.
        investigation_token_lifetime: How long a `NextToken` of investigations and indicators is valid.
            Source: service model, `ListInvestigationsRequest$NextToken`.
    """

    members_per_graph: int = attrs.field(default=1200, validator=_check_count)
    volume_bytes_per_day: int = attrs.field(default=10 * BYTES_PER_TERABYTE, validator=_check_count)
    tags_per_graph: int = attrs.field(default=50, validator=_check_count)
    members_page: int = attrs.field(default=100, validator=_check_count)
    investigations_page: int = attrs.field(default=50, validator=_check_count)
    investigation_token_lifetime: timedelta = attrs.field(default=timedelta(hours=24), validator=_check_duration)

    @classmethod
    def of(cls, given: Quotas | Mapping[str, Any] | None) -> Quotas:
        """Return new quotas: the defaults, some replaced by name, or a copy.

        Raises:
            FakeUsageError: A name is unknown or a value is invalid.
        """
        return settings(cls, given, "quota")
