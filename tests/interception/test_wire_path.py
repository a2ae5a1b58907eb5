"""The wire path: botocore's own signing, retries and parser, without a network and without sleeping."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from inspect import signature
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import botocore.endpoint
import botocore.session
import pytest
from aiobotocore.awsrequest import AioAWSResponse
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore import exceptions
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials, RefreshableCredentials
from botocore.exceptions import ClientError
from botocore.hooks import EventAliaser
from botocore.retries.bucket import Clock, TokenBucket
from moto import mock_aws

from detective_fake.errors import Conflict, FakeUsageError, InternalServer, ServiceError, TooManyRequests
from detective_fake.exchange import Caller, Request
from detective_fake.interception import wire_path
from detective_fake.interception.botocore_hooks import activate, deactivate
from detective_fake.interception.callers import make_credentials
from detective_fake.interception.wire_path import FakeResponse
from detective_fake.protocol import rest_json
from tests.interception.stand_in import (
    DEFAULT_ACCOUNT,
    GRAPH_ARN,
    OLD_KEY,
    OTHER_ACCOUNT,
    REGION,
    StandIn,
    a_client,
    a_result,
    active,
    handlers,
    patched_emitters,
    retrying,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODES = ("legacy", "standard", "adaptive")
NETWORK_ERRORS: tuple[Any, ...] = (
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "ReadTimeoutError",
    "SSLError",
)
THROTTLED = ServiceError("Rate exceeded", error_code="ThrottlingException", status=400)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that botocore sleeps, sync and async, without sleeping."""
    seconds: list[float] = []

    async def sleep(amount: float) -> None:
        seconds.append(amount)

    monkeypatch.setattr(botocore.endpoint.time, "sleep", seconds.append)  # type: ignore[attr-defined]
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return seconds


@pytest.fixture(scope="module")
def clients() -> dict[str, Any]:
    """Return a client for each retry mode."""
    return {mode: a_client(config=retrying(mode)) for mode in MODES}


