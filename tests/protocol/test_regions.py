"""Tests of `detective_fake.protocol.regions`."""

from __future__ import annotations

import pytest

from detective_fake.errors import FakeUsageError
from detective_fake.protocol.regions import Regions


class TestHas:
    @pytest.mark.parametrize("region", ["us-east-1", "eu-west-2", "us-gov-west-1"])
    def test_where_aws_has_detective(self, region: str) -> None:
        """And remembers it."""
        regions = Regions()
        assert regions.has(region)
        assert regions.known == {region}

    @pytest.mark.parametrize("region", ["cn-north-1", "us-est-1", "us-east-1-fips", "aws-global"])
    def test_not_where_it_has_none(self, region: str) -> None:
        """Nor where there is no Region."""
        regions = Regions()
        assert not regions.has(region)
        assert regions.known == set()

    def test_anywhere_if_that_is_wanted(self) -> None:
        """Names are no matter."""
        regions = Regions(only_real=False)
        assert regions.has("moon-1")
        assert regions.known == {"moon-1"}


class TestCheck:
    def test_passes_where_there_is_one(self) -> None:
        """Silently."""
        Regions().check("us-east-1")
        Regions(only_real=False).check("moon-1")

    @pytest.mark.parametrize("region", ["us-est-1", "us_east_1"])
    def test_refuses_others(self, region: str) -> None:
        """With the nearest, and the way out."""
        with pytest.raises(FakeUsageError, match=f"no Detective in Region '{region}'; did you mean 'us-(ea|we)st-1'"):
            Regions().check(region)

    def test_refuses_what_is_no_name(self) -> None:
        """Wherever Detective is."""
        with pytest.raises(
            FakeUsageError,
            match=r"no Detective in Region None; .* A fake made with missing_regions=\"allow\" has every Region\.$",
        ):
            Regions(only_real=False).check(None)
