"""No regular expression, of the service model or of the package, takes longer than in proportion to what it reads."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

import detective_fake
from detective_fake.protocol.model import operations, service_model
from detective_fake.scenario.kinds import KINDS
from tests.patterns import grows

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(detective_fake.__file__).parent
FROM_THE_BEGINNING = {"fullmatch", "match"}

NO_LITERALS = {
    "protocol/rest_json.py": "made of the model's paths: TestOfTheModel",
    "protocol/validation.py": "the model's own: TestOfTheModel",
    "pytest_plugin.py": "made of a constant; read are pytest's own options",
    "scenario/kinds.py": "given by the kinds: TestOfScenarios",
}
"""Modules with patterns that are no literals, and what they are."""

READS_ITSELF = "scenario/schema.py"
"""Its pattern is for docstrings of the package's own, when the schema is made."""


@attrs.frozen
class Use:
    """A pattern in a source file.

    Attributes:
        pattern: None if it is no literal.
        search: Whether it is used in another way than from the beginning of a text.
    """

    module: str
    pattern: str | None
    search: bool

    def __str__(self) -> str:
        return f"{self.module}: {self.pattern}"


def uses() -> Iterator[Use]:
    """Yield every pattern that a module of the package gives to `re`."""
    for file in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        methods, names = used_methods(tree), assigned_names(tree)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("re."):
                used = methods.get(names.get(call, ""), {ast.unparse(call.func).removeprefix("re.")})
                literal = ast.literal_eval(call.args[0]) if isinstance(call.args[0], ast.Constant) else None
                search = not used <= {*FROM_THE_BEGINNING, "pattern"}
                yield Use(file.relative_to(PACKAGE).as_posix(), literal, search)


def assigned_names(tree: ast.Module) -> dict[ast.AST | None, str]:
    """Return which name each value is given."""
    assigned = (node for node in ast.walk(tree) if isinstance(node, (ast.AnnAssign, ast.Assign)))
    targets = ((node.value, node.target if isinstance(node, ast.AnnAssign) else node.targets[0]) for node in assigned)
    return {value: ast.unparse(target) for value, target in targets}


def used_methods(tree: ast.Module) -> dict[str, set[str]]:
    """Return which attributes of each name a module uses."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def model_patterns() -> dict[str, str]:
    """Return the patterns of the service model by shape."""
    shapes = (service_model().shape_for(name) for name in service_model().shape_names)
    return {shape.name: shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata}


class TestOfTheModel:
    @pytest.mark.parametrize("shape", sorted(model_patterns()))
    def test_values_are_read_in_proportion_to_their_length(self, shape: str) -> None:
        """None of them grows, and most have their length bounded before."""
        assert grows(model_patterns()[shape], re.ASCII) is None

    @pytest.mark.parametrize("uri", sorted({operation.uri for operation in operations().values()}))
    def test_paths_are_read_in_proportion_to_their_length(self, uri: str) -> None:
        """A label stands at the end, and takes all there is: to be looked for is only what stands before it."""
        fixed, _, after = uri.partition("{")
        assert after in {"", after.rpartition("}")[0] + "}"}
        assert grows(re.escape(fixed), search=True) is None


class TestOfThePackage:
    @pytest.mark.parametrize(
        "use", [use for use in uses() if use.pattern is not None and use.module != READS_ITSELF], ids=str
    )
    def test_literals_read_in_proportion_to_the_length(self, use: Use) -> None:
        """Whoever sends them what."""
        assert use.pattern is not None
        assert grows(use.pattern, search=use.search) is None

    def test_no_others_are_left_out(self) -> None:
        """Those that are no literals stand in a list."""
        assert {use.module for use in uses() if use.pattern is None} == set(NO_LITERALS)


class TestOfScenarios:
    @pytest.mark.parametrize(
        "pattern", sorted({kind.schema["pattern"] for kind in KINDS.values() if "pattern" in kind.schema})
    )
    def test_values_are_read_in_proportion_to_their_length(self, pattern: str) -> None:
        """Those of each kind."""
        assert grows(pattern, re.ASCII) is None


class TestGrows:
    @pytest.mark.parametrize("pattern", ["(a+)+", "((ab)+c?)+", "(a|ab|b)+c", r"(\w+\s?)+", "(?:a+){2,3}"])
    def test_exponentially(self, pattern: str) -> None:
        """What is repeated can be read in two ways, or in more turns or fewer."""
        assert grows(pattern) == "exponentially"

    @pytest.mark.parametrize(
        "pattern", ["", "a+", "(a*b)*", "(?:ab|cd)+e", "a?a?a?", "(?:^|x)a{2,9}$", "(?!b)a+", "[^a]+a", "(?:ax|ay|b)+"]
    )
    def test_in_proportion(self, pattern: str) -> None:
        """What comes next, or what has come, tells where one is."""
        assert grows(pattern) is None

    @pytest.mark.parametrize("pattern", [r"a*a*", r".*x.*", r"(?s:.*)\d+", r"a*?b?a*"])
    def test_as_a_power(self, pattern: str) -> None:
        """Where one repetition ends and another begins is open."""
        assert grows(pattern) == "as a power"

    @pytest.mark.parametrize(("pattern", "found"), [("a+b", "as a power"), ("ba+", None), ("b[^b]+c", None)])
    def test_when_looked_for(self, pattern: str, found: str | None) -> None:
        """Every character may be where it begins; but for what a loop cannot pass."""
        assert grows(pattern) is None
        assert grows(pattern, search=True) == found

    @pytest.mark.parametrize("pattern", ["(?:a|a)*", "(?:a?)*", "(?=a*)b"])
    def test_what_it_cannot_tell_is_refused(self, pattern: str) -> None:
        """Nothing in two ways, nothing repeated, and assertions of any length."""
        with pytest.raises(AssertionError):
            grows(pattern)
