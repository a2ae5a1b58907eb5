"""The page for a browser: what it shows of a fake, its files, and the stream that tells it of changes."""

from __future__ import annotations

import asyncio
import functools
import json
from contextlib import suppress
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

import attrs
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from detective_fake.controls.faults import COMMON_ERRORS
from detective_fake.domain.membership import MemberStatus
from detective_fake.exchange import NetworkError
from detective_fake.formatting import format_time, format_volume
from detective_fake.protocol.model import error_statuses, operations
from detective_fake.server.control import HEADER, PREFIX, Here, NotFound, Number
from detective_fake.server.state import View, call_by_number, call_json, to_json
from detective_fake.views.diagrams import NODE_HEIGHT, NODE_WIDTH, diagram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from datetime import datetime

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World
    from detective_fake.fake import DetectiveFake
    from detective_fake.journal.calls import CallRecord
    from detective_fake.server.control import Control

__all__ = ["changes", "router"]

CALLS_SHOWN: Final = 200
GRAPHS_SHOWN: Final = 40
ROWS_SHOWN: Final = 100
CHOICES: Final = 300

# Everything the page needs comes from here, and no other page may frame it.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_STATIC: Final = {"icon.svg": "image/svg+xml", "page.css": "text/css", "page.js": "text/javascript"}
_POLL_SECONDS: Final = 0.2

EVENT_WORDS: Final = {
    "verification": "verification of",
    "enabling": "enabling of",
    "investigation": "end of investigation",
    "administrator_visibility": "administrator becomes visible of",
    "recheck": "hourly check of",
}
"""What a pending event does, in words, before its subject."""


@attrs.frozen
class Choice:
    """What the URL asks the page to show.

    Attributes:
        account_id: Only what concerns this account; everything if empty.
        region: Only this Region; all if empty.
        everything: Whether long tables are shown to their end.
    """

    account_id: str = ""
    region: str = ""
    everything: bool = False

    def concerns(self, account_id: str, region: str) -> bool:
        """Return whether to show an account in a Region."""
        return self.account_id in {"", account_id} and self.region in {"", region}


def _choice(account: str = "", region: str = "", rows: str = "") -> Choice:
    return Choice(account, region, rows == "all")


Chosen = Annotated[Choice, Depends(_choice)]
router: Final = APIRouter(prefix=PREFIX, include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def show_page(request: Request, control: Here, choice: Chosen) -> HTMLResponse:
    """Return the page."""
    return _render("page.html", _shown(control, choice, str(request.base_url).rstrip("/")))


@router.get("/view")
def show_view(request: Request, control: Here, choice: Chosen) -> HTMLResponse:
    """Return the part of the page that changes."""
    return _render("view.html", _shown(control, choice, str(request.base_url).rstrip("/")))


@router.get("/view/calls/{number}")
def show_call(control: Here, number: Number) -> HTMLResponse:
    """Return parameters and result of one call."""
    record = call_by_number(control.fake, number)
    if record is None:
        raise NotFound(f"There is no call {number}.")
    return _render("call.html", {"call": call_json(record, number)})


@router.get("/static/{name}")
def read_static(name: str) -> Response:
    """Return a file that the page refers to."""
    if name not in _STATIC:
        raise NotFound(f"There is no file {name!r}.")
    content = resources.files("detective_fake.server").joinpath("static").joinpath(name).read_bytes()
    return Response(content, media_type=_STATIC[name])


@router.get("/events")
async def stream_events(control: Here) -> StreamingResponse:
    """Return a stream of server-sent events: one at once, and one after each change."""
    return StreamingResponse(changes(control.fake, control.stopping), media_type="text/event-stream")


async def changes(fake: DetectiveFake, stopping: asyncio.Event) -> AsyncIterator[str]:
    """Yield an event at once, and after each change of the fake, also one by the test.

    Args:
        stopping: Ends the stream once it is set.
    """
    seen: View | None = None
    while not stopping.is_set():
        view = await asyncio.to_thread(View.of, fake)
        if view != seen:
            seen = view
            yield "event: change\ndata: \n\n"
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stopping.wait(), _POLL_SECONDS)


@functools.cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("detective_fake.server"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=_moment, clock=_clock, volume=format_volume, json=_pretty, inside=_inside)
    return environment


def _render(template: str, values: dict[str, Any]) -> HTMLResponse:
    text = _templates().get_template(template).render(values)
    return HTMLResponse(text, headers={"content-security-policy": _POLICY})


def _shown(control: Control, choice: Choice, url: str) -> dict[str, Any]:
    """Return everything that the templates show."""
    fake = control.fake
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
        "faults": control.faults(),
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
        "rows": shown,
        "left_out": len(rows) - len(shown),
        "member_count": len(rows),
        "volume": state.members[graph.arn].volume,
        "investigations": list(reversed(investigations))[:ROWS_SHOWN],
        "investigation_count": len(investigations),
    }


def _event(event: PendingEvent, state: World) -> dict[str, Any]:
    graph = state.graphs.get(event.scope)
    where = event.scope if graph is None else f"graph of {graph.administrator_id} in {graph.region}"
    return {"event": event, "words": EVENT_WORDS[event.kind.value], "subject": event.subject, "where": where}


def _calls(numbered: Sequence[tuple[int, CallRecord]], choice: Choice) -> list[dict[str, Any]]:
    """Return the last calls, the latest first."""
    concerned = (pair for pair in reversed(numbered) if choice.concerns(pair[1].account_id, pair[1].region))
    return [
        {"number": number, "record": record, "attempts": len(record.attempts)}
        for number, record in islice(concerned, CALLS_SHOWN)
    ]


def _moment(at: datetime | None) -> str:
    return "" if at is None else format_time(at)[:19].replace("T", " ")


def _clock(at: datetime) -> str:
    return format_time(at)[11:19]


def _inside(call: str) -> str:
    """Return the arguments of a call."""
    return call.partition("(")[2].removesuffix(")")


def _pretty(value: Any) -> str:
    return json.dumps(to_json(value), indent=2, ensure_ascii=False)
