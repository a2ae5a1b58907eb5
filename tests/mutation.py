"""A pytest plugin for mutation testing, loaded only by `[tool.mutmut]` in `pyproject.toml`.

mutmut forks a process for each mutant, from a process that has run all tests, and runs the tests that call the mutated
function. This package computes some things once: tables at import, patterns at first use. The plugin computes them
again, because a mutant of that code would otherwise never run.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from mutmut.state import state

_CACHED = type(functools.cache(len))
_KEPT = "loader"  # of botocore's files, which do not change
_OURS = ("detective_fake.", "tests.")

# An example that fails is enough: to look for the smallest one can take longer than a mutant has.
_PHASES = [Phase.explicit, Phase.generate]
settings.register_profile(
    "mutation", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=_PHASES
)

# Lies beside the copies of package and tests. What these functions have made cannot be forgotten, only imported anew.
_CALLED_AT_IMPORT = Path("called-at-import.txt")

_called_at_import: set[str] = set()


def pytest_load_initial_conftests() -> None:
    """Forget what was made in another process, as far as the mutant of this one may have a part in it."""
    mutated = os.environ.get("MUTANT_UNDER_TEST", "").partition("__mutmut_")[0]
    if _CALLED_AT_IMPORT.exists() and mutated not in _CALLED_AT_IMPORT.read_text(encoding="utf-8").splitlines():
        _forget()
        return
    for name in [name for name in sys.modules if name.startswith(_OURS) and name != __name__]:
        del sys.modules[name]


def pytest_collection_finish() -> None:
    """Note which functions were called by then: at import. Skip mutmut's own frames in search of the caller's line."""
    formatting = vars(importlib.import_module("detective_fake.formatting"))
    formatting["_CARRIERS"] |= {"mutmut"}
    if _asks_what_is_called():
        _called_at_import.update(state()._stats)  # noqa: SLF001 - mutmut tells plugins nothing
        with _CALLED_AT_IMPORT.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in sorted(_called_at_import))


def pytest_runtest_setup() -> None:
    """While it is found out which functions a test calls, let it call those, too, whose results are remembered."""
    if _asks_what_is_called():
        _forget()


def _asks_what_is_called() -> bool:
    return os.environ.get("MUTANT_UNDER_TEST") == "stats"


def _forget() -> None:
    for module_name, module in tuple(sys.modules.items()):
        for name, value in vars(module).items() if module_name.startswith(_OURS) else ():
            if isinstance(value, _CACHED) and name != _KEPT:
                value.cache_clear()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Say of each test that it has called what was called at import; mutmut takes note next."""
    state()._stats.update(_called_at_import)  # noqa: SLF001 - as above
