"""`unittest.TestCase`: the decorator, and the fixture, under unittest's own runner and under pytest."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import detective_fake.fake  # noqa: F401 - pytester forgets what its runs import: they would load botocore each time

if TYPE_CHECKING:
    from pathlib import Path

DECORATED = """
import unittest
import boto3
from detective_fake import DetectiveFake

@DetectiveFake(account_id="111111111111")
class GraphTest(unittest.TestCase):
    def setUp(self):
        self.graph_arn = boto3.client("detective").create_graph()["GraphArn"]

    def tearDown(self):
        assert len(self.fake.graphs) == 1

    def test_administrator(self):
        self.assertIn(":111111111111:", self.graph_arn)

    def test_a_fake_of_its_own(self):
        self.assertEqual([call.operation for call in self.fake.calls], ["CreateGraph"])
"""

COROUTINES = """
import unittest
from aiobotocore.session import get_session
from detective_fake import DetectiveFake

@DetectiveFake(region="eu-west-1")
class GraphTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        async with get_session().create_client("detective", region_name="eu-west-1") as client:
            self.graph_arn = (await client.create_graph())["GraphArn"]

    async def test_graph(self):
        self.assertEqual(self.graph_arn, self.fake.graphs[0].arn)
"""

FIXTURE = """
import unittest
import boto3
import pytest

@pytest.mark.detective_fake(account_id="111111111111")
class GraphTest(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _fake(self, detective_fake):
        self.fake = detective_fake

    def setUp(self):
        self.graph_arn = boto3.client("detective").create_graph()["GraphArn"]

    def test_administrator(self):
        self.assertIn(":111111111111:", self.graph_arn)
        self.assertEqual(len(self.fake.calls), 1)

@pytest.mark.usefixtures("class_detective_fake")
class LastingTest(unittest.TestCase):
    def test_1(self):
        boto3.client("detective").create_graph()

    def test_2(self):
        self.assertEqual(len(boto3.client("detective").list_graphs()["GraphList"]), 1)

@pytest.mark.detective_fake
class MarkedTest(unittest.TestCase):
    def test_it(self):
        self.assertEqual(boto3.client("detective").list_graphs()["GraphList"], [])
"""

UNUSED = """
import unittest
from detective_fake import DetectiveFake

@DetectiveFake()
class FaultTest(unittest.TestCase):
    def setUp(self):
        self.fake.faults.add("CreateGraph", error="ThrottlingException")

    def test_passes(self):
        pass

    def test_fails(self):
        self.fail("something else")
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return where pytest runs with this plugin only."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "detective_fake.pytest_plugin")
    return pytester


class TestDecoratedClass:
    @pytest.mark.parametrize(("source", "count"), [(DECORATED, 2), (COROUTINES, 1)], ids=["functions", "coroutines"])
    def test_runs_under_pytest(self, run: pytest.Pytester, source: str, count: int) -> None:
        """Each test has a new fake, from `setUp` to `tearDown`."""
        run.makepyfile(source)
        run.runpytest_inprocess().assert_outcomes(passed=count)

    @pytest.mark.slow
    def test_runs_under_unittest(self, tmp_path: Path) -> None:
        """The process does not use pytest."""
        for name, source in (("functions", DECORATED), ("coroutines", COROUTINES)):
            (tmp_path / f"test_{name}.py").write_text(source, encoding="utf-8")
        command = [sys.executable, "-m", "unittest", "discover", "--start-directory", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Ran 3 tests" in done.stderr
        assert done.stderr.endswith("\nOK\n")

    def test_fails_for_an_unused_fault(self, run: pytest.Pytester) -> None:
        """In the call phase, and only if the test itself has passed."""
        run.makepyfile(UNUSED)
        result = run.runpytest_inprocess()
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(["*AssertionError: something else", "*UnusedFaults: 1 fault was never used:"])


class TestFixture:
    def test_works_for_test_cases_by_autouse_usefixtures_and_marker(self, run: pytest.Pytester) -> None:
        """Their methods take no arguments."""
        run.makepyfile(FIXTURE)
        run.runpytest_inprocess("--strict-markers").assert_outcomes(passed=4)
