"""`fake.seed`: sets up state directly, without the API calls that would create it.

Every argument is checked before anything changes; an invalid one raises `FakeUsageError` with its name.
Scenario files call these functions, too: the keys of a table are the arguments, and the signature tells their types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime  # noqa: TC003 - `detective_fake.scenario` reads the annotations at run time
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

import attrs

from detective_fake.controls.organizations import LiveOrganization, OrganizationControl, check_unassigned, set_email
from detective_fake.domain import designation, enrolment, ids, investigations
from detective_fake.domain.account import Organization, checked_account_id, volumes_of
from detective_fake.domain.choices import choice
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.graph import (
    BehaviorGraph,
    DatasourcePackage,
    DatasourcePackageName,
    IngestState,
    PackageIngest,
    arn_of,
)
from detective_fake.domain.indicators import Indicator  # noqa: TC001 - as above
from detective_fake.domain.investigation import (  # noqa: TC001 - as above
    InvestigationStateName,
    InvestigationStatusName,
    SeverityName,
)
from detective_fake.domain.membership import (
    DisabledReason,
    DisabledReasonName,
    InvitationType,
    Membership,
    MemberStatus,
    MemberStatusName,
)
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from detective_fake.controls.context import FakeContext
    from detective_fake.domain.graph import Packages

__all__ = ["UNCHANGED", "UNKNOWN", "PackageTimes", "Seed"]


class _Unchanged(Enum):
    UNCHANGED = "unchanged"

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Final[Any] = _Unchanged.UNCHANGED
"""Default of arguments that leave an attribute as it is."""

UNKNOWN: Final = "unknown"
"""A data volume that Detective cannot determine; the same as None, for files that have no null."""

_NEVER_OF_ORGANIZATION: Final = frozenset({MemberStatus.INVITED, MemberStatus.VERIFICATION_FAILED})


class PackageTimes(TypedDict, total=False):
    """When a graph last started and last stopped ingesting a data source package.

    Attributes:
        started_at: The graph's creation if not given.
        stopped_at: Never if not given. A package that stopped after it started is `STOPPED` now.
    """

    started_at: datetime
    stopped_at: datetime


class Seed:
    """Adds accounts, graphs, members, investigations and organizations.

    Args:
        context: The context of the fake.
        default_account: Returns the ID of the default caller.
        default_region: The fake's Region.
        check: Raises `FakeUsageError` if parameters are not valid for an operation under the service model.
        check_region: Raises `FakeUsageError` if a Region has no Detective.
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

    def on(self, context: FakeContext) -> Seed:
        """Return a `Seed` with the same defaults for another context."""
        return Seed(
            context,
            default_account=self._default_account,
            default_region=self._default_region,
            check=self._check,
            check_region=self._check_region,
        )

    def account(
        self,
        account_id: str,
        *,
        email: str | None = UNCHANGED,
        daily_volume_bytes: int | Mapping[DatasourcePackageName, int] | Literal["unknown"] | None = UNCHANGED,
        verifies: bool = UNCHANGED,
        guardduty: bool = UNCHANGED,
        closed: bool = UNCHANGED,
    ) -> None:
        """Set attributes of an account. Accounts that are not set have the defaults.

        Args:
            account_id: Twelve digits.
            email: Root e-mail address; an invitation to another address fails verification. None accepts any address,
                which is the default.
            daily_volume_bytes: Bytes of source data a day, as a number for `DETECTIVE_CORE` or by package; "unknown" or
                None if Detective cannot determine it. The default is 10**9. Graphs that have the account enabled
                measure it again at once.
            verifies: False makes every invitation fail verification.
            guardduty: False makes the data volume unknown to Detective.
            closed: True closes the account: it leaves every behavior graph outside GovCloud.
        Raises:
            FakeUsageError: An argument is not valid.
        """
        with _argument("account_id"):
            checked_account_id(account_id)
        if email is not UNCHANGED:
            self._check_email(account_id, email)
        flags = {"verifies": verifies, "guardduty": guardduty, "closed": closed}
        _check_flags(**{name: value for name, value in flags.items() if value is not UNCHANGED})
        changes: dict[str, Any] = {"email": email, **flags}
        if daily_volume_bytes is not UNCHANGED:
            with _argument("daily_volume_bytes"):
                changes["volumes"] = volumes_of(None if daily_volume_bytes == UNKNOWN else daily_volume_bytes)
        changes = {name: value for name, value in changes.items() if value is not UNCHANGED}
        with self._context.lock:
            world = self._context.world
            world.accounts[account_id] = attrs.evolve(world.account(account_id), **changes)
            if closed is True:
                designation.account_closed(world, account_id)
            if daily_volume_bytes is not UNCHANGED or guardduty is not UNCHANGED:
                self._measure(account_id)

    def graph(
        self,
        administrator_id: str | None = None,
        region: str | None = None,
        *,
        tags: Mapping[str, str] | None = None,
        members: Iterable[str] | Mapping[str, MemberStatusName] = (),
        packages: Iterable[DatasourcePackageName] | Mapping[DatasourcePackageName, PackageTimes] = ("DETECTIVE_CORE",),
        organization_graph: bool = False,
        auto_enable: bool = False,
        created_at: datetime | None = None,
    ) -> str:
        """Add a behavior graph.

        Args:
            administrator_id: The account that owns the graph; the default caller if not given.
            region: The fake's Region if not given.
            tags: At most 50.
            members: Account IDs of enabled members, or a mapping of account ID to status.
            packages: Data source packages that the graph has ingested since its creation, or a mapping of package to
                the times when it was started and stopped. `DETECTIVE_CORE` is always ingested.
            organization_graph: Whether this is the organization behavior graph: the administrator is designated for
                its organization in this Region, as by `EnableOrganizationAdminAccount` when the graph was created.
            auto_enable: Whether accounts that join the organization are enabled automatically; only for an
                organization behavior graph.
            created_at: Aware; the present time if not given.
        Returns:
            The graph's ARN.
        Raises:
            FakeUsageError: An argument is not valid, or the account has a graph in this Region already.
        """
        with _argument("administrator_id"):
            owner = checked_account_id(self._default_account() if administrator_id is None else administrator_id)
        if region is None:
            region = self._default_region
        else:
            with _argument("region"):
                self._check_region(region)
        if tags is not None:
            if not isinstance(tags, Mapping):
                raise _unexpected(tags, "a mapping", name="tags")
            with _argument("tags"):
                self._check("CreateGraph", {"Tags": dict(tags)})
        statuses = _statuses(members)
        _check_flags(organization_graph=organization_graph, auto_enable=auto_enable)
        if auto_enable and not organization_graph:
            message = "auto_enable: only an organization behavior graph has it; set organization_graph as well."
            raise FakeUsageError(message)
        with self._context.lock:
            world = self._context.world
            created = self._time("created_at", created_at)
            ingested = self._packages(packages, created)
            present = world.administered(region, owner)
            if present is not None:
                message = (
                    f"Account {owner} administers a behavior graph in {region} already, {present.arn}. "
                    "An account has one graph in each Region. Use that one, or another account or Region."
                )
                raise FakeUsageError(message)
            organization = self._designatable(owner, region) if organization_graph else None
            for account_id, status in statuses.items():
                with _argument("members"):
                    _check_status(account_id, status, owner, organization.accounts if organization else ())
            graph = world.create_graph(account_id=owner, region=region, at=created, tags=tags)
            world.put_graph(attrs.evolve(graph, packages=ingested, auto_enable=auto_enable))
            if organization is not None:
                designation.designate(world, organization, owner, region, created)
            for account_id, status in statuses.items():
                self.member(graph.arn, account_id, status=status.value)
            return graph.arn

    def member(
        self,
        graph: str | BehaviorGraph,
        account_id: str,
        *,
        status: MemberStatusName = "ENABLED",
        email: str | None = None,
        disabled_reason: DisabledReasonName | None = None,
        enabling: bool = False,
        invited_at: datetime | None = None,
        updated_at: datetime | None = None,
    ) -> None:
        """Add an account to a graph in any status, without regard to the quotas.

        An account of the graph's organization is added as an organization account. A `VERIFICATION_IN_PROGRESS` member
        is verified later, as after `CreateMembers`.

        Args:
            graph: The graph or its ARN.
            account_id: Twelve digits.
            status: Status of the membership.
            email: The address it was invited with; if not given, the account's own address or a made-up one.
            disabled_reason: Only with `ACCEPTED_BUT_DISABLED`; follows from the account's volume if not given.
            enabling: Only with `ACCEPTED_BUT_DISABLED`: the account has just accepted and is enabled after the timing
                `enabling`.
            invited_at: Aware; the present time if not given.
            updated_at: Time of the last status change, aware; the present time if not given.
        Raises:
            FakeUsageError: An argument is not valid, the graph does not exist, or the account is in it already.
        """
        with _argument("account_id"):
            checked_account_id(account_id)
        with _argument("status"):
            wanted = choice(MemberStatus, status)
        with _argument("disabled_reason"):
            reason = None if disabled_reason is None else choice(DisabledReason, disabled_reason)
        _check_flags(enabling=enabling)
        for name, value in (("disabled_reason", reason), ("enabling", enabling)):
            if value and wanted is not MemberStatus.ACCEPTED_BUT_DISABLED:
                message = f"{name}: only an ACCEPTED_BUT_DISABLED member has it; {account_id} is {wanted.value}."
                raise FakeUsageError(message)
        with self._context.lock:
            world, at = self._context.world, self._context.clock.now()
            found = self._graph(graph)
            present = world.membership(found.arn, account_id)
            if present is not None:
                message = f"Account {account_id} is in {found.arn} already; it is {present.status.value}."
                raise FakeUsageError(message)
            is_organization = world.is_organization_account(found, account_id)
            _check_status(account_id, wanted, found.administrator_id, (account_id,) if is_organization else ())
            address = email or world.account(account_id).email or f"root@{account_id}.example.com"
            self._check_email(account_id, address)
            invited = self._time("invited_at", invited_at)
            updated = self._time("updated_at", updated_at)
            if wanted is MemberStatus.ACCEPTED_BUT_DISABLED and reason is None:
                # While the volume is being checked it is not known: see `enrolment.accept`.
                unknown = DisabledReason.VOLUME_UNKNOWN
                reason = unknown if enabling else enrolment.disabled_reason(world, found, account_id)
            is_enabled = wanted is MemberStatus.ENABLED
            membership = Membership(
                account_id=account_id,
                number=world.next_number(),
                invitation_type=InvitationType.ORGANIZATION if is_organization else InvitationType.INVITATION,
                status=wanted,
                updated_at=updated,
                email=address,
                invited_at=None if is_organization else invited,
                disabled_reason=reason,
                usage=enrolment.usage_of(world, found, account_id, at) if is_enabled else None,
                enabling=enabling,
            )
            world.put(found, membership)
            self._schedule_next(found, membership, at)

    def investigation(
        self,
        graph: str | BehaviorGraph,
        *,
        entity_arn: str,
        status: InvestigationStatusName = "SUCCESSFUL",
        severity: SeverityName | None = None,
        state: InvestigationStateName = "ACTIVE",
        indicators: Iterable[Indicator | Mapping[str, Any]] = (),
        created_at: datetime | None = None,
        scope_start: datetime | None = None,
        scope_end: datetime | None = None,
    ) -> str:
        """Add an investigation. A `RUNNING` one finishes later, as after `StartInvestigation`.

        Args:
            graph: The graph or its ARN.
            entity_arn: ARN of the IAM user or role.
            status: Status of the investigation.
            severity: Not with `RUNNING`; `INFORMATIONAL` for a successful one if not given.
            state: `ARCHIVED` after a review.
            indicators: What was found, only with `SUCCESSFUL`: objects of the classes in
                `detective_fake.domain.indicators`, or mappings of `indicator_type` and their attributes.
            created_at: Aware; the present time if not given.
            scope_start: Aware; a day before the end of the scope if not given.
            scope_end: Aware; the time of creation if not given.
        Returns:
            The investigation's ID.
        Raises:
            FakeUsageError: An argument is not valid, or the graph does not exist.
        """
        given = {"created_at": created_at, "scope_start": scope_start, "scope_end": scope_end}
        with self._context.lock:
            return investigations.seed(
                self._context.world,
                self._graph(graph),
                entity_arn,
                at=self._context.clock.now(),
                status=status,
                severity=severity,
                state=state,
                indicators=indicators,
                **{name: None if at is None else self._time(name, at) for name, at in given.items()},
            )

    def investigation_outcome(
        self,
        graph: str | BehaviorGraph,
        *,
        entity_arn: str,
        status: InvestigationStatusName = "SUCCESSFUL",
        severity: SeverityName | None = None,
        indicators: Iterable[Indicator | Mapping[str, Any]] = (),
    ) -> None:
        """Set the outcome of investigations of an entity: of running ones, and of those started later.

        Args:
            graph: The graph or its ARN.
            entity_arn: ARN of the IAM user or role.
            status: `SUCCESSFUL` or `FAILED`.
            severity: `INFORMATIONAL` for a successful one if not given.
            indicators: As for `investigation`.
        Raises:
            FakeUsageError: An argument is not valid, or the graph does not exist.
        """
        with self._context.lock:
            investigations.prepare(
                self._context.world,
                self._graph(graph),
                entity_arn,
                outcome=status,
                severity=severity,
                indicators=indicators,
            )

    def organization(
        self,
        management_account_id: str | None = None,
        accounts: Iterable[str] | Mapping[str, str | None] = (),
        *,
        delegated_administrator_id: str | None = None,
    ) -> OrganizationControl:
        """Add an AWS organization.

        Args:
            management_account_id: The default caller if not given.
            accounts: IDs of the other accounts, or a mapping of account ID to root e-mail address.
            delegated_administrator_id: The account registered with AWS Organizations as the delegated administrator
                for Detective. None is registered if not given.
        Returns:
            An object that changes the organization later.
        Raises:
            FakeUsageError: An argument is not valid, or an account is in an organization already.
        """
        with _argument("management_account_id"):
            given = self._default_account() if management_account_id is None else management_account_id
            management = checked_account_id(given)
        emails: dict[str, str | None] = {management: None}
        with _argument("accounts"):
            emails |= _by_account("accounts", accounts, None)
            for account_id, email in emails.items():
                self._check_email(checked_account_id(account_id), email)
        others = [account_id for account_id in emails if account_id != management]
        if delegated_administrator_id is not None and delegated_administrator_id not in others:
            message = (
                f"delegated_administrator_id: {delegated_administrator_id!r} is not one of the other accounts: "
                f"{', '.join(others) or 'there are none'}."
            )
            raise FakeUsageError(message)
        with self._context.lock:
            world = self._context.world
            for account_id in emails:
                check_unassigned(world, account_id)
            organization_id = ids.organization_id(seed=world.id_seed, count=world.count("organization", ""))
            world.organizations[organization_id] = Organization(
                organization_id=organization_id,
                management_account_id=management,
                accounts=emails,
                delegated_administrator_id=delegated_administrator_id,
            )
            for account_id, email in emails.items():
                set_email(world, account_id, email)
        return OrganizationControl(self._context, organization_id, self._check_email)

    def organization_from(self, organizations_client: Any) -> OrganizationControl:
        """Follow the organization that a client of AWS Organizations sees, for example moto's.

        Before each call the fake reads the accounts, the management account and the delegated administrator for
        Detective. When Detective registers a delegated administrator, the fake registers it with the client, too.

        Args:
            organizations_client: `boto3.client("organizations")` with permission to read the organization.
        Returns:
            An object for changes that the client's service does not support; moto, for example, does not accept
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
        """Return an object that changes an existing organization, for example one of a scenario file.

        Raises:
            FakeUsageError: There is no such organization.
        """
        known = self._context.world.organizations
        if organization_id not in known:
            message = f"There is no organization {organization_id!r}. Expected one of: {', '.join(known) or 'none'}."
            raise FakeUsageError(message)
        return OrganizationControl(self._context, organization_id, self._check_email)

    def _check_email(self, account_id: str, email: object) -> None:
        if email is None:
            return
        arn = ids.graph_arn(seed=0, account_id=account_id, region=self._default_region, count=0)
        account = {"AccountId": account_id, "EmailAddress": email}
        with _argument("email"):
            self._check("CreateMembers", {"GraphArn": arn, "Accounts": [account]})

    def _time(self, name: str, at: datetime | None) -> datetime:
        with _argument(name):
            return self._context.clock.now() if at is None else self._context.clock.cut(at)

    def _graph(self, given: str | BehaviorGraph) -> BehaviorGraph:
        arn, graphs = arn_of(given), self._context.world.graphs
        if arn not in graphs:
            known = ", ".join(graphs) or "none"
            message = f"There is no behavior graph {arn!r}. Known graphs: {known}. Add one with seed.graph()."
            raise FakeUsageError(message)
        return graphs[arn]

    def _designatable(self, administrator_id: str, region: str) -> Organization:
        """Return the organization that an account can administer Detective for in a Region."""
        world = self._context.world
        organization = world.organization_of(administrator_id)
        if organization is None:
            message = f"organization_graph: {administrator_id} is in no organization; add it with seed.organization()."
            raise FakeUsageError(message)
        delegated = organization.delegated_administrator_id
        present = world.designations.get((region, organization.organization_id))
        administrator = delegated if present is None else present.administrator_id
        if not organization.may_administer(administrator_id) or (
            present is not None and administrator != administrator_id
        ):
            message = (
                f"organization_graph: {administrator} is the administrator of {organization.organization_id}, "
                f"so {administrator_id} cannot be."
            )
            raise FakeUsageError(message)
        return organization

    def _packages(self, given: object, created_at: datetime) -> Packages:
        packages: dict[DatasourcePackage, PackageIngest] = {}
        with _argument("packages"):
            names: Mapping[Any, Any] = _by_account("packages", given, {})
            for name, times in names.items():
                package = choice(DatasourcePackage, name)
                if not isinstance(times, Mapping) or times.keys() - PackageTimes.__annotations__.keys():
                    expected = "a mapping with started_at and stopped_at"
                    raise _unexpected(times, expected, name=f"packages[{package.value}]")
                cut = {key: self._time(key, at) for key, at in {"started_at": created_at, **times}.items()}
                changes = {IngestState.STARTED: cut["started_at"]}
                state = IngestState.STARTED
                if "stopped_at" in cut:
                    changes[IngestState.STOPPED] = cut["stopped_at"]
                    state = IngestState.STOPPED if cut["stopped_at"] >= cut["started_at"] else state
                packages[package] = PackageIngest(state=state, changes=changes)
            core = packages.get(DatasourcePackage.DETECTIVE_CORE)
            if core is None or core.state is not IngestState.STARTED:
                message = "DETECTIVE_CORE is not among the started packages; every graph ingests it."
                raise FakeUsageError(message)
        return packages

    def _measure(self, account_id: str) -> None:
        world, at = self._context.world, self._context.clock.now()
        for graph in list(world.graphs.values()):
            membership = world.membership(graph.arn, account_id)
            if membership is not None:
                enrolment.measure(world, graph, membership, at)

    def _schedule_next(self, graph: BehaviorGraph, membership: Membership, at: datetime) -> None:
        """Schedule the event that the status of a new membership waits for."""
        kind = EventKind.VERIFICATION if membership.status is MemberStatus.VERIFICATION_IN_PROGRESS else None
        if membership.enabling:
            kind = EventKind.ENABLING
        elif membership.status is MemberStatus.ACCEPTED_BUT_DISABLED:
            enrolment.check_hourly(self._context.world, graph, at)
        if kind is not None:
            self._context.world.schedule(
                kind,
                at,
                scope=graph.arn,
                subject=membership.account_id,
                membership=membership.number,
                notify=kind is EventKind.VERIFICATION and membership.invitation_type is InvitationType.INVITATION,
            )


@contextmanager
def _argument(name: str) -> Iterator[None]:
    """Name the argument in front of a `FakeUsageError` that its value has caused."""
    try:
        yield
    except FakeUsageError as error:
        text = str(error)
        message = text if text.startswith(name) else f"{name}: {text}"
        raise FakeUsageError(message) from None


def _unexpected(value: object, expected: str, *, name: str) -> FakeUsageError:
    kind = "the string" if isinstance(value, str) else f"the {type(value).__name__}"
    return FakeUsageError(f"{name}: expected {expected}, got {kind} {value!r}.")


def _check_flags(**flags: object) -> None:
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise _unexpected(value, "True or False", name=name)


def _by_account(name: str, given: object, default: object) -> dict[Any, Any]:
    """Return a mapping as it is, and a list with the default for each entry."""
    if isinstance(given, Mapping):
        return dict(given)
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        entries = "packages" if name == "packages" else "account IDs"
        raise _unexpected(given, f"a mapping or a list of {entries}", name=name)
    return dict.fromkeys(given, default)


def _statuses(members: object) -> dict[str, MemberStatus]:
    with _argument("members"):
        given = _by_account("members", members, MemberStatus.ENABLED)
        return {checked_account_id(account_id): choice(MemberStatus, status) for account_id, status in given.items()}


def _check_status(account_id: str, status: MemberStatus, administrator_id: str, organization: Iterable[str]) -> None:
    if account_id == administrator_id:
        message = f"Account {account_id} administers this behavior graph and cannot be its member."
        raise FakeUsageError(message)
    if account_id in organization and status in _NEVER_OF_ORGANIZATION:
        message = f"Account {account_id} belongs to the graph's organization and so is never {status.value}."
        raise FakeUsageError(message)
