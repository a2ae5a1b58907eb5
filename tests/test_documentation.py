"""Generated parts of the documentation, and the link checker."""

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
    def test_every_status_has_a_position(self) -> None:
        """None stands for an account outside the graph."""
        assert set(membership_diagram.PLACES) == {None, *MemberStatus}

    def test_every_transition_is_shown(self) -> None:
        """As a line with its event, or in the caption."""
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
        """It has no empty line, which would end the block in Markdown."""
        picture = membership_diagram.svg()
        root = ET.fromstring(picture)  # noqa: S314 - our own SVG
        texts = [each.text for each in root.iter() if each.tag.endswith("text")]
        assert {status.value for status in MemberStatus} <= set(texts)
        assert "\n\n" not in picture

    def test_a_new_transition_gets_a_line(self) -> None:
        """It is a straight line unless a route is given."""
        pair = (MemberStatus.VERIFICATION_FAILED, MemberStatus.ENABLED)
        more = {**TRANSITIONS, (pair[0], MemberEvent.VERIFIED): pair[1]}
        assert membership_diagram.events_between(more)[pair] == [MemberEvent.VERIFIED]
        assert membership_diagram.svg(more).count("<polyline") == membership_diagram.svg().count("<polyline") + 1

    def test_the_list_has_every_event(self) -> None:
        """With its transitions."""
        lines = membership_diagram.events().splitlines()
        assert len(lines) == len(MemberEvent)
        assert (
            "- `INVITED`: the administrator invites the account; "
            "from not in the graph or `VERIFICATION_FAILED` to `VERIFICATION_IN_PROGRESS`."
        ) in lines
        assert "- `REMOVED`: the administrator removes the account; from any status to not in the graph." in lines


class TestGenerated:
    @pytest.mark.parametrize("name", generated.GENERATORS)
    def test_each_is_used_and_not_empty(self, name: str) -> None:
        """At least one page uses it."""
        assert generated.GENERATORS[name]().strip()
        assert any(f"<!-- generated: {name} -->" in page.read_text(encoding="utf-8") for page in PAGES)

    def test_pages_use_no_unknown_name(self) -> None:
        """A misspelled name would remain a comment."""
        texts = [page.read_text(encoding="utf-8") for page in PAGES]
        asked = {name for text in texts for name in re.findall(r"<!-- generated: (\S+)", text)}
        assert asked == set(generated.GENERATORS)

    def test_readme_has_every_option(self) -> None:
        """In the same order; README.md has no generated table."""
        asked = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
        options = asked.findall(generated.GENERATORS["options"]())
        assert asked.findall(ROOT.joinpath("README.md").read_text(encoding="utf-8")) == options

    def test_every_option_is_described(self) -> None:
        """With its default, and the format of its setting."""
        options, settings = generated.GENERATORS["options"](), generated.GENERATORS["settings"]()
        for name in re.findall(r"^\| `(\w+)` \| `", settings, re.MULTILINE):
            assert f"| `{name}` |" in options


class TestCheckLinks:
    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ('<a href="b.html#there">', []),
            ('<a href="b.html#else">', ["a.html: b.html#else has no such anchor"]),
            ('<a href="c.html">', ["a.html: c.html does not exist"]),
            ('<a href="#none">', ["a.html: #none has no such anchor"]),
            ('<a href="folder/">', ["a.html: folder/ does not exist"]),
            ('<a href="https://example.com/anything">', []),
            ('<img src="none.png">', ["a.html: none.png does not exist"]),
            ('<script src="https://example.com/x.js">', ["a.html loads https://example.com/x.js"]),
            ('<img src="data:image/png;base64,AAAA">', []),
            ('<link rel="canonical" href="https://example.com/">', []),
        ],
    )
    def test_pages(self, tmp_path: Path, body: str, told: list[str]) -> None:
        """Broken links and external resources are reported."""
        tmp_path.joinpath("a.html").write_text(body)
        tmp_path.joinpath("b.html").write_text('<p id="there">')
        assert list(broken_in_html(tmp_path)) == told

    def test_markdown(self, tmp_path: Path) -> None:
        """Links between the files at the root."""
        tmp_path.joinpath("README.md").write_text("[a](docs/a.md#x) [b](LICENSE) [c](https://example.com) [d](none.md)")
        tmp_path.joinpath("LICENSE").touch()
        assert list(broken_in_markdown(tmp_path)) == [
            "README.md: docs/a.md#x does not exist",
            "README.md: none.md does not exist",
        ]

    def test_the_files_at_the_root_have_no_broken_links(self) -> None:
        """README.md, CONTRIBUTING.md and so on."""
        assert list(broken_in_markdown(ROOT)) == []
