"""How investigations start and finish, and how a test sets them up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from detective_fake.domain import ids
from detective_fake.domain.choices import choice
from detective_fake.domain.event_queue import EventKind
from detective_fake.domain.investigation import (
    EntityType,
    Investigation,
    PreparedInvestigation,
    State,
    Status,
    entity_type_of,
)
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from detective_fake.domain.event_queue import PendingEvent
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

__all__ = ["finish", "prepare", "seed", "set_state", "start"]

DEFAULT_SCOPE: Final = timedelta(days=1)
"""The time range of a seeded investigation by default. Source: none."""

_YEARS_OF_IDS: Final = range(1970, 2286)
"""Years whose milliseconds have at most 13 digits."""


def start(
    world: World, graph: BehaviorGraph, entity_arn: str, *, scope_start: datetime, scope_end: datetime, at: datetime
) -> Investigation:
    """Start an investigation. It finishes after the timing `investigation`.

    Each call starts another one: the service model has no idempotency token.

    Raises:
        FakeUsageError: The ARN is not that of an IAM user or role. Operations check `entity_type_of` first.
    """
    investigation = _create(world, graph, entity_arn, scope_start=scope_start, scope_end=scope_end, created_at=at)
    world.put_investigation(graph.arn, investigation)
    _schedule(world, graph, investigation, at)
    return investigation


def finish(world: World, event: PendingEvent, at: datetime) -> None:  # noqa: ARG001 - the signature of all events
    """Finish an investigation as prepared for its entity. Without preparation it finds nothing."""
    running = world.investigation(event.scope, event.subject)
    if running is not None:
        ending = world.prepared.get((event.scope, running.entity_arn), PreparedInvestigation())
        world.put_investigation(event.scope, _end(running, ending))


def set_state(world: World, graph: BehaviorGraph, investigation: Investigation, state: State) -> None:
    """Archive an investigation or make it active again, in any status."""
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
    """Set how investigations of an entity end from now on, including those that are running.

    Args:
        outcome: `SUCCESSFUL` or `FAILED`.
        severity: By default `INFORMATIONAL` if it succeeds.
        indicators: Instances of the eight classes, or mappings of their members and `indicator_type`.
    Raises:
        FakeUsageError: The entity is not an IAM user or role, a value is unknown, or a failed one has indicators.
    """
    _check_entity_type(entity_arn)
    world.prepared[graph.arn, entity_arn] = PreparedInvestigation.of(outcome, severity, indicators)


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
    """Add an investigation of any status to a graph. A `RUNNING` one finishes as after `StartInvestigation`.

    All times must be as `Clock.cut` returns them.

    Args:
        at: The present time.
        created_at: By default the present time.
        scope_start: By default a day before the end of the scope.
        scope_end: By default when the investigation was created.
        severity: As for `prepare`. Not with `RUNNING`.
        indicators: As for `prepare`. Only with `SUCCESSFUL`.
    Returns:
        The investigation's ID.
    Raises:
        FakeUsageError: A value is invalid. Nothing has changed then.
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
    if created_at.year not in _YEARS_OF_IDS:
        message = (
            f"created_at must lie in the years {_YEARS_OF_IDS[0]} to {_YEARS_OF_IDS[-1]}, because its milliseconds "
            f"begin the investigation's ID; not {created_at.isoformat()}."
        )
        raise FakeUsageError(message)
    if scope_end <= scope_start:
        message = f"The scope must end after it starts, not from {scope_start.isoformat()} to {scope_end.isoformat()}."
        raise FakeUsageError(message)
    created = _create(world, graph, entity_arn, scope_start=scope_start, scope_end=scope_end, created_at=created_at)
    seeded = attrs.evolve(created if ending is None else _end(created, ending), state=review)
    world.put_investigation(graph.arn, seeded)
    if ending is None:
        _schedule(world, graph, seeded, at)
    return seeded.investigation_id


def _create(
    world: World,
    graph: BehaviorGraph,
    entity_arn: str,
    *,
    scope_start: datetime,
    scope_end: datetime,
    created_at: datetime,
) -> Investigation:
    entity_type = _check_entity_type(entity_arn)
    investigation_id = None
    # Repeat while the ID is taken: on a frozen clock thousands of IDs have the same milliseconds.
    while investigation_id is None or investigation_id in world.investigations_of(graph.arn).rows:
        count = world.count("investigation", graph.arn)
        investigation_id = ids.investigation_id(seed=world.id_seed, arn=graph.arn, count=count, at=created_at)
    return Investigation(
        investigation_id=investigation_id,
        number=world.next_number(),
        entity_arn=entity_arn,
        entity_type=entity_type,
        created_at=created_at,
        scope_start=scope_start,
        scope_end=scope_end,
    )


def _schedule(world: World, graph: BehaviorGraph, investigation: Investigation, at: datetime) -> None:
    world.schedule(EventKind.INVESTIGATION, at, scope=graph.arn, subject=investigation.investigation_id)


def _end(investigation: Investigation, ending: PreparedInvestigation) -> Investigation:
    return attrs.evolve(investigation, status=ending.outcome, severity=ending.severity, indicators=ending.indicators)


def _check_entity_type(entity_arn: str) -> EntityType:
    entity_type = entity_type_of(entity_arn)
    if entity_type is None:
        message = (
            f"{entity_arn!r} is not the ARN of an IAM user or role, the only entities that Detective investigates. "
            'Expected an ARN such as "arn:aws:iam::111122223333:role/name".'
        )
        raise FakeUsageError(message)
    return entity_type
