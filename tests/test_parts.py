"""When the parts of a fake are put together, and of what; what each of them does has tests of its own."""

from __future__ import annotations

import gc
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import boto3
import pytest

from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.domain.event_queue import Timings
from detective_fake.parts import Parts, check_parameters, put_together

THREADS = 4


class TestParts:
    def test_are_made_when_first_needed(self) -> None:
        """A fake that is active around a test which asks nothing of it costs next to nothing."""
        with DetectiveFake() as fake:
            pass
        assert fake._when_needed.made is None  # noqa: SLF001 - it has no other effect
        assert fake.calls == []
        assert fake._when_needed.made is not None  # noqa: SLF001 - the same

    def test_are_made_once_for_many_threads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each meets the same ones, also where others come while they are made."""

        def slowly(*arguments: Any) -> Parts:
            time.sleep(0.1)
            return put_together(*arguments)

        monkeypatch.setattr("detective_fake.parts.put_together", slowly)
        fake = DetectiveFake()
        with ThreadPoolExecutor(THREADS) as pool:
            first, *others = pool.map(lambda _: fake.seed, range(THREADS))
        assert all(other is first for other in others)

    @pytest.mark.parametrize("asked", [False, True])
    def test_are_gone_with_the_fake(self, asked: bool) -> None:  # noqa: FBT001
        """At once, as nothing of it refers back: thousands of tests leave no work to the collector of garbage."""
        gc.disable()
        try:
            with DetectiveFake() as fake:
                if asked:
                    fake.seed.graph()
                    boto3.client("detective").list_graphs()
            left = weakref.ref(fake)
            del fake
            assert left() is None
        finally:
            gc.enable()

    def test_are_made_of_what_was_given_when_the_fake_was(self) -> None:
        """Whatever becomes of that meanwhile."""
        quotas, timings = {"tags_per_graph": 7}, Timings(enabling=None)
        fake = DetectiveFake(quotas=quotas, timings=timings)
        quotas["tags_per_graph"] = 8
        timings.enabling = timedelta(1)
        assert (fake.quotas.tags_per_graph, fake.timings.enabling) == (7, None)

    def test_what_cannot_be_is_refused_before(self) -> None:
        """Where the fake is made, not at its first call."""
        with pytest.raises(FakeUsageError, match="no quota called tags"):
            DetectiveFake(quotas={"tags": 1})
        with pytest.raises(FakeUsageError, match="no timing called never"):
            DetectiveFake(timings={"never": None})


class TestCheckParameters:
    def test_what_detective_takes_passes(self) -> None:
        """As in a call."""
        check_parameters("CreateGraph", {"Tags": {"team": "blue"}})

    def test_what_it_would_refuse_is_the_tests_mistake(self) -> None:
        """With its own text."""
        with pytest.raises(FakeUsageError, match="would not take this: CreateGraphRequest"):
            check_parameters("CreateGraph", {"Tags": {}})
