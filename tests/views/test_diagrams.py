"""The layout of the SVG diagram: nodes, links, groups of accounts and organizations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from detective_fake.domain.world import World
from detective_fake.fake import DetectiveFake
from detective_fake.views.diagrams import NODE_HEIGHT, NODE_WIDTH, Diagram, Node, diagram, flowchart
from tests.controls.contexts import ANA, BEN, DEFAULT, SECURITY, a_context, loaded, only_graph, seed_on
from tests.scenario.lives import lives

if TYPE_CHECKING:
    from detective_fake.controls.context import FakeContext

ADMINISTRATOR, MANAGEMENT = "111111111111", "999999999999"


@pytest.fixture
def fake() -> DetectiveFake:
    return DetectiveFake(ADMINISTRATOR)


def draw(fake: DetectiveFake) -> Diagram:
    """Return a diagram of all graphs."""
    return diagram(fake.snapshot().state, fake.graphs)


def node(drawing: Diagram, title: str) -> Node:
    """Return the node with this title."""
    (found,) = [each for each in drawing.nodes if each.title == title]
    return found


class TestNodes:
    def test_an_empty_fake_has_an_empty_diagram(self, fake: DetectiveFake) -> None:
        """There are no nodes, edges or bands."""
        drawing = draw(fake)
        assert [*drawing.nodes, *drawing.edges, *drawing.bands] == []

    def test_administrator_graph_and_member_stand_in_a_row(self, fake: DetectiveFake) -> None:
        """They are drawn from left to right."""
        fake.seed.graph(members=[ANA])
        nodes = draw(fake).nodes
        assert [(each.kind, each.title) for each in sorted(nodes, key=lambda each: each.x)] == [
            ("account", ADMINISTRATOR),
            ("graph", "us-east-1"),
            ("account", ANA),
        ]
        assert len({each.y for each in nodes}) == 1

    def test_have_notes(self, fake: DetectiveFake) -> None:
        """A graph's note is the end of its ARN and its number of members."""
        graph_arn = fake.seed.graph(members=[ANA])
        assert {each.title: each.note for each in draw(fake).nodes} == {
            ADMINISTRATOR: "administrator",
            "us-east-1": f"…{graph_arn[-8:]} · 1 member",
            ANA: "member",
        }

    def test_an_account_has_one_node(self, fake: DetectiveFake) -> None:
        """Also a member that administers a graph of its own."""
        fake.seed.graph(members=[ANA])
        fake.seed.graph(ANA, "eu-west-1", members=[BEN])
        drawing = draw(fake)
        titles = [ADMINISTRATOR, "us-east-1", ANA, "eu-west-1", BEN]
        assert [node(drawing, title).x for title in titles] == sorted(node(drawing, title).x for title in titles)

    def test_a_cycle_starts_at_its_first_account(self, fake: DetectiveFake) -> None:
        """Two accounts can invite each other."""
        fake.seed.graph(members=[ANA])
        fake.seed.graph(ANA, members=[ADMINISTRATOR])
        drawing = draw(fake)
        assert node(drawing, ADMINISTRATOR).x < node(drawing, ANA).x
        assert [edge.label_first for edge in drawing.edges if edge.link.detail] == [False, True]

    def test_do_not_overlap(self, fake: DetectiveFake) -> None:
        """Each has a place of its own."""
        fake.seed.organization(MANAGEMENT, [ADMINISTRATOR, ANA, "444444444444"])
        for number in range(5):
            fake.seed.graph(f"{number:012}", members=[f"{number + step:012}" for step in (1, 2, 3)])
        fake.seed.graph(members=[ANA, BEN])
        places = [(each.x, each.y) for each in draw(fake).nodes]
        assert len(set(places)) == len(places)

    def test_are_inside_the_diagram(self, fake: DetectiveFake) -> None:
        """Nothing is cut off."""
        fake.seed.graph(members=[ANA, BEN])
        drawing = draw(fake)
        assert all(0 <= each.x <= drawing.width - NODE_WIDTH for each in drawing.nodes)
        assert all(0 <= each.y <= drawing.height - NODE_HEIGHT for each in drawing.nodes)


