"""The investigations of one behavior graph, in whatever order a list of them asks for.

Knows no rule about when one may change.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Final

from detective_fake.domain.investigations import Investigation, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

__all__ = ["InvestigationTable", "SortField", "SortKey", "sort_key"]

SortKey = tuple[int, "datetime", int]
"""Where an investigation stands in an order: rank, time of creation, number."""


class SortField(str, Enum):
    """What investigations are sorted by. Source: service model, `Field`."""

    SEVERITY = "SEVERITY"
    STATUS = "STATUS"
    CREATED_TIME = "CREATED_TIME"


_STATUS_RANKS: Final[Mapping[Status, int]] = {status: rank for rank, status in enumerate(sorted(Status))}


def _by_severity(investigation: Investigation) -> SortKey:
    severity = investigation.severity
    return 0 if severity is None else severity.rank, investigation.created_at, investigation.number


def _by_status(investigation: Investigation) -> SortKey:
    return _STATUS_RANKS[investigation.status], investigation.created_at, investigation.number


def _by_created_time(investigation: Investigation) -> SortKey:
    return 0, investigation.created_at, investigation.number


_KEYS: Final[Mapping[SortField, Callable[[Investigation], SortKey]]] = {
    SortField.SEVERITY: _by_severity,
    SortField.STATUS: _by_status,
    SortField.CREATED_TIME: _by_created_time,
}
"""Severities go by rank, below all of them the investigations that have none; statuses by the alphabet; equals by age.

Source: inference; that severities have an order is in their names, statuses have none.
"""


def sort_key(field: SortField, investigation: Investigation) -> SortKey:
    """Return where an investigation stands when sorted by this field."""
    return _KEYS[field](investigation)


class InvestigationTable:
    """Investigations of one graph by id.

    Attributes:
        rows: For reading; in the order they were put in first.
    """

    __slots__ = ("_ordered", "rows")

    def __init__(self) -> None:
        self.rows: dict[str, Investigation] = {}
        self._ordered: dict[SortField, list[Investigation]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InvestigationTable) and self.rows == other.rows

    __hash__ = None  # type: ignore[assignment]  # it changes

    def copy(self) -> InvestigationTable:
        """Return a table of its own with the same rows."""
        copy = InvestigationTable()
        copy.rows = self.rows.copy()
        return copy

    def put(self, investigation: Investigation) -> None:
        """Set an investigation."""
        self.rows[investigation.investigation_id] = investigation
        self._ordered.clear()

    def page(
        self,
        field: SortField,
        *,
        descending: bool,
        after: SortKey | None,
        limit: int,
        matches: Callable[[Investigation], bool],
    ) -> tuple[list[Investigation], bool]:
        """Return the next investigations of an order, and whether there are more.

        Args:
            descending: The whole order reversed, equals included.
            after: Where the last one of the page before stood; None for the first page.
            limit: How many at most.
            matches: Tells which of them to give.
        """
        ordered = self._order(field)
        if descending:
            end = len(ordered) if after is None else bisect_left(ordered, after, key=_KEYS[field])
            places = range(end - 1, -1, -1)
        else:
            start = 0 if after is None else bisect_right(ordered, after, key=_KEYS[field])
            places = range(start, len(ordered))
        found = list(islice((ordered[place] for place in places if matches(ordered[place])), limit + 1))
        return found[:limit], len(found) > limit

    def _order(self, field: SortField) -> list[Investigation]:
        if field not in self._ordered:
            self._ordered[field] = sorted(self.rows.values(), key=_KEYS[field])
        return self._ordered[field]
