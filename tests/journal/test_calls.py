"""Tests of `detective_fake.journal.calls`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detective_fake.domain.membership import Email
from detective_fake.errors import AccessDenied, FakeUsageError, TooManyRequests
from detective_fake.exchange import Deferred, copy_value
from detective_fake.journal.calls import Emails
from tests.builders import ADMINISTRATOR, ANA, BEN, MINUTE, NOON, REGION, a_graph, a_world
from tests.journal.journals import a_recorder, a_request, a_result

if TYPE_CHECKING:
    from typing import Any

    from detective_fake.exchange import Result
    from detective_fake.journal.calls import CallRecord

ACCOUNT = {"AccountId": ANA, "EmailAddress": "ana@example.com"}
DENIED = a_result("ListMembers", error=AccessDenied())


def a_record(operation: str = "ListGraphs", *results: Result, **parameters: Any) -> CallRecord:
    """Return the record of a call with one attempt for each result."""
    recorder = a_recorder()
    request = a_request(operation, **parameters)
    record = recorder.begin(request, None)
    for result in results or (a_result(operation),):
        recorder.add(request, result, record)
    return record


def operations(journal: object) -> list[str]:
    return [record.operation for record in journal]  # type: ignore[attr-defined]


class TestCallRecord:
    def test_has_the_request(self) -> None:
        """Operation, parameters, caller, Regions and client."""
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

    def test_has_the_answer(self) -> None:
        """Deferred parts are written when it is read."""
        record = a_record(
            "ListGraphs", a_result(body={"GraphList": Deferred(copy_value, (("x",),))}, request_id="id-7")
        )
        assert (record.result, record.error, record.network) == ({"GraphList": ["x"]}, None, None)
        assert (record.request_id, record.at, record.outcome, record.failed) == ("id-7", NOON, "ok", False)

    def test_has_the_error(self) -> None:
        """Its code is the outcome."""
        error = AccessDenied()
        record = a_record("ListGraphs", a_result(error=error))
        assert (record.result, record.error, record.outcome, record.failed) == (None, error, error.error_code, True)

    def test_has_the_network_error(self) -> None:
        """Its name is the outcome; the service has answered nevertheless."""
        record = a_record("ListGraphs", a_result(network="ReadTimeoutError"))
        assert (record.result, record.network, record.outcome, record.failed) == (
            {},
            "ReadTimeoutError",
            "ReadTimeoutError",
            True,
        )

    def test_has_all_attempts(self) -> None:
        """The call starts with the first and ends with the last."""
        results = (
            a_result(error=TooManyRequests(), request_id="a"),
            a_result(network="SSLError", request_id=""),
            a_result(at=NOON + MINUTE, request_id="b"),
        )
        record = a_record("ListGraphs", *results)
        assert [each.outcome for each in record.attempts] == ["TooManyRequestsException", "SSLError", "ok"]
        assert [each.request_id for each in record.attempts] == ["a", "", "b"]
        assert [each.result for each in record.attempts] == [None, None, {}]
        assert [each.at for each in record.attempts] == [NOON, NOON, NOON + MINUTE]
        assert [(each.error is None, each.network) for each in record.attempts] == [
            (False, None),
            (True, "SSLError"),
            (True, None),
        ]
        assert (record.outcome, record.at, record.request_id) == ("ok", NOON, "b")

    def test_returns_copies(self) -> None:
        """Changing them does not change the record."""
        record = a_record("CreateMembers", Accounts=[ACCOUNT])
        record.parameters["Accounts"][0]["AccountId"] = "0"
        assert record.parameters == record.request.parameters == {"Accounts": [ACCOUNT]}


class TestLine:
    def test_shows_the_whole_call(self) -> None:
        """Time, operation, parameters, caller, Region and outcome."""
        line = a_record("ListMembers", a_result(error=AccessDenied("not\nyours")), GraphArn="arn").line()
        assert line == (
            f"2024-05-17T12:00:00.000Z ListMembers(GraphArn='arn') by {ADMINISTRATOR} (default) in us-east-1 "
            "-> AccessDeniedException: not yours"
        )

    def test_shows_the_number_of_attempts(self) -> None:
        """If there are several."""
        record = a_record("ListGraphs", a_result(error=TooManyRequests()), a_result())
        assert record.line().endswith("-> ok after 2 attempts")

    def test_does_not_show_the_text_of_a_lost_error(self) -> None:
        """The client has not seen it."""
        assert a_record("ListGraphs", a_result(error=AccessDenied(), network="SSLError")).line().endswith("-> SSLError")

    def test_masks_sensitive_values(self) -> None:
        """The `repr` masks them too."""
        record = a_record("CreateMembers", Accounts=[ACCOUNT], Message="hello")
        assert "{'AccountId': '222222222222', 'EmailAddress': '***'}" in record.line()
        assert "Message='***'" in repr(record)
        assert repr(record) == f"<{record.line()}>"

    def test_shortens_long_lists(self) -> None:
        """It shows three items and the length."""
        line = a_record("GetMembers", AccountIds=[str(number) for number in range(9)]).line()
        assert "(AccountIds=['0', '1', '2', ... 9 in total])" in line

    def test_shows_short_lists_and_other_values_in_full(self) -> None:
        """Whatever their length."""
        line = a_record("GetMembers", AccountIds=["0", "1", "2"], MaxResults=5, NextToken="token").line()
        assert "(AccountIds=['0', '1', '2'], MaxResults=5, NextToken='token')" in line

    def test_of_a_call_in_progress_is_its_operation(self) -> None:
        """As `repr`: it has no outcome yet."""
        assert repr(a_recorder().begin(a_request(), None)) == "<ListGraphs in progress>"

    def test_can_omit_the_parameters(self) -> None:
        """They can be long."""
        assert "GetMembers() by" in a_record("GetMembers", AccountIds=["1"]).line(parameters=False)


class TestAttempt:
    def test_repr_has_time_and_outcome(self) -> None:
        """It is one line."""
        assert repr(a_record().attempts[0]) == "<Attempt at 2024-05-17T12:00:00.000Z -> ok>"


class TestJournal:
    def test_is_a_sequence(self) -> None:
        """It has positions, slices, an order and a length."""
        journal = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"), a_request("ListMembers")).journal
        assert (len(journal), journal[-1].operation) == (3, "ListMembers")
        assert operations(journal[1:]) == ["CreateGraph", "ListMembers"]
        assert operations(reversed(journal)) == ["ListMembers", "CreateGraph", "ListGraphs"]

    def test_grows(self) -> None:
        """A journal that a method returned does not."""
        recorder = a_recorder(a_request())
        of = recorder.journal.of("ListGraphs")
        recorder.add(a_request(), a_result())
        assert (len(recorder.journal), len(of)) == (2, 1)

    def test_equals_a_sequence_of_the_same_calls(self) -> None:
        """A list, for example."""
        journal = a_recorder(a_request()).journal
        assert journal == [journal[0]]
        assert journal.failed == []
        assert journal != []
        assert journal != 1

    def test_is_not_hashable(self) -> None:
        """A journal grows, so it has no constant hash."""
        with pytest.raises(TypeError, match="unhashable"):
            hash(a_recorder().journal)

    def test_repr_names_the_last_ten_operations(self) -> None:
        """A mark shows those that failed."""
        recorder = a_recorder(a_request("CreateGraph"), (a_request("ListMembers"), DENIED))
        assert repr(recorder.journal) == "<Journal of 2: CreateGraph, ListMembers!>"
        for _ in range(8):
            recorder.add(a_request(), a_result())
        assert repr(recorder.journal) == f"<Journal of 10: CreateGraph, ListMembers!{', ListGraphs' * 8}>"
        recorder.add(a_request(), a_result())
        assert repr(recorder.journal) == f"<Journal of 11: ..., ListMembers!{', ListGraphs' * 9}>"
        assert repr(a_recorder().journal) == "<Journal of 0: no calls>"

    def test_str_has_one_line_for_each_call(self) -> None:
        """The lines are numbered from 1."""
        journal = a_recorder(a_request("CreateGraph"), a_request()).journal
        assert str(journal) == f"#1 {journal[0].line()}\n#2 {journal[1].line()}"


class TestFilters:
    def test_by_operation(self) -> None:
        """A name or a pattern."""
        journal = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"), a_request("ListMembers")).journal
        assert operations(journal.of("ListGraphs")) == ["ListGraphs"]
        assert operations(journal.of("List*")) == ["ListGraphs", "ListMembers"]

    def test_by_parameters(self) -> None:
        """Only the given members are compared."""
        journal = a_recorder(
            a_request("CreateMembers", GraphArn="a", Accounts=[{"AccountId": "1", "EmailAddress": "x"}]),
            a_request("CreateMembers", GraphArn="a", Accounts=[{"AccountId": "2", "EmailAddress": "x"}]),
        ).journal
        assert len(journal.of("CreateMembers", GraphArn="a")) == 2
        assert journal.of("CreateMembers", Accounts=[{"AccountId": "2"}]) == [journal[1]]

    def test_by_graph(self) -> None:
        """A `BehaviorGraph` stands for its ARN."""
        graph = a_graph(a_world())
        journal = a_recorder(a_request("ListMembers", GraphArn=graph.arn), a_request("ListMembers")).journal
        assert journal.of("ListMembers", GraphArn=graph) == journal[:1]

    @pytest.mark.parametrize(("operation", "parameters"), [("ListMember", {}), ("ListMembers", {"GraphARN": "a"})])
    def test_reject_unknown_names(self, operation: str, parameters: dict[str, str]) -> None:
        """An empty journal would hide the typing error."""
        with pytest.raises(FakeUsageError, match=r"[Dd]id you mean 'ListMembers'|'GraphARN'"):
            a_recorder().journal.of(operation, **parameters)

    def test_by_account(self) -> None:
        """`by` selects the calls of a calling account."""
        journal = a_recorder(a_request(), a_request(account_id=ANA)).journal
        assert journal.by(ANA) == [journal[1]]
        with pytest.raises(FakeUsageError, match="twelve digits"):
            journal.by("1")

    def test_by_failure(self) -> None:
        """Service errors and network errors."""
        lost = a_result("ListGraphs", network="SSLError")
        journal = a_recorder(a_request(), (a_request("ListMembers"), DENIED), (a_request(), lost)).journal
        assert journal.failed == journal[1:]

    def test_can_be_chained(self) -> None:
        """Each returns a journal."""
        journal = a_recorder((a_request("ListMembers", account_id=ANA), DENIED), a_request("ListMembers")).journal
        assert journal.of("ListMembers").by(ANA).failed[0].account_id == ANA
        assert journal.failed.by(ADMINISTRATOR) == []


class TestRecorder:
    def test_a_call_on_the_wire_path_is_added_with_its_first_attempt(self) -> None:
        """Not when it begins."""
        recorder = a_recorder()
        record = recorder.begin(a_request("ListMembers"), None)
        recorder.add(a_request("CreateGraph"), a_result())
        recorder.add(a_request("ListMembers"), a_result(error=TooManyRequests()), record)
        recorder.add(a_request("ListGraphs"), a_result())
        recorder.add(a_request("ListMembers"), a_result(), record)
        assert operations(recorder.journal) == ["CreateGraph", "ListMembers", "ListGraphs"]
        assert [each.path for each in recorder.journal] == ["short", "wire", "short"]
        assert len(recorder.journal[1].attempts) == 2

    def test_a_call_that_moves_to_the_wire_path_keeps_its_place(self) -> None:
        """Its first attempt was answered on the short path and must be retried."""
        throttled, answer = a_result(error=TooManyRequests()), a_result()
        recorder = a_recorder((a_request(), throttled), a_request("CreateGraph"))
        record = recorder.begin(a_request(), throttled)
        recorder.add(a_request(), answer, record)
        assert operations(recorder.journal) == ["ListGraphs", "CreateGraph"]
        assert recorder.journal[0] is record
        assert (record.path, len(record.attempts), record.outcome) == ("wire", 2, "ok")

    def test_a_forgotten_call_stays_forgotten(self) -> None:
        """Its further attempts do not add a record."""
        throttled = a_result(error=TooManyRequests())
        recorder = a_recorder((a_request(), throttled))
        recorder.forget(keep=0)
        recorder.add(a_request(), a_result(), recorder.begin(a_request(), throttled))
        assert recorder.journal == []


class TestForgetting:
    def test_keeps_the_last_calls(self) -> None:
        """And counts the others."""
        recorder = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"), a_request("ListMembers"))
        recorder.forget(keep=2)
        recorder.forget(keep=1)
        assert (operations(recorder.journal), recorder.journal.forgotten) == (["ListMembers"], 2)
        assert recorder.journal.made == 3

    def test_does_not_change_the_number_of_a_call(self) -> None:
        """`numbered` and the text still have it."""
        recorder = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"))
        recorder.forget(keep=1)
        assert [number for number, _ in recorder.journal.numbered] == [2]
        assert str(recorder.journal).startswith("#2 ")

    def test_forgets_nothing_if_there_are_fewer_calls(self) -> None:
        """Than are to be kept."""
        recorder = a_recorder(a_request())
        recorder.forget(keep=5)
        assert (len(recorder.journal), recorder.journal.forgotten) == (1, 0)

    def test_going_back_brings_calls_back(self) -> None:
        """With their numbers, and without later calls."""
        recorder = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"))
        go_back = recorder.checkpoint()
        recorder.add(a_request("ListMembers"), a_result())
        recorder.forget(keep=1)
        go_back()
        assert (operations(recorder.journal), recorder.journal.forgotten) == (["ListGraphs", "CreateGraph"], 0)


def an_email(account_id: str) -> Email:
    return Email(
        account_id=account_id,
        address=f"root@{account_id}.example.com",
        administrator_id=ADMINISTRATOR,
        graph_arn="arn",
        message=None,
        sent_at=NOON,
    )


class TestEmails:
    EMAILS = Emails([an_email(ANA), an_email(BEN)])

    def test_to_an_account(self) -> None:
        """Those that invite it."""
        assert self.EMAILS.to(BEN) == (an_email(BEN),)
        with pytest.raises(FakeUsageError, match="twelve digits"):
            self.EMAILS.to("root@example.com")

    def test_repr_masks_addresses(self) -> None:
        """E-mail addresses are sensitive."""
        assert "example.com" not in repr(self.EMAILS)
        assert repr(self.EMAILS).startswith("[Email(account_id='222222222222', address=***")
