"""`fake.deny`: what an account's identities may not do, answered with IAM's own words.

Knows IAM's names of Detective's actions and resources; what Detective itself refuses is for the operations.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from detective_fake.domain.account import checked_account_id
from detective_fake.domain.choices import nearest
from detective_fake.errors import AccessDenied, FakeUsageError
from detective_fake.journal.principals import principal_arn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from typing_extensions import Self

    from detective_fake.exchange import Request

__all__ = ["Denial", "Denials", "action_of"]

_PREFIX: Final = "detective:"
_RENAMED: Final[Mapping[str, str]] = {"ListOrganizationAdminAccounts": "ListOrganizationAdminAccount"}
"""Source: service authorization reference, Amazon Detective."""

_ON_ANYTHING: Final = frozenset(
    {
        "BatchGetMembershipDatasources",
        "CreateGraph",
        "DisableOrganizationAdminAccount",
        "EnableOrganizationAdminAccount",
        "ListGraphs",
        "ListInvitations",
        "ListOrganizationAdminAccounts",
    }
)
"""Operations whose resource is `*`. Source: as above."""


class Denial:
    """Actions that are denied until `allow()`, or to the end of a `with` block."""

    def __init__(self, denials: Denials, action: str, account_id: str | None) -> None:
        self._denials = denials
        self.action = action
        self.account_id = account_id

    def allow(self) -> None:
        """Deny them no longer."""
        if self in self._denials.present:
            self._denials.present.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.allow()

    def __repr__(self) -> str:
        account = "" if self.account_id is None else f", account_id={self.account_id!r}"
        return f"deny({self.action!r}{account})"

    def denies(self, action: str, account_id: str) -> bool:
        """Tell whether an account may not perform an action."""
        return self.account_id in {None, account_id} and _matches(self.action, action)


class Denials:
    """All denials of one fake.

    Args:
        operations: All operations of the service model.

    Attributes:
        present: Those that hold; nothing else may be kept here, as it is looked at in every call.
    """

    def __init__(self, operations: Sequence[str]) -> None:
        self._operations = operations
        self.present: list[Denial] = []

    def add(self, action: str, *, account_id: str | None = None) -> Denial:
        """Deny an action, or those that a pattern with `*` and `?` stands for, to an account or to all.

        Raises:
            FakeUsageError: There is no such action, or the account id is not twelve digits.
        """
        if account_id is not None:
            checked_account_id(account_id)
        actions = tuple(map(action_of, self._operations))
        if not any(_matches(str(action), known) for known in actions):
            message = (
                f"{action!r} is no IAM action of Detective, nor a pattern of any; "
                f"did you mean {nearest(action, actions)!r}?"
            )
            raise FakeUsageError(message)
        denial = Denial(self, action, account_id)
        self.present.append(denial)
        return denial

    def refusal(self, request: Request) -> AccessDenied | None:
        """Return what IAM answers to a request that is denied, None if it is not.

        Source: GitHub issue aws-samples/amazon-detective-multiaccount-scripts#1, where the text was published.
        """
        for action in _actions(request):
            if any(denial.denies(action, request.caller.account_id) for denial in tuple(self.present)):
                who = principal_arn(request.caller, request.region)
                what = f"{action} on resource: {_resource(request)}"
                return AccessDenied(f"User: {who} is not authorized to perform: {what}")
        return None


def action_of(operation: str) -> str:
    """Return IAM's name of the action of an operation."""
    return _PREFIX + _RENAMED.get(operation, operation)


def _actions(request: Request) -> Iterator[str]:
    yield action_of(request.operation)
    if request.operation == "CreateGraph" and request.parameters.get("Tags"):
        yield action_of("TagResource")


def _resource(request: Request) -> str:
    if request.operation in _ON_ANYTHING:
        return "*"
    arn = request.parameters.get("GraphArn") or request.parameters.get("ResourceArn")
    return arn if isinstance(arn, str) else "*"


def _matches(pattern: str, action: str) -> bool:
    """Source: IAM user guide, `Action`: letter case does not matter, and there are no other wildcards."""
    return fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))
