"""The caller of a client's first call is that of every later call, for credentials of every kind."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import aiobotocore.credentials as aio
import boto3
import botocore.credentials as sync
import botocore.session
import pytest
from aiobotocore.session import get_session
from aws_assume_role_lib.aws_assume_role_lib import assume_role
from boto3_refresh_session import RefreshableSession
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from detective_fake import DetectiveFake
from detective_fake.interception import environment
from detective_fake.interception.callers import make_credentials
from detective_fake.interception.environment import Machine
from tests.interception.stand_in import DEFAULT_ACCOUNT, OTHER_ACCOUNT, REGION, StandIn, active

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake.exchange import Caller

ROLE_ARN = f"arn:aws:iam::{OTHER_ACCOUNT}:role/audit/SecRole"
SOURCE_ARN = "arn:aws:iam::333333333333:role/Source"
KEYS = make_credentials(OTHER_ACCOUNT)
FETCHED = {
    "access_key": KEYS["aws_access_key_id"],
    "secret_key": "secret",
    "token": "token",
    "expiry_time": "2999-01-01T00:00:00Z",
    "account_id": OTHER_ACCOUNT,
}
LATER = datetime(2999, 1, 1, tzinfo=timezone.utc)

ROLE = (OTHER_ACCOUNT, "audit/SecRole", "alice")
UNKNOWN_ROLE = (OTHER_ACCOUNT, "", "")
DEFAULT = (DEFAULT_ACCOUNT, "", "")


@functools.cache
def some_client() -> Any:
    """Return a client whose credentials each test replaces."""
    return boto3.Session(region_name=REGION).client("detective", aws_access_key_id="a", aws_secret_access_key="b")


@functools.cache
def some_async_client() -> Any:
    """Return a client of aiobotocore."""
    options = {"region_name": REGION, "aws_access_key_id": "a", "aws_secret_access_key": "b"}
    return asyncio.run(get_session().create_client("detective", **options).__aenter__())


class Library:
    """A library that assumes a role itself, with the arguments among its attributes."""

    def __init__(self) -> None:
        self.arguments = {"RoleArn": ROLE_ARN, "RoleSessionName": "alice"}

    def refresh(self) -> dict[str, str]:
        """Return credentials in the form of botocore."""
        return FETCHED

    async def refresh_later(self) -> dict[str, str]:
        """Return them from a coroutine."""
        return FETCHED


def fetcher(kind: Any) -> Any:
    """Return a fetcher of botocore for a role, whose source is another role. It has fetched already."""
    source = sync.DeferredRefreshableCredentials(Library().refresh, "assume-role")
    arguments = {"RoleSessionName": "alice"}
    made = kind(None, source, ROLE_ARN, extra_args=arguments)
    made._cache[made._cache_key] = {  # noqa: SLF001 as if from a file
        "Credentials": {
            "AccessKeyId": FETCHED["access_key"],
            "SecretAccessKey": "secret",
            "SessionToken": "token",
            "Expiration": FETCHED["expiry_time"],
        }
    }
    return made


def assuming(arn: str, session: str) -> Callable[[], dict[str, str]]:
    """Return a function that knows a role from outside."""

    def refresh() -> dict[str, str]:
        return {**FETCHED, "unused": f"{arn} {session}"}

    return refresh


def refresh_constant(arn: str = ROLE_ARN) -> dict[str, str]:
    """Know a role by the default of an argument."""
    assert arn
    return FETCHED


def refresh_nothing() -> dict[str, str]:
    """Name no role."""
    return FETCHED


async def refresh_nothing_later() -> dict[str, str]:
    """Name no role."""
    return FETCHED


def refresh_two() -> dict[str, str]:
    """Name two roles, so it is not known which one the credentials are of."""
    return {**FETCHED, "one": ROLE_ARN, "two": SOURCE_ARN, "more": "arn:aws:iam::444444444444:role/More"}


def refreshable(kind: Any, refresh: Any, method: str = "custom") -> Any:
    """Return credentials with a key, which another function refreshes."""
    return kind(
        "AKIAIOSFODNN7EXAMPLE" if method == "keyless" else FETCHED["access_key"], "s", "t", LATER, refresh, method
    )


def of_profile(settings: str, make_session: Callable[[], Any] = botocore.session.Session) -> Any:
    """Return the credentials of the default profile of a test's file, whose other profiles have keys and SSO."""
    keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret"
    sso = f"[sso-session main]\nsso_region = {REGION}\nsso_start_url = https://example.com"
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, AWS_CONFIG_FILE=f"{folder}/config"):
        sections = ("[default]", settings, "[profile keys]", keys, "[profile sso]", SSO_PROFILE, sso)
        Path(folder, "config").write_text("\n".join(sections), encoding="utf-8")
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
        del os.environ["AWS_ROLE_ARN"]
        session = make_session()
        session.set_config_variable("region", REGION)
        credentials = session.get_credentials()
        return asyncio.run(credentials) if asyncio.iscoroutine(credentials) else credentials


