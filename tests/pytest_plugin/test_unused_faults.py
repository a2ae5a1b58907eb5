"""Unused faults fail a test that passed otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run

FAULT = 'detective_fake.faults.add("CreateMembers", error="ThrottlingException")'


class TestOfATest:
    def test_fail_the_test_in_its_call_phase(self, run: Run) -> None:
        """An unused fault is one failure without a traceback. It shows the fault and the closest call."""
        result = run(f"""
            def test_it(detective_fake):
                {FAULT}
                detective_fake.client().list_graphs()
        """)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(
            [
                "_* test_it _*",
                "1 fault was never used:",
                "  faults.add('CreateMembers', error='ThrottlingException')",
                "    Closest of 1 call:",
                "    #1 * ListGraphs() by 123456789012 *",
                "*operation: expected 'CreateMembers', was 'ListGraphs'",
                "    Added at *test_fail_the_test_in_its_call_phase.py:2.",
                '*create the fake with unused_faults="ignore".',
                "  See https://*/unused-faults",
                "-* detective_fake -*",
            ],
            consecutive=True,
        )

    def test_are_not_reported_after_another_failure(self, run: Run) -> None:
        """A failure may be why a fault was not used. The section on the fake still lists the fault."""
        result = run(f"""
            def test_it(detective_fake):
                {FAULT}
                raise LookupError("something else")
        """)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E *LookupError: something else"])
        result.stdout.no_fnmatch_line("*never used*")
        result.stdout.fnmatch_lines(["unused faults (1):", "  faults.add('CreateMembers', *"])

    def test_are_not_reported_for_a_skipped_test(self, run: Run) -> None:
        """A test that is skipped after it added a fault is still a skipped test."""
        run(f"""
            import pytest

            def test_it(detective_fake):
                {FAULT}
                pytest.skip("not today")
        """).assert_outcomes(skipped=1)

    def test_can_be_an_expected_failure(self, run: Run) -> None:
        """The xfail marker applies to unused faults as to any other failure in the call phase."""
        run(f"""
            import pytest

            @pytest.mark.xfail(strict=True)
            def test_it(detective_fake):
                {FAULT}
        """).assert_outcomes(xfailed=1)

    @pytest.mark.parametrize("scope", ["", "class_"])
    def test_can_be_ignored(self, run: Run, scope: str) -> None:
        """The option `unused_faults="ignore"` turns the check off."""
        run(f"""
            import pytest

            @pytest.mark.detective_fake(unused_faults="ignore")
            def test_it({scope}detective_fake):
                {scope}{FAULT}
        """).assert_outcomes(passed=1)

    def test_are_found_if_the_fixture_is_requested_during_the_test(self, run: Run) -> None:
        """A fake from `request.getfixturevalue` is checked as well."""
        run(f"""
            def test_it(request):
                detective_fake = request.getfixturevalue("detective_fake")
                {FAULT}
        """).assert_outcomes(failed=1)

    def test_fail_a_unittest_that_passed(self, run: Run) -> None:
        """A passing unittest method fails, and a failing one keeps its own failure."""
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
        result.stdout.fnmatch_lines(["_* OfTestCase.test_passes _*", "1 fault was never used:"], consecutive=True)


class TestOfWiderScopes:
    MODULE = f"""
        def test_adds_it(module_detective_fake):
            module_{FAULT}

        def test_comes_later(module_detective_fake):
            CODE
    """

    def test_are_an_error_when_the_scope_ends(self, run: Run) -> None:
        """A fault of a wider scope is checked at the end of the scope, because any test in it could use the fault."""
        result = run(self.MODULE.replace("CODE", "module_detective_fake.client().list_graphs()"))
        result.assert_outcomes(passed=2, errors=1)
        result.stdout.fnmatch_lines(
            ["_* ERROR at teardown of test_comes_later _*", "1 fault was never used:"], consecutive=True
        )

    def test_can_be_used_in_a_later_test(self, run: Run) -> None:
        """A later test in the same scope can use the fault."""
        called = f"module_{FAULT.replace('CreateMembers', 'ListGraphs')}"
        source = self.MODULE.replace(f"module_{FAULT}", called)
        run(source.replace("CODE", "module_detective_fake.client().list_graphs()")).assert_outcomes(passed=2)

    def test_are_not_reported_if_a_test_in_the_scope_failed(self, run: Run) -> None:
        """The failed test may be the one that should have used the fault."""
        run(self.MODULE.replace("CODE", "raise LookupError")).assert_outcomes(passed=1, failed=1)
