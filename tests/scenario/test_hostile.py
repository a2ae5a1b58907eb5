"""Files with any content are loaded, or they are refused with a `ScenarioError` and nothing changes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.scenario.files import ScenarioError
from detective_fake.scenario.saved_state import save_state
from tests.controls.contexts import SECURITY, a_context, loaded, moment, seed_on
from tests.invariants import violations
from tests.scenario.plausible import scenarios

if TYPE_CHECKING:
    from pathlib import Path

    from detective_fake.controls.context import FakeContext


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for files."""
    return tmp_path_factory.mktemp("hostile")


def context_after(file: Path) -> FakeContext | None:
    """Return a context that has loaded a file; None if the file was refused and the context is unchanged."""
    context = a_context()
    seed_on(context).graph(SECURITY)
    before = moment(context)
    with suppress(ScenarioError):
        return loaded(file, context)
    assert moment(context) == before
    return None


class TestFiles:
    @given(scenarios())
    def test_valid_under_the_schema(self, folder: Path, data: dict[str, Any]) -> None:
        """A file that can be loaded leads to a sound state, which can be saved and loaded."""
        (folder / "plausible.json").write_text(json.dumps(data))
        context = context_after(folder / "plausible.json")
        if context is not None:
            assert not violations(context.world)
            save_state(folder / "again.json", context.world, context.clock)
            assert moment(loaded(folder / "again.json")) == moment(context)

    @pytest.mark.parametrize("name", ["any.toml", "any.json"])
    @given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
    def test_of_any_content(self, folder: Path, name: str, content: bytes) -> None:
        """Random bytes or text."""
        (folder / name).write_bytes(content)
        context_after(folder / name)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "text",
        [
            '{"graph": ' + "[" * 50_000 + "]" * 50_000 + "}",
            '{"account": [' + '{"x": ' * 400 + "1" + "}" * 400 + "]}",
            '{"graph": [' + ",".join(["{}"] * 5_000) + "]}",
            '{"graph": [{"members": [' + ",".join(['"222222222222", "22"'] * 50_000) + "]}]}",
            '{"' + "x" * 1_000_000 + '": 1}',
            '{"graph": [{"tags": {"' + "x" * 1_000_000 + '": "' + "y" * 1_000_000 + '"}}]}',
            '{"account": [{"account_id": "222222222222", "email": "' + "a@" * 500_000 + '"}]}',
            '{"graph": [{"investigation": [{"entity_arn": "x", "indicators": ['
            '{"indicator_type": "NEW_ASO", "aso": ' + "[" * 900 + "]" * 900 + "}]}]}]}",
            "{" + ", ".join(f'"k{number}": 1' for number in range(50_000)) + ', "k49999": 2}',
            '{"format": 1e999}',
            '{"format": -0}',
            '{"format": "detective_fake state", "version": 1, "world": ' + "[" * 900 + "]" * 900 + "}",
            '{"timings": {"recheck": 1e308}}',
            '{"quotas": {"members_page": 9223372036854775808}}',
        ],
        ids=lambda text: text[:24],
    )
    def test_of_great_depth_length_or_size(self, folder: Path, text: str) -> None:
        """They are refused."""
        (folder / "great.json").write_text(text)
        assert context_after(folder / "great.json") is None

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "text",
        [
            "graph = " + "[" * 50_000 + "]" * 50_000,
            "graph = " + "{a=" * 2_000 + "1" + "}" * 2_000,
            "[" + " . ".join(["graph"] * 50_000) + "]\nx = 1",
            ".".join(['"a"'] * 100_000) + " = 1",
            "x = {" + ".".join(["a"] * 100_000) + " = 1}",
            ".".join(["a"] * 500) + " = 1",
            "graph = " + "9" * 5_000,
            "graph = 0x" + "f" * 100_000,
            "timings = { recheck = -inf }",
            "[[graph]]\n" * 5_000,
            "[clock]\nfrozen_at = 0001-01-01T00:00:00+23:59",
            '"' * 1_000_000,
        ],
        ids=lambda text: text[:24],
    )
    def test_of_great_depth_length_or_size_in_toml(self, folder: Path, text: str) -> None:
        """They are refused as well."""
        (folder / "great.toml").write_text(text)
        assert context_after(folder / "great.toml") is None
