"""Files that nobody wrote with care: they are loaded, or refused with nothing changed; nothing else ever happens."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.scenario.files import write
from detective_fake.scenario.load_and_save import save
from detective_fake.scenario.problems import ScenarioError
from tests.controls.contexts import SECURITY, a_context, loaded, moment, seed_on
from tests.scenario.plausible import scenarios

if TYPE_CHECKING:
    from pathlib import Path

    from detective_fake.controls.context import FakeContext


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where files may be."""
    return tmp_path_factory.mktemp("hostile")


def stage_after(file: Path) -> FakeContext | None:
    """Return a stage that a file was loaded on, None if the file was refused and the stage is as it was."""
    stage = a_context()
    seed_on(stage).graph(SECURITY)
    before = moment(stage)
    with suppress(ScenarioError):
        return loaded(file, stage)
    assert moment(stage) == before
    return None


class TestFiles:
    @given(scenarios())
    def test_of_the_right_form(self, folder: Path, data: dict[str, Any]) -> None:
        """What can be loaded is saved and loaded again as it was, in either syntax."""
        write(folder / "plausible.json", data)
        stage = stage_after(folder / "plausible.json")
        for name in ("again.toml", "again.json") if stage is not None else ():
            save(folder / name, stage)  # type: ignore[arg-type]  # the loop is empty without a stage
            assert moment(loaded(folder / name)) == moment(stage)  # type: ignore[arg-type]

    @pytest.mark.parametrize("name", ["any.toml", "any.json"])
    @given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
    def test_of_any_content(self, folder: Path, name: str, content: bytes) -> None:
        """Bytes or text at random."""
        (folder / name).write_bytes(content)
        stage_after(folder / name)

    @pytest.mark.parametrize(
        "text",
        [
            '{"graphs": ' + "[" * 50_000 + "]" * 50_000 + "}",
            '{"accounts": [' + '{"x": ' * 400 + "1" + "}" * 400 + "]}",
            '{"graphs": [' + ",".join(["{}"] * 5_000) + "]}",
            '{"graphs": [{"members": [' + ",".join(['"222222222222"'] * 50_000) + "]}]}",
            '{"' + "x" * 1_000_000 + '": 1}',
            '{"graphs": [{"tags": {"' + "x" * 1_000_000 + '": "' + "y" * 1_000_000 + '"}}]}',
            '{"accounts": [{"account_id": "222222222222", "email": "' + "a@" * 500_000 + '"}]}',
            "{" + ", ".join(f'"k{number}": 1' for number in range(50_000)) + ', "k49999": 2}',
            '{"format": 1e999}',
            '{"format": -0}',
            '{"counters": {"last_number": 9223372036854775808}}',
        ],
        ids=lambda text: text[:24],
    )
    def test_of_great_depth_length_or_size(self, folder: Path, text: str) -> None:
        """None of them can be loaded."""
        (folder / "great.json").write_text(text)
        assert stage_after(folder / "great.json") is None

    @pytest.mark.parametrize(
        "text",
        [
            "graphs = " + "[" * 50_000 + "]" * 50_000,
            "graphs = " + "{a=" * 2_000 + "1" + "}" * 2_000,
            "[" + " . ".join(["graphs"] * 50_000) + "]\nx = 1",
            ".".join(['"a"'] * 100_000) + " = 1",
            "x = {" + ".".join(["a"] * 100_000) + " = 1}",
            ".".join(["a"] * 500) + " = 1",
            "format = " + "9" * 5_000,
            "format = 0x" + "f" * 100_000,
            "format = -inf",
            "[[graphs]]\n" * 5_000,
            "[clock]\nat = 0001-01-01T00:00:00+23:59",
            '"' * 1_000_000,
        ],
        ids=lambda text: text[:24],
    )
    def test_of_great_depth_length_or_size_in_toml(self, folder: Path, text: str) -> None:
        """None of them either."""
        (folder / "great.toml").write_text(text)
        assert stage_after(folder / "great.toml") is None
