"""Starting and stopping a fake, and its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from benchmarks.calls import ADMINISTRATOR, client_of
from benchmarks.measuring import Row, ratio
from detective_fake import DetectiveFake, pytest_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    """Stands for pytest's `request`, for a test without markers in a suite without settings."""

    fixturename, scope = "detective_fake", "function"

    def __init__(self) -> None:
        self.config = self.node = self
        self.stash = pytest.Stash()
        self.stash[pytest_plugin._CONFIGURED] = {}  # noqa: SLF001 - as `pytest_configure` does

    def iter_markers(self, _name: str) -> Iterator[pytest.Mark]:
        return iter(())


def fixture() -> float:
    """Set-up and tear-down of the fixture, without pytest's own work around it."""
    request: Any = _Request()
    client = client_of(ADMINISTRATOR)

    def ours() -> None:
        generator = pytest_plugin._fake(request)  # noqa: SLF001 - the body of the fixtures
        next(generator)
        for _ in generator:
            pass

    generator = pytest_plugin._fake(request)  # noqa: SLF001 - the body of the fixtures
    fake = next(generator)
    assert client.list_graphs()["GraphList"] == []
    assert len(fake.calls) == 1
    assert list(generator) == []
    assert not fake._backend.active  # noqa: SLF001 - there is no public name
    return 1 / ratio(ours, _mock_aws)


def first_call() -> float:
    """Start, one call of a client that was made before, stop."""
    client = client_of(ADMINISTRATOR)
    guardduty = boto3.Session("key", "secret", region_name="us-east-1").client("guardduty")

    def ours() -> None:
        with DetectiveFake():
            assert client.list_graphs()["GraphList"] == []

    def theirs() -> None:
        with mock_aws():
            assert guardduty.list_detectors()["DetectorIds"] == []

    return 1 / ratio(ours, theirs)


ROWS = (
    Row(what="start + stop", against="moto, mock_aws", target=40, at_least=True, measure=start_and_stop),
    Row(what="fixture, set-up + tear-down", against="moto, mock_aws", target=40, at_least=True, measure=fixture),
    Row(
        what="start + first call of an old client + stop",
        against="moto, the same with GuardDuty",
        target=15,
        at_least=True,
        measure=first_call,
    ),
)
