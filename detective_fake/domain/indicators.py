"""Indicators of compromise: the findings of an investigation, one class for each of the eight types.

Members and their types are those of `IndicatorDetail` in the service model. All are optional there. Here the members
without which an indicator has no meaning are required.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import attrs

from detective_fake.domain.choices import choice, must_be
from detective_fake.errors import FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """The type of a finding. Source: service model."""

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
    """One finding. Create one of the eight classes below."""

    indicator_type: ClassVar[IndicatorType]


# No subclasses of str: the wire path would return a plain str.
_is_text = must_be("a str", lambda value: type(value) is str)
_is_optional_text = must_be("a str or None", lambda value: value is None or type(value) is str)
_is_arn = must_be("an ARN, which begins with 'arn:'", lambda value: type(value) is str and value.startswith("arn:"))
_is_flag_reason = must_be(f"one of {', '.join(FLAG_REASONS)}", lambda value: value in FLAG_REASONS)
_is_flag = must_be("True or False", lambda value: type(value) is bool)


def _is_count(most: int) -> Callable[..., None]:
    return must_be(f"a whole number from 0 to {most}", lambda value: type(value) is int and 0 <= value <= most)


@attrs.frozen(kw_only=True)
class TTPObserved(Indicator):
    """A tactic, technique or procedure was observed.

    Attributes:
        tactic: Its name in MITRE ATT&CK, such as `"Persistence"`.
        technique: Such as `"IAM Password Policy Manipulation"`. Reports omit it for most tactics.
        procedure: Such as `"Change Account Password Policy"`. Reports omit it for most tactics.
        ip_address: The source of the calls.
        api_name: Service and operation, such as `"iam:UpdateAccountPasswordPolicy"`.
        api_success_count: Calls that succeeded.
        api_failure_count: Calls that failed.
    """

    indicator_type: ClassVar[IndicatorType] = IndicatorType.TTP_OBSERVED

    tactic: str = attrs.field(validator=_is_text)
    technique: str | None = attrs.field(default=None, validator=_is_optional_text)
    procedure: str | None = attrs.field(default=None, validator=_is_optional_text)
    ip_address: str | None = attrs.field(default=None, validator=_is_optional_text)
    api_name: str | None = attrs.field(default=None, validator=_is_optional_text)
    api_success_count: int = attrs.field(default=0, validator=_is_count(_MAX_LONG))
    api_failure_count: int = attrs.field(default=0, validator=_is_count(_MAX_LONG))


@attrs.frozen(kw_only=True)
class ImpossibleTravel(Indicator):
    """The entity was used in two places within a time too short to travel between them.

    Attributes:
        starting_ip_address: Of the first use.
        ending_ip_address: Of the last use.
        starting_location: In the format of reports: `"Columbus, US, 40.0, -83.0"`.
        ending_location: In the same format.
        hourly_time_delta: Whole hours between the two.
    """

    indicator_type: ClassVar[IndicatorType] = IndicatorType.IMPOSSIBLE_TRAVEL

    starting_ip_address: str = attrs.field(validator=_is_text)
    ending_ip_address: str = attrs.field(validator=_is_text)
    starting_location: str = attrs.field(validator=_is_text)
    ending_location: str = attrs.field(validator=_is_text)
    hourly_time_delta: int = attrs.field(default=0, validator=_is_count(_MAX_INTEGER))


@attrs.frozen(kw_only=True)
class FlaggedIpAddress(Indicator):
    """An IP address that is known to threat intelligence was used."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.FLAGGED_IP_ADDRESS

    ip_address: str = attrs.field(validator=_is_text)
    reason: str = attrs.field(default=FLAG_REASONS[0], validator=_is_flag_reason)


@attrs.frozen(kw_only=True)
class NewGeolocation(Indicator):
    """The entity, or its whole account, was used from a new place: `"Columbus, US, 40.0, -83.0"`."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.NEW_GEOLOCATION

    location: str = attrs.field(validator=_is_text)
    ip_address: str | None = attrs.field(default=None, validator=_is_optional_text)
    is_new_for_entire_account: bool = attrs.field(default=False, validator=_is_flag)


@attrs.frozen(kw_only=True)
class NewAso(Indicator):
    """The entity, or its whole account, was used through a new autonomous system organization: `"AMAZON-02"`."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.NEW_ASO

    aso: str = attrs.field(validator=_is_text)
    is_new_for_entire_account: bool = attrs.field(default=False, validator=_is_flag)


@attrs.frozen(kw_only=True)
class NewUserAgent(Indicator):
    """The entity, or its whole account, was used by a new user agent."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.NEW_USER_AGENT

    user_agent: str = attrs.field(validator=_is_text)
    is_new_for_entire_account: bool = attrs.field(default=False, validator=_is_flag)


@attrs.frozen(kw_only=True)
class RelatedFinding(Indicator):
    """A finding is related to the entity.

    Attributes:
        arn: The finding's.
        type: The type given by the service that created the finding: `"UnauthorizedAccess:IAMUser/MaliciousIPCaller"`.
        ip_address: The finding's.
    """

    indicator_type: ClassVar[IndicatorType] = IndicatorType.RELATED_FINDING

    arn: str = attrs.field(validator=_is_arn)
    type: str = attrs.field(validator=_is_text)
    ip_address: str | None = attrs.field(default=None, validator=_is_optional_text)


@attrs.frozen(kw_only=True)
class RelatedFindingGroup(Indicator):
    """A group of findings is related to the entity."""

    indicator_type: ClassVar[IndicatorType] = IndicatorType.RELATED_FINDING_GROUP

    id: str = attrs.field(validator=_is_text)


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
    """Return an indicator that a test gave as an instance, or as a mapping of its members and `indicator_type`.

    Raises:
        FakeUsageError: It is neither, or a member is unknown, missing or of the wrong type.
    """
    if type(given) in INDICATORS.values():
        return given  # type: ignore[return-value]  # mypy does not narrow by membership
    if not isinstance(given, Mapping):
        names = ", ".join(kind.__name__ for kind in INDICATORS.values())
        expected = f"an instance of {names}, or a mapping with {TYPE_KEY!r} and its members"
        raise FakeUsageError(f"Invalid indicator {given!r}. Expected {expected}.")
    members = dict(given)
    kind = INDICATORS[choice(IndicatorType, members.pop(TYPE_KEY, None))]
    fields = attrs.fields_dict(kind)
    unknown = [str(name) for name in members if name not in fields]
    missing = [name for name, field in fields.items() if field.default is attrs.NOTHING and name not in members]
    if unknown or missing:
        lists = (("unknown", unknown), ("missing", missing))
        problems = [f"{problem} {', '.join(names)}" for problem, names in lists if names]
        raise FakeUsageError(
            f"Invalid members of {kind.indicator_type.value}: {'; '.join(problems)}. Expected: {', '.join(fields)}."
        )
    return kind(**members)
