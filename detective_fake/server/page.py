"""The page for a browser: what it shows of a fake, its files, and the stream that tells it of changes."""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
import shlex
from contextlib import suppress
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args
from urllib.parse import urlencode
from zlib import crc32

from botocore import xform_name
from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from pydantic import ConfigDict, Field

from detective_fake.controls.faults import COMMON_ERRORS, accounts_of
from detective_fake.exchange import NetworkError
from detective_fake.formatting import format_minute, format_time, format_volume
from detective_fake.protocol.model import error_statuses, operations
from detective_fake.scenario.saved_state import to_json
from detective_fake.scenario.scenario_file import scenario_of
from detective_fake.server.control import HEADER, PREFIX, Answer, CallFilter, Here, Number, call_json, found, reading
from detective_fake.views.diagrams import NODE_HEIGHT, NODE_WIDTH, diagram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World
    from detective_fake.journal.calls import CallRecord
    from detective_fake.server.control import Control

GRAPHS_SHOWN: Final = 40
ROWS_SHOWN: Final = 50

# Everything the page needs comes from here, and no other page may frame it.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_STATIC: Final = {"icon.svg": "image/svg+xml", "page.css": "text/css", "page.js": "text/javascript"}
_POLL_SECONDS: Final = 0.2


class Choice(CallFilter):
    """What the URL asks the page to show. Its filter is that of the journal."""

    model_config = ConfigDict(extra="ignore")
    view: Literal["", "journal"] = ""
    status: str = Field("", description="Only members with this status.")
    find: str = Field("", description="Only members whose row has this text.")
    sort: Literal["", "account_id", "status", "email", "updated_at"] = ""
    stack: str = Field("", description="Only the accounts that the drawing merges with this one.")
    rows: int = Field(ROWS_SHOWN, ge=1, le=10**6)

    def concerns(self, graph: BehaviorGraph, state: World) -> bool:
        """Return whether to show a graph."""
        related = self.account_id in {"", graph.administrator_id} or self.account_id in state.members[graph.arn].rows
        return related and self.region in {"", graph.region}

    def members(self, graph: BehaviorGraph, state: World, stack: Sequence[str]) -> list[Membership]:
        """Return the members of a graph to show, without its administrator.

        Args:
            stack: Only these accounts, unless empty.
        """
        shown = [
            row
            for row in state.members[graph.arn].ordered()
            if row.account_id != graph.administrator_id
            and self.status in {"", row.status.value}
            and (not stack or row.account_id in stack)
            and self.account_id in {"", graph.administrator_id, row.account_id}
            and self.find.lower() in f"{row.account_id} {row.email} {row.disabled_reason or ''}".lower()
        ]
        return sorted(shown, key=lambda row: str(getattr(row, self.sort))) if self.sort else shown


Chosen = Annotated[Choice, Query()]
router: Final = APIRouter(prefix=PREFIX, include_in_schema=False)


@router.get("/")
def show_page(request: Request, control: Here, choice: Chosen) -> Response:
    """Return the page."""
    return _page(request, "page.html", _shown(request, control, choice))


@router.get("/view")
def show_view(request: Request, control: Here, choice: Chosen) -> Response:
    """Return the part of the page that changes, without the sections that the browser has already."""
    return _page(request, "view.html", _shown(request, control, choice))


@router.get("/view/calls/{number}")
def show_call(request: Request, control: Here, number: Number) -> Response:
    """Return parameters and result of one call, and lines that repeat it."""
    record = control.call(number)
    values = {
        "call": call_json(record, number),
        "operation": operations()[record.operation],
        "before": _members_before(record, control.fake.snapshot().state),
        "url": str(request.base_url).rstrip("/"),
    }
    return _page(request, "call.html", values)


@router.get("/static/{name}")
def read_static(request: Request, name: str) -> Response:
    """Return a file that the page refers to."""
    media_type = found("file", name, _STATIC)
    content = resources.files("detective_fake.server").joinpath("static").joinpath(name).read_bytes()
    return _compressed(request, content, media_type)


@router.get("/events")
async def stream_events(control: Here) -> StreamingResponse:
    """Return a stream of server-sent events: one at once, and one after each change."""
    return StreamingResponse(changes(control), media_type="text/event-stream")


@reading.get("/scenario")
def write_scenario(control: Here) -> Answer:
    """Read accounts, organizations, graphs, members and investigations as a scenario, without times."""
    return Answer(scenario_of(control.fake.snapshot().state))


@router.get("/scenario.{suffix}")
def write_scenario_as_text(control: Here, suffix: Literal["toml", "seed"]) -> PlainTextResponse:
    """Read the scenario in TOML, or as calls of `fake.seed`."""
    tables = scenario_of(control.fake.snapshot().state)
    return PlainTextResponse(_templates().get_template(f"state.{suffix}").render(tables=tables))


