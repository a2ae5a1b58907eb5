"""`fake.serve`: one state within the process and without, and errors that reach the test."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from detective_fake.errors import FakeUsageError
from detective_fake.fake import DetectiveFake
from detective_fake.server import endpoint as endpoint_module
from detective_fake.server.serving import listen
from tests.server.http import Client, served

if TYPE_CHECKING:
    from detective_fake.server.endpoint import Endpoint

MEMBER = "222222222222"
ONCE = Config(retries={"total_max_attempts": 1})

NOTE = "In the server: ZeroDivisionError: integer division or modulo by zero"


def a_client(endpoint: Endpoint, account_id: str = MEMBER, region: str = "eu-west-1", **options: Any) -> Any:
    """Return a boto3 client that goes over HTTP, as no fake is active in this process."""
    return boto3.client(
        "detective",
        endpoint_url=endpoint.url,
        region_name=region,
        aws_access_key_id=account_id,
        aws_secret_access_key="any",
        **options,
    )


class TestState:
    def test_process_and_endpoint_see_the_same(self) -> None:
        """A graph made in one is listed by the other, and so the other way round."""
        with DetectiveFake() as fake, fake.serve() as endpoint, Client(endpoint) as client:
            graph_arn = fake.client().create_graph()["GraphArn"]
            assert client.ask("POST", "/graphs/list", {}).json["GraphList"][0]["Arn"] == graph_arn
            client.ask("DELETE", "/nothing")
            client.ask("POST", "/graph/removal", {"GraphArn": graph_arn})
            assert fake.graphs == ()

    def test_a_client_of_botocore_gets_what_it_would_get_of_aws(self) -> None:
        """Signed, sent, parsed."""
        fake = DetectiveFake()
        with fake.serve() as endpoint:
            client = a_client(endpoint)
            graph_arn = client.create_graph(Tags={"team": "ü %25"})["GraphArn"]
            assert graph_arn.startswith(f"arn:aws:detective:eu-west-1:{MEMBER}:graph:")
            assert client.list_tags_for_resource(ResourceArn=graph_arn)["Tags"] == {"team": "ü %25"}
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.list_members(GraphArn=graph_arn.replace("graph:", "graph:f")[:-1])

    def test_faults_are_met_and_tried_again(self) -> None:
        """The journal has one call with both attempts."""
        fake = DetectiveFake()
        fake.faults.add("ListGraphs", error="ThrottlingException")
        with fake.serve() as endpoint:
            answer = a_client(endpoint).list_graphs()
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1
        assert [each.outcome for each in fake.calls[0].attempts] == ["ThrottlingException", "ok"]

    def test_a_network_fault_closes_the_connection(self) -> None:
        """Whatever it is called: over a network there is one kind of silence."""
        fake = DetectiveFake()
        fake.faults.add("ListGraphs", network="ReadTimeoutError")
        with fake.serve() as endpoint, pytest.raises(ConnectionClosedError):
            a_client(endpoint, config=ONCE).list_graphs()

    def test_where_there_is_no_detective_there_is_no_answer(self) -> None:
        """As in process."""
        with DetectiveFake().serve() as endpoint, pytest.raises(ConnectionClosedError):
            a_client(endpoint, region="mars-north-1", config=ONCE).list_graphs()


class TestEndpoint:
    def test_another_process_needs_these_variables(self) -> None:
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

    def test_what_is_no_account_has_none(self) -> None:
        """As everywhere."""
        with DetectiveFake().serve() as endpoint, pytest.raises(FakeUsageError, match="twelve digits"):
            endpoint.environment("me")

    def test_the_page_is_next_to_the_api(self) -> None:
        """For a browser."""
        with DetectiveFake().serve() as endpoint:
            assert endpoint.page_url == f"{endpoint.url}/_fake/"

    @pytest.mark.parametrize(
        ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("localhost", "localhost")]
    )
    def test_the_url_is_one_that_can_be_asked(self, host: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """`0.0.0.0` is nobody's address."""
        # Not every machine has IPv6: what is said of an address does not depend on it.
        monkeypatch.setattr(endpoint_module, "listen", lambda _host, port: listen("127.0.0.1", port))
        with DetectiveFake().serve(host=host) as endpoint:
            assert endpoint.url.startswith(f"http://{shown}:")

    def test_a_name_may_be_added(self) -> None:
        """For a container that is asked by its own."""
        with DetectiveFake().serve(allowed_hosts=["detective"]) as endpoint, Client(endpoint) as client:
            answered = client.ask("POST", "/graphs/list", {}, {"Host": "detective:80"})
        assert answered.status == 200


