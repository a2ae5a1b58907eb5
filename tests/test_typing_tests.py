"""The typing tests use every public name: those that the reference describes, and the fixtures."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import detective_fake
from detective_fake import pytest_plugin, types
from docs._ext import api

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DOCUMENTED = [(page, part) for page in api.PAGES for part in api.parts(page)]
FIXTURES = [name for name in pytest_plugin.__all__ if name.endswith("detective_fake")]
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "typing_tests").glob("*.py")]


def names_used() -> Iterator[str]:
    """Yield every name in the typing tests: imports, variables, attributes, parameters, keywords."""
    for node in (each for tree in TREES for each in ast.walk(tree)):
        match node:
            case ast.Attribute(attr=name) | ast.alias(name=name) | ast.Name(id=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name


NAMES_USED = frozenset(names_used())


class TestPublicNames:
    @pytest.mark.parametrize(("page", "part"), DOCUMENTED, ids=[f"{page}-{part.name}" for page, part in DOCUMENTED])
    def test_in_the_documentation_have_typing_tests(self, page: str, part: api.Part) -> None:
        """So a new member needs a typing test."""
        names = {*api.names(part), *api.descriptions(api.objects()[part.name], "Attributes")}
        assert names - NAMES_USED - {*part.hidden.split()} == set(), page

    @pytest.mark.parametrize("name", [*detective_fake.__all__, "__version__", *FIXTURES])
    def test_of_the_package_and_its_fixtures_have_typing_tests(self, name: str) -> None:
        """Imported names and fixtures, too."""
        assert name in NAMES_USED

    def test_are_documented(self) -> None:
        """Otherwise the tests above check nothing."""
        described = {part.name for _, part in DOCUMENTED} | set(api.ON_OTHER_PAGES)
        assert described >= {*detective_fake.__all__, *types.__all__}
