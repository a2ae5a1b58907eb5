"""The documentation's own machinery: what is made of the code is all there, and a link that leads nowhere is found."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from detective_fake.domain.membership import TRANSITIONS, MemberEvent, MemberStatus
from docs._ext import generated, membership_diagram
from docs._ext.check_links import broken_in_html, broken_in_markdown

ROOT = Path(__file__).parent.parent
PAGES = [path for path in sorted(ROOT.glob("docs/**/*.md")) if "_build" not in path.parts]


class TestMembershipDiagram:
    def test_every_status_has_its_place(self) -> None:
        """So has being in no graph."""
        assert set(membership_diagram.PLACES) == {None, *MemberStatus}

    def test_every_transition_is_on_it(self) -> None:
        """As a line with its event, or in a sentence."""
        lines = {
            (origin, event, target)
            for (origin, target), events in membership_diagram.events_between().items()
            for event in events
        }
        told = {
            (origin, event, target) for event, origins, target in membership_diagram.widespread() for origin in origins
        }
        assert lines | told == {(origin, event, target) for (origin, event), target in TRANSITIONS.items()}

    def test_it_is_well_formed(self) -> None:
        """Without an empty line, where Markdown would end it."""
        picture = membership_diagram.svg()
        root = ET.fromstring(picture)  # noqa: S314 - it is our own
        texts = [each.text for each in root.iter() if each.tag.endswith("text")]
        assert {status.value for status in MemberStatus} <= set(texts)
        assert "\n\n" not in picture

    def test_a_new_transition_gets_a_line_by_itself(self) -> None:
        """Straight from box to box, until somebody lays out a route."""
        pair = (MemberStatus.VERIFICATION_FAILED, MemberStatus.ENABLED)
        more = {**TRANSITIONS, (pair[0], MemberEvent.VERIFIED): pair[1]}
        assert membership_diagram.events_between(more)[pair] == [MemberEvent.VERIFIED]
        assert membership_diagram.svg(more).count("<polyline") == membership_diagram.svg().count("<polyline") + 1

    def test_the_list_has_every_event(self) -> None:
        """With what leads where."""
        lines = membership_diagram.events().splitlines()
        assert len(lines) == len(MemberEvent)
        assert (
            "- `INVITED`: the administrator invites the account; "
            "from not in the graph or `VERIFICATION_FAILED` to `VERIFICATION_IN_PROGRESS`."
        ) in lines
        assert "- `REMOVED`: the administrator removes the account; from any status to not in the graph." in lines


class TestGenerated:
    @pytest.mark.parametrize("name", generated.GENERATORS)
    def test_each_is_used_and_gives_something(self, name: str) -> None:
        """By one page at least."""
        assert generated.GENERATORS[name]().strip()
        assert any(f"<!-- generated: {name} -->" in page.read_text(encoding="utf-8") for page in PAGES)

    def test_pages_ask_for_no_other(self) -> None:
        """A typing error would stay a comment."""
        texts = [page.read_text(encoding="utf-8") for page in PAGES]
        asked = {name for text in texts for name in re.findall(r"<!-- generated: (\S+)", text)}
        assert asked == set(generated.GENERATORS)

    def test_readme_has_every_option(self) -> None:
        """In the same order: a page in raw Markdown has no generated table."""
        asked = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
        options = asked.findall(generated.GENERATORS["options"]())
        assert asked.findall(ROOT.joinpath("README.md").read_text(encoding="utf-8")) == options

    def test_every_option_is_described(self) -> None:
        """With its default, and in what form a setting takes it."""
        options, settings = generated.GENERATORS["options"](), generated.GENERATORS["settings"]()
        for name in re.findall(r"^\| `(\w+)` \| `", settings, re.MULTILINE):
            assert f"| `{name}` |" in options


class TestCheckLinks:
    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ('<a href="b.html#there">', []),
            ('<a href="b.html#else">', ["a.html: b.html#else has no such place"]),
            ('<a href="c.html">', ["a.html: c.html is not there"]),
            ('<a href="#none">', ["a.html: #none has no such place"]),
            ('<a href="folder/">', ["a.html: folder/ is not there"]),
            ('<a href="https://example.com/anything">', []),
            ('<img src="none.png">', ["a.html: none.png is not there"]),
            ('<script src="https://example.com/x.js">', ["a.html loads https://example.com/x.js"]),
            ('<img src="data:image/png;base64,AAAA">', []),
            ('<link rel="canonical" href="https://example.com/">', []),
        ],
    )
    def test_pages(self, tmp_path: Path, body: str, told: list[str]) -> None:
        """Links inside lead somewhere, and nothing is loaded from elsewhere."""
        tmp_path.joinpath("a.html").write_text(body)
        tmp_path.joinpath("b.html").write_text('<p id="there">')
        assert list(broken_in_html(tmp_path)) == told

    def test_markdown(self, tmp_path: Path) -> None:
        """Those of the files beside the package."""
        tmp_path.joinpath("README.md").write_text("[a](docs/a.md#x) [b](LICENSE) [c](https://example.com) [d](none.md)")
        tmp_path.joinpath("LICENSE").touch()
        assert list(broken_in_markdown(tmp_path)) == [
            "README.md: docs/a.md#x is not there",
            "README.md: none.md is not there",
        ]

    def test_the_files_at_the_root_are_sound(self) -> None:
        """README.md, CONTRIBUTING.md and the others lead to what is there."""
        assert list(broken_in_markdown(ROOT)) == []
