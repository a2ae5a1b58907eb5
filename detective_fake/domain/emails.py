"""Invitations as they are sent by e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["MASK", "Email"]

MASK = "***"
"""Stands for sensitive values in representations and reports. Source: the model's `sensitive` trait."""


class Email(NamedTuple):
    """One invitation sent.

    Attributes:
        account_id: The invited account.
        address: Where it went: the address the administrator gave.
        administrator_id: Who invites.
        graph_arn: To which graph.
        message: The administrator's own words, None if there were none.
        sent_at: When the account was verified.
    """

    account_id: str
    address: str
    administrator_id: str
    graph_arn: str
    message: str | None
    sent_at: datetime

    def __repr__(self) -> str:
        """Return all but what is sensitive."""
        return (
            f"Email(account_id={self.account_id!r}, address={MASK}, administrator_id={self.administrator_id!r}, "
            f"graph_arn={self.graph_arn!r}, message={None if self.message is None else MASK}, sent_at={self.sent_at!r})"
        )
