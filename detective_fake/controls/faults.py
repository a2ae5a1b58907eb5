"""`fake.faults`: calls that fail, arrive late, or lose their answer, as a test wants it.

Says which faults a call meets; what a met fault does to it is for the service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detective_fake.controls.fault_terms import terms_of
from detective_fake.controls.reentrancy import is_running
from detective_fake.errors import UnmetFaults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import timedelta
    from types import TracebackType

    from typing_extensions import Self

    from detective_fake.controls.fault_terms import FaultRules, Terms, When
    from detective_fake.errors import ServiceError
    from detective_fake.exchange import NetworkError, Request
    from detective_fake.journal.calls import CallRecord, Journal

__all__ = ["Fault", "Faults"]

_CLOSEST: Final = 3
"""How many calls the report shows for a fault that was not met."""


class Fault:
    """A fault that was added. In a `with` statement it ends with the block.

    Attributes:
        terms: When it is met, and what it does.
        met: How many attempts at calls have met it.
    """

    def __init__(self, faults: Faults, terms: Terms, since: int) -> None:
        self.terms = terms
        self.met = 0
        self._faults = faults
        self._candidates = 0
        self._since = since
        self._until: int | None = None

    def remove(self) -> None:
        """Let no call meet it any more, and expect of none that it has."""
        self._faults.remove(self)

    def end(self) -> None:
        """Let no call meet it any more."""
        if self._until is None:
            self._until = self._faults.journal.made
            self._faults.end(self)

    def meets(self, request: Request, *, first: bool, decided: bool) -> bool:
        """Tell whether an attempt meets it, and count that.

        Args:
            first: Whether it is the call's first attempt: only those count for `nth`.
            decided: Whether another fault changes the answer already.
        """
        if is_running(self) or any(self.terms.differences(request)):
            return False
        self._candidates += first
        if self._candidates < self.terms.nth or (decided and self.terms.decides):
            return False
        self.met += 1
        return True

    def report(self) -> str:
        """Return the fault and the calls that came closest to it, a line each and more lines for what differed."""
        numbered = [
            (number, record)
            for number, record in self._faults.journal.numbered
            if self._since < number and (self._until is None or number <= self._until)
        ]
        if not numbered:
            return f"  {self.terms}\n    No call was made while it was there."
        closest = sorted(numbered, key=lambda entry: (len(self._misses(entry[1])), -entry[0]))[:_CLOSEST]
        lines = [f"  {self.terms}", f"    Closest of {len(numbered)} call{'s' if len(numbered) > 1 else ''}:"]
        for number, record in sorted(closest):
            lines.append(f"    #{number} {record.line(parameters=False)}")
            lines += [f"       {miss}" for miss in self._misses(record) or [self._why_not_met()]]
        return "\n".join(lines)

    def _misses(self, record: CallRecord) -> list[str]:
        return [difference.text(frozenset()) for difference in self.terms.differences(record.request)]

    def _why_not_met(self) -> str:
        if self._candidates < self.terms.nth:
            return f"nth: expected {self.terms.nth}, but there were {self._candidates} such calls"
        return "another fault, added earlier, decided about this call"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.end()

    def __repr__(self) -> str:
        return f"<{self.terms}, met {self.met} times>"


class Faults:
    """All faults of one fake, in the order in which they were added.

    Args:
        rules: What a fault may be about.
        journal: The calls, for the report on faults that were not met.
        lock: The fake's.

    Attributes:
        present: Those that a call may meet; nothing else may be kept here, as it is looked at in every call.
    """

    def __init__(self, rules: FaultRules, journal: Journal, lock: AbstractContextManager[object]) -> None:
        self.journal = journal
        self.present: list[Fault] = []
        self._added: list[Fault] = []
        self._rules = rules
        self._lock = lock

    def add(
        self,
        operation: str,
        *,
        error: str | ServiceError | None = None,
        message: str | None = None,
        status: int | None = None,
        network: NetworkError | None = None,
        unprocessed: Mapping[str, str] | None = None,
        latency: timedelta | None = None,
        callback: Callable[[], object] | None = None,
        when: When = "before",
        times: int | None = 1,
        nth: int | None = None,
        account_id: str | None = None,
        region: str | None = None,
    ) -> Fault:
        """Let calls meet a fault.

        Of several that a call could meet, all delays and callbacks apply, and the first that changes the answer. Where
        botocore tries again, each attempt meets faults of its own.

        Args:
            operation: Name, or a pattern: `"Create*"`, `"*"`.
            error: Code of Detective's own or of AWS's front end: `"TooManyRequestsException"`, `"ThrottlingException"`;
                any other code together with `status`; or a `ServiceError`, for one with further members.
            message: Text of the error, if not the usual one.
            status: HTTP status, if not the usual one; alone it stands for the error that usually has it.
            network: Name of botocore's exception: the connection fails instead of an answer.
            unprocessed: Account ids and reasons: of a batch these are not processed. A call is only concerned if it
                names one of them.
            latency: How far the fake's clock moves meanwhile; nobody sleeps.
            callback: Called outside the fake's lock, and may make calls: what another one does at this very moment.
            when: `"before"`: nothing has happened. `"after"`: the state has changed, and then the reply is another one,
                lost, or late.
            times: How many attempts meet it; None for all.
            nth: The first call that meets it, from 1, among those it could concern and counted from now.
            account_id: Only this caller's calls.
            region: Only calls to this Region.
        Raises:
            FakeUsageError: There is no such operation, error, account or Region, or the arguments do not go together.
        """
        terms = terms_of(
            self._rules,
            operation,
            error=error,
            message=message,
            status=status,
            network=network,
            unprocessed=unprocessed,
            latency=latency,
            callback=callback,
            when=when,
            times=times,
            nth=nth,
            account_id=account_id,
            region=region,
        )
        with self._lock:
            fault = Fault(self, terms, self.journal.made)
            self._added.append(fault)
            self.present.append(fault)
        return fault

    def meet(self, request: Request, *, first: bool) -> tuple[Fault, ...]:
        """Return the faults that an attempt meets. Called under the fake's lock.

        Args:
            first: Whether it is the call's first attempt.
        """
        met: list[Fault] = []
        decided = False
        for fault in tuple(self.present):
            if fault.meets(request, first=first, decided=decided):
                met.append(fault)
                decided |= fault.terms.decides
                if fault.met == fault.terms.times:
                    self.present.remove(fault)
        return tuple(met)

    def unmet(self) -> tuple[Fault, ...]:
        """Return the faults that no call has met, but for those that were removed."""
        with self._lock:
            return tuple(fault for fault in self._added if not fault.met)

    def report(self) -> str | None:
        """Return the faults that no call has met with the calls that came closest; None if there are none."""
        if not self._added:  # as a rule, at the end of every test
            return None
        with self._lock:
            unmet = self.unmet()
            if not unmet:
                return None
            head = "A fault was never met" if len(unmet) == 1 else f"{len(unmet)} faults were never met"
            reports = "\n".join(fault.report() for fault in unmet)
        return f'{head}:\n{reports}\n  Take it out, or make the fake with unmet_faults="ignore".'

    def check(self) -> None:
        """Raise `UnmetFaults` if there are faults that no call has met."""
        report = self.report()
        if report is not None:
            raise UnmetFaults(report)

    def end(self, fault: Fault) -> None:
        """Let no call meet a fault any more."""
        with self._lock:
            if fault in self.present:
                self.present.remove(fault)

    def remove(self, fault: Fault) -> None:
        """Forget a fault."""
        with self._lock:
            self.end(fault)
            if fault in self._added:
                self._added.remove(fault)

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self.present.clear()
            self._added.clear()

    def __iter__(self) -> Iterator[Fault]:
        """Yield all that were added, those no call can meet any more included."""
        return iter(tuple(self._added))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._added)

    def __repr__(self) -> str:
        return f"<Faults: {', '.join(map(repr, self)) or 'none'}>"
