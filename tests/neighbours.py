"""Other packages that work on the same calls, or on the same tests. Each test is named after one of them.

`nox -s neighbours` installs each package into an environment of its own and runs its test. pytest collects this module
only if its path is given.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from datetime import datetime, timezone
from importlib import import_module
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ADMINISTRATOR, MEMBER = "111111111111", "222222222222"
ACCOUNTS: Any = [{"AccountId": MEMBER, "EmailAddress": "a@example.com"}]
NOON = datetime(2024, 5, 17, 12, tzinfo=timezone.utc)

ON_BOTH_PATHS = """
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


CALLED = {"CreateGraph": 1, "CreateMembers": 1, "AcceptInvitation": 1, "ListMembers": 1}
"""The operations of `call`."""


def check_traced(operations: Iterable[str]) -> None:
    """Check that a tracer has seen each call once."""
    assert Counter(operations) == CALLED


def run(code: str) -> None:
    """Run a program in another process: what it changes cannot be undone."""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


# Plugins of pytest: calls on both paths, and what else the plugin does.


def test_anyio(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        ON_BOTH_PATHS,
        test_group="""
            import anyio, pytest

            @pytest.mark.anyio
            async def test_threads(detective_fake):
                async with anyio.create_task_group() as group:
                    for number in range(4):
                        client = detective_fake.client(f"{number:012}")
                        group.start_soon(anyio.to_thread.run_sync, client.create_graph)
                assert len(detective_fake.graphs) == 4
        """,
    )
    pytester.runpytest_subprocess("-k", "not trio").assert_outcomes(passed=3)


def test_pytest_asyncio(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        ON_BOTH_PATHS,
        test_gather="""
            import asyncio, pytest

            @pytest.mark.asyncio
            async def test_threads(detective_fake):
                clients = [detective_fake.client(f"{number:012}") for number in range(4)]
                await asyncio.gather(*(asyncio.to_thread(client.create_graph) for client in clients))
                assert len(detective_fake.graphs) == 4
        """,
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)


def test_pytest_bdd(pytester: pytest.Pytester) -> None:
    pytester.makefile(".feature", it="Feature: f\n  Scenario: a graph\n    Given a graph\n    Then it is listed\n")
    pytester.makepyfile("""
        from pytest_bdd import scenario, given, then

        @scenario("it.feature", "a graph")
        def test_it(): pass

        @given("a graph")
        def graph(detective_fake): detective_fake.client().create_graph()

        @then("it is listed")
        def listed(detective_fake): assert len(detective_fake.client().list_graphs()["GraphList"]) == 1
    """)
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_pytest_env(pytester: pytest.Pytester) -> None:
    """It sets a profile that the machine does not have, and an account."""
    pytester.makeini("[pytest]\nenv =\n    AWS_PROFILE=none\n    AWS_ACCESS_KEY_ID=333333333333")
    pytester.makepyfile(
        ON_BOTH_PATHS,
        test_env="""
            import os

            def test_is_restored(detective_fake):
                assert "AWS_PROFILE" not in os.environ
                detective_fake.stop()
                assert (os.environ["AWS_PROFILE"], os.environ["AWS_ACCESS_KEY_ID"]) == ("none", "333333333333")
        """,
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)


def test_pytest_mock(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        ON_BOTH_PATHS,
        test_mock="""
            from botocore.client import BaseClient

            def test_spy(detective_fake, mocker):
                spy = mocker.spy(BaseClient, "_make_api_call")
                detective_fake.client().create_graph()
                assert spy.call_args.args[1:] == ("CreateGraph", {})
                assert spy.spy_return["GraphArn"] == detective_fake.graphs[0].arn

            def test_patched_environment(detective_fake, mocker):
                mocker.patch.dict("os.environ", {"AWS_ACCESS_KEY_ID": "333333333333"})
                import boto3
                boto3.client("detective").create_graph()
                assert detective_fake.graphs[0].administrator_id == "333333333333"
        """,
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=4)


