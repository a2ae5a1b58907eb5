"""`detective-fake check FILE …`: tell whether scenario files can be loaded, and if not, all that is wrong with them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

__all__ = ["configure", "run"]


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a scenario, .toml or .json")


def run(arguments: Namespace) -> int:
    """Say of each scenario file that it is all right, or what is wrong with it."""
    return max([_check(file) for file in arguments.files])


def _check(file: str) -> int:
    from detective_fake.commands.scenarios import problems_of  # noqa: PLC0415 - other commands do not need all this

    problems = problems_of(file)
    for problem in problems or ("ok",):
        sys.stdout.write(f"{file}: {problem}\n")
    return 1 if problems else 0
