"""The types of the values that a fake takes and returns, for annotations and `isinstance`."""

from __future__ import annotations

from detective_fake.controls.context import TimeControl
from detective_fake.controls.deny import Denial
from detective_fake.controls.faults import Fault, Faults
from detective_fake.controls.organizations import OrganizationControl
from detective_fake.controls.overrides import OverriddenCall, Override
from detective_fake.controls.seed import Seed
from detective_fake.domain.account import Account, Designation, Organization
from detective_fake.domain.event_queue import EventKind, PendingEvent, TimingName, Timings
from detective_fake.domain.graph import (
    BehaviorGraph,
    DatasourcePackage,
    DatasourcePackageName,
    IngestState,
    PackageIngest,
)
from detective_fake.domain.indicators import (
    FlaggedIpAddress,
    ImpossibleTravel,
    Indicator,
    IndicatorType,
    IndicatorTypeName,
    NewAso,
    NewGeolocation,
    NewUserAgent,
    RelatedFinding,
    RelatedFindingGroup,
    TTPObserved,
)
from detective_fake.domain.investigation import (
    Investigation,
    InvestigationStateName,
    InvestigationStatusName,
    Severity,
    SeverityName,
)
from detective_fake.domain.membership import (
    DisabledReason,
    DisabledReasonName,
    Email,
    InvitationType,
    Membership,
    MemberStatus,
    MemberStatusName,
    Usage,
)
from detective_fake.domain.quotas import QuotaName, Quotas
from detective_fake.errors import ErrorCode
from detective_fake.exchange import Caller, NetworkError, OperationName, Request
from detective_fake.fake import Snapshot
from detective_fake.interception.callers import Credentials
from detective_fake.journal.calls import Attempt, Backoff, CallRecord, Emails, Journal
from detective_fake.options import Options

__all__ = [
    "Account",
    "Attempt",
    "Backoff",
    "BehaviorGraph",
    "CallRecord",
    "Caller",
    "Credentials",
    "DatasourcePackage",
    "DatasourcePackageName",
    "Denial",
    "Designation",
    "DisabledReason",
    "DisabledReasonName",
    "Email",
    "Emails",
    "ErrorCode",
    "EventKind",
    "Fault",
    "Faults",
    "FlaggedIpAddress",
    "ImpossibleTravel",
    "Indicator",
    "IndicatorType",
    "IndicatorTypeName",
    "IngestState",
    "Investigation",
    "InvestigationStateName",
    "InvestigationStatusName",
    "InvitationType",
    "Journal",
    "MemberStatus",
    "MemberStatusName",
    "Membership",
    "NetworkError",
    "NewAso",
    "NewGeolocation",
    "NewUserAgent",
    "OperationName",
    "Options",
    "Organization",
    "OrganizationControl",
    "OverriddenCall",
    "Override",
    "PackageIngest",
    "PendingEvent",
    "QuotaName",
    "Quotas",
    "RelatedFinding",
    "RelatedFindingGroup",
    "Request",
    "Seed",
    "Severity",
    "SeverityName",
    "Snapshot",
    "TTPObserved",
    "TimeControl",
    "TimingName",
    "Timings",
    "Usage",
]
