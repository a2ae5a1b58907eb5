"""Checks the content of sdist and wheel, and the dependencies of an installed wheel; `nox -s package` runs it.

python -m tests.distribution built FIRST SECOND     compares two folders with an sdist and a wheel, and their content
python -m tests.distribution installed FOLDER       checks the distributions that are installed in a folder
python -m tests.distribution readme FILE            checks the links of the README as PyPI shows it
"""

from __future__ import annotations

import re
import sys
import tarfile
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

PACKAGE: Final = Path("detective_fake")
NAME: Final = "detective-fake"

WHEEL: Final = (
    r"detective_fake/(\w+/)*\w+\.py",
    r"detective_fake/py\.typed",
    r"detective_fake/scenario\.schema\.json",
    r"detective_fake/server/examples\.json",
    r"detective_fake/server/static/\w+\.(css|js|svg)",
    r"detective_fake/server/templates/\w+\.(html|seed|toml)",
    *(rf"detective_fake-[^/]+\.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD", r"entry_points\.txt")),
    r"detective_fake-[^/]+\.dist-info/licenses/LICENSE",
)
"""Every file of a wheel matches one of these patterns, and every pattern matches a file."""

_SOURCES: Final = (
    r"(?!(.*/)?(__pycache__|_build|node_modules|\.[^/]*)/).*"
    r"\.(css|html|ini|js|json|md|mjs|png|py|seed|svg|toml|ts|txt|typed|yml)"
)
SDIST: Final = (
    *(rf"{folder}/{_SOURCES}" for folder in ("detective_fake", "docs", "examples", "tests", "typing_tests")),
    r"(CHANGELOG|CONTRIBUTING|README|SECURITY)\.md",
    r"(conftest|noxfile)\.py",
    *("LICENSE", "PKG-INFO", r"\.gitignore", r"pyproject\.toml"),
)
"""The same for an sdist, below its top folder."""

_TREE: Final = re.compile(r"https://[\w.]+/detective-fake/detective-fake/(?:blob/)?v[\d.]+/([^#]+)")
"""A file of this repository at the tag of a release."""

_WITH_EVERY_PYTHON: Final = frozenset({"pip", "setuptools"})


def built(first: Path, second: Path) -> list[str]:
    """Return the problems of two builds of the same source."""
    (wheel,), (sdist,) = first.glob("*.whl"), first.glob("*.tar.gz")
    package = [path.as_posix() for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    with zipfile.ZipFile(wheel) as opened:
        in_wheel = opened.namelist()
    with tarfile.open(sdist) as archive:
        in_sdist = [name.partition("/")[2] for name in archive.getnames()]
    return [
        *unequal(first, second),
        *(f"{wheel.name}: {problem}" for problem in misplaced(in_wheel, WHEEL, package)),
        *(f"{sdist.name}: {problem}" for problem in misplaced(in_sdist, SDIST, package)),
    ]


def unequal(first: Path, second: Path) -> Iterator[str]:
    """Yield the differences between the files of two folders."""
    names = {path.name for folder in (first, second) for path in folder.iterdir()}
    for name in sorted(names):
        paths = [folder / name for folder in (first, second)]
        if not all(path.exists() for path in paths):
            yield f"{name}: built only once"
        elif paths[0].read_bytes() != paths[1].read_bytes():
            yield f"{name}: differs when it is built again"


def misplaced(names: Iterable[str], expected: Sequence[str], package: Iterable[str]) -> Iterator[str]:
    """Yield unexpected names, patterns without a match, and missing files of the package."""
    names = set(names)
    yield from (f"{name} does not belong there" for name in sorted(names) if not _matches(name, expected))
    yield from (f"nothing is like {each}" for each in expected if not any(_matches(name, [each]) for name in names))
    yield from (f"{name} is missing" for name in sorted(package) if name not in names)


def _matches(name: str, expected: Iterable[str]) -> bool:
    return any(re.fullmatch(each, name) for each in expected)


def installed(folder: Path) -> list[str]:
    """Return installed distributions that the package does not require, and required ones that are missing."""
    requirements: dict[str, list[str]] = {
        canonicalize_name(each.name): each.requires or [] for each in distributions(path=[str(folder)])
    }
    needed = closure(NAME, requirements)
    return [
        *(f"{name} is installed but not required" for name in sorted(requirements.keys() - needed)),
        *(f"{name} is required but not installed" for name in sorted(needed - requirements.keys())),
    ]


def closure(name: str, requirements: Mapping[str, Iterable[str]]) -> set[str]:
    """Return a distribution with everything it requires on this Python, without extras."""
    needed, ahead = set(_WITH_EVERY_PYTHON & requirements.keys()), [name]
    while ahead:
        each = ahead.pop()
        if each not in needed:
            needed.add(each)
            asked = map(Requirement, requirements.get(each, []))
            ahead += [
                canonicalize_name(one.name) for one in asked if not one.marker or one.marker.evaluate({"extra": ""})
            ]
    return needed


def readme(rendered: Path) -> list[str]:
    """Return the links that lead nowhere: relative ones, missing headings, and missing files of this repository."""
    html = rendered.read_text(encoding="utf-8")
    places = set(re.findall(r' id="([^"]+)"', html))
    problems = []
    for link in re.findall(r' (?:href|src)="([^"]+)"', html):
        found = _TREE.match(link)
        if link.startswith("#"):
            exists = link[1:] in places
        elif found:
            exists = Path(found[1]).exists()
        else:
            exists = link.startswith("https://")
        problems += [] if exists else [f"{link} leads nowhere"]
    return problems


COMMANDS: Final[Mapping[str, Callable[..., list[str]]]] = {"built": built, "installed": installed, "readme": readme}


def main(arguments: Sequence[str]) -> int:
    """Print the problems and return the exit status."""
    command, *folders = arguments
    problems = COMMANDS[command](*map(Path, folders))
    print(*problems or [f"{command}: no problems"], sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
