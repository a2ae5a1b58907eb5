"""Whole runs on "AWS": profiles lead to a fake over HTTP, while no fake is active in the process."""

from __future__ import annotations

import _thread
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.conformance.machinery.local_aws import ADMINISTRATOR, EMAIL, MEMBER, LocalAws

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[3]
CHECKS = ROOT / "tests" / "conformance"
A_NEW_GRAPH = "test_investigations.py::TestInvestigations::test_a_new_graph_has_none"
PROFILES = ("--aws-profile", "administrator=boss", "--aws-profile", "member=worker")
PLUGINS = ("detective_fake.pytest_plugin", "pytest_asyncio.plugin", "xdist.plugin")
CREATE = ("--aws-create", "--aws-member-email", EMAIL)
PROBE = """
import socket

def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"sockets are guarded: {'connect' in vars(socket.socket)}")
"""


class Run(Protocol):
    def __call__(self, *arguments: str, only: Sequence[str] = ("",)) -> pytest.RunResult:
        """Run the checks in this process, all of them or only some."""


@pytest.fixture
def run(aws: LocalAws, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:  # noqa: ARG001 - the profiles need it
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = [option for name in PLUGINS for option in ("-p", name)]
    options: tuple[str | Path, ...] = ("-c", ROOT / "pyproject.toml", *plugins, "-p", "no:cacheprovider", "-rs")

    def run(*arguments: str, only: Sequence[str] = ("",)) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*(CHECKS / each for each in only), *options, *arguments)

    return run


def answered(aws: LocalAws) -> set[str]:
    """Return the operations that were not refused."""
    return {call.operation for call in aws.fake.calls if call.error is None}


