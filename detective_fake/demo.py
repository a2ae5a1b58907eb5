"""`detective-fake demo`: four invitations against one fake, printed call by call. It uses only public names."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name

from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.model import OperationModel
    from mypy_boto3_detective import DetectiveClient

__all__ = ["paint", "run_demo"]

ADMINISTRATOR: Final = "111111111111"
ACCEPTING: Final = "222222222222"
REJECTING: Final = "333333333333"
TOO_LARGE: Final = "444444444444"
MISTAKEN: Final = "555555555555"
EMAILS: Final = {
    ACCEPTING: "shop@example.com",
    REJECTING: "archive@example.com",
    TOO_LARGE: "stream@example.com",
    MISTAKEN: "lab@example.com",
}
TERABYTE: Final = 10**12

_WIDTH: Final = 80
_COLUMNS: Final = {"AccountId": 12, "EmailAddress": 19, "Status": 24, "DisabledReason": 14}


def run_demo() -> None:
    """Print each call, its result, and the members after each step, in at most 80 columns."""
    with DetectiveFake() as fake:
        for account_id, email in EMAILS.items():
            fake.seed.account(account_id, email=email, verifies=account_id != MISTAKEN)
        fake.seed.account(TOO_LARGE, email=EMAILS[TOO_LARGE], daily_volume_bytes=11 * TERABYTE)
        administrator, *members = (_client(fake, account_id) for account_id in (ADMINISTRATOR, *EMAILS))
        accepting, rejecting, too_large, mistaken = members

        print(f"{paint('1. An administrator creates a behavior graph and invites four accounts.')}\n")
        graph_arn = administrator.create_graph()["GraphArn"]
        invited = administrator.create_members(
            GraphArn=graph_arn,
            Accounts=[{"AccountId": account_id, "EmailAddress": email} for account_id, email in EMAILS.items()],
        )
        _print_table(invited["Members"])
        print()
        _print_members(administrator, graph_arn)

        print(f"\n{paint('2. One account accepts, with its own credentials, and is enabled.')}\n")
        accepting.list_invitations()
        accepting.accept_invitation(GraphArn=graph_arn)
        _print_members(administrator, graph_arn)

        print(f"\n{paint('3. One account rejects, and is no longer listed.')}\n")
        rejecting.reject_invitation(GraphArn=graph_arn)
        _print_members(administrator, graph_arn)

        print(f"\n{paint('4. One account was invited with a wrong address and got no invitation.')}\n")
        mistaken.list_invitations()
        with suppress(mistaken.exceptions.ConflictException):
            mistaken.accept_invitation(GraphArn=graph_arn)
        _print_members(administrator, graph_arn)

        print(f"\n{paint('5. One account accepts, but has 11 TB a day. A graph takes at most 10 TB.')}\n")
        too_large.accept_invitation(GraphArn=graph_arn)
        administrator.start_monitoring_member(GraphArn=graph_arn, AccountId=TOO_LARGE)
        _print_members(administrator, graph_arn)

        print(f"\n{paint('6. Its volume falls to 1 TB a day. Detective enables it within an hour.')}\n")
        fake.seed.account(TOO_LARGE, email=EMAILS[TOO_LARGE], daily_volume_bytes=TERABYTE)
        fake.clock.advance(hours=1)
        _print_members(administrator, graph_arn)


def _print_members(administrator: DetectiveClient, graph_arn: str) -> None:
    _print_table(administrator.list_members(GraphArn=graph_arn)["MemberDetails"])


def _print_table(members: Iterable[Mapping[str, Any]]) -> None:
    print()
    for row in ({name: name for name in _COLUMNS}, *members):
        cells = (f"{row.get(name, ''):{width}}" for name, width in _COLUMNS.items())
        print("  ", "  ".join(cells).rstrip(), sep="")


def _client(fake: DetectiveFake, account_id: str) -> DetectiveClient:
    """Return the account's client. Its calls are printed."""
    client = fake.client(account_id)

    def print_call(params: Mapping[str, Any], model: OperationModel, **_rest: object) -> None:
        arguments = ", ".join(f"{name}={_brief(value)}" for name, value in params.items())
        _print_wrapped(f"  {account_id}  ", f"{xform_name(model.name)}({arguments})")

    client.meta.events.register("provide-client-params.detective", print_call)
    client.meta.events.register("after-call.detective", _print_outcome)
    return client


def _print_outcome(parsed: Mapping[str, Any], **_rest: object) -> None:
    error = parsed.get("Error")
    body = (f"{name}={_brief(value)}" for name, value in parsed.items() if name != "ResponseMetadata")
    outcome = f"{error['Code']}: {error['Message']}" if error else ", ".join(body) or "done"
    _print_wrapped(" " * 16 + "-> ", outcome)


def _brief(value: object) -> str:
    """Shorten a value: a list to its length, an ARN to its end."""
    if isinstance(value, list):
        return f"[{len(value)}]"
    text = str(value)
    return f"...{text[-14:]}" if text.startswith("arn:") else text


def _print_wrapped(start: str, text: str) -> None:
    indent = " " * len(start)
    print(fill(text, _WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False))


def paint(text: str) -> str:
    """Return a text in bold for standard output, if that is a terminal and `NO_COLOR` is not set."""
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text
