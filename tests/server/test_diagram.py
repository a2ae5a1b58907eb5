"""The drawing: who stands where, what leads to what, and many accounts as one."""

from __future__ import annotations

import pytest

from detective_fake.fake import DetectiveFake
from detective_fake.server.diagram import NODE_HEIGHT, NODE_WIDTH, Diagram, Node, diagram

ADMINISTRATOR, ANA, BEN, MANAGEMENT = "111111111111", "222222222222", "333333333333", "999999999999"


@pytest.fixture
def fake() -> DetectiveFake:
    return DetectiveFake(ADMINISTRATOR)


def drawn(fake: DetectiveFake) -> Diagram:
    """Return the drawing of all that there is."""
    return diagram(fake.snapshot().state, fake.graphs)


def node(drawing: Diagram, title: str) -> Node:
    """Return the node with this title."""
    (found,) = [each for each in drawing.nodes if each.title == title]
    return found


class TestNodes:
    def test_nothing_is_drawn_of_nothing(self, fake: DetectiveFake) -> None:
        """Not even an organization."""
        drawing = drawn(fake)
        assert [*drawing.nodes, *drawing.edges, *drawing.bands] == []

    def test_administrator_graph_and_member_stand_in_a_row(self, fake: DetectiveFake) -> None:
        """From left to right."""
        fake.seed.graph(members=[ANA])
        nodes = drawn(fake).nodes
        assert [(each.kind, each.title) for each in sorted(nodes, key=lambda each: each.x)] == [
            ("account", ADMINISTRATOR),
            ("graph", "us-east-1"),
            ("account", ANA),
        ]
        assert len({each.y for each in nodes}) == 1

    def test_notes_say_what_they_are(self, fake: DetectiveFake) -> None:
        """A graph by the end of its ARN and the count of its members."""
        graph_arn = fake.seed.graph(members=[ANA])
        assert {each.title: each.note for each in drawn(fake).nodes} == {
            ADMINISTRATOR: "administrator",
            "us-east-1": f"…{graph_arn[-6:]} · 1 member",
            ANA: "member",
        }

    def test_an_account_has_one_node_whatever_it_is(self, fake: DetectiveFake) -> None:
        """A member may administer a graph of its own."""
        fake.seed.graph(members=[ANA])
        fake.seed.graph(ANA, "eu-west-1", members=[BEN])
        drawing = drawn(fake)
        titles = [ADMINISTRATOR, "us-east-1", ANA, "eu-west-1", BEN]
        assert [node(drawing, title).x for title in titles] == sorted(node(drawing, title).x for title in titles)

    def test_a_circle_begins_somewhere(self, fake: DetectiveFake) -> None:
        """Two accounts that invite one another."""
        fake.seed.graph(members=[ANA])
        fake.seed.graph(ANA, members=[ADMINISTRATOR])
        drawing = drawn(fake)
        assert node(drawing, ADMINISTRATOR).x < node(drawing, ANA).x
        assert [edge.label_first for edge in drawing.edges if edge.label] == [False, True]

    def test_no_two_stand_in_the_same_place(self, fake: DetectiveFake) -> None:
        """Whatever there is."""
        fake.seed.organization(MANAGEMENT, [ADMINISTRATOR, ANA, "444444444444"])
        for number in range(5):
            fake.seed.graph(f"{number:012}", members=[f"{number + step:012}" for step in (1, 2, 3)])
        fake.seed.graph(members=[ANA, BEN])
        places = [(each.x, each.y) for each in drawn(fake).nodes]
        assert len(set(places)) == len(places)

    def test_everything_is_within_the_drawing(self, fake: DetectiveFake) -> None:
        """Or it would be cut off."""
        fake.seed.graph(members=[ANA, BEN])
        drawing = drawn(fake)
        assert all(0 <= each.x <= drawing.width - NODE_WIDTH for each in drawing.nodes)
        assert all(0 <= each.y <= drawing.height - NODE_HEIGHT for each in drawing.nodes)


