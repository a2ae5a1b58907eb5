"""Random histories of a fake: API calls by several accounts, seeding, organization changes and time."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from detective_fake.controls.organizations import OrganizationControl
from detective_fake.domain.due_events import run_due_events, settle_all
from detective_fake.domain.indicators import (
    FlaggedIpAddress,
    ImpossibleTravel,
    NewAso,
    NewGeolocation,
    NewUserAgent,
    RelatedFinding,
    RelatedFindingGroup,
    TTPObserved,
)
from detective_fake.domain.investigations import prepare
from detective_fake.errors import FakeUsageError, ServiceError
from tests.controls.contexts import a_context, call, seed_on
from tests.random_calls import ACCOUNTS, GRAPH, INVESTIGATION, NOON, Attempt, attempts

if TYPE_CHECKING:
    from collections.abc import Callable

    from detective_fake.controls.context import FakeContext

    Step = Callable[[FakeContext], object]

UNKNOWN_ARN = f"arn:aws:detective:us-east-1:111111111111:graph:{'0' * 32}"

volumes = st.sampled_from([None, 0, 10**9, 4 * 10**12, 2**62, {"EKS_AUDIT": 5}, {}])
delays = st.sampled_from([None, timedelta(), timedelta(hours=2, microseconds=1), timedelta(days=900, milliseconds=5)])
account_ids = st.sampled_from(ACCOUNTS)


def _call(attempt: Attempt) -> Step:
    def step(context: FakeContext) -> None:
        with suppress(ServiceError):
            call(context, attempt.operation, attempt.account_id, attempt.region, **_real(context, attempt))

    return step


def _real(context: FakeContext, attempt: Attempt) -> dict[str, Any]:
    tables = context.world.investigations.values()
    pools = {
        id(GRAPH): [*context.world.graphs, UNKNOWN_ARN],
        id(INVESTIGATION): [*(each for table in tables for each in table), "1" * 21],
    }

    def real(value: Any) -> Any:
        if isinstance(value, list):
            return [real(each) for each in value]
        pool = pools.get(id(value))
        return value if pool is None else pool[attempt.pick % len(pool)]

    return {name: real(value) for name, value in attempt.arguments.items() if name != "NextToken"}


def _as_administrator(pick: int, operation: str, arguments: dict[str, Any]) -> Step:
    def step(context: FakeContext) -> None:
        graphs = list(context.world.graphs.values())
        for graph in graphs[pick % max(len(graphs), 1) :][:1]:
            with suppress(ServiceError):
                call(context, operation, graph.administrator_id, graph.region, GraphArn=graph.arn, **arguments)

    return step


def _seed(method: str, *arguments: Any, **named: Any) -> Step:
    def step(context: FakeContext) -> None:
        with suppress(FakeUsageError):
            getattr(seed_on(context), method)(*arguments, **named)

    return step


def _of_organization(method: str, *arguments: Any) -> Step:
    def step(context: FakeContext) -> None:
        with suppress(FakeUsageError):
            for organization_id in list(context.world.organizations)[:1]:
                getattr(OrganizationControl(context, organization_id), method)(*arguments)

    return step


def _member(pick: int, account_id: str, status: str) -> Step:
    def step(context: FakeContext) -> None:
        arns = [*context.world.graphs, UNKNOWN_ARN]
        _seed("member", arns[pick % len(arns)], account_id, status=status)(context)

    return step


def _prepare(pick: int, outcome: str, count: int) -> Step:
    def step(context: FakeContext) -> None:
        graphs = list(context.world.graphs.values())
        found = INDICATORS[:count] if outcome == "SUCCESSFUL" else ()
        for graph in graphs[pick % max(len(graphs), 1) :][:1]:
            prepare(context.world, graph, ROLE, outcome=outcome, severity="HIGH", indicators=found)

    return step


def _advance(by: timedelta) -> Step:
    def step(context: FakeContext) -> None:
        context.clock.advance(by)
        run_due_events(context.world, context.clock.now())

    return step


def _set(limits: str, name: str, value: object) -> Step:
    return lambda context: setattr(getattr(context.world, limits), name, value)


ROLE = "arn:aws:iam::222222222222:role/r"
INDICATORS = (
    TTPObserved(tactic="Persistence", api_failure_count=2**63 - 1),
    ImpossibleTravel(starting_ip_address="1", ending_ip_address="2", starting_location="a", ending_location="b"),
    FlaggedIpAddress(ip_address='with "quotes" and \\'),
    NewGeolocation(location="Reykjavík\x7f\x00\n", is_new_for_entire_account=True),
    NewAso(aso=""),
    NewUserAgent(user_agent="\u2028"),
    RelatedFinding(arn="arn:x", type="y", ip_address="z"),
    RelatedFindingGroup(id="1"),
)

ADMINISTRATION: tuple[tuple[str, dict[str, Any]], ...] = (
    ("StartInvestigation", {"EntityArn": ROLE, "ScopeStartTime": NOON, "ScopeEndTime": NOON + timedelta(days=1)}),
    ("UpdateDatasourcePackages", {"DatasourcePackages": ["DETECTIVE_CORE", "EKS_AUDIT"]}),
    ("UpdateDatasourcePackages", {"DatasourcePackages": ["DETECTIVE_CORE"]}),
    ("UpdateOrganizationConfiguration", {"AutoEnable": True}),
    ("CreateMembers", {"Accounts": [{"AccountId": "9" * 12, "EmailAddress": "a@b.example"}], "Message": "“Hi”\r\n\t"}),
    ("DeleteGraph", {}),
)

statuses = st.sampled_from(
    ["INVITED", "VERIFICATION_IN_PROGRESS", "VERIFICATION_FAILED", "ENABLED", "ACCEPTED_BUT_DISABLED"]
)
steps: st.SearchStrategy[Step] = st.one_of(
    attempts().map(_call),
    attempts().map(_call),
    attempts().map(_call),
    st.builds(lambda pick, asked: _as_administrator(pick, *asked), st.integers(0, 3), st.sampled_from(ADMINISTRATION)),
    st.builds(_prepare, st.integers(0, 3), st.sampled_from(["SUCCESSFUL", "FAILED"]), st.integers(0, 8)),
    st.builds(
        lambda account_id, **named: _seed("account", account_id, **named),
        account_ids,
        email=st.sampled_from([None, "root@example.com", "other@example.com"]),
        daily_volume_bytes=volumes,
        verifies=st.booleans(),
        guardduty=st.booleans(),
    ),
    st.builds(
        lambda account_id, region, members: _seed("graph", account_id, region, members=members),
        account_ids,
        st.sampled_from(["us-east-1", "us-gov-west-1"]),
        st.dictionaries(account_ids, statuses, max_size=3),
    ),
    st.builds(_member, st.integers(0, 5), account_ids, statuses),
    st.builds(
        lambda management, accounts: _seed("organization", management, accounts),
        account_ids,
        st.dictionaries(account_ids, st.sampled_from([None, "root@example.com"]), max_size=4),
    ),
    st.builds(_of_organization, st.sampled_from(["add_account", "remove_account", "close_account"]), account_ids),
    st.just(_of_organization("deregister_delegated_administrator")),
    st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(days=2, milliseconds=3)]).map(_advance),
    st.just(lambda context: context.clock.freeze(NOON)),
    st.just(lambda context: context.clock.unfreeze()),
    st.just(lambda context: settle_all(context.world, context.clock.now())),
    st.builds(_set, st.just("timings"), st.sampled_from(["verification", "enabling", "investigation"]), delays),
    st.builds(_set, st.just("timings"), st.just("administrator_visibility"), delays),
    st.builds(_set, st.just("quotas"), st.just("members_per_graph"), st.integers(1, 3)),
)


BEGINNING: tuple[Step, ...] = (
    _seed("organization", ACCOUNTS[0], {ACCOUNTS[1]: None, ACCOUNTS[2]: "root@example.com"}),
    _seed("graph", ACCOUNTS[1], "us-east-1", members={ACCOUNTS[2]: "INVITED", ACCOUNTS[3]: "ENABLED"}),
    _call(Attempt(ACCOUNTS[0], "us-east-1", "EnableOrganizationAdminAccount", {"AccountId": ACCOUNTS[1]}, 0)),
)
"""The first steps of every history. They create state that later steps can change."""


def lives(*, shortest: int = 5, longest: int = 30) -> st.SearchStrategy[FakeContext]:
    """Return a strategy for fake contexts after random steps."""
    return st.lists(steps, min_size=shortest, max_size=longest).map(_run)


def _run(chosen: list[Step]) -> FakeContext:
    context = a_context(NOON)
    for step in (*BEGINNING, *chosen):
        step(context)
    return context
