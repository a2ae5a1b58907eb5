"""The AWS SDK for JavaScript, a client in another language and of another make."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.server import tools
from tests.server.http import served_by_process


@pytest.mark.slow
class TestSdkForJavaScript:
    def test_it_cannot_tell_the_fake_from_detective(self) -> None:
        """What it does, `node/detective.test.mjs` says: lifecycle, organization, errors, paginators, retries."""
        node = tools.node()
        with served_by_process() as process:
            ended = subprocess.run(
                [node, "--test", "--test-concurrency=1"],
                cwd=tools.NODE_TESTS,
                env={**os.environ, **process.accounts[0]},
                capture_output=True,
                text=True,
                check=False,
            )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "# pass 11\n" in ended.stdout
