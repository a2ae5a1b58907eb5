"""The rows of one behavior graph: its memberships in order of invitation, with the sums that limits ask for.

Knows no rule about when a row may change.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING

from detective_fake.domain.membership import Membership, MemberStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MemberTable"]

_number = attrgetter("number")
_ENABLED = MemberStatus.ENABLED


class MemberTable:
    """Memberships of one graph by account.

    Attributes:
        rows: For reading; in no particular order.
        enabled: How many are `ENABLED`.
        volume: Bytes a day that the graph takes in from them.
    """

    __slots__ = ("_ordered", "enabled", "rows", "volume")

    def __init__(self) -> None:
        self.rows: dict[str, Membership] = {}
        self.enabled = 0
        self.volume = 0
        self._ordered: list[Membership] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemberTable) and self.rows == other.rows

    __hash__ = None  # type: ignore[assignment]  # it changes

    def copy(self) -> MemberTable:
        """Return a table of its own with the same rows."""
        copy = MemberTable()
        copy.rows = self.rows.copy()
        copy.enabled = self.enabled
        copy.volume = self.volume
        copy._ordered = self._ordered
        return copy

    def put(self, membership: Membership) -> None:
        """Set an account's row."""
        former = self.rows.get(membership.account_id)
        if former is not None:
            self._forget(former)
        self._ordered = None
        self.rows[membership.account_id] = membership
        if membership.status is _ENABLED:
            self.enabled += 1
            self.volume += membership.usage.total if membership.usage else 0

    def remove(self, account_id: str) -> None:
        """Drop an account's row."""
        self._forget(self.rows.pop(account_id))
        self._ordered = None

    def _forget(self, membership: Membership) -> None:
        if membership.status is _ENABLED:
            self.enabled -= 1
            self.volume -= membership.usage.total if membership.usage else 0

    def ordered(self) -> list[Membership]:
        """Return the rows in order of invitation; do not change the list."""
        if self._ordered is None:
            self._ordered = sorted(self.rows.values(), key=_number)
        return self._ordered

    def after(self, number: int, limit: int) -> tuple[Sequence[Membership], bool]:
        """Return up to `limit` rows that come after a number, and whether there are more."""
        ordered = self._ordered or self.ordered()
        start = bisect_right(ordered, number, key=_number) if number else 0
        end = start + limit
        return ordered[start:end], end < len(ordered)
