"""Accounts: IDs, data volumes, e-mail verification, and who may administer an organization."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from detective_fake.domain.account import (
    DEFAULT_DAILY_VOLUME_BYTES,
    Account,
    Organization,
    checked_account_id,
    volumes_of,
)
from detective_fake.domain.graph import DatasourcePackage
from detective_fake.domain.quotas import Quotas
from detective_fake.errors import FakeUsageError
from tests.builders import ADMINISTRATOR, ANA, MANAGEMENT

CORE, EKS = DatasourcePackage.DETECTIVE_CORE, DatasourcePackage.EKS_AUDIT


class TestAccountId:
    def test_twelve_digits_are_accepted(self) -> None:
        """An account ID is a string of twelve digits, including leading zeros."""
        assert checked_account_id("000000000012") == "000000000012"

    @pytest.mark.parametrize(
        "value", ["12345678901", "1234567890123", "12345678901x", "123456789012\n", "", "\u0661" * 12]
    )
    def test_other_strings_are_rejected(self, value: str) -> None:
        """The error message shows the given value."""
        with pytest.raises(FakeUsageError, match="a string of twelve digits, not ") as caught:
            checked_account_id(value)
        assert str(caught.value).endswith(f"not {value!r}.")

    def test_a_number_is_rejected(self) -> None:
        """The error message shows the correct string, including the leading zeros that the number lost."""
        with pytest.raises(FakeUsageError, match=r'not 12\. Write it as a string: "000000000012"\.'):
            checked_account_id(12)


class TestVolumes:
    def test_a_number_is_the_core_volume(self) -> None:
        """A plain number is the daily volume of core data in bytes."""
        assert volumes_of(7) == {CORE: 7}

    @pytest.mark.parametrize("given", [{"DETECTIVE_CORE": 0, "EKS_AUDIT": 5}, MappingProxyType({CORE: 0, EKS: 5})])
    def test_a_mapping_gives_volumes_by_package(self, given: object) -> None:
        """Any mapping is accepted, with package names or enum members as keys."""
        assert volumes_of(given) == {CORE: 0, EKS: 5}

    def test_none_means_unknown(self) -> None:
        """An unknown volume is different from a volume of zero."""
        assert volumes_of(None) is None

    @pytest.mark.parametrize("value", [-1, 1.5, True, "5", {"EKS_AUDIT": None}])
    def test_an_invalid_volume_is_rejected(self, value: object) -> None:
        """The error message shows the invalid value."""
        with pytest.raises(FakeUsageError, match=r"daily_volume_bytes must be whole bytes, .*, not (-1|1\.5|T|'5'|N)"):
            volumes_of(value)

    def test_an_unknown_package_is_rejected(self) -> None:
        """The error message lists the valid packages."""
        with pytest.raises(
            FakeUsageError, match=r"Unknown datasource package 'EKS'\. Expected one of: DETECTIVE_CORE, EKS_"
        ):
            volumes_of({"EKS": 5})


class TestAccount:
    def test_a_full_graph_of_default_accounts_is_within_limits(self) -> None:
        """Tests that are not about volumes do not need to set them."""
        quotas = Quotas()
        assert (quotas.members_per_graph + 1) * DEFAULT_DAILY_VOLUME_BYTES <= quotas.volume_bytes_per_day
        assert Account(account_id=ANA).known_volumes == {CORE: DEFAULT_DAILY_VOLUME_BYTES}

    def test_without_guardduty_the_volume_is_unknown(self) -> None:
        """Detective does not know the volume of an account without GuardDuty, even if a volume is set."""
        assert Account(account_id=ANA, volumes={CORE: 5}, guardduty=False).known_volumes is None

    @pytest.mark.parametrize(
        ("own", "given", "expected"),
        [
            (None, "any@example.com", True),
            ("ana@example.com", "ana@example.com", True),
            ("ana@example.com", "Ana@Example.com", True),
            ("ana@example.com", None, True),
            ("ana@example.com", "ben@example.com", False),
        ],
    )
    def test_the_invitation_address_must_match(self, own: str | None, given: str | None, *, expected: bool) -> None:
        """The address in an invitation must match the address of the account, if both are known."""
        assert Account(account_id=ANA, email=own).matches(given) is expected

    @pytest.mark.parametrize("account", [Account(account_id=ANA, verifies=False), Account(account_id=ANA, closed=True)])
    def test_some_accounts_never_match(self, account: Account) -> None:
        """Closed accounts and accounts with `verifies=False` always fail verification."""
        assert not account.matches("ana@example.com")


def an_organization(delegated: str | None = None) -> Organization:
    return Organization(
        organization_id="o-1",
        management_account_id=MANAGEMENT,
        accounts=dict.fromkeys((MANAGEMENT, ADMINISTRATOR, ANA)),
        delegated_administrator_id=delegated,
    )


class TestMayAdminister:
    @pytest.mark.parametrize("account_id", [MANAGEMENT, ADMINISTRATOR, ANA])
    def test_any_account_may_without_a_delegated_administrator(self, account_id: str) -> None:
        """Every account of the organization may administer it."""
        assert an_organization().may_administer(account_id)

    @pytest.mark.parametrize(
        ("account_id", "expected"), [(MANAGEMENT, True), (ADMINISTRATOR, True), (ANA, False), ("777777777777", False)]
    )
    def test_only_the_delegated_administrator_or_management(self, account_id: str, *, expected: bool) -> None:
        """With a delegated administrator, only it and the management account may administer."""
        assert an_organization(ADMINISTRATOR).may_administer(account_id) is expected

    def test_an_account_outside_the_organization_may_not(self) -> None:
        """An outside account may not administer, even if there is no delegated administrator."""
        assert not an_organization().may_administer("777777777777")
