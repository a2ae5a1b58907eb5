"""Other packages that work on the same calls, or on the same tests. `nox -s neighbours` installs each and runs this.

pytest collects this module only if its path is given. A test whose package is not installed is skipped.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from pathlib import Path

ADMINISTRATOR, MEMBER = "111111111111", "222222222222"
ACCOUNTS: Any = [{"AccountId": MEMBER, "EmailAddress": "a@example.com"}]

TESTS = """
    import boto3

    def test_calls(detective_fake):
        client = boto3.client("detective")
        arn = client.create_graph()["GraphArn"]
        client.create_members(GraphArn=arn, Accounts=[{"AccountId": "222222222222", "EmailAddress": "a@example.com"}])
        detective_fake.client("222222222222").accept_invitation(GraphArn=arn)
        assert client.list_members(GraphArn=arn)["MemberDetails"][0]["Status"] == "ENABLED"

    def test_retries(detective_fake):
        detective_fake.faults.add("ListGraphs", error="ThrottlingException", times=2)
        assert boto3.client("detective").list_graphs()["GraphList"] == []
        assert len(detective_fake.calls[0].attempts) == 3
"""

PLUGINS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "pytest_recording": ("", ("--block-network",), ""),
    "pytest_socket": ("", ("--disable-socket",), ""),
    "pytest_mock": ("", (), "def test_spy(detective_fake, mocker): mocker.patch.dict('os.environ', {'A': 'b'})"),
    "pytest_env": ("[pytest]\nenv =\n    AWS_PROFILE=none", (), ""),
    "pytest_randomly": ("", ("-p", "randomly"), ""),
    "pytest_repeat": ("", ("--count=2",), ""),
    "pytest_rerunfailures": ("", ("--reruns=2",), ""),
    "pytest_timeout": ("", ("--timeout=60",), ""),
    "pytest_subtests": (
        "",
        (),
        "def test_sub(detective_fake, subtests):\n    with subtests.test(): detective_fake.client().list_graphs()",
    ),
    "pytest_asyncio": ("", (), ""),
    "anyio": ("", (), ""),
    "syrupy": ("", (), "def test_snap(detective_fake, snapshot): assert detective_fake.graphs == ()"),
    "inline_snapshot": (
        "",
        (),
        "def test_inline(detective_fake):\n    from inline_snapshot import snapshot\n    assert [] == snapshot([])",
    ),
    "xdist": ("", ("-n", "2"), ""),
}
"""Module -> configuration, arguments and a further test."""

BDD = """
    from pytest_bdd import scenario, given, then

    @scenario("it.feature", "a graph")
    def test_it(): pass

    @given("a graph")
    def graph(detective_fake): detective_fake.client().create_graph()

    @then("it is listed")
    def listed(detective_fake): assert len(detective_fake.client().list_graphs()["GraphList"]) == 1
"""

GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent
from detective_fake import DetectiveFake
with DetectiveFake() as fake:
    clients = [fake.client(f"{number:012}") for number in range(8)]
    gevent.joinall([gevent.spawn(client.create_graph) for client in clients], raise_error=True)
    assert len(fake.graphs) == 8
"""


def call(fake: DetectiveFake, session: Any = None) -> None:
    """Invite an account, on the short path and with a retry, and check what is left."""
    session = session or boto3.Session(ADMINISTRATOR, "x", region_name="us-east-1")
    client = session.client("detective")
    arn = client.create_graph()["GraphArn"]
    fake.faults.add("CreateMembers", error="InternalServerException")
    client.create_members(GraphArn=arn, Accounts=ACCOUNTS)
    fake.client(MEMBER).accept_invitation(GraphArn=arn)
    assert [each["Status"] for each in client.list_members(GraphArn=arn)["MemberDetails"]] == ["ENABLED"]
    assert len(fake.calls) == 4


@pytest.mark.parametrize("plugin", PLUGINS)
def test_plugins(plugin: str, pytester: pytest.Pytester) -> None:
    """The fixture works in tests that a plugin takes part in."""
    pytest.importorskip(plugin)
    settings, arguments, further = PLUGINS[plugin]
    if settings:
        pytester.makeini(settings)
    pytester.makepyfile(TESTS, **({"test_further": further} if further else {}))
    result = pytester.runpytest_subprocess(*arguments)
    result.assert_outcomes(passed=(2 + bool(further)) * (2 if plugin == "pytest_repeat" else 1))


def test_pytest_bdd(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_bdd")
    pytester.makefile(".feature", it="Feature: f\n  Scenario: a graph\n    Given a graph\n    Then it is listed\n")
    pytester.makepyfile(BDD)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_moto() -> None:
    moto = pytest.importorskip("moto")
    with moto.mock_aws(), DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert boto3.client("sts", region_name="us-east-1").get_caller_identity()["Account"] == "123456789012"
    with DetectiveFake(ADMINISTRATOR) as fake, moto.mock_aws():
        call(fake)


def test_responses() -> None:
    responses = pytest.importorskip("responses")
    with responses.RequestsMock(), DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)


