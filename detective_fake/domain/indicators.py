"""Indicators of compromise: what an investigation found, a class for each of the eight types.

Knows nothing of investigations. Members and their types are those of the service model's `IndicatorDetail`, where all
are optional; those without which an indicator says nothing are required here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import attrs

from detective_fake.domain.choices import choice
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FLAG_REASONS",
    "INDICATORS",
    "FlaggedIpAddress",
    "ImpossibleTravel",
    "Indicator",
    "IndicatorType",
    "IndicatorTypeName",
    "NewAso",
    "NewGeolocation",
    "NewUserAgent",
    "RelatedFinding",
    "RelatedFindingGroup",
    "TTPObserved",
    "indicator_of",
]

FLAG_REASONS: Final = ("AWS_THREAT_INTELLIGENCE",)
"""Why an IP address is flagged. Source: service model, `Reason`."""

TYPE_KEY: Final = "indicator_type"

_MAX_INTEGER: Final = 2**31 - 1
_MAX_LONG: Final = 2**63 - 1


IndicatorTypeName = Literal[
    "TTP_OBSERVED",
    "IMPOSSIBLE_TRAVEL",
    "FLAGGED_IP_ADDRESS",
    "NEW_GEOLOCATION",
    "NEW_ASO",
    "NEW_USER_AGENT",
    "RELATED_FINDING",
    "RELATED_FINDING_GROUP",
]
"""The values of `IndicatorType`."""


class IndicatorType(str, Enum):
    """A kind of finding. Source: service model."""

    TTP_OBSERVED = "TTP_OBSERVED"
    IMPOSSIBLE_TRAVEL = "IMPOSSIBLE_TRAVEL"
    FLAGGED_IP_ADDRESS = "FLAGGED_IP_ADDRESS"
    NEW_GEOLOCATION = "NEW_GEOLOCATION"
    NEW_ASO = "NEW_ASO"
    NEW_USER_AGENT = "NEW_USER_AGENT"
    RELATED_FINDING = "RELATED_FINDING"
    RELATED_FINDING_GROUP = "RELATED_FINDING_GROUP"


@attrs.frozen(kw_only=True)
class Indicator:
    """One thing found; made as one of the eight classes below."""

    indicator_type: ClassVar[IndicatorType]


def _refusal(indicator: Indicator, name: str, value: object, expected: str) -> FakeUsageError:
    return FakeUsageError(f"{type(indicator).__name__}.{name} must be {expected}, not {value!r}.")


def _text(indicator: Indicator, attribute: attrs.Attribute[str], value: object) -> None:
    # Not a subclass: over the wire it would come back as a plain str.
    if type(value) is not str:
        raise _refusal(indicator, attribute.name, value, "a str")


def _optional_text(indicator: Indicator, attribute: attrs.Attribute[str | None], value: object) -> None:
    if value is not None and type(value) is not str:
        raise _refusal(indicator, attribute.name, value, "a str or None")


def _arn(indicator: Indicator, attribute: attrs.Attribute[str], value: object) -> None:
    if type(value) is not str or not value.startswith("arn:"):
        raise _refusal(indicator, attribute.name, value, "an ARN, which begins with 'arn:'")


def _flag_reason(indicator: Indicator, attribute: attrs.Attribute[str], value: object) -> None:
    if value not in FLAG_REASONS:
        raise _refusal(indicator, attribute.name, value, f"one of {', '.join(FLAG_REASONS)}")


def _flag(indicator: Indicator, attribute: attrs.Attribute[bool], value: object) -> None:
    if type(value) is not bool:
        raise _refusal(indicator, attribute.name, value, "True or False")


def _count(most: int) -> Callable[[Indicator, attrs.Attribute[int], object], None]:
    def count(indicator: Indicator, attribute: attrs.Attribute[int], value: object) -> None:
        if type(value) is not int or not 0 <= value <= most:
            raise _refusal(indicator, attribute.name, value, f"a whole number from 0 to {most}")

    return count


@attrs.frozen(kw_only=True)
class TTPObserved(Indicator):
    """A tactic, technique or procedure was observed.

    Attributes:
        tactic: In the words of MITRE ATT&CK: `"Persistence"`.
        technique: `"IAM Password Policy Manipulation"`; reports leave it out for most tactics.
        procedure: `"Change Account Password Policy"`; likewise.
        ip_address: Where the calls came from.
        api_name: Service and operation: `"iam:UpdateAccountPasswordPolicy"`.
        api_success_count: Calls that succeeded.
        api_failure_count: Calls that failed.
    """

    indicator_type: ClassVar[IndicatorType] = IndicatorType.TTP_OBSERVED

    tactic: str = attrs.field(validator=_text)
    technique: str | None = attrs.field(default=None, validator=_optional_text)
    procedure: str | None = attrs.field(default=None, validator=_optional_text)
    ip_address: str | None = attrs.field(default=None, validator=_optional_text)
    api_name: str | None = attrs.field(default=None, validator=_optional_text)
    api_success_count: int = attrs.field(default=0, validator=_count(_MAX_LONG))
    api_failure_count: int = attrs.field(default=0, validator=_count(_MAX_LONG))


@attrs.frozen(kw_only=True)
class ImpossibleTravel(Indicator):
    """The entity was used in two places that are too far apart for the time between.

    Attributes:
        starting_ip_address: Where it was used first.
        ending_ip_address: Where it was used last.
        starting_location: In the form of reports: `"Columbus, US, 40.0, -83.0"`.
        ending_location: The same.
        hourly_time_delta: Whole hours between.
    """

    indicator_type: ClassVar[IndicatorType] = IndicatorType.IMPOSSIBLE_TRAVEL

    starting_ip_address: str = attrs.field(validator=_text)
    ending_ip_address: str = attrs.field(validator=_text)
    starting_location: str = attrs.field(validator=_text)
    ending_location: str = attrs.field(validator=_text)
    hourly_time_delta: int = attrs.field(default=0, validator=_count(_MAX_INTEGER))


@attrs.frozen(kw_only=True)
class FlaggedIpAddress(Indicator):
    """An IP address known to threat intelligence was used."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.FLAGGED_IP_ADDRESS

    ip_address: str = attrs.field(validator=_text)
    reason: str = attrs.field(default=FLAG_REASONS[0], validator=_flag_reason)


