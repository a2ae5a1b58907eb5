"""`fake.deny`: IAM actions that are denied to an account, with IAM's error text."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.controls.rules import Rule, Rules
from detective_fake.domain.account import checked_account_id
from detective_fake.domain.choices import nearest
from detective_fake.errors import AccessDenied, FakeUsageError
from detective_fake.journal.expectations import Difference, other_place
from detective_fake.protocol.model import operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from detective_fake.exchange import Request

_RENAMED: Final[Mapping[str, str]] = {"ListOrganizationAdminAccounts": "ListOrganizationAdminAccount"}
"""Operations whose IAM action has another name. Source: service authorization reference, Amazon Detective."""


@attrs.define(kw_only=True, eq=False, repr=False)
class Denial(Rule):
    """Denied actions. They are allowed again by `allow()`, or at the end of a `with` block.

    Attributes:
        action: Name or pattern of the actions: `"detective:Create*"`.
        account_id: The account that may not use them; None for every account.
        region: The Region in which they are denied; None for every Region.
    """

    kind = "denial"

    action: str
    account_id: str | None
    region: str | None

    def allow(self) -> None:
        """Allow the actions again."""
        self.end()

    def differences(self, request: Request) -> Iterator[Difference]:
        """Yield each reason why a request is not denied."""
        if not any(_matches(self.action, action) for action in _actions(request)):
            yield Difference("action", self.action, action_of(request.operation))
        yield from other_place(self, request.caller.account_id, request.region)

    @property
    def obstacle(self) -> str:
        """Why it was not used for a call that it matches."""
        return "the call ended before IAM checked it"

    def __str__(self) -> str:
        conditions = {"account_id": self.account_id, "region": self.region}
        shown = "".join(f", {name}={value!r}" for name, value in conditions.items() if value is not None)
        return f"deny({self.action!r}{shown})"


class Denials(Rules[Denial]):
    """All denials of one fake."""

    def add(self, action: str, *, account_id: str | None = None, region: str | None = None) -> Denial:
        """Deny actions to an account, or to every account.

        Args:
            action: Name, or a pattern with `*` and `?`.
            account_id: The account; None for every account.
            region: The Region that is called; None for every Region.
        Raises:
            FakeUsageError: There is no such action or Region, or the account ID is not twelve digits.
        """
        if account_id is not None:
            checked_account_id(account_id)
        if region is not None:
            self.context.regions.check(region)
        actions = [action_of(operation) for operation in operations()]
        if not any(_matches(str(action), known) for known in actions):
            raise FakeUsageError(
                f"Unknown IAM action {action!r}. Expected an action of Detective or a pattern. "
                f"Did you mean {nearest(action, actions)!r}?"
            )
        return self.activate(Denial(rules=self, action=action, account_id=account_id, region=region))

    def refusal(self, request: Request) -> AccessDenied | None:
        """Return IAM's error for a request that is denied, else None.

        Source: GitHub issue aws-samples/amazon-detective-multiaccount-scripts#1, which quotes the text. That an action
        on no graph has the resource `*`: service authorization reference.
        """
        with self.context.lock:
            denials = [denial for denial in self.active if not any(denial.differences(request))]
            for denial in denials:
                denial.used += 1
        from detective_fake.journal.cloudtrail import principal_arn  # noqa: PLC0415 - few tests deny actions

        for action in _actions(request):
            if any(_matches(denial.action, action) for denial in denials):
                user = principal_arn(request.caller, request.region)
                resource = request.graph_arn or "*"
                return AccessDenied(f"User: {user} is not authorized to perform: {action} on resource: {resource}")
        return None


def action_of(operation: str) -> str:
    """Return the IAM action of an operation."""
    return f"detective:{_RENAMED.get(operation, operation)}"


def _actions(request: Request) -> Iterator[str]:
    yield action_of(request.operation)
    if request.operation == "CreateGraph" and request.parameters.get("Tags"):
        yield action_of("TagResource")


def _matches(pattern: str, action: str) -> bool:
    """Return whether an IAM pattern matches an action.

    Source: IAM user guide, `Action`: case-insensitive, and `*` and `?` are the only wildcards.
    """
    return fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))
