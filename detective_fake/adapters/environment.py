"""The environment variables and the default session that the code under test shall find while a fake is active.

Knows `os.environ` and boto3's module; must not know what a fake answers. The machine's own login is put aside, so that
no new client can carry it.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from detective_fake.adapters.access_keys import NEUTRAL_ACCESS_KEY_ID, NEUTRAL_SECRET_ACCESS_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
_KEYS: Final = (_ACCESS_KEY,)
_NEUTRAL: Final = frozenset({NEUTRAL_ACCESS_KEY_ID})
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
        self._names: tuple[str, ...] = ()
        self._before: dict[str, str] = {}
        self._session: object = None

    def start(self) -> None:
        """Set and clear the variables, and put boto3's default session aside."""
        with _lock:
            names = (*_NAMES, *_beginning(_ENDPOINT_URLS))
            before = _values(names)
            try:
                _write(names, _neutral(self._region, _held() is None))
            except BaseException:
                _write(names, _coded(before))
                raise
            self._names, self._before = names, before
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
                _active[position]._inherit(self)  # noqa: SLF001 of its own class
            else:
                _write(self._names, _coded(self._before))
                _swap_default_session(self._session)

    def _inherit(self, below: HermeticEnvironment) -> None:
        """Take over what another has found, who ends before this one."""
        own = {name: value for name, value in self._before.items() if name not in below._names}
        self._before = {**own, **below._before}
        self._names = tuple(dict.fromkeys((*below._names, *self._names)))
        self._session = below._session

    @property
    def found_key(self) -> str | None:
        """The access key id that stood in the environment before."""
        return self._before.get(_ACCESS_KEY)


def machine_keys() -> frozenset[str]:
    """Return the access key ids that stand in the environment, or stood there before the active fakes."""
    with _lock:
        found = [*_values(_KEYS).values(), *[environment.found_key for environment in _active]]
    return frozenset(filter(None, found)) - _NEUTRAL


# `os.environ` raises and catches an error for each name that is not there, and decodes all of them when one walks
# through it: that would be most of what starting a fake costs. So variables are looked up and changed as it holds them,
# if it is what Python has put there.
def _held() -> Any:
    return getattr(os.environ, "_data", None)


@lru_cache
def _codes(names: tuple[str, ...]) -> Mapping[Any, str]:
    return {os.environ.encodekey(name): name for name in names}


def _values(names: tuple[str, ...]) -> dict[str, str]:
    """Return the values of those of these variables that there are."""
    held = _held()
    if held is None:
        return {name: os.environ[name] for name in names if name in os.environ}
    codes = _codes(names)
    return {codes[code]: os.environ.decodevalue(held[code]) for code in codes.keys() & held.keys()}


def _beginning(prefix: str) -> Sequence[str]:
    """Return the variables whose names begin like this."""
    held = _held()
    if held is None:
        return [name for name in os.environ if name.startswith(prefix)]
    begin: Any = os.environ.encodekey(prefix)
    # Looked for in all of them at once: as a rule there is none.
    if begin not in begin[:0].join(held):
        return ()
    return [os.environ.decodekey(code) for code in tuple(held) if code.startswith(begin)]


@lru_cache
def _neutral(region: str, _plain: bool) -> Mapping[Any, Any]:  # noqa: FBT001
    """Return what is set while a fake is active, coded once."""
    return _coded({**_SET, **dict.fromkeys(_REGIONS, region)})


def _coded(values: Mapping[str, str]) -> Mapping[Any, Any]:
    """Return names and values as they are held."""
    if _held() is None:
        return values
    return {os.environ.encodekey(name): os.environ.encodevalue(value) for name, value in values.items()}


def _write(names: tuple[str, ...], values: Mapping[Any, Any]) -> None:
    """Set those of these variables that have a value here, both coded, and take away the others."""
    held = _held()
    if held is None:
        for name in names:
            os.environ.pop(name, None)
        os.environ.update(values)
        return
    for code in _codes(names).keys() & held.keys():
        if code not in values:
            os.unsetenv(code)
            held.pop(code, None)
    for code, value in values.items():
        os.putenv(code, value)
        held[code] = value


def _swap_default_session(session: object) -> object:
    # Where boto3 is not imported yet there is none to put aside, and importing it is the test's to pay for.
    boto3: Any = sys.modules.get("boto3")
    if boto3 is None:
        return None
    before, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session
    return before
