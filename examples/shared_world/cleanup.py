"""Removes members that have not accepted."""

import boto3


def remove_open_invitations(graph_arn):
    """Remove all members that are INVITED, and return their account IDs."""
    detective = boto3.client("detective")
    invited, request = [], {"GraphArn": graph_arn}
    while True:
        page = detective.list_members(**request)
        invited += [member["AccountId"] for member in page["MemberDetails"] if member["Status"] == "INVITED"]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    for start in range(0, len(invited), 50):  # the maximum of one call
        detective.delete_members(GraphArn=graph_arn, AccountIds=invited[start : start + 50])
    return invited
