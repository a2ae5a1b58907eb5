"""Tests of `detective_fake.toolbox.emails`."""

from __future__ import annotations

import pytest

from detective_fake.domain.clock import Clock
from detective_fake.domain.emails import Email
from detective_fake.errors import FakeUsageError
from detective_fake.toolbox.emails import Emails
from detective_fake.toolbox.stage import Stage
from tests.builders import ADMINISTRATOR, ANA, BEN, NOON, a_world


def an_email(account_id: str) -> Email:
    return Email(
        account_id=account_id,
        address=f"root@{account_id}.example.com",
        administrator_id=ADMINISTRATOR,
        graph_arn="arn",
        message=None,
        sent_at=NOON,
    )


@pytest.fixture
def stage() -> Stage:
    stage = Stage(a_world(), Clock(lambda: 0.0))
    stage.world.emails.own().extend([an_email(ANA), an_email(BEN)])
    return stage


class TestEmails:
    def test_are_a_sequence(self, stage: Stage) -> None:
        """In the order in which they were sent."""
        emails = Emails(stage)
        assert [each.account_id for each in emails] == [ANA, BEN]
        assert (len(emails), emails[-1].account_id, emails[:1]) == (2, BEN, (an_email(ANA),))

    def test_equal_a_list_of_the_same(self, stage: Stage) -> None:
        """For assertions."""
        assert Emails(stage) == [an_email(ANA), an_email(BEN)]
        assert Emails(stage) != []
        assert Emails(stage) != 1
        with pytest.raises(TypeError, match="unhashable"):
            hash(Emails(stage))

    def test_to_an_account(self, stage: Stage) -> None:
        """Those that invite it."""
        assert Emails(stage).to(BEN) == (an_email(BEN),)
        with pytest.raises(FakeUsageError, match="twelve digits"):
            Emails(stage).to("root@example.com")

    def test_see_what_comes_later(self, stage: Stage) -> None:
        """Also after a snapshot has made the world copy them."""
        emails = Emails(stage)
        stage.world.state()
        stage.world.emails.own().append(an_email(ANA))
        assert len(emails) == 3

    def test_are_shown_without_addresses(self, stage: Stage) -> None:
        """They are sensitive."""
        assert "example.com" not in repr(Emails(stage))
        assert repr(Emails(stage)).startswith("[Email(account_id='222222222222', address=***")
