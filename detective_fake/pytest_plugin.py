"""The pytest plugin: fixtures, marker, options, and what a failing test's report says of its fakes.

Knows how pytest is told what `DetectiveFake` takes, and when a fake starts and stops; what one does is none of its
business. Until a test asks for a fake it has loaded pytest and the standard library only.

Where a fake has its options from, the first that says something: markers, the closest first; `--detective-fake-wire`;
the `detective_fake_…` settings of the configuration file; the defaults of `DetectiveFake`. A marker speaks to the
fixtures whose scope lies within what is marked, and no marker to those of packages and sessions. A marked test that
asks for no such fixture gets `detective_fake` all the same.
"""

from __future__ import annotations

import inspect
import re
import sys
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from typing import Literal, NoReturn

    from _pytest.nodes import Node

    from detective_fake.fake import DetectiveFake

__all__ = [
    "OPTIONS",
    "class_detective_fake",
    "detective_fake",
    "module_detective_fake",
    "package_detective_fake",
    "session_detective_fake",
]

MARKER: Final = "detective_fake"
WIRE_FLAG: Final = "--detective-fake-wire"

_SCOPES: Final[Mapping[str, type[Node] | None]] = {
    "detective_fake": None,
    "class_detective_fake": pytest.Class,
    "module_detective_fake": pytest.Module,
    "package_detective_fake": pytest.Package,
    "session_detective_fake": pytest.Session,
}
"""Fixture -> the kind of node whose markers it sees; None for the test itself."""


class _Kind(NamedTuple):
    """A kind of setting.

    Attributes:
        ini: What pytest makes of the text: its `type`.
        read: Makes the option of that; raises ValueError or TypeError where it cannot.
        expected: What it is, in words.
    """

    ini: Literal["bool", "int", "linelist", "string"]
    read: Callable[[Any, pytest.Config], object]
    expected: str


def _as_it_is(value: object, _: pytest.Config) -> object:
    return value


def _path(value: str, config: pytest.Config) -> str:
    base = config.inipath.parent if config.inipath else config.invocation_params.dir
    return str(base / value)


def _timings(lines: Iterable[str], _: pytest.Config) -> dict[str, object]:
    return {name: timedelta(seconds=value) if isinstance(value, int) else value for name, value in map(_limit, lines)}


def _quotas(lines: Iterable[str], _: pytest.Config) -> dict[str, object]:
    return dict(map(_limit, lines))


def _limit(line: str) -> tuple[str, int | timedelta | None]:
    name, _, text = (part.strip() for part in line.partition("="))
    if text == "settle":
        return name, None
    if text.isdecimal():
        return name, int(text)
    if not re.fullmatch(f"{_PART}( {_PART})*", text):
        message = f"{line!r} is none of these"
        raise ValueError(message)
    return name, timedelta(**{f"{unit}s": int(number) for number, unit in re.findall(_PART, text)})


_PART: Final = "([0-9]+) (day|hour|minute|second|millisecond)s?"

_BOOLEAN: Final = _Kind("bool", _as_it_is, "true or false")
# What pytest takes for a string has to be one in its native TOML files; from 8.4 on it knows numbers.
_INT: Final = "int" if pytest.version_tuple >= (8, 4) else "string"
_NUMBER: Final = _Kind(_INT, lambda value, _: int(value), "a whole number")
_TEXT: Final = _Kind("string", _as_it_is, "a text")
_FILE: Final = _Kind("string", _path, "a path, from the folder of the configuration file")
_TIMINGS: Final = _Kind(
    "linelist", _timings, "lines such as 'verification = 5 minutes', with a duration, whole seconds, or 'settle'"
)
_QUOTAS: Final = _Kind("linelist", _quotas, "lines such as 'members_per_graph = 3', with a whole number or a duration")


class _Option(NamedTuple):
    kind: _Kind
    help: str


