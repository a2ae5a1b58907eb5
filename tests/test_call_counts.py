"""What a call costs, counted instead of timed: a slow-down shows up on any machine, and only there where it is."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import detective_fake
from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

ADMINISTRATOR = "111111111111"
PACKAGE = str(Path(detective_fake.__file__).parent)
BUDGET = 34
GENERATED = "<attrs generated "  # with the name of the class's module further on


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    """A fake that was asked for nothing but to answer."""
    with DetectiveFake() as fake:
        yield fake


def calls_within(work: Callable[[], object]) -> Counter[str]:
    """Return the functions of ours that Python has called, comprehensions and attrs' methods included."""
    counts: Counter[str] = Counter()

    # Python traces no function that it calls for its profiler, so coverage cannot see this one.
    def profile(frame: FrameType, event: str, _argument: Any) -> None:  # pragma: no cover
        code = frame.f_code
        name = code.co_filename
        if event == "call" and (name.startswith(PACKAGE) or (name.startswith(GENERATED) and "detective_fake" in name)):
            counts[f"{Path(name).name}:{code.co_firstlineno} {code.co_name}"] += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counts


def listing(fake: DetectiveFake, members: int, status: str) -> Callable[[], object]:
    """Return a call that lists so many members, made once already, so that all tables are there."""
    ids = [f"{200_000_000_000 + number}" for number in range(members)]
    arn = fake.seed.graph(ADMINISTRATOR, members=dict.fromkeys(ids, status))
    client: Any = fake.client(ADMINISTRATOR)
    rows = client.list_members(GraphArn=arn, MaxResults=200)["MemberDetails"]
    assert [row["Status"] for row in rows] == [status] * members
    return lambda: client.list_members(GraphArn=arn, MaxResults=200)


class TestListMembers:
    """Of ours alone; what botocore calls by itself is not in it."""

    @pytest.mark.parametrize(("members", "status"), [(1, "ENABLED"), (200, "ENABLED"), (200, "INVITED")])
    def test_stays_within_its_budget_of_calls(self, fake: DetectiveFake, members: int, status: str) -> None:
        """One more on the way of every call is a reason to think again; one for every row never is in the budget."""
        counts = calls_within(listing(fake, members, status))
        report = "\n".join(f"{number} {name}" for name, number in counts.most_common())
        assert BUDGET / 2 < sum(counts.values()) <= BUDGET, report