def test_requests_mock() -> None:
    requests_mock = pytest.importorskip("requests_mock")
    with requests_mock.Mocker() as mocker, DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert mocker.call_count == 0


def test_vcr(tmp_path: Path) -> None:
    vcr = pytest.importorskip("vcr")
    with vcr.use_cassette(str(tmp_path / "tape.yaml")) as tape, DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert len(tape) == 0


def test_placebo(tmp_path: Path) -> None:
    placebo = pytest.importorskip("placebo")
    with DetectiveFake(ADMINISTRATOR) as fake:
        session = boto3.Session(ADMINISTRATOR, "x", region_name="us-east-1")
        placebo.attach(session, data_path=str(tmp_path)).record()
        call(fake, session)
    assert len([*tmp_path.glob("*.CreateGraph_1.json")]) == 1


def test_opentelemetry() -> None:
    botocore = pytest.importorskip("opentelemetry.instrumentation.botocore")
    botocore.BotocoreInstrumentor().instrument()
    try:
        with DetectiveFake(ADMINISTRATOR) as fake:
            call(fake)
    finally:
        botocore.BotocoreInstrumentor().uninstrument()


def test_xray() -> None:
    core = pytest.importorskip("aws_xray_sdk.core")
    core.patch(["botocore"])
    core.xray_recorder.configure(sampling=False, context_missing="IGNORE_ERROR")
    with DetectiveFake(ADMINISTRATOR) as fake, core.xray_recorder.in_segment("s"):
        call(fake)


def test_sentry() -> None:
    sentry_sdk = pytest.importorskip("sentry_sdk")
    boto3_integration = pytest.importorskip("sentry_sdk.integrations.boto3").Boto3Integration()
    sentry_sdk.init(dsn="", integrations=[boto3_integration], traces_sample_rate=1.0)
    with DetectiveFake(ADMINISTRATOR) as fake, sentry_sdk.start_transaction(op="test"):
        call(fake)


def test_ddtrace() -> None:
    pytest.importorskip("ddtrace")
    code = "from ddtrace import patch; patch(botocore=True)\nfrom tests.neighbours import *\n"
    code += "with DetectiveFake(ADMINISTRATOR) as fake: call(fake)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_powertools() -> None:
    powertools = pytest.importorskip("aws_lambda_powertools")

    def handle(_event: Any, _context: Any) -> str:
        with DetectiveFake(ADMINISTRATOR) as fake:
            call(fake)
        return "done"

    class Context:
        function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "x"

    tracer = powertools.Tracer(service="s", disabled=True)
    handler = powertools.Logger(service="s").inject_lambda_context(tracer.capture_lambda_handler(handle))
    assert handler({}, Context()) == "done"


def test_freezegun() -> None:
    freezegun = pytest.importorskip("freezegun")
    with freezegun.freeze_time("2024-05-17T12:00:00Z"), DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert fake.graphs[0].created_at == datetime(2024, 5, 17, 12, tzinfo=timezone.utc)


def test_time_machine() -> None:
    time_machine = pytest.importorskip("time_machine")
    with time_machine.travel("2024-05-17T12:00:00Z", tick=False), DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert fake.graphs[0].created_at == datetime(2024, 5, 17, 12, tzinfo=timezone.utc)


def test_aioboto3() -> None:
    aioboto3 = pytest.importorskip("aioboto3")

    async def run(fake: DetectiveFake) -> None:
        async with aioboto3.Session().client("detective") as client:
            await client.create_graph()
            fake.faults.add("ListGraphs", error="ThrottlingException")
            assert len((await client.list_graphs())["GraphList"]) == 1

    with DetectiveFake(ADMINISTRATOR) as fake:
        asyncio.run(run(fake))


def test_botocove() -> None:
    botocove = pytest.importorskip("botocove")
    moto = pytest.importorskip("moto")

    def create(session: Any) -> Any:
        return session.client("detective").create_graph()["GraphArn"]

    with moto.mock_aws(), DetectiveFake(ADMINISTRATOR) as fake:
        organizations = boto3.client("organizations", region_name="us-east-1")
        organizations.create_organization(FeatureSet="ALL")
        created = organizations.create_account(Email="a@example.com", AccountName="a")
        account_id = created["CreateAccountStatus"]["AccountId"]
        output = botocove.cove(create, target_ids=[account_id], regions=["us-east-1"])()
        assert output["Exceptions"] == output["FailedAssumeRole"] == []
        assert [graph.administrator_id for graph in fake.graphs] == [account_id]


def test_gevent() -> None:
    pytest.importorskip("gevent")
    subprocess.run([sys.executable, "-c", GEVENT], check=True, timeout=120)
