"""`detective-fake show FILE`: what a scenario file describes, as tables or as a Mermaid flowchart."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

__all__ = ["configure", "run"]


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", metavar="FILE", help="a scenario, .toml or .json")
    parser.add_argument("--mermaid", action="store_true", help="print a Mermaid flowchart instead of tables")
    parser.add_argument("--reveal", action="store_true", help="show e-mail addresses, which are masked otherwise")


def run(arguments: Namespace) -> int:
    """Print what a scenario file describes."""
    # Here, since other commands do not need all this.
    from detective_fake.commands.scenarios import world_of  # noqa: PLC0415
    from detective_fake.scenario.problems import ScenarioError  # noqa: PLC0415
    from detective_fake.views.mermaid import flowchart  # noqa: PLC0415
    from detective_fake.views.text import described  # noqa: PLC0415

    try:
        world = world_of(arguments.file)
    except ScenarioError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = flowchart(world) if arguments.mermaid else described(world, reveal=arguments.reveal)
    sys.stdout.write(f"{text.rstrip()}\n")
    return 0
