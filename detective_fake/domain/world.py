"""The state of one fake: accounts, organizations, graphs and memberships in all Regions.

State changes only here. `World` keeps tables and indexes consistent. The rules are in `enrolment`, `designation`,
`investigations` and the operations.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain import ids
from detective_fake.domain.account import Account
from detective_fake.domain.event_queue import EventKind, EventQueue, PendingEvent, Timings
from detective_fake.domain.graph import BehaviorGraph, DatasourcePackage, update_packages
from detective_fake.domain.membership import Membership, MemberStatus
from detective_fake.domain.quotas import Behavior, Quotas
from detective_fake.exchange import StatusChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from detective_fake.domain.account import Designation, Organization
    from detective_fake.domain.investigations import Investigation, PreparedInvestigation
    from detective_fake.domain.membership import Email

RegionAndName = tuple[str, str]
LoggedRow = tuple[str, dict[str, Any], str, Any]
"""The ARN of the graph, empty unless the row is a membership; the table; the key; the former row or None."""

_number = attrgetter("number")


@attrs.define
class MemberTable:
    """Memberships of one graph by account. `put` and `remove` keep the sums that quotas need.

    Attributes:
        rows: For reading, in no particular order.
        failed: How many are `VERIFICATION_FAILED`.
        enabled: How many are `ENABLED`.
        volume: Bytes a day that the graph ingests from those.
    """

    rows: dict[str, Membership] = attrs.field(factory=dict)
    failed: int = attrs.field(default=0, eq=False)
    enabled: int = attrs.field(default=0, eq=False)
    volume: int = attrs.field(default=0, eq=False)
    _ordered: list[Membership] | None = attrs.field(default=None, init=False, eq=False, repr=False)

    def copy(self) -> MemberTable:
        """Return an independent table with the same rows."""
        return MemberTable(rows=self.rows.copy(), failed=self.failed, enabled=self.enabled, volume=self.volume)

    def put(self, membership: Membership) -> None:
        """Set an account's row."""
        former = self.rows.get(membership.account_id)
        if former is not None:
            self._count(former, -1)
        self._count(membership, 1)
        self.rows[membership.account_id] = membership
        self._ordered = None

    def remove(self, account_id: str) -> None:
        """Remove an account's row."""
        self._count(self.rows.pop(account_id), -1)
        self._ordered = None

    def recount(self) -> None:
        """Compute the sums of all rows."""
        self.failed = self.enabled = self.volume = 0
        self._ordered = None
        for membership in self.rows.values():
            self._count(membership, 1)

    def _count(self, membership: Membership, sign: int) -> None:
        if membership.status is MemberStatus.ENABLED:
            self.enabled += sign
            self.volume += sign * (membership.usage.total if membership.usage else 0)
        elif membership.status is MemberStatus.VERIFICATION_FAILED:
            self.failed += sign

    def ordered(self) -> list[Membership]:
        """Return the rows in order of invitation. Do not change the list."""
        if self._ordered is None:
            self._ordered = sorted(self.rows.values(), key=_number)
        return self._ordered

    def after(self, number: int, limit: int) -> tuple[Sequence[Membership], bool]:
        """Return up to `limit` rows with higher numbers, in order, and whether there are more."""
        ordered = self.ordered()
        start = bisect_right(ordered, number, key=_number)
        end = start + limit
        return ordered[start:end], end < len(ordered)


