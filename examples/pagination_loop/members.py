"""All members of a behavior graph. Detective has no paginators, so everybody writes this loop."""

import boto3


def members_of(graph_arn):
    """Yield every member, however many pages there are."""
    detective = boto3.client("detective")
    request = {"GraphArn": graph_arn}
    while True:
        page = detective.list_members(**request)
        yield from page["MemberDetails"]
        if "NextToken" not in page:
            return
        request["NextToken"] = page["NextToken"]


def volumes_of(graph_arn):
    """Return bytes a day by account, for the accounts that are enabled."""
    return {
        member["AccountId"]: member["VolumeUsageByDatasourcePackage"]["DETECTIVE_CORE"]["VolumeUsageInBytes"]
        for member in members_of(graph_arn)
        if member["Status"] == "ENABLED"
    }
