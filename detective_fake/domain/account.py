"""An AWS account as far as Detective cares: its root e-mail address and how much data it makes in a day."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from detective_fake.domain.datasources import DatasourcePackage
from detective_fake.errors import FakeUsageError

__all__ = [
    "DEFAULT_DAILY_VOLUME_BYTES",
    "Account",
    "MalformedAccountId",
    "checked_account_id",
    "default_account",
    "volumes_of",
]

DEFAULT_DAILY_VOLUME_BYTES: Final = 10**9
"""Bytes a day of an account if nobody said otherwise: a full graph of such accounts stays within limits."""

_ACCOUNT_ID = re.compile(r"[0-9]{12}")


@attrs.define(slots=False, eq=False)
class MalformedAccountId(FakeUsageError):
    """An account id in a test is not twelve digits."""

    value: object

    def __str__(self) -> str:
        hint = ""
        if isinstance(self.value, int):
            hint = f' Write it as a string: "{self.value:012d}".'
        return f"An AWS account id is a string of twelve digits, not {self.value!r}.{hint}"


def checked_account_id(value: object) -> str:
    """Return the account id if it is one.

    Raises:
        MalformedAccountId: It is not a string of twelve digits.
    """
    if isinstance(value, str) and _ACCOUNT_ID.fullmatch(value):
        return value
    raise MalformedAccountId(value)


def volumes_of(daily_volume_bytes: object) -> Mapping[DatasourcePackage, int] | None:
    """Return bytes a day by package from what a test gave: a number (all core), a mapping, or None for unknown.

    Raises:
        FakeUsageError: Something else, an unknown package, or a negative number.
    """
    if daily_volume_bytes is None:
        return None
    given: Any = daily_volume_bytes
    if not isinstance(given, Mapping):
        given = {"DETECTIVE_CORE": daily_volume_bytes}
    packages = {package.value: package for package in DatasourcePackage}
    for name, volume in given.items():
        if name not in packages:
            message = f"{name!r} is no data source package; the packages are {', '.join(packages)}."
            raise FakeUsageError(message)
        if type(volume) is not int or volume < 0:
            message = f"daily_volume_bytes must be whole bytes, zero or more, or None for unknown, not {volume!r}."
            raise FakeUsageError(message)
    return {packages[name]: volume for name, volume in given.items()}


@attrs.frozen(kw_only=True, slots=False)
class Account:
    """An account and what Detective can find out about it.

    Attributes:
        account_id: Twelve digits.
        email: Root e-mail address; None accepts whatever address an invitation has.
        volumes: Bytes a day by package; None if it cannot be determined.
        verifies: False makes every invitation of it fail verification.
        guardduty: False leaves its data volume unknown to Detective. Source: service model, `VOLUME_UNKNOWN`.
        closed: The account has been closed; nothing about it verifies any more.
    """

    account_id: str
    email: str | None = None
    volumes: Mapping[DatasourcePackage, int] | None = attrs.field(
        factory=lambda: {DatasourcePackage.DETECTIVE_CORE: DEFAULT_DAILY_VOLUME_BYTES}
    )
    verifies: bool = True
    guardduty: bool = True
    closed: bool = False

    @functools.cached_property
    def known_volumes(self) -> Mapping[DatasourcePackage, int] | None:
        """Bytes a day by package as Detective knows them, None where it cannot."""
        return self.volumes if self.guardduty else None

    def matches(self, email: str | None) -> bool:
        """Tell whether an invitation to this address passes verification.

        Source: user guide, accounts-invited-members; that letter case does not matter is an inference.
        """
        if self.closed or not self.verifies:
            return False
        return self.email is None or email is None or self.email.lower() == email.lower()


@functools.lru_cache(maxsize=1024)
def default_account(account_id: str) -> Account:
    """Return an account with the defaults."""
    return Account(account_id=account_id)
