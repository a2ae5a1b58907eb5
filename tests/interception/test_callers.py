"""Which account calls: the rules in their order, credentials of every kind, and access keys that encode an account."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from inspect import signature
from typing import Any
from unittest import mock

import pytest
from aiobotocore.credentials import AioCredentials, AioDeferredRefreshableCredentials, AioRefreshableCredentials
from botocore.credentials import (
    Credentials,
    DeferredRefreshableCredentials,
    ReadOnlyCredentials,
    RefreshableCredentials,
)
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.utils import generate_access_key_id_from_account_id

from detective_fake.exchange import Caller
from detective_fake.interception.callers import (
    MACHINE_METHODS,
    CallerRules,
    Identity,
    can_sign,
    decode_access_key,
    make_credentials,
    read_identity,
)
from detective_fake.interception.environment import NEUTRAL_ACCESS_KEY_ID

ACCOUNT_IDS = st.from_regex(r"[0-9]{12}", fullmatch=True)
DEFAULT = Caller("123456789012", "default")
KEY_OF_2 = make_credentials("222222222222")["aws_access_key_id"]
KEY_OF_3 = make_credentials("333333333333")["aws_access_key_id"]
HAS_ACCOUNT_ID = pytest.mark.skipif(
    "account_id" not in signature(Credentials).parameters, reason="this botocore's credentials have no account ID"
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)


def find_caller(credentials: object, *machine_keys: str) -> tuple[str, str]:
    """Return account ID and rule of the caller with these credentials."""
    caller = CallerRules(DEFAULT, frozenset(machine_keys)).of(credentials)
    return caller.account_id, caller.rule


def some_credentials(
    access_key: str = KEY_OF_2, method: str = "explicit", account_id: str | None = None
) -> Credentials:
    """Return credentials as botocore creates them."""
    credentials = Credentials(access_key, "secret", method=method)
    if account_id is not None:
        credentials.account_id = account_id  # type: ignore[attr-defined]
    return credentials


refuse_to_fetch: Any = mock.Mock(side_effect=AssertionError)
"""Fails a test that fetches credentials."""


def refreshable(kind: type[RefreshableCredentials], expires: datetime = LONG_AGO, **options: Any) -> Any:
    """Return credentials that have expired, and so fetch new values when read."""
    values = {"refresh_using": refuse_to_fetch, "method": "sts-assume-role", **options}
    return kind(access_key=KEY_OF_2, secret_key="secret", token="token", expiry_time=expires, **values)


class TestAccountIdOfTheCredentials:
    def test_takes_precedence_over_every_key(self) -> None:
        """Rule 1: `aws_account_id=` names the caller."""
        credentials = some_credentials(account_id="444444444444")
        assert find_caller(credentials) == ("444444444444", "the credentials' account_id")

    def test_takes_precedence_over_the_machines_key(self) -> None:
        """Only the test passes `aws_account_id=`."""
        credentials = some_credentials(account_id="444444444444")
        assert find_caller(credentials, KEY_OF_2)[0] == "444444444444"

    @pytest.mark.parametrize("account_id", ["4444", "44444444444a", "\N{FULLWIDTH DIGIT FOUR}" * 12])
    def test_must_have_twelve_digits(self, account_id: str) -> None:
        """Other values are ignored."""
        assert find_caller(some_credentials(account_id=account_id))[0] == "222222222222"

    @pytest.mark.parametrize("method", sorted(MACHINE_METHODS))
    def test_of_a_login_is_the_machines_own(self, method: str) -> None:
        """SSO and others give the account of a developer's real login, which is not the caller in a test."""
        credentials = some_credentials(method=method, account_id="444444444444")
        assert find_caller(credentials) == (
            "123456789012",
            f"credentials ({method}) are the machine's own: default used",
        )

    def test_with_the_machines_key_in_the_environment_is_the_machines_own(self) -> None:
        """A client created before the fake may have read `AWS_ACCOUNT_ID`."""
        credentials = some_credentials(method="env", account_id="444444444444")
        assert find_caller(credentials, KEY_OF_2)[0] == "123456789012"

    def test_with_another_key_in_the_environment_counts(self) -> None:
        """A test may set `AWS_ACCOUNT_ID` while the fake is active."""
        credentials = some_credentials(method="env", account_id="444444444444")
        assert find_caller(credentials, KEY_OF_3)[0] == "444444444444"


class TestAccessKeyThatIsAnAccountId:
    def test_names_the_caller(self) -> None:
        """Rule 2: a key of twelve digits."""
        assert find_caller(some_credentials("555555555555")) == ("555555555555", "access key is an account id")


