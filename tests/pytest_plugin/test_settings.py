"""Settings in the configuration file, and the flag `--detective-fake-wire`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run

EVERYTHING = """
    [pytest]
    detective_fake_account_id = 000000000001
    detective_fake_region = eu-west-1
    detective_fake_id_seed = 7
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
    detective_fake_unused_faults = ignore
    detective_fake_real_backoff = true
    detective_fake_follow_moto = true
    detective_fake_behavior =
        administrator_listed = true
        disabled_may_leave = false
    detective_fake_missing_regions = allow
"""

PRINT_OPTIONS = """
    def test_it(detective_fake):
        for name, value in vars(detective_fake._options).items():
            print(f"{name}={value!r}")
"""


class TestSettings:
    def test_every_option_has_a_setting(self, run: Run, pytester: pytest.Pytester) -> None:
        """Settings are converted to numbers, booleans and durations."""
        scenario = pytester.mkdir("data") / "team.toml"
        scenario.write_text("graph = []", "utf-8")
        pytester.makeini(EVERYTHING)
        run(PRINT_OPTIONS, "-s").stdout.fnmatch_lines(
            [
                "*account_id='000000000001'",
                "region='eu-west-1'",
                "id_seed=7",
                "wire=True",
                "hermetic=False",
                "profiles=None",
                "page_size=2",
                "timings=Timings(verification=*(seconds=5400), enabling=*(seconds=90), investigation=None, *)",
                "quotas=Quotas(members_per_graph=3, *, investigation_token_lifetime=*(seconds=300))",
                f"scenario='{scenario}'",
                "unused_faults='ignore'",
                "real_backoff=True",
                "behavior=Behavior(*, administrator_listed=True, disabled_may_leave=False, *)",
                "follow_moto=True",
                "missing_regions='allow'",
            ]
        )

    def test_profiles(self, run: Run, pytester: pytest.Pytester) -> None:
        """One in each line: name, account and, if wanted, Region."""
        lines = "detective_fake_profiles =\n    member = 222222222222\n    audit = 333333333333 eu-west-1\n"
        pytester.makeini(f"[pytest]\n{lines}")
        run("""
            import boto3

            def test_it(detective_fake):
                for name in ("member", "audit"):
                    boto3.Session(profile_name=name).client("detective").list_graphs()
                callers = [(call.account_id, call.region) for call in detective_fake.calls]
                assert callers == [("222222222222", "us-east-1"), ("333333333333", "eu-west-1")]
        """).assert_outcomes(passed=1)

    def test_defaults_are_those_of_the_constructor(self, run: Run) -> None:
        """Without settings, the fixture has the same options as `DetectiveFake()`."""
        run("""
            from detective_fake import DetectiveFake

            def test_it(detective_fake):
                assert vars(detective_fake._options) == vars(DetectiveFake()._options)
        """).assert_outcomes(passed=1)

    def test_settings_apply_to_every_scope(self, run: Run, pytester: pytest.Pytester) -> None:
        """Settings also apply to fixtures that ignore markers."""
        pytester.makeini("[pytest]\ndetective_fake_account_id = 111111111111")
        run("""
            def test_it(package_detective_fake, session_detective_fake):
                assert package_detective_fake.account_id == session_detective_fake.account_id == "111111111111"
        """).assert_outcomes(passed=1)

    @pytest.mark.skipif(pytest.version_tuple < (9, 0), reason="pytest reads such a table from 9.0 on")
    def test_settings_in_a_toml_table_have_toml_types(self, run: Run, pytester: pytest.Pytester) -> None:
        """In `[tool.pytest]`, numbers are integers and lines are lists of strings."""
        pytester.makepyprojecttoml("""
            [tool.pytest]
            detective_fake_id_seed = 7
            detective_fake_wire = true
            detective_fake_timings = ["enabling = 1 day"]
        """)
        run(PRINT_OPTIONS, "-s").stdout.fnmatch_lines(
            ["*id_seed=7", "wire=True", "timings=Timings(*enabling=*(days=1), *)"]
        )

    def test_paths_are_relative_to_the_configuration_file(self, run: Run, pytester: pytest.Pytester) -> None:
        """A path in a setting does not depend on the directory in which pytest starts."""
        folder = pytester.mkdir("settings")
        (folder / "team.toml").write_text("graph = []", "utf-8")
        (folder / "pytest.ini").write_text("[pytest]\ndetective_fake_scenario = team.toml", "utf-8")
        result = run(PRINT_OPTIONS, "-s", "-c", "settings/pytest.ini")
        result.stdout.fnmatch_lines([f"scenario='{folder / 'team.toml'}'"])

    def test_paths_are_relative_to_the_working_directory_without_a_file(
        self, run: Run, pytester: pytest.Pytester
    ) -> None:
        """Without a configuration file, a path is relative to the working directory."""
        scenario = pytester.makefile(".toml", team="graph = []")
        result = run(PRINT_OPTIONS, "-s", "-o", "detective_fake_scenario=team.toml")
        result.stdout.fnmatch_lines([f"scenario='{scenario}'"])

    def test_settings_can_be_overridden(self, run: Run) -> None:
        """`--override-ini` changes a setting for one run."""
        run(PRINT_OPTIONS, "-s", "-o", "detective_fake_id_seed=8").stdout.fnmatch_lines(["id_seed=8"])


class TestMistakes:
    @pytest.mark.parametrize(
        ("setting", "says"),
        [
            (
                "acount_id = 1",
                "There is no setting 'detective_fake_acount_id'; did you mean 'detective_fake_account_id'?",
            ),
            ("wire = maybe", "The setting detective_fake_wire must be true or false: *"),
            ("id_seed = one", "The setting detective_fake_id_seed must be a whole number: *"),
            ("page_size = 1.5", "The setting detective_fake_page_size must be a whole number of at least 1: *"),
            (
                "timings = verification = soon",
                "The setting detective_fake_timings must be *: cannot read 'verification = soon'",
            ),
            ("timings = verification", "The setting detective_fake_timings must be *: cannot read 'verification'"),
            (
                "quotas = members_per_graph = 3 apples",
                "The setting detective_fake_quotas must be *: cannot read 'members_per_graph = 3 apples'",
            ),
        ],
    )
    @pytest.mark.parametrize("place", ["file", "command line"])
    def test_invalid_settings_end_the_run(
        self, run: Run, pytester: pytest.Pytester, place: str, setting: str, says: str
    ) -> None:
        """An unknown or malformed setting is a usage error of pytest."""
        given = f"detective_fake_{setting}"
        if place == "file":
            pytester.makeini(f"[pytest]\n{given}")
        result = run("def test_it(): pass", *(["-o", given.replace(" = ", "=", 1)] if place != "file" else []))
        assert result.ret is pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: {says}"])

    def test_invalid_values_fail_the_tests_that_use_a_fake(self, run: Run, pytester: pytest.Pytester) -> None:
        """An invalid account ID fails only tests with a fake, because only the fake checks it."""
        pytester.makeini("[pytest]\ndetective_fake_account_id = 1")
        result = run("def test_it(detective_fake): pass")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["detective_fake: *not '1'*"])


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

        @pytest.mark.detective_fake(id_seed=2)
        def test_another_marker(detective_fake):
            assert way(detective_fake) == "wire"
    """

    def test_selects_the_wire_path_unless_a_marker_overrides_it(self, run: Run) -> None:
        """The flag applies to all fakes except those whose marker sets `wire`."""
        run(self.WAYS, "--detective-fake-wire").assert_outcomes(passed=4)

    def test_overrides_the_configuration_file(self, run: Run, pytester: pytest.Pytester) -> None:
        """The flag overrides `detective_fake_wire` in the configuration file."""
        pytester.makeini("[pytest]\ndetective_fake_wire = false")
        run(self.WAYS, "--detective-fake-wire").assert_outcomes(passed=4)

    def test_without_the_flag_calls_take_the_short_path(self, run: Run) -> None:
        """Without the flag, the tests that expect the wire path fail."""
        run(self.WAYS).assert_outcomes(passed=1, failed=3)
