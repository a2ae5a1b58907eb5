"""Errors for accounts outside of organizations. No administrator is designated or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.calls import about
from tests.conformance.comparing import Refusal
from tests.conformance.rules import holds, operations_under

if TYPE_CHECKING:
    from tests.conformance.comparing import Comparison

MANAGEMENT = "Operations of an organization's management account"
CONFIGURATION = "Operations on an organization behavior graph"
INVALID = Refusal("ValidationException", 400)


@pytest.mark.usefixtures("outside_organizations")
class TestOutside:
    @holds((MANAGEMENT, "A caller that is"))
    def test_there_are_no_administrators_to_list(self, administrator: Any, compare: Comparison) -> None:
        """The end of the text is what published code looks for."""
        text = r".*account is not a member of an organization\."
        compare.refusal(INVALID._replace(text=text), administrator.list_organization_admin_accounts)

    @holds((CONFIGURATION, "A caller that is"))
    @pytest.mark.parametrize("operation", operations_under(CONFIGURATION))
    def test_an_unknown_graph_cannot_be_configured(
        self, administrator: Any, unknown_arn: str, compare: Comparison, operation: str
    ) -> None:
        """There is no 404."""
        call, arguments = about(administrator, operation, unknown_arn)
        compare.refusal(INVALID, call, **arguments)

    @holds((CONFIGURATION, "A caller that is"))
    @pytest.mark.parametrize("operation", operations_under(CONFIGURATION))
    def test_nor_can_the_own_graph(
        self, administrator: Any, graph_arn: str, compare: Comparison, operation: str
    ) -> None:
        """It is no organization behavior graph."""
        call, arguments = about(administrator, operation, graph_arn)
        compare.refusal(INVALID, call, **arguments)
