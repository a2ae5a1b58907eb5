"""What Detective can find out about an account."""

from __future__ import annotations

import pickle
from types import MappingProxyType

import pytest

from detective_fake.domain.account import (
    DEFAULT_DAILY_VOLUME_BYTES,
    Account,
    MalformedAccountId,
    checked_account_id,
    volumes_of,
)
from detective_fake.domain.datasources import DatasourcePackage
from detective_fake.domain.quotas import Quotas
from detective_fake.errors import FakeUsageError
from tests.builders import ANA

CORE, EKS = DatasourcePackage.DETECTIVE_CORE, DatasourcePackage.EKS_AUDIT


class TestAccountId:
    def test_twelve_digits_are_one(self) -> None:
        """Also with leading zeros."""
        assert checked_account_id("000000000012") == "000000000012"

    @pytest.mark.parametrize(
        "value", ["12345678901", "1234567890123", "12345678901x", "123456789012\n", "", "\u0661" * 12]
    )
    def test_other_strings_are_not(self, value: str) -> None:
        """The text shows what was given."""
        with pytest.raises(MalformedAccountId, match="a string of twelve digits, not ") as caught:
            checked_account_id(value)
        assert str(caught.value).endswith(f"not {value!r}.")

    def test_a_number_is_not(self) -> None:
        """The text shows the string to write, with the zeros that the number has lost."""
        with pytest.raises(FakeUsageError, match=r'not 12\. Write it as a string: "000000000012"\.'):
            checked_account_id(12)

    def test_the_error_survives_pickling(self) -> None:
        """As it must between processes."""
        assert str(pickle.loads(pickle.dumps(MalformedAccountId("x")))) == str(MalformedAccountId("x"))  # noqa: S301


class TestVolumes:
    def test_a_number_is_core(self) -> None:
        """In bytes a day."""
        assert volumes_of(7) == {CORE: 7}

    @pytest.mark.parametrize("given", [{"DETECTIVE_CORE": 0, "EKS_AUDIT": 5}, MappingProxyType({CORE: 0, EKS: 5})])
    def test_a_mapping_is_by_package(self, given: object) -> None:
        """Of any kind, by name or by our own enum."""
        assert volumes_of(given) == {CORE: 0, EKS: 5}

    def test_none_is_unknown(self) -> None:
        """That is not the same as nothing."""
        assert volumes_of(None) is None

    @pytest.mark.parametrize("value", [-1, 1.5, True, "5", {"EKS_AUDIT": None}])
    def test_what_is_no_number_of_bytes_is_refused(self, value: object) -> None:
        """With the value."""
        with pytest.raises(FakeUsageError, match=r"daily_volume_bytes must be whole bytes, .*, not (-1|1\.5|T|'5'|N)"):
            volumes_of(value)

    def test_an_unknown_package_is_refused(self) -> None:
        """The text lists the known ones."""
        with pytest.raises(
            FakeUsageError, match="'EKS' is no data source package; the packages are DETECTIVE_CORE, EKS_"
        ):
            volumes_of({"EKS": 5})


class TestAccount:
    def test_a_full_graph_of_ordinary_accounts_is_within_limits(self) -> None:
        """Nobody has to speak of volumes who does not test them."""
        quotas = Quotas()
        assert (quotas.members_per_graph + 1) * DEFAULT_DAILY_VOLUME_BYTES <= quotas.volume_bytes_per_day
        assert Account(account_id=ANA).known_volumes == {CORE: DEFAULT_DAILY_VOLUME_BYTES}

    def test_without_guardduty_its_volume_is_unknown(self) -> None:
        """Whatever it is."""
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
    def test_an_invitation_must_go_to_its_address(self, own: str | None, given: str | None, *, expected: bool) -> None:
        """If that is known."""
        assert Account(account_id=ANA, email=own).matches(given) is expected

    @pytest.mark.parametrize("account", [Account(account_id=ANA, verifies=False), Account(account_id=ANA, closed=True)])
    def test_some_never_pass(self, account: Account) -> None:
        """Those that are said not to, and those that are closed."""
        assert not account.matches("ana@example.com")
