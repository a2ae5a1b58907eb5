"""Tests of `detective_fake.controls.rules`: how rules end, guard their functions, and are reported if unused."""

from __future__ import annotations

import inspect
import re
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.controls.context import FakeContext
from detective_fake.controls.deny import Denials
from detective_fake.controls.faults import Faults
from detective_fake.controls.overrides import Overrides
from detective_fake.controls.rules import unused_report
from detective_fake.domain.clock import Clock
from detective_fake.errors import DOCS
from tests.builders import ADMINISTRATOR, ANA, NOON, a_world
from tests.journal.journals import a_recorder, a_request, a_result

if TYPE_CHECKING:
    from detective_fake.controls.overrides import OverriddenCall

CONFLICT: Any = {"error": "ConflictException"}


class Rules:
    """All rules of one fake, and calls that use them as the service would."""

    def __init__(self) -> None:
        context = FakeContext(a_world(), Clock(lambda: 0.0))
        self.recorder = a_recorder()
        journal = self.recorder.journal
        self.faults = Faults(context, journal)
        self.denials = Denials(context, journal)
        self.overrides = Overrides(context, journal)

    def call(self, operation: str, **options: Any) -> None:
        """Make a call that ends at the first rule that answers it."""
        request = a_request(operation, **options)
        answered = any(fault.changes_answer for fault in self.faults.use(request, first=True))
        if not answered and self.denials.refusal(request) is None:
            self.overrides.answer(request, NOON, dict)
        self.recorder.add(request, a_result(operation))

    def report(self) -> str | None:
        return unused_report(self.faults, self.denials, self.overrides)


@pytest.fixture
def rules() -> Rules:
    return Rules()


def no_answer(_call: OverriddenCall) -> None:
    """Leave the answer to the fake."""


class TestEnd:
    def test_a_removed_rule_is_forgotten(self, rules: Rules) -> None:
        """It can be removed twice."""
        override = rules.overrides.on("ListMembers")
        override(no_answer)
        for rule in (rules.faults.add("*", **CONFLICT), rules.denials.add("*"), override):
            rule.remove()
            rule.remove()
        assert rules.report() is None
        assert [len(each) for each in (rules.faults, rules.denials, rules.overrides)] == [0, 0, 0]

    def test_a_rule_ends_with_its_block(self, rules: Rules) -> None:
        """It is still unused."""
        override = rules.overrides.on("ListMembers")
        override(no_answer)
        with rules.faults.add("*", **CONFLICT) as fault, rules.denials.add("*") as denial, override:
            pass
        rules.call("ListMembers")
        assert (rules.faults.active, rules.denials.active, rules.overrides.active) == ([], [], [])
        assert rules.faults.unused() + rules.denials.unused() + rules.overrides.unused() == (fault, denial, override)

    def test_a_rule_can_end_after_it_was_used(self, rules: Rules) -> None:
        """Ending it twice is no error."""
        with rules.faults.add("*", **CONFLICT) as fault:
            rules.call("ListMembers")
        fault.end()
        assert rules.faults.unused() == ()

    def test_going_back_forgets_later_rules(self, rules: Rules) -> None:
        """And applies those again that have ended since."""
        fault = rules.faults.add("*", **CONFLICT)
        go_back = rules.faults.checkpoint()
        rules.faults.add("ListMembers", **CONFLICT)
        rules.call("ListMembers")
        assert fault not in rules.faults.active
        go_back()
        assert (rules.faults.active, list(rules.faults), fault.used) == ([fault], [fault], 0)

    def test_a_rule_used_before_going_back_is_not_reported(self, rules: Rules) -> None:
        """Although it is unused again."""
        rules.faults.add("ListMembers", **CONFLICT)
        go_back = rules.faults.checkpoint()
        rules.call("ListMembers")
        go_back()
        assert rules.report() is None

    def test_an_unused_rule_is_still_reported_after_going_back(self, rules: Rules) -> None:
        """A block without a matching call has not used it."""
        rules.faults.add("ListMembers", **CONFLICT)
        go_back = rules.faults.checkpoint()
        rules.call("ListGraphs")
        go_back()
        assert str(rules.report()).startswith("1 fault was never used")

    def test_repr_lists_all_with_their_uses(self, rules: Rules) -> None:
        """Also those that have ended."""
        rules.faults.add("*", **CONFLICT)
        rules.faults.add("ListMembers", network="SSLError", times=None)
        for _ in range(3):
            rules.call("ListMembers")
        assert len(rules.faults) == 2
        assert repr(rules.faults) == (
            "<Faults: <faults.add('*', error='ConflictException'), used 1 time>, "
            "<faults.add('ListMembers', network='SSLError', times=None), used 2 times>>"
        )
        assert repr(rules.denials) == "<Denials: none>"


class TestIsRunning:
    def test_is_true_inside_the_block(self, rules: Rules) -> None:
        """It is true for this rule only, and blocks nest."""
        rule, other = rules.denials.add("*"), rules.denials.add("*")
        with rule.running():
            assert not other.is_running
            with other.running():
                assert rule.is_running
        assert not rule.is_running

    def test_is_false_after_an_exception(self, rules: Rules) -> None:
        """It ends the block."""
        rule = rules.denials.add("*")
        with pytest.raises(KeyError), rule.running():
            raise KeyError
        assert not rule.is_running

    def test_is_false_in_other_threads(self, rules: Rules) -> None:
        """Their calls use the rule."""
        rule = rules.denials.add("*")
        seen: list[bool] = []
        with rule.running():
            thread = Thread(target=lambda: seen.append(rule.is_running))
            thread.start()
            thread.join()
        assert seen == [False]


