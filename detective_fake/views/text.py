"""The state of a fake as plain text tables, and the table writer that the failure report uses as well."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from detective_fake.domain.graph import IngestState
from detective_fake.domain.membership import MemberStatus
from detective_fake.formatting import MASK, format_minute, format_volume
from detective_fake.views.model import DELEGATED, event_row, graph_names, member_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from detective_fake.domain.account import Account
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.investigations import Investigation
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

WIDTH: Final = 100
"""The most characters in a line of the description."""

_GAP: Final = "  "
_MAY_BE_CUT: Final = frozenset({"Administers Detective in", "E-mail", "Entity", "In", "Note", "Of"})


def describe_world(world: World, *, reveal: bool = False) -> str:
    """Return tables of accounts, organizations, graphs, members, investigations and pending events.

    Args:
        reveal: Show e-mail addresses, which are masked by default.
    """
    return "\n".join(_lines(world, reveal=reveal))


def _lines(world: World, *, reveal: bool) -> Iterator[str]:
    def show(email: str | None) -> str:
        return "" if not email else email if reveal else MASK

    if not (world.accounts or world.organizations or world.graphs):
        yield "Nothing to show: there are no accounts, organizations or behavior graphs."
    yield from _section("Accounts", [_account(each, show(each.email)) for each in world.accounts.values()])
    regions = defaultdict(list)
    for (region, organization_id), designation in world.designations.items():
        regions[organization_id, designation.administrator_id].append(region)
    for organization_id, organization in world.organizations.items():
        roles = {organization.management_account_id: "management account"}
        if organization.delegated_administrator_id is not None:
            roles[organization.delegated_administrator_id] = DELEGATED
        accounts = [
            {
                "Account": account_id,
                "E-mail": show(email),
                "Role": roles.get(account_id, ""),
                "Administers Detective in": ", ".join(regions[organization_id, account_id]),
            }
            for account_id, email in organization.accounts.items()
        ]
        yield from _section(f"Organization {organization_id}", accounts)
    names = graph_names(world.graphs)
    for arn, graph in world.graphs.items():
        yield from _graph(graph, names[arn])
        members = [_member(row, show(row.email)) for row in world.rows(arn).ordered()]
        yield from _section(f"Members of {names[arn]}", members)
        investigations = [_investigation(each) for each in world.investigations[arn].values()]
        yield from _section(f"Investigations of {names[arn]}", investigations)
    events = [event_row(event, names, format_minute) for event in world.event_queue.events()]
    yield from _section("Pending events", events)


def _account(account: Account, email: str) -> dict[str, str]:
    volumes = account.known_volumes
    notes = {
        "verification fails": not account.verifies,
        "no GuardDuty": not account.guardduty,
        "suspended": account.suspended,
        "closed": account.closed,
    }
    return {
        "Account": account.account_id,
        "E-mail": email,
        "A day": format_volume(None if volumes is None else sum(volumes.values())),
        "Note": ", ".join(note for note, applies in notes.items() if applies),
    }


def _graph(graph: BehaviorGraph, name: str) -> Iterator[str]:
    created = format_minute(graph.created_at)
    yield f"{name.capitalize()} of {graph.administrator_id} in {graph.region}, created {created}"
    yield f"{_GAP}{graph.arn}"
    if graph.organization_id is not None:
        new_accounts = "are enabled" if graph.auto_enable else "are not enabled"
        yield f"{_GAP}organization {graph.organization_id}, new accounts {new_accounts}"
    packages = (
        package.value if ingest.state is IngestState.STARTED else f"{package.value} ({ingest.state.value.lower()})"
        for package, ingest in graph.packages.items()
    )
    yield f"{_GAP}packages: {', '.join(packages)}"
    yield from (cut(f"{_GAP}tag {key} = {value}", WIDTH) for key, value in graph.tags.items())
    yield ""


def _member(row: Membership, email: str) -> dict[str, str]:
    volume = format_volume(row.usage.total if row.usage else None)
    return {
        **member_row(row),
        "E-mail": email,
        "A day": volume if row.status is MemberStatus.ENABLED else "",
        "Since": format_minute(row.updated_at),
    }


def _investigation(investigation: Investigation) -> dict[str, str]:
    return {
        "Investigation": investigation.investigation_id,
        "Status": investigation.status.value,
        "Severity": investigation.severity.value if investigation.severity else "",
        "Found": str(len(investigation.indicators)),
        "State": investigation.state.value,
        "Entity": investigation.entity_arn.partition(":iam::")[2],
    }


def _section(title: str, rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    if rows:
        yield f"{title} ({len(rows)})"
        yield from write_table(rows, len(rows), WIDTH)
        yield ""


def write_table(rows: Sequence[Mapping[str, str]], limit: int, width: int) -> Iterator[str]:
    """Yield a header and a line for each row, without empty columns.

    Args:
        rows: Column -> cell, with the same columns in each row.
        limit: The most rows. If there are more, a last line tells how many.
        width: The most characters in a line. If necessary, columns that may be cut are, the widest first.
    """
    columns = [column for column in rows[0] if any(row[column] for row in rows[:limit])]
    lines = [columns, *([cut(row[column], width) for column in columns] for row in rows[:limit])]
    widths = dict(zip(columns, (max(map(len, cells)) for cells in zip(*lines, strict=True)), strict=True))
    for _ in range(sum(widths.values()) + len(_GAP) * len(widths) - width):
        widths[max(_MAY_BE_CUT & widths.keys(), key=lambda column: (widths[column], column))] -= 1
    for line in lines:
        cells = (cut(cell, size).ljust(size) for cell, size in zip(line, widths.values(), strict=True))
        yield f"{_GAP}{_GAP.join(cells)}".rstrip()
    if len(rows) > limit:
        yield f"{_GAP}... and {len(rows) - limit} more"


def cut(text: str, width: int) -> str:
    """Return a text with at most so many characters, control characters escaped."""
    text = text if text.isprintable() else text.encode("unicode_escape").decode()
    return text if len(text) <= width else f"{text[: width - 1]}…"
