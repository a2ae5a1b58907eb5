"""Times, volumes and ARNs for people."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from detective_fake.formatting import format_arn, format_minute, format_time, format_volume


class TestFormatTime:
    def test_milliseconds_in_utc(self) -> None:
        """Microseconds are cut, and other time zones are converted."""
        at = datetime(2020, 1, 22, 12, 35, 11, 372_999, timezone(timedelta(hours=1)))
        assert format_time(at) == "2020-01-22T11:35:11.372Z"


class TestFormatMinute:
    def test_minutes_in_utc(self) -> None:
        """Other time zones are converted."""
        at = datetime(2020, 1, 22, 12, 35, 59, tzinfo=timezone(timedelta(hours=1)))
        assert format_minute(at) == "2020-01-22 11:35"


class TestFormatVolume:
    @pytest.mark.parametrize(
        ("volume", "text"),
        [
            (None, "unknown"),
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1 kB"),
            (1_500_000_000_000, "1.5 TB"),
            (10**24, "1e+06 EB"),
        ],
    )
    def test_the_unit_fits_the_number(self, volume: int | None, text: str) -> None:
        """Four digits are shown."""
        assert format_volume(volume) == text


class TestFormatArn:
    def test_the_end(self) -> None:
        """It is enough to tell graphs apart."""
        assert (
            format_arn("arn:aws:detective:us-east-1:123456789012:graph:5315acbec33a4fbdafb0abfd972245b7") == "…972245b7"
        )