def of_profile_async(settings: str) -> Any:
    """Return the same credentials of aiobotocore."""
    return of_profile(settings, get_session)


OWN_SESSION = boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name=REGION)
"""A session for libraries that assume a role with it."""


@mock_aws
def boto3_refresh_session() -> RefreshableSession:
    """Return a session that has asked STS who it is."""
    arguments = {"RoleArn": ROLE_ARN, "RoleSessionName": "alice"}
    return RefreshableSession(assume_role_kwargs=arguments, region_name=REGION, defer_refresh=True)


ROLE_PROFILE = f"role_arn = {ROLE_ARN}\nrole_session_name = alice\nsource_profile = keys"
SSO_PROFILE = f"sso_session = main\nsso_account_id = {OTHER_ACCOUNT}\nsso_role_name = Admin"
WEB_PROFILE = f"role_arn = {ROLE_ARN}\nrole_session_name = alice\nweb_identity_token_file = /nowhere"
PROCESS = json.dumps({"Version": 1, "AccessKeyId": KEYS["aws_access_key_id"], "SecretAccessKey": "secret"})
PROCESS_PROFILE = f"credential_process = echo '{PROCESS}'"

SYNC = SimpleNamespace(
    plain=sync.Credentials,
    refreshable=sync.RefreshableCredentials,
    deferred=sync.DeferredRefreshableCredentials,
    role=sync.AssumeRoleCredentialFetcher,
    web_identity=sync.AssumeRoleWithWebIdentityCredentialFetcher,
    mfa=sync.create_mfa_serial_refresher,
    library=Library().refresh,
    nothing=refresh_nothing,
    profile=of_profile,
)
ASYNC = SimpleNamespace(
    plain=aio.AioCredentials,
    refreshable=aio.AioRefreshableCredentials,
    deferred=aio.AioDeferredRefreshableCredentials,
    role=aio.AioAssumeRoleCredentialFetcher,
    web_identity=aio.AioAssumeRoleWithWebIdentityCredentialFetcher,
    mfa=aio.create_mfa_serial_refresher,
    library=Library().refresh_later,
    nothing=refresh_nothing_later,
    profile=of_profile_async,
)

