"""Invites accounts, and retries after throttling and for unprocessed accounts."""

import boto3
from botocore.config import Config

RETRIES = Config(retries={"mode": "standard", "total_max_attempts": 4})


class NotInvited(Exception):
    """Accounts that Detective did not process, with the reasons."""


def invite(graph_arn, accounts, rounds=2):
    """Invite accounts, given as ID -> e-mail address; retry unprocessed ones in the next round."""
    detective = boto3.client("detective", config=RETRIES)
    left = dict(accounts)
    reasons = {}
    for _ in range(rounds):
        rows = [{"AccountId": account_id, "EmailAddress": email} for account_id, email in left.items()]
        response = detective.create_members(GraphArn=graph_arn, Accounts=rows)
        reasons = {each["AccountId"]: each["Reason"] for each in response["UnprocessedAccounts"]}
        left = {account_id: email for account_id, email in left.items() if account_id in reasons}
        if not left:
            return
    raise NotInvited(reasons)
