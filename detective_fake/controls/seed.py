"""`fake.seed`: sets up state directly, without the API calls that would create it.

Every argument is checked before anything changes; an invalid one raises `FakeUsageError` with its name.
Scenario files call these functions, too: the keys of a table are the arguments, and the signature tells their types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
from botocore.client import BaseClient

from detective_fake.controls.organizations import (
    LiveOrganization,
    OrganizationControl,
    argument,
    check_account,
    check_email,
    check_parameters,
    check_removable,
    check_unassigned,
    set_email,
)
from detective_fake.domain import designation, enrolment, ids, investigations
from detective_fake.domain.account import Organization, checked_account_id, volumes_of
from detective_fake.domain.choices import choice
from detective_fake.domain.graph import (
    BehaviorGraph,
    DatasourcePackage,
    DatasourcePackageName,
    IngestState,
    PackageIngest,
)
from detective_fake.domain.investigations import (  # noqa: TC001 - as above
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
    from collections.abc import Callable
    from typing import NoReturn

    from detective_fake.controls.context import FakeContext
    from detective_fake.domain.graph import Packages
    from detective_fake.domain.indicators import Indicator


class _Unchanged(Enum):
    UNCHANGED = "unchanged"

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Final[Any] = _Unchanged.UNCHANGED
"""Default of arguments that leave an attribute as it is."""

_FLAGS: Final = frozenset({"verifies", "guardduty", "suspended", "closed"})
_NEVER_OF_ORGANIZATION: Final = frozenset({MemberStatus.INVITED, MemberStatus.VERIFICATION_FAILED})


PackageTimes = Mapping[Literal["started_at", "stopped_at"], datetime]
"""When a graph last started and last stopped ingesting a data source package."""


@attrs.define(eq=False, repr=False)
class Seed:
    """Adds accounts, graphs, members, investigations and organizations. A function that raises changes nothing.

    Args:
        context: The context of the fake.
        default_account: Returns the ID of the default caller.
        default_region: The fake's Region.
    """

    _context: FakeContext
    _default_account: Callable[[], str]
    _default_region: str

    def account(
        self,
        account_id: str,
        *,
        email: str | None = UNCHANGED,
        daily_volume_bytes: int | Mapping[DatasourcePackageName, int] | Literal["unknown"] | None = UNCHANGED,
        verifies: bool = UNCHANGED,
        guardduty: bool = UNCHANGED,
        guardduty_since: datetime | None = UNCHANGED,
        suspended: bool = UNCHANGED,
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
            guardduty_since: When GuardDuty was enabled, aware; by default None, which means more than 48 hours ago.
            suspended: True suspends the account: Detective ingests no data of it, nor into the graphs that it
                administers, and denies it their use. False activates it again.
            closed: True closes the account: outside GovCloud it leaves every behavior graph, those that it administers
                are deleted, and its designations end.
        Raises:
            FakeUsageError: An argument is not valid.
        """
        given = {
            "email": email,
            "volumes": daily_volume_bytes,
            "verifies": verifies,
            "guardduty": guardduty,
            "guardduty_since": guardduty_since,
            "suspended": suspended,
            "closed": closed,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not UNCHANGED}
        _check_account_id("account_id", account_id)
        _check_flags(**{name: value for name, value in changes.items() if name in _FLAGS})
        with argument("email"):
            check_email(account_id, changes.get("email"))
        if changes.get("guardduty_since") is not None:
            changes["guardduty_since"] = self._time("guardduty_since", guardduty_since)
        if "volumes" in changes:
            with argument("daily_volume_bytes"):
                changes["volumes"] = volumes_of(daily_volume_bytes)
        with self._context.all_or_nothing():
            world = self._context.world
            world.put_account(attrs.evolve(world.account(account_id), **changes))
            if closed is True:
                designation.account_closed(world, account_id, self._context.clock.now())
            if changes.keys() & {"volumes", "guardduty", "suspended"}:
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
            tags: At most 50, and any number with keys that begin with `aws:`, as stacks of CloudFormation set them.
            members: Account IDs of enabled members, or a mapping of account ID to status.
            packages: Data source packages that the graph has ingested since its creation, or a mapping of package to
                times: `started_at`, by default the graph's creation, and `stopped_at`. A package that stopped after it
                started is `STOPPED` now. `DETECTIVE_CORE` is always ingested.
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
        owner = self._default_account() if administrator_id is None else administrator_id
        _check_account_id("administrator_id", owner)
        if region is None:
            region = self._default_region
        else:
            with argument("region"):
                self._context.regions.check(region)
        if not isinstance(tags, (Mapping, type(None))):
            _refuse("tags", "a mapping", tags)
        if tags is not None:
            with argument("tags"):
                check_parameters(
                    "CreateGraphRequest", {"Tags": {str(key).removeprefix("aws:"): tags[key] for key in tags}}
                )
        _check_flags(organization_graph=organization_graph, auto_enable=auto_enable)
        if auto_enable and not organization_graph:
            raise FakeUsageError(
                "auto_enable: only an organization behavior graph has it; set organization_graph as well."
            )
        with self._context.all_or_nothing():
            world = self._context.world
            created = self._time("created_at", created_at)
            present = world.administered(region, owner)
            if present is not None:
                raise FakeUsageError(
                    f"Account {owner} administers a behavior graph in {region} already, {present.arn}. "
                    "An account has one graph in each Region. Use that one, or another account or Region."
                )
            graph = world.create_graph(account_id=owner, region=region, at=created, tags=tags)
            graph = attrs.evolve(graph, packages=self._packages(packages, created), auto_enable=auto_enable)
            world.put_graph(graph)
            if organization_graph:
                with argument("organization_graph"):
                    organization = world.organization_of(owner)
                    if organization is None:
                        raise FakeUsageError(f"{owner} is in no organization; add it with seed.organization().")
                    designation.designate(world, organization, owner, region, created)
            else:
                designation.graph_created(world, graph, created)
            with argument("members"):
                for account_id, status in _by_key("members", members, MemberStatus.ENABLED).items():
                    self.member(graph.arn, account_id, status=status)
            self._measure(owner)
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
        _check_account_id("account_id", account_id)
        with argument("status"):
            wanted = choice(MemberStatus, status)
        with argument("disabled_reason"):
            reason = None if disabled_reason is None else choice(DisabledReason, disabled_reason)
        _check_flags(enabling=enabling)
        for name, value in (("disabled_reason", reason), ("enabling", enabling)):
            if value and wanted is not MemberStatus.ACCEPTED_BUT_DISABLED:
                raise FakeUsageError(
                    f"{name}: only an ACCEPTED_BUT_DISABLED member has it; {account_id} is {wanted.value}."
                )
        with self._context.all_or_nothing():
            world, at = self._context.world, self._context.clock.now()
            found = self._context.graph(graph)
            present = world.membership(found.arn, account_id)
            if present is not None:
                raise FakeUsageError(f"Account {account_id} is in {found.arn} already; it is {present.status.value}.")
            if account_id == found.administrator_id:
                raise FakeUsageError(f"Account {account_id} administers this behavior graph and cannot be its member.")
            is_organization = world.is_organization_account(found, account_id)
            if is_organization and wanted in _NEVER_OF_ORGANIZATION:
                raise FakeUsageError(
                    f"Account {account_id} belongs to the graph's organization and so is never {wanted.value}."
                )
            address = email or world.account(account_id).email or f"root@{account_id}.example.com"
            with argument("email"):
                check_email(account_id, address)
            invited = self._time("invited_at", invited_at)
            updated = self._time("updated_at", updated_at)
            if wanted is MemberStatus.ACCEPTED_BUT_DISABLED and reason is None:
                # While the volume is being checked it is not known: see `enrolment.accept`.
                unknown = DisabledReason.VOLUME_UNKNOWN
                reason = unknown if enabling else enrolment.disabled_reason(world, found, account_id)
            membership = Membership(
                account_id=account_id,
                number=world.next_number(),
                invitation_type=InvitationType.ORGANIZATION if is_organization else InvitationType.INVITATION,
                status=wanted,
                updated_at=updated,
                invited_at=invited,
                email=address,
                disabled_reason=reason,
                usage=enrolment.usage_of(world, found, account_id, at) if wanted is MemberStatus.ENABLED else None,
                enabling=enabling,
            )
            world.put(found, membership)
            enrolment.schedule_next(world, found, membership, at)
            enrolment.check_ingest(world, found, at)

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
        found = _indicators(entity_arn, indicators)
        with self._context.all_or_nothing():
            added = investigations.add(
                self._context.world,
                self._context.graph(graph),
                entity_arn,
                at=self._context.clock.now(),
                status=status,
                severity=severity,
                state=state,
                indicators=found,
                **{name: None if at is None else self._time(name, at) for name, at in given.items()},
            )
            return added.investigation_id

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
        found = _indicators(entity_arn, indicators)
        with self._context.lock:
            world, target = self._context.world, self._context.graph(graph)
            investigations.prepare(world, target, entity_arn, outcome=status, severity=severity, indicators=found)

    def organization(
        self,
        management_account_id: str | None = None,
        accounts: Iterable[str] | Mapping[str, str | None] = (),
        *,
        delegated_administrator_id: str | None = None,
        designations: Mapping[str, str] | None = None,
    ) -> OrganizationControl:
        """Add an AWS organization.

        Args:
            management_account_id: The default caller if not given.
            accounts: IDs of the other accounts, or a mapping of account ID to root e-mail address.
            delegated_administrator_id: The account registered with AWS Organizations as the delegated administrator
                for Detective. None is registered if not given.
            designations: Region to account ID of the Detective administrator there, which gets an organization behavior
                graph, as by `EnableOrganizationAdminAccount`.
        Returns:
            An object that changes the organization later.
        Raises:
            FakeUsageError: An argument is not valid, or an account is in an organization already.
        """
        management = self._default_account() if management_account_id is None else management_account_id
        _check_account_id("management_account_id", management)
        emails: dict[str, str | None] = {management: None, **_by_key("accounts", accounts, None)}
        if not isinstance(designations, (Mapping, type(None))):
            _refuse("designations", "a mapping of Regions to account IDs", designations)
        with self._context.all_or_nothing():
            world, at = self._context.world, self._context.clock.now()
            for account_id, email in emails.items():
                with argument("accounts"):
                    check_email(checked_account_id(account_id), email)
                check_unassigned(world, account_id)
                set_email(world, account_id, email)
            organization = Organization(
                organization_id=ids.organization_id(seed=world.id_seed, count=world.count("organization", "")),
                management_account_id=management,
                accounts=emails,
            )
            world.organizations[organization.organization_id] = organization
            if delegated_administrator_id is not None:
                with argument("delegated_administrator_id"):
                    check_removable(organization, delegated_administrator_id)
                designation.register(world, organization, delegated_administrator_id)
            with argument("designations"):
                for region, administrator_id in (designations or {}).items():
                    self._context.regions.check(region)
                    present = world.organizations[organization.organization_id]
                    check_account(present, administrator_id)
                    designation.designate(world, present, administrator_id, region, at)
        return OrganizationControl(self._context, organization.organization_id)

    def organization_from(self, organizations_client: Any) -> OrganizationControl:
        """Follow the organization that a client of AWS Organizations sees, for example moto's.

        Before each call the fake reads the accounts, the management account and the delegated administrator for
        Detective. When Detective registers a delegated administrator, the fake registers it with the client, too.

        Args:
            organizations_client: `boto3.client("organizations")` with permission to read the organization.
                Something in this process must answer it, such as moto, or a server at a loopback address. Otherwise
                the next call raises `FakeUsageError`.
        Returns:
            An object for changes that the client's service does not support; moto, for example, does not accept
            delegated administrators for Detective.
        Raises:
            FakeUsageError: This is not such a client, nothing in this process answers it, or it sees no organization.
        """
        is_client = isinstance(organizations_client, BaseClient) and not hasattr(organizations_client, "__aexit__")
        if not is_client or organizations_client.meta.service_model.service_name != "organizations":
            expected = 'boto3.client("organizations")'
            _refuse("organizations_client", expected, organizations_client)
        live = LiveOrganization(organizations_client, self._context)
        with self._context.all_or_nothing():
            live.pull()
            self._context.outside.append(live)
            return OrganizationControl(self._context, live.organization_id)

    def organization_control(self, organization_id: str) -> OrganizationControl:
        """Return an object that changes an existing organization, for example one of a scenario file.

        Raises:
            FakeUsageError: There is no such organization.
        """
        known = self._context.world.organizations
        if organization_id not in known:
            raise FakeUsageError(
                f"There is no organization {organization_id!r}. Expected one of: {', '.join(known) or 'none'}."
            )
        return OrganizationControl(self._context, organization_id)

    def _time(self, name: str, at: datetime | None) -> datetime:
        with argument(name):
            return self._context.clock.now() if at is None else self._context.clock.check(at)

    def _packages(self, given: object, created_at: datetime) -> Packages:
        packages: dict[DatasourcePackage, PackageIngest] = {}
        with argument("packages"):
            for name, times in _by_key("packages", given, {}).items():
                package = choice(DatasourcePackage, name)
                if not isinstance(times, Mapping) or set(times) - {"started_at", "stopped_at"}:
                    _refuse(f"packages[{package.value}]", "a mapping with started_at and stopped_at", times)
                started = self._time("started_at", times.get("started_at", created_at))
                changes, state = {IngestState.STARTED: started}, IngestState.STARTED
                if "stopped_at" in times:
                    stopped = changes[IngestState.STOPPED] = self._time("stopped_at", times["stopped_at"])
                    state = IngestState.STOPPED if stopped >= started else state
                packages[package] = PackageIngest(state=state, changes=changes)
            core = packages.get(DatasourcePackage.DETECTIVE_CORE)
            if core is None or core.state is not IngestState.STARTED:
                raise FakeUsageError("DETECTIVE_CORE is not among the started packages; every graph ingests it.")
        return packages

    def _measure(self, account_id: str) -> None:
        world, at = self._context.world, self._context.clock.now()
        for graph in list(world.graphs.values()):
            membership = world.membership(graph.arn, account_id)
            if membership is not None:
                enrolment.measure(world, graph, membership, at)
            if membership is not None or graph.administrator_id == account_id:
                enrolment.check_ingest(world, graph, at)


def _check_account_id(name: str, value: object) -> None:
    with argument(name):
        checked_account_id(value)


def _refuse(name: str, expected: str, value: object) -> NoReturn:
    kind = "string" if isinstance(value, str) else type(value).__name__
    raise FakeUsageError(f"{name}: expected {expected}, got the {kind} {value!r}.")


def _indicators(entity_arn: object, given: object) -> list[Indicator]:
    if not isinstance(entity_arn, str):
        _refuse("entity_arn", "the ARN of an IAM user or role", entity_arn)
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        _refuse("indicators", "a list of indicators", given)
    from detective_fake.domain.indicators import indicator_of  # noqa: PLC0415 - eight classes, seldom needed

    with argument("indicators"):
        return [indicator_of(each) for each in given]


def _check_flags(**flags: object) -> None:
    for name, value in flags.items():
        if not isinstance(value, bool):
            _refuse(name, "True or False", value)


def _by_key(name: str, given: object, default: object) -> dict[Any, Any]:
    """Return a mapping as it is, and a list with the default for each entry."""
    if isinstance(given, Mapping):
        return dict(given)
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        entries = "packages" if name == "packages" else "account IDs"
        _refuse(name, f"a mapping or a list of {entries}", given)
    return dict.fromkeys(given, default)
