"""The layout of an SVG diagram: where accounts, graphs, organizations and their links are drawn.

Columns go from left to right: from accounts that no link leads to, over their graphs, to the members. Each
organization has a band of its own. The page of the server draws it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from detective_fake.domain.membership import MemberStatus
from detective_fake.formatting import format_arn
from detective_fake.views.model import DELEGATED, Item, Link, connections, graph_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

NODE_WIDTH: Final = 172
NODE_HEIGHT: Final = 46
_GAP: Final = 14
_STEP: Final = NODE_HEIGHT + _GAP
_COLUMN: Final = NODE_WIDTH + 160
_MARGIN: Final = 16
_HEADING: Final = 24
# Edges leave a node steeply and arrive flat, so that the end of an edge runs along under its label.
_LEAVING: Final = 24
_ARRIVING: Final = 96


class Node(NamedTuple):
    """An account, several accounts with the same links, or a behavior graph.

    Attributes:
        kind: Accounts are boxes, graphs are rounded.
        title: The account ID, how many accounts, or the graph's Region.
        note: A second line.
        account_id: The account, or the graph's administrator, that the node refers to when it is clicked.
        accounts: The accounts it represents.
        x: Its left edge.
        y: Its upper edge.
    """

    kind: Literal["account", "graph"]
    title: str
    note: str
    account_id: str
    accounts: Sequence[str]
    x: int
    y: int


class Edge(NamedTuple):
    """A drawn link, with its detail as a label at its end.

    Attributes:
        link: What it shows.
        path: The attribute `d` of an SVG path.
        label_x: Where the label ends, or starts if `label_first`.
        label_y: Base line of the label.
        label_first: Whether the label starts at `label_x`: on edges that do not lead to the right.
    """

    link: Link
    path: str
    label_x: int
    label_y: int
    label_first: bool


class Band(NamedTuple):
    """The frame around the accounts and graphs of an organization."""

    title: str
    x: int
    y: int
    width: int
    height: int


class Diagram(NamedTuple):
    """All shapes, and the size of the drawing in SVG units."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    bands: Sequence[Band]
    width: int
    height: int


def diagram(state: World, graphs: Iterable[BehaviorGraph], apart: str = "") -> Diagram:
    """Return a drawing of these graphs with their members, and of all organizations.

    Args:
        apart: An account that is drawn by itself, also if others have the same links.
    """
    items, links = connections(state, graphs, apart=apart)
    levels = _levels(items, links)
    bands: dict[str | None, list[Item]] = defaultdict(list)
    for item in items:
        bands[item.organization_id].append(item)
    outside = bands.pop(None, [])
    nodes: dict[str, Node] = {}
    frames: list[Band] = []
    y = _MARGIN
    for organization_id, inside in bands.items():
        height = _place(inside, levels, y + _HEADING, nodes) + _HEADING
        width = max(levels[item.key] for item in inside) * _COLUMN + NODE_WIDTH + 2 * _MARGIN
        frames.append(Band(f"organization {organization_id}", 0, y - 8, width, height + 20))
        y += height + 2 * _GAP + 8
    if outside:
        y += _place(outside, levels, y, nodes) + 2 * _GAP + 8
    labels: dict[str, dict[str, int]] = defaultdict(dict)
    edges: list[Edge] = []
    for link in links:
        place = labels[link.target].setdefault(link.detail, len(labels[link.target]))
        edges.append(_edge(link, nodes[link.source], nodes[link.target], place))
    right = max((node.x + NODE_WIDTH for node in nodes.values()), default=0)
    width = right + (_ARRIVING if any(edge.label_first for edge in edges) else 2 * _MARGIN)
    return Diagram(list(nodes.values()), edges, frames, width, y - _GAP)


def _levels(items: Sequence[Item], links: Sequence[Link]) -> dict[str, int]:
    """Return the column of each item: one more than that of the first item with a link to it."""
    targets: dict[str, list[str]] = defaultdict(list)
    for link in links:
        targets[link.source].append(link.target)
    keys = [item.key for item in items]
    linked = {link.target for link in links}
    levels: dict[str, int] = {}
    # In a cycle every item has a link to it. There the first one starts.
    for start in [*(key for key in keys if key not in linked), *keys]:
        column, level = [start], 0
        while column := [key for key in dict.fromkeys(column) if key not in levels]:
            levels |= dict.fromkeys(column, level)
            column = [target for key in column for target in targets[key]]
            level += 1
    return levels


