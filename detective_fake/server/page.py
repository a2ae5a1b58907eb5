"""The page: what it shows of a fake, and the files it is made of.

Knows how things are shown to a person; must not change anything: what the page's buttons do are control calls.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, get_args

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from detective_fake.controls.fault_terms import COMMON_ERRORS
from detective_fake.domain.membership import MemberStatus
from detective_fake.exchange import NetworkError
from detective_fake.protocol.model import error_statuses, operations
from detective_fake.server import looking
from detective_fake.server.diagram import NODE_HEIGHT, NODE_WIDTH, diagram
from detective_fake.server.openapi import HEADER
from detective_fake.server.shapes import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from werkzeug.wrappers import Request

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World
    from detective_fake.journal.call_records import CallRecord
    from detective_fake.server.calls import Desk

__all__ = ["Page"]

CALLS_SHOWN: Final = 200
GRAPHS_SHOWN: Final = 40
ROWS_SHOWN: Final = 100
CHOICES: Final = 300

# All that the page needs comes from here, and nobody may frame it.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

KINDS: Final = {
    "verification": "verification of",
    "enabling": "enabling of",
    "investigation": "end of investigation",
    "administrator_visibility": "administrator becomes visible of",
    "recheck": "hourly check of",
}
"""What is going to happen, in words, before the one it happens to."""


@attrs.frozen
class Choice:
    """What somebody wants to see.

    Attributes:
        account_id: Only what concerns this account; all if empty.
        region: Only this Region; all if empty.
        everything: Whether long tables are shown to their end.
    """

    account_id: str = ""
    region: str = ""
    everything: bool = False

    @classmethod
    def of(cls, request: Request) -> Choice:
        """Return what a URL asks for."""
        get = request.args.get
        return cls(get("account", ""), get("region", ""), get("rows") == "all")

    def concerns(self, account_id: str, region: str) -> bool:
        """Tell whether an account in a Region is to be seen."""
        return self.account_id in {"", account_id} and self.region in {"", region}


class Page:
    """Renders the page, its changing part alone, and the parts of it that are fetched when somebody unfolds them.

    Args:
        desk: The fake, and the numbers of its faults.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def whole(self, request: Request, _path: Mapping[str, str]) -> Response:
        """Return the page."""
        return self._html("page.html", request)

    def view(self, request: Request, _path: Mapping[str, str]) -> Response:
        """Return what changes of the page."""
        return self._html("view.html", request)

    def call(self, _request: Request, path: Mapping[str, Any]) -> Response:
        """Return parameters and answer of one call."""
        record = looking.call_of(self._desk.fake, path["number"])
        if record is None:
            raise NotFound
        call = looking.call_view(record, path["number"])
        return _html(_templates().get_template("call.html").render(call=call))

    def static(self, _request: Request, path: Mapping[str, str]) -> Response:
        """Return a file that the page refers to."""
        name = path["name"]
        if name not in _STATIC:
            raise NotFound
        content = resources.files("detective_fake.server").joinpath("static").joinpath(name).read_bytes()
        return Response(content, content_type=f"{_TYPES[name.rpartition('.')[2]]};charset=utf-8")

    def _html(self, template: str, request: Request) -> Response:
        choice = Choice.of(request)
        values = _shown(self._desk, choice, request.host_url.rstrip("/"))
        return _html(_templates().get_template(template).render(values))


_STATIC: Final = frozenset({"icon.svg", "page.css", "page.js"})


@functools.cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("detective_fake.server"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=_moment, clock=_clock, volume=_volume, json=_pretty, inside=_inside)
    return environment


def _html(text: str) -> Response:
    return Response(text, content_type="text/html;charset=utf-8", headers={"content-security-policy": _POLICY})


