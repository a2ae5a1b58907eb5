"""The environment variables, files and default boto3 session that code under test sees while a fake is active.

The machine's own login and settings are put aside, so that no new client can use them.
The pytest plugin imports this module, so it imports only the standard library until it is used.
"""

from __future__ import annotations

import atexit
import functools
import os
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from detective_fake.locks import held_during_forks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, MutableMapping

    Values = dict[str, Any]
    """Values of variables by name, None for one that is not set."""

NEUTRAL_ACCESS_KEY_ID: Final = "AKIADETECTIVEFAKEKEY"
"""Has the form of an access key ID and encodes no account: its fifth character does not occur in newer keys."""

_NEUTRAL_SECRET_ACCESS_KEY: Final = "a-secret-that-opens-nothing-at-all-00000"  # noqa: S105

_FILES: Final[Mapping[str, str]] = {
    "AWS_CONFIG_FILE": "~/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
}
"""The variables that name the files of botocore, and their default locations."""

_ACCESS_KEY: Final = "AWS_ACCESS_KEY_ID"
_DEFAULT_REGION: Final = "AWS_DEFAULT_REGION"
_DEFAULT_SESSION: Final = "boto3.DEFAULT_SESSION"

_SECRET_KEY: Final = "AWS_SECRET_ACCESS_KEY"  # noqa: S105
_CREDENTIALS: Final = (_ACCESS_KEY, _SECRET_KEY, "AWS_SESSION_TOKEN")

_SETTINGS: Final = frozenset(
    {
        *_CREDENTIALS,
        "AWS_ACCOUNT_ID",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CREDENTIAL_EXPIRATION",  # botocore would try to refresh another key, and fail
        "AWS_CSM_ENABLED",
        "AWS_DEFAULTS_MODE",
        "AWS_DEFAULT_PROFILE",  # botocore prefers it to AWS_PROFILE
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_MAX_ATTEMPTS",
        "AWS_PROFILE",
        "AWS_RETRY_MODE",
        "AWS_SDK_UA_APP_ID",
        "AWS_SECURITY_TOKEN",  # botocore prefers it to AWS_SESSION_TOKEN
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
    }
)
"""Settings of the machine that would change results. Also the URLs of endpoints, which are many."""

_RESTORED: Final = (*_CREDENTIALS, "AWS_PROFILE", "AWS_ENDPOINT_URL_DETECTIVE")
"""What code under test often sets and does not unset."""

_NAMES: Final = (
    *_RESTORED,
    *_FILES,
    _DEFAULT_REGION,
    "AWS_REGION",
    "AWS_EC2_METADATA_DISABLED",
    _DEFAULT_SESSION,
)

_TELLING: Final = ("AWS_CONFIG_FILE", _SECRET_KEY, "AWS_ENDPOINT_URL_DETECTIVE")
"""Variables whose value can only be a fake's. Another value, such as a Region, may be one that a later test sets."""

_MOTO: Final = ("FOOBARKEY", "FOOBARSECRET")
"""moto's key. `mock_aws` removes it itself, and fails if it is not there."""

# An RLock, because the handler of a signal may start or stop a fake too.
_lock: Final = held_during_forks(threading.RLock())
_active: Final[list[Replacement]] = []
_origins: Final[dict[tuple[str, Any], Any]] = {}
"""Name and value of a variable that a stopped replacement had set -> the value it found, in the order of their stops.

If another stopped replacement had set the value found, a patcher has restored it, and what that one found counts."""

_earlier_origins: Final[dict[tuple[str, Any], Any]] = {}
"""The origins of earlier tests. They count only after a patcher has restored one of `_TELLING`."""

_written: Final[dict[str, str]] = {"": os.devnull}
"""Text -> the file that has it."""

_quiet: Final[Values] = {}
"""The values when no fake was active."""


class Machine:
    """The AWS settings that a process began with: those of a developer or of a build machine, not of a test.

    Args:
        is_known: Whether the process begins now. Otherwise settings made by a test may be among them.

    Attributes:
        variables: The environment variables of AWS.
        settings: Those that would change results.
    """

    def __init__(self, *, is_known: bool) -> None:
        self.is_known = is_known
        self.variables = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
        self.settings = {
            name: value
            for name, value in self.variables.items()
            if name in _SETTINGS or name.startswith("AWS_ENDPOINT_URL")
        }
        named = [self.variables[name] for name in _FILES if name in self.variables]
        self._files = [Path(path).expanduser() for path in [*_FILES.values(), *named]]

    @functools.cached_property
    def profiles(self) -> dict[str, set[str]]:
        """The profiles in the machine's files, each with the access key IDs and role ARNs that these have for it."""
        from botocore.configloader import raw_config_parse  # noqa: PLC0415 - only the standard library at import
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

        found: dict[str, set[str]] = {}
        for path in self._files:
            try:
                sections = raw_config_parse(str(path))
            except BotoCoreError:  # there is no such file, or not in this format
                continue
            for section, settings in sections.items():
                identities = found.setdefault(section.removeprefix("profile ").strip(" \"'"), set())
                identities |= {settings.get("aws_access_key_id", ""), settings.get("role_arn", "")}
        return found

    @functools.cached_property
    def file_identities(self) -> frozenset[str]:
        """The access key IDs and role ARNs in the machine's files."""
        return frozenset().union(*self.profiles.values())


