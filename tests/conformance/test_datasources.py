"""Data source packages, and the only list with two pages that needs no third account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.calls import STRANGER
from tests.conformance.comparing import Refusal
from tests.conformance.graphs import CORE, started, states
from tests.conformance.rules import holds

if TYPE_CHECKING:
    from tests.conformance.accounts import Accounts
    from tests.conformance.comparing import Comparison

PAGES = "Lists in pages"
FINDINGS = "ASFF_SECURITYHUB_FINDING"
INVALID = Refusal("ValidationException", 400)


@pytest.fixture
def two_packages(administrator: Any, graph_arn: str) -> str:
    """The graph, which takes in findings of Security Hub as well."""
    administrator.update_datasource_packages(GraphArn=graph_arn, DatasourcePackages=[CORE, FINDINGS])
    return graph_arn


class TestPackages:
    @holds(("CreateGraph", "A new graph takes in `DETECTIVE_CORE`"), ("ListDatasourcePackages", "Each package that"))
    def test_a_new_graph_takes_in_core_data(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """It ingests nothing else."""
        packages = administrator.list_datasource_packages(GraphArn=graph_arn)["DatasourcePackages"]
        compare(sorted(packages[CORE]), ["DatasourcePackageIngestState", "LastIngestStateChange"])
        compare(started(administrator, graph_arn), [CORE])

    @holds(("UpdateDatasourcePackages", "The list replaces the"))
    def test_one_can_be_started(self, administrator: Any, two_packages: str, compare: Comparison) -> None:
        """It is listed at once."""
        compare(states(administrator, two_packages), {CORE: "STARTED", FINDINGS: "STARTED"})

    @holds(("UpdateDatasourcePackages", "The list replaces the"))
    def test_what_is_not_in_the_list_is_stopped(
        self, administrator: Any, two_packages: str, compare: Comparison
    ) -> None:
        """A stopped package stays listed."""
        administrator.update_datasource_packages(GraphArn=two_packages, DatasourcePackages=[CORE])
        compare(states(administrator, two_packages), {CORE: "STARTED", FINDINGS: "STOPPED"})

    @holds(("UpdateDatasourcePackages", "`DETECTIVE_CORE` must be in"))
    def test_core_data_must_be_in_the_list(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """Nothing can turn it off."""
        compare.refusal(
            INVALID, administrator.update_datasource_packages, GraphArn=graph_arn, DatasourcePackages=[FINDINGS]
        )


class TestPages:
    @holds((PAGES, "A response has a"))
    def test_the_last_page_has_no_token(self, administrator: Any, two_packages: str, compare: Comparison) -> None:
        """Two pages of one package each."""
        first = administrator.list_datasource_packages(GraphArn=two_packages, MaxResults=1)
        compare("NextToken" in first, expected=True)
        rest = administrator.list_datasource_packages(GraphArn=two_packages, MaxResults=1, NextToken=first["NextToken"])
        compare("NextToken" in rest, expected=False)
        compare(sorted([*first["DatasourcePackages"], *rest["DatasourcePackages"]]), [FINDINGS, CORE])

    @holds((PAGES, "A `NextToken` is valid"))
    def test_the_size_may_change_between_pages(
        self, administrator: Any, two_packages: str, compare: Comparison
    ) -> None:
        """A token does not know it."""
        first = administrator.list_datasource_packages(GraphArn=two_packages, MaxResults=1)
        rest = administrator.list_datasource_packages(
            GraphArn=two_packages, MaxResults=200, NextToken=first["NextToken"]
        )
        compare(len(rest["DatasourcePackages"]), 1)

    @holds((PAGES, "A `NextToken` is valid"))
    def test_a_token_that_was_changed_is_refused(
        self, administrator: Any, two_packages: str, compare: Comparison
    ) -> None:
        """One letter at its beginning differs."""
        token = administrator.list_datasource_packages(GraphArn=two_packages, MaxResults=1)["NextToken"]
        changed = ("A" if token[0] != "A" else "B") + token[1:]
        compare.refusal(INVALID, administrator.list_datasource_packages, GraphArn=two_packages, NextToken=changed)

    @holds((PAGES, "A `NextToken` is valid"))
    def test_a_token_of_another_list_is_refused(
        self, administrator: Any, two_packages: str, compare: Comparison
    ) -> None:
        """Both lists are of the same graph."""
        token = administrator.list_datasource_packages(GraphArn=two_packages, MaxResults=1)["NextToken"]
        compare.refusal(INVALID, administrator.list_members, GraphArn=two_packages, NextToken=token)


class TestHistories:
    @holds(("BatchGetGraphMemberDatasources", "Accounts that are not"))
    def test_accounts_that_are_no_members_have_none(
        self, administrator: Any, graph_arn: str, compare: Comparison
    ) -> None:
        """They are not processed."""
        answer = administrator.batch_get_graph_member_datasources(GraphArn=graph_arn, AccountIds=[STRANGER])
        unprocessed = [each["AccountId"] for each in answer["UnprocessedAccounts"]]
        compare((answer["MemberDatasources"], unprocessed), ([], [STRANGER]))

    @holds(("BatchGetMembershipDatasources", "The caller's own graph"))
    def test_nor_has_the_administrator(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """It is no member of its graph."""
        answer = administrator.batch_get_membership_datasources(GraphArns=[graph_arn])
        unprocessed = [each["GraphArn"] for each in answer["UnprocessedGraphs"]]
        compare((answer["MembershipDatasources"], unprocessed), ([], [graph_arn]))

    @holds(
        ("BatchGetGraphMemberDatasources", "Each enabled member has"),
        ("BatchGetMembershipDatasources", "Any account may call"),
    )
    def test_both_sides_see_the_same_of_a_member(
        self, accounts: Accounts, administrator: Any, member: Any, enabled: str, compare: Comparison
    ) -> None:
        """Since when its core data is taken in."""
        member_id = accounts.account_id("member")
        seen = administrator.batch_get_graph_member_datasources(GraphArn=enabled, AccountIds=[member_id])
        own = member.batch_get_membership_datasources(GraphArns=[enabled])
        compare(own["MembershipDatasources"] == seen["MemberDatasources"], expected=True)
        history = own["MembershipDatasources"][0]["DatasourcePackageIngestHistory"]
        compare({name: bool(each["STARTED"]) for name, each in history.items()}, {CORE: True})
