"""Tests of `detective_fake.journal.expectations`."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any
from unittest.mock import ANY

import pytest

from detective_fake.errors import FakeUsageError
from detective_fake.journal.expectations import (
    Difference,
    Expectation,
    assert_called,
    differences,
    masked,
)
from tests.builders import ADMINISTRATOR, ANA, BEN, a_graph, a_world
from tests.journal.journals import a_recorder, a_request


def invite(*account_ids: str, caller: str = ADMINISTRATOR) -> Any:
    """Return a request that invites accounts."""
    accounts = [{"AccountId": each, "EmailAddress": f"{each}@example.com"} for each in account_ids]
    return a_request("CreateMembers", account_id=caller, GraphArn="arn", Accounts=accounts)


JOURNAL = a_recorder(
    a_request("ListGraphs"), invite(ANA), invite(ANA, BEN), a_request("ListMembers", GraphArn="arn")
).journal


def expected(
    operation: str, account_id: str | None = None, region: str | None = None, **parameters: Any
) -> Expectation:
    return Expectation(operation, parameters, account_id, region)


def failure(*args: Any, times: int | None = None, **kwargs: Any) -> str:
    """Return the text of the failure, without times, Regions and rules."""
    with pytest.raises(AssertionError) as caught:
        assert_called(JOURNAL, expected(*args, **kwargs), times=times)
    return re.sub(r"2024-05-17T12:00:00.000Z | in us-east-1| \(default\)", "", str(caught.value))


class TestAssertCalled:
    def test_returns_the_calls(self) -> None:
        """The result has all matching calls."""
        assert assert_called(JOURNAL, expected("CreateMembers")) == JOURNAL[1:3]
        assert assert_called(JOURNAL, expected("CreateMembers", Accounts=[{"AccountId": ANA}])) == JOURNAL[1:2]

    @pytest.mark.parametrize(("operation", "times"), [("CreateMembers", 2), ("ListGraphs", 1), ("CreateGraph", 0)])
    def test_counts_the_calls(self, operation: str, times: int) -> None:
        """If a number is given."""
        assert len(assert_called(JOURNAL, expected(operation), times=times)) == times

    def test_shows_the_closest_calls_of_the_operation(self) -> None:
        """Member by member. Sensitive values are masked."""
        text = failure(
            "CreateMembers", GraphArn="other", Accounts=[{"AccountId": BEN, "EmailAddress": "ben@example.com"}]
        )
        assert text == (
            "CreateMembers(GraphArn='other', Accounts=[{'AccountId': '333333333333', 'EmailAddress': '***'}]) "
            "was not called. Closest of 4 calls:\n"
            f"  #2 CreateMembers() by {ADMINISTRATOR} -> ok\n"
            "     GraphArn: expected 'other', was 'arn'\n"
            "     Accounts[0].AccountId: expected '333333333333', was '222222222222'\n"
            "     Accounts[0].EmailAddress: not as expected (sensitive)\n"
            f"  #3 CreateMembers() by {ADMINISTRATOR} -> ok\n"
            "     GraphArn: expected 'other', was 'arn'\n"
            "     len(Accounts): expected 1, was 2\n"
            "     Accounts[0].AccountId: expected '333333333333', was '222222222222'\n"
            "     Accounts[0].EmailAddress: not as expected (sensitive)"
        )

    def test_shows_other_operations_if_it_was_never_called(self) -> None:
        """The closest three; the last ones if several are equally close."""
        text = failure("DeleteGraph", GraphArn="arn")
        assert "DeleteGraph(GraphArn='arn') was not called. Closest of 4 calls:\n  #2 CreateMembers()" in text
        assert "operation: expected 'DeleteGraph', was 'ListMembers'" in text
        assert "#1" not in text

    def test_compares_caller_and_region(self) -> None:
        """They are shown like parameters."""
        text = failure("ListMembers", ANA, "eu-west-1", GraphArn="arn")
        assert text.startswith(
            "ListMembers(GraphArn='arn') by 222222222222 in eu-west-1 was not called. Closest of 4 calls:"
        )
        assert text.endswith(
            "account_id: expected '222222222222', was '111111111111'\n"
            "     region: expected 'eu-west-1', was 'us-east-1'"
        )

    def test_shows_all_matching_calls_if_their_number_is_wrong(self) -> None:
        """The message includes their parameters."""
        text = failure("CreateMembers", times=3)
        assert text.startswith("CreateMembers() was called twice, not 3 times:\n  #2 CreateMembers(GraphArn='arn', ")
        assert [(line[:18], line[-6:]) for line in text.splitlines()[1:]] == [
            ("  #2 CreateMembers", " -> ok"),
            ("  #3 CreateMembers", " -> ok"),
        ]
        assert "once, not never:" in failure("ListGraphs", times=0)

    def test_a_failure_points_to_the_test(self) -> None:
        """Not to this function."""
        with pytest.raises(AssertionError) as caught:
            assert_called(JOURNAL, expected("CreateGraph"))
        assert caught.traceback[-1].ishidden(caught)

    def test_says_that_there_were_no_calls(self) -> None:
        """There is none to show."""
        with pytest.raises(AssertionError, match=re.escape("ListGraphs() was not called. There were no calls.")):
            assert_called(a_recorder().journal, expected("ListGraphs"))

    def test_shows_all_calls_if_there_are_few(self) -> None:
        """Then no others are closer."""
        with pytest.raises(AssertionError, match=r"was not called\. Calls:\n  #1 .* ListGraphs"):
            assert_called(JOURNAL[:1], expected("CreateGraph"))
        with pytest.raises(AssertionError, match=r"was not called\. Calls:\n  #1 "):
            assert_called(JOURNAL[:3], expected("CreateGraph"))

    @pytest.mark.parametrize("times", [-1, 1.5, True])
    def test_rejects_a_number_of_times_that_is_not_a_count(self, times: Any) -> None:
        """A count is a whole number, zero or more."""
        with pytest.raises(FakeUsageError, match="times: expected a whole number, zero or more, got"):
            assert_called(JOURNAL, expected("ListGraphs"), times=times)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("List",), "'List' is not a Detective operation and matches none. Did you mean 'List"),
            (("ListMembers", "1"), "An AWS account ID is a string of twelve digits"),
        ],
    )
    def test_rejects_what_no_call_can_match(self, arguments: tuple[str, ...], message: str) -> None:
        """An unknown operation, or an invalid account ID."""
        with pytest.raises(FakeUsageError, match=f"^{message}"):
            expected(*arguments)


class TestParameters:
    def test_a_graph_stands_for_its_arn(self) -> None:
        """Also in a list, and in the text of a failure."""
        graph = a_graph(a_world())
        journal = a_recorder(
            a_request("ListMembers", GraphArn=graph.arn),
            a_request("BatchGetMembershipDatasources", GraphArns=[graph.arn]),
        ).journal
        assert assert_called(journal, expected("ListMembers", GraphArn=graph)) == journal[:1]
        assert assert_called(journal, expected("BatchGetMembershipDatasources", GraphArns=[graph])) == journal[1:]
        assert str(expected("DeleteGraph", GraphArn=graph)) == f"DeleteGraph(GraphArn='{graph.arn}')"

    def test_one_operation_of_a_pattern_must_have_them(self) -> None:
        """The others cannot match."""
        assert expected("Create*", Accounts=[]).operations == {"CreateGraph", "CreateMembers"}

    @pytest.mark.parametrize("operation", ["CreateGraph", "*Graph*"])
    def test_rejects_parameters_that_no_operation_has(self, operation: str) -> None:
        """No call can have them."""
        with pytest.raises(FakeUsageError, match="'Accounts'"):
            expected(operation, Accounts=[])


class TestAssertNotCalled:
    def test_passes_if_no_call_matches(self) -> None:
        """Another caller's calls do not match."""
        assert not assert_called(JOURNAL, expected("ListGraphs", ANA), times=0)
        assert not assert_called(JOURNAL, expected("CreateMembers", GraphArn="other"), times=0)

    def test_shows_the_calls(self) -> None:
        """The message has the matching calls."""
        with pytest.raises(
            AssertionError, match=r"^List\*\(\) was called twice, not never:\n  #1 .* ListGraphs.*\n  #4 .* ListMembers"
        ):
            assert_called(JOURNAL, expected("List*"), times=0)


