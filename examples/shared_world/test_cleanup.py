"""These tests may run in any order: none sees the changes of another."""

from cleanup import remove_open_invitations

from detective_fake import DetectiveFake


def test_open_invitations_are_removed(fake: DetectiveFake, graph_arn):
    assert len(remove_open_invitations(graph_arn)) == 10

    assert len(fake.members(graph_arn)) == 150
    fake.assert_called("DeleteMembers", times=1)


def test_members_that_have_accepted_stay(fake: DetectiveFake, graph_arn):
    fake.client("000000000201").accept_invitation(GraphArn=graph_arn)

    assert "000000000201" not in remove_open_invitations(graph_arn)

    assert len(fake.members(graph_arn)) == 151


def test_each_test_starts_from_the_same_world(fake: DetectiveFake, graph_arn):
    assert len(fake.members(graph_arn)) == 160
    assert not fake.calls
