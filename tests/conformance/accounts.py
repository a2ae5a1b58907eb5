"""The two accounts of a check: the interface, and its implementation by the fake.

A check uses only `Accounts`, so it runs on the fake and on AWS alike.
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

CLIENT_CONFIG: Final = Config(
    # Let Detective validate parameters, not botocore.
    parameter_validation=False,
    # AWS returns InternalServerException for up to four minutes after a graph was created or deleted.
    retries={"mode": "standard", "total_max_attempts": 20},
)


class Accounts(Protocol):
    """An administrator and a member, in one Region, and neither in a behavior graph when the checks begin.

    Attributes:
        member_email: The root e-mail address of the member's account; empty if it must not be invited.
        safety: Restricts the clients.
    """

    region: str
    member_email: str
    safety: Safety

    def account_id(self, role: Role) -> str:
        """Return the ID of an account."""

    def client(self, role: Role) -> Any:
        """Return the Detective client of an account, without botocore's validation."""

    def in_organization(self, role: Role) -> bool:
        """Return whether an account is in an organization of AWS Organizations."""

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        """Wait for something that AWS does asynchronously."""


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
        """Return the ID of an account."""
        return self._ids[role]

    def client(self, role: Role) -> Any:
        """Return a new client of an account."""
        client = self._fake.client(self._ids[role], config=CLIENT_CONFIG)
        self.safety.guard(client, role, graphs=self._graphs)
        return client

    def _graphs(self) -> list[str]:
        return [graph.arn for graph in self._fake.graphs if graph.administrator_id == self._ids["administrator"]]

    def in_organization(self, role: Role) -> bool:
        """Return whether an account is in an organization."""
        return any(self._ids[role] in each.accounts for each in self._fake.organizations)

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        """Run everything asynchronous at once."""
        self._fake.settle()
        assert happened(), what


def blotted(text: str, accounts: Accounts) -> str:
    """Return a text without IDs and addresses, to publish it."""
    names = {
        accounts.account_id("administrator"): "<administrator>",
        accounts.account_id("member"): "<member>",
        accounts.member_email: "<e-mail of the member>",
    }
    known = "|".join(re.escape(name) for name in names if name)
    text = re.sub(known, lambda found: names[found[0]], text)
    return re.sub(r"(:graph:)[0-9a-f]{32}", r"\1<id>", text)
