"""Asynchronous and synchronous clients share one state."""

import pytest
from botocore.exceptions import ClientError
from overview import overview

from detective_fake import DetectiveFake

REGIONS = ["ap-southeast-2", "eu-west-1", "us-east-1"]
MEMBERS = {"222222222222": "ENABLED", "333333333333": "ENABLED", "444444444444": "INVITED"}

pytestmark = pytest.mark.asyncio


async def test_regions_without_a_graph_are_left_out(detective_fake: DetectiveFake):
    detective_fake.seed.graph(region="eu-west-1", members=MEMBERS)
    detective_fake.seed.graph(region="us-east-1")

    assert await overview(REGIONS) == {"eu-west-1": {"ENABLED": 2, "INVITED": 1}, "us-east-1": {}}


async def test_what_boto3_did_is_seen(detective_fake: DetectiveFake):
    graph_arn = detective_fake.seed.graph(region="eu-west-1", members=MEMBERS)

    detective_fake.client("444444444444", "eu-west-1").accept_invitation(GraphArn=graph_arn)

    assert await overview(REGIONS) == {"eu-west-1": {"ENABLED": 3}}


@pytest.mark.detective_fake(page_size=1)
async def test_all_pages_are_read(detective_fake: DetectiveFake):
    detective_fake.seed.graph(region="eu-west-1", members=MEMBERS)

    assert (await overview(["eu-west-1"]))["eu-west-1"].total() == 3

    assert len(detective_fake.calls.of("ListMembers")) == 3


async def test_a_region_that_denies_is_not_passed_over(detective_fake: DetectiveFake):
    detective_fake.faults.add("ListGraphs", error="AccessDeniedException", region="us-east-1")

    with pytest.raises(ClientError, match="AccessDeniedException"):
        await overview(REGIONS)


@DetectiveFake(region="eu-west-1")
async def test_a_decorated_coroutine_has_a_fake_of_its_own(fake: DetectiveFake):
    fake.client().create_graph()

    assert await overview(REGIONS) == {"eu-west-1": {}}
