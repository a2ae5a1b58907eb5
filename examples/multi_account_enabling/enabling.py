"""Invites every account of the organization to the caller's behavior graph, and accepts in each account."""

import boto3

ROLE = "arn:aws:iam::{account_id}:role/EnableDetective"


def enable_everywhere():
    """Invite all accounts that are not members yet, accept in each of them, and return their IDs."""
    detective = boto3.client("detective")
    graph_arn = detective.create_graph()["GraphArn"]
    accounts = _accounts_to_invite(detective, graph_arn)
    if accounts:
        detective.create_members(GraphArn=graph_arn, Accounts=accounts, DisableEmailNotification=True)
    for account in accounts:
        _detective_of(account["AccountId"]).accept_invitation(GraphArn=graph_arn)
    return [account["AccountId"] for account in accounts]


def _accounts_to_invite(detective, graph_arn):
    members = {member["AccountId"] for member in detective.list_members(GraphArn=graph_arn)["MemberDetails"]}
    pages = boto3.client("organizations").get_paginator("list_accounts").paginate()
    own = boto3.client("sts").get_caller_identity()["Account"]
    return [
        {"AccountId": account["Id"], "EmailAddress": account["Email"]}
        for page in pages
        for account in page["Accounts"]
        if account["Id"] not in members | {own}
    ]


def _detective_of(account_id):
    role = boto3.client("sts").assume_role(RoleArn=ROLE.format(account_id=account_id), RoleSessionName="detective")
    credentials = role["Credentials"]
    return boto3.client(
        "detective",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
