"""The fixtures: one for each scope, each with a new and empty fake, which can be nested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run


class TestFixture:
    def test_each_test_has_a_new_fake(self, run: Run) -> None:
        """Existing clients call the new fake, and one test does not see the state of another."""
        run("""
            import boto3, pytest

            CLIENT = boto3.client("detective", "us-east-1", aws_access_key_id="key", aws_secret_access_key="secret")

            @pytest.mark.parametrize("number", range(2))
            def test_empty(detective_fake, number):
                assert CLIENT.list_graphs()["GraphList"] == []
                CLIENT.create_graph()
                assert [graph.administrator_id for graph in detective_fake.graphs] == ["123456789012"]
        """).assert_outcomes(passed=2)

    def test_can_be_requested_during_a_test(self, run: Run) -> None:
        """`request.getfixturevalue` starts a fake during a test."""
        run("""
            def test_late(request):
                fake = request.getfixturevalue("detective_fake")
                assert fake.client().list_graphs()["GraphList"] == []
        """).assert_outcomes(passed=1)

    def test_is_stopped_if_the_test_fails(self, run: Run) -> None:
        """A failing test leaves botocore unchanged for the next one."""
        run("""
            from botocore.hooks import EventAliaser

            ORIGINAL = EventAliaser.emit_until_response

            def test_fails(detective_fake):
                assert EventAliaser.emit_until_response is ORIGINAL

            def test_finds_everything_as_it_was():
                assert EventAliaser.emit_until_response is ORIGINAL
        """).assert_outcomes(passed=1, failed=1)

    def test_can_be_extended_by_a_fixture_of_the_same_name(self, run: Run) -> None:
        """A fixture of the same name receives the fake and can seed it."""
        run("""
            import pytest

            @pytest.fixture
            def detective_fake(detective_fake):
                detective_fake.seed.graph(members=["222222222222"])
                return detective_fake

            @pytest.mark.detective_fake(account_id="111111111111")
            def test_graph(detective_fake):
                (graph,) = detective_fake.graphs
                assert graph.administrator_id == "111111111111"
        """).assert_outcomes(passed=1)


class TestType:
    def test_is_detective_fake(self, detective_fake: DetectiveFake, class_detective_fake: DetectiveFake) -> None:
        """The fixtures return a DetectiveFake. Type checkers check this test as well."""
        assert type(detective_fake) is type(class_detective_fake) is DetectiveFake
        assert detective_fake.client().list_graphs()["GraphList"] == []


class TestScopes:
    @pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
    def test_a_wider_fake_lasts_for_all_tests_of_its_scope(self, run: Run, scope: str) -> None:
        """The fake of a wider scope keeps the state of earlier tests in that scope."""
        run(f"""
            class TestOne:
                def test_first(self, {scope}_detective_fake):
                    {scope}_detective_fake.client().create_graph()

                def test_second(self, {scope}_detective_fake):
                    assert len({scope}_detective_fake.graphs) == 1
        """).assert_outcomes(passed=2)

    def test_each_class_has_its_own_fake(self, run: Run) -> None:
        """The fake of a class ends with the class, and the next class gets a new one."""
        run("""
            class TestOne:
                def test_first(self, class_detective_fake):
                    class_detective_fake.client().create_graph()

            class TestTwo:
                def test_second(self, class_detective_fake):
                    assert class_detective_fake.graphs == ()
        """).assert_outcomes(passed=2)


class TestNesting:
    def test_the_innermost_fake_answers_while_it_is_active(self, run: Run) -> None:
        """The innermost fake answers, in any order of the arguments. After it ends, the wider one answers again."""
        run("""
            import boto3

            def default():
                return boto3.client("detective").create_graph()["GraphArn"].split(":")[4]

            def test_wide(session_detective_fake):
                session_detective_fake.account_id = "999999999999"
                assert default() == "999999999999"

            def test_narrow(detective_fake, session_detective_fake):
                assert default() == "123456789012"
                assert len(detective_fake.graphs) == len(session_detective_fake.graphs) == 1
                assert detective_fake.graphs != session_detective_fake.graphs

            def test_wide_again(session_detective_fake):
                assert default() == "999999999999"
        """).assert_outcomes(passed=3)

    def test_all_scopes_can_be_active_at_once(self, run: Run) -> None:
        """Calls go to the fake of the narrowest scope, and each fake stops before the next wider one."""
        run("""
            import boto3

            class TestAll:
                def test_it(
                    self, detective_fake, class_detective_fake, module_detective_fake, package_detective_fake,
                    session_detective_fake,
                ):
                    boto3.client("detective").list_graphs()
                    assert len(detective_fake.calls) == 1
                    assert not class_detective_fake.calls
                    assert not session_detective_fake.calls

                def test_one_less(self, class_detective_fake, session_detective_fake):
                    boto3.client("detective").list_graphs()
                    assert len(class_detective_fake.calls) == 1
                    assert not session_detective_fake.calls
        """).assert_outcomes(passed=2)
