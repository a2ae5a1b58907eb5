"""The state of a fake as a Mermaid flowchart: who is connected with whom, and how. It shows no sensitive value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detective_fake.domain.membership import MemberStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from detective_fake.domain.world import World

    Edge = tuple[str, str, str]
    """Arrow, label, and id of the node it points to."""

__all__ = ["flowchart"]

_MOST_ALIKE: Final = 8
"""So many accounts with the same connections have a node each; more of them share one."""


def flowchart(world: World) -> str:
    """Return a Mermaid flowchart of organizations, accounts, graphs and memberships."""
    return "\n".join(["flowchart LR", *(f"    {line}" for line in _lines(world))])


def _lines(world: World) -> Iterator[str]:
    graphs = {arn: f"graph{number}" for number, arn in enumerate(world.graphs, start=1)}
    edges = _edges(world, graphs)
    home = {
        account_id: organization_id
        for organization_id, organization in world.organizations.items()
        for account_id in organization.accounts
    }
    nodes = _nodes(edges, home)
    for number, organization_id in enumerate(world.organizations, start=1):
        yield f'subgraph organization{number}["organization {organization_id}"]'
        yield from (f"    {line}" for line in _accounts(nodes, organization_id, home))
        yield "end"
    yield from _accounts(nodes, None, home)
    for arn, node in graphs.items():
        yield f'{node}(["{world.graphs[arn].region}, …{arn[-8:]}"])'
    for first, _ in nodes:
        yield from (f'account{first} {arrow}|"{label}"| {target}' for arrow, label, target in edges[first])


def _edges(world: World, graphs: Mapping[str, str]) -> dict[str, tuple[Edge, ...]]:
    """Return every account with what goes out from it."""
    edges: dict[str, list[Edge]] = {each: [] for each in world.accounts}
    for organization in world.organizations.values():
        edges.update({each: [] for each in organization.accounts if each not in edges})
    for arn, node in graphs.items():
        graph = world.graphs[arn]
        edges.setdefault(graph.administrator_id, []).append(("==>", "administers", node))
        for row in world.rows(arn).ordered():
            if row.account_id != graph.administrator_id:
                arrow = "-->" if row.status is MemberStatus.ENABLED else "-.->"
                edges.setdefault(row.account_id, []).append((arrow, row.status.value, node))
    for (region, organization_id), designation in world.designations.items():
        management = world.organizations[organization_id].management_account_id
        label = f"designates in {region}"
        edges[management].append(("==>", label, f"account{designation.administrator_id}"))
    return {account_id: tuple(each) for account_id, each in edges.items()}


def _nodes(edges: Mapping[str, tuple[Edge, ...]], home: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Return the nodes of accounts: the id of the first account, and all that the node stands for."""
    pointed_at = {target for each in edges.values() for _, _, target in each}
    alike: dict[object, list[str]] = {}
    for account_id, each in edges.items():
        alone = f"account{account_id}" in pointed_at
        alike.setdefault((account_id if alone else "", home.get(account_id), each), []).append(account_id)
    nodes: list[tuple[str, list[str]]] = []
    for account_ids in alike.values():
        if len(account_ids) > _MOST_ALIKE:
            nodes.append((account_ids[0], account_ids))
        else:
            nodes += [(account_id, [account_id]) for account_id in account_ids]
    return nodes


def _accounts(
    nodes: Iterable[tuple[str, list[str]]], organization_id: str | None, home: Mapping[str, str]
) -> Iterator[str]:
    for first, account_ids in nodes:
        if home.get(first) == organization_id:
            label = first if len(account_ids) == 1 else f"{len(account_ids)} accounts, {first} first"
            yield f'account{first}["{label}"]'
