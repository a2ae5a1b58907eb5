"""AWS organizations: changes that a test makes, and organizations that follow a client of AWS Organizations."""

from __future__ import annotations

import ipaddress
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import attrs

from detective_fake.domain import designation
from detective_fake.domain.account import Organization, checked_account_id
from detective_fake.domain.due_events import run_due_events
from detective_fake.errors import FakeUsageError, ValidationFailed
from detective_fake.protocol.model import service_model
from detective_fake.protocol.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import NoReturn

    from botocore.model import StructureShape

    from detective_fake.controls.context import FakeContext
    from detective_fake.domain.world import World

SERVICE_PRINCIPAL: Final = "detective.amazonaws.com"

_NOT_IN_USE: Final = frozenset({"AWSOrganizationsNotInUseException"})
_UNSUPPORTED: Final = frozenset({"InvalidInputException", "AccessDeniedException", "ConstraintViolationException"})
"""Errors of an Organizations service that does not know Detective, or of a client without permission."""


def check_unassigned(world: World, account_id: str) -> None:
    """Check that an account is in no organization.

    Raises:
        FakeUsageError: It is in one.
    """
    present = world.organization_of(account_id)
    if present is not None:
        raise FakeUsageError(
            f"Account {account_id} is in organization {present.organization_id} already; it can be in one only."
        )


@contextmanager
def argument(name: str) -> Iterator[None]:
    """Turn an error about the value of an argument into a `FakeUsageError` that begins with its name."""
    try:
        yield
    except (FakeUsageError, ValidationFailed) as error:
        refused = (
            f"Detective would not take this: {error.message}" if isinstance(error, ValidationFailed) else str(error)
        )
        raise FakeUsageError(refused if refused.startswith(name) else f"{name}: {refused}") from None


def check_parameters(shape: str, parameters: Mapping[str, Any]) -> None:
    """Check parameters against a structure of the service model. Raise `ValidationFailed` if they violate it."""
    validate(cast("StructureShape", service_model().shape_for(shape)), parameters)


def check_email(account_id: str, email: object) -> None:
    """Check that an account can have a root e-mail address, as `check_parameters` does. None is none."""
    if email is not None:
        check_parameters("Account", {"AccountId": account_id, "EmailAddress": email})


def set_email(world: World, account_id: str, email: str | None) -> None:
    """Set the root e-mail address of an account; None leaves it unchanged."""
    if email is not None:
        world.put_account(attrs.evolve(world.account(account_id), email=email))


def check_account(organization: Organization, account_id: str) -> None:
    """Check that an account is in an organization.

    Raises:
        FakeUsageError: It is not.
    """
    if checked_account_id(account_id) not in organization.accounts:
        raise FakeUsageError(
            f"Account {account_id} is not in organization {organization.organization_id}. "
            f"Its accounts are {', '.join(organization.accounts)}."
        )


def check_removable(organization: Organization, account_id: str) -> None:
    """Check that an account is in an organization, and is not its management account.

    Raises:
        FakeUsageError: It is not, or it is.
    """
    check_account(organization, account_id)
    if account_id == organization.management_account_id:
        raise FakeUsageError(
            f"Account {account_id} is the management account of {organization.organization_id}, "
            "which cannot leave it, be closed or be the delegated administrator."
        )