_machine = Machine(is_known=False)


def machine() -> Machine:
    """Return the settings that the process began with; without pytest, those at the first import of a fake."""
    return _machine


def remember_machine() -> None:
    """Take the current settings for those of the machine. The plugin calls this when pytest is configured."""
    global _machine  # noqa: PLW0603 - a process begins once
    if not _machine.is_known:
        _machine = Machine(is_known=True)
        put_right()


class Replacement:
    """Other values for environment variables, from `start` to `stop`. Several may overlap and stop in any order.

    Each keeps the values it found. When one stops before another that started later, the later one takes over those
    values, so that the last one to stop restores what the first one found.

    Other patchers of the environment may overlap too. If one began before any fake and ends while this one is active,
    the values that it restores stay. If one began while this one was active and ends after it, it restores the values
    set here, and `put_right` removes them.

    Args:
        values: The values by name; None for a variable that is removed.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self._environ: MutableMapping[str, str] = os.environ
        self._set: Values = {}
        self._found: Values = {}

    def start(self) -> None:
        """Set and remove the variables.

        Raises:
            ValueError: A variable cannot be set. Nothing has changed then.
        """
        with _lock:
            self._environ = os.environ
            self._found = _read(self._environ, self._names())
            self._set = {**self._found, **self._wanted(self._found)}
            try:
                _active.append(self)
                _write(self._environ, self._set, self._found)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Restore the values found at the start. Does nothing if this is not started.

        If it is interrupted, call it again.
        """
        with _lock:
            if self not in _active:
                return
            later = _active[_active.index(self) + 1 :]
            # A test may have replaced `os.environ`. The variables are restored where `start` has changed them.
            current = _read(self._environ, self._found)
            restored: Values = {}
            for name, found in self._found.items():
                if current[name] == self._set[name] == found and not later:
                    continue
                heir = next((each for each in later if name in each._set), None)  # noqa: SLF001 of the same class
                values = restored if heir is None else heir._found  # noqa: SLF001 of the same class
                value, ours = values.get(name, current[name]), self._set[name]
                if value == ours or not self._is_restored(name, value):
                    values[name] = found
                if ours != found:
                    _origins.pop((name, ours), None)
                    # A session may be unhashable, and is never ours.
                    _origins[name, ours] = found if name == _DEFAULT_SESSION else _origins.get((name, found), found)
            _write(self._environ, restored, current)
            _active.remove(self)

    def _is_restored(self, name: str, value: object) -> bool:
        """Return whether another patcher has restored a value from before a fake, or moto has set or removed a key."""
        others = [_quiet, *(each._set for each in _active if each is not self)]  # noqa: SLF001 of the same class
        known = [values[name] for values in others if name in values]
        known += [ours for of_name, ours in _origins if of_name == name]
        return value in (*known, *_MOTO) or self._found[name] in _MOTO

    def _names(self) -> Iterable[str]:
        return self._values

    def _wanted(self, _found: Values) -> Mapping[str, object]:
        return self._values


@contextmanager
def replaced(values: Mapping[str, object]) -> Iterator[None]:
    """Replace variables for the duration of a `with` block, also if an interrupt ends it."""
    replacement = Replacement(values)
    try:
        replacement.start()
        yield
    finally:
        try:
            replacement.stop()
        except BaseException:  # pragma: no cover - a test interrupts it while coverage is off
            replacement.stop()
            raise


