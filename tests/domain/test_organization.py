"""Who may administer Detective for an organization."""

from __future__ import annotations

import pytest

from detective_fake.domain.organization import Organization
from tests.builders import ADMINISTRATOR, ANA, MANAGEMENT


def an_organization(delegated: str | None = None) -> Organization:
    return Organization(
        organization_id="o-1",
        management_account_id=MANAGEMENT,
        accounts=dict.fromkeys((MANAGEMENT, ADMINISTRATOR, ANA)),
        delegated_administrator_id=delegated,
    )


class TestMayAdminister:
    @pytest.mark.parametrize("account_id", [MANAGEMENT, ADMINISTRATOR, ANA])
    def test_any_account_where_none_is_delegated(self, account_id: str) -> None:
        """Of the organization."""
        assert an_organization().may_administer(account_id)

    @pytest.mark.parametrize(
        ("account_id", "expected"), [(MANAGEMENT, True), (ADMINISTRATOR, True), (ANA, False), ("777777777777", False)]
    )
    def test_the_delegated_one_or_management(self, account_id: str, *, expected: bool) -> None:
        """Where one is delegated, nobody else."""
        assert an_organization(ADMINISTRATOR).may_administer(account_id) is expected

    def test_nobody_from_elsewhere(self) -> None:
        """Even where none is delegated."""
        assert not an_organization().may_administer("777777777777")
