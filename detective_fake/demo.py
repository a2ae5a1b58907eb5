"""`detective-fake demo`: four invitations against one fake, printed call by call. It uses only public names."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from textwrap import fill
from typing import Any, Final

from botocore import xform_name

from detective_fake import DetectiveFake

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
        administrator, *members = (fake.client(account_id) for account_id in (ADMINISTRATOR, *EMAILS))
        accepting, rejecting, too_large, mistaken = members

        graph_arn = administrator.create_graph()["GraphArn"]
        accounts: Any = [{"AccountId": account_id, "EmailAddress": email} for account_id, email in EMAILS.items()]
        administrator.create_members(GraphArn=graph_arn, Accounts=accounts)
        administrator.list_members(GraphArn=graph_arn)
        _print_step("1. An administrator creates a behavior graph and invites four accounts.", fake)

        accepting.list_invitations()
        accepting.accept_invitation(GraphArn=graph_arn)
        administrator.list_members(GraphArn=graph_arn)
        _print_step("2. One account accepts, with its own credentials, and is enabled.", fake)

        rejecting.reject_invitation(GraphArn=graph_arn)
        administrator.list_members(GraphArn=graph_arn)
        _print_step("3. One account rejects, and is no longer listed.", fake)

        mistaken.list_invitations()
        with suppress(mistaken.exceptions.ConflictException):
            mistaken.accept_invitation(GraphArn=graph_arn)
        administrator.list_members(GraphArn=graph_arn)
        _print_step("4. One account was invited with a wrong address and got no invitation.", fake)

        too_large.accept_invitation(GraphArn=graph_arn)
        administrator.start_monitoring_member(GraphArn=graph_arn, AccountId=TOO_LARGE)
        administrator.list_members(GraphArn=graph_arn)
        _print_step("5. One account accepts, but has 11 TB a day. A graph takes at most 10 TB.", fake)

        fake.seed.account(TOO_LARGE, email=EMAILS[TOO_LARGE], daily_volume_bytes=TERABYTE)
        fake.clock.advance(hours=1)
        administrator.list_members(GraphArn=graph_arn)
        _print_step("6. Its volume falls to 1 TB a day. Detective enables it within an hour.", fake)


def _print_step(title: str, fake: DetectiveFake) -> None:
    """Print the calls since the last step, with their results, and the members that they return."""
    print(f"{paint(title)}\n")
    for call in fake.calls:
        result = call.result or {}
        arguments = ", ".join(f"{name}={_brief(value)}" for name, value in call.parameters.items())
        _print_wrapped(f"  {call.account_id}  ", f"{xform_name(call.operation)}({arguments})")
        outcome = ", ".join(f"{name}={_brief(value)}" for name, value in result.items()) or "done"
        _print_wrapped(" " * 16 + "-> ", f"{call.outcome}: {call.error.message}" if call.error else outcome)
        if members := result.get("Members") or result.get("MemberDetails"):
            print()
            for row in (dict(zip(_COLUMNS, _COLUMNS, strict=True)), *members):
                cells = (f"{row.get(name, ''):{width}}" for name, width in _COLUMNS.items())
                print("  ", "  ".join(cells).rstrip(), sep="")
            print()
    fake.forget_calls()


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
