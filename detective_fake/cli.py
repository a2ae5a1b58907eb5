"""The command `detective-fake`. A subcommand imports what it needs when it runs."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from importlib.metadata import version
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from urllib.request import urlopen

from detective_fake.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from detective_fake.server.endpoint import Endpoint

_OTHER_ACCOUNTS: Final = ("222222222222", "111111111111")
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_WAKE_SECONDS: Final = 1.0
_RETRY_SECONDS: Final = 0.1

_SHELLS: Final = {"bash": "export {}={}", "fish": "set -gx {} '{}'", "powershell": '$env:{} = "{}"', "env": "{}={}"}
"""How each shell, or a `.env` file, sets a variable."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code.

    Args:
        arguments: What follows the command's name; by default the arguments of the process.

    Raises:
        SystemExit: `--help` (0) or invalid arguments (2).
    """
    from detective_fake.errors import FakeUsageError

    parsed = _parser().parse_args(arguments)
    try:
        exit_code: int = parsed.run(parsed)
        sys.stdout.flush()
    except FakeUsageError as error:
        print(f"detective-fake {parsed.run.__name__}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader has enough, such as `head`. Python would report that it cannot write the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + 13  # as a process that SIGPIPE ends
    return exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="detective-fake", description="Amazon Detective in process, for tests.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('detective-fake')}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        added = subparsers.add_parser(run.__name__, help=summary, description=run.__doc__, allow_abbrev=False)
        added.set_defaults(run=run)
        return added

    file = "a scenario file or saved state, .toml or .json"
    checking = add(check, "report whether scenario files can be loaded")
    checking.add_argument("files", nargs="+", metavar="FILE", help=file)
    add(coverage, "print Detective's operations and which of them are answered")
    add(demo, "show four invitations, with boto3 calls")
    _add_serve_arguments(add(serve, "answer Detective calls over HTTP, for any language"))
    showing = add(show, "print the state in a scenario file")
    showing.add_argument("file", metavar="FILE", help=file)
    showing.add_argument("--mermaid", action="store_true", help="print a Mermaid flowchart instead of tables")
    showing.add_argument("--reveal", action="store_true", help="show e-mail addresses, which are masked by default")
    return parser


def coverage(_arguments: argparse.Namespace) -> int:
    """Print the operations in the model of the installed botocore, and which of them are answered."""
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
    """Show the path of four invitations, with ordinary boto3 calls."""
    from detective_fake.demo import run_demo

    run_demo()
    return 0


def serve(arguments: argparse.Namespace) -> int:
    """Answer Detective calls over HTTP until SIGINT (Ctrl-C) or SIGTERM."""
    from detective_fake.errors import FakeUsageError
    from detective_fake.fake import DetectiveFake

    if arguments.wait is not None:
        return _wait(f"http://{arguments.host}:{arguments.port}/_fake/health", arguments.wait)
    file, loaded = Path(arguments.save or ""), Path(arguments.scenario or "")
    if arguments.save and not arguments.overwrite and file.exists() and file.resolve() != loaded.resolve():
        raise FakeUsageError(f"{file} exists. Load it with --scenario {file}, or replace it with --overwrite.")
    if arguments.log_level:  # otherwise uvicorn does not spend time on its log
        logging.basicConfig(level=arguments.log_level.upper(), format="%(asctime)s %(levelname)s %(message)s")
    options = {name: value for name in OPTIONS if (value := getattr(arguments, name, None)) is not None}
    with _stopped_by_signals() as stopped, DetectiveFake(hermetic=False, unused_faults="ignore", **options) as fake:
        with fake.serve(
            arguments.port,
            host=arguments.host,
            allowed_hosts=arguments.allow_host,
            keep_calls=arguments.keep_calls,
            on_error=traceback.print_exception,
        ) as endpoint:
            if arguments.save:
                fake.save(file)  # Now, to report an invalid path before anybody uses the server.
            _print_greeting(endpoint, arguments)
            # Wake up regularly: on Windows, a signal does not interrupt one long wait.
            any(stopped.wait(_WAKE_SECONDS) for _ in repeat(None))
        if arguments.save:
            fake.save(file)
            print(f"Saved to {file}.", file=sys.stderr if arguments.json else sys.stdout)
    return 0


def _wait(url: str, seconds: float) -> int:
    """Return 0 as soon as a server is ready, 1 if it is not in time."""
    for _ in range(int(seconds / _RETRY_SECONDS) + 1):
        with suppress(OSError):
            urlopen(url, timeout=seconds).close()  # noqa: S310 - an address of the user
            return 0
        time.sleep(_RETRY_SECONDS)
    print(f"detective-fake serve: no server is ready at {url} after {seconds} seconds.", file=sys.stderr)
    return 1


def _add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port to bind; a free one by default")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to bind; %(default)s by default: only this machine"
    )
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="another host name that requests may use"
    )
    for name, option in OPTIONS.items():
        if option.metavar:
            parser.add_argument(f"--{name.replace('_', '-')}", metavar=option.metavar, help=option.help)
    kept = "how many calls to keep; %(default)s by default"
    parser.add_argument("--keep-calls", type=int, default=10_000, metavar="N", help=kept)
    parser.add_argument("--save", metavar="FILE", help="file to write the state to when the server stops")
    parser.add_argument("--overwrite", action="store_true", help="let --save replace a file that was not loaded")
    parser.add_argument("--json", action="store_true", help="print one line of JSON with url, port and environment")
    parser.add_argument("--shell", choices=_SHELLS, default="bash", help="form of the printed variables")
    levels = ("debug", "info", "warning", "error")
    parser.add_argument("--log-level", choices=levels, help="log to stderr; info logs every request")
    parser.add_argument("--wait", type=float, metavar="SECONDS", help="only wait for a server at --host and --port")


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Yield an event that is set by the signals that usually end a process."""
    stopped = threading.Event()
    before = {each: signal.signal(each, lambda *_: stopped.set()) for each in _STOP_SIGNALS}
    try:
        yield stopped
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _print_greeting(endpoint: Endpoint, arguments: argparse.Namespace) -> None:
    from detective_fake.demo import paint
    from detective_fake.server.endpoint import is_loopback

    first = endpoint.environment()
    other = next(each for each in _OTHER_ACCOUNTS if each != first["AWS_ACCESS_KEY_ID"])
    if arguments.json:
        found = {"url": endpoint.url, "port": urlsplit(endpoint.url).port, "page_url": endpoint.page_url}
        print(json.dumps({**found, "environment": first}), flush=True)
    else:
        print(
            f"Detective is at {paint(endpoint.url)}\n"
            f"Its page is at {paint(endpoint.page_url)}\n"
            "\n# One account:\n"
            f"{_settings(first, arguments.shell)}"
            "\n# Another one; an access key of twelve digits is an account ID:\n"
            f"{_settings({'AWS_ACCESS_KEY_ID': other}, arguments.shell)}"
            "\n# boto3 before 1.28 and the AWS CLI before 1.29 or 2.13 do not read the first variable, and call AWS:\n"
            f"aws detective list-graphs --endpoint-url {endpoint.url}\n"
            "\nCtrl-C stops it.",
            flush=True,
        )
    if not is_loopback(arguments.host):
        print(
            f"Warning: everyone who reaches this machine at {arguments.host} can read and change the state, "
            "because there are no passwords. Leave --host out to serve only this machine.",
            file=sys.stderr,
            flush=True,
        )


def _settings(variables: dict[str, str], shell: str) -> str:
    return "".join(f"{_SHELLS[shell].format(name, value)}\n" for name, value in variables.items())


def check(arguments: argparse.Namespace) -> int:
    """Report for each file that it can be loaded, or all mistakes in it."""
    from detective_fake.fake import DetectiveFake
    from detective_fake.scenario.files import ScenarioError

    exit_code = 0
    for file in arguments.files:
        try:
            DetectiveFake().load(file)
            print(f"{file}: ok")
        except ScenarioError as error:  # noqa: PERF203 - every file is checked
            exit_code = 1
            print(*(f"{file}: {problem}" for problem in error.problems), sep="\n")
    return exit_code


def show(arguments: argparse.Namespace) -> int:
    """Print the state that a file describes."""
    from detective_fake.fake import DetectiveFake
    from detective_fake.views.diagrams import flowchart
    from detective_fake.views.text import describe_world

    world = DetectiveFake(scenario=arguments.file).snapshot().state
    text = flowchart(world) if arguments.mermaid else describe_world(world, reveal=arguments.reveal)
    print(text.rstrip())
    return 0
