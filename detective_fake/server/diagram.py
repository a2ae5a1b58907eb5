"""Who is connected with whom, laid out for a drawing: administrators, graphs, members, and organizations around them.

Knows sizes and places alone; must not know how it is drawn. Columns go from left to right, from whoever nobody invites
or designates to those invited; every organization has a band of its own.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, Literal

import attrs

from detective_fake.domain.membership import MemberStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

__all__ = ["Band", "Diagram", "Edge", "Node", "diagram"]

NODE_WIDTH: Final = 152
NODE_HEIGHT: Final = 46
GAP: Final = 14
COLUMN: Final = NODE_WIDTH + 112
MARGIN: Final = 16
HEADING: Final = 24
# Edges leave steeply and arrive flat, so that each runs along under its label.
_LEAVING: Final = 24
_ARRIVING: Final = 96

_MOST_ALIKE: Final = 6
"""So many accounts with the same connections have a node each; more of them share one."""

DELEGATED: Final = "delegated administrator"

Key = str
Kind = Literal["account", "graph"]

WORDS: Final[Mapping[MemberStatus, str]] = {
    MemberStatus.ENABLED: "enabled",
    MemberStatus.INVITED: "invited",
    MemberStatus.VERIFICATION_IN_PROGRESS: "verifying",
    MemberStatus.VERIFICATION_FAILED: "verification failed",
    MemberStatus.ACCEPTED_BUT_DISABLED: "disabled",
}
"""A membership in few words, as they stand at an edge."""


@attrs.frozen(kw_only=True)
class Node:
    """An account, several that are alike, or a behavior graph.

    Attributes:
        kind: Accounts are boxes, graphs are rounded.
        title: The account's id, how many accounts, or the graph's Region.
        note: A second line.
        account_id: Whose it is: what choosing it leads to.
        count: How many accounts it stands for.
        x: Of its left upper corner.
        y: As `x`.
    """

    kind: Kind
    title: str
    note: str
    account_id: str
    count: int = 1
    x: int
    y: int


@attrs.frozen(kw_only=True)
class Edge:
    """A connection.

    Attributes:
        kind: `administers`, `designates`, or a member's status.
        label: A word at its end, if any.
        path: For the attribute `d` of an SVG path.
        label_x: Where the label ends, or begins if `label_first`.
        label_y: Its base line.
        label_first: Whether the label stands to the right of its place, as it does where the edge goes back.
    """

    kind: str
    label: str
    path: str
    label_x: int
    label_y: int
    label_first: bool


@attrs.frozen(kw_only=True)
class Band:
    """An organization around its accounts."""

    title: str
    x: int
    y: int
    width: int
    height: int


@attrs.frozen(kw_only=True)
class Diagram:
    """A drawing of so many units."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    bands: Sequence[Band]
    width: int
    height: int


@attrs.define
class _Box:
    """A node before it has its place."""

    key: Key
    kind: Kind
    title: str
    account_id: str
    organization_id: str | None
    roles: list[str] = attrs.field(factory=list)
    count: int = 1
    level: int = 0


@attrs.frozen
class _Link:
    source: Key
    target: Key
    kind: str
    label: str = ""


def diagram(state: World, graphs: Iterable[BehaviorGraph]) -> Diagram:
    """Return a drawing of these graphs with their members, and of all organizations."""
    boxes, links = _found(state, list(graphs))
    boxes, links = _merged(boxes, links)
    _level(boxes, links)
    return _placed(boxes, links)


def _found(state: World, graphs: Sequence[BehaviorGraph]) -> tuple[dict[Key, _Box], list[_Link]]:
    home = {
        account_id: organization.organization_id
        for organization in state.organizations.values()
        for account_id in organization.accounts
    }
    boxes: dict[Key, _Box] = {}
    links: list[_Link] = []

    def account(account_id: str) -> _Box:
        return boxes.setdefault(account_id, _Box(account_id, "account", account_id, account_id, home.get(account_id)))

    for organization in state.organizations.values():
        account(organization.management_account_id).roles.append("management")
        if organization.delegated_administrator_id is not None:
            account(organization.delegated_administrator_id).roles.append(DELEGATED)
        for (region, organization_id), designation in state.designations.items():
            if organization_id == organization.organization_id:
                target = account(designation.administrator_id).key
                links.append(_Link(organization.management_account_id, target, "designates", region))
        for account_id in organization.accounts:
            account(account_id)
    for graph in graphs:
        rows = [row for row in state.members[graph.arn].ordered() if row.account_id != graph.administrator_id]
        administrator = account(graph.administrator_id)
        administrator.roles.append("administrator")
        size = "1 member" if len(rows) == 1 else f"{len(rows)} members"
        boxes[graph.arn] = _Box(
            graph.arn,
            "graph",
            graph.region,
            graph.administrator_id,
            administrator.organization_id,
            [f"…{graph.arn[-6:]}", size],
        )
        links.append(_Link(administrator.key, graph.arn, "administers"))
        links += [_Link(graph.arn, account(row.account_id).key, row.status.value, _word(row)) for row in rows]
    return boxes, links


def _word(row: Membership) -> str:
    reason = row.disabled_reason
    return WORDS[row.status] if reason is None else reason.value.lower().replace("_", " ")


