"""Every check of this project; `.ci/run` and CI call these and have none of their own.

`nox` runs the default sessions, `nox -s NAME` one of the others, `nox -l` lists them all.
"""

from __future__ import annotations

import shutil

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)

OLDEST = (
    "aiobotocore==2.8.0",
    "attrs==22.2.0",
    "boto3==1.33.0",
    "botocore==1.33.0",
    "cattrs==23.1.2",
    "pytest==8.2.0",
    "tomli==1.1.0",
)
"""The lower bounds of the dependencies, and the aiobotocore that goes with this botocore."""


def group(name: str) -> list[str]:
    """Return a dependency group of `pyproject.toml`."""
    return nox.project.dependency_groups(PYPROJECT, name)


@nox.session
def lint(session: nox.Session) -> None:
    """Look for what ruff finds, and for another format than its own."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy and pyright."""
    session.install("-e", ".[test]", *group("typing"), *group("clients"))
    session.run("mypy")
    session.run("pyright")


@nox.session
def imports(session: nox.Session) -> None:
    """Hold the one-way imports between the layers."""
    session.install("-e", ".[server]", *group("imports"))
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests and see every branch of the package and of the tests taken.

    Some tests of the server need Node.js and Chromium; without these they are skipped, and branches are missed.
    """
    session.install("-e", ".[test]", *group("clients"))
    if shutil.which("npm"):
        session.run("npm", "ci", "--silent", "--prefix", "tests/server/node", external=True)
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-n", "auto", *session.posargs)
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report")


@nox.session(default=False)
def oldest(session: nox.Session) -> None:
    """Run the tests on the oldest supported releases of what the package depends on."""
    session.install("-e", ".[test]", *OLDEST)
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation with warnings as errors, and follow every link inside it; its examples are `tests`."""
    session.install("-e", ".[docs,server]")
    session.run("sphinx-build", "-E", "-W", "--keep-going", "-q", "docs", "docs/_build/html")
    session.run("python", "docs/_ext/check_links.py", "docs/_build/html")


@nox.session(python=PYTHONS, default=False)
def python(session: nox.Session) -> None:
    """Run the tests on each Python of the classifiers that this machine has."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure the fake against its peers; `nox -s bench -- --only WORD` measures some rows."""
    session.install("-e", ".[test]")
    results = () if "--json" in session.posargs else ("--json", ".nox/benchmarks.json")
    # 1 says that a target was missed, which the table shows.
    session.run("python", "-m", "benchmarks", *results, *session.posargs, success_codes=[0, 1])
    session.run("python", "-m", "benchmarks.layers")
