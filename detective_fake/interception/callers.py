"""Who is calling: the account of a client's credentials; and credentials, sessions and clients of an account."""

from __future__ import annotations

import base64
import functools
import hashlib
import os
import re
import threading
from typing import TYPE_CHECKING, Any, Final, TypedDict

import attrs
import botocore.session

from detective_fake.exchange import Caller
from detective_fake.protocol import model

if TYPE_CHECKING:
    from typing import TypeGuard

    import boto3
    from mypy_boto3_detective import DetectiveClient


__all__ = [
    "NEUTRAL_ACCESS_KEY_ID",
    "NEUTRAL_SECRET_ACCESS_KEY",
    "CallerRules",
    "Credentials",
    "Identity",
    "can_sign",
    "decode_access_key",
    "make_client",
    "make_credentials",
    "make_session",
    "read_identity",
]

NEUTRAL_ACCESS_KEY_ID: Final = "AKIADETECTIVEFAKEKEY"
"""Has the form of an access key ID and encodes no account: its fifth character does not occur in newer keys."""

NEUTRAL_SECRET_ACCESS_KEY: Final = "a-secret-that-opens-nothing-at-all-00000"  # noqa: S105

MACHINE_METHODS: Final = frozenset(
    {
        "assume-role-with-web-identity",
        "boto-config",
        "config-file",
        "container-role",
        "custom-process",
        "ec2-credentials-file",
        "iam-role",
        "login",
        "shared-credentials-file",
        "sso",
    }
)
"""Ways (`credentials.method`) in which botocore finds the login of a developer or a machine.

`assume-role` is not among them: code under test that switches accounts creates such credentials itself. Source:
`botocore.credentials`, `METHOD` of each provider.
"""

_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")

# The key excludes `=`, so that a long header that repeats `Credential=` is read only once.
_SIGNED_WITH: Final = re.compile(r"\bCredential=([^=/,\s]+)/")

# Keys made since 2019 encode the account in their first 48 bits: one set bit, 40 bits of the account ID, 7 other bits.
_WITH_ACCOUNT: Final = re.compile(r"A[KS]IA[Q-Z2-7][A-Z2-7]{15}")
_ACCOUNT_BITS: Final = 40
_LOWER_BITS: Final = 7
_BYTES_WITH_ACCOUNT: Final = 6
_ACCOUNT_IDS: Final = 10**12

# Every session token of AWS begins with these bytes, in base64.
_TOKEN_HEAD: Final = b"!\n\torigin_ec"


class Credentials(TypedDict):
    """Session credentials, by the argument names of `boto3.Session`."""

    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str


@attrs.frozen
class Identity:
    """What credentials say about themselves at one moment.

    Attributes:
        access_key: The access key ID; None if there are no credentials or they have not been fetched yet.
        account_id: Given by `aws_account_id=`, or by the code that created the credentials.
        method: How botocore found the credentials: `"explicit"`, `"env"`, `"sso"`, ….
    """

    access_key: str | None = None
    account_id: str | None = None
    method: str | None = None


@attrs.define
class CallerRules:
    """How one fake finds its callers.

    Attributes:
        default: The caller if the credentials name no account. Its `rule` is `"default"` or the name of what set it.
        machine_keys: Access key IDs of the machine's own login. They name no caller.
    """

    default: Caller
    machine_keys: frozenset[str] = frozenset()

    def of(self, credentials: object) -> Caller:
        """Return the caller with these credentials of botocore or aiobotocore; None for no credentials."""
        return self._find(read_identity(credentials))

    def of_authorization(self, header: str | bytes | None) -> Caller:
        """Return the caller who signed a request, by its `Authorization` header."""
        text = header.decode("latin-1") if isinstance(header, bytes) else header
        found = _SIGNED_WITH.search(text or "")
        return self._find(Identity(None if found is None else found.group(1)))

    def _find(self, identity: Identity) -> Caller:
        account_id, access_key = identity.account_id, identity.access_key
        # A login of the machine may come with its account ID. One passed as `aws_account_id=` is the test's.
        has_machine_key = access_key in self.machine_keys
        is_machine_login = identity.method in MACHINE_METHODS
        if _is_account_id(account_id) and not (is_machine_login or (identity.method == "env" and has_machine_key)):
            return Caller(account_id, "the credentials' account_id", access_key)
        if _is_account_id(access_key):
            return Caller(access_key, "access key is an account id", access_key)
        decoded = decode_access_key(access_key or "")
        if decoded and not (is_machine_login or has_machine_key):
            return Caller(decoded, f"access key decodes to {decoded}", access_key)
        reason = _explain_default(identity, decoded)
        return Caller(self.default.account_id, f"{reason}: {self.default.rule} used", access_key)


