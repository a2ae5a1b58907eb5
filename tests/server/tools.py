"""Programs that some tests need.

If `DETECTIVE_FAKE_TOOLS` is `required`, as in CI, a missing program is a failure. Otherwise the test is skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final, NoReturn

import pytest

NODE_TESTS: Final = Path(__file__).parent / "node"


def node() -> str:
    """Return the path of Node, where the SDK for JavaScript is installed as well."""
    found = shutil.which("node")
    if found is None:
        _missing("Node.js 20 or newer is not installed")
    if not (NODE_TESTS / "node_modules").is_dir():
        _missing("the SDK for JavaScript is not installed: npm ci --prefix tests/server/node")
    return found


def python_of_aws_2() -> str:  # pragma: no cover - depends on the machine
    """Return the interpreter of AWS CLI 2. It cannot be installed with pip, so no run requires it."""
    for folder in os.get_exec_path():
        program = Path(folder, "aws")
        first = program.read_bytes().partition(b"\n")[0].decode("latin-1") if program.is_file() else ""
        if first.startswith("#!") and "python" in first:
            python = first[2:].strip()
            shown = subprocess.run([python, program, "--version"], capture_output=True, text=True, check=False)
            if shown.stdout.startswith("aws-cli/2."):
                return python
    pytest.skip("AWS CLI 2 is not installed as a Python package: apt-get install awscli, on Debian 12 or newer")


def axe() -> str:
    """Return the script that checks the accessibility of a page."""
    script = NODE_TESTS / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        _missing("axe-core is not installed: npm ci --prefix tests/server/node")
    return script.read_text("utf-8")


def chromium() -> str:
    """Return the path of Chromium."""
    return _program("Chromium is not installed: apt-get install chromium", "chromium", "chromium-browser")


def chromedriver() -> str:
    """Return the path of what drives it."""
    return _program("chromedriver is not installed: apt-get install chromium-driver", "chromedriver")


def _program(missing: str, *names: str) -> str:
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return found
    return _missing(missing)


def _missing(what: str) -> NoReturn:
    if os.environ.get("DETECTIVE_FAKE_TOOLS") == "required":
        pytest.fail(f"{what}, and DETECTIVE_FAKE_TOOLS says that it has to be")
    pytest.skip(what)
