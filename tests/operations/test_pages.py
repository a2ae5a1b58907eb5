"""Page tokens: what they are bound to, and what they survive."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detective_fake.errors import ValidationFailed
from detective_fake.operations.pages import limit, next_token, position
from tests.builders import ANA, HOUR, NOON, a_call, a_world

if TYPE_CHECKING:
    from detective_fake.operations.call import Call

ARN = "arn:aws:detective:us-east-1:111111111111:graph:" + "0" * 32
DAY = timedelta(days=1)
TOKEN = next_token(a_call(a_world(), "ListMembers", GraphArn=ARN), 42)


def going_on(token: str, operation: str = "ListMembers", **other: Any) -> Call:
    """Return the call that comes back with a token, by default one as that which got it."""
    world, at = other.pop("world", None) or a_world(), other.pop("at", NOON)
    return a_call(world, operation, at=at, **({"GraphArn": ARN, "NextToken": token} | other))


class TestLimit:
    @pytest.mark.parametrize(
        ("asked", "page_size", "expected"), [(None, None, 100), (7, None, 7), (None, 3, 3), (7, 3, 3), (2, 3, 2)]
    )
    def test_the_smallest_counts(self, asked: int | None, page_size: int | None, expected: int) -> None:
        """What was asked for, or the default; a test's own size caps both."""
        parameters: dict[str, Any] = {} if asked is None else {"MaxResults": asked}
        assert limit(a_call(a_world(), "ListMembers", page_size=page_size, **parameters), 100) == expected


class TestToken:
    def test_it_leads_to_its_position(self) -> None:
        """As text, whatever it was."""
        assert position(going_on(TOKEN)) == "42"
        assert position(going_on(next_token(going_on(TOKEN), "a b"))) == "a b"

    def test_a_first_page_has_none(self) -> None:
        """There is nothing to check."""
        assert position(a_call(a_world(), "ListMembers", GraphArn=ARN)) is None

    def test_it_is_one_to_the_service_model(self) -> None:
        """Short, and of characters that need no quoting."""
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,1024}", TOKEN)

    @pytest.mark.parametrize("size", [1, 200])
    def test_max_results_may_change(self, size: int) -> None:
        """Clients in the field do that."""
        assert position(going_on(TOKEN, MaxResults=size)) == "42"

    def test_a_page_size_may_change(self) -> None:
        """It is the test's, not the caller's."""
        assert position(going_on(TOKEN, page_size=1)) == "42"

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
    def test_everything_else_must_be_the_same(self, other: dict[str, Any]) -> None:
        """Another operation, caller, Region, graph, filter or fake has no use for it."""
        with pytest.raises(ValidationFailed, match=r"Request\.NextToken is not one that was given out for these arg"):
            position(going_on(TOKEN, **other))

    def test_the_order_of_arguments_does_not_matter(self) -> None:
        """Not even inside a structure, nor how a time is written."""
        zone = timezone(timedelta(hours=2))
        one = {"State": {"Value": "ACTIVE"}, "CreatedTime": {"StartInclusive": NOON, "EndInclusive": NOON + HOUR}}
        same = {
            "CreatedTime": {"EndInclusive": (NOON + HOUR).astimezone(zone), "StartInclusive": NOON},
            "State": {"Value": "ACTIVE"},
        }
        token = next_token(a_call(a_world(), "ListInvestigations", FilterCriteria=one, SortCriteria={}), 1)
        call = a_call(a_world(), "ListInvestigations", SortCriteria={}, FilterCriteria=same, NextToken=token)
        assert position(call) == "1"


class TestTampering:
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
    def test_any_other_string_is_refused(self, token: str) -> None:
        """Truncated, lengthened, or not even of ASCII."""
        with pytest.raises(ValidationFailed, match=r"^ValidationException: ListMembersRequest\.NextToken is not one"):
            position(going_on(token))

    @given(st.integers(0, len(TOKEN) - 1), st.characters(codec="ascii"))
    def test_so_is_one_with_another_character(self, place: int, character: str) -> None:
        """Anywhere: also where decoding would pass over the difference."""
        token = TOKEN[:place] + character + TOKEN[place + 1 :]
        assume(token != TOKEN)
        with pytest.raises(ValidationFailed):
            position(going_on(token))


class TestLifetime:
    AT = datetime(2024, 5, 17, 12, 0, 0, 999_000, tzinfo=timezone.utc)

    @pytest.fixture
    def token(self) -> str:
        return next_token(a_call(a_world(), "ListInvestigations", at=self.AT, GraphArn=ARN), "5")

    def test_until_its_end_it_is_valid(self, token: str) -> None:
        """To the millisecond."""
        assert position(going_on(token, "ListInvestigations", at=self.AT + DAY), DAY) == "5"

    def test_then_it_has_expired(self, token: str) -> None:
        """The text says so."""
        late = self.AT + DAY + timedelta(milliseconds=1)
        with pytest.raises(ValidationFailed, match=r"ListInvestigationsRequest\.NextToken has expired\."):
            position(going_on(token, "ListInvestigations", at=late), DAY)

    def test_without_one_it_is_valid_for_ever(self) -> None:
        """Only investigations have one."""
        assert position(going_on(TOKEN, at=NOON + 1000 * DAY)) == "42"


class TestRefused:
    def test_a_refusal_names_no_secret(self) -> None:
        """Only operation and member: the call is the caller's own."""
        call = attrs.evolve(going_on("AAAA"), operation="ListInvitations")
        with pytest.raises(ValidationFailed) as caught:
            position(call)
        assert caught.value.message.startswith("ListInvitationsRequest.NextToken ")
        assert caught.value.members == {}
