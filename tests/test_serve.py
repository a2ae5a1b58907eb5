"""`detective-fake serve`: what it prints and serves, and how it ends."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader

from detective_fake import cli
from detective_fake.cli import main
from tests.server import tools
from tests.server.http import CONTROL, Served, served_by_process

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from detective_fake.server.endpoint import Endpoint

    Aws = Callable[..., Any]

PATIENCE = 30
RUN_AWS = """
import json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from awscli.clidriver import create_clidriver

url = os.environ["AWS_ENDPOINT_URL_DETECTIVE"]  # before 1.29 and 2.13 it does not read the variable itself
drivers = {}
for line in sys.stdin:
    account, *arguments = json.loads(line)
    os.environ["AWS_ACCESS_KEY_ID"] = account
    with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as error:
        drivers[account] = drivers.get(account) or create_clidriver()  # one keeps its credentials
        status = drivers[account].main(["detective", *arguments, "--output", "json", "--endpoint-url", url])
    print(json.dumps([status, output.getvalue(), error.getvalue()]), flush=True)
"""
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that runs another one while the server is up, and then stops the server with a signal."""

    def let_run(action: Callable[[str], object], stop: signal.Signals = signal.SIGTERM) -> None:
        print_greeting = cli._print_greeting  # noqa: SLF001 - the server is up from here on

        def greet_and_run(endpoint: Endpoint, arguments: argparse.Namespace) -> None:
            print_greeting(endpoint, arguments)

            def run() -> None:
                try:
                    action(endpoint.url)
                finally:
                    os.kill(os.getpid(), stop)

            threading.Thread(target=run).start()

        monkeypatch.setattr(cli, "_print_greeting", greet_and_run)
        monkeypatch.setattr(cli, "_WAKE_SECONDS", 0.01)

    return let_run


def nothing(_url: str) -> None:
    """Do nothing, so that the server stops at once."""


def asked(url: str, path: str, body: object) -> Any:
    """Return the answer to an unsigned call."""
    request = urllib.request.Request(url + path, json.dumps(body).encode(), CONTROL, method="POST")  # noqa: S310 - of this machine
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
        return json.load(response)


class TestGreeting:
    def test_shows_the_url_and_the_variables_to_set(self, capsys: Captured, meanwhile: Callable[..., None]) -> None:
        """For two accounts."""
        meanwhile(nothing)
        assert main(["serve", "--region", "eu-west-1"]) == 0
        shown = capsys.readouterr()
        url = re.match(r"Detective is at (http://127\.0\.0\.1:\d+)\n", shown.out)
        assert url is not None
        assert shown.out == (
            f"Detective is at {url[1]}\n"
            f"Its page is at {url[1]}/_fake/\n"
            "\n"
            "# One account:\n"
            f"export AWS_ENDPOINT_URL_DETECTIVE={url[1]}\n"
            "export AWS_REGION=eu-west-1\n"
            "export AWS_DEFAULT_REGION=eu-west-1\n"
            "export AWS_ACCESS_KEY_ID=123456789012\n"
            "export AWS_SECRET_ACCESS_KEY=detective-fake\n"
            "export AWS_SESSION_TOKEN=\n"
            "\n"
            "# Another one; an access key of twelve digits is an account ID:\n"
            "export AWS_ACCESS_KEY_ID=222222222222\n"
            "\n"
            "# boto3 before 1.28 and the AWS CLI before 1.29 or 2.13 do not read the first variable, and call AWS:\n"
            f"aws detective list-graphs --endpoint-url {url[1]}\n"
            "\n"
            "Ctrl-C stops it.\n"
        )
        assert not shown.err

    @pytest.mark.parametrize(
        ("shell", "line"),
        [
            ("bash", "export AWS_ACCESS_KEY_ID=222222222222"),
            ("fish", "set -gx AWS_ACCESS_KEY_ID '222222222222'"),
            ("powershell", '$env:AWS_ACCESS_KEY_ID = "222222222222"'),
            ("env", "AWS_ACCESS_KEY_ID=222222222222"),
        ],
    )
    def test_the_variables_have_the_form_of_a_shell(
        self, capsys: Captured, meanwhile: Callable[..., None], shell: str, line: str
    ) -> None:
        """Or of a `.env` file."""
        meanwhile(nothing)
        main(["serve", "--shell", shell])
        assert line in capsys.readouterr().out.splitlines()

    def test_json_is_one_line_for_programs(
        self, capsys: Captured, meanwhile: Callable[..., None], tmp_path: Path
    ) -> None:
        """Nothing else is on standard output."""
        meanwhile(nothing)
        main(["serve", "--json", "--save", str(tmp_path / "state.json")])
        (line,) = capsys.readouterr().out.splitlines()
        found = json.loads(line)
        assert found["url"] == f"http://127.0.0.1:{found['port']}" == found["environment"]["AWS_ENDPOINT_URL_DETECTIVE"]
        assert found["page_url"] == f"{found['url']}/_fake/"

    def test_the_second_account_differs_from_the_first(self, capsys: Captured, meanwhile: Callable[..., None]) -> None:
        """For any default account."""
        meanwhile(nothing)
        main(["serve", "--account-id", "222222222222"])
        assert "export AWS_ACCESS_KEY_ID=111111111111\n" in capsys.readouterr().out

    def test_warns_if_other_machines_can_connect(self, capsys: Captured, meanwhile: Callable[..., None]) -> None:
        """On standard error."""
        meanwhile(nothing)
        main(["serve", "--host", "0.0.0.0", "--allow-host", "detective"])
        assert capsys.readouterr().err.startswith("Warning: everyone who reaches this machine at 0.0.0.0 can")


