"""What is saved and loaded again is what it was, whatever happened before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from detective_fake.toolbox.scenario.load_and_save import save
from tests.toolbox.lives import lives
from tests.toolbox.stages import loaded, moment

if TYPE_CHECKING:
    from detective_fake.toolbox.stage import Stage


class TestRoundTrip:
    @pytest.mark.parametrize("suffix", ["toml", "json"])
    @given(lives())
    def test_any_state_comes_back(self, tmp_path_factory: pytest.TempPathFactory, suffix: str, stage: Stage) -> None:
        """Whatever calls, seeding, organizations and time did: a fresh fake that loads it is in an equal state."""
        file = tmp_path_factory.getbasetemp() / f"any.{suffix}"
        save(file, stage)
        assert moment(loaded(file)) == moment(stage)
