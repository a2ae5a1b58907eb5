"""Investigations of IAM users and roles: as values, how they start and finish, and how a test sets them up.

`indicators` has what they can find.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

import attrs

from detective_fake.domain import ids
from detective_fake.domain.choices import choice
from detective_fake.domain.event_queue import EventKind
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.indicators import Indicator
    from detective_fake.domain.world import World

SeverityName = Literal["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
"""The values of `Severity`."""

InvestigationStatusName = Literal["RUNNING", "FAILED", "SUCCESSFUL"]
"""The values of `Status`."""

InvestigationStateName = Literal["ACTIVE", "ARCHIVED"]
"""The values of `State`."""


class Severity(str, Enum):
    """How severe the findings are, lowest first. Source: service model."""

    INFORMATIONAL = "INFORMATIONAL"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


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
    def of(cls, outcome: object, severity: object, indicators: Collection[Indicator]) -> PreparedInvestigation:
        """Return the result for values given by a test, either as strings or as domain values.

        Args:
            severity: None means `INFORMATIONAL` for a successful investigation and no severity for a failed one.
        Raises:
            FakeUsageError: A value is unknown, or does not fit the outcome.
        """
        status = choice(Status, outcome)
        if status is Status.RUNNING:
            raise FakeUsageError("Invalid outcome 'RUNNING'. An investigation ends SUCCESSFUL or FAILED.")
        found = tuple(indicators)
        if status is Status.FAILED and found:
            raise FakeUsageError(
                f"A FAILED investigation finds nothing; leave out its {len(found)} indicators or let it succeed."
            )
        default = Severity.INFORMATIONAL if status is Status.SUCCESSFUL else None
        return cls(
            outcome=status,
            severity=default if severity is None else choice(Severity, severity),
            indicators=found,
        )


DEFAULT_SCOPE: Final = timedelta(days=1)
"""The time range of a seeded investigation by default. Source: none."""

_YEARS_OF_IDS: Final = range(1970, 2286)
"""Years whose milliseconds have at most 13 digits."""


def finish(world: World, event: PendingEvent, at: datetime) -> None:  # noqa: ARG001 - the signature of all events
    """Finish an investigation as prepared for its entity. Without preparation it finds nothing."""
    running = world.investigations[event.scope][event.subject]
    ending = world.prepared.get((event.scope, running.entity_arn), PreparedInvestigation())
    finished = attrs.evolve(running, status=ending.outcome, severity=ending.severity, indicators=ending.indicators)
    world.put_investigation(event.scope, finished)


def prepare(
    world: World,
    graph: BehaviorGraph,
    entity_arn: str,
    *,
    outcome: object = Status.SUCCESSFUL,
    severity: object = None,
    indicators: Collection[Indicator] = (),
) -> None:
    """Set how investigations of an entity end from now on, including those that are running.

    Args:
        outcome: `SUCCESSFUL` or `FAILED`.
        severity: By default `INFORMATIONAL` if it succeeds.
        indicators: What was found.
    Raises:
        FakeUsageError: The entity is not an IAM user or role, a value is unknown, or a failed one has indicators.
    """
    _check_entity_type(entity_arn)
    world.prepared[graph.arn, entity_arn] = PreparedInvestigation.of(outcome, severity, indicators)


def add(
    world: World,
    graph: BehaviorGraph,
    entity_arn: str,
    *,
    at: datetime,
    created_at: datetime | None = None,
    scope_start: datetime | None = None,
    scope_end: datetime | None = None,
    status: object = Status.SUCCESSFUL,
    severity: object = None,
    state: object = State.ACTIVE,
    indicators: Collection[Indicator] = (),
) -> Investigation:
    """Add an investigation to a graph. A `RUNNING` one finishes after the timing `investigation`.

    Each call adds another one: the service model has no idempotency token. All times must be as `Clock.cut` returns
    them.

    Args:
        at: The present time.
        created_at: By default the present time.
        scope_start: By default a day before the end of the scope.
        scope_end: By default when the investigation was created.
        severity: As for `prepare`. Not with `RUNNING`.
        indicators: As for `prepare`. Only with `SUCCESSFUL`.
    Raises:
        FakeUsageError: A value is invalid. Nothing has changed then. Operations check what a client gives first.
    """
    wanted, review, entity_type = choice(Status, status), choice(State, state), _check_entity_type(entity_arn)
    if wanted is not Status.RUNNING:
        result = PreparedInvestigation.of(wanted, severity, indicators)
    elif severity is None and not indicators:
        result = PreparedInvestigation(outcome=wanted, severity=None)
    else:
        raise FakeUsageError(
            "A RUNNING investigation has neither severity nor indicators yet; "
            f"prepare what investigations of {entity_arn} are to find instead."
        )
    if created_at is not None and created_at.year not in _YEARS_OF_IDS:
        raise FakeUsageError(
            f"created_at must lie in the years {_YEARS_OF_IDS[0]} to {_YEARS_OF_IDS[-1]}, because its milliseconds "
            f"begin the investigation's ID; not {created_at.isoformat()}."
        )
    created_at = created_at or at
    scope_end = scope_end or created_at
    scope_start = scope_start or scope_end - DEFAULT_SCOPE
    if scope_end <= scope_start:
        raise FakeUsageError(
            f"The scope must end after it starts, not from {scope_start.isoformat()} to {scope_end.isoformat()}."
        )
    investigation_id = None
    # Repeat while the ID is taken: on a frozen clock thousands of IDs have the same milliseconds.
    while investigation_id is None or investigation_id in world.investigations[graph.arn]:
        count = world.count("investigation", graph.arn)
        investigation_id = ids.investigation_id(seed=world.id_seed, arn=graph.arn, count=count, at=created_at)
    added = Investigation(
        investigation_id=investigation_id,
        number=world.next_number(),
        entity_arn=entity_arn,
        entity_type=entity_type,
        created_at=created_at,
        scope_start=scope_start,
        scope_end=scope_end,
        status=result.outcome,
        state=review,
        severity=result.severity,
        indicators=result.indicators,
    )
    world.put_investigation(graph.arn, added)
    if wanted is Status.RUNNING:
        world.schedule(EventKind.INVESTIGATION, at, scope=graph.arn, subject=investigation_id)
    return added


def _check_entity_type(entity_arn: str) -> EntityType:
    entity_type = entity_type_of(entity_arn)
    if entity_type is None:
        raise FakeUsageError(
            f"{entity_arn!r} is not the ARN of an IAM user or role, the only entities that Detective investigates. "
            'Expected an ARN such as "arn:aws:iam::111122223333:role/name".'
        )
    return entity_type
