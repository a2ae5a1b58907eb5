"""The eight indicator types, held against the service model."""

from __future__ import annotations

from typing import Any

import pytest

from detective_fake.domain.indicators import (
    FLAG_REASONS,
    INDICATORS,
    FlaggedIpAddress,
    ImpossibleTravel,
    Indicator,
    IndicatorType,
    NewAso,
    NewGeolocation,
    NewUserAgent,
    RelatedFinding,
    RelatedFindingGroup,
    TTPObserved,
    indicator_of,
)
from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import enum_values

TRAVEL: dict[str, Any] = {
    "starting_ip_address": "192.0.2.1",
    "ending_ip_address": "198.51.100.1",
    "starting_location": "Columbus, US, 40.0, -83.0",
    "ending_location": "Berlin, DE, 52.5, 13.4",
}


class TestTypes:
    def test_they_are_the_service_models(self) -> None:
        """No type is missing, none is made up."""
        assert tuple(kind.value for kind in IndicatorType) == enum_values("IndicatorType")

    def test_each_has_a_class(self) -> None:
        """In the model's order, too."""
        assert tuple(INDICATORS) == tuple(IndicatorType)

    def test_reasons_are_the_service_models(self) -> None:
        """There is one."""
        assert enum_values("Reason") == FLAG_REASONS


class TestMembers:
    def test_what_makes_an_indicator_is_required_and_the_rest_has_defaults(self) -> None:
        """A tactic is enough for an observed tactic."""
        observed = TTPObserved(tactic="Impact")
        assert (observed.technique, observed.ip_address, observed.api_success_count) == (None, None, 0)

    def test_the_only_reason_need_not_be_given(self) -> None:
        """Threat intelligence is all that flags an address."""
        assert FlaggedIpAddress(ip_address="192.0.2.1").reason == "AWS_THREAT_INTELLIGENCE"

    @pytest.mark.parametrize(
        ("kind", "members", "message"),
        [
            (NewAso, {"aso": 5}, r"NewAso\.aso must be a str, not 5"),
            (NewAso, {"aso": IndicatorType.NEW_ASO}, "must be a str, not <IndicatorType"),
            (NewAso, {"aso": "a", "is_new_for_entire_account": 1}, "entire_account must be True or False, not 1"),
            (NewUserAgent, {"user_agent": None}, r"NewUserAgent\.user_agent must be a str, not None"),
            (NewGeolocation, {"location": "x", "ip_address": 1}, "ip_address must be a str or None, not 1"),
            (RelatedFinding, {"arn": "finding", "type": "t"}, "arn must be an ARN, which begins with 'arn:'"),
            (RelatedFinding, {"arn": None, "type": "t"}, r"must be an ARN, .*, not None"),
            (RelatedFindingGroup, {"id": 1}, r"RelatedFindingGroup\.id must be a str"),
            (FlaggedIpAddress, {"ip_address": "x", "reason": "y"}, "must be one of AWS_THREAT_INTELLIGENCE, not 'y'"),
            (TTPObserved, {"tactic": "x", "api_success_count": -1}, "a whole number from 0 to 9223372036854775807"),
            (TTPObserved, {"tactic": "x", "api_failure_count": True}, r"api_failure_count must be .*, not True"),
            (ImpossibleTravel, {**TRAVEL, "hourly_time_delta": 2**31}, "from 0 to 2147483647, not 2147483648"),
        ],
    )
    def test_a_value_that_the_service_could_not_answer_is_refused(
        self, kind: type[Indicator], members: dict[str, Any], message: str
    ) -> None:
        """With class, member and value."""
        with pytest.raises(FakeUsageError, match=message):
            kind(**members)


class TestIndicatorOf:
    def test_an_indicator_is_taken_as_it_is(self) -> None:
        """Nothing is made anew."""
        indicator = ImpossibleTravel(**TRAVEL)
        assert indicator_of(indicator) is indicator

    def test_a_mapping_says_its_type(self) -> None:
        """For files, where there are no classes."""
        given = {"indicator_type": "RELATED_FINDING", "arn": "arn:aws:x", "type": "UnauthorizedAccess"}
        assert indicator_of(given) == RelatedFinding(arn="arn:aws:x", type="UnauthorizedAccess")

    def test_a_mapping_without_type_is_refused(self) -> None:
        """The types are listed."""
        with pytest.raises(FakeUsageError, match="None is no IndicatorType; it is one of TTP_OBSERVED, "):
            indicator_of({"aso": "AMAZON-02"})

    def test_unknown_and_missing_members_are_named(self) -> None:
        """Both at once, and what there is."""
        message = "NEW_ASO has no asn and must have aso; its members are aso, is_new_for_entire_account"
        with pytest.raises(FakeUsageError, match=message):
            indicator_of({"indicator_type": "NEW_ASO", "asn": 16509})

    @pytest.mark.parametrize(
        ("members", "message"),
        [
            ({"aso": "x", "asn": 1, "as": 2}, "NEW_ASO has no asn, as; its members"),
            ({}, "NEW_ASO must have aso; its members"),
        ],
    )
    def test_either_is_an_error(self, members: dict[str, object], message: str) -> None:
        """Every one of them is named."""
        with pytest.raises(FakeUsageError, match=message):
            indicator_of({"indicator_type": "NEW_ASO", **members})

    def test_something_else_is_refused(self) -> None:
        """The classes are listed."""
        with pytest.raises(FakeUsageError, match="'NEW_ASO' is no indicator; give one of TTPObserved, "):
            indicator_of("NEW_ASO")
