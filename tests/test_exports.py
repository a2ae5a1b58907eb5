"""The public names: what there is, where it comes from, and that importing the package costs nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

import detective_fake
from detective_fake import errors, fake


class TestPublicNames:
    def test_are_these(self) -> None:
        """A name is added on purpose, and none goes."""
        assert detective_fake.__all__ == ["DetectiveFake", "FakeUsageError", "NotFaked", "ServiceError"]

    def test_come_from_their_modules(self) -> None:
        """A public name is the very object of the module that defines it."""
        assert detective_fake.DetectiveFake is fake.DetectiveFake
        assert detective_fake.FakeUsageError is errors.FakeUsageError
        assert detective_fake.NotFaked is errors.NotFaked
        assert detective_fake.ServiceError is errors.ServiceError

    def test_are_all_found_by_dir(self) -> None:
        """Completion in an interpreter shows them before they are loaded."""
        assert {*detective_fake.__all__, "__version__"} <= set(dir(detective_fake))

    def test_the_version_is_that_of_the_distribution(self) -> None:
        """It is stated in one place, `pyproject.toml`."""
        assert detective_fake.__version__ == version("detective-fake")

    def test_any_other_name_is_refused(self) -> None:
        """A misspelled name fails as with any module."""
        with pytest.raises(AttributeError, match="module 'detective_fake' has no attribute 'DetectivFake'"):
            _ = detective_fake.DetectivFake  # type: ignore[attr-defined]


class TestImport:
    def test_loads_no_other_module_of_the_package_and_no_library(self) -> None:
        """`import detective_fake` is free; a process of its own shows it."""
        program = (
            "import sys, detective_fake\n"
            "print(sorted(name for name in sys.modules if name.partition('.')[0] in"
            " {'detective_fake', 'botocore', 'boto3', 'attr', 'attrs', 'pytest'}))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "['detective_fake']\n"
