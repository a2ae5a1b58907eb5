"""Every option of `DetectiveFake`, described once.

The constructor, the pytest settings, `detective-fake serve` and the documentation are derived from `Options`. It is a
dataclass with few methods, because the pytest plugin reads it in every test run, and must not import attrs for that.
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

P = ParamSpec("P")

_WORDS: Final = {"settle": None, "true": True, "false": False}
_PROFILES_EXAMPLE: Final = '{"member": "222222222222", "audit": {"account_id": "333333333333", "region": "eu-west-1"}}'
_AMOUNT: Final = "([0-9]+) (day|hour|minute|second|millisecond)s?"


class Kind(NamedTuple):
    """A kind of option.

    Attributes:
        expected: Describes the valid values.
        accepts: Whether a value is valid.
        ini: What pytest converts the text of a setting to.
        read: Makes the value from that; also takes the folder that paths are relative to. Raises `ValueError`.
        convert: Takes an option's name and value, returns the value to keep. Raises `FakeUsageError`.
    """

    expected: str
    accepts: Callable[[Any], bool] = lambda _: True
    ini: Literal["bool", "int", "linelist", "string"] = "string"
    read: Callable[[Any, Path], object] = lambda value, _: value
    convert: Callable[[str, Any], object] = lambda _, value: value


class Option(NamedTuple):
    """The description of one option.

    Attributes:
        help: What the option does.
        default: Its default, which is valid.
        kind: Which values it takes.
        metavar: Placeholder of the value in `detective-fake serve --help`; empty if the command has no such flag.
    """

    help: str
    default: object
    kind: Kind
    metavar: str = ""


def _usage_error(message: str) -> FakeUsageError:
    from detective_fake.errors import FakeUsageError  # noqa: PLC0415 - imports attrs

    return FakeUsageError(message)


def _convert_account_id(_: str, value: object) -> str:
    from detective_fake.domain.account import checked_account_id  # noqa: PLC0415 - imports attrs

    return checked_account_id(value)


def _convert_settings(name: str, value: Any) -> object:
    from detective_fake.domain.event_queue import Timings  # noqa: PLC0415 - imports attrs
    from detective_fake.domain.quotas import Behavior, Quotas  # noqa: PLC0415 - imports attrs

    kinds: dict[str, Any] = {"timings": Timings, "quotas": Quotas, "behavior": Behavior}
    return kinds[name].of(value)


def _convert_profiles(name: str, value: object) -> object:
    """Return a dict of account ID and Region for each profile."""
    checked: dict[str, dict[str, Any]] = {}
    profiles: Mapping[Any, Any] = value if isinstance(value, Mapping) else {"": value}
    for profile, given in profiles.items():
        settings = dict(given) if isinstance(given, Mapping) else {"account_id": given}
        if not re.fullmatch(r"[\w.@+:/-]+", str(profile)) or settings.keys() - {"region"} != {"account_id"}:
            raise _usage_error(
                f"{name} must be a mapping from names without spaces to account IDs or to mappings with account_id "
                f"and region, such as {_PROFILES_EXAMPLE}, not {value!r}."
            )
        _convert_account_id(name, settings["account_id"])
        checked[profile] = settings
    return checked


def _read_profiles(lines: Iterable[str], _: Path) -> dict[str, object]:
    """Read lines such as `audit = 333333333333 eu-west-1`."""
    pairs = [(name.strip(), text.split()) for line in lines for name, _, text in [line.partition("=")]]
    return {name: dict(zip(("account_id", "region", "?"), values, strict=False)) for name, values in pairs}


def _one_of(*choices: str) -> Kind:
    return Kind(" or ".join(choices), choices.__contains__)


def _read_settings(lines: Iterable[str], _: Path) -> dict[str, object]:
    """Read lines such as `verification = 5 minutes`."""
    return {name.strip(): _read_value(line, text.strip()) for line in lines for name, _, text in [line.partition("=")]}


def _read_value(line: str, text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if text.isdecimal():
        return int(text)
    if not re.fullmatch(f"{_AMOUNT}( {_AMOUNT})*", text):
        raise ValueError(f"cannot read {line!r}")
    return timedelta(**{f"{unit}s": int(number) for number, unit in re.findall(_AMOUNT, text)})


def _read_timings(lines: Iterable[str], folder: Path) -> dict[str, object]:
    settings = _read_settings(lines, folder)
    return {name: timedelta(seconds=value) if isinstance(value, int) else value for name, value in settings.items()}


def _is_region(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z]{2,}(-[a-z0-9]+)+", value) is not None


_ACCOUNT_ID: Final = Kind("twelve digits", convert=_convert_account_id)
_REGION_NAME: Final = Kind('the name of an AWS Region such as "us-east-1"', _is_region)
_BOOLEAN: Final = Kind("true or false", lambda value: isinstance(value, bool), "bool")
_NUMBER: Final = Kind("a whole number", lambda value: type(value) is int, "int", lambda value, _: int(value))
_PAGE_SIZE: Final = _NUMBER._replace(
    expected="a whole number of at least 1", accepts=lambda value: type(value) is int and value >= 1
)
_FILE: Final = Kind(
    "a path relative to the folder of the configuration file", read=lambda value, folder: str(folder / value)
)
_QUOTAS: Final = Kind(
    "lines such as 'members_per_graph = 3': a whole number or a duration",
    ini="linelist",
    read=_read_settings,
    convert=_convert_settings,
)
_TIMINGS: Final = _QUOTAS._replace(
    expected="lines such as 'verification = 5 minutes': a duration, whole seconds, or 'settle'", read=_read_timings
)
_BEHAVIOR: Final = _QUOTAS._replace(expected="lines such as 'administrator_listed = true': true or false")
_PROFILES: Final = Kind(
    "lines such as 'audit = 333333333333 eu-west-1': name, account ID and, if you like, Region",
    ini="linelist",
    read=_read_profiles,
    convert=_convert_profiles,
)


def _option(kind: Kind, *, default: object, metavar: str = "") -> Any:
    return field(default=default, metadata={"kind": kind, "metavar": metavar})


@dataclass(eq=False, repr=False)
class Options:
    """The options of a `DetectiveFake`.

    Attributes:
        account_id: The account that calls if a client's credentials name none.
        region: The Region of clients and requests that do not choose one.
        id_seed: Seed of generated IDs: the same seed gives the same ARNs.
        wire: Let botocore sign, send, retry and parse every call; slower, same answers.
        hermetic: Replace the AWS settings in the environment while the fake is active.
        profiles: The account, or account and Region, of each profile that code under test uses.
        page_size: Maximum number of items on a page; None for the page sizes of AWS.
        timings: Delays of verification, enabling and so on, by name, on the fake's clock.
        quotas: Quotas by name, for example `members_per_graph`; None for the quotas of AWS.
        scenario: File with the initial state, .toml or .json.
        unused_faults: Whether a fault, a denied action or an override that no call used is an error.
        real_backoff: Let botocore sleep before it retries.
        behavior: Behavior about which AWS's texts disagree, by name; None for the better evidence.
        follow_moto: Follow every AWS organization that moto has, while `mock_aws` is active.
        missing_regions: Whether Regions without Detective refuse connections, as in AWS, or answer.

    Raises:
        FakeUsageError: A value is invalid.
    """

    account_id: str = _option(_ACCOUNT_ID, default="123456789012", metavar="ID")
    region: str = _option(_REGION_NAME, default="us-east-1", metavar="REGION")
    _: KW_ONLY
    id_seed: int = _option(_NUMBER, default=0)
    wire: bool = _option(_BOOLEAN, default=False)
    hermetic: bool = _option(_BOOLEAN, default=True)
    profiles: Mapping[str, Any] | None = _option(_PROFILES, default=None)
    page_size: int | None = _option(_PAGE_SIZE, default=None)
    timings: Timings | Mapping[str, Any] | None = _option(_TIMINGS, default=None)
    quotas: Quotas | Mapping[str, Any] | None = _option(_QUOTAS, default=None)
    scenario: str | PathLike[str] | None = _option(_FILE, default=None, metavar="FILE")
    unused_faults: Literal["error", "ignore"] = _option(_one_of("error", "ignore"), default="error")
    real_backoff: bool = _option(_BOOLEAN, default=False)
    behavior: Behavior | Mapping[str, Any] | None = _option(_BEHAVIOR, default=None)
    follow_moto: bool = _option(_BOOLEAN, default=False)
    missing_regions: Literal["refuse", "allow"] = _option(_one_of("refuse", "allow"), default="refuse")

    def __post_init__(self) -> None:
        values = vars(self)
        for name, option in OPTIONS.items():
            if values[name] is option.default:
                continue
            if not option.kind.accepts(values[name]):
                raise _usage_error(f"{name} must be {option.kind.expected}, not {values[name]!r}.")
            values[name] = option.kind.convert(name, values[name])


_HELP: Final = {
    name: f"{text[0].lower()}{text[1:]}"
    for name, text in re.findall(r"^ +(\w+): (.+)\.$", Options.__doc__ or "", re.MULTILINE)
}

OPTIONS: Final = {
    each.name: Option(_HELP.get(each.name, ""), each.default, **each.metadata) for each in fields(Options)
}
"""The description of each option, by name."""


def make_options(*arguments: Any, **options: Any) -> Options:
    """Return the options of a fake.

    Raises:
        FakeUsageError: An option is unknown, or a value is invalid.
    """
    for name in options.keys() - OPTIONS.keys():
        from detective_fake.domain.choices import nearest  # noqa: PLC0415 - imports attrs

        raise _usage_error(f"DetectiveFake has no option {name!r}; did you mean {nearest(name, OPTIONS)!r}?")
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
