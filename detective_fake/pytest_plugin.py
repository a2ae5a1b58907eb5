"""The pytest plugin: fixtures, marker, settings, and the report of a failing test.

It imports only pytest and the standard library until a test uses a fake.

A fake takes each option from the first of these that gives it: markers, the closest first; `--detective-fake-wire`; the
`detective_fake_…` settings of the configuration file; the defaults of `DetectiveFake`. A marker applies to fixtures
whose scope lies within the marked test, class or module, so not to package and session fixtures. A marked test that
requests no such fixture gets `detective_fake`.
"""

# ruff: noqa: E402 - the finder is there before the modules that it finds
# ruff: noqa: SLF001 - a fake has no public names for what only this plugin needs

from __future__ import annotations

import os
import re
import sys
from functools import partial
from importlib.machinery import PathFinder
from traceback import walk_tb
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, cast

import pytest


class _Finder:
    """Lets Python load this package. pytest, which looks for assertions to rewrite, would take three times as long."""

    @staticmethod
    def find_spec(name: str, *arguments: Any) -> Any:
        return PathFinder.find_spec(name, *arguments) if name.startswith("detective_fake.") else None


sys.meta_path.insert(0, _Finder)

from detective_fake.interception import environment
from detective_fake.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from typing import NoReturn

    from _pytest.nodes import Node

    from detective_fake.exchange import Request
    from detective_fake.fake import DetectiveFake
    from detective_fake.options import Option

__all__ = [
    "class_detective_fake",
    "detective_fake",
    "module_detective_fake",
    "package_detective_fake",
    "session_detective_fake",
]

MARKER: Final = "detective_fake"
WIRE_FLAG: Final = "--detective-fake-wire"
GUARD: Final = "detective_fake_guard"

SHOWN: Final = 3
"""The most fakes in the report of a failing test."""

_INTERNAL: Final = frozenset({"aiobotocore", "boto3", "botocore", "contextlib", "detective_fake"})

