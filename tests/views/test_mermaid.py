"""A fake's state as a Mermaid flowchart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given

from detective_fake.domain.world import World
from detective_fake.views.mermaid import flowchart
from tests.controls.contexts import ANA, BEN, DEFAULT, SECURITY, a_context, loaded, only_graph, seed_on
from tests.scenario.lives import lives

if TYPE_CHECKING:
    from detective_fake.controls.context import FakeContext

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
        """Is an empty chart."""
        assert flowchart(World()) == "flowchart LR"

    def test_members(self) -> None:
        """Those that are enabled by solid lines, all others by dotted ones, each with its status."""
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
        """Its accounts stand together; its management account designates."""
        chart = flowchart(loaded(SAMPLES / "organization.toml").world)
        subgraph = chart.partition("subgraph")[2].partition("end")[0]
        assert all(f'account{each}["{each}"]' in subgraph for each in ("1" * 12, "2" * 12, "3" * 12, "4" * 12))
        assert 'account111111111111 ==>|"designates in us-east-1"| account222222222222' in chart
        assert 'account555555555555["555555555555"]' not in subgraph

    def test_accounts_that_are_connected_alike_share_a_node(self) -> None:
        """A graph of 1,200 members could not be drawn otherwise; whoever somebody points at has a node alone."""
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
        """And every end of a line is a node that is there once; nothing sensitive is in it."""
        lines = flowchart(context.world).splitlines()
        assert all(LINES.fullmatch(line) for line in lines), lines
        nodes = [found[1] for line in lines if (found := NODE.match(line.strip()))]
        ends = {end for line in lines if (found := EDGE.match(line.strip())) for end in found.groups()}
        assert ends <= set(nodes)
        assert len(nodes) == len(set(nodes))
