"""One fake as botocore's hooks and the HTTP entry see it: its service, default caller and environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from botocore.session import Session

from detective_fake.errors import FakeUsageError
from detective_fake.interception.callers import make_credentials
from detective_fake.interception.environment import HermeticEnvironment, machine_keys
from detective_fake.journal.calls import Backoff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detective_fake.exchange import Request, Result
    from detective_fake.interception.callers import CallerRules
    from detective_fake.journal.calls import Recorder
    from detective_fake.service import Service


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
        profiles: The account ID and, if given, the Region of each profile that exists while the fake is active.
        real_backoff: Whether botocore sleeps before it retries.
    Raises:
        FakeUsageError: There are profiles, and the environment is not replaced.

    Attributes:
        active: Whether the fake is in the stack of active fakes.
        backoffs: What botocore slept before each retry, or would have slept.
        missing_profiles: The profiles that botocore did not find, in order.
        neutral_region: The Region that the fake has put into the environment, if any.
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
        profiles: Mapping[str, Any] | None = None,
    ) -> None:
        self.wire = wire
        self.real_backoff = real_backoff
        self.active = False
        self.backoffs: list[Backoff] = []
        self.missing_profiles: list[str] = []
        self.neutral_region = region if hermetic else None
        self._readers: WeakKeyDictionary[Session, dict[tuple[str, ...], Session]] = WeakKeyDictionary()
        self.caller_rules = caller_rules
        self._service = service
        self._recorder = recorder
        if profiles and not hermetic:
            raise FakeUsageError(
                "profiles need hermetic=True: the environment names the files that have them. Remove one of the two."
            )
        settings = {
            name: {**make_credentials(profile["account_id"]), "region": profile.get("region", region)}
            for name, profile in (profiles or {}).items()
        }
        self._environment = HermeticEnvironment(region, settings) if hermetic else None

    def reader(self, session: Session) -> Session:
        """Return the session that reads configuration files for a session of the code under test.

        It is another one, so that neither has in memory what the other has read. A session that names both files itself
        reads them itself.
        """
        if self._environment is None or session.instance_variables().keys() >= {"config_file", "credentials_file"}:
            return session
        chosen = {name: session.get_config_variable(name) for name in ("profile", "config_file", "credentials_file")}
        readers = self._readers.setdefault(session, {})
        key = tuple(chosen.values())
        if key not in readers:
            readers[key] = Session()
            for name, value in chosen.items():
                readers[key].set_config_variable(name, value)
        return readers[key]

    def enter(self) -> None:
        """Replace the environment. `botocore_hooks.activate` calls this."""
        if self._environment is not None:
            self._environment.start()
        self.caller_rules.machine_keys = machine_keys()
        self.active = True

    def leave(self) -> None:
        """Restore the environment. `botocore_hooks.deactivate` calls this."""
        self.active = False
        if self._environment is not None:
            self._environment.stop()

    @property
    def may_take_long(self) -> bool:
        """Whether a call may run a function of the test, or ask another service."""
        return self._service.may_take_long

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

    def attempt(self, record: Any, request: Request, number: int, /) -> Result:
        """Answer one attempt at a call.

        Args:
            record: What `begin` returned.
            request: The request as it came over the wire.
            number: 1 for the first attempt.
        """
        return self._service.handle(request, record, number)

    def note_backoff(self, operation: str, attempt: int, seconds: float, /) -> None:
        """Record that botocore waits after an attempt at an operation, before it retries."""
        self.backoffs.append(Backoff(operation, attempt, seconds))
