"""A live view on an AWS Organizations client, moto's above all: read before each call, told of designations after it.

Knows the Organizations API; what joining, leaving or deregistering does to behavior graphs is for the domain to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain import designation
from detective_fake.domain.organization import Organization
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from detective_fake.controls.context import FakeContext

__all__ = ["SERVICE_PRINCIPAL", "LiveOrganization"]

SERVICE_PRINCIPAL: Final = "detective.amazonaws.com"

_NOT_IN_USE: Final = "AWSOrganizationsNotInUseException"
_REFUSED: Final = frozenset({"InvalidInputException", "AccessDeniedException", "ConstraintViolationException"})
"""What an Organizations that does not know Detective answers, or not this client; the delegation is ours then."""


@attrs.frozen
class _Seen:
    """What Organizations says at one moment.

    Attributes:
        accounts: Account id -> root e-mail address.
        closed: Accounts that are being closed or are.
        delegated: The delegated administrator for Detective, None for none; meaningless where `delegates` is false.
        delegates: Whether this Organizations keeps delegated administrators for Detective.
    """

    organization_id: str
    management_account_id: str
    accounts: Mapping[str, str | None]
    closed: frozenset[str]
    delegated: str | None
    delegates: bool


class LiveOrganization:
    """Keeps one organization of a world like the one that a client sees.

    Args:
        client: A client of AWS Organizations, with the credentials of the management account or the delegated one.
        context: Whose world follows.
    """

    def __init__(self, client: Any, context: FakeContext) -> None:
        self._client = client
        self._context = context
        self._organization_id: str | None = None
        self._delegates = True

    def pull(self) -> None:
        """Let the world follow what has happened: accounts joined, left or were closed, the delegation changed."""
        seen = self._read()
        if self._organization_id is not None and (seen is None or seen.organization_id != self._organization_id):
            self._dissolve(self._organization_id)
        if seen is None:
            return
        self._delegates = seen.delegates
        if self._organization_id is None:
            self._found(seen)
        else:
            self._follow(seen)
        self._note_emails(seen)

    def push(self) -> None:
        """Tell Organizations of a delegated administrator that Detective has registered since `pull`."""
        if self._organization_id is None or not self._delegates:
            return
        account_id = self._organization.delegated_administrator_id
        if account_id is not None and account_id != self._registered():
            self._client.enable_aws_service_access(ServicePrincipal=SERVICE_PRINCIPAL)
            self._client.register_delegated_administrator(AccountId=account_id, ServicePrincipal=SERVICE_PRINCIPAL)

    @property
    def organization_id(self) -> str:
        """The organization that was found.

        Raises:
            FakeUsageError: There is none.
        """
        if self._organization_id is None:
            message = "This client of AWS Organizations sees no organization; create_organization() first."
            raise FakeUsageError(message)
        return self._organization_id

    @property
    def _organization(self) -> Organization:
        return self._context.world.organizations[self.organization_id]

    def _found(self, seen: _Seen) -> None:
        self._organization_id = seen.organization_id
        organization = Organization(
            organization_id=seen.organization_id,
            management_account_id=seen.management_account_id,
            accounts=dict(seen.accounts),
            delegated_administrator_id=seen.delegated,
        )
        world = self._context.world
        world.organizations[seen.organization_id] = organization
        for account_id in seen.closed:
            designation.account_closed(world, account_id)

    def _follow(self, seen: _Seen) -> None:
        world, at = self._context.world, self._context.clock.now()
        before = self._organization.accounts
        for account_id in sorted(before.keys() - seen.accounts.keys()):
            designation.account_left(world, self._organization, account_id, at)
        for account_id, email in seen.accounts.items():
            if account_id not in before:
                designation.account_joined(world, self._organization, account_id, email, at)
        for account_id in sorted(seen.closed):
            if not world.account(account_id).closed:
                designation.account_closed(world, account_id)
        if seen.delegates and seen.delegated != self._organization.delegated_administrator_id:
            self._delegate(seen.delegated)

    def _note_emails(self, seen: _Seen) -> None:
        world = self._context.world
        for account_id, email in seen.accounts.items():
            if email is not None and world.account(account_id).email is None:
                world.accounts[account_id] = attrs.evolve(world.account(account_id), email=email)

    def _delegate(self, account_id: str | None) -> None:
        world = self._context.world
        if self._organization.delegated_administrator_id is not None:
            designation.deregister(world, self._organization, self._context.clock.now())
        changed = attrs.evolve(self._organization, delegated_administrator_id=account_id)
        world.organizations[changed.organization_id] = changed

    def _dissolve(self, organization_id: str) -> None:
        world, at = self._context.world, self._context.clock.now()
        for account_id in list(self._organization.accounts):
            designation.account_left(world, self._organization, account_id, at)
        for region, each in list(world.designations):
            if each == organization_id:
                designation.withdraw(world, self._organization, region, at)
        del world.organizations[organization_id]
        self._organization_id = None

    def _read(self) -> _Seen | None:
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
            if error.response["Error"]["Code"] not in _REFUSED:
                raise
            delegates = False
        return _Seen(
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