class TestMany:
    def test_accounts_with_the_same_links_share_a_node(self, fake: DetectiveFake) -> None:
        """It shows how many there are, and the first one."""
        fake.seed.graph(members=[f"{number:012}" for number in range(1_000)])
        (found,) = [each for each in draw(fake).nodes if len(each.accounts) > 1]
        assert (found.title, found.note, len(found.accounts)) == ("1000 accounts", "000000000000 …", 1000)

    def test_one_account_can_be_drawn_by_itself(self, fake: DetectiveFake) -> None:
        """The others share a node."""
        fake.seed.graph(members=[f"{number:012}" for number in range(20)])
        drawn = diagram(fake.snapshot().state, fake.graphs, "000000000007")
        assert [node.title for node in drawn.nodes if node.kind == "account"][1:] == ["19 accounts", "000000000007"]

    def test_a_few_accounts_have_one_node_each(self, fake: DetectiveFake) -> None:
        """Up to six."""
        fake.seed.graph(members=[f"{number:012}" for number in range(6)])
        assert len(draw(fake).nodes) == 8

    def test_accounts_with_other_links_have_their_own_node(self, fake: DetectiveFake) -> None:
        """A member with another status has another link."""
        members = {f"{number:012}": "ENABLED" for number in range(7)}
        fake.seed.graph(members={**members, ANA: "INVITED"})
        assert {len(each.accounts) for each in draw(fake).nodes if each.kind == "account"} == {1, 7}


class TestEdges:
    def test_a_membership_has_its_status_as_label(self, fake: DetectiveFake) -> None:
        """A disabled member has the reason."""
        fake.seed.account(BEN, daily_volume_bytes=None)
        fake.seed.graph(members={ANA: "INVITED", BEN: "ACCEPTED_BUT_DISABLED"})
        assert [(edge.link.kind, edge.link.detail) for edge in draw(fake).edges] == [
            ("administers", ""),
            ("INVITED", "invited"),
            ("ACCEPTED_BUT_DISABLED", "volume unknown"),
        ]

    def test_different_labels_at_a_node_do_not_overlap(self, fake: DetectiveFake) -> None:
        """For example of a member of two graphs. Equal labels are drawn in the same place."""
        for region, status in (("us-east-1", "INVITED"), ("eu-west-1", "ENABLED"), ("eu-west-2", "INVITED")):
            fake.seed.graph(region=region, members={ANA: status})
        first, second, third = (edge for edge in draw(fake).edges if edge.link.target == ANA)
        assert abs(first.label_y - second.label_y) > 11
        assert (first.label_x, first.label_y) == (third.label_x, third.label_y)

    def test_lead_from_border_to_border(self, fake: DetectiveFake) -> None:
        """From the right edge of a node to the left edge of the next."""
        fake.seed.graph()
        drawing = draw(fake)
        first, second = node(drawing, ADMINISTRATOR), node(drawing, "us-east-1")
        (edge,) = drawing.edges
        middle = first.y + NODE_HEIGHT // 2
        assert edge.path.startswith(f"M{first.x + NODE_WIDTH},{middle} ")
        assert edge.path.endswith(f" {second.x},{middle}")

    def test_within_a_column_they_bend_to_the_right(self, fake: DetectiveFake) -> None:
        """For example from a graph to a delegated administrator in the same column."""
        with fake:
            fake.seed.organization(MANAGEMENT, [ANA])
            fake.client(MANAGEMENT).enable_organization_admin_account(AccountId=ANA)
            fake.seed.graph(ADMINISTRATOR, "eu-west-1", members={ANA: "INVITED"})
            drawing = draw(fake)
        graph, member = node(drawing, "eu-west-1"), node(drawing, ANA)
        (edge,) = [each for each in drawing.edges if each.link.kind == "INVITED"]
        assert graph.x == member.x
        assert edge.path.endswith(f" {member.x + NODE_WIDTH},{member.y + NODE_HEIGHT // 2}")
        assert edge.label_first


