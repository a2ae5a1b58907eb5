"""What a scenario file may have as a whole: the entries of `entries`, and what a fake keeps beside them.

As there, the docstrings are the format's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - cattrs reads the annotations when it runs
from datetime import datetime, timedelta  # noqa: TC003 - as above
from typing import ClassVar

import attrs

from detective_fake.domain.event_queue import EventKind, Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.scenario.entries import AccountEntry, Entry, GraphEntry, OrganizationEntry
from detective_fake.scenario.values import (
    AccountId,
    Address,
    Delay,
    Format,
    GraphArn,
    Message,
    Offset,
    OrganizationId,
    Positive,
    RegionName,
)

__all__ = [
    "ClockEntry",
    "CountersEntry",
    "EmailEntry",
    "EventEntry",
    "ListedAdministratorEntry",
    "QuotasEntry",
    "Scenario",
    "TimingsEntry",
]


@attrs.frozen(kw_only=True)
class ClockEntry(Entry):
    """The fake's clock.

    Attributes:
        frozen_at: Where it stands still. It runs if this is not given.
        ahead_milliseconds: How far it is ahead of the real clock, as long as it runs.
    """

    frozen_at: datetime | None = None
    ahead_milliseconds: Offset = attrs.field(default=Offset(0))


@attrs.frozen(kw_only=True)
class QuotasEntry(Entry):
    """Limits; those that are not given stay as the fake has them."""

    DESCRIBED_BY: ClassVar[type | None] = Quotas

    members_per_graph: Positive | None = None
    volume_bytes_per_day: Positive | None = None
    tags_per_graph: Positive | None = None
    members_page: Positive | None = None
    investigations_page: Positive | None = None
    investigation_token_lifetime: timedelta | None = None


@attrs.frozen(kw_only=True)
class TimingsEntry(Entry):
    """Delays of what happens by itself; those that are not given stay as the fake has them."""

    DESCRIBED_BY: ClassVar[type | None] = Timings

    verification: Delay | None = None
    enabling: Delay | None = None
    investigation: Delay | None = None
    administrator_visibility: Delay | None = None
    recheck: Delay | None = None


@attrs.frozen(kw_only=True)
class ListedAdministratorEntry(Entry):
    """What `ListOrganizationAdminAccounts` answers while it has not caught up with a designation.

    Attributes:
        organization_id: Whose management account asks.
        region: Where it asks.
        administrator_id: The account it shows.
        graph_arn: Its graph, which may be there no more.
        delegated_at: When it was designated.
    """

    organization_id: OrganizationId
    region: RegionName
    administrator_id: AccountId
    graph_arn: GraphArn
    delegated_at: datetime


@attrs.frozen(kw_only=True)
class EmailEntry(Entry):
    """An invitation that was sent.

    Attributes:
        account_id: The invited account.
        address: Where it went.
        administrator_id: Who invites.
        graph_arn: To which graph, which may be there no more.
        message: The administrator's own words.
        sent_at: When the account was verified.
    """

    account_id: AccountId
    address: Address
    administrator_id: AccountId
    graph_arn: GraphArn
    message: Message | None = None
    sent_at: datetime


@attrs.frozen(kw_only=True)
class EventEntry(Entry):
    """Something that is going to happen by itself; it does nothing if what it is meant for is there no more.

    Attributes:
        kind: What.
        scope: The graph's ARN, or a Region for `administrator_visibility`.
        subject: The account, investigation or organization it happens to.
        due: When; it waits for `settle()` if not given.
        membership: Number of the membership it is meant for.
        message: Text of the invitation that is still to be sent.
        notify: Whether an e-mail is to be sent.
        number: Its place in the order of creation; after all others, if not given.
    """

    kind: EventKind
    scope: str
    subject: str = ""
    due: datetime | None = None
    membership: int = 0
    message: Message | None = None
    notify: bool = False
    number: Positive | None = None


@attrs.frozen(kw_only=True)
class CountersEntry(Entry):
    """How many identifiers were given out, so that those to come differ.

    Attributes:
        last_number: The largest of all `number`s ever.
        identifiers: By kind and name: graphs by Region and account, investigations by graph, organizations.
    """

    last_number: int = 0
    identifiers: Mapping[str, Mapping[str, int]] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Scenario(Entry):
    """The state of a fake: what is not in the file is not there after loading it.

    Attributes:
        format: Version of this format.
        clock: Left alone if not given.
        quotas: Left alone if not given.
        timings: Left alone if not given.
        accounts: Accounts that differ from ordinary ones.
        organizations: AWS organizations.
        listed_administrators: What `ListOrganizationAdminAccounts` answers; the designations if not given.
        graphs: Behavior graphs of all accounts and Regions, the oldest first.
        emails: Invitations sent, in order.
        events: What is going to happen; what follows from memberships and investigations, if not given.
        counters: Counted from the rest if not given.
    """

    format: Format = attrs.field(default=Format(1))
    clock: ClockEntry | None = None
    quotas: QuotasEntry | None = None
    timings: TimingsEntry | None = None
    accounts: tuple[AccountEntry, ...] = ()
    organizations: tuple[OrganizationEntry, ...] = ()
    listed_administrators: tuple[ListedAdministratorEntry, ...] | None = None
    graphs: tuple[GraphEntry, ...] = ()
    emails: tuple[EmailEntry, ...] = ()
    events: tuple[EventEntry, ...] | None = None
    counters: CountersEntry | None = None
