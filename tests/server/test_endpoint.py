"""`fake.serve`: one state for both ways in, where it listens, how it stops, and errors that reach the test."""

from __future__ import annotations

import builtins
import signal
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from detective_fake.errors import FakeUsageError
from detective_fake.fake import DetectiveFake
from detective_fake.server import endpoint as endpoint_module
from detective_fake.server.endpoint import is_loopback, listen
from tests.server.http import PATIENCE, Client, connected, everything, port_of, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.server.endpoint import Endpoint

MEMBER = "222222222222"
ONCE = Config(retries={"total_max_attempts": 1})

NOTE = "In the server: ZeroDivisionError: integer division or modulo by zero"
CLIENTS: list[Any] = []


def a_client(endpoint: Endpoint, account_id: str = MEMBER, region: str = "eu-west-1", **options: Any) -> Any:
    """Return a boto3 client that goes over HTTP, as no fake is active in this process. It is closed after the test."""
    client = boto3.client(
        "detective",
        endpoint_url=endpoint.url,
        region_name=region,
        aws_access_key_id=account_id,
        aws_secret_access_key="any",
        **options,
    )
    CLIENTS.append(client)
    return client


@pytest.fixture(autouse=True)
def _close_clients() -> Iterator[None]:
    """Open connections warn when they are collected, in any later test."""
    yield
    while CLIENTS:
        CLIENTS.pop().close()


class TestState:
    def test_the_process_and_the_endpoint_share_a_state(self) -> None:
        """A graph created in one is listed by the other."""
        with DetectiveFake() as fake, fake.serve() as endpoint, Client(endpoint) as client:
            graph_arn = fake.client().create_graph()["GraphArn"]
            assert client.ask("POST", "/graphs/list", {}).json["GraphList"][0]["Arn"] == graph_arn
            client.ask("DELETE", "/nothing")
            client.ask("POST", "/graph/removal", {"GraphArn": graph_arn})
            assert fake.graphs == ()

    def test_a_client_of_botocore_works_as_with_aws(self) -> None:
        """It signs, sends and parses."""
        fake = DetectiveFake()
        with fake.serve() as endpoint:
            client = a_client(endpoint)
            graph_arn = client.create_graph(Tags={"team": "ü %25"})["GraphArn"]
            assert graph_arn.startswith(f"arn:aws:detective:eu-west-1:{MEMBER}:graph:")
            assert client.list_tags_for_resource(ResourceArn=graph_arn)["Tags"] == {"team": "ü %25"}
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.list_members(GraphArn=graph_arn.replace("graph:", "graph:f")[:-1])

    def test_a_client_retries_a_fault(self) -> None:
        """The journal has one call with both attempts."""
        fake = DetectiveFake()
        fake.faults.add("ListGraphs", error="ThrottlingException")
        with fake.serve() as endpoint:
            answer = a_client(endpoint).list_graphs()
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1
        assert [each.outcome for each in fake.calls[0].attempts] == ["ThrottlingException", "ok"]

    def test_a_network_fault_closes_the_connection(self) -> None:
        """Over HTTP all network faults are alike. Other connections stay open."""
        fake = DetectiveFake()
        fake.faults.add("ListGraphs", network="ReadTimeoutError")
        with fake.serve() as endpoint, Client(endpoint) as other:
            assert other.ask("GET", "/_fake/health").status == 200
            with pytest.raises(ConnectionClosedError):
                a_client(endpoint, config=ONCE).list_graphs()
            assert other.ask("GET", "/_fake/health").status == 200

    def test_a_region_without_detective_closes_the_connection(self) -> None:
        """As in process."""
        with DetectiveFake().serve() as endpoint, pytest.raises(ConnectionClosedError):
            a_client(endpoint, region="mars-north-1", config=ONCE).list_graphs()


