"""Every regular expression, of the service model and of the package, reads a text in linear time."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

import detective_fake
from detective_fake.protocol.model import operations, service_model
from tests.patterns import grows

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(detective_fake.__file__).parent
FROM_THE_BEGINNING = {"fullmatch", "match"}

NO_LITERALS = {
    "protocol/model.py": "made from the model's paths: TestOfTheModel",
    "protocol/validation.py": "from the model: TestOfTheModel",
    "options.py": "made from a constant, for settings of pytest",
    "server/control.py": "made from constants, for texts of this package",
}
"""Modules with patterns that are not literals, and where the patterns come from."""

READ_ITSELF = ("scenario/arguments.py: ^ {4}", "options.py: ^ +")
"""These patterns read only docstrings of the package."""


@attrs.frozen
class Use:
    """A pattern in a source file.

    Attributes:
        pattern: None if it is not a literal.
        search: Whether a match may begin anywhere in a text.
    """

    module: str
    pattern: str | None
    search: bool

    def __str__(self) -> str:
        return f"{self.module}: {self.pattern}"


def uses() -> Iterator[Use]:
    """Yield every pattern that a module of the package passes to `re`."""
    sources = {file: file.read_text(encoding="utf-8") for file in sorted(PACKAGE.rglob("*.py"))}
    for file, source in sources.items():
        tree = ast.parse(source if "re." in source else "")
        methods, names = used_methods(tree), assigned_names(tree)
        for call in ast.walk(tree):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and ast.unparse(call.func.value) == "re"
            ):
                used = methods.get(names.get(call, ""), {ast.unparse(call.func).removeprefix("re.")})
                literal = ast.literal_eval(call.args[0]) if isinstance(call.args[0], ast.Constant) else None
                search = not used <= {*FROM_THE_BEGINNING, "pattern"}
                yield Use(file.relative_to(PACKAGE).as_posix(), literal, search)


def assigned_names(tree: ast.Module) -> dict[ast.AST | None, str]:
    """Return the name that each value is assigned to."""
    assigned = (node for node in ast.walk(tree) if isinstance(node, (ast.AnnAssign, ast.Assign)))
    targets = ((node.value, node.target if isinstance(node, ast.AnnAssign) else node.targets[0]) for node in assigned)
    return {value: ast.unparse(target) for value, target in targets}


def used_methods(tree: ast.Module) -> dict[str, set[str]]:
    """Return the attributes of each name that a module uses."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def model_patterns() -> dict[str, str]:
    """Return the patterns of the service model by shape."""
    shapes = (service_model().shape_for(name) for name in service_model().shape_names)
    return {shape.name: shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata}


@pytest.fixture(scope="module")
def used() -> list[Use]:
    """All of them: finding them takes long."""
    return list(uses())


class TestOfTheModel:
    @pytest.mark.parametrize("shape", sorted(model_patterns()))
    def test_values_are_read_in_linear_time(self, shape: str) -> None:
        """Most have their length checked before."""
        assert grows(model_patterns()[shape], re.ASCII) is None

    @pytest.mark.parametrize("uri", sorted({operation.uri for operation in operations().values()}))
    def test_paths_are_read_in_linear_time(self, uri: str) -> None:
        """A label is at the end and takes the rest: only the text before it is searched for."""
        fixed, _, after = uri.partition("{")
        assert after in {"", after.rpartition("}")[0] + "}"}
        assert grows(re.escape(fixed), search=True) is None


@pytest.mark.slow
class TestOfThePackage:
    def test_literals_are_read_in_linear_time(self, used: list[Use]) -> None:
        """That holds for any input."""
        growth = {
            str(use): grows(use.pattern, search=use.search)
            for use in used
            if use.pattern is not None and not str(use).startswith(READ_ITSELF)
        }
        assert len(growth) > 10
        assert {use: how for use, how in growth.items() if how is not None} == {}

    def test_other_patterns_are_listed(self, used: list[Use]) -> None:
        """Those that are not literals."""
        assert {use.module for use in used if use.pattern is None} == set(NO_LITERALS)


class TestGrows:
    @pytest.mark.parametrize("pattern", ["(a+)+", "((ab)+c?)+", "(a|ab|b)+c", r"(\w+\s?)+", "(?:a+){2,3}"])
    def test_exponentially(self, pattern: str) -> None:
        """A repeated part can be read in two ways, or in more or fewer repetitions."""
        assert grows(pattern) == "exponentially"

    @pytest.mark.parametrize(
        "pattern", ["", "a+", "(a*b)*", "(?:ab|cd)+e", "a?a?a?", "(?:^|x)a{2,9}$", "(?!b)a+", "[^a]+a", "(?:ax|ay|b)+"]
    )
    def test_linearly(self, pattern: str) -> None:
        """The next or previous character tells the position in the pattern."""
        assert grows(pattern) is None

    @pytest.mark.parametrize("pattern", [r"a*a*", r".*x.*", r"(?s:.*)\d+", r"a*?b?a*"])
    def test_as_a_power(self, pattern: str) -> None:
        """It is open where one repetition ends and the next begins."""
        assert grows(pattern) == "as a power"

    @pytest.mark.parametrize(("pattern", "found"), [("a+b", "as a power"), ("ba+", None), ("b[^b]+c", None)])
    def test_when_searched(self, pattern: str, found: str | None) -> None:
        """A match may begin at every character, except for those that a loop excludes."""
        assert grows(pattern) is None
        assert grows(pattern, search=True) == found

    @pytest.mark.parametrize("pattern", ["(?:a|a)*", "(?:a?)*", "(?=a*)b"])
    def test_unsupported_patterns_are_rejected(self, pattern: str) -> None:
        """Alternatives that are equal or empty, empty repetitions, and assertions of variable length."""
        with pytest.raises(AssertionError):
            grows(pattern)
