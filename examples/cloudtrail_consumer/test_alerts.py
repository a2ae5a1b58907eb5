"""`save_trail` writes the log files, from calls that the test has made."""

import pytest
from alerts import alerts_in
from botocore.exceptions import ClientError

from detective_fake import DetectiveFake


@pytest.fixture
def trail(tmp_path, detective_fake: DetectiveFake):
    """Write the calls so far to a log file and return it."""

    def deliver():
        path = tmp_path / "111111111111_CloudTrail_us-east-1_20260301T1200Z_example.json.gz"
        detective_fake.save_trail(path)
        return path

    return deliver


@pytest.fixture
def graph_arn(detective_fake: DetectiveFake):
    return detective_fake.seed.graph("111111111111", members=["222222222222"])


def test_harmless_calls_are_not_reported(detective_fake: DetectiveFake, graph_arn, trail):
    detective_fake.client("111111111111").list_members(GraphArn=graph_arn)

    assert alerts_in(trail()) == []


def test_removing_a_member_is_reported(detective_fake: DetectiveFake, graph_arn, trail):
    detective_fake.client("111111111111").delete_members(GraphArn=graph_arn, AccountIds=["222222222222"])

    assert alerts_in(trail()) == ["us-east-1 111111111111 DeleteMembers: done"]


def test_a_member_that_leaves_is_reported(detective_fake: DetectiveFake, graph_arn, trail):
    detective_fake.client("222222222222").disassociate_membership(GraphArn=graph_arn)

    assert alerts_in(trail()) == ["us-east-1 222222222222 DisassociateMembership: done"]


def test_a_denied_call_is_reported(detective_fake: DetectiveFake, graph_arn, trail):
    with pytest.raises(ClientError):
        detective_fake.client("222222222222").list_members(GraphArn=graph_arn)

    assert alerts_in(trail()) == ["us-east-1 222222222222 ListMembers: AccessDeniedException"]
