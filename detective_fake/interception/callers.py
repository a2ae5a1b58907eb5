"""Who is calling: the account of a client's credentials; and credentials, sessions and clients of an account."""

from __future__ import annotations

import base64
import functools
import hashlib
import inspect
import os
import re
import sys
import threading
from collections.abc import Mapping
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict
from weakref import WeakKeyDictionary

import attrs
import botocore.session
from botocore.credentials import DeferredRefreshableCredentials

from detective_fake.exchange import Caller
from detective_fake.interception.environment import NEUTRAL_ACCESS_KEY_ID, machine
from detective_fake.locks import held_during_forks
from detective_fake.protocol import model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeGuard

    import boto3
    from mypy_boto3_detective import DetectiveClient

MACHINE_METHODS: Final = frozenset(
    {
        "boto-config",
        "container-role",
        "custom-process",
        "ec2-credentials-file",
        "iam-role",
        "login",
        "sso",
    }
)
"""Ways (`credentials.method`) in which botocore finds the login of a developer or a machine.

Source: `botocore.credentials`, `METHOD` of each provider.
"""

_FILE_METHODS: Final = frozenset({"config-file", "shared-credentials-file"})
_ROLE_METHODS: Final = frozenset({"assume-role", "assume-role-with-web-identity"})

_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/(\S+)")
_REFRESH_DEPTH: Final = 4
"""How far to look for a role ARN: a method of a wrapper, the wrapper, the fetcher's method, the fetcher."""

_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")

# The key excludes `=`, so that a long header that repeats `Credential=` is read only once.
_SIGNED_WITH: Final = re.compile(r"\bCredential=([^=/,\s]+)/")

# Keys made since 2019 encode the account in their first 48 bits: one set bit, 40 bits of the account ID, 7 other bits.
_WITH_ACCOUNT: Final = re.compile(r"A[KS]IA[Q-Z2-7][A-Z2-7]{15}")
_ACCOUNT_BITS: Final = 40
_LOWER_BITS: Final = 7
_BYTES_WITH_ACCOUNT: Final = 6
_ACCOUNT_IDS: Final = 10**12
_BASE32: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV")
"""From the digits of RFC 4648 to those of `int`."""

# Every session token of AWS begins with these bytes, in base64.
_TOKEN_HEAD: Final = b"!\n\torigin_ec"


class Credentials(TypedDict):
    """Session credentials, by the argument names of `boto3.Session`.

    Attributes:
        aws_access_key_id: Encodes the account, as in AWS.
        aws_secret_access_key: Made from the account. It opens nothing.
        aws_session_token: Made in the same way.
    """

    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str


class Role(NamedTuple):
    """A role that credentials are or will be those of.

    Attributes:
        arn: The ARN of the role, not of the session.
        session: The session name; empty if it is not known.
    """

    arn: str
    session: str = ""


class Identity(NamedTuple):
    """What credentials say about themselves, without fetching anything.

    Attributes:
        access_key: The access key ID; None if there are no credentials or they have not been fetched yet.
        account_id: Given by `aws_account_id=`, or by the code that created the credentials.
        method: How botocore found the credentials: `"explicit"`, `"env"`, `"sso"`, ….
        is_deferred: Key and account ID are absent until something reads the credentials.
    """

    access_key: str | None = None
    account_id: str | None = None
    method: str | None = None
    is_deferred: bool = False


_roles_read: Final[WeakKeyDictionary[Any, Role | None]] = WeakKeyDictionary()
"""Credentials -> their role. It is read once, so that the caller stays if the variables it is read from change."""


@attrs.define(eq=False, repr=False)
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
        role = None
        refresh = getattr(credentials, "_refresh_using", None)
        if refresh is not None:
            if credentials not in _roles_read:
                _roles_read[credentials] = read_role(refresh)
            role = _roles_read[credentials]
        return self._find(read_identity(credentials), role)

    def of_authorization(self, header: str | bytes | None) -> Caller:
        """Return the caller who signed a request, by its `Authorization` header."""
        text = header.decode("latin-1") if isinstance(header, bytes) else header
        found = _SIGNED_WITH.search(text or "")
        return self._find(Identity(None if found is None else found.group(1)), None)

    def _find(self, identity: Identity, role: Role | None) -> Caller:
        access_key, account_id, method, is_deferred = identity
        in_files = method in _FILE_METHODS and access_key in machine().file_identities
        is_machine_key = in_files or access_key in self.machine_keys
        is_machine_login = method in MACHINE_METHODS or _is_machine_role(method, role)
        account = None
        if is_machine_login:
            rule = f"credentials ({method}) are the machine's own"
        # What deferred credentials hold depends on whether another call has fetched them. A login of the machine may
        # come with its account ID. One passed as `aws_account_id=` is the test's.
        elif not is_deferred and _is_account_id(account_id) and not (is_machine_key and (in_files or method == "env")):
            account, rule = account_id, "the credentials' account_id"
        elif not is_deferred and _is_account_id(access_key):
            account, rule = access_key, "access key is an account id"
        elif role:
            account, rule = role.arn.split(":")[4], f"role {role.arn}"
        elif is_deferred:
            rule = f"credentials ({method}) are fetched later and name no role"
        else:
            account = decode_access_key(access_key or "")
            if account is None:
                rule = _explain_default(identity)
            elif is_machine_key:
                account, rule = None, f"key decodes to {account}, the machine's own"
            else:
                rule, role = f"access key decodes to {account}", _role_in_moto(access_key)
        if access_key and (is_machine_key or is_machine_login):
            # Journals and CloudTrail records may be published, for example in the report of a test.
            access_key = f"{access_key[:4]}…{access_key[-4:]}"
        if account is None:
            return Caller(self.default.account_id, f"{rule}: {self.default.rule} used", access_key)
        name, session = (role.arn.partition("/")[2], role.session) if role else ("", "")
        return Caller(account, rule, access_key, name, session)


