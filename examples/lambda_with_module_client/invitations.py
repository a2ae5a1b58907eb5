"""A Lambda function in every member account: accepts invitations of the security account and rejects all others."""

import os

import boto3

SECURITY_ACCOUNT = os.environ["SECURITY_ACCOUNT"]

detective = boto3.client("detective")  # one client for all invocations


def handler(event, context):
    accepted, rejected = [], []
    for invitation in detective.list_invitations()["Invitations"]:
        graph_arn = invitation["GraphArn"]
        if invitation["Status"] != "INVITED":
            continue
        if invitation["AdministratorId"] == SECURITY_ACCOUNT:
            detective.accept_invitation(GraphArn=graph_arn)
            accepted.append(graph_arn)
        else:
            detective.reject_invitation(GraphArn=graph_arn)
            rejected.append(graph_arn)
    return {"accepted": accepted, "rejected": rejected}
