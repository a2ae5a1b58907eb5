"""The `Literal` types that editors complete have the values of what they stand for."""

from __future__ import annotations

from typing import Any, get_args

import attrs
import pytest

from detective_fake.controls.fault_terms import COMMON_ERRORS
from detective_fake.domain import datasources, event_queue, indicators, investigations, membership, quotas
from detective_fake.errors import ErrorCode
from detective_fake.exchange import OperationName
from detective_fake.protocol.model import error_statuses, operations

ENUMS = (
    (membership.MemberStatusName, membership.MemberStatus),
    (membership.DisabledReasonName, membership.DisabledReason),
    (datasources.DatasourcePackageName, datasources.DatasourcePackage),
    (investigations.SeverityName, investigations.Severity),
    (investigations.InvestigationStatusName, investigations.Status),
    (investigations.InvestigationStateName, investigations.State),
    (indicators.IndicatorTypeName, indicators.IndicatorType),
)
SETTINGS = ((event_queue.TimingName, event_queue.Timings), (quotas.QuotaName, quotas.Quotas))


@pytest.mark.parametrize(("literal", "enum"), ENUMS)
def test_the_values_of_an_enum(literal: Any, enum: Any) -> None:
    """In the same order."""
    assert get_args(literal) == tuple(member.value for member in enum)


@pytest.mark.parametrize(("literal", "settings"), SETTINGS)
def test_the_names_of_settings(literal: Any, settings: Any) -> None:
    """In the same order."""
    assert get_args(literal) == tuple(field.name for field in attrs.fields(settings))


def test_the_operations() -> None:
    """All of the installed botocore's model that this version answers."""
    assert set(get_args(OperationName)) <= set(operations())


def test_the_error_codes() -> None:
    """Detective's own, and those of AWS's front end."""
    assert set(get_args(ErrorCode)) == {*error_statuses(), *COMMON_ERRORS}
