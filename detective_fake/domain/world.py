"""The one place where state changes: accounts, organizations, graphs and memberships of every Region of a fake.

It keeps values and their indexes consistent and can be copied at next to no cost; which change is allowed when is for
`enrolment`, `designation` and the operations to say.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

import attrs

from detective_fake.domain import datasources, ids
from detective_fake.domain.account import Account, ordinary_account
from detective_fake.domain.choices import kept
from detective_fake.domain.graph import BehaviorGraph
from detective_fake.domain.investigation_table import InvestigationTable
from detective_fake.domain.members import MemberTable
from detective_fake.domain.pending import Agenda, EventKind, PendingEvent, Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.domain.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from detective_fake.domain.emails import Email
    from detective_fake.domain.investigations import Investigation, PreparedInvestigation
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.organization import Designation, Organization

__all__ = ["World", "WorldState"]

RegionAndName = tuple[str, str]


class _Table(Protocol):
    generation: object

    def copy_for(self: T, generation: object) -> T: ...  # noqa: PYI019 - typing.Self is of Python 3.11


T = TypeVar("T", bound=_Table)
Limits = TypeVar("Limits", Quotas, Timings)


def _in_order(agenda: tuple[Any, Any]) -> tuple[Any, Any]:
    # A heap's layout tells of how it came about, not of what is in it.
    timed, untimed = agenda
    return sorted(timed), untimed


@attrs.frozen(kw_only=True)
class WorldState:
    """Everything in a world at one moment; equal when nothing differs."""

    accounts: Mapping[str, Account]
    organizations: Mapping[str, Organization]
    designations: Mapping[RegionAndName, Designation]
    listed: Mapping[RegionAndName, Designation]
    graphs: Mapping[str, BehaviorGraph]
    members: Mapping[str, MemberTable]
    graph_of: Mapping[RegionAndName, str]
    memberships: Mapping[RegionAndName, tuple[str, ...]]
    investigations: Mapping[str, InvestigationTable]
    prepared: Mapping[RegionAndName, PreparedInvestigation]
    emails: list[Email]
    agenda: tuple[Any, Any] = attrs.field(eq=_in_order)
    rechecks: Mapping[str, bool]
    counts: Mapping[RegionAndName, int]
    number: int
    quotas: Quotas
    timings: Timings


_SHARED = (
    "accounts",
    "organizations",
    "designations",
    "listed",
    "graphs",
    "members",
    "graph_of",
    "memberships",
    "investigations",
    "prepared",
    "emails",
    "rechecks",
    "counts",
)


class World:
    """All accounts and Regions of one fake.

    Attributes:
        seed: What identifiers are made from.
        disabled_may_leave: Whether an account that accepted and is not enabled can disassociate itself.
        accounts: What is known of accounts; one that is missing is an ordinary account.
        organizations: By organization id.
        designations: (Region, organization id) -> the administrator as it is.
        listed: The same as `ListOrganizationAdminAccounts` shows it.
        graphs: By ARN, all Regions.
        members: ARN -> its rows.
        graph_of: (Region, account id) -> ARN of the graph that account administers there.
        memberships: (Region, account id) -> ARNs of the graphs it has a row in, its own graph left out.
        investigations: ARN -> its investigations.
        prepared: (ARN, entity ARN) -> what an investigation to come is going to find.
        emails: Invitations sent, in order.
        rechecks: ARNs of the graphs whose hourly check is on the agenda.
        counts: How many identifiers of a kind were given out, by kind and name.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Quotas | None = None,
        timings: Timings | None = None,
        disabled_may_leave: bool = False,
    ) -> None:
        self.seed = seed
        self.disabled_may_leave = disabled_may_leave
        if quotas is not None:
            self.quotas = quotas
        if timings is not None:
            self.timings = timings
        self.accounts: Shared[dict[str, Account]] = Shared({})
        self.organizations: Shared[dict[str, Organization]] = Shared({})
        self.designations: Shared[dict[RegionAndName, Designation]] = Shared({})
        self.listed: Shared[dict[RegionAndName, Designation]] = Shared({})
        self.graphs: Shared[dict[str, BehaviorGraph]] = Shared({})
        self.members: Shared[dict[str, MemberTable]] = Shared({})
        self.graph_of: Shared[dict[RegionAndName, str]] = Shared({})
        self.memberships: Shared[dict[RegionAndName, tuple[str, ...]]] = Shared({})
        self.investigations: Shared[dict[str, InvestigationTable]] = Shared({})
        self.prepared: Shared[dict[RegionAndName, PreparedInvestigation]] = Shared({})
        self.emails: Shared[list[Email]] = Shared([])
        self.rechecks: Shared[dict[str, bool]] = Shared({})
        self.counts: Shared[dict[RegionAndName, int]] = Shared({})
        self.agenda = Agenda()
        self._number = 0
        # An object, not a count: the tables of a snapshot may come from another world, and no two share a generation.
        self._generation = object()

    # Most worlds have the usual ones, and many are never asked for them.
    @cached_property
    def quotas(self) -> Quotas:
        """Limits; may be changed at any time."""
        return Quotas.of(None)

    @cached_property
    def timings(self) -> Timings:
        """Delays; may be changed at any time, for events to come."""
        return Timings.of(None)

    def state(self) -> WorldState:
        """Return everything as it is now, to compare or to come back to; shares what does not change."""
        self._generation = object()
        lent = {name: getattr(self, name).lend() for name in _SHARED}
        return WorldState(
            agenda=self.agenda.lend(),
            number=self._number,
            quotas=kept(self.quotas),
            timings=kept(self.timings),
            **lent,
        )

    def become(self, state: WorldState) -> None:
        """Go back to an earlier state."""
        self._generation = object()
        for name in _SHARED:
            getattr(self, name).take(getattr(state, name))
        self.agenda.take(state.agenda)
        self._number = state.number
        _set_all(self.quotas, state.quotas)
        _set_all(self.timings, state.timings)

    def next_number(self) -> int:
        """Return a number larger than any before."""
        self._number += 1
        return self._number

    def count(self, kind: str, name: str) -> int:
        """Return how many of a kind there were before under this name, and count one more."""
        counts = self.counts.own()
        before = counts.get((kind, name), 0)
        counts[kind, name] = before + 1
        return before

    def account(self, account_id: str) -> Account:
        """Return what is known of an account; an ordinary one if nobody said anything."""
        return self.accounts.value.get(account_id) or ordinary_account(account_id)

    def organization_of(self, account_id: str) -> Organization | None:
        """Return the organization an account belongs to."""
        return next((each for each in self.organizations.value.values() if account_id in each.accounts), None)

    def is_organization_account(self, graph: BehaviorGraph, account_id: str) -> bool:
        """Tell whether an account belongs to the organization whose behavior graph this is."""
        if graph.organization_id is None:
            return False
        organization = self.organizations.value.get(graph.organization_id)
        return organization is not None and account_id in organization.accounts

    def administered(self, region: str, account_id: str) -> BehaviorGraph | None:
        """Return the graph an account administers in a Region."""
        arn = self.graph_of.value.get((region, account_id))
        return None if arn is None else self.graphs.value[arn]

    def create_graph(
        self, *, account_id: str, region: str, at: datetime, tags: Mapping[str, str] | None = None
    ) -> BehaviorGraph:
        """Add a graph for an account that has none in this Region."""
        count = self.count("graph", f"{region}/{account_id}")
        arn = ids.graph_arn(seed=self.seed, account_id=account_id, region=region, count=count)
        graph = BehaviorGraph(
            arn=arn,
            administrator_id=account_id,
            region=region,
            created_at=at,
            packages=datasources.initial(at),
            tags=dict(tags or {}),
        )
        self.put_graph(graph)
        self.graph_of.own()[region, account_id] = arn
        self.members.own()[arn] = MemberTable(self._generation)
        self.investigations.own()[arn] = InvestigationTable(self._generation)
        return graph

    def put_graph(self, graph: BehaviorGraph) -> None:
        """Replace a graph by its next value."""
        self.graphs.own()[graph.arn] = graph

    def delete_graph(self, graph: BehaviorGraph) -> None:
        """Drop a graph with its memberships and investigations, those to come included."""
        for account_id in self.members.value[graph.arn].rows:
            self._leave_index(graph, account_id)
        del self.members.own()[graph.arn]
        del self.investigations.own()[graph.arn]
        for key in [key for key in self.prepared.value if key[0] == graph.arn]:
            del self.prepared.own()[key]
        del self.graphs.own()[graph.arn]
        del self.graph_of.own()[graph.region, graph.administrator_id]

    def rows(self, graph_arn: str) -> MemberTable:
        """Return the rows of a graph, for reading."""
        return self.members.value[graph_arn]

    def membership(self, graph_arn: str, account_id: str) -> Membership | None:
        """Return an account's row in a graph, None for either missing."""
        table = self.members.value.get(graph_arn)
        return None if table is None else table.rows.get(account_id)

    def memberships_of(self, region: str, account_id: str) -> Iterator[tuple[BehaviorGraph, Membership]]:
        """Yield every graph of others that an account has a row in, with the row."""
        for arn in self.memberships.value.get((region, account_id), ()):
            yield self.graphs.value[arn], self.members.value[arn].rows[account_id]

    def put(self, graph: BehaviorGraph, membership: Membership) -> None:
        """Set an account's row in a graph."""
        table = self._own(self.members, graph.arn)
        account_id = membership.account_id
        if account_id not in table.rows and account_id != graph.administrator_id:
            key = (graph.region, account_id)
            memberships = self.memberships.own()
            memberships[key] = (*memberships.get(key, ()), graph.arn)
        table.put(membership)

    def remove(self, graph: BehaviorGraph, account_id: str) -> None:
        """Drop an account's row in a graph."""
        self._own(self.members, graph.arn).remove(account_id)
        self._leave_index(graph, account_id)

    def member_count(self, graph: BehaviorGraph) -> int:
        """Return how many accounts count toward the quota: all rows but the administrator's own."""
        rows = self.members.value[graph.arn].rows
        return len(rows) - (graph.administrator_id in rows)

    def enabled_count(self, graph: BehaviorGraph) -> int:
        """Return how many members are enabled, the administrator not counted."""
        table = self.members.value[graph.arn]
        return table.enabled - (graph.administrator_id in table.rows)

    def investigations_of(self, graph_arn: str) -> InvestigationTable:
        """Return the investigations of a graph, for reading."""
        return self.investigations.value[graph_arn]

    def investigation(self, graph_arn: str, investigation_id: str) -> Investigation | None:
        """Return one investigation in a graph, None for either missing."""
        table = self.investigations.value.get(graph_arn)
        return None if table is None else table.rows.get(investigation_id)

    def put_investigation(self, graph_arn: str, investigation: Investigation) -> None:
        """Set an investigation in a graph."""
        self._own(self.investigations, graph_arn).put(investigation)

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
        """Put an event on the agenda, as far from this time as the timings say."""
        delay = getattr(self.timings, kind._value_)
        due = None if delay is None else at + delay
        # By position, which is twice as quick: most calls that change anything schedule something.
        self._number += 1
        event = PendingEvent(due, self._number, kind, scope, subject, membership, message, notify)
        self.agenda.add(event)

    def _own(self, tables: Shared[dict[str, T]], graph_arn: str) -> T:
        """Return a graph's table for writing: a copy if a snapshot has the one there is."""
        table = tables.value[graph_arn]
        if table.generation is not self._generation:
            table = table.copy_for(self._generation)
            tables.own()[graph_arn] = table
        return table

    def _leave_index(self, graph: BehaviorGraph, account_id: str) -> None:
        if account_id == graph.administrator_id:
            return
        key = (graph.region, account_id)
        memberships = self.memberships.own()
        if memberships[key] == (graph.arn,):
            del memberships[key]
        else:
            memberships[key] = tuple(arn for arn in memberships[key] if arn != graph.arn)


def _set_all(limits: Limits, values: Limits) -> None:
    if limits == values:
        return
    # The object stays: a test may hold it.
    for field in attrs.fields(type(limits)):
        setattr(limits, field.name, getattr(values, field.name))
