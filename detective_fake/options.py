"""Every option of `DetectiveFake`, described once.

The constructor, the pytest settings, `detective-fake serve` and the documentation are derived from `Options`. It is a
dataclass, because the pytest plugin reads it in every test run and must not import attrs for that.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import KW_ONLY, dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, Final, Literal, NamedTuple, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from os import PathLike
    from pathlib import Path

    from detective_fake.domain.event_queue import Timings
    from detective_fake.domain.quotas import Quotas
    from detective_fake.errors import FakeUsageError

__all__ = ["OPTIONS", "Option", "Options", "make_options", "with_signature_of"]

P = ParamSpec("P")

_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")
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


def _check_region(name: str, value: object) -> object:
    if not isinstance(value, str) or not _REGION.fullmatch(value):
        message = f'{name} must be the name of an AWS Region such as "us-east-1", not {value!r}.'
        raise _usage_error(message)
    return value


def _check_boolean(name: str, value: object) -> object:
    if not isinstance(value, bool):
        message = f"{name} must be True or False, not {value!r}."
        raise _usage_error(message)
    return value


def _check_number(name: str, value: object) -> object:
    if type(value) is not int:
        message = f"{name} must be a whole number, not {value!r}."
        raise _usage_error(message)
    return value


def _check_page_size(name: str, value: object) -> object:
    if value is not None and (type(value) is not int or value < 1):
        message = f"{name} must be a whole number of at least 1, or None for the page sizes of AWS, not {value!r}."
        raise _usage_error(message)
    return value


def _check_timings(_: str, value: Any) -> object:
    if value is None:
        return None
    from detective_fake.domain.event_queue import Timings  # noqa: PLC0415 - imports attrs

    return Timings.of(value)


def _check_quotas(_: str, value: Any) -> object:
    if value is None:
        return None
    from detective_fake.domain.quotas import Quotas  # noqa: PLC0415 - imports attrs

    return Quotas.of(value)


def _one_of(*choices: str) -> Kind:
    def check(name: str, value: object) -> object:
        if value in choices:
            return value
        from detective_fake.domain.choices import checked_choice  # noqa: PLC0415 - imports attrs

        return checked_choice(name, value, choices)

    return Kind(" or ".join(choices), check)


def _read_limits(lines: Iterable[str], _: Path) -> dict[str, object]:
    """Read lines such as `verification = 5 minutes`."""
    return {name.strip(): _read_limit(line, text.strip()) for line in lines for name, _, text in [line.partition("=")]}


def _read_limit(line: str, text: str) -> object:
    if text == "settle":
        return None
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
_REGION_NAME: Final = Kind("the name of a Region", _check_region)
_BOOLEAN: Final = Kind("true or false", _check_boolean, "bool")
_NUMBER: Final = Kind("a whole number", _check_number, "int", lambda value, _: int(value))
_PAGE_SIZE: Final = _NUMBER._replace(check=_check_page_size)
_FILE: Final = Kind(
    "a path relative to the folder of the configuration file",
    lambda _, value: value,
    read=lambda value, folder: str(folder / value),
)
_TIMINGS: Final = Kind(
    "lines such as 'verification = 5 minutes': a duration, whole seconds, or 'settle'",
    _check_timings,
    "linelist",
    _read_timings,
)
_QUOTAS: Final = Kind(
    "lines such as 'members_per_graph = 3': a whole number or a duration", _check_quotas, "linelist", _read_limits
)


def _option(kind: Kind, help: str, *, metavar: str = "") -> Mapping[str, Option]:  # noqa: A002 - as in argparse
    return {"option": Option(help, kind, metavar)}


@dataclass(frozen=True)
class Options:
    """The options of a `DetectiveFake`. The documentation has a table of them.

    Raises:
        FakeUsageError: A value is invalid.
    """

    account_id: str = field(
        default="123456789012",
        metadata=_option(_ACCOUNT_ID, "the account that calls if a client's credentials name none", metavar="ID"),
    )
    region: str = field(
        default="us-east-1",
        metadata=_option(_REGION_NAME, "Region of clients and requests that do not choose one", metavar="REGION"),
    )
    _: KW_ONLY
    id_seed: int = field(
        default=0, metadata=_option(_NUMBER, "seed of generated IDs: the same seed gives the same ARNs")
    )
    wire: bool = field(
        default=False,
        metadata=_option(_BOOLEAN, "let botocore sign, send, retry and parse every call; slower, same answers"),
    )
    hermetic: bool = field(
        default=True,
        metadata=_option(_BOOLEAN, "replace the AWS settings in the environment while the fake is active"),
    )
    page_size: int | None = field(
        default=None,
        metadata=_option(_PAGE_SIZE, "maximum number of items on a page; None for the page sizes of AWS"),
    )
    timings: Timings | Mapping[str, Any] | None = field(
        default=None,
        metadata=_option(_TIMINGS, "delays of verification, enabling and so on, by name, on the fake's clock"),
    )
    quotas: Quotas | Mapping[str, Any] | None = field(
        default=None,
        metadata=_option(_QUOTAS, "quotas by name, for example `members_per_graph`; None for the quotas of AWS"),
    )
    scenario: str | PathLike[str] | None = field(
        default=None, metadata=_option(_FILE, "file with the initial state, .toml or .json", metavar="FILE")
    )
    unused_faults: Literal["error", "ignore"] = field(
        default="error",
        metadata=_option(
            _one_of("error", "ignore"), "whether a fault, a denied action or an override that no call used is an error"
        ),
    )
    real_backoff: bool = field(default=False, metadata=_option(_BOOLEAN, "let botocore sleep before it retries"))
    disabled_may_leave: bool = field(
        default=False,
        metadata=_option(
            _BOOLEAN,
            "let `DisassociateMembership` succeed for `ACCEPTED_BUT_DISABLED` members; the texts of AWS disagree",
        ),
    )
    missing_regions: Literal["refuse", "allow"] = field(
        default="refuse",
        metadata=_option(
            _one_of("refuse", "allow"), "whether Regions without Detective refuse connections, as in AWS, or answer"
        ),
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
