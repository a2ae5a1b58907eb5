"""Values as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from detective_fake.domain.membership import MemberStatus
from detective_fake.server.shapes import plain, written_as

NOON = datetime(2024, 3, 5, 13, 0, 0, 250_000, timezone(timedelta(hours=1)))


class TestPlain:
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
    def test_values_become_those_of_json(self, value: object, json: Any) -> None:
        """Whatever there is in a fake."""
        assert plain(value) == json


class TestWrittenAs:
    def test_attributes_and_keys_are_the_same(self) -> None:
        """Whichever a value has; what the shape does not have is left out."""

        class Clock:
            now = NOON
            frozen = True
            zone = "UTC"

        expected = {"now": "2024-03-05T12:00:00.250Z", "frozen": True}
        assert written_as("Clock", Clock()) == written_as("Clock", {"now": NOON, "frozen": True}) == expected
