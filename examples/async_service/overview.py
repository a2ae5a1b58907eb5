"""The number of accounts in each Region's behavior graph, by status, from concurrent calls."""

import asyncio
from collections import Counter

from aiobotocore.session import get_session


async def overview(regions):
    """Return a count by status for each Region that has a graph."""
    counts = await asyncio.gather(*(_statuses_in(region) for region in regions))
    return {region: count for region, count in zip(regions, counts, strict=True) if count is not None}


async def _statuses_in(region):
    async with get_session().create_client("detective", region_name=region) as detective:
        graphs = (await detective.list_graphs())["GraphList"]
        if not graphs:
            return None
        statuses = Counter()
        request = {"GraphArn": graphs[0]["Arn"]}
        while True:
            page = await detective.list_members(**request)
            statuses.update(member["Status"] for member in page["MemberDetails"])
            if "NextToken" not in page:
                return statuses
            request["NextToken"] = page["NextToken"]
