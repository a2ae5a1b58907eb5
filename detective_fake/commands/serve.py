"""`detective-fake serve`: a fake over HTTP until somebody stops it, for programs in any language and for a browser.

Knows arguments, signals and what is printed.
"""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from contextlib import contextmanager
from itertools import repeat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from detective_fake.server.endpoint import Endpoint

__all__ = ["configure", "run"]

_OTHER_ACCOUNTS: Final = ("222222222222", "111111111111")
_STOPS: Final = (signal.SIGINT, signal.SIGTERM)
_WAKE_SECONDS: Final = 1.0
_HOST: Final = "127.0.0.1"
_CALLS: Final = 10_000


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--port", type=int, default=0, metavar="N", help="0, the default, for any that is free")
    parser.add_argument("--host", default=_HOST, help=f"address to bind; {_HOST} if not given: this machine alone")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="another name that the server may be asked by"
    )
    parser.add_argument("--account-id", metavar="ID", help="who calls where credentials name no account")
    parser.add_argument("--region", help="Region of calls that are not signed")
    parser.add_argument("--scenario", metavar="FILE", help="state to start from, .toml or .json")
    parser.add_argument(
        "--keep-calls", type=int, default=_CALLS, metavar="N", help=f"how many calls to remember; {_CALLS} if not given"
    )
    parser.add_argument("--save", metavar="FILE", help="where to write the state when the server stops, .toml or .json")


def run(arguments: Namespace) -> int:
    """Answer Detective calls over HTTP until SIGINT (Ctrl-C) or SIGTERM comes."""
    from detective_fake.errors import FakeUsageError  # noqa: PLC0415 - `--help` need not wait for all this

    try:
        _serve(arguments)
    except FakeUsageError as error:
        sys.stderr.write(f"detective-fake serve: {error}\n")
        return 2
    return 0


def _serve(arguments: Namespace) -> None:
    from detective_fake.fake import DetectiveFake  # noqa: PLC0415 - as above

    names = ("account_id", "region", "scenario")
    options = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    with _stopped_by_signals() as stopped, DetectiveFake(hermetic=False, unmet_faults="ignore", **options) as fake:
        if arguments.save:
            fake.save(arguments.save)  # now, since nothing can be asked of anybody when it is too late
        with fake.serve(
            arguments.port,
            host=arguments.host,
            allowed_hosts=arguments.allow_host,
            keep_calls=arguments.keep_calls,
            on_error=_print_error,
        ) as endpoint:
            _greet(endpoint, arguments.host)
            # Not one long wait, which Windows would not interrupt for a signal.
            next(filter(stopped.wait, repeat(_WAKE_SECONDS)))
        if arguments.save:
            fake.save(arguments.save)
            sys.stdout.write(f"Saved to {arguments.save}.\n")


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Hand out an event that is set by the signals that usually end a process."""
    stopped = threading.Event()
    before = {each: signal.signal(each, lambda *_: stopped.set()) for each in _STOPS}
    try:
        yield stopped
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _greet(endpoint: Endpoint, host: str) -> None:
    from detective_fake.server.serving import is_loopback  # noqa: PLC0415 - as above

    first = endpoint.environment()
    another = endpoint.environment(next(each for each in _OTHER_ACCOUNTS if each != first["AWS_ACCESS_KEY_ID"]))
    sys.stdout.write(
        f"Detective is at {endpoint.url}\n"
        f"Its page is at {endpoint.page_url}\n"
        "\n# An account, for a shell:\n"
        f"{_exports(first)}"
        "\n# Another one; an access key of twelve digits is the account it names:\n"
        f"{_exports({name: value for name, value in another.items() if first[name] != value})}"
        "\nCtrl-C stops it.\n"
    )
    sys.stdout.flush()
    if not is_loopback(host):
        sys.stderr.write(
            f"Warning: whoever reaches this machine at {host} can read and change everything here, "
            "as there are no passwords. Leave --host out to serve this machine alone.\n"
        )
        sys.stderr.flush()


def _exports(variables: dict[str, str]) -> str:
    return "".join(f"export {name}={value}\n" for name, value in variables.items())


def _print_error(error: BaseException) -> None:
    sys.stderr.write("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    sys.stderr.flush()
