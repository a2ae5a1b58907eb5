"""Check which errors and which members of responses the calls of each operation show."""

from __future__ import annotations

import functools

import pytest

from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import SERVICE_NAME, error_members, error_statuses, loader
from docs._ext import fidelity
from tests.audit.__main__ import pages
from tests.audit.pages import OPERATIONS_PAGE
from tests.audit.seen import ABSENT, EMPTY, FILLED, Seen, seen_by_fault, seen_in
from tests.audit.sentences import load
from tests.audit.stories import STORIES, calls_of
from tests.drift.digest import digest

RULES, NEVER_FILLED = fidelity.load(), load().never_filled
NEVER_BY_CALLS = {
    "AccessDeniedException": {"ErrorCode", "ErrorCodeReason", "SubErrorCode", "SubErrorCodeReason"},
    "InternalServerException": {"Message"},
    "TooManyRequestsException": {"Message"},
    "ValidationException": {"ErrorCodeReason"},
}
"""Members of errors that only a fault fills."""


@functools.cache
def seen(operation: str) -> Seen:
    return seen_in(operation, calls_of(operation))


@functools.cache
def places() -> tuple[str, ...]:
    """Return the places in the installed model, without the keys of maps."""
    model = digest(loader().load_service_model(SERVICE_NAME, "service-2"))
    return tuple(place for place in model if not place.endswith("{key}"))


class TestErrors:
    @pytest.mark.parametrize("operation", HANDLERS)
    def test_calls_reach_the_errors_that_have_a_rule(self, operation: str) -> None:
        """And no others: each of the others needs a fault or a denial."""
        assert seen(operation).errors == {rule.error for rule in RULES.rules_of(operation) if rule.error}

    def test_calls_fill_members(self) -> None:
        """All but those whose values no document tells."""
        filled = {place for name in STORIES for place, how in seen(name).members.items() if FILLED in how}
        assert {
            (code, member)
            for code in error_statuses()
            for member in error_members(code)
            if f"{code}.{member}" not in filled
        } == {(code, member) for code, members in NEVER_BY_CALLS.items() for member in members}

    @pytest.mark.parametrize("code", error_statuses())
    def test_a_fault_fills_every_member(self, code: str) -> None:
        """A test can return what AWS may return, for every error of the service model."""
        found = seen_by_fault(code)
        assert found.errors == {code}
        assert all(found.members[f"{code}.{name}"] == {FILLED} for name in error_members(code))


class TestMembersOfResponses:
    @pytest.mark.parametrize("operation", HANDLERS)
    def test_calls_fill_every_member(self, operation: str) -> None:
        """Except those that `docs/audit.toml` gives a reason for."""
        found = seen(operation).members
        own = [place for place in places() if place.startswith(f"{operation}().")]
        missing = {place for place in own if FILLED not in found.get(place, ())}
        inside = {place for place in missing if place not in found}
        never = {place for place in NEVER_FILLED if place.startswith(f"{operation}().")}
        assert missing - inside == never
        assert all(place.startswith(tuple(never)) for place in inside)

    def test_lists_of_responses_are_present_when_empty(self) -> None:
        """Clients read their length without a check."""
        always = [f"CreateMembers().{name}" for name in ("Members", "UnprocessedAccounts")]
        always += [f"GetMembers().{name}" for name in ("MemberDetails", "UnprocessedAccounts")]
        always += ["ListGraphs().GraphList", "ListMembers().MemberDetails", "ListTagsForResource().Tags"]
        for place in always:
            assert seen(place.partition("(")[0]).members[place] == {FILLED, EMPTY}

    def test_optional_members_are_seen_absent(self) -> None:
        """Calls show members without a value as well as with one."""
        members = seen("ListMembers").members
        optional = ("EmailAddress", "DisabledReason", "VolumeUsageInBytes", "VolumeUsageByDatasourcePackage")
        for name in optional:
            assert members[f"ListMembers().MemberDetails[].{name}"] == {FILLED, ABSENT}


class TestStories:
    def test_every_operation_has_one(self) -> None:
        """The stories have the order of the table of handlers."""
        assert list(STORIES) == list(HANDLERS)

    def test_the_page_is_the_one_of_the_stories(self) -> None:
        """`python -m tests.audit --write` writes it."""
        assert OPERATIONS_PAGE.read_text(encoding="utf-8") == pages()[OPERATIONS_PAGE]
