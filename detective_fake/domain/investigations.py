"""Investigations of an IAM user or role in a behavior graph: how they start, finish, and are set up by a test.

Knows nothing of who may ask, and nothing of lists and their order.
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
from detective_fake.domain.indicators import Indicator, indicator_of
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

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
    "finish",
    "prepare",
    "seed",
    "set_state",
    "start",
]

DEFAULT_SCOPE: Final = timedelta(days=1)
"""How far back a seeded investigation looks if nobody said otherwise. Source: none."""

_ENTITY: Final = re.compile(r"arn:aws[-a-z]*:iam::[0-9]{12}:(user|role)/[!-~]+")
_YEARS_OF_IDS: Final = range(1970, 2286)


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
    """How grave it is, the least first. Source: service model."""

    INFORMATIONAL = "INFORMATIONAL"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """Its place among the severities, from 1."""
        return _RANKS[self]


_RANKS: Final[Mapping[Severity, int]] = {severity: rank for rank, severity in enumerate(Severity, start=1)}


class Status(str, Enum):
    """Whether the report is there. Source: service model."""

    RUNNING = "RUNNING"
    FAILED = "FAILED"
    SUCCESSFUL = "SUCCESSFUL"


class State(str, Enum):
    """Whether somebody has still to review it. Source: service model."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class EntityType(str, Enum):
    """What is investigated. Source: service model."""

    IAM_ROLE = "IAM_ROLE"
    IAM_USER = "IAM_USER"


_ENTITY_TYPES: Final[Mapping[str, EntityType]] = {"role": EntityType.IAM_ROLE, "user": EntityType.IAM_USER}


@attrs.frozen(kw_only=True)
class Investigation:
    """One investigation and, once it has finished, what it found.

    Attributes:
        investigation_id: 21 digits.
        number: Its place in the order of starting, over all graphs of a world.
        entity_arn: The IAM user or role.
        created_at: When it was started.
        scope_start: Beginning of the time it looks at.
        scope_end: End of that time, perhaps in the future.
        status: `RUNNING` until it finishes.
        state: Set by whoever reviews it.
        severity: None while it runs; and of a failed one, unless a test says so.
        indicators: In the order given; only of a successful one.
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

    The defaults are the least a finished report can say: nobody knows how AWS weighs what it finds, and a fake that
    found something by itself would surprise.
    """

    outcome: Status = Status.SUCCESSFUL
    severity: Severity | None = Severity.INFORMATIONAL
    indicators: tuple[Indicator, ...] = ()

    @classmethod
    def of(cls, outcome: object, severity: object, indicators: Iterable[object]) -> PreparedInvestigation:
        """Return an ending from what a test gave, as values of the service model or as our own.

        Args:
            severity: None: `INFORMATIONAL` where it succeeds, none where it fails.
        Raises:
            FakeUsageError: A value is unknown, or the outcome does not go with it.
        """
        status = choice(Status, outcome)
        if status is Status.RUNNING:
            message = "RUNNING is no outcome; an investigation ends SUCCESSFUL or FAILED."
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


_NOTHING_FOUND: Final = PreparedInvestigation()


def entity_type_of(entity_arn: str) -> EntityType | None:
    """Return what an ARN names, None if it is no IAM user or role. Source: service model, `StartInvestigation`."""
    found = _ENTITY.fullmatch(entity_arn)
    return None if found is None else _ENTITY_TYPES[found[1]]


def start(
    world: World, graph: BehaviorGraph, entity_arn: str, *, scope_start: datetime, scope_end: datetime, at: datetime
) -> Investigation:
    """Start an investigation; it finishes after the timing `investigation`.

    Each call starts another one: the service model has no token that would tell a repetition.

    Raises:
        FakeUsageError: The ARN names no IAM user or role; for the service to refuse, ask `entity_type_of` first.
    """
    investigation = _created(world, graph, entity_arn, scope_start=scope_start, scope_end=scope_end, created_at=at)
    world.put_investigation(graph.arn, investigation)
    _schedule(world, graph, investigation, at)
    return investigation


def finish(world: World, event: PendingEvent, at: datetime) -> None:  # noqa: ARG001 - one signature for all happenings
    """Finish an investigation as was prepared for its entity, before or since it started; else nothing was found."""
    running = world.investigation(event.scope, event.subject)
    if running is not None:
        ending = world.prepared.get((event.scope, running.entity_arn), _NOTHING_FOUND)
        world.put_investigation(event.scope, _ended(running, ending))


def set_state(world: World, graph: BehaviorGraph, investigation: Investigation, state: State) -> None:
    """Archive an investigation, or take it back, whatever its status."""
    world.put_investigation(graph.arn, attrs.evolve(investigation, state=state))


