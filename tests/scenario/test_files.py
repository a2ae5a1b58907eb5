"""Reading TOML and JSON files: what is read, and how other content is refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from detective_fake.errors import DOCS
from detective_fake.scenario.files import Problem, ScenarioError, key, read, show

if TYPE_CHECKING:
    from pathlib import Path


class TestReading:
    @pytest.mark.parametrize(
        ("name", "text"), [("a.toml", "x = [1]"), ("a.json", '{"x": [1]}'), ("a.JSON", '{"x": [1]}')]
    )
    def test_the_suffix_tells_the_syntax(self, tmp_path: Path, name: str, text: str) -> None:
        """Letter case does not matter."""
        (tmp_path / name).write_text(text)
        assert read(tmp_path / name) == {"x": [1]}

    def test_a_path_may_be_a_string(self, tmp_path: Path) -> None:
        """`open` accepts strings, too."""
        (tmp_path / "a.toml").write_text("x = 1")
        assert read(str(tmp_path / "a.toml")) == {"x": 1}

    def test_a_file_may_have_many_dots(self, tmp_path: Path) -> None:
        """Up to 500 in each line."""
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
            ("a.toml", b"x = " + b"9" * 5_000, "Exceeds the limit"),
            ("a.toml", b"x = '\xff'", "is not UTF-8: byte 5"),
            ("a.json", b"{", "Expecting property name"),
            ("a.json", b"", "Expecting value"),
            ("a.json", b'{"a": 1, "b": 2, "a": 3}', 'has the key "a" twice in one object'),
            ("a.toml", b"a = 1\nb = [" + b"1.5, " * 501 + b"]", "has more than 500 dots in line 2; put each entry"),
            ("a.json", b'{"x": NaN}', "has NaN, which is not a number in JSON"),
            ("a.json", b'{"x": ' + b"9" * 5_000 + b"}", "Exceeds the limit"),
            ("a.json", b'"\0"', "Invalid control character"),
            ("a.json", '{"x": 1}'.encode("utf-16"), "is not UTF-8: byte 0"),
            ("a.yaml", b"x: 1", 'unknown suffix ".yaml". Expected one of: .toml, .json'),
            ("a", b"", 'unknown suffix "". Expected one of: .toml, .json'),
        ],
    )
    def test_content_that_is_not_toml_or_json(self, tmp_path: Path, name: str, content: bytes, message: str) -> None:
        """The error names the file and the reason."""
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ScenarioError, match=message) as caught:
            read(tmp_path / name)
        assert caught.value.file == str(tmp_path / name)
        assert [problem.path for problem in caught.value.problems] == [""]

    def test_a_missing_file(self, tmp_path: Path) -> None:
        """The reason is in the words of the system."""
        with pytest.raises(ScenarioError, match="cannot be read: No such file"):
            read(tmp_path / "missing.toml")

    def test_a_directory(self, tmp_path: Path) -> None:
        """It may have the suffix of a file."""
        (tmp_path / "directory.toml").mkdir()
        with pytest.raises(ScenarioError, match="is not a file"):
            read(tmp_path / "directory.toml")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_pipe(self, tmp_path: Path) -> None:
        """Reading one could wait forever."""
        os.mkfifo(tmp_path / "pipe.json")
        with pytest.raises(ScenarioError, match="is not a file"):
            read(tmp_path / "pipe.json")

    def test_a_name_that_no_file_can_have(self) -> None:
        """The system refuses it."""
        with pytest.raises(ScenarioError, match="null"):
            read("a\0.toml")


class TestMessages:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ({}, "a table"),
            ([], "a list"),
            (None, "null"),
            (True, "true"),
            (-5, "-5"),
            (2**64, "a number of more than 64 bits"),
            ("a\nb", r'"a\nb"'),
            ("x" * 100, f'"{"x" * 60}…"'),
        ],
    )
    def test_values_are_short(self, value: object, text: str) -> None:
        """A table or a list is not written out."""
        assert show(value) == text

    def test_paths_quote_unusual_keys(self) -> None:
        """TOML quotes them in the same way."""
        assert [key("", "a"), key("a[0]", "b-c"), key("a", "b c")] == ["a", "a[0].b-c", 'a."b c"']

    def test_long_messages_are_cut(self) -> None:
        """They end after 1,000 characters."""
        assert str(Problem("a", "x" * 2000)) == f"a: {'x' * 1000}…"

    @pytest.mark.parametrize(("count", "end"), [(50, "a: x"), (52, "and 2 more.")])
    def test_fifty_problems_are_shown(self, count: int, end: str) -> None:
        """The rest is counted."""
        text = str(ScenarioError("f.toml", [Problem("a", "x")] * count))
        assert text.startswith("The scenario f.toml cannot be loaded:\n  a: x\n")
        assert text.endswith(f"\n  {end}\nSee {DOCS}scenario")