OPTIONS: Final[Mapping[str, _Option]] = {
    "account_id": _Option(_TEXT, "who calls where a client's credentials name no account"),
    "region": _Option(_TEXT, "Region of the clients it makes, and of AWS_REGION"),
    "seed": _Option(_NUMBER, "what ids are made from"),
    "wire": _Option(_BOOLEAN, "let botocore sign, send, retry and parse every call"),
    "hermetic": _Option(_BOOLEAN, "put neutral AWS settings into the environment"),
    "page_size": _Option(_NUMBER, "the most items on any page"),
    "timings": _Option(_TIMINGS, "how long AWS takes, by name"),
    "quotas": _Option(_QUOTAS, "limits, by name"),
    "scenario": _Option(_FILE, "what is there from the beginning"),
    "unmet_faults": _Option(_TEXT, "whether a fault that no call meets is an error"),
    "real_backoff": _Option(_BOOLEAN, "let botocore really wait before it tries again"),
    "disabled_may_leave": _Option(_BOOLEAN, "let members that are not enabled disassociate themselves"),
    "missing_regions": _Option(_TEXT, "what becomes of calls to Regions without Detective"),
}
"""Every option of `DetectiveFake`, as the marker takes it and, after `detective_fake_`, the configuration file."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add a setting for each option, and the flag."""
    for name, (kind, text) in OPTIONS.items():
        parser.addini(_setting(name), f"Detective fakes: {text}; {kind.expected}", kind.ini, default=None)
    parser.getgroup("detective_fake", "Amazon Detective in process").addoption(
        WIRE_FLAG,
        action="store_true",
        help="let botocore sign, send, retry and parse every call to the fakes of the detective_fake fixtures",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse settings that cannot be.

    Raises:
        pytest.UsageError: A setting is unknown, or of another kind.
    """
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**options): answer Amazon Detective calls from a fake made with these options of DetectiveFake; "
        "on a class or module also those of its class_ or module_detective_fake.",
    )
    known = [_setting(name) for name in OPTIONS]
    for name in _settings(config):
        if name.startswith(_setting("")) and name not in known:
            message = f"There is no setting {name!r}; {_nearest(name, known)}"
            raise pytest.UsageError(message)
    config.stash[_FAKES] = _Fakes(_configured(config))


def _setting(option: str) -> str:
    return f"detective_fake_{option}"


def _settings(config: pytest.Config) -> Iterable[str]:
    """Return the names of all settings of the configuration file and of `--override-ini`."""
    # Public up to pytest 8, and nothing has taken its place.
    in_file: Iterable[str] = getattr(config, "_inicfg" if hasattr(config, "_inicfg") else "inicfg")
    overriding = config.getoption("override_ini") or ()
    return [*in_file, *(each.partition("=")[0] for each in overriding)]


def _configured(config: pytest.Config) -> dict[str, Any]:
    """Return the options that command line and configuration file give."""
    settings = {name: _value(config, name, kind) for name, (kind, _) in OPTIONS.items()}
    if config.getoption(WIRE_FLAG):
        settings["wire"] = True
    return {name: value for name, value in settings.items() if value is not None}


def _value(config: pytest.Config, name: str, kind: _Kind) -> object:
    """Return what a setting says, None if it is not there."""
    try:
        value = config.getini(_setting(name))
        return None if value is None else kind.read(value, config)
    except (TypeError, ValueError, pytest.UsageError) as error:
        message = f"The setting {_setting(name)} takes {kind.expected}: {error}"
        raise pytest.UsageError(message) from None


def _nearest(name: str, known: Iterable[str]) -> str:
    from detective_fake.domain.choices import nearest  # noqa: PLC0415 - whoever makes no mistake need not load it

    return f"did you mean {nearest(name, known)!r}?"


class _Running:
    """One fixture's fake.

    Attributes:
        fixture: Name of the fixture.
        failed: Whether a test has failed while it was active.
    """

    def __init__(self, fake: DetectiveFake, fixture: str) -> None:
        self.fake = fake
        self.fixture = fixture
        self.failed = False

    def check_faults(self) -> None:
        """Fail the test if there are faults that no call has met, and nobody said to ignore them."""
        report = self.fake.unmet_faults_report()
        if report is not None:
            _refuse(report)


class _Fakes:
    """The fakes of fixtures.

    Attributes:
        configured: Their options, as command line and configuration file have it.
        active: Outermost first.
        ended: Those that were active at some time in the present test; its teardown may still fail.
    """

    def __init__(self, configured: dict[str, Any]) -> None:
        self.configured = configured
        self.active: list[_Running] = []
        self.ended: list[_Running] = []


_FAKES: Final = pytest.StashKey[_Fakes]()


def _fake(request: pytest.FixtureRequest) -> Iterator[DetectiveFake]:
    """Answer Amazon Detective calls from a fresh, empty fake: for one test or, as its prefix says, for many."""
    fixture, fakes = request.fixturename or "", request.config.stash[_FAKES]
    try:
        fake: DetectiveFake = _loaded("detective_fake.fake").DetectiveFake(**_options(request, fakes.configured))
    except _loaded("detective_fake.errors").FakeUsageError as error:
        _refuse(f"{fixture}: {error}")
    running = _Running(fake, fixture)
    fake.start()
    fakes.active.append(running)
    yield fake
    fakes.active.remove(running)
    fakes.ended.append(running)
    fake.stop()
    if request.scope != "function" and not running.failed:
        running.check_faults()


def _loaded(module: str) -> Any:
    # Most test runs never ask for a fake; and where many tests do, this is ten times as quick as an import statement.
    return sys.modules.get(module) or import_module(module)


detective_fake = pytest.fixture(_fake)
class_detective_fake = pytest.fixture(_fake, scope="class")
module_detective_fake = pytest.fixture(_fake, scope="module")
package_detective_fake = pytest.fixture(_fake, scope="package")
session_detective_fake = pytest.fixture(_fake, scope="session")


def _options(request: pytest.FixtureRequest, configured: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options for a fixture's fake, of whatever says something about them."""
    options = dict(configured)
    for marker in reversed(list(request.node.iter_markers(MARKER))):
        if marker.args:
            _refuse(f"@pytest.mark.{MARKER} takes options by keyword, not {marker.args[0]!r}.")
        for name in marker.kwargs.keys() - OPTIONS.keys():
            _refuse(f"@pytest.mark.{MARKER} has no option {name!r}; {_nearest(name, OPTIONS)}")
        options.update(marker.kwargs)
    return options


def _refuse(text: str) -> NoReturn:
    # Not pytest.fail(): where this happens says nothing, nor does what it happened in.
    raise pytest.fail.Exception(text, pytrace=False) from None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each marked test a fake, unless it has asked for one that sees the marker."""
    for item in items:
        marked = next(item.iter_markers_with_node(MARKER), None)
        if marked is not None and isinstance(item, pytest.Function):
            asked = [name for name in item.fixturenames if name in _SCOPES]
            if not any(_sees(item, name, marked[0]) for name in asked):
                _add_fake(item)


def _sees(item: pytest.Function, fixture: str, marked: Node) -> bool:
    """Return whether a fixture's scope lies within what is marked."""
    kind = _SCOPES[fixture]
    # As pytest does for a test outside of any class that uses a fixture of a class.
    node = (kind and item.getparent(kind)) or item
    return marked in node.listchain()


def _add_fake(item: pytest.Function) -> None:
    """Let a test have a fake that all its own fixtures find at work, but none of a wider scope."""
    fixtures, definitions = item.fixturenames, item._fixtureinfo.name2fixturedefs  # noqa: SLF001 - nobody else knows
    wider = [name in definitions and definitions[name][-1].scope != "function" for name in fixtures]
    position = [*wider, False].index(False)
    # A new list: a test's parameters share the other.
    item.fixturenames = [*fixtures[:position], "detective_fake", *fixtures[position:]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test fail whose own fake has faults that no call has met."""
    __tracebackhide__ = True
    result = yield
    for running in item.config.stash[_FAKES].active:
        if running.fixture == "detective_fake":
            running.check_faults()
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failing test what there is to say of its fakes."""
    __tracebackhide__ = True
    report = yield
    fakes = item.config.stash[_FAKES]
    if report.failed:
        _explain(report, call, fakes)
    if call.when == "teardown":
        fakes.ended.clear()
    return report


def _explain(report: pytest.TestReport, call: pytest.CallInfo[None], fakes: _Fakes) -> None:
    texts: dict[int, str] = {}
    for running in [*reversed(fakes.active), *fakes.ended]:
        running.failed = True
        texts[id(running.fake)] = f"{running.fixture}: {_state(running.fake)}"
    for place, fake in _local_fakes(call):
        texts.setdefault(id(fake), f"{place}: {_state(fake)}")
    if texts:
        report.sections.append(("detective_fake", "\n\n".join(texts.values())))


def _local_fakes(call: pytest.CallInfo[None]) -> Iterator[tuple[str, DetectiveFake]]:
    """Yield the fakes that stand in variables of the failing functions: those of `with` statements and decorators."""
    kind = getattr(sys.modules.get("detective_fake.fake"), "DetectiveFake", None)
    traceback = call.excinfo.tb if kind and call.excinfo else None
    while traceback is not None:
        frame = traceback.tb_frame
        # Of a class body they may be any object, which a metaclass has made.
        variables = dict(frame.f_locals) if frame.f_code.co_flags & inspect.CO_OPTIMIZED else {}
        for name, value in variables.items():
            # Not isinstance(): that asks the value, and a proxy may answer anything.
            if kind in type(value).__mro__:
                yield f"{name} in {frame.f_code.co_name}()", value
        traceback = traceback.tb_next


def _state(fake: DetectiveFake) -> str:
    from detective_fake.views.report import failure_report  # noqa: PLC0415 - tests that pass have none

    try:
        return failure_report(fake)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not hide why the test fails
        return f"no report, because of {error!r}"
