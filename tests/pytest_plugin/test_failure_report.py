"""The report section of a failing test: its text, and when it appears."""

from __future__ import annotations

import re
import sys
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
'444444444444', 'EmailAddress': '***'}]) by 123456789012 (access key decodes to 123456789012) in us-east-1 -> \
444444444444: no member -> VERIFICATION_IN_PROGRESS
  ! #2 2026-03-01T12:00:00.000Z ListMembers(GraphArn='<graph 1>') by 222222222222 (access key decodes to 222222222222) \
in us-east-1 -> AccessDeniedException: The request issuer does not have permission to access this resource or perform \
this operation. (222222222222 is a member (ENABLED) of <graph 1>); 444444444444: VERIFICATION_IN_PROGRESS -> INVITED
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


def heads(result: pytest.RunResult) -> list[str]:
    """Return what the only section calls each fake, without the path of a file."""
    (section,) = sections(result)
    parts = [part.partition(": default caller")[0] for part in section.split("\n\n")]
    return [re.sub("/.*/", "", part) for part in parts]


class TestOtherFakes:
    def test_fakes_of_blocks_are_found(self, run: Run) -> None:
        """Active ones first, from the innermost; then those that ended in this test."""
        result = run("""
            from detective_fake import DetectiveFake

            def helper():
                with DetectiveFake(region="eu-west-1"):
                    assert False

            def test_it(detective_fake):
                with DetectiveFake():
                    helper()
        """)
        place = "DetectiveFake started at test_fakes_of_blocks_are_found.py:"
        assert heads(result) == ["detective_fake", f"{place}4", f"{place}8"]

    def test_fakes_of_decorators_are_found(self, run: Run) -> None:
        """A fake used as a decorator is reported, even if the function does not take it as an argument."""
        result = run("""
            from detective_fake import DetectiveFake

            @DetectiveFake()
            def test_it(): assert False
        """)
        assert heads(result) == ["DetectiveFake that decorates test_it"]

    def test_fakes_of_decorated_test_cases_are_found(self, run: Run) -> None:
        """Although the fake has ended when pytest reports the failure."""
        result = run("""
            import unittest
            from detective_fake import DetectiveFake

            @DetectiveFake()
            class OfTestCase(unittest.TestCase):
                def test_it(self): assert False
        """)
        assert heads(result) == ["DetectiveFake that decorates OfTestCase"]

    @pytest.mark.parametrize("kept", ["", "self.fake = "])
    @pytest.mark.parametrize(
        "start",
        [
            pytest.param(
                "self.enterContext(DetectiveFake())",
                marks=pytest.mark.skipif(sys.version_info < (3, 11), reason="enterContext is new in Python 3.11"),
            ),
            "(DetectiveFake(), self.addCleanup(lambda: None))[0]; self.fake.start(); self.addCleanup(self.fake.stop)",
        ],
    )
    def test_fakes_of_set_up_are_found(self, run: Run, kept: str, start: str) -> None:
        """Whether an attribute of the test case holds them or not."""
        line = f"{kept}{start}" if "enterContext" in start else f"self.fake = {start}"
        result = run(f"""
            import unittest
            from detective_fake import DetectiveFake

            class OfTestCase(unittest.TestCase):
                def setUp(self):
                    {line}

                def test_it(self): assert False
        """)
        assert heads(result) == ["DetectiveFake started at test_fakes_of_set_up_are_found.py:6"]

    def test_fakes_of_other_fixtures_are_found(self, run: Run) -> None:
        """An attribute of the fixture's value holds it, or nothing does."""
        result = run("""
            import pytest
            from types import SimpleNamespace
            from detective_fake import DetectiveFake

            @pytest.fixture
            def world():
                with DetectiveFake() as fake:
                    yield SimpleNamespace(fake=fake)

            @pytest.fixture(autouse=True)
            def hidden():
                with DetectiveFake():
                    yield

            def test_it(world): assert False
        """)
        place = "DetectiveFake started at test_fakes_of_other_fixtures_are_found.py:"
        assert heads(result) == [f"{place}7", f"{place}12"]

    def test_only_three_are_shown(self, run: Run) -> None:
        """The last ones: a property test starts many. Those of earlier tests are not."""
        result = run("""
            from detective_fake import DetectiveFake

            def test_before():
                with DetectiveFake(): pass

            def test_it():
                for number in range(9):
                    with DetectiveFake(f"{number:012}"): pass
                assert False
        """)
        (section,) = sections(result)
        callers = [part.partition(": default caller ")[2][:12] for part in section.split("\n\n")]
        assert callers == ["000000000008", "000000000007", "000000000006"]

    def test_a_fake_of_a_marker_says_so(self, run: Run) -> None:
        """If the test requests a wider fixture, which the marker does not apply to."""
        result = run("""
            import pytest

            @pytest.mark.detective_fake(region="eu-west-1")
            def test_it(session_detective_fake):
                assert session_detective_fake.region == "eu-west-1"
        """)
        assert heads(result) == [
            "detective_fake (the marker has started it, because it does not apply to session_detective_fake)",
            "session_detective_fake",
        ]


