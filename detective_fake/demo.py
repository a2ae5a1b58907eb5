"""`detective-fake demo`: four invitations against one fake, printed call by call. It uses only public names."""

from __future__ import annotations

from contextlib import suppress
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name

from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.model import OperationModel
    from mypy_boto3_detective import DetectiveClient

__all__ = ["run_demo"]

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

        graph_arn = _invite(fake)
        _accept(fake, graph_arn)
        _reject(fake, graph_arn)
        _fail_verification(fake, graph_arn)
        _accept_with_too_much_data(fake, graph_arn)
        _wait_for_less_data(fake, graph_arn)


def _invite(fake: DetectiveFake) -> str:
    print("1. An administrator creates a behavior graph and invites four accounts.\n")
    administrator = _client(fake, ADMINISTRATOR)
    graph_arn = administrator.create_graph()["GraphArn"]
    invited = administrator.create_members(
        GraphArn=graph_arn,
        Accounts=[{"AccountId": account_id, "EmailAddress": email} for account_id, email in EMAILS.items()],
    )
    _print_table(invited["Members"])
    print()
    _show_members(fake, graph_arn)
    return graph_arn


def _accept(fake: DetectiveFake, graph_arn: str) -> None:
    print("\n2. One account accepts, with its own credentials, and is enabled.\n")
    member = _client(fake, ACCEPTING)
    member.list_invitations()
    member.accept_invitation(GraphArn=graph_arn)
    _show_members(fake, graph_arn)


def _reject(fake: DetectiveFake, graph_arn: str) -> None:
    print("\n3. One account rejects, and is no longer listed.\n")
    _client(fake, REJECTING).reject_invitation(GraphArn=graph_arn)
    _show_members(fake, graph_arn)


def _fail_verification(fake: DetectiveFake, graph_arn: str) -> None:
    print("\n4. One account was invited with a wrong address and got no invitation.\n")
    member = _client(fake, MISTAKEN)
    member.list_invitations()
    with suppress(member.exceptions.ConflictException):
        member.accept_invitation(GraphArn=graph_arn)
    _show_members(fake, graph_arn)


def _accept_with_too_much_data(fake: DetectiveFake, graph_arn: str) -> None:
    print("\n5. One account accepts, but has 11 TB a day. A graph takes at most 10 TB.\n")
    _client(fake, TOO_LARGE).accept_invitation(GraphArn=graph_arn)
    administrator = _client(fake, ADMINISTRATOR)
    with suppress(administrator.exceptions.ServiceQuotaExceededException):
        administrator.start_monitoring_member(GraphArn=graph_arn, AccountId=TOO_LARGE)
    _show_members(fake, graph_arn)


def _wait_for_less_data(fake: DetectiveFake, graph_arn: str) -> None:
    print("\n6. Its volume falls to 1 TB a day. Detective enables it within an hour.\n")
    fake.seed.account(TOO_LARGE, email=EMAILS[TOO_LARGE], daily_volume_bytes=TERABYTE)
    fake.clock.advance(hours=1)
    _show_members(fake, graph_arn)


def _show_members(fake: DetectiveFake, graph_arn: str) -> None:
    _print_table(_client(fake, ADMINISTRATOR).list_members(GraphArn=graph_arn)["MemberDetails"])


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

    events = client.meta.events
    events.register("provide-client-params.detective", print_call, unique_id=f"{__name__}.{account_id}.call")
    events.register("after-call.detective", _print_outcome, unique_id=f"{__name__}.{account_id}.outcome")
    return client


def _print_outcome(parsed: Mapping[str, Any], **_rest: object) -> None:
    error = parsed.get("Error")
    if error:
        outcome = f"{error['Code']}: {error['Message']}"
    else:
        body = (f"{name}={_brief(value)}" for name, value in parsed.items() if name != "ResponseMetadata")
        outcome = ", ".join(body) or "done"
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
