"""Every option of `DetectiveFake`, described once.

The constructor, the pytest settings, `detective-fake serve` and the documentation are derived from `Options`. It is a
dataclass, because the pytest plugin reads it in every test run and must not import attrs for that.
"""

# ruff: noqa: RUF009 - the default of each option is a field

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, Final, Literal, NamedTuple, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from os import PathLike
    from pathlib import Path

    from detective_fake.domain.event_queue import Timings
    from detective_fake.domain.quotas import Behavior, Quotas
    from detective_fake.errors import FakeUsageError

__all__ = ["OPTIONS", "Option", "Options", "make_options", "with_signature_of"]

P = ParamSpec("P")

_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")
_WORDS: Final = {"settle": None, "true": True, "false": False}
_PROFILE: Final = re.compile(r"[\w.@+:/-]+")
_PROFILES_EXAMPLE: Final = '{"member": "222222222222", "audit": {"account_id": "333333333333", "region": "eu-west-1"}}'
_AMOUNT: Final = "([0-9]+) (day|hour|minute|second|millisecond)s?"


class Kind(NamedTuple):
    """A kind of option.

    Attributes:
        expected: Describes the text of a setting.
        check: Takes an option's name and value, returns the value to keep. Raises `FakeUsageError` for an invalid one.
        ini: What pytest converts the text of a setting to.
        read: Makes the value from that; also takes the folder that paths are relative to. Raises `ValueError`.
    """

    expected: str
    check: Callable[[str, Any], object]
    ini: Literal["bool", "int", "linelist", "string"] = "string"
    read: Callable[[Any, Path], object] = lambda value, _: value


class Option(NamedTuple):
    """The description of one option.

    Attributes:
        help: What the option does.
        kind: Which values it takes.
        metavar: Placeholder of the value in `detective-fake serve --help`; empty if the command has no such flag.
    """

    help: str
    kind: Kind
    metavar: str = ""


def _usage_error(message: str) -> FakeUsageError:
    from detective_fake.errors import FakeUsageError  # noqa: PLC0415 - imports attrs

    return FakeUsageError(message)


def _check_account_id(_: str, value: object) -> str:
    from detective_fake.domain.account import checked_account_id  # noqa: PLC0415 - imports attrs

    return checked_account_id(value)


def _must_be(expected: str, accepts: Callable[[Any], bool]) -> Callable[[str, Any], object]:
    """Return a check for values that a function accepts."""

    def check(name: str, value: object) -> object:
        if not accepts(value):
            message = f"{name} must be {expected}, not {value!r}."
            raise _usage_error(message)
        return value

    return check


def _check_settings(name: str, value: Any) -> object:
    if value is None:
        return None
    from detective_fake.domain.event_queue import Timings  # noqa: PLC0415 - imports attrs
    from detective_fake.domain.quotas import Behavior, Quotas  # noqa: PLC0415 - imports attrs

    kinds: dict[str, Any] = {"timings": Timings, "quotas": Quotas, "behavior": Behavior}
    return kinds[name].of(value)


def _check_profiles(name: str, value: object) -> object:
    """Return a dict of account ID and Region for each profile."""
    if value is None:
        return None
    checked: dict[str, dict[str, Any]] = {}
    profiles: Mapping[Any, Any] = value if isinstance(value, Mapping) else {"": value}
    for profile, given in profiles.items():
        settings = dict(given) if isinstance(given, Mapping) else {"account_id": given}
        if not _PROFILE.fullmatch(str(profile)) or not {"account_id"} <= settings.keys() <= {"account_id", "region"}:
            message = (
                f"{name} must be a mapping from names without spaces to account IDs or to mappings with account_id "
                f"and region, such as {_PROFILES_EXAMPLE}, not {value!r}."
            )
            raise _usage_error(message)
        _check_account_id(name, settings["account_id"])
        checked[profile] = settings
    return checked


def _read_profiles(lines: Iterable[str], _: Path) -> dict[str, object]:
    """Read lines such as `audit = 333333333333 eu-west-1`."""
    pairs = [(name.strip(), text.split()) for line in lines for name, _, text in [line.partition("=")]]
    return {name: dict(zip(("account_id", "region", "?"), values, strict=False)) for name, values in pairs}


def _one_of(*choices: str) -> Kind:
    def check(name: str, value: object) -> object:
        from detective_fake.domain.choices import checked_choice  # noqa: PLC0415 - imports attrs

        return checked_choice(name, value, choices)

    return Kind(" or ".join(choices), check)


def _read_limits(lines: Iterable[str], _: Path) -> dict[str, object]:
    """Read lines such as `verification = 5 minutes`."""
    return {name.strip(): _read_limit(line, text.strip()) for line in lines for name, _, text in [line.partition("=")]}


