"""A diagram of the statuses of a membership, drawn from `TRANSITIONS`.

This module lays out statuses and lines. Statuses that have no route here are connected by a straight line.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from detective_fake.domain.membership import TRANSITIONS, MemberEvent, MemberStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Table = Mapping[tuple[MemberStatus | None, MemberEvent], MemberStatus | None]
    Pair = tuple[MemberStatus | None, MemberStatus | None]
    Point = tuple[float, float]

_WIDTH: Final = 860
_ROOM: Final = 570
_LINE: Final = 18
_BOX: Final = (224, 40)
_NO_ROW: Final = "not in the graph"

_ATTRIBUTES: Final = (
    'role="img" aria-label="The statuses of a membership, and the events that change them" '
    'xmlns="http://www.w3.org/2000/svg" class="diagram"'
)
_STYLE: Final = """\
<style>
svg { background: #fff; font: 12px ui-monospace, Menlo, Consolas, monospace; }
text { fill: #111; text-anchor: middle; }
polyline { fill: none; stroke: #444; stroke-width: 1.4; }
marker path { fill: #444; }
.status rect, .absent rect, .part rect { fill: #f4f4f8; stroke: #335; stroke-width: 1.4; }
.absent rect { stroke-dasharray: 5 4; }
.behind { fill: #fff; }
.faint { fill: none; stroke: #777; stroke-dasharray: 3 4; }
.event, .note { font-size: 11px; }
.note { text-anchor: start; }
@media (prefers-color-scheme: dark) {
  svg { background: #16181d; }
  text { fill: #eee; }
  polyline { stroke: #bbb; }
  marker path { fill: #bbb; }
  .status rect, .absent rect, .part rect { fill: #24272f; stroke: #88a; }
  .behind { fill: #16181d; }
}
</style>"""
"""The file is shown as an image, so it has its own colours and background, in light and dark."""
_ARROW: Final = (
    '<defs><marker id="end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 10 5 0 10z"/></marker></defs>'
)

_FAILED, _IN_PROGRESS = MemberStatus.VERIFICATION_FAILED, MemberStatus.VERIFICATION_IN_PROGRESS
_INVITED, _ENABLED, _DISABLED = MemberStatus.INVITED, MemberStatus.ENABLED, MemberStatus.ACCEPTED_BUT_DISABLED

PLACES: Final[Mapping[MemberStatus | None, Point]] = {
    None: (110, 330),
    _FAILED: (470, 80),
    _IN_PROGRESS: (310, 210),
    _INVITED: (690, 210),
    _DISABLED: (310, 430),
    _ENABLED: (690, 430),
}
"""The centre of each box."""


class _Route(NamedTuple):
    """A line from one box to another that is not straight from centre to centre.

    Attributes:
        points: From edge to edge.
        label: Centre of the first line of the label.
    """

    points: Sequence[Point]
    label: Point


_ROUTES: Final[Mapping[Pair, _Route]] = {
    (None, _IN_PROGRESS): _Route([(110, 310), (110, 210), (194, 210)], (110, 262)),
    (None, _INVITED): _Route([(70, 310), (70, 28), (830, 28), (830, 210), (806, 210)], (470, 28)),
    (_IN_PROGRESS, _FAILED): _Route([(380, 188), (380, 104)], (380, 130)),
    (_FAILED, _IN_PROGRESS): _Route([(354, 80), (270, 80), (270, 186)], (262, 130)),
    (_FAILED, _INVITED): _Route([(586, 80), (720, 80), (720, 186)], (712, 130)),
    (_IN_PROGRESS, _DISABLED): _Route([(250, 232), (250, 406)], (262, 300)),
    (_IN_PROGRESS, _ENABLED): _Route([(400, 232), (610, 406)], (434, 262)),
    (_INVITED, _DISABLED): _Route([(610, 232), (400, 406)], (434, 372)),
    (_INVITED, _ENABLED): _Route([(740, 232), (740, 406)], (740, 300)),
    (_ENABLED, None): _Route([(690, 452), (690, 500), (130, 500), (130, 354)], (470, 500)),
    (_INVITED, None): _Route([(800, 232), (830, 262), (830, 540), (90, 540), (90, 354)], (470, 540)),
}


def events_between(transitions: Table = TRANSITIONS) -> dict[Pair, list[MemberEvent]]:
    """Return the events that lead from one status to another, without those that `widespread` returns."""
    left_out = {event for event, _, _ in widespread(transitions)}
    found: dict[Pair, list[MemberEvent]] = {}
    for (origin, event), target in transitions.items():
        if event not in left_out:
            found.setdefault((origin, target), []).append(event)
    return found


def widespread(transitions: Table = TRANSITIONS) -> list[tuple[MemberEvent, list[MemberStatus], MemberStatus | None]]:
    """Return the events that lead from most statuses to the same one. The diagram has a sentence for each."""
    found = []
    for event in MemberEvent:
        origins = [origin for origin, each in transitions if each is event and origin is not None]
        targets = {target for (_, each), target in transitions.items() if each is event}
        if len(targets) == 1 and len(origins) >= len(MemberStatus) - 1:
            found.append((event, origins, targets.pop()))
    return found


def svg(transitions: Table = TRANSITIONS) -> str:
    """Return the diagram as an SVG file."""
    notes = [_sentence(*each) for each in widespread(transitions)]
    height = _ROOM + _LINE * len(notes) + 8
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {height}" {_ATTRIBUTES}>',
        _STYLE,
        _ARROW,
        *(_line(pair) for pair in events_between(transitions)),
        *(_label(pair, leading) for pair, leading in events_between(transitions).items()),
        *map(_box, PLACES),
        *(
            f'<text x="20" y="{_ROOM + _LINE * number}" class="note">{escape(note)}</text>'
            for number, note in enumerate(notes, 1)
        ),
        "</svg>\n",
    ]
    return "\n".join(parts)


def events(transitions: Table = TRANSITIONS) -> str:
    """Return a Markdown list of all events: what happens, and which statuses change to which."""
    lines = []
    for event in MemberEvent:
        by_target: dict[MemberStatus | None, list[MemberStatus | None]] = {}
        for (origin, each), target in transitions.items():
            if each is event:
                by_target.setdefault(target, []).append(origin)
        ways = "; ".join(f"from {_any_of(origins)} to {_code(target)}" for target, origins in by_target.items())
        lines.append(f"- `{event.name}`: {event.value}; {ways}.")
    return "\n".join(lines)


def _any_of(origins: Sequence[MemberStatus | None]) -> str:
    if set(origins) == set(MemberStatus):
        return "any status"
    *others, last = map(_code, origins)
    return f"{', '.join(others)} or {last}" if others else last


def _code(status: MemberStatus | None) -> str:
    return _NO_ROW if status is None else f"`{status.value}`"


def _sentence(event: MemberEvent, origins: Sequence[MemberStatus], target: MemberStatus | None) -> str:
    others = [status.value for status in MemberStatus if status not in origins]
    start = f"any status but {' and '.join(others)}" if others else "any status"
    return f"{event.name}: from {start} {'out of the graph' if target is None else f'to {target.value}'}"


def _box(status: MemberStatus | None) -> str:
    (x, y), (width, height) = PLACES[status], _BOX
    if status is None:
        width = 150
    kind = "absent" if status is None else "status"
    return (
        f'<g class="{kind}"><rect x="{x - width / 2}" y="{y - height / 2}" width="{width}" height="{height}" rx="8"/>'
        f'<text x="{x}" y="{y + 4}">{_NO_ROW if status is None else status.value}</text></g>'
    )


def _route(pair: Pair) -> _Route:
    if pair in _ROUTES:
        return _ROUTES[pair]
    start, end = (PLACES[status] for status in pair)
    points = [_edge(start, end), _edge(end, start)]
    return _Route(points, ((points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2))


def _edge(middle: Point, towards: Point) -> Point:
    """Return the point just outside a box where a line from its centre leaves it."""
    across, down = towards[0] - middle[0], towards[1] - middle[1]
    scale = 1 / max(abs(across) / (_BOX[0] / 2 + 4), abs(down) / (_BOX[1] / 2 + 4), math.ulp(1))
    return middle[0] + across * scale, middle[1] + down * scale


def _line(pair: Pair) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in _route(pair).points)
    return f'<polyline points="{points}" marker-end="url(#end)"/>'


def _label(pair: Pair, leading: Sequence[MemberEvent]) -> str:
    x, y = _route(pair).label
    return "".join(_line_of_label(x, y + _LINE * number, event.name) for number, event in enumerate(leading))


def _line_of_label(x: float, y: float, text: str) -> str:
    width = 6.7 * len(text) + 8
    return (
        f'<rect class="behind" x="{x - width / 2:g}" y="{y - 9:g}" width="{width:g}" height="{_LINE}"/>'
        f'<text class="event" x="{x:g}" y="{y + 4:g}">{text}</text>'
    )