@attrs.frozen(kw_only=True)
class NewGeolocation(Indicator):
    """The entity, or its whole account, was used from a new place: `"Columbus, US, 40.0, -83.0"`."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.NEW_GEOLOCATION

    location: str = attrs.field(validator=_text)
    ip_address: str | None = attrs.field(default=None, validator=_optional_text)
    is_new_for_entire_account: bool = attrs.field(default=False, validator=_flag)


@attrs.frozen(kw_only=True)
class NewAso(Indicator):
    """The entity, or its whole account, was used through a new autonomous system organization: `"AMAZON-02"`."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.NEW_ASO

    aso: str = attrs.field(validator=_text)
    is_new_for_entire_account: bool = attrs.field(default=False, validator=_flag)


@attrs.frozen(kw_only=True)
class NewUserAgent(Indicator):
    """The entity, or its whole account, was used by a new user agent."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.NEW_USER_AGENT

    user_agent: str = attrs.field(validator=_text)
    is_new_for_entire_account: bool = attrs.field(default=False, validator=_flag)


@attrs.frozen(kw_only=True)
class RelatedFinding(Indicator):
    """A finding is connected to the entity.

    Attributes:
        arn: The finding's.
        type: As the service that made it calls it: `"UnauthorizedAccess:IAMUser/MaliciousIPCaller"`.
        ip_address: The finding's.
    """

    indicator_type: ClassVar[IndicatorType] = IndicatorType.RELATED_FINDING

    arn: str = attrs.field(validator=_arn)
    type: str = attrs.field(validator=_text)
    ip_address: str | None = attrs.field(default=None, validator=_optional_text)


@attrs.frozen(kw_only=True)
class RelatedFindingGroup(Indicator):
    """A group of findings is connected to the entity."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.RELATED_FINDING_GROUP

    id: str = attrs.field(validator=_text)


INDICATORS: Final[Mapping[IndicatorType, type[Indicator]]] = {
    kind.indicator_type: kind
    for kind in (
        TTPObserved,
        ImpossibleTravel,
        FlaggedIpAddress,
        NewGeolocation,
        NewAso,
        NewUserAgent,
        RelatedFinding,
        RelatedFindingGroup,
    )
}


def indicator_of(given: object) -> Indicator:
    """Return an indicator from what a test gave: one itself, or a mapping of its members and `indicator_type`.

    Raises:
        FakeUsageError: It is neither, or a member is unknown, missing or of the wrong type.
    """
    if type(given) in INDICATORS.values():
        return given  # type: ignore[return-value]  # mypy does not narrow by membership
    if not isinstance(given, Mapping):
        names = ", ".join(kind.__name__ for kind in INDICATORS.values())
        message = f"{given!r} is no indicator; give one of {names}, or a mapping with {TYPE_KEY!r} and its members."
        raise FakeUsageError(message)
    members = dict(given)
    kind = INDICATORS[choice(IndicatorType, members.pop(TYPE_KEY, None))]
    _check_members(kind, members)
    return kind(**members)


def _check_members(kind: type[Indicator], members: Mapping[str, object]) -> None:
    fields = attrs.fields_dict(kind)
    unknown = [str(name) for name in members if name not in fields]
    missing = [name for name, field in fields.items() if field.default is attrs.NOTHING and name not in members]
    if unknown or missing:
        wrong = (("has no", unknown), ("must have", missing))
        faults = [f"{what} {', '.join(names)}" for what, names in wrong if names]
        message = f"{kind.indicator_type.value} {' and '.join(faults)}; its members are {', '.join(fields)}."
        raise FakeUsageError(message)
