"""What the report of a failing test says of a fake: its caller, the last calls, graphs and members, what is to come.

Reads and changes nothing, and settles nothing; knows no pytest. What it returns has a bounded length, and sensitive
values are masked in it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from detective_fake.controls.clock import TimeControl
    from detective_fake.controls.faults import Fault, Faults
    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.journal.calls import CallRecord, Journal

__all__ = ["Reported", "failure_report"]

CALLS: Final = 20
"""How many calls are shown, the last ones."""

ROWS: Final = 30
"""How many rows of a table are shown, the first ones."""

WIDTH: Final = 400
"""How many characters of a line are shown; a call that is longer is shown without its parameters."""

_GRAPH_COLUMNS: Final = ("graph", "administrator", "region", "members", "organization", "arn")
_MEMBER_COLUMNS: Final = ("graph", "account", "status", "reason", "type", "updated")
_PENDING_COLUMNS: Final = ("due", "event", "of", "in")


class Reported(Protocol):
    """What is read of a fake."""

    @property
    def clock(self) -> TimeControl: ...  # noqa: D102 - `DetectiveFake` tells of each
    @property
    def faults(self) -> Faults: ...  # noqa: D102
    @property
    def account_id(self) -> str: ...  # noqa: D102
    @property
    def region(self) -> str: ...  # noqa: D102
    @property
    def calls(self) -> Journal: ...  # noqa: D102
    @property
    def graphs(self) -> tuple[BehaviorGraph, ...]: ...  # noqa: D102
    @property
    def pending(self) -> tuple[PendingEvent, ...]: ...  # noqa: D102
    def members(self, graph_arn: str) -> tuple[Membership, ...]: ...  # noqa: D102


def failure_report(fake: Reported) -> str:
    """Return all that helps to see why a test fails, in some lines of text."""
    graphs = fake.graphs
    names = {graph.arn: str(number) for number, graph in enumerate(graphs, 1)}
    members = {arn: fake.members(arn) for arn in names}
    lines = [
        f"default caller {fake.account_id} in {fake.region}, at {_time(fake.clock.now())}",
        *_calls(fake.calls, names),
        *_graphs(graphs, names, members),
        *_members(names, members),
        *_pending(fake.pending, names),
        *_faults(fake.faults.unmet()),
    ]
    return "\n".join(map(_cut, lines))


def _calls(calls: Journal, names: Mapping[str, str]) -> Iterator[str]:
    total, shown = len(calls), calls[-CALLS:]
    last = f", the last {len(shown)}" if total > len(shown) else ""
    yield f"calls ({total}{last}):" if shown else "calls: none"
    for number, record in enumerate(shown, total - len(shown) + 1):
        yield f"  {'!' if record.failed else ' '} #{number} {_call(record, names)}"


def _call(record: CallRecord, names: Mapping[str, str]) -> str:
    line = record.line()
    if len(line) > WIDTH and record.parameters:
        line = record.line(parameters=False).replace("()", "(...)", 1)
    for arn, name in names.items():
        line = line.replace(arn, f"<graph {name}>")
    return line


def _graphs(
    graphs: Sequence[BehaviorGraph], names: Mapping[str, str], members: Mapping[str, Sequence[Membership]]
) -> Iterator[str]:
    rows = (
        (
            names[graph.arn],
            graph.administrator_id,
            graph.region,
            # An organization's administrator has a row of its own.
            str(sum(row.account_id != graph.administrator_id for row in members[graph.arn])),
            graph.organization_id or "-",
            graph.arn,
        )
        for graph in graphs
    )
    return _table("graphs", _GRAPH_COLUMNS, rows, len(graphs))


def _members(names: Mapping[str, str], members: Mapping[str, Sequence[Membership]]) -> Iterator[str]:
    rows = (
        (
            names[arn],
            row.account_id,
            row.status.value,
            row.disabled_reason.value if row.disabled_reason else "-",
            row.invitation_type.value,
            _time(row.updated_at),
        )
        for arn, table in members.items()
        for row in table
    )
    return _table("members", _MEMBER_COLUMNS, rows, sum(map(len, members.values())))


def _pending(events: Sequence[PendingEvent], names: Mapping[str, str]) -> Iterator[str]:
    rows = (
        (
            "at settle()" if event.due is None else _time(event.due),
            event.kind.value,
            event.subject or "-",
            f"graph {names[event.scope]}" if event.scope in names else event.scope,
        )
        for event in events
    )
    return _table("pending events", _PENDING_COLUMNS, rows, len(events))


def _faults(faults: Sequence[Fault]) -> Iterator[str]:
    yield f"unmet faults ({len(faults)}):" if faults else "unmet faults: none"
    yield from (f"  {fault.terms}" for fault in faults[:ROWS])
    yield from _more(len(faults))


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], count: int) -> Iterator[str]:
    if not count:
        yield f"{title}: none"
        return
    shown = [columns, *islice(rows, ROWS)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    yield f"{title} ({count}):"
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells).rstrip()}"
    yield from _more(count)


def _more(count: int) -> Iterator[str]:
    if count > ROWS:
        yield f"  ... and {count - ROWS} more"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..."
