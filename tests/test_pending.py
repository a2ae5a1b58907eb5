"""`fake.pending` lists the events to come, and `fake.settle(event)` runs one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from detective_fake import DetectiveFake, FakeUsageError
from tests.builders import ANA, BEN

if TYPE_CHECKING:
    from detective_fake.domain.event_queue import PendingEvent


def a_fake(verification: timedelta | None) -> tuple[DetectiveFake, str]:
    """Return a fake with two accounts that wait for verification, and the ARN of their graph."""
    fake = DetectiveFake(timings={"verification": verification, "enabling": None})
    fake.clock.freeze()
    return fake, fake.seed.graph(members=dict.fromkeys([ANA, BEN], "VERIFICATION_IN_PROGRESS"))


def statuses(fake: DetectiveFake, graph_arn: str) -> list[str]:
    return [row.status.value for row in fake.members(graph_arn)]


def of(account_id: str, fake: DetectiveFake) -> PendingEvent:
    """Return the pending event of an account."""
    (event,) = [each for each in fake.pending if each.subject == account_id]
    return event


class TestPending:
    def test_nothing_is_pending_at_first(self) -> None:
        """The tuple is empty."""
        assert DetectiveFake().pending == ()

    def test_events_are_in_the_order_in_which_they_will_run(self) -> None:
        """Each has its kind, subject and time. Reading runs no event."""
        fake, graph_arn = a_fake(timedelta(minutes=5))
        assert [(event.kind.value, event.subject) for event in fake.pending] == [
            ("verification", ANA),
            ("verification", BEN),
        ]
        assert {event.due for event in fake.pending} == {fake.clock.now() + timedelta(minutes=5)}
        assert statuses(fake, graph_arn) == ["VERIFICATION_IN_PROGRESS"] * 2


class TestSettlingOne:
    @pytest.mark.parametrize("verification", [None, timedelta(minutes=5)])
    def test_only_that_event_runs(self, verification: timedelta | None) -> None:
        """With or without a due time. The clock does not move."""
        fake, graph_arn = a_fake(verification)
        before = fake.clock.now()
        fake.settle(of(BEN, fake))
        assert statuses(fake, graph_arn) == ["VERIFICATION_IN_PROGRESS", "INVITED"]
        assert (fake.clock.now(), [event.subject for event in fake.pending]) == (before, [ANA])

    def test_due_events_run_as_well(self) -> None:
        """As at the start of every call."""
        fake, graph_arn = a_fake(timedelta())
        fake.settle(of(BEN, fake))
        assert statuses(fake, graph_arn) == ["INVITED", "INVITED"]

    def test_an_event_runs_once(self) -> None:
        """Afterwards it is not pending any more."""
        fake, _ = a_fake(None)
        event = of(ANA, fake)
        fake.settle(event)
        with pytest.raises(FakeUsageError, match="This event is not pending any more: PendingEvent"):
            fake.settle(event)


class TestForgettingCalls:
    def test_keeps_only_the_last_calls(self) -> None:
        """With zero, it keeps none."""
        with DetectiveFake() as fake:
            for _ in range(3):
                fake.client().list_graphs()
            fake.forget_calls(keep=2)
            assert (len(fake.calls), fake.calls.forgotten) == (2, 1)
            fake.forget_calls()
        assert (len(fake.calls), fake.calls.forgotten) == (0, 3)


class TestOrganizationControl:
    def test_is_found_by_the_id_of_an_organization(self) -> None:
        """The organization may come from a scenario file."""
        fake = DetectiveFake()
        made = fake.seed.organization(accounts=[ANA])
        fake.seed.organization_control(made.organization_id).add_account(BEN)
        assert made.account_ids == (fake.account_id, ANA, BEN)

    def test_of_an_unknown_organization_is_rejected(self) -> None:
        """The message lists the existing ones."""
        fake = DetectiveFake()
        with pytest.raises(FakeUsageError, match=r"There is no organization 'o-1'\. Expected one of: none\."):
            fake.seed.organization_control("o-1")


class TestReset:
    def test_of_a_fake_that_was_never_started_is_rejected(self) -> None:
        """The message says what to do."""
        with pytest.raises(FakeUsageError, match="was never started"):
            DetectiveFake().reset()
