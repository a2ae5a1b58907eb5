"""Tests of the operations on data source packages of graphs, members and memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detective_fake.domain.due_events import settle_all
from detective_fake.domain.graph import DatasourcePackage
from detective_fake.domain.membership import MemberStatus
from detective_fake.domain.quotas import Behavior, Quotas
from detective_fake.errors import AccessDenied, ResourceNotFound, ServiceQuotaExceeded, ValidationFailed
from tests.builders import ADMINISTRATOR, ANA, BEN, HOUR, NOON, a_call, a_graph, a_member, a_world, answer

if TYPE_CHECKING:
    from datetime import datetime

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

UNKNOWN = "arn:aws:detective:us-east-1:111111111111:graph:00000000000000000000000000000000"
ALL = ["DETECTIVE_CORE", "EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"]


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    return a_graph(world)


class TestListDatasourcePackages:
    def test_a_new_graph_has_core_started(self, world: World, graph: BehaviorGraph) -> None:
        """A new graph ingests core data. Other states are null, in the order of AWS's sample."""
        packages = answer(a_call(world, "ListDatasourcePackages", GraphArn=graph.arn))["DatasourcePackages"]
        assert packages == {
            "DETECTIVE_CORE": {
                "DatasourcePackageIngestState": "STARTED",
                "LastIngestStateChange": {"DISABLED": None, "STOPPED": None, "STARTED": {"Timestamp": NOON}},
            }
        }
        assert list(packages["DETECTIVE_CORE"]["LastIngestStateChange"]) == ["DISABLED", "STOPPED", "STARTED"]

    def test_every_change_is_listed(self, world: World, graph: BehaviorGraph) -> None:
        """A stopped package stays listed, with the times of both changes."""
        _update(world, graph, ALL[:2], NOON + HOUR)
        _update(world, graph, ALL[:1], NOON + 2 * HOUR)
        listed = answer(a_call(world, "ListDatasourcePackages", GraphArn=graph.arn))
        assert listed["DatasourcePackages"]["EKS_AUDIT"] == {
            "DatasourcePackageIngestState": "STOPPED",
            "LastIngestStateChange": {
                "DISABLED": None,
                "STOPPED": {"Timestamp": NOON + 2 * HOUR},
                "STARTED": {"Timestamp": NOON + HOUR},
            },
        }

    def test_three_packages_fit_on_a_page(self, world: World, graph: BehaviorGraph) -> None:
        """By default, one page lists all packages and has no token."""
        _update(world, graph, ALL)
        listed = answer(a_call(world, "ListDatasourcePackages", GraphArn=graph.arn))
        assert list(listed["DatasourcePackages"]) == ALL
        assert "NextToken" not in listed

    @pytest.mark.parametrize("selected", [ALL, ["DETECTIVE_CORE", "ASFF_SECURITYHUB_FINDING"]])
    def test_pages_of_one_return_every_package(self, world: World, graph: BehaviorGraph, selected: list[str]) -> None:
        """No page is empty: packages that were never started are skipped."""
        _update(world, graph, selected)
        page = answer(a_call(world, "ListDatasourcePackages", GraphArn=graph.arn, MaxResults=1))
        walked = list(page["DatasourcePackages"])
        while "NextToken" in page and len(walked) < 100:
            token = {"NextToken": page["NextToken"]}
            page = answer(a_call(world, "ListDatasourcePackages", GraphArn=graph.arn, MaxResults=1, **token))
            walked += page["DatasourcePackages"]
            assert page["DatasourcePackages"]
        assert walked == selected

    def test_only_the_administrator_may_call_it(self, world: World, graph: BehaviorGraph) -> None:
        """A member cannot list the packages of a graph."""
        with pytest.raises(AccessDenied):
            answer(a_call(world, "ListDatasourcePackages", account_id=ANA, GraphArn=graph.arn))


