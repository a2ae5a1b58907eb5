"""The types of the values that a fake takes and returns, for annotations and `isinstance`.

`import … as …` tells type checkers that a name is public.
"""

from __future__ import annotations

from detective_fake.controls.context import TimeControl as TimeControl
from detective_fake.controls.deny import Denial as Denial
from detective_fake.controls.deny import Denials as Denials
from detective_fake.controls.faults import Fault as Fault
from detective_fake.controls.faults import Faults as Faults
from detective_fake.controls.organizations import OrganizationControl as OrganizationControl
from detective_fake.controls.overrides import OverriddenCall as OverriddenCall
from detective_fake.controls.overrides import Override as Override
from detective_fake.controls.seed import Seed as Seed
from detective_fake.domain.account import Account as Account
from detective_fake.domain.account import Designation as Designation
from detective_fake.domain.account import Organization as Organization
from detective_fake.domain.event_queue import EventKind as EventKind
from detective_fake.domain.event_queue import PendingEvent as PendingEvent
from detective_fake.domain.event_queue import TimingName as TimingName
from detective_fake.domain.event_queue import Timings as Timings
from detective_fake.domain.graph import BehaviorGraph as BehaviorGraph
from detective_fake.domain.graph import DatasourcePackage as DatasourcePackage
from detective_fake.domain.graph import DatasourcePackageName as DatasourcePackageName
from detective_fake.domain.graph import IngestState as IngestState
from detective_fake.domain.graph import PackageIngest as PackageIngest
from detective_fake.domain.indicators import FlaggedIpAddress as FlaggedIpAddress
from detective_fake.domain.indicators import ImpossibleTravel as ImpossibleTravel
from detective_fake.domain.indicators import Indicator as Indicator
from detective_fake.domain.indicators import IndicatorType as IndicatorType
from detective_fake.domain.indicators import IndicatorTypeName as IndicatorTypeName
from detective_fake.domain.indicators import NewAso as NewAso
from detective_fake.domain.indicators import NewGeolocation as NewGeolocation
from detective_fake.domain.indicators import NewUserAgent as NewUserAgent
from detective_fake.domain.indicators import RelatedFinding as RelatedFinding
from detective_fake.domain.indicators import RelatedFindingGroup as RelatedFindingGroup
from detective_fake.domain.indicators import TTPObserved as TTPObserved
from detective_fake.domain.investigations import Investigation as Investigation
from detective_fake.domain.investigations import InvestigationStateName as InvestigationStateName
from detective_fake.domain.investigations import InvestigationStatusName as InvestigationStatusName
from detective_fake.domain.investigations import Severity as Severity
from detective_fake.domain.investigations import SeverityName as SeverityName
from detective_fake.domain.membership import DisabledReason as DisabledReason
from detective_fake.domain.membership import DisabledReasonName as DisabledReasonName
from detective_fake.domain.membership import Email as Email
from detective_fake.domain.membership import InvitationType as InvitationType
from detective_fake.domain.membership import Membership as Membership
from detective_fake.domain.membership import MemberStatus as MemberStatus
from detective_fake.domain.membership import MemberStatusName as MemberStatusName
from detective_fake.domain.membership import Usage as Usage
from detective_fake.domain.quotas import Behavior as Behavior
from detective_fake.domain.quotas import QuotaName as QuotaName
from detective_fake.domain.quotas import Quotas as Quotas
from detective_fake.errors import ErrorCode as ErrorCode
from detective_fake.exchange import Caller as Caller
from detective_fake.exchange import NetworkError as NetworkError
from detective_fake.exchange import OperationName as OperationName
from detective_fake.exchange import Request as Request
from detective_fake.exchange import StatusChange as StatusChange
from detective_fake.fake import Snapshot as Snapshot
from detective_fake.interception.callers import Credentials as Credentials
from detective_fake.journal.calls import Attempt as Attempt
from detective_fake.journal.calls import Backoff as Backoff
from detective_fake.journal.calls import CallRecord as CallRecord
from detective_fake.journal.calls import Emails as Emails
from detective_fake.journal.calls import Journal as Journal
from detective_fake.options import Options as Options

__all__ = [name for name in sorted(globals()) if name[0].isupper()]  # pyright: ignore[reportUnsupportedDunderAll]