async def changes(control: Control) -> AsyncIterator[str]:
    """Yield an event at once, and after each change of the fake, also one by the test. Each change is a snapshot."""

    def look() -> object:
        fake, last = control.fake, control.fake.calls[-1:]
        rules = [(rule, rule.used) for rule in (*fake.faults, *fake.denials)]
        attempts = [len(record.attempts) for record in last]
        return control.take().snapshot, fake.calls.made, attempts, rules, fake.account_id

    seen: object = None
    while not control.stopping.is_set():
        view = await asyncio.to_thread(look)
        if view != seen:
            seen = view
            yield "event: change\ndata: \n\n"
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(control.stopping.wait(), _POLL_SECONDS)


@functools.cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("detective_fake.server"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "header": HEADER,
        "node_size": (NODE_WIDTH, NODE_HEIGHT),
        "operations": operations(),
        "own_errors": sorted(error_statuses()),
        "common_errors": sorted(COMMON_ERRORS),
        "network_errors": get_args(NetworkError),
        "graphs_shown": GRAPHS_SHOWN,
        "rows_shown": ROWS_SHOWN,
    }
    environment.filters.update(
        moment=lambda at: "" if at is None else format_time(at)[:19].replace("T", " "),
        minute=format_minute,
        volume=format_volume,
        json=lambda value, indent=None: json.dumps(to_json(value), indent=indent, ensure_ascii=False),
        python=lambda value: repr(json.loads(json.dumps(to_json(value)))),
        snake=xform_name,
        shell=shlex.quote,
    )
    return environment


def _page(request: Request, template: str, values: dict[str, Any]) -> Response:
    return _compressed(request, _templates().get_template(template).render(values).encode(), "text/html")


def _compressed(request: Request, content: bytes, media_type: str) -> Response:
    """Return a response, compressed if the client understands that."""
    headers = {"content-security-policy": _POLICY, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["content-encoding"] = gzip.compress(content), "gzip"
    return Response(content, headers=headers, media_type=media_type)


def _shown(request: Request, control: Control, choice: Choice) -> dict[str, Any]:
    """Return everything that the templates show."""
    fake = control.fake
    snapshot = fake.snapshot()
    state = snapshot.state
    graphs = [graph for graph in state.graphs.values() if choice.concerns(graph, state)]
    drawn = diagram(state, graphs[:GRAPHS_SHOWN], apart=choice.account_id)
    stack = next((node.accounts for node in drawn.nodes if choice.stack in node.accounts), ())
    have = {name: mark for each in request.headers.get("x-have", "").split() for name, _, mark in [each.partition("=")]}
    return {
        "choice": choice,
        "link": functools.partial(_link, choice),
        "section": functools.partial(_section, have),
        "url": str(request.base_url).rstrip("/"),
        "fake": fake,
        "state": state,
        "now": fake.clock.now(),
        "frozen": snapshot.clock[1] is not None,
        "is_empty": not (state.graphs or state.organizations or state.accounts or fake.calls),
        "accounts": sorted({fake.account_id, choice.account_id, *_account_ids(state)} - {""}),
        "regions": sorted({fake.region, choice.region, *(graph.region for graph in state.graphs.values())} - {""}),
        "graphs": graphs,
        "members": {graph.arn: choice.members(graph, state, stack) for graph in graphs[:GRAPHS_SHOWN]},
        "diagram": drawn,
        "rules": [control.rule_json(rule) for rule in (*fake.faults, *fake.denials)],
        "moments": list(control.moments),
        "present": max((each.number for each in control.moments if each.snapshot == snapshot), default=0),
        "matching": choice.matching(fake),
        "outcomes": sorted({record.outcome for record in fake.calls}),
    }


def _account_ids(state: World) -> set[str]:
    """Return every account that has, or is a member of, something."""
    groups = (table.rows for table in state.members.values())
    organizations = (organization.accounts for organization in state.organizations.values())
    return {graph.administrator_id for graph in state.graphs.values()}.union(state.accounts, *groups, *organizations)


def _link(choice: Choice, **changed: object) -> str:
    """Return the URL of the page with other choices. Those that are the default are left out."""
    return f"?{urlencode(choice.model_copy(update=changed).model_dump(exclude_defaults=True))}"


def _section(have: dict[str, str], name: str, label: str, *, caller: Callable[[], Markup]) -> Markup:
    """Return a section of the page, empty if the browser has the same already."""
    content = caller()
    digest = f"{crc32(content.encode()):x}"
    same = have.get(name) == digest
    section = Markup('<section class="card" id="{}" aria-label="{}" data-hash="{}"{}>{}</section>')
    return section.format(name, label, digest, Markup(" data-same") if same else "", "" if same else content)


def _members_before(record: CallRecord, state: World) -> dict[str, str] | None:
    """Return the status before a call of the members that it concerns, None if it concerns no graph."""
    parameters = record.parameters
    arn = parameters.get("GraphArn") or parameters.get("ResourceArn")
    table = state.members.get(str(arn))
    if table is None and (record.failed or "GraphArn" not in parameters):
        return None
    concerned = (record.account_id, *accounts_of(record.operation, parameters), parameters.get("AccountId"))
    rows = {} if table is None else table.rows
    present = {each: rows[each].status.value for each in concerned if each in rows}
    before = {change.account_id: change.before for change in reversed(record.changes) if change.graph_arn == arn}
    return {account_id: status for account_id, status in {**present, **before}.items() if status is not None}
