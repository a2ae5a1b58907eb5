"""What a behavior graph of a scenario must be, with its packages, members and investigations."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from detective_fake.domain import ids
from detective_fake.domain.datasources import DatasourcePackage, IngestState
from detective_fake.domain.investigations import PreparedInvestigation, Status
from detective_fake.domain.membership import InvitationType, MemberStatus
from detective_fake.errors import FakeUsageError
from detective_fake.scenario.problems import Problem, index, key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
    from datetime import datetime

    from detective_fake.scenario.context import Context, Place
    from detective_fake.scenario.entries import (
        AccountEntry,
        GraphEntry,
        InvestigationEntry,
        MemberEntry,
        OrganizationAccountEntry,
    )

    WithAddress = AccountEntry | MemberEntry | OrganizationAccountEntry

__all__ = ["Addresses", "check_arn", "check_graph", "refused", "repeated"]

_SOME_GRAPH: Final = f"arn:aws:detective:us-east-1:111122223333:graph:{'0' * 32}"
_YEARS_OF_IDS: Final = range(1970, 2286)
_NEVER_OF_ORGANIZATION: Final = frozenset({MemberStatus.INVITED, MemberStatus.VERIFICATION_FAILED})


def repeated(entries: Iterable[tuple[tuple[str, int], Hashable]], message: str) -> Iterator[Problem]:
    """Yield a problem for every value that an earlier entry has.

    Args:
        entries: Path of a list and place in it (-1: the path is all), and a value.
        message: With `{value}`, and `{first}` for the path of the earlier entry.
    """
    first: dict[Hashable, tuple[str, int]] = {}
    for place, value in entries:
        if (earlier := first.setdefault(value, place)) != place:
            yield Problem(_path(place), message.format(value=value, first=_path(earlier)))


def _path(place: tuple[str, int]) -> str:
    return index(*place) if place[1] >= 0 else place[0]


class Addresses:
    """Checks e-mail addresses as `CreateMembers` would, each one once."""

    def __init__(self, context: Context) -> None:
        self._check = context.check
        self._messages: dict[str, str | None] = {}

    def check(self, path: str, entries: Iterable[WithAddress]) -> Iterator[Problem]:
        """Check the addresses of a list's entries."""
        for i, entry in enumerate(entries):
            message = self._message(entry.account_id, entry.email) if entry.email else None
            if message is not None:
                yield Problem(key(index(path, i), "email"), message)

    def _message(self, account_id: str, email: str) -> str | None:
        if email not in self._messages:
            account = {"AccountId": account_id, "EmailAddress": email}
            found = refused("", self._check, "CreateMembers", {"GraphArn": _SOME_GRAPH, "Accounts": [account]})
            self._messages[email] = next((problem.message for problem in found), None)
        return self._messages[email]


def check_arn(path: str, arn: str, place: Place) -> Iterator[Problem]:
    """Check that a graph's ARN is one of its Region and administrator."""
    region, account_id = place
    beginning = f"arn:{ids.partition_of(region)}:detective:{region}:{account_id}:graph:"
    if not arn.startswith(beginning):
        yield Problem(path, f"{arn} does not begin as the ARN of a graph of {account_id} in {region}: {beginning}")


def check_graph(
    path: str,
    graph: GraphEntry,
    place: Place,
    organization: Collection[str] | None,
    *,
    context: Context,
    now: datetime,
    addresses: Addresses,
) -> Iterator[Problem]:
    """Check one graph.

    Args:
        path: Of the graph.
        place: Its Region and administrator.
        organization: The accounts of the organization whose behavior graph it is, None if it is none.
        now: The present time.
        addresses: Checks e-mail addresses.
    """
    if graph.arn is not None:
        yield from check_arn(key(path, "arn"), graph.arn, place)
    if graph.auto_enable and organization is None:
        yield Problem(key(path, "auto_enable"), "only an organization behavior graph enables accounts by itself")
    for name, value in graph.tags.items():
        yield from refused(key(key(path, "tags"), name), context.check, "CreateGraph", {"Tags": {name: value}})
    yield from _check_packages(key(path, "packages"), graph)
    yield from _check_members(key(path, "members"), graph, place[1], organization or ())
    yield from addresses.check(key(path, "members"), graph.members)
    yield from _check_investigations(path, graph, graph.created_at or now)


def refused(path: str, check: Callable[..., object], *arguments: object) -> Iterator[Problem]:
    """Yield a problem if a check raises `FakeUsageError`, in its words."""
    try:
        check(*arguments)
    except FakeUsageError as refusal:
        yield Problem(path, str(refusal))


