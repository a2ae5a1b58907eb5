"""Starting, stopping, clients, and what the plugin costs a run that does not use it."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from importlib.metadata import entry_points
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from benchmarks.calls import ADMINISTRATOR, client_of
from benchmarks.measuring import Row, ratio
from detective_fake import DetectiveFake, pytest_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ROWS"]


def _mock_aws() -> None:
    with mock_aws():
        pass


def start_and_stop() -> float:
    """How many times faster than `mock_aws`."""
    client = client_of(ADMINISTRATOR)
    with DetectiveFake() as fake:
        assert client.list_graphs()["GraphList"] == []
        assert len(fake.calls) == 1

    def ours() -> None:
        with DetectiveFake():
            pass

    return 1 / ratio(ours, _mock_aws)


class _Request:
    """What the plugin asks of pytest's `request` for a test without markers and a configuration without settings."""

    fixturename, scope = "detective_fake", "function"

    def __init__(self) -> None:
        self.config = self.node = self
        self.stash = pytest.Stash()
        self.stash[pytest_plugin._FAKES] = pytest_plugin._Fakes({})  # noqa: SLF001 - what `pytest_configure` does

    def iter_markers(self, _name: str) -> Iterator[pytest.Mark]:
        return iter(())


def fixture() -> float:
    """Set-up and tear-down of the fixture's own generator, without what pytest does around it."""
    request: Any = _Request()
    client = client_of(ADMINISTRATOR)

    def ours() -> None:
        generator = pytest_plugin._fake(request)  # noqa: SLF001 - what pytest runs
        next(generator)
        for _ in generator:
            pass
        request.stash[pytest_plugin._FAKES].ended.clear()  # noqa: SLF001 - what `pytest_runtest_makereport` does

    generator = pytest_plugin._fake(request)  # noqa: SLF001 - the same
    fake = next(generator)
    assert client.list_graphs()["GraphList"] == []
    assert len(fake.calls) == 1
    assert list(generator) == []
    assert not fake._backend.active  # noqa: SLF001 - it has no public name
    return 1 / ratio(ours, _mock_aws)


def first_call() -> float:
    """Start, the first call of an old client, stop."""
    client = client_of(ADMINISTRATOR)
    guardduty = boto3.Session("key", "secret", region_name="us-east-1").client("guardduty")

    def ours() -> None:
        with DetectiveFake():
            assert client.list_graphs()["GraphList"] == []

    def theirs() -> None:
        with mock_aws():
            assert guardduty.list_detectors()["DetectorIds"] == []

    return 1 / ratio(ours, theirs)


def new_client() -> float:
    """`fake.client()` of an account it has made none for."""
    numbers = count(100_000_000_000)
    session = boto3.Session("key", "secret", region_name="us-east-1")
    session.client("detective")
    with DetectiveFake() as fake:
        first, second = (fake.client(str(next(numbers))) for _ in range(2))
        first.create_graph()
        assert len(first.list_graphs()["GraphList"]) == 1
        assert second.list_graphs()["GraphList"] == []
        return ratio(lambda: fake.client(str(next(numbers))), lambda: session.client("detective"))


def same_client() -> float:
    """`fake.client()` again for the same account and Region."""
    session = boto3.Session("key", "secret", region_name="us-east-1")
    session.client("detective")
    with DetectiveFake() as fake:
        assert fake.client(ADMINISTRATOR) is fake.client(ADMINISTRATOR)
        return ratio(lambda: fake.client(ADMINISTRATOR), lambda: session.client("detective"))


def session_client() -> float:
    """A session of its own, and its client."""
    session = boto3.Session("key", "secret", region_name="us-east-1")
    session.client("detective")
    with DetectiveFake() as fake:
        fake.session(ADMINISTRATOR).client("detective").create_graph()
        assert fake.graphs[0].administrator_id == ADMINISTRATOR
        return ratio(lambda: fake.session(ADMINISTRATOR).client("detective"), lambda: session.client("detective"))


def plugin_not_used(pairs: int = 60) -> float:
    """A whole pytest run of one test, with the plugin loaded and without; they take turns. All other plugins are off.

    The measure is the processor's time of the whole run, start of Python included.
    """
    others = [each.name for each in entry_points(group="pytest11") if each.name != "detective_fake"]
    options = ["-q", "-p", "no:cacheprovider", *(option for name in others for option in ("-p", f"no:{name}"))]
    program = "import sys, pytest; status = pytest.main(sys.argv[1:]); assert status == 0; "
    loaded = "{'detective_fake.pytest_plugin', 'botocore', 'boto3', 'attr', 'attrs'} & sys.modules.keys()"
    with TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
        # An installed plugin is compiled already.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

        def run(code: str, *arguments: str) -> float:
            start = _seconds_of_children()
            subprocess.run(
                [sys.executable, "-c", code, *options, *arguments],
                cwd=folder,
                check=True,
                capture_output=True,
                env=environment,
            )
            return _seconds_of_children() - start

        run(f"{program} assert {loaded} == {{'detective_fake.pytest_plugin'}}, {loaded}")
        run(f"{program} assert not {loaded}", "-p", "no:detective_fake")
        return statistics.median(run(program) / run(program, "-p", "no:detective_fake") for _ in range(pairs))


def _seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


ROWS = (
    Row(what="start + stop", against="moto, mock_aws", target=80, at_least=True, measure=start_and_stop),
    Row(what="fixture, set-up + tear-down", against="moto, mock_aws", target=80, at_least=True, measure=fixture),
    Row(
        what="start + first call on an old client + stop",
        against="moto, the same with GuardDuty",
        target=20,
        at_least=True,
        measure=first_call,
    ),
    Row(what="fake.client(), new account", against="client of a warm session", target=1.1, measure=new_client),
    Row(what="fake.client(), again", against="client of a warm session", target=0.005, measure=same_client),
    Row(what="fake.session().client()", against="client of a warm session", target=5, measure=session_client),
    Row(what="plugin loaded, not used", against="pytest -p no:detective_fake", target=1.03, measure=plugin_not_used),
)