def _is_machine_role(method: str | None, role: Role | None) -> bool:
    """Return whether the web identity or the profile that the process began with assumes the role."""
    if role is None or method not in _ROLE_METHODS:
        return False
    variables, profiles = machine().variables, machine().profiles
    profile = variables.get("AWS_DEFAULT_PROFILE") or variables.get("AWS_PROFILE") or "default"
    return role.arn in {variables.get("AWS_ROLE_ARN"), *profiles.get(profile, ())}


def _explain_default(identity: Identity) -> str:
    if identity.access_key is None:
        return "no credentials" if identity.method is None else f"credentials ({identity.method}) hold no key"
    if identity.access_key == NEUTRAL_ACCESS_KEY_ID:
        return "no credentials"
    return "key names no account"


def _is_account_id(text: str | None) -> TypeGuard[str]:
    return isinstance(text, str) and _ACCOUNT_ID.fullmatch(text) is not None


def read_identity(credentials: object) -> Identity:
    """Return what credentials hold at this moment, without the role.

    Public attributes of refreshable credentials fetch new values when read, or raise. The values they hold now are in
    private attributes, and in `_frozen_credentials` once they are complete.
    """
    if credentials is None:
        return Identity()
    values = getattr(credentials, "__dict__", None)
    if values is None:  # a named tuple of frozen credentials
        return Identity(getattr(credentials, "access_key", None), getattr(credentials, "account_id", None))
    method = values.get("method")
    if "access_key" in values:
        return Identity(values["access_key"], values.get("account_id"), method)
    is_deferred = isinstance(credentials, DeferredRefreshableCredentials)
    frozen = values.get("_frozen_credentials")
    if frozen is not None:
        return Identity(frozen.access_key, getattr(frozen, "account_id", None), method, is_deferred)
    return Identity(values.get("_access_key"), values.get("_account_id"), method, is_deferred)


def read_role(refresh: object) -> Role | None:
    """Return the role that a function assumes which refreshes credentials; None if it names none, or several.

    A fetcher of botocore or aiobotocore holds it. Other functions have it among their variables and constants, as
    method among the attributes of their object, or in the arguments of `assume_role`: in `RoleArn` of a mapping.
    """
    level = [refresh]
    for _ in range(_REFRESH_DEPTH):
        parts = [part for each in level for part in _parts(each)]
        roles = {role.arn: role for part in [*level, *parts] for role in _roles_named(part)}
        if roles:
            return next(iter(roles.values())) if len(roles) == 1 else None
        level = [part for part in parts if callable(part) and not isinstance(part, type)]
    return None


def _roles_named(part: object) -> Iterable[Role]:
    arn: object = part
    session: object = ""
    if isinstance(part, Mapping):
        arn, session = part.get("RoleArn"), part.get("RoleSessionName")
    elif isinstance(part, MethodType) and "_role_arn" in getattr(part.__self__, "__dict__", ()):
        fetcher: Any = part.__self__
        arn, session = fetcher._role_arn, fetcher._role_session_name  # noqa: SLF001 see botocore_hooks
    if isinstance(arn, str) and _ROLE_ARN.fullmatch(arn):
        yield Role(arn, session if isinstance(session, str) else "")


def _parts(function: object) -> Iterable[object]:
    """Return what a function refers to."""
    if isinstance(function, MethodType):
        return [*getattr(function.__self__, "__dict__", {}).values(), function.__func__]
    if isinstance(function, functools.partial):
        return [function.func, function.keywords, *function.args, *function.keywords.values()]
    if isinstance(function, FunctionType):
        try:
            variables = inspect.getclosurevars(function)
        except ValueError:  # one of them has no value yet
            return ()
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        return [*variables.nonlocals.values(), *variables.globals.values(), *defaults, *function.__code__.co_consts]
    return getattr(function, "__dict__", {}).values()


def _role_in_moto(access_key: str | None) -> Role | None:
    """Return the role whose temporary key moto's STS has issued."""
    models: Any = sys.modules.get("moto.sts.models")
    for account in () if models is None else tuple(models.sts_backends.values()):
        for backend in tuple(account.values()):
            found = backend.get_assumed_role_from_access_key(access_key)
            if found is not None:
                return Role(found.role_arn, found.session_name)
    return None


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
    number = int(access_key_id[4:].translate(_BASE32), 32) >> _LOWER_BITS + 32 & (1 << _ACCOUNT_BITS) - 1
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


_lock: Final = held_during_forks(threading.Lock())


def make_client(credentials: Credentials, region: str, **options: Any) -> DetectiveClient:
    """Return a Detective client with these credentials.

    Args:
        credentials: Arguments of `boto3.client`.
        region: The client's Region.
        options: Further arguments of `boto3.client`. They override those above.
    """
    arguments: dict[str, Any] = {"region_name": region, **credentials, **options}
    # The lock, because a session of botocore must not be used by several threads at once.
    with _lock, model.explained():
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
