"""Writes the parts of the pages that are made from code and data: `python -m docs._ext.generated`.

`<!-- generated: NAME -->` in a page marks such a part, and `<!-- end -->` its end. `GENERATORS` has the names. NAME may
have arguments: `file PATH` is a file, `code PATH NAME` a function or class of it, `lines PATH FIRST LAST` the lines
between two that begin with these words, `pytest PATH` what pytest prints, and `api PAGE` a page of the Python API.
Files that are generated as a whole are in `FILES`.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest import mock
from urllib.parse import urlencode

import attrs
import pytest

import detective_fake
from detective_fake import pytest_plugin  # noqa: F401 - before the rest of the package, as in a run of pytest
from detective_fake.cli import main
from detective_fake.controls.faults import COMMON_ERRORS
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Behavior, Quotas
from detective_fake.options import OPTIONS, Options
from detective_fake.protocol.model import operations
from detective_fake.scenario.schema import SCHEMA_FILE
from detective_fake.server.application import Limits, control_application
from docs._ext import api, fidelity, membership_diagram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

GENERATED: Final = re.compile(
    r"^<!-- generated: (.+?) -->\n(?:(?:(?!^<!-- generated: ).)*?^<!-- end -->\n)?", re.DOTALL | re.MULTILINE
)
DOCS: Final = Path(__file__).parent.parent
ROOT: Final = DOCS.parent
BENCHMARKS: Final = DOCS / "benchmarks.json"
_PYTEST: Final = (
    *("-q", "--color=no", "-p", "detective_fake.pytest_plugin", "-p", "no:cacheprovider"),
    *("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"),
)
_RESPONSE_LINES: Final = 30
_KINDS: Final = {"date-time": "time", "object": "table"}


def fill(text: str) -> str:
    """Return a page with its generated parts up to date."""
    return GENERATED.sub(_part, text)


def _part(place: re.Match[str]) -> str:
    name, *arguments = shlex.split(place[1])
    return f"<!-- generated: {place[1]} -->\n\n{GENERATORS[name](*arguments).strip()}\n\n<!-- end -->\n"


def out_of_date() -> Iterator[tuple[Path, str]]:
    """Yield each file that is not up to date, with the text that it should have."""
    pages = [path for path in sorted(DOCS.rglob("*.md")) if "_build" not in path.parts]
    for path in [ROOT / "README.md", *pages]:
        text = path.read_text(encoding="utf-8")
        if fill(text) != text:
            yield path, fill(text)
    for path, make in FILES.items():
        if not path.exists() or path.read_text(encoding="utf-8") != make():
            yield path, make()


def write() -> None:
    """Write all files that are not up to date, and print their names."""
    for path, text in list(out_of_date()):
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def _read(path: str) -> str:
    """Return the text of a file. The package may be installed elsewhere."""
    root = Path(detective_fake.__file__).parent.parent if path.startswith("detective_fake/") else ROOT
    return (root / path).read_text(encoding="utf-8")


def _file(path: str) -> str:
    return _fenced(path, _read(path))


def _code(path: str, name: str) -> str:
    """Return a function or class of a file."""
    text = _read(path)
    (node,) = (each for each in ast.parse(text).body if getattr(each, "name", None) == name)
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return _fenced(path, "\n".join(text.splitlines()[first - 1 : node.end_lineno]))


def _lines(path: str, first: str, last: str) -> str:
    """Return the lines of a file from one that begins with a text to another."""
    lines = _read(path).splitlines()
    start, end = (
        next(n for n, line in enumerate(lines) if line.lstrip(' "').startswith(each)) for each in (first, last)
    )
    return _fenced(path, "\n".join(lines[start : end + 1]))


def _fenced(path: str, text: str) -> str:
    language = {"py": "python", "mjs": "js"}.get(ending := path.rpartition(".")[2], ending)
    return f"```{language}\n{text.rstrip()}\n```"


@functools.cache
def _pytest(path: str) -> str:
    """Return a file's test run: the command, and what it prints, with the times replaced."""
    before, file = Path.cwd(), ROOT / path
    environment = mock.patch.dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", COLUMNS="80")
    paths = mock.patch.object(sys, "path", list(sys.path))
    with tempfile.TemporaryDirectory() as folder, environment, paths:
        for name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS"):  # pytest prints more, or something else, with these
            os.environ.pop(name, None)
        shutil.copy(file, folder)
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                pytest.main([*_PYTEST, f"--rootdir={folder}", file.name])
        finally:
            os.chdir(before)
            sys.modules.pop(file.stem, None)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "2026-03-01T12:00:00.000Z", printed.getvalue())
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-03-01 12:00", text)
    text = re.sub(r" in \d+\.\d+s", " in 0.05s", text)
    text = re.sub(r" +$", "", text, flags=re.MULTILINE)
    return f"```text\n$ pytest -q\n{text.strip()}\n```"


