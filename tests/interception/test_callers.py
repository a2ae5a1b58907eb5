"""Who is calling: the four rules, and credentials of every kind."""

from __future__ import annotations

import threading
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

from detective_fake.exchange import Caller
from detective_fake.interception.access_keys import NEUTRAL_ACCESS_KEY_ID, make
from detective_fake.interception.callers import MACHINE_METHODS, CallerRules, held, signable

DEFAULT = Caller("123456789012", "default")
KEY_OF_2 = make("222222222222")["aws_access_key_id"]
KEY_OF_3 = make("333333333333")["aws_access_key_id"]
KNOWS_ACCOUNTS = pytest.mark.skipif(
    "account_id" not in signature(Credentials).parameters, reason="this botocore's credentials know no account"
)
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)


def the_caller(credentials: object, *machine_keys: str) -> tuple[str, str]:
    """Return account and rule of who calls with these credentials."""
    caller = CallerRules(DEFAULT, frozenset(machine_keys)).of(credentials)
    return caller.account_id, caller.rule


def some_credentials(
    access_key: str = KEY_OF_2, method: str = "explicit", account_id: str | None = None
) -> Credentials:
    """Return credentials as botocore makes them."""
    credentials = Credentials(access_key, "secret", method=method)
    if account_id is not None:
        credentials.account_id = account_id  # type: ignore[attr-defined]
    return credentials


refuse_to_fetch = mock.Mock(side_effect=AssertionError("fetched"))


def refreshable(kind: type[RefreshableCredentials], expires: datetime = LONG_AGO, **options: Any) -> Any:
    """Return credentials that would be fetched anew when read, since they have expired."""
    values = {"refresh_using": refuse_to_fetch, "method": "sts-assume-role", **options}
    return kind(access_key=KEY_OF_2, secret_key="secret", token="token", expiry_time=expires, **values)


class TestAccountOfTheCredentials:
    def test_it_beats_every_key(self) -> None:
        """Rule 1: `aws_account_id=` names the caller."""
        credentials = some_credentials(account_id="444444444444")
        assert the_caller(credentials) == ("444444444444", "the credentials' account_id")

    def test_given_by_hand_it_beats_the_machines_key(self) -> None:
        """Nobody but the test's author writes `aws_account_id=`."""
        credentials = some_credentials(account_id="444444444444")
        assert the_caller(credentials, KEY_OF_2)[0] == "444444444444"

    @pytest.mark.parametrize("account_id", ["4444", "44444444444a", "\N{FULLWIDTH DIGIT FOUR}" * 12])
    def test_it_has_twelve_digits(self, account_id: str) -> None:
        """What is no account id is passed over."""
        assert the_caller(some_credentials(account_id=account_id))[0] == "222222222222"

    @pytest.mark.parametrize("method", sorted(MACHINE_METHODS))
    def test_of_a_login_it_is_the_machines_own(self, method: str) -> None:
        """SSO and others tell the account of a developer's real login, which is not who calls in a test."""
        credentials = some_credentials(method=method, account_id="444444444444")
        assert the_caller(credentials) == (
            "123456789012",
            "credentials name 444444444444, the machine's own: default used",
        )

    def test_beside_the_key_in_the_environment_it_is_the_machines_own(self) -> None:
        """An early client may have read `AWS_ACCOUNT_ID`."""
        credentials = some_credentials(method="env", account_id="444444444444")
        assert the_caller(credentials, KEY_OF_2)[0] == "123456789012"

    def test_beside_another_key_in_the_environment_it_counts(self) -> None:
        """A test may set `AWS_ACCOUNT_ID` while the fake is active."""
        credentials = some_credentials(method="env", account_id="444444444444")
        assert the_caller(credentials, KEY_OF_3)[0] == "444444444444"


class TestKeyThatIsAnAccount:
    def test_it_is_that_account(self) -> None:
        """Rule 2: a key of twelve digits."""
        assert the_caller(some_credentials("555555555555")) == ("555555555555", "access key is an account id")


