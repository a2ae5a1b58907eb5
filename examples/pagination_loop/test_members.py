"""A page has at most two items, so three members need two pages."""

import pytest
from members import members_of, volumes_of

from detective_fake import DetectiveFake

pytestmark = pytest.mark.detective_fake(page_size=2)

ACCOUNTS = ["222222222222", "333333333333", "444444444444"]


def test_all_members_are_found(detective_fake: DetectiveFake):
    graph_arn = detective_fake.seed.graph(members=ACCOUNTS)

    assert [member["AccountId"] for member in members_of(graph_arn)] == ACCOUNTS

    first, second = detective_fake.calls.of("ListMembers")
    assert second.parameters["NextToken"] == first.result["NextToken"]


def test_a_full_last_page_is_the_last(detective_fake: DetectiveFake):
    graph_arn = detective_fake.seed.graph(members=ACCOUNTS[:2])

    assert len(list(members_of(graph_arn))) == 2

    assert len(detective_fake.calls.of("ListMembers")) == 1


def test_a_member_that_joins_between_two_pages_is_found_too(detective_fake: DetectiveFake):
    graph_arn = detective_fake.seed.graph(members=ACCOUNTS)
    members = members_of(graph_arn)
    first = next(members)

    detective_fake.seed.member(graph_arn, "555555555555")

    assert [member["AccountId"] for member in [first, *members]] == [*ACCOUNTS, "555555555555"]


def test_volumes_are_of_enabled_members_only(detective_fake: DetectiveFake):
    detective_fake.seed.account("222222222222", daily_volume_bytes=5_000)
    graph_arn = detective_fake.seed.graph(members={"222222222222": "ENABLED", "333333333333": "INVITED"})

    assert volumes_of(graph_arn) == {"222222222222": 5_000}