class TestState:
    def test_it_begins_and_ends_with_files(
        self, capsys: Captured, meanwhile: Callable[..., None], tmp_path: Path
    ) -> None:
        """What was loaded and what was called are saved together."""
        (tmp_path / "in.toml").write_text('[[graph]]\nadministrator_id = "111111111111"\n')
        meanwhile(lambda url: asked(url, "/graph", {}))
        saved = tmp_path / "out.json"
        assert main(["serve", "--scenario", str(tmp_path / "in.toml"), "--save", str(saved)]) == 0
        graphs = json.loads(saved.read_text())["world"]["graphs"].values()
        assert [graph["administrator_id"] for graph in graphs] == ["111111111111", "123456789012"]
        assert capsys.readouterr().out.endswith(f"Saved to {saved}.\n")

    @pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
    def test_both_signals_stop_it(self, meanwhile: Callable[..., None], stop: signal.Signals) -> None:
        """Their handlers are restored."""
        before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
        meanwhile(nothing, stop)
        assert main(["serve"]) == 0
        assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before

    def test_unused_faults_are_no_error(self, meanwhile: Callable[..., None]) -> None:
        """The server is not a test."""

        def add_a_fault(url: str) -> None:
            request = urllib.request.Request(  # noqa: S310 - of this machine
                f"{url}/_fake/faults", b'{"operation": "*", "status": 503}', {"X-Detective-Fake": "test"}, method="POST"
            )
            urllib.request.urlopen(request, timeout=PATIENCE).close()  # noqa: S310

        meanwhile(add_a_fault)
        assert main(["serve"]) == 0