def test_pytest_randomly(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ON_BOTH_PATHS)
    result = pytester.runpytest_subprocess("-p", "randomly", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["Using --randomly-seed=*"])


def test_pytest_recording(pytester: pytest.Pytester) -> None:
    """Nothing is recorded, and nothing reaches the blocked network."""
    pytester.makepyfile(
        ON_BOTH_PATHS,
        test_recording="""
            import pytest

            @pytest.mark.vcr
            def test_cassette(detective_fake, vcr):
                detective_fake.faults.add("ListGraphs", error="ThrottlingException")
                detective_fake.client().list_graphs()
                assert len(vcr) == 0
        """,
    )
    pytester.runpytest_subprocess("--block-network", "--record-mode=all").assert_outcomes(passed=3)
    assert not [*pytester.path.glob("cassettes/**/*.yaml")]


def test_pytest_repeat(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ON_BOTH_PATHS)
    pytester.runpytest_subprocess("--count=2").assert_outcomes(passed=4)


def test_pytest_rerunfailures(pytester: pytest.Pytester) -> None:
    """The second run has a new fake."""
    pytester.makepyfile(
        ON_BOTH_PATHS,
        test_flaky="""
            runs = []

            def test_flaky(detective_fake):
                detective_fake.client().create_graph()
                runs.append(len(detective_fake.graphs))
                assert runs == [1, 1]
        """,
    )
    result = pytester.runpytest_subprocess("--reruns=1")
    assert result.parseoutcomes() == {"passed": 3, "rerun": 1}


def test_pytest_socket(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ON_BOTH_PATHS)
    pytester.runpytest_subprocess("--disable-socket").assert_outcomes(passed=2)


def test_pytest_subtests(pytester: pytest.Pytester) -> None:
    """A test whose subtest fails shows the fake's calls."""
    pytester.makepyfile(
        ON_BOTH_PATHS,
        test_subtests="""
            def test_sub(detective_fake, subtests):
                with subtests.test("graph"):
                    detective_fake.client().create_graph()
                with subtests.test("list"):
                    assert len(detective_fake.client().list_graphs()["GraphList"]) == 1
        """,
    )
    assert pytester.runpytest_subprocess().ret == pytest.ExitCode.OK


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_pytest_timeout(pytester: pytest.Pytester, method: str) -> None:
    """By the signal, the timeout ends a test inside a call; the next test has a new fake."""
    pytester.makepyfile(
        ON_BOTH_PATHS,
        test_timeout="""
            import time
            import pytest

            @pytest.mark.xfail(strict=True)
            @pytest.mark.timeout(0.5, method="signal")
            def test_ends(detective_fake):
                detective_fake.on("CreateGraph")(lambda call: time.sleep(60))
                detective_fake.client().create_graph()

            def test_next(detective_fake):
                assert detective_fake.client().list_graphs()["GraphList"] == []
        """,
    )
    result = pytester.runpytest_subprocess("--timeout=60", f"--timeout-method={method}")
    result.assert_outcomes(passed=3, xfailed=1)


def test_pytest_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ON_BOTH_PATHS)
    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=2)


SNAPSHOT = """
    from datetime import datetime, timezone
    {import_}

    def test_snapshot(detective_fake{fixture}):
        detective_fake.clock.freeze(datetime(2024, 5, 17, tzinfo=timezone.utc))
        arn = detective_fake.client().create_graph(Tags={{"team": "blue"}})["GraphArn"]
        assert [arn, detective_fake.client().list_tags_for_resource(ResourceArn=arn)["Tags"]] == {expected}
"""


