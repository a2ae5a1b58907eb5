"""What the commands about scenario files share: a fake's own defaults, for a file that no fake has loaded yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from detective_fake.controls.context import FakeContext
from detective_fake.domain.clock import Clock
from detective_fake.domain.world import World
from detective_fake.fake import DEFAULT_ACCOUNT_ID, DEFAULT_REGION
from detective_fake.parts import check_parameters
from detective_fake.scenario.context import Context
from detective_fake.scenario.load_and_save import check, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detective_fake.scenario.problems import Problem

__all__ = ["problems_of", "world_of"]


def problems_of(path: str) -> Sequence[Problem]:
    """Return everything that is wrong with a scenario file."""
    return check(path, _CONTEXT)


def world_of(path: str) -> World:
    """Return the world that a scenario file describes.

    Raises:
        ScenarioError: The file cannot be read or is not right.
    """
    context = FakeContext(World(), Clock(time.time))
    load(path, context, _CONTEXT)
    return context.world


_CONTEXT = Context(default_account=DEFAULT_ACCOUNT_ID, default_region=DEFAULT_REGION, check=check_parameters)