BOTH: dict[str, tuple[Callable[[Any], Any], tuple[str, str, str]]] = {
    "static": (lambda of: of.plain(FETCHED["access_key"], "secret"), UNKNOWN_ROLE),
    "session": (lambda of: of.plain(FETCHED["access_key"], "secret", "token"), UNKNOWN_ROLE),
    "digits": (lambda of: of.plain(OTHER_ACCOUNT, "secret"), UNKNOWN_ROLE),
    "no account": (lambda of: of.plain("AKIAIOSFODNN7EXAMPLE", "secret"), DEFAULT),
    "role": (lambda of: of.deferred(fetcher(of.role).fetch_credentials, "assume-role"), ROLE),
    "role with MFA": (lambda of: of.deferred(of.mfa(fetcher(of.role).fetch_credentials), "assume-role"), ROLE),
    "role profile": (lambda of: of.profile(ROLE_PROFILE), ROLE),
    "role profile, source SSO": (lambda of: of.profile(ROLE_PROFILE.replace("= keys", "= sso")), ROLE),
    "web identity": (
        lambda of: of.deferred(fetcher(of.web_identity).fetch_credentials, "assume-role-with-web-identity"),
        ROLE,
    ),
    "web identity profile": (lambda of: of.profile(WEB_PROFILE), ROLE),
    "web identity of the machine": (
        lambda of: of.deferred(functools.partial(refresh_constant, SOURCE_ARN), "assume-role-with-web-identity"),
        DEFAULT,
    ),
    "library": (lambda of: of.deferred(of.library, "sts-assume-role"), ROLE),
    "deferred": (lambda of: of.deferred(of.nothing, "custom"), DEFAULT),
    "refreshable": (lambda of: refreshable(of.refreshable, of.nothing), UNKNOWN_ROLE),
    "process": (lambda of: refreshable(of.refreshable, of.nothing, "custom-process"), DEFAULT),
    "process profile": (lambda of: of.profile(PROCESS_PROFILE), DEFAULT),
    "SSO": (lambda of: of.deferred(of.nothing, "sso"), DEFAULT),
    "SSO profile": (lambda of: of.profile(SSO_PROFILE), DEFAULT),
    "instance": (lambda of: refreshable(of.refreshable, of.nothing, "iam-role"), DEFAULT),
    "container": (lambda of: refreshable(of.refreshable, of.nothing, "container-role"), DEFAULT),
}

