"""Tests of the checks that many operations share: graph, membership, page size and token."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detective_fake.errors import AccessDenied, ResourceNotFound, ValidationFailed
from detective_fake.operations.call import administered_graph, next_token, page_limit, page_position
from tests.builders import (
    ADMINISTRATOR,
    ANA,
    BEN,
    HOUR,
    NOON,
    a_call,
    a_graph,
    a_world,
    refused,
)

if TYPE_CHECKING:
    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World
    from detective_fake.operations.call import Call

ELSEWHERE = "eu-west-1"


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def graph(world: World) -> BehaviorGraph:
    return a_graph(world, members=[ANA])


class TestAdministeredGraph:
    def test_the_administrator_gets_its_graph(self, world: World, graph: BehaviorGraph) -> None:
        """The graph is found by its ARN, in the parameter that the operation uses."""
        assert administered_graph(a_call(world, "DeleteGraph", GraphArn=graph.arn)) == graph
        assert administered_graph(a_call(world, "TagResource", ResourceArn=graph.arn), "ResourceArn") == graph

    @pytest.mark.parametrize("account_id", [ANA, BEN])
    def test_other_accounts_are_denied(self, world: World, graph: BehaviorGraph, account_id: str) -> None:
        """Members and strangers get AccessDenied, not ResourceNotFound."""
        with refused(world, AccessDenied, "does not have permission"):
            administered_graph(a_call(world, "DeleteGraph", account_id=account_id, GraphArn=graph.arn))

    @pytest.mark.parametrize("account_id", [ADMINISTRATOR, BEN])
    def test_a_graph_is_not_found_in_another_region(self, world: World, graph: BehaviorGraph, account_id: str) -> None:
        """A graph is not found outside its Region, even by its administrator."""
        with refused(world, ResourceNotFound):
            administered_graph(
                a_call(world, "DeleteGraph", account_id=account_id, region=ELSEWHERE, GraphArn=graph.arn)
            )

    @pytest.mark.parametrize("account_id", [ADMINISTRATOR, BEN])
    def test_a_deleted_graph_is_not_found(self, world: World, graph: BehaviorGraph, account_id: str) -> None:
        """A deleted graph is not found, even by its former administrator."""
        world.delete_graph(graph)
        with refused(world, ResourceNotFound, "nonexistent resource"):
            administered_graph(a_call(world, "DeleteGraph", account_id=account_id, GraphArn=graph.arn))


ARN = "arn:aws:detective:us-east-1:111111111111:graph:" + "0" * 32
DAY = timedelta(days=1)
TOKEN = next_token(a_call(a_world(), "ListMembers", GraphArn=ARN), 42)


def going_on(token: str, operation: str = "ListMembers", **other: Any) -> Call:
    """Return a call with this token. By default, its other arguments equal those that the token was created for."""
    world, at = other.pop("world", None) or a_world(), other.pop("at", NOON)
    return a_call(world, operation, at=at, **({"GraphArn": ARN, "NextToken": token} | other))


class TestPageLimit:
    @pytest.mark.parametrize(
        ("asked", "page_size", "expected"), [(None, None, 100), (7, None, 7), (None, 3, 3), (7, 3, 3), (2, 3, 2)]
    )
    def test_the_smallest_limit_applies(self, asked: int | None, page_size: int | None, expected: int) -> None:
        """The test's page size caps both MaxResults and the default."""
        parameters: dict[str, Any] = {} if asked is None else {"MaxResults": asked}
        assert page_limit(a_call(a_world(), "ListMembers", page_size=page_size, **parameters), 100) == expected


