"""The report on a fake when a test fails: its caller, the last calls, graphs, members, pending events, unused faults.

It changes nothing and runs no due events. It has at most 40 lines, and masks sensitive values.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from detective_fake.domain.membership import MemberStatus
from detective_fake.formatting import format_time
from detective_fake.views.model import event_row, graph_names, member_row
from detective_fake.views.text import cut, write_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from detective_fake.fake import DetectiveFake
    from detective_fake.journal.calls import CallRecord, Journal

CALLS: Final = 10
"""The most calls, the last ones."""

MEMBERS: Final = 8
"""The most members, those that are not enabled first."""

ROWS: Final = 3
"""The most graphs, pending events and unused faults, denials and overrides, the first ones."""

WIDTH: Final = 400
"""The most characters in a line. The parameters of a longer call are left out."""


def failure_report(fake: DetectiveFake) -> str:
    """Return the state of a fake and its last calls, to find out why a test fails."""
    return "\n".join(cut(line, WIDTH) for line in _lines(fake))


def _lines(fake: DetectiveFake) -> Iterator[str]:
    graphs = fake.graphs
    names = graph_names(graph.arn for graph in graphs)
    # The administrator of an organization graph has a row of its own, and is no member.
    members = [(graph, row) for graph in graphs for row in fake.members(graph.arn)]
    counts = Counter(graph.arn for graph, row in members if row.account_id != graph.administrator_id)
    members.sort(key=lambda member: member[1].status is MemberStatus.ENABLED)
    statuses = Counter(row.status.value for _, row in members)
    yield f"default caller {fake.account_id} in {fake.region}, at {format_time(fake.clock.now())}"
    yield from fake.missing_profiles
    yield from _calls(fake.calls, names)
    graph_rows = [
        {
            "Graph": names[graph.arn],
            "Administrator": graph.administrator_id,
            "Region": graph.region,
            "Members": str(counts[graph.arn]),
            "Organization": graph.organization_id or "",
            "ARN": graph.arn,
        }
        for graph in graphs
    ]
    yield from _table("graphs", graph_rows)
    member_rows = [
        {"Graph": names[graph.arn], **member_row(row), "Since": format_time(row.updated_at)} for graph, row in members
    ]
    summary = ": " + ", ".join(f"{count} {status}" for status, count in statuses.items())
    yield from _table("members", member_rows, MEMBERS, summary)
    yield from _table("pending events", [event_row(event, names, format_time) for event in fake.pending])
    faults = fake.unused_rules()
    yield f"unused faults ({len(faults)}):" if faults else "unused faults: none"
    yield from (f"  {fault}" for fault in faults[:ROWS])
    if len(faults) > ROWS:
        yield f"  ... and {len(faults) - ROWS} more"


def _calls(calls: Journal, names: Mapping[str, str]) -> Iterator[str]:
    total, shown = len(calls), calls[-CALLS:]
    last = f", the last {len(shown)}" if total > len(shown) else ""
    yield f"calls ({total}{last}):" if shown else "calls: none"
    for number, record in enumerate(shown, total - len(shown) + 1):
        yield f"  {'!' if record.failed else ' '} #{number} {_call(record, names)}"


def _call(record: CallRecord, names: Mapping[str, str]) -> str:
    line, brief = record.line(), record.line(parameters=False).replace("()", "(...)", 1)
    for arn, name in names.items():
        line, brief = line.replace(arn, f"<{name}>"), brief.replace(arn, f"<{name}>")
    return brief if len(line) > WIDTH and record.parameters else line


def _table(title: str, rows: Sequence[Mapping[str, str]], limit: int = ROWS, summary: str = "") -> Iterator[str]:
    yield f"{title} ({len(rows)}{summary}):" if rows else f"{title}: none"
    if rows:
        yield from write_table(rows, limit, WIDTH)
