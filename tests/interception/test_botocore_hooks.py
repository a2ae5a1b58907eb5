"""The hook: it covers every client, the innermost fake responds, and nothing is left behind."""

from __future__ import annotations

import asyncio
import functools
import itertools
import os
import subprocess
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from unittest import mock

import awscli.clidriver
import boto3
import botocore.session
import pytest
from aiobotocore.session import AioSession, get_session
from botocore import hooks, httpchecksum
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.hooks import EventAliaser
from botocore.loaders import Loader
from botocore.retries import standard
from botocore.stub import Stubber
from moto import mock_aws

from detective_fake.errors import FakeUsageError, NotFaked, ServiceError
from detective_fake.interception import botocore_hooks, environment
from detective_fake.interception.botocore_hooks import RETRIED_CODES, RETRIED_STATUSES, activate, deactivate
from detective_fake.interception.callers import make_credentials
from detective_fake.interception.environment import Machine
from tests.interception.stand_in import (
    DEFAULT_ACCOUNT,
    GRAPH_ARN,
    OLD_KEY,
    OTHER_ACCOUNT,
    REGION,
    Left,
    StandIn,
    a_client,
    a_result,
    active,
    handlers,
    retrying,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGINAL = vars(EventAliaser)["emit_until_response"]
OLD_SESSION = boto3.Session(region_name=REGION, **OLD_KEY)  # type: ignore[arg-type]
OLD_BOTOCORE_SESSION = botocore.session.Session()

CLIENTS: dict[str, Any] = {
    "of a session": lambda: boto3.Session().client("detective"),
    "of the default session": lambda: boto3.client("detective"),
    "of an old session": lambda: OLD_SESSION.client("detective"),
    "of botocore": lambda: botocore.session.Session().create_client("detective"),
    "of an old session of botocore": lambda: OLD_BOTOCORE_SESSION.create_client("detective", REGION),
    "dual-stack": lambda: a_client(config=Config(use_dualstack_endpoint=True)),
    "FIPS": lambda: a_client(config=Config(use_fips_endpoint=True)),
    "FIPS in GovCloud": lambda: a_client(region_name="us-gov-west-1", config=Config(use_fips_endpoint=True)),
    "GovCloud": lambda: a_client(region_name="us-gov-east-1"),
    "endpoint_url": lambda: a_client(endpoint_url="http://localhost:4566"),
    "endpoint_url with a path": lambda: a_client(endpoint_url="https://proxy.example/aws/detective/"),
    "unsigned": lambda: a_client(config=Config(signature_version=botocore.UNSIGNED)),
}

ASK_FIRST_THE_CLI = """
import awscli.clidriver
from tests.interception.stand_in import StandIn, active
with active(backend := StandIn()):
    status = awscli.clidriver.create_clidriver().main(["detective", "list-graphs"])
print(status, len(backend.requests))
"""


@pytest.fixture(params=[False, True], ids=["short", "wire"])
def wire(request: pytest.FixtureRequest) -> bool:
    """Run the test on the short path and on the wire path."""
    return request.param  # type: ignore[no-any-return]


class TestEveryClientIsCovered:
    @pytest.mark.parametrize("make_client", CLIENTS.values(), ids=CLIENTS.keys())
    def test_a_new_one(self, make_client: Any, wire: bool) -> None:  # noqa: FBT001
        """With any endpoint."""
        with active(StandIn(wire=wire)):
            assert make_client().list_graphs()["GraphList"][0]["Arn"] == GRAPH_ARN

    def test_an_early_one(self, early_client: Any, client: Any, wire: bool) -> None:  # noqa: FBT001
        """As at the top of a module, with or without credentials."""
        with active(StandIn(wire=wire)):
            assert early_client.list_graphs()["GraphList"] == client.list_graphs()["GraphList"]

    def test_one_with_an_endpoint_from_the_environment(self, wire: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
        """`AWS_ENDPOINT_URL_DETECTIVE`, set before the fake or while it is active."""
        monkeypatch.setenv("AWS_ENDPOINT_URL_DETECTIVE", "http://localhost:4566")
        early = a_client()
        monkeypatch.setattr(environment, "_machine", Machine(is_known=True))
        with active(StandIn(wire=wire)):
            assert "amazonaws.com" in a_client().meta.endpoint_url
            with mock.patch.dict(os.environ, AWS_ENDPOINT_URL_DETECTIVE="http://localhost:4567"):
                for client in (early, a_client()):
                    assert "localhost" in client.meta.endpoint_url
                    assert client.list_graphs()["GraphList"]

    def test_one_of_aiobotocore(self, wire: bool) -> None:  # noqa: FBT001
        """It gets the same responses."""

        async def call() -> Any:
            made: Any = AioSession().create_client("detective", region_name=REGION)
            async with made as client:
                return await client.list_graphs(), await client.list_tags_for_resource(ResourceArn=GRAPH_ARN)

        with active(backend := StandIn(wire=wire)):
            graphs, _ = asyncio.run(call())
        assert graphs["GraphList"][0]["Arn"] == GRAPH_ARN
        assert backend.requests[1].parameters == {"ResourceArn": GRAPH_ARN}

    def test_an_early_one_of_aiobotocore(self, wire: bool) -> None:  # noqa: FBT001
        """Created before the fake, used during it."""

        async def call() -> Any:
            made: Any = get_session().create_client("detective", region_name=REGION, **OLD_KEY)
            async with made as client:
                with active(StandIn(wire=wire)):
                    return await client.list_graphs()

        assert asyncio.run(call())["GraphList"][0]["Arn"] == GRAPH_ARN


class TestTheCommandLine:
    @pytest.mark.skipif(not hasattr(httpchecksum, "DEFAULT_CHECKSUM_ALGORITHM"), reason="botocore is too old for it")
    def test_it_takes_the_wire_path(self, capsys: pytest.CaptureFixture[str]) -> None:
        """In this process: timestamps are printed as they are sent."""
        with active(backend := StandIn()):
            status = awscli.clidriver.create_clidriver().main(["detective", "list-graphs", "--max-results", "2"])
        assert (status, len(backend.attempts)) == (0, 1)
        assert '"CreatedTime": "2024-03-05T12:00:00.250Z"' in capsys.readouterr().out
        assert backend.requests[0].user_agent.startswith("aws-cli/")

    @pytest.mark.slow
    def test_its_own_copy_of_botocore_is_covered(self) -> None:
        """The only copy if the CLI is imported first."""
        command = [sys.executable, "-c", ASK_FIRST_THE_CLI]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "0 1"

    def test_a_second_copy_is_covered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Besides the one that is called botocore."""
        second = type("EventAliaser", (), {"emit_until_response": lambda *_args, **_kwargs: (None, None)})
        before = dict(vars(second))
        monkeypatch.setitem(sys.modules, "awscli.botocore.hooks", mock.Mock(EventAliaser=second))
        with active(StandIn()):
            assert vars(second)["emit_until_response"] is not before["emit_until_response"]
        assert dict(vars(second)) == before


class TestRequest:
    def test_it_has_operation_parameters_and_regions(self, client: Any, wire: bool) -> None:  # noqa: FBT001
        """Parameters from body, path and query string."""
        with active(backend := StandIn(wire=wire)):
            client.untag_resource(ResourceArn=GRAPH_ARN, TagKeys=["a", "b"])
        (request,) = backend.requests
        assert (request.operation, request.parameters) == (
            "UntagResource",
            {"ResourceArn": GRAPH_ARN, "TagKeys": ["a", "b"]},
        )
        assert (request.region, request.client_region) == (REGION, REGION)
        assert "Botocore" in request.user_agent

    def test_it_has_the_caller(self, client: Any, wire: bool) -> None:  # noqa: FBT001
        """By the client's credentials, else the default caller."""
        with active(backend := StandIn(wire=wire)):
            client.list_graphs()
            a_client(**make_credentials(OTHER_ACCOUNT)).list_graphs()
        assert [request.caller.account_id for request in backend.requests] == [DEFAULT_ACCOUNT, OTHER_ACCOUNT]

    def test_the_machines_login_is_the_default_caller(self, monkeypatch: pytest.MonkeyPatch, wire: bool) -> None:  # noqa: FBT001
        """Also for a client created before the fake."""
        key = make_credentials(OTHER_ACCOUNT)
        for name, value in key.items():
            monkeypatch.setenv(name.upper(), str(value))
        monkeypatch.setattr(environment, "_machine", Machine(is_known=True))
        early = boto3.Session().client("detective", region_name=REGION)
        with active(backend := StandIn(wire=wire)):
            early.list_graphs()
        assert backend.requests[0].caller.account_id == DEFAULT_ACCOUNT
        assert "the machine's own: default used" in backend.requests[0].caller.rule

    def test_roles_of_moto_are_callers(self, wire: bool) -> None:  # noqa: FBT001
        """`sts.assume_role` returns keys of the role's account."""
        with mock_aws(), active(backend := StandIn(wire=wire)):
            role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/member"
            assumed = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            a_client(
                aws_access_key_id=assumed["AccessKeyId"],
                aws_secret_access_key=assumed["SecretAccessKey"],
                aws_session_token=assumed["SessionToken"],
            ).list_graphs()
        assert backend.requests[0].caller.account_id == OTHER_ACCOUNT

    def test_an_operation_that_our_model_lacks_has_no_parameters(self, wire: bool) -> None:  # noqa: FBT001
        """The fake reports that it does not implement it."""
        client = a_client()
        operations = client.meta.service_model._service_description["operations"]  # noqa: SLF001
        operations["ListWonders"] = {**operations["ListGraphs"], "name": "ListWonders"}
        with active(backend := StandIn(NotFaked("ListWonders", ()), wire=wire)), pytest.raises(NotFaked):
            client._make_api_call("ListWonders", {"MaxResults": 3})  # noqa: SLF001
        assert (backend.requests[0].operation, backend.requests[0].parameters) == ("ListWonders", {})


class TestAnswer:
    def test_both_paths_return_the_same(self, client: Any) -> None:
        """Keys and their order, values and types."""
        with active(StandIn()):
            short = client.list_graphs()
        with active(StandIn(wire=True)):
            assert repr(client.list_graphs()) == repr(short)

    def test_an_error_is_the_clients_exception(self, client: Any, wire: bool) -> None:  # noqa: FBT001
        """With the response that botocore attaches."""
        error = ServiceError("No.", error_code="ConflictException")
        with active(StandIn(error, wire=wire)), pytest.raises(client.exceptions.ConflictException) as raised:
            client.list_graphs()
        assert raised.value.response["Error"] == {"Code": "ConflictException", "Message": "No."}
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409

    def test_handlers_of_after_call_receive_it(self, wire: bool) -> None:  # noqa: FBT001
        """The HTTP response and the parsed one."""
        client, seen = a_client(), []
        client.meta.events.register("after-call.detective", lambda http_response, **_: seen.append(http_response))
        with active(StandIn(wire=wire)):
            client.list_graphs()
        assert isinstance(seen[0], AWSResponse)
        assert (seen[0].status_code, b"GraphList" in seen[0].content) == (200, True)

    def test_a_usage_error_is_raised_unchanged(self, client: Any, wire: bool) -> None:  # noqa: FBT001
        """It is a mistake of the test."""
        with active(StandIn(FakeUsageError("misused"), wire=wire)), pytest.raises(FakeUsageError, match="misused"):
            client.list_graphs()


class TestWhatBotocoreRetries:
    def test_the_tables_include_those_of_standard_mode(self) -> None:
        """A code that is missing here would be answered on the wrong path."""
        throttled: Any = standard.ThrottledRetryableChecker
        transient: Any = standard.TransientRetryableChecker
        codes = {*throttled._THROTTLED_ERROR_CODES, *transient._TRANSIENT_ERROR_CODES}  # noqa: SLF001
        assert codes <= RETRIED_CODES
        assert set(transient._TRANSIENT_STATUS_CODES) <= RETRIED_STATUSES  # noqa: SLF001

    def test_the_tables_include_those_of_legacy_mode(self) -> None:
        """From its policy file."""
        policies = Loader().load_data("_retry")["definitions"].values()
        wanted = [policy["applies_when"].get("response", {}) for policy in policies]
        codes = {response["service_error_code"] for response in wanted if "service_error_code" in response}
        statuses = {response.get("http_status_code") for response in wanted if "service_error_code" not in response}
        assert codes <= RETRIED_CODES
        assert statuses - {None} <= RETRIED_STATUSES


class TestTheUsersOwnHandlers:
    def test_a_stubber_takes_precedence(self, wire: bool) -> None:  # noqa: FBT001
        """Its responses first, then the fake's."""
        client = a_client()
        with active(backend := StandIn(wire=wire)):
            with Stubber(client) as stubber:
                stubber.add_response("list_graphs", {"NextToken": "stubbed"})
                assert client.list_graphs()["NextToken"] == "stubbed"
            assert client.list_graphs()["GraphList"]
        assert len(backend.requests) == 1

    def test_an_asynchronous_handler_takes_precedence(self) -> None:
        """The emission is awaited before the fake responds."""

        async def call() -> Any:
            made: Any = AioSession().create_client("detective", region_name=REGION)
            async with made as client:
                client.meta.events.register("before-call.detective", answer)
                return await client.list_graphs()

        async def answer(**_: object) -> Any:
            await asyncio.sleep(0)
            return mock.Mock(status_code=200), {"NextToken": "stubbed"}

        with active(backend := StandIn()):
            assert asyncio.run(call()) == {"NextToken": "stubbed"}
        assert backend.requests == []

    @pytest.mark.parametrize("event", ["before-call", "before-call.detective", "before-call.*.ListGraphs"])
    def test_one_registered_between_two_calls_is_called(self, event: str) -> None:
        """And no longer after it is unregistered."""
        client = a_client()
        answer = mock.Mock(status_code=200), {"NextToken": "its own"}
        tokens = []

        def handler(**_: object) -> Any:
            return answer

        with active(backend := StandIn()):
            for change in ("none", "register", "unregister"):
                if change != "none":
                    getattr(client.meta.events, change)(event, handler)
                tokens += [client.list_graphs().get("NextToken") for _ in range(2)]
        assert tokens == [None, None, "its own", "its own", None, None]
        assert len(backend.requests) == 4

    def test_botocores_own_handlers_are_called(self, wire: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
        """They add headers to every attempt on the wire path."""
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "function")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1")
        client = a_client(config=retrying("standard"))
        seen: list[Any] = []
        client.meta.events.register("before-send.detective", lambda request, **_: seen.append(request.headers))
        throttled = ServiceError(error_code="TooManyRequestsException")
        with active(StandIn(*[throttled, None] * 2, wire=wire)):
            for _ in range(2):
                client.list_graphs()
        assert [headers["X-Amzn-Trace-Id"] for headers in seen] == [b"Root=1"] * 4

    def test_they_can_change_the_request(self, wire: bool) -> None:  # noqa: FBT001
        """The fake receives the changed request."""
        client = a_client()
        client.meta.events.register(
            "before-call.detective", lambda params, **_: params.update(body=b'{"MaxResults": 7}')
        )
        with active(backend := StandIn(wire=wire)):
            client.list_graphs()
        assert backend.requests[0].parameters == {"MaxResults": 7}

    def test_an_invalid_body_is_malformed(self) -> None:
        """The service rejects it."""
        client = a_client()
        client.meta.events.register("before-call.detective", lambda params, **_: params.update(body=b"{"))
        with active(backend := StandIn()):
            client.list_graphs()
        assert backend.requests[0].malformed

    def test_their_exceptions_are_raised(self, wire: bool) -> None:  # noqa: FBT001
        """The fake is not called."""

        def fail(**_: object) -> None:
            raise ValueError("own")

        client = a_client()
        client.meta.events.register("before-call.detective", fail)
        with active(backend := StandIn(wire=wire)), pytest.raises(ValueError, match="own"):
            client.list_graphs()
        assert (backend.requests, backend.begun) == ([], [])


class TestOtherServices:
    def test_they_are_not_answered(self, wire: bool) -> None:  # noqa: FBT001
        """A client of STS gets its response from moto."""
        with active(StandIn(wire=wire)), mock_aws():
            assert boto3.client("sts").get_caller_identity()["Account"] == DEFAULT_ACCOUNT

    def test_moto_can_be_active_outside_or_inside(self, wire: bool) -> None:  # noqa: FBT001
        """The fake answers Detective's calls in both cases."""
        with mock_aws(), active(backend := StandIn(wire=wire)), mock_aws():
            boto3.client("detective", region_name=REGION).list_graphs()
        assert len(backend.requests) == 1

    def test_other_events_pass_through(self) -> None:
        """Their results are returned unchanged."""
        emitter = EventAliaser(mock.Mock(**{"emit_until_response.return_value": ("handler", None)}))
        with active(StandIn()):
            assert emitter.emit_until_response("before-call.sts.GetCallerIdentity", a=1) == ("handler", None)
            assert emitter.emit_until_response(event_name="before-call.detective-two.X") == ("handler", None)


class TestSeveral:
    def test_the_innermost_responds(self, client: Any, wire: bool) -> None:  # noqa: FBT001
        """Then the outer one again."""
        with active(outer := StandIn(wire=wire)):
            with active(inner := StandIn(wire=wire)):
                client.list_graphs()
            client.list_graphs()
        assert (len(inner.requests), len(outer.requests)) == (1, 1)

    @pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
    def test_they_stop_in_any_order(self, client: Any, order: tuple[int, ...]) -> None:
        """The innermost that is left responds."""
        some = [StandIn() for _ in range(3)]
        for backend in some:
            activate(backend)
        left = [0, 1, 2]
        for position in order:
            client.list_graphs()
            assert len(some[left[-1]].requests) >= 1
            some[left[-1]].requests.clear()
            deactivate(some[position])
            left.remove(position)
        assert [backend.requests for backend in some] == [[], [], []]
        assert vars(EventAliaser)["emit_until_response"] is ORIGINAL

    def test_one_that_is_not_active_can_be_deactivated(self, client: Any) -> None:
        """It has no effect."""
        with active(backend := StandIn()):
            deactivate(StandIn())
            client.list_graphs()
        assert len(backend.requests) == 1

    def test_threads_can_call_while_fakes_start_and_stop(self, client: Any) -> None:
        """Each call gets one response, from an active fake."""
        stop = threading.Event()

        def come_and_go() -> None:
            while not stop.is_set():
                with active(StandIn(name="inner", hermetic=False)):
                    pass

        with active(StandIn(name="outer")), ThreadPoolExecutor(4) as pool:
            coming = pool.submit(come_and_go)
            try:
                responses = list(pool.map(lambda _: client.list_graphs(), range(200)))
            finally:
                stop.set()
            coming.result()
        assert all(response["GraphList"] for response in responses)


def interrupted(function: Any, backend: StandIn, at: int) -> bool:
    """Call a function, and raise KeyboardInterrupt before a line of it or of what it calls in this room.

    Args:
        at: How many lines run before.

    Returns:
        Whether it was interrupted; False if it has fewer lines.
    """
    lines, tracing = itertools.count(), sys.gettrace()

    def trace(frame: types.FrameType, event: str, _: object) -> Any:  # pragma: no cover - it replaces coverage's own
        if event == "line" and "interception" in frame.f_code.co_filename and next(lines) == at:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    # The frame of this function is not traced.
    sys.settrace(trace)
    try:
        function(backend)
    except KeyboardInterrupt:  # pragma: no cover - as above
        return True
    finally:
        sys.settrace(tracing)
    return False


class TestNothingIsLeft:
    @pytest.fixture
    def _as_before(self, client: Any) -> Iterator[None]:
        before = handlers(client), dict(vars(client.meta.events))
        yield
        assert (handlers(client), dict(vars(client.meta.events))) == before

    @pytest.mark.usefixtures("_as_before")
    def test_after_a_block_that_raises(self, client: Any, wire: bool) -> None:  # noqa: FBT001
        """During a call."""
        with pytest.raises(ValueError, match="call"), active(StandIn(ValueError("call"), wire=wire)):
            client.list_graphs()
        assert vars(EventAliaser)["emit_until_response"] is ORIGINAL

    def test_after_an_activation_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment is restored, too, and the next activation succeeds."""
        monkeypatch.setattr(botocore_hooks, "_HOOKS_MODULES", None)
        before = dict(os.environ)
        backend = StandIn()
        with pytest.raises(TypeError):
            activate(backend)
        assert (dict(os.environ), vars(EventAliaser)["emit_until_response"]) == (before, ORIGINAL)
        monkeypatch.undo()
        with active(backend):
            assert backend.active

    def test_another_thread_may_be_importing_a_copy_of_botocore(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its module has no names yet."""
        monkeypatch.setitem(sys.modules, "awscli.botocore.hooks", types.ModuleType("hooks"))
        with active(StandIn()):
            pass

    @pytest.fixture
    def _own_locks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keep a lock from other tests: at the end of a `with` block, where no signal arrives, a tracer may raise."""
        for module in (botocore_hooks, environment):
            monkeypatch.setattr(module, "_lock", threading.RLock())

    @pytest.mark.usefixtures("_own_locks")
    def test_after_an_interrupted_activation(self) -> None:
        """Wherever it is interrupted, nothing has changed, and it can be repeated."""
        before = dict(os.environ)
        backend = StandIn()
        at = 0
        while interrupted(activate, backend, at):
            assert (backend.active, botocore_hooks._stack) == (False, ())  # noqa: SLF001 of the package's own tests
            assert (dict(os.environ), vars(EventAliaser)["emit_until_response"]) == (before, ORIGINAL)
            at += 1
        assert backend.active
        deactivate(backend)
        assert at > 50

    @pytest.mark.usefixtures("_own_locks")
    def test_after_an_interrupted_deactivation(self) -> None:
        """Wherever it is interrupted, it is completed first; unless it has not begun."""
        before = dict(os.environ)
        backend = StandIn()
        at = 0
        is_interrupted = True
        while is_interrupted:
            activate(backend)
            is_interrupted = interrupted(deactivate, backend, at)
            if at == 0:
                assert backend.active
                deactivate(backend)
            assert (backend.active, botocore_hooks._stack) == (False, ())  # noqa: SLF001 of the package's own tests
            assert (dict(os.environ), vars(EventAliaser)["emit_until_response"]) == (before, ORIGINAL)
            at += 1
        assert at > 50

    def test_calls_leave_without_a_fake(self, client: Any) -> None:
        """Importing the package changes nothing."""
        with pytest.raises(Left):
            client.list_graphs()

    def test_a_fake_stopped_before_the_emission_does_not_respond(
        self, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another thread may stop it at any time."""
        with active(StandIn()), monkeypatch.context() as patch:
            patch.setattr(botocore_hooks, "_stack", ())
            with pytest.raises(Left):
                client.list_graphs()


class TestBesideAnotherPatcher:
    @staticmethod
    def patched() -> Any:
        """Return a patcher that wraps the current method, and the names of the events that it has seen."""
        seen: list[str] = []
        below = vars(EventAliaser)["emit_until_response"]

        @functools.wraps(below)
        def wrapper(self: EventAliaser, event_name: str, **kwargs: Any) -> Any:
            seen.append(event_name)
            return below(self, event_name, **kwargs)

        return mock.patch.object(hooks.EventAliaser, "emit_until_response", wrapper), seen

    def test_outside(self, client: Any) -> None:
        """It is called, and remains after the fake."""
        patcher, seen = self.patched()
        with patcher, active(StandIn()):
            for _ in range(2):
                client.list_graphs()
        assert seen.count("before-call.detective.ListGraphs") == 2

    def test_inside(self, client: Any) -> None:
        """It is called, and the fake responds once."""
        with active(backend := StandIn()):
            patcher, seen = self.patched()
            with patcher:
                client.list_graphs()
        assert ("before-call.detective.ListGraphs" in seen, len(backend.requests)) == (True, 1)

    def test_that_stops_after_the_fake(self, client: Any, wire: bool) -> None:  # noqa: FBT001
        """It is not removed; the stopped fake does not respond; a later fake responds once."""
        activate(first := StandIn())
        patcher, _ = self.patched()
        patcher.start()
        ours = patcher.temp_original
        deactivate(first)
        emitter = EventAliaser(mock.Mock(**{"emit_until_response.return_value": (None, None)}))
        assert emitter.emit_until_response("before-call.detective.ListGraphs") == (None, None)
        with active(second := StandIn(wire=wire)):
            client.list_graphs()
        patcher.stop()
        assert (len(first.requests), len(second.requests), len(second.begun)) == (0, 1, wire)
        assert vars(EventAliaser)["emit_until_response"] is ours
        EventAliaser.emit_until_response = ORIGINAL  # type: ignore[method-assign]

    def test_that_restores_our_hook_after_the_fake(self, client: Any) -> None:
        """The next fake removes it."""
        activate(first := StandIn())
        patcher, _ = self.patched()
        patcher.start()
        deactivate(first)
        patcher.stop()
        with active(second := StandIn()):
            client.list_graphs()
        assert (len(second.requests), vars(EventAliaser)["emit_until_response"]) == (1, ORIGINAL)

    def test_that_removes_our_hook(self, client: Any) -> None:
        """The next fake that starts puts it back."""
        with active(outer := StandIn()):
            EventAliaser.emit_until_response = ORIGINAL  # type: ignore[method-assign]
            with active(StandIn()):
                pass
            client.list_graphs()
        assert len(outer.requests) == 1


def test_the_stand_in_returns_the_given_results() -> None:
    """Then successes. The other tests rely on it."""
    backend = StandIn(ServiceError(error_code="ConflictException"))
    request = mock.Mock(operation="ListGraphs")
    assert (backend.handle(request).error is None, backend.handle(request).body) == (False, a_result().body)
