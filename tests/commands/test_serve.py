"""`detective-fake serve`: what it prints, what it serves, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.cli import main
from detective_fake.commands import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from detective_fake.server.endpoint import Endpoint

PATIENCE = 30
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that lets another one run while a server is up, and then stops that by a signal."""

    def let_run(action: Callable[[str], object], stop: signal.Signals = signal.SIGTERM) -> None:
        greet = serve._greet  # noqa: SLF001 - there is no other moment to begin

        def greet_and_run(endpoint: Endpoint, host: str) -> None:
            greet(endpoint, host)

            def run() -> None:
                try:
                    action(endpoint.url)
                finally:
                    os.kill(os.getpid(), stop)

            threading.Thread(target=run).start()

        monkeypatch.setattr(serve, "_greet", greet_and_run)
        monkeypatch.setattr(serve, "_WAKE_SECONDS", 0.01)

    return let_run


def nothing(_url: str) -> None:
    """Let the server be stopped at once."""


def asked(url: str, path: str, body: object) -> Any:
    """Return the answer to a call that is not signed."""
    request = urllib.request.Request(url + path, json.dumps(body).encode(), method="POST")  # noqa: S310 - of this machine
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
        return json.load(response)


class TestGreeting:
    def test_it_tells_where_it_is_and_how_to_get_there(self, capsys: Captured, meanwhile: Callable[..., None]) -> None:
        """With credentials of two accounts."""
        meanwhile(nothing)
        assert main(["serve", "--region", "eu-west-1"]) == 0
        shown = capsys.readouterr()
        url = re.match(r"Detective is at (http://127\.0\.0\.1:\d+)\n", shown.out)
        assert url is not None
        assert shown.out == (
            f"Detective is at {url[1]}\n"
            f"Its page is at {url[1]}/_fake/\n"
            "\n"
            "# An account, for a shell:\n"
            f"export AWS_ENDPOINT_URL_DETECTIVE={url[1]}\n"
            "export AWS_REGION=eu-west-1\n"
            "export AWS_DEFAULT_REGION=eu-west-1\n"
            "export AWS_ACCESS_KEY_ID=123456789012\n"
            "export AWS_SECRET_ACCESS_KEY=detective-fake\n"
            "export AWS_SESSION_TOKEN=\n"
            "\n"
            "# Another one; an access key of twelve digits is the account it names:\n"
            "export AWS_ACCESS_KEY_ID=222222222222\n"
            "\n"
            "Ctrl-C stops it.\n"
        )
        assert not shown.err

    def test_the_other_account_is_another_one(self, capsys: Captured, meanwhile: Callable[..., None]) -> None:
        """Whoever calls by default."""
        meanwhile(nothing)
        main(["serve", "--account-id", "222222222222"])
        assert "export AWS_ACCESS_KEY_ID=111111111111\n" in capsys.readouterr().out

    def test_whoever_lets_others_in_is_warned(self, capsys: Captured, meanwhile: Callable[..., None]) -> None:
        """On standard error."""
        meanwhile(nothing)
        main(["serve", "--host", "0.0.0.0", "--allow-host", "detective"])
        assert capsys.readouterr().err.startswith("Warning: whoever reaches this machine at 0.0.0.0 can")


