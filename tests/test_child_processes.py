"""While a fake is served, child processes reach it without further settings."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from detective_fake import DetectiveFake

NAME = "AWS_ENDPOINT_URL_DETECTIVE"


def create_graph() -> None:
    """Call Detective in a child process."""
    boto3.client("detective").create_graph()


@pytest.mark.slow
def test_the_aws_command() -> None:
    """`aws detective list-graphs` prints the fake's graphs."""
    with DetectiveFake() as fake, fake.serve():
        arn = str(fake.seed.graph())
        command = [sys.executable, str(Path(sys.executable).with_name("aws")), "detective", "list-graphs"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert [graph["Arn"] for graph in json.loads(printed)["GraphList"]] == [arn]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_multiprocessing(method: str) -> None:
    """The default caller's account calls."""
    with DetectiveFake(account_id="222222222222") as fake, fake.serve():
        context: Any = multiprocessing.get_context(method)
        process = context.Process(target=create_graph)
        process.start()
        process.join()
    assert [graph.administrator_id for graph in fake.graphs] == ["222222222222"]


def test_the_environment_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The order in which they end does not matter."""
    monkeypatch.setenv(NAME, "http://before")
    fake = DetectiveFake()
    fake.start()
    with fake.serve() as first:
        with fake.serve() as second:
            assert os.environ[NAME] == second.url
        assert os.environ[NAME] == first.url
        fake.stop()
        assert os.environ[NAME] == first.url
    assert os.environ[NAME] == "http://before"