@attrs.define(eq=False, repr=False)
class OrganizationControl:
    """Changes an organization, as its management account does with AWS Organizations.

    Attributes:
        organization_id: ID of the organization.
    """

    _context: FakeContext
    organization_id: str

    @property
    def value(self) -> Organization:
        """The organization as it is now.

        Raises:
            FakeUsageError: `reset` or `restore` has removed it, or AWS Organizations has deleted it.
        """
        organization = self._context.world.organizations.get(self.organization_id)
        if organization is None:
            raise FakeUsageError(
                f"Organization {self.organization_id} does not exist any more; add one with seed.organization()."
            )
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
            FakeUsageError: The ID or the address is malformed, the account is in an organization already, or the
                organization follows a client of AWS Organizations.
        """
        self._check_own("create_account")
        checked_account_id(account_id)
        with argument("email"):
            check_email(account_id, email)
        with self._due_events_done() as at:
            world = self._context.world
            check_unassigned(world, account_id)
            designation.account_joined(world, self.value, account_id, email, at)
            set_email(world, account_id, email)

    def remove_account(self, account_id: str) -> None:
        """Remove an account from the organization, and from the organization's behavior graphs.

        Raises:
            FakeUsageError: The account is not in the organization, it is the management account, or the organization
                follows a client of AWS Organizations.
        """
        self._check_own("remove_account_from_organization")
        with self._due_events_done() as at:
            check_removable(self.value, account_id)
            designation.account_left(self._context.world, self.value, account_id, at)

    def close_account(self, account_id: str) -> None:
        """Close an account. It stays in the organization. Outside GovCloud it leaves every behavior graph.

        The behavior graphs that it administers are deleted, and its designations end.

        Raises:
            FakeUsageError: The account is not in the organization, or it is the management account.
        """
        with self._due_events_done() as at:
            check_removable(self.value, account_id)
            designation.account_closed(self._context.world, account_id, at)

    def register_delegated_administrator(self, account_id: str) -> None:
        """Do what Organizations' `RegisterDelegatedAdministrator` does for `detective.amazonaws.com`.

        Raises:
            FakeUsageError: The account is not in the organization or is the management account, or another one is
                registered.
        """
        with self._due_events_done():
            check_removable(self.value, account_id)
            if not self.value.may_administer(account_id):
                raise FakeUsageError(
                    f"Account {self.delegated_administrator_id} is the delegated administrator; deregister it first."
                )
            designation.register(self._context.world, self.value, account_id)

    def deregister_delegated_administrator(self) -> None:
        """Do what Organizations' `DeregisterDelegatedAdministrator` does for `detective.amazonaws.com`.

        Raises:
            FakeUsageError: There is no delegated administrator, or the organization follows a client of AWS
                Organizations that supports delegated administrators for Detective.
        """
        self._check_own("deregister_delegated_administrator", delegation=True)
        with self._due_events_done() as at:
            if self.delegated_administrator_id is None:
                raise FakeUsageError(
                    f"Organization {self.organization_id} has no delegated administrator for Detective."
                )
            designation.deregister(self._context.world, self.value, at)

    @contextmanager
    def _due_events_done(self) -> Iterator[datetime]:
        # As before a call: events that are due before the organization changes must not see the change.
        with self._context.all_or_nothing():
            at = self._context.clock.now()
            run_due_events(self._context.world, at)
            yield at

    def _check_own(self, method: str, *, delegation: bool = False) -> None:
        if any(outside.follows(self.organization_id, delegation=delegation) for outside in self._context.outside):
            raise FakeUsageError(
                f"Organization {self.organization_id} follows AWS Organizations, which would undo this. "
                f"Change it there: organizations_client.{method}(…)."
            )


class _Unanswered(FakeUsageError):
    """Nothing in this process answers a client of AWS Organizations."""


@attrs.frozen
class _NoResponse:
    """Stands for the response to a call that would leave the process. botocore reads the headers first."""

    _host: str

    @property
    def headers(self) -> NoReturn:
        raise _Unanswered(
            f"Nothing in this process answers the client of AWS Organizations that the fake follows; its call would go "
            f"to {self._host}. Keep moto's mock_aws() active as long as the fake is used, or give the client an "
            "endpoint_url of this machine."
        )


@contextmanager
def _inside_the_process(client: Any) -> Iterator[None]:
    """Let a client's calls be answered by this process or machine only.

    Others raise `_Unanswered` before a socket is opened. botocore takes the first response of its `before-send`
    handlers, and connects only if there is none. Signing may connect as well, to fetch credentials, so the first call,
    which only reads, is offered to these handlers before it is signed.
    """
    events, is_answered = client.meta.events, False

    def check_first(request: Any, event_name: str, **_: object) -> None:
        nonlocal is_answered
        if not is_answered:
            event_name = event_name.replace("before-sign", "before-send")
            _, response = events.emit_until_response(event_name, request=request.prepare())
            is_answered = response is None or response.headers is not None

    def respond(request: Any, **_: object) -> _NoResponse | None:
        host = urlsplit(request.url).hostname or ""
        with suppress(ValueError):
            if host == "localhost" or ipaddress.ip_address(host).is_loopback:
                return None
        return _NoResponse(host)

    events.register_first("before-sign.organizations", check_first)
    events.register_last("before-send", respond)
    try:
        yield
    finally:
        events.unregister("before-sign.organizations", check_first)
        events.unregister("before-send", respond)


@attrs.define(eq=False, repr=False)
class LiveOrganization:
    """Keeps one organization of a world equal to the one that a client of AWS Organizations sees.

    What it has seen survives when the world goes back to an earlier state: `pull` compares the world of the moment.

    Args:
        client: A client of AWS Organizations with permission to read the organization.
        context: The context of the fake.
    """

    _client: Any
    _context: FakeContext
    _seen: list[str] = attrs.field(factory=list, init=False)
    _delegates: bool = attrs.field(default=True, init=False)

    def pull(self) -> None:
        """Apply what has changed: accounts that joined, left or were closed, and the delegated administrator.

        Raises:
            FakeUsageError: Nothing in this process answers the client.
        """
        world = self._context.world
        with _inside_the_process(self._client):
            described = self._unless(_NOT_IN_USE, self._client.describe_organization)
            accounts = [*self._list("list_accounts", "Accounts")] if described else []
            registered = self._unless(_UNSUPPORTED, self._registered) if described else None
        organization_id = described and described["Organization"]["Id"]
        for each in self._seen:
            if each in world.organizations and each != organization_id:
                self._remove(world.organizations[each])
        if organization_id is None:
            return
        self._delegates = registered is not None
        if organization_id not in self._seen:
            self._seen.append(organization_id)
        management = described["Organization"]["MasterAccountId"]
        new = Organization(organization_id=organization_id, management_account_id=management, accounts={})
        world.organizations.setdefault(organization_id, new)
        self._update(organization_id, {each["Id"]: each for each in accounts}, registered)

    def push(self) -> None:
        """Register the delegated administrator with AWS Organizations if Detective has registered one since `pull`."""
        organization = next(filter(None, map(self._context.world.organizations.get, reversed(self._seen))), None)
        account_id = organization and self._delegates and organization.delegated_administrator_id
        if not account_id:
            return
        with _inside_the_process(self._client):
            if account_id not in self._registered():
                self._client.enable_aws_service_access(ServicePrincipal=SERVICE_PRINCIPAL)
                self._client.register_delegated_administrator(AccountId=account_id, ServicePrincipal=SERVICE_PRINCIPAL)

    def follows(self, organization_id: str, *, delegation: bool = False) -> bool:
        """Return whether the client decides about the accounts of an organization, or its delegated administrator."""
        return organization_id in self._seen and (self._delegates or not delegation)

    @property
    def organization_id(self) -> str:
        """The ID of the organization.

        Raises:
            FakeUsageError: The client sees no organization.
        """
        if not self._seen:
            raise FakeUsageError("This client of AWS Organizations sees no organization; create_organization() first.")
        return self._seen[-1]

    def _update(self, organization_id: str, accounts: Mapping[str, Any], registered: list[str] | None) -> None:
        """Make an organization equal to what AWS Organizations answers.

        Args:
            accounts: By account ID.
            registered: The delegated administrator for Detective, if any; None if there cannot be one.
        """
        world, at = self._context.world, self._context.clock.now()

        def organization() -> Organization:
            return world.organizations[organization_id]

        before = organization().accounts
        for account_id in sorted(before.keys() - accounts.keys()):
            designation.account_left(world, organization(), account_id, at)
        for account_id, account in accounts.items():
            if account_id not in before:
                designation.account_joined(world, organization(), account_id, account.get("Email"), at)
            if world.account(account_id).email is None:
                set_email(world, account_id, account.get("Email"))
            if account.get("Status", "ACTIVE") != "ACTIVE" and not world.account(account_id).closed:
                designation.account_closed(world, account_id, at)
        if registered is not None and registered != [organization().delegated_administrator_id]:
            if organization().delegated_administrator_id is not None:
                designation.deregister(world, organization(), at)
            designation.register(world, organization(), next(iter(registered), None))

    def _remove(self, organization: Organization) -> None:
        """Remove an organization with its designations, and so with its behavior graphs."""
        world, at, organization_id = self._context.world, self._context.clock.now(), organization.organization_id
        for region, each in list(world.designations):
            if each == organization_id:
                designation.withdraw(world, organization, region, at)
        del world.organizations[organization_id]

    def _unless(self, codes: frozenset[str], ask: Callable[[], Any]) -> Any:
        """Return an answer of AWS Organizations, None if it is one of these errors."""
        try:
            return ask()
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in codes:
                raise
            return None

    def _registered(self) -> list[str]:
        administrators = self._list(
            "list_delegated_administrators", "DelegatedAdministrators", ServicePrincipal=SERVICE_PRINCIPAL
        )
        return [each["Id"] for each in administrators]

    def _list(self, operation: str, member: str, **parameters: str) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator(operation).paginate(**parameters):
            yield from page[member]


@attrs.define(eq=False, repr=False)
class MotoOrganizations:
    """Follows every organization that moto has, while `mock_aws` is active.

    Args:
        context: The context of the fake.
    """

    _context: FakeContext
    _live: dict[str, LiveOrganization] = attrs.field(factory=dict, init=False)

    def pull(self) -> None:
        """Apply what has changed. Does nothing while moto answers no calls."""
        models: Any = sys.modules.get("moto.organizations.models")
        if models is None:
            return
        for account_id, backends in list(models.organizations_backends.items()):
            if account_id not in self._live and any(backend.org for backend in backends.values()):
                self._live[account_id] = LiveOrganization(_client_in_moto(account_id), self._context)
        with suppress(_Unanswered):
            for live in self._live.values():
                live.pull()

    def push(self) -> None:
        """Register the delegated administrators that Detective has registered."""
        with suppress(_Unanswered):
            for live in self._live.values():
                live.push()

    def follows(self, organization_id: str, *, delegation: bool = False) -> bool:
        """Return whether moto decides about the accounts of an organization, or its delegated administrator."""
        return any(live.follows(organization_id, delegation=delegation) for live in self._live.values())


def _client_in_moto(account_id: str) -> Any:
    """Return a client of AWS Organizations as which moto sees an account."""
    from botocore.session import Session  # noqa: PLC0415 - takes long, and few tests need it

    # A new session, because only sessions that are created after moto's import have its hook.
    client = Session().create_client(
        "organizations", "us-east-1", aws_access_key_id=account_id, aws_secret_access_key=account_id
    )

    def name_account(params: Any, **_: object) -> None:
        params["headers"]["x-moto-account-id"] = account_id

    client.meta.events.register("before-call.organizations", name_account)
    return client