ACCOUNTS = [{"AccountId": "1", "EmailAddress": "a@example.com"}, {"AccountId": "2", "EmailAddress": "b@example.com"}]
ACTUAL = {"GraphArn": "arn", "Accounts": ACCOUNTS, "From": datetime(2024, 5, 17, tzinfo=timezone.utc)}
NAIVE = datetime(2024, 5, 17)  # noqa: DTZ001 - naive on purpose
LATER = datetime(2024, 5, 18, tzinfo=timezone.utc)


class TestDifferences:
    @pytest.mark.parametrize(
        "expected",
        [
            {},
            {"GraphArn": "arn"},
            {"GraphArn": ANY},
            {"Accounts": [{"AccountId": "1"}, {"EmailAddress": "b@example.com"}]},
            {"Accounts": ({"AccountId": "1"}, {})},
            {"From": NAIVE},
        ],
    )
    def test_only_expected_members_are_compared(self, expected: object) -> None:
        """At any depth. Naive times are UTC."""
        assert list(differences(expected, ACTUAL)) == []

    @pytest.mark.parametrize(
        ("expected", "path", "wanted", "actual"),
        [
            ({"GraphArn": "other"}, "GraphArn", "other", "arn"),
            ({"GraphArn": ["arn"]}, "GraphArn", ["arn"], "arn"),
            ({"Accounts": [{}, {"AccountId": "3"}]}, "Accounts[1].AccountId", "3", "2"),
            ({"Accounts": [{}]}, "len(Accounts)", 1, 2),
            ({"Accounts": {}}, "Accounts", {}, ACCOUNTS),
            ({"From": LATER.replace(tzinfo=None)}, "From", LATER, ACTUAL["From"]),
        ],
    )
    def test_a_difference_has_path_and_values(
        self, expected: object, path: str, wanted: object, actual: object
    ) -> None:
        """The expected value and the actual one."""
        (found,) = differences(expected, ACTUAL)
        assert found == Difference(path, wanted, actual)

    def test_all_differences_are_found(self) -> None:
        """The search does not end with the first."""
        expected = {"GraphArn": "x", "Message": "hi", "Accounts": [{"AccountId": "9"}]}
        found = [each.path for each in differences(expected, ACTUAL)]
        assert found == ["GraphArn", "Message", "len(Accounts)", "Accounts[0].AccountId"]


