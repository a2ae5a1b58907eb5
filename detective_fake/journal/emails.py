"""`fake.emails`: the invitations that Detective has sent. Knows where the world keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from detective_fake.domain.account import checked_account_id
from detective_fake.domain.emails import Email

if TYPE_CHECKING:
    from detective_fake.controls.context import FakeContext

__all__ = ["Emails"]


class Emails(Sequence[Email]):
    """E-mails in the order in which they were sent; goes on growing. Reading settles nothing."""

    def __init__(self, context: FakeContext) -> None:
        self._context = context

    def to(self, account_id: str) -> tuple[Email, ...]:
        """Return the e-mails that invite an account.

        Raises:
            FakeUsageError: The id is not twelve digits.
        """
        checked_account_id(account_id)
        return tuple(email for email in self._sent() if email.account_id == account_id)

    @overload
    def __getitem__(self, index: int) -> Email: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Email, ...]: ...
    def __getitem__(self, index: int | slice) -> Email | tuple[Email, ...]:
        """Return e-mails by position."""
        return self._sent()[index]

    def __len__(self) -> int:
        """Return how many were sent."""
        return len(self._sent())

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence has the same e-mails."""
        return isinstance(other, Sequence) and list(self._sent()) == list(other)

    __hash__ = None  # type: ignore[assignment] # it grows

    def __repr__(self) -> str:
        return repr(list(self._sent()))

    def _sent(self) -> tuple[Email, ...]:
        with self._context.lock:
            return tuple(self._context.world.emails)