class TestAccessKeyThatEncodesAnAccount:
    def test_names_the_caller(self) -> None:
        """Rule 3: the account in the key."""
        assert find_caller(some_credentials()) == ("222222222222", "access key decodes to 222222222222")

    def test_is_kept_with_the_caller(self) -> None:
        """The journal shows the key with the account."""
        assert CallerRules(DEFAULT).of(some_credentials()).access_key == KEY_OF_2

    @pytest.mark.parametrize("method", ["explicit", "env", "assume-role", "sts-assume-role"])
    def test_counts_if_the_test_created_it(self, method: str) -> None:
        """Passed as an argument, set in the environment, or from a role that the code under test assumed."""
        assert find_caller(some_credentials(method=method))[0] == "222222222222"

    @pytest.mark.parametrize("method", sorted(MACHINE_METHODS))
    def test_of_a_login_does_not_count(self, method: str) -> None:
        """A developer's real login is the default caller."""
        expected = ("123456789012", f"credentials ({method}) are the machine's own: default used")
        assert find_caller(some_credentials(method=method)) == expected

    @pytest.mark.parametrize("method", ["explicit", "env"])
    def test_found_in_the_environment_does_not_count(self, method: str) -> None:
        """In whichever way the client got it."""
        expected = ("123456789012", "key decodes to 222222222222, the machine's own: default used")
        assert find_caller(some_credentials(method=method), KEY_OF_2) == expected


class TestDefault:
    @pytest.mark.parametrize(
        ("credentials", "reason"),
        [
            (None, "no credentials: default used"),
            (some_credentials("AKIAIOSFODNN7EXAMPLE"), "key names no account: default used"),
            (some_credentials("FOOBARKEY", "env"), "key names no account: default used"),
            (some_credentials(NEUTRAL_ACCESS_KEY_ID, "env"), "no credentials: default used"),
            (some_credentials("", "explicit"), "key names no account: default used"),
        ],
    )
    def test_is_used_if_nothing_names_an_account(self, credentials: object, reason: str) -> None:
        """Rule 4, and the journal gives the reason."""
        assert find_caller(credentials) == ("123456789012", reason)

    def test_can_change(self) -> None:
        """`acting_as` applies to clients that have already called, and its name is in the rule."""
        rules = CallerRules(DEFAULT)
        rules.of(None)
        rules.default = Caller("666666666666", "acting_as")
        assert rules.of(None) == Caller("666666666666", "no credentials: acting_as used", None)

    def test_can_change_without_changing_the_machine_keys(self) -> None:
        """The machine's key still names no caller."""
        rules = CallerRules(DEFAULT, frozenset({KEY_OF_2}))
        rules.default = Caller("666666666666", "acting_as")
        assert rules.of(some_credentials()).account_id == "666666666666"

    def test_machine_keys_can_change(self) -> None:
        """They are known when the fake starts, not when it is created."""
        rules = CallerRules(DEFAULT)
        rules.of(some_credentials())
        rules.machine_keys = frozenset({KEY_OF_2})
        assert rules.of(some_credentials()).account_id == "123456789012"


class TestAuthorization:
    SCOPE = f"{KEY_OF_2}/20240305/us-east-1/detective/aws4_request"
    HEADER = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0"

    @pytest.mark.parametrize("header", [HEADER, HEADER.encode()])
    def test_the_key_names_the_caller(self, header: str | bytes) -> None:
        """The caller of a request over the wire is known by the key it is signed with."""
        assert CallerRules(DEFAULT).of_authorization(header).account_id == "222222222222"

    @pytest.mark.parametrize("header", [None, "", b"", "Bearer abc", "AWS4-HMAC-SHA256 Credential="])
    def test_without_a_key_the_default_is_used(self, header: str | bytes | None) -> None:
        """Unsigned requests come from the default caller."""
        assert CallerRules(DEFAULT).of_authorization(header).rule == "no credentials: default used"

    def test_the_machines_key_does_not_count(self) -> None:
        """As for clients in this process."""
        rules = CallerRules(DEFAULT, frozenset({KEY_OF_2}))
        assert rules.of_authorization(self.HEADER).account_id == "123456789012"


class TestReadIdentity:
    @pytest.mark.parametrize("kind", [RefreshableCredentials, AioRefreshableCredentials])
    def test_expired_credentials_are_not_refreshed(self, kind: type[RefreshableCredentials]) -> None:
        """The values they hold are read, sync and async."""
        assert read_identity(refreshable(kind)) == Identity(KEY_OF_2, None, "sts-assume-role")

    @HAS_ACCOUNT_ID
    @pytest.mark.parametrize("kind", [RefreshableCredentials, AioRefreshableCredentials])
    def test_refreshable_credentials_may_have_an_account_id(self, kind: type[RefreshableCredentials]) -> None:
        """It is kept with the key."""
        assert read_identity(refreshable(kind, account_id="444444444444")).account_id == "444444444444"

    @pytest.mark.parametrize("kind", [DeferredRefreshableCredentials, AioDeferredRefreshableCredentials])
    def test_credentials_not_fetched_yet_are_not_fetched(self, kind: type[DeferredRefreshableCredentials]) -> None:
        """They have no key, and if they name no role, the default caller is used."""
        credentials = kind(refresh_using=refuse_to_fetch, method="custom")
        expected = ("123456789012", "credentials (custom) are fetched later and name no role: default used")
        assert find_caller(credentials) == expected

    @HAS_ACCOUNT_ID
    def test_plain_credentials_of_aiobotocore(self) -> None:
        """They are read like those of botocore."""
        credentials = AioCredentials(KEY_OF_2, "secret", account_id="444444444444")
        assert read_identity(credentials) == Identity(KEY_OF_2, "444444444444", "explicit")

    def test_frozen_credentials(self) -> None:
        """A named tuple, which some code puts into a signer."""
        assert read_identity(ReadOnlyCredentials(KEY_OF_2, "secret", None)) == Identity(KEY_OF_2)

    def test_credentials_during_a_refresh(self) -> None:
        """While another thread refreshes them, the last complete values count."""
        credentials = refreshable(RefreshableCredentials)
        credentials.access_key = KEY_OF_3
        assert read_identity(credentials).access_key == KEY_OF_2


