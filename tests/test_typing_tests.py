"""The typing tests use every public name: those in `docs/reference/api.md` and the fixtures."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import detective_fake
from detective_fake import pytest_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
API = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
DOCUMENTED = [
    (each[1], each[2])
    for each in re.finditer(r"^\.\. auto(?:class|exception):: ([\w.]+).*\n(?: {3}:members:(.*))?", API, re.MULTILINE)
]
FIXTURES = [name for name in pytest_plugin.__all__ if name.endswith("detective_fake")]
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "typing_tests").glob("*.py")]


def names_used() -> Iterator[str]:
    """Yield every name in the typing tests: imports, variables, attributes, parameters."""
    for node in (each for tree in TREES for each in ast.walk(tree)):
        match node:
            case ast.Attribute(attr=name) | ast.alias(name=name) | ast.Name(id=name) | ast.arg(arg=name):
                yield name


NAMES_USED = frozenset(names_used())


def public_names(cls: type, members: str | None) -> Iterator[str]:
    """Yield the documented members and attributes of a class."""
    if members is not None:
        yield from re.findall(r"\w+", members) or (name for name in vars(cls) if not name.startswith("_"))
    attributes = (inspect.getdoc(cls) or "").partition("Attributes:")[2]
    yield from re.findall(r"^    (\w+): ", attributes, re.MULTILINE)


class TestPublicNames:
    @pytest.mark.parametrize(("path", "members"), DOCUMENTED, ids=[path for path, _ in DOCUMENTED])
    def test_in_the_documentation_have_typing_tests(self, path: str, members: str | None) -> None:
        """So a new member needs a typing test."""
        module, _, name = path.rpartition(".")
        cls = getattr(importlib.import_module(module), name)
        assert set(public_names(cls, members)) - NAMES_USED == set()

    @pytest.mark.parametrize("name", [*detective_fake.__all__, "__version__", *FIXTURES])
    def test_of_the_package_and_its_fixtures_have_typing_tests(self, name: str) -> None:
        """Imported names and fixtures, too."""
        assert name in NAMES_USED

    def test_are_documented(self) -> None:
        """Otherwise the tests above check nothing."""
        assert {path.rpartition(".")[2] for path, _ in DOCUMENTED} >= set(detective_fake.__all__)
