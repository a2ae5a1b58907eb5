"""`python -m benchmarks.server_load`: the server under load, and its requests per second beside moto's server.

First, 16 persistent connections make mixed requests: none may fail, no change may be lost, and memory must not grow.
Then both servers take turns in answering a comparable request, from the same number of connections.
Needs `pip install 'moto[server]'` and Linux's `/proc`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT: Final = "111111111111"
REGION: Final = "us-east-1"
CONNECTIONS: Final = 16
CALLS_KEPT: Final = 2_000
QUIETLY: Final = {"DisableEmailNotification": True}  # e-mails would use memory, too
KEPT_EVERY: Final = 50
ROUNDS: Final = 5
TARGET: Final = 13

_LENGTH: Final = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Connection:
    """One connection, opened again if the server closes it, as a client's connection pool does."""

    def __init__(self, port: int, service: str) -> None:
        self._port = port
        self._head = (
            f"Host: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Authorization: AWS4-HMAC-SHA256 Credential={ACCOUNT}/20240101/{REGION}/{service}/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=0123456789abcdef\r\n"
            "User-Agent: benchmark\r\nX-Amz-Date: 20240101T000000Z\r\n"
        )
        self._socket: socket.socket | None = None
        self.opened = 0

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the decoded JSON response; fail unless it is a success."""
        self.send(self.request(method, path, body))
        return json.loads(self.receive() or b"null")

    def request(self, method: str, path: str, body: object = None) -> bytes:
        """Return the bytes of a request."""
        content = b"" if body is None else json.dumps(body).encode()
        return f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(content)}\r\n\r\n".encode() + content

    def send(self, request: bytes) -> None:
        """Send a request, without waiting for the response."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.opened += 1
        self._socket.sendall(request)

    def receive(self) -> bytes:
        """Return the body of a response; fail unless it is a success."""
        connection = self._socket
        assert connection is not None
        received = b""
        while b"\r\n\r\n" not in received:
            received += _more(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        while length is not None and len(body) < int(length[1]):
            body += _more(connection)
        if b"connection: close" in head.lower():
            self.close()
        assert head.split(b" ", 2)[1] in {b"200", b"204"}, (head, body)
        return body

    def close(self) -> None:
        """Close it."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(2**16)
    assert received, "the server has closed the connection"
    return received


@contextmanager
def server(*command: str) -> Iterator[tuple[int, int]]:
    """Start a server in its own process; yield its port and process ID."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [part.format(port=port) for part in command]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, "-m", *arguments], stdout=quiet, stderr=quiet) as process:
        try:
            _wait_for(port)
            yield port, process.pid
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError


def megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def processor_seconds(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def mixed_load(requests: int) -> None:
    """Make mixed requests and check that every change is there."""
    command = ("detective_fake", "serve", "--port", "{port}", "--keep-calls", str(CALLS_KEPT))
    with server(*command) as (port, pid), ThreadPoolExecutor(CONNECTIONS) as pool:
        connections = [Connection(port, "detective") for _ in range(CONNECTIONS)]
        graph_arn = connections[0].ask("POST", "/graph", {})["GraphArn"]
        turns = requests // CONNECTIONS // 5
        used = []
        begun = time.perf_counter()
        kept: set[str] = set()
        for part in range(4):
            turn_numbers = range(part * turns // 4, (part + 1) * turns // 4)
            work = [(connection, graph_arn, number, turn_numbers) for number, connection in enumerate(connections)]
            kept = kept.union(*pool.map(_work, work))
            used.append(megabytes(pid))
        seconds = time.perf_counter() - begun
        found = set(_members(connections[0], graph_arn))
        opened = sum(connection.opened for connection in connections)
        for connection in connections:
            connection.close()
    made = turns * 5 * CONNECTIONS
    print(f"mixed load: {made} requests over {CONNECTIONS} connections, opened {opened} times, none failed")
    print(f"  {made / seconds:.0f} requests per second, client included")
    print(f"  changes: {len(kept)} members expected, {len(found)} found, equal: {found == kept}")
    print(f"  memory after each quarter, MB: {', '.join(f'{each:.1f}' for each in used)}")
    assert found == kept


def _work(work: tuple[Connection, str, int, range]) -> set[str]:
    """Invite, read, list, tag and remove in each turn; return the members that remain."""
    connection, graph_arn, number, turns = work
    kept = set()
    for turn in turns:
        account_id = f"{number + 2:04}{turn:08}"
        accounts = [{"AccountId": account_id, "EmailAddress": f"{account_id}@example.com"}]
        graph = {"GraphArn": graph_arn}
        created = connection.ask("POST", "/graph/members", {**graph, "Accounts": accounts, **QUIETLY})
        assert created["Members"][0]["AccountId"] == account_id
        found = connection.ask("POST", "/graph/members/get", {**graph, "AccountIds": [account_id]})
        assert found["MemberDetails"][0]["Status"] == "INVITED"
        assert connection.ask("POST", "/graph/members/list", {**graph, "MaxResults": 10})["MemberDetails"]
        assert connection.ask("POST", "/graphs/list", {})["GraphList"][0]["Arn"] == graph_arn
        if turn % KEPT_EVERY:
            removed = connection.ask("POST", "/graph/members/removal", {**graph, "AccountIds": [account_id]})
            assert removed["AccountIds"] == [account_id]
        else:
            connection.ask("POST", f"/tags/{graph_arn.replace(':', '%3A')}", {"Tags": {"team": "a"}})
            kept.add(account_id)
    return kept


def _members(connection: Connection, graph_arn: str) -> Iterator[str]:
    token: dict[str, str] = {}
    while True:
        page = connection.ask("POST", "/graph/members/list", {"GraphArn": graph_arn, "MaxResults": 200, **token})
        yield from (row["AccountId"] for row in page["MemberDetails"])
        if "NextToken" not in page:
            return
        token = {"NextToken": page["NextToken"]}


def side_by_side(requests: int) -> float:
    """Return the fake's requests per second divided by those of moto's server."""
    ours = server("detective_fake", "serve", "--port", "{port}")
    peers = server("moto.server", "-p", "{port}")
    with ours as (port, pid), peers as (peer_port, peer_pid):
        Connection(port, "detective").ask("POST", "/graph", {})
        Connection(peer_port, "guardduty").ask("POST", "/detector", {"enable": True})
        rounds = [
            (
                _pace(port, pid, "detective", ("POST", "/graphs/list", {}), requests),
                _pace(peer_port, peer_pid, "guardduty", ("GET", "/detector"), requests),
            )
            for _ in range(ROUNDS)
        ]
    for name, place in (("detective_fake, ListGraphs", 0), ("moto, GuardDuty ListDetectors", 1)):
        pace, cost = (statistics.median(each[place][kind] for each in rounds) for kind in (0, 1))
        print(f"{name}: {pace:.0f} requests per second, {cost * 1000:.2f} ms of CPU time each")
    ratio = statistics.median(mine[0] / theirs[0] for mine, theirs in rounds)
    cost = statistics.median(theirs[1] / mine[1] for mine, theirs in rounds)
    print(f"ratio: {ratio:.2f} times the requests per second (target: {TARGET}), {cost:.2f} times by CPU time")
    return ratio


def _pace(port: int, pid: int, service: str, question: tuple[Any, ...], requests: int) -> tuple[float, float]:
    """Return requests per second, and the server's CPU seconds per request.

    One thread sends the same bytes over all connections in turn, so that the client takes less time than the server.
    """
    connections = [Connection(port, service) for _ in range(CONNECTIONS)]
    request = connections[0].request(*question)
    used, begun = processor_seconds(pid), time.perf_counter()
    for connection in connections:
        connection.send(request)
    for _ in range(requests // CONNECTIONS - 1):
        for connection in connections:
            connection.receive()
            connection.send(request)
    for connection in connections:
        connection.receive()
    seconds, used = time.perf_counter() - begun, processor_seconds(pid) - used
    for connection in connections:
        connection.close()
    return requests / seconds, used / requests


def main() -> int:
    """Measure and print; return 1 if the target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server_load", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, metavar="N", help="requests of the mixed load")
    parser.add_argument("--rounds-of", type=int, default=1_600, metavar="N", help="requests to each server in one turn")
    options = parser.parse_args()
    mixed_load(options.requests)
    return int(side_by_side(options.rounds_of) < TARGET)


if __name__ == "__main__":
    sys.exit(main())
