"""Contexts of fakes without a fake, and calls on them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.controls.context import FakeContext
from detective_fake.controls.seed import Seed
from detective_fake.domain.clock import Clock
from detective_fake.domain.due_events import run_due_events
from detective_fake.domain.world import World
from detective_fake.operations.call import Call
from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import operations
from detective_fake.scenario.files import ScenarioError
from detective_fake.scenario.scenario_file import load

if TYPE_CHECKING:
    from pathlib import Path

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership

DEFAULT = "123456789012"
SECURITY = "111111111111"
ANA = "222222222222"
BEN = "333333333333"
REGION = "us-east-1"
NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)


def a_context(at: datetime = NOON, **options: Any) -> FakeContext:
    """Return a context with an empty world; its real clock stands still at this time."""
    return FakeContext(World(**options), Clock(at.timestamp))


def seed_on(context: FakeContext) -> Seed:
    """Return the `fake.seed` of this context."""
    return Seed(context, lambda: DEFAULT, REGION)


def loaded(file: Path, context: FakeContext | None = None) -> FakeContext:
    """Return a context, a new one if none is given, after loading a file."""
    context = context or a_context()
    load(file, context, seed_on(context))
    return context


def moment(context: FakeContext) -> tuple[object, object]:
    """Return state and clock setting to compare, as in a snapshot."""
    return context.world.copy(), context.clock.setting


def only_graph(context: FakeContext) -> BehaviorGraph:
    """Return the only graph."""
    (graph,) = context.world.graphs.values()
    return graph


def row(context: FakeContext, account_id: str) -> Membership:
    """Return an account's row in the only graph."""
    return context.world.rows(only_graph(context).arn).rows[account_id]


def call(context: FakeContext, operation: str, account_id: str, region: str = REGION, /, **parameters: Any) -> Any:
    """Answer a call as the service does: run due events first, and raise errors."""
    run_due_events(context.world, context.clock.now())
    operations()[operation].validate(parameters)
    return HANDLERS[operation](Call(context.world, operation, parameters, account_id, region, context.clock.now()))


def refusal(file: Path) -> list[str]:
    """Return the problems of a file, which must not change the state of the context that loads it."""
    context = a_context()
    seed_on(context).graph(BEN)
    before = moment(context)
    with pytest.raises(ScenarioError) as caught:
        loaded(file, context)
    assert moment(context) == before
    return [str(problem) for problem in caught.value.problems]