class TestUpdateDatasourcePackages:
    def test_the_list_is_the_whole_set(self, world: World, graph: BehaviorGraph) -> None:
        """Every package in the list is started, in any order."""
        _update(world, graph, ALL[:2])
        assert _update(world, graph, ["ASFF_SECURITYHUB_FINDING", *ALL, "EKS_AUDIT"][:3]) == {}
        listed = answer(a_call(world, "ListDatasourcePackages", GraphArn=graph.arn))["DatasourcePackages"]
        states = {name: package["DatasourcePackageIngestState"] for name, package in listed.items()}
        assert states == dict.fromkeys(ALL, "STARTED")

    def test_repeating_an_update_changes_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """An update with the same packages changes nothing, not even a time."""
        _update(world, graph, ALL)
        before = world.copy()
        _update(world, graph, ALL[::-1], NOON + HOUR)
        assert world.copy() == before

    def test_the_core_package_is_required(self, world: World, graph: BehaviorGraph) -> None:
        """A list without the core package is rejected."""
        message = "UpdateDatasourcePackagesRequest.DatasourcePackages must contain DETECTIVE_CORE. Found {}."
        for given in (["EKS_AUDIT"], ["EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"]):
            with pytest.raises(ValidationFailed, match=message.format(", ".join(given))):
                _update(world, graph, given)

    def test_members_show_a_new_package_at_once(self, world: World, graph: BehaviorGraph) -> None:
        """Members show the states and volumes of all packages that the graph now ingests."""
        a_member(world, graph, ANA, daily_volume_bytes={"DETECTIVE_CORE": 10, "EKS_AUDIT": 5})
        _update(world, graph, ALL[:2], NOON + HOUR)
        member = answer(a_call(world, "GetMembers", GraphArn=graph.arn, AccountIds=[ANA]))["MemberDetails"][0]
        assert member["VolumeUsageInBytes"] == 15
        assert member["VolumeUsageByDatasourcePackage"]["EKS_AUDIT"] == {
            "VolumeUsageInBytes": 5,
            "VolumeUsageUpdateTime": NOON + HOUR,
        }
        assert member["DatasourcePackageIngestStates"] == {"DETECTIVE_CORE": "STARTED", "EKS_AUDIT": "STARTED"}

    def test_too_much_data_is_refused_and_changes_nothing(self, world: World, graph: BehaviorGraph) -> None:
        """The graph exceeds its quota already. The error names VOLUME, and the packages stay as they are."""
        a_member(world, graph, ANA, daily_volume_bytes={"DETECTIVE_CORE": 1, "EKS_AUDIT": 5})
        world.quotas = Quotas(volume_bytes_per_day=10**9)
        before = world.copy()
        with pytest.raises(ServiceQuotaExceeded) as refused:
            _update(world, graph, ALL)
        assert refused.value.members == {"Resources": ("VOLUME",)}
        assert world.copy() == before

    def test_a_package_that_does_not_fit_is_started(self, world: World, graph: BehaviorGraph) -> None:
        """Only the present volume of the graph counts."""
        a_member(world, graph, ANA, daily_volume_bytes={"EKS_AUDIT": 5})
        world.quotas = Quotas(volume_bytes_per_day=10**9)
        assert _update(world, graph, ALL) == {}

    def test_a_graph_with_too_much_data_shows_disabled_packages(self, world: World, graph: BehaviorGraph) -> None:
        """A package that was stopped stays stopped."""
        world.quotas = Quotas(ingest_stop_bytes_per_day=10**9)
        _update(world, graph, ALL)
        _update(world, graph, ALL[:2])
        a_member(world, graph, ANA)
        settle_all(world, NOON)
        listed = answer(a_call(world, "ListDatasourcePackages", GraphArn=graph.arn))["DatasourcePackages"]
        states = {name: package["DatasourcePackageIngestState"] for name, package in listed.items()}
        assert states == dict(zip(ALL, ["DISABLED", "DISABLED", "STOPPED"], strict=True))
        assert listed["EKS_AUDIT"]["LastIngestStateChange"]["DISABLED"] == {"Timestamp": NOON}

    def test_a_partial_list_starts_packages(self, world: World, graph: BehaviorGraph) -> None:
        """With the behavior `partial_package_lists`. The other packages do not change."""
        world.behavior = Behavior(partial_package_lists=True)
        _update(world, graph, ["EKS_AUDIT"])
        _update(world, graph, ["ASFF_SECURITYHUB_FINDING"])
        assert set(world.graphs[graph.arn].started) == set(DatasourcePackage)

    def test_an_unknown_graph_is_not_found(self, world: World) -> None:
        """An update of a graph that does not exist is not found."""
        with pytest.raises(ResourceNotFound):
            answer(a_call(world, "UpdateDatasourcePackages", GraphArn=UNKNOWN, DatasourcePackages=ALL))


