"""Random calls of every operation, by several accounts in several Regions: valid, outdated and invalid arguments."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import attrs
import boto3
from botocore.exceptions import ClientError
from hypothesis import strategies as st

if TYPE_CHECKING:
    from detective_fake import DetectiveFake

NO_GRAPH = "arn:aws:detective:us-east-1:111111111111:graph:" + "0" * 32
ACCOUNTS = tuple(str(digit) * 12 for digit in range(1, 7))
REGIONS = ("us-east-1", "us-gov-west-1")
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)

GRAPH, TOKEN, INVESTIGATION = object(), object(), object()
"""Stand for what only the fake knows: an ARN, a token or an id it has given out, chosen by `Attempt.pick`."""


@attrs.frozen
class Attempt:
    """One call to make. Arguments may contain placeholders, each with what picks its value."""

    account_id: str
    region: str
    operation: str
    arguments: dict[str, Any]
    pick: int


@attrs.frozen
class Outcome:
    """What a caller received: the parsed response, or class and response of the error."""

    operation: str
    error: str | None
    response: dict[str, Any]


@functools.cache
def client_of(account_id: str, region: str) -> Any:
    """Return the account's client, created once for all tests and before their fakes: creating one takes long."""
    return boto3.Session(account_id, "secret", region_name=region).client("detective")


class Driver:
    """Makes attempts on one fake, and remembers the tokens that it received."""

    def __init__(self, fake: DetectiveFake) -> None:
        self.fake = fake
        self.tokens = ["not-a-token"]
        self.investigations = ["1" * 21]

    def make(self, attempt: Attempt) -> Outcome:
        """Make one call through a real client."""
        client = client_of(attempt.account_id, attempt.region)
        arguments = {name: self._real(value, attempt.pick) for name, value in attempt.arguments.items()}
        method = client.meta.method_to_api_mapping
        name = next(python for python, operation in method.items() if operation == attempt.operation)
        try:
            response = getattr(client, name)(**arguments)
        except ClientError as error:
            return Outcome(attempt.operation, type(error).__name__, dict(error.response))
        self.tokens += [response[key] for key in ("NextToken",) if key in response]
        self.investigations += [response[key] for key in ("InvestigationId",) if key in response]
        return Outcome(attempt.operation, None, response)

    def _real(self, value: Any, pick: int) -> Any:
        arns = [graph.arn for graph in self.fake.graphs] + [
            "arn:aws:detective:us-east-1:111111111111:graph:" + "0" * 32
        ]
        pools = {id(GRAPH): arns, id(TOKEN): self.tokens, id(INVESTIGATION): self.investigations}
        if id(value) in pools:
            pool = pools[id(value)]
            return pool[pick % len(pool)]
        if isinstance(value, list):
            return [self._real(item, pick) for item in value]
        return value


def exact(value: Any) -> Any:
    """Return a value that is equal to another's only if types, values and the order of keys are."""
    if isinstance(value, dict):
        return dict, [(key, exact(item)) for key, item in value.items()]
    if isinstance(value, list):
        return list, [exact(item) for item in value]
    if isinstance(value, datetime):
        return type(value), type(value.tzinfo), value
    return type(value), value


account_ids = st.sampled_from(ACCOUNTS)
graph_arns = st.sampled_from([GRAPH] * 6 + ["arn:aws:detective:nowhere"])
page = st.fixed_dictionaries(
    {}, optional={"MaxResults": st.sampled_from([1, 2, 200, 201]), "NextToken": st.just(TOKEN)}
)
ai_page = st.fixed_dictionaries(
    {}, optional={"MaxResults": st.sampled_from([1, 2, 100, 101]), "NextToken": st.just(TOKEN)}
)
emails = st.sampled_from(["root@example.com", "other@example.com", "no address"])
tag_keys = st.sampled_from(["team", "cost:center", "aws:reserved", "with space", "k1"])
tags = st.dictionaries(tag_keys, st.sampled_from(["", "blue", "x" * 257]), max_size=4)
packages = st.sampled_from(["DETECTIVE_CORE", "DETECTIVE_CORE", "EKS_AUDIT", "ASFF_SECURITYHUB_FINDING", "OTHER"])
entities = st.sampled_from(
    ["arn:aws:iam::222222222222:role/r", "arn:aws:iam::222222222222:user/u", "arn:aws:s3:::bucket", "nothing"]
)
times = st.integers(min_value=-5, max_value=5).map(lambda days: NOON + timedelta(days=days, milliseconds=7))


