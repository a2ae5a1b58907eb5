"""The life of one account in one behavior graph: its statuses, and the table of what may follow what.

Knows nothing of the graph, of limits or of who may ask: those decide which event happens, this says what it leads to.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, Literal

import attrs

from detective_fake.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from detective_fake.domain.datasources import DatasourcePackage

__all__ = [
    "TRANSITIONS",
    "DisabledReason",
    "DisabledReasonName",
    "InvitationType",
    "MemberEvent",
    "MemberStatus",
    "MemberStatusName",
    "Membership",
    "Usage",
    "status_after",
]


MemberStatusName = Literal[
    "INVITED",
    "VERIFICATION_IN_PROGRESS",
    "VERIFICATION_FAILED",
    "ENABLED",
    "ACCEPTED_BUT_DISABLED",
]
"""The values of `MemberStatus`."""

DisabledReasonName = Literal[
    "VOLUME_TOO_HIGH",
    "VOLUME_UNKNOWN",
]
"""The values of `DisabledReason`."""


class MemberStatus(str, Enum):
    """Where a membership stands. Source: service model."""

    # As an Enum's own, whose names are its values here, without a call of Python for each look into a table.
    __hash__ = str.__hash__

    INVITED = "INVITED"
    VERIFICATION_IN_PROGRESS = "VERIFICATION_IN_PROGRESS"
    VERIFICATION_FAILED = "VERIFICATION_FAILED"
    ENABLED = "ENABLED"
    ACCEPTED_BUT_DISABLED = "ACCEPTED_BUT_DISABLED"


class InvitationType(str, Enum):
    """How the account came into the graph. Source: service model."""

    INVITATION = "INVITATION"
    ORGANIZATION = "ORGANIZATION"


class DisabledReason(str, Enum):
    """Why an account that accepted is not enabled. Source: service model."""

    VOLUME_TOO_HIGH = "VOLUME_TOO_HIGH"
    VOLUME_UNKNOWN = "VOLUME_UNKNOWN"


class MemberEvent(Enum):
    """What can happen to a membership."""

    __hash__ = object.__hash__  # as `MemberStatus`

    INVITED = "the administrator invites the account"
    INVITED_UNVERIFIED = "the administrator invites the account where nothing is verified"
    VERIFIED = "account id and e-mail address match"
    NOT_VERIFIED = "account id and e-mail address do not match"
    ENROLLED = "the organization account can be enabled"
    ENROLLED_OVER_LIMIT = "the organization account cannot be enabled yet"
    ACCEPTED = "the account accepts and can be enabled"
    ACCEPTED_OVER_LIMIT = "the account accepts and cannot be enabled yet"
    MONITORING_STARTED = "the administrator, or the hourly check, enables the account"
    CONVERTED = "the graph becomes that of the account's organization"
    CONVERTED_OVER_LIMIT = "the same, and the account cannot be enabled yet"
    REJECTED = "the account rejects the invitation"
    RESIGNED = "the account leaves the graph"
    RESIGNED_DISABLED = "the same, not enabled yet, where a fake is told that this is allowed"
    REMOVED = "the administrator removes the account"
    GONE = "the account leaves the organization, or is closed"


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
"""Status (None: the account has no row in the graph) and event -> status. What is not here is refused.

Source: the operations' texts in the service model, and the user guide on invited and on organization members.
"""


def status_after(status: MemberStatus | None, event: MemberEvent, account_id: str) -> MemberStatus | None:
    """Return the status that follows, None for "no row".

    Raises:
        Conflict: The table has no row for this; the text names the account and its status.
    """
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        state = "not a member" if status is None else status.value
        message = f"{Conflict.default_message} Account {account_id} is {state}."
        raise Conflict(message) from None


@attrs.frozen
class Usage:
    """How much data of an account a graph takes in: bytes a day in all and by package, and when that was measured."""

    total: int
    by_package: Mapping[DatasourcePackage, int]
    measured_at: datetime


@attrs.frozen
class Membership:
    """One account in one behavior graph.

    Attributes:
        account_id: Twelve digits.
        number: Its place in the order of invitations, over all graphs of a world.
        invitation_type: How it came in.
        status: Where it stands.
        updated_at: Time of the last change of `status`.
        email: The address it was invited with; organization accounts may have none.
        invited_at: Only of invited accounts.
        disabled_reason: Only with `ACCEPTED_BUT_DISABLED`, and not where the count of members is in the way.
        usage: Only with `ENABLED`.
        enabling: Accepted, and AWS is still about to enable it: the hourly check leaves it alone.
    """

    account_id: str
    number: int
    invitation_type: InvitationType
    status: MemberStatus
    updated_at: datetime
    email: str | None = None
    invited_at: datetime | None = None
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
        """Return the membership after an event that leaves it in the graph.

        Args:
            usage: What the graph takes in from now on, where the event enables the account.
            disabled_reason: Why it is not enabled, where the event leaves it disabled.
            enabling: It will be enabled after a while.
        Raises:
            Conflict: Nothing of the kind can happen to an account of this status.
        """
        status = status_after(self.status, event, self.account_id)
        assert status is not None, event  # noqa: S101 - the callers of `after` know events that keep the row
        # Written out, and by position, which is quicker than `attrs.evolve`: most calls that change anything do this.
        return Membership(
            self.account_id,
            self.number,
            self.invitation_type,
            status,
            at,
            self.email,
            self.invited_at,
            disabled_reason,
            usage,
            enabling,
        )
