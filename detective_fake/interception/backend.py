"""One fake as botocore's hooks and the HTTP entry see it: its service, default caller and environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detective_fake.exchange import Caller, NetworkError
from detective_fake.interception.environment import HermeticEnvironment, machine_keys
from detective_fake.journal.calls import Backoff

if TYPE_CHECKING:
    from detective_fake.exchange import Request, Result
    from detective_fake.interception.callers import CallerRules
    from detective_fake.journal.calls import Recorder
    from detective_fake.service import Service

__all__ = ["Backend", "NetworkError"]


class Backend:
    """Answers the calls of one fake. Several threads may call its methods at once.

    An exception that a method raises ends the client's call without a retry, so a `FakeUsageError` reaches the test.

    Args:
        service: Answers requests.
        recorder: Records calls.
        caller_rules: Find the caller of a request.
        region: Region of clients that are created without one.
        wire: Whether every call takes the wire path: botocore signs, sends, retries and parses it.
        hermetic: Whether the environment is replaced while the fake is active.
        real_backoff: Whether botocore sleeps before it retries.

    Attributes:
        active: Whether the fake is in the stack of active fakes.
        backoffs: What botocore slept before each retry, or would have slept.
    """

    def __init__(
        self,
        service: Service,
        recorder: Recorder,
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
        self.backoffs: list[Backoff] = []
        self.caller_rules = caller_rules
        self._service = service
        self._recorder = recorder
        self._environment = HermeticEnvironment(region) if hermetic else None

    @property
    def account_id(self) -> str:
        """The account that calls if credentials name none. It may be assigned at any time, for all threads."""
        return self.caller_rules.default.account_id

    @account_id.setter
    def account_id(self, account_id: str) -> None:
        self.caller_rules.default = Caller(account_id, "default")

    def enter(self) -> None:
        """Replace the environment. `botocore_hooks.activate` calls this."""
        self.caller_rules.machine_keys = machine_keys() if self._environment is None else self._environment.start()
        self.active = True

    def leave(self) -> None:
        """Restore the environment. `botocore_hooks.deactivate` calls this."""
        self.active = False
        if self._environment is not None:
            self._environment.stop()

    def handle(self, request: Request, /) -> Result:
        """Answer a call that takes the short path."""
        return self._service.handle(request)

    def begin(self, request: Request, answered: Result | None = None, /) -> object:
        """Return the record of a call that takes the wire path, to pass to `attempt`.

        Args:
            request: The request that the client made.
            answered: The result of `handle` for the same call, if botocore has to retry it. It counts as the result of
                the first attempt.
        """
        return self._recorder.begin(request, answered)

    def attempt(self, record: Any, request: Request, number: int, /) -> Result | Exception | NetworkError:
        """Answer one attempt at a call, or return the error to raise instead.

        Args:
            record: What `begin` returned.
            request: The request as it came over the wire.
            number: 1 for the first attempt.
        """
        result = self._service.handle(request, record, number)
        return result.network or result

    def note_backoff(self, operation: str, attempt: int, seconds: float, /) -> None:
        """Record that botocore waits after an attempt at an operation, before it retries."""
        self.backoffs.append(Backoff(operation, attempt, seconds))
