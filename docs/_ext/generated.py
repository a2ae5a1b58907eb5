"""A Sphinx extension that replaces `<!-- generated: NAME -->` by Markdown made from code and data.

`GENERATORS` has the names. The text is generated at every build, so it is never out of date.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from detective_fake.cli import SUBCOMMANDS, main
from detective_fake.controls.faults import COMMON_ERRORS
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.options import OPTIONS, Options
from detective_fake.protocol.model import operations
from detective_fake.scenario.schema import SCHEMA_FILE
from detective_fake.server.application import Limits, control_application
from docs._ext import fidelity, membership_diagram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sphinx.application import Sphinx

_PLACE: Final = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.MULTILINE)
_DESCRIBED: Final = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


DOCS: Final = Path(__file__).parent.parent
BENCHMARKS: Final = DOCS / "benchmarks.json"
_ORDER: Final = (
    "tutorial",
    "how-to/index",
    "reference/index",
    "explanation/index",
    "fidelity",
    "differences",
    "comparison",
    "performance",
    "contributing",
)
_KINDS: Final = {"date-time": "time", "object": "table"}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fill(_app: Sphinx, _page: str, source: list[str]) -> None:
    source[0] = _PLACE.sub(lambda place: GENERATORS[place[1]](), source[0])


def _pages() -> str:
    """Return the pages in the order of the menu; unlisted ones come before the last."""
    present = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    others = sorted(present.difference(_ORDER))
    return "\n".join([*_ORDER[:-1], *others, _ORDER[-1]])


def _options() -> str:
    rows = [(f"`{name}`", f"`{getattr(Options, name)!r}`", option.help) for name, option in OPTIONS.items()]
    return _table(("option", "default", "what it does"), rows)


def _settings() -> str:
    rows = [(f"`{name}`", f"`detective_fake_{name}`", option.kind.expected) for name, option in OPTIONS.items()]
    return _table(("marker", "setting", "the setting takes"), rows)


def _limits(cls: type) -> str:
    texts = _descriptions(cls)
    rows = [(f"`{each.name}`", f"`{_shown(each.default)}`", texts[each.name]) for each in attrs.fields(cls)]
    return _table(("name", "default", "what it is"), rows)


def _common_errors() -> str:
    rows = [(f"`{code}`", str(status), text) for code, (status, text) in COMMON_ERRORS.items()]
    return _table(("code", "status", "message"), rows)


def _control_calls() -> str:
    paths = control_application().openapi()["paths"]
    rows = [
        (f"`{method.upper()}`", f"`{path}`", call["description"])
        for path, methods in paths.items()
        for method, call in methods.items()
    ]
    return _table(("method", "path", "what it does"), rows)


def _server_limits() -> str:
    texts = _descriptions(Limits)
    rows = [(texts[each.name], f"{each.default:,}") for each in attrs.fields(Limits)]
    return _table(("what", "limit"), rows)


def _commands() -> str:
    names = ["", *(each.name for each in SUBCOMMANDS)]
    titles = [f"detective-fake {name}".rstrip() for name in names]
    helps = map(_help_of, names)
    return "\n".join(f"## {title}\n\n```none\n{text}\n```\n" for title, text in zip(titles, helps, strict=True))


def _help_of(command: str) -> str:
    os.environ["COLUMNS"] = "80"
    with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
        main([*command.split(), "--help"])
    return printed.getvalue().strip()


def _scenario_keys() -> str:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    sections: dict[str, Any] = dict(schema["$defs"])
    for each in sections.pop("indicator")["oneOf"]:
        sections[f"indicator {each['properties']['indicator_type']['const']}"] = each
    return "\n".join(_scenario_section(name, each) for name, each in sections.items())


def _scenario_section(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = [
        (f"`{key}`", _kind(each), ("required. " if key in required else "") + each.get("description", ""))
        for key, each in schema["properties"].items()
    ]
    return f"## {name}\n\n{schema['description']}\n\n{_table(('key', 'value', 'meaning'), rows)}\n"


def _kind(schema: Mapping[str, Any]) -> str:
    """Return the type in a JSON Schema for readers; TOML has no null, so it is not mentioned."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name if name == "indicator" else f"[{name}](#{name})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"] if each.get("type") != "null"))
    values = schema.get("enum") or [schema[key] for key in ("const",) if key in schema]
    if values:
        return ", ".join(f"`{value}`" for value in values)
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    if schema["type"] == ["number", "string"]:
        return "duration"
    name = str(schema.get("format") or schema["type"])
    return _KINDS.get(name, name)


def _descriptions(cls: type) -> dict[str, str]:
    """Return the descriptions of arguments and attributes in a class's docstring."""
    text = inspect.cleandoc(cls.__doc__ or "")
    return {found[1]: " ".join(found[2].split()) for found in _DESCRIBED.finditer(text)}


def _shown(default: object) -> str:
    return str(default) if default.__class__.__name__ == "timedelta" else repr(default)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _benchmarks() -> str:
    """Return the recorded results of `nox -s bench`."""
    results = json.loads(BENCHMARKS.read_text("utf-8"))
    rows = [
        (row["what"], row["against"], f"{row['measured']:.3g}", row["target"], row["verdict"])
        for row in results["rows"]
    ]
    versions = ", ".join(f"{name} {value}" for name, value in results["machine"].items())
    return f"{_table(('what', 'against', 'measured', 'target', ''), rows)}\n\nMeasured with {versions}."


GENERATORS: Final[Mapping[str, Callable[[], str]]] = {
    "benchmarks": _benchmarks,
    "commands": _commands,
    "common-errors": _common_errors,
    "control-calls": _control_calls,
    "fidelity": lambda: fidelity.markdown(fidelity.load(), operations()),
    "inferred-rules": lambda: fidelity.inferred(fidelity.load()),
    "membership-diagram": lambda: f"<figure>\n{membership_diagram.svg()}\n</figure>",
    "membership-events": membership_diagram.events,
    "options": _options,
    "pages": _pages,
    "quotas": lambda: _limits(Quotas),
    "scenario-keys": _scenario_keys,
    "server-limits": _server_limits,
    "settings": _settings,
    "timings": lambda: _limits(Timings),
}
