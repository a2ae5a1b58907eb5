"""The way from file to world and back, and a check on the way; its steps are the modules beside this one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from detective_fake.controls.context import FakeContext
from detective_fake.domain.clock import Clock
from detective_fake.domain.world import World
from detective_fake.scenario import files
from detective_fake.scenario.building import build
from detective_fake.scenario.checks import check_scenario
from detective_fake.scenario.parsing import parse, plain
from detective_fake.scenario.problems import Problem, ScenarioError
from detective_fake.scenario.recording import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from detective_fake.scenario.context import Context
    from detective_fake.scenario.format import Scenario

__all__ = ["check", "load", "save"]


def load(path: str | PathLike[str], stage: FakeContext, context: Context) -> None:
    """Put a fake into the state that a file describes; what is not in the file is not there any more.

    Clock, quotas and timings stay where the file has nothing about them. Seed and calls are not part of a scenario.

    Raises:
        ScenarioError: The file cannot be read or is not right; then nothing is changed.
    """
    scenario, problems = parse(files.read(path))
    if scenario is None:
        raise ScenarioError(str(path), problems)
    with stage.lock:
        setting = stage.clock.setting
        try:
            _set_clock(stage.clock, scenario)
            stage.world.become(_world_of(path, scenario, stage, context))
        except ScenarioError:
            stage.clock.setting = setting
            raise


def save(path: str | PathLike[str], stage: FakeContext) -> None:
    """Write the state of a fake to a file, so that loading it leads to an equal snapshot.

    Raises:
        FakeUsageError: The suffix is neither `.toml` nor `.json`, or the file cannot be written.
    """
    with stage.lock:
        scenario = record(stage.world, stage.clock.setting)
    files.write(path, plain(scenario))


def check(path: str | PathLike[str], context: Context) -> Sequence[Problem]:
    """Return everything that is wrong with a file: nothing, if it can be loaded."""
    try:
        load(path, FakeContext(World(), Clock(time.time)), context)
    except ScenarioError as error:
        return error.problems
    return ()


def _set_clock(clock: Clock, scenario: Scenario) -> None:
    if scenario.clock is not None:
        frozen_at = scenario.clock.frozen_at
        clock.setting = scenario.clock.ahead_milliseconds, None if frozen_at is None else clock.cut(frozen_at)


def _world_of(path: str | PathLike[str], scenario: Scenario, stage: FakeContext, context: Context) -> World:
    try:
        problems = check_scenario(scenario, context, stage.clock.now())
        if not problems:
            return build(scenario, context, like=stage.world, clock=stage.clock)
    except OverflowError:
        problems = [Problem("", "has a time so close to the year 1 or 9999 that what follows from it lies beyond")]
    raise ScenarioError(str(path), problems)
