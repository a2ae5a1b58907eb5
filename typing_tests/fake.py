"""`DetectiveFake`: the types of its methods and properties."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
from mypy_boto3_detective import DetectiveClient
from mypy_boto3_detective.type_defs import ListGraphsResponseTypeDef
from typing_extensions import assert_type

import detective_fake
from detective_fake import DetectiveFake
from detective_fake.server.endpoint import Endpoint
from detective_fake.types import (
    Backoff,
    BehaviorGraph,
    Credentials,
    Denial,
    Denials,
    Emails,
    Faults,
    Journal,
    Membership,
    Organization,
    Override,
    PendingEvent,
    Quotas,
    Seed,
    Snapshot,
    TimeControl,
    Timings,
)

assert_type(detective_fake.__version__, str)

fake = DetectiveFake()
DetectiveFake("222222222222", "eu-west-1")
DetectiveFake(
    account_id="222222222222",
    region="eu-west-1",
    id_seed=7,
    wire=True,
    hermetic=False,
    page_size=3,
    timings={"verification": timedelta(minutes=5), "recheck": None},
    quotas={"members_per_graph": 3},
    scenario=Path("team.toml"),
    unused_faults="ignore",
    real_backoff=True,
    follow_moto=True,
    missing_regions="allow",
)
DetectiveFake(timings=Timings(), quotas=Quotas(), scenario="team.toml", page_size=None)
DetectiveFake(id_seed="7")  # type: ignore[arg-type]
DetectiveFake(unused_faults="warn")  # type: ignore[arg-type]
DetectiveFake(missing_regions="deny")  # type: ignore[arg-type]
DetectiveFake(page_sise=3)  # type: ignore[call-arg]
DetectiveFake("222222222222", "eu-west-1", 7)  # type: ignore[call-arg]

assert_type(fake.start(), None)
assert_type(fake.stop(), None)
assert_type(fake.reset(), None)

with fake as same:
    assert_type(same, DetectiveFake)


async def in_a_coroutine() -> None:
    """Use a fake with `async with`."""
    async with fake as same:
        assert_type(same, DetectiveFake)


def that_may_raise() -> int:
    """Return from a `with` block. A block that does not suppress exceptions needs no return statement after it."""
    with fake:
        return 1


assert_type(fake.account_id, str)
fake.account_id = "222222222222"
fake.account_id = 222222222222  # type: ignore[assignment]
assert_type(fake.region, str)
fake.region = "eu-west-1"  # type: ignore[misc]

with fake.acting_as("222222222222") as same:
    assert_type(same, DetectiveFake)

assert_type(fake.credentials(), Credentials)
assert_type(fake.credentials("222222222222"), Credentials)
assert_type(Credentials(aws_access_key_id="a", aws_secret_access_key="b", aws_session_token="c"), Credentials)  # noqa: S106
assert_type(fake.session("222222222222", region="eu-west-1"), boto3.Session)
boto3.client("detective", region_name="eu-west-1", **fake.credentials("222222222222"))
boto3.Session(**fake.credentials("222222222222"))

assert_type(fake.client(), DetectiveClient)
assert_type(fake.client("222222222222", "eu-west-1", endpoint_url="https://localhost"), DetectiveClient)
assert_type(fake.client().list_graphs(), ListGraphsResponseTypeDef)
fake.client().list_graph()  # type: ignore[attr-defined]
fake.client().list_graphs(MaxResult=1)  # type: ignore[call-arg]

with fake.serve() as endpoint:
    assert_type(endpoint, Endpoint)
    assert_type(endpoint.url, str)
    assert_type(endpoint.page_url, str)
    assert_type(endpoint.environment("222222222222"), dict[str, str])
assert_type(
    fake.serve(8080, host="0.0.0.0", allowed_hosts=["box"], keep_calls=1_000, on_error=print),
    AbstractContextManager[Endpoint],
)

assert_type(fake.pending, tuple[PendingEvent, ...])
assert_type(fake.settle(), None)
fake.settle(fake.pending[0])
fake.settle("verification")  # type: ignore[arg-type]

assert_type(fake.snapshot(), Snapshot)
fake.restore(fake.snapshot())
fake.restore({})  # type: ignore[arg-type]
fake.save("state.json")
fake.load(Path("state.json"))
fake.save_trail(Path("trail.json.gz"))
fake.save(1)  # type: ignore[arg-type]

assert_type(fake.calls, Journal)
assert_type(fake.forget_calls(keep=10), None)
assert_type(fake.assert_called("CreateMembers", account_id="1" * 12, region="eu-west-1", times=2, Message="x"), Journal)
assert_type(fake.assert_not_called("Delete*", account_id="1" * 12), None)
fake.assert_called()  # type: ignore[call-arg]
assert_type(fake.cloudtrail, list[dict[str, Any]])
assert_type(fake.emails, Emails)
assert_type(fake.backoffs, list[Backoff])
assert_type(fake.missing_profiles, tuple[str, ...])
assert_type(fake.unused_report(), str | None)
assert_type([str(rule) for rule in fake.unused_rules()], list[str])
assert_type(fake.active, bool)

assert_type(fake.seed, Seed)
assert_type(fake.clock, TimeControl)
assert_type(fake.faults, Faults)
assert_type(fake.denials, Denials)
assert_type(fake.deny("detective:Create*", account_id="222222222222"), Denial)
assert_type(fake.deny("detective:Create*", region="us-east-1"), Denial)
assert_type(fake.on("ListMembers"), Override)
with fake.isolated() as isolated:
    assert_type(isolated, DetectiveFake)

assert_type(fake.graphs, tuple[BehaviorGraph, ...])
assert_type(fake.members("arn"), tuple[Membership, ...])
fake.members(fake.graphs[0])
assert_type(fake.organizations, tuple[Organization, ...])
fake.graphs = ()  # type: ignore[misc]

assert_type(fake.quotas, Quotas)
assert_type(fake.timings, Timings)
fake.quotas.members_per_graph = 3
fake.timings.verification = timedelta(minutes=5)
fake.timings.recheck = None
fake.quotas.members_per_graph = "3"  # type: ignore[assignment]
fake.timings.verification = 300  # type: ignore[assignment]