def _check_packages(path: str, graph: GraphEntry) -> Iterator[Problem]:
    if graph.packages is None:
        return
    names = [((path, i), each.package.value) for i, each in enumerate(graph.packages)]
    yield from repeated(names, "{value} is in {first} already")
    for i, entry in enumerate(graph.packages):
        if entry.state is IngestState.STOPPED and entry.stopped_at is None:
            yield Problem(key(index(path, i), "stopped_at"), "is missing: a STOPPED package was stopped at some time")
    started = {each.package for each in graph.packages if each.state is IngestState.STARTED}
    if DatasourcePackage.DETECTIVE_CORE not in started:
        yield Problem(path, "DETECTIVE_CORE is not among those STARTED, and every graph ingests it")


def _check_members(
    path: str, graph: GraphEntry, administrator_id: str, organization: Collection[str]
) -> Iterator[Problem]:
    accounts = (((path, i), each.account_id) for i, each in enumerate(graph.members))
    yield from repeated(accounts, "account {value} is in this graph already, {first}")
    for i, member in enumerate(graph.members):
        of_organization = member.account_id in organization
        if member.account_id == administrator_id:
            problems = _check_own(member, of_organization)
        else:
            problems = _check_kind(member, of_organization)
        for name, message in chain(problems, _check_status(member)):
            yield Problem(key(index(path, i), name), message)


def _check_own(member: MemberEntry, of_organization: bool) -> Iterator[tuple[str, str]]:  # noqa: FBT001 - as _check_kind
    if not of_organization:
        yield "account_id", f"{member.account_id} administers this behavior graph and cannot be its member"
    elif member.status is not MemberStatus.ENABLED or member.invitation_type is InvitationType.INVITATION:
        yield "status", "the administrator of an organization behavior graph is ENABLED in it, by its ORGANIZATION"


def _check_kind(member: MemberEntry, of_organization: bool) -> Iterator[tuple[str, str]]:  # noqa: FBT001 - one caller
    usual = InvitationType.ORGANIZATION if of_organization else InvitationType.INVITATION
    kind = member.invitation_type or usual
    if kind is InvitationType.INVITATION:
        return
    if not of_organization:
        yield "invitation_type", f"{member.account_id} is not of an organization whose behavior graph this is"
    elif member.status in _NEVER_OF_ORGANIZATION:
        yield "status", f"{member.account_id} is an organization account, which is never {member.status.value}"


def _check_status(member: MemberEntry) -> Iterator[tuple[str, str]]:
    status = member.status
    if status is not MemberStatus.ACCEPTED_BUT_DISABLED:
        if member.disabled_reason:
            yield "disabled_reason", f"is only of ACCEPTED_BUT_DISABLED members; this one is {status.value}"
        if member.enabling:
            yield "enabling", f"is only of ACCEPTED_BUT_DISABLED members; this one is {status.value}"
    if status is not MemberStatus.ENABLED:
        if member.daily_volume_bytes is not None:
            yield "daily_volume_bytes", f"is only of ENABLED members; this one is {status.value}"
        if member.measured_at is not None:
            yield "measured_at", f"is only of ENABLED members; this one is {status.value}"


def _check_investigations(path: str, graph: GraphEntry, created_at: datetime) -> Iterator[Problem]:
    investigations = key(path, "investigations")
    entries = list(enumerate(graph.investigations))
    names = [((investigations, i), each.investigation_id) for i, each in entries if each.investigation_id]
    yield from repeated(names, "{first} has the same investigation_id")
    for i, entry in entries:
        for name, message in _check_investigation(entry, entry.created_at or created_at):
            yield Problem(key(index(investigations, i), name), message)
    prepared = key(path, "prepared_investigations")
    entities = [((prepared, i), each.entity_arn) for i, each in enumerate(graph.prepared_investigations)]
    yield from repeated(entities, "{first} is of the same entity")
    for i, ending in enumerate(graph.prepared_investigations):
        outcome = key(index(prepared, i), "outcome")
        yield from refused(outcome, PreparedInvestigation.of, ending.outcome, ending.severity, ending.indicators)


def _check_investigation(entry: InvestigationEntry, created_at: datetime) -> Iterator[tuple[str, str]]:
    if entry.status is not Status.RUNNING:
        found = refused("", PreparedInvestigation.of, entry.status, entry.severity, entry.indicators)
        yield from (("status", problem.message) for problem in found)
    elif entry.severity is not None or entry.indicators:
        yield "status", "a RUNNING investigation has neither severity nor indicators yet"
    if entry.investigation_id is None:
        if entry.number is not None:
            yield "number", "is only of an investigation with investigation_id"
        if created_at.year not in _YEARS_OF_IDS:
            years = f"{_YEARS_OF_IDS[0]} to {_YEARS_OF_IDS[-1]}"
            yield "created_at", f"must lie in the years {years}, for an investigation_id to begin with its milliseconds"
    end = entry.scope_end or created_at
    if entry.scope_start is not None and entry.scope_start >= end:
        yield "scope_start", f"the scope must end after it starts, not at {end.isoformat()}"
