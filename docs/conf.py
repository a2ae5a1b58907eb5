"""How the site is built: `nox -s docs`, or `sphinx-build -W docs docs/_build/html`."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Final

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE: Final = Path(__file__).parent
URLS: Final = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]

project = "detective_fake"
author = "The detective_fake maintainers"
copyright = author  # noqa: A001 - Sphinx's own name for it
release = version = version_of("detective-fake")

extensions = ["myst_parser", "sphinx_copybutton"]
exclude_patterns = ["_build", "_ext"]

myst_heading_anchors = 4

html_theme = "furo"
html_title = f"detective_fake {release}"
html_baseurl = URLS["Documentation"]
html_theme_options = {
    "source_repository": URLS["Source"],
    "source_branch": "main",
    "source_directory": "docs/",
    "top_of_page_buttons": ["view"],
}
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sphinx = False

copybutton_prompt_text = "$ "

SHORT_URLS: Final = {
    "ended-fake": "troubleshooting.html#this-client-belongs-to-a-detectivefake-that-has-ended",
    "guard": "how-to/failures.html#the-guard",
    "not-faked": "troubleshooting.html#an-operation-is-not-faked",
    "not-an-output": "how-to/faults.html#a-response-of-your-own",
    "scenario": "how-to/scenarios.html#check-a-file",
    "server": "how-to/server.html",
    "unused-faults": "how-to/faults.html#unused-faults",
}
"""Where the links in error messages lead: `e/NAME/`. They stay valid when a page moves."""

_LINK: Final = re.compile(r"\]\(((?:[\w-]+/index|[\w-]+))\.md\)")
_REDIRECT: Final = """<!DOCTYPE html>
<title>{0}</title>
<meta http-equiv="refresh" content="0; url=../../{0}">
<a href="../../{0}">{0}</a>
"""


def setup(app: Sphinx) -> None:
    """Register the functions below with Sphinx."""
    app.connect("source-read", add_menu)
    app.connect("build-finished", write_short_urls)


def add_menu(_: Sphinx, page: str, source: list[str]) -> None:
    """Make the links of an index page the menu of the site. Markdown itself has no menu."""
    if page == "index" or page.endswith("/index"):
        entries = "\n".join(dict.fromkeys(_LINK.findall(source[0])))
        source[0] += f"\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"


def write_short_urls(app: Sphinx, error: Exception | None) -> None:
    """Write a page for each short URL that leads to its target."""
    for name, target in SHORT_URLS.items() if error is None else ():
        folder = Path(app.outdir, "e", name)
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath("index.html").write_text(_REDIRECT.format(target), encoding="utf-8")