@pytest.mark.slow
class TestInAProcessOfItsOwn:
    def test_every_check_agrees_and_nothing_is_left(self, aws: LocalAws, tmp_path: Path) -> None:
        """As a maintainer would start it: without the network guard and without a fake in the process."""
        (tmp_path / "probe.py").write_text(PROBE, encoding="ascii")
        command = [sys.executable, "-m", "pytest", "tests/conformance", "-p", "probe", "-p", "no:cacheprovider"]
        environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(
            [*command, *PROFILES, *CREATE], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
        assert " 0 do not, 0 were not run;" in done.stdout
        assert "sockets are guarded: False" in done.stdout
        assert len(aws.fake.calls.of("CreateGraph").by(ADMINISTRATOR)) > 1
        assert aws.fake.graphs == ()


class TestGuard:
    def test_stays_where_the_fake_answers(self) -> None:
        """All other folders have it, too."""
        assert "connect" in vars(socket.socket)


class TestOnTheFake:
    def test_is_what_runs_without_profiles(self, aws: LocalAws, run: Run) -> None:
        """There is a report only if something differs."""
        result = run(only=["test_requests.py::TestTokens"])
        result.stdout.fnmatch_lines(["conformance: on the fake; for AWS accounts see docs/how-to/conformance.md"])
        result.stdout.no_fnmatch_line("*checks agree*")
        assert (result.ret, len(aws.fake.calls)) == (0, 0)

    def test_other_options_alone_are_refused(self, run: Run) -> None:
        """`--aws-create` needs AWS accounts."""
        result = run("--aws-create", only=[A_NEW_GRAPH])
        result.stderr.fnmatch_lines(["ERROR: The other --aws-* options say how to run on AWS accounts, and none*"])


class TestReading:
    def test_without_the_flag_nothing_is_created(self, aws: LocalAws, run: Run) -> None:
        """Checks that create something are skipped with a reason; the others agree."""
        result = run(*PROFILES)
        assert result.ret == 0
        result.stdout.fnmatch_lines_random(
            [
                "conformance: on AWS, profiles boss and worker; nothing is created",
                "*which may cost money, and deletes it at the end; only with --aws-create.",
                "* checks agree with the fake, 0 do not, * were not run; *",
            ]
        )
        assert answered(aws) == {"ListGraphs", "ListInvitations", "BatchGetMembershipDatasources"}

    def test_the_profiles_are_the_callers(self, aws: LocalAws, run: Run) -> None:
        """They call in the Region of the administrator's profile."""
        run(*PROFILES, only=["test_requests.py::TestEmptyLists"])
        callers = {(call.account_id, call.region) for call in aws.fake.calls}
        assert callers == {(ADMINISTRATOR, "eu-west-1"), (MEMBER, "eu-west-1")}

    def test_accounts_in_an_organization_are_not_asked_about_it(self, aws: LocalAws, run: Run) -> None:
        """They would get other responses, or change something."""
        profiles = ("--aws-profile", "administrator=manager", "--aws-profile", "member=worker")
        result = run(*profiles, only=["test_organization.py::TestOutside"])
        assert set(result.parseoutcomes()) == {"skipped"}
        assert answered(aws) == {"ListGraphs", "ListInvitations"}

    def test_collecting_makes_no_calls(self, aws: LocalAws, run: Run) -> None:
        """And omits tests that are no checks."""
        result = run(*PROFILES, "--collect-only", "-q")
        result.stdout.no_fnmatch_line("*machinery*")
        assert (result.ret, len(aws.fake.calls)) == (0, 0)


class TestDifferences:
    def test_are_reported_by_rule_and_nothing_is_left(self, aws: LocalAws, run: Run) -> None:
        """For a check that fails, and for one whose set-up fails."""

        @aws.fake.on("ListInvestigations")
        def one(_: Any) -> dict[str, Any]:
            return {"InvestigationDetails": [{"InvestigationId": "1" * 21}]}

        aws.fake.faults.add("AcceptInvitation", error="AccessDeniedException", message=f"Not {MEMBER}", times=None)
        result = run(
            *PROFILES, *CREATE, only=[A_NEW_GRAPH, "test_invitations.py::TestAccept::test_twice_is_a_conflict"]
        )
        result.stdout.fnmatch_lines(
            [
                "0 checks agree with the fake, 2 do not, 0 were not run; 2 of the * rules were looked at.",
                "AcceptInvitation (inferred): Accepting twice is a conflict*",
                "*when calling the AcceptInvitation operation: Not <member>",
                "ListInvestigations (inferred): All given criteria must match exactly.*",
                "    the fake: []",
                "    answered: [[]{'InvestigationId': '111111111111111111111'}[]]",
            ]
        )
        assert (result.ret, aws.fake.graphs) == (1, ())

    def test_a_graph_that_cannot_be_deleted_is_reported(self, aws: LocalAws, run: Run) -> None:
        """The report has the command to delete it."""
        aws.fake.faults.add("DeleteGraph", error="AccessDeniedException", times=None)
        result = run(*PROFILES, *CREATE, only=[A_NEW_GRAPH])
        (graph,) = aws.fake.graphs
        result.stdout.fnmatch_lines([f"*: aws detective delete-graph --graph-arn {graph.arn} --region eu-west-1"])
        result.assert_outcomes(passed=1, errors=1)


class TestCtrlC:
    def test_leaves_nothing_either(self, aws: LocalAws, run: Run) -> None:
        """What was created is deleted after an interruption."""

        @aws.fake.on("ListInvestigations")
        def give_up(_: Any) -> None:
            _thread.interrupt_main()

        with pytest.raises(KeyboardInterrupt):
            run(*PROFILES, *CREATE, only=[A_NEW_GRAPH])
        assert len(aws.fake.calls.of("CreateGraph")) == 1
        assert aws.fake.graphs == ()


class TestRefusals:
    def test_where_there_is_a_graph_no_check_begins(self, aws: LocalAws, run: Run) -> None:
        """The existing graph stays as it was."""
        arn = aws.fake.seed.graph(ADMINISTRATOR, "eu-west-1")
        before = aws.fake.snapshot()
        result = run(*PROFILES, *CREATE)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: *account {ADMINISTRATOR}, has a behavior graph in eu-west-1: {arn}.*"])
        assert [call.operation for call in aws.fake.calls] == ["ListGraphs"]
        assert aws.fake.snapshot().state == before.state

    def test_several_processes_are_refused(self, aws: LocalAws, run: Run) -> None:
        """They would share a graph."""
        result = run(*PROFILES, "-n", "2", only=[A_NEW_GRAPH])
        result.stderr.fnmatch_lines(["ERROR: On AWS the checks share one behavior graph; leave out -n."])
        assert len(aws.fake.calls) == 0
