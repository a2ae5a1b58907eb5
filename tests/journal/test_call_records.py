"""Tests of `detective_fake.journal.call_records`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.errors import AccessDenied, FakeUsageError, TooManyRequests
from detective_fake.exchange import Deferred, copy_value
from tests.builders import ADMINISTRATOR, ANA, MINUTE, NOON, REGION
from tests.journal.journals import NAMES, a_recorder, a_request, a_result

if TYPE_CHECKING:
    from detective_fake.exchange import Result
    from detective_fake.journal.call_records import CallRecord

ACCOUNT = {"AccountId": ANA, "EmailAddress": "ana@example.com"}


def a_record(operation: str = "ListGraphs", *results: Result, **parameters: Any) -> CallRecord:
    """Return the record of a call, each result an attempt at it."""
    recorder = a_recorder()
    request = a_request(operation, **parameters)
    record = recorder.begin(request, None)
    for result in results or (a_result(operation),):
        recorder.add_attempt(record, request, result)
    return record


class TestCallRecord:
    def test_tells_who_asked_what(self) -> None:
        """As the request has it."""
        record = a_record("ListMembers", GraphArn="arn")
        assert (record.operation, record.parameters, record.account_id) == (
            "ListMembers",
            {"GraphArn": "arn"},
            ADMINISTRATOR,
        )
        assert (record.caller.rule, record.region, record.client_region, record.user_agent) == (
            "default",
            REGION,
            REGION,
            "Boto3/1",
        )

    def test_tells_what_was_answered(self) -> None:
        """Written out when it is read."""
        record = a_record(
            "ListGraphs", a_result(body={"GraphList": Deferred(copy_value, (("x",),))}, request_id="id-7")
        )
        assert (record.result, record.error, record.network) == ({"GraphList": ["x"]}, None, None)
        assert (record.request_id, record.at, record.outcome, record.failed) == ("id-7", NOON, "ok", False)

    def test_tells_what_it_was_refused_with(self) -> None:
        """The service's error."""
        error = AccessDenied()
        record = a_record("ListGraphs", a_result(error=error))
        assert (record.result, record.error, record.outcome, record.failed) == (None, error, error.error_code, True)

    def test_tells_how_the_answer_was_lost(self) -> None:
        """And what it was."""
        record = a_record("ListGraphs", a_result(network="ReadTimeoutError"))
        assert (record.result, record.network, record.outcome, record.failed) == (
            {},
            "ReadTimeoutError",
            "ReadTimeoutError",
            True,
        )

    def test_has_all_attempts(self) -> None:
        """The last one is what came of the call, the first one when it began."""
        results = (
            a_result(error=TooManyRequests(), request_id="a"),
            a_result(network="SSLError", request_id=""),
            a_result(at=NOON + MINUTE, request_id="b"),
        )
        record = a_record("ListGraphs", *results)
        assert [each.outcome for each in record.attempts] == ["TooManyRequestsException", "SSLError", "ok"]
        assert [each.request_id for each in record.attempts] == ["a", "", "b"]
        assert [each.result for each in record.attempts] == [None, None, {}]
        assert [(each.error is None, each.network) for each in record.attempts] == [
            (False, None),
            (True, "SSLError"),
            (True, None),
        ]
        assert (record.outcome, record.at, record.request_id) == ("ok", NOON, "b")

    def test_gives_copies(self) -> None:
        """Nobody changes what has been."""
        record = a_record("CreateMembers", Accounts=[ACCOUNT])
        record.parameters["Accounts"][0]["AccountId"] = "0"
        assert record.parameters == record.request.parameters == {"Accounts": [ACCOUNT]}


class TestLine:
    def test_has_all_in_one_line(self) -> None:
        """Who, how that was found, what, where, and what came of it."""
        line = a_record("ListMembers", a_result(error=AccessDenied("not\nyours")), GraphArn="arn").line()
        assert line == (
            f"2024-05-17T12:00:00.000Z ListMembers(GraphArn='arn') by {ADMINISTRATOR} (default) in us-east-1 "
            "-> AccessDeniedException: not yours"
        )

    def test_counts_attempts(self) -> None:
        """Where there was more than one."""
        assert (
            a_record("ListGraphs", a_result(error=TooManyRequests()), a_result())
            .line()
            .endswith("-> ok after 2 attempts")
        )

    def test_a_lost_error_is_shown_as_lost(self) -> None:
        """Nobody has read its text."""
        assert a_record("ListGraphs", a_result(error=AccessDenied(), network="SSLError")).line().endswith("-> SSLError")

    def test_hides_what_is_sensitive(self) -> None:
        """In the representation as well; not in the values."""
        record = a_record("CreateMembers", Accounts=[ACCOUNT], Message="hello")
        assert "{'AccountId': '222222222222', 'EmailAddress': '***'}" in record.line()
        assert "Message='***'" in repr(record)
        assert repr(record) == f"<{record.line()}>"

    def test_cuts_long_lists(self) -> None:
        """And says how long they are."""
        line = a_record("GetMembers", AccountIds=[str(number) for number in range(9)]).line()
        assert "(AccountIds=['0', '1', '2', ... 9 in all])" in line

    def test_leaves_parameters_out(self) -> None:
        """Where there is no room."""
        assert "GetMembers() by" in a_record("GetMembers", AccountIds=["1"]).line(parameters=False)


class TestAttempt:
    def test_is_shown_in_a_line(self) -> None:
        """Time and outcome."""
        assert repr(a_record().attempts[0]) == "<Attempt at 2024-05-17T12:00:00.000Z -> ok>"


class TestCallNames:
    def test_a_pattern_needs_one_operation_with_the_parameters(self) -> None:
        """Not all that it stands for."""
        assert NAMES.matching("Create*", {"Accounts": []}) == {"CreateGraph", "CreateMembers"}

    @pytest.mark.parametrize("operation", ["CreateGraph", "*Graph*"])
    def test_parameters_that_none_has_are_refused(self, operation: str) -> None:
        """No call could ever have them."""
        with pytest.raises(FakeUsageError, match="has no parameter 'Accounts'"):
            NAMES.matching(operation, {"Accounts": []})
