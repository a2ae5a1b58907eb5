"""Lists all members of a behavior graph. boto3 has no paginators for Detective."""

import boto3


def members_of(graph_arn):
    """Yield every member, page by page."""
    detective = boto3.client("detective")
    request = {"GraphArn": graph_arn}
    while True:
        page = detective.list_members(**request)
        yield from page["MemberDetails"]
        if "NextToken" not in page:
            return
        request["NextToken"] = page["NextToken"]


def volumes_of(graph_arn):
    """Return the bytes per day of each enabled account."""
    return {
        member["AccountId"]: member["VolumeUsageByDatasourcePackage"]["DETECTIVE_CORE"]["VolumeUsageInBytes"]
        for member in members_of(graph_arn)
        if member["Status"] == "ENABLED"
    }