def _read_limit(line: str, text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if text.isdecimal():
        return int(text)
    if not re.fullmatch(f"{_AMOUNT}( {_AMOUNT})*", text):
        message = f"cannot read {line!r}"
        raise ValueError(message)
    return timedelta(**{f"{unit}s": int(number) for number, unit in re.findall(_AMOUNT, text)})


def _read_timings(lines: Iterable[str], folder: Path) -> dict[str, object]:
    limits = _read_limits(lines, folder)
    return {name: timedelta(seconds=value) if isinstance(value, int) else value for name, value in limits.items()}


_ACCOUNT_ID: Final = Kind("twelve digits", _check_account_id)
_REGION_NAME: Final = Kind(
    "the name of a Region",
    _must_be(
        'the name of an AWS Region such as "us-east-1"',
        lambda value: isinstance(value, str) and _REGION.fullmatch(value) is not None,
    ),
)
_BOOLEAN: Final = Kind("true or false", _must_be("True or False", lambda value: isinstance(value, bool)), "bool")
_NUMBER: Final = Kind(
    "a whole number",
    _must_be("a whole number", lambda value: type(value) is int),
    "int",
    lambda value, _: int(value),
)
_PAGE_SIZE: Final = _NUMBER._replace(
    check=_must_be(
        "a whole number of at least 1, or None for the page sizes of AWS",
        lambda value: value is None or (type(value) is int and value >= 1),
    )
)
_FILE: Final = Kind(
    "a path relative to the folder of the configuration file",
    lambda _, value: value,
    read=lambda value, folder: str(folder / value),
)
_TIMINGS: Final = Kind(
    "lines such as 'verification = 5 minutes': a duration, whole seconds, or 'settle'",
    _check_settings,
    "linelist",
    _read_timings,
)
_QUOTAS: Final = Kind(
    "lines such as 'members_per_graph = 3': a whole number or a duration", _check_settings, "linelist", _read_limits
)
_BEHAVIOR: Final = Kind(
    "lines such as 'administrator_listed = true': true or false", _check_settings, "linelist", _read_limits
)

_PROFILES: Final = Kind(
    "lines such as 'audit = 333333333333 eu-west-1': name, account ID and, if you like, Region",
    _check_profiles,
    "linelist",
    _read_profiles,
)


def _option(kind: Kind, help: str, *, default: object, metavar: str = "") -> Any:  # noqa: A002 - as in argparse
    return field(default=default, metadata={"option": Option(help, kind, metavar)})


@dataclass(frozen=True)
class Options:
    """The options of a `DetectiveFake`. The documentation has a table of them.

    Raises:
        FakeUsageError: A value is invalid.
    """

    account_id: str = _option(
        _ACCOUNT_ID, "the account that calls if a client's credentials name none", default="123456789012", metavar="ID"
    )
    region: str = _option(
        _REGION_NAME, "Region of clients and requests that do not choose one", default="us-east-1", metavar="REGION"
    )
    _: KW_ONLY
    id_seed: int = _option(_NUMBER, "seed of generated IDs: the same seed gives the same ARNs", default=0)
    wire: bool = _option(
        _BOOLEAN, "let botocore sign, send, retry and parse every call; slower, same answers", default=False
    )
    hermetic: bool = _option(
        _BOOLEAN, "replace the AWS settings in the environment while the fake is active", default=True
    )
    profiles: Mapping[str, Any] | None = _option(
        _PROFILES, "the account, or account and Region, of each profile that code under test uses", default=None
    )
    page_size: int | None = _option(
        _PAGE_SIZE, "maximum number of items on a page; None for the page sizes of AWS", default=None
    )
    timings: Timings | Mapping[str, Any] | None = _option(
        _TIMINGS, "delays of verification, enabling and so on, by name, on the fake's clock", default=None
    )
    quotas: Quotas | Mapping[str, Any] | None = _option(
        _QUOTAS, "quotas by name, for example `members_per_graph`; None for the quotas of AWS", default=None
    )
    scenario: str | PathLike[str] | None = _option(
        _FILE, "file with the initial state, .toml or .json", default=None, metavar="FILE"
    )
    unused_faults: Literal["error", "ignore"] = _option(
        _one_of("error", "ignore"),
        "whether a fault, a denied action or an override that no call used is an error",
        default="error",
    )
    real_backoff: bool = _option(_BOOLEAN, "let botocore sleep before it retries", default=False)
    behavior: Behavior | Mapping[str, Any] | None = _option(
        _BEHAVIOR, "behavior about which AWS's texts disagree, by name; None for the better evidence", default=None
    )
    follow_moto: bool = _option(
        _BOOLEAN, "follow every AWS organization that moto has, while `mock_aws` is active", default=False
    )
    missing_regions: Literal["refuse", "allow"] = _option(
        _one_of("refuse", "allow"),
        "whether Regions without Detective refuse connections, as in AWS, or answer",
        default="refuse",
    )

    def __post_init__(self) -> None:
        values = vars(self)
        for name, option in OPTIONS.items():
            values[name] = option.kind.check(name, values[name])


OPTIONS: Final[Mapping[str, Option]] = {each.name: each.metadata["option"] for each in fields(Options)}
"""The description of each option, by name."""


def make_options(*arguments: Any, **options: Any) -> Options:
    """Return the options of a fake.

    Raises:
        FakeUsageError: An option is unknown, or a value is invalid.
    """
    for name in options.keys() - OPTIONS.keys():
        from detective_fake.domain.choices import nearest  # noqa: PLC0415 - imports attrs

        message = f"DetectiveFake has no option {name!r}; did you mean {nearest(name, OPTIONS)!r}?"
        raise _usage_error(message)
    return Options(*arguments, **options)


def with_signature_of(
    model: Callable[P, object],
) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, P], None]]:
    """Return a decorator for a method that takes the arguments of `model`, so that editors complete them."""

    def decorate(method: Callable[..., None]) -> Callable[Concatenate[Any, P], None]:
        parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)]
        parameters += inspect.signature(model).parameters.values()
        method.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return method

    return decorate
