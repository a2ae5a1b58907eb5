"""Who is answered at all, by which part, and what clients get to know of errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.errors import FakeUsageError
from detective_fake.interception.wsgi import NoAnswer
from detective_fake.server.application import Application, Hosts

if TYPE_CHECKING:
    from collections.abc import Callable

HOSTS = Hosts.of("127.0.0.1")


def answering(text: bytes) -> Callable[..., list[bytes]]:
    """Return an application that always answers the same."""

    def answer(_environ: object, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [text]

    return answer


DETECTIVE = answering(b"detective")


def failing(error: BaseException) -> Callable[..., list[bytes]]:
    """Return an application that does nothing but raise."""

    def fail(*_args: object) -> list[bytes]:
        raise error

    return fail


class Asked:
    """An application, what it answers, and what went wrong in it."""

    def __init__(self, detective: Callable[..., list[bytes]] = DETECTIVE) -> None:
        self.errors: list[BaseException] = []
        self._application = Application(
            detective,
            answering(b"control"),
            hosts=HOSTS,
            on_error=self.errors.append,
        )

    def __call__(self, path: str = "/", **environ: str) -> tuple[str, bytes]:
        started: list[Any] = []
        environ = {"PATH_INFO": path, "HTTP_HOST": "127.0.0.1:80", **environ}
        chunks = self._application(environ, lambda *answer: started.extend(answer))  # type: ignore[arg-type]
        return started[0], b"".join(chunks)


class TestParts:
    @pytest.mark.parametrize("path", ["/_fake", "/_fake/", "/_fake/state"])
    def test_everything_below_the_prefix_is_control(self, path: str) -> None:
        """And the prefix itself."""
        assert Asked()(path) == ("200 OK", b"control")

    @pytest.mark.parametrize("path", ["/", "/graph", "/_faker", "/tags/_fake"])
    def test_all_else_is_detective(self, path: str) -> None:
        """Unknown routes among it."""
        assert Asked()(path) == ("200 OK", b"detective")


class TestHosts:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:1", "[::1]:80"])
    def test_the_bound_address_and_localhost_will_do(self, host: str) -> None:
        """With any port: it may be forwarded."""
        bound = "::1" if "[" in host else "127.0.0.1"
        assert Hosts.of(bound).admits(host)

    @pytest.mark.parametrize("host", ["", "example.com", "127.0.0.1.example.com", "10.0.0.1", "[::1", "localhost.evil"])
    def test_nothing_else_does(self, host: str) -> None:
        """Names can be rebound to this machine by whoever owns them."""
        assert not HOSTS.admits(host)

    def test_a_name_may_be_wanted(self) -> None:
        """That of a container, for example."""
        assert Hosts.of("0.0.0.0", ["Detective"]).admits("detective:4566")

    @pytest.mark.parametrize(("host", "admitted"), [("10.0.0.1", True), ("[fe80::1]:80", True), ("example.com", False)])
    def test_bound_to_all_addresses_every_address_will_do(self, host: str, admitted: bool) -> None:  # noqa: FBT001
        """There is nothing to rebind."""
        assert Hosts.of("0.0.0.0").admits(host) is admitted

    def test_a_refusal_says_what_to_do(self) -> None:
        """It is seen by whoever has set up the client."""
        status, body = Asked()(HTTP_HOST="detective:4566")
        assert status == "403 Forbidden"
        assert json.loads(body)["message"] == (
            "This server is not called 'detective:4566'; it answers to 127.0.0.1, localhost. "
            "Start it with --allow-host to let it have another name."
        )


class TestOrigins:
    def test_its_own_page_is_answered(self) -> None:
        """Browsers name it for whatever changes something."""
        assert Asked()("/_fake/", HTTP_ORIGIN="http://127.0.0.1:80")[0] == "200 OK"

    @pytest.mark.parametrize("origin", ["http://example.com", "null", "https://127.0.0.1:80", "http://localhost:80"])
    def test_no_other_page_is(self, origin: str) -> None:
        """Detective's own API neither: a form could post to it."""
        asked = Asked()
        assert {asked(path, HTTP_ORIGIN=origin)[0] for path in ("/graph", "/_fake/")} == {"403 Forbidden"}


class TestErrors:
    def test_a_mistake_of_the_tests_is_told_and_not_tried_again(self) -> None:
        """To both: the client's log may be all that somebody looks at."""
        asked = Asked(failing(FakeUsageError("Do it so.")))
        assert asked("/graph") == ("501 Not Implemented", b'{"message": "Do it so."}')
        assert [str(error) for error in asked.errors] == ["Do it so."]

    @pytest.mark.parametrize("error", [ValueError("secret"), KeyboardInterrupt("secret")])
    def test_of_anything_else_clients_get_to_know_nothing(self, error: BaseException) -> None:
        """What pytest's own `fail` raises is no `Exception`."""
        asked = Asked(failing(error))
        status, body = asked("/graph")
        assert (status, asked.errors) == ("500 Internal Server Error", [error])
        assert b"secret" not in body

    def test_a_connection_that_is_to_be_closed_is_no_error(self) -> None:
        """It is for the server to close."""
        asked = Asked(failing(NoAnswer("ReadTimeoutError")))
        with pytest.raises(NoAnswer, match="ReadTimeoutError"):
            asked("/graph")
        assert not asked.errors
