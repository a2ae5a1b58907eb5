"""Runs the examples of README.md and docs/.

- A block of Python that defines tests is a test module. All test modules of a page run in one pytest session.
- A block of Python without tests runs as a script, with `fake`, a new active fake.
- A block whose first line is a comment with a file name is that file, for all tests of the page.
- A block of `console` has commands, each followed by its output.
- `<!-- fails -->` before a block means that its tests fail, and that pytest's output contains the next block of `text`.
- Blocks of other languages, and blocks in generated parts, are not run: these come from files that have tests.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import io
import os
import re
import shlex
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple
from unittest import mock

import pytest
from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser

from tests.conftest import no_network  # noqa: F401 - a fixture, for the examples too

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sybil import Document, Example, Region

collect_ignore: Final = ["docs/first_steps"]  # a failing test, which the pages show

_BLOCK: Final = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_GENERATED: Final = re.compile(r"^<!-- generated: .*?^<!-- end -->$", re.DOTALL | re.MULTILINE)
_FILE_NAME: Final = re.compile(r"#(?:!.*\n#)? (?P<name>[\w./-]+\.\w+)\n")
_TEST: Final = re.compile(r"^\s*(?:async )?def test_", re.MULTILINE)
_FAILS: Final = "<!-- fails -->\n"
_COMMAND: Final = "$ "
_OURS: Final = "detective-fake"
_WITHOUT_OTHER_PLUGINS: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
_PLUGINS: Final = ("detective_fake.pytest_plugin", "pytest_asyncio.plugin", "tests.conftest")
_OPTIONS: Final = (
    *(part for plugin in _PLUGINS for part in ("-p", plugin)),
    *("-q", "-W", "error", "--continue-on-collection-errors", "-o", "asyncio_default_fixture_loop_scope=function"),
    *("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"),  # pytest 8.2, of plugins given by -p
)
_SLOW_IF_SHOWN: Final = ("aiobotocore.session", "moto.organizations.models", "moto.sts.models")
_SLOW_IMPORTS: Final = (
    "boto3",
    "detective_fake.fake",
    "detective_fake.views.report",
    "detective_fake.scenario.scenario_file",
    "tests.conftest",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that run pytest as slow. Most of the documentation's examples do."""
    for item in items:
        if item.path.suffix == ".md" or "pytester" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Do not look through modules and collected tests at each garbage collection: they stay to the end."""
    gc.freeze()


class Block(NamedTuple):
    """A fenced block of a page.

    Attributes:
        line: Its first line, counted from 1.
        fails: Whether its tests are expected to fail.
    """

    line: int
    language: str
    source: str
    fails: bool

    @property
    def file_name(self) -> str | None:
        """The file name in its first line, or None."""
        found = _FILE_NAME.match(self.source)
        return found["name"] if found else None

    @property
    def is_test(self) -> bool:
        """Whether it defines tests."""
        return self.language == "python" and _TEST.search(self.source) is not None


class Page(NamedTuple):
    """The result of a page's tests.

    Attributes:
        failures: The failures of each block, by its line.
        passed: The number of passed tests of each block, by its line.
        output: What pytest printed.
    """

    failures: dict[int, list[str]]
    passed: dict[int, int]
    output: str


_pages: Final[dict[str, Page]] = {}


def evaluate_python(example: Example) -> None:
    """Run a script, or check the results of a test module."""
    block = _block_of(example)
    if block.is_test:
        page = _page(example)
        failures, passed = page.failures.get(block.line, []), page.passed.get(block.line, 0)
        assert bool(failures) is block.fails, "\n\n".join(failures) or page.output
        assert failures or passed, page.output
    elif block.file_name is None:
        _run(block, example)


def evaluate_console(example: Example) -> None:
    """Run the commands of a block and compare their output."""
    from detective_fake.cli import main

    pytester = example.namespace["pytester"]
    _write_files(example.document, pytester)
    printed = []
    for line in example.parsed.splitlines():
        if line.startswith(_COMMAND):
            name, *arguments = shlex.split(line.removeprefix(_COMMAND))
            assert name == _OURS, f"{line}: only {_OURS} is run; show other commands in a block of sh."
            with contextlib.redirect_stdout(io.StringIO()) as stdout, contextlib.suppress(SystemExit):
                main(arguments)
            printed += [line, *stdout.getvalue().splitlines()]
    assert [line.rstrip() for line in printed] == example.parsed.splitlines()


def evaluate_text(example: Example) -> None:
    """Check that pytest has printed the block, if it follows a failing one."""
    before = [block for block in _blocks(example.document) if block.line < example.line]
    if before and before[-1].fails:
        expected, output = example.parsed.strip("\n"), _page(example).output
        assert _without_times(expected) in _without_times(output), output


def _run(block: Block, example: Example) -> None:
    from detective_fake import DetectiveFake

    pytester = example.namespace["pytester"]
    _write_files(example.document, pytester)
    code = compile("\n" * block.line + block.source, example.path, "exec")
    with DetectiveFake() as fake:
        exec(code, {"__name__": "example", "fake": fake})  # noqa: S102 - runs the example
    _check_nothing_is_left()


def _page(example: Example) -> Page:
    path = example.document.path
    if path not in _pages:
        _pages[path] = _page_of_all_workers(example)
    return _pages[path]


def _page_of_all_workers(example: Example) -> Page:
    """Run a page's tests, unless another worker of pytest-xdist has done so."""
    folder: Path = example.namespace["tmp_path_factory"].getbasetemp()
    kept = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / f"{_digest(example.path)}.page"
    if kept.exists():
        return Page(*ast.literal_eval(kept.read_text(encoding="utf-8")))
    page = _run_page(example.document, example.namespace["pytester"])
    _check_nothing_is_left()
    written = kept.with_suffix(f".{os.getpid()}")
    written.write_text(repr(tuple(page)), encoding="utf-8")
    written.replace(kept)
    return page