class TestBatchGetGraphMemberDatasources:
    def test_a_members_history_begins_when_it_is_enabled(self, world: World, graph: BehaviorGraph) -> None:
        """The history has the format of AWS's sample: STOPPED first, and no DISABLED."""
        a_member(world, graph, ANA, at=NOON + HOUR)
        [entry] = _of_members(world, graph, ANA)["MemberDatasources"]
        history = {"DETECTIVE_CORE": {"STOPPED": None, "STARTED": {"Timestamp": NOON + HOUR}}}
        assert entry == {"AccountId": ANA, "GraphArn": graph.arn, "DatasourcePackageIngestHistory": history}
        assert list(entry["DatasourcePackageIngestHistory"]["DETECTIVE_CORE"]) == ["STOPPED", "STARTED"]

    def test_a_stopped_package_stays_in_the_history(self, world: World, graph: BehaviorGraph) -> None:
        """The history shows when the package was started and when it was stopped."""
        a_member(world, graph, ANA)
        _update(world, graph, ALL[:2], NOON + HOUR)
        _update(world, graph, ALL[:1], NOON + 2 * HOUR)
        [entry] = _of_members(world, graph, ANA)["MemberDatasources"]
        assert entry["DatasourcePackageIngestHistory"]["EKS_AUDIT"] == {
            "STOPPED": {"Timestamp": NOON + 2 * HOUR},
            "STARTED": {"Timestamp": NOON + HOUR},
        }

    @pytest.mark.parametrize("status", [status for status in MemberStatus if status is not MemberStatus.ENABLED])
    def test_a_member_that_is_not_enabled_has_no_history(
        self, world: World, graph: BehaviorGraph, status: MemberStatus
    ) -> None:
        """A member that is not enabled is listed with an empty history."""
        a_member(world, graph, ANA, status=status)
        answered = _of_members(world, graph, ANA)
        assert answered["MemberDatasources"][0]["DatasourcePackageIngestHistory"] == {}
        assert answered["UnprocessedAccounts"] == []

    def test_accounts_that_are_not_members_are_unprocessed(self, world: World, graph: BehaviorGraph) -> None:
        """Each account is listed once. Members come in the requested order."""
        a_member(world, graph, BEN)
        a_member(world, graph, ANA)
        answered = _of_members(world, graph, ANA, "444444444444", BEN, ANA)
        assert [entry["AccountId"] for entry in answered["MemberDatasources"]] == [ANA, BEN]
        unprocessed = [{"AccountId": "444444444444", "Reason": "Account is not a member"}]
        assert answered["UnprocessedAccounts"] == unprocessed

    def test_only_the_administrator_may_call_it(self, world: World, graph: BehaviorGraph) -> None:
        """A member calls BatchGetMembershipDatasources instead."""
        a_member(world, graph, ANA)
        with pytest.raises(AccessDenied):
            _of_members(world, graph, ANA, caller=ANA)


