"""The report section of a failing test: its text, and when it appears."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run

LIFE = """
    from datetime import datetime, timezone
    import pytest

    def live(fake):
        fake.clock.freeze(datetime(2026, 3, 1, 12, tzinfo=timezone.utc))
        fake.seed.account("333333333333", daily_volume_bytes=11 * 10**12)
        graph_arn = fake.seed.graph(members={"222222222222": "ENABLED", "333333333333": "ACCEPTED_BUT_DISABLED"})
        accounts = [{"AccountId": "444444444444", "EmailAddress": "lab@example.com"}]
        fake.client().create_members(GraphArn=graph_arn, Accounts=accounts, Message="Welcome")
        with pytest.raises(Exception):
            fake.client("222222222222").list_members(GraphArn=graph_arn)
        fake.faults.add("DeleteMembers", error="ThrottlingException")
        assert fake.graphs == ()
"""

SECTION = """\
detective_fake: default caller 123456789012 in us-east-1, at 2026-03-01T12:00:00.000Z
calls (2):
    #1 2026-03-01T12:00:00.000Z CreateMembers(GraphArn='<graph 1>', Message='***', Accounts=[{'AccountId': \
'444444444444', 'EmailAddress': '***'}]) by 123456789012 (access key decodes to 123456789012) in us-east-1 -> ok
  ! #2 2026-03-01T12:00:00.000Z ListMembers(GraphArn='<graph 1>') by 222222222222 (access key decodes to 222222222222) \
in us-east-1 -> AccessDeniedException: The request issuer does not have permission to access this resource or perform \
this operation.
graphs (1):
  Graph    Administrator  Region     Members  ARN
  graph 1  123456789012   us-east-1  3        \
arn:aws:detective:us-east-1:123456789012:graph:5315acbec33a4fbdafb0abfd972245b7
members (3: 1 ACCEPTED_BUT_DISABLED, 1 INVITED, 1 ENABLED):
  Graph    Account       Status                 Note             Since
  graph 1  333333333333  ACCEPTED_BUT_DISABLED  VOLUME_TOO_HIGH  2026-03-01T12:00:00.000Z
  graph 1  444444444444  INVITED                                 2026-03-01T12:00:00.000Z
  graph 1  222222222222  ENABLED                                 2026-03-01T12:00:00.000Z
pending events (1):
  Due                       Event    In
  2026-03-01T13:00:00.000Z  recheck  graph 1
unused faults (1):
  faults.add('DeleteMembers', error='ThrottlingException')
