"""What all parts of one fake share."""

from __future__ import annotations

from detective_fake.controls.context import FakeContext
from detective_fake.domain.clock import Clock
from detective_fake.domain.world import World
from tests.builders import NOON


class TestStage:
    def test_its_lock_may_be_taken_again_by_who_has_it(self) -> None:
        """A seed that puts members into its graph does so."""
        context = FakeContext(World(), Clock(NOON.timestamp))
        with context.lock, context.lock:
            assert not context.outside

    def test_every_stage_has_its_own(self) -> None:
        """Two fakes do not wait for one another."""
        one, other = (FakeContext(World(), Clock(NOON.timestamp)) for _ in range(2))
        assert one.lock is not other.lock
        assert one.outside is not other.outside
