"""The command `detective-fake`: one function a subcommand, listed in `SUBCOMMANDS`.

Knows arguments, standard output and exit codes; what a subcommand needs is imported when it runs.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, NamedTuple

from detective_fake.commands import check, serve, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["SUBCOMMANDS", "Subcommand", "main"]


class Subcommand(NamedTuple):
    """One subcommand.

    Attributes:
        name: As it is typed.
        help: One line for `--help`.
        run: Takes the parsed arguments, returns the exit code.
        add_arguments: Adds its own arguments to its parser.
    """

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _parser: None


def coverage(_arguments: argparse.Namespace) -> int:
    """Print the operations of the installed botocore's model, and which are answered."""
    import botocore

    from detective_fake.operations.registry import HANDLERS
    from detective_fake.protocol.model import operations

    names = operations()
    width = max(map(len, names))
    for name in names:
        print(f"{name:<{width}}  {'answered' if name in HANDLERS else 'not answered'}")
    answered = sum(name in HANDLERS for name in names)
    print(f"\n{answered} of {len(names)} operations of Detective in botocore {botocore.__version__} are answered.")
    return 0


def demo(_arguments: argparse.Namespace) -> int:
    """Tell the story of four invitations."""
    from detective_fake.demo import tell

    tell()
    return 0


SUBCOMMANDS: Final = (
    Subcommand("check", "tell whether scenario files can be loaded", check.run, check.configure),
    Subcommand("coverage", "print Detective's operations and which of them are answered", coverage),
    Subcommand("demo", "tell the story of four invitations, by boto3 calls", demo),
    Subcommand("serve", "answer Detective calls over HTTP, for every language", serve.run, serve.configure),
    Subcommand("show", "print what a scenario file describes", show.run, show.configure),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code.

    Args:
        arguments: What follows the command's name; by default the process's own.

    Raises:
        SystemExit: `--help` (0), or arguments that no subcommand takes (2).
    """
    parsed = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = parsed.run
    return run(parsed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="detective-fake", description="Amazon Detective in process, for tests.", allow_abbrev=False
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary, run, add_arguments in SUBCOMMANDS:
        subparser = subparsers.add_parser(name, help=summary, description=run.__doc__, allow_abbrev=False)
        add_arguments(subparser)
        subparser.set_defaults(run=run)
    return parser
