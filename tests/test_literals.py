"""The `Literal` types for editor completion match the values they stand for."""

from __future__ import annotations

from typing import Any, get_args

import attrs
import pytest

from detective_fake.controls.faults import COMMON_ERRORS
from detective_fake.domain import event_queue, graph, indicators, investigations, membership, quotas
from detective_fake.errors import ErrorCode
from detective_fake.exchange import OperationName
from detective_fake.protocol.model import error_statuses, operations

ENUMS = (
    (membership.MemberStatusName, membership.MemberStatus),
    (membership.DisabledReasonName, membership.DisabledReason),
    (graph.DatasourcePackageName, graph.DatasourcePackage),
    (investigations.SeverityName, investigations.Severity),
    (investigations.InvestigationStatusName, investigations.Status),
    (investigations.InvestigationStateName, investigations.State),
    (indicators.IndicatorTypeName, indicators.IndicatorType),
)
SETTINGS = ((event_queue.TimingName, event_queue.Timings), (quotas.QuotaName, quotas.Quotas))


@pytest.mark.parametrize(("literal", "enum"), ENUMS)
def test_enum_literals_match_their_enums(literal: Any, enum: Any) -> None:
    """The literal lists the values of the enum, in the same order."""
    assert get_args(literal) == tuple(member.value for member in enum)


@pytest.mark.parametrize(("literal", "settings"), SETTINGS)
def test_settings_literals_match_their_classes(literal: Any, settings: Any) -> None:
    """The literal lists the fields of the settings class, in the same order."""
    assert get_args(literal) == tuple(field.name for field in attrs.fields(settings))


def test_operation_names_are_in_the_model() -> None:
    """Every operation name in the literal is in the service model of the installed botocore."""
    assert set(get_args(OperationName)) <= set(operations())


def test_error_codes_are_complete() -> None:
    """The literal lists the errors of Detective and the common errors of AWS."""
    assert set(get_args(ErrorCode)) == {*error_statuses(), *COMMON_ERRORS}
