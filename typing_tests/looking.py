"""The values that tests assert on: the journal, e-mails, and the state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from typing_extensions import assert_type

from detective_fake import DetectiveFake, ServiceError
from detective_fake.domain.graph import DatasourcePackage, Packages
from detective_fake.types import (
    Attempt,
    Caller,
    CallRecord,
    Designation,
    DisabledReason,
    Email,
    EventKind,
    InvitationType,
    Journal,
    MemberStatus,
    NetworkError,
    Request,
    StatusChange,
    Usage,
)

fake = DetectiveFake()

assert_type(fake.calls.of("CreateMembers", Message="x"), Journal)
fake.assert_called("List*", GraphArn=fake.graphs[0])
assert_type(fake.calls.by("222222222222"), Journal)
assert_type(fake.calls.failed, Journal)
assert_type(fake.calls[1:], Journal)
assert_type(len(fake.calls), int)
assert_type(fake.calls.forgotten, int)
call = fake.calls[0]
assert_type(call, CallRecord)
assert_type([each for each in fake.calls], list[CallRecord])  # noqa: C416 - tests the type of iteration
assert_type(call.operation, str)
assert_type(call.parameters, dict[str, Any])
assert_type(call.account_id, str)
assert_type(call.caller, Caller)
assert_type(call.caller.account_id, str)
assert_type(call.caller.rule, str)
assert_type(call.caller.access_key, str | None)
assert_type(call.caller.role, str)
assert_type(call.caller.session, str)
assert_type(call.region, str)
assert_type(call.client_region, str)
assert_type(call.request.fips, bool)
assert_type(call.user_agent, str)
assert_type(call.path, Literal["short", "wire"])
assert_type(call.at, datetime)
assert_type(call.request_id, str)
assert_type(call.error, ServiceError | None)
assert_type(call.result, dict[str, Any] | None)
assert_type(call.outcome, str)
assert_type(call.attempts, tuple[Attempt, ...])
assert_type(call.changes, tuple[StatusChange, ...])
assert_type(call.reason, str)
assert_type(call.request, Request)
assert_type(call.network, NetworkError | None)
assert_type(call.line(), str)
call.operation = "ListMembers"  # type: ignore[misc]
call.param  # type: ignore[attr-defined]
attempt = call.attempts[0]
assert_type(attempt.at, datetime)
assert_type(attempt.request_id, str)
assert_type(attempt.error, ServiceError | None)
assert_type(attempt.network, NetworkError | None)
assert_type(attempt.result, dict[str, Any] | None)
assert_type(attempt.outcome, str)

change = call.changes[0]
assert_type(change.account_id, str)
assert_type(change.graph_arn, str)
assert_type(change.before, str | None)
assert_type(change.after, str | None)

backoff = fake.backoffs[0]
assert_type(backoff.operation, str)
assert_type(backoff.attempt, int)
assert_type(backoff.seconds, float)

assert_type(fake.emails.to("222222222222"), tuple[Email, ...])
assert_type(fake.emails[0], Email)
email = fake.emails[0]
assert_type(email.account_id, str)
assert_type(email.address, str)
assert_type(email.administrator_id, str)
assert_type(email.graph_arn, str)
assert_type(email.message, str | None)
assert_type(email.sent_at, datetime)

graph = fake.graphs[0]
assert_type(graph.arn, str)
assert_type(graph.administrator_id, str)
assert_type(graph.region, str)
assert_type(graph.created_at, datetime)
assert_type(graph.tags, Mapping[str, str])
assert_type(graph.packages, Packages)
assert_type(graph.organization_id, str | None)
assert_type(graph.auto_enable, bool)
graph.arn = ""  # type: ignore[misc]

member = fake.members(graph.arn)[0]
assert_type(member.account_id, str)
assert_type(member.number, int)
assert_type(member.invitation_type, InvitationType)
assert_type(member.status, MemberStatus)
assert_type(member.updated_at, datetime)
assert_type(member.email, str | None)
assert_type(member.invited_at, datetime)
assert_type(member.disabled_reason, DisabledReason | None)
assert_type(member.usage, Usage | None)
assert_type(member.enabling, bool)
usage = member.usage or Usage(0, {}, member.updated_at)
assert_type(usage.total, int)
assert_type(usage.by_package, Mapping[DatasourcePackage, int])
assert_type(usage.measured_at, datetime)

organization = fake.organizations[0]
assert_type(organization.organization_id, str)
assert_type(organization.management_account_id, str)
assert_type(organization.accounts, Mapping[str, str | None])
assert_type(organization.delegated_administrator_id, str | None)

designation = Designation(administrator_id="222222222222", graph_arn=email.graph_arn, delegated_at=member.updated_at)
assert_type(designation.administrator_id, str)
assert_type(designation.graph_arn, str)
assert_type(designation.delegated_at, datetime)

event = fake.pending[0]
assert_type(event.due, datetime | None)
assert_type(event.kind, EventKind)
assert_type(event.number, int)
assert_type(event.scope, str)
assert_type(event.subject, str)
assert_type(event.membership, int)
assert_type(event.message, str | None)
assert_type(event.notify, bool)
