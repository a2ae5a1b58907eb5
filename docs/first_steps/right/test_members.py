import boto3

from detective_fake import DetectiveFake


def test_an_invited_account_becomes_a_member(detective_fake: DetectiveFake):
    administrator = boto3.client("detective")  # as your own code makes it
    member = detective_fake.client("222222222222")
    graph_arn = administrator.create_graph()["GraphArn"]
    accounts = [{"AccountId": "222222222222", "EmailAddress": "shop@example.com"}]
    administrator.create_members(GraphArn=graph_arn, Accounts=accounts)
    assert member.list_invitations()["Invitations"][0]["Status"] == "INVITED"

    member.accept_invitation(GraphArn=graph_arn)

    (row,) = administrator.list_members(GraphArn=graph_arn)["MemberDetails"]
    assert row["Status"] == "ENABLED"
