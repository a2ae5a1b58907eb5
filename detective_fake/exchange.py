"""The values that interception, service and journal exchange: a request, a result, and its body."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from detective_fake.errors import ServiceError

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

READING: Final = ("BatchGet", "Describe", "Get", "List")
"""How the names of operations begin that change nothing."""

NetworkError = Literal[
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "ReadTimeoutError",
    "SSLError",
]
"""Names of the botocore exceptions for a request without a response. botocore retries them."""


_NOT_YET: Final = datetime.min.replace(tzinfo=timezone.utc)


def _names(values: Mapping[str, Any] | None) -> str:
    """Return the names of values that may be sensitive."""
    return "None" if values is None else f"<{', '.join(values)}>"


@attrs.define
class Caller:
    """The account that sends a request, and the rule that determined it.

    Attributes:
        account_id: Twelve digits.
        rule: Shown in the journal, for example `"access key decodes to 222222222222"`.
        access_key: The access key ID of the request, if any. Credentials may fetch another one at any time.
        role: Name of the assumed role with its path, `"path/SecRole"`; empty if it is not known.
        session: Name of the role's session; empty if it is not known.
    """

    account_id: str
    rule: str
    access_key: str | None = attrs.field(default=None, eq=False)
    role: str = ""
    session: str = ""


@attrs.define(eq=False)
class Request:
    """One API call, or one attempt of it.

    Attributes:
        operation: Name in the service model, such as `"ListMembers"`.
        parameters: Decoded input by wire names. Timestamps are aware datetimes.
        caller: The calling account.
        region: The Region of the endpoint.
        client_region: The Region of the client.
        user_agent: The client's `User-Agent`.
        malformed: The body could not be decoded into `parameters`. The response is a ValidationException.
        valid: The parameters are known to be valid under the service model. Otherwise they must be validated.
        fips: The client asks for a FIPS endpoint.
    """

    operation: str
    parameters: dict[str, Any] = attrs.field(repr=_names)
    caller: Caller
    region: str
    client_region: str
    user_agent: str = ""
    malformed: bool = False
    valid: bool = False
    fips: bool = False

    @property
    def graph_arn(self) -> str | None:
        """The ARN of the graph that it names, if any."""
        arn = self.parameters.get("GraphArn") or self.parameters.get("ResourceArn")
        return arn if isinstance(arn, str) else None


@attrs.define(eq=False, repr=False)
class Deferred:
    """A part of a body that is written from immutable values each time it is read.

    The caller and the journal get independent copies, and the journal's is only written if a test reads it.
    """

    write: Callable[..., Any]
    values: tuple[Any, ...]


Body = dict[str, Any]
"""An operation's output by wire names, in the model's order, without None."""


def write_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the body with every deferred part written out."""
    return {
        name: value.write(*value.values) if isinstance(value, Deferred) else copy_value(value)
        for name, value in body.items()
    }


def copy_value(value: Any) -> Any:
    """Return a deep copy of dicts and lists. Tuples become lists."""
    if isinstance(value, dict):
        return {name: copy_value(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [copy_value(item) for item in value]
    return value


class StatusChange(NamedTuple):
    """What happened to one membership, by a call or by an event that was due when it was made.

    Attributes:
        account_id: The account whose status changed.
        graph_arn: The graph.
        before: The status before; None if the account was no member.
        after: The status after; None if the account is no member any more.
    """

    account_id: str
    graph_arn: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.account_id}: {self.before or 'no member'} -> {self.after or 'no member'}"


@attrs.define(eq=False)
class Result:
    """The response to one request, or the network error instead of it. The service fills it in.

    Attributes:
        operation: Name in the service model.
        body: The output; None without one, or if `error` is set. Empty for operations without output.
        error: The error that Detective returns, if any.
        request_id: `x-amzn-RequestId` of the response. Empty if the request did not reach the service.
        at: Time of the response on the fake's clock, aware.
        network: The exception that botocore raises instead of a response, if any.
        changes: The memberships that changed their status, in order.
        reason: Why the request was refused, in terms of the caller. It is not sent.
        raised: Name of any other exception that ended the call, such as one of the test's own functions.
    """

    operation: str
    body: Body | None = attrs.field(default=None, repr=_names)
    error: ServiceError | None = None
    request_id: str = ""
    at: datetime = _NOT_YET
    network: NetworkError | None = None
    changes: list[StatusChange] = attrs.field(factory=list)
    reason: str = ""
    raised: str = ""

    @property
    def decided(self) -> bool:
        """Whether there is an output or an error."""
        return self.body is not None or self.error is not None or self.network is not None
