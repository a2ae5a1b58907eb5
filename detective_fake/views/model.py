"""What every view shows, before it is written as text, Mermaid or SVG."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import attrs

from detective_fake.domain.membership import InvitationType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

DELEGATED: Final = "delegated administrator"

_MOST_ALIKE: Final = 6
"""Up to this many accounts with the same links are separate items. If there are more, they share one item."""


@attrs.define(kw_only=True)
class Item:
    """An account, several accounts with the same links, or a behavior graph.

    Attributes:
        key: The account ID, that of the first account, or the graph's ARN.
        organization_id: The organization of the account, or of the graph's administrator.
        graph: None for accounts.
        members: How many members the graph has.
        roles: `management`, `delegated administrator`, `administrator`.
        accounts: The accounts that share this item.
    """

    key: str
    organization_id: str | None
    graph: BehaviorGraph | None = None
    members: int = 0
    roles: list[str] = attrs.field(factory=list)
    accounts: list[str] = attrs.field(factory=list)


class Link(NamedTuple):
    """A connection between two items.

    It leads from a management account to the account it designates, from an administrator to its graph, or from a
    graph to a member.

    Attributes:
        source: Key of an item.
        target: Key of an item.
        kind: `designates`, `administers`, or the status of the member.
        detail: The Region of a designation, or in plain words the status of a member or why it is disabled.
    """

    source: str
    target: str
    kind: str
    detail: str = ""


def connections(
    world: World, graphs: Iterable[BehaviorGraph], account_ids: Iterable[str] = (), *, apart: str = ""
) -> tuple[list[Item], list[Link]]:
    """Return all organizations and the given graphs, as items and the links between them.

    Args:
        account_ids: Accounts to include even if they have no links.
        apart: An account that never shares an item.
    """
    organization_of = {
        account_id: organization_id
        for organization_id, organization in world.organizations.items()
        for account_id in organization.accounts
    }
    items: dict[str, Item] = {}
    links: list[Link] = []

    def account(account_id: str, *roles: str) -> str:
        item = Item(key=account_id, organization_id=organization_of.get(account_id), accounts=[account_id])
        items.setdefault(account_id, item).roles.extend(roles)
        return account_id

    for account_id in account_ids:
        account(account_id)
    for organization_id, organization in world.organizations.items():
        management = account(organization.management_account_id, "management")
        if organization.delegated_administrator_id is not None:
            account(organization.delegated_administrator_id, DELEGATED)
        links += [
            Link(management, account(designation.administrator_id), "designates", region)
            for (region, designated_in), designation in world.designations.items()
            if designated_in == organization_id
        ]
        for account_id in organization.accounts:
            account(account_id)
    for graph in graphs:
        administrator = account(graph.administrator_id, "administrator")
        home, members = organization_of.get(administrator), world.member_count(graph)
        items[graph.arn] = Item(key=graph.arn, organization_id=home, graph=graph, members=members)
        links.append(Link(administrator, graph.arn, "administers"))
        for row in world.rows(graph.arn).ordered():
            if row.account_id != administrator:
                detail = (row.disabled_reason or row.status).value.lower().replace("_", " ")
                links.append(Link(graph.arn, account(row.account_id), row.status.value, detail))
    return _group_alike(items, links, apart)


def _group_alike(items: Mapping[str, Item], links: Iterable[Link], apart: str) -> tuple[list[Item], list[Link]]:
    """Merge accounts that have no role and the same links, if they are many."""
    arriving: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        arriving[link.target].append(link._replace(target=""))
    alike: dict[object, list[Item]] = defaultdict(list)
    for item in items.values():
        if item.graph is None and not item.roles and item.key != apart:
            alike[item.organization_id, tuple(arriving[item.key])].append(item)
    merged: set[str] = set()
    for first, *others in alike.values():
        if len(others) >= _MOST_ALIKE:
            first.accounts += [item.key for item in others]
            merged.update(first.accounts[1:])
    kept = [item for item in items.values() if item.key not in merged]
    return kept, [link for link in links if link.target not in merged]


def graph_names(arns: Iterable[str]) -> dict[str, str]:
    """Return a short name for each graph: `graph 1`, `graph 2`."""
    return {arn: f"graph {number}" for number, arn in enumerate(arns, 1)}


def member_row(row: Membership) -> dict[str, str]:
    """Return the cells of a member that every table shows."""
    notes = [
        "organization" if row.invitation_type is InvitationType.ORGANIZATION else "",
        row.disabled_reason.value if row.disabled_reason else "",
        "enabling" if row.enabling else "",
    ]
    return {"Account": row.account_id, "Status": row.status.value, "Note": ", ".join(filter(None, notes))}


def event_row(event: PendingEvent, names: Mapping[str, str], write_time: Callable[[datetime], str]) -> dict[str, str]:
    """Return the cells of a pending event: when it is due, and what happens to what, in which graph or Region."""
    return {
        "Due": "at settle()" if event.due is None else write_time(event.due),
        "Event": event.kind.value,
        "Of": "" if event.subject == event.scope else event.subject,
        "In": names.get(event.scope, event.scope),
    }