class TestState:
    def test_it_begins_and_ends_with_files(
        self, capsys: Captured, meanwhile: Callable[..., None], tmp_path: Path
    ) -> None:
        """What was loaded and what was called are saved together."""
        (tmp_path / "in.toml").write_text('[[graphs]]\nadministrator_id = "111111111111"\n')
        meanwhile(lambda url: asked(url, "/graph", {}))
        saved = tmp_path / "out.json"
        assert main(["serve", "--scenario", str(tmp_path / "in.toml"), "--save", str(saved)]) == 0
        graphs = json.loads(saved.read_text())["graphs"]
        assert [graph["administrator_id"] for graph in graphs] == ["111111111111", "123456789012"]
        assert capsys.readouterr().out.endswith(f"Saved to {saved}.\n")

    @pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
    def test_both_signals_stop_it(self, meanwhile: Callable[..., None], stop: signal.Signals) -> None:
        """And stand afterwards as they did."""
        before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
        meanwhile(nothing, stop)
        assert main(["serve"]) == 0
        assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before

    def test_faults_that_nobody_meets_are_no_error(self, meanwhile: Callable[..., None]) -> None:
        """It is no test."""

        def add_a_fault(url: str) -> None:
            request = urllib.request.Request(  # noqa: S310 - of this machine
                f"{url}/_fake/faults", b'{"operation": "*", "status": 503}', {"X-Detective-Fake": "test"}, method="POST"
            )
            urllib.request.urlopen(request, timeout=PATIENCE).close()  # noqa: S310

        meanwhile(add_a_fault)
        assert main(["serve"]) == 0


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                ["--port", "99999"],
                "Nothing can be served at '127.0.0.1', port 99999: a port is a number from 0 to 65535",
            ),
            (["--account-id", "me"], "An AWS account id is a string of twelve digits, not 'me'"),
            (["--scenario", "nothing.toml"], "The scenario nothing.toml cannot be loaded"),
            (["--save", "state.yaml"], "The scenario state.yaml cannot be written"),
        ],
    )
    def test_what_cannot_be_ends_it_at_once(self, capsys: Captured, arguments: list[str], message: str) -> None:
        """With exit code 2 and a sentence."""
        assert main(["serve", *arguments]) == 2
        assert capsys.readouterr().err.startswith(f"detective-fake serve: {message}")

    def test_what_goes_wrong_inside_is_printed_at_once(
        self, capsys: Captured, meanwhile: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a traceback, here and nowhere else."""
        monkeypatch.setattr("detective_fake.service.HANDLERS", {"ListGraphs": lambda _call: 1 // 0})

        def fail(url: str) -> None:
            with contextlib.suppress(urllib.error.HTTPError):
                asked(url, "/graphs/list", {})

        meanwhile(fail)
        assert main(["serve"]) == 0
        assert capsys.readouterr().err.endswith("ZeroDivisionError: integer division or modulo by zero\n")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start it as a process of its own; return that, and the environment variables it prints."""
    command = [sys.executable, "-m", "detective_fake", "serve", "--save", str(tmp_path / "state.toml")]
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as started:
        assert started.stdout is not None
        lines = iter(started.stdout.readline, "Ctrl-C stops it.\n")
        exports = dict(re.findall(r"^export (\w+)=(.*)$", "".join(lines), re.MULTILINE))
        yield started, exports
        started.kill()


class TestProcess:
    def test_it_runs_until_it_is_told_to_stop(
        self, process: tuple[subprocess.Popen[str], dict[str, str]], tmp_path: Path
    ) -> None:
        """It answers, stops with code 0, and has saved what there was."""
        started, exports = process
        graph_arn = asked(exports["AWS_ENDPOINT_URL_DETECTIVE"], "/graph", {})["GraphArn"]
        started.send_signal(signal.SIGTERM)
        _, errors = started.communicate(timeout=PATIENCE)
        assert (started.returncode, errors) == (0, "")
        assert graph_arn in (tmp_path / "state.toml").read_text()

    def test_the_aws_cli_invites_and_accepts(self, process: tuple[subprocess.Popen[str], dict[str, str]]) -> None:
        """As a process too, with the variables that were printed, and another key for the other account."""
        _, exports = process

        def aws(account_id: str, *arguments: str) -> Any:
            command = [sys.executable, "-m", "awscli", "detective", *arguments, "--output", "json"]
            environment = {**os.environ, **exports, "AWS_ACCESS_KEY_ID": account_id, "AWS_PAGER": ""}
            ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            assert ended.returncode == 0, ended.stderr
            return json.loads(ended.stdout or "null")

        administrator, member = "111111111111", exports["AWS_ACCESS_KEY_ID"]
        graph_arn = aws(administrator, "create-graph")["GraphArn"]
        accounts = f"AccountId={member},EmailAddress=shop@example.com"
        aws(administrator, "create-members", "--graph-arn", graph_arn, "--accounts", accounts)
        (invitation,) = aws(member, "list-invitations")["Invitations"]
        assert invitation["Status"] == "INVITED"
        aws(member, "accept-invitation", "--graph-arn", graph_arn)
        (row,) = aws(administrator, "list-members", "--graph-arn", graph_arn)["MemberDetails"]
        assert (row["AccountId"], row["Status"]) == (member, "ENABLED")
