"""The state of one fake: accounts, organizations, graphs and memberships in all Regions.

State changes only here. `World` keeps tables and indexes consistent. The rules are in `enrolment`, `designation`,
`investigations` and the operations.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import attrs

from detective_fake.domain import ids
from detective_fake.domain.account import Account
from detective_fake.domain.event_queue import EventKind, EventQueue, PendingEvent, Timings
from detective_fake.domain.graph import BehaviorGraph, initial_packages
from detective_fake.domain.quotas import Quotas
from detective_fake.domain.tables import InvestigationTable, MemberTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from detective_fake.domain.account import Designation, Organization
    from detective_fake.domain.investigation import Investigation, PreparedInvestigation
    from detective_fake.domain.membership import Email, Membership

__all__ = ["World"]

RegionAndName = tuple[str, str]


@attrs.define(kw_only=True)
class World:
    """All accounts and Regions of one fake. Equality compares the state, not the options.

    Attributes:
        id_seed: Seed of generated IDs.
        disabled_may_leave: Whether a disabled account can disassociate itself.
        quotas: May change at any time.
        timings: May change at any time. Pending events keep their due times.
        accounts: By account ID. A missing account has the defaults.
        organizations: By organization ID.
        designations: (Region, organization ID) -> the current administrator.
        listed: (Region, organization ID) -> the administrator that `ListOrganizationAdminAccounts` returns.
        graphs: By ARN, in all Regions.
        members: By graph ARN.
        investigations: By graph ARN.
        prepared: (graph ARN, entity ARN) -> the result of future investigations.
        emails: Invitations sent, in order.
        event_queue: Events that fire without an API call.
        counts: (kind, name) -> how many IDs were generated.
        last_number: The last number given to a membership, investigation or event.
        graph_of: Index: (Region, account ID) -> ARN of the graph that the account administers.
        memberships: Index: (Region, account ID) -> ARNs of other accounts' graphs that it has a row in.
        rechecks: Index: ARNs of the graphs with a re-check in the event queue.
    """

    id_seed: int = attrs.field(default=0, eq=False)
    disabled_may_leave: bool = attrs.field(default=False, eq=False)
    quotas: Quotas = attrs.field(factory=Quotas)
    timings: Timings = attrs.field(factory=Timings)
    accounts: dict[str, Account] = attrs.field(factory=dict)
    organizations: dict[str, Organization] = attrs.field(factory=dict)
    designations: dict[RegionAndName, Designation] = attrs.field(factory=dict)
    listed: dict[RegionAndName, Designation] = attrs.field(factory=dict)
    graphs: dict[str, BehaviorGraph] = attrs.field(factory=dict)
    members: dict[str, MemberTable] = attrs.field(factory=dict)
    investigations: dict[str, InvestigationTable] = attrs.field(factory=dict)
    prepared: dict[RegionAndName, PreparedInvestigation] = attrs.field(factory=dict)
    emails: list[Email] = attrs.field(factory=list)
    event_queue: EventQueue = attrs.field(factory=EventQueue)
    counts: dict[RegionAndName, int] = attrs.field(factory=dict)
    last_number: int = 0
    graph_of: dict[RegionAndName, str] = attrs.field(factory=dict, eq=False, repr=False)
    memberships: dict[RegionAndName, tuple[str, ...]] = attrs.field(factory=dict, eq=False, repr=False)
    rechecks: set[str] = attrs.field(factory=set, eq=False, repr=False)

    def copy(self) -> World:
        """Return an independent world. Tables are copied, the immutable values in them are shared."""
        fields = {field.name: copy.copy(getattr(self, field.name)) for field in attrs.fields(World)}
        fields["members"] = {arn: table.copy() for arn, table in self.members.items()}
        fields["investigations"] = {arn: table.copy() for arn, table in self.investigations.items()}
        return World(**fields)

    def become(self, other: World) -> None:
        """Copy the state of another world into this one. The `quotas` and `timings` objects keep their identity."""
        source = other.copy()
        for field in attrs.fields(World):
            if field.name not in {"id_seed", "disabled_may_leave", "quotas", "timings"}:
                setattr(self, field.name, getattr(source, field.name))
        for settings, values in ((self.quotas, source.quotas), (self.timings, source.timings)):
            for field in attrs.fields(type(settings)):
                setattr(settings, field.name, getattr(values, field.name))

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

    def organization_of(self, account_id: str) -> Organization | None:
        """Return the organization an account belongs to."""
        return next((each for each in self.organizations.values() if account_id in each.accounts), None)

    def is_organization_account(self, graph: BehaviorGraph, account_id: str) -> bool:
        """Return whether an account belongs to the organization whose behavior graph this is."""
        if graph.organization_id is None:
            return False
        organization = self.organizations.get(graph.organization_id)
        return organization is not None and account_id in organization.accounts

    def administered(self, region: str, account_id: str) -> BehaviorGraph | None:
        """Return the graph an account administers in a Region."""
        arn = self.graph_of.get((region, account_id))
        return None if arn is None else self.graphs[arn]

    def create_graph(
        self, *, account_id: str, region: str, at: datetime, tags: Mapping[str, str] | None = None
    ) -> BehaviorGraph:
        """Add a graph for an account that has none in this Region."""
        count = self.count("graph", f"{region}/{account_id}")
        arn = ids.graph_arn(seed=self.id_seed, account_id=account_id, region=region, count=count)
        graph = BehaviorGraph(
            arn=arn,
            administrator_id=account_id,
            region=region,
            created_at=at,
            packages=initial_packages(at),
            tags=dict(tags or {}),
        )
        self.put_graph(graph)
        self.graph_of[region, account_id] = arn
        self.members[arn] = MemberTable()
        self.investigations[arn] = InvestigationTable()
        return graph

    def put_graph(self, graph: BehaviorGraph) -> None:
        """Replace a graph by its next value."""
        self.graphs[graph.arn] = graph

    def delete_graph(self, graph: BehaviorGraph) -> None:
        """Remove a graph with its memberships, investigations and prepared investigations."""
        for account_id in self.members[graph.arn].rows:
            self._leave_index(graph, account_id)
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
        """Yield every graph of another account that this account has a row in, with the row."""
        for arn in self.memberships.get((region, account_id), ()):
            yield self.graphs[arn], self.members[arn].rows[account_id]

    def put(self, graph: BehaviorGraph, membership: Membership) -> None:
        """Set an account's row in a graph."""
        table = self.members[graph.arn]
        account_id = membership.account_id
        if account_id not in table.rows and account_id != graph.administrator_id:
            key = (graph.region, account_id)
            self.memberships[key] = (*self.memberships.get(key, ()), graph.arn)
        table.put(membership)

    def remove(self, graph: BehaviorGraph, account_id: str) -> None:
        """Remove an account's row in a graph."""
        self.members[graph.arn].remove(account_id)
        self._leave_index(graph, account_id)

    def member_count(self, graph: BehaviorGraph) -> int:
        """Return how many accounts count toward the quota: all rows except the administrator's."""
        rows = self.members[graph.arn].rows
        return len(rows) - (graph.administrator_id in rows)

    def enabled_count(self, graph: BehaviorGraph) -> int:
        """Return how many members are enabled, without the administrator."""
        table = self.members[graph.arn]
        return table.enabled - (graph.administrator_id in table.rows)

    def investigations_of(self, graph_arn: str) -> InvestigationTable:
        """Return the investigations of a graph, for reading."""
        return self.investigations[graph_arn]

    def investigation(self, graph_arn: str, investigation_id: str) -> Investigation | None:
        """Return an investigation in a graph, None if there is no such investigation or graph."""
        table = self.investigations.get(graph_arn)
        return None if table is None else table.rows.get(investigation_id)

    def put_investigation(self, graph_arn: str, investigation: Investigation) -> None:
        """Set an investigation in a graph."""
        self.investigations[graph_arn].put(investigation)

    def schedule(
        self,
        kind: EventKind,
        at: datetime,
        *,
        scope: str,
        subject: str = "",
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

    def _leave_index(self, graph: BehaviorGraph, account_id: str) -> None:
        if account_id == graph.administrator_id:
            return
        key = (graph.region, account_id)
        remaining = tuple(arn for arn in self.memberships.pop(key) if arn != graph.arn)
        if remaining:
            self.memberships[key] = remaining