def _place(items: Sequence[Item], levels: Mapping[str, int], top: int, nodes: dict[str, Node]) -> int:
    """Add a node for each item, in columns that are centred vertically. Return the height of the highest column."""
    columns: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        columns[levels[item.key]].append(item)
    height = max(map(len, columns.values())) * _STEP - _GAP
    for level, column in columns.items():
        x, y = _MARGIN + level * _COLUMN, top + (height - len(column) * _STEP + _GAP) // 2
        for place, item in enumerate(column):
            nodes[item.key] = _node(item, level, x, y + place * _STEP)
    return height


def _node(item: Item, level: int, x: int, y: int) -> Node:
    if item.graph is not None:
        note = f"{format_arn(item.key)} · {item.members} member{'' if item.members == 1 else 's'}"
        return Node("graph", item.graph.region, note, item.graph.administrator_id, (), x, y)
    if len(item.accounts) > 1:
        title, note = f"{len(item.accounts)} accounts", f"{item.key} …"
    else:
        roles = [role for role in dict.fromkeys(item.roles) if role != "administrator" or DELEGATED not in item.roles]
        title, note = item.key, ", ".join(roles) or ("account" if level == 0 else "member")
    return Node("account", title, note, item.key, item.accounts, x, y)


def _edge(link: Link, source: Node, target: Node, place: int) -> Edge:
    """Return a drawn link. Different labels at one node are in different places: above the end, below it, above, ..."""
    y1, y2 = source.y + NODE_HEIGHT // 2, target.y + NODE_HEIGHT // 2
    backward = target.x < source.x
    x1 = source.x if backward else source.x + NODE_WIDTH
    bend1 = x1 - _LEAVING if backward else x1 + _LEAVING
    # An edge within a column arrives at the right, as it leaves there.
    forward = target.x > source.x
    x2 = target.x if forward else target.x + NODE_WIDTH
    towards = -1 if forward else 1
    path = f"M{x1},{y1} C{bend1},{y1} {x2 + towards * _ARRIVING},{y2} {x2},{y2}"
    return Edge(link, path, x2 + towards * 12, y2 + (-5, 13, -16, 24)[place % 4], not forward)


def flowchart(world: World) -> str:
    """Return a Mermaid flowchart of organizations, accounts, graphs and memberships, without e-mail addresses."""
    return "\n".join(["flowchart LR", *(f"    {line}" for line in _lines(world))])


def _lines(world: World) -> Iterator[str]:
    items, links = connections(world, world.graphs.values(), world.accounts)
    node_ids = {item.key: f"account{item.key}" for item in items}
    node_ids |= {arn: name.replace(" ", "") for arn, name in graph_names(world.graphs).items()}
    accounts: dict[str | None, list[str]] = {each: [] for each in (*world.organizations, None)}
    for item in items:
        if item.graph is None:
            many = len(item.accounts)
            label = item.key if many == 1 else f"{many} accounts, {item.key} first"
            accounts[item.organization_id].append(f'{node_ids[item.key]}["{label}"]')
    outside = accounts.pop(None)
    for number, (organization_id, lines) in enumerate(accounts.items(), 1):
        yield f'subgraph organization{number}["organization {organization_id}"]'
        yield from (f"    {line}" for line in lines)
        yield "end"
    yield from outside
    for arn, graph in world.graphs.items():
        yield f'{node_ids[arn]}(["{graph.region}, {format_arn(arn)}"])'
    for link in links:
        source, target = node_ids[link.source], node_ids[link.target]
        if link.kind == "administers":
            yield f'{source} ==>|"administers"| {target}'
        elif link.kind == "designates":
            yield f'{source} ==>|"designates in {link.detail}"| {target}'
        else:
            arrow = "-->" if link.kind == MemberStatus.ENABLED.value else "-.->"
            yield f'{target} {arrow}|"{link.kind}"| {source}'
