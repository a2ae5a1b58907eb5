"""The members and the investigations of one behavior graph."""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.domain.investigation import Investigation, Status
from detective_fake.domain.membership import Membership, MemberStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

__all__ = ["InvestigationTable", "MemberTable", "SortField", "SortKey", "sort_key"]

_number = attrgetter("number")


@attrs.define
class MemberTable:
    """Memberships of one graph by account. `put` and `remove` keep the sums that quotas need.

    Attributes:
        rows: For reading, in no particular order.
        enabled: How many are `ENABLED`.
        volume: Bytes a day that the graph ingests from those.
    """

    rows: dict[str, Membership] = attrs.field(factory=dict)
    enabled: int = attrs.field(default=0, eq=False)
    volume: int = attrs.field(default=0, eq=False)
    _ordered: list[Membership] | None = attrs.field(default=None, init=False, eq=False, repr=False)

    def copy(self) -> MemberTable:
        """Return an independent table with the same rows."""
        return MemberTable(rows=self.rows.copy(), enabled=self.enabled, volume=self.volume)

    def put(self, membership: Membership) -> None:
        """Set an account's row."""
        former = self.rows.get(membership.account_id)
        if former is not None:
            self._count(former, -1)
        self._count(membership, 1)
        self.rows[membership.account_id] = membership
        self._ordered = None

    def remove(self, account_id: str) -> None:
        """Remove an account's row."""
        self._count(self.rows.pop(account_id), -1)
        self._ordered = None

    def _count(self, membership: Membership, sign: int) -> None:
        if membership.status is MemberStatus.ENABLED:
            self.enabled += sign
            self.volume += sign * (membership.usage.total if membership.usage else 0)

    def ordered(self) -> list[Membership]:
        """Return the rows in order of invitation. Do not change the list."""
        if self._ordered is None:
            self._ordered = sorted(self.rows.values(), key=_number)
        return self._ordered

    def after(self, number: int, limit: int) -> tuple[Sequence[Membership], bool]:
        """Return up to `limit` rows with higher numbers, in order, and whether there are more."""
        ordered = self.ordered()
        start = bisect_right(ordered, number, key=_number)
        end = start + limit
        return ordered[start:end], end < len(ordered)


class SortField(str, Enum):
    """What investigations are sorted by. Source: service model, `Field`."""

    SEVERITY = "SEVERITY"
    STATUS = "STATUS"
    CREATED_TIME = "CREATED_TIME"


SortKey = tuple[int, "datetime", int]
"""The place of an investigation in an order: rank, time of creation, number."""

_STATUS_RANKS: Final[Mapping[Status, int]] = {status: rank for rank, status in enumerate(sorted(Status))}


def sort_key(field: SortField, investigation: Investigation) -> SortKey:
    """Return the place of an investigation when sorted by this field.

    Severities sort by rank, investigations without one first. Statuses sort alphabetically. Equal ones sort by age.
    Source: inference. The names of severities imply an order, those of statuses do not.
    """
    rank = 0
    if field is SortField.SEVERITY and investigation.severity is not None:
        rank = investigation.severity.rank
    elif field is SortField.STATUS:
        rank = _STATUS_RANKS[investigation.status]
    return rank, investigation.created_at, investigation.number


@attrs.define
class InvestigationTable:
    """Investigations of one graph by ID.

    Attributes:
        rows: For reading, in the order they were added.
    """

    rows: dict[str, Investigation] = attrs.field(factory=dict)

    def copy(self) -> InvestigationTable:
        """Return an independent table with the same rows."""
        return InvestigationTable(self.rows.copy())

    def put(self, investigation: Investigation) -> None:
        """Set an investigation."""
        self.rows[investigation.investigation_id] = investigation

    def page(
        self,
        field: SortField,
        *,
        descending: bool,
        after: SortKey | None,
        limit: int,
        matches: Callable[[Investigation], bool],
    ) -> tuple[list[Investigation], bool]:
        """Return the next investigations in an order, and whether there are more.

        Args:
            descending: Reverse the whole order, including equal investigations.
            after: The key of the last one on the previous page, None for the first page.
            limit: Maximum number of investigations.
            matches: Returns whether to include an investigation.
        """
        keyed = [(sort_key(field, each), each) for each in self.rows.values() if matches(each)]
        if after is not None:
            keyed = [(key, each) for key, each in keyed if (key < after if descending else key > after)]
        keyed.sort(key=lambda pair: pair[0], reverse=descending)
        return [each for _, each in keyed[:limit]], len(keyed) > limit