class TestKeyThatHoldsAnAccount:
    def test_it_is_that_account(self) -> None:
        """Rule 3: the account is in the key."""
        assert the_caller(some_credentials()) == ("222222222222", "access key decodes to 222222222222")

    def test_the_callers_key_is_told(self) -> None:
        """The journal shows the key beside the account."""
        assert CallerRules(DEFAULT).of(some_credentials()).access_key == KEY_OF_2

    @pytest.mark.parametrize("method", ["explicit", "env", "assume-role", "sts-assume-role"])
    def test_credentials_that_a_test_makes_count(self, method: str) -> None:
        """Given by hand, set in the environment, or from a role assumed by the code under test."""
        assert the_caller(some_credentials(method=method))[0] == "222222222222"

    @pytest.mark.parametrize("method", sorted(MACHINE_METHODS))
    def test_a_login_does_not_count(self, method: str) -> None:
        """A developer's real login means the default caller."""
        expected = ("123456789012", "key decodes to 222222222222, the machine's own: default used")
        assert the_caller(some_credentials(method=method)) == expected

    @pytest.mark.parametrize("method", ["explicit", "env"])
    def test_the_key_found_in_the_environment_does_not_count(self, method: str) -> None:
        """However a client came by it."""
        expected = ("123456789012", "key decodes to 222222222222, the machine's own: default used")
        assert the_caller(some_credentials(method=method), KEY_OF_2) == expected


class TestDefault:
    @pytest.mark.parametrize(
        ("credentials", "why"),
        [
            (None, "no credentials: default used"),
            (some_credentials("AKIAIOSFODNN7EXAMPLE"), "key names no account: default used"),
            (some_credentials("FOOBARKEY", "env"), "key names no account: default used"),
            (some_credentials(NEUTRAL_ACCESS_KEY_ID, "env"), "no key but the fake's neutral one: default used"),
            (some_credentials("", "explicit"), "key names no account: default used"),
        ],
    )
    def test_it_is_used_where_nothing_names_an_account(self, credentials: object, why: str) -> None:
        """Rule 4, and the journal says why."""
        assert the_caller(credentials) == ("123456789012", why)

    def test_it_may_change(self) -> None:
        """`acting_as` holds for calls of clients that have called before, and its name is told."""
        rules = CallerRules(DEFAULT)
        rules.of(None)
        rules.default = Caller("666666666666", "acting_as")
        assert rules.of(None) == Caller("666666666666", "no credentials: acting_as used", None)

    def test_a_change_leaves_the_machines_keys(self) -> None:
        """Who calls by default has nothing to do with whose machine it is."""
        rules = CallerRules(DEFAULT, frozenset({KEY_OF_2}))
        rules.default = Caller("666666666666", "acting_as")
        assert rules.of(some_credentials()).account_id == "666666666666"

    def test_the_machines_keys_may_change(self) -> None:
        """They are known when the fake starts, not when it is made."""
        rules = CallerRules(DEFAULT)
        rules.of(some_credentials())
        rules.machine_keys = frozenset({KEY_OF_2})
        assert rules.of(some_credentials()).account_id == "123456789012"


class TestMemory:
    def test_a_caller_is_found_once(self) -> None:
        """The same credentials give the same object."""
        rules = CallerRules(DEFAULT)
        assert rules.of(some_credentials()) is rules.of(some_credentials())

    def test_it_is_bounded(self) -> None:
        """A session fake that meets a new key in each test does not grow for ever."""
        rules = CallerRules(DEFAULT)
        first = rules.of(some_credentials())
        for number in range(1_000):
            rules.of(some_credentials(f"key {number}"))
        assert rules.of(some_credentials()) is not first


class TestAuthorization:
    SCOPE = f"{KEY_OF_2}/20240305/us-east-1/detective/aws4_request"
    HEADER = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0"

    @pytest.mark.parametrize("header", [HEADER, HEADER.encode()])
    def test_the_key_names_the_caller(self, header: str | bytes) -> None:
        """A request over the wire tells its caller by the key it is signed with."""
        assert CallerRules(DEFAULT).of_authorization(header).account_id == "222222222222"

    @pytest.mark.parametrize("header", [None, "", b"", "Bearer abc", "AWS4-HMAC-SHA256 Credential="])
    def test_without_a_key_the_default_calls(self, header: str | bytes | None) -> None:
        """Unsigned requests are the default caller's."""
        assert CallerRules(DEFAULT).of_authorization(header).rule == "no credentials: default used"

    def test_the_machines_own_key_does_not_count(self) -> None:
        """As in process."""
        rules = CallerRules(DEFAULT, frozenset({KEY_OF_2}))
        assert rules.of_authorization(self.HEADER).account_id == "123456789012"


