"""Tests of how member rows and unprocessed accounts appear in responses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain.graph import DatasourcePackage, update_packages
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus, Usage
from detective_fake.domain.quotas import Quotas
from detective_fake.operations.members import member_details
from detective_fake.protocol.model import operations
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    NOON,
    a_call,
    a_graph,
    a_member,
    a_world,
    answer,
    every_status_but,
    members_in_model_order,
)

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.domain.world import World
    from detective_fake.exchange import Deferred
    from detective_fake.operations.call import Call

CORE, EKS = DatasourcePackage.DETECTIVE_CORE, DatasourcePackage.EKS_AUDIT
ALWAYS = {
    "AccountId",
    "EmailAddress",
    "GraphArn",
    "MasterId",
    "AdministratorId",
    "Status",
    "InvitedTime",
    "UpdatedTime",
    "InvitationType",
}
DEPRECATED = {
    "VolumeUsageInBytes",
    "VolumeUsageUpdatedTime",
    "PercentOfGraphUtilization",
    "PercentOfGraphUtilizationUpdatedTime",
}
OF_ENABLED = DEPRECATED | {"VolumeUsageByDatasourcePackage", "DatasourcePackageIngestStates"}


def write_body(deferred: Deferred) -> Any:
    return deferred.write(*deferred.values)


def a_reader(world: World | None = None, at: datetime = NOON) -> Call:
    return a_call(world or a_world(), "ListMembers", at=at)


def detail(membership: Membership, graph: BehaviorGraph | None = None, **call: Any) -> dict[str, Any]:
    """Return a row as it appears in a response. Checks that its members are in the order of the service model."""
    (found,) = write_body(member_details(a_reader(**call), [(graph or a_graph(), [membership])]))
    shape: Any = operations()["ListMembers"].output_shape
    assert members_in_model_order(shape.members["MemberDetails"].member, found)
    return dict(found)


def a_row(status: MemberStatus = MemberStatus.INVITED, **values: Any) -> Membership:
    world = a_world()
    return attrs.evolve(a_member(world, a_graph(world), ANA, status=status), **values)


class TestMemberDetail:
    @pytest.mark.parametrize("status", every_status_but(MemberStatus.ENABLED))
    def test_a_member_that_is_not_enabled_has_no_usage(self, status: MemberStatus) -> None:
        """As in AWS's samples, the administrator has both names, and the row has both times."""
        graph = a_graph()
        assert detail(a_row(status, updated_at=NOON + HOUR), graph) == {
            "AccountId": ANA,
            "EmailAddress": f"root@{ANA}.example.com",
            "GraphArn": graph.arn,
            "MasterId": ADMINISTRATOR,
            "AdministratorId": ADMINISTRATOR,
            "Status": status.value,
            "InvitedTime": NOON,
            "UpdatedTime": NOON + HOUR,
            "InvitationType": "INVITATION",
        }

    def test_an_enabled_account_has_volumes(self) -> None:
        """The row has the total volume, the volume of each package, and the time of measurement."""
        found = detail(a_row(MemberStatus.ENABLED, usage=Usage(30, {CORE: 10, EKS: 20}, NOON + HOUR)))
        assert found.keys() == ALWAYS | OF_ENABLED
        assert (found["VolumeUsageInBytes"], found["VolumeUsageUpdatedTime"]) == (30, NOON + HOUR)
        assert found["PercentOfGraphUtilizationUpdatedTime"] == NOON + HOUR
        assert found["VolumeUsageByDatasourcePackage"] == {
            "DETECTIVE_CORE": {"VolumeUsageInBytes": 10, "VolumeUsageUpdateTime": NOON + HOUR},
            "EKS_AUDIT": {"VolumeUsageInBytes": 20, "VolumeUsageUpdateTime": NOON + HOUR},
        }

    def test_utilization_is_a_fraction_of_ten_terabytes(self) -> None:
        """The volume and the utilization are taken from a real response."""
        found = detail(a_row(MemberStatus.ENABLED, usage=Usage(22_953_974, {}, NOON)))
        assert found["PercentOfGraphUtilization"] == 2.2953974e-06

    def test_utilization_is_a_fraction_of_the_quota_in_force(self) -> None:
        """Of a quota that a test has lowered, too."""
        world = a_world(quotas=Quotas(volume_bytes_per_day=160 * 10**9))
        found = detail(a_row(MemberStatus.ENABLED, usage=Usage(40 * 10**9, {}, NOON)), world=world)
        assert found["PercentOfGraphUtilization"] == 0.25

    def test_the_volume_is_measured_again_each_day(self) -> None:
        """All times of measurement move by whole days. The time of the last status change does not."""
        row = a_row(MemberStatus.ENABLED, usage=Usage(10, {CORE: 10}, NOON + HOUR))
        for passed, days in ((HOUR, 0), (24 * HOUR, 0), (25 * HOUR, 1), (75 * HOUR, 3)):
            found = detail(row, at=NOON + passed)
            measured = NOON + HOUR + timedelta(days=days)
            assert found["VolumeUsageUpdatedTime"] == found["PercentOfGraphUtilizationUpdatedTime"] == measured
            assert found["VolumeUsageByDatasourcePackage"]["DETECTIVE_CORE"]["VolumeUsageUpdateTime"] == measured
            assert found["UpdatedTime"] == NOON

    def test_an_enabled_account_has_the_graphs_packages(self) -> None:
        """Each package has its current state, even if it is stopped."""
        graph = a_graph()
        packages = update_packages(update_packages(graph.packages, {CORE, EKS}, NOON), {CORE}, NOON)
        found = detail(a_row(MemberStatus.ENABLED), attrs.evolve(graph, packages=packages))
        assert found["DatasourcePackageIngestStates"] == {"DETECTIVE_CORE": "STARTED", "EKS_AUDIT": "STOPPED"}

    def test_an_account_with_an_unknown_volume_has_no_volumes(self) -> None:
        """The row still has the states of the packages."""
        found = detail(a_row(MemberStatus.ENABLED, usage=None))
        assert found.keys() == ALWAYS | {"DatasourcePackageIngestStates"}

    def test_a_disabled_account_may_have_a_reason(self) -> None:
        """DisabledReason is present only if the reason is known."""
        row = a_row(MemberStatus.ACCEPTED_BUT_DISABLED)
        assert "DisabledReason" not in detail(row)
        reason = DisabledReason.VOLUME_TOO_HIGH
        assert detail(attrs.evolve(row, disabled_reason=reason))["DisabledReason"] == "VOLUME_TOO_HIGH"

    def test_an_organization_account_has_the_time_of_its_row(self) -> None:
        """As `InvitedTime`. It has no e-mail address if none is known."""
        row = a_row(invitation_type=InvitationType.ORGANIZATION, email=None)
        found = detail(row)
        assert found.keys() == ALWAYS - {"EmailAddress"}
        assert found["InvitedTime"] == NOON
        assert found["InvitationType"] == "ORGANIZATION"


class TestLists:
    def test_rows_keep_their_order(self) -> None:
        """Rows of several graphs keep the given order."""
        graphs = [a_graph(), a_graph(account_id=BEN)]
        found = write_body(member_details(a_reader(), [(graphs[0], [a_row(account_id=BEN)]), (graphs[1], [a_row()])]))
        assert [(each["GraphArn"], each["AccountId"]) for each in found] == [(graphs[0].arn, BEN), (graphs[1].arn, ANA)]

    def test_unprocessed_accounts_have_reasons(self) -> None:
        """Unprocessed accounts keep the given order."""
        world = a_world()
        found = answer(a_call(world, "GetMembers", GraphArn=a_graph(world).arn, AccountIds=[BEN, ANA]))
        reason = "Account is not a member"
        assert found["UnprocessedAccounts"] == [{"AccountId": each, "Reason": reason} for each in (BEN, ANA)]

    def test_every_reader_gets_its_own_copy(self) -> None:
        """Changes to one copy do not affect another."""
        deferred = member_details(a_reader(), [(a_graph(), [a_row()])])
        write_body(deferred).clear()
        assert len(write_body(deferred)) == 1
