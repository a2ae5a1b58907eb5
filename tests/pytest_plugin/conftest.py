"""A fixture that runs pytest in this process, with this plugin and the plugins that a test names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import boto3
import pytest

import detective_fake.fake
import detective_fake.views.report  # noqa: F401 - otherwise each run of pytester loads botocore again
from detective_fake.interception import botocore_hooks

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUIET = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
"""Pytest 8.2 warns about plugins given by `-p`."""


class Run(Protocol):
    def __call__(self, source: str = "", *args: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        """Run pytest on a test module and on the other files in the directory.

        Args:
            plugins: Names of other plugins to load, as modules or entry points.
        """


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Return a function that runs pytest."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    def run(source: str = "", *args: str, plugins: tuple[str, ...] = ()) -> pytest.RunResult:
        if source:
            pytester.makepyfile(source)
        loaded = [argument for name in ("detective_fake.pytest_plugin", *plugins) for argument in ("-p", name)]
        return pytester.runpytest_inprocess(*loaded, *_QUIET, "--strict-markers", *args)

    yield run
    assert not botocore_hooks._stack  # noqa: SLF001 - there is no public way to check it
