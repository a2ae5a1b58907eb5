"""Memberships: the table of status transitions and how events apply it."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain.membership import (
    TRANSITIONS,
    DisabledReason,
    Email,
    InvitationType,
    MemberEvent,
    Membership,
    MemberStatus,
    Usage,
    status_after,
)
from detective_fake.errors import Conflict
from detective_fake.formatting import MASK
from detective_fake.protocol.model import operations
from tests.builders import ADMINISTRATOR, ANA, HOUR, NOON

if TYPE_CHECKING:
    from enum import Enum

MISSING = [pair for pair in product((None, *MemberStatus), MemberEvent) if pair not in TRANSITIONS]
LASTING = [(pair, status) for pair, status in TRANSITIONS.items() if None not in {pair[0], status}]
ENDING = [pair for pair, status in TRANSITIONS.items() if status is None]
USAGE = Usage(5, {}, NOON)


def a_membership(status: MemberStatus = MemberStatus.INVITED, **values: Any) -> Membership:
    plain = Membership(
        account_id=ANA,
        number=1,
        invitation_type=InvitationType.INVITATION,
        status=status,
        updated_at=NOON,
        invited_at=NOON,
    )
    return attrs.evolve(plain, **values)


class TestEnums:
    @pytest.mark.parametrize(
        ("kind", "member"),
        [(MemberStatus, "Status"), (InvitationType, "InvitationType"), (DisabledReason, "DisabledReason")],
    )
    def test_they_match_the_service_model(self, kind: type[Enum], member: str) -> None:
        """Each enum has exactly the values of the service model."""
        output: Any = operations()["ListMembers"].output_shape
        assert {each.value for each in kind} == set(output.members["MemberDetails"].member.members[member].enum)


class TestTransitions:
    @pytest.mark.parametrize(("status", "event"), MISSING)
    def test_an_undefined_transition_is_rejected(self, status: MemberStatus | None, event: MemberEvent) -> None:
        """The error message names the account and its status."""
        state = "not a member" if status is None else status.value
        with pytest.raises(Conflict, match=rf"invalid action\. Account {ANA} is {state}\.$"):
            status_after(status, event, ANA)

    @pytest.mark.parametrize(("status", "event"), TRANSITIONS)
    def test_a_defined_transition_gives_its_status(self, status: MemberStatus | None, event: MemberEvent) -> None:
        """None means that the account is not a member."""
        assert status_after(status, event, ANA) is TRANSITIONS[status, event]

    @pytest.mark.parametrize("event", MemberEvent)
    def test_every_event_is_in_the_table(self, event: MemberEvent) -> None:
        """Each event is possible in at least one status."""
        assert any(event is each for _, each in TRANSITIONS)

    @pytest.mark.parametrize("status", MemberStatus)
    def test_every_status_can_be_reached_and_left(self, status: MemberStatus) -> None:
        """Each status is the origin and the result of at least one transition."""
        assert status in TRANSITIONS.values()
        assert any(status is origin for origin, _ in TRANSITIONS)

    @pytest.mark.parametrize(
        ("event", "origins"),
        [
            (MemberEvent.ACCEPTED, {"INVITED"}),
            (MemberEvent.ACCEPTED_OVER_LIMIT, {"INVITED"}),
            (MemberEvent.REJECTED, {"INVITED"}),
            (MemberEvent.RESIGNED, {"ENABLED"}),
            (MemberEvent.MONITORING_STARTED, {"ACCEPTED_BUT_DISABLED"}),
            (MemberEvent.INVITED, {"not a member", "VERIFICATION_FAILED"}),
            (MemberEvent.INVITED_UNVERIFIED, {"not a member", "VERIFICATION_FAILED"}),
            (MemberEvent.VERIFIED, {"VERIFICATION_IN_PROGRESS"}),
            (MemberEvent.NOT_VERIFIED, {"VERIFICATION_IN_PROGRESS"}),
            (MemberEvent.ENROLLED, {"VERIFICATION_IN_PROGRESS"}),
            (MemberEvent.ENROLLED_OVER_LIMIT, {"VERIFICATION_IN_PROGRESS"}),
            (MemberEvent.REMOVED, {status.value for status in MemberStatus}),
            (MemberEvent.GONE, {status.value for status in MemberStatus}),
            (MemberEvent.CONVERTED, {status.value for status in MemberStatus}),
            (MemberEvent.CONVERTED_OVER_LIMIT, {status.value for status in MemberStatus} - {"ENABLED"}),
        ],
    )
    def test_an_event_is_limited_to_these_statuses(self, event: MemberEvent, origins: set[str]) -> None:
        """The statuses follow the documentation of the API operations."""
        found = {"not a member" if status is None else status.value for status, each in TRANSITIONS if each is event}
        assert found == origins


class TestAfter:
    @pytest.mark.parametrize(("pair", "status"), LASTING)
    def test_it_sets_status_and_update_time(self, pair: tuple[MemberStatus, MemberEvent], status: MemberStatus) -> None:
        """All other attributes stay the same, including number and invitation time."""
        before = a_membership(pair[0], invited_at=NOON)
        after = before.after(pair[1], NOON + HOUR)
        assert after == attrs.evolve(before, status=status, updated_at=NOON + HOUR)

    def test_attributes_of_the_old_status_are_cleared(self) -> None:
        """An enabled member has no disabled reason and is not waiting to be enabled."""
        before = a_membership(
            MemberStatus.ACCEPTED_BUT_DISABLED, disabled_reason=DisabledReason.VOLUME_UNKNOWN, enabling=True
        )
        after = before.after(MemberEvent.MONITORING_STARTED, NOON, usage=USAGE)
        assert (after.disabled_reason, after.enabling, after.usage) == (None, False, USAGE)

    def test_a_rejected_event_raises_a_conflict(self) -> None:
        """The error message names the account and its status."""
        with pytest.raises(Conflict, match=f"{ANA} is ENABLED"):
            a_membership(MemberStatus.ENABLED).after(MemberEvent.ACCEPTED, NOON)

    @pytest.mark.parametrize(("status", "event"), ENDING)
    def test_an_ending_event_leaves_no_status(self, status: MemberStatus, event: MemberEvent) -> None:
        """The account is no longer a member."""
        assert status_after(status, event, ANA) is None

    def test_an_undefined_ending_is_rejected(self) -> None:
        """An ending event without a transition raises a conflict, like every other event."""
        with pytest.raises(Conflict, match=re.escape(f"{ANA} is ACCEPTED_BUT_DISABLED.")):
            status_after(MemberStatus.ACCEPTED_BUT_DISABLED, MemberEvent.RESIGNED, ANA)


class TestRepresentation:
    @pytest.mark.parametrize(("message", "shown"), [("Join us", repr(MASK).strip("'")), (None, "None")])
    def test_sensitive_values_are_masked(self, message: str | None, shown: str) -> None:
        """The representation shows neither the e-mail address nor the message."""
        email = Email(
            account_id=ANA,
            address="ana@example.com",
            administrator_id=ADMINISTRATOR,
            graph_arn="arn",
            message=message,
            sent_at=NOON,
        )
        assert f"address={MASK}," in repr(email)
        assert f"message={shown}," in repr(email)
        assert "ana@" not in repr(email)
