"""Faults that no call has met: an error where the test itself was fine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run

FAULT = 'detective_fake.faults.add("CreateMembers", error="ThrottlingException")'


class TestOfATest:
    def test_fail_it_in_its_call_phase(self, run: Run) -> None:
        """One failure and no error, without a traceback: the fault is named, and the call that came closest."""
        result = run(f"""
            def test_it(detective_fake):
                {FAULT}
                detective_fake.client().list_graphs()
        """)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "_* test_it _*",
                "A fault was never met:",
                "  faults.add('CreateMembers', error='ThrottlingException')",
                "    Closest of 1 call:",
                "    #1 * ListGraphs() by 123456789012 *",
                "*operation: expected 'CreateMembers', was 'ListGraphs'",
                '*make the fake with unmet_faults="ignore".',
                "-* detective_fake -*",
            ],
            consecutive=True,
        )

    def test_are_not_mentioned_where_it_has_failed_already(self, run: Run) -> None:
        """The failure is why the fault was not met; the section still lists it."""
        result = run(f"""
            def test_it(detective_fake):
                {FAULT}
                raise LookupError("something else")
        """)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E *LookupError: something else"])
        result.stdout.no_fnmatch_line("*never met*")
        result.stdout.fnmatch_lines(["unmet faults (1):", "  faults.add('CreateMembers', error='ThrottlingException')"])

    def test_are_not_mentioned_where_it_is_skipped(self, run: Run) -> None:
        """It has not come so far."""
        run(f"""
            import pytest

            def test_it(detective_fake):
                {FAULT}
                pytest.skip("not today")
        """).assert_outcomes(skipped=1)

    def test_are_what_an_expected_failure_may_be(self, run: Run) -> None:
        """As any other failure of the call phase."""
        run(f"""
            import pytest

            @pytest.mark.xfail(strict=True)
            def test_it(detective_fake):
                {FAULT}
        """).assert_outcomes(xfailed=1)

    @pytest.mark.parametrize("scope", ["", "class_"])
    def test_are_nothing_where_they_are_to_be_ignored(self, run: Run, scope: str) -> None:
        """By marker or setting."""
        run(f"""
            import pytest

            @pytest.mark.detective_fake(unmet_faults="ignore")
            def test_it({scope}detective_fake):
                {scope}{FAULT}
        """).assert_outcomes(passed=1)

    def test_are_found_where_the_fake_was_asked_for_in_the_middle(self, run: Run) -> None:
        """By `request.getfixturevalue`, in the first test of all."""
        run(f"""
            def test_it(request):
                detective_fake = request.getfixturevalue("detective_fake")
                {FAULT}
        """).assert_outcomes(failed=1)

    def test_fail_a_unittest_that_passed(self, run: Run) -> None:
        """And leave alone one that failed."""
        result = run(f"""
            import unittest, pytest

            class OfTestCase(unittest.TestCase):
                @pytest.fixture(autouse=True)
                def _fake(self, detective_fake):
                    {FAULT}

                def test_passes(self):
                    pass

                def test_fails(self):
                    raise LookupError("something else")
        """)
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines(["E *LookupError: something else"])
        result.stdout.fnmatch_lines(["_* OfTestCase.test_passes _*", "A fault was never met:"], consecutive=True)


class TestOfWiderScopes:
    MODULE = f"""
        def test_adds_it(module_detective_fake):
            module_{FAULT}

        def test_comes_later(module_detective_fake):
            CODE
    """

    def test_are_an_error_when_the_scope_ends(self, run: Run) -> None:
        """Any test in it could have met them."""
        result = run(self.MODULE.replace("CODE", "module_detective_fake.client().list_graphs()"))
        result.assert_outcomes(passed=2, errors=1)
        result.stdout.fnmatch_lines(
            ["_* ERROR at teardown of test_comes_later _*", "A fault was never met:"], consecutive=True
        )

    def test_may_be_met_in_a_later_test(self, run: Run) -> None:
        """That is what a wider scope is for."""
        called = f"module_{FAULT.replace('CreateMembers', 'ListGraphs')}"
        source = self.MODULE.replace(f"module_{FAULT}", called)
        run(source.replace("CODE", "module_detective_fake.client().list_graphs()")).assert_outcomes(passed=2)

    def test_are_not_mentioned_where_a_test_has_failed_meanwhile(self, run: Run) -> None:
        """It may be the one that should have met them."""
        run(self.MODULE.replace("CODE", "raise LookupError")).assert_outcomes(passed=1, failed=1)
