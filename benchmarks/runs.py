"""Whole processes: a test suite, the first import, and the plugin in a run that does not use it."""

from __future__ import annotations

import statistics
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.measuring import Row, run_python

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS: Final = 500
SUITE_ROUNDS: Final = 15
IMPORT_ROUNDS: Final = 21
PLUGIN_ROUNDS: Final = 60

OTHER_PLUGINS: Final = [
    option
    for each in entry_points(group="pytest11")
    if each.name != "detective_fake"
    for option in ("-p", f"no:{each.name}")
]

WITH_FAKE: Final = """
import boto3

client = boto3.Session("111111111111", "secret", region_name="us-east-1").client("detective")
ACCOUNTS = [{"AccountId": "222222222222", "EmailAddress": "root@example.com"}]
"""
TEST_WITH_FAKE: Final = """
def test_{number}(detective_fake):
    arn = client.create_graph()["GraphArn"]
    assert client.create_members(GraphArn=arn, Accounts=ACCOUNTS)["UnprocessedAccounts"] == []
    assert client.list_members(GraphArn=arn)["MemberDetails"][0]["Status"] == "INVITED"
"""

WITH_STUBBER: Final = """
import boto3
import pytest
from botocore.stub import Stubber

client = boto3.Session("111111111111", "secret", region_name="us-east-1").client("detective")
ACCOUNTS = [{"AccountId": "222222222222", "EmailAddress": "root@example.com"}]
ARN = "arn:aws:detective:us-east-1:111111111111:graph:0123456789abcdef0123456789abcdef"
ROW = {"AccountId": "222222222222", "AdministratorId": "111111111111", "GraphArn": ARN, "Status": "INVITED"}


@pytest.fixture
def stubber():
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
"""
TEST_WITH_STUBBER: Final = """
def test_{number}(stubber):
    stubber.add_response("create_graph", {{"GraphArn": ARN}}, {{}})
    created = {{"Members": [ROW], "UnprocessedAccounts": []}}
    stubber.add_response("create_members", created, {{"GraphArn": ARN, "Accounts": ACCOUNTS}})
    stubber.add_response("list_members", {{"MemberDetails": [ROW]}}, {{"GraphArn": ARN}})
    arn = client.create_graph()["GraphArn"]
    assert client.create_members(GraphArn=arn, Accounts=ACCOUNTS)["UnprocessedAccounts"] == []
    assert client.list_members(GraphArn=arn)["MemberDetails"][0]["Status"] == "INVITED"
"""

WITH_MOTO: Final = """
import boto3
import pytest
from moto import mock_aws

client = boto3.Session("key", "secret", region_name="us-east-1").client("guardduty")
CRITERIA = {"Criterion": {"severity": {"Eq": ["8"]}}}


@pytest.fixture
def moto():
    with mock_aws():
        yield
"""
TEST_WITH_MOTO: Final = """
def test_{number}(moto):
    detector_id = client.create_detector(Enable=True)["DetectorId"]
    assert client.create_filter(DetectorId=detector_id, Name="high", FindingCriteria=CRITERIA)["Name"] == "high"
    assert client.list_detectors()["DetectorIds"] == [detector_id]
"""


def whole_run(head: str, test: str) -> Callable[[], float]:
    """Return a measure of a pytest run with the fake beside a run with a peer, each in a process of its own."""

    def measure() -> float:
        with TemporaryDirectory() as folder:
            for name, (each_head, each_test) in {"ours": (WITH_FAKE, TEST_WITH_FAKE), "theirs": (head, test)}.items():
                tests = "".join(each_test.format(number=number) for number in range(TESTS))
                Path(folder, f"test_{name}.py").write_text(each_head + tests, encoding="utf-8")

            def run(name: str, *options: str) -> float:
                seconds, printed = _pytest(folder, f"test_{name}.py", *options)
                assert f"{TESTS} passed" in printed, printed
                return seconds

            ratios = (run("ours") / run("theirs", "-p", "no:detective_fake") for _ in range(SUITE_ROUNDS))
            return statistics.median(ratios)

    return measure


def _pytest(folder: str, *arguments: str) -> tuple[float, str]:
    return run_python("-m", "pytest", "-q", "-p", "no:cacheprovider", *OTHER_PLUGINS, *arguments, folder=folder)


def first_use() -> float:
    """The import of `DetectiveFake` in a process that has imported boto3, beside that import of boto3."""
    program = (
        "import time; start = time.process_time(); import boto3; middle = time.process_time(); "
        "from detective_fake import DetectiveFake; end = time.process_time(); DetectiveFake; "
        "print((end - middle) / (middle - start))"
    )
    with TemporaryDirectory() as folder:
        return statistics.median(float(run_python("-c", program, folder=folder)[1]) for _ in range(IMPORT_ROUNDS))


def plugin_not_used() -> float:
    """A pytest run of one test that does not use the plugin, with the plugin and without it.

    Measured is the CPU time of the whole process. All other plugins are off.
    """
    program = "import sys, pytest; status = pytest.main(sys.argv[1:]); assert status == 0; "
    loaded = "{'detective_fake.pytest_plugin', 'botocore', 'boto3', 'attr', 'attrs'} & sys.modules.keys()"
    with TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")

        def run(code: str, *options: str) -> float:
            return run_python("-c", code, "-q", "-p", "no:cacheprovider", *OTHER_PLUGINS, *options, folder=folder)[0]

        run(f"{program} assert {loaded} == {{'detective_fake.pytest_plugin'}}, {loaded}")
        run(f"{program} assert not {loaded}", "-p", "no:detective_fake")
        return statistics.median(run(program) / run(program, "-p", "no:detective_fake") for _ in range(PLUGIN_ROUNDS))


ROWS = (
    Row(
        what=f"whole run: {TESTS} tests, three calls each",
        against="the same with Stubber",
        target=1.2,
        measure=whole_run(WITH_STUBBER, TEST_WITH_STUBBER),
    ),
    Row(
        what=f"whole run: {TESTS} tests, three calls each",
        against="moto, the same with GuardDuty",
        target=0.3,
        measure=whole_run(WITH_MOTO, TEST_WITH_MOTO),
    ),
    Row(what="first use: importing the library after boto3", against="importing boto3", target=0.3, measure=first_use),
    Row(what="plugin loaded, not used", against="pytest -p no:detective_fake", target=1.03, measure=plugin_not_used),
)
