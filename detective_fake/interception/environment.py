"""The environment variables and the default boto3 session that code under test sees while a fake is active.

The machine's own login is put aside, so that no new client can use it.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from detective_fake.interception.callers import NEUTRAL_ACCESS_KEY_ID, NEUTRAL_SECRET_ACCESS_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HermeticEnvironment", "machine_keys"]

_ACCESS_KEY: Final = "AWS_ACCESS_KEY_ID"

_PREFIX: Final = "AWS_"

# `AWS_ENDPOINT_URL_<SERVICE>` is the URL of one service, and all of these are removed.
_ENDPOINT_URLS: Final = "AWS_ENDPOINT_URL_"

_NAMES: Final = frozenset(
    {
        _ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",  # botocore prefers it to AWS_SESSION_TOKEN
        "AWS_CREDENTIAL_EXPIRATION",  # botocore would try to refresh the neutral key, and fail
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",  # botocore prefers it to AWS_PROFILE
        "AWS_ACCOUNT_ID",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
    }
)

_lock: Final = threading.Lock()
_active: Final[list[HermeticEnvironment]] = []


class HermeticEnvironment:
    """The environment of one fake, from `start` to `stop`. Several may overlap and stop in any order.

    Each keeps the values it found. When one stops before another that started later, the later one takes over those
    values, so that the last one to stop restores what the first one found.

    Args:
        region: Region of clients that are created without one.
    """

    def __init__(self, region: str) -> None:
        self._set = {
            _ACCESS_KEY: NEUTRAL_ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": NEUTRAL_SECRET_ACCESS_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
        }
        self._found: dict[str, str] = {}
        self._found_session: object = None

    def start(self) -> frozenset[str]:
        """Set and remove the variables, put boto3's default session aside, and return the `machine_keys`.

        Raises:
            ValueError: A variable cannot be set. Nothing has changed then.
        """
        with _lock:
            found = _read()
            try:
                _replace(found, self._set)
            except BaseException:
                _replace(self._set, found)
                raise
            self._found = found
            self._found_session = _swap_default_session(None)
            _active.append(self)
            return _found_keys()

    def stop(self) -> None:
        """Restore the values found at the start. Does nothing if this environment is not started."""
        with _lock:
            if self not in _active:
                return
            position = _active.index(self)
            _active.remove(self)
            if position < len(_active):
                later = _active[position]
                later._found = self._found  # noqa: SLF001 of the same class
                later._found_session = self._found_session  # noqa: SLF001 of the same class
            else:
                _replace(_read(), self._found)
                _swap_default_session(self._found_session)

    @property
    def found_key(self) -> str | None:
        """The access key ID found in the environment at the start, if any."""
        return self._found.get(_ACCESS_KEY)


def machine_keys() -> frozenset[str]:
    """Return the access key IDs that are in the environment now, or were there before the active fakes."""
    with _lock:
        return _found_keys() | _real_keys(os.environ.get(_ACCESS_KEY))


def _found_keys() -> frozenset[str]:
    return _real_keys(*(environment.found_key for environment in _active))


def _real_keys(*keys: str | None) -> frozenset[str]:
    return frozenset(key for key in keys if key and key != NEUTRAL_ACCESS_KEY_ID)


def _read() -> dict[str, str]:
    """Return the environment variables that a fake replaces, as they are now."""
    names = [name for name in os.environ if name.startswith(_PREFIX)]
    return {name: os.environ[name] for name in names if name in _NAMES or name.startswith(_ENDPOINT_URLS)}


def _replace(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Remove the old environment variables that have no new value, and set the new ones."""
    for name in old:
        if name not in new:
            os.environ.pop(name, None)
    os.environ.update(new)


def _swap_default_session(session: object) -> object:
    # Importing boto3 takes long, and as long as it is not imported there is no default session.
    boto3: Any = sys.modules.get("boto3")
    if boto3 is None:
        return None
    found, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session
    return found
