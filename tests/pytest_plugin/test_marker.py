"""`@pytest.mark.detective_fake`: options for the fake of a test, a class or a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run


class TestOptions:
    def test_options_on_a_test_apply_to_its_fake(self, run: Run) -> None:
        """The marker takes every option of `DetectiveFake`."""
        run("""
            import pytest
            from datetime import timedelta

            @pytest.mark.detective_fake(account_id="111111111111", region="eu-west-1", quotas={"members_per_graph": 3})
            def test_it(detective_fake):
                assert (detective_fake.account_id, detective_fake.region) == ("111111111111", "eu-west-1")
                assert detective_fake.quotas.members_per_graph == 3
        """).assert_outcomes(passed=1)

    def test_markers_are_combined_and_the_closest_wins(self, run: Run) -> None:
        """Options of module, class and test are combined, and the closest marker wins."""
        run("""
            import pytest

            pytestmark = pytest.mark.detective_fake(region="eu-west-1", account_id="111111111111", page_size=1)

            @pytest.mark.detective_fake(account_id="222222222222", page_size=2)
            class TestIt:
                @pytest.mark.detective_fake(page_size=3)
                def test_it(self, detective_fake):
                    assert (detective_fake.account_id, detective_fake.region) == ("222222222222", "eu-west-1")
                    graph_arn = detective_fake.seed.graph(members=["%012d" % number for number in range(1, 9)])
                    assert len(detective_fake.client().list_members(GraphArn=graph_arn)["MemberDetails"]) == 3
        """).assert_outcomes(passed=1)

    @pytest.mark.parametrize(("scope", "marked"), [("class", "TestIt"), ("module", "sys.modules[__name__]")])
    def test_options_on_a_class_or_module_apply_to_its_fake(self, run: Run, scope: str, marked: str) -> None:
        """Options on a class or module apply to the fake of that scope. Its tests get no second fake."""
        run(f"""
            import sys
            import boto3, pytest

            class TestIt:
                def test_it(self, {scope}_detective_fake):
                    assert {scope}_detective_fake.account_id == "111111111111"
                    boto3.client("detective").list_graphs()
                    assert len({scope}_detective_fake.calls) == 1

            {marked}.pytestmark = pytest.mark.detective_fake(account_id="111111111111")
        """).assert_outcomes(passed=1)

    def test_options_on_a_test_do_not_apply_to_the_fake_of_its_class(self, run: Run) -> None:
        """A marked test that uses the fake of its class gets its own fake inside it."""
        run("""
            import boto3, pytest

            class TestIt:
                @pytest.mark.detective_fake(account_id="111111111111")
                def test_it(self, class_detective_fake):
                    assert class_detective_fake.account_id == "123456789012"
                    assert ":111111111111:" in boto3.client("detective").create_graph()["GraphArn"]
                    assert class_detective_fake.graphs == ()
        """).assert_outcomes(passed=1)

    def test_options_on_a_module_do_not_apply_to_the_fake_of_the_session(self, run: Run) -> None:
        """The fake of the session ignores module options, because it is shared with other modules."""
        run("""
            import boto3, pytest

            pytestmark = pytest.mark.detective_fake(account_id="111111111111")

            def test_it(session_detective_fake):
                assert session_detective_fake.account_id == "123456789012"
                assert ":111111111111:" in boto3.client("detective").create_graph()["GraphArn"]
        """).assert_outcomes(passed=1)

    def test_options_on_a_function_apply_to_a_class_scoped_fake(self, run: Run) -> None:
        """Outside a class, the scope of a class-scoped fake is the test function."""
        run("""
            import pytest

            @pytest.mark.detective_fake(account_id="111111111111")
            def test_it(class_detective_fake):
                assert class_detective_fake.account_id == "111111111111"
        """).assert_outcomes(passed=1)


class TestAlone:
    def test_the_marker_alone_starts_a_fake(self, run: Run) -> None:
        """A marked test does not need to request a fixture."""
        run("""
            import boto3, pytest

            @pytest.mark.detective_fake(region="eu-west-1")
            def test_it():
                assert ":eu-west-1:" in boto3.client("detective").create_graph()["GraphArn"]
        """).assert_outcomes(passed=1)

    def test_one_parameter_can_be_marked(self, run: Run) -> None:
        """A marker on one parameter starts a fake for that parameter only."""
        run("""
            import pytest
            from detective_fake.interception import botocore_hooks

            @pytest.mark.parametrize("fakes", [0, pytest.param(1, marks=pytest.mark.detective_fake), 0])
            def test_it(fakes):
                assert len(botocore_hooks._stack) == fakes
        """).assert_outcomes(passed=3)

    def test_the_marker_can_be_added_during_collection(self, run: Run, pytester: pytest.Pytester) -> None:
        """A `conftest.py` can add the marker in `pytest_collection_modifyitems`."""
        pytester.makeconftest("""
            import pytest

            def pytest_collection_modifyitems(items):
                for item in items:
                    item.add_marker(pytest.mark.detective_fake)
        """)
        run("""
            import boto3

            def test_it():
                assert boto3.client("detective").list_graphs()["GraphList"] == []
        """).assert_outcomes(passed=1)

    def test_the_fake_starts_before_the_fixtures_of_the_test(self, run: Run) -> None:
        """The fake is active in all function fixtures, including autouse fixtures."""
        run("""
            import boto3, pytest

            @pytest.fixture
            def graph_arn():
                return boto3.client("detective").create_graph()["GraphArn"]

            @pytest.fixture(autouse=True)
            def _other_region():
                boto3.client("detective", "eu-west-1").create_graph()

            @pytest.mark.detective_fake
            def test_it(graph_arn):
                assert len(boto3.client("detective").list_graphs()["GraphList"]) == 1
        """).assert_outcomes(passed=1)

    def test_fixtures_of_wider_scopes_use_wider_fakes(self, run: Run) -> None:
        """A module fixture uses the fake of the module, not the fake of the marked test."""
        run("""
            import boto3, pytest

            @pytest.fixture(scope="module")
            def graph_arn(module_detective_fake):
                return boto3.client("detective").create_graph()["GraphArn"]

            @pytest.mark.detective_fake
            def test_it(graph_arn, module_detective_fake):
                assert boto3.client("detective").list_graphs()["GraphList"] == []
                assert len(module_detective_fake.graphs) == 1
        """).assert_outcomes(passed=1)

    def test_items_without_fixtures_ignore_the_marker(self, run: Run, pytester: pytest.Pytester) -> None:
        """The marker has no effect on items of other plugins that have no fixtures."""
        pytester.makefile(".item", one="")
        pytester.makeconftest("""
            import pytest

            class Item(pytest.Item):
                def runtest(self): pass

            class File(pytest.File):
                def collect(self):
                    item = Item.from_parent(self, name="item")
                    item.add_marker(pytest.mark.detective_fake)
                    yield item

            def pytest_collect_file(file_path, parent):
                if file_path.suffix == ".item":
                    return File.from_parent(parent, path=file_path)
        """)
        run().assert_outcomes(passed=1)


class TestMistakes:
    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ("acount_id='111111111111'", "has no option 'acount_id'; did you mean 'account_id'?"),
            ("'111111111111'", "takes options by keyword, not '111111111111'."),
            ("account_id=1", "detective_fake: An AWS account ID is a string of twelve digits, not 1.*"),
            ("unused_faults='ignored'", "detective_fake: unused_faults must be error or ignore, not 'ignored'."),
        ],
    )
    def test_mistakes_are_reported_without_a_traceback(self, run: Run, options: str, says: str) -> None:
        """An invalid marker fails the setup of the test with a one-line error."""
        result = run(f"""
            import pytest

            @pytest.mark.detective_fake({options})
            def test_it(detective_fake):
                raise AssertionError
        """)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["_* ERROR at setup of test_it _*", f"*{says}", "=*short test summary info*"])
        result.stdout.no_fnmatch_line("*pytest_plugin.py*")
