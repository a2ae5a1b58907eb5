"""`fake.seed`: state that a test starts from, without the calls that would lead to it.

Everything is checked before anything is changed; what cannot be is a `FakeUsageError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.controls.live_organization import LiveOrganization
from detective_fake.domain import designation, enrolment, ids, investigations
from detective_fake.domain.account import checked_account_id, volumes_of
from detective_fake.domain.choices import choice
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.membership import DisabledReason, InvitationType, Membership, MemberStatus
from detective_fake.domain.organization import Organization
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from detective_fake.controls.context import FakeContext
    from detective_fake.domain.clock import Clock
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

__all__ = ["OrganizationControl", "Seed"]


class _Unset(Enum):
    UNSET = "as it was"

    def __repr__(self) -> str:
        return "<unchanged>"


UNSET: Final = _Unset.UNSET


class Seed:
    """Puts accounts, graphs, members and organizations in place.

    Args:
        context: Whose world is seeded, under its lock.
        default_account: Returns the default caller.
        default_region: The fake's Region.
        check: Raises `FakeUsageError` if parameters are not valid for an operation under the service model.
        check_region: Raises `FakeUsageError` if there is no Detective in a Region.
    """

    def __init__(
        self,
        context: FakeContext,
        *,
        default_account: Callable[[], str],
        default_region: str,
        check: Callable[[str, Mapping[str, Any]], None],
        check_region: Callable[[object], None],
    ) -> None:
        self._context = context
        self._default_account = default_account
        self._default_region = default_region
        self._check = check
        self._check_region = check_region

    @property
    def _world(self) -> World:
        return self._context.world

    def account(
        self,
        account_id: str,
        *,
        email: str | _Unset | None = UNSET,
        daily_volume_bytes: int | Mapping[str, int] | _Unset | None = UNSET,
        verifies: bool | _Unset = UNSET,
        guardduty: bool | _Unset = UNSET,
    ) -> None:
        """Say what is true of an account; what is not given stays as it was.

        Args:
            email: Its root e-mail address: an invitation to another one fails verification. None: any address will do.
            daily_volume_bytes: Bytes of source data a day, for `DETECTIVE_CORE` or by package; None: unknown.
                Graphs the account is enabled in measure it anew at once. 10**9 if nobody says anything.
            verifies: False: every invitation fails verification.
            guardduty: False: its volume is unknown to Detective.
        Raises:
            FakeUsageError: A value that no account can have.
        """
        checked_account_id(account_id)
        if email is not UNSET:
            self._check_email(account_id, email)
        given = {"email": email, "verifies": verifies, "guardduty": guardduty}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not UNSET}
        if daily_volume_bytes is not UNSET:
            changes["volumes"] = volumes_of(daily_volume_bytes)
        with self._context.lock:
            world = self._world
            world.accounts[account_id] = attrs.evolve(world.account(account_id), **changes)
            if daily_volume_bytes is not UNSET or guardduty is not UNSET:
                self._measure(account_id)

    def graph(
        self,
        account_id: str | None = None,
        region: str | None = None,
        *,
        tags: Mapping[str, str] | None = None,
        members: Iterable[str] | Mapping[str, str] = (),
    ) -> str:
        """Give an account a behavior graph.

        Args:
            account_id: The administrator; the default caller if not given.
            region: The fake's Region if not given.
            tags: At most 50.
            members: Account ids of enabled members, or a mapping of account id to status.
        Returns:
            The graph's ARN.
        Raises:
            FakeUsageError: The account has a graph there already, a value is not valid, or the Region has no Detective.
        """
        administrator_id = checked_account_id(self._default_account() if account_id is None else account_id)
        if region is None:
            region = self._default_region
        else:
            self._check_region(region)
        if tags:
            self._check("CreateGraph", {"Tags": dict(tags)})
        statuses = dict(members) if isinstance(members, Mapping) else dict.fromkeys(members, "ENABLED")
        for member_id, status in statuses.items():
            _check_member(checked_account_id(member_id), administrator_id, choice(MemberStatus, status))
        with self._context.lock:
            world = self._world
            present = world.administered(region, administrator_id)
            if present is not None:
                message = (
                    f"Account {administrator_id} administers a behavior graph in {region} already, {present.arn}; "
                    "an account has one a Region. Use that one, or another account or Region."
                )
                raise FakeUsageError(message)
            graph = world.create_graph(
                account_id=administrator_id, region=region, at=self._context.clock.now(), tags=tags
            )
            for member_id, status in statuses.items():
                self.member(graph.arn, member_id, status=status)
            return graph.arn

    def member(
        self,
        graph_arn: str,
        account_id: str,
        *,
        status: str = "ENABLED",
        email: str | None = None,
        disabled_reason: str | None = None,
        invited_at: datetime | None = None,
        updated_at: datetime | None = None,
    ) -> None:
        """Put an account into a graph in any status, whatever the limits say.

        An account of the organization whose behavior graph this is comes in as an organization account. From
        `VERIFICATION_IN_PROGRESS` it goes on as after `CreateMembers`.

        Args:
            status: One of the five.
            email: The address it was invited with; the account's own, or one made up, if not given.
            disabled_reason: With `ACCEPTED_BUT_DISABLED` only; what the account's volume says, if not given.
            invited_at: Aware; the present time if not given.
            updated_at: Aware; the present time if not given.
        Raises:
            FakeUsageError: No such graph, a member already, or a value is not valid.
        """
        wanted = choice(MemberStatus, status)
        reason = None if disabled_reason is None else choice(DisabledReason, disabled_reason)
        if reason and wanted is not MemberStatus.ACCEPTED_BUT_DISABLED:
            message = f"Only an ACCEPTED_BUT_DISABLED member has a disabled_reason; {account_id} is to be {status}."
            raise FakeUsageError(message)
        with self._context.lock:
            graph = self._graph(graph_arn)
            _check_member(checked_account_id(account_id), graph.administrator_id, wanted)
            organization = self._check_kind(graph, account_id, wanted)
            address = email or self._world.account(account_id).email or f"root@{account_id}.example.com"
            self._check_email(account_id, address)
            invited, updated = (_time(self._context.clock, at) for at in (invited_at, updated_at))
            membership = Membership(
                account_id=account_id,
                number=self._world.next_number(),
                invitation_type=InvitationType.ORGANIZATION if organization else InvitationType.INVITATION,
                status=wanted,
                updated_at=updated,
                email=address,
                invited_at=None if organization else invited,
                disabled_reason=reason,
            )
            self._place(graph, membership)

    def investigation(
        self,
        graph_arn: str,
        *,
        entity_arn: str,
        status: str = "SUCCESSFUL",
        severity: str | None = None,
        state: str = "ACTIVE",
        indicators: Iterable[Any] = (),
        created_at: datetime | None = None,
        scope_start: datetime | None = None,
        scope_end: datetime | None = None,
    ) -> str:
        """Put an investigation into a graph. From `RUNNING` it goes on as after `StartInvestigation`.

        Args:
            entity_arn: An IAM user or role.
            status: `RUNNING`, `SUCCESSFUL` or `FAILED`.
            severity: `INFORMATIONAL` if it succeeded and nothing is given.
            state: `ACTIVE` or `ARCHIVED`.
            indicators: Of the classes in `detective_fake.domain.indicators`, or mappings of their members and
                `indicator_type`.
            created_at: Aware; the present time if not given.
            scope_start: Aware; a day before the end of the scope if not given.
            scope_end: Aware; when it was created if not given.
        Returns:
            Its id.
        Raises:
            FakeUsageError: No such graph, or a value is not valid.
        """
        with self._context.lock:
            clock = self._context.clock
            cut = {
                name: None if at is None else clock.cut(at)
                for name, at in (("created_at", created_at), ("scope_start", scope_start), ("scope_end", scope_end))
            }
            return investigations.seed(
                self._world,
                self._graph(graph_arn),
                entity_arn,
                at=clock.now(),
                status=status,
                severity=severity,
                state=state,
                indicators=indicators,
                **cut,
            )

    def investigation_outcome(
        self,
        graph_arn: str,
        *,
        entity_arn: str,
        status: str = "SUCCESSFUL",
        severity: str | None = None,
        indicators: Iterable[Any] = (),
    ) -> None:
        """Say what investigations of an entity come to that code under test is about to start, or that are running.

        Args:
            entity_arn: An IAM user or role.
            status: `SUCCESSFUL` or `FAILED`.
            severity: `INFORMATIONAL` if it succeeds and nothing is given.
            indicators: As for `investigation`.
        Raises:
            FakeUsageError: No such graph, or a value is not valid.
        """
        with self._context.lock:
            investigations.prepare(
                self._world,
                self._graph(graph_arn),
                entity_arn,
                outcome=status,
                severity=severity,
                indicators=indicators,
            )

    def organization(
        self,
        management_account_id: str | None = None,
        accounts: Iterable[str] | Mapping[str, str | None] = (),
    ) -> OrganizationControl:
        """Make an AWS organization.

        Args:
            management_account_id: The default caller if not given.
            accounts: Ids of the other accounts, or a mapping of account id to root e-mail address.
        Returns:
            What changes it later on.
        Raises:
            FakeUsageError: A malformed id, or an account that is in an organization already.
        """
        management = checked_account_id(
            self._default_account() if management_account_id is None else management_account_id
        )
        emails = dict(accounts) if isinstance(accounts, Mapping) else dict.fromkeys(accounts)
        everyone: dict[str, str | None] = {management: None, **emails}
        for account_id, email in everyone.items():
            self._check_email(checked_account_id(account_id), email)
        with self._context.lock:
            world = self._world
            for account_id in everyone:
                _check_free(world, account_id)
            organization_id = ids.organization_id(seed=world.id_seed, count=world.count("organization", ""))
            world.organizations[organization_id] = Organization(
                organization_id=organization_id, management_account_id=management, accounts=everyone
            )
            for account_id, email in everyone.items():
                _note_email(world, account_id, email)
        return OrganizationControl(self._context, organization_id, self._check_email)

    def organization_from(self, organizations_client: Any) -> OrganizationControl:
        """Follow the organization that a client of AWS Organizations sees, moto's above all, from now on.

        Before each call accounts, management account and the delegated administrator for Detective are read anew;
        designating registers the delegated administrator there.

        Args:
            organizations_client: `boto3.client("organizations")` with credentials that may read the organization.
        Returns:
            What changes those parts of it that the client's Organizations does not keep; moto, for one, knows no
            delegated administrators for Detective.
        Raises:
            FakeUsageError: The client sees no organization.
        """
        live = LiveOrganization(organizations_client, self._context)
        with self._context.lock:
            live.pull()
            self._context.outside.append(live)
            return OrganizationControl(self._context, live.organization_id, self._check_email)

    def organization_control(self, organization_id: str) -> OrganizationControl:
        """Return what changes an organization that is there already, from a scenario for example.

        Raises:
            FakeUsageError: There is no such organization.
        """
        known = self._world.organizations
        if organization_id not in known:
            message = f"There is no organization {organization_id!r}; there is {', '.join(known) or 'none'}."
            raise FakeUsageError(message)
        return OrganizationControl(self._context, organization_id, self._check_email)

    def _check_email(self, account_id: str, email: object) -> None:
        if email is None:
            return
        arn = ids.graph_arn(seed=0, account_id=account_id, region=self._default_region, count=0)
        self._check("CreateMembers", {"GraphArn": arn, "Accounts": [{"AccountId": account_id, "EmailAddress": email}]})

    def _measure(self, account_id: str) -> None:
        world = self._world
        at = self._context.clock.now()
        for region in {graph.region for graph in world.graphs.values()}:
            own = world.administered(region, account_id)
            rows = list(world.memberships_of(region, account_id))
            if own is not None and (row := world.membership(own.arn, account_id)) is not None:
                rows.append((own, row))
            for graph, membership in rows:
                enrolment.measure(world, graph, membership, at)

    def _graph(self, graph_arn: str) -> BehaviorGraph:
        graph = self._world.graphs.get(graph_arn)
        if graph is None:
            known = ", ".join(self._world.graphs) or "none"
            message = f"There is no behavior graph {graph_arn!r}; there is {known}. Make one with seed.graph()."
            raise FakeUsageError(message)
        return graph

    def _check_kind(self, graph: BehaviorGraph, account_id: str, status: MemberStatus) -> bool:
        present = self._world.membership(graph.arn, account_id)
        if present is not None:
            message = f"Account {account_id} is in {graph.arn} already, {present.status.value}."
            raise FakeUsageError(message)
        organization = self._world.is_organization_account(graph, account_id)
        if organization and status in {MemberStatus.INVITED, MemberStatus.VERIFICATION_FAILED}:
            message = (
                f"Account {account_id} belongs to the organization of {graph.arn}; "
                f"an organization account is never {status.value}."
            )
            raise FakeUsageError(message)
        return organization

    def _place(self, graph: BehaviorGraph, membership: Membership) -> None:
        world, at = self._world, self._context.clock.now()
        account_id = membership.account_id
        if membership.status is MemberStatus.ENABLED:
            usage = enrolment.usage_of(world, graph, account_id, at)
            world.put(graph, attrs.evolve(membership, usage=usage))
        elif membership.status is MemberStatus.ACCEPTED_BUT_DISABLED:
            reason = membership.disabled_reason or enrolment.disabled_reason(world, graph, account_id)
            world.put(graph, attrs.evolve(membership, disabled_reason=reason))
            enrolment.check_hourly(world, graph, at)
        else:
            world.put(graph, membership)
        if membership.status is MemberStatus.VERIFICATION_IN_PROGRESS:
            world.schedule(
                EventKind.VERIFICATION,
                at,
                scope=graph.arn,
                subject=account_id,
                membership=membership.number,
                notify=membership.invitation_type is InvitationType.INVITATION,
            )


class OrganizationControl:
    """Changes an organization as its management account does outside Detective.

    Args:
        context: Whose world it is in.
        check_email: Raises `FakeUsageError` if an account cannot have this address.
    """

    def __init__(
        self, context: FakeContext, organization_id: str, check_email: Callable[[str, object], object] = lambda *_: None
    ) -> None:
        self._context = context
        self._check_email = check_email
        self.organization_id = organization_id

    @property
    def value(self) -> Organization:
        """The organization as it now is.

        Raises:
            FakeUsageError: A `reset` or `restore` has undone it, or AWS Organizations has deleted it.
        """
        organization = self._context.world.organizations.get(self.organization_id)
        if organization is None:
            message = f"Organization {self.organization_id} is no longer there; make one anew with seed.organization()."
            raise FakeUsageError(message)
        return organization

    @property
    def management_account_id(self) -> str:
        """The account that designates."""
        return self.value.management_account_id

    @property
    def account_ids(self) -> tuple[str, ...]:
        """All accounts, the management account first."""
        return tuple(self.value.accounts)

    @property
    def delegated_administrator_id(self) -> str | None:
        """The delegated administrator for Detective, as AWS Organizations has it."""
        return self.value.delegated_administrator_id

    def add_account(self, account_id: str, email: str | None = None) -> None:
        """Let an account join; with `AutoEnable` on, Detective enrols it.

        Raises:
            FakeUsageError: Id or address are malformed, or the account is in an organization already.
        """
        self._check_email(checked_account_id(account_id), email)
        with self._at_present() as at:
            world = self._context.world
            _check_free(world, account_id)
            designation.account_joined(world, self.value, account_id, email, at)
            _note_email(world, account_id, email)

    def remove_account(self, account_id: str) -> None:
        """Let an account leave, and with it the organization behavior graphs.

        Raises:
            FakeUsageError: It is not in the organization, or is its management account.
        """
        with self._at_present() as at:
            self._check_ordinary(account_id)
            designation.account_left(self._context.world, self.value, account_id, at)

    def close_account(self, account_id: str) -> None:
        """Close an account: it stays in the organization, and leaves every behavior graph outside GovCloud.

        Raises:
            FakeUsageError: It is not in the organization, or is its management account.
        """
        with self._at_present():
            self._check_ordinary(account_id)
            designation.account_closed(self._context.world, account_id)

    def deregister_delegated_administrator(self) -> None:
        """Do what Organizations' `DeregisterDelegatedAdministrator` does for `detective.amazonaws.com`.

        Raises:
            FakeUsageError: There is none.
        """
        with self._at_present() as at:
            if self.delegated_administrator_id is None:
                message = f"Organization {self.organization_id} has no delegated administrator for Detective."
                raise FakeUsageError(message)
            designation.deregister(self._context.world, self.value, at)

    @contextmanager
    def _at_present(self) -> Iterator[datetime]:
        # As before a call: what was due before the organization changes must not see the change.
        with self._context.lock:
            at = self._context.clock.now()
            run_due_events(self._context.world, at)
            yield at

    def _check_ordinary(self, account_id: str) -> None:
        organization = self.value
        if checked_account_id(account_id) not in organization.accounts:
            message = (
                f"Account {account_id} is not in organization {self.organization_id}; "
                f"it has {', '.join(organization.accounts)}."
            )
            raise FakeUsageError(message)
        if account_id == organization.management_account_id:
            message = f"Account {account_id} is the management account of {self.organization_id} and cannot leave it."
            raise FakeUsageError(message)


def _check_member(account_id: str, administrator_id: str, status: MemberStatus) -> None:
    if account_id == administrator_id:
        message = f"Account {account_id} administers this behavior graph and cannot be its member ({status.value})."
        raise FakeUsageError(message)


def _check_free(world: World, account_id: str) -> None:
    present = world.organization_of(account_id)
    if present is not None:
        message = f"Account {account_id} is in organization {present.organization_id} already; it can be in one only."
        raise FakeUsageError(message)


def _note_email(world: World, account_id: str, email: str | None) -> None:
    if email is not None:
        world.accounts[account_id] = attrs.evolve(world.account(account_id), email=email)


def _time(clock: Clock, at: datetime | None) -> datetime:
    return clock.now() if at is None else clock.cut(at)
