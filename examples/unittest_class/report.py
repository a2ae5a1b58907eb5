"""Reports which accounts send no data to Detective, and why."""

import boto3


def silent_accounts(graph_arn, account_ids):
    """Return account ID -> reason, for the accounts of a behavior graph that are not enabled."""
    response = boto3.client("detective").get_members(GraphArn=graph_arn, AccountIds=account_ids)
    reasons = {each["AccountId"]: each["Reason"] for each in response["UnprocessedAccounts"]}
    for member in response["MemberDetails"]:
        if member["Status"] != "ENABLED":
            reasons[member["AccountId"]] = member.get("DisabledReason", member["Status"])
    return reasons