class AsyncClients:
    """Clients of aiobotocore in an event loop of their own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._stack = contextlib.AsyncExitStack()

    def client(self, **options: Any) -> Any:
        """Return a new client."""
        client = AioSession().create_client("detective", region_name=REGION, **options)
        return self.loop.run_until_complete(self._stack.enter_async_context(client))

    def list_graphs(self, client: Any) -> Any:
        """Call ListGraphs and return the response."""
        return self.loop.run_until_complete(client.list_graphs())

    def close(self) -> None:
        """Close all clients."""
        self.loop.run_until_complete(self._stack.aclose())
        self.loop.close()


@pytest.fixture(scope="module")
def async_clients() -> Iterator[AsyncClients]:
    """Return an `AsyncClients`."""
    clients = AsyncClients()
    yield clients
    clients.close()


@pytest.fixture(scope="module")
def calls(clients: dict[str, Any], async_clients: AsyncClients) -> dict[tuple[str, str], Callable[[], Any]]:
    """Return functions that call ListGraphs, by kind of client and retry mode."""

    def a_call(mode: str) -> Callable[[], Any]:
        config = AioConfig(retries={"mode": mode, "total_max_attempts": 3})
        return functools.partial(async_clients.list_graphs, async_clients.client(config=config, **OLD_KEY))

    calls = {("sync", mode): clients[mode].list_graphs for mode in MODES}
    return calls | {("async", mode): a_call(mode) for mode in MODES}


@pytest.fixture(params=["sync", "async"])
def call(
    request: pytest.FixtureRequest, calls: dict[tuple[str, str], Callable[[], Any]]
) -> Callable[[str], dict[str, Any]]:
    """Return a function that calls ListGraphs in a retry mode."""
    return lambda mode: calls[request.param, mode]()


class TestAnswers:
    def test_botocore_parses_the_response(self, client: Any) -> None:
        """With its own timestamps."""
        with active(StandIn(wire=True)):
            response = client.list_graphs()
        assert response["GraphList"][0]["Arn"] == GRAPH_ARN
        assert response["ResponseMetadata"]["RetryAttempts"] == 0

    def test_the_request_is_decoded_from_the_wire(self, client: Any) -> None:
        """Path, query string and body."""
        with active(backend := StandIn(wire=True)):
            client.untag_resource(ResourceArn=GRAPH_ARN, TagKeys=["a b", "c&d"])
            client.list_graphs(MaxResults=3)
        assert [request.parameters for request in backend.requests] == [
            {"ResourceArn": GRAPH_ARN, "TagKeys": ["a b", "c&d"]},
            {"MaxResults": 3},
        ]

    def test_handlers_can_change_the_request(self) -> None:
        """Here the body, before it is signed."""
        client = a_client()

        def change(request: Any, **_: object) -> None:
            request.data = b'{"MaxResults": 7}'

        client.meta.events.register("before-sign.detective", change)
        with active(backend := StandIn(wire=True)):
            client.list_graphs(MaxResults=3)
        assert backend.requests[0].parameters == {"MaxResults": 7}

    def test_a_body_made_invalid_on_the_way_is_malformed(self) -> None:
        """The service rejects it like any other that is not JSON."""
        client = a_client()

        def spoil(request: Any, **_: object) -> None:
            request.data = b"{"

        client.meta.events.register("before-sign.detective", spoil)
        with active(backend := StandIn(wire=True)):
            client.list_graphs()
        assert (backend.requests[0].malformed, backend.begun[0][0].malformed) == (True, False)

    def test_a_body_made_valid_on_the_way_is_not_malformed(self) -> None:
        """What was sent counts."""

        def mend(request: Any, **_: object) -> None:
            request.data = b"{}"

        client = a_client()
        client.meta.events.register("before-call.detective", lambda params, **_: params.update(body=b"{"))
        client.meta.events.register("before-sign.detective", mend)
        with active(backend := StandIn(wire=True)):
            client.list_graphs()
        assert (backend.begun[0][0].malformed, backend.requests[0].malformed) == (True, False)

    @pytest.mark.skipif("context" not in signature(AWSPreparedRequest).parameters, reason="knows no context")
    def test_a_request_without_its_header_gets_a_response(self) -> None:
        """Some code removes headers that its other services do not accept."""

        def remove(request: Any, **_: object) -> None:
            del request.headers["amz-sdk-invocation-id"]

        client = a_client()
        client.meta.events.register("before-sign", remove)
        with active(StandIn(wire=True)):
            assert client.list_graphs()["GraphList"]

    def test_a_request_without_context_gets_a_response(self) -> None:
        """Older releases of botocore do not pass it on."""

        def forget(request: Any, **_: object) -> None:
            request.context = None

        client = a_client()
        client.meta.events.register("before-send", forget)
        with active(StandIn(TooManyRequests(), wire=True)):
            assert client.list_graphs()["ResponseMetadata"]["RetryAttempts"] == 1

    def test_an_error_is_the_clients_exception(self, client: Any) -> None:
        """Code, text and modelled members."""
        error = ServiceError("No.", error_code="ValidationException")
        with active(StandIn(error, wire=True)), pytest.raises(client.exceptions.ValidationException, match=r"No\."):
            client.list_graphs()


class TestSigning:
    def test_a_request_is_signed(self) -> None:
        """With the client's own credentials."""
        client, headers = a_client(**make_credentials(OTHER_ACCOUNT)), []
        client.meta.events.register("before-send", lambda request, **_: headers.append(request.headers))
        with active(backend := StandIn(wire=True)):
            client.list_graphs()
        assert b"/us-east-1/detective/aws4_request" in headers[0]["Authorization"]
        assert backend.requests[0].caller.account_id == OTHER_ACCOUNT

    def test_a_request_without_credentials_is_not_signed(self, early_client: Any) -> None:
        """It comes from the default caller."""
        with active(backend := StandIn(wire=True)):
            early_client.list_graphs()
        assert backend.requests[0].caller.account_id == DEFAULT_ACCOUNT

    def test_a_request_of_aiobotocore_without_credentials_is_not_signed(
        self, async_clients: AsyncClients, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It comes from the default caller, too."""
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name, raising=False)
        client = async_clients.client()
        with active(backend := StandIn(wire=True)):
            async_clients.list_graphs(client)
        assert backend.requests[0].caller.rule == "no credentials: default used"

    def test_a_signer_chosen_by_the_user_is_used(self, early_client: Any) -> None:
        """It raises an error, as it does without a fake."""
        events = early_client.meta.events
        events.register("choose-signer.detective", lambda **_: "v4", unique_id="test")
        try:
            with active(StandIn(wire=True)), pytest.raises(exceptions.NoCredentialsError):
                early_client.list_graphs()
        finally:
            events.unregister("choose-signer.detective", unique_id="test")

    @pytest.mark.parametrize(
        "credentials",
        [
            DeferredRefreshableCredentials(lambda: pytest.fail("fetched"), "assume-role"),
            RefreshableCredentials(
                "AKIAIOSFODNN7EXAMPLE",
                "secret",
                "token",
                datetime(2020, 1, 1, tzinfo=timezone.utc),
                lambda: pytest.fail("fetched"),
                "sso",
            ),
        ],
        ids=["deferred", "expired"],
    )
    def test_credentials_are_not_fetched(self, credentials: Any) -> None:
        """The request is not signed instead."""
        session = botocore.session.Session()
        session.register_component("credential_provider", mock.Mock(load_credentials=lambda: credentials))
        client: Any = session.create_client("detective", REGION)
        with active(backend := StandIn(wire=True)):
            client.list_graphs()
        assert backend.requests[0].caller.account_id == DEFAULT_ACCOUNT

    def test_a_presigned_url_is_not_affected(self, client: Any) -> None:
        """Also during a call on the wire path."""
        urls = []

        class Presigning(StandIn):
            def attempt(self, *args: Any) -> Any:
                urls.append(client.generate_presigned_url("list_graphs"))
                return super().attempt(*args)

        with active(Presigning(wire=True)):
            client.list_graphs()
        assert "X-Amz-Signature" in urls[0] or "Signature" in urls[0]


class TestRetries:
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("error", [TooManyRequests(), InternalServer(), THROTTLED], ids=["429", "500", "throttled"])
    def test_botocore_retries(
        self, call: Callable[[str], Any], mode: str, error: ServiceError, slept: list[float]
    ) -> None:
        """Its own retry layer counts the attempts; nothing sleeps, and the delays are recorded."""
        with active(backend := StandIn(error, error, wire=True)):
            response = call(mode)
        assert response["ResponseMetadata"]["RetryAttempts"] == 2
        assert backend.attempts == [(1, 1), (1, 2), (1, 3)]
        assert [(operation, attempt) for operation, attempt, _ in backend.backoffs] == [
            ("ListGraphs", 1),
            ("ListGraphs", 2),
        ]
        assert (slept, len(backend.begun)) == ([0, 0], 1)

    @pytest.mark.parametrize("mode", MODES)
    def test_botocore_gives_up(self, call: Callable[[str], Any], mode: str) -> None:
        """After the client's number of attempts."""
        with active(backend := StandIn(*[InternalServer()] * 3, wire=True)), pytest.raises(ClientError) as raised:
            call(mode)
        response: Any = raised.value.response
        assert response["ResponseMetadata"]["RetryAttempts"] == 2
        assert len(backend.attempts) == 3

    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("name", NETWORK_ERRORS)
    def test_network_errors_are_retried(self, call: Callable[[str], Any], mode: str, name: Any) -> None:
        """As real ones are."""
        with active(StandIn(name, wire=True)):
            assert call(mode)["ResponseMetadata"]["RetryAttempts"] == 1

    @pytest.mark.parametrize("name", NETWORK_ERRORS)
    def test_network_errors_are_raised_after_the_last_attempt(self, clients: dict[str, Any], name: Any) -> None:
        """With the URL of the request."""
        expected = getattr(exceptions, name)
        with active(StandIn(*[name] * 3, wire=True)), pytest.raises(expected, match=r"api\.detective\.us-east-1"):
            clients["standard"].list_graphs()

    def test_a_backend_can_return_any_exception(self, call: Callable[[str], Any]) -> None:
        """It is raised, and botocore retries it."""
        error = exceptions.ProxyConnectionError(proxy_url="http://proxy", error="no")
        with active(StandIn(error, wire=True)):
            assert call("standard")["ResponseMetadata"]["RetryAttempts"] == 1

    @pytest.mark.parametrize("mode", MODES)
    def test_a_usage_error_is_not_retried(self, call: Callable[[str], Any], mode: str) -> None:
        """It is a mistake of the test."""

        class Misused(StandIn):
            def attempt(self, *args: Any) -> Any:
                super().attempt(*args)
                raise FakeUsageError("misused")

        with active(backend := Misused(wire=True)), pytest.raises(FakeUsageError, match="misused"):
            call(mode)
        assert len(backend.attempts) == 1

    @pytest.mark.parametrize("mode", ["legacy", "standard"])
    def test_real_backoff_sleeps(self, call: Callable[[str], Any], mode: str, slept: list[float]) -> None:
        """The delays are recorded, too."""
        with active(backend := StandIn(TooManyRequests(), wire=True, real_backoff=True)):
            call(mode)
        assert slept == [seconds for _, _, seconds in backend.backoffs]
        assert len(slept) == 1


class TestAnswerKnownAlready:
    @pytest.mark.parametrize("error", [TooManyRequests(), InternalServer(), THROTTLED], ids=["429", "500", "throttled"])
    def test_it_is_the_result_of_the_first_attempt(self, call: Callable[[str], Any], error: ServiceError) -> None:
        """After a result on the short path that botocore retries, the same call continues on the wire path."""
        with active(backend := StandIn(error)):
            response = call("standard")
        assert response["ResponseMetadata"]["RetryAttempts"] == 1
        assert backend.attempts == [(1, 2)]

    def test_its_record_has_the_result(self, client: Any) -> None:
        """It is not a second call."""
        with active(backend := StandIn(THROTTLED)):
            client.list_graphs()
        ((request, answered),) = backend.begun
        assert request is backend.requests[0]
        assert answered is not None
        assert answered.error is THROTTLED


class TestAdaptiveMode:
    def test_the_rate_limiter_does_not_wait(
        self, clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch, slept: list[float]
    ) -> None:
        """Its bucket is not asked while a call is on the wire path."""
        monkeypatch.setattr(TokenBucket, "_acquire", lambda *_args, **_kwargs: pytest.fail("waits"))
        with active(StandIn(*[TooManyRequests(), None] * 3, wire=True)):
            for _ in range(3):
                clients["adaptive"].list_graphs()
        assert set(slept) == {0}

    def test_the_rate_limiter_waits_for_other_clients(
        self, clients: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And for this client after the call."""
        asked = []
        bucket = TokenBucket(1, Clock())
        monkeypatch.setattr(TokenBucket, "_acquire", lambda *_args, **_kwargs: asked.append(1))

        class Meanwhile(StandIn):
            def attempt(self, *args: Any) -> Any:
                bucket.acquire()
                return super().attempt(*args)

        with active(Meanwhile(wire=True)):
            clients["adaptive"].list_graphs()
        assert asked == [1]

    def test_real_backoff_waits_for_the_rate_limiter(self, monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> None:
        """As without a fake."""
        asked = []
        monkeypatch.setattr(TokenBucket, "_acquire", lambda *_args, **_kwargs: asked.append(1))
        with active(StandIn(TooManyRequests(), wire=True, real_backoff=True)):
            a_client(config=retrying("adaptive")).list_graphs()
        assert (len(asked), len(slept)) == (1, 1)


class TestOneFakeACall:
    @pytest.mark.parametrize("mode", MODES)
    def test_it_ends_under_the_fake_it_began_under(self, clients: dict[str, Any], mode: str) -> None:
        """Although it is stopped between two attempts, and another fake has started."""
        second = StandIn(wire=True, name="second")

        class Stopping(StandIn):
            def attempt(self, record: object, request: Any, number: int) -> Any:
                if number == 1:
                    deactivate(self)
                    activate(second)
                return super().attempt(record, request, number)

        activate(first := Stopping(TooManyRequests(), wire=True, name="first"))
        try:
            response = clients[mode].list_graphs()
        finally:
            deactivate(second)
        assert (len(first.attempts), len(second.attempts)) == (2, 0)
        assert response["ResponseMetadata"]["RequestId"] == "first-2"

    def test_after_stop_only_its_own_emitter_is_patched(self, client: Any) -> None:
        """Classes are restored while the call is still in progress."""
        before, seen = dict(vars(EventAliaser)), []

        class Stopping(StandIn):
            def attempt(self, *args: Any) -> Any:
                deactivate(self)
                seen.append((dict(vars(EventAliaser)) == before, "emit" in vars(client.meta.events)))
                return super().attempt(*args)

        activate(Stopping(wire=True))
        client.list_graphs()
        assert seen == [(True, True)]

    def test_a_call_within_a_call(self, client: Any) -> None:
        """Both get their own responses."""

        class Asking(StandIn):
            def attempt(self, record: object, request: Any, number: int) -> Any:
                if record == 1:
                    client.list_graphs(MaxResults=9)
                return super().attempt(record, request, number)

        with active(backend := Asking(wire=True)):
            client.list_graphs()
        assert backend.attempts == [(2, 1), (1, 1)]

    def test_a_call_on_the_short_path_within_a_call(self, client: Any) -> None:
        """Its last event does not end the outer call."""

        class Asking(StandIn):
            def attempt(self, *args: Any) -> Any:
                with active(inner):
                    client.list_graphs()
                return super().attempt(*args)

        inner = StandIn()
        with active(backend := Asking(wire=True)):
            client.list_graphs()
        assert (len(inner.requests), backend.attempts) == (1, [(1, 1)])

    def test_threads_share_a_client(self, client: Any) -> None:
        """Each call has its own attempts."""

        class Throttling(StandIn):
            def attempt(self, record: object, request: Any, number: int) -> Any:
                answer = super().attempt(record, request, number)
                return a_result(error=TooManyRequests()) if number == 1 else answer

        with active(backend := Throttling(wire=True)), ThreadPoolExecutor(8) as pool:
            responses = list(pool.map(lambda _: client.list_graphs(), range(40)))
        assert {response["ResponseMetadata"]["RetryAttempts"] for response in responses} == {1}
        assert sorted(backend.attempts) == [(record, number) for record in range(1, 41) for number in (1, 2)]


class TestNothingIsLeft:
    @pytest.fixture(autouse=True)
    def _as_before(self, client: Any) -> Iterator[None]:
        before = handlers(client), dict(vars(client.meta.events))
        yield
        assert (handlers(client), dict(vars(client.meta.events))) == before

    def test_after_a_response(self, client: Any) -> None:
        """Also while the fake is still active."""
        with active(StandIn(wire=True)):
            client.list_graphs()
            assert patched_emitters() == []

    def test_after_an_error(self, client: Any) -> None:
        """Of the service."""
        with active(StandIn(ServiceError("No.", error_code="ConflictException"), wire=True)):
            with pytest.raises(client.exceptions.ConflictException):
                client.list_graphs()
            assert patched_emitters() == []

    def test_after_an_exception(self, client: Any) -> None:
        """Raised by the backend."""
        with active(StandIn(ValueError("broken"), wire=True)):
            with pytest.raises(ValueError, match="broken"):
                client.list_graphs()
            assert patched_emitters() == []

    @pytest.mark.parametrize("event", ["request-created", "before-send", "needs-retry", "after-call"])
    def test_after_an_exception_of_the_users_handler(self, client: Any, event: str) -> None:
        """At any event."""

        def fail(**_: object) -> None:
            raise ValueError(event)

        client.meta.events.register(f"{event}.detective", fail)
        try:
            with active(StandIn(wire=True)), pytest.raises(ValueError, match=event):
                client.list_graphs()
            assert patched_emitters() == []
        finally:
            client.meta.events.unregister(f"{event}.detective", fail)

    def test_after_an_interruption(self, client: Any) -> None:
        """Ctrl-C: botocore emits no last event."""

        class Interrupted(StandIn):
            def attempt(self, *_args: object) -> Any:
                raise KeyboardInterrupt

        with active(Interrupted(wire=True)):
            with pytest.raises(KeyboardInterrupt):
                client.list_graphs()
            gc.collect()
            assert patched_emitters() == []

    def test_after_a_cancellation(self, calls: dict[tuple[str, str], Callable[[], Any]]) -> None:
        """Of a task that waits for its next attempt."""

        class Cancelling(StandIn):
            def note_backoff(self, *_args: object) -> None:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()

        with active(Cancelling(TooManyRequests(), wire=True)):
            with pytest.raises(asyncio.CancelledError):
                calls["async", "standard"]()
            gc.collect()
            assert patched_emitters() == []

    def test_an_abandoned_call_does_not_wait_for_the_lock(self, client: Any) -> None:
        """Python may collect it while the lock is held; the next call cleans up."""
        request = Request("ListGraphs", {}, Caller(DEFAULT_ACCOUNT, "default"), REGION, REGION)
        context: dict[str, Any] = {}
        with active(backend := StandIn(wire=True)):
            call = wire_path.WireCall(backend, 1, request)
            wire_path.start_wire_call(call, client.meta.events, context, signed=True)
            del call
            with wire_path._lock:  # noqa: SLF001 as another thread does
                context.clear()
                assert len(patched_emitters()) == 1
            client.list_graphs()
            assert patched_emitters() == []

    def test_after_many_threads(self, client: Any) -> None:
        """That start and end during each other's calls."""
        with active(StandIn(wire=True)):
            threads = [threading.Thread(target=client.list_graphs) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert patched_emitters() == []


class TestOthersOnTheWire:
    def test_a_response_of_a_users_handler_counts(self) -> None:
        """A handler of `before-send`, such as a recorder's."""
        client, answer = a_client(), FakeResponse(a_result(), 200, "")
        client.meta.events.register("before-send.detective", lambda **_: answer)
        with active(backend := StandIn(wire=True)):
            client.list_graphs()
        assert backend.attempts == []

    def test_a_response_of_moto_does_not_count(self) -> None:
        """It answers 404 for Detective, as for everything that it does not implement."""
        with mock_aws(), active(backend := StandIn(wire=True)):
            response = boto3.client("detective").list_graphs()
        assert len(backend.attempts) == 1
        assert response["GraphList"]

    def test_other_services_are_not_answered(self) -> None:
        """A client of STS gets its response from moto."""
        with mock_aws(), active(StandIn(wire=True)):
            assert boto3.client("sts").get_caller_identity()["Account"] == DEFAULT_ACCOUNT

    def test_a_call_that_began_without_a_fake_is_not_answered(self) -> None:
        """Also if another call of the same client is on the wire at that moment."""
        client = a_client(config=Config(retries={"total_max_attempts": 1}))
        sent: list[str] = []

        class Asking(StandIn):
            def attempt(self, *args: Any) -> Any:
                deactivate(self)
                client.meta.events.register("before-send.detective", answer)
                client.list_graphs()
                return super().attempt(*args)

        def answer(request: Any, **_: object) -> FakeResponse:
            sent.append(request.url)
            return FakeResponse(a_result(), 200, request.url)

        activate(backend := Asking(wire=True))
        client.list_graphs()
        assert (len(sent), len(backend.attempts)) == (1, 1)


URL = "https://api.detective.us-east-1.amazonaws.com/graphs/list"
BODY = rest_json.encode(a_result())


@pytest.fixture
def response() -> FakeResponse:
    """Return a response of ListGraphs."""
    return FakeResponse(a_result(), 200, URL)


async def awaited(value: Any) -> Any:
    """Return an awaitable's value, as an asynchronous client does."""
    return await value


def public_names(kind: type) -> set[str]:
    """Return the public attributes of a class."""
    return {name for name in dir(kind) if not name.startswith("_")}


class TestSync:
    def test_is_a_response_of_botocore(self, response: FakeResponse) -> None:
        """For code that checks the type."""
        assert isinstance(response, AWSResponse)

    def test_has_url_and_status(self, response: FakeResponse) -> None:
        """Of the request and the result."""
        assert (response.url, response.status_code) == (URL, 200)

    @pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
    def test_headers_are_found_in_any_case(self, response: FakeResponse, name: str) -> None:
        """As in HTTP."""
        assert response.headers[name] == response.headers.get(name) == "application/json"

    def test_an_error_has_a_header_for_its_type(self) -> None:
        """Besides the three of every response."""
        error = FakeResponse(a_result(error=Conflict()), 409, URL)
        assert {name.lower() for name in error.headers} == {
            "content-type",
            "date",
            "x-amzn-requestid",
            "x-amzn-errortype",
        }

    def test_the_body_is_json(self, response: FakeResponse) -> None:
        """As bytes and as text."""
        assert (response.content, response.text) == (BODY, BODY.decode())

    def test_the_raw_response_has_the_body(self, response: FakeResponse) -> None:
        """Read or streamed."""
        assert (response.raw.read(), b"".join(response.raw.stream())) == (BODY, BODY)

    def test_has_no_attributes_that_botocores_lacks(self) -> None:
        """Code under test cannot rely on more than a real response has."""
        assert public_names(FakeResponse) == public_names(AWSResponse) | {"headers", "raw"}


class TestAsync:
    def test_content_and_text_are_awaitable(self, response: FakeResponse) -> None:
        """As those of aiobotocore are."""
        assert asyncio.run(awaited(response.content)) == BODY
        assert json.loads(asyncio.run(awaited(response.text))) == json.loads(BODY)

    def test_aiobotocore_has_no_other_attributes(self) -> None:
        """Its response overrides these two only."""
        assert public_names(AioAWSResponse) == public_names(AWSResponse)

    def test_raw_headers_are_pairs_of_bytes(self, response: FakeResponse) -> None:
        """For aiobotocore up to 2.13."""
        assert (b"content-type", b"application/json") in response.raw.raw_headers


class TestLaziness:
    def test_the_body_is_written_when_read(self, response: FakeResponse, monkeypatch: pytest.MonkeyPatch) -> None:
        """Most tests never read the HTTP response."""
        monkeypatch.setattr(rest_json, "encode", lambda _result: b"now")
        assert response.content == b"now"
