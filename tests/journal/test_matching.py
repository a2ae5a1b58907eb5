"""Tests of `detective_fake.journal.matching`."""

from __future__ import annotations

from datetime import datetime, timezone
from unittest.mock import ANY

import pytest

from detective_fake.journal.matching import Difference, differences, masked

ACCOUNTS = [{"AccountId": "1", "EmailAddress": "a@example.com"}, {"AccountId": "2", "EmailAddress": "b@example.com"}]
ACTUAL = {"GraphArn": "arn", "Accounts": ACCOUNTS, "From": datetime(2024, 5, 17, tzinfo=timezone.utc)}
LATER = datetime(2024, 5, 18)  # noqa: DTZ001 - a naive one
SENSITIVE = frozenset({"EmailAddress"})


class TestDifferences:
    @pytest.mark.parametrize(
        "expected",
        [
            {},
            {"GraphArn": "arn"},
            {"GraphArn": ANY},
            {"Accounts": [{"AccountId": "1"}, {"EmailAddress": "b@example.com"}]},
            {"Accounts": ({"AccountId": "1"}, {})},
            {"From": datetime(2024, 5, 17)},  # noqa: DTZ001 - naive ones are what this is about
        ],
    )
    def test_there_are_none_in_a_part(self, expected: object) -> None:
        """Members that nobody asked for are no difference, at any depth; naive times are UTC."""
        assert list(differences(expected, ACTUAL)) == []

    @pytest.mark.parametrize(
        ("expected", "path", "wanted", "actual"),
        [
            ({"GraphArn": "other"}, "GraphArn", "other", "arn"),
            ({"GraphArn": ["arn"]}, "GraphArn", ["arn"], "arn"),
            ({"Accounts": [{}, {"AccountId": "3"}]}, "Accounts[1].AccountId", "3", "2"),
            ({"Accounts": [{}]}, "len(Accounts)", 1, 2),
            ({"Accounts": {}}, "Accounts", {}, ACCOUNTS),
            ({"From": LATER}, "From", LATER, ACTUAL["From"]),
        ],
    )
    def test_each_says_where_it_is(self, expected: object, path: str, wanted: object, actual: object) -> None:
        """With what was expected there, and what is there."""
        (found,) = differences(expected, ACTUAL)
        assert found == Difference(path, wanted, actual)

    def test_all_are_found(self) -> None:
        """Not the first alone."""
        expected = {"GraphArn": "x", "Message": "hi", "Accounts": [{"AccountId": "9"}]}
        found = [each.path for each in differences(expected, ACTUAL)]
        assert found == ["GraphArn", "Message", "len(Accounts)", "Accounts[0].AccountId"]


class TestText:
    def test_shows_both_values(self) -> None:
        """On one line."""
        assert Difference("A.B", "x", 5).text(SENSITIVE) == "A.B: expected 'x', was 5"

    def test_says_that_a_member_is_missing(self) -> None:
        """Which None would not."""
        (found,) = differences({"Message": "hi"}, ACTUAL)
        assert found.text(SENSITIVE) == "Message: expected 'hi', was missing"

    @pytest.mark.parametrize(("actual", "text"), [({"EmailAddress": "a"}, "not as expected"), ({}, "missing")])
    def test_hides_sensitive_values(self, actual: object, text: str) -> None:
        """Both of them."""
        (found,) = differences({"EmailAddress": "b"}, actual)
        assert found.text(SENSITIVE) == f"EmailAddress: {text} (sensitive)"

    def test_hides_sensitive_values_inside_others(self) -> None:
        """Where a whole structure differs."""
        found = Difference("Accounts", [ACCOUNTS[0]], None)
        assert "example.com" not in found.text(SENSITIVE)


class TestMasked:
    def test_masks_at_any_depth(self) -> None:
        """And leaves the value itself alone."""
        value = {"Accounts": [{"AccountId": "1", "EmailAddress": "a"}], "Tags": {"x": "y"}}
        assert masked(value, SENSITIVE) == {
            "Accounts": [{"AccountId": "1", "EmailAddress": "***"}],
            "Tags": {"x": "y"},
        }
        assert value["Accounts"] == [{"AccountId": "1", "EmailAddress": "a"}]