class TestBatchGetMembershipDatasources:
    def test_the_caller_sees_its_own_history_in_each_graph(self, world: World, graph: BehaviorGraph) -> None:
        """Graphs come in the requested order, each once."""
        other = a_graph(world, account_id=BEN)
        a_member(world, graph, ANA, at=NOON + HOUR)
        a_member(world, other, ANA)
        answered = _of_memberships(world, ANA, other.arn, graph.arn, other.arn)
        found = [(entry["AccountId"], entry["GraphArn"]) for entry in answered["MembershipDatasources"]]
        assert found == [(ANA, other.arn), (ANA, graph.arn)]
        history = answered["MembershipDatasources"][1]["DatasourcePackageIngestHistory"]
        assert history["DETECTIVE_CORE"]["STARTED"] == {"Timestamp": NOON + HOUR}
        assert answered["UnprocessedGraphs"] == []

    def test_an_open_invitation_has_an_empty_history(self, world: World, graph: BehaviorGraph) -> None:
        """An invited account is listed, but the graph ingests none of its data yet."""
        a_member(world, graph, ANA, status=MemberStatus.INVITED)
        [entry] = _of_memberships(world, ANA, graph.arn)["MembershipDatasources"]
        assert entry["DatasourcePackageIngestHistory"] == {}

    @pytest.mark.parametrize("status", [MemberStatus.VERIFICATION_IN_PROGRESS, MemberStatus.VERIFICATION_FAILED])
    def test_an_account_that_is_not_yet_invited_is_unprocessed(
        self, world: World, graph: BehaviorGraph, status: MemberStatus
    ) -> None:
        """Before verification succeeds, the account counts as no member."""
        a_member(world, graph, ANA, status=status)
        assert _unprocessed(world, ANA, graph.arn) == [(graph.arn, "Account is not a member")]

    def test_graphs_the_caller_is_not_in_are_unprocessed(self, world: World, graph: BehaviorGraph) -> None:
        """The response does not reveal whether a graph exists."""
        reason = "Account is not a member"
        assert _unprocessed(world, ANA, graph.arn, UNKNOWN) == [(graph.arn, reason), (UNKNOWN, reason)]

    def test_a_graph_of_another_region_is_unprocessed(self, world: World) -> None:
        """Memberships in other Regions are not visible."""
        elsewhere = a_graph(world, region="eu-west-1")
        a_member(world, elsewhere, ANA)
        assert _unprocessed(world, ANA, elsewhere.arn) == [(elsewhere.arn, "Account is not a member")]

    def test_the_callers_own_graph_is_unprocessed(self, world: World, graph: BehaviorGraph) -> None:
        """The administrator is not a member of its own graph."""
        reason = "Account is the administrator account of the behavior graph"
        assert _unprocessed(world, ADMINISTRATOR, graph.arn) == [(graph.arn, reason)]


def _update(world: World, graph: BehaviorGraph, packages: list[str], at: datetime = NOON) -> dict[str, Any]:
    return answer(a_call(world, "UpdateDatasourcePackages", at=at, GraphArn=graph.arn, DatasourcePackages=packages))


def _of_members(world: World, graph: BehaviorGraph, *account_ids: str, caller: str = ADMINISTRATOR) -> dict[str, Any]:
    return answer(
        a_call(
            world,
            "BatchGetGraphMemberDatasources",
            account_id=caller,
            GraphArn=graph.arn,
            AccountIds=list(account_ids),
        )
    )


def _of_memberships(world: World, account_id: str, *graph_arns: str) -> dict[str, Any]:
    return answer(a_call(world, "BatchGetMembershipDatasources", account_id=account_id, GraphArns=list(graph_arns)))


def _unprocessed(world: World, account_id: str, *graph_arns: str) -> list[tuple[str, str]]:
    answered = _of_memberships(world, account_id, *graph_arns)
    assert answered["MembershipDatasources"] == []
    return [(each["GraphArn"], each["Reason"]) for each in answered["UnprocessedGraphs"]]
