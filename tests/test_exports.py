"""The public names, and that `import detective_fake` loads nothing else."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

import detective_fake
from detective_fake import errors, fake, types


class TestPublicNames:
    def test_are_these(self) -> None:
        """A change of this list is a change of the public interface."""
        assert detective_fake.__all__ == ["DetectiveFake", "FakeUsageError", "NotFaked", "ServiceError"]

    def test_come_from_their_modules(self) -> None:
        """A public name is the object that its module defines."""
        assert detective_fake.DetectiveFake is fake.DetectiveFake
        assert detective_fake.FakeUsageError is errors.FakeUsageError
        assert detective_fake.NotFaked is errors.NotFaked
        assert detective_fake.ServiceError is errors.ServiceError

    def test_are_listed_by_dir(self) -> None:
        """So that interactive shells complete them before they are loaded."""
        assert {*detective_fake.__all__, "__version__"} <= set(dir(detective_fake))

    def test_the_version_is_the_version_of_the_distribution(self) -> None:
        """It is stated in one place, `pyproject.toml`."""
        assert detective_fake.__version__ == version("detective-fake")

    def test_any_other_name_is_an_error(self) -> None:
        """The error is that of any module."""
        with pytest.raises(AttributeError, match="module 'detective_fake' has no attribute 'DetectivFake'"):
            _ = detective_fake.DetectivFake  # type: ignore[attr-defined]


TYPES = """
Account Attempt Backoff Behavior BehaviorGraph CallRecord Caller Credentials DatasourcePackage
DatasourcePackageName Denial Denials Designation DisabledReason DisabledReasonName Email Emails ErrorCode
EventKind Fault Faults FlaggedIpAddress ImpossibleTravel Indicator IndicatorType IndicatorTypeName
IngestState Investigation InvestigationStateName InvestigationStatusName InvitationType Journal
MemberStatus MemberStatusName Membership NetworkError NewAso NewGeolocation NewUserAgent
OperationName Options Organization OrganizationControl OverriddenCall Override PackageIngest
PendingEvent QuotaName Quotas RelatedFinding RelatedFindingGroup Request Seed Severity SeverityName
Snapshot StatusChange TTPObserved TimeControl TimingName Timings Usage
"""


class TestTypes:
    def test_are_these(self) -> None:
        """The types of all public values."""
        assert types.__all__ == TYPES.split()

    def test_have_all_names_they_list(self) -> None:
        """`from detective_fake.types import *` works."""
        assert all(hasattr(types, name) for name in types.__all__)


class TestImport:
    def test_loads_no_other_module_of_the_package_and_no_library(self) -> None:
        """A new process shows it."""
        program = (
            "import sys, detective_fake\n"
            "print(sorted(name for name in sys.modules if name.partition('.')[0] in"
            " {'detective_fake', 'botocore', 'boto3', 'attr', 'attrs', 'pytest'}))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout == "['detective_fake']\n"
