"""One account in one behavior graph: its statuses, the transitions between them, and the invitations sent.

`enrolment` decides which event happens. `TRANSITIONS` says which status follows.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

import attrs

from detective_fake.errors import Conflict
from detective_fake.formatting import mask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detective_fake.domain.graph import DatasourcePackage

MemberStatusName = Literal[
    "INVITED",
    "VERIFICATION_IN_PROGRESS",
    "VERIFICATION_FAILED",
    "ENABLED",
    "ACCEPTED_BUT_DISABLED",
]
"""The values of `MemberStatus`."""

DisabledReasonName = Literal["VOLUME_TOO_HIGH", "VOLUME_UNKNOWN"]
"""The values of `DisabledReason`."""


class MemberStatus(str, Enum):
    """The status of a membership. Source: service model."""

    INVITED = "INVITED"
    VERIFICATION_IN_PROGRESS = "VERIFICATION_IN_PROGRESS"
    VERIFICATION_FAILED = "VERIFICATION_FAILED"
    ENABLED = "ENABLED"
    ACCEPTED_BUT_DISABLED = "ACCEPTED_BUT_DISABLED"


class InvitationType(str, Enum):
    """How the account joined the graph. Source: service model."""

    INVITATION = "INVITATION"
    ORGANIZATION = "ORGANIZATION"


class DisabledReason(str, Enum):
    """Why an account that accepted is not enabled. Source: service model."""

    VOLUME_TOO_HIGH = "VOLUME_TOO_HIGH"
    VOLUME_UNKNOWN = "VOLUME_UNKNOWN"


class MemberEvent(Enum):
    """What can happen to a membership."""

    INVITED = "the administrator invites the account"
    INVITED_UNVERIFIED = "the administrator invites the account in a Region without verification"
    VERIFIED = "the account ID and the e-mail address match"
    NOT_VERIFIED = "the account ID and the e-mail address do not match"
    ENROLLED = "the organization account can be enabled"
    ENROLLED_OVER_LIMIT = "the organization account cannot be enabled yet"
    ACCEPTED = "the account accepts and can be enabled"
    ACCEPTED_OVER_LIMIT = "the account accepts and cannot be enabled yet"
    MONITORING_STARTED = "the administrator or the hourly check enables the account"
    CONVERTED = "the invited account becomes an organization account and can be enabled"
    CONVERTED_OVER_LIMIT = "the invited account becomes an organization account and cannot be enabled yet"
    REJECTED = "the account rejects the invitation"
    RESIGNED = "the account leaves the graph"
    RESIGNED_DISABLED = "the account leaves the graph before it is enabled, if the fake allows that"
    REMOVED = "the administrator removes the account"
    GONE = "the account leaves the organization or is closed"


_INVITED = MemberStatus.INVITED
_IN_PROGRESS = MemberStatus.VERIFICATION_IN_PROGRESS
_FAILED = MemberStatus.VERIFICATION_FAILED
_ENABLED = MemberStatus.ENABLED
_DISABLED = MemberStatus.ACCEPTED_BUT_DISABLED

TRANSITIONS: Final[Mapping[tuple[MemberStatus | None, MemberEvent], MemberStatus | None]] = {
    (None, MemberEvent.INVITED): _IN_PROGRESS,
    (None, MemberEvent.INVITED_UNVERIFIED): _INVITED,
    (_FAILED, MemberEvent.INVITED): _IN_PROGRESS,
    (_FAILED, MemberEvent.INVITED_UNVERIFIED): _INVITED,
    (_IN_PROGRESS, MemberEvent.VERIFIED): _INVITED,
    (_IN_PROGRESS, MemberEvent.NOT_VERIFIED): _FAILED,
    (_IN_PROGRESS, MemberEvent.ENROLLED): _ENABLED,
    (_IN_PROGRESS, MemberEvent.ENROLLED_OVER_LIMIT): _DISABLED,
    (_INVITED, MemberEvent.ACCEPTED): _ENABLED,
    (_INVITED, MemberEvent.ACCEPTED_OVER_LIMIT): _DISABLED,
    (_INVITED, MemberEvent.REJECTED): None,
    (_DISABLED, MemberEvent.MONITORING_STARTED): _ENABLED,
    (_ENABLED, MemberEvent.RESIGNED): None,
    (_DISABLED, MemberEvent.RESIGNED_DISABLED): None,
    **{(status, MemberEvent.CONVERTED): _ENABLED for status in MemberStatus},
    **{(status, MemberEvent.CONVERTED_OVER_LIMIT): _DISABLED for status in MemberStatus if status is not _ENABLED},
    **{(status, MemberEvent.REMOVED): None for status in MemberStatus},
    **{(status, MemberEvent.GONE): None for status in MemberStatus},
}
"""Status and event -> next status. None stands for an account without a row in the graph. Other pairs are refused.

