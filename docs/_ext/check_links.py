"""Checks the links of the built pages: `python docs/_ext/check_links.py docs/_build/html`.

Every internal link and image must lead to an existing file, and to an existing anchor in it. No page may load anything
from another site. Links of the Markdown files at the root are checked, too.
"""

from __future__ import annotations

import functools
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["broken_in_html", "broken_in_markdown"]

_ROOT: Final = Path(__file__).parent.parent.parent
_LOADING: Final = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


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
            if not target.is_file():
                yield f"{name}: {link} does not exist"
            elif place and target.suffix == ".html" and place not in _read(target).places:
                yield f"{name}: {link} has no such anchor"
        yield from (
            f"{name} loads {each}" for each in page.loaded if _is_elsewhere(each) and not each.startswith("data:")
        )


def broken_in_markdown(root: Path) -> Iterator[str]:
    """Yield a message for every broken link in the Markdown files of a folder."""
    for path in sorted(root.glob("*.md")):
        for link in _LINK.findall(path.read_text(encoding="utf-8")):
            if not _is_elsewhere(link) and not (root / unquote(urlsplit(link).path)).exists():
                yield f"{path.name}: {link} does not exist"


def _is_elsewhere(link: str) -> bool:
    parts = urlsplit(link)
    return bool(parts.scheme or parts.netloc)


def _target(path: Path, link: str) -> tuple[Path, str]:
    parts = urlsplit(link)
    target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
    return (target / "index.html" if target.is_dir() else target), unquote(parts.fragment)


def main() -> int:
    """Print broken links; return 1 if there are any."""
    broken = [*broken_in_html(Path(sys.argv[1])), *broken_in_markdown(_ROOT)]
    sys.stdout.write("".join(f"{each}\n" for each in broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
