"""Two full graphs, listed page by page with a real client."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

from detective_fake import DetectiveFake
from tests.builders import ADMINISTRATOR, ANA, BEN

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMBERS = 1_200


@pytest.fixture(scope="module")
def fake() -> Iterator[DetectiveFake]:
    """Return a fake with two graphs of 1,200 members each. Half of the members are in both."""
    with DetectiveFake() as fake:
        fake.seed.graph(ADMINISTRATOR, members=ids(0))
        fake.seed.graph(ANA, members=ids(MEMBERS // 2))
        yield fake


def ids(first: int) -> list[str]:
    """Return account IDs that are not in ascending order."""
    return [f"{900_000_000_000 + number * 7919 % 100_000:012d}" for number in range(first, first + MEMBERS)]


def walked(operation: Any, key: str, sizes: Iterator[int], **arguments: str) -> list[str]:
    """Return the account IDs of all pages."""
    found: list[str] = []
    while True:
        page = operation(MaxResults=next(sizes), **arguments)
        found += [each["AccountId"] for each in page[key]]
        if "NextToken" not in page:
            return found
        arguments["NextToken"] = page["NextToken"]


class TestPageWalks:
    """Walking the pages returns every member once, in the order invited."""

    @pytest.mark.parametrize("sizes", [(200,), (1, 200, 7), (33, 50, 199), (100, 1)], ids=str)
    def test_a_walk_with_changing_page_sizes_is_complete(self, fake: DetectiveFake, sizes: tuple[int, ...]) -> None:
        """The page size may change between pages."""
        for administrator_id, first in ((ADMINISTRATOR, 0), (ANA, MEMBERS // 2)):
            client = fake.client(administrator_id)
            arn = client.list_graphs()["GraphList"][0]["Arn"]
            assert walked(client.list_members, "MemberDetails", cycle(sizes), GraphArn=arn) == ids(first)

    def test_two_walks_at_once_do_not_mix(self, fake: DetectiveFake) -> None:
        """Two walks that alternate page by page return their own members only."""
        clients = [fake.client(ADMINISTRATOR), fake.client(ANA)]
        arns = [client.list_graphs()["GraphList"][0]["Arn"] for client in clients]
        found: list[list[str]] = [[], []]
        tokens: list[dict[str, str]] = [{}, {}]
        for _ in range(MEMBERS // 200):
            for side, client in enumerate(clients):
                page = client.list_members(GraphArn=arns[side], MaxResults=200, **tokens[side])
                found[side] += [each["AccountId"] for each in page["MemberDetails"]]
                tokens[side] = {"NextToken": page["NextToken"]} if "NextToken" in page else {}
        assert found == [ids(0), ids(MEMBERS // 2)]

    def test_a_member_of_both_graphs_sees_both_invitations(self, fake: DetectiveFake) -> None:
        """`ListInvitations` returns one invitation from each administrator."""
        member = fake.client(ids(MEMBERS // 2)[0])
        invitations = member.list_invitations()["Invitations"]
        assert [each["AdministratorId"] for each in invitations] == [ADMINISTRATOR, ANA]

    def test_a_full_graph_rejects_new_members(self, fake: DetectiveFake) -> None:
        """A graph with 1,200 members has reached its quota."""
        client = fake.client(ADMINISTRATOR)
        arn = client.list_graphs()["GraphList"][0]["Arn"]
        with pytest.raises(client.exceptions.ServiceQuotaExceededException):
            client.create_members(GraphArn=arn, Accounts=[{"AccountId": BEN, "EmailAddress": "root@example.com"}])
        assert len(fake.members(arn)) == MEMBERS
