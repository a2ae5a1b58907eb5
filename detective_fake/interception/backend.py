"""What a fake is to the adapters: who answers, who calls by default, and the environment meanwhile.

Knows the exchange's values; must not know botocore. A fake that injects faults overrides what stands here as default.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from detective_fake.exchange import Caller, NetworkError
from detective_fake.interception.environment import HermeticEnvironment, machine_keys

if TYPE_CHECKING:
    from detective_fake.exchange import Request, Result
    from detective_fake.interception.callers import CallerRules

__all__ = ["Backend", "NetworkError"]


class Backend(ABC):
    """What answers for Detective. Its methods are called from several threads at once.

    Whatever they raise leaves the client's call at once, without a retry; so a `FakeUsageError` reaches the test.

    Args:
        caller_rules: How callers are found.
        region: Region of clients that the code under test makes without one.
        wire: Whether every call takes the wire.
        hermetic: Whether the environment is replaced while the backend is active.
        real_backoff: Whether botocore shall sleep before it asks again.

    Attributes:
        active: Whether it is in the stack.
        wire: Whether every call goes through botocore's signing, retries and parser.
        backoffs: What botocore would have slept, or has, as (operation, attempt, seconds).
        caller_rules: How callers are found.
    """

    def __init__(
        self,
        caller_rules: CallerRules,
        *,
        region: str,
        wire: bool = False,
        hermetic: bool = True,
        real_backoff: bool = False,
    ) -> None:
        self.wire = wire
        self.real_backoff = real_backoff
        self.active = False
        self.backoffs: list[tuple[str, int, float]] = []
        self.caller_rules = caller_rules
        self._environment = HermeticEnvironment(region) if hermetic else None

    @property
    def account_id(self) -> str:
        """Who calls where credentials name no account; may be assigned at any time, for all threads."""
        return self.caller_rules.default.account_id

    @account_id.setter
    def account_id(self, account_id: str) -> None:
        self.caller_rules.default = Caller(account_id, "default")

    def enter(self) -> None:
        """Take over the environment. `botocore_hooks.activate` calls this."""
        self.caller_rules.machine_keys = machine_keys() if self._environment is None else self._environment.start()
        self.active = True

    def leave(self) -> None:
        """Give the environment back. `botocore_hooks.deactivate` calls this."""
        self.active = False
        if self._environment is not None:
            self._environment.stop()

    @abstractmethod
    def handle(self, request: Request, /) -> Result:
        """Answer a call that does not take the wire."""

    def begin(self, request: Request, answered: Result | None = None, /) -> object:  # noqa: ARG002
        """Open the record of a call that takes the wire, and return it: what `attempt` is given each time.

        Args:
            request: As the client has made it.
            answered: What `handle` has just answered to this same call, if that turned out to be an answer that
                botocore retries. It is the first attempt's, for which `attempt` is not asked.
        """
        return None

    def attempt(self, record: object, request: Request, number: int, /) -> Result | Exception | NetworkError:  # noqa: ARG002
        """Answer one attempt at a call, or return what shall be raised in place of an answer.

        Args:
            record: What `begin` returned.
            request: As it came over the wire.
            number: 1 for the first.
        """
        return self.handle(request)

    def note_backoff(self, operation: str, attempt: int, seconds: float, /) -> None:
        """Take notice that botocore, after this attempt at an operation, wants to wait before the next."""
        self.backoffs.append((operation, attempt, seconds))
