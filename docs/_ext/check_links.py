"""Checks the links of the built pages: `python docs/_ext/check_links.py docs/_build/html`.

Every internal link and image must lead to an existing file, and to an existing anchor in it. No page may load anything
from another site. The Markdown files of the repository are read as its web page shows them, without Sphinx: their links
are checked in the same way, and they must not contain anything that only Sphinx understands.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT: Final = Path(__file__).parent.parent.parent
_LOADING: Final = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_FENCED: Final = re.compile(r"^(`{3,})(.*?)\n.*?^\1$", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"^#+ (.*)$", re.MULTILINE)
_ONLY_SPHINX: Final = re.compile(r"^\([\w-]+\)=$|^:::|\{(?:ref|doc|py:\w+)\}`", re.MULTILINE)
_MARKER: Final = re.compile(r"^<!-- generated: (.*) -->$", re.MULTILINE)
_PART: Final = re.compile(r"^<!-- generated: ([^\n]*) -->\n\s*?^[^<\s].*?^<!-- end -->$", re.DOTALL | re.MULTILINE)
_NOT_OURS: Final = {"node_modules", "_build", "mutants"}


class _Page(HTMLParser):
    """Collects the links of a page, what it loads, and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.places.update(value for name in ("id", "name") if (value := given.get(name)))
        if tag == "a" and (link := given.get("href")):
            self.links.append(link)
        loads = given.get(_LOADING.get(tag, ""))
        if loads and given.get("rel") not in {"canonical", "index", "next", "prev", "search"}:
            self.loaded.append(loads)


@functools.cache
def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def broken_in_html(folder: Path) -> Iterator[str]:
    """Yield a message for every broken link in a folder of pages, and for everything loaded from another site."""
    for path in sorted(folder.rglob("*.html")):
        page, name = _read(path), path.relative_to(folder)
        for link in [*page.links, *page.loaded]:
            if _is_elsewhere(link):
                continue
            target, place = _target(path, link)
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                yield f"{name}: {link} does not exist"
            elif place and target.suffix == ".html" and place not in _read(target).places:
                yield f"{name}: {link} has no such anchor"
        yield from (
            f"{name} loads {each}" for each in page.loaded if _is_elsewhere(each) and not each.startswith("data:")
        )


def broken_in_markdown(root: Path) -> Iterator[str]:
    """Yield a message for everything in the Markdown files below a folder that its web page would not show."""
    for path in _markdown_files(root):
        name = path.relative_to(root)
        source = path.read_text(encoding="utf-8")
        yield from (f"{name}: {found[2]} is only for Sphinx" for found in _FENCED.finditer(source) if "{" in found[2])
        text = _FENCED.sub("", source)
        yield from (f"{name}: {found[0]} is only for Sphinx" for found in _ONLY_SPHINX.finditer(text))
        filled = _PART.findall(source)
        yield from (f"{name}: the part {each} is empty" for each in _MARKER.findall(source) if each not in filled)
        for link in _LINK.findall(text):
            if _is_elsewhere(link):
                continue
            target, place = _target(path, link)
            if not target.exists():
                yield f"{name}: {link} does not exist"
            elif place and target.suffix == ".md" and place not in anchors(target):
                yield f"{name}: {link} has no such heading"


def _markdown_files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _NOT_OURS and not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".md"))


@functools.cache
def anchors(path: Path) -> frozenset[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    found: list[str] = []
    for heading in _HEADING.findall(_FENCED.sub("", path.read_text(encoding="utf-8"))):
        text = re.sub(r"\]\(.*?\)", "", heading).lower()
        name = re.sub(r"[^\w\- ]", "", text).strip().replace(" ", "-")
        count = sum(re.fullmatch(rf"{re.escape(name)}(-\d+)?", each) is not None for each in found)
        found.append(f"{name}-{count}" if count else name)
    return frozenset(found)


def _is_elsewhere(link: str) -> bool:
    parts = urlsplit(link)
    return bool(parts.scheme or parts.netloc)


def _target(path: Path, link: str) -> tuple[Path, str]:
    parts = urlsplit(link)
    target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
    return target, unquote(parts.fragment)


def main() -> int:
    """Print broken links; return 1 if there are any."""
    broken = [*broken_in_html(Path(sys.argv[1])), *broken_in_markdown(_ROOT)]
    sys.stdout.write("".join(f"{each}\n" for each in broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