class TestLog:
    def test_every_request_is_logged_on_request(
        self, capsys: Captured, meanwhile: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With its status, on standard error."""
        monkeypatch.setattr(logging.root, "handlers", [])  # pytest has added its own
        monkeypatch.setattr(logging.root, "level", logging.WARNING)
        meanwhile(lambda url: asked(url, "/graphs/list", {}))
        main(["serve", "--log-level", "info"])
        assert re.search(r' INFO 127\.0\.0\.1:\d+ - "POST /graphs/list HTTP/1\.1" 200\n', capsys.readouterr().err)

    def test_by_default_no_request_is_logged(
        self, capsys: Captured, meanwhile: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only warnings and errors are."""
        monkeypatch.setattr(logging.root, "handlers", [])
        monkeypatch.setattr(logging.root, "level", logging.WARNING)
        meanwhile(lambda url: asked(url, "/graphs/list", {}))
        main(["serve"])
        assert capsys.readouterr().err == ""


class TestWait:
    def test_it_ends_when_a_server_is_ready(self, meanwhile: Callable[..., None]) -> None:
        """For scripts that start the server in the background."""
        codes: list[int] = []
        meanwhile(lambda url: codes.append(main(["serve", "--port", url.rpartition(":")[2], "--wait", "5"])))
        main(["serve"])
        assert codes == [0]

    def test_it_fails_if_none_is_ready_in_time(self, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
        """The message has the address."""
        monkeypatch.setattr(cli, "_RETRY_SECONDS", 0.01)
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            assert main(["serve", "--port", str(port), "--wait", "0.01"]) == 1
        assert f"no server is ready at http://127.0.0.1:{port}/_fake/health" in capsys.readouterr().err


class TestErrors:
    def test_a_file_that_was_not_loaded_is_not_overwritten(
        self, capsys: Captured, meanwhile: Callable[..., None], tmp_path: Path
    ) -> None:
        """Unless the user says so. The loaded file is the one to continue with."""
        file = tmp_path / "state.json"
        file.write_text("{}")
        assert main(["serve", "--save", str(file)]) == 2
        assert capsys.readouterr().err == (
            f"detective-fake serve: {file} exists. Load it with --scenario {file}, or replace it with --overwrite.\n"
        )
        assert file.read_text() == "{}"
        meanwhile(nothing)
        assert main(["serve", "--save", str(file), "--scenario", str(file)]) == 0
        assert main(["serve", "--save", str(file), "--overwrite"]) == 0

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                ["--port", "99999"],
                "Cannot serve at '127.0.0.1', port 99999: a port is a number from 0 to 65535",
            ),
            (["--account-id", "me"], "An AWS account ID is a string of twelve digits, not 'me'"),
            (["--scenario", "nothing.toml"], "The scenario nothing.toml cannot be loaded"),
            (["--save", "state.yaml"], "A saved state is a JSON file"),
            (["--keep-calls", "-1"], "keep_calls: expected a whole number, zero or more, got -1."),
        ],
    )
    def test_invalid_arguments_end_it_at_once(self, capsys: Captured, arguments: list[str], message: str) -> None:
        """With exit code 2 and a message."""
        assert main(["serve", *arguments]) == 2
        assert capsys.readouterr().err.startswith(f"detective-fake serve: {message}")

    @pytest.mark.parametrize("arguments", [["--keep-calls", "-1"], ["--port", "99999"]])
    def test_after_an_invalid_argument_nothing_is_saved(self, tmp_path: Path, arguments: list[str]) -> None:
        """The file is first written when the server runs."""
        assert main(["serve", *arguments, "--save", str(tmp_path / "state.json")]) == 2
        assert list(tmp_path.iterdir()) == []

    def test_errors_inside_the_server_are_printed_at_once(
        self, capsys: Captured, meanwhile: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a traceback."""
        monkeypatch.setattr("detective_fake.service.HANDLERS", {"ListGraphs": lambda _call: 1 // 0})

        def fail(url: str) -> None:
            with contextlib.suppress(urllib.error.HTTPError):
                asked(url, "/graphs/list", {})

        meanwhile(fail)
        assert main(["serve"]) == 0
        assert capsys.readouterr().err.endswith("ZeroDivisionError: integer division or modulo by zero\n")


@pytest.mark.slow
class TestProcess:
    def test_it_runs_until_a_signal(self, tmp_path: Path) -> None:
        """It answers, saves its state, and ends with code 0."""
        with served_by_process("--save", str(tmp_path / "state.json")) as process:
            graph_arn = asked(process.url, "/graph", {})["GraphArn"]
            process.popen.send_signal(signal.SIGTERM)
            _, errors = process.popen.communicate(timeout=PATIENCE)
        assert (process.popen.returncode, errors) == (0, "")
        assert graph_arn in (tmp_path / "state.json").read_text()


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    """A server for all tests with the AWS CLI."""
    with served_by_process() as process:
        yield process


@pytest.fixture
def process(running: Served) -> Served:
    """The server in the state in which it starts."""
    asked(running.url, "/_fake/reset", None)
    return running


@pytest.fixture(scope="module", params=[1, 2])
def python_of_aws(request: pytest.FixtureRequest) -> str:
    """Return the interpreter of the AWS CLI, version 1 or 2."""
    return sys.executable if request.param == 1 else tools.python_of_aws_2()


@pytest.fixture(scope="module")
def running_aws(python_of_aws: str, running: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Return a function that runs a command as an account, and returns the output, or the text of the error.

    All commands run in one process of the AWS CLI, as starting it takes long.
    """
    models = tmp_path_factory.mktemp("models")
    model = models / "detective" / "2018-10-26" / "service-2.json"
    model.parent.mkdir(parents=True)
    # Debian's AWS CLI is older than investigations.
    model.write_text(json.dumps(Loader().load_service_model("detective", "service-2")), "utf-8")
    settings = {"AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "2", "AWS_DATA_PATH": str(models)}
    environment = {**os.environ, **running.accounts[0], **settings}
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([python_of_aws, "-c", RUN_AWS], **pipes, text=True, env=environment) as popen:

        def run(account_id: str, *arguments: str) -> Any:
            print(json.dumps([account_id, *arguments]), file=popen.stdin, flush=True)
            status, output, error = json.loads(popen.stdout.readline())  # type: ignore[union-attr]  # it is a pipe
            return error.strip() if status else json.loads(output or "null")

        yield run


@pytest.fixture
def aws(running_aws: Aws, process: Served) -> Aws:  # noqa: ARG001 - without state of other tests
    """The same function, for a server in the state in which it starts."""
    return running_aws


@pytest.mark.slow
class TestAwsCli:
    """A client in a process of its own, with the variables that were printed."""

    def test_it_invites_and_accepts(self, process: Served, aws: Aws) -> None:
        """With the two accounts whose variables were printed."""
        member, administrator = (account["AWS_ACCESS_KEY_ID"] for account in process.accounts)
        graph_arn = aws(administrator, "create-graph")["GraphArn"]
        accounts = f"AccountId={member},EmailAddress=shop@example.com"
        aws(administrator, "create-members", "--graph-arn", graph_arn, "--accounts", accounts)
        (invitation,) = aws(member, "list-invitations")["Invitations"]
        assert invitation["Status"] == "INVITED"
        aws(member, "accept-invitation", "--graph-arn", graph_arn)
        (row,) = aws(administrator, "list-members", "--graph-arn", graph_arn)["MemberDetails"]
        assert (row["AccountId"], row["Status"]) == (member, "ENABLED")
        aws(member, "disassociate-membership", "--graph-arn", graph_arn)
        assert aws(administrator, "list-members", "--graph-arn", graph_arn)["MemberDetails"] == []

    def test_it_sets_and_reads_tags(self, aws: Aws) -> None:
        """The ARN is in the path, percent-encoded, and the keys to remove are in the query string."""
        owner = "111111111111"
        graph = ("--resource-arn", aws(owner, "create-graph", "--tags", "team=blue")["GraphArn"])
        aws(owner, "tag-resource", *graph, "--tags", "cost:center=7 %")
        aws(owner, "untag-resource", *graph, "--tag-keys", "team")
        assert aws(owner, "list-tags-for-resource", *graph)["Tags"] == {"cost:center": "7 %"}

    def test_it_rolls_out_over_an_organization(self, process: Served, aws: Aws) -> None:
        """The control API seeds the organization and throttles one call, which the AWS CLI retries."""
        management, delegated = "999999999999", "888888888888"
        url = process.url
        seeded = {"management_account_id": management, "accounts": [delegated]}
        (organization,) = asked(url, "/_fake/organizations", seeded)
        asked(url, "/_fake/faults", {"operation": "ListGraphs", "error": "TooManyRequestsException"})
        aws(management, "enable-organization-admin-account", "--account-id", delegated)
        graph_arn = aws(delegated, "list-graphs")["GraphList"][0]["Arn"]
        aws(delegated, "update-organization-configuration", "--graph-arn", graph_arn, "--auto-enable")
        asked(url, f"/_fake/organizations/{organization['organization_id']}/accounts", {"account_id": "777777777777"})
        rows = aws(delegated, "list-members", "--graph-arn", graph_arn, "--max-results", "200")["MemberDetails"]
        assert {row["AccountId"]: row["Status"] for row in rows} == {delegated: "ENABLED", "777777777777": "ENABLED"}

    def test_it_starts_packages_and_investigations(self, aws: Aws) -> None:
        """Another account may not list them."""
        owner, stranger = "111111111111", "333333333333"
        graph = ("--graph-arn", aws(owner, "create-graph")["GraphArn"])
        aws(owner, "update-datasource-packages", *graph, "--datasource-packages", "DETECTIVE_CORE", "EKS_AUDIT")
        assert set(aws(owner, "list-datasource-packages", *graph)["DatasourcePackages"]) == {
            "DETECTIVE_CORE",
            "EKS_AUDIT",
        }
        entity = ("--entity-arn", f"arn:aws:iam::{owner}:role/build")
        scope = ("--scope-start-time", "2024-05-01T00:00:00Z", "--scope-end-time", "2024-05-02T00:00:00Z")
        started = aws(owner, "start-investigation", *graph, *entity, *scope)["InvestigationId"]
        (found,) = aws(owner, "list-investigations", *graph)["InvestigationDetails"]
        assert (found["InvestigationId"], found["Status"]) == (started, "SUCCESSFUL")
        assert "(AccessDeniedException) when calling the ListInvestigations" in aws(
            stranger, "list-investigations", *graph
        )
