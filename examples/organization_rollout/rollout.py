"""Turns Detective on for an organization: a delegated administrator, all accounts, and those that join later."""

import boto3

BATCH = 50  # the most accounts that one call takes


def designate(administrator_id, regions):
    """Make an account the Detective administrator; to be run in the management account."""
    for region in regions:
        boto3.client("detective", region_name=region).enable_organization_admin_account(AccountId=administrator_id)


def enrol(accounts, regions):
    """Enable accounts, an id -> e-mail address mapping, now and later; to be run in the administrator account."""
    for region in regions:
        detective = boto3.client("detective", region_name=region)
        (graph,) = detective.list_graphs()["GraphList"]
        detective.update_organization_configuration(GraphArn=graph["Arn"], AutoEnable=True)
        rows = [{"AccountId": account_id, "EmailAddress": email} for account_id, email in accounts.items()]
        for start in range(0, len(rows), BATCH):
            detective.create_members(GraphArn=graph["Arn"], Accounts=rows[start : start + BATCH])
