"""From a world to the scenario that describes it in full, without what building would find out by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from detective_fake.domain import datasources
from detective_fake.domain.account import Account
from detective_fake.domain.datasources import IngestState
from detective_fake.domain.investigations import DEFAULT_SCOPE
from detective_fake.domain.membership import MemberStatus
from detective_fake.scenario.entries import (
    AccountEntry,
    DesignationEntry,
    GraphEntry,
    InvestigationEntry,
    MemberEntry,
    OrganizationAccountEntry,
    OrganizationEntry,
    PackageEntry,
    PreparedInvestigationEntry,
)
from detective_fake.scenario.format import (
    ClockEntry,
    CountersEntry,
    EmailEntry,
    EventEntry,
    ListedAdministratorEntry,
    QuotasEntry,
    Scenario,
    TimingsEntry,
)
from detective_fake.scenario.usual import (
    usual_address,
    usual_invitation_type,
    usual_invited_at,
    usual_usage,
)
from detective_fake.scenario.values import (
    AccountId,
    Address,
    Delay,
    EntityArn,
    GraphArn,
    InvestigationId,
    Message,
    Offset,
    OrganizationId,
    Positive,
    Reason,
    RegionName,
    Volumes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from detective_fake.domain.emails import Email
    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.investigations import Investigation, PreparedInvestigation
    from detective_fake.domain.membership import Membership, Usage
    from detective_fake.domain.organization import Designation, Organization
    from detective_fake.domain.world import World

__all__ = ["record"]

T = TypeVar("T")


def record(world: World, clock_setting: tuple[int, datetime | None]) -> Scenario:
    """Return the scenario of a world as it is now, and of its clock."""
    ahead, frozen_at = clock_setting
    return Scenario(
        clock=ClockEntry(frozen_at=frozen_at, ahead_milliseconds=Offset(ahead)),
        quotas=_quotas(world),
        timings=_timings(world),
        accounts=tuple(_accounts(world)),
        organizations=tuple(_organization(world, each) for each in world.organizations.values()),
        listed_administrators=None if world.listed == world.designations else tuple(_listed(world)),
        graphs=tuple(_graphs(world)),
        emails=tuple(_email(each) for each in world.emails),
        events=tuple(_event(each) for each in world.event_queue.events()),
        counters=_counters(world),
    )


def _unless(value: T, usual: object) -> T | None:
    return None if value == usual else value


def _quotas(world: World) -> QuotasEntry:
    quotas = world.quotas
    return QuotasEntry(
        members_per_graph=Positive(quotas.members_per_graph),
        volume_bytes_per_day=Positive(quotas.volume_bytes_per_day),
        tags_per_graph=Positive(quotas.tags_per_graph),
        members_page=Positive(quotas.members_page),
        investigations_page=Positive(quotas.investigations_page),
        investigation_token_lifetime=quotas.investigation_token_lifetime,
    )


def _timings(world: World) -> TimingsEntry:
    timings = world.timings
    return TimingsEntry(
        verification=Delay(timings.verification),
        enabling=Delay(timings.enabling),
        investigation=Delay(timings.investigation),
        administrator_visibility=Delay(timings.administrator_visibility),
        recheck=Delay(timings.recheck),
    )


def _accounts(world: World) -> Iterator[AccountEntry]:
    named = {name: email for each in world.organizations.values() for name, email in each.accounts.items()}
    for account_id, account in world.accounts.items():
        usual = Account(account_id=account_id, email=named.get(account_id))
        yield AccountEntry(
            account_id=AccountId(account_id),
            email=None if account.email == usual.email else Address(account.email or ""),
            daily_volume_bytes=None if account.volumes == usual.volumes else Volumes(account.volumes),
            verifies=account.verifies,
            guardduty=account.guardduty,
            closed=account.closed,
        )


def _organization(world: World, organization: Organization) -> OrganizationEntry:
    management, accounts = organization.management_account_id, dict(organization.accounts)
    if next(iter(accounts), None) == management and accounts[management] is None:
        del accounts[management]  # it comes first by itself
    return OrganizationEntry(
        organization_id=OrganizationId(organization.organization_id),
        management_account_id=AccountId(management),
        accounts=tuple(
            OrganizationAccountEntry(account_id=AccountId(each), email=None if email is None else Address(email))
            for each, email in accounts.items()
        ),
        delegated_administrator_id=_account(organization.delegated_administrator_id),
        designations=tuple(
            _designation(world, region, designation)
            for (region, organization_id), designation in world.designations.items()
            if organization_id == organization.organization_id
        ),
    )


def _account(account_id: str | None) -> AccountId | None:
    return None if account_id is None else AccountId(account_id)


def _designation(world: World, region: str, designation: Designation) -> DesignationEntry:
    graph = world.graphs.get(designation.graph_arn)
    return DesignationEntry(
        administrator_id=AccountId(designation.administrator_id),
        region=RegionName(region),
        delegated_at=_unless(designation.delegated_at, graph.created_at if graph else None),
        deleted_graph_arn=GraphArn(designation.graph_arn) if graph is None else None,
    )


def _listed(world: World) -> Iterator[ListedAdministratorEntry]:
    for (region, organization_id), designation in world.listed.items():
        yield ListedAdministratorEntry(
            organization_id=OrganizationId(organization_id),
            region=RegionName(region),
            administrator_id=AccountId(designation.administrator_id),
            graph_arn=GraphArn(designation.graph_arn),
            delegated_at=designation.delegated_at,
        )


def _graphs(world: World) -> Iterator[GraphEntry]:
    last = 0
    for graph in world.graphs.values():
        yield GraphEntry(
            arn=GraphArn(graph.arn),
            administrator_id=AccountId(graph.administrator_id),
            region=RegionName(graph.region),
            created_at=graph.created_at,
            tags=graph.tags,
            auto_enable=graph.auto_enable,
            packages=_packages(graph),
            members=tuple(_members(world, graph, last)),
            investigations=tuple(map(_investigation, world.investigations_of(graph.arn).rows.values())),
            prepared_investigations=tuple(
                _prepared(entity_arn, ending)
                for (graph_arn, entity_arn), ending in world.prepared.items()
                if graph_arn == graph.arn
            ),
        )
        last = max([last, *(row.number for row in world.rows(graph.arn).ordered()[-1:])])


def _packages(graph: BehaviorGraph) -> tuple[PackageEntry, ...] | None:
    if graph.packages == datasources.initial(graph.created_at):
        return None
    return tuple(
        PackageEntry(
            package=package,
            state=ingest.state,
            started_at=_unless(ingest.changes[IngestState.STARTED], graph.created_at),
            stopped_at=ingest.changes.get(IngestState.STOPPED),
        )
        for package, ingest in graph.packages.items()
    )


def _members(world: World, graph: BehaviorGraph, last: int) -> Iterator[MemberEntry]:
    """Yield the members of a graph; `last` is the largest number of the graphs before."""
    for row in world.rows(graph.arn).ordered():
        yield _member(world, graph, row, last + 1)
        last = max(last, row.number)


def _member(world: World, graph: BehaviorGraph, row: Membership, usual_number: int) -> MemberEntry:
    account_id = row.account_id
    usual_email = usual_address(world, graph, account_id)
    usage = usual_usage(world, graph, account_id, row.status, row.updated_at)
    return MemberEntry(
        account_id=AccountId(account_id),
        status=row.status,
        disabled_reason=_reason(row),
        email=None if row.email == usual_email else Address(row.email or ""),
        invitation_type=_unless(row.invitation_type, usual_invitation_type(world, graph, account_id)),
        invited_at=_unless(row.invited_at, usual_invited_at(graph, account_id, row.invitation_type)),
        updated_at=_unless(row.updated_at, row.invited_at or graph.created_at),
        daily_volume_bytes=_volumes(row.usage, usage),
        measured_at=None if row.usage is None else _unless(row.usage.measured_at, row.updated_at),
        enabling=row.enabling,
        number=None if row.number == usual_number else Positive(row.number),
    )


def _reason(row: Membership) -> Reason | None:
    if row.status is not MemberStatus.ACCEPTED_BUT_DISABLED:
        return None
    # Always said: what would be found out depends on quotas that a person may change.
    return Reason(row.disabled_reason.value if row.disabled_reason else "")


def _volumes(usage: Usage | None, usual: Usage | None) -> Volumes | None:
    if usage is None:
        return None if usual is None else Volumes(None)
    return None if usual is not None and usage.by_package == usual.by_package else Volumes(usage.by_package)


def _investigation(investigation: Investigation) -> InvestigationEntry:
    return InvestigationEntry(
        entity_arn=EntityArn(investigation.entity_arn),
        status=investigation.status,
        state=investigation.state,
        severity=investigation.severity,
        indicators=investigation.indicators,
        created_at=investigation.created_at,
        scope_start=_unless(investigation.scope_start, investigation.scope_end - DEFAULT_SCOPE),
        scope_end=_unless(investigation.scope_end, investigation.created_at),
        investigation_id=InvestigationId(investigation.investigation_id),
        number=Positive(investigation.number),
    )


def _prepared(entity_arn: str, ending: PreparedInvestigation) -> PreparedInvestigationEntry:
    return PreparedInvestigationEntry(
        entity_arn=EntityArn(entity_arn),
        outcome=ending.outcome,
        severity=ending.severity,
        indicators=ending.indicators,
    )


def _email(email: Email) -> EmailEntry:
    return EmailEntry(
        account_id=AccountId(email.account_id),
        address=Address(email.address),
        administrator_id=AccountId(email.administrator_id),
        graph_arn=GraphArn(email.graph_arn),
        message=None if email.message is None else Message(email.message),
        sent_at=email.sent_at,
    )


def _event(event: PendingEvent) -> EventEntry:
    return EventEntry(
        kind=event.kind,
        scope=event.scope,
        subject=event.subject,
        due=event.due,
        membership=event.membership,
        message=None if event.message is None else Message(event.message),
        notify=event.notify,
        number=Positive(event.number),
    )


def _counters(world: World) -> CountersEntry:
    identifiers: dict[str, dict[str, int]] = {}
    for (kind, name), count in world.counts.items():
        identifiers.setdefault(kind, {})[name] = count
    return CountersEntry(last_number=world.last_number, identifiers=identifiers)
