"""Settings of the configuration file, and `--detective-fake-wire`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run

EVERYTHING = """
    [pytest]
    detective_fake_account_id = 000000000001
    detective_fake_region = eu-west-1
    detective_fake_seed = 7
    detective_fake_wire = yes
    detective_fake_hermetic = no
    detective_fake_page_size = 2
    detective_fake_timings =
        verification = 1 hour 30 minutes
        enabling = 90
        investigation = settle
    detective_fake_quotas =
        members_per_graph = 3
        investigation_token_lifetime = 5 minutes
    detective_fake_scenario = data/team.toml
    detective_fake_unmet_faults = ignore
    detective_fake_real_backoff = true
    detective_fake_disabled_may_leave = on
    detective_fake_missing_regions = allow
"""

PRINT_OPTIONS = """
    def test_it(detective_fake):
        for name, value in detective_fake._options.items():
            print(f"{name}={value!r}")
"""


class TestSettings:
    def test_there_is_one_for_each_option(self, run: Run, pytester: pytest.Pytester) -> None:
        """Numbers, switches and durations are read as such."""
        scenario = pytester.mkdir("data") / "team.toml"
        scenario.write_text("format = 1", "utf-8")
        pytester.makeini(EVERYTHING)
        run(PRINT_OPTIONS, "-s").stdout.fnmatch_lines(
            [
                "*account_id='000000000001'",
                "region='eu-west-1'",
                "seed=7",
                "wire=True",
                "hermetic=False",
                "page_size=2",
                "timings=Timings(verification=*(seconds=5400), enabling=*(seconds=90), investigation=None, *)",
                "quotas=Quotas(members_per_graph=3, *, investigation_token_lifetime=*(seconds=300))",
                f"scenario='{scenario}'",
                "unmet_faults='ignore'",
                "real_backoff=True",
                "disabled_may_leave=True",
                "missing_regions='allow'",
            ]
        )

    def test_what_none_says_is_left_to_the_fake(self, run: Run) -> None:
        """A fake without options is the same."""
        run("""
            from detective_fake import DetectiveFake

            def test_it(detective_fake):
                assert detective_fake._options == DetectiveFake()._options
        """).assert_outcomes(passed=1)

    def test_hold_for_every_scope(self, run: Run, pytester: pytest.Pytester) -> None:
        """Also where no marker is seen."""
        pytester.makeini("[pytest]\ndetective_fake_account_id = 111111111111")
        run("""
            def test_it(package_detective_fake, session_detective_fake):
                assert package_detective_fake.account_id == session_detective_fake.account_id == "111111111111"
        """).assert_outcomes(passed=1)

    @pytest.mark.skipif(pytest.version_tuple < (9, 0), reason="pytest reads such a table from 9.0 on")
    def test_of_a_native_toml_table_have_its_types(self, run: Run, pytester: pytest.Pytester) -> None:
        """A number is a number, and a list of lines a list of strings."""
        pytester.makepyprojecttoml("""
            [tool.pytest]
            detective_fake_seed = 7
            detective_fake_wire = true
            detective_fake_timings = ["enabling = 1 day"]
        """)
        run(PRINT_OPTIONS, "-s").stdout.fnmatch_lines(
            ["*seed=7", "wire=True", "timings=Timings(*enabling=*(days=1), *)"]
        )

    def test_name_files_from_the_folder_of_the_configuration_file(self, run: Run, pytester: pytest.Pytester) -> None:
        """Wherever pytest is started."""
        folder = pytester.mkdir("settings")
        (folder / "team.toml").write_text("format = 1", "utf-8")
        (folder / "pytest.ini").write_text("[pytest]\ndetective_fake_scenario = team.toml", "utf-8")
        result = run(PRINT_OPTIONS, "-s", "-c", "settings/pytest.ini")
        result.stdout.fnmatch_lines([f"scenario='{folder / 'team.toml'}'"])

    def test_without_such_a_file_name_files_from_where_pytest_is_started(
        self, run: Run, pytester: pytest.Pytester
    ) -> None:
        """As other paths on the command line."""
        scenario = pytester.makefile(".toml", team="format = 1")
        result = run(PRINT_OPTIONS, "-s", "-o", "detective_fake_scenario=team.toml")
        result.stdout.fnmatch_lines([f"scenario='{scenario}'"])

    def test_may_be_overridden(self, run: Run) -> None:
        """For one run."""
        run(PRINT_OPTIONS, "-s", "-o", "detective_fake_seed=8").stdout.fnmatch_lines(["seed=8"])


class TestMistakes:
    @pytest.mark.parametrize(
        ("setting", "says"),
        [
            (
                "acount_id = 1",
                "There is no setting 'detective_fake_acount_id'; did you mean 'detective_fake_account_id'?",
            ),
            ("wire = maybe", "The setting detective_fake_wire takes true or false: *"),
            ("seed = one", "The setting detective_fake_seed takes a whole number: *"),
            ("page_size = 1.5", "The setting detective_fake_page_size takes a whole number: *"),
            (
                "timings = verification = soon",
                "The setting detective_fake_timings takes *: 'verification = soon' is none of these",
            ),
            ("timings = verification", "The setting detective_fake_timings takes *: 'verification' is none of these"),
            (
                "quotas = members_per_graph = 3 apples",
                "The setting detective_fake_quotas takes *: 'members_per_graph = 3 apples' is none of these",
            ),
        ],
    )
    @pytest.mark.parametrize("place", ["file", "command line"])
    def test_end_the_run_before_it_begins(
        self, run: Run, pytester: pytest.Pytester, place: str, setting: str, says: str
    ) -> None:
        """With pytest's exit code for wrong usage."""
        given = f"detective_fake_{setting}"
        if place == "file":
            pytester.makeini(f"[pytest]\n{given}")
        result = run("def test_it(): pass", *(["-o", given.replace(" = ", "=", 1)] if place != "file" else []))
        assert result.ret is pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: {says}"])

    def test_of_values_are_named_where_a_test_asks_for_a_fake(self, run: Run, pytester: pytest.Pytester) -> None:
        """Only a fake knows what an account id is."""
        pytester.makeini("[pytest]\ndetective_fake_account_id = 1")
        result = run("def test_it(detective_fake): pass")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["detective_fake: An AWS account id is a string of twelve digits, not '1'."])


class TestWireFlag:
    WAYS = """
        import pytest

        def way(fake):
            fake.client().list_graphs()
            return fake.calls[-1].path

        def test_flag(detective_fake):
            assert way(detective_fake) == "wire"

        def test_flag_and_a_wider_scope(session_detective_fake):
            assert way(session_detective_fake) == "wire"

        @pytest.mark.detective_fake(wire=False)
        def test_marker(detective_fake):
            assert way(detective_fake) == "short"

        @pytest.mark.detective_fake(seed=2)
        def test_another_marker(detective_fake):
            assert way(detective_fake) == "wire"
    """

    def test_lets_every_fixture_take_the_wire_but_where_a_marker_says_otherwise(self, run: Run) -> None:
        """A test that asserts the short path says so itself."""
        run(self.WAYS, "--detective-fake-wire").assert_outcomes(passed=4)

    def test_goes_before_the_configuration_file(self, run: Run, pytester: pytest.Pytester) -> None:
        """It is given for one run."""
        pytester.makeini("[pytest]\ndetective_fake_wire = false")
        run(self.WAYS, "--detective-fake-wire").assert_outcomes(passed=4)

    def test_without_it_calls_take_the_short_path(self, run: Run) -> None:
        """The same tests tell."""
        run(self.WAYS).assert_outcomes(passed=1, failed=3)
