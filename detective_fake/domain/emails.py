"""Invitations as they are sent by e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["MASK", "Email"]

MASK = "***"
"""Stands for sensitive values in representations and reports. Source: the model's `sensitive` trait."""


def _masked(value: object) -> str:
    return "None" if value is None else MASK


@attrs.frozen
class Email:
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
    address: str = attrs.field(repr=_masked)
    administrator_id: str
    graph_arn: str
    message: str | None = attrs.field(repr=_masked)
    sent_at: datetime
