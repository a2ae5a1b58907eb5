"""The AWS CLI, run in process: its calls take the wire path."""

from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from detective_fake import DetectiveFake
from tests.builders import ADMINISTRATOR, ANA, NOON
from tests.random_calls import NO_GRAPH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Aws = Callable[..., Any]

# Importing it changes the environment, and what `import botocore` means for those who have not imported it yet.
with mock.patch.dict(os.environ):
    import botocore.session  # noqa: F401
    from awscli.clidriver import create_clidriver

    DATA_PATH = os.environ["AWS_DATA_PATH"]


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    """Return a fake whose clock stands at noon."""
    with DetectiveFake() as fake:
        fake.clock.freeze(NOON)
        yield fake


@pytest.fixture
def aws(fake: DetectiveFake, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Aws:
    """Run `aws detective …` as an account; return what it printed, parsed if it is JSON."""

    def run(account_id: str, *arguments: str, fails: bool = False) -> Any:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", account_id)
        monkeypatch.setenv("AWS_DATA_PATH", DATA_PATH)
        status = create_clidriver().main(["detective", *arguments])
        printed = capfd.readouterr()
        assert status in ((254, 255) if fails else (0,)), printed
        return printed.err.strip() if fails else json.loads(printed.out or "null")

    assert len(fake.calls) == 0
    return run


def an_account(account_id: str) -> str:
    """Return an account in the CLI's shorthand syntax."""
    return f"AccountId={account_id},EmailAddress=root@example.com"


class TestLifecycle:
    """An invitation from the shell."""

    def test_an_account_is_invited_and_accepts(self, fake: DetectiveFake, aws: Aws) -> None:
        """Each side with its own credentials."""
        arn = aws(ADMINISTRATOR, "create-graph")["GraphArn"]
        invited = aws(ADMINISTRATOR, "create-members", "--graph-arn", arn, "--accounts", an_account(ANA))
        assert invited["Members"][0]["Status"] == "VERIFICATION_IN_PROGRESS"
        assert aws(ANA, "list-invitations")["Invitations"][0]["Status"] == "INVITED"
        aws(ANA, "accept-invitation", "--graph-arn", arn)
        members = aws(ADMINISTRATOR, "list-members", "--graph-arn", arn)["MemberDetails"]
        assert [(member["AccountId"], member["Status"]) for member in members] == [(ANA, "ENABLED")]
        assert [member.status.value for member in fake.members(arn)] == ["ENABLED"]

    def test_tags_are_set_and_read(self, fake: DetectiveFake, aws: Aws) -> None:
        """The ARN is in the path, percent-encoded."""
        arn = fake.seed.graph(ADMINISTRATOR)
        aws(ADMINISTRATOR, "tag-resource", "--resource-arn", arn, "--tags", "team=blue,cost:center=7")
        aws(ADMINISTRATOR, "untag-resource", "--resource-arn", arn, "--tag-keys", "team")
        tags = aws(ADMINISTRATOR, "list-tags-for-resource", "--resource-arn", arn)["Tags"]
        assert tags == {"cost:center": "7"}

    def test_members_and_graph_are_removed(self, fake: DetectiveFake, aws: Aws) -> None:
        """Nothing is left in the fake."""
        arn = fake.seed.graph(ADMINISTRATOR, members=[ANA])
        removed = aws(ADMINISTRATOR, "delete-members", "--graph-arn", arn, "--account-ids", ANA)
        assert removed == {"AccountIds": [ANA], "UnprocessedAccounts": []}
        aws(ADMINISTRATOR, "delete-graph", "--graph-arn", arn)
        assert fake.graphs == ()


class TestOutput:
    """What the CLI prints."""

    def test_timestamps_print_as_on_the_wire(self, fake: DetectiveFake, aws: Aws) -> None:
        """The CLI does not parse them."""
        fake.seed.graph(ADMINISTRATOR)
        graphs = aws(ADMINISTRATOR, "list-graphs")["GraphList"]
        assert graphs[0]["CreatedTime"] == "2024-05-17T12:00:00.000Z"

    def test_an_error_is_an_exit_code_and_a_text(self, fake: DetectiveFake, aws: Aws) -> None:
        """254 or 255, by release, with code, operation and message."""
        arn = fake.seed.graph(ADMINISTRATOR)
        said = aws(ANA, "list-members", "--graph-arn", arn, fails=True)
        assert "An error occurred (AccessDeniedException) when calling the ListMembers operation" in said

    def test_the_machines_profile_is_not_used(self, fake: DetectiveFake, aws: Aws) -> None:
        """Without a key that encodes an account, the fake's default caller calls."""
        aws("AKIADETECTIVEFAKEKEY", "create-graph")
        assert fake.graphs[0].administrator_id == fake.account_id


class TestDebug:
    """`--debug` logs every event with its arguments, to standard error."""

    @pytest.fixture(autouse=True)
    def loggers(self) -> Iterator[None]:
        """Remove the handlers that the CLI adds."""
        loggers = [logging.getLogger(name) for name in ("awscli", "botocore", "s3transfer", "urllib3")]
        before = [(logger, logger.level, [*logger.handlers]) for logger in loggers]
        yield
        for logger, level, handlers in before:
            logger.setLevel(level)
            logger.handlers[:] = handlers

    def test_every_event_can_be_logged(
        self, fake: DetectiveFake, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """Of a retried call, and of one that fails. `logging` prints an exception where it cannot show a value."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ADMINISTRATOR)
        monkeypatch.setenv("AWS_DATA_PATH", DATA_PATH)
        arn = fake.seed.graph(ADMINISTRATOR)
        fake.faults.add("ListMembers", error="InternalServerException")
        for graph in (arn, NO_GRAPH):
            create_clidriver().main(["--debug", "detective", "list-members", "--graph-arn", graph])
        logged = capfd.readouterr().err
        assert [call.outcome for call in fake.calls] == ["ok", "ResourceNotFoundException"]
        assert "<ListMembers in progress>" in logged
        assert "--- Logging error ---" not in logged
