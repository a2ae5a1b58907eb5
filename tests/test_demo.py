"""The output of `detective-fake demo`."""

from __future__ import annotations

import re

import pytest

from detective_fake.demo import ACCEPTING, MISTAKEN, REJECTING, TOO_LARGE, run_demo


@pytest.fixture
def story(capsys: pytest.CaptureFixture[str]) -> str:
    run_demo()
    return capsys.readouterr().out


@pytest.fixture
def steps(story: str) -> list[str]:
    return re.split(r"^\d\. ", story, flags=re.MULTILINE)[1:]


def statuses(step: str) -> dict[str, list[str]]:
    """Return the status and reason of each account, from the table at the end of a step."""
    rows = (line.split() for line in step.splitlines())
    return {row[0]: row[2:] for row in rows if len(row) > 2 and "@" in row[1]}


class TestSteps:
    def test_all_four_accounts_are_verified_first(self, steps: list[str]) -> None:
        """`CreateMembers` returns all four accounts as VERIFICATION_IN_PROGRESS."""
        assert steps[0].count("VERIFICATION_IN_PROGRESS") == 4

    def test_three_of_four_invitations_are_sent(self, steps: list[str]) -> None:
        """The verification of the fourth account fails, because its e-mail address does not match."""
        assert statuses(steps[0]) == {
            ACCEPTING: ["INVITED"],
            REJECTING: ["INVITED"],
            TOO_LARGE: ["INVITED"],
            MISTAKEN: ["VERIFICATION_FAILED"],
        }

    def test_an_account_that_accepts_is_enabled(self, steps: list[str]) -> None:
        """The accepting account is enabled at once, because its volume fits."""
        assert statuses(steps[1])[ACCEPTING] == ["ENABLED"]

    def test_an_account_that_rejects_is_removed(self, steps: list[str]) -> None:
        """The rejecting account is no longer listed."""
        assert REJECTING not in statuses(steps[2])

    def test_an_account_that_failed_verification_cannot_accept(self, steps: list[str]) -> None:
        """The account sees no invitation, and accepting is a ConflictException."""
        assert "Invitations=[0]" in steps[3]
        assert "ConflictException" in steps[3]
        assert statuses(steps[3])[MISTAKEN] == ["VERIFICATION_FAILED"]

    def test_an_account_over_the_volume_limit_is_disabled(self, steps: list[str]) -> None:
        """`StartMonitoringMember` changes nothing while the volume is too high."""
        assert "start_monitoring_member" in steps[4]
        assert statuses(steps[4])[TOO_LARGE] == ["ACCEPTED_BUT_DISABLED", "VOLUME_TOO_HIGH"]

    def test_the_account_is_enabled_when_its_volume_falls(self, steps: list[str]) -> None:
        """The hourly check enables the account."""
        assert statuses(steps[5])[TOO_LARGE] == ["ENABLED"]


class TestPrint:
    def test_fits_in_eighty_columns(self, story: str) -> None:
        """No line is longer than 80 characters or has trailing spaces."""
        assert [line for line in story.splitlines() if len(line) > 80 or line != line.rstrip()] == []

    def test_shows_each_call(self, story: str) -> None:
        """A call is shown with its caller, the boto3 method and shortened arguments."""
        assert re.search(r"^  444444444444  accept_invitation\(GraphArn=\.\.\.[0-9a-f]{14}\)$", story, re.MULTILINE)

    def test_shows_the_result_of_each_call(self, story: str) -> None:
        """A result is a summary of the response, or "done" if the response is empty."""
        assert re.search(r"^ +-> Members=\[4\], UnprocessedAccounts=\[0\]$", story, re.MULTILINE)
        assert re.search(r"^ +-> done$", story, re.MULTILINE)

    def test_is_reproducible(self, story: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Every run prints the same IDs, because the ID seed is fixed."""
        run_demo()
        assert capsys.readouterr().out == story
