"""Every check of this project. `.ci/run` and the workflows only call these sessions.

`nox` runs the default sessions, `nox -s NAME` runs a session, `nox -l` lists all of them.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

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
    "awscli==1.31.0",
    "boto3==1.33.0",
    "botocore==1.33.0",
    "cattrs==23.1.2",
    "moto==5.0.0",
    "pytest==8.2.0",
    "tomli==1.1.0",
)
"""The lower bounds of the dependencies and of the packages that this one works with, and a matching AWS CLI."""

NEWEST = ("attrs", "boto3", "botocore", "cattrs", "moto", "pytest")
"""Upgraded to the newest releases, even if aiobotocore or the AWS CLI do not support these yet."""

ALL_TESTS = ("-n", "auto", "--dist=worksteal", "--hypothesis-profile=full")
"""Options of pytest, for more generated examples than in the test command of README.md, and also the slow tests."""

REPRODUCIBLE = {"SOURCE_DATE_EPOCH": "1577836800"}
"""The date of every file in a distribution: 2020-01-01."""

NOT_COPIED = (
    ".*cache",
    ".coverage*",
    ".git",
    ".hypothesis",
    ".nox",
    ".venv",
    "__pycache__",
    "_build",
    "mutants",
    "dist",
    "node_modules",
)


HOSTILE = (
    "tests/test_hostile_input.py",
    "tests/scenario/test_hostile.py",
    "tests/protocol/test_rest_json.py",
)
"""Tests with randomly generated hostile input."""


PROOFS = (
    "tests/test_all_or_nothing.py",
    "tests/test_forks.py",
    "tests/test_hostile_input.py",
    "tests/test_state_machine.py",
    "tests/test_threads.py",
)
"""Tests that go on for longer with a larger number of examples."""

NEIGHBOURS = (
    "aioboto3",
    "anyio",
    "aws-lambda-powertools[tracer]",
    "aws-xray-sdk",
    "botocove moto[organizations,sts]",
    "ddtrace",
    "freezegun",
    "gevent",
    "inline-snapshot",
    "moto[s3,sts]",
    "opentelemetry-instrumentation-botocore opentelemetry-sdk",
    "placebo",
    "pytest-asyncio",
    "pytest-bdd",
    "pytest-env",
    "pytest-mock",
    "pytest-randomly",
    "pytest-recording",
    "pytest-repeat",
    "pytest-rerunfailures",
    "pytest-socket",
    "pytest-subtests",
    "pytest-timeout",
    "pytest-xdist",
    "requests-mock",
    "responses",
    "sentry-sdk",
    "syrupy",
    "time-machine",
    "vcrpy",
)
"""Packages that work on the same calls or tests, each for an environment of its own, with what their tests need."""


def group(name: str) -> list[str]:
    """Return a dependency group of `pyproject.toml`."""
    return nox.project.dependency_groups(PYPROJECT, name)


def build(session: nox.Session, source: Path, *kinds: str) -> Path:
    """Build distributions of a source tree and return their folder."""
    folder = Path(session.virtualenv.location, "dist", source.name)
    shutil.rmtree(folder, ignore_errors=True)
    options = ("--installer", "uv", *kinds, "--outdir", str(folder))
    session.run("python", "-m", "build", *options, str(source), env=REPRODUCIBLE, silent=True)
    return folder


def install_wheel(session: nox.Session, *requirements: str) -> Path:
    """Build and install the wheel, and return a copy of the source tree without the package.

    In the copy, tests can import only the installed package.
    """
    session.install("build[uv]")
    (wheel,) = build(session, Path.cwd(), "--wheel").glob("*.whl")
    # The many child processes of the tests start faster then. Some packages warn when they are compiled; during the
    # tests that would be an error.
    session.env["UV_COMPILE_BYTECODE"] = "1"
    session.install(f"{wheel}[test]", *requirements)
    checkout = Path(session.virtualenv.location, "checkout")
    shutil.rmtree(checkout, ignore_errors=True)
    shutil.copytree(Path.cwd(), checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
    shutil.rmtree(checkout / "detective_fake")
    return checkout


def run_suite(session: nox.Session, *requirements: str) -> None:
    """Run the tests on the wheel with the given requirements."""
    with session.chdir(install_wheel(session, *requirements)):
        session.run("python", "-m", "pytest", *ALL_TESTS, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the code and its format with ruff."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types with mypy and pyright."""
    session.install("-e", ".[test]", *group("typing"), *group("clients"))
    session.run("mypy")
    session.run("pyright")


