"""Options that cannot be, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest

from detective_fake import DetectiveFake, FakeUsageError


class TestRefusals:
    """Each names the option, the value, and what it may be."""

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"account_id": "1234"}, "An AWS account id is a string of twelve digits, not '1234'."),
            ({"account_id": 123456789012}, 'Write it as a string: "123456789012".'),
            ({"region": "Virginia"}, "region is the name of an AWS Region, such as \"us-east-1\", not 'Virginia'."),
            ({"region": None}, "not None."),
            ({"seed": "7"}, "seed is a whole number, not '7'."),
            ({"wire": 1}, "wire is True or False, not 1."),
            ({"wire": 0}, "wire is True or False, not 0."),
            ({"hermetic": "no"}, "hermetic is True or False, not 'no'."),
            ({"page_size": 0}, "page_size is a whole number of at least 1, or None"),
            ({"page_size": "2"}, "not '2'."),
            ({"real_backoff": None}, "real_backoff is True or False, not None."),
            ({"unmet_faults": "ingore"}, "did you mean 'ignore'?"),
            ({"disabled_may_leave": 1}, "disabled_may_leave is True or False, not 1."),
            ({"missing_regions": "allowed"}, "did you mean 'allow'?"),
            ({"timings": {"verificaton": None}}, "There is no timing called verificaton"),
            ({"quotas": {"members": 5}}, "There is no quota called members"),
            ({"acount_id": "123456789012"}, "has no option 'acount_id'; did you mean 'account_id'?"),
        ],
    )
    def test_an_option_that_cannot_be(self, options: dict[str, Any], said: str) -> None:
        """Before anything has started."""
        with pytest.raises(FakeUsageError) as refusal:
            DetectiveFake(**options)
        assert said in str(refusal.value)

    @pytest.mark.parametrize("options", [{"hermetic": 1}, {"wire": 0}, {"seed": False}, {"seed": 0.0}])
    def test_what_equals_a_right_value_is_none(self, options: dict[str, Any]) -> None:
        """Not even after a fake whose options were right."""
        DetectiveFake()
        with pytest.raises(FakeUsageError):
            DetectiveFake(**options)

    def test_usual_options_are_taken(self) -> None:
        """All at once."""
        fake = DetectiveFake("222222222222", "us-gov-west-1", seed=7, page_size=2, quotas={"tags_per_graph": 3})
        assert (fake.account_id, fake.region, fake.quotas.tags_per_graph) == ("222222222222", "us-gov-west-1", 3)
