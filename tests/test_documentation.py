"""Generated parts of the documentation, the reference of the Python API, short URLs, and the link checker."""

from __future__ import annotations

import ast
import builtins
import re
import typing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import detective_fake
from detective_fake import DetectiveFake, errors, types
from detective_fake.domain.membership import TRANSITIONS, MemberEvent, MemberStatus
from docs._ext import api, generated, membership_diagram
from docs._ext.check_links import anchors, broken_in_html, broken_in_markdown

ROOT = Path(__file__).parent.parent
PACKAGE = Path(errors.__file__).parent
README = ROOT / "README.md"
CONF = ROOT / "docs" / "conf.py"
PAGES = [path for path in sorted(ROOT.glob("docs/**/*.md")) if "_build" not in path.parts]


def short_urls() -> dict[str, str]:
    """Return `SHORT_URLS` of `docs/conf.py`, which cannot be imported without Sphinx's requirements."""
    (text,) = re.findall(r"^SHORT_URLS: Final = (\{.*?^\})", CONF.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    found: dict[str, str] = ast.literal_eval(text)
    return found


def index_of(path: Path) -> str:
    """Return the index page of a page's folder."""
    return path.with_name("index.md").read_text(encoding="utf-8")


class TestMembershipDiagram:
    def test_every_status_has_a_position(self) -> None:
        """None stands for an account outside the graph."""
        assert set(membership_diagram.PLACES) == {None, *MemberStatus}

    def test_every_transition_is_shown(self) -> None:
        """A line with its event shows it, or the caption does."""
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
        """It has every status."""
        picture = membership_diagram.svg()
        root = ET.fromstring(picture)  # noqa: S314 - our own SVG
        texts = [each.text for each in root.iter() if each.tag.endswith("text")]
        assert {status.value for status in MemberStatus} <= set(texts)

    def test_a_new_transition_gets_a_line(self) -> None:
        """It is a straight line unless a route is given."""
        pair = (MemberStatus.VERIFICATION_FAILED, MemberStatus.ENABLED)
        more = {**TRANSITIONS, (pair[0], MemberEvent.VERIFIED): pair[1]}
        assert membership_diagram.events_between(more)[pair] == [MemberEvent.VERIFIED]
        assert membership_diagram.svg(more).count("<polyline") == membership_diagram.svg().count("<polyline") + 1

    def test_the_list_has_every_event(self) -> None:
        """Each event has its transitions."""
        lines = membership_diagram.events().splitlines()
        assert len(lines) == len(MemberEvent)
        assert (
            "- `INVITED`: the administrator invites the account; "
            "from not in the graph or `VERIFICATION_FAILED` to `VERIFICATION_IN_PROGRESS`."
        ) in lines
        assert "- `REMOVED`: the administrator removes the account; from any status to not in the graph." in lines


class TestGenerated:
    @pytest.mark.slow
    def test_every_page_is_up_to_date(self) -> None:
        """If this fails, run `nox -s docs-update`, or `python -m docs._ext.generated`."""
        assert [str(path.relative_to(ROOT)) for path, _ in generated.out_of_date()] == []

    def test_a_change_is_noticed(self) -> None:
        """It must be in a generated part, not beside it."""
        page = generated.fill("Text.\n\n<!-- generated: quotas -->\nMore text.\n")
        assert "| `members_per_graph` | `1200` |" in page
        assert page.startswith("Text.\n\n<!-- generated: quotas -->\n\n| name |")
        assert page.endswith("|\n\n<!-- end -->\nMore text.\n")
        assert generated.fill(page.replace("1200", "1300")) == page
        assert generated.fill(page.replace("More text", "Other text")) != page

    @pytest.mark.parametrize("name", generated.GENERATORS)
    def test_each_generator_is_used(self, name: str) -> None:
        """At least one page uses it."""
        assert any(f"<!-- generated: {name}" in page.read_text(encoding="utf-8") for page in [README, *PAGES])

    def test_readme_has_every_option(self) -> None:
        """The table has the defaults, too."""
        assert generated.GENERATORS["options"]() in README.read_text(encoding="utf-8")


class TestMenu:
    def test_every_page_is_in_it(self) -> None:
        """The links of each index page are the menu of the site."""
        unlisted = [path for path in PAGES if path.name != "index.md" and f"]({path.name})" not in index_of(path)]
        assert [str(path.relative_to(ROOT)) for path in unlisted] == []


class TestApi:
    @pytest.mark.parametrize("name", api.PAGES)
    def test_signatures_have_only_public_names(self, name: str) -> None:
        """No constructor of the package's own, no sentinel, nothing for type checkers only."""
        page = api.page(name)
        assert not re.search(
            r"_Un|UNCHANGED|NoReturn|NOTHING|<unchanged>|ForwardRef|\bself\b|\bcontext:|object at 0x", page
        )

    @pytest.mark.parametrize("name", api.PAGES)
    def test_types_are_described(self, name: str) -> None:
        """The reference describes each type in a signature or a table, or Python or boto3 does."""
        page = api.page(name)
        texts = re.findall(r"```python\n(.*?)```", page, re.DOTALL) + re.findall(r"^`(.+)`$", page, re.MULTILINE)
        texts += re.findall(r"^\| `\w+` \| `(.*?)` \|", page, re.MULTILINE)
        used = {word for text in texts if "`" not in text for word in re.findall(r'(?<![".\w])[A-Z]\w+', text)}
        assert (
            used
            - {
                *api.objects(),
                *vars(builtins),
                *typing.__all__,
                "AbstractContextManager",
                "DetectiveClient",
                "PathLike",
            }
            == set()
        )

    def test_every_page_is_in_the_reference(self) -> None:
        """And has a generated part."""
        for name in api.PAGES:
            page = ROOT / "docs" / "reference" / f"{name}.md"
            assert f"<!-- generated: api {name} -->" in page.read_text(encoding="utf-8")

    def test_every_public_name_is_listed(self) -> None:
        """A link leads to the page that describes it."""
        listed = set(re.findall(r"^\| \[`(\w+)`\]", api.summary_table(), re.MULTILINE))
        assert listed >= {*detective_fake.__all__, *types.__all__}

    def test_every_method_is_documented_once(self) -> None:
        """Also those that no page names."""
        public = {name for name in dir(DetectiveFake) if not name.startswith("_")}
        found = [
            name
            for page in api.PAGES
            for part in api.parts(page)
            if part.name == "DetectiveFake"
            for name in api.names(part)
        ]
        assert sorted(found) == sorted(public)


class TestShortUrls:
    def test_lead_to_existing_pages(self) -> None:
        """A heading in the target exists, too."""
        for target in short_urls().values():
            page, _, heading = target.partition("#")
            path = ROOT / "docs" / page.replace(".html", ".md")
            assert path.exists(), target
            assert not heading or heading in anchors(path), target

    def test_are_those_of_the_error_messages(self) -> None:
        """A message with an unknown URL would lead nowhere, an unused URL is left over."""
        sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
        assert {name for text in sources for name in re.findall(r"\{DOCS\}([\w-]+)", text)} == set(short_urls())

    def test_are_below_the_site(self) -> None:
        """`pyproject.toml` has its address."""
        assert f'Documentation = "{errors.DOCS.removesuffix("e/")}"' in (ROOT / "pyproject.toml").read_text(
            encoding="utf-8"
        )


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
        """Links to other files and headings, as the repository page resolves them."""
        tmp_path.joinpath("docs").mkdir()
        tmp_path.joinpath("LICENSE").touch()
        tmp_path.joinpath("docs/a.md").write_text(
            "# A page\n## Same\n## Same\n[b](../README.md) [c](#same-1) [d](#same-2)"
        )
        tmp_path.joinpath("README.md").write_text(
            "[a](docs/a.md#a-page) [b](LICENSE) [c](https://example.com) [d](none.md) ![e](none.png) [f](docs)\n"
            "```python\nx[0](none)\n```\n"
        )
        tmp_path.joinpath(".nox").mkdir()
        tmp_path.joinpath(".nox/a.md").write_text("[a](none.md)")
        assert list(broken_in_markdown(tmp_path)) == [
            "README.md: none.md does not exist",
            "README.md: none.png does not exist",
            "docs/a.md: #same-2 has no such heading",
        ]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("<!-- generated: quotas -->\n\ntext\n\n<!-- end -->\n", []),
            ("<!-- generated: quotas -->\n\n<!-- end -->\n", ["a.md: the part quotas is empty"]),
            ("<!-- generated: quotas -->\n\ntext\n", ["a.md: the part quotas is empty"]),
            ("```{literalinclude} a.py\n```\n", ["a.md: {literalinclude} a.py is only for Sphinx"]),
            ("(target)=\n# Heading\n", ["a.md: (target)= is only for Sphinx"]),
        ],
    )
    def test_what_the_repository_page_does_not_show(self, tmp_path: Path, text: str, told: list[str]) -> None:
        """Empty parts, and directives of Sphinx."""
        tmp_path.joinpath("a.md").write_text(text)
        assert list(broken_in_markdown(tmp_path)) == told

    def test_the_repository_has_no_broken_links(self) -> None:
        """Every Markdown file, read without Sphinx."""
        assert list(broken_in_markdown(ROOT)) == []
