"""The environment variables and the default session that the code under test shall find while a fake is active.

Knows `os.environ` and boto3's module; must not know what a fake answers. The machine's own login is put aside, so that
no new client can carry it.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from detective_fake.adapters.access_keys import NEUTRAL_ACCESS_KEY_ID, NEUTRAL_SECRET_ACCESS_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HermeticEnvironment", "machine_keys"]

_ACCESS_KEY: Final = "AWS_ACCESS_KEY_ID"
_ENDPOINT_URL: Final = "AWS_ENDPOINT_URL"

# Not an environment variable, but put aside and back in the same order as those.
_DEFAULT_SESSION: Final = "boto3.DEFAULT_SESSION"

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
    f"{_ENDPOINT_URL}_DETECTIVE",
    _DEFAULT_SESSION,
)
_REGIONS: Final = ("AWS_DEFAULT_REGION", "AWS_REGION")

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
        self._before: dict[str, Any] = {}

    def start(self) -> None:
        """Set and clear the variables, and put boto3's default session aside."""
        with _lock:
            there = _there()
            endpoints = [name for name in there if name.startswith(f"{_ENDPOINT_URL}_")]
            wanted = {**dict.fromkeys((*_CLEARED, *endpoints)), **_SET, **dict.fromkeys(_REGIONS, self._region)}
            before = {place: there.get(place) for place in wanted}
            try:
                _write(wanted, there)
            except BaseException:
                _write(before, _there())
                raise
            self._before = before
            _active.append(self)

    def stop(self) -> None:
        """Put back what was there before; does nothing where it is not started."""
        with _lock:
            if self not in _active:
                return
            position = _active.index(self)
            _active.remove(self)
            if position < len(_active):
                _active[position]._before.update(self._before)  # noqa: SLF001 of its own class
            else:
                _write(self._before, _there())

    @property
    def found_key(self) -> str | None:
        """The access key id that stood in the environment before."""
        return self._before[_ACCESS_KEY]  # type: ignore[no-any-return]


def machine_keys() -> frozenset[str]:
    """Return the access key ids that stand in the environment, or stood there before the active fakes."""
    with _lock:
        found = {os.environ.get(_ACCESS_KEY), *(environment.found_key for environment in _active)}
    return frozenset(key for key in found if key and key != NEUTRAL_ACCESS_KEY_ID)


def _there() -> dict[str, Any]:
    """Return AWS's variables in the environment, and boto3's default session."""
    # One walk over all names: to ask for each of ours, most of which are not there, takes longer.
    there: dict[str, Any] = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
    there[_DEFAULT_SESSION] = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    return there


def _write(values: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    for place, value in values.items():
        if value is there.get(place):
            continue
        if place == _DEFAULT_SESSION:
            _write_default_session(value)
        elif value is None:
            os.environ.pop(place, None)
        else:
            os.environ[place] = value


def _write_default_session(session: object) -> None:
    # Where boto3 is not imported yet there is none to put aside, and importing it is the test's to pay for.
    boto3 = sys.modules.get("boto3")
    if boto3 is not None:
        boto3.DEFAULT_SESSION = session  # type: ignore[attr-defined]
