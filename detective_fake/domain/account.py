"""AWS accounts and organizations as Detective sees them, and who administers Detective for an organization."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain.choices import choice
from detective_fake.domain.graph import DatasourcePackage
from detective_fake.errors import FakeUsageError
from detective_fake.formatting import mask

if TYPE_CHECKING:
    from datetime import datetime

DEFAULT_DAILY_VOLUME_BYTES: Final = 10**9
"""Bytes a day that an account produces by default. A full graph of such accounts stays within the quota."""

_ACCOUNT_ID = re.compile(r"[0-9]{12}")


def checked_account_id(value: object) -> str:
    """Return a valid account ID unchanged.

    Raises:
        FakeUsageError: The value is not a string of twelve digits.
    """
    if isinstance(value, str) and _ACCOUNT_ID.fullmatch(value):
        return value
    hint = f' Write it as a string: "{value:012d}".' if isinstance(value, int) else ""
    raise FakeUsageError(f"An AWS account ID is a string of twelve digits, not {value!r}.{hint}")


def volumes_of(daily_volume_bytes: object) -> Mapping[DatasourcePackage, int] | None:
    """Return bytes a day by package.

    Args:
        daily_volume_bytes: A number (all of it core data), a mapping of package names to numbers, or None or "unknown".
    Raises:
        FakeUsageError: A package is unknown, or a number is not a whole number of zero or more.
    """
    if daily_volume_bytes is None or daily_volume_bytes == "unknown":
        return None
    given: Any = daily_volume_bytes
    if not isinstance(given, Mapping):
        given = {"DETECTIVE_CORE": daily_volume_bytes}
    volumes = {choice(DatasourcePackage, name): volume for name, volume in given.items()}
    for volume in volumes.values():
        if type(volume) is not int or volume < 0:
            raise FakeUsageError(
                f"daily_volume_bytes must be whole bytes, zero or more, or None for unknown, not {volume!r}."
            )
    return volumes


@attrs.frozen(kw_only=True)
class Account:
    """An AWS account.

    Attributes:
        account_id: Twelve digits.
        email: Root e-mail address. None accepts any address that an invitation has.
        volumes: Bytes a day by package. None if the volume cannot be determined.
        verifies: False makes every invitation of this account fail verification.
        guardduty: False hides the data volume from Detective. Source: service model, `VOLUME_UNKNOWN`.
        guardduty_since: When GuardDuty was enabled. None: more than 48 hours ago.
        suspended: No data is ingested from the account, and it may not use the behavior graphs that it administers.
            Source: administration guide, accounts-effects.
        closed: The account has been closed. Its invitations fail verification.
    """

    account_id: str
    email: str | None = attrs.field(default=None, repr=mask)
    volumes: Mapping[DatasourcePackage, int] | None = attrs.field(
        factory=lambda: {DatasourcePackage.DETECTIVE_CORE: DEFAULT_DAILY_VOLUME_BYTES}, hash=False
    )
    verifies: bool = True
    guardduty: bool = True
    guardduty_since: datetime | None = None
    suspended: bool = False
    closed: bool = False

    @property
    def known_volumes(self) -> Mapping[DatasourcePackage, int] | None:
        """Bytes a day by package, as far as Detective can see them."""
        if self.suspended:
            return {}
        return self.volumes if self.guardduty else None

    def matches(self, email: str | None) -> bool:
        """Return whether an invitation to this address passes verification.

        Source: user guide, accounts-invited-members. Ignoring letter case is an inference.
        """
        if self.closed or not self.verifies:
            return False
        return self.email is None or email is None or self.email.lower() == email.lower()


def _mask_emails(accounts: Mapping[str, str | None]) -> str:
    return f"{{{', '.join(f'{account_id!r}: {mask(email)}' for account_id, email in accounts.items())}}}"


@attrs.frozen(kw_only=True)
class Organization:
    """An AWS organization.

    Attributes:
        organization_id: `o-…`.
        management_account_id: The account that designates the Detective administrator.
        accounts: Account ID -> root e-mail address, or None if unknown. Includes the management account.
        delegated_administrator_id: The account that AWS Organizations has registered for `detective.amazonaws.com`.
            It is the same in all Regions and never the management account.
    """

    organization_id: str
    management_account_id: str
    accounts: Mapping[str, str | None] = attrs.field(hash=False, repr=_mask_emails)
    delegated_administrator_id: str | None = None

    def may_administer(self, account_id: str) -> bool:
        """Return whether this account may be designated.

        Once there is a delegated administrator, only it and the management account may be.
        Source: service model, `EnableOrganizationAdminAccount`.
        """
        if account_id not in self.accounts:
            return False
        return self.delegated_administrator_id in (None, account_id) or account_id == self.management_account_id


@attrs.frozen(kw_only=True)
class Designation:
    """The Detective administrator account of an organization in one Region.

    Attributes:
        administrator_id: The account.
        graph_arn: The ARN of the organization behavior graph, which the account administers.
        delegated_at: When the account was designated.
    """

    administrator_id: str
    graph_arn: str
    delegated_at: datetime
