"""What a scenario file may say of accounts, organizations and behavior graphs: a class a table, an attribute a key.

The docstrings are the format's documentation, and that of its JSON Schema. Knows no rule that takes more than one value
to check.

One format has two levels. A person leaves out what goes without saying; what is saved leaves out no more than can be
found out from the rest. An entry that needs nothing but its `BARE` key may be written as that value alone.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations when it runs
from datetime import datetime  # noqa: TC003 - as above
from typing import ClassVar

import attrs

from detective_fake.domain.datasources import DatasourcePackage, IngestState
from detective_fake.domain.indicators import Indicator  # noqa: TC001 - as above
from detective_fake.domain.investigations import Severity, State, Status
from detective_fake.domain.membership import InvitationType, MemberStatus
from detective_fake.scenario.values import (  # noqa: TC001 - as above
    AccountId,
    Address,
    EntityArn,
    GraphArn,
    InvestigationId,
    OrganizationId,
    Positive,
    Reason,
    RegionName,
    Volumes,
)

__all__ = [
    "AccountEntry",
    "DesignationEntry",
    "Entry",
    "GraphEntry",
    "InvestigationEntry",
    "MemberEntry",
    "OrganizationAccountEntry",
    "OrganizationEntry",
    "PackageEntry",
    "PreparedInvestigationEntry",
]


class Entry:
    """A table of a scenario file.

    Attributes:
        BARE: The key whose value may stand for the whole entry, empty if none may.
        DESCRIBED_BY: The class whose docstring tells of the keys, if not its own.
    """

    __slots__ = ()

    BARE: ClassVar[str] = ""
    DESCRIBED_BY: ClassVar[type | None] = None


@attrs.frozen(kw_only=True)
class AccountEntry(Entry):
    """An AWS account. One that is not listed is an ordinary account: listing is only for what differs.

    Attributes:
        account_id: Twelve digits, as a string.
        email: Root e-mail address: an invitation to another one fails verification. If it is not given, the one that
            its organization names; if there is none, or this is empty, any address will do.
        daily_volume_bytes: Bytes of source data a day for `DETECTIVE_CORE`, or by package, or "unknown"; 10^9 if not
            given.
        verifies: False: every invitation of it fails verification.
        guardduty: False: its volume is unknown to Detective.
        closed: It has been closed.
    """

    account_id: AccountId
    email: Address | None = None
    daily_volume_bytes: Volumes | None = None
    verifies: bool = True
    guardduty: bool = True
    closed: bool = False


@attrs.frozen(kw_only=True)
class OrganizationAccountEntry(Entry):
    """An account of an organization, or its id alone.

    Attributes:
        account_id: Twelve digits, as a string.
        email: Root e-mail address.
    """

    BARE: ClassVar[str] = "account_id"

    account_id: AccountId
    email: Address | None = None


@attrs.frozen(kw_only=True)
class DesignationEntry(Entry):
    """A Detective administrator account in one Region, or its id alone for the fake's Region.

    Its graph there is the organization behavior graph; one that is not among `graphs` is made.

    Attributes:
        administrator_id: The delegated administrator of the organization, or its management account.
        region: The fake's Region if not given.
        delegated_at: When its graph was created, if not given.
        deleted_graph_arn: The organization behavior graph, where it was deleted since; none is made then.
    """

    BARE: ClassVar[str] = "administrator_id"

    administrator_id: AccountId
    region: RegionName | None = None
    delegated_at: datetime | None = None
    deleted_graph_arn: GraphArn | None = None


@attrs.frozen(kw_only=True)
class OrganizationEntry(Entry):
    """An AWS organization.

    Attributes:
        organization_id: Made up if not given.
        management_account_id: The default caller if not given.
        accounts: Its other accounts; the management account may be among them, to give its address.
        delegated_administrator_id: The delegated administrator for Detective, as AWS Organizations has it; whoever is
            designated, unless that is the management account, if not given.
        designations: Who administers Detective, at most one account a Region.
    """

    organization_id: OrganizationId | None = None
    management_account_id: AccountId | None = None
    accounts: tuple[OrganizationAccountEntry, ...] = ()
    delegated_administrator_id: AccountId | None = None
    designations: tuple[DesignationEntry, ...] = ()


@attrs.frozen(kw_only=True)
class PackageEntry(Entry):
    """A data source package of a graph, or its name alone for one that is ingested since the graph was created.

    Attributes:
        package: Which.
        state: Whether it is ingested.
        started_at: When ingest last started; when the graph was created, if not given.
        stopped_at: When ingest last stopped, if ever.
    """

    BARE: ClassVar[str] = "package"

    package: DatasourcePackage
    state: IngestState = IngestState.STARTED
    started_at: datetime | None = None
    stopped_at: datetime | None = None


@attrs.frozen(kw_only=True)
class MemberEntry(Entry):
    """An account in a behavior graph, or its id alone for an enabled one.

    Attributes:
        account_id: Twelve digits, as a string. The administrator has an entry in an organization behavior graph only;
            there it gets one if it has none.
        status: Where the membership stands.
        disabled_reason: With `ACCEPTED_BUT_DISABLED` only; what the account's volume says, if not given. Empty for
            none.
        email: The address it was invited with; the account's own or one made up, if not given; empty for none.
        invitation_type: How it came in; `ORGANIZATION` for accounts of the graph's organization, if not given.
        invited_at: When the graph was created, if not given; accounts of the organization have none.
        updated_at: When the status last changed: when it was invited, if not given.
        daily_volume_bytes: With `ENABLED` only: what the graph takes in of it, as in `accounts`; what the account makes
            in the packages of the graph, if not given.
        measured_at: When that was measured: when the status last changed, if not given.
        enabling: It has accepted and is about to be enabled.
        number: Its place in the order of invitations over all graphs; after all entries before, if not given.
    """

    BARE: ClassVar[str] = "account_id"

    account_id: AccountId
    status: MemberStatus = MemberStatus.ENABLED
    disabled_reason: Reason | None = None
    email: Address | None = None
    invitation_type: InvitationType | None = None
    invited_at: datetime | None = None
    updated_at: datetime | None = None
    daily_volume_bytes: Volumes | None = None
    measured_at: datetime | None = None
    enabling: bool = False
    number: Positive | None = None


@attrs.frozen(kw_only=True)
class InvestigationEntry(Entry):
    """An investigation.

    Attributes:
        entity_arn: The IAM user or role.
        status: `RUNNING` until it finishes.
        state: Set by whoever reviews it.
        severity: Not with `RUNNING`; `INFORMATIONAL` of a successful one, if not given.
        indicators: What it found: tables of `indicator_type` and its members; only of a successful one.
        created_at: When the graph was created, if not given.
        scope_start: A day before the end of the scope, if not given.
        scope_end: When it was created, if not given.
        investigation_id: 21 digits, made up if not given.
        number: Its place in the order of starting, over all graphs; after all others, if not given.
    """

    entity_arn: EntityArn
    status: Status = Status.SUCCESSFUL
    state: State = State.ACTIVE
    severity: Severity | None = None
    indicators: tuple[Indicator, ...] = ()
    created_at: datetime | None = None
    scope_start: datetime | None = None
    scope_end: datetime | None = None
    investigation_id: InvestigationId | None = None
    number: Positive | None = None


@attrs.frozen(kw_only=True)
class PreparedInvestigationEntry(Entry):
    """What investigations of an entity are going to find.

    Attributes:
        entity_arn: The IAM user or role.
        outcome: `SUCCESSFUL` or `FAILED`.
        severity: `INFORMATIONAL` if it succeeds and nothing is given.
        indicators: As of an investigation.
    """

    entity_arn: EntityArn
    outcome: Status = Status.SUCCESSFUL
    severity: Severity | None = None
    indicators: tuple[Indicator, ...] = ()


@attrs.frozen(kw_only=True)
class GraphEntry(Entry):
    """A behavior graph.

    Attributes:
        arn: Made up if not given.
        administrator_id: The account that owns it; the one in `arn`, else the default caller, if not given.
        region: The one in `arn`, else the fake's, if not given.
        created_at: The present time if not given, as it is for whatever else here has no time of its own.
        tags: At most 50.
        auto_enable: Whether accounts that join the organization are enabled by themselves; of an organization behavior
            graph only.
        packages: The data source packages that were ever started, `DETECTIVE_CORE` among them; that one alone, if not
            given.
        members: In the order invited.
        investigations: In the order started.
        prepared_investigations: What investigations to come are going to find.
    """

    arn: GraphArn | None = None
    administrator_id: AccountId | None = None
    region: RegionName | None = None
    created_at: datetime | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    auto_enable: bool = False
    packages: tuple[PackageEntry, ...] | None = None
    members: tuple[MemberEntry, ...] = ()
    investigations: tuple[InvestigationEntry, ...] = ()
    prepared_investigations: tuple[PreparedInvestigationEntry, ...] = ()
