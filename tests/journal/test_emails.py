"""Tests of `detective_fake.journal.emails`."""

from __future__ import annotations

import pytest

from detective_fake.controls.context import FakeContext
from detective_fake.domain.clock import Clock
from detective_fake.domain.emails import Email
from detective_fake.errors import FakeUsageError
from detective_fake.journal.emails import Emails
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
def context() -> FakeContext:
    context = FakeContext(a_world(), Clock(lambda: 0.0))
    context.world.emails.extend([an_email(ANA), an_email(BEN)])
    return context


class TestEmails:
    def test_are_a_sequence(self, context: FakeContext) -> None:
        """In the order in which they were sent."""
        emails = Emails(context)
        assert [each.account_id for each in emails] == [ANA, BEN]
        assert (len(emails), emails[-1].account_id, emails[:1]) == (2, BEN, (an_email(ANA),))

    def test_equal_a_list_of_the_same(self, context: FakeContext) -> None:
        """For assertions."""
        assert Emails(context) == [an_email(ANA), an_email(BEN)]
        assert Emails(context) != []
        assert Emails(context) != 1
        with pytest.raises(TypeError, match="unhashable"):
            hash(Emails(context))

    def test_to_an_account(self, context: FakeContext) -> None:
        """Those that invite it."""
        assert Emails(context).to(BEN) == (an_email(BEN),)
        with pytest.raises(FakeUsageError, match="twelve digits"):
            Emails(context).to("root@example.com")

    def test_see_what_comes_later(self, context: FakeContext) -> None:
        """Also after a snapshot has made the world copy them."""
        emails = Emails(context)
        context.world.copy()
        context.world.emails.append(an_email(ANA))
        assert len(emails) == 3

    def test_are_shown_without_addresses(self, context: FakeContext) -> None:
        """They are sensitive."""
        assert "example.com" not in repr(Emails(context))
        assert repr(Emails(context)).startswith("[Email(account_id='222222222222', address=***")