class TestOrganizations:
    def test_an_organization_has_a_band_around_its_accounts(self, fake: DetectiveFake) -> None:
        """Other accounts are below it."""
        control = fake.seed.organization(MANAGEMENT, [ANA])
        fake.seed.graph(members=[BEN])
        drawing = draw(fake)
        (band,) = drawing.bands
        assert band.title == f"organization {control.organization_id}"
        inside = {each.title for each in drawing.nodes if band.y <= each.y <= band.y + band.height}
        assert inside == {MANAGEMENT, ANA}

    def test_a_management_account_designates_the_administrator(self, fake: DetectiveFake) -> None:
        """The label is the Region."""
        with fake:
            fake.seed.organization(MANAGEMENT, [ANA])
            fake.client(MANAGEMENT).enable_organization_admin_account(AccountId=ANA)
            drawing = draw(fake)
        assert [(edge.link.kind, edge.link.detail) for edge in drawing.edges] == [
            ("designates", "us-east-1"),
            ("administers", ""),
        ]
        assert node(drawing, ANA).note == "delegated administrator"
        assert node(drawing, MANAGEMENT).note == "management"

    def test_each_organization_has_its_own_band(self, fake: DetectiveFake) -> None:
        """And its own administrator."""
        with fake:
            for management, administrator in ((MANAGEMENT, ANA), (BEN, ADMINISTRATOR)):
                fake.seed.organization(management, [administrator])
                fake.client(management).enable_organization_admin_account(AccountId=administrator)
            drawing = draw(fake)
        assert len(drawing.bands) == 2
        assert [edge.link.kind for edge in drawing.edges].count("designates") == 2

    def test_an_account_without_links_is_shown(self, fake: DetectiveFake) -> None:
        """Its note does not call it a member."""
        fake.seed.organization(MANAGEMENT, [ANA])
        assert node(draw(fake), ANA).note == "account"


SAMPLES = Path(__file__).parents[2] / "examples" / "scenarios"

LINES = re.compile(
    r"flowchart LR"
    r"|    subgraph organization\d+\[\"organization o-\w+\"\]"
    r"|    end"
    r"|    (    )?account\d{12}\[\"[\w ,]+\"\]"
    r"|    graph\d+\(\[\"[-\w]+, …[0-9a-f]{8}\"\]\)"
    r"|    account\d{12} (-->|-\.->|==>)\|\"[-\w ]+\"\| (account\d{12}|graph\d+)"
)
NODE = re.compile(r"(account\d{12}|graph\d+)[\[(]")
EDGE = re.compile(r"(account\d{12}) .*\| (account\d{12}|graph\d+)")


class TestFlowchart:
    def test_an_empty_world(self) -> None:
        """The chart is empty."""
        assert flowchart(World()) == "flowchart LR"

    def test_members(self) -> None:
        """Solid lines for enabled members, dotted lines for the others, each with its status."""
        context = a_context()
        seed_on(context).graph(members={ANA: "ENABLED", BEN: "INVITED"})
        assert flowchart(context.world).splitlines() == [
            "flowchart LR",
            f'    account{DEFAULT}["{DEFAULT}"]',
            f'    account{ANA}["{ANA}"]',
            f'    account{BEN}["{BEN}"]',
            f'    graph1(["us-east-1, …{only_graph(context).arn[-8:]}"])',
            f'    account{DEFAULT} ==>|"administers"| graph1',
            f'    account{ANA} -->|"ENABLED"| graph1',
            f'    account{BEN} -.->|"INVITED"| graph1',
        ]

    def test_an_organization(self) -> None:
        """Its accounts are a subgraph, and its management account designates the administrator."""
        chart = flowchart(loaded(SAMPLES / "organization.toml").world)
        subgraph = chart.partition("subgraph")[2].partition("end")[0]
        assert all(f'account{each}["{each}"]' in subgraph for each in ("1" * 12, "2" * 12, "3" * 12, "4" * 12))
        assert 'account111111111111 ==>|"designates in us-east-1"| account222222222222' in chart
        assert 'account555555555555["555555555555"]' not in subgraph

    def test_accounts_with_the_same_links_share_a_node(self) -> None:
        """Otherwise a graph of 1,200 members could not be drawn."""
        context = a_context()
        everyone = [f"{number:012d}" for number in range(1200)]
        seed_on(context).organization(SECURITY, everyone[:100])
        seed_on(context).graph(members=everyone)
        chart = flowchart(context.world)
        assert 'account000000000000["100 accounts, 000000000000 first"]' in chart
        assert 'account000000000100["1100 accounts, 000000000100 first"]' in chart
        assert len(chart.splitlines()) == 11

    @given(lives(shortest=0, longest=15))
    def test_every_line_is_mermaid(self, context: FakeContext) -> None:
        """Every link connects nodes that are declared once, and no line has an e-mail address."""
        lines = flowchart(context.world).splitlines()
        assert all(LINES.fullmatch(line) for line in lines), lines
        nodes = [found[1] for line in lines if (found := NODE.match(line.strip()))]
        ends = {end for line in lines if (found := EDGE.match(line.strip())) for end in found.groups()}
        assert ends <= set(nodes)
        assert len(nodes) == len(set(nodes))
