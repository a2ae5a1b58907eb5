"""`fake.assert_called` and `fake.assert_not_called`: what a test expects of the journal, and a failure that helps.

Knows the journal; raises `AssertionError`, and `FakeUsageError` for what no call could ever be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.domain.account import checked_account_id
from detective_fake.errors import FakeUsageError
from detective_fake.journal.matching import Difference, differences, masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from detective_fake.journal.calls import CallNames, CallRecord, Journal

__all__ = ["Expectation", "assert_called", "assert_not_called"]

_NEAREST: Final = 3
_NUMBERED = tuple[int, "CallRecord"]


@attrs.frozen(kw_only=True)
class Expectation:
    """What calls have to be like.

    Attributes:
        operation: Name or pattern.
        operations: The operations it stands for.
        parameters: By wire names; of structures only the members given are compared.
        account_id: Who calls; None for anyone.
        region: Whose Detective is asked; None for any.
    """

    operation: str
    operations: frozenset[str]
    parameters: Mapping[str, Any]
    account_id: str | None
    region: str | None

    @classmethod
    def of(
        cls,
        names: CallNames,
        operation: str,
        parameters: Mapping[str, Any],
        *,
        account_id: str | None = None,
        region: str | None = None,
    ) -> Expectation:
        """Return an expectation of what could be.

        Raises:
            FakeUsageError: There is no such operation, parameter or account.
        """
        if account_id is not None:
            checked_account_id(account_id)
        return cls(
            operation=operation,
            operations=names.matching(operation, parameters),
            parameters=parameters,
            account_id=account_id,
            region=region,
        )

    def differences(self, record: CallRecord) -> Iterator[Difference]:
        """Yield where a call is otherwise."""
        if record.operation not in self.operations:
            yield Difference("operation", self.operation, record.operation)
        if self.account_id not in {None, record.account_id}:
            yield Difference("account_id", self.account_id, record.account_id)
        if self.region not in {None, record.region}:
            yield Difference("region", self.region, record.region)
        yield from differences(self.parameters, record.parameters)

    def text(self, sensitive: frozenset[str]) -> str:
        """Return it in words, sensitive values masked."""
        shown = ", ".join(f"{name}={value!r}" for name, value in masked(self.parameters, sensitive).items())
        who = "" if self.account_id is None else f" by {self.account_id}"
        where = "" if self.region is None else f" in {self.region}"
        return f"{self.operation}({shown}){who}{where}"


def assert_called(journal: Journal, expected: Expectation, *, times: int | None = None) -> Journal:
    """Return the calls that are as expected, those that were refused included.

    Args:
        times: How many there have to be; None for one or more.
    Raises:
        AssertionError: There are none, or not so many; it shows the nearest calls and what differs.
    """
    __tracebackhide__ = True
    if times is not None and (type(times) is not int or times < 0):
        message = f"times= is a whole number from 0, not {times!r}."
        raise FakeUsageError(message)
    found = _found(journal, expected)
    if len(found) == times or (found and times is None):
        return journal.only([record for _, record in found])
    text = expected.text(journal.names.sensitive)
    message = f"{text} was not called.{_nearest(journal, expected)}"
    if found:
        message = f"{text} was called {_so_often(len(found))}, not {_so_often(times or 0)}:{_lines(found)}"
    raise AssertionError(message)


def assert_not_called(journal: Journal, expected: Expectation) -> None:
    """Fail if there are calls as expected, those that were refused included.

    Raises:
        AssertionError: There are; it shows them.
    """
    __tracebackhide__ = True
    found = _found(journal, expected)
    if found:
        text = expected.text(journal.names.sensitive)
        message = f"{text} was called {_so_often(len(found))}:{_lines(found)}"
        raise AssertionError(message)


def _found(journal: Journal, expected: Expectation) -> list[_NUMBERED]:
    return [entry for entry in journal.numbered if not any(expected.differences(entry[1]))]


def _nearest(journal: Journal, expected: Expectation) -> str:
    calls = journal.numbered
    if not calls:
        return " Nothing was."
    same = [entry for entry in calls if entry[1].operation in expected.operations]
    ranked = sorted(same or calls, key=lambda entry: (len(list(expected.differences(entry[1]))), -entry[0]))
    nearest = sorted(ranked[:_NEAREST])
    head = f" Nearest of {len(calls)} calls:" if len(calls) > len(nearest) else " There was:"
    return head + "".join(_with_differences(journal, expected, entry) for entry in nearest)


def _with_differences(journal: Journal, expected: Expectation, entry: _NUMBERED) -> str:
    number, record = entry
    found = [f"\n     {each.text(journal.names.sensitive)}" for each in expected.differences(record)]
    return f"\n  #{number} {record.line(parameters=False)}{''.join(found)}"


def _lines(found: list[_NUMBERED]) -> str:
    return "".join(f"\n  #{number} {record.line()}" for number, record in found)


def _so_often(times: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(times, f"{times} times")
