"""Tests of `detective_fake.journal.calls`."""

from __future__ import annotations

import pytest

from detective_fake.errors import AccessDenied, FakeUsageError, TooManyRequests
from tests.builders import ADMINISTRATOR, ANA
from tests.journal.journals import a_recorder, a_request, a_result

DENIED = a_result("ListMembers", error=AccessDenied())


def operations(journal: object) -> list[str]:
    return [record.operation for record in journal]  # type: ignore[attr-defined]


class TestJournal:
    def test_is_a_sequence(self) -> None:
        """By position, in slices, backwards, with a length."""
        journal = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"), a_request("ListMembers")).journal
        assert (len(journal), journal[-1].operation) == (3, "ListMembers")
        assert operations(journal[1:]) == ["CreateGraph", "ListMembers"]
        assert operations(reversed(journal)) == ["ListMembers", "CreateGraph", "ListGraphs"]

    def test_goes_on_growing(self) -> None:
        """But for what was made of it."""
        recorder = a_recorder(a_request())
        of = recorder.journal.of("ListGraphs")
        recorder.add(a_request(), a_result())
        assert (len(recorder.journal), len(of)) == (2, 1)

    def test_equals_what_has_the_same_calls(self) -> None:
        """Lists, too."""
        journal = a_recorder(a_request()).journal
        assert journal == [journal[0]]
        assert journal.failed == []
        assert journal != []
        assert journal != 1

    def test_cannot_be_hashed(self) -> None:
        """It grows."""
        with pytest.raises(TypeError, match="unhashable"):
            hash(a_recorder().journal)


class TestFilters:
    def test_of_an_operation(self) -> None:
        """By name or pattern."""
        journal = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"), a_request("ListMembers")).journal
        assert operations(journal.of("ListGraphs")) == ["ListGraphs"]
        assert operations(journal.of("List*")) == ["ListGraphs", "ListMembers"]

    def test_of_parameters(self) -> None:
        """As far as they are given."""
        journal = a_recorder(
            a_request("CreateMembers", GraphArn="a", Accounts=[{"AccountId": "1", "EmailAddress": "x"}]),
            a_request("CreateMembers", GraphArn="a", Accounts=[{"AccountId": "2", "EmailAddress": "x"}]),
        ).journal
        assert len(journal.of("CreateMembers", GraphArn="a")) == 2
        assert journal.of("CreateMembers", Accounts=[{"AccountId": "2"}]) == [journal[1]]

    @pytest.mark.parametrize(("operation", "parameters"), [("ListMember", {}), ("ListMembers", {"GraphARN": "a"})])
    def test_what_no_call_could_be_is_refused(self, operation: str, parameters: dict[str, str]) -> None:
        """Rather than not found."""
        with pytest.raises(FakeUsageError, match=r"did you mean 'ListMembers'|has no parameter 'GraphARN'"):
            a_recorder().journal.of(operation, **parameters)

    def test_by_an_account(self) -> None:
        """The caller."""
        journal = a_recorder(a_request(), a_request(account_id=ANA)).journal
        assert journal.by(ANA) == [journal[1]]
        with pytest.raises(FakeUsageError, match="twelve digits"):
            journal.by("1")

    def test_failed(self) -> None:
        """Refused or lost."""
        lost = a_result("ListGraphs", network="SSLError")
        journal = a_recorder(a_request(), (a_request("ListMembers"), DENIED), (a_request(), lost)).journal
        assert journal.failed == journal[1:]

    def test_can_be_chained(self) -> None:
        """Each is a journal."""
        journal = a_recorder((a_request("ListMembers", account_id=ANA), DENIED), a_request("ListMembers")).journal
        assert journal.of("ListMembers").by(ANA).failed[0].account_id == ANA
        assert journal.failed.by(ADMINISTRATOR) == []


class TestText:
    def test_the_representation_names_the_operations(self) -> None:
        """Those that failed marked, the last ten."""
        recorder = a_recorder(a_request("CreateGraph"), (a_request("ListMembers"), DENIED))
        assert repr(recorder.journal) == "<Journal of 2: CreateGraph, ListMembers!>"
        for _ in range(9):
            recorder.add(a_request(), a_result())
        assert repr(recorder.journal) == f"<Journal of 11: ..., ListMembers!{', ListGraphs' * 9}>"
        assert repr(a_recorder().journal) == "<Journal of 0: no calls>"

    def test_printed_it_has_a_line_a_call(self) -> None:
        """Numbered from 1."""
        journal = a_recorder(a_request("CreateGraph"), a_request()).journal
        assert str(journal) == f"#1 {journal[0].line()}\n#2 {journal[1].line()}"


class TestRecorder:
    def test_a_call_on_the_wire_gets_its_place_with_the_first_attempt(self) -> None:
        """Not when it begins."""
        recorder = a_recorder()
        record = recorder.begin(a_request("ListMembers"), None)
        recorder.add(a_request("CreateGraph"), a_result())
        recorder.add_attempt(record, a_request("ListMembers"), a_result(error=TooManyRequests()))
        recorder.add(a_request("ListGraphs"), a_result())
        recorder.add_attempt(record, a_request("ListMembers"), a_result())
        assert operations(recorder.journal) == ["CreateGraph", "ListMembers", "ListGraphs"]
        assert [each.path for each in recorder.journal] == ["short", "wire", "short"]
        assert len(recorder.journal[1].attempts) == 2

    def test_a_call_that_was_answered_keeps_its_place(self) -> None:
        """It only turned out to be one for the wire."""
        throttled, answer = a_result(error=TooManyRequests()), a_result()
        recorder = a_recorder((a_request(), throttled), a_request("CreateGraph"))
        record = recorder.begin(a_request(), throttled)
        recorder.add_attempt(record, a_request(), answer)
        assert operations(recorder.journal) == ["ListGraphs", "CreateGraph"]
        assert recorder.journal[0] is record
        assert (record.path, len(record.attempts), record.outcome) == ("wire", 2, "ok")

    def test_a_call_that_was_forgotten_stays_so(self) -> None:
        """Its further attempts are no calls of their own."""
        throttled = a_result(error=TooManyRequests())
        recorder = a_recorder((a_request(), throttled))
        recorder.clear()
        recorder.add_attempt(recorder.begin(a_request(), throttled), a_request(), a_result())
        assert recorder.journal == []


class TestForgetting:
    def test_the_last_calls_stay(self) -> None:
        """And it is known how many there were before."""
        recorder = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"), a_request("ListMembers"))
        recorder.forget(keep=1)
        assert (operations(recorder.journal), recorder.journal.forgotten) == (["ListMembers"], 2)

    def test_a_call_keeps_its_number(self) -> None:
        """Wherever it is shown."""
        recorder = a_recorder(a_request("ListGraphs"), a_request("CreateGraph"))
        recorder.forget(keep=1)
        assert [number for number, _ in recorder.journal.numbered] == [2]
        assert str(recorder.journal).startswith("#2 ")

    def test_fewer_than_may_stay_do(self) -> None:
        """Nothing is forgotten then."""
        recorder = a_recorder(a_request())
        recorder.forget(keep=5)
        assert (len(recorder.journal), recorder.journal.forgotten) == (1, 0)

    def test_clearing_begins_anew(self) -> None:
        """As after a reset."""
        recorder = a_recorder(a_request(), a_request())
        recorder.forget(keep=1)
        recorder.clear()
        assert (len(recorder.journal), recorder.journal.forgotten) == (0, 0)