def _explain_default(identity: Identity, decoded: str | None) -> str:
    if _is_account_id(identity.account_id):
        return f"credentials name {identity.account_id}, the machine's own"
    if decoded:
        return f"key decodes to {decoded}, the machine's own"
    if identity.access_key is None:
        return "no credentials" if identity.method is None else f"credentials ({identity.method}) hold no key yet"
    if identity.access_key == NEUTRAL_ACCESS_KEY_ID:
        return "no key but the fake's neutral one"
    return "key names no account"


def _is_account_id(text: str | None) -> TypeGuard[str]:
    return isinstance(text, str) and _ACCOUNT_ID.fullmatch(text) is not None


def read_identity(credentials: object) -> Identity:
    """Return what credentials hold at this moment.

    Public attributes of refreshable credentials fetch new values when read, or raise. The values they hold now are in
    private attributes, and in `_frozen_credentials` once they are complete.
    """
    if credentials is None:
        return Identity()
    values = getattr(credentials, "__dict__", None)
    if values is None:  # a named tuple of frozen credentials
        return Identity(getattr(credentials, "access_key", None), getattr(credentials, "account_id", None))
    method = values.get("method")
    frozen = values.get("_frozen_credentials")
    if frozen is not None:
        return Identity(frozen.access_key, getattr(frozen, "account_id", None), method)
    if "access_key" in values:
        return Identity(values["access_key"], values.get("account_id"), method)
    return Identity(values.get("_access_key"), values.get("_account_id"), method)


def can_sign(credentials: object) -> bool:
    """Return whether a request can be signed with these credentials without fetching anything."""
    refresh_needed = getattr(credentials, "refresh_needed", None)
    return read_identity(credentials).access_key is not None and not (refresh_needed and refresh_needed())


def decode_access_key(access_key_id: str) -> str | None:
    """Return the ID of the account that an access key belongs to, None if the key does not encode it.

    Source: the scheme as published by Aidan Steele and Tal Be'ery, checked on keys whose accounts are known.
    """
    if _WITH_ACCOUNT.fullmatch(access_key_id) is None:
        return None
    head = base64.b32decode(access_key_id[4:])[:_BYTES_WITH_ACCOUNT]
    number = int.from_bytes(head, "big") >> _LOWER_BITS & (1 << _ACCOUNT_BITS) - 1
    return f"{number:012d}" if number < _ACCOUNT_IDS else None


def make_credentials(account_id: str, seed: int = 0) -> Credentials:
    """Return session credentials whose access key encodes an account.

    Args:
        account_id: Twelve digits.
        seed: Equal account IDs and seeds give equal credentials.
    """
    digest = hashlib.sha512(f"{account_id} {seed}".encode()).digest()
    set_bit = 1 << _ACCOUNT_BITS + _LOWER_BITS
    lower_bits = digest[0] & (1 << _LOWER_BITS) - 1
    head = (set_bit | int(account_id) << _LOWER_BITS | lower_bits).to_bytes(_BYTES_WITH_ACCOUNT, "big")
    return {
        "aws_access_key_id": "ASIA" + base64.b32encode(head + digest[1:5]).decode(),
        "aws_secret_access_key": base64.b64encode(digest[5:35]).decode(),
        "aws_session_token": base64.b64encode(_TOKEN_HEAD + digest * 4 + digest[:5]).decode(),
    }


_lock: Final = threading.Lock()


def make_client(credentials: Credentials, region: str, **options: Any) -> DetectiveClient:
    """Return a Detective client with these credentials.

    Args:
        credentials: Arguments of `boto3.client`.
        region: The client's Region.
        options: Further arguments of `boto3.client`. They override those above.
    """
    arguments: dict[str, Any] = {"region_name": region, **credentials, **options}
    # The lock, because a session of botocore must not be used by several threads at once.
    with _lock:
        return _shared_session().create_client("detective", **arguments)  # type: ignore[return-value]


def make_session(credentials: Credentials, region: str) -> boto3.Session:
    """Return a new boto3 session with these credentials."""
    import boto3  # noqa: PLC0415 - most tests need no session

    with _lock:
        session = boto3.Session(botocore_session=_new_session(), region_name=region, **credentials)
        # Each boto3 session adds its data directory to the search path of the shared loader. Remove duplicates.
        paths = model.loader().search_paths
        paths[:] = dict.fromkeys(paths)
    return session


def _new_session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.register_component("data_loader", model.loader())
    # Ignore the developer's own profiles and settings.
    session.set_config_variable("config_file", os.devnull)
    session.set_config_variable("credentials_file", os.devnull)
    return session


_shared_session: Final = functools.cache(_new_session)
