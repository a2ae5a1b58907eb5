"""Scenario files on disk: what is read and written, and how everything that is no such file is refused."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detective_fake.errors import FakeUsageError
from detective_fake.scenario.files import read, toml, write
from detective_fake.scenario.problems import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - the zone is set at once
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=timezone.utc)
)
values = st.recursive(
    texts | times | st.booleans() | st.integers(-(2**63), 2**63 - 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
tables = st.dictionaries(texts, values, max_size=4)


def as_text(at: datetime) -> str:
    """Return a time as JSON has it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class TestReading:
    @pytest.mark.parametrize(
        ("name", "text"), [("a.toml", "x = [1]"), ("a.json", '{"x": [1]}'), ("a.JSON", '{"x": [1]}')]
    )
    def test_the_suffix_tells_the_syntax(self, tmp_path: Path, name: str, text: str) -> None:
        """In either case of letters."""
        (tmp_path / name).write_text(text)
        assert read(tmp_path / name) == {"x": [1]}

    def test_a_path_may_be_a_string(self, tmp_path: Path) -> None:
        """As for `open`."""
        (tmp_path / "a.toml").write_text("x = 1")
        assert read(str(tmp_path / "a.toml")) == {"x": 1}

    def test_dots_may_be_many(self, tmp_path: Path) -> None:
        """Over many lines, and in one up to a bound."""
        (tmp_path / "a.toml").write_text(f"x = '{'.' * 500}'\ny = [\n{'1.5,' * 400}\n{'1.5,' * 400}\n]")
        assert read(tmp_path / "a.toml") == {"x": "." * 500, "y": [1.5] * 800}

    @pytest.mark.parametrize("name", ["a.toml", "a.json"])
    def test_a_byte_order_mark_is_skipped(self, tmp_path: Path, name: str) -> None:
        """Some editors write one."""
        (tmp_path / name).write_text({"a.toml": "x = 1", "a.json": '{"x": 1}'}[name], encoding="utf-8-sig")
        assert read(tmp_path / name) == {"x": 1}


class TestRefusal:
    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.toml", b"x = ", r"Invalid value \(at end of document\)"),
            ("a.toml", b"x = 1\nx = 2", "Can ?not overwrite a value"),
            ("a.toml", b"x = '\0'", "[Ii]nvalid character|Illegal character"),
            ("a.toml", b"x = " + b"[" * 100_000, "is nested too deeply"),
            ("a.toml", b"x = " + b"9" * 5_000, "Exceeds the limit"),
            ("a.toml", b"x = '\xff'", "is not UTF-8: byte 5"),
            ("a.json", b"{", "Expecting property name"),
            ("a.json", b"", "Expecting value"),
            ("a.json", b'{"a": 1, "b": 2, "a": 3}', 'has the key "a" twice in one object'),
            ("a.toml", b"a = 1\nb = [" + b"1.5, " * 501 + b"]", "has more than 500 dots in line 2; give each entry"),
            ("a.json", b'{"x": NaN}', "has NaN, which is no number in JSON"),
            ("a.json", b'{"x": ' + b'{"x": ' * 100_000, "is nested too deeply"),
            ("a.json", b'{"x": ' + b"9" * 5_000 + b"}", "Exceeds the limit"),
            ("a.json", b'"\0"', "Invalid control character"),
            ("a.json", '{"x": 1}'.encode("utf-16"), "is not UTF-8: byte 0"),
            ("a.yaml", b"x: 1", "ends in none of .toml, .json"),
            ("a", b"", "ends in none of .toml, .json"),
        ],
    )
    def test_of_what_is_no_toml_or_json(self, tmp_path: Path, name: str, content: bytes, message: str) -> None:
        """One error names the file and what is the matter."""
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ScenarioError, match=message) as caught:
            read(tmp_path / name)
        assert caught.value.file == str(tmp_path / name)
        assert [problem.path for problem in caught.value.problems] == [""]

    def test_of_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        """The system's own words say why."""
        with pytest.raises(ScenarioError, match="cannot be read: No such file"):
            read(tmp_path / "missing.toml")

    def test_of_a_directory(self, tmp_path: Path) -> None:
        """Whatever its name ends in."""
        (tmp_path / "directory.toml").mkdir()
        with pytest.raises(ScenarioError, match="is no file"):
            read(tmp_path / "directory.toml")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_of_a_pipe(self, tmp_path: Path) -> None:
        """Reading one would wait for ever."""
        os.mkfifo(tmp_path / "pipe.json")
        with pytest.raises(ScenarioError, match="is no file"):
            read(tmp_path / "pipe.json")

    def test_of_a_name_that_no_file_can_have(self) -> None:
        """Not even the system takes it."""
        with pytest.raises(ScenarioError, match="null"):
            read("a\0.toml")


class TestWriting:
    @given(tables)
    def test_toml_means_what_was_written(self, tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
        """Every text, number, time and table comes back, whatever it is called."""
        file = tmp_path_factory.getbasetemp() / "any.toml"
        write(file, data)
        assert read(file) == data

    @given(st.dictionaries(texts, texts | st.lists(tables, max_size=2), max_size=3))
    @example({"x": "\x7f\x00\\\"'\u2028"})
    def test_json_means_what_was_written(self, tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
        """Times as strings, everything else as it is."""
        file = tmp_path_factory.getbasetemp() / "any.json"
        write(file, data)
        assert read(file) == json.loads(json.dumps(data, default=as_text))

    def test_toml_is_laid_out_for_people(self) -> None:
        """Plain values first, a table under each header, an entry of a list on each line, times as RFC 3339 has it."""
        at = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
        data = {"x": {"y": 1}, "z": [{"a b": at, "c": ["d", {"e": {}}]}], "f": True, "g": []}
        assert toml(data).splitlines() == [
            "f = true",
            "g = []",
            "",
            "[x]",
            "y = 1",
            "",
            "[[z]]",
            '"a b" = 2024-03-01T12:00:00.000Z',
            "c = [",
            '    "d",',
            "    { e = {} },",
            "]",
        ]

    def test_json_is_laid_out_for_people(self, tmp_path: Path) -> None:
        """Lines down to the entries of lists, which have one each."""
        data = {"a": [{"b": ["c", {"d": [1, 2]}], "e": []}], "f": {}}
        write(tmp_path / "a.json", data)
        assert (tmp_path / "a.json").read_text().splitlines() == [
            "{",
            '  "a": [',
            "    {",
            '      "b": [',
            '        "c",',
            '        {"d": [1, 2]}',
            "      ],",
            '      "e": []',
            "    }",
            "  ],",
            '  "f": {}',
            "}",
        ]

    def test_lines_end_the_same_everywhere(self, tmp_path: Path) -> None:
        """So that a file under version control is the same on every machine."""
        write(tmp_path / "a.toml", {"x": 1, "y": 2})
        assert (tmp_path / "a.toml").read_bytes() == b"x = 1\ny = 2\n"

    @pytest.mark.parametrize(
        ("name", "data", "message"),
        [
            ("a.txt", {}, "ends in none of .toml, .json"),
            ("missing/a.toml", {}, "No such file"),
            ("a.toml", {"x": "\ud800"}, "surrogates"),
        ],
    )
    def test_what_cannot_be_written_is_the_users_error(
        self, tmp_path: Path, name: str, data: dict[str, Any], message: str
    ) -> None:
        """The file is not touched."""
        with pytest.raises(FakeUsageError, match=f"The scenario .* cannot be written: .*{message}"):
            write(tmp_path / name, data)
        assert not (tmp_path / name).exists()
