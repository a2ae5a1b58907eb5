"""The life of a membership: its table, and what enters and leaves it."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from detective_fake.domain.membership import (
    TRANSITIONS,
    DisabledReason,
    InvitationType,
    MemberEvent,
    Membership,
    MemberStatus,
    Usage,
    status_after,
)
from detective_fake.errors import Conflict
from detective_fake.protocol.model import operations
from tests.builders import ANA, HOUR, NOON

if TYPE_CHECKING:
    from enum import Enum

MISSING = [pair for pair in product((None, *MemberStatus), MemberEvent) if pair not in TRANSITIONS]
LASTING = [(pair, status) for pair, status in TRANSITIONS.items() if None not in {pair[0], status}]
ENDING = [pair for pair, status in TRANSITIONS.items() if status is None]
USAGE = Usage(5, {}, NOON)


def a_membership(status: MemberStatus = MemberStatus.INVITED, **values: Any) -> Membership:
    plain = Membership(
        account_id=ANA, number=1, invitation_type=InvitationType.INVITATION, status=status, updated_at=NOON
    )
    return attrs.evolve(plain, **values)


class TestEnums:
    @pytest.mark.parametrize(
        ("kind", "member"),
        [(MemberStatus, "Status"), (InvitationType, "InvitationType"), (DisabledReason, "DisabledReason")],
    )
    def test_they_are_the_service_models(self, kind: type[Enum], member: str) -> None:
        """Same values, spelled the same."""
        output: Any = operations()["ListMembers"].output_shape
        assert {each.value for each in kind} == set(output.members["MemberDetails"].member.members[member].enum)


class TestTransitions:
    @pytest.mark.parametrize(("status", "event"), MISSING)
    def test_what_has_no_row_is_refused(self, status: MemberStatus | None, event: MemberEvent) -> None:
        """The text names the account and where it stands."""
        state = "not a member" if status is None else status.value
        with pytest.raises(Conflict, match=rf"invalid action\. Account {ANA} is {state}\.$"):
            status_after(status, event, ANA)

    @pytest.mark.parametrize(("status", "event"), TRANSITIONS)
    def test_what_has_a_row_follows_it(self, status: MemberStatus | None, event: MemberEvent) -> None:
        """None stands for no row, before and after."""
        assert status_after(status, event, ANA) is TRANSITIONS[status, event]

    @pytest.mark.parametrize("event", MemberEvent)
    def test_every_event_is_in_the_table(self, event: MemberEvent) -> None:
        """An event that can never happen would be a mistake."""
        assert any(event is each for _, each in TRANSITIONS)

    @pytest.mark.parametrize("status", MemberStatus)
    def test_every_status_can_be_reached_and_left(self, status: MemberStatus) -> None:
        """There is no status that is only ever read."""
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
    def test_an_event_happens_to_these_only(self, event: MemberEvent, origins: set[str]) -> None:
        """As the operations' texts say."""
        found = {"not a member" if status is None else status.value for status, each in TRANSITIONS if each is event}
        assert found == origins


class TestAfter:
    @pytest.mark.parametrize(("pair", "status"), LASTING)
    def test_it_has_the_new_status_and_its_time(
        self, pair: tuple[MemberStatus, MemberEvent], status: MemberStatus
    ) -> None:
        """And is the same membership: number and time of invitation stay."""
        before = a_membership(pair[0], invited_at=NOON)
        after = before.after(pair[1], NOON + HOUR)
        assert after == attrs.evolve(before, status=status, updated_at=NOON + HOUR)

    def test_what_belonged_to_the_old_status_goes(self) -> None:
        """A member that is enabled is disabled for no reason, and waits for nothing."""
        before = a_membership(
            MemberStatus.ACCEPTED_BUT_DISABLED, disabled_reason=DisabledReason.VOLUME_UNKNOWN, enabling=True
        )
        after = before.after(MemberEvent.MONITORING_STARTED, NOON, usage=USAGE)
        assert (after.disabled_reason, after.enabling, after.usage) == (None, False, USAGE)

    def test_a_refused_event_leaves_it(self) -> None:
        """It is a value: nothing can have changed."""
        with pytest.raises(Conflict, match=f"{ANA} is ENABLED"):
            a_membership(MemberStatus.ENABLED).after(MemberEvent.ACCEPTED, NOON)

    @pytest.mark.parametrize(("status", "event"), ENDING)
    def test_an_end_leaves_no_status(self, status: MemberStatus, event: MemberEvent) -> None:
        """What ends a membership has no membership after it."""
        assert status_after(status, event, ANA) is None

    def test_an_end_that_cannot_be_is_refused(self) -> None:
        """As every event without a row."""
        with pytest.raises(Conflict, match=re.escape(f"{ANA} is ACCEPTED_BUT_DISABLED.")):
            status_after(MemberStatus.ACCEPTED_BUT_DISABLED, MemberEvent.RESIGNED, ANA)