def prepare(
    world: World,
    graph: BehaviorGraph,
    entity_arn: str,
    *,
    outcome: object = Status.SUCCESSFUL,
    severity: object = None,
    indicators: Iterable[object] = (),
) -> None:
    """Say how investigations of an entity end from now on, those that are running included.

    Args:
        outcome: `SUCCESSFUL` or `FAILED`.
        severity: `INFORMATIONAL` if it succeeds and nothing is given.
        indicators: Of the eight classes, or mappings of their members and `indicator_type`.
    Raises:
        FakeUsageError: No IAM user or role, an unknown value, or a failed investigation with indicators.
    """
    _checked_entity_type(entity_arn)
    ending = PreparedInvestigation.of(outcome, severity, indicators)
    world.prepared[graph.arn, entity_arn] = ending


def seed(
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
    indicators: Iterable[object] = (),
) -> str:
    """Put an investigation into a graph in any status. From `RUNNING` it goes on as after `StartInvestigation`.

    Times are as the fake's clock gives and cuts them.

    Args:
        at: The present time.
        created_at: The present time if not given.
        scope_start: A day before the end of the scope if not given.
        scope_end: When it was created if not given.
        severity: As for `prepare`; not with `RUNNING`.
        indicators: As for `prepare`; only with `SUCCESSFUL`.
    Returns:
        The investigation's id.
    Raises:
        FakeUsageError: A value that no investigation can have. Nothing is changed then.
    """
    wanted = choice(Status, status)
    review = choice(State, state)
    given = tuple(indicators)
    if wanted is Status.RUNNING and (severity is not None or given):
        message = (
            "A RUNNING investigation has neither severity nor indicators yet; "
            f"prepare what investigations of {entity_arn} are to find instead."
        )
        raise FakeUsageError(message)
    ending = None if wanted is Status.RUNNING else PreparedInvestigation.of(wanted, severity, given)
    created_at = created_at or at
    scope_end = scope_end or created_at
    scope_start = scope_start or scope_end - DEFAULT_SCOPE
    _check_times(created_at, scope_start, scope_end)
    created = _created(world, graph, entity_arn, scope_start=scope_start, scope_end=scope_end, created_at=created_at)
    seeded = attrs.evolve(created if ending is None else _ended(created, ending), state=review)
    world.put_investigation(graph.arn, seeded)
    if ending is None:
        _schedule(world, graph, seeded, at)
    return seeded.investigation_id


def _created(
    world: World,
    graph: BehaviorGraph,
    entity_arn: str,
    *,
    scope_start: datetime,
    scope_end: datetime,
    created_at: datetime,
) -> Investigation:
    entity_type = _checked_entity_type(entity_arn)
    return Investigation(
        investigation_id=_new_id(world, graph, created_at),
        number=world.next_number(),
        entity_arn=entity_arn,
        entity_type=entity_type,
        created_at=created_at,
        scope_start=scope_start,
        scope_end=scope_end,
    )


def _new_id(world: World, graph: BehaviorGraph, at: datetime) -> str:
    """Draw again where an id is taken: on a clock that stands still thousands share the digits that tell the time."""
    taken = world.investigations_of(graph.arn).rows
    while True:
        count = world.count("investigation", graph.arn)
        drawn = ids.investigation_id(seed=world.id_seed, arn=graph.arn, count=count, at=at)
        if drawn not in taken:
            return drawn


def _schedule(world: World, graph: BehaviorGraph, investigation: Investigation, at: datetime) -> None:
    world.schedule(EventKind.INVESTIGATION, at, scope=graph.arn, subject=investigation.investigation_id)


def _ended(investigation: Investigation, ending: PreparedInvestigation) -> Investigation:
    return attrs.evolve(investigation, status=ending.outcome, severity=ending.severity, indicators=ending.indicators)


def _checked_entity_type(entity_arn: str) -> EntityType:
    entity_type = entity_type_of(entity_arn)
    if entity_type is None:
        message = (
            f"{entity_arn!r} is not the ARN of an IAM user or role, which is all that Detective investigates; "
            'it looks like "arn:aws:iam::111122223333:role/name".'
        )
        raise FakeUsageError(message)
    return entity_type


def _check_times(created_at: datetime, scope_start: datetime, scope_end: datetime) -> None:
    if created_at.year not in _YEARS_OF_IDS:
        message = (
            f"created_at must lie in the years {_YEARS_OF_IDS[0]} to {_YEARS_OF_IDS[-1]}, "
            f"for its milliseconds begin the investigation's id; not {created_at.isoformat()}."
        )
        raise FakeUsageError(message)
    if scope_end <= scope_start:
        message = f"The scope must end after it starts, not from {scope_start.isoformat()} to {scope_end.isoformat()}."
        raise FakeUsageError(message)
