"""Invites accounts and does not give up too early: neither on throttling nor on accounts that a call leaves out."""

import boto3
from botocore.config import Config

RETRIES = Config(retries={"mode": "standard", "total_max_attempts": 4})


class NotInvited(Exception):
    """Accounts that Detective has not taken, with its reasons."""


def invite(graph_arn, accounts, rounds=2):
    """Invite accounts, an id -> e-mail address mapping; those left out are tried again in the next round."""
    detective = boto3.client("detective", config=RETRIES)
    left = dict(accounts)
    reasons = {}
    for _ in range(rounds):
        rows = [{"AccountId": account_id, "EmailAddress": email} for account_id, email in left.items()]
        answer = detective.create_members(GraphArn=graph_arn, Accounts=rows)
        reasons = {each["AccountId"]: each["Reason"] for each in answer["UnprocessedAccounts"]}
        left = {account_id: email for account_id, email in left.items() if account_id in reasons}
        if not left:
            return
    raise NotInvited(reasons)
