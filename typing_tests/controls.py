"""The attributes of a fake that control it: seed, clock, faults, denials."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import boto3
from typing_extensions import assert_type

from detective_fake import DetectiveFake, ServiceError
from detective_fake.types import (
    Fault,
    FlaggedIpAddress,
    ImpossibleTravel,
    NewAso,
    NewGeolocation,
    NewUserAgent,
    Organization,
    OrganizationControl,
    RelatedFinding,
    RelatedFindingGroup,
    TTPObserved,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
INDICATORS = (
    FlaggedIpAddress,
    ImpossibleTravel,
    NewAso,
    NewGeolocation,
    NewUserAgent,
    RelatedFinding,
    RelatedFindingGroup,
    TTPObserved,
)

fake = DetectiveFake()

seed = fake.seed
assert_type(
    seed.account(
        "222222222222",
        email="ana@example.com",
        daily_volume_bytes={"DETECTIVE_CORE": 10},
        verifies=False,
        guardduty=True,
    ),
    None,
)
seed.account("222222222222", email=None, daily_volume_bytes=5)
seed.account(222222222222)  # type: ignore[arg-type]
seed.account("222222222222", verifies="no")  # type: ignore[arg-type]
assert_type(seed.graph(), str)
assert_type(seed.graph("222222222222", "eu-west-1", tags={"team": "a"}, members=["333333333333"]), str)
seed.graph(members={"333333333333": "INVITED"})
seed.graph(packages={"EKS_AUDIT": {"started_at": NOON, "stopped_at": NOON}, "DETECTIVE_CORE": {}})
seed.graph(tags=["team"])  # type: ignore[arg-type]
seed.member("arn", "333333333333", status="INVITED", email="bo@example.com", invited_at=NOON, updated_at=NOON)
seed.member("arn", "333333333333", status="ACCEPTED_BUT_DISABLED", disabled_reason="VOLUME_TOO_HIGH")
seed.member("arn")  # type: ignore[call-arg]
assert_type(
    seed.investigation(
        "arn",
        entity_arn="arn:aws:iam::222222222222:role/deploy",
        status="SUCCESSFUL",
        severity="HIGH",
        state="ACTIVE",
        indicators=[{"IndicatorType": "NEW_ASO"}],
        created_at=NOON,
        scope_start=NOON,
        scope_end=NOON,
    ),
    str,
)
seed.investigation("arn")  # type: ignore[call-arg]
seed.investigation_outcome("arn", entity_arn="arn:…", status="FAILED", severity=None, indicators=())

organization = seed.organization("111111111111", accounts=["222222222222"])
assert_type(organization, OrganizationControl)
assert_type(seed.organization(accounts={"222222222222": None}), OrganizationControl)
assert_type(seed.organization_from(boto3.client("organizations")), OrganizationControl)
assert_type(seed.organization_control("o-1234567890"), OrganizationControl)
assert_type(organization.value, Organization)
assert_type(organization.organization_id, str)
assert_type(organization.management_account_id, str)
assert_type(organization.account_ids, tuple[str, ...])
assert_type(organization.delegated_administrator_id, str | None)
organization.add_account("333333333333", email="bo@example.com")
organization.remove_account("333333333333")
organization.close_account("333333333333")
organization.deregister_delegated_administrator()
organization.register_delegated_administrator("222222222222")
organization.add_account()  # type: ignore[call-arg]

clock = fake.clock
assert_type(clock.now(), datetime)
clock.freeze()
clock.freeze(NOON)
clock.freeze("2026-03-01")  # type: ignore[arg-type]
clock.advance(timedelta(hours=1))
clock.advance(hours=1, minutes=0.5)
clock.advance(3600)  # type: ignore[arg-type]
clock.unfreeze()

faults = fake.faults
fault = faults.add("CreateMembers", error="TooManyRequestsException", times=2, when="after", nth=3)
assert_type(fault, Fault)
assert_type(fault.used, int)
assert_type(fault.matching_calls, int)
assert_type(fault.operations, frozenset[str])
assert_type(fault.error, str | ServiceError | None)
assert_type(fault.refusal, ServiceError | None)
assert_type(faults.active, list[Fault])
faults.add("Create*", error=ServiceError("No."), account_id="222222222222", region="eu-west-1")
faults.add("*", error="ThrottlingException", message="Slow down.", status=400, times=None)
faults.add("ListMembers", network="ReadTimeoutError", latency=timedelta(seconds=1), callback=lambda: None)
faults.add("CreateMembers", unprocessed={"333333333333": "No."})
faults.add("CreateMembers", network="Timeout")  # type: ignore[arg-type]
faults.add("CreateMembers", when="during")  # type: ignore[arg-type]
faults.add("CreateMembers", latency=1)  # type: ignore[arg-type]
with faults.add("CreateMembers", network="SSLError") as added:
    assert_type(added, Fault)
fault.end()
fault.remove()
assert_type(faults.unused(), tuple[Fault, ...])
faults.clear()

denial = fake.deny("detective:Create*")
assert_type(denial.action, str)
assert_type(denial.account_id, str | None)
denial.allow()
denial.remove()
assert_type(denial.used, int)
with fake.deny("detective:*"):
    pass