def _merged(boxes: dict[Key, _Box], links: Sequence[_Link]) -> tuple[dict[Key, _Box], list[_Link]]:
    """Let many accounts with the same connections be one box."""
    leading = {link.source for link in links}
    arriving: dict[Key, list[tuple[Key, str, str]]] = defaultdict(list)
    for link in links:
        arriving[link.target].append((link.source, link.kind, link.label))
    alike: dict[object, list[_Box]] = defaultdict(list)
    for box in boxes.values():
        if box.kind == "account" and box.key not in leading and not box.roles:
            alike[box.organization_id, tuple(arriving[box.key])].append(box)
    gone: set[Key] = set()
    for group in alike.values():
        if len(group) > _MOST_ALIKE:
            first = group[0]
            first.title, first.count = f"{len(group)} accounts", len(group)
            first.roles = [f"{first.key} …"]
            gone |= {box.key for box in group[1:]}
    kept = {key: box for key, box in boxes.items() if key not in gone}
    return kept, [link for link in links if link.target not in gone]


def _level(boxes: Mapping[Key, _Box], links: Sequence[_Link]) -> None:
    """Give every box its column: one more than the first that leads to it."""
    following: dict[Key, list[Key]] = defaultdict(list)
    for link in links:
        following[link.source].append(link.target)
    led_to = {link.target for link in links}
    # Where everybody is led to, in a circle, whoever comes first begins.
    starts = [key for key in boxes if key not in led_to] + list(boxes)
    reached: set[Key] = set()
    for start in starts:
        row, level = [start], 0
        while row := [key for key in dict.fromkeys(row) if key not in reached]:
            for key in row:
                boxes[key].level = level
            reached.update(row)
            row = [target for key in row for target in following[key]]
            level += 1


def _placed(boxes: Mapping[Key, _Box], links: Sequence[_Link]) -> Diagram:
    organizations = dict.fromkeys(box.organization_id for box in boxes.values() if box.organization_id)
    groups = [*organizations, *([None] if any(box.organization_id is None for box in boxes.values()) else [])]
    nodes: dict[Key, Node] = {}
    bands: list[Band] = []
    y = MARGIN
    for organization_id in groups:
        inside = [box for box in boxes.values() if box.organization_id == organization_id]
        heading = HEADING if organization_id else 0
        height = _place_band(inside, y + heading, nodes)
        if organization_id:
            last = max(box.level for box in inside)
            width = last * COLUMN + NODE_WIDTH + 2 * MARGIN
            bands.append(
                Band(title=f"organization {organization_id}", x=0, y=y - 8, width=width, height=heading + height + 20)
            )
        y += heading + height + 2 * GAP + 8
    right = max((node.x + NODE_WIDTH for node in nodes.values()), default=0)
    edges = [_edge(link, nodes[link.source], nodes[link.target]) for link in links]
    return Diagram(
        nodes=list(nodes.values()),
        edges=edges,
        bands=bands,
        width=right + (_ARRIVING if any(edge.label_first for edge in edges) else 2 * MARGIN),
        height=y - GAP,
    )


def _place_band(boxes: Sequence[_Box], top: int, nodes: dict[Key, Node]) -> int:
    """Put the boxes of a band into its columns, each centred; return the band's height."""
    columns: dict[int, list[_Box]] = defaultdict(list)
    for box in boxes:
        columns[box.level].append(box)
    step = NODE_HEIGHT + GAP
    height = max(len(column) for column in columns.values()) * step - GAP
    for level, column in columns.items():
        y = top + (height - len(column) * step + GAP) // 2
        for place, box in enumerate(column):
            nodes[box.key] = Node(
                kind=box.kind,
                title=box.title,
                note=_note(box),
                account_id=box.account_id,
                count=box.count,
                x=MARGIN + level * COLUMN,
                y=y + place * step,
            )
    return height


def _note(box: _Box) -> str:
    if box.kind == "graph":
        return " · ".join(box.roles)
    roles = [role for role in dict.fromkeys(box.roles) if role != "administrator" or DELEGATED not in box.roles]
    return ", ".join(roles) or ("account" if box.level == 0 else "member")


def _edge(link: _Link, source: Node, target: Node) -> Edge:
    y1, y2 = source.y + NODE_HEIGHT // 2, target.y + NODE_HEIGHT // 2
    right1, right2 = source.x + NODE_WIDTH, target.x + NODE_WIDTH
    if target.x > source.x:
        x1, x2, bend1, bend2 = right1, target.x, _LEAVING, -_ARRIVING
    elif target.x < source.x:
        x1, x2, bend1, bend2 = source.x, right2, -_LEAVING, _ARRIVING
    else:
        x1, x2, bend1, bend2 = right1, right2, _LEAVING, _ARRIVING
    forward = target.x > source.x
    return Edge(
        kind=link.kind,
        label=link.label,
        path=f"M{x1},{y1} C{x1 + bend1},{y1} {x2 + bend2},{y2} {x2},{y2}",
        label_x=x2 - 12 if forward else x2 + 12,
        label_y=y2 - 5,
        label_first=not forward,
    )
