"""An AWS organization as Detective sees it, and who administers Detective for it in a Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Designation", "Organization"]


@attrs.frozen(kw_only=True)
class Organization:
    """An organization: its management account, all its accounts, and the delegated administrator for Detective.

    Attributes:
        organization_id: `o-…`.
        management_account_id: Designates; it can never be the delegated administrator itself.
        accounts: Account id -> root e-mail address (None: not known), the management account included.
        delegated_administrator_id: As AWS Organizations has it for `detective.amazonaws.com`: for all Regions at once.
    """

    organization_id: str
    management_account_id: str
    accounts: Mapping[str, str | None]
    delegated_administrator_id: str | None = None

    def may_administer(self, account_id: str) -> bool:
        """Tell whether this account may be designated: a delegated administrator leaves it and management only.

        Source: service model, `EnableOrganizationAdminAccount`.
        """
        if account_id not in self.accounts:
            return False
        return self.delegated_administrator_id in (None, account_id) or account_id == self.management_account_id


@attrs.frozen(kw_only=True)
class Designation:
    """The Detective administrator account of an organization in one Region."""

    administrator_id: str
    graph_arn: str
    delegated_at: datetime
