"""The backend of a real fake: its service, its journal, and what botocore would have slept.

Knows which attempt belongs to which record; must not know botocore, nor what a fault is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detective_fake.interception.backend import Backend
from detective_fake.journal.calls import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake.exchange import NetworkError, Request, Result
    from detective_fake.interception.callers import CallerRules
    from detective_fake.parts import Parts

__all__ = ["ServiceBackend"]


class ServiceBackend(Backend):
    """What answers for Detective, with a record for each call.

    Args:
        parts: Gives the fake's service and recorder. Asked with the first call.
        caller_rules: As for `Backend`.
        options: The same.
    """

    def __init__(self, parts: Callable[[], Parts], caller_rules: CallerRules, **options: Any) -> None:
        super().__init__(caller_rules, **options)
        self._parts = parts
        self.backoffs: list[Backoff] = []  # type: ignore[assignment] # named tuples of the same items

    def handle(self, request: Request) -> Result:
        """Answer a call."""
        # The next comes to the service without this detour.
        self.handle = self._parts().service.handle  # type: ignore[method-assign]
        return self.handle(request)

    def begin(self, request: Request, answered: Result | None = None) -> object:
        """Open the record of a call that takes the wire, or find it, if its first attempt was answered already."""
        return self._parts().recorder.begin(request, answered)

    def attempt(self, record: Any, request: Request, number: int) -> Result | Exception | NetworkError:
        """Answer one attempt at a call, or return the network error that keeps the answer from arriving."""
        result = self._parts().service.handle(request, record, number)
        return result if result.network is None else result.network

    def note_backoff(self, operation: str, attempt: int, seconds: float) -> None:
        """Take notice that botocore, after this attempt at an operation, wants to wait before the next."""
        self.backoffs.append(Backoff(operation, attempt, seconds))
