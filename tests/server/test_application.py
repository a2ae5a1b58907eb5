"""Which requests are answered, by which part, and what clients see of errors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.fake import DetectiveFake
from detective_fake.interception.asgi import DetectiveApi, Hosts
from detective_fake.server import control
from detective_fake.server.application import Application, Limits
from tests.server.http import CONTROL, Client, connected, served, status_lines, told

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTS = Hosts("127.0.0.1")
HEAD = b"POST /graphs/list HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def client() -> Iterator[Client]:
    with served() as endpoint, Client(endpoint) as client:
        yield client


class TestParts:
    @pytest.mark.parametrize("path", ["/_fake/clock", "/%5Ffake/clock"])
    def test_paths_below_the_prefix_belong_to_the_control_api(self, client: Client, path: str) -> None:
        """Also with percent-encoding."""
        assert client.ask("GET", path).json.keys() == {"now", "frozen"}

    def test_a_head_request_is_a_get_without_the_body(self, client: Client) -> None:
        """Health checks of containers send it."""
        answered = client.ask("HEAD", "/_fake/health")
        assert (answered.status, answered.headers["content-length"], answered.body) == (200, "16", b"")

    @pytest.mark.parametrize("path", ["/", "/graph", "/_faker", "/tags/_fake"])
    def test_all_other_paths_belong_to_detective(self, client: Client, path: str) -> None:
        """Also unknown ones."""
        assert client.ask("PUT", path).headers["x-amzn-errortype"] == "UnknownOperationException"

    def test_a_browser_is_sent_from_the_root_to_the_page(self, client: Client) -> None:
        """SDKs do not accept HTML."""
        answered = client.ask("GET", "/", None, {"Accept": "text/html,*/*;q=0.8"})
        assert (answered.status, answered.headers["location"]) == (307, "/_fake/")

    def test_the_page_is_found_without_its_last_slash(self, client: Client) -> None:
        """Its links are relative, so the browser is redirected."""
        answered = client.ask("GET", "/_fake")
        assert (answered.status, answered.headers["location"].endswith("/_fake/")) == (307, True)

    @pytest.mark.parametrize("path", ["/_fake/clock", "/_fake/", "/_fake/nothing"])
    def test_responses_are_not_cached_and_their_type_is_not_guessed(self, client: Client, path: str) -> None:
        """They are outdated at once, and some contain what clients have sent."""
        headers = client.ask("GET", path).headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


class TestHosts:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:1", "[::1]:80"])
    def test_the_bound_address_and_localhost_are_accepted(self, host: str) -> None:
        """With any port, as it may be forwarded."""
        bound = "::1" if "[" in host else "127.0.0.1"
        assert Hosts(bound).admits(host)

    @pytest.mark.parametrize(
        "host",
        [
            "",
            "example.com",
            "127.0.0.1.example.com",
            "10.0.0.1",
            "[::1",
            "localhost.evil",
            "localhost#.evil.example",
            "localhost/.evil.example",
            "localhost?.evil.example",
            "evil.example@localhost",
            "localhost:80:evil.example",
            "localhost:evil.example",
            "localhost, evil.example",
            "localhost\n",
        ],
    )
    def test_no_other_host_is_accepted(self, host: str) -> None:
        """The owner of a name can make it resolve to this machine."""
        assert not HOSTS.admits(host)

    def test_a_further_name_can_be_allowed(self) -> None:
        """That of a container, for example."""
        assert Hosts("0.0.0.0", ["Detective"]).admits("detective:4566")

    @pytest.mark.parametrize(("host", "admitted"), [("10.0.0.1", True), ("[fe80::1]:80", True), ("example.com", False)])
    def test_bound_to_all_addresses_every_address_is_accepted(self, host: str, admitted: bool) -> None:  # noqa: FBT001
        """An address cannot be rebound."""
        assert Hosts("0.0.0.0").admits(host) is admitted

    def test_a_refusal_says_what_to_do(self, client: Client) -> None:
        """The user who set up the client sees it."""
        answered = client.ask("GET", "/_fake/clock", None, {"Host": "detective:4566"})
        assert answered.status == 403
        assert answered.json["message"] == (
            "This server does not answer requests for the host 'detective:4566'. Expected one of: 127.0.0.1, "
            "localhost. Start it with --allow-host to add another name."
        )

    def test_two_host_headers_are_refused(self) -> None:
        """It is not clear which one a proxy has checked."""
        with served() as endpoint:
            request = HEAD + b"Host: evil.example\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            assert status_lines(told(endpoint, request)) == [b"HTTP/1.1 403 Forbidden"]


class TestOrigins:
    def test_its_own_page_is_answered(self, client: Client) -> None:
        """Browsers send its origin with each change."""
        own = {"Host": "127.0.0.1:80", "Origin": "http://127.0.0.1:80"}
        assert client.ask("GET", "/_fake/clock", None, own).status == 200

    @pytest.mark.parametrize("origin", ["http://example.com", "null", "https://127.0.0.1:80", "http://localhost:80"])
    @pytest.mark.parametrize("path", ["/graphs/list", "/_fake/reset"])
    def test_no_other_page_is_answered(self, client: Client, origin: str, path: str) -> None:
        """A form of another page could send a request to either API."""
        foreign = {**CONTROL, "Host": "127.0.0.1:80", "Origin": origin}
        assert client.ask("POST", path, {}, foreign).status == 403

    def test_no_other_page_is_allowed_to_send_the_header(self, client: Client) -> None:
        """A browser asks first, and is refused."""
        answered = client.ask("OPTIONS", "/_fake/reset", None, {"Origin": "http://example.com"})
        assert answered.status == 403
        assert not [name for name in answered.headers if name.startswith("access-control")]


class TestBodies:
    def test_a_body_up_to_the_limit_is_read(self, client: Client) -> None:
        """A mebibyte."""
        body = b" " * (2**20 - 2) + b"{}"
        assert client.ask("POST", "/graphs/list", body).status == 200

    def test_a_larger_one_is_refused(self, client: Client) -> None:
        """The client sees the response, and may use its connection again."""
        assert client.ask("POST", "/graphs/list", b" " * (2**20 + 1)).status == 413
        assert client.ask("POST", "/graphs/list", {}).status == 200

    def test_a_body_without_a_length_is_counted(self) -> None:
        """It comes in chunks."""
        chunks = b"8\r\n12345678\r\n" * 3 + b"0\r\n\r\n"
        request = HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks
        with served(body_bytes=20) as endpoint:
            assert status_lines(told(endpoint, request)) == [b"HTTP/1.1 413 Request Entity Too Large"]
        with served(body_bytes=30) as endpoint:
            assert b"Invalid request body" in told(endpoint, request)

    def test_a_client_that_asks_first_is_not_asked_for_a_body_that_is_too_large(self) -> None:
        """`Expect: 100-continue` gets the refusal at once."""
        request = HEAD + b"Content-Length: 9999999\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        with served() as endpoint:
            assert status_lines(told(endpoint, request)) == [b"HTTP/1.1 413 Request Entity Too Large"]

    def test_a_slow_body_ends_in_a_timeout(self) -> None:
        """The connection is closed."""
        with served(body_seconds=0.05) as endpoint:
            received = told(endpoint, HEAD + b"Content-Length: 2\r\n\r\n{")
        assert status_lines(received) == [b"HTTP/1.1 408 Request Timeout"]

    def test_a_request_that_ends_early_is_not_answered(self) -> None:
        """The client has closed the connection in the middle of it."""
        fake = DetectiveFake()
        with served(fake) as endpoint:
            with connected(endpoint) as connection:
                connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{")
            with Client(endpoint) as client:
                client.ask("POST", "/graphs/list", {})
        assert len(fake.calls) == 1


class TestMessages:
    """What depends on how the body and the end of a connection come in."""

    def sent(self, *messages: dict[str, Any]) -> tuple[list[Any], list[Any]]:
        """Return the status codes sent, and the connections closed, for a request to a fake that loses the reply."""
        fake = DetectiveFake(unused_faults="ignore")
        fake.faults.add("ListGraphs", network="ReadTimeoutError")
        incoming, statuses, closed = list(messages), list[Any](), list[Any]()

        async def receive() -> Any:
            return incoming.pop(0)

        async def send(message: Any) -> None:
            statuses.append(message.get("status"))

        detective = DetectiveApi(
            backend=fake._backend,  # noqa: SLF001 - as `fake.serve` does
            region="us-east-1",
            now=fake.clock.now,
            request_id=str,
            on_error=closed.append,
            after_call=lambda: None,
        )
        application = Application(
            detective=detective,
            control=control.Control(fake, asyncio.Event()),
            hosts=HOSTS,
            limits=Limits(body_bytes=5),
            on_error=closed.append,
            close=lambda scope: closed.append(scope["client"]),
        )
        path = {"path": "/graphs/list", "raw_path": b"/graphs/list", "query_string": b""}
        scope = {"method": "POST", **path, "headers": [(b"host", b"127.0.0.1")], "client": "me"}
        asyncio.run(application(scope, receive, send))
        return statuses, closed

    def test_reading_stops_when_a_body_is_too_large(self) -> None:
        """What is still to come is not kept in memory."""
        part = {"type": "http.request", "body": b"123", "more_body": True}
        assert self.sent(part, part)[0] == [413, None]

    def test_a_lost_reply_closes_the_connection(self) -> None:
        """The application ends when that has happened."""
        body = {"type": "http.request", "body": b"{}", "more_body": False}
        assert self.sent(body, body, {"type": "http.disconnect"}) == ([], ["me"])


class TestErrors:
    @pytest.mark.filterwarnings("default")
    def test_an_error_in_the_control_api_reaches_the_test(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The client sees no more than that something failed."""
        monkeypatch.setattr(control, "to_json", lambda _value: 1 // 0)
        with pytest.raises(ZeroDivisionError), served() as endpoint, Client(endpoint) as client:
            answered = client.ask("GET", "/_fake/clock")
        assert (answered.status, answered.body) == (500, b"Internal Server Error")
