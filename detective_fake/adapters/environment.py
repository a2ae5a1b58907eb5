"""The environment variables and the default session that the code under test shall find while a fake is active.

Knows `os.environ` and boto3's module; must not know what a fake answers. The machine's own login is put aside, so that
no new client can carry it.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from detective_fake.adapters.access_keys import NEUTRAL_ACCESS_KEY_ID, NEUTRAL_SECRET_ACCESS_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

__all__ = ["HermeticEnvironment", "machine_keys"]

_ACCESS_KEY: Final = "AWS_ACCESS_KEY_ID"
_ENDPOINT_URL: Final = "AWS_ENDPOINT_URL"
_ENDPOINT_URLS: Final = f"{_ENDPOINT_URL}_"

_SET: Final = {
    _ACCESS_KEY: NEUTRAL_ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": NEUTRAL_SECRET_ACCESS_KEY,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_CLEARED: Final = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",  # what botocore takes for a session token before AWS_SESSION_TOKEN
    "AWS_CREDENTIAL_EXPIRATION",  # would make botocore refresh the neutral key, and fail
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",  # what botocore looks at before AWS_PROFILE
    "AWS_ACCOUNT_ID",
    _ENDPOINT_URL,
    f"{_ENDPOINT_URLS}DETECTIVE",
)
_REGIONS: Final = ("AWS_DEFAULT_REGION", "AWS_REGION")
_NAMES: Final = (*_CLEARED, *_SET, *_REGIONS)

_lock: Final = threading.Lock()
_active: Final[list[HermeticEnvironment]] = []


class HermeticEnvironment:
    """The environment of one fake, from `start` to `stop`; several may overlap and stop in any order.

    Each keeps what it found. Who stops below another hands that on to the next above, so that the last to stop puts
    back what the first has found. What the code under test changes meanwhile is undone as well.

    Args:
        region: Region of clients that are made without one.
    """

    def __init__(self, region: str) -> None:
        self._region = region
        self._before: dict[str, str | None] = {}
        self._session: object = None

    def start(self) -> None:
        """Set and clear the variables, and put boto3's default session aside."""
        with _lock:
            there = _there(_NAMES)
            before = {name: os.environ[name] if name in there else None for name in _NAMES}
            before.update({name: os.environ[name] for name in _beginning(_ENDPOINT_URLS)})
            wanted = {**dict.fromkeys(before), **_SET, **dict.fromkeys(_REGIONS, self._region)}
            try:
                _write(wanted, {name for name, value in before.items() if value is not None})
            except BaseException:
                _write(before, _there(tuple(before)))
                raise
            self._before = before
            self._session = _swap_default_session(None)
            _active.append(self)

    def stop(self) -> None:
        """Put back what was there before; does nothing where it is not started."""
        with _lock:
            if self not in _active:
                return
            position = _active.index(self)
            _active.remove(self)
            if position < len(_active):
                above = _active[position]
                above._before.update(self._before)  # noqa: SLF001 of its own class
                above._session = self._session  # noqa: SLF001 as above
            else:
                _write(self._before, _there(tuple(self._before)))
                _swap_default_session(self._session)

    @property
    def found_key(self) -> str | None:
        """The access key id that stood in the environment before."""
        return self._before[_ACCESS_KEY]


def machine_keys() -> frozenset[str]:
    """Return the access key ids that stand in the environment, or stood there before the active fakes."""
    with _lock:
        found = {os.environ.get(_ACCESS_KEY), *(environment.found_key for environment in _active)}
    return frozenset(key for key in found if key and key != NEUTRAL_ACCESS_KEY_ID)


# `os.environ` raises and catches an error for each name that is not there, and decodes all of them when one walks
# through it: that would be most of what starting a fake costs. So the names are looked up as it holds them, if it is
# what Python has put there.
def _held() -> Any:
    return getattr(os.environ, "_data", None)


def _there(names: tuple[str, ...]) -> AbstractSet[str]:
    """Return those of these variables that there are."""
    held = _held()
    if held is None:
        return os.environ.keys() & names
    codes = _codes(names)
    return {codes[code] for code in codes.keys() & held.keys()}


@cache
def _codes(names: tuple[str, ...]) -> Mapping[Any, str]:
    return {os.environ.encodekey(name): name for name in names}


def _beginning(prefix: str) -> Sequence[str]:
    """Return the variables whose names begin like this."""
    held = _held()
    if held is None:
        return [name for name in os.environ if name.startswith(prefix)]
    begin: Any = os.environ.encodekey(prefix)
    size = len(begin)
    return [os.environ.decodekey(code) for code in tuple(held) if code[:size] == begin]


def _write(values: Mapping[str, str | None], there: AbstractSet[str]) -> None:
    """Set these variables, and take away those that are None, of which some are there."""
    for name, value in values.items():
        if value is not None:
            os.environ[name] = value
        elif name in there:
            os.environ.pop(name, None)


def _swap_default_session(session: object) -> object:
    # Where boto3 is not imported yet there is none to put aside, and importing it is the test's to pay for.
    boto3: Any = sys.modules.get("boto3")
    if boto3 is None:
        return None
    before, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session
    return before
