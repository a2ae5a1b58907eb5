"""Problems of an sdist, a wheel, or an environment are reported."""

from __future__ import annotations

import io
import runpy
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests import distribution
from tests.distribution import closure, installed, main, misplaced, readme, unequal

if TYPE_CHECKING:
    from pathlib import Path

INFO = "detective_fake-1.0.dist-info"
WHEEL_FILES = [
    "detective_fake/__init__.py",
    "detective_fake/py.typed",
    "detective_fake/scenario.schema.json",
    "detective_fake/server/examples.json",
    "detective_fake/server/static/page.css",
    "detective_fake/server/templates/page.html",
    *(f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")),
]
SDIST_FILES = [
    *("detective_fake/__init__.py", "docs/index.md", "examples/pytest.ini", "tests/test_it.py", "typing_tests/api.py"),
    *("README.md", "noxfile.py", "LICENSE", "PKG-INFO", ".gitignore", "pyproject.toml"),
]


def write_distributions(folder: Path, *further: str) -> Path:
    """Return a folder with a wheel and an sdist; both have these further files."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "detective_fake-1.0-py3-none-any.whl", "w") as wheel:
        for name in [*WHEEL_FILES, *further]:
            wheel.writestr(zipfile.ZipInfo(name), "")
    with tarfile.open(folder / "detective_fake-1.0.tar.gz", "w") as sdist:
        for name in [*SDIST_FILES, *further]:
            sdist.addfile(tarfile.TarInfo(f"detective_fake-1.0/{name}"), io.BytesIO())
    return folder


def install(folder: Path, name: str, *requirements: str) -> None:
    """Write the metadata of a distribution as an installer does."""
    (folder / f"{name}-1.0.dist-info").mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {r}" for r in requirements)]
    (folder / f"{name}-1.0.dist-info" / "METADATA").write_text("\n".join(lines) + "\n\n", encoding="utf-8")


class TestBuiltTwice:
    def test_equal_bytes_are_right(self, tmp_path: Path) -> None:
        """The builds are reproducible."""
        first, second = write_distributions(tmp_path / "first"), write_distributions(tmp_path / "second")
        assert not list(unequal(first, second))

    def test_other_bytes_are_reported(self, tmp_path: Path) -> None:
        """The report names each file."""
        first, second = write_distributions(tmp_path / "first"), write_distributions(tmp_path / "second", "x.py")
        assert list(unequal(first, second)) == [
            "detective_fake-1.0-py3-none-any.whl: differs when it is built again",
            "detective_fake-1.0.tar.gz: differs when it is built again",
        ]

    def test_another_name_is_reported(self, tmp_path: Path) -> None:
        """As of a version that has moved in between."""
        first, second = write_distributions(tmp_path / "first"), write_distributions(tmp_path / "second")
        (second / "detective_fake-1.0.tar.gz").rename(second / "detective_fake-2.0.tar.gz")
        assert list(unequal(first, second)) == [
            "detective_fake-1.0.tar.gz: built only once",
            "detective_fake-2.0.tar.gz: built only once",
        ]


class TestContents:
    @pytest.mark.parametrize("kind", ["WHEEL", "SDIST"])
    def test_of_the_samples_are_right(self, kind: str) -> None:
        """Otherwise the next tests would prove nothing."""
        names = {"WHEEL": WHEEL_FILES, "SDIST": SDIST_FILES}[kind]
        assert not list(misplaced(names, getattr(distribution, kind), ["detective_fake/__init__.py"]))

    @pytest.mark.parametrize(
        "name", ["tests/test_it.py", "detective_fake/server/static/page.css.orig", "detective_fake/.env", "x.py"]
    )
    def test_a_stray_file_in_a_wheel_is_reported(self, name: str) -> None:
        """No tests and nothing beside the package."""
        told = list(misplaced([*WHEEL_FILES, name], distribution.WHEEL, []))
        assert told == [f"{name} does not belong there"]

    @pytest.mark.parametrize(
        "name", ["docs/_build/index.md", "tests/server/node/node_modules/a/b.js", "tests/__pycache__/a.py", ".nox/a.py"]
    )
    def test_a_stray_file_in_an_sdist_is_reported(self, name: str) -> None:
        """An sdist has no generated files."""
        told = list(misplaced([*SDIST_FILES, name], distribution.SDIST, []))
        assert told == [f"{name} does not belong there"]

    def test_a_missing_kind_of_file_is_reported(self) -> None:
        """A license, for example."""
        told = list(misplaced(WHEEL_FILES[:-1], distribution.WHEEL, []))
        assert told == [r"nothing is like detective_fake-[^/]+\.dist-info/licenses/LICENSE"]

    def test_a_missing_file_of_the_package_is_reported(self) -> None:
        """Every file of the package must be included."""
        told = list(misplaced(WHEEL_FILES, distribution.WHEEL, ["detective_fake/cli.py"]))
        assert told == ["detective_fake/cli.py is missing"]


class TestInstalled:
    def test_what_is_asked_for_is_right(self, tmp_path: Path) -> None:
        """At any depth and in any spelling; pip is allowed."""
        install(tmp_path, "detective_fake", "boto3>=1", "tomli; python_version < '3'", "jinja2; extra == 'server'")
        install(tmp_path, "boto3", "Date_Util")
        install(tmp_path, "date.util")
        install(tmp_path, "pip")
        assert not installed(tmp_path)

    def test_what_is_not_required_is_reported(self, tmp_path: Path) -> None:
        """Extras are not required."""
        install(tmp_path, "detective_fake", "jinja2; extra == 'server'")
        install(tmp_path, "jinja2")
        assert installed(tmp_path) == ["jinja2 is installed but not required"]

    def test_what_is_missing_is_reported(self, tmp_path: Path) -> None:
        """With its normalized name."""
        install(tmp_path, "detective_fake", "Typing.Extensions")
        assert installed(tmp_path) == ["typing-extensions is required but not installed"]

    def test_circles_end(self) -> None:
        """Distributions may require each other."""
        assert closure("a", {"a": ["b"], "b": ["a"]}) == {"a", "b"}


class TestReadme:
    def test_dead_links_are_reported(self, tmp_path: Path) -> None:
        """Relative links, missing headings, and files that the release does not have."""
        tree = "https://github.com/detective-fake/detective-fake/blob/v0.1.0"
        links = ["#here", "#gone", "LICENSE", f"{tree}/LICENSE", f"{tree}/docs/index.md#start-here", f"{tree}/none.md"]
        elements = "".join(f'<a href="{link}">' for link in [*links, "https://example.com"])
        tmp_path.joinpath("a.html").write_text(f'<h1 id="here">{elements}<img src="http://example.com/a.png">')
        assert readme(tmp_path / "a.html") == [
            f"{link} leads nowhere" for link in ("#gone", "LICENSE", f"{tree}/none.md", "http://example.com/a.png")
        ]


class TestCommand:
    def test_names_every_problem(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The command then fails."""
        first = write_distributions(tmp_path / "first", "x.py")
        second = write_distributions(tmp_path / "second", "x.py")
        assert main(["built", str(first), str(second)]) == 1
        printed = capsys.readouterr().out.splitlines()
        assert "detective_fake-1.0-py3-none-any.whl: x.py does not belong there" in printed
        assert "detective_fake-1.0.tar.gz: x.py does not belong there" in printed

    def test_reports_success(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The nox session runs it like this."""
        install(tmp_path, "detective_fake")
        monkeypatch.setattr(sys, "argv", ["tests.distribution", "installed", str(tmp_path)])
        with pytest.raises(SystemExit) as ended, pytest.warns(RuntimeWarning, match="sys.modules"):
            runpy.run_module("tests.distribution", run_name="__main__")
        assert ended.value.code == 0
        assert capsys.readouterr().out == "installed: no problems\n"
