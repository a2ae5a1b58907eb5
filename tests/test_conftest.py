"""The network guard around all tests, and the profiles of Hypothesis."""

from __future__ import annotations

import _socket
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# TEST-NET-1 of RFC 5737: an unused address, in case the guard fails.
ELSEWHERE = ("192.0.2.1", 443)


@pytest.fixture
def tcp() -> Iterator[socket.socket]:
    with socket.socket() as endpoint:
        endpoint.settimeout(1)
        yield endpoint


class TestGuard:
    def test_connecting_to_another_machine_fails(self, tcp: socket.socket) -> None:
        """The failure names the address."""
        with pytest.raises(pytest.fail.Exception, match=r"A test tried to reach '192\.0\.2\.1'"):
            tcp.connect(ELSEWHERE)

    def test_connect_ex_fails_too(self, tcp: socket.socket) -> None:
        """Event loops call `connect_ex`."""
        with pytest.raises(pytest.fail.Exception, match=r"A test tried to reach '192\.0\.2\.1'"):
            tcp.connect_ex(ELSEWHERE)

    def test_looking_up_a_name_fails(self) -> None:
        """A lookup uses the network before any connection does."""
        with pytest.raises(pytest.fail.Exception, match=r"A test tried to reach 'detective\.example'"):
            socket.getaddrinfo("detective.example", 443)

    def test_no_except_clause_for_errors_hides_it(self) -> None:
        """Botocore retries after every Exception."""
        assert not issubclass(pytest.fail.Exception, Exception)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", b"localhost", None, "::1"])
    def test_this_machine_may_be_looked_up(self, host: str | bytes | None) -> None:
        """Test servers listen on it."""
        assert socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM)

    def test_this_machine_may_be_reached(self, tcp: socket.socket) -> None:
        """A server in the test itself is allowed."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            tcp.connect(server.getsockname())
            assert tcp.getpeername() == server.getsockname()

    def test_another_server_of_this_machine_fails(self, tcp: socket.socket) -> None:
        """The failure names the port."""
        foreign = _socket.socket()  # past the guard, which would note that it is a server of this process
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        address = foreign.getsockname()
        with pytest.raises(pytest.fail.Exception, match=f"A test tried to reach port {address[1]} of this machine"):
            tcp.connect(address)
        foreign.close()

    def test_a_server_of_a_child_process_may_be_reached(self, tcp: socket.socket) -> None:
        """`detective-fake serve` is such a server."""
        code = (
            "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
        )
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            tcp.connect(("127.0.0.1", int(child.stdout.readline())))
            child.communicate("\n")

    def test_unix_sockets_are_allowed(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        """A Unix socket has a path."""
        with socket.socket(socket.AF_UNIX) as endpoint, pytest.raises(FileNotFoundError):
            endpoint.connect(str(tmp_path_factory.getbasetemp() / "none"))


class TestProfiles:
    @pytest.mark.parametrize("name", ["default", "full", "thorough"])
    def test_short_ones_have_the_same_examples_each_time(self, name: str) -> None:
        """A change can only break a test that it concerns."""
        assert settings.get_profile(name).derandomize

    @pytest.mark.parametrize("name", ["long", "fuzz", "proof"])
    def test_long_ones_have_new_examples_each_time(self, name: str) -> None:
        """So that each run finds more."""
        assert not settings.get_profile(name).derandomize
