"""The environment variables and the default session that the code under test shall find while a fake is active.

Knows `os.environ` and boto3's module; must not know what a fake answers. The machine's own login is put aside, so that
no new client can carry it.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from detective_fake.interception.access_keys import NEUTRAL_ACCESS_KEY_ID, NEUTRAL_SECRET_ACCESS_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

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
_NO_KEYS: Final = frozenset({"", NEUTRAL_ACCESS_KEY_ID})
_NAMES: Final = (*_CLEARED, *_SET, *_REGIONS)

_lock: Final = threading.Lock()
_active: Final[list[HermeticEnvironment]] = []
# Names that were looked through, and are no service's URL: as a rule all that there are, at every start but the first.
_others: frozenset[Any] = frozenset()
_found_key_of: Final[Callable[[HermeticEnvironment], str]] = attrgetter("found_key")


class HermeticEnvironment:
    """The environment of one fake, from `start` to `stop`; several may overlap and stop in any order.

    Each keeps what it found. Who stops below another hands that on to the next above, so that the last to stop puts
    back what the first has found. What the code under test changes meanwhile is undone as well.

    Args:
        region: Region of clients that are made without one.
    """

    def __init__(self, region: str) -> None:
        self._region = region
        self._more: tuple[str, ...] = ()
        self._before: dict[str, str] = {}
        self._session: object = None

    def start(self) -> frozenset[str]:
        """Set and clear the variables, and put boto3's default session aside; return the `machine_keys` then."""
        with _lock:
            held = _held()
            more = _endpoint_urls(held)
            there = _there(more, held)
            before = _values(there, held)
            try:
                _write(_neutral(self._region, held is None), there, held)
            except BaseException:
                _write(_coded(before, held), _there(more, held), held)
                raise
            self._more, self._before = more, before
            self._session = _swap_default_session(None)
            _active.append(self)
            return _found_keys()

    def stop(self) -> None:
        """Put back what was there before; does nothing where it is not started."""
        with _lock:
            try:
                position = _active.index(self)
            except ValueError:
                return
            del _active[position]
            if position < len(_active):
                _active[position]._inherit(self)  # noqa: SLF001 of its own class
            else:
                held = _held()
                _write(_coded(self._before, held), _there(self._more, held), held)
                _swap_default_session(self._session)

    def _inherit(self, below: HermeticEnvironment) -> None:
        """Take over what another has found, who ends before this one."""
        found = {*_NAMES, *below._more}
        own = {name: value for name, value in self._before.items() if name not in found}
        self._before = {**own, **below._before}
        self._more = tuple(dict.fromkeys((*below._more, *self._more)))
        self._session = below._session

    @property
    def found_key(self) -> str:
        """The access key id that stood in the environment before; empty where there was none."""
        return self._before.get(_ACCESS_KEY, "")


def machine_keys() -> frozenset[str]:
    """Return the access key ids that stand in the environment, or stood there before the active fakes."""
    with _lock:
        return _found_keys() | {os.environ.get(_ACCESS_KEY, "")} - _NO_KEYS


def _found_keys() -> frozenset[str]:
    return frozenset(map(_found_key_of, _active)) - _NO_KEYS


# `os.environ` raises and catches an error for each name that is not there, and decodes all of them when one walks
# through it: that would be most of what starting a fake costs. So variables are looked up and changed as it holds them,
# if it is what Python has put there. What is None here is for whatever else stands in its place.
def _held() -> Any:
    return getattr(os.environ, "_data", None)


@lru_cache
def _codes(more: tuple[str, ...]) -> frozenset[Any]:
    return frozenset(map(os.environ.encodekey, (*_NAMES, *more)))


def _endpoint_urls(held: Any) -> tuple[str, ...]:
    """Return the variables that tell botocore the URL of a service."""
    global _others  # noqa: PLW0603 - what was found out once
    if held is not None and held.keys() <= _others:
        return ()
    found = tuple(name for name in os.environ if name.startswith(_ENDPOINT_URLS))
    if held is not None:
        _others = frozenset(held).difference(map(os.environ.encodekey, found))
    return found


def _there(more: tuple[str, ...], held: Any) -> Collection[Any]:
    """Return those of our variables, and of these, that there are, as they are held."""
    if held is None:
        return [name for name in (*_NAMES, *more) if name in os.environ]
    return _codes(more) & held.keys()  # type: ignore[no-any-return]


def _values(there: Collection[Any], held: Any) -> dict[str, str]:
    """Return the values of these variables, which are there."""
    if held is None:
        return {name: os.environ[name] for name in there}
    # As a rule there are none.
    return {os.environ.decodekey(code): os.environ.decodevalue(held[code]) for code in there} if there else {}


@lru_cache
def _neutral(region: str, _plain: bool) -> Mapping[Any, Any]:  # noqa: FBT001
    """Return what is set while a fake is active, coded once."""
    return _coded({**_SET, **dict.fromkeys(_REGIONS, region)}, _held())


def _coded(values: Mapping[str, str], held: Any) -> Mapping[Any, Any]:
    """Return names and values as they are held."""
    if held is None or not values:
        return values
    return {os.environ.encodekey(name): os.environ.encodevalue(value) for name, value in values.items()}


def _write(values: Mapping[Any, Any], there: Collection[Any], held: Any) -> None:
    """Set variables to these values, and take away the others of those that are there; all as they are held."""
    if held is None:
        for name in there:
            os.environ.pop(name, None)
        os.environ.update(values)
        return
    for code in there:
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
