"""Private attributes of other libraries: the package reads only those that `botocore_hooks` lists with a reason."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import detective_fake
from detective_fake.interception import botocore_hooks

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(detective_fake.__file__).parent
NOT_PRIVATE = {"_asdict", "_replace"}  # methods of named tuples
PRIVATE = re.compile(r"_[a-zA-Z]\w*(?<!_)")


def names_defined(tree: ast.Module) -> set[str]:
    """Return the private names that a module defines: functions, classes, variables, and attributes of `self`."""
    defined: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            defined.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            defined.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            defined.add(node.attr)
    return defined


def names_read(tree: ast.Module) -> Iterator[str]:
    """Yield the private names that a module reads as attributes, and texts that may be such names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def private_names_of_others() -> set[str]:
    """Return the private names that modules of the package read and do not define."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {name for name in names_read(tree) if PRIVATE.fullmatch(name)} - names_defined(tree)
    return found - NOT_PRIVATE


@pytest.mark.slow
def test_each_is_listed_with_its_reason() -> None:
    """No public name gives the same."""
    assert botocore_hooks.__doc__ is not None
    listed = {match.group(1) for match in re.finditer(r"(?:`|\.)(_[a-zA-Z]\w*)", botocore_hooks.__doc__)}
    assert private_names_of_others() <= listed