def _with(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Any:
    return st.fixed_dictionaries(required, optional=optional or {})


_graph = {"GraphArn": graph_arns}
_investigation = {**_graph, "InvestigationId": st.just(INVESTIGATION)}
_ids = st.lists(account_ids, min_size=1, max_size=4)
_accounts = st.lists(_with({"AccountId": account_ids, "EmailAddress": emails}), min_size=1, max_size=4)
_filters = _with(
    {},
    {
        "Severity": st.sampled_from([{"Value": "HIGH"}, {"Value": "INFORMATIONAL"}]),
        "Status": st.just({"Value": "SUCCESSFUL"}),
        "State": st.sampled_from([{"Value": "ACTIVE"}, {"Value": "ARCHIVED"}]),
        "EntityArn": entities.map(lambda arn: {"Value": arn}),
        "CreatedTime": st.just({"StartInclusive": NOON - timedelta(days=1), "EndInclusive": NOON + timedelta(days=90)}),
    },
)
_sort = _with(
    {},
    {
        "Field": st.sampled_from(["SEVERITY", "STATUS", "CREATED_TIME", "OTHER"]),
        "SortOrder": st.sampled_from(["ASC", "DESC"]),
    },
)

ARGUMENTS: dict[str, Any] = {
    "AcceptInvitation": _with(_graph),
    "BatchGetGraphMemberDatasources": _with({**_graph, "AccountIds": _ids}),
    "BatchGetMembershipDatasources": _with({"GraphArns": st.lists(graph_arns, min_size=1, max_size=3)}),
    "CreateGraph": _with({}, {"Tags": tags}),
    "CreateMembers": _with(
        {**_graph, "Accounts": _accounts},
        {"Message": st.just("Join us"), "DisableEmailNotification": st.booleans()},
    ),
    "DeleteGraph": _with(_graph),
    "DeleteMembers": _with({**_graph, "AccountIds": _ids}),
    "DescribeOrganizationConfiguration": _with(_graph),
    "DisableOrganizationAdminAccount": _with({}),
    "DisassociateMembership": _with(_graph),
    "EnableOrganizationAdminAccount": _with({"AccountId": account_ids}),
    "GetInvestigation": _with(_investigation),
    "GetMembers": _with({**_graph, "AccountIds": _ids}),
    "ListDatasourcePackages": st.tuples(_with(_graph), page).map(lambda two: {**two[0], **two[1]}),
    "ListGraphs": page,
    "ListIndicators": st.tuples(_with(_investigation), ai_page).map(lambda two: {**two[0], **two[1]}),
    "ListInvestigations": st.tuples(_with(_graph, {"FilterCriteria": _filters, "SortCriteria": _sort}), ai_page).map(
        lambda two: {**two[0], **two[1]}
    ),
    "ListInvitations": page,
    "ListMembers": st.tuples(_with(_graph), page).map(lambda two: {**two[0], **two[1]}),
    "ListOrganizationAdminAccounts": page,
    "ListTagsForResource": _with({"ResourceArn": graph_arns}),
    "RejectInvitation": _with(_graph),
    "StartInvestigation": _with({**_graph, "EntityArn": entities, "ScopeStartTime": times, "ScopeEndTime": times}),
    "StartMonitoringMember": _with({**_graph, "AccountId": account_ids}),
    "TagResource": _with({"ResourceArn": graph_arns, "Tags": tags}),
    "UntagResource": _with({"ResourceArn": graph_arns, "TagKeys": st.lists(tag_keys, min_size=1, max_size=3)}),
    "UpdateDatasourcePackages": _with({**_graph, "DatasourcePackages": st.lists(packages, min_size=1, max_size=3)}),
    "UpdateInvestigationState": _with({**_investigation, "State": st.sampled_from(["ACTIVE", "ARCHIVED", "OTHER"])}),
    "UpdateOrganizationConfiguration": _with(_graph, {"AutoEnable": st.booleans()}),
}
"""Operation -> its arguments at random; nearly always well-formed, so that most calls get as far as the state."""

# Operations that change the state are more frequent than those that only read it.
_OFTEN = ("CreateGraph", "CreateMembers", "AcceptInvitation", "StartInvestigation", "ListMembers", "ListInvitations")


def attempts() -> st.SearchStrategy[Attempt]:
    """Return a strategy for one call of any operation."""
    names = st.sampled_from([*ARGUMENTS, *_OFTEN, *_OFTEN])
    return names.flatmap(
        lambda name: st.builds(
            Attempt,
            account_ids,
            st.sampled_from([REGIONS[0], REGIONS[0], REGIONS[1]]),
            st.just(name),
            ARGUMENTS[name],
            st.integers(min_value=0, max_value=30),
        )
    )
