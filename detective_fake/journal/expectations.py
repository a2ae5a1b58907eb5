"""`fake.assert_called` and `fake.assert_not_called`: expected calls, and failures that show the closest ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

import attrs

from detective_fake.domain.account import checked_account_id
from detective_fake.domain.choices import checked_count, matching
from detective_fake.domain.graph import arn_of
from detective_fake.errors import FakeUsageError
from detective_fake.formatting import MASK
from detective_fake.protocol.model import check_parameter_names, operations, sensitive_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from detective_fake.controls.deny import Denial
    from detective_fake.controls.faults import Fault
    from detective_fake.journal.calls import CallRecord, Journal

    NumberedCall = tuple[int, CallRecord]

_SHOWN: Final = 3
"""How many of the closest calls a failure shows."""


def convert_leaves(value: Any, convert: Callable[[Any], Any]) -> Any:
    """Return a copy of a value with every value inside its mappings and lists, at any depth, converted."""
    if isinstance(value, Mapping):
        return {name: convert_leaves(item, convert) for name, item in value.items()}
    if is_list(value):
        return [convert_leaves(item, convert) for item in value]
    return convert(value)


@attrs.define(eq=False, repr=False)
class Expectation:
    """What a call must match.

    Attributes:
        operation: Name or pattern.
        parameters: Parameters by their wire names. Only the members given are compared; a `BehaviorGraph` stands for
            its ARN.
        account_id: The caller; None for any.
        region: The Region that was called; None for any.
        operations: The operations that match and can have these parameters.
    Raises:
        FakeUsageError: No call could match.
    """

    operation: str
    parameters: dict[str, Any]
    account_id: str | None = None
    region: str | None = None
    operations: frozenset[str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.parameters = convert_leaves(self.parameters, arn_of)
        if self.account_id is not None:
            checked_account_id(self.account_id)
        self.operations = matching(self.operation, operations(), "a Detective operation")
        refusals = []
        for name in self.operations:
            try:
                check_parameter_names(name, self.parameters)
            except FakeUsageError as refusal:  # noqa: PERF203 - all are needed
                refusals.append(refusal)
        if len(refusals) == len(self.operations):
            raise refusals[0]

    def differences(self, record: CallRecord) -> Iterator[Difference]:
        """Yield each difference between this expectation and a call."""
        if record.operation not in self.operations:
            yield Difference("operation", self.operation, record.operation)
        yield from other_place(self, record.account_id, record.region)
        yield from differences(self.parameters, record.parameters)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in masked(self.parameters).items())
        caller = "" if self.account_id is None else f" by {self.account_id}"
        region = "" if self.region is None else f" in {self.region}"
        return f"{self.operation}({shown}){caller}{region}"


def assert_called(journal: Journal, expected: Expectation, *, times: int | None = None) -> Journal:
    """Return the matching calls, failed ones included.

    Args:
        times: The expected number of calls; None for one or more.
    Raises:
        AssertionError: The number of matching calls is wrong. The message shows the closest calls and how they differ.
    """
    __tracebackhide__ = True
    if times is not None:
        checked_count("times", times)
    found = [(number, record) for number, record in journal.numbered if not any(expected.differences(record))]
    if len(found) == times or (found and times is None):
        return journal.only([record for _, record in found])
    calls = journal.numbered
    if found:
        lines = "".join(f"\n  #{number} {record.line()}" for number, record in found)
        message = f"{expected} was called {_times(len(found))}, not {_times(times or 0)}:{lines}"
    elif calls:
        same = [(number, record) for number, record in calls if record.operation in expected.operations]
        head = "Calls" if len(same or calls) == len(calls) <= _SHOWN else f"Closest of {len(calls)} calls"
        message = f"{expected} was not called. {head}:\n{closest_calls(same or calls, expected.differences)}"
    else:
        message = f"{expected} was not called. There were no calls."
    raise AssertionError(message)


def closest_calls(
    calls: Sequence[NumberedCall], differences: Callable[[CallRecord], Iterable[Difference]], otherwise: str = ""
) -> str:
    """Return lines that show the calls with the fewest differences.

    Args:
        differences: Returns how a call differs from what the test expects.
        otherwise: What to show for a call without differences.
    """
    found = {number: list(map(str, differences(record))) for number, record in calls}
    lines = []
    for number, record in sorted(sorted(calls, key=lambda call: (len(found[call[0]]), -call[0]))[:_SHOWN]):
        lines.append(f"  #{number} {record.line(parameters=False)}")
        lines += [f"     {difference}" for difference in found[number] or [otherwise]]
    return "\n".join(lines)


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


_MISSING: Final = object()


class Difference(NamedTuple):
    """One place where a value is not as expected.

    Attributes:
        path: Path from the top: `"Accounts[1].AccountId"`.
        expected: The expected value.
        actual: The actual value.
    """

    path: str
    expected: object
    actual: object

    def __str__(self) -> str:
        if self.path.rpartition(".")[2] in sensitive_members():
            return f"{self.path}: {'missing' if self.actual is _MISSING else 'not as expected'} (sensitive)"
        actual = "missing" if self.actual is _MISSING else repr(masked(self.actual))
        return f"{self.path}: expected {masked(self.expected)!r}, was {actual}"


def other_place(expected: Expectation | Fault | Denial, account_id: str, region: str) -> Iterator[Difference]:
    """Yield a difference if a call of another account is expected, and one if a call to another Region is."""
    if expected.account_id not in {None, account_id}:
        yield Difference("account_id", expected.account_id, account_id)
    if expected.region not in {None, region}:
        yield Difference("region", expected.region, region)


def differences(expected: object, actual: object, path: str = "") -> Iterator[Difference]:
    """Yield each difference between an expected and an actual value.

    Only the expected members of a mapping are compared, at any depth. Lists are compared item by item and must have
    the same length. Naive datetimes are taken as UTC, as in botocore.
    """
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            yield from differences(value, actual.get(name, _MISSING), f"{path}.{name}" if path else str(name))
        return
    if is_list(expected) and is_list(actual):
        if len(expected) != len(actual):
            yield Difference(f"len({path})", len(expected), len(actual))
        for index, (wanted, item) in enumerate(zip(expected, actual, strict=False)):
            yield from differences(wanted, item, f"{path}[{index}]")
        return
    if isinstance(expected, datetime) and expected.tzinfo is None:
        expected = expected.replace(tzinfo=timezone.utc)
    if expected != actual:
        yield Difference(path, expected, actual)


def masked(value: Any, mask: str = MASK) -> Any:
    """Return a copy of a value in which every sensitive member is masked, at any depth."""
    if isinstance(value, Mapping):
        return {name: mask if name in sensitive_members() else masked(item, mask) for name, item in value.items()}
    if is_list(value):
        return [masked(item, mask) for item in value]
    return value


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Return whether a value is a list, or another sequence that is not text."""
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
