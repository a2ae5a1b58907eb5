"""An investigation of an IAM user or role as a value. `indicators` has what it can find."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Literal

import attrs

from detective_fake.domain.choices import choice
from detective_fake.domain.indicators import Indicator, indicator_of
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

__all__ = [
    "EntityType",
    "Investigation",
    "InvestigationStateName",
    "InvestigationStatusName",
    "PreparedInvestigation",
    "Severity",
    "SeverityName",
    "State",
    "Status",
    "entity_type_of",
]

SeverityName = Literal[
    "INFORMATIONAL",
    "LOW",
    "MEDIUM",
    "HIGH",
    "CRITICAL",
]
"""The values of `Severity`."""

InvestigationStatusName = Literal[
    "RUNNING",
    "FAILED",
    "SUCCESSFUL",
]
"""The values of `Status`."""

InvestigationStateName = Literal[
    "ACTIVE",
    "ARCHIVED",
]
"""The values of `State`."""


class Severity(str, Enum):
    """How severe the findings are, lowest first. Source: service model."""

    INFORMATIONAL = "INFORMATIONAL"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """Its place among the severities, from 1."""
        return 1 + list(Severity).index(self)


class Status(str, Enum):
    """Whether the report is complete. Source: service model."""

    RUNNING = "RUNNING"
    FAILED = "FAILED"
    SUCCESSFUL = "SUCCESSFUL"


class State(str, Enum):
    """Whether the investigation is still to be reviewed. Source: service model."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class EntityType(str, Enum):
    """What is investigated. Source: service model."""

    IAM_ROLE = "IAM_ROLE"
    IAM_USER = "IAM_USER"


def entity_type_of(entity_arn: str) -> EntityType | None:
    """Return the type of the IAM entity with this ARN, None if it is not an IAM user or role.

    Source: service model, `StartInvestigation`.
    """
    found = re.fullmatch(r"arn:aws[-a-z]*:iam::[0-9]{12}:(user|role)/[!-~]+", entity_arn)
    if found is None:
        return None
    return EntityType.IAM_ROLE if found[1] == "role" else EntityType.IAM_USER


@attrs.frozen(kw_only=True)
class Investigation:
    """One investigation and, once it has finished, its findings.

    Attributes:
        investigation_id: 21 digits.
        number: Its place in the order of starting, across all graphs of a world.
        entity_arn: The IAM user or role.
        created_at: When it was started.
        scope_start: Start of the investigated time range.
        scope_end: End of the investigated time range. May be in the future.
        status: `RUNNING` until it finishes.
        state: The reviewer sets it.
        severity: None while it runs. Also None if it failed, unless a test sets one.
        indicators: In the order given. Only a successful one has any.
    """

    investigation_id: str
    number: int
    entity_arn: str
    entity_type: EntityType
    created_at: datetime
    scope_start: datetime
    scope_end: datetime
    status: Status = Status.RUNNING
    state: State = State.ACTIVE
    severity: Severity | None = None
    indicators: tuple[Indicator, ...] = ()


@attrs.frozen(kw_only=True)
class PreparedInvestigation:
    """How an investigation ends, and what it finds.

    The defaults are the minimum of a finished report. How AWS rates findings is unknown, and a test should not get
    findings that it did not ask for.
    """

    outcome: Status = Status.SUCCESSFUL
    severity: Severity | None = Severity.INFORMATIONAL
    indicators: tuple[Indicator, ...] = ()

    @classmethod
    def of(cls, outcome: object, severity: object, indicators: Iterable[object]) -> PreparedInvestigation:
        """Return the result for values given by a test, either as strings and mappings or as domain values.

        Args:
            severity: None means `INFORMATIONAL` for a successful investigation and no severity for a failed one.
        Raises:
            FakeUsageError: A value is unknown, or does not fit the outcome.
        """
        status = choice(Status, outcome)
        if status is Status.RUNNING:
            message = "Invalid outcome 'RUNNING'. An investigation ends SUCCESSFUL or FAILED."
            raise FakeUsageError(message)
        found = tuple(map(indicator_of, indicators))
        if status is Status.FAILED and found:
            message = f"A FAILED investigation finds nothing; leave out its {len(found)} indicators or let it succeed."
            raise FakeUsageError(message)
        default = Severity.INFORMATIONAL if status is Status.SUCCESSFUL else None
        return cls(
            outcome=status,
            severity=default if severity is None else choice(Severity, severity),
            indicators=found,
        )