KINDS: dict[str, tuple[Callable[[], Any], tuple[str, str, str]]] = {
    **{name: (functools.partial(make, SYNC), expected) for name, (make, expected) in BOTH.items()},
    **{f"{name}, async": (functools.partial(make, ASYNC), expected) for name, (make, expected) in BOTH.items()},
    "refresher of botocore": (
        lambda: refreshable(
            sync.RefreshableCredentials,
            sync.create_assume_role_refresher(some_client(), {"RoleArn": ROLE_ARN, "RoleSessionName": "alice"}),
        ),
        ROLE,
    ),
    "aws-assume-role-lib": (
        lambda: assume_role(OWN_SESSION, ROLE_ARN, RoleSessionName="alice").get_credentials(),
        ROLE,
    ),
    "aws-assume-role-lib, not validated": (
        lambda: assume_role(OWN_SESSION, ROLE_ARN, RoleSessionName="alice", validate=False).get_credentials(),
        ROLE,
    ),
    "boto3-refresh-session": (lambda: boto3_refresh_session().get_credentials(), ROLE),
    "closure": (
        lambda: sync.DeferredRefreshableCredentials(assuming(ROLE_ARN, "bob"), "custom"),
        (OTHER_ACCOUNT, "audit/SecRole", ""),
    ),
    "default of an argument": (
        lambda: sync.DeferredRefreshableCredentials(refresh_constant, "custom"),
        (OTHER_ACCOUNT, "audit/SecRole", ""),
    ),
    "arguments": (
        lambda: sync.DeferredRefreshableCredentials(functools.partial(refresh_constant, arn=ROLE_ARN), "custom"),
        (OTHER_ACCOUNT, "audit/SecRole", ""),
    ),
    "two roles": (lambda: sync.DeferredRefreshableCredentials(refresh_two, "custom"), DEFAULT),
}


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the machine a web identity."""
    monkeypatch.setenv("AWS_ROLE_ARN", SOURCE_ARN)
    monkeypatch.setattr(environment, "_machine", Machine(is_known=True))


def fetch(credentials: Any) -> None:
    """Fetch credentials, as a call of another service does. moto answers STS; elsewhere this may fail."""
    with mock_aws(), suppress(Exception):
        frozen = credentials.get_frozen_credentials()
        if hasattr(frozen, "__await__"):
            asyncio.run(frozen)


def call(credentials: Any, backend: StandIn) -> Caller:
    """Call Detective with credentials, and return the caller."""
    is_async = type(credentials).__module__.startswith("aiobotocore")
    client = some_async_client() if is_async else some_client()
    client._request_signer._credentials = credentials  # noqa: SLF001 faster than a new client
    listed = client.list_graphs()
    if is_async:
        asyncio.run(listed)
    return backend.requests[-1].caller


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@given(steps=st.lists(st.sampled_from(["fetch", "short", "wire"]), min_size=1, max_size=5))
@settings(max_examples=3)
def test_the_caller_stays(kind: str, steps: list[str]) -> None:
    """Earlier calls do not change it: of Detective on either path, or of a service that fetches the credentials."""
    make, expected = KINDS[kind]
    credentials = make()
    callers = []
    for step in [*steps, "short", "wire"]:
        if step == "fetch":
            fetch(credentials)
        else:
            with active(backend := StandIn(wire=step == "wire", hermetic=False)):
                callers.append(call(credentials, backend))
    assert all(caller == callers[0] for caller in callers)
    assert (callers[0].account_id, callers[0].role, callers[0].session) == expected


@pytest.mark.parametrize("kind", ["two roles", "deferred", "SSO", "no account"])
def test_the_rule_says_why_no_account_was_found(kind: str) -> None:
    """The journal and the failure report show it."""
    with active(backend := StandIn(hermetic=False)):
        assert call(KINDS[kind][0](), backend).rule in {
            "credentials (custom) are fetched later and name no role: default used",
            "credentials (sso) are the machine's own: default used",
            "key names no account: default used",
        }


def test_variables_without_a_value_are_no_role() -> None:
    """A function may be called before its variables have values."""

    def refresh() -> dict[str, str]:
        return {"arn": later}

    with active(backend := StandIn(hermetic=False)):
        caller = call(sync.DeferredRefreshableCredentials(refresh, "custom"), backend)
        later = ROLE_ARN
    assert caller.account_id == DEFAULT_ACCOUNT
    assert refresh() == {"arn": later}


@mock_aws
def test_moto_names_role_and_session() -> None:
    """Keys of `sts.assume_role` are those of the role that moto has issued them for."""
    made = boto3.client("sts", REGION).assume_role(RoleArn=ROLE_ARN, RoleSessionName="alice")["Credentials"]
    with active(backend := StandIn(hermetic=False)):
        caller = call(sync.Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]), backend)
        other = call(sync.Credentials(KEYS["aws_access_key_id"], "secret"), backend)
    assert (caller.account_id, caller.role, caller.session) == ROLE
    assert (other.account_id, other.role, other.session) == UNKNOWN_ROLE


def test_a_refreshed_key_may_be_older_than_the_scheme() -> None:
    """Then the role is known anyway."""
    expires = datetime.now(timezone.utc) + timedelta(hours=1)
    credentials = sync.RefreshableCredentials("AKIAIOSFODNN7EXAMPLE", "s", "t", expires, Library().refresh, "custom")
    with active(backend := StandIn(hermetic=False)):
        assert call(credentials, backend).account_id == OTHER_ACCOUNT


@mock_aws
def test_error_texts_and_cloudtrail_name_role_and_session() -> None:
    """A denied call of `alice` in `SecRole` says so."""
    made = boto3.client("sts", REGION).assume_role(RoleArn=ROLE_ARN, RoleSessionName="alice")["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    with DetectiveFake() as fake, fake.deny("detective:ListGraphs"):
        client = boto3.client("detective", REGION, aws_session_token=made["SessionToken"], **keys)
        with pytest.raises(ClientError, match=rf"sts::{OTHER_ACCOUNT}:assumed-role/SecRole/alice is not authorized"):
            client.list_graphs()
        identity = fake.cloudtrail[0]["userIdentity"]
    assert identity["arn"] == f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/SecRole/alice"
    assert identity["principalId"].endswith(":alice")
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == ROLE_ARN
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "SecRole"