Source: the operations' texts in the service model, and the user guide on invited and on organization members.
"""


def status_after(status: MemberStatus | None, event: MemberEvent, account_id: str) -> MemberStatus | None:
    """Return the next status, None if the account has no row any more.

    Raises:
        Conflict: `TRANSITIONS` lacks the pair. The text names the account and its status.
    """
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        state = "not a member" if status is None else status.value
        raise Conflict(f"{Conflict.default_message} Account {account_id} is {state}.") from None


@attrs.frozen
class Usage:
    """How much data of an account a graph ingests: bytes a day, in total and by package.

    `measured_at` is the first measurement of this volume. It is measured again each day.
    """

    total: int
    by_package: Mapping[DatasourcePackage, int] = attrs.field(hash=False)
    measured_at: datetime


@attrs.frozen
class Membership:
    """One account in one behavior graph.

    Attributes:
        account_id: Twelve digits.
        number: Its place in the order of invitations, across all graphs of a world.
        invitation_type: How it joined.
        status: Its current status.
        updated_at: Time of the last change of `status`.
        invited_at: When the row was made. Source: AWS's samples, and one captured row of an organization graph.
        email: The address it was invited with. Organization accounts may have none.
        disabled_reason: Only set with `ACCEPTED_BUT_DISABLED`, unless the number of members is the reason.
        usage: Only set with `ENABLED`.
        enabling: AWS has not decided yet whether the account can be enabled. The hourly check skips it.
    """

    account_id: str
    number: int
    invitation_type: InvitationType
    status: MemberStatus
    updated_at: datetime
    invited_at: datetime
    email: str | None = attrs.field(default=None, repr=mask)
    disabled_reason: DisabledReason | None = None
    usage: Usage | None = None
    enabling: bool = False

    def after(
        self,
        event: MemberEvent,
        at: datetime,
        *,
        usage: Usage | None = None,
        disabled_reason: DisabledReason | None = None,
        enabling: bool = False,
    ) -> Membership:
        """Return the membership after an event that keeps the row.

        Args:
            usage: What the graph ingests from now on, if the event enables the account.
            disabled_reason: Why the account is disabled, if the event leaves it disabled.
            enabling: Whether an event will enable the account later.
        Raises:
            Conflict: The event does not apply to this status.
        """
        status = status_after(self.status, event, self.account_id)
        assert status is not None, event  # noqa: S101 - callers pass only events that keep the row
        return attrs.evolve(
            self, status=status, updated_at=at, usage=usage, disabled_reason=disabled_reason, enabling=enabling
        )


@attrs.frozen
class Email:
    """One invitation sent by e-mail.

    Attributes:
        account_id: The invited account.
        address: The address that the administrator gave.
        administrator_id: The inviting account.
        graph_arn: The graph of the invitation.
        message: The administrator's text, if any.
        sent_at: When the account was verified.
    """

    account_id: str
    address: str = attrs.field(repr=mask)
    administrator_id: str
    graph_arn: str
    message: str | None = attrs.field(repr=mask)
    sent_at: datetime