class TestHeld:
    @pytest.mark.parametrize("kind", [RefreshableCredentials, AioRefreshableCredentials])
    def test_expired_credentials_are_not_fetched(self, kind: type[RefreshableCredentials]) -> None:
        """They tell what they hold, sync and async."""
        assert held(refreshable(kind)) == (KEY_OF_2, None, "sts-assume-role")

    @KNOWS_ACCOUNTS
    @pytest.mark.parametrize("kind", [RefreshableCredentials, AioRefreshableCredentials])
    def test_refreshable_credentials_tell_their_account(self, kind: type[RefreshableCredentials]) -> None:
        """The account id stands beside the key."""
        assert held(refreshable(kind, account_id="444444444444"))[1] == "444444444444"

    @pytest.mark.parametrize("kind", [DeferredRefreshableCredentials, AioDeferredRefreshableCredentials])
    def test_credentials_not_fetched_yet_tell_nothing(self, kind: type[DeferredRefreshableCredentials]) -> None:
        """Nobody fetches them for us."""
        credentials = kind(refresh_using=refuse_to_fetch, method="assume-role")
        expected = ("123456789012", "credentials (assume-role) hold no key yet: default used")
        assert the_caller(credentials) == expected

    @KNOWS_ACCOUNTS
    def test_credentials_of_aiobotocore_are_read_alike(self) -> None:
        """Plain ones."""
        assert held(AioCredentials(KEY_OF_2, "secret", account_id="444444444444")) == (
            KEY_OF_2,
            "444444444444",
            "explicit",
        )

    def test_a_tuple_may_stand_for_credentials(self) -> None:
        """Frozen credentials, which some code puts into a signer."""
        assert held(ReadOnlyCredentials(KEY_OF_2, "secret", None)) == (KEY_OF_2, None, None)

    def test_a_publication_is_read_whole(self) -> None:
        """In the middle of a refresh by another thread the last complete values count."""
        credentials = refreshable(RefreshableCredentials)
        credentials.access_key = KEY_OF_3
        assert held(credentials)[0] == KEY_OF_2


class TestSignable:
    def test_plain_credentials_are(self) -> None:
        """There is nothing to fetch."""
        assert signable(some_credentials())

    def test_none_are_not(self) -> None:
        """A client without credentials cannot sign."""
        assert not signable(None)

    @pytest.mark.parametrize("kind", [RefreshableCredentials, AioRefreshableCredentials])
    def test_valid_refreshable_credentials_are(self, kind: type[RefreshableCredentials]) -> None:
        """They need not be fetched anew."""
        assert signable(refreshable(kind, datetime.now(timezone.utc) + timedelta(hours=1)))

    @pytest.mark.parametrize("kind", [RefreshableCredentials, AioRefreshableCredentials])
    def test_expired_credentials_are_not(self, kind: type[RefreshableCredentials]) -> None:
        """Signing with them would call out."""
        assert not signable(refreshable(kind))

    def test_credentials_not_fetched_yet_are_not(self) -> None:
        """Signing with them would call out."""
        assert not signable(DeferredRefreshableCredentials(refuse_to_fetch, "assume-role"))


def test_a_change_in_the_middle_of_a_call_is_not_remembered_wrongly() -> None:
    """Threads that find callers while the default changes leave no caller of the old default behind."""
    rules = CallerRules(DEFAULT)
    credentials = [some_credentials(f"key {number}") for number in range(50)]
    stop = threading.Event()

    def call() -> None:
        while not stop.is_set():
            for some in credentials:
                rules.of(some)

    thread = threading.Thread(target=call)
    thread.start()
    try:
        for number in range(200):
            rules.default = Caller(f"{number:012d}", "acting_as")
            assert rules.of(credentials[number % 50]).account_id == f"{number:012d}"
    finally:
        stop.set()
        thread.join()