class TestEndpoint:
    def test_it_has_environment_variables_for_another_process(self) -> None:
        """By default for the default caller in the fake's Region."""
        with DetectiveFake("111111111111", "eu-west-1").serve() as endpoint:
            assert endpoint.environment() == {
                "AWS_ENDPOINT_URL_DETECTIVE": endpoint.url,
                "AWS_REGION": "eu-west-1",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "AWS_ACCESS_KEY_ID": "111111111111",
                "AWS_SECRET_ACCESS_KEY": "detective-fake",
                "AWS_SESSION_TOKEN": "",
            }
            assert endpoint.environment(MEMBER)["AWS_ACCESS_KEY_ID"] == MEMBER

    def test_an_invalid_account_id_is_refused(self) -> None:
        """As everywhere."""
        with DetectiveFake().serve() as endpoint, pytest.raises(FakeUsageError, match="twelve digits"):
            endpoint.environment("me")

    def test_it_has_the_url_of_the_page(self) -> None:
        """For a browser."""
        with DetectiveFake().serve() as endpoint:
            assert endpoint.page_url == f"{endpoint.url}/_fake/"

    @pytest.mark.parametrize(
        ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("localhost", "localhost")]
    )
    def test_the_url_can_be_used_by_a_client(self, host: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """`0.0.0.0` is not the address of any machine."""
        # Not every machine has IPv6: what is said of an address does not depend on it.
        monkeypatch.setattr(endpoint_module, "listen", lambda _host, port: listen("127.0.0.1", port))
        with DetectiveFake().serve(host=host) as endpoint:
            assert endpoint.url.startswith(f"http://{shown}:")

    def test_a_host_name_can_be_allowed(self) -> None:
        """That of a container, for example."""
        with DetectiveFake().serve(allowed_hosts=["detective"]) as endpoint, Client(endpoint) as client:
            answered = client.ask("POST", "/graphs/list", {}, {"Host": "detective:80"})
        assert answered.status == 200


class TestKeepingCalls:
    def test_old_calls_are_forgotten(self) -> None:
        """A server that runs for long does not grow."""
        fake = DetectiveFake()
        with fake.serve(keep_calls=10) as endpoint, Client(endpoint) as client:
            kept = []
            for _ in range(12):
                client.ask("POST", "/graphs/list", {})
                kept.append(len(fake.calls))
        assert kept == [*range(1, 11), 10, 10]
        assert fake.calls.forgotten == 2

    def test_all_calls_are_kept_by_default(self) -> None:
        """A test may need any of them."""
        fake = DetectiveFake()
        with fake.serve() as endpoint, Client(endpoint) as client:
            for _ in range(20):
                client.ask("POST", "/graphs/list", {})
        assert (len(fake.calls), fake.calls.forgotten) == (20, 0)


class TestErrors:
    def test_a_mistake_in_the_test_is_raised_at_the_end(self) -> None:
        """The client gets an error of its own."""
        fake = DetectiveFake()
        fake.on("ListGraphs")(lambda _call: {"Graphs": []})
        with (
            pytest.raises(FakeUsageError, match="ListGraphs"),
            fake.serve() as endpoint,
            pytest.raises(ClientError, match="FakeUsageError"),
        ):
            a_client(endpoint, config=ONCE).list_graphs()

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have no notes before Python 3.11")
    def test_further_errors_are_added_as_notes(self) -> None:
        """The first one is raised."""
        fake = DetectiveFake()
        fake.on("ListGraphs")(lambda _call: 1 // 0)
        with pytest.raises(ZeroDivisionError) as raised, served(fake) as endpoint, Client(endpoint) as client:
            answers = [client.ask("POST", "/graphs/list", {}) for _ in range(2)]
        assert [answer.status for answer in answers] == [500, 500]
        assert vars(raised.value)["__notes__"] == [NOTE]

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have no notes before Python 3.11")
    def test_an_error_of_the_block_is_raised_first(self) -> None:
        """It may be a consequence of one in the server."""
        fake = DetectiveFake()
        fake.on("ListGraphs")(lambda _call: 1 // 0)
        with pytest.raises(KeyError) as raised, served(fake) as endpoint, Client(endpoint) as client:
            client.ask("POST", "/graphs/list", {}).json["GraphList"]
        assert vars(raised.value)["__notes__"] == [NOTE]

    def test_exceptions_without_notes_are_raised_as_they_are(self) -> None:
        """Those of Python 3.10."""
        from detective_fake.server.endpoint import _add_notes  # noqa: PLC0415

        class Old(BaseException):
            add_note = property()

        _add_notes(Old(), [ValueError()])

    def test_a_callback_gets_errors_at_once(self) -> None:
        """Then none is raised at the end."""
        errors: list[BaseException] = []
        fake = DetectiveFake()
        fake.on("ListGraphs")(lambda _call: 1 // 0)
        with fake.serve(on_error=errors.append) as endpoint, Client(endpoint) as client:
            client.ask("POST", "/graphs/list", {})
            assert [type(error) for error in errors] == [ZeroDivisionError]


class TestListen:
    def test_port_0_is_any_free_port(self) -> None:
        """The machine chooses it."""
        with listen("127.0.0.1", 0) as one, listen("127.0.0.1", 0) as other:
            assert one.getsockname()[1] != other.getsockname()[1]

    def test_a_taken_port_is_refused(self) -> None:
        """With the reason, and what to do."""
        with listen("127.0.0.1", 0) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(FakeUsageError, match=rf"'127.0.0.1', port {port}: Address already in use.*\. Choose"):
                listen("127.0.0.1", port)

    @pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("192.0.2.1", 0), ("no such name", 0)])
    def test_an_address_of_another_machine_is_refused(
        self, host: str, port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By the operating system; this test does not look up names."""

        def unknown(*_args: object, **_options: object) -> None:
            raise socket.gaierror(-2, "Name or service not known")

        if " " in host:
            monkeypatch.setattr(socket, "create_server", unknown)
        with pytest.raises(FakeUsageError, match="Cannot serve at"):
            listen(host, port)

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
    def test_loopback_addresses_are_reached_from_this_machine_only(self, host: str) -> None:
        """In all their spellings."""
        assert is_loopback(host)

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com"])
    def test_other_addresses_are_not(self, host: str) -> None:
        """A name may have any address."""
        assert not is_loopback(host)


class TestStop:
    def stop(self, open_connection: bytes) -> tuple[float, bytes]:
        """Return how long it takes to stop with such a connection open, and what the client receives."""
        fake = DetectiveFake()
        serving = fake.serve()
        endpoint = serving.__enter__()
        with connected(endpoint) as connection:
            connection.sendall(open_connection)
            time.sleep(0.1)
            begun = time.monotonic()
            serving.__exit__(None, None, None)
            return time.monotonic() - begun, everything(connection)

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"POST /graphs",
            b"GET /_fake/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /_fake/events HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ],
    )
    def test_open_connections_do_not_delay_it(self, sent: bytes) -> None:
        """Neither idle ones nor a stream of events."""
        assert self.stop(sent)[0] < 0.5

    def test_requests_in_progress_are_finished(self) -> None:
        """Then the connection is closed."""
        fake = DetectiveFake()
        started, finish = threading.Event(), threading.Event()

        @fake.on("ListGraphs")
        def wait(_call: object) -> None:
            started.set()
            finish.wait(PATIENCE)

        serving = fake.serve()
        with connected(serving.__enter__()) as connection:
            connection.sendall(b"POST /graphs/list HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
            assert started.wait(PATIENCE)
            threading.Timer(0.2, finish.set).start()
            serving.__exit__(None, None, None)
            assert everything(connection).endswith(b'{"GraphList":[]}')

    def test_a_request_that_takes_too_long_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A body may never end."""
        monkeypatch.setattr(endpoint_module, "_PATIENCE_SECONDS", 0.05)
        sent = b"POST /graphs/list HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{"
        seconds, received = self.stop(sent)
        assert (seconds < 0.5, received) == (True, b"")

    def test_the_port_is_free_afterwards(self) -> None:
        """Another server may take it."""
        with DetectiveFake().serve() as endpoint:
            port = port_of(endpoint)
        listen("127.0.0.1", port).close()

    def test_signal_handlers_stay(self) -> None:
        """They belong to the test run."""
        before = signal.getsignal(signal.SIGINT)
        with DetectiveFake().serve():
            assert signal.getsignal(signal.SIGINT) is before
        assert signal.getsignal(signal.SIGINT) is before


class TestExtra:
    @pytest.mark.parametrize("missing", ["anyio", "fastapi", "jinja2", "pydantic", "starlette", "uvicorn"])
    def test_a_missing_extra_is_named(self, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """With the command that installs it."""
        self.forget(monkeypatch, missing)
        with pytest.raises(FakeUsageError, match=rf"needs {missing}.*pip install 'detective-fake\[server\]'"):
            DetectiveFake().serve()

    def forget(self, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
        for name in list(sys.modules):
            if name.startswith("detective_fake.server"):
                monkeypatch.delitem(sys.modules, name)
        original = builtins.__import__

        def find(name: str, *args: Any, **options: Any) -> Any:
            if name.partition(".")[0] == missing:
                raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
            return original(name, *args, **options)

        monkeypatch.setattr(builtins, "__import__", find)


class TestFunctionsOfTheTest:
    @pytest.mark.parametrize("kind", ["override", "callback"])
    def test_one_that_takes_its_time_does_not_hold_up_others(self, kind: str) -> None:
        """Its call runs in a thread of its own."""
        fake, entered, leave = DetectiveFake(unused_faults="ignore"), threading.Event(), threading.Event()

        def wait(*_: object) -> None:
            entered.set()
            assert leave.wait(PATIENCE)

        if kind == "override":
            fake.on("ListInvitations")(wait)
        else:
            fake.faults.add("ListInvitations", callback=wait)
        with served(fake) as endpoint, Client(endpoint) as slow, Client(endpoint) as quick:
            waiting = threading.Thread(target=slow.ask, args=("POST", "/invitations/list", {}))
            waiting.start()
            assert entered.wait(PATIENCE)
            assert quick.get("/health") == {"status": "ok"}
            leave.set()
            waiting.join()
        assert [call.operation for call in fake.calls] == ["ListInvitations"]
