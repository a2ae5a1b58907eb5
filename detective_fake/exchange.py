"""What adapters, service and journal hand to one another: a request, a result, a body that is written when needed.

Plain values: no rules, no botocore, no HTTP. Every other module may import it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from detective_fake.errors import ServiceError

__all__ = [
    "Body",
    "Caller",
    "Deferred",
    "NetworkError",
    "OperationName",
    "Request",
    "Result",
    "copy_value",
    "write_body",
]

OperationName = Literal[
    "AcceptInvitation",
    "BatchGetGraphMemberDatasources",
    "BatchGetMembershipDatasources",
    "CreateGraph",
    "CreateMembers",
    "DeleteGraph",
    "DeleteMembers",
    "DescribeOrganizationConfiguration",
    "DisableOrganizationAdminAccount",
    "DisassociateMembership",
    "EnableOrganizationAdminAccount",
    "GetInvestigation",
    "GetMembers",
    "ListDatasourcePackages",
    "ListGraphs",
    "ListIndicators",
    "ListInvestigations",
    "ListInvitations",
    "ListMembers",
    "ListOrganizationAdminAccounts",
    "ListTagsForResource",
    "RejectInvitation",
    "StartInvestigation",
    "StartMonitoringMember",
    "TagResource",
    "UntagResource",
    "UpdateDatasourcePackages",
    "UpdateInvestigationState",
    "UpdateOrganizationConfiguration",
]
"""The operations of the service model."""

NetworkError = Literal[
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "ReadTimeoutError",
    "SSLError",
]
"""What botocore raises, and retries, where no answer comes: the names of its exceptions."""


@attrs.define
class Caller:
    """The account a request comes from, and how that was found out.

    Attributes:
        account_id: Twelve digits.
        rule: Why it is this account, in words, for the journal: `"access key decodes to 222222222222"`.
        access_key: The key id the request was made with, if any.
    """

    account_id: str
    rule: str
    access_key: str | None = None


@attrs.define(eq=False)
class Request:
    """One API call (or one attempt at it), as an adapter brings it.

    Attributes:
        operation: Name as in the service model, `"ListMembers"`.
        parameters: Decoded input by wire names; timestamps are aware datetimes.
        caller: Who asks.
        region: The Region whose Detective is asked.
        client_region: The Region the client was made for.
        user_agent: The client's `User-Agent`.
        malformed: The body could not be decoded into `parameters`; the answer is a ValidationException.
        valid: The parameters are known to be valid under the service model; else that is still to be found out.
    """

    operation: str
    parameters: dict[str, Any]
    caller: Caller
    region: str
    client_region: str
    user_agent: str = ""
    malformed: bool = False
    valid: bool = False


@attrs.define(eq=False)
class Deferred:
    """A part of a body that is written from immutable values when somebody reads it, anew each time.

    So that an answer costs what its reader needs: the caller's own copy is made once, and the journal's only if a test
    looks at it, without either seeing what the other does to its copy.
    """

    write: Callable[..., Any]
    values: tuple[Any, ...]


Body = dict[str, Any]
"""An operation's output by wire names, in the model's order: scalars, datetimes and `Deferred` parts; no None."""


def write_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fresh dict of the body with every deferred part written out."""
    return {name: value.write(*value.values) if value.__class__ is Deferred else value for name, value in body.items()}


def copy_value(value: Any) -> Any:
    """Return a value whose dicts and lists are nobody else's."""
    if isinstance(value, dict):
        return {name: copy_value(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [copy_value(item) for item in value]
    return value


@attrs.define(eq=False)
class Result:
    """What the service answers to one request, or made of one whose answer never arrives.

    Attributes:
        operation: Name as in the service model.
        body: The output, or None where `error` is set. Empty for operations without output.
        error: What Detective would refuse with.
        request_id: `x-amzn-RequestId` of the answer; empty where the request has not reached the service.
        at: Time of the answer on the fake's clock, aware.
        network: What botocore raises in place of the answer; None where the answer arrives.
    """

    operation: str
    body: Body | None
    error: ServiceError | None
    request_id: str
    at: datetime
    network: NetworkError | None = None
