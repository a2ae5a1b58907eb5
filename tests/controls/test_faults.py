"""Tests of `detective_fake.controls.faults`."""

from __future__ import annotations

import pickle
from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.controls.fault_terms import FaultRules
from detective_fake.controls.faults import Faults
from detective_fake.controls.reentrancy import running
from detective_fake.errors import FakeUsageError, UnmetFaults
from detective_fake.protocol.model import error_statuses, operations
from tests.builders import ADMINISTRATOR, ANA
from tests.journal.journals import a_recorder, a_request, a_result

if TYPE_CHECKING:
    from detective_fake.controls.faults import Fault
    from detective_fake.journal.calls import Recorder

RULES = FaultRules(tuple(operations()), error_statuses(), lambda _region: None)
CONFLICT: Any = {"error": "ConflictException"}


@pytest.fixture
def recorder() -> Recorder:
    return a_recorder()


@pytest.fixture
def faults(recorder: Recorder) -> Faults:
    return Faults(RULES, recorder.journal, RLock())


def met(faults: Faults, operation: str = "ListMembers", *, first: bool = True, **options: Any) -> list[Fault]:
    """Return what a call meets."""
    return list(faults.meet(a_request(operation, **options), first=first))


class TestMeet:
    def test_a_fault_is_met_once(self, faults: Faults) -> None:
        """Unless told otherwise; then no call need look at it."""
        fault = faults.add("ListMembers", **CONFLICT)
        assert met(faults, "ListGraphs") == []
        assert met(faults) == [fault]
        assert met(faults) == []
        assert (fault.met, faults.present) == (1, [])

    @pytest.mark.parametrize(("times", "expected"), [(2, [1, 1, 0]), (None, [1, 1, 1])])
    def test_or_several_times(self, faults: Faults, times: int | None, expected: list[int]) -> None:
        """Or always."""
        faults.add("*", **CONFLICT, times=times)
        assert [len(met(faults)) for _ in range(3)] == expected

    def test_faults_are_met_one_after_the_other(self, faults: Faults) -> None:
        """In the order in which they were added."""
        one, other = faults.add("ListMembers", **CONFLICT), faults.add("ListMembers", network="SSLError")
        assert [met(faults), met(faults), met(faults)] == [[one], [other], []]

    def test_delays_are_met_beside_others(self, faults: Faults) -> None:
        """They leave the answer alone."""
        slow = faults.add("*", latency=timedelta(seconds=1), times=None)
        one, _other = faults.add("*", **CONFLICT), faults.add("*", **CONFLICT)
        slower = faults.add("*", latency=timedelta(seconds=1))
        assert met(faults) == [slow, one, slower]

    @pytest.mark.parametrize("who", [{"account_id": ANA}, {"region": "eu-west-1"}])
    def test_only_those_it_concerns_meet_it(self, faults: Faults, who: Any) -> None:
        """By account, by Region."""
        fault = faults.add("*", **CONFLICT, **who)
        assert met(faults) == []
        assert met(faults, **who) == [fault]

    def test_is_no_matter_to_what_its_callback_does(self, faults: Faults) -> None:
        """Else it would never end."""
        fault = faults.add("*", callback=print, times=None)
        with running(fault):
            assert met(faults) == []
        assert met(faults) == [fault]


class TestNth:
    def test_counts_the_calls_it_concerns(self, faults: Faults) -> None:
        """From when it was added."""
        fault = faults.add("ListMembers", **CONFLICT, nth=2)
        assert [met(faults), met(faults, "ListGraphs"), met(faults), met(faults)] == [[], [], [fault], []]

    def test_does_not_count_further_attempts(self, faults: Faults) -> None:
        """They are of the same call; but they may meet what is there."""
        fault = faults.add("ListMembers", **CONFLICT, nth=2, times=2)
        assert met(faults) == []
        assert met(faults, first=False) == []
        assert met(faults) == [fault]
        assert met(faults, first=False) == [fault]

    def test_counts_calls_that_meet_another_fault(self, faults: Faults) -> None:
        """Each fault counts for itself."""
        faults.add("ListMembers", **CONFLICT)
        third = faults.add("ListMembers", network="SSLError", nth=3)
        assert [len(met(faults)), met(faults), met(faults)] == [1, [], [third]]

    def test_a_fault_without_it_is_met_by_further_attempts_alone(self, faults: Faults) -> None:
        """If it was added in the middle of a call."""
        fault = faults.add("ListMembers", **CONFLICT)
        assert met(faults, first=False) == [fault]


