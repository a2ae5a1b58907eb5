"""Every check of this project; `.ci/run` and CI call these and have none of their own.

`nox` runs the default sessions, `nox -s NAME` one of the others, `nox -l` lists them all.
"""

from __future__ import annotations

import shutil
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
"""The lower bounds of what the package stands on or beside, and the AWS CLI that goes with this botocore."""

NEWEST = ("attrs", "boto3", "botocore", "cattrs", "moto", "pytest")
"""What is brought to its newest release, even where aiobotocore or the AWS CLI do not take that one yet."""

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
"""The tests whose input is made by chance, and should not be."""


def group(name: str) -> list[str]:
    """Return a dependency group of `pyproject.toml`."""
    return nox.project.dependency_groups(PYPROJECT, name)


def build(session: nox.Session, source: Path, *kinds: str) -> Path:
    """Build distributions of a source tree, and return the folder they are in."""
    folder = Path(session.virtualenv.location, "dist", source.name)
    shutil.rmtree(folder, ignore_errors=True)
    options = ("--installer", "uv", *kinds, "--outdir", str(folder))
    session.run("python", "-m", "build", *options, str(source), env=REPRODUCIBLE, silent=True)
    return folder


def install_wheel(session: nox.Session, *requirements: str) -> Path:
    """Install the wheel for its tests, and return a copy of the source tree that has all but the package.

    There nothing but what is installed can be tested.
    """
    session.install("build[uv]")
    (wheel,) = build(session, Path.cwd(), "--wheel").glob("*.whl")
    session.install(f"{wheel}[test]", *requirements)
    checkout = Path(session.virtualenv.location, "checkout")
    shutil.rmtree(checkout, ignore_errors=True)
    shutil.copytree(Path.cwd(), checkout, ignore=shutil.ignore_patterns(*NOT_COPIED))
    shutil.rmtree(checkout / "detective_fake")
    return checkout


def run_suite(session: nox.Session, *requirements: str) -> None:
    """Run the tests on the wheel and these requirements."""
    with session.chdir(install_wheel(session, *requirements)):
        session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


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


@nox.session(name="typing-without-stubs")
def typing_without_stubs(session: nox.Session) -> None:
    """Check with mypy and pyright what a user has written who has no stubs for boto3, away from this tree."""
    session.install("-e", ".", "mypy", "pyright[nodejs]")
    elsewhere = Path(session.create_tmp())
    shutil.copy("typing_tests/user.py", elsewhere)
    with session.chdir(elsewhere):
        Path("pyrightconfig.json").write_text("{}", encoding="utf-8")
        session.run("mypy", "--config-file=", "--strict", "user.py")
        session.run("pyright")


@nox.session
def imports(session: nox.Session) -> None:
    """Hold the one-way imports between the layers."""
    session.install("-e", ".[server]", *group("imports"))
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on the built wheel, and see every branch of the package and of the tests taken.

    Some tests of the server need Node.js and Chromium; without these they are skipped, and branches are missed.
    """
    checkout = install_wheel(session, *group("clients"))
    with session.chdir(checkout):
        if shutil.which("npm"):
            session.run("npm", "ci", "--silent", "--prefix", "tests/server/node", external=True)
        session.run("coverage", "run", "-m", "pytest", "-n", "auto", *session.posargs)
    session.run("coverage", "erase")
    session.run("coverage", "combine", "-q", str(checkout))
    session.run("coverage", "report")


@nox.session(python=PYTHONS[0], default=False)
def oldest(session: nox.Session) -> None:
    """Run the tests on the oldest supported Python, and the oldest releases of what the package depends on."""
    # Some of these warn when they are compiled, and in the tests warnings are errors.
    session.env["UV_COMPILE_BYTECODE"] = "1"
    # An event loop that one of them leaves to the collector of garbage fails whichever test runs by then.
    ignored = ("unclosed event loop", "unclosed <socket.socket fd")
    session.env["PYTEST_ADDOPTS"] = " ".join(f"-W 'ignore:{text}:ResourceWarning'" for text in ignored)
    run_suite(session, *OLDEST)


@nox.session(default=False)
def newest(session: nox.Session) -> None:
    """Run the tests on the newest releases of what the package depends on."""
    checkout = install_wheel(session)
    session.install("--upgrade", *NEWEST, silent=False)  # it tells the versions
    with session.chdir(checkout):
        session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session(default=False)
def drift(session: nox.Session) -> None:
    """Say how the newest botocore's model of Detective differs from the recorded one; `-- --renew` records it."""
    session.install("-e", ".", "--upgrade", "boto3", "botocore")
    session.run("python", "-m", "tests.drift", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build sdist and wheel into `dist`, and again from the sdist; look at what is in them, and what they bring."""
    session.install(*group("package"))
    built = build(session, Path.cwd())
    (sdist,), (wheel,) = built.glob("*.tar.gz"), built.glob("*.whl")
    unpacked = Path(session.create_tmp())
    shutil.unpack_archive(sdist, unpacked)
    again = build(session, unpacked / sdist.name.removesuffix(".tar.gz"), "--sdist", "--wheel")
    session.run("twine", "check", "--strict", str(sdist), str(wheel))
    session.run("check-wheel-contents", str(wheel))
    session.run("python", "-m", "tests.distribution", "built", str(built), str(again))
    empty = Path(session.virtualenv.location, "empty")
    session.run("python", "-m", "venv", "--clear", str(empty))
    python = str(next(empty.glob("[bS]*/python*")))
    session.run(python, "-m", "pip", "install", "-q", str(wheel), external=True)
    folder = session.run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", external=True, silent=True
    )
    session.run("python", "-m", "tests.distribution", "installed", str(folder).strip())
    session.run(python, "-W", "error", "-m", "detective_fake", "demo", external=True, silent=True)
    shutil.rmtree("dist", ignore_errors=True)
    shutil.copytree(built, "dist")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Send over the wire what nobody should, and load such files, for some minutes; `-- TESTS` runs others."""
    session.install("-e", ".[test]")
    tests = session.posargs or HOSTILE
    session.run("python", "-m", "pytest", "-n", "auto", "--dist=worksteal", "--hypothesis-profile=fuzz", *tests)


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change the code bit by bit, and see the tests notice; for an hour, or `-- 'detective_fake.domain.ids*'` for less.

    `mutants/` keeps what was found, and the next run goes on from there; `mutmut show NAME` shows one.
    """
    # Not the package itself: the one that is tested is the copy in `mutants/`.
    session.install(*PYPROJECT["project"]["dependencies"], *group("mutation"))
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation with warnings as errors, and follow every link inside it; its examples are `tests`."""
    session.install("-e", ".[docs,server]")
    session.run("sphinx-build", "-E", "-W", "--keep-going", "-q", "docs", "docs/_build/html")
    session.run("python", "docs/_ext/check_links.py", "docs/_build/html")


@nox.session(python=PYTHONS, default=False)
def python(session: nox.Session) -> None:
    """Run the tests on each Python of the classifiers that this machine has."""
    run_suite(session)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure the fake against its peers; `nox -s bench -- --only WORD` measures some rows."""
    session.install("-e", ".[test]")
    results = () if "--json" in session.posargs else ("--json", ".nox/benchmarks.json")
    # 1 says that a target was missed, which the table shows.
    session.run("python", "-m", "benchmarks", *results, *session.posargs, success_codes=[0, 1])
    session.run("python", "-m", "benchmarks.layers")


@nox.session(default=False)
def conformance(session: nox.Session) -> None:
    """Hold the fake against AWS, as docs/how-to/conformance.md says; without `-- --aws-profile …` against itself."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "tests/conformance", *session.posargs)
