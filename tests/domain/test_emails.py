"""Invitations as e-mails."""

from __future__ import annotations

import pytest

from detective_fake.domain.emails import MASK, Email
from tests.builders import ADMINISTRATOR, ANA, NOON


class TestRepresentation:
    @pytest.mark.parametrize(("message", "shown"), [("Join us", repr(MASK).strip("'")), (None, "None")])
    def test_what_is_sensitive_is_masked(self, message: str | None, shown: str) -> None:
        """Reports and failures show neither address nor words."""
        email = Email(
            account_id=ANA,
            address="ana@example.com",
            administrator_id=ADMINISTRATOR,
            graph_arn="arn",
            message=message,
            sent_at=NOON,
        )
        assert f"address={MASK}," in repr(email)
        assert f"message={shown}," in repr(email)
        assert "ana@" not in repr(email)
