"""The state of a fake for people to read: tables of plain text, at most 100 columns wide.

Sensitive values are masked unless they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from detective_fake.domain.datasources import IngestState
from detective_fake.domain.emails import MASK
from detective_fake.domain.membership import InvitationType, MemberStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from detective_fake.domain.account import Account
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.investigations import Investigation
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World

__all__ = ["WIDTH", "described"]

WIDTH: Final = 100
"""Columns that no line exceeds."""

_GAP: Final = "  "
_MAY_BE_CUT: Final = frozenset({"Administers Detective in", "E-mail", "Entity", "In", "Note", "To"})
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")

Mask = Callable[[str | None], str]


def described(world: World, *, reveal: bool = False) -> str:
    """Return accounts, organizations, graphs, members, investigations and what is to come.

    Args:
        reveal: Show e-mail addresses.
    """
    mask = _shown if reveal else _masked
    return "\n".join(_lines(world, mask))


def _shown(value: str | None) -> str:
    return value or ""


def _masked(value: str | None) -> str:
    return MASK if value else ""


def _lines(world: World, mask: Mask) -> Iterator[str]:
    if not (world.accounts or world.organizations or world.graphs):
        yield "There is nothing: no accounts, organizations or behavior graphs."
    yield from _section("Accounts", _ACCOUNT_COLUMNS, [_account(each, mask) for each in world.accounts.values()])
    yield from _organizations(world, mask)
    for number, graph in enumerate(world.graphs.values(), start=1):
        yield from _graph(world, number, graph, mask)
    names = {arn: f"graph {number}" for number, arn in enumerate(world.graphs, start=1)}
    events = [
        (_moment(each.due), each.kind.value, each.subject, names.get(each.scope, each.scope))
        for each in world.event_queue.events()
    ]
    yield from _section("To come", ("When", "What", "To", "In"), events)


def _section(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield f"{title} ({len(rows)})"
        yield from _table(columns, rows)
        yield ""


_ACCOUNT_COLUMNS: Final = ("Account", "E-mail", "A day", "Note")


def _account(account: Account, mask: Mask) -> tuple[str, ...]:
    drawbacks = {
        "verification fails": not account.verifies,
        "no GuardDuty": not account.guardduty,
        "closed": account.closed,
    }
    volumes = account.known_volumes
    notes = ", ".join(note for note, holds in drawbacks.items() if holds)
    return account.account_id, mask(account.email), _volume(None if volumes is None else sum(volumes.values())), notes


def _organizations(world: World, mask: Mask) -> Iterator[str]:
    for organization in world.organizations.values():
        regions = {
            account_id: [
                region
                for (region, organization_id), each in world.designations.items()
                if organization_id == organization.organization_id and each.administrator_id == account_id
            ]
            for account_id in organization.accounts
        }
        rows = [
            (
                account_id,
                mask(email),
                _role(account_id, organization.management_account_id, organization.delegated_administrator_id),
                ", ".join(regions[account_id]),
            )
            for account_id, email in organization.accounts.items()
        ]
        title = f"Organization {organization.organization_id}"
        yield from _section(title, ("Account", "E-mail", "Role", "Administers Detective in"), rows)


def _role(account_id: str, management: str, delegated: str | None) -> str:
    return {management: "management account", delegated: "delegated administrator"}.get(account_id, "")


def _graph(world: World, number: int, graph: BehaviorGraph, mask: Mask) -> Iterator[str]:
    yield f"Graph {number} of {graph.administrator_id} in {graph.region}, created {_moment(graph.created_at)}"
    yield f"{_GAP}{graph.arn}"
    if graph.organization_id is not None:
        joining = "enabled" if graph.auto_enable else "left out"
        yield f"{_GAP}of organization {graph.organization_id}, accounts that join are {joining}"
    packages = (
        f"{package.value}{'' if ingest.state is IngestState.STARTED else ' (stopped)'}"
        for package, ingest in graph.packages.items()
    )
    yield f"{_GAP}packages: {', '.join(packages)}"
    for name, value in graph.tags.items():
        yield _cut(f"{_GAP}tag {name} = {value}", WIDTH)
    yield ""
    members = [_member(each, mask) for each in world.rows(graph.arn).ordered()]
    yield from _section(
        f"Members of graph {number}", ("Account", "Status", "Note", "E-mail", "A day", "Since"), members
    )
    found = [_investigation(each) for each in world.investigations_of(graph.arn).rows.values()]
    columns = ("Investigation", "Status", "Severity", "Found", "State", "Entity")
    yield from _section(f"Investigations of graph {number}", columns, found)


def _member(row: Membership, mask: Mask) -> tuple[str, ...]:
    notes = [
        "organization" if row.invitation_type is InvitationType.ORGANIZATION else "",
        row.disabled_reason.value if row.disabled_reason else "",
        "enabling" if row.enabling else "",
    ]
    enabled = row.status is MemberStatus.ENABLED
    volume = _volume(row.usage.total if row.usage else None) if enabled else ""
    note = ", ".join(filter(None, notes))
    return row.account_id, row.status.value, note, mask(row.email), volume, _moment(row.updated_at)


def _investigation(investigation: Investigation) -> tuple[str, ...]:
    return (
        investigation.investigation_id,
        investigation.status.value,
        investigation.severity.value if investigation.severity else "",
        str(len(investigation.indicators)),
        investigation.state.value,
        investigation.entity_arn.partition(":iam::")[2],
    )


def _volume(volume: int | None) -> str:
    if volume is None:
        return "unknown"
    power = min(max(len(str(volume)) - 1, 0) // 3, len(_UNITS) - 1)
    return f"{volume / 1000**power:.4g} {_UNITS[power]}"


def _moment(at: datetime | None) -> str:
    return "when settled" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a header and a line for each row; columns without any content are left out."""
    used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    cells = [[_cut(row[place], WIDTH) for place in used] for row in (columns, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths = _fitting(widths, [place for place, name in enumerate(cells[0]) if name in _MAY_BE_CUT])
    for row in cells:
        padded = (_cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{_GAP}{_GAP.join(padded)}".rstrip()


def _fitting(widths: list[int], may_be_cut: Sequence[int]) -> list[int]:
    """Take what is too much from the widest of the columns that may be cut."""
    excess = sum(widths) + len(_GAP) * len(widths) - WIDTH
    widths = list(widths)
    for _ in range(excess):
        widest = max(may_be_cut, key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _cut(text: str, width: int) -> str:
    text = _printable(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _printable(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode()
