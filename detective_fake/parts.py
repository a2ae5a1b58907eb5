"""What a fake is made of, and what each part is given of the others.

Knows every part; must not know who uses them, nor when a fake is active.
"""

from __future__ import annotations

import threading
import time
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import attrs

from detective_fake.controls.clock import TimeControl
from detective_fake.controls.context import FakeContext
from detective_fake.controls.fault_terms import FaultRules
from detective_fake.controls.faults import Faults
from detective_fake.controls.iam import Denials
from detective_fake.controls.overrides import AnswerRules, Overrides
from detective_fake.controls.seed import Seed
from detective_fake.domain.clock import Clock
from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.domain.world import World
from detective_fake.errors import FakeUsageError, ValidationFailed
from detective_fake.journal.calls import CallNames, Recorder
from detective_fake.journal.cloudtrail import CloudTrail
from detective_fake.journal.emails import Emails
from detective_fake.protocol import answers, model, results
from detective_fake.protocol.parameter_names import check_parameter_names, renamed_on_the_wire
from detective_fake.protocol.regions import Regions
from detective_fake.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from detective_fake.exchange import Body

__all__ = ["Parts", "PartsWhenNeeded", "check_parameters", "new_world", "put_together"]


_making = threading.Lock()


@attrs.define(kw_only=True, eq=False, slots=False)
class Parts:
    """The parts of one fake, from the service to the toolbox.

    What only a test asks for is made when it does.
    """

    context: FakeContext
    recorder: Recorder
    regions: Regions
    service: Service
    faults: Faults
    denials: Denials
    overrides: Overrides
    default_account: Callable[[], str]
    default_region: str

    @cached_property
    def cloudtrail(self) -> CloudTrail:
        """Of all calls so far, whenever it is asked."""
        calls = self.recorder.journal
        return CloudTrail(calls, sensitive=model.sensitive_members(), wire_names=renamed_on_the_wire)

    @cached_property
    def emails(self) -> Emails:
        """Those in the world, whenever they are asked for."""
        return Emails(self.context)

    @cached_property
    def clock(self) -> TimeControl:
        """Moves the context's clock."""
        return TimeControl(self.context)

    @cached_property
    def seed(self) -> Seed:
        """Puts into the world what a test wants to be there."""
        return Seed(
            self.context,
            default_account=self.default_account,
            default_region=self.default_region,
            check=check_parameters,
            check_region=self.regions.check,
        )


def new_world(options: Mapping[str, Any]) -> World:
    """Return a world as it is before anything has happened in it."""
    return World(
        id_seed=options["seed"],
        quotas=Quotas.of(options["quotas"]),
        timings=Timings.of(options["timings"]),
        disabled_may_leave=options["disabled_may_leave"],
    )


def put_together(options: Mapping[str, Any], default_account: Callable[[], str]) -> Parts:
    """Return new parts.

    Args:
        options: Those of the fake, checked.
        default_account: Tells who calls by default.
    """
    context = FakeContext(new_world(options), Clock(_read_time, results.timestamp_zone()))
    names, regions = _call_names(), Regions(only_real=options["missing_regions"] == "refuse")
    recorder = Recorder(names)
    fault_rules = FaultRules(names.operations, model.error_statuses(), regions.check)
    faults = Faults(fault_rules, recorder.journal, context.lock)

    def body_of(operation: str, answer: object) -> Body:
        return answers.body_of(operation, answer, context.clock.cut)

    denials = Denials(names.operations)
    overrides = Overrides(AnswerRules(names.operations, body_of, answers.refusal_of))
    return Parts(
        context=context,
        recorder=recorder,
        regions=regions,
        service=Service(
            context,
            recorder,
            faults=faults,
            denials=denials,
            overrides=overrides,
            regions=regions,
            page_size=options["page_size"],
        ),
        faults=faults,
        denials=denials,
        overrides=overrides,
        default_account=default_account,
        default_region=options["region"],
    )


@cache
def _call_names() -> CallNames:
    return CallNames(tuple(model.operations()), model.sensitive_members(), check_parameter_names)


class PartsWhenNeeded:
    """The parts of one fake, put together when somebody first asks for them.

    Many a fake is active around a test that never asks it anything.

    Args:
        options: As for `put_together`.
        default_account: The same.

    Attributes:
        made: None until then.
    """

    def __init__(self, options: Mapping[str, Any], default_account: Callable[[], str]) -> None:
        self._options = options
        self._default_account = default_account
        self.made: Parts | None = None

    def __call__(self) -> Parts:
        """Return the parts: the same to all threads."""
        return self.made or self._make()

    def _make(self) -> Parts:
        with _making:
            if self.made is None:
                self.made = put_together(self._options, self._default_account)
            return self.made


def check_parameters(operation: str, parameters: Mapping[str, Any]) -> None:
    """Check what a test wants to put in place as Detective would check it in a call.

    Raises:
        FakeUsageError: Detective would refuse it.
    """
    try:
        model.operations()[operation].validate(parameters)
    except ValidationFailed as refusal:
        message = f"Detective would not take this: {refusal.message}"
        raise FakeUsageError(message) from None


def _read_time() -> float:
    # Looked up at each call, so that libraries which replace `time.time` are seen.
    return time.time()