class TestUnusedReport:
    def test_is_none_if_all_were_used(self, rules: Rules) -> None:
        """One use of each is enough."""
        rules.call("ListMembers")
        with rules.faults.add("ListMembers", error="ConflictException", times=3):
            rules.call("ListMembers")
        with rules.denials.add("detective:List*"):
            rules.call("ListMembers")
        rules.overrides.on("ListMembers")(no_answer)
        rules.call("ListMembers")
        assert rules.report() is None

    def test_says_that_there_were_no_calls(self, rules: Rules) -> None:
        """After the fault was added."""
        rules.call("ListMembers")
        line = inspect.currentframe().f_lineno + 1  # type: ignore[union-attr]
        rules.faults.add("ListMembers", **CONFLICT)
        assert rules.report() == (
            "1 fault was never used:\n"
            "  faults.add('ListMembers', error='ConflictException')\n"
            "    No calls were made while it was active.\n"
            f"    Added at {__file__}:{line}.\n"
            '  Remove it, or create the fake with unused_faults="ignore".\n'
            f"  See {DOCS}unused-faults"
        )

    def test_counts_the_rules_of_each_kind(self, rules: Rules) -> None:
        """And shows them in the order faults, denials, overrides."""
        rules.overrides.on("ListMembers")(no_answer)
        rules.denials.add("detective:ListMembers")
        rules.faults.add("ListMembers", **CONFLICT)
        rules.faults.add("ListGraphs", **CONFLICT)
        rules.call("DeleteGraph")
        report = str(rules.report())
        assert report.startswith("2 faults, 1 denial, 1 override were never used:\n  faults.add('ListMembers'")
        assert re.findall(r"\n  (\S+)\(.*\n    Closest", report) == ["faults.add", "faults.add", "deny", "@fake.on"]
        assert '\n  Remove them, or create the fake with unused_faults="ignore".\n  See ' in report
        assert "  deny('detective:ListMembers')\n    Closest of 1 call:\n    #1 " in report
        assert "\n       action: expected 'detective:ListMembers', was 'detective:DeleteGraph'\n" in report
        assert '  @fake.on("ListMembers")\n    Closest of 1 call:\n    #1 ' in report
        assert report.count("\n       operation: expected 'ListMembers', was 'DeleteGraph'\n") == 2

    def test_shows_the_closest_calls(self, rules: Rules) -> None:
        """Three of them, and how they differ."""
        rules.faults.add("CreateMembers", **CONFLICT, account_id=ANA)
        for operation in ("ListGraphs", "ListGraphs", "CreateMembers", "ListGraphs", "ListGraphs"):
            rules.call(operation)
        rules.call("DeleteGraph", account_id=ANA)
        report = str(rules.report())
        assert "    Closest of 6 calls:\n    #3 2024-05-17T12:00:00.000Z CreateMembers() by" in report
        assert f"       account_id: expected '{ANA}', was '{ADMINISTRATOR}'" in report
        assert "       operation: expected 'CreateMembers', was 'DeleteGraph'" in report
        assert [line.split()[0] for line in report.splitlines() if line.startswith("    #")] == ["#3", "#5", "#6"]

    def test_shows_how_many_calls_the_nth_needs(self, rules: Rules) -> None:
        """There were fewer calls."""
        rules.faults.add("ListMembers", **CONFLICT, nth=3)
        rules.call("ListMembers")
        rules.call("ListMembers")
        assert "    Closest of 2 calls:\n" in str(rules.report())
        assert "nth: expected 3 matching calls, got 2" in str(rules.report())

    def test_says_what_came_first(self, rules: Rules) -> None:
        """If the call matches."""
        rules.faults.add("ListMembers", **CONFLICT, times=None)
        rules.faults.add("ListMembers", network="SSLError")
        rules.denials.add("*")
        rules.overrides.on("ListMembers")(no_answer)
        rules.call("ListMembers")
        report = str(rules.report())
        assert "       an earlier fault changed the answer\n" in report
        assert "       the call ended before IAM checked it\n" in report
        assert "       a fault, a denial or a newer override came first\n" in report

    def test_shows_only_calls_of_the_block(self, rules: Rules) -> None:
        """Later calls cannot use the fault."""
        with rules.faults.add("ListMembers", **CONFLICT):
            rules.call("ListGraphs")
        rules.call("ListMembers")
        assert "Closest of 1 call:\n    #1 2024" in str(rules.report())

    def test_numbers_do_not_change_when_calls_are_forgotten(self, rules: Rules) -> None:
        """Calls before the fault was added are never among the closest."""
        for operation in ("ListGraphs", "ListGraphs", "DeleteGraph"):
            rules.call(operation)
        rules.faults.add("ListMembers", **CONFLICT)
        rules.call("ListGraphs")
        rules.recorder.forget(2)
        assert "    Closest of 1 call:\n    #4 2024" in str(rules.report())
