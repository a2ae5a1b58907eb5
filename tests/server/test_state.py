"""Values as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from detective_fake.domain.membership import InvitationType, Membership, MemberStatus
from detective_fake.server.state import to_json

NOON = datetime(2024, 3, 5, 13, 0, 0, 250_000, timezone(timedelta(hours=1)))
MEMBER = Membership("222222222222", 1, InvitationType.INVITATION, MemberStatus.INVITED, NOON)


class TestToJson:
    @pytest.mark.parametrize(
        ("value", "json"),
        [
            (NOON, "2024-03-05T12:00:00.250Z"),
            (timedelta(minutes=1), 60.0),
            (MemberStatus.INVITED, "INVITED"),
            ({MemberStatus.INVITED: (NOON,)}, {"INVITED": ["2024-03-05T12:00:00.250Z"]}),
            (None, None),
            (True, True),
            ("text", "text"),
        ],
    )
    def test_values_have_types_of_json(self, value: object, json: object) -> None:
        """Whether or not JSON has their type."""
        assert to_json(value) == json

    def test_an_attrs_value_is_an_object(self) -> None:
        """With all its attributes."""
        assert to_json([MEMBER]) == [
            {
                "account_id": "222222222222",
                "number": 1,
                "invitation_type": "INVITATION",
                "status": "INVITED",
                "updated_at": "2024-03-05T12:00:00.250Z",
                "email": None,
                "invited_at": None,
                "disabled_reason": None,
                "usage": None,
                "enabling": False,
            }
        ]
