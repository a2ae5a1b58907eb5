import boto3

from detective_fake import DetectiveFake


def test_an_invited_account_becomes_a_member(detective_fake: DetectiveFake):
    administrator = boto3.client("detective")  # as your own code makes it
    graph_arn = administrator.create_graph()["GraphArn"]
    accounts = [{"AccountId": "222222222222", "EmailAddress": "shop@example.com"}]

    administrator.create_members(GraphArn=graph_arn, Accounts=accounts)

    (row,) = administrator.list_members(GraphArn=graph_arn)["MemberDetails"]
    assert row["Status"] == "ENABLED"
