"""What is saved and loaded again is what it was, whatever happened before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from detective_fake.scenario.load_and_save import save
from tests.controls.contexts import loaded, moment
from tests.scenario.lives import lives

if TYPE_CHECKING:
    from detective_fake.controls.context import FakeContext


class TestRoundTrip:
    @pytest.mark.parametrize("suffix", ["toml", "json"])
    @given(lives())
    def test_any_state_comes_back(
        self, tmp_path_factory: pytest.TempPathFactory, suffix: str, stage: FakeContext
    ) -> None:
        """Whatever calls, seeding, organizations and time did: a fresh fake that loads it is in an equal state."""
        file = tmp_path_factory.getbasetemp() / f"any.{suffix}"
        save(file, stage)
        assert moment(loaded(file)) == moment(stage)