def test_syrupy(pytester: pytest.Pytester) -> None:
    """The next run gives the same response."""
    pytester.makepyfile(SNAPSHOT.format(import_="", fixture=", snapshot", expected="snapshot"))
    pytester.runpytest_subprocess("--snapshot-update").assert_outcomes(passed=1)
    assert ":graph:" in pytester.path.joinpath("__snapshots__", "test_syrupy.ambr").read_text("utf-8")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_inline_snapshot(pytester: pytest.Pytester) -> None:
    """The next run gives the same response."""
    import_ = "from inline_snapshot import snapshot"
    module = pytester.makepyfile(SNAPSHOT.format(import_=import_, fixture="", expected="snapshot()"))
    pytester.runpytest_subprocess("--inline-snapshot=create")
    assert ":graph:" in module.read_text("utf-8")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


# Other fakes and recorders.


def test_botocove() -> None:
    moto, botocove = import_module("moto"), import_module("botocove")

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


def test_moto() -> None:
    """Each answers its own services, whichever begins first."""
    moto = import_module("moto")
    with moto.mock_aws(), DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert boto3.client("sts", region_name="us-east-1").get_caller_identity()["Account"] == "123456789012"
    with DetectiveFake(ADMINISTRATOR) as fake, moto.mock_aws():
        call(fake)
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="bucket")


def test_placebo(tmp_path: Path) -> None:
    """It records the responses, on both paths, and plays them."""
    placebo = import_module("placebo")
    session = boto3.Session(ADMINISTRATOR, "x", region_name="us-east-1")
    pill = placebo.attach(session, data_path=str(tmp_path))
    with DetectiveFake(ADMINISTRATOR) as fake:
        pill.record()
        call(fake, session)
    recorded = Counter(path.name.split(".")[2] for path in tmp_path.iterdir())
    assert recorded == {"CreateGraph_1": 1, "CreateMembers_1": 1, "ListMembers_1": 1}
    pill.stop()
    pill.playback()
    assert session.client("detective").create_graph()["GraphArn"] == fake.graphs[0].arn


def test_requests_mock() -> None:
    requests, requests_mock = import_module("requests"), import_module("requests_mock")
    with requests_mock.Mocker() as mocker, DetectiveFake(ADMINISTRATOR) as fake:
        mocker.get("https://example.com/", text="hello")
        call(fake)
        assert requests.get("https://example.com/", timeout=5).text == "hello"
        assert mocker.call_count == 1


def test_responses() -> None:
    requests, responses = import_module("requests"), import_module("responses")
    with responses.RequestsMock() as mocker, DetectiveFake(ADMINISTRATOR) as fake:
        mocker.get("https://example.com/", body="hello")
        call(fake)
        assert requests.get("https://example.com/", timeout=5).text == "hello"
        assert len(mocker.calls) == 1


def test_vcrpy(tmp_path: Path) -> None:
    """A cassette around the calls stays empty."""
    with import_module("vcr").use_cassette(str(tmp_path / "tape.yaml")) as tape, DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert len(tape) == 0


# Tracers: each call has its span.