class TestEnds:
    def test_removing_forgets_it(self, faults: Faults) -> None:
        """It need not be met any more, and may be removed twice."""
        fault = faults.add("*", **CONFLICT)
        fault.remove()
        fault.remove()
        assert (met(faults), faults.report(), len(faults)) == ([], None, 0)

    def test_a_block_ends_it(self, faults: Faults) -> None:
        """It should have been met there."""
        with faults.add("*", **CONFLICT) as fault:
            pass
        assert (met(faults), faults.unmet()) == ([], (fault,))

    def test_a_block_may_end_after_it_was_met(self, faults: Faults) -> None:
        """Or removed."""
        with faults.add("*", **CONFLICT) as fault:
            assert met(faults) == [fault]
        fault.end()
        assert faults.unmet() == ()

    def test_clearing_forgets_all(self, faults: Faults) -> None:
        """Unmet ones as well."""
        faults.add("*", **CONFLICT)
        faults.clear()
        assert (met(faults), list(faults)) == ([], [])

    def test_all_are_listed(self, faults: Faults) -> None:
        """With how often they were met."""
        faults.add("*", **CONFLICT)
        faults.add("ListMembers", network="SSLError", times=None)
        met(faults)
        met(faults)
        assert len(faults) == 2
        assert repr(faults) == (
            "<Faults: <faults.add('*', error='ConflictException'), met 1 times>, "
            "<faults.add('ListMembers', network='SSLError', times=None), met 1 times>>"
        )
        assert repr(Faults(RULES, a_recorder().journal, RLock())) == "<Faults: none>"


class TestReport:
    def play(self, faults: Faults, recorder: Recorder, operation: str, **options: Any) -> None:
        """Make a call, as the service would."""
        request = a_request(operation, **options)
        faults.meet(request, first=True)
        recorder.add(request, a_result(operation))

    def test_says_nothing_where_all_were_met(self, faults: Faults) -> None:
        """Once is enough."""
        faults.add("*", **CONFLICT, times=3)
        met(faults)
        assert faults.report() is None

    def test_says_that_nothing_was_called(self, faults: Faults, recorder: Recorder) -> None:
        """Since the fault was added."""
        self.play(faults, recorder, "ListMembers")
        faults.add("ListMembers", **CONFLICT)
        assert faults.report() == (
            "A fault was never met:\n"
            "  faults.add('ListMembers', error='ConflictException')\n"
            "    No call was made while it was there.\n"
            '  Take it out, or make the fake with unmet_faults="ignore".'
        )

    def test_shows_the_calls_that_came_closest(self, faults: Faults, recorder: Recorder) -> None:
        """Three of them, with what they lacked."""
        faults.add("CreateMembers", **CONFLICT, account_id=ANA)
        for operation in ("ListGraphs", "ListGraphs", "CreateMembers", "ListGraphs", "ListGraphs"):
            self.play(faults, recorder, operation)
        self.play(faults, recorder, "DeleteGraph", account_id=ANA)
        report = str(faults.report())
        assert "    Closest of 6 calls:\n    #3 2024-05-17T12:00:00.000Z CreateMembers() by" in report
        assert f"       account_id: expected '{ANA}', was '{ADMINISTRATOR}'" in report
        assert "       operation: expected 'CreateMembers', was 'DeleteGraph'" in report
        assert [line.split()[0] for line in report.splitlines() if line.startswith("    #")] == ["#3", "#5", "#6"]

    def test_says_how_many_calls_were_missing(self, faults: Faults, recorder: Recorder) -> None:
        """For the n-th."""
        faults.add("ListMembers", **CONFLICT, nth=3)
        self.play(faults, recorder, "ListMembers")
        self.play(faults, recorder, "ListMembers")
        assert "nth: expected 3, but there were 2 such calls" in str(faults.report())

    def test_says_that_another_was_first(self, faults: Faults, recorder: Recorder) -> None:
        """The call was right."""
        faults.add("ListMembers", **CONFLICT, times=None)
        faults.add("ListMembers", network="SSLError")
        self.play(faults, recorder, "ListMembers")
        assert "another fault, added earlier, decided about this call" in str(faults.report())

    def test_looks_no_further_than_its_block(self, faults: Faults, recorder: Recorder) -> None:
        """Later calls could not meet it."""
        with faults.add("ListMembers", **CONFLICT):
            self.play(faults, recorder, "ListGraphs")
        self.play(faults, recorder, "ListMembers")
        assert "Closest of 1 call:\n    #1 2024" in str(faults.report())

    def test_tells_numbers_and_calls_apart_when_some_are_forgotten(self, faults: Faults, recorder: Recorder) -> None:
        """A call keeps its number, and those before the fault are never among the closest."""
        for operation in ("ListGraphs", "ListGraphs", "DeleteGraph"):
            self.play(faults, recorder, operation)
        faults.add("ListMembers", **CONFLICT)
        self.play(faults, recorder, "ListGraphs")
        recorder.forget(2)
        assert "    Closest of 1 call:\n    #4 2024" in str(faults.report())

    def test_counts_them(self, faults: Faults) -> None:
        """Each with its calls."""
        faults.add("ListMembers", **CONFLICT)
        faults.add("ListGraphs", **CONFLICT)
        assert str(faults.report()).startswith("2 faults were never met:\n  faults.add('ListMembers'")

    def test_raises_it(self, faults: Faults) -> None:
        """As a mistake of the test."""
        faults.check()
        faults.add("ListMembers", **CONFLICT)
        with pytest.raises(UnmetFaults, match="A fault was never met") as caught:
            faults.check()
        assert isinstance(caught.value, FakeUsageError)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - our own
