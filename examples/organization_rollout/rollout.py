"""Turns Detective on for an organization: a delegated administrator, all accounts, and accounts that join later."""

import boto3

BATCH = 50  # the maximum of one call


def designate(administrator_id, regions):
    """Designate the Detective administrator. Run this in the management account."""
    for region in regions:
        boto3.client("detective", region_name=region).enable_organization_admin_account(AccountId=administrator_id)


def enrol(accounts, regions):
    """Enable accounts, given as ID -> e-mail address, and later ones. Run this in the administrator account."""
    for region in regions:
        detective = boto3.client("detective", region_name=region)
        (graph,) = detective.list_graphs()["GraphList"]
        detective.update_organization_configuration(GraphArn=graph["Arn"], AutoEnable=True)
        rows = [{"AccountId": account_id, "EmailAddress": email} for account_id, email in accounts.items()]
        for start in range(0, len(rows), BATCH):
            detective.create_members(GraphArn=graph["Arn"], Accounts=rows[start : start + BATCH])
