"""The pytest plugin: fixtures, marker, settings, and the report of a failing test.

It imports only pytest and the standard library until a test uses a fake.

A fake takes each option from the first of these that gives it: markers, the closest first; `--detective-fake-wire`; the
`detective_fake_…` settings of the configuration file; the defaults of `DetectiveFake`. A marker applies to fixtures
whose scope lies within the marked test, class or module, so not to package and session fixtures. A marked test that
requests no such fixture gets `detective_fake`.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from detective_fake.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from typing import NoReturn

    from _pytest.nodes import Node

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
    parser.getgroup("detective_fake", "Amazon Detective in process").addoption(
        WIRE_FLAG, action="store_true", help=f"for the fakes of fixtures: {OPTIONS['wire'].help}"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and read the settings.

    Raises:
        pytest.UsageError: A setting is unknown or invalid.
    """
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**options): answer Amazon Detective calls with a fake that has these options of DetectiveFake; "
        "on a class or module also for its class_ or module_detective_fake.",
    )
    known = [_setting(name) for name in OPTIONS]
    for name in _setting_names(config):
        if name.startswith(_setting("")) and name not in known:
            message = f"There is no setting {name!r}; {_suggestion(name, known)}"
            raise pytest.UsageError(message)
    settings = {name: _value(config, name, option) for name, option in OPTIONS.items()}
    if config.getoption(WIRE_FLAG):
        settings["wire"] = True
    config.stash[_FAKES] = _Fakes({name: value for name, value in settings.items() if value is not None})


def _setting(option: str) -> str:
    return f"detective_fake_{option}"


def _setting_names(config: pytest.Config) -> Iterable[str]:
    """Return the names of all settings in the configuration file and of `--override-ini`."""
    # `inicfg` is public up to pytest 8, and later versions have no public replacement.
    in_file: Iterable[str] = getattr(config, "_inicfg" if hasattr(config, "_inicfg") else "inicfg")
    overridden = config.getoption("override_ini") or ()
    return [*in_file, *(each.partition("=")[0] for each in overridden)]


def _value(config: pytest.Config, name: str, option: Option) -> object:
    """Return the value of a setting, None if it is not set."""
    folder = config.inipath.parent if config.inipath else config.invocation_params.dir
    try:
        value = config.getini(_setting(name))
        return None if value is None else option.kind.read(value, folder)
    except (TypeError, ValueError, pytest.UsageError) as error:
        message = f"The setting {_setting(name)} must be {option.kind.expected}: {error}"
        raise pytest.UsageError(message) from None


def _suggestion(name: str, known: Iterable[str]) -> str:
    from detective_fake.domain.choices import nearest  # noqa: PLC0415 - imports attrs

    return f"did you mean {nearest(name, known)!r}?"


class _FixtureFake:
    """The fake of a fixture.

    Attributes:
        fixture: Name of the fixture.
        failed: Whether a test failed while the fake was active.
    """

    def __init__(self, fake: DetectiveFake, fixture: str) -> None:
        self.fake = fake
        self.fixture = fixture
        self.failed = False

    def check_unused(self) -> None:
        """Fail the test if there are unused faults."""
        report = self.fake.unused_report()
        if report is not None:
            _fail(report)


class _Fakes:
    """The fakes of fixtures.

    Attributes:
        configured: The options from the command line and the configuration file.
        active: The active fakes, outermost first.
        ended: Fakes that were active at some time in the current test, whose teardown may still fail.
    """

    def __init__(self, configured: dict[str, Any]) -> None:
        self.configured = configured
        self.active: list[_FixtureFake] = []
        self.ended: list[_FixtureFake] = []


_FAKES: Final = pytest.StashKey[_Fakes]()


def _fake(request: pytest.FixtureRequest) -> Iterator[DetectiveFake]:
    """Answer Amazon Detective calls with a new, empty fake: for one test or, as the prefix says, for many."""
    from detective_fake.errors import FakeUsageError  # noqa: PLC0415 - most test runs use no fake
    from detective_fake.fake import DetectiveFake  # noqa: PLC0415 - as above

    name, fakes = request.fixturename or "", request.config.stash[_FAKES]
    try:
        fake = DetectiveFake(**_options(request, fakes.configured))
    except FakeUsageError as error:
        _fail(f"{name}: {error}")
    fixture_fake = _FixtureFake(fake, name)
    fake.start()
    fakes.active.append(fixture_fake)
    yield fake
    fakes.active.remove(fixture_fake)
    fakes.ended.append(fixture_fake)
    fake.stop()
    if request.scope != "function" and not fixture_fake.failed:
        fixture_fake.check_unused()


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
    fixtures, definitions = item.fixturenames, item._fixtureinfo.name2fixturedefs  # noqa: SLF001 - not public
    wider = [name in definitions and definitions[name][-1].scope != "function" for name in fixtures]
    position = [*wider, False].index(False)
    # A new list, because the test's parametrized variants share the old one.
    item.fixturenames = [*fixtures[:position], "detective_fake", *fixtures[position:]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose own fake has unused faults."""
    __tracebackhide__ = True
    result = yield
    for fixture_fake in item.config.stash[_FAKES].active:
        if fixture_fake.fixture == "detective_fake":
            fixture_fake.check_unused()
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the state of the fakes to the report of a failing test."""
    __tracebackhide__ = True
    report = yield
    fakes = item.config.stash[_FAKES]
    if report.failed:
        _add_section(report, call, fakes)
    if call.when == "teardown":
        fakes.ended.clear()
    return report


def _add_section(report: pytest.TestReport, call: pytest.CallInfo[None], fakes: _Fakes) -> None:
    texts: dict[int, str] = {}
    for fixture_fake in [*reversed(fakes.active), *fakes.ended]:
        fixture_fake.failed = True
        texts[id(fixture_fake.fake)] = f"{fixture_fake.fixture}: {_state(fixture_fake.fake)}"
    for place, fake in _local_fakes(call):
        texts.setdefault(id(fake), f"{place}: {_state(fake)}")
    if texts:
        report.sections.append(("detective_fake", "\n\n".join(texts.values())))


def _local_fakes(call: pytest.CallInfo[None]) -> Iterator[tuple[str, DetectiveFake]]:
    """Yield the fakes in local variables of the failing functions, such as those of `with` statements."""
    kind = getattr(sys.modules.get("detective_fake.fake"), "DetectiveFake", None)
    traceback = call.excinfo.tb if kind and call.excinfo else None
    while traceback is not None:
        frame = traceback.tb_frame
        # The locals of a class body may be any object that a metaclass has made.
        variables = dict(frame.f_locals) if frame.f_code.co_flags & inspect.CO_OPTIMIZED else {}
        for name, value in variables.items():
            # Not isinstance(), which asks the value: a proxy may answer anything.
            if kind in type(value).__mro__:
                yield f"{name} in {frame.f_code.co_name}()", value
        traceback = traceback.tb_next


def _state(fake: DetectiveFake) -> str:
    from detective_fake.views.report import failure_report  # noqa: PLC0415 - tests that pass need no report

    try:
        return failure_report(fake)
    except Exception as error:  # noqa: BLE001 - an error here must not hide why the test fails
        return f"no report, because of {error!r}"
