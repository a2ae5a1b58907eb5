"""The test serves its fake over HTTP, and runs the program in Node.js."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from detective_fake import DetectiveFake

HERE = Path(__file__).parent
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    NODE is None or not (HERE / "node_modules").is_dir(), reason="needs Node.js 20 and `npm install`"
)


def run_as(fake: DetectiveFake, account_id):
    """Run the program in an account, and return the lines that it prints."""
    with fake.serve() as endpoint:
        environment = {**os.environ, **endpoint.environment(account_id)}
        done = subprocess.run(
            [NODE, "accept.mjs"], cwd=HERE, env=environment, capture_output=True, text=True, check=True
        )
    return done.stdout.splitlines()


def test_every_invitation_is_accepted(detective_fake: DetectiveFake):
    graphs = [detective_fake.seed.graph(each, members={"222222222222": "INVITED"}) for each in ("1" * 12, "3" * 12)]

    assert sorted(run_as(detective_fake, "222222222222")) == sorted(graphs)

    assert [detective_fake.members(graph)[0].status for graph in graphs] == ["ENABLED", "ENABLED"]


def test_there_may_be_none(detective_fake: DetectiveFake):
    assert run_as(detective_fake, "222222222222") == []