class TestMany:
    def test_many_accounts_with_the_same_connections_share_a_node(self, fake: DetectiveFake) -> None:
        """It says how many, and which is the first."""
        fake.seed.graph(members=[f"{number:012}" for number in range(1_000)])
        (found,) = [each for each in drawn(fake).nodes if each.count > 1]
        assert (found.title, found.note, found.count) == ("1000 accounts", "000000000000 …", 1000)

    def test_a_few_have_one_each(self, fake: DetectiveFake) -> None:
        """As long as they can be read."""
        fake.seed.graph(members=[f"{number:012}" for number in range(6)])
        assert len(drawn(fake).nodes) == 8

    def test_those_with_other_connections_stand_alone(self, fake: DetectiveFake) -> None:
        """Another status is another connection."""
        members = {f"{number:012}": "ENABLED" for number in range(7)}
        fake.seed.graph(members={**members, ANA: "INVITED"})
        assert {each.count for each in drawn(fake).nodes} == {1, 7}


class TestEdges:
    def test_a_membership_has_its_status(self, fake: DetectiveFake) -> None:
        """In a word at its end; a disabled one has the reason."""
        fake.seed.account(BEN, daily_volume_bytes=None)
        fake.seed.graph(members={ANA: "INVITED", BEN: "ACCEPTED_BUT_DISABLED"})
        assert [(edge.kind, edge.label) for edge in drawn(fake).edges] == [
            ("administers", ""),
            ("INVITED", "invited"),
            ("ACCEPTED_BUT_DISABLED", "volume unknown"),
        ]

    def test_edges_lead_from_border_to_border(self, fake: DetectiveFake) -> None:
        """From the right of one node to the left of the next."""
        fake.seed.graph()
        drawing = drawn(fake)
        first, second = node(drawing, ADMINISTRATOR), node(drawing, "us-east-1")
        (edge,) = drawing.edges
        middle = first.y + NODE_HEIGHT // 2
        assert edge.path.startswith(f"M{first.x + NODE_WIDTH},{middle} ")
        assert edge.path.endswith(f" {second.x},{middle}")

    def test_within_a_column_they_bend_to_the_right(self, fake: DetectiveFake) -> None:
        """As from a graph to a delegated administrator, who stands below it."""
        with fake:
            fake.seed.organization(MANAGEMENT, [ANA])
            fake.client(MANAGEMENT).enable_organization_admin_account(AccountId=ANA)
            fake.seed.graph(ADMINISTRATOR, "eu-west-1", members={ANA: "INVITED"})
            drawing = drawn(fake)
        graph, member = node(drawing, "eu-west-1"), node(drawing, ANA)
        (edge,) = [each for each in drawing.edges if each.kind == "INVITED"]
        assert graph.x == member.x
        assert edge.path.endswith(f" {member.x + NODE_WIDTH},{member.y + NODE_HEIGHT // 2}")
        assert edge.label_first


class TestOrganizations:
    def test_an_organization_has_a_band_around_its_accounts(self, fake: DetectiveFake) -> None:
        """Those of nobody stand below."""
        control = fake.seed.organization(MANAGEMENT, [ANA])
        fake.seed.graph(members=[BEN])
        drawing = drawn(fake)
        (band,) = drawing.bands
        assert band.title == f"organization {control.organization_id}"
        inside = {each.title for each in drawing.nodes if band.y <= each.y <= band.y + band.height}
        assert inside == {MANAGEMENT, ANA}

    def test_whoever_designates_leads_to_the_administrator(self, fake: DetectiveFake) -> None:
        """Region by Region."""
        with fake:
            fake.seed.organization(MANAGEMENT, [ANA])
            fake.client(MANAGEMENT).enable_organization_admin_account(AccountId=ANA)
            drawing = drawn(fake)
        assert [(edge.kind, edge.label) for edge in drawing.edges] == [("designates", "us-east-1"), ("administers", "")]
        assert node(drawing, ANA).note == "delegated administrator"
        assert node(drawing, MANAGEMENT).note == "management"

    def test_every_organization_has_its_own(self, fake: DetectiveFake) -> None:
        """And its own administrator."""
        with fake:
            for management, administrator in ((MANAGEMENT, ANA), (BEN, ADMINISTRATOR)):
                fake.seed.organization(management, [administrator])
                fake.client(management).enable_organization_admin_account(AccountId=administrator)
            drawing = drawn(fake)
        assert len(drawing.bands) == 2
        assert [edge.kind for edge in drawing.edges].count("designates") == 2

    def test_an_account_without_any_connection_is_one(self, fake: DetectiveFake) -> None:
        """And no member."""
        fake.seed.organization(MANAGEMENT, [ANA])
        assert node(drawn(fake), ANA).note == "account"
