"""`nox -s oldest` tests the lower bounds of `pyproject.toml`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOXFILE = (ROOT / "noxfile.py").read_text(encoding="utf-8")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def pins() -> dict[str, str]:
    """Return the pins of `OLDEST`, without trailing zeros."""
    found = next(
        node.value
        for node in ast.parse(NOXFILE).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OLDEST"
    )
    return {name: shortened(version) for name, version in (pin.split("==") for pin in ast.literal_eval(found))}


def bounds(table: str) -> dict[str, str]:
    """Return the lower bounds in a list of `pyproject.toml`."""
    (entries,) = re.findall(rf"^{table} = \[\n(.*?)^\]", PYPROJECT, re.DOTALL | re.MULTILINE)
    found = re.findall(r'^    "([\w-]+)(?:\[[\w,]+\])?>=([\d.]+)', entries, re.MULTILINE)
    return {name: shortened(version) for name, version in found}


def shortened(version: str) -> str:
    return re.sub(r"(\.0)+$", "", version)


class TestOldest:
    def test_has_the_bound_of_every_dependency(self) -> None:
        """Users may have these installed."""
        dependencies = bounds("dependencies")
        assert "botocore" in dependencies
        assert {name: pins().get(name) for name in dependencies} == dependencies

    def test_has_the_bounds_of_optional_packages(self) -> None:
        """These are aiobotocore and moto, which are in the extra `test`."""
        tested = bounds("test")
        assert {name: pins()[name] for name in ("aiobotocore", "moto")} == {
            name: tested[name] for name in ("aiobotocore", "moto")
        }
