"""The log files are written by `save_trail`, of calls that were really made."""

import pytest
from alerts import alerts_in
from botocore.exceptions import ClientError


@pytest.fixture
def trail(tmp_path, detective_fake):
    """Deliver what has happened so far, and return the file."""

    def deliver():
        path = tmp_path / "111111111111_CloudTrail_us-east-1_20260301T1200Z_example.json.gz"
        detective_fake.save_trail(path)
        return path

    return deliver


@pytest.fixture
def graph_arn(detective_fake):
    return detective_fake.seed.graph("111111111111", members=["222222222222"])


def test_everyday_calls_are_no_reason_to_worry(detective_fake, graph_arn, trail):
    detective_fake.client("111111111111").list_members(GraphArn=graph_arn)

    assert alerts_in(trail()) == []


def test_removing_a_member_is_one(detective_fake, graph_arn, trail):
    detective_fake.client("111111111111").delete_members(GraphArn=graph_arn, AccountIds=["222222222222"])

    assert alerts_in(trail()) == ["us-east-1 111111111111 DeleteMembers: done"]


def test_so_is_a_member_that_leaves(detective_fake, graph_arn, trail):
    detective_fake.client("222222222222").disassociate_membership(GraphArn=graph_arn)

    assert alerts_in(trail()) == ["us-east-1 222222222222 DisassociateMembership: done"]


def test_so_is_somebody_who_tries_what_is_not_allowed(detective_fake, graph_arn, trail):
    with pytest.raises(ClientError):
        detective_fake.client("222222222222").list_members(GraphArn=graph_arn)

    assert alerts_in(trail()) == ["us-east-1 222222222222 ListMembers: AccessDeniedException"]
