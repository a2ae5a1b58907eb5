"""How the tests of the plugin run pytest: in this process, with this plugin and those that a test names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import boto3
import pytest

import detective_fake.fake
import detective_fake.views.report  # noqa: F401 - pytester forgets what its runs import: they would load botocore each time
from detective_fake.interception import botocore_hooks

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUIET = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
"""Pytest 8.2 says so of plugins given by `-p`."""


class Run(Protocol):
    def __call__(self, source: str = "", *args: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run a test module, and whatever else is there.

        Args:
            plugins: Modules or entry points of others.
        """


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Return what runs pytest."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    def run(source: str = "", *args: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        if source:
            pytester.makepyfile(source)
        loaded = [argument for name in ("detective_fake.pytest_plugin", *plugins) for argument in ("-p", name)]
        return pytester.runpytest_inprocess(*loaded, *_QUIET, "--strict-markers", *args)

    yield run
    assert not botocore_hooks._stack  # noqa: SLF001 - what nobody else asks
