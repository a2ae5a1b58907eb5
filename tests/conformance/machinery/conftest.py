"""A local stand-in for AWS, for tests of runs on AWS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.conformance.machinery.local_aws import LocalAws, local_aws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAws]:
    """The accounts of the profiles boss, worker and manager."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    with local_aws(tmp_path) as aws:
        monkeypatch.setenv("AWS_CONFIG_FILE", str(aws.config_file))
        yield aws
