"""Time in a test: the fake's own clock, freezegun, time-machine."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import time_machine
from freezegun import freeze_time

from detective_fake import DetectiveFake
from tests.builders import ADMINISTRATOR, ANA, BEN, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

LATER = datetime(2031, 1, 2, 3, 4, 5, 678000, tzinfo=timezone.utc)


@pytest.fixture
def slow() -> Iterator[DetectiveFake]:
    """A fake at noon with the delays of AWS."""
    timings = {
        "verification": timedelta(minutes=2),
        "enabling": timedelta(hours=24),
        "investigation": timedelta(minutes=30),
        "administrator_visibility": timedelta(minutes=5),
    }
    with DetectiveFake(timings=timings) as fake:
        fake.clock.freeze(NOON)
        yield fake


def invited(fake: DetectiveFake, *account_ids: str) -> str:
    """Invite accounts and return the graph's ARN."""
    client: Any = fake.client(ADMINISTRATOR)
    arn = client.create_graph()["GraphArn"]
    accounts = [{"AccountId": each, "EmailAddress": "root@example.com"} for each in account_ids]
    client.create_members(GraphArn=arn, Accounts=accounts)
    return str(arn)


def detail(fake: DetectiveFake, arn: str, account_id: str = ANA) -> dict[str, Any]:
    """Return a member as the administrator sees it."""
    members = fake.client(ADMINISTRATOR).get_members(GraphArn=arn, AccountIds=[account_id])["MemberDetails"]
    return dict(members[0])


class TestAdvancing:
    """`clock.advance` runs all events up to the new time, each at its own time."""

    def test_past_several_events_gives_each_its_own_time(self, slow: DetectiveFake) -> None:
        """Verification two minutes after the invitation, enabling a day after the acceptance."""
        arn = invited(slow, ANA, BEN)
        slow.clock.advance(minutes=5)
        assert detail(slow, arn)["UpdatedTime"] == NOON + timedelta(minutes=2)
        slow.client(ANA).accept_invitation(GraphArn=arn)
        assert detail(slow, arn)["Status"] == "ACCEPTED_BUT_DISABLED"
        slow.clock.advance(timedelta(days=30))
        member = detail(slow, arn)
        assert member["Status"] == "ENABLED"
        assert member["UpdatedTime"] == NOON + timedelta(hours=24, minutes=5)
        assert member["InvitedTime"] == NOON

    def test_events_that_cause_events(self, slow: DetectiveFake) -> None:
        """An organization account is verified, and enabled a day later, by one `advance`."""
        slow.seed.organization(accounts=[ADMINISTRATOR, ANA])
        slow.client().enable_organization_admin_account(AccountId=ADMINISTRATOR)
        arn = invited(slow, ANA)
        slow.clock.advance(days=3)
        assert detail(slow, arn)["UpdatedTime"] == NOON + timedelta(minutes=2, hours=24)

    def test_a_designation_is_listed_after_a_delay(self, slow: DetectiveFake) -> None:
        """In AWS, clients poll for it."""
        slow.seed.organization(accounts=[ADMINISTRATOR])
        management = slow.client()
        management.enable_organization_admin_account(AccountId=ADMINISTRATOR)
        assert management.list_organization_admin_accounts()["Administrators"] == []
        slow.clock.advance(minutes=5)
        listed = management.list_organization_admin_accounts()["Administrators"]
        assert [each["AccountId"] for each in listed] == [ADMINISTRATOR]

    def test_settle_does_not_move_the_clock(self, slow: DetectiveFake) -> None:
        """Pending events run at the current time."""
        arn = invited(slow, ANA)
        slow.settle()
        assert detail(slow, arn)["Status"] == "INVITED"
        assert detail(slow, arn)["UpdatedTime"] == slow.clock.now() == NOON


class TestPolling:
    """Without delays, code that polls sees the initial state once, and then the result."""

    def test_the_starting_call_answers_the_initial_status(self) -> None:
        """The next call sees the result."""
        with DetectiveFake() as fake:
            client: Any = fake.client(ADMINISTRATOR)
            arn = client.create_graph()["GraphArn"]
            accounts = [{"AccountId": ANA, "EmailAddress": "root@example.com"}]
            started = client.create_members(GraphArn=arn, Accounts=accounts)
            assert started["Members"][0]["Status"] == "VERIFICATION_IN_PROGRESS"
            assert detail(fake, arn)["Status"] == "INVITED"

    def test_none_waits_for_settle(self) -> None:
        """Time alone does not run the event."""
        with DetectiveFake(timings={"verification": None}) as fake:
            arn = invited(fake, ANA)
            fake.clock.advance(days=400)
            assert detail(fake, arn)["Status"] == "VERIFICATION_IN_PROGRESS"
            fake.settle()
            assert detail(fake, arn)["Status"] == "INVITED"


class TestOtherClocks:
    """The fake follows the clock of libraries that replace the time."""

    def test_freezegun(self) -> None:
        """Moving its time makes events due."""
        with freeze_time(LATER) as frozen, DetectiveFake(timings={"verification": timedelta(hours=1)}) as fake:
            arn = invited(fake, ANA)
            assert detail(fake, arn)["InvitedTime"] == LATER
            assert detail(fake, arn)["Status"] == "VERIFICATION_IN_PROGRESS"
            frozen.tick(timedelta(hours=2))
            assert detail(fake, arn)["UpdatedTime"] == LATER + timedelta(hours=1)

    def test_freezegun_inside_a_fake(self) -> None:
        """With a client that was created outside of both."""
        client = boto3.Session(ADMINISTRATOR, "secret", region_name="us-east-1").client("detective")
        with DetectiveFake():
            with freeze_time(LATER):
                client.create_graph()
            assert client.list_graphs()["GraphList"][0]["CreatedTime"] == LATER

    def test_time_machine(self) -> None:
        """It works like freezegun."""
        with time_machine.travel(LATER, tick=False) as traveller, DetectiveFake() as fake:
            arn = invited(fake, ANA)
            traveller.shift(timedelta(days=1))
            assert detail(fake, arn)["InvitedTime"] == LATER
            assert fake.clock.now() == LATER + timedelta(days=1)
