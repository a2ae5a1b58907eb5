"""The setting `detective_fake_guard`: no Detective call leaves the test process, and no fake is left active."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run

KEYS = 'aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"'


@pytest.fixture
def guarded(pytester: pytest.Pytester) -> None:
    """Turn the guard on."""
    pytester.makeini("[pytest]\ndetective_fake_guard = true")


@pytest.mark.usefixtures("guarded")
class TestCalls:
    def test_outside_of_a_fake_are_refused(self, run: Run) -> None:
        """The message names the test and says what to do."""
        result = run(f"""
            import boto3

            def test_it():
                boto3.client("detective", {KEYS}).list_graphs()
        """)
        result.assert_outcomes(failed=1)
        refusal = "E *test_outside_of_a_fake_are_refused.py::test_it (call) has made the Detective call ListGraphs "
        result.stdout.fnmatch_lines([f"{refusal}while no fake was active; *Request the fixture *"])

    def test_outside_of_a_test_are_refused(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """For example in a module that pytest imports."""
        monkeypatch.delenv("PYTEST_CURRENT_TEST")
        result = run(f"""
            import boto3
            boto3.client("detective", {KEYS}).list_graphs()
        """)
        result.stdout.fnmatch_lines(
            ["E *FakeUsageError: Code outside of a test has made the Detective call ListGraphs*"]
        )

    def test_of_fakes_and_stubs_are_answered(self, run: Run) -> None:
        """A Stubber has its say, as without the guard. So have other services."""
        run(f"""
            import boto3
            from botocore.stub import Stubber
            from moto import mock_aws

            def test_fake(detective_fake):
                assert boto3.client("detective").list_graphs()["GraphList"] == []

            def test_stub():
                client = boto3.client("detective", {KEYS})
                with Stubber(client) as stubber:
                    stubber.add_response("list_graphs", {{"GraphList": []}})
                    client.list_graphs()

            def test_moto():
                with mock_aws():
                    assert boto3.client("sts", {KEYS}).get_caller_identity()
        """).assert_outcomes(passed=3)


class TestWithoutTheSetting:
    def test_calls_are_not_refused(self, run: Run) -> None:
        """They would be sent. A fake may stay active."""
        run(f"""
            import boto3, pytest
            from detective_fake import DetectiveFake

            def test_call():
                client = boto3.client("detective", {KEYS})

                def stop(request, **_):
                    raise LookupError("would be sent")

                client.meta.events.register("before-send", stop)
                with pytest.raises(LookupError, match="would be sent"):
                    client.list_graphs()

            fake = DetectiveFake()

            def test_start(): fake.start()
            def test_stop(): fake.stop()
        """).assert_outcomes(passed=3)


@pytest.mark.usefixtures("guarded")
class TestActiveFakes:
    @pytest.mark.parametrize("place", ["test", "fixture"])
    def test_that_a_test_leaves_are_an_error(self, run: Run, place: str) -> None:
        """The error names the line that started it. The next test starts without it."""
        result = run(f"""
            import pytest
            from detective_fake import DetectiveFake

            @pytest.fixture
            def team():
                if {place == "fixture"}:
                    DetectiveFake().start()

            def test_it(team):
                if {place == "test"}:
                    DetectiveFake().start()

            def test_next(detective_fake): pass
        """)
        result.assert_outcomes(passed=2, errors=1)
        line = 7 if place == "fixture" else 11
        result.stdout.fnmatch_lines(
            [
                "_* ERROR at teardown of test_it _*",
                f"Not stopped at the end of the test: DetectiveFake started at *_leaves_are_an_error.py:{line}. *",
            ]
        )

    @pytest.mark.parametrize("scope", ["class", "module", "session"])
    def test_that_a_wider_fixture_leaves_are_an_error_at_its_end(self, run: Run, scope: str) -> None:
        """The last test of the scope names the line that started it. A fixture that stops its fake is no error."""
        result = run(f"""
            import pytest
            from detective_fake import DetectiveFake

            @pytest.fixture(scope="{scope}")
            def team(session_detective_fake):
                with DetectiveFake():
                    DetectiveFake().start()
                    yield

            class TestTeam:
                def test_first(self, team): pass
                def test_last(self, team): pass
        """)
        result.assert_outcomes(passed=2, errors=1)
        result.stdout.fnmatch_lines(
            [
                "_* ERROR at teardown of TestTeam.test_last _*",
                f"Not stopped at the end of the {scope}: DetectiveFake started at *_at_its_end.py:7. Use it *",
            ]
        )

    def test_are_also_stopped_if_a_fixture_fails(self, run: Run) -> None:
        """That error is reported: it may be the reason. The next test starts without them."""
        result = run(f"""
            import pytest
            from boto3 import client
            from detective_fake import DetectiveFake, FakeUsageError

            @pytest.fixture
            def team():
                DetectiveFake().start()
                yield
                raise LookupError("team")

            def test_it(team): pass
            def test_next(detective_fake):
                detective_fake.stop()
                with pytest.raises(FakeUsageError, match="while no fake was active"):
                    client("detective", {KEYS}).list_graphs()
        """)
        result.assert_outcomes(passed=2, errors=1)
        result.stdout.fnmatch_lines(["E *LookupError: team"])

    def test_of_wider_fixtures_and_modules_may_stay(self, run: Run) -> None:
        """They stop later."""
        run("""
            import pytest
            from detective_fake import DetectiveFake

            early = DetectiveFake()
            early.start()

            @pytest.fixture(scope="module")
            def world():
                with DetectiveFake() as fake:
                    yield fake

            def test_first(world): pass
            def test_second(world, session_detective_fake): pass
            def test_last(request):
                request.getfixturevalue("class_detective_fake")

            @pytest.fixture(scope="module", autouse=True)
            def stopped():
                yield
                early.stop()
        """).assert_outcomes(passed=3)
