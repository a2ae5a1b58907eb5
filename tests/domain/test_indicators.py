"""The eight indicator types, compared with the service model."""

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
from tests.protocol.shapes import enum_values

TRAVEL: dict[str, Any] = {
    "starting_ip_address": "192.0.2.1",
    "ending_ip_address": "198.51.100.1",
    "starting_location": "Columbus, US, 40.0, -83.0",
    "ending_location": "Berlin, DE, 52.5, 13.4",
}


class TestTypes:
    def test_they_match_the_service_model(self) -> None:
        """`IndicatorType` has exactly the values of the service model."""
        assert tuple(kind.value for kind in IndicatorType) == enum_values("IndicatorType")

    def test_each_type_has_a_class(self) -> None:
        """The classes are in the order of the service model."""
        assert tuple(INDICATORS) == tuple(IndicatorType)

    def test_reasons_match_the_service_model(self) -> None:
        """The service model has a single reason."""
        assert enum_values("Reason") == FLAG_REASONS


class TestMembers:
    def test_only_essential_members_are_required(self) -> None:
        """For example, an observed tactic needs only the tactic."""
        observed = TTPObserved(tactic="Impact")
        assert (observed.technique, observed.ip_address, observed.api_success_count) == (None, None, 0)

    def test_the_reason_has_a_default(self) -> None:
        """Threat intelligence is the only reason to flag an address."""
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
    def test_an_invalid_value_is_rejected(self, kind: type[Indicator], members: dict[str, Any], message: str) -> None:
        """The error message shows the class, the member and the value."""
        with pytest.raises(FakeUsageError, match=message):
            kind(**members)


class TestIndicatorOf:
    def test_an_indicator_is_returned_unchanged(self) -> None:
        """The same object is returned."""
        indicator = ImpossibleTravel(**TRAVEL)
        assert indicator_of(indicator) is indicator

    def test_a_mapping_names_its_type(self) -> None:
        """Scenario files use mappings instead of classes."""
        given = {"indicator_type": "RELATED_FINDING", "arn": "arn:aws:x", "type": "UnauthorizedAccess"}
        assert indicator_of(given) == RelatedFinding(arn="arn:aws:x", type="UnauthorizedAccess")

    def test_a_mapping_without_a_type_is_rejected(self) -> None:
        """The error message lists the valid types."""
        with pytest.raises(FakeUsageError, match=r"Unknown indicator type None\. Expected one of: TTP_OBSERVED, "):
            indicator_of({"aso": "AMAZON-02"})

    def test_unknown_and_missing_members_are_reported(self) -> None:
        """The error message lists both, and the expected members."""
        message = "members of NEW_ASO: unknown asn; missing aso. Expected: aso, is_new_for_entire_account"
        with pytest.raises(FakeUsageError, match=message):
            indicator_of({"indicator_type": "NEW_ASO", "asn": 16509})

    @pytest.mark.parametrize(
        ("members", "message"),
        [
            ({"aso": "x", "asn": 1, "as": 2}, "NEW_ASO: unknown asn, as. Expected"),
            ({}, "NEW_ASO: missing aso. Expected"),
        ],
    )
    def test_unknown_or_missing_members_are_rejected(self, members: dict[str, object], message: str) -> None:
        """The error message names every unknown or missing member."""
        with pytest.raises(FakeUsageError, match=message):
            indicator_of({"indicator_type": "NEW_ASO", **members})

    def test_the_largest_count_is_that_of_the_wire(self) -> None:
        """A 64-bit number, inclusive."""
        assert TTPObserved(tactic="x", api_success_count=2**63 - 1).api_success_count == 2**63 - 1

    def test_other_types_are_rejected(self) -> None:
        """The error message lists the indicator classes."""
        with pytest.raises(
            FakeUsageError,
            match=r"^Invalid indicator 'NEW_ASO'\. Expected an instance of TTPObserved, (\w+, ){6}\w+, or a mapping",
        ):
            indicator_of("NEW_ASO")
