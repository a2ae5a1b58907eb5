"""The options of a fake, checked before anything is made of them. Knows values alone."""

from __future__ import annotations

import re
from operator import is_, itemgetter
from typing import TYPE_CHECKING, Any, Final

from detective_fake.domain.account import checked_account_id
from detective_fake.domain.choices import checked_choice, nearest
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["checked_options"]

_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")


def checked_options(options: dict[str, Any], unknown: Mapping[str, object]) -> dict[str, Any]:
    """Return the options if all of them are such as can be.

    Args:
        options: By name.
        unknown: What was given besides.
    Raises:
        FakeUsageError: A value that cannot be, or an unknown option.
    """
    for name in unknown:
        message = f"DetectiveFake has no option {name!r}; did you mean {nearest(name, options)!r}?"
        raise FakeUsageError(message)
    global _right  # noqa: PLW0603 - what was found out once
    values = _checked_values(options)
    if not (_right and all(map(is_, values, _right))):
        for name, check in _CHECKS.items():
            check(name, options[name])
        _right = values
    return options


def _account_id(name: str, value: object) -> None:  # noqa: ARG001 - one signature
    checked_account_id(value)


def _region(name: str, value: object) -> None:
    if not isinstance(value, str) or not _REGION.fullmatch(value):
        message = f'{name} is the name of an AWS Region, such as "us-east-1", not {value!r}.'
        raise FakeUsageError(message)


def _boolean(name: str, value: object) -> None:
    if not isinstance(value, bool):
        message = f"{name} is True or False, not {value!r}."
        raise FakeUsageError(message)


def _whole_number(name: str, value: object) -> None:
    if type(value) is not int:
        message = f"{name} is a whole number, not {value!r}."
        raise FakeUsageError(message)


def _page_size(name: str, value: object) -> None:
    if value is not None and (type(value) is not int or value < 1):
        message = f"{name} is a whole number of at least 1, or None for the service's own sizes, not {value!r}."
        raise FakeUsageError(message)


def _choice_of(*choices: str) -> Callable[[str, object], None]:
    def check(name: str, value: object) -> None:
        checked_choice(name, value, choices)

    return check


_CHECKS: Final[Mapping[str, Callable[[str, object], None]]] = {
    "account_id": _account_id,
    "region": _region,
    "seed": _whole_number,
    "wire": _boolean,
    "hermetic": _boolean,
    "page_size": _page_size,
    "unmet_faults": _choice_of("error", "ignore"),
    "real_backoff": _boolean,
    "disabled_may_leave": _boolean,
    "missing_regions": _choice_of("refuse", "allow"),
}
"""Option -> what raises for a value it cannot have; `timings`, `quotas` and `scenario` check themselves."""

_checked_values: Final[Callable[[Mapping[str, object]], tuple[object, ...]]] = itemgetter(*_CHECKS)

# The values that were checked last. Most fakes of a process are made with these very objects, none of which can change.
_right: tuple[object, ...] = ()