"""


def sections(result: pytest.RunResult) -> list[str]:
    """Return the sections of this plugin in the output, in order."""
    found: list[str] = []
    inside = False
    for line in result.outlines:
        if line.strip("-") == " detective_fake ":
            inside = True
            found.append("")
        elif line.startswith(("___", "===", "---", "/")):
            inside = False
        elif inside:
            found[-1] += f"{line}\n"
    return found


class TestText:
    def test_shows_calls_state_and_pending_events(self, run: Run) -> None:
        """The section shows calls, state, pending events and unused faults, and masks sensitive values."""
        result = run(f"{LIFE}\n    def test_it(detective_fake):\n        live(detective_fake)", "--tb=short")
        result.assert_outcomes(failed=1)
        assert sections(result) == [SECTION]

    def test_lists_the_innermost_fake_first(self, run: Run) -> None:
        """The section reports every active fake, from the innermost to the outermost."""
        (section,) = sections(
            run("def test_it(session_detective_fake, class_detective_fake, detective_fake): assert False")
        )
        heads = [part.partition(":")[0] for part in section.split("\n\n")]
        assert heads == ["detective_fake", "class_detective_fake", "session_detective_fake"]

    def test_an_error_in_the_report_is_shown_instead(self, run: Run) -> None:
        """An error while the report is built does not hide the failure of the test."""
        result = run("""
            def test_it(detective_fake):
                detective_fake.seed.graph()
                detective_fake.members = None
                raise LookupError("something else")
        """)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E *LookupError: something else", "detective_fake: no report, because of Type*"])


class TestWhen:
    def test_passing_tests_have_no_section(self, run: Run) -> None:
        """The output of a passing run is the same as without this plugin, even with `-rA`."""
        source = """
            def test_it(FIXTURES):
                print("seen")
        """
        with_fakes = run(source.replace("FIXTURES", "detective_fake, session_detective_fake"), "-rA")
        without = run(source.replace("FIXTURES", ""), "-rA")
        assert with_fakes.outlines[3:-1] == without.outlines[3:-1]
        with_fakes.assert_outcomes(passed=1)

    def test_tests_without_a_fake_have_no_section(self, run: Run) -> None:
        """A failing test without a fake has no section, even if an earlier test used a fake."""
        result = run("""
            def test_with(detective_fake): pass
            def test_without(): assert False
        """)
        result.assert_outcomes(passed=1, failed=1)
        assert sections(result) == []

    def test_expected_failures_have_no_section(self, run: Run) -> None:
        """A test that fails as expected has no section, even with `-rA`."""
        result = run(
            """
            import pytest

            @pytest.mark.xfail
            def test_it(detective_fake): assert False
        """,
            "-rA",
        )
        result.assert_outcomes(xfailed=1)
        assert sections(result) == []

    def test_strict_unexpected_passes_have_a_section(self, run: Run) -> None:
        """A strict xfail test that passes has a section, although there is no exception."""
        result = run("""
            import pytest

            @pytest.mark.xfail(strict=True)
            def test_it(detective_fake): pass
        """)
        result.assert_outcomes(failed=1)
        assert len(sections(result)) == 1

    @pytest.mark.parametrize("scope", ["", "module_"])
    @pytest.mark.parametrize("phase", ["setup", "teardown"])
    def test_errors_of_other_fixtures_have_a_section(self, run: Run, scope: str, phase: str) -> None:
        """An error in another fixture has a section, even if the fake has already been stopped."""
        result = run(
            f"""
            import pytest

            @pytest.fixture
            def other():
                if {phase == "setup"}:
                    raise LookupError
                yield
                raise LookupError

            def test_it(other, {scope}detective_fake): pass
            def test_that(detective_fake, other): pass
        """.replace("def test_it(other, module_", "def test_it(module_").replace(
                "def test_it(module_detective_fake)", "def test_it(module_detective_fake, other)"
            )
        )
        assert result.parseoutcomes()["errors"] == 2
        assert [section.partition(":")[0] for section in sections(result)][-1] == "detective_fake"

    def test_each_failing_subtest_has_a_section(self, run: Run) -> None:
        """Every failing subtest has its own report, and each report has a section."""
        result = run("""
            import unittest, pytest

            @pytest.mark.usefixtures("detective_fake")
            class OfTestCase(unittest.TestCase):
                def test_it(self):
                    for number in range(2):
                        with self.subTest(number=number):
                            self.assertEqual(number, 2)
        """)
        assert len(sections(result)) == (2 if pytest.version_tuple >= (9, 0) else 1)


class TestTracebacks:
    def test_do_not_include_this_plugin(self, run: Run, pytester: pytest.Pytester) -> None:
        """Tracebacks leave out this plugin, even for errors raised outside the test function."""
        pytester.makeconftest("""
            def pytest_pyfunc_call():
                raise LookupError("elsewhere")
        """)
        result = run("def test_it(): pass")
        result.stdout.fnmatch_lines(["E *LookupError: elsewhere"])
        result.stdout.no_fnmatch_line("*detective_fake*")


class TestOtherFakes:
    def test_fakes_in_local_variables_are_found(self, run: Run) -> None:
        """Fakes in local variables are reported, even after their `with` block has ended."""
        result = run("""
            from detective_fake import DetectiveFake

            def helper():
                with DetectiveFake(region="eu-west-1") as fake:
                    assert False

            def test_it(detective_fake):
                same = detective_fake
                with DetectiveFake() as outer:
                    helper()
        """)
        (section,) = sections(result)
        assert [part.partition(" in ")[0] for part in section.split("\n\n")] == [
            "detective_fake: default caller 123456789012",
            "outer",
            "fake",
        ]
        assert "fake in helper(): default caller 123456789012 in eu-west-1, at " in section

    def test_fakes_of_decorators_are_found(self, run: Run) -> None:
        """A fake used as a decorator is reported, even if the function does not take it as an argument."""
        result = run("""
            from detective_fake import DetectiveFake

            @DetectiveFake()
            def test_it(): assert False
        """)
        (section,) = sections(result)
        assert section.startswith("fake in call(): default caller 123456789012 in us-east-1, at ")

    def test_local_variables_are_not_accessed(self, run: Run) -> None:
        """Looking for fakes accesses neither `__class__` of a proxy nor the custom namespace of a class body."""
        result = run("""
            import detective_fake.fake

            class Proxy:
                __class__ = property(lambda self: 1 / 0)

            class Namespace:
                def __setitem__(self, name, value): pass
                def __getitem__(self, name): raise KeyError(name)

            class Meta(type):
                __prepare__ = classmethod(lambda *_: Namespace())

            def test_it():
                proxy = Proxy()
                class Body(metaclass=Meta):
                    raise LookupError("something else")
        """)
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E *LookupError: something else"])
        assert sections(result) == []


class TestElsewhere:
    LIFE = f"{LIFE}\n    def test_it(detective_fake):\n        live(detective_fake)"

    def test_xdist_workers_send_the_section(self, run: Run) -> None:
        """The section is part of the report that a worker of pytest-xdist sends."""
        result = run(self.LIFE, "-n1", "--tb=short", plugins=("xdist",))
        result.assert_outcomes(failed=1)
        assert sections(result) == [SECTION]

    def test_works_without_the_terminal_plugin(self, run: Run) -> None:
        """The plugin works if the terminal plugin of pytest is disabled."""
        assert run(self.LIFE, "-p", "no:terminal").ret is pytest.ExitCode.TESTS_FAILED

    def test_junit_xml_can_be_written(self, run: Run, pytester: pytest.Pytester) -> None:
        """A JUnit XML report can be written for a failing test that has a section."""
        run(self.LIFE, "--junitxml=report.xml", "-o", "junit_logging=all").assert_outcomes(failed=1)
        assert 'failures="1"' in (pytester.path / "report.xml").read_text("utf-8")

    def test_the_report_changes_no_state(self, run: Run, pytester: pytest.Pytester) -> None:
        """Events that were pending when the test failed are still pending after the report."""
        pytester.makeconftest("""
            import pytest

            @pytest.hookimpl(wrapper=True, tryfirst=True)
            def pytest_runtest_makereport(item, call):
                if call.when != "call":
                    return (yield)
                fake = item.funcargs["detective_fake"]
                before = fake.snapshot(), len(fake.calls)
                report = yield
                assert (fake.snapshot(), len(fake.calls)) == before
                assert len(fake.pending) == 2
                return report
        """)
        run("""
            def test_it(detective_fake):
                arn = detective_fake.seed.graph(members={f"{n:012}": "VERIFICATION_IN_PROGRESS" for n in (1, 2)})
                assert False
        """).assert_outcomes(failed=1)
