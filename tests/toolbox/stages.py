"""What the tests of scenarios share: a stage without a fake around it, calls on it, and files made from a few words."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from detective_fake.domain.clock import Clock
from detective_fake.domain.happenings import settle
from detective_fake.domain.world import World
from detective_fake.operations.call import Call
from detective_fake.operations.registry import HANDLERS
from detective_fake.parts import check_parameters
from detective_fake.protocol.model import operations
from detective_fake.protocol.regions import Regions
from detective_fake.toolbox.scenario.context import Context
from detective_fake.toolbox.scenario.load_and_save import load
from detective_fake.toolbox.seed import Seed
from detective_fake.toolbox.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership

__all__ = [
    "ANA",
    "BEN",
    "DEFAULT",
    "NOON",
    "REGION",
    "SECURITY",
    "a_stage",
    "call",
    "context",
    "loaded",
    "moment",
    "only_graph",
    "row",
    "seed_on",
]

DEFAULT = "123456789012"
SECURITY = "111111111111"
ANA = "222222222222"
BEN = "333333333333"
REGION = "us-east-1"
NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)


def context() -> Context:
    """Return what a fake of no options fills in."""
    return Context(default_account=DEFAULT, default_region=REGION, check=check_parameters)


def a_stage(at: datetime = NOON, **options: Any) -> Stage:
    """Return an empty world whose real clock stands at a time."""
    return Stage(World(**options), Clock(at.timestamp))


def seed_on(stage: Stage) -> Seed:
    """Return what `fake.seed` is for this stage."""
    return Seed(
        stage,
        default_account=lambda: DEFAULT,
        default_region=REGION,
        check=check_parameters,
        check_region=Regions(only_real=True).check,
    )


def loaded(file: Path, stage: Stage | None = None) -> Stage:
    """Return a stage, a new one if none is given, after loading a file."""
    stage = stage or a_stage()
    load(file, stage, context())
    return stage


def moment(stage: Stage) -> tuple[object, object]:
    """Return state and clock, to compare: what a fake's snapshot holds."""
    return stage.world.state(), stage.clock.setting


def only_graph(stage: Stage) -> BehaviorGraph:
    """Return the one graph there is."""
    (graph,) = stage.world.graphs.value.values()
    return graph


def row(stage: Stage, account_id: str) -> Membership:
    """Return an account's row in the one graph there is."""
    return stage.world.rows(only_graph(stage).arn).rows[account_id]


def call(stage: Stage, operation: str, account_id: str, region: str = REGION, /, **parameters: Any) -> Any:
    """Answer a call as the service does: what is due first, and a refusal raised."""
    settle(stage.world, stage.clock.now())
    operations()[operation].validate(parameters)
    return HANDLERS[operation](Call(stage.world, operation, parameters, account_id, region, stage.clock.now()))
