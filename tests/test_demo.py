"""The story of `detective-fake demo`, read from what it prints."""

from __future__ import annotations

import re

import pytest

from detective_fake.demo import ACCEPTING, MISTAKEN, REJECTING, TOO_LARGE, tell


@pytest.fixture
def story(capsys: pytest.CaptureFixture[str]) -> str:
    tell()
    return capsys.readouterr().out


@pytest.fixture
def steps(story: str) -> list[str]:
    return re.split(r"^\d\. ", story, flags=re.MULTILINE)[1:]


def statuses(step: str) -> dict[str, list[str]]:
    """Return account id -> status and reason, from the table at a step's end."""
    rows = (line.split() for line in step.splitlines())
    return {row[0]: row[2:] for row in rows if len(row) > 2 and "@" in row[1]}


class TestSteps:
    def test_all_four_are_verified_first(self, steps: list[str]) -> None:
        """That is what the inviting call answers; the next one sees how it ended."""
        assert steps[0].count("VERIFICATION_IN_PROGRESS") == 4

    def test_three_of_four_invitations_are_sent(self, steps: list[str]) -> None:
        """The fourth account's address does not match."""
        assert statuses(steps[0]) == {
            ACCEPTING: ["INVITED"],
            REJECTING: ["INVITED"],
            TOO_LARGE: ["INVITED"],
            MISTAKEN: ["VERIFICATION_FAILED"],
        }

    def test_one_accepts_and_is_enabled(self, steps: list[str]) -> None:
        """At once, as its data fits."""
        assert statuses(steps[1])[ACCEPTING] == ["ENABLED"]

    def test_one_rejects_and_is_gone(self, steps: list[str]) -> None:
        """Its row is removed."""
        assert REJECTING not in statuses(steps[2])

    def test_one_was_never_invited(self, steps: list[str]) -> None:
        """It sees no invitation, and accepting is a conflict."""
        assert "Invitations=[0]" in steps[3]
        assert "ConflictException" in steps[3]
        assert statuses(steps[3])[MISTAKEN] == ["VERIFICATION_FAILED"]

    def test_one_is_disabled_for_its_volume(self, steps: list[str]) -> None:
        """Asking again does not help while the volume is what it is."""
        assert "ServiceQuotaExceededException" in steps[4]
        assert statuses(steps[4])[TOO_LARGE] == ["ACCEPTED_BUT_DISABLED", "VOLUME_TOO_HIGH"]

    def test_it_is_enabled_when_the_volume_has_fallen(self, steps: list[str]) -> None:
        """By the hourly check."""
        assert statuses(steps[5])[TOO_LARGE] == ["ENABLED"]


class TestPrint:
    def test_fits_a_terminal_of_eighty_columns(self, story: str) -> None:
        """No line is longer, nor ends in blanks."""
        assert [line for line in story.splitlines() if len(line) > 80 or line != line.rstrip()] == []

    def test_shows_calls_as_they_are_written(self, story: str) -> None:
        """The caller, boto3's name of the method, and the arguments in brief."""
        assert re.search(r"^  444444444444  accept_invitation\(GraphArn=\.\.\.[0-9a-f]{14}\)$", story, re.MULTILINE)

    def test_shows_what_came_of_a_call(self, story: str) -> None:
        """What was answered, or that it is done."""
        assert re.search(r"^ +-> Members=\[4\], UnprocessedAccounts=\[0\]$", story, re.MULTILINE)
        assert re.search(r"^ +-> done$", story, re.MULTILINE)

    def test_is_the_same_each_time(self, story: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Ids come from a seed."""
        tell()
        assert capsys.readouterr().out == story