class HermeticEnvironment(Replacement):
    """The environment of one fake: no login or settings of the machine, but a neutral key, a Region and profiles.

    What a test itself has set stays: credentials, a profile, files.

    Args:
        region: Region of clients that are created without one.
        declared: The fake's profiles: for each name the settings in a file of botocore.
    """

    def __init__(self, region: str, declared: Mapping[str, Mapping[str, object]]) -> None:
        default = {
            "aws_access_key_id": NEUTRAL_ACCESS_KEY_ID,
            "aws_secret_access_key": _NEUTRAL_SECRET_ACCESS_KEY,
            "region": region,  # as botocore prefers AWS_DEFAULT_REGION to a profile's Region, also in a child process
        }
        # In both files, so that a test can name another one of them.
        self._texts = (
            _write_sections({"default": default, **declared}, "profile "),
            _write_sections(declared),
        )
        super().__init__(
            {
                "AWS_EC2_METADATA_DISABLED": "true",
                _DEFAULT_REGION: None if declared else region,
                "AWS_REGION": region,
                _DEFAULT_SESSION: None,
            }
        )

    def _names(self) -> Iterable[str]:
        return (*_NAMES, *_machine.settings)

    def _wanted(self, found: Values) -> Values:
        wanted = {**self._values, **dict.fromkeys(() if _machine.is_known else _CREDENTIALS)}
        wanted |= {name: None for name, value in _machine.settings.items() if found[name] == value}
        if wanted.get(_SECRET_KEY, found[_SECRET_KEY]) is None:
            # For code that sets only a key ID, such as one of twelve digits.
            wanted[_SECRET_KEY] = _NEUTRAL_SECRET_ACCESS_KEY
        for name, text in zip(_FILES, self._texts, strict=True):
            if found[name] in {None, _machine.variables.get(name), *_written.values()}:
                wanted[name] = _write_file(text)
        return wanted


def machine_keys() -> frozenset[str]:
    """Return the access key IDs that the process began with.

    If they are not known, return those in the environment now and before the active fakes.
    """
    keys = {_machine.variables.get(_ACCESS_KEY)}
    if not _machine.is_known:
        with _lock:
            keys |= {os.environ.get(_ACCESS_KEY), *(each._found.get(_ACCESS_KEY) for each in _active)}  # noqa: SLF001
    return frozenset(key for key in keys if key)


def put_right() -> None:
    """Remove what patchers have restored of fakes that ended before them."""
    with _lock:
        expected = {**_quiet, **{name: value for each in _active for name, value in each._set.items()}}  # noqa: SLF001
        current = _read(os.environ, {*expected, *_NAMES, *_machine.settings})
        telling = {(name, current[name]) for name in _TELLING if current[name] != expected.get(name)}
        is_of_earlier_test = telling & (_earlier_origins.keys() - _origins.keys())
        right = dict(current)
        for (name, value), found in [*(_earlier_origins.items() if is_of_earlier_test else ()), *_origins.items()]:
            if right.get(name) == value != expected.get(name):
                right[name] = found
        _write(os.environ, right, current)
        _origins.pop((_DEFAULT_SESSION, None), None)  # no patcher restores it later
        _earlier_origins.update(_origins)
        _origins.clear()
        if not _active:
            _quiet.update(right)


def _read(environ: Mapping[str, str], names: Iterable[str]) -> Values:
    # Importing boto3 takes long, and as long as it is not imported there is no default session. Another thread may be
    # importing it now.
    session = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    return {name: session if name == _DEFAULT_SESSION else environ.get(name) for name in names}


def _write(environ: MutableMapping[str, str], values: Values, current: Values) -> None:
    """Set the values that differ."""
    for name, value in values.items():
        if value == current[name]:
            continue
        if name == _DEFAULT_SESSION:
            boto3: Any = sys.modules.get("boto3")
            if hasattr(boto3, "DEFAULT_SESSION"):
                boto3.DEFAULT_SESSION = value
        elif value is None:
            environ.pop(name, None)
        else:
            environ[name] = value


def _write_sections(profiles: Mapping[str, Mapping[str, object]], prefix: str = "") -> str:
    """Return profiles in the format of botocore's files.

    Args:
        prefix: What comes before the name of each profile but `default`.
    """
    lines = []
    for name, settings in profiles.items():
        lines.append(f"[{'' if name == 'default' else prefix}{name}]")
        lines += [f"{key} = {value}" for key, value in settings.items()]
    return "\n".join([*lines, ""])


def _write_file(text: str) -> str:
    """Return the path of a file with this text. It cannot be written to, and is removed when the process ends."""
    if text not in _written:
        descriptor, path = tempfile.mkstemp(prefix="detective_fake-", suffix=".ini")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(path).chmod(0o400)
        atexit.register(_remove, path, os.getpid())
        _written[text] = path
    return _written[text]


def _remove(path: str, process: int) -> None:
    if os.getpid() == process:  # a forked process ends earlier
        Path(path).unlink(missing_ok=True)


def explain_missing_profile(profile: str) -> str:
    """Explain why botocore has raised `ProfileNotFound` while a fake is active."""
    where = "exists on this machine, whose files a fake hides" if profile in _machine.profiles else "does not exist"
    return f"profile {profile!r} {where}. Declare it: DetectiveFake(profiles={{{profile!r}: '222222222222'}})"


put_right()