class TestToken:
    def test_a_token_encodes_its_position(self) -> None:
        """The position is decoded as a string, even if it was encoded from a number."""
        assert page_position(going_on(TOKEN)) == "42"
        assert page_position(going_on(next_token(going_on(TOKEN), "a b"))) == "a b"

    def test_a_call_without_a_token_has_no_position(self) -> None:
        """A call without NextToken asks for the first page."""
        assert page_position(a_call(a_world(), "ListMembers", GraphArn=ARN)) is None

    def test_a_token_matches_the_service_model(self) -> None:
        """A token has at most 1,024 characters, none of which needs URL encoding."""
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,1024}", TOKEN)

    @pytest.mark.parametrize("size", [1, 200])
    def test_max_results_may_change(self, size: int) -> None:
        """A token stays valid if MaxResults changes, because real clients change it."""
        assert page_position(going_on(TOKEN, MaxResults=size)) == "42"

    def test_the_page_size_may_change(self) -> None:
        """A token stays valid if the test changes the page size."""
        assert page_position(going_on(TOKEN, page_size=1)) == "42"

    @pytest.mark.parametrize(
        "other",
        [
            {"operation": "ListInvestigations"},
            {"account_id": ANA},
            {"region": "eu-west-1"},
            {"GraphArn": ARN[:-1] + "1"},
            {"Filter": "new"},
            {"world": a_world(id_seed=1)},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_other_arguments_must_not_change(self, other: dict[str, Any]) -> None:
        """A token is valid only for the same operation, caller, Region, graph, filter and fake."""
        with pytest.raises(ValidationFailed, match=r"Request\.NextToken is not one that was given out for these arg"):
            page_position(going_on(TOKEN, **other))

    def test_nested_arguments_must_not_change(self) -> None:
        """Their values are compared, not only their names."""
        token, call = (
            next_token(a_call(a_world(), "ListInvestigations", FilterCriteria={"State": {"Value": "ACTIVE"}}), 1),
            a_call(a_world(), "ListInvestigations", FilterCriteria={"State": {"Value": "ARCHIVED"}}),
        )
        call.parameters["NextToken"] = token
        with pytest.raises(ValidationFailed):
            page_position(call)

    def test_the_order_of_arguments_does_not_matter(self) -> None:
        """A token ignores the order of arguments, nested ones included, and the time zone of times."""
        zone = timezone(timedelta(hours=2))
        one = {"State": {"Value": "ACTIVE"}, "CreatedTime": {"StartInclusive": NOON, "EndInclusive": NOON + HOUR}}
        same = {
            "CreatedTime": {"EndInclusive": (NOON + HOUR).astimezone(zone), "StartInclusive": NOON},
            "State": {"Value": "ACTIVE"},
        }
        token = next_token(a_call(a_world(), "ListInvestigations", FilterCriteria=one, SortCriteria={}), 1)
        call = a_call(a_world(), "ListInvestigations", SortCriteria={}, FilterCriteria=same, NextToken=token)
        assert page_position(call) == "1"


class TestInvalidToken:
    @pytest.mark.parametrize(
        "token",
        [
            "A",
            "AAAA",
            TOKEN[:-1],
            TOKEN[:8],
            TOKEN[1:],
            TOKEN + "A",
            TOKEN + "=",
            TOKEN + "!",
            TOKEN + "\n",
            TOKEN[:4] + " " + TOKEN[4:],
            TOKEN.swapcase(),
            "é" + TOKEN,
            "\ud800",
            "\U0001d538" * 8,
        ],
    )
    def test_a_malformed_token_is_rejected(self, token: str) -> None:
        """Truncated, extended, altered and non-ASCII tokens are rejected."""
        with pytest.raises(ValidationFailed, match=r"^ValidationException: ListMembersRequest\.NextToken is not one"):
            page_position(going_on(token))

    @given(st.integers(0, len(TOKEN) - 1), st.characters(codec="ascii"))
    def test_a_token_with_a_changed_character_is_rejected(self, place: int, character: str) -> None:
        """A change of any character is detected, even one that decoding would ignore."""
        token = TOKEN[:place] + character + TOKEN[place + 1 :]
        assume(token != TOKEN)
        with pytest.raises(ValidationFailed):
            page_position(going_on(token))


class TestTokenLifetime:
    AT = datetime(2024, 5, 17, 12, 0, 0, 999_000, tzinfo=timezone.utc)

    @pytest.fixture
    def token(self) -> str:
        return next_token(a_call(a_world(), "ListInvestigations", at=self.AT, GraphArn=ARN), "5")

    def test_a_token_is_valid_until_its_lifetime_ends(self, token: str) -> None:
        """A token is valid up to and including the last millisecond of its lifetime."""
        assert page_position(going_on(token, "ListInvestigations", at=self.AT + DAY), DAY) == "5"

    def test_a_token_expires_after_its_lifetime(self, token: str) -> None:
        """One millisecond after its lifetime, the token is rejected as expired."""
        late = self.AT + DAY + timedelta(milliseconds=1)
        with pytest.raises(ValidationFailed, match=r"ListInvestigationsRequest\.NextToken has expired\."):
            page_position(going_on(token, "ListInvestigations", at=late), DAY)

    def test_a_token_without_a_lifetime_never_expires(self) -> None:
        """Only tokens for investigations and indicators have a lifetime."""
        assert page_position(going_on(TOKEN, at=NOON + 1000 * DAY)) == "42"


class TestErrorMessage:
    def test_the_message_names_the_parameter(self) -> None:
        """The message names the operation and the parameter. The error has no other members."""
        call = attrs.evolve(going_on("AAAA"), operation="ListInvitations")
        with pytest.raises(ValidationFailed) as caught:
            page_position(call)
        assert caught.value.message.startswith("ListInvitationsRequest.NextToken ")
        assert caught.value.members == {}
