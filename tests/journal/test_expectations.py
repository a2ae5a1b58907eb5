"""Tests of `detective_fake.journal.expectations`."""

from __future__ import annotations

import re
from typing import Any

import pytest

from detective_fake.errors import FakeUsageError
from detective_fake.journal.expectations import Expectation, assert_called, assert_not_called
from tests.builders import ADMINISTRATOR, ANA, BEN
from tests.journal.journals import NAMES, a_recorder, a_request


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
    return Expectation.of(NAMES, operation, parameters, account_id=account_id, region=region)


def failure(*args: Any, times: int | None = None, **kwargs: Any) -> str:
    """Return what the failure says."""
    with pytest.raises(AssertionError) as caught:
        assert_called(JOURNAL, expected(*args, **kwargs), times=times)
    return re.sub(r"2024-05-17T12:00:00.000Z | in us-east-1| \(default\)", "", str(caught.value))


class TestAssertCalled:
    def test_returns_the_calls(self) -> None:
        """All of them."""
        assert assert_called(JOURNAL, expected("CreateMembers")) == JOURNAL[1:3]
        assert assert_called(JOURNAL, expected("CreateMembers", Accounts=[{"AccountId": ANA}])) == JOURNAL[1:2]

    @pytest.mark.parametrize(("operation", "times"), [("CreateMembers", 2), ("ListGraphs", 1), ("CreateGraph", 0)])
    def test_counts(self, operation: str, times: int) -> None:
        """Where a number is given."""
        assert len(assert_called(JOURNAL, expected(operation), times=times)) == times

    def test_shows_the_nearest_calls_of_the_operation(self) -> None:
        """Member by member, sensitive ones without their values."""
        text = failure(
            "CreateMembers", GraphArn="other", Accounts=[{"AccountId": BEN, "EmailAddress": "ben@example.com"}]
        )
        assert text == (
            "CreateMembers(GraphArn='other', Accounts=[{'AccountId': '333333333333', 'EmailAddress': '***'}]) "
            "was not called. Nearest of 4 calls:\n"
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

    def test_shows_other_operations_where_it_was_never_called(self) -> None:
        """The last and nearest three."""
        text = failure("DeleteGraph", GraphArn="arn")
        assert "DeleteGraph(GraphArn='arn') was not called. Nearest of 4 calls:\n  #2 CreateMembers()" in text
        assert "operation: expected 'DeleteGraph', was 'ListMembers'" in text
        assert "#1" not in text

    def test_caller_and_region_count(self) -> None:
        """They are shown like members."""
        text = failure("ListMembers", ANA, "eu-west-1", GraphArn="arn")
        assert text.startswith(
            "ListMembers(GraphArn='arn') by 222222222222 in eu-west-1 was not called. Nearest of 4 calls:"
        )
        assert text.endswith(
            "account_id: expected '222222222222', was '111111111111'\n"
            "     region: expected 'eu-west-1', was 'us-east-1'"
        )

    def test_shows_all_where_there_are_too_many_or_too_few(self) -> None:
        """With their parameters."""
        text = failure("CreateMembers", times=3)
        assert text.startswith("CreateMembers() was called twice, not 3 times:\n  #2 CreateMembers(GraphArn='arn', ")
        assert "once, not never:" in failure("ListGraphs", times=0)

    def test_says_that_nothing_was_called(self) -> None:
        """Rather than to show nothing."""
        with pytest.raises(AssertionError, match=re.escape("ListGraphs() was not called. Nothing was.")):
            assert_called(a_recorder().journal, expected("ListGraphs"))

    def test_shows_the_one_call_there_was(self) -> None:
        """It is not the nearest of several."""
        with pytest.raises(AssertionError, match=r"was not called\. There was:\n  #1 .* ListGraphs"):
            assert_called(JOURNAL[:1], expected("CreateGraph"))

    @pytest.mark.parametrize("times", [-1, 1.5, True])
    def test_times_has_to_be_a_count(self, times: Any) -> None:
        """A whole number."""
        with pytest.raises(FakeUsageError, match="times= is a whole number from 0, not"):
            assert_called(JOURNAL, expected("ListGraphs"), times=times)

    @pytest.mark.parametrize("arguments", [("List",), ("ListMembers", "1")])
    def test_what_could_not_be_is_refused(self, arguments: tuple[str, ...]) -> None:
        """An operation or account that there is not."""
        with pytest.raises(FakeUsageError, match=r"did you mean|twelve digits"):
            expected(*arguments)


class TestAssertNotCalled:
    def test_passes_where_nothing_is_as_expected(self) -> None:
        """By any other caller, for one."""
        assert_not_called(JOURNAL, expected("ListGraphs", ANA))
        assert_not_called(JOURNAL, expected("CreateMembers", GraphArn="other"))

    def test_shows_the_calls(self) -> None:
        """Those that should not be."""
        with pytest.raises(
            AssertionError, match=r"^List\*\(\) was called twice:\n  #1 .* ListGraphs.*\n  #4 .* ListMembers"
        ):
            assert_not_called(JOURNAL, expected("List*"))
