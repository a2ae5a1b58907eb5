"""The two accounts that a check has, whatever answers for them; and the fake's.

A check is written against `Accounts` alone: it cannot tell the fake from AWS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.config import Config

from tests.conformance.safety import Safety

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake import DetectiveFake
    from tests.conformance.settings import Role

__all__ = ["CLIENT_CONFIG", "Accounts", "FakeAccounts", "blotted"]

CLIENT_CONFIG: Final = Config(
    # What cannot be is refused by Detective, not by botocore before it.
    parameter_validation=False,
    # AWS answers InternalServerException for up to four minutes after a graph was created or deleted.
    retries={"mode": "standard", "total_max_attempts": 20},
)


class Accounts(Protocol):
    """An administrator and a member, in one Region, and neither in a behavior graph when the checks begin.

    Attributes:
        member_email: The root e-mail address of the member's account, where it may be invited.
        safety: What the clients may do.
    """

    region: str
    member_email: str
    safety: Safety

    def account_id(self, role: Role) -> str:
        """Return an account's id."""

    def client(self, role: Role) -> Any:
        """Return an account's Detective client, which sends what botocore would refuse to."""

    def in_organization(self, role: Role) -> bool:
        """Tell whether an account is in an organization of AWS Organizations."""

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        """Return when something has happened that AWS does by itself."""


class FakeAccounts:
    """Two accounts of a fake."""

    def __init__(self, fake: DetectiveFake) -> None:
        self.region = fake.region
        self.member_email = "member@example.com"
        self.safety = Safety(may_create=True)
        self._fake = fake
        self._ids: dict[Role, str] = {"administrator": "111111111111", "member": "222222222222"}
        fake.seed.account(self._ids["member"], email=self.member_email)

    def account_id(self, role: Role) -> str:
        """Return an account's id."""
        return self._ids[role]

    def client(self, role: Role) -> Any:
        """Return a client of its own."""
        client = self._fake.client(self._ids[role], config=CLIENT_CONFIG)
        self.safety.guard(client, role, graphs=self._graphs)
        return client

    def _graphs(self) -> list[str]:
        return [graph.arn for graph in self._fake.graphs if graph.administrator_id == self._ids["administrator"]]

    def in_organization(self, role: Role) -> bool:
        """Tell whether an account is in an organization: nobody has made one."""
        return any(self._ids[role] in each.accounts for each in self._fake.organizations)

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        """Let it happen."""
        self._fake.settle()
        assert happened(), what


def blotted(text: str, accounts: Accounts) -> str:
    """Return a text without ids and addresses, so that it can be published."""
    names = {
        accounts.account_id("administrator"): "<administrator>",
        accounts.account_id("member"): "<member>",
        accounts.member_email: "<e-mail of the member>",
    }
    known = "|".join(re.escape(name) for name in names if name)
    text = re.sub(known, lambda found: names[found[0]], text)
    return re.sub(r"(:graph:)[0-9a-f]{32}", r"\1<id>", text)
