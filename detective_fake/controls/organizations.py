"""AWS organizations: changes that a test makes, and organizations that follow a client of AWS Organizations."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain import designation
from detective_fake.domain.account import Organization, checked_account_id
from detective_fake.domain.due_events import run_due_events
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from detective_fake.controls.context import FakeContext
    from detective_fake.domain.world import World

__all__ = ["SERVICE_PRINCIPAL", "LiveOrganization", "OrganizationControl", "check_unassigned", "set_email"]

SERVICE_PRINCIPAL: Final = "detective.amazonaws.com"

_NOT_IN_USE: Final = "AWSOrganizationsNotInUseException"
_UNSUPPORTED: Final = frozenset({"InvalidInputException", "AccessDeniedException", "ConstraintViolationException"})
"""Errors of an Organizations service that does not know Detective, or of a client without permission."""


def check_unassigned(world: World, account_id: str) -> None:
    """Check that an account is in no organization.

    Raises:
        FakeUsageError: It is in one.
    """
    present = world.organization_of(account_id)
    if present is not None:
        message = f"Account {account_id} is in organization {present.organization_id} already; it can be in one only."
        raise FakeUsageError(message)


def set_email(world: World, account_id: str, email: str | None) -> None:
    """Set the root e-mail address of an account; None leaves it unchanged."""
    if email is not None:
        world.accounts[account_id] = attrs.evolve(world.account(account_id), email=email)


class OrganizationControl:
    """Changes an organization, as its management account does with AWS Organizations.

    Args:
        context: The context of the fake that has the organization.
        organization_id: ID of the organization.
        check_email: Raises `FakeUsageError` if an account cannot have this e-mail address.
    """

    def __init__(
        self, context: FakeContext, organization_id: str, check_email: Callable[[str, object], object] = lambda *_: None
    ) -> None:
        self._context = context
        self._check_email = check_email
        self.organization_id = organization_id

    @property
    def value(self) -> Organization:
        """The organization as it is now.

        Raises:
            FakeUsageError: `reset` or `restore` has removed it, or AWS Organizations has deleted it.
        """
        organization = self._context.world.organizations.get(self.organization_id)
        if organization is None:
            message = f"Organization {self.organization_id} does not exist any more; add one with seed.organization()."
            raise FakeUsageError(message)
        return organization

    @property
    def management_account_id(self) -> str:
        """The management account."""
        return self.value.management_account_id

    @property
    def account_ids(self) -> tuple[str, ...]:
        """All accounts, the management account first."""
        return tuple(self.value.accounts)

    @property
    def delegated_administrator_id(self) -> str | None:
        """The account that AWS Organizations has as the delegated administrator for Detective."""
        return self.value.delegated_administrator_id

    def add_account(self, account_id: str, email: str | None = None) -> None:
        """Add an account to the organization. Graphs with `AutoEnable` enroll it.

        Args:
            account_id: The account's ID.
            email: Its root e-mail address.
        Raises:
            FakeUsageError: The ID or the address is malformed, or the account is in an organization already.
        """
        self._check_email(checked_account_id(account_id), email)
        with self._due_events_done() as at:
            world = self._context.world
            check_unassigned(world, account_id)
            designation.account_joined(world, self.value, account_id, email, at)
            set_email(world, account_id, email)

    def remove_account(self, account_id: str) -> None:
        """Remove an account from the organization, and from the organization's behavior graphs.

        Raises:
            FakeUsageError: The account is not in the organization, or it is the management account.
        """
        with self._due_events_done() as at:
            self._check_removable(account_id)
            designation.account_left(self._context.world, self.value, account_id, at)

    def close_account(self, account_id: str) -> None:
        """Close an account. It stays in the organization and leaves every behavior graph outside GovCloud.

        Raises:
            FakeUsageError: The account is not in the organization, or it is the management account.
        """
        with self._due_events_done():
            self._check_removable(account_id)
            designation.account_closed(self._context.world, account_id)

    def deregister_delegated_administrator(self) -> None:
        """Do what Organizations' `DeregisterDelegatedAdministrator` does for `detective.amazonaws.com`.

        Raises:
            FakeUsageError: There is no delegated administrator.
        """
        with self._due_events_done() as at:
            if self.delegated_administrator_id is None:
                message = f"Organization {self.organization_id} has no delegated administrator for Detective."
                raise FakeUsageError(message)
            designation.deregister(self._context.world, self.value, at)

    @contextmanager
    def _due_events_done(self) -> Iterator[datetime]:
        # As before a call: events that are due before the organization changes must not see the change.
        with self._context.lock:
            at = self._context.clock.now()
            run_due_events(self._context.world, at)
            yield at

    def _check_removable(self, account_id: str) -> None:
        organization = self.value
        if checked_account_id(account_id) not in organization.accounts:
            message = (
                f"Account {account_id} is not in organization {self.organization_id}. "
                f"Its accounts are {', '.join(organization.accounts)}."
            )
            raise FakeUsageError(message)
        if account_id == organization.management_account_id:
            message = f"Account {account_id} is the management account of {self.organization_id} and cannot leave it."
            raise FakeUsageError(message)


@attrs.frozen
class _Observed:
    """What AWS Organizations answers at one moment.

    Attributes:
        accounts: Account ID -> root e-mail address.
        closed: Accounts that are closed or being closed.
        delegated: The delegated administrator for Detective, None if there is none or `delegates` is False.
        delegates: Whether this Organizations service keeps delegated administrators for Detective.
    """

    organization_id: str
    management_account_id: str
    accounts: Mapping[str, str | None]
    closed: frozenset[str]
    delegated: str | None
    delegates: bool


class LiveOrganization:
    """Keeps one organization of a world equal to the one that a client of AWS Organizations sees.

    Args:
        client: A client of AWS Organizations with permission to read the organization.
        context: The context of the fake.
    """

    def __init__(self, client: Any, context: FakeContext) -> None:
        self._client = client
        self._context = context
        self._organization_id: str | None = None
        self._delegates = True

    def pull(self) -> None:
        """Apply what has changed: accounts that joined, left or were closed, and the delegated administrator."""
        observed = self._read()
        if self._organization_id is not None and (
            observed is None or observed.organization_id != self._organization_id
        ):
            self._remove(self._organization_id)
        if observed is None:
            return
        self._delegates = observed.delegates
        if self._organization_id is None:
            self._add(observed)
        else:
            self._update(observed)
        world = self._context.world
        for account_id, email in observed.accounts.items():
            if world.account(account_id).email is None:
                set_email(world, account_id, email)

    def push(self) -> None:
        """Register the delegated administrator with AWS Organizations if Detective has registered one since `pull`."""
        if self._organization_id is None or not self._delegates:
            return
        account_id = self._organization.delegated_administrator_id
        if account_id is not None and account_id != self._registered():
            self._client.enable_aws_service_access(ServicePrincipal=SERVICE_PRINCIPAL)
            self._client.register_delegated_administrator(AccountId=account_id, ServicePrincipal=SERVICE_PRINCIPAL)

    @property
    def organization_id(self) -> str:
        """The ID of the organization.

        Raises:
            FakeUsageError: The client sees no organization.
        """
        if self._organization_id is None:
            message = "This client of AWS Organizations sees no organization; create_organization() first."
            raise FakeUsageError(message)
        return self._organization_id

    @property
    def _organization(self) -> Organization:
        return self._context.world.organizations[self.organization_id]

    def _add(self, observed: _Observed) -> None:
        self._organization_id = observed.organization_id
        world = self._context.world
        world.organizations[observed.organization_id] = Organization(
            organization_id=observed.organization_id,
            management_account_id=observed.management_account_id,
            accounts=dict(observed.accounts),
            delegated_administrator_id=observed.delegated,
        )
        for account_id in observed.closed:
            designation.account_closed(world, account_id)

    def _update(self, observed: _Observed) -> None:
        world, at = self._context.world, self._context.clock.now()
        before = self._organization.accounts
        for account_id in sorted(before.keys() - observed.accounts.keys()):
            designation.account_left(world, self._organization, account_id, at)
        for account_id, email in observed.accounts.items():
            if account_id not in before:
                designation.account_joined(world, self._organization, account_id, email, at)
        for account_id in sorted(observed.closed):
            if not world.account(account_id).closed:
                designation.account_closed(world, account_id)
        if observed.delegates and observed.delegated != self._organization.delegated_administrator_id:
            if self._organization.delegated_administrator_id is not None:
                designation.deregister(world, self._organization, at)
            changed = attrs.evolve(self._organization, delegated_administrator_id=observed.delegated)
            world.organizations[changed.organization_id] = changed

    def _remove(self, organization_id: str) -> None:
        world, at = self._context.world, self._context.clock.now()
        for account_id in list(self._organization.accounts):
            designation.account_left(world, self._organization, account_id, at)
        for region, each in list(world.designations):
            if each == organization_id:
                designation.withdraw(world, self._organization, region, at)
        del world.organizations[organization_id]
        self._organization_id = None

    def _read(self) -> _Observed | None:
        try:
            described = self._client.describe_organization()["Organization"]
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == _NOT_IN_USE:
                return None
            raise
        accounts = [each for page in self._pages("list_accounts") for each in page["Accounts"]]
        delegates, delegated = True, None
        try:
            delegated = self._registered()
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in _UNSUPPORTED:
                raise
            delegates = False
        return _Observed(
            organization_id=described["Id"],
            management_account_id=described["MasterAccountId"],
            accounts={each["Id"]: each.get("Email") for each in accounts},
            closed=frozenset(each["Id"] for each in accounts if each.get("Status", "ACTIVE") != "ACTIVE"),
            delegated=delegated,
            delegates=delegates,
        )

    def _registered(self) -> str | None:
        pages = self._pages("list_delegated_administrators", ServicePrincipal=SERVICE_PRINCIPAL)
        return next((each["Id"] for page in pages for each in page["DelegatedAdministrators"]), None)

    def _pages(self, operation: str, **parameters: str) -> Iterator[dict[str, Any]]:
        return iter(self._client.get_paginator(operation).paginate(**parameters))
