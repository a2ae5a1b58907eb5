"""Who is calling: from the credentials a client holds, or from what it has signed with, to an account.

Knows where botocore's credentials keep their values; must not fetch or refresh any, read files, or know a fake.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from detective_fake.exchange import Caller
from detective_fake.interception.access_keys import NEUTRAL_ACCESS_KEY_ID, decode

if TYPE_CHECKING:
    from typing import TypeGuard

__all__ = ["CallerRules", "Identity", "held", "resolve", "signable", "signed_with"]

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
"""Ways (`credentials.method`) in which botocore finds the login of a developer or a machine: none that a test makes.

`assume-role` is not among them: code under test that changes accounts makes such credentials itself. Source:
`botocore.credentials`, `METHOD` of each provider.
"""

_ENVIRONMENT: Final = "env"
_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
# Without `=` in the key, as nothing is then read twice: a header may be long and say `Credential=` all along.
_SIGNED_WITH: Final = re.compile(r"\bCredential=([^=/,\s]+)/")
_REMEMBERED: Final = 256


Identity = tuple["str | None", "str | None", "str | None"]
"""What credentials say of themselves, without being asked for anything they do not hold yet.

The access key id, None where there are no credentials or they are not fetched yet; the account id, as given by
`aws_account_id=` or by whatever made them; and `method`, where botocore found them: `"explicit"`, `"env"`, `"sso"`, ….
"""

_NOBODY: Final[Identity] = (None, None, None)


class CallerRules:
    """How one fake finds its callers; remembers those it has found.

    Args:
        default: Who calls where no credentials say otherwise; its `rule` is `"default"` or what else made it so.
        machine_keys: Access key ids that were in the environment before any fake.
    """

    def __init__(self, default: Caller, machine_keys: frozenset[str] = frozenset()) -> None:
        self._set(default, machine_keys)

    @property
    def default(self) -> Caller:
        """Who calls where no credentials say otherwise; may be assigned at any time."""
        return self._rules[0]

    @default.setter
    def default(self, default: Caller) -> None:
        self._set(default, self.machine_keys)

    @property
    def machine_keys(self) -> frozenset[str]:
        """Access key ids that name no caller; may be assigned at any time."""
        return self._rules[1]

    @machine_keys.setter
    def machine_keys(self, machine_keys: frozenset[str]) -> None:
        default, known, _ = self._rules
        if machine_keys != known:
            self._set(default, machine_keys)

    def _set(self, default: Caller, machine_keys: frozenset[str]) -> None:
        # One value, so that a thread in the middle of a call remembers its caller beside the rules it was found by.
        found: dict[Identity, Caller] = {}
        self._rules = (default, machine_keys, found)

    def of(self, credentials: object) -> Caller:
        """Return who calls with these credentials of botocore or aiobotocore, None for none."""
        identity = held(credentials)
        return self._rules[2].get(identity) or self._find(identity)

    def of_authorization(self, header: str | bytes | None) -> Caller:
        """Return who has signed a request, by its `Authorization` header."""
        return self._find((signed_with(header), None, None))

    def _find(self, identity: Identity) -> Caller:
        default, machine_keys, found = self._rules
        if len(found) >= _REMEMBERED:
            found.clear()
        caller = found[identity] = resolve(identity, default, machine_keys)
        return caller


def held(credentials: object) -> Identity:
    """Return what credentials hold at this moment.

    Attributes of refreshable credentials fetch new values when read, or refuse to be read; what they hold stands
    behind an underscore, and in `_frozen_credentials` once it is complete.
    """
    if credentials is None:
        return _NOBODY
    values = getattr(credentials, "__dict__", None)
    if values is None:
        access_key = getattr(credentials, "access_key", None)
        return access_key, getattr(credentials, "account_id", None), getattr(credentials, "method", None)
    frozen = values.get("_frozen_credentials")
    if frozen is not None:
        return frozen.access_key, getattr(frozen, "account_id", None), values.get("method")
    if "access_key" in values:
        return values["access_key"], values.get("account_id"), values.get("method")
    return values.get("_access_key"), values.get("_account_id"), values.get("method")


def signable(credentials: object) -> bool:
    """Return whether a request can be signed with these credentials without anything being fetched for it."""
    refresh_needed = getattr(credentials, "refresh_needed", None)
    return held(credentials)[0] is not None and not (refresh_needed and refresh_needed())


def signed_with(header: str | bytes | None) -> str | None:
    """Return the access key id of an `Authorization` header, None where there is none in it."""
    if not header:
        return None
    text = header if isinstance(header, str) else header.decode("latin-1")
    found = _SIGNED_WITH.search(text)
    return None if found is None else found.group(1)


def resolve(identity: Identity, default: Caller, machine_keys: frozenset[str]) -> Caller:
    """Return the caller: the credentials' account, the key that is one, the one in the key, or the default."""
    access_key, account_id, _ = identity
    if _is_account_id(account_id) and not _is_machines_own_account(identity, machine_keys):
        return Caller(account_id, "the credentials' account_id", access_key)
    if _is_account_id(access_key):
        return Caller(access_key, "access key is an account id", access_key)
    decoded = decode(access_key) if access_key else None
    if decoded and not _is_machines_own_key(identity, machine_keys):
        return Caller(decoded, f"access key decodes to {decoded}", access_key)
    return Caller(default.account_id, f"{_why_not(identity, decoded)}: {default.rule} used", access_key)


def _why_not(identity: Identity, decoded: str | None) -> str:
    access_key, account_id, method = identity
    if _is_account_id(account_id):
        return f"credentials name {account_id}, the machine's own"
    if decoded:
        return f"key decodes to {decoded}, the machine's own"
    if access_key is None:
        return "no credentials" if method is None else f"credentials ({method}) hold no key yet"
    return "no key but the fake's neutral one" if access_key == NEUTRAL_ACCESS_KEY_ID else "key names no account"


def _is_account_id(text: str | None) -> TypeGuard[str]:
    return isinstance(text, str) and _ACCOUNT_ID.fullmatch(text) is not None


def _is_machines_own_account(identity: Identity, machine_keys: frozenset[str]) -> bool:
    """Return whether the account stood beside the machine's key; one given with `aws_account_id=` never did."""
    access_key, _, method = identity
    return method in MACHINE_METHODS or (method == _ENVIRONMENT and access_key in machine_keys)


def _is_machines_own_key(identity: Identity, machine_keys: frozenset[str]) -> bool:
    access_key, _, method = identity
    return method in MACHINE_METHODS or access_key in machine_keys