@nox.session(name="typing-without-stubs")
def typing_without_stubs(session: nox.Session) -> None:
    """Check the code of a user without stubs for boto3 with mypy and pyright, outside this tree."""
    session.install("-e", ".", "mypy", "pyright[nodejs]")
    elsewhere = Path(session.create_tmp())
    shutil.copy("typing_tests/user.py", elsewhere)
    with session.chdir(elsewhere):
        Path("pyrightconfig.json").write_text("{}", encoding="utf-8")
        session.run("mypy", "--config-file=", "--strict", "user.py")
        session.run("pyright")


@nox.session
def imports(session: nox.Session) -> None:
    """Check that imports between the layers point one way."""
    session.install("-e", ".[server]", *group("imports"))
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on the built wheel, and require full branch coverage of the package.

    Some tests of the server need Node.js and Chromium. Without these they are skipped and coverage is incomplete.
    """
    checkout = install_wheel(session, *group("clients"))
    with session.chdir(checkout):
        if shutil.which("npm"):
            session.run("npm", "ci", "--silent", "--prefix", "tests/server/node", external=True)
            session.run("npm", "install", "--silent", "--prefix", "examples/node_service", external=True)
        session.run("coverage", "run", "-m", "pytest", *ALL_TESTS, *session.posargs)
    session.run("coverage", "erase")
    session.run("coverage", "combine", "-q", str(checkout))
    session.run("coverage", "report", "--include=detective_fake/*", "--fail-under=100")
    session.run("coverage", "report")


@nox.session(python=PYTHONS[0], default=False)
def oldest(session: nox.Session) -> None:
    """Run the tests on the oldest supported Python with the oldest supported releases."""
    # One of them leaves an event loop to the garbage collector, which would fail an unrelated test.
    ignored = ("unclosed event loop", "unclosed <socket.socket fd")
    session.env["PYTEST_ADDOPTS"] = " ".join(f"-W 'ignore:{text}:ResourceWarning'" for text in ignored)
    run_suite(session, *OLDEST)


@nox.session(default=False)
def newest(session: nox.Session) -> None:
    """Run the tests on the newest releases of the dependencies, with four times as many generated examples."""
    checkout = install_wheel(session)
    session.install("--upgrade", *NEWEST, silent=False)  # prints the versions
    with session.chdir(checkout):
        session.run("python", "-m", "pytest", "-n", "auto", "--hypothesis-profile=thorough", *session.posargs)


@nox.session(default=False)
def drift(session: nox.Session) -> None:
    """Print how the newest botocore's model of Detective differs from the recorded one; `-- --renew` records it."""
    session.install("-e", ".", "--upgrade", "boto3", "botocore")
    session.run("python", "-m", "tests.drift", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build sdist and wheel into `dist`, and check them.

    They are built again from the sdist, byte for byte the same. The README as PyPI shows it has no dead link. In an
    empty environment, the wheel brings only what it requires, and the README's first test passes.
    """
    session.install(*group("package"))
    built = build(session, Path.cwd())
    (sdist,), (wheel,) = built.glob("*.tar.gz"), built.glob("*.whl")
    unpacked = Path(session.create_tmp())
    shutil.unpack_archive(sdist, unpacked)
    again = build(session, unpacked / sdist.name.removesuffix(".tar.gz"), "--sdist", "--wheel")
    session.run("twine", "check", "--strict", str(sdist), str(wheel))
    session.run("check-wheel-contents", str(wheel))
    session.run("python", "-m", "tests.distribution", "built", str(built), str(again))
    readme, rendered = unpacked / "pypi.md", unpacked / "pypi.html"
    with zipfile.ZipFile(wheel) as opened:
        (metadata,) = (name for name in opened.namelist() if name.endswith("/METADATA"))
        readme.write_bytes(opened.read(metadata).partition(b"\n\n")[2])
    session.run("python", "-m", "readme_renderer", str(readme), "--output", str(rendered))
    session.run("python", "-m", "tests.distribution", "readme", str(rendered))
    empty = Path(session.virtualenv.location, "empty")
    session.run("python", "-m", "venv", "--clear", str(empty))
    python = str(next(empty.glob("[bS]*/python*")))
    session.run(python, "-m", "pip", "install", "-q", str(wheel), external=True)
    folder = session.run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", external=True, silent=True
    )
    session.run("python", "-m", "tests.distribution", "installed", str(folder).strip())
    session.run(python, "-W", "error", "-m", "detective_fake", "demo", external=True, silent=True)
    (first, *_) = re.findall(r"```python\n(.*?)```", Path("README.md").read_text("utf-8"), re.DOTALL)
    with session.chdir(unpacked):
        Path("test_readme.py").write_text(first, "utf-8")
        Path("pytest.ini").write_text("[pytest]\n", "utf-8")  # otherwise pytest reads `pyproject.toml` of this tree
        session.run(python, "-m", "pytest", "-q", "-W", "error", "test_readme.py", external=True)
    shutil.rmtree("dist", ignore_errors=True)
    shutil.copytree(built, "dist")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Send hostile requests and load hostile files for some minutes; `-- TESTS` runs other tests."""
    session.install("-e", ".[test]")
    tests = session.posargs or HOSTILE
    session.run("python", "-m", "pytest", "-n", "auto", "--dist=worksteal", "--hypothesis-profile=fuzz", *tests)


@nox.session(default=False)
def proofs(session: nox.Session) -> None:
    """Run long proofs for hours: random steps, threads, forks, an exception at each line. `-- TESTS` runs others."""
    session.install("-e", ".[test]")
    tests = session.posargs or PROOFS
    session.run("python", "-m", "pytest", "-n", "auto", "--dist=worksteal", "--hypothesis-profile=proof", *tests)


@nox.session(default=False)
@nox.parametrize("package", NEIGHBOURS)
def neighbours(session: nox.Session, package: str) -> None:
    """Run the test of `tests/neighbours.py` for another package; skipped if that cannot be installed on this Python."""
    session.install("-e", ".", "pytest")
    try:
        session.install(*package.split())
    except nox.command.CommandFailed:
        session.skip(f"{package} cannot be installed here")
    name = re.sub(r"\W", "_", re.match(r"[\w-]+", package)[0])
    # Without the settings of this project, which need its own plugins.
    alone = ("-c", "/dev/null", "--rootdir", ".", "--noconftest", "-p", "pytester", "--import-mode=importlib")
    session.run("python", "-m", "pytest", "-q", *alone, f"tests/neighbours.py::test_{name}", *session.posargs)


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Mutate the code and check that the tests fail: an hour, or `-- 'detective_fake.domain.ids*'` for less.

    `mutants/` keeps the results, and the next run continues from there. `mutmut show NAME` shows a mutant.
    """
    # The package itself is not installed: the tests import its copy in `mutants/`.
    session.install(*PYPROJECT["project"]["dependencies"], *group("mutation"))
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site with warnings as errors and check all internal links; `tests` runs the examples."""
    session.install("-e", ".[docs]")
    session.run("sphinx-build", "-E", "-W", "--keep-going", "-q", "docs", "docs/_build/html")
    session.run("python", "docs/_ext/check_links.py", "docs/_build/html")


@nox.session(name="docs-update", default=False)
def docs_update(session: nox.Session) -> None:
    """Write the generated parts of the pages: tables, the API reference, code of examples, transcripts."""
    session.install("-e", ".[server]")
    session.run("python", "-m", "docs._ext.generated")


@nox.session(python=PYTHONS, default=False)
def python(session: nox.Session) -> None:
    """Run the tests on each supported Python that is installed."""
    run_suite(session)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Compare the speed with other tools; `nox -s bench -- --only WORD` measures some rows."""
    session.install("-e", ".[test]")
    results = () if "--json" in session.posargs else ("--json", ".nox/benchmarks.json")
    # Status 1 means that a target was missed; the table shows it.
    session.run("python", "-m", "benchmarks", *results, *session.posargs, success_codes=[0, 1])
    session.run("python", "-m", "benchmarks.layers")


@nox.session(default=False)
def conformance(session: nox.Session) -> None:
    """Compare the fake with AWS (docs/how-to/conformance.md), or, without `-- --aws-profile …`, with itself."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "tests/conformance", *session.posargs)