def _report(path: str) -> str:
    """Return what pytest prints of a failing test, from the line that fails."""
    printed = _pytest(path)
    return "```text" + printed[printed.index("\n>") : printed.index("\n=", printed.index("\n>"))] + "\n```"


def _options() -> str:
    defaults = {name: repr(getattr(Options, name)).replace("'", '"') for name in OPTIONS}
    rows = [(f"`{name}`", f"`{defaults[name]}`", option.help) for name, option in OPTIONS.items()]
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
    """Return every control call: what it does, its arguments, a line for curl, and the response to that."""
    document = control_application().openapi()
    return "\n".join(
        _control_call(method.upper(), path, call)
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    )


def _control_call(method: str, path: str, call: Mapping[str, Any]) -> str:
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = body.get("schema", {})
    named = [each for each in call.get("parameters", ()) if each["in"] != "header"]
    rows = [(f"`{each['name']}`", each["in"], _argument(each["schema"], each.get("description", ""))) for each in named]
    rows += [
        (f"`{name}`", "body", ("required. " if name in schema.get("required", ()) else "") + _argument(each, ""))
        for name, each in schema.get("properties", {}).items()
    ]
    example = {each["name"]: str(each["example"]) for each in named if each["example"] != "any"}
    query = urlencode(
        {each["name"]: example[each["name"]] for each in named if each["in"] == "query" and each["name"] in example}
    )
    target = path.format(**example) + (f"?{query}" if query else "")
    line = f"curl{'' if method == 'GET' else f' -X {method} -H X-Detective-Fake:1'}"
    line += f" 'http://127.0.0.1:4580{target}'" + (f" -d '{json.dumps(body['example'])}'" if body else "")
    response = json.dumps(call["responses"]["200"]["content"]["application/json"]["example"], indent=2)
    lines = response.splitlines()
    shown = "\n".join([*lines[:_RESPONSE_LINES], "…"] if len(lines) > _RESPONSE_LINES else lines)
    arguments = f"{_table(('argument', 'in', 'meaning'), rows)}\n\n" if rows else ""
    return f"### {method} {path}\n\n{call['description']}\n\n{arguments}```sh\n{line}\n```\n\n```none\n{shown}\n```\n"


def _argument(schema: Mapping[str, Any], description: str) -> str:
    return description or schema.get("description", "")


def _server_limits() -> str:
    texts = _descriptions(Limits)
    rows = [(texts[each.name], f"{each.default:,}") for each in attrs.fields(Limits)]
    return _table(("what", "limit"), rows)


def _commands() -> str:
    names = ["", *re.findall(r"^    (\w+) ", _help_of(""), re.MULTILINE)]
    titles = [f"detective-fake {name}".rstrip() for name in names]
    helps = map(_help_of, names)
    return "\n".join(f"## {title}\n\n```none\n{text}\n```\n" for title, text in zip(titles, helps, strict=True))


def _help_of(command: str) -> str:
    columns = mock.patch.dict(os.environ, COLUMNS="80")
    with columns, contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
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
    return {**api.descriptions(cls, "Args"), **api.descriptions(cls, "Attributes")}


def _shown(default: object) -> str:
    return str(default) if default.__class__.__name__ == "timedelta" else repr(default)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _benchmarks() -> str:
    """Return the recorded results of `nox -s bench`."""
    results = json.loads(BENCHMARKS.read_text("utf-8"))
    rows = [(row["what"], row["against"], f"{row['measured']:.3g}") for row in results["rows"]]
    versions = ", ".join(f"{name} {value}" for name, value in results["machine"].items())
    return f"{_table(('what', 'compared with', 'ratio'), rows)}\n\nMeasured with {versions}."


GENERATORS: Final[Mapping[str, Callable[..., str]]] = {
    "api": api.page,
    "api-names": api.summary_table,
    "benchmarks": _benchmarks,
    "code": _code,
    "commands": _commands,
    "common-errors": _common_errors,
    "control-calls": _control_calls,
    "fidelity": lambda: fidelity.markdown(fidelity.load(), operations()),
    "file": _file,
    "inferred-rules": lambda: fidelity.inferred(fidelity.load()),
    "lines": _lines,
    "membership-events": membership_diagram.events,
    "options": _options,
    "pytest": _pytest,
    "quotas": lambda: _limits(Quotas),
    "report": _report,
    "behavior": lambda: _limits(Behavior),
    "scenario-keys": _scenario_keys,
    "server-limits": _server_limits,
    "settings": _settings,
    "timings": lambda: _limits(Timings),
}

FILES: Final[Mapping[Path, Callable[[], str]]] = {DOCS / "explanation" / "membership.svg": membership_diagram.svg}
"""Files that are generated as a whole."""

if __name__ == "__main__":
    write()
