"""The plugin with pytest-asyncio, anyio, pytest-xdist and pytest-randomly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiobotocore
import aiobotocore.session  # otherwise each run of pytester loads it again
import pytest
import trio  # noqa: F401 - for the same reason

if TYPE_CHECKING:
    from tests.pytest_plugin.conftest import Run

CALL = """
    import pytest
    from aiobotocore.session import get_session

    async def create_graph():
        async with get_session().create_client("detective", region_name="us-east-1") as client:
            return (await client.create_graph())["GraphArn"]
"""

TESTS = f"""{CALL}
    PYTESTMARK
    async def test_fixture(detective_fake):
        assert [await create_graph()] == [graph.arn for graph in detective_fake.graphs]

    PYTESTMARK
    @pytest.mark.detective_fake(account_id="111111111111")
    async def test_marker():
        assert ":111111111111:" in await create_graph()

    PYTESTMARK
    async def test_nested(detective_fake, session_detective_fake):
        await create_graph()
        assert session_detective_fake.graphs == ()

    PYTESTMARK
    async def test_fault(detective_fake):
        detective_fake.faults.add("ListGraphs", error="ThrottlingException")

    PYTESTMARK
    async def test_failure(detective_fake):
        assert await create_graph() is None
"""


FOR_TRIO = pytest.mark.skipif(
    tuple(map(int, aiobotocore.__version__.split(".")[:2])) < (2, 12),
    reason="aiobotocore opened a session of aiohttp with every client",
)


def check(result: pytest.RunResult) -> None:
    """Check that three tests pass, and that two fail with a report section each."""
    result.assert_outcomes(passed=3, failed=2)
    assert sum(" detective_fake -" in line for line in result.outlines) == 2
    result.stdout.fnmatch_lines(["1 fault was never used:"])


class TestPytestAsyncio:
    def test_works_in_strict_mode(self, run: Run) -> None:
        """Fakes work in coroutine tests that have the marker of pytest-asyncio."""
        check(
            run(
                TESTS.replace("PYTESTMARK", "@pytest.mark.asyncio"),
                "--asyncio-mode=strict",
                "-oasyncio_default_fixture_loop_scope=function",
                plugins=("asyncio",),
            )
        )

    def test_works_in_auto_mode(self, run: Run) -> None:
        """Fakes work in coroutine tests without a marker."""
        check(
            run(
                TESTS.replace("PYTESTMARK", ""),
                "--asyncio-mode=auto",
                "-oasyncio_default_fixture_loop_scope=function",
                plugins=("asyncio",),
            )
        )

    def test_the_fake_is_active_in_asynchronous_fixtures(self, run: Run) -> None:
        """An asynchronous fixture that uses the fake can call Detective."""
        run(
            f"""{CALL}
    @pytest.fixture
    async def graph_arn(detective_fake):
        yield await create_graph()
        assert len(detective_fake.graphs) == 1

    async def test_it(graph_arn, detective_fake):
        assert detective_fake.graphs[0].arn == graph_arn
            """,
            "--asyncio-mode=auto",
            "-oasyncio_default_fixture_loop_scope=function",
            plugins=("asyncio",),
        ).assert_outcomes(passed=1)


class TestAnyio:
    @pytest.mark.parametrize("backend", ["asyncio", pytest.param("trio", marks=FOR_TRIO)])
    def test_works_on_each_backend(self, run: Run, pytester: pytest.Pytester, backend: str) -> None:
        """Fakes work in coroutine tests on asyncio and on trio."""
        pytester.makeconftest(f"""
            import pytest

            @pytest.fixture
            def anyio_backend():
                return "{backend}"
        """)
        check(run(TESTS.replace("PYTESTMARK", "@pytest.mark.anyio"), plugins=("anyio",)))


class TestXdist:
    def test_each_worker_has_its_own_world_that_each_test_leaves_as_it_was(self, run: Run) -> None:
        """A fixture of the session sets it up, and `isolated()` takes back what a test does."""
        run(
            """
            import pytest

            @pytest.fixture(scope="session")
            def world(session_detective_fake):
                session_detective_fake.seed.graph("111111111111", members={"222222222222": "INVITED"})
                return session_detective_fake

            @pytest.fixture(autouse=True)
            def isolated(world):
                with world.isolated():
                    yield

            @pytest.mark.parametrize("number", range(4))
            def test_it(world, number):
                (graph,) = world.graphs
                assert not world.calls
                world.client("222222222222").accept_invitation(GraphArn=graph.arn)
                assert world.members(graph)[0].status == "ENABLED"
            """,
            "-n2",
            plugins=("xdist",),
        ).assert_outcomes(passed=4)


class TestRandomOrder:
    @pytest.mark.parametrize("seed", range(3))
    def test_ids_do_not_depend_on_the_random_seed(self, run: Run, seed: int) -> None:
        """IDs depend on the seed of the fake, not on the seed of pytest-randomly."""
        run(
            """
            import pytest

            ARN = "arn:aws:detective:us-east-1:123456789012:graph:5315acbec33a4fbdafb0abfd972245b7"

            @pytest.mark.parametrize("number", range(5))
            def test_it(detective_fake, number):
                assert detective_fake.client().create_graph()["GraphArn"] == ARN
            """,
            f"--randomly-seed={seed}",
            plugins=("randomly",),
        ).assert_outcomes(passed=5)