class TestCanSign:
    def test_with_plain_credentials(self) -> None:
        """Nothing must be fetched."""
        assert can_sign(some_credentials())

    def test_not_without_credentials(self) -> None:
        """Botocore would raise NoCredentialsError."""
        assert not can_sign(None)

    @pytest.mark.parametrize("kind", [RefreshableCredentials, AioRefreshableCredentials])
    def test_with_valid_refreshable_credentials(self, kind: type[RefreshableCredentials]) -> None:
        """They need no refresh."""
        assert can_sign(refreshable(kind, datetime.now(timezone.utc) + timedelta(hours=1)))

    @pytest.mark.parametrize("kind", [RefreshableCredentials, AioRefreshableCredentials])
    def test_not_with_expired_credentials(self, kind: type[RefreshableCredentials]) -> None:
        """Signing would refresh them."""
        assert not can_sign(refreshable(kind))

    def test_not_with_credentials_not_fetched_yet(self) -> None:
        """Signing would fetch them."""
        assert not can_sign(DeferredRefreshableCredentials(refuse_to_fetch, "assume-role"))


class TestDecodeAccessKey:
    def test_a_published_key(self) -> None:
        """The pair that was published with the scheme."""
        assert decode_access_key("ASIAQNZGKIQY56JQ7WML") == "029608264753"

    @given(account_id=ACCOUNT_IDS, prefix=st.sampled_from(["AKIA", "ASIA"]))
    def test_keys_of_moto(self, account_id: str, prefix: str) -> None:
        """They follow the scheme, also those of `assume_role`."""
        assert decode_access_key(generate_access_key_id_from_account_id(account_id, prefix)) == account_id

    @pytest.mark.parametrize(
        "access_key_id",
        [
            pytest.param("AKIAIOSFODNN7EXAMPLE", id="older than the scheme"),
            pytest.param("asiaqnzgkiqy56jq7wml", id="lower case"),
            pytest.param("ASIAQNZGKIQY56JQ7WM", id="too short"),
            pytest.param("ASIAQNZGKIQY56JQ7WML7", id="too long"),
            pytest.param("ASIAQNZGKIQY56JQ7WM1", id="no base32"),
            pytest.param("AROAQNZGKIQY56JQ7WML", id="of a role"),
            pytest.param("ASIA7777777777777777", id="beyond twelve digits"),
            pytest.param("ASIAQNZGKIQY56JQ7WML\n", id="with a newline"),
            pytest.param("FOOBARKEY", id="of moto's environment"),
            pytest.param("testing", id="made up"),
            pytest.param("", id="empty"),
            pytest.param(NEUTRAL_ACCESS_KEY_ID, id="neutral"),
        ],
    )
    def test_other_texts_encode_no_account(self, access_key_id: str) -> None:
        """They do not follow the scheme."""
        assert decode_access_key(access_key_id) is None


class TestMakeCredentials:
    @given(account_id=ACCOUNT_IDS, seed=st.integers())
    def test_the_key_encodes_the_account(self, account_id: str, seed: int) -> None:
        """Every account ID is decoded from its key."""
        assert decode_access_key(make_credentials(account_id, seed)["aws_access_key_id"]) == account_id

    def test_they_look_like_session_credentials(self) -> None:
        """Key, secret and token have the form that AWS gives them."""
        credentials = make_credentials("222222222222")
        assert re.fullmatch(r"ASIA[A-Z2-7]{16}", credentials["aws_access_key_id"])
        assert re.fullmatch(r"[A-Za-z0-9+/]{40}", credentials["aws_secret_access_key"])
        assert re.fullmatch(r"IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]{300,}={0,2}", credentials["aws_session_token"])

    def test_equal_seeds_make_equal_credentials(self) -> None:
        """A test gets the same credentials each time it runs."""
        assert make_credentials("222222222222", 7) == make_credentials("222222222222", 7)

    def test_other_seeds_make_other_credentials(self) -> None:
        """An account may have several."""
        one, other = make_credentials("222222222222", 7), make_credentials("222222222222", 8)
        assert set(one.values()).isdisjoint(other.values())
