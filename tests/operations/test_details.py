"""Rows as the service writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain.datasources import DatasourcePackage, after_update
from detective_fake.domain.membership import DisabledReason, InvitationType, MemberStatus, Usage
from detective_fake.operations.details import (
    invitation_details,
    member_details,
    plain,
    unprocessed_accounts,
)
from detective_fake.protocol.model import operations
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    NOON,
    a_graph,
    a_member,
    a_world,
    every_status_but,
    members_in_model_order,
)

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.membership import Membership
    from detective_fake.exchange import Deferred

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


def detail(membership: Membership, graph: BehaviorGraph | None = None) -> dict[str, Any]:
    """Return one row written, its members in the order of the service model."""
    (found,) = write_body(member_details(graph or a_graph(), [membership]))
    shape: Any = operations()["ListMembers"].output_shape
    assert members_in_model_order(shape.members["MemberDetails"].member, found)
    return dict(found)


def a_row(status: MemberStatus = MemberStatus.INVITED, **values: Any) -> Membership:
    world = a_world()
    return attrs.evolve(a_member(world, a_graph(world), ANA, status=status), **values)


class TestMemberDetail:
    @pytest.mark.parametrize("status", every_status_but(MemberStatus.ENABLED))
    def test_an_invited_account(self, status: MemberStatus) -> None:
        """As the samples show it: administrator under both names, address as given, and both times."""
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
        """In all and by package, with the time they were measured."""
        found = detail(a_row(MemberStatus.ENABLED, usage=Usage(30, {CORE: 10, EKS: 20}, NOON + HOUR)))
        assert found.keys() == ALWAYS | OF_ENABLED
        assert (found["VolumeUsageInBytes"], found["VolumeUsageUpdatedTime"]) == (30, NOON + HOUR)
        assert found["PercentOfGraphUtilizationUpdatedTime"] == NOON + HOUR
        assert found["VolumeUsageByDatasourcePackage"] == {
            "DETECTIVE_CORE": {"VolumeUsageInBytes": 10, "VolumeUsageUpdateTime": NOON + HOUR},
            "EKS_AUDIT": {"VolumeUsageInBytes": 20, "VolumeUsageUpdateTime": NOON + HOUR},
        }

    def test_utilization_is_a_fraction_of_ten_terabytes(self) -> None:
        """As observed: so many bytes gave that number."""
        found = detail(a_row(MemberStatus.ENABLED, usage=Usage(22_953_974, {}, NOON)))
        assert found["PercentOfGraphUtilization"] == 2.2953974e-06

    def test_an_enabled_account_has_the_graphs_packages(self) -> None:
        """With their present states, stopped ones included."""
        graph = a_graph()
        packages = after_update(after_update(graph.packages, {CORE, EKS}, NOON), {CORE}, NOON)
        found = detail(a_row(MemberStatus.ENABLED), attrs.evolve(graph, packages=packages))
        assert found["DatasourcePackageIngestStates"] == {"DETECTIVE_CORE": "STARTED", "EKS_AUDIT": "STOPPED"}

    def test_where_its_volume_is_unknown_none_is_given(self) -> None:
        """The packages are."""
        found = detail(a_row(MemberStatus.ENABLED, usage=None))
        assert found.keys() == ALWAYS | {"DatasourcePackageIngestStates"}

    def test_a_disabled_account_has_a_reason(self) -> None:
        """Where there is one."""
        row = a_row(MemberStatus.ACCEPTED_BUT_DISABLED)
        assert "DisabledReason" not in detail(row)
        reason = DisabledReason.VOLUME_TOO_HIGH
        assert detail(attrs.evolve(row, disabled_reason=reason))["DisabledReason"] == "VOLUME_TOO_HIGH"

    def test_an_organization_account_was_not_invited(self) -> None:
        """It has no time of invitation, and perhaps no address."""
        row = a_row(invitation_type=InvitationType.ORGANIZATION, invited_at=None, email=None)
        found = detail(row)
        assert found.keys() == ALWAYS - {"InvitedTime", "EmailAddress"}
        assert found["InvitationType"] == "ORGANIZATION"


class TestLists:
    def test_members_keep_their_order(self) -> None:
        """As they are given."""
        rows = [a_row(account_id=BEN), a_row()]
        assert [each["AccountId"] for each in write_body(member_details(a_graph(), rows))] == [BEN, ANA]

    def test_invitations_are_of_several_graphs(self) -> None:
        """Each row with its own."""
        graphs = [a_graph(), a_graph(account_id=BEN)]
        found = write_body(invitation_details([(graph, (a_row(),)) for graph in graphs]))
        assert [each["GraphArn"] for each in found] == [graph.arn for graph in graphs]

    def test_unprocessed_accounts_have_reasons(self) -> None:
        """In the order given."""
        found = write_body(unprocessed_accounts([(BEN, "why"), (ANA, "why not")]))
        assert found == [{"AccountId": BEN, "Reason": "why"}, {"AccountId": ANA, "Reason": "why not"}]

    def test_every_reader_gets_its_own(self) -> None:
        """What one does to it, the other does not see."""
        for deferred in (member_details(a_graph(), [a_row()]), unprocessed_accounts([(ANA, "why")]), plain([ANA])):
            write_body(deferred).clear()
            assert len(write_body(deferred)) == 1