def _shown(desk: Desk, choice: Choice, url: str) -> dict[str, Any]:
    """Return everything that the templates show."""
    fake = desk.fake
    snapshot = fake.snapshot()
    state = snapshot.state
    numbered = fake.calls.numbered
    records = [record for _, record in numbered]
    graphs = [graph for graph in state.graphs.values() if _is_seen(graph, state, choice)]
    drawn = diagram(state, graphs[:GRAPHS_SHOWN])
    events = state.event_queue.events()
    return {
        "choice": choice,
        "url": url,
        "header": HEADER,
        "default_account": fake.account_id,
        "default_region": fake.region,
        "now": fake.clock.now(),
        "frozen": snapshot.clock[1] is not None,
        "is_empty": not (state.graphs or state.organizations or state.accounts or records),
        "accounts": _accounts(state, records, choice, fake.account_id),
        "regions": _regions(state, records, choice, fake.region),
        "graphs": [_graph(graph, state, choice) for graph in graphs[:GRAPHS_SHOWN]],
        "graphs_left_out": max(len(graphs) - GRAPHS_SHOWN, 0),
        "diagram": drawn,
        "node_width": NODE_WIDTH,
        "node_height": NODE_HEIGHT,
        "statuses": list(MemberStatus),
        "known_accounts": [each for each in state.accounts.values() if choice.account_id in {"", each.account_id}],
        "organizations": list(state.organizations.values()),
        "events": [_event(event, state) for event in events[:ROWS_SHOWN]],
        "events_left_out": max(len(events) - ROWS_SHOWN, 0),
        "faults": [looking.fault_view(fake, fault, desk.numbers) for fault in fake.faults],
        "operations": list(operations()),
        "own_errors": sorted(error_statuses()),
        "common_errors": sorted(COMMON_ERRORS),
        "network_errors": get_args(NetworkError),
        "calls": _calls(numbered, choice),
        "call_count": fake.calls.made,
        "emails": list(reversed(state.emails))[:ROWS_SHOWN],
        "email_count": len(state.emails),
    }


def _is_seen(graph: BehaviorGraph, state: World, choice: Choice) -> bool:
    return choice.concerns(graph.administrator_id, graph.region) or (
        choice.concerns(choice.account_id, graph.region) and choice.account_id in state.members[graph.arn].rows
    )


def _accounts(state: World, records: Sequence[CallRecord], choice: Choice, default: str) -> list[str]:
    found = dict.fromkeys(_account_ids(state, records))
    return sorted({default, *filter(None, [choice.account_id]), *list(found)[:CHOICES]})


def _account_ids(state: World, records: Sequence[CallRecord]) -> Iterator[str]:
    for organization in state.organizations.values():
        yield organization.management_account_id
    for graph in state.graphs.values():
        yield graph.administrator_id
    yield from (record.account_id for record in records[-CALLS_SHOWN:])
    yield from state.accounts
    for table in state.members.values():
        yield from table.rows
    for organization in state.organizations.values():
        yield from organization.accounts


def _regions(state: World, records: Sequence[CallRecord], choice: Choice, default: str) -> list[str]:
    found = {graph.region for graph in state.graphs.values()} | {record.region for record in records[-CALLS_SHOWN:]}
    return sorted({default, *found, *filter(None, [choice.region])})


def _graph(graph: BehaviorGraph, state: World, choice: Choice) -> dict[str, Any]:
    rows = state.members[graph.arn].ordered()
    shown = rows if choice.everything else rows[:ROWS_SHOWN]
    if choice.account_id and choice.account_id != graph.administrator_id:
        shown = [row for row in rows if row.account_id == choice.account_id]
    investigations = list(state.investigations[graph.arn].rows.values())
    return {
        "graph": graph,
        "rows": [_row(row) for row in shown],
        "left_out": len(rows) - len(shown),
        "member_count": len(rows),
        "volume": state.members[graph.arn].volume,
        "investigations": list(reversed(investigations))[:ROWS_SHOWN],
        "investigation_count": len(investigations),
    }


def _row(row: Membership) -> dict[str, Any]:
    return {
        "member": row,
        "status": row.status.value,
        "reason": row.disabled_reason.value if row.disabled_reason else "",
        "packages": {package.value: volume for package, volume in row.usage.by_package.items()} if row.usage else {},
    }


def _event(event: PendingEvent, state: World) -> dict[str, Any]:
    graph = state.graphs.get(event.scope)
    where = event.scope if graph is None else f"graph of {graph.administrator_id} in {graph.region}"
    return {"event": event, "words": KINDS[event.kind.value], "subject": event.subject, "where": where}


def _calls(numbered: Sequence[tuple[int, CallRecord]], choice: Choice) -> list[dict[str, Any]]:
    """Return the last calls, the latest first."""
    concerned = (pair for pair in reversed(numbered) if choice.concerns(pair[1].account_id, pair[1].region))
    return [
        {"number": number, "record": record, "attempts": len(record.attempts)}
        for number, record in islice(concerned, CALLS_SHOWN)
    ]


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")


def _volume(volume: int) -> str:
    power = min(max(len(str(volume)) - 1, 0) // 3, len(_UNITS) - 1)
    return f"{volume / 1000**power:.4g} {_UNITS[power]}"


def _inside(call: str) -> str:
    """Return what stands between the brackets of a call."""
    return call.partition("(")[2].removesuffix(")")


def _pretty(value: Any) -> str:
    return json.dumps(plain(value), indent=2, ensure_ascii=False)
