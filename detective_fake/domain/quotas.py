"""Detective's quotas, each with its source, which a test can lower; and behavior about which sources disagree.

Limits of the service model, such as list sizes and string lengths, are not repeated here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import attrs

from detective_fake.domain.choices import Settings, must_be

BYTES_PER_TERABYTE = 10**12

QuotaName = Literal[
    "members_per_graph",
    "volume_bytes_per_day",
    "ingest_stop_bytes_per_day",
    "tags_per_graph",
    "members_page",
    "investigations_page",
    "investigation_token_lifetime",
]
"""The names of `Quotas`."""


_is_count = must_be("a whole number of at least 1", lambda value: type(value) is int and value >= 1)
_is_duration = must_be(
    "a datetime.timedelta longer than zero", lambda value: isinstance(value, timedelta) and value > timedelta()
)
_is_flag = must_be("True or False", lambda value: isinstance(value, bool))


@attrs.define(kw_only=True)
class Quotas(Settings):
    """The quotas of one fake.

    Attributes:
        members_per_graph: Member accounts in a behavior graph, without the administrator. `CreateMembers` counts those
            whose verification has not failed. All other checks count the enabled ones.
            Source: user guide, regions-limitations. Which rows count is an inference.
        volume_bytes_per_day: Data that a behavior graph may ingest in a day, in bytes. Above it no account can be
            added. Source: user guide, regions-limitations.
        ingest_stop_bytes_per_day: Data in a day, in bytes, above which Detective stops the ingest of a behavior graph.
            Source: user guide, regions-limitations.
        tags_per_graph: Tags of a behavior graph, without those of AWS itself. Source: service model, `TagMap`.
        members_page: Items on a page of members or invitations without `MaxResults`.
            Source: none, half of the maximum.
        investigations_page: Items on a page of investigations or indicators without `MaxResults`.
            Source: none, half of the maximum.
        investigation_token_lifetime: How long a `NextToken` of investigations and indicators is valid.
            Source: service model, `ListInvestigationsRequest$NextToken`.
    """

    members_per_graph: int = attrs.field(default=1200, validator=_is_count)
    volume_bytes_per_day: int = attrs.field(default=10 * BYTES_PER_TERABYTE, validator=_is_count)
    ingest_stop_bytes_per_day: int = attrs.field(default=15 * BYTES_PER_TERABYTE, validator=_is_count)
    tags_per_graph: int = attrs.field(default=50, validator=_is_count)
    members_page: int = attrs.field(default=100, validator=_is_count)
    investigations_page: int = attrs.field(default=50, validator=_is_count)
    investigation_token_lifetime: timedelta = attrs.field(default=timedelta(hours=24), validator=_is_duration)


@attrs.frozen(kw_only=True, eq=False)
class Behavior(Settings):
    """What the fake does where sources disagree. By default it does what the better evidence says.

    Attributes:
        active_investigations_only: `ListInvestigations` without a filter for the state leaves out archived ones.
            Source: the text of the operation, "active". The filter and the member `State` speak against it.
        administrator_listed: `ListMembers` has the administrator's own row in a graph made by `CreateGraph`, too.
            Source: administration guide, accounts-view-list, of the console. AWS's samples have no such row.
        disabled_may_leave: `DisassociateMembership` succeeds for `ACCEPTED_BUT_DISABLED` members.
            Source: administration guide, member-remove-self-from-graph. The service model says `ENABLED`.
        guardduty_required: `CreateGraph` needs GuardDuty, enabled for 48 hours.
            Source: administration guide, detective-prerequisites. The current texts do not mention it.
        partial_package_lists: `UpdateDatasourcePackages` starts the given packages and stops none.
            Source: the text of the operation, "starts". IAM says "enable or disable".
    """

    active_investigations_only: bool = attrs.field(default=False, validator=_is_flag)
    administrator_listed: bool = attrs.field(default=False, validator=_is_flag)
    disabled_may_leave: bool = attrs.field(default=False, validator=_is_flag)
    guardduty_required: bool = attrs.field(default=False, validator=_is_flag)
    partial_package_lists: bool = attrs.field(default=False, validator=_is_flag)
