"""Values that a test reads or creates: accounts, investigations, indicators, and mistakes in scenario files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from typing_extensions import assert_type

from detective_fake.scenario.files import Problem, ScenarioError
from detective_fake.types import (
    Account,
    Behavior,
    DatasourcePackage,
    ImpossibleTravel,
    Indicator,
    Investigation,
    RelatedFinding,
    Severity,
    TTPObserved,
)


def accounts(account: Account) -> None:
    """Check the attributes of an account."""
    assert_type(account.volumes, Mapping[DatasourcePackage, int] | None)
    assert_type((account.verifies, account.guardduty, account.closed, account.suspended), tuple[bool, bool, bool, bool])
    assert_type(account.guardduty_since, datetime | None)


def behavior(behavior: Behavior) -> None:
    """Check the choices where AWS's documents disagree."""
    assert_type((behavior.administrator_listed, behavior.active_investigations_only), tuple[bool, bool])
    assert_type((behavior.disabled_may_leave, behavior.guardduty_required), tuple[bool, bool])
    assert_type(behavior.partial_package_lists, bool)


def investigations(investigation: Investigation) -> None:
    """Check the attributes of an investigation."""
    assert_type((investigation.investigation_id, investigation.entity_arn), tuple[str, str])
    assert_type((investigation.scope_start, investigation.scope_end), tuple[datetime, datetime])
    assert_type(investigation.severity, Severity | None)
    assert_type(investigation.indicators, tuple[Indicator, ...])
    assert investigation.state == "ACTIVE"


def indicators(travel: ImpossibleTravel, finding: RelatedFinding, observed: TTPObserved) -> None:
    """Check the attributes of indicators."""
    assert_type((travel.starting_ip_address, travel.ending_ip_address), tuple[str, str])
    assert_type((travel.starting_location, travel.ending_location), tuple[str, str])
    assert_type(travel.hourly_time_delta, int)
    assert_type(finding.ip_address, str | None)
    assert_type(observed.tactic, str)
    assert_type((observed.technique, observed.procedure), tuple[str | None, str | None])
    assert_type((observed.ip_address, observed.api_name), tuple[str | None, str | None])
    assert_type((observed.api_success_count, observed.api_failure_count), tuple[int, int])


def mistakes(error: ScenarioError) -> None:
    """Check the attributes of an error in a file."""
    assert_type(error.file, str)
    assert_type(error.problems, Sequence[Problem])
