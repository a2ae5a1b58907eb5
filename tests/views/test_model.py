"""The model of what views show: items, the links between them, names and rows."""

from __future__ import annotations

from detective_fake.views.model import Link, connections, graph_names
from tests.controls.contexts import ANA, BEN, DEFAULT, SECURITY, a_context, only_graph, seed_on


class TestConnections:
    def test_links_lead_from_administrators_over_graphs_to_members(self) -> None:
        """A link to a member has its status in plain words."""
        context = a_context()
        arn = seed_on(context).graph(members={ANA: "ENABLED", BEN: "INVITED"})
        items, links = connections(context.world, [only_graph(context)])
        assert [(item.key, item.roles, item.accounts, item.members) for item in items] == [
            (DEFAULT, ["administrator"], [DEFAULT], 0),
            (arn, [], [], 2),
            (ANA, [], [ANA], 0),
            (BEN, [], [BEN], 0),
        ]
        assert links == [
            Link(DEFAULT, arn, "administers"),
            Link(arn, ANA, "ENABLED", "enabled"),
            Link(arn, BEN, "INVITED", "invited"),
        ]

    def test_organizations_are_included(self) -> None:
        """Also accounts without links."""
        context = a_context()
        organization = seed_on(context).organization(SECURITY, [BEN])
        items, links = connections(context.world, [])
        assert [(item.key, item.organization_id, item.roles) for item in items] == [
            (SECURITY, organization.organization_id, ["management"]),
            (BEN, organization.organization_id, []),
        ]
        assert links == []

    def test_other_accounts_are_included_if_given(self) -> None:
        """By their IDs."""
        context = a_context()
        seed_on(context).account(ANA)
        assert connections(context.world, []) == ([], [])
        ((item,), _) = connections(context.world, [], context.world.accounts)
        assert (item.key, item.organization_id) == (ANA, None)

    def test_many_accounts_with_the_same_links_share_an_item(self) -> None:
        """The first one represents them, in items and in links."""
        context = a_context()
        arn = seed_on(context).graph(members={f"{number:012d}": "ENABLED" for number in range(7)} | {ANA: "INVITED"})
        items, links = connections(context.world, [only_graph(context)])
        assert [(item.key, len(item.accounts)) for item in items[2:]] == [(f"{0:012d}", 7), (ANA, 1)]
        assert [link.target for link in links] == [arn, f"{0:012d}", ANA]


class TestGraphNames:
    def test_are_numbers_in_order(self) -> None:
        """From 1."""
        assert graph_names(["b", "a"]) == {"b": "graph 1", "a": "graph 2"}