def test_aws_lambda_powertools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of Lambda its tracer is off."""
    powertools, recorder = import_module("aws_lambda_powertools"), import_module("aws_xray_sdk.core").xray_recorder
    monkeypatch.setenv("LAMBDA_TASK_ROOT", "/var/task")
    tracer = powertools.Tracer(service="s", patch_modules=["botocore"])
    monkeypatch.delenv("LAMBDA_TASK_ROOT")
    sent: list[Any] = []

    class Emitter:
        def send_entity(self, entity: Any) -> None:
            sent.append(entity)

    class Context:
        function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "x"

    def handle(_event: Any, _context: Any) -> str:
        with DetectiveFake(ADMINISTRATOR) as fake:
            call(fake)
        return "done"

    recorder.configure(sampling=False, emitter=Emitter())
    handler = powertools.Logger(service="s").inject_lambda_context(tracer.capture_lambda_handler(handle))
    with recorder.in_segment("s"):
        assert handler({}, Context()) == "done"
    assert "## handle" in " ".join(entity.name for entity in sent)
    check_traced(entity.aws["operation"] for entity in sent if "operation" in entity.aws)


def test_aws_xray_sdk() -> None:
    core = import_module("aws_xray_sdk.core")
    core.patch(["botocore"])
    core.xray_recorder.configure(sampling=False)
    with DetectiveFake(ADMINISTRATOR) as fake, core.xray_recorder.in_segment("s") as segment:
        call(fake)
    check_traced(each.aws["operation"] for each in segment.subsegments)
    assert {each.http["response"]["status"] for each in segment.subsegments} == {200}


def test_ddtrace() -> None:
    run(f"""if True:
        from ddtrace import patch, tracer
        from ddtrace.trace import TraceFilter

        patch(botocore=True)
        spans = []

        class Filter(TraceFilter):
            def process_trace(self, trace):
                spans.extend(trace)

        tracer.configure(trace_processors=[Filter()])

        from tests.neighbours import ADMINISTRATOR, DetectiveFake, call, check_traced

        with DetectiveFake({ADMINISTRATOR!r}) as fake:
            call(fake)
        check_traced(span.get_tag("aws.operation") for span in spans)
        """)


def test_opentelemetry_instrumentation_botocore() -> None:
    botocore = import_module("opentelemetry.instrumentation.botocore")
    export = import_module("opentelemetry.sdk.trace.export")
    memory = import_module("opentelemetry.sdk.trace.export.in_memory_span_exporter").InMemorySpanExporter()
    provider = import_module("opentelemetry.sdk.trace").TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(memory))
    botocore.BotocoreInstrumentor().instrument(tracer_provider=provider)
    try:
        with DetectiveFake(ADMINISTRATOR) as fake:
            call(fake)
    finally:
        botocore.BotocoreInstrumentor().uninstrument()
    spans = memory.get_finished_spans()
    check_traced(span.attributes["rpc.method"] for span in spans)
    assert {span.attributes["http.status_code"] for span in spans} == {200}


def test_sentry_sdk() -> None:
    sentry_sdk = import_module("sentry_sdk")
    integration = import_module("sentry_sdk.integrations.boto3").Boto3Integration()
    sent: list[Any] = []

    def keep(event: Any, _hint: Any) -> None:
        sent.append(event)

    sentry_sdk.init(
        dsn="http://key@127.0.0.1/1",
        integrations=[integration],
        traces_sample_rate=1.0,
        before_send_transaction=keep,
    )
    with DetectiveFake(ADMINISTRATOR) as fake, sentry_sdk.start_transaction(op="test"):
        call(fake)
    check_traced(span["description"].removeprefix("aws.detective.") for span in sent[0]["spans"])


# Time, and other ways to run at the same time.


def test_freezegun() -> None:
    with import_module("freezegun").freeze_time("2024-05-17T12:00:00Z"), DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert fake.graphs[0].created_at == NOON


def test_time_machine() -> None:
    with import_module("time_machine").travel(NOON, tick=False), DetectiveFake(ADMINISTRATOR) as fake:
        call(fake)
        assert fake.graphs[0].created_at == NOON


def test_aioboto3() -> None:
    aioboto3 = import_module("aioboto3")

    async def create(fake: DetectiveFake) -> None:
        async with aioboto3.Session().client("detective") as client:
            await client.create_graph()
            fake.faults.add("ListGraphs", error="ThrottlingException")
            assert len((await client.list_graphs())["GraphList"]) == 1

    with DetectiveFake(ADMINISTRATOR) as fake:
        asyncio.run(create(fake))
        assert [len(each.attempts) for each in fake.calls] == [1, 2]


def test_gevent() -> None:
    run("""if True:
        from gevent import monkey
        monkey.patch_all()
        import gevent
        from detective_fake import DetectiveFake
        with DetectiveFake() as fake:
            fake.faults.add("*", error="InternalServerException", times=4)
            clients = [fake.client(f"{number:012}") for number in range(8)]
            gevent.joinall([gevent.spawn(client.create_graph) for client in clients], raise_error=True)
            assert len(fake.graphs) == 8
        """)