class TestKeepingCalls:
    def test_the_oldest_are_forgotten_now_and_then(self) -> None:
        """So that a server that runs for long does not grow."""
        fake = DetectiveFake()
        with fake.serve(keep_calls=10) as endpoint, Client(endpoint) as client:
            kept = []
            for _ in range(12):
                client.ask("POST", "/graphs/list", {})
                kept.append(len(fake.calls))
        assert kept == [*range(1, 11), 10, 10]
        assert fake.calls.forgotten == 2

    def test_all_are_kept_otherwise(self) -> None:
        """A test may ask for any."""
        fake = DetectiveFake()
        with fake.serve() as endpoint, Client(endpoint) as client:
            for _ in range(20):
                client.ask("POST", "/graphs/list", {})
        assert (len(fake.calls), fake.calls.forgotten) == (20, 0)


class TestErrors:
    def test_a_mistake_of_the_tests_is_raised_at_the_end(self) -> None:
        """The client meets an error of its own."""
        fake = DetectiveFake()
        fake.on("ListGraphs")(lambda _call: {"Graphs": []})
        with (
            pytest.raises(FakeUsageError, match="ListGraphs"),
            fake.serve() as endpoint,
            pytest.raises(ClientError, match="FakeUsageError"),
        ):
            a_client(endpoint, config=ONCE).list_graphs()

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have no notes before Python 3.11")
    def test_further_ones_are_noted(self) -> None:
        """The first one is the one to mend first."""
        fake = DetectiveFake()
        fake.on("ListGraphs")(lambda _call: 1 // 0)
        with pytest.raises(ZeroDivisionError) as raised, served(fake) as endpoint, Client(endpoint) as client:
            answers = [client.ask("POST", "/graphs/list", {}) for _ in range(2)]
        assert [answer.status for answer in answers] == [500, 500]
        assert vars(raised.value)["__notes__"] == [NOTE]

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have no notes before Python 3.11")
    def test_the_blocks_own_error_goes_first(self) -> None:
        """It may well be the consequence."""
        fake = DetectiveFake()
        fake.on("ListGraphs")(lambda _call: 1 // 0)
        with pytest.raises(KeyError) as raised, served(fake) as endpoint, Client(endpoint) as client:
            client.ask("POST", "/graphs/list", {}).json["GraphList"]
        assert vars(raised.value)["__notes__"] == [NOTE]

    def test_without_notes_it_is_not_told(self) -> None:
        """Python 3.10's exceptions have none."""
        from detective_fake.server.endpoint import _note  # noqa: PLC0415

        class Old(BaseException):
            add_note = property()

        _note(Old(), [ValueError()])

    def test_somebody_may_want_them_at_once(self) -> None:
        """Nothing is raised at the end then."""
        errors: list[BaseException] = []
        fake = DetectiveFake()
        fake.on("ListGraphs")(lambda _call: 1 // 0)
        with fake.serve(on_error=errors.append) as endpoint, Client(endpoint) as client:
            client.ask("POST", "/graphs/list", {})
            assert [type(error) for error in errors] == [ZeroDivisionError]


class TestExtra:
    @pytest.mark.parametrize("missing", ["werkzeug", "jinja2"])
    def test_without_the_extra_it_is_named(self, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A `pip install` away."""
        self.forget(monkeypatch, missing)
        with pytest.raises(FakeUsageError, match=rf"needs {missing}.*pip install 'detective-fake\[server\]'"):
            DetectiveFake().serve()

    def test_another_missing_module_is_none_of_the_extras(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is told as it is."""
        self.forget(monkeypatch, "weakref")
        with pytest.raises(ModuleNotFoundError, match="weakref"):
            DetectiveFake().serve()

    def forget(self, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
        for name in list(sys.modules):
            if name.startswith("detective_fake.server"):
                monkeypatch.delitem(sys.modules, name)
        original = builtins.__import__

        def find(name: str, *args: Any, **options: Any) -> Any:
            if name.partition(".")[0] == missing:
                message = f"No module named {missing!r}"
                raise ModuleNotFoundError(message, name=missing)
            return original(name, *args, **options)

        monkeypatch.setattr(builtins, "__import__", find)