class TestScopeMismatch:
    @pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
    def test_names_the_fixture_to_use(self, run: Run, scope: str) -> None:
        """Instead of pytest's explanation of scopes alone."""
        result = run(f"""
            import pytest

            @pytest.fixture(scope="{scope}")
            def graph_arn(detective_fake):
                return detective_fake.seed.graph()

            def test_it(graph_arn): pass
        """)
        result.assert_outcomes(errors=1)
        (section,) = sections(result)
        assert section == f"A fixture of scope '{scope}' can use {scope}_detective_fake instead of detective_fake.\n"


class TestMistakes:
    """Tracebacks of `FakeUsageError`."""

    SOURCE = """
        def helper(fake):
            fake.seed.graph("1")

        def test_seed(detective_fake):
            helper(detective_fake)

        def test_call(detective_fake):
            detective_fake.on("ListGraphs")(lambda _: {"Graphs": []})
            detective_fake.client().list_graphs()
    """

    def test_show_no_internal_frames(self, run: Run) -> None:
        """Neither those of this package nor those of botocore."""
        result = run(self.SOURCE)
        result.assert_outcomes(failed=2)
        result.stdout.fnmatch_lines([">*detective_fake.client().list_graphs()"])
        result.stdout.fnmatch_lines([">*helper(detective_fake)", ">*fake.seed.graph(*"])
        result.stdout.no_fnmatch_line("*/botocore/*")
        result.stdout.no_fnmatch_line("*/detective_fake/controls/*")

    def test_are_complete_on_demand(self, run: Run) -> None:
        """With `--full-trace`."""
        run(self.SOURCE, "--full-trace", "-k", "seed").stdout.fnmatch_lines(["*/detective_fake/controls/*"])

    def test_of_unittest_are_short_too(self, run: Run) -> None:
        """Pytest takes those errors from another place."""
        result = run("""
            import unittest
            from detective_fake import DetectiveFake

            class OfTestCase(unittest.TestCase):
                def test_it(self):
                    DetectiveFake().seed.graph("1")
        """)
        result.stdout.fnmatch_lines([">*DetectiveFake().seed.graph(*"])
        result.stdout.no_fnmatch_line("*/detective_fake/controls/*")

    @pytest.mark.parametrize("args", [(), ("--full-trace",)], ids=["short", "full"])
    def test_at_the_import_of_a_test_module_are_short_too(self, run: Run, args: tuple[str, ...]) -> None:
        """For example an unknown option of a decorator."""
        result = run(
            """
            from detective_fake import DetectiveFake

            @DetectiveFake(acount_id="111111111111")
            def test_it(): pass
            """,
            *args,
        )
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*@DetectiveFake(acount_id=*", "E *has no option 'acount_id'; did you mean *"])
        assert ("/detective_fake/options.py" in str(result.stdout)) is bool(args)

    def test_other_errors_at_the_import_are_complete(self, run: Run) -> None:
        """They are not those of this package."""
        result = run("import detective_fake\ndetective_fake.Unknown")
        result.stdout.fnmatch_lines(["*/detective_fake/__init__.py:*", "E *AttributeError: *Unknown*"])


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