class TestText:
    def test_shows_both_values(self) -> None:
        """Both values are on one line."""
        assert str(Difference("A.B", "x", 5)) == "A.B: expected 'x', was 5"

    def test_says_that_a_member_is_missing(self) -> None:
        """Missing is not the same as None."""
        (found,) = differences({"Note": "hi"}, ACTUAL)
        assert str(found) == "Note: expected 'hi', was missing"

    @pytest.mark.parametrize(("actual", "text"), [({"EmailAddress": "a"}, "not as expected"), ({}, "missing")])
    def test_hides_sensitive_values(self, actual: object, text: str) -> None:
        """Both the expected and the actual value are masked."""
        (found,) = differences({"EmailAddress": "b"}, actual)
        assert str(found) == f"EmailAddress: {text} (sensitive)"

    def test_hides_sensitive_values_inside_others(self) -> None:
        """If a whole structure differs."""
        assert "example.com" not in str(Difference("Accounts", [ACCOUNTS[0]], None))


class TestMasked:
    def test_masks_at_any_depth(self) -> None:
        """And does not change the value itself."""
        value = {"Accounts": [{"AccountId": "1", "EmailAddress": "a"}], "Tags": {"x": "y"}}
        assert masked(value) == {"Accounts": [{"AccountId": "1", "EmailAddress": "***"}], "Tags": {"x": "y"}}
        assert value["Accounts"] == [{"AccountId": "1", "EmailAddress": "a"}]