def _run_page(document: Document, pytester: pytest.Pytester) -> Page:
    _write_files(document, pytester)
    modules = {f"test_line_{block.line}.py": block for block in _blocks(document) if block.is_test}
    for name, block in modules.items():
        pytester.path.joinpath(name).write_text(block.source, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as stdout, mock.patch.dict(os.environ, _WITHOUT_OTHER_PLUGINS):
        run = pytester.inline_run(*_OPTIONS, *modules)
    failures: dict[int, list[str]] = {}
    passed: dict[int, int] = {}
    for report in [*run.getreports("pytest_collectreport"), *run.getreports("pytest_runtest_logreport")]:
        name = report.nodeid.partition("::")[0]
        if name in modules and report.failed:
            failures.setdefault(modules[name].line, []).append(f"{report.nodeid}\n{report.longreprtext}")
        elif name in modules and report.passed and getattr(report, "when", None) == "call":
            passed[modules[name].line] = passed.get(modules[name].line, 0) + 1
    return Page(failures, passed, stdout.getvalue())


@pytest.fixture(scope="session")
def slow_imports(request: pytest.FixtureRequest) -> None:
    """Import what examples need only once: pytester removes modules that its runs have imported."""
    shown = "".join({item.example.document.text for item in request.session.items if hasattr(item, "example")})
    for name in (*_SLOW_IMPORTS, *(each for each in _SLOW_IF_SHOWN if each.partition(".")[0] in shown)):
        importlib.import_module(name)


def _write_files(document: Document, pytester: pytest.Pytester) -> None:
    for block in _blocks(document):
        if block.file_name is not None and not block.is_test:
            path = pytester.path / block.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.source, encoding="utf-8")


def _blocks(document: Document) -> Iterator[Block]:
    text = _GENERATED.sub(lambda part: "\n" * part[0].count("\n"), document.text)
    for found in _BLOCK.finditer(text):
        before = text[: found.start()]
        yield Block(before.count("\n") + 1, found[1], found[2], before.rstrip("\n").endswith(_FAILS.rstrip("\n")))


def _block_of(example: Example) -> Block:
    return next(block for block in _blocks(example.document) if block.line == example.line)


def _check_nothing_is_left() -> None:
    from detective_fake.interception import botocore_hooks

    left = botocore_hooks._stack  # noqa: SLF001 - no public name
    for backend in left:
        botocore_hooks.deactivate(backend)
    assert not left, "An example left a fake active."


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _without_times(text: str) -> str:
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<time>", text)
    return re.sub(r" +$", "", text, flags=re.MULTILINE)


class WrittenBlocks(CodeBlockParser):
    """Finds the blocks that are not in a generated part."""

    def __call__(self, document: Document) -> Iterator[Region]:
        """Yield their regions."""
        generated = [part.span() for part in _GENERATED.finditer(document.text)]
        for region in super().__call__(document):
            if not any(start < region.start < end for start, end in generated):
                yield region


pytest_collect_file = Sybil(
    parsers=[
        WrittenBlocks("python", evaluate_python),
        WrittenBlocks("console", evaluate_console),
        WrittenBlocks("text", evaluate_text),
    ],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
    excludes=["docs/_build/*"],
    fixtures=["no_network", "slow_imports", "tmp_path_factory", "pytester"],
).pytest()
