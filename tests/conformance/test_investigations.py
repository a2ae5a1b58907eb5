"""Invalid investigations are refused, and a new graph has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.calls import SCOPE, about
from tests.conformance.comparing import Refusal
from tests.conformance.rules import holds, operations_under

if TYPE_CHECKING:
    from tests.conformance.accounts import Accounts
    from tests.conformance.comparing import Comparison

ON_ONE = "Operations on one investigation"
INVALID = Refusal("ValidationException", 400)


class TestInvestigations:
    @holds((ON_ONE, "An investigation that is not in this graph"))
    @pytest.mark.parametrize("operation", operations_under(ON_ONE))
    def test_an_unknown_one_is_not_found(
        self, administrator: Any, graph_arn: str, compare: Comparison, operation: str
    ) -> None:
        """The graph is there."""
        call, arguments = about(administrator, operation, graph_arn)
        compare.refusal(Refusal("ResourceNotFoundException", 404), call, **arguments)

    @holds(("ListInvestigations", "All given criteria must match"))
    def test_a_new_graph_has_none(self, administrator: Any, graph_arn: str, compare: Comparison) -> None:
        """The list is empty."""
        compare(administrator.list_investigations(GraphArn=graph_arn)["InvestigationDetails"], [])

    @holds(("StartInvestigation", "An entity that is"))
    def test_an_instance_cannot_be_investigated(
        self, accounts: Accounts, administrator: Any, graph_arn: str, compare: Comparison
    ) -> None:
        """Users and roles alone can."""
        instance = f"arn:aws:ec2:{accounts.region}:{accounts.account_id('administrator')}:instance/i-0123456789abcdef0"
        compare.refusal(INVALID, administrator.start_investigation, GraphArn=graph_arn, EntityArn=instance, **SCOPE)

    @holds(("StartInvestigation", "A scope whose end"))
    def test_a_scope_ends_after_it_starts(
        self, accounts: Accounts, administrator: Any, graph_arn: str, compare: Comparison
    ) -> None:
        """The other way round is refused."""
        compare.refusal(
            INVALID,
            administrator.start_investigation,
            GraphArn=graph_arn,
            EntityArn=f"arn:aws:iam::{accounts.account_id('administrator')}:role/none",
            ScopeStartTime=SCOPE["ScopeEndTime"],
            ScopeEndTime=SCOPE["ScopeStartTime"],
        )
