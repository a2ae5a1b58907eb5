"""The journal: every call, in the order in which they happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, overload

from detective_fake.domain.account import checked_account_id
from detective_fake.journal.call_records import Attempt, Backoff, CallNames, CallRecord
from detective_fake.journal.matching import differences

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake.exchange import Request, Result

__all__ = ["Attempt", "Backoff", "CallNames", "CallRecord", "Journal", "Recorder"]

_SHOWN: Final = 10
"""How many operations the representation of a journal names."""


class Journal(Sequence[CallRecord]):
    """Calls in the order in which they happened.

    `fake.calls` goes on growing; what its methods return does not.

    Attributes:
        forgotten: How many calls there were before the first of `fake.calls`: see `DetectiveFake.forget_calls`.
    """

    def __init__(self, records: Sequence[CallRecord], names: CallNames) -> None:
        self._records = records
        self._names = names
        self.forgotten = 0

    @property
    def made(self) -> int:
        """How many calls there were, those that are forgotten included."""
        return self.forgotten + len(self._records)

    @property
    def numbered(self) -> list[tuple[int, CallRecord]]:
        """The calls with their numbers, from 1; one keeps its number when those before it are forgotten."""
        return list(enumerate(tuple(self._records), self.forgotten + 1))

    def of(self, operation: str, **parameters: Any) -> Journal:
        """Return the calls of an operation with these parameters among theirs.

        Args:
            operation: Its name, or a pattern: `"Create*"`.
            parameters: By wire names; of structures only the members given are compared.
        Raises:
            FakeUsageError: There is no such operation, or it has no such parameter.
        """
        operations = self._names.matching(operation, parameters)
        return self._only(
            lambda record: record.operation in operations and not any(differences(parameters, record.parameters))
        )

    def by(self, account_id: str) -> Journal:
        """Return the calls of one account.

        Raises:
            FakeUsageError: The id is not twelve digits.
        """
        checked_account_id(account_id)
        return self._only(lambda record: record.account_id == account_id)

    @property
    def failed(self) -> Journal:
        """The calls for which the client got an exception."""
        return self._only(lambda record: record.failed)

    @property
    def names(self) -> CallNames:
        """What can be asked of it."""
        return self._names

    def only(self, records: Sequence[CallRecord]) -> Journal:
        """Return a journal of some of these calls."""
        return Journal(tuple(records), self._names)

    def _only(self, accepts: Callable[[CallRecord], bool]) -> Journal:
        return self.only([record for record in tuple(self._records) if accepts(record)])

    @overload
    def __getitem__(self, index: int) -> CallRecord: ...
    @overload
    def __getitem__(self, index: slice) -> Journal: ...
    def __getitem__(self, index: int | slice) -> CallRecord | Journal:
        """Return calls by position."""
        if isinstance(index, slice):
            return self.only(self._records[index])
        return self._records[index]

    def __len__(self) -> int:
        """Return how many calls there were."""
        return len(self._records)

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence has the same calls."""
        return isinstance(other, Sequence) and list(self._records) == list(other)

    __hash__ = None  # type: ignore[assignment] # it grows

    def __str__(self) -> str:
        """Return a line a call, with its number."""
        return "\n".join(f"#{number} {record.line()}" for number, record in self.numbered)

    def __repr__(self) -> str:
        records = tuple(self._records)
        names = [record.operation + ("!" if record.failed else "") for record in records[-_SHOWN:]]
        more = ["..."] if len(records) > _SHOWN else []
        return f"<Journal of {len(records)}: {', '.join(more + names) or 'no calls'}>"


class Recorder:
    """Writes the journal. All but `begin` are called under the fake's lock.

    Attributes:
        journal: What was written, and goes on growing.
    """

    def __init__(self, names: CallNames) -> None:
        self._names = names
        self._records: list[CallRecord] = []
        self.journal = Journal(self._records, names)

    def add(self, request: Request, result: Result) -> None:
        """Note a call that was answered at its first attempt."""
        self._records.append(CallRecord(request, result, self._names))

    def begin(self, request: Request, answered: Result | None) -> CallRecord:
        """Return the record of a call that takes the wire; it gets its place in the journal with the first attempt.

        Args:
            answered: What was answered to the first attempt, which has its record then.
        """
        record = None
        if answered is not None:
            record = next((each for each in reversed(self._records) if each._last is answered), None)  # noqa: SLF001
        if record is None:
            record = CallRecord(request, answered, self._names)
        record._wire = True  # noqa: SLF001 - a record is read-only for all but its recorder
        return record

    def add_attempt(self, record: CallRecord, request: Request, result: Result) -> None:
        """Note an attempt at a call; the last one is what came of it."""
        if record._last is None:  # noqa: SLF001
            self._records.append(record)
        else:
            record._earlier = (*record._earlier, record._last)  # noqa: SLF001
        record._request, record._last = request, result  # noqa: SLF001

    def forget(self, keep: int) -> None:
        """Forget the oldest calls, but not the last `keep`."""
        count = max(len(self._records) - keep, 0)
        del self._records[:count]
        self.journal.forgotten += count

    def clear(self) -> None:
        """Forget all calls, and how many there were."""
        self._records.clear()
        self.journal.forgotten = 0