@attrs.define(kw_only=True)
class World:
    """All accounts and Regions of one fake. Equality compares the state, not the options.

    Attributes:
        id_seed: Seed of generated IDs.
        behavior: What the fake does where sources disagree.
        quotas: May change at any time.
        timings: May change at any time. Pending events keep their due times.
        accounts: By account ID. A missing account has the defaults.
        organizations: By organization ID.
        designations: (Region, organization ID) -> the current administrator.
        listed: (Region, organization ID) -> the administrator that `ListOrganizationAdminAccounts` returns.
        graphs: By ARN, in all Regions.
        members: By graph ARN.
        investigations: By graph ARN and ID, in the order they were added.
        prepared: (graph ARN, entity ARN) -> the result of future investigations.
        emails: Invitations sent, in order.
        event_queue: Events that fire without an API call.
        counts: (kind, name) -> how many IDs were generated.
        last_number: The last number given to a membership, investigation or event.
        checked_on: The day on which the volume of all graphs was last checked.
        graph_of: Index: (Region, account ID) -> ARN of the graph that the account administers.
        memberships: Index: (Region, account ID) -> ARNs of other accounts' graphs that it has a row in.
        rechecks: Index: ARNs of the graphs with a re-check in the event queue.
        log: Gets the former rows of those that change; None outside of `FakeContext.all_or_nothing`.
    """

    id_seed: int = attrs.field(default=0, eq=False)
    behavior: Behavior = attrs.field(factory=Behavior, eq=False)
    quotas: Quotas = attrs.field(factory=Quotas)
    timings: Timings = attrs.field(factory=Timings)
    accounts: dict[str, Account] = attrs.field(factory=dict)
    organizations: dict[str, Organization] = attrs.field(factory=dict)
    designations: dict[RegionAndName, Designation] = attrs.field(factory=dict)
    listed: dict[RegionAndName, Designation] = attrs.field(factory=dict)
    graphs: dict[str, BehaviorGraph] = attrs.field(factory=dict)
    members: dict[str, MemberTable] = attrs.field(factory=dict)
    investigations: dict[str, dict[str, Investigation]] = attrs.field(factory=dict)
    prepared: dict[RegionAndName, PreparedInvestigation] = attrs.field(factory=dict)
    emails: list[Email] = attrs.field(factory=list)
    event_queue: EventQueue = attrs.field(factory=EventQueue)
    counts: dict[RegionAndName, int] = attrs.field(factory=dict)
    last_number: int = 0
    checked_on: int = attrs.field(default=0, eq=False)
    graph_of: dict[RegionAndName, str] = attrs.field(factory=dict, eq=False, repr=False)
    memberships: dict[RegionAndName, frozenset[str]] = attrs.field(factory=dict, eq=False, repr=False)
    rechecks: set[str] = attrs.field(factory=set, eq=False, repr=False)
    log: list[LoggedRow] | None = attrs.field(default=None, init=False, eq=False, repr=False)

    def begin(self) -> tuple[Callable[[], None], list[LoggedRow]]:
        """Return a function that restores the state of this moment, and the empty log that it needs: see `log`.

        Small tables are copied. Only of those with a row for each account or investigation, rows are logged.
        """
        before = {name: getattr(self, name).copy() for name in _SMALL_TABLES}
        last_number, checked_on, sent = self.last_number, self.checked_on, len(self.emails)
        log: list[LoggedRow] = []

        def undo() -> None:
            for _, rows, key, former in reversed(log):
                if former is None:
                    rows.pop(key, None)
                else:
                    rows[key] = former
            for name, table in before.items():
                setattr(self, name, table)
            self.last_number, self.checked_on = last_number, checked_on
            del self.emails[sent:]
            self.build_indexes()

        return undo, log

    def copy(self) -> World:
        """Return an independent world. Tables are copied, the immutable values in them are shared."""
        tables = {name: getattr(self, name).copy() for name in _TABLES}
        tables["members"] = {arn: table.copy() for arn, table in self.members.items()}
        tables["investigations"] = {arn: rows.copy() for arn, rows in self.investigations.items()}
        return World(
            id_seed=self.id_seed,
            behavior=self.behavior,
            quotas=Quotas.of(self.quotas),
            timings=Timings.of(self.timings),
            last_number=self.last_number,
            checked_on=self.checked_on,
            **tables,
        )

    def become(self, other: World) -> None:
        """Copy the state of another world into this one. The `quotas` and `timings` objects keep their identity."""
        source = other.copy()
        for name in (*_TABLES, "last_number", "checked_on"):
            setattr(self, name, getattr(source, name))
        for settings, values in ((self.quotas, source.quotas), (self.timings, source.timings)):
            for field in attrs.fields(type(settings)):
                setattr(settings, field.name, getattr(values, field.name))

    def build_indexes(self) -> None:
        """Build the indexes, and the sums of the member tables, from the tables."""
        self.graph_of = {(graph.region, graph.administrator_id): arn for arn, graph in self.graphs.items()}
        self.rechecks = {event.scope for event in self.event_queue.events() if event.kind is EventKind.RECHECK}
        self.memberships = {}
        for arn, table in self.members.items():
            table.recount()
            for account_id in table.rows:
                self._enter_index(self.graphs[arn], account_id)

    def next_number(self) -> int:
        """Return the next number of a membership, investigation or event."""
        self.last_number += 1
        return self.last_number

    def count(self, kind: str, name: str) -> int:
        """Return how many IDs of a kind were generated under this name before, and count one more."""
        before = self.counts.get((kind, name), 0)
        self.counts[kind, name] = before + 1
        return before

    def account(self, account_id: str) -> Account:
        """Return an account, with the defaults unless a test has set attributes."""
        return self.accounts.get(account_id) or Account(account_id=account_id)

    def put_account(self, account: Account) -> None:
        """Set the attributes of an account."""
        self._log_row("", self.accounts, account.account_id)
        self.accounts[account.account_id] = account

    def organization_of(self, account_id: str) -> Organization | None:
        """Return the organization an account belongs to."""
        return next((each for each in self.organizations.values() if account_id in each.accounts), None)

    def is_organization_account(self, graph: BehaviorGraph, account_id: str) -> bool:
        """Return whether an account belongs to the organization whose behavior graph this is."""
        organization = self.organizations.get(graph.organization_id or "")
        return organization is not None and account_id in organization.accounts

    def administered(self, region: str, account_id: str) -> BehaviorGraph | None:
        """Return the graph an account administers in a Region."""
        arn = self.graph_of.get((region, account_id))
        return None if arn is None else self.graphs[arn]

    def create_graph(
        self, *, account_id: str, region: str, at: datetime, tags: Mapping[str, str] | None = None
    ) -> BehaviorGraph:
        """Add a graph for an account that has none in this Region.

        It ingests core data. Source: inference, from "the packages active in the behavior graph". It was observed, too.
        """
        count = self.count("graph", f"{region}/{account_id}")
        arn = ids.graph_arn(seed=self.id_seed, account_id=account_id, region=region, count=count)
        graph = BehaviorGraph(
            arn=arn,
            administrator_id=account_id,
            region=region,
            created_at=at,
            packages=update_packages({}, [DatasourcePackage.DETECTIVE_CORE], at),
            tags=dict(tags or {}),
        )
        self.put_graph(graph)
        self.graph_of[region, account_id] = arn
        self.members[arn] = MemberTable()
        self.investigations[arn] = {}
        return graph

    def put_graph(self, graph: BehaviorGraph) -> None:
        """Replace a graph by its next value."""
        self.graphs[graph.arn] = graph

    def delete_graph(self, graph: BehaviorGraph) -> None:
        """Remove a graph with its memberships, investigations, prepared investigations and pending events."""
        self.event_queue.remove(lambda event: event.scope == graph.arn)
        self.rechecks.discard(graph.arn)
        for account_id in list(self.members[graph.arn].rows):
            self._remove_row(graph, account_id)
        del self.members[graph.arn]
        del self.investigations[graph.arn]
        for key in [key for key in self.prepared if key[0] == graph.arn]:
            del self.prepared[key]
        del self.graphs[graph.arn]
        del self.graph_of[graph.region, graph.administrator_id]

    def rows(self, graph_arn: str) -> MemberTable:
        """Return the members of a graph, for reading."""
        return self.members[graph_arn]

    def membership(self, graph_arn: str, account_id: str) -> Membership | None:
        """Return an account's row in a graph, None if there is no such row or graph."""
        table = self.members.get(graph_arn)
        return None if table is None else table.rows.get(account_id)

    def memberships_of(self, region: str, account_id: str) -> Iterator[tuple[BehaviorGraph, Membership]]:
        """Yield every graph of another account that this account has a row in, with the row, in no particular order."""
        for arn in self.memberships.get((region, account_id), frozenset()):
            yield self.graphs[arn], self.members[arn].rows[account_id]

    def put(self, graph: BehaviorGraph, membership: Membership) -> None:
        """Set an account's row in a graph."""
        table = self.members[graph.arn]
        account_id = membership.account_id
        self._log_row(graph.arn, table.rows, account_id)
        if account_id not in table.rows:
            self._enter_index(graph, account_id)
        table.put(membership)

    def remove(self, graph: BehaviorGraph, account_id: str) -> None:
        """Remove an account's row in a graph, and the event that it waits for."""
        self.cancel_events(self.members[graph.arn].rows[account_id])
        self._remove_row(graph, account_id)

    def cancel_events(self, membership: Membership) -> None:
        """Remove the event that a membership waits for, if any."""
        if membership.enabling or membership.status is MemberStatus.VERIFICATION_IN_PROGRESS:
            self.event_queue.remove(lambda event: event.membership == membership.number)

    def member_count(self, graph: BehaviorGraph) -> int:
        """Return how many rows a graph has, without the administrator's."""
        rows = self.members[graph.arn].rows
        return len(rows) - (graph.administrator_id in rows)

    def enabled_count(self, graph: BehaviorGraph) -> int:
        """Return how many members are enabled, without the administrator."""
        table = self.members[graph.arn]
        return table.enabled - (graph.administrator_id in table.rows)

    def investigation(self, graph_arn: str, investigation_id: str) -> Investigation | None:
        """Return an investigation in a graph, None if there is no such investigation or graph."""
        return self.investigations.get(graph_arn, {}).get(investigation_id)

    def put_investigation(self, graph_arn: str, investigation: Investigation) -> None:
        """Set an investigation in a graph."""
        rows = self.investigations[graph_arn]
        self._log_row("", rows, investigation.investigation_id)
        rows[investigation.investigation_id] = investigation

    def schedule(
        self,
        kind: EventKind,
        at: datetime,
        *,
        scope: str,
        subject: str,
        membership: int = 0,
        message: str | None = None,
        notify: bool = False,
    ) -> None:
        """Add an event to the event queue. `timings` gives its delay from this time."""
        delay = getattr(self.timings, kind.value)
        event = PendingEvent(
            due=None if delay is None else at + delay,
            number=self.next_number(),
            kind=kind,
            scope=scope,
            subject=subject,
            membership=membership,
            message=message,
            notify=notify,
        )
        self.event_queue.add(event)

    def _remove_row(self, graph: BehaviorGraph, account_id: str) -> None:
        table = self.members[graph.arn]
        self._log_row(graph.arn, table.rows, account_id)
        table.remove(account_id)
        if account_id != graph.administrator_id:
            key = (graph.region, account_id)
            if remaining := self.memberships.pop(key) - {graph.arn}:
                self.memberships[key] = remaining

    def _enter_index(self, graph: BehaviorGraph, account_id: str) -> None:
        if account_id != graph.administrator_id:
            key = (graph.region, account_id)
            self.memberships[key] = self.memberships.get(key, frozenset()) | {graph.arn}

    def _log_row(self, graph_arn: str, rows: dict[str, Any], key: str) -> None:
        """Log a row that is about to change. The ARN is empty unless it is a membership."""
        if self.log is not None:
            self.log.append((graph_arn, rows, key, rows.get(key)))


def status_changes(log: list[LoggedRow]) -> list[StatusChange]:
    """Return the changes of the statuses of memberships, in order."""
    changes = []
    later: dict[tuple[str, str], Membership | None] = {}
    for arn, rows, account_id, before in reversed(log):
        if arn:
            after = later.get((arn, account_id), rows.get(account_id))
            later[arn, account_id] = before
            statuses = [row.status.value if row else None for row in (before, after)]
            if statuses[0] != statuses[1]:
                changes.append(StatusChange(account_id, arn, *statuses))
    return changes[::-1]


_TABLES: Final = tuple(
    field.name
    for field in attrs.fields(World)
    if field.init and field.name not in {"id_seed", "behavior", "quotas", "timings", "last_number", "checked_on"}
)
_SMALL_TABLES: Final = tuple(
    name for name in _TABLES if name not in {"accounts", "emails", "graph_of", "memberships", "rechecks"}
)
"""Tables that do not grow with the accounts, or that are quick to copy. Indexes are built again."""