_SCOPES: Final[Mapping[str, type[Node] | None]] = {
    "detective_fake": None,
    "class_detective_fake": pytest.Class,
    "module_detective_fake": pytest.Module,
    "package_detective_fake": pytest.Package,
    "session_detective_fake": pytest.Session,
}
"""Fixture -> the kind of node whose markers apply to it; None for the test itself."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add a setting for each option, and the flag."""
    for name, option in OPTIONS.items():
        # Before 8.4, pytest has no settings of type "int".
        ini = "string" if option.kind.ini == "int" and pytest.version_tuple < (8, 4) else option.kind.ini
        text = f"Detective fakes: {option.help}. Expected: {option.kind.expected}."
        parser.addini(_setting(name), text, ini, default=None)
    text = "Refuse Detective calls that no fake answers, and report fakes that a test does not stop."
    parser.addini(GUARD, text, "bool", default=False)
    parser.getgroup("detective_fake", "Amazon Detective in process").addoption(
        WIRE_FLAG, action="store_true", help=f"for the fakes of fixtures: {OPTIONS['wire'].help}"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and read the settings.

    Raises:
        pytest.UsageError: A setting is unknown or invalid.
    """
    environment.remember_machine()
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**options): answer Amazon Detective calls with a fake that has these options of DetectiveFake; "
        "on a class or module also for its class_ or module_detective_fake.",
    )
    known = {_setting(name): name for name in OPTIONS}
    settings: dict[str, object] = {}
    for setting in _setting_names(config):
        if setting in known:
            settings[known[setting]] = _value(config, setting, OPTIONS[known[setting]])
        elif setting.startswith(_setting("")) and setting != GUARD:
            raise pytest.UsageError(f"There is no setting {setting!r}; {_suggestion(setting, [GUARD, *known])}")
    if config.getoption(WIRE_FLAG):
        settings["wire"] = True
    config.stash[_CONFIGURED] = settings
    if config.getini(GUARD):
        config.pluginmanager.register(_Guard(config), GUARD)


def pytest_unconfigure() -> None:
    """Remove the finder. Python would keep it, and with it all of pytest, to its very end."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _Finder]


def _setting(option: str) -> str:
    return f"detective_fake_{option}"


def _setting_names(config: pytest.Config) -> Iterable[str]:
    """Return the names of all settings in the configuration file and of `--override-ini`."""
    # `inicfg` is public up to pytest 8, and later versions have no public replacement.
    in_file: Iterable[str] = getattr(config, "_inicfg" if hasattr(config, "_inicfg") else "inicfg")
    overridden = config.getoption("override_ini") or ()
    return [*in_file, *(each.partition("=")[0] for each in overridden)]


def _value(config: pytest.Config, setting: str, option: Option) -> object:
    """Return the value of a setting."""
    folder = config.inipath.parent if config.inipath else config.invocation_params.dir
    try:
        return option.kind.read(config.getini(setting), folder)
    except (TypeError, ValueError, pytest.UsageError) as error:
        raise pytest.UsageError(f"The setting {setting} must be {option.kind.expected}: {error}") from None


def _suggestion(name: str, known: Iterable[str]) -> str:
    from detective_fake.domain.choices import nearest  # noqa: PLC0415 - imports attrs

    return f"did you mean {nearest(name, known)!r}?"


_CONFIGURED: Final = pytest.StashKey["Mapping[str, Any]"]()
"""The options from the command line and the configuration file."""

_LABEL: Final = pytest.StashKey[str]()
"""How reports name the fake that a marker has added to a test with a wider fixture."""


def _started() -> list[DetectiveFake]:
    """Return the active fakes, the innermost first, and then those that have ended in this test."""
    newest_first = getattr(sys.modules.get("detective_fake.fake"), "STARTED", [])[::-1]
    return sorted(newest_first, key=lambda fake: not fake.active)


def _active() -> list[DetectiveFake]:
    return [fake for fake in _started() if fake.active]


def _check_unused(fake: DetectiveFake) -> None:
    """Fail the test if there are unused faults."""
    report = fake.unused_report()
    if report is not None:
        _fail(report)


def _fake(request: pytest.FixtureRequest) -> Iterator[DetectiveFake]:
    """Answer Amazon Detective calls with a new, empty fake: for one test or, as the prefix says, for many."""
    from detective_fake.errors import FakeUsageError  # noqa: PLC0415 - most test runs use no fake
    from detective_fake.fake import DetectiveFake  # noqa: PLC0415 - as above

    name = request.fixturename or ""
    configured = request.config.stash[_CONFIGURED]
    try:
        fake = DetectiveFake(**_options(request, configured))
    except FakeUsageError as error:
        _fail(f"{name}: {error}")
    fake.start()
    fake._label = request.node.stash.get(_LABEL, name)
    yield fake
    if fake.active:  # else the test has stopped it
        fake.stop()
    if request.scope != "function":
        _check_unused(fake)


detective_fake = pytest.fixture(_fake)
class_detective_fake = pytest.fixture(_fake, scope="class")
module_detective_fake = pytest.fixture(_fake, scope="module")
package_detective_fake = pytest.fixture(_fake, scope="package")
session_detective_fake = pytest.fixture(_fake, scope="session")


def _options(request: pytest.FixtureRequest, configured: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options for the fake of a fixture, from markers and settings."""
    options = dict(configured)
    for marker in reversed(list(request.node.iter_markers(MARKER))):
        if marker.args:
            _fail(f"@pytest.mark.{MARKER} takes options by keyword, not {marker.args[0]!r}.")
        for name in marker.kwargs.keys() - OPTIONS.keys():
            _fail(f"@pytest.mark.{MARKER} has no option {name!r}; {_suggestion(name, OPTIONS)}")
        options.update(marker.kwargs)
    return options


def _fail(text: str) -> NoReturn:
    # Not `pytest.fail()`, whose traceback would show this module.
    raise pytest.fail.Exception(text, pytrace=False) from None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each marked test a fake, unless it requests one that the marker applies to."""
    for item in items:
        marked = next(item.iter_markers_with_node(MARKER), None)
        if marked is not None and isinstance(item, pytest.Function):
            requested = [name for name in item.fixturenames if name in _SCOPES]
            if not any(_applies(marked[0], item, name) for name in requested):
                _add_fake(item)


def _applies(marked: Node, item: pytest.Function, fixture: str) -> bool:
    """Return whether a fixture's scope lies within the marked node."""
    kind = _SCOPES[fixture]
    # Like pytest, take the test itself if it is outside of any class and requests a class fixture.
    node = (kind and item.getparent(kind)) or item
    return marked in node.listchain()


def _add_fake(item: pytest.Function) -> None:
    """Add `detective_fake` before a test's own function-scoped fixtures and after all wider ones."""
    fixtures, definitions = item.fixturenames, item._fixtureinfo.name2fixturedefs
    other = ", ".join(name for name in fixtures if name in _SCOPES)
    if other:
        item.stash[_LABEL] = f"detective_fake (the marker has started it, because it does not apply to {other})"
    wider = [name in definitions and definitions[name][-1].scope != "function" for name in fixtures]
    position = [*wider, False].index(False)
    # A new list, because the test's parametrized variants share the old one.
    item.fixturenames = [*fixtures[:position], "detective_fake", *fixtures[position:]]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Leave the environment as it was, also if a patcher ends after the fake that began before it."""
    result = yield
    if "detective_fake.fake" in sys.modules:
        environment.put_right()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Fail a test whose own fake has unused faults."""
    __tracebackhide__ = True
    result = yield
    for fake in _active():
        if fake._label.startswith("detective_fake"):
            _check_unused(fake)
    return result


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Compare objects of this package by their `repr`, which masks addresses and messages; pytest shows attributes."""
    kind = type(left)
    if op != "==" or kind is not type(right) or not kind.__module__.startswith("detective_fake."):
        return None
    names = [each.name for each in getattr(kind, "__attrs_attrs__", ())]
    different = [name for name in names if getattr(left, name) != getattr(right, name)]
    return [f"{left!r} == {right!r}", f"Different attributes: {', '.join(different)}"]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the state of the fakes to the report of a failing test."""
    __tracebackhide__ = True
    report = yield
    if report.failed:
        text = _explain_scope(call) or "\n\n".join(f"{fake._label}: {_state(fake)}" for fake in _started()[:SHOWN])
        if text:
            report.sections.append(("detective_fake", text))
        for rule in [rule for fake in _active() for rule in fake.unused_rules()]:
            rule.excused = True
    if call.when == "teardown" and _started():
        sys.modules["detective_fake.fake"].STARTED[:] = _active()[::-1]
    return report


@pytest.hookimpl(specname="pytest_runtest_makereport")
def pytest_hide_internal_frames(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Show mistakes in a test without the frames of this package and of botocore."""
    call.excinfo = _without_internal_frames(call.excinfo, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, object]:
    """Show mistakes at the import of a test module in the same way."""
    report = yield
    shortened = _without_internal_frames(report.call.excinfo, collector.config)
    if shortened is not report.call.excinfo:
        report.longrepr = collector.repr_failure(shortened)
    return report


def _without_internal_frames(excinfo: Any, config: pytest.Config) -> Any:
    error = getattr(sys.modules.get("detective_fake.errors"), "FakeUsageError", ())
    if excinfo is None or not isinstance(excinfo.value, error) or config.getoption("fulltrace"):
        return excinfo
    # A new traceback: pytest's `Traceback.filter` does not last, as it goes back to this one.
    traceback: Any = None
    for frame, line in reversed(list(walk_tb(excinfo.tb))):
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _INTERNAL:
            traceback = TracebackType(traceback, frame, frame.f_lasti, line)
    return pytest.ExceptionInfo.from_exc_info((excinfo.type, excinfo.value, traceback))


def _explain_scope(call: pytest.CallInfo[None]) -> str:
    """Return which fixture a wider fixture can use instead of `detective_fake`."""
    text = str(call.excinfo.value) if call.excinfo else ""
    found = re.match(r"ScopeMismatch: [\w ]{0,60} fixture (\w*detective_fake) with a (\w+) scoped request", text)
    return f"A fixture of scope {found[2]!r} can use {found[2]}_detective_fake instead of {found[1]}." if found else ""


def _state(fake: DetectiveFake) -> str:
    from detective_fake.views.report import failure_report  # noqa: PLC0415 - tests that pass need no report

    try:
        return failure_report(fake)
    except Exception as error:  # noqa: BLE001 - an error here must not hide why the test fails
        return f"no report, because of {error!r}"


class _Guard:
    """The plugin of the setting `detective_fake_guard`. It answers as the outermost fake would, with an error."""

    def __init__(self, config: pytest.Config) -> None:
        from detective_fake.exchange import Caller  # noqa: PLC0415 - only runs with the setting need it
        from detective_fake.interception import botocore_hooks  # noqa: PLC0415 - as above
        from detective_fake.interception.backend import Backend  # noqa: PLC0415 - as above
        from detective_fake.interception.callers import CallerRules  # noqa: PLC0415 - as above

        rules, this = CallerRules(Caller("", "guard")), cast("Any", self)
        backend = Backend(this, this, rules, region="", hermetic=False)
        self._allowed: list[DetectiveFake] = []
        botocore_hooks.activate(backend)
        config.add_cleanup(partial(botocore_hooks.deactivate, backend))

    def handle(self, request: Request, *_: object) -> NoReturn:
        """Refuse a call."""
        from detective_fake.errors import DOCS, FakeUsageError  # noqa: PLC0415 - as above

        test = os.environ.get("PYTEST_CURRENT_TEST", "Code outside of a test")
        raise FakeUsageError(
            f"{test} has made the Detective call {request.operation} while no fake was active; it would have reached "
            "AWS. Request the fixture detective_fake, or make the call inside `with DetectiveFake():`. "
            f"{GUARD} = true refuses such calls. See {DOCS}guard"
        )

    begin = handle

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Allow the fakes that were active before."""
        self._allowed = _active()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Allow the fakes that a wider fixture starts until the fixture ends."""
        if fixturedef.scope == "function":
            return (yield)
        before = _active()
        started: list[DetectiveFake] = []
        # Finalizers run in reverse order, so this one runs after those of the fixture itself.
        fixturedef.addfinalizer(partial(_check_stopped, started, fixturedef.scope))
        result = yield
        started += [fake for fake in _active() if fake not in [*before, *self._allowed]]
        self._allowed += started
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Fail a test that leaves a fake active."""
        try:
            return (yield)
        finally:
            _check_stopped([fake for fake in _active() if fake not in self._allowed], "test")


def _check_stopped(fakes: Iterable[DetectiveFake], scope: str) -> None:
    """Stop the fakes that are still active, and fail if there are any."""
    left = [fake for fake in fakes if fake.active]
    for fake in left:
        fake.stop()
    if left and sys.exc_info()[0] is None:  # another error may be why they are left
        labels = ", ".join(fake._label for fake in left)
        _fail(f"Not stopped at the end of the {scope}: {labels}. Use it in a `with` block, or call stop().")
