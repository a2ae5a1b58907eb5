"""Which of our accounts send no data to Detective, and why."""

import boto3


def silent_accounts(graph_arn, account_ids):
    """Return account id -> reason, for accounts that are not enabled in a behavior graph."""
    answer = boto3.client("detective").get_members(GraphArn=graph_arn, AccountIds=account_ids)
    reasons = {each["AccountId"]: each["Reason"] for each in answer["UnprocessedAccounts"]}
    for member in answer["MemberDetails"]:
        if member["Status"] != "ENABLED":
            reasons[member["AccountId"]] = member.get("DisabledReason", member["Status"])
    return reasons
