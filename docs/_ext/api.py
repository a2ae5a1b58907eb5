"""Writes the reference of the Python API as Markdown, from signatures and docstrings.

`PAGES` says on which page each public name is. A method of `DetectiveFake` that no page names is on the page `fake`,
a type that no page names is on the page `values`.
"""

from __future__ import annotations

import functools
import inspect
import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, get_args, get_origin

import attrs

import detective_fake
from detective_fake import DetectiveFake, errors, types
from detective_fake.scenario.files import Problem, ScenarioError
from detective_fake.server.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SECTION: Final = re.compile(r"^(Args|Attributes|Raises|Source):", re.MULTILINE)
_ENTRY: Final = re.compile(r"^    ([\w*]+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_SOURCE: Final = re.compile(r"\s*Source: .*", re.DOTALL)
_MAX_WIDTH: Final = 88


class Part(NamedTuple):
    """A class on a page.

    Attributes:
        name: Its public name.
        prefix: What a user writes before the members.
        members: The members that a user needs; None for all public ones.
        hidden: Public members and attributes that are for the package itself.
    """

    name: str
    prefix: str = ""
    members: str | None = ""
    hidden: str = ""


FAKE: Final = "DetectiveFake"

_ALIASES: Final[Mapping[str, str]] = {
    "Packages": "Mapping[DatasourcePackage, PackageIngest]",
    "PackageTimes": 'Mapping[Literal["started_at", "stopped_at"], datetime]',
    "Rule": "Fault | Denial | Override",
    "State": "InvestigationStateName",
    "Status": "InvestigationStatusName",
    "When": 'Literal["before", "after"]',
}
"""What a reader sees of types that are not public."""

PAGES: Final[Mapping[str, tuple[Part, ...]]] = {
    "fake": (Part(FAKE, "fake", None), Part("Snapshot", hidden="state clock")),
    "callers": (
        Part(FAKE, "fake", "account_id region acting_as credentials session client"),
        Part("Caller"),
        Part("Credentials"),
    ),
    "seed": (Part(FAKE, "fake", "seed"), Part("Seed", "fake.seed", None, "on")),
    "time": (
        Part(FAKE, "fake", "clock settle pending timings"),
        Part("TimeControl", "fake.clock", None),
        Part("PendingEvent"),
        Part("EventKind"),
        Part("TimingName"),
    ),
    "faults": (
        Part(FAKE, "fake", "faults deny on backoffs unused_report"),
        Part("Faults", "fake.faults", "add unused clear"),
        Part("Fault", "fault", "remove end"),
        Part("Denial", "denial", "allow remove"),
        Part("Override", "override", "remove end"),
        Part("OverriddenCall", "call", "proceed"),
        Part("Backoff"),
        Part("ErrorCode"),
        Part("NetworkError"),
    ),
    "journal": (
        Part(FAKE, "fake", "calls assert_called assert_not_called forget_calls cloudtrail save_trail emails"),
        Part("Journal", "fake.calls", "of by failed"),
        Part("CallRecord", "call", None),
        Part("Attempt", "attempt", None),
        Part("Emails", "fake.emails", "to"),
        Part("Email"),
        Part("Request", hidden="malformed valid"),
        Part("OperationName"),
    ),
    "organizations": (
        Part(FAKE, "fake", "organizations"),
        Part("OrganizationControl", "organization", None),
        Part("Organization"),
        Part("Designation"),
    ),
    "serving": (Part(FAKE, "fake", "serve"), Part("Endpoint", "endpoint", None)),
    "values": (Part(FAKE, "fake", "graphs members"),),
    "errors": (
        Part("FakeUsageError"),
        Part("NotFaked"),
        Part("UnusedFaults"),
        Part("ScenarioError"),
        Part("Problem"),
        Part("ServiceError"),
    ),
}

ON_OTHER_PAGES: Final = {"Options": "options.md", "Timings": "options.md#timings", "Quotas": "options.md#quotas"}
"""Types that have tables of their own."""

_ALIAS: Final = re.compile(rf"\b(?:{'|'.join(_ALIASES)})\b")


def objects() -> dict[str, Any]:
    """Return every public name with its object."""
    ours = {name: getattr(detective_fake, name) for name in detective_fake.__all__}
    others = {
        "Endpoint": Endpoint,
        "Problem": Problem,
        "ScenarioError": ScenarioError,
        "UnusedFaults": errors.UnusedFaults,
    }
    return {**ours, **others, **{name: getattr(types, name) for name in types.__all__}}


@functools.cache
def parts(name: str) -> tuple[Part, ...]:
    """Return the classes of a page, with those that no page names."""
    listed = {part.name for each in PAGES.values() for part in each} | set(ON_OTHER_PAGES)
    rest = [Part(each) for each in objects() if each not in listed]
    return (*PAGES[name], *(rest if name == "values" else ()))


def names(part: Part) -> list[str]:
    """Return the names of the members that are documented with a class."""
    if part.members is not None:
        return part.members.split()
    cls = objects()[part.name]
    elsewhere = {each for one in PAGES.values() for other in one if other.name == part.name for each in names_of(other)}
    found = [name for each in reversed(cls.__mro__) for name in vars(each) if not name.startswith("_")]
    skipped = {*part.hidden.split(), *elsewhere, *descriptions(cls, "Attributes")}
    return [name for name in dict.fromkeys(found) if name not in skipped]


def names_of(part: Part) -> list[str]:
    """Return the members that a page names."""
    return (part.members or "").split()


def page(name: str) -> str:
    """Return the generated part of a page."""
    return "\n\n".join(block for part in parts(name) for block in _class(part))


def summary_table() -> str:
    """Return a table of all public names: the page of each, and its summary."""
    lines = ["| name | what it is |", "| --- | --- |"]
    for name, target in sorted(_targets().items(), key=lambda each: each[0].lower()):
        lines.append(f"| [`{name}`]({target}) | {_summary(name, objects()[name])} |")
    return "\n".join(lines)


def _targets() -> dict[str, str]:
    found = dict(ON_OTHER_PAGES)
    for name in PAGES:
        for part in parts(name):
            found.setdefault(part.name, f"{name}.md#{anchor(part.name)}")
    return found


def anchor(heading: str) -> str:
    """Return the anchor of a heading, on the repository page as on the site."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _summary(name: str, value: object) -> str:
    if get_origin(value) is Literal:
        return f"The {len(get_args(value))} values that type checkers accept as {_words(name)}."
    return _text(_docstring(value)).partition("\n\n")[0].replace("\n", " ").replace("|", r"\|")


def _words(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name.removesuffix("Name")).lower()


def _class(part: Part) -> Iterator[str]:
    value = objects()[part.name]
    is_described = part.name != FAKE or part.members is None
    if is_described:
        yield f"## {part.name}"
    if get_origin(value) is Literal:
        yield f"{_summary(part.name, value)} Import it from `detective_fake.types`."
        yield ", ".join(f"`{each}`" for each in get_args(value))
        return
    if is_described:
        if _is_created_by_users(value):
            yield _signature(part.name, value)
        yield _text(_docstring(value))
    if isinstance(value, type) and issubclass(value, Enum):
        yield ", ".join(f"`{each.value}`" for each in value)
    rows = [f"| `{name}` | {type_} | {text} |" for name, type_, text in _attributes(value, part.hidden.split())]
    if rows:
        yield "\n".join(["| attribute | type | what it is |", "| --- | --- | --- |", *rows])
    for name in names(part):
        yield f"{'###' if is_described else '##'} {part.prefix}.{name}"
        yield from _member(value, part.prefix, name)


def _is_created_by_users(value: Any) -> bool:
    return value in {DetectiveFake, errors.ServiceError} or types.Indicator in getattr(value, "__bases__", ())


def _member(cls: type, prefix: str, name: str) -> Iterator[str]:
    member = inspect.getattr_static(cls, name)
    if isinstance(member, property):
        kind = inspect.signature(member.fget).return_annotation if member.fget else ""
        yield f"`{_plain(kind)}`"
        yield _text(_docstring(member))
        return
    member = getattr(cls, name)
    yield _signature(f"{prefix}.{name}", member)
    yield _text(_docstring(member))
    rows = [f"- `{each}`: {meaning}" for each, meaning in descriptions(member, "Args").items()]
    rows += [f"- Raises `{each}`: {meaning}" for each, meaning in descriptions(member, "Raises").items()]
    if rows:
        yield "\n".join(rows)


def _signature(name: str, value: Any) -> str:
    """Return a signature as a user writes the call: without `self`, each argument on a line if it is long."""
    signature = inspect.signature(value)
    given = [each for each in signature.parameters.values() if each.name != "self"]
    shown: list[str] = []
    for each in given:
        if each.kind is each.KEYWORD_ONLY and "*" not in shown and not any(one.startswith("*") for one in shown):
            shown.append("*")
        shown.append(_parameter(each))
    result = _plain(signature.return_annotation)
    if inspect.isgeneratorfunction(inspect.unwrap(value)):
        result = result.replace("Iterator", "AbstractContextManager")
    end = f" -> {result}" if result and result != "None" and not isinstance(value, type) else ""
    line = f"{name}({', '.join(shown)}){end}"
    if len(line) > _MAX_WIDTH:
        line = "\n".join([f"{name}(", *(f"    {each}," for each in shown), f"){end}"])
    return f"```python\n{line}\n```".replace("'", '"').replace(
        "tuple[R, ...]", "tuple[Fault, ...]"
    )  # `Rules` is generic


def _parameter(given: inspect.Parameter) -> str:
    stars = {given.VAR_POSITIONAL: "*", given.VAR_KEYWORD: "**"}.get(given.kind, "")
    kind = _plain(given.annotation)
    text = f"{stars}{given.name}: {kind}" if kind else f"{stars}{given.name}"
    if given.default is given.empty:
        return text
    is_marker = given.default.__class__.__module__.startswith(("detective_fake", "attr"))
    default = "..." if is_marker else repr(given.default)
    return f"{text} = {default}"


def _plain(annotation: object) -> str:
    if annotation is inspect.Signature.empty:
        return ""
    if annotation is None or annotation is type(None):
        return "None"
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return _ALIAS.sub(lambda found: _ALIASES[found[0]], text.replace("datetime.", ""))


def _attributes(value: Any, hidden: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and description of the attributes that a docstring describes, or else of all fields."""
    hints = _hints(value)
    is_record = (attrs.has(value) or hasattr(value, "__total__")) and not _is_created_by_users(value)
    fields = dict.fromkeys((name for name in hints if name[0] != "_"), "") if is_record else {}
    for name, text in (descriptions(value, "Attributes") or fields).items():
        if name in hidden:
            continue
        kind = hints.get(name, "")
        yield name, f"`{kind}`".replace("|", r"\|") if kind else "", _SOURCE.sub("", text).replace("|", r"\|")


def _hints(value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in reversed(getattr(value, "__mro__", ())):
        for name, hint in inspect.get_annotations(each).items():
            found[name] = _plain(getattr(hint, "__forward_arg__", hint))
    return found


def _docstring(value: Any) -> str:
    if isinstance(value, type) and "__doc__" not in vars(value):
        return ""
    return inspect.cleandoc(value.__doc__ or "")


def _text(docstring: str) -> str:
    """Return a docstring without its sections, and without the source of a rule."""
    found = _SECTION.search(docstring)
    return _SOURCE.sub("", docstring[: found.start()] if found else docstring).strip()


def descriptions(value: Any, section: str) -> dict[str, str]:
    """Return the descriptions of a section of a docstring, by name."""
    _, *found = _SECTION.split(_docstring(value))
    sections = dict(zip(found[::2], found[1::2], strict=True))
    return {each[1]: " ".join(each[2].split()) for each in _ENTRY.finditer(sections.get(section, ""))}
