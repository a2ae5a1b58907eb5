"""Management account 999999999999 designates 111111111111, which enables the others in two Regions."""

import pytest
from botocore.exceptions import ClientError
from rollout import designate, enrol

from detective_fake import DetectiveFake

MANAGEMENT, ADMINISTRATOR = "999999999999", "111111111111"
REGIONS = ["eu-central-1", "us-east-1"]
ACCOUNTS = {f"{number:012}": f"account-{number}@example.com" for number in range(1, 61)}


@pytest.fixture
def organization(detective_fake: DetectiveFake):
    return detective_fake.seed.organization(MANAGEMENT, {ADMINISTRATOR: "security@example.com", **ACCOUNTS})


def statuses(fake: DetectiveFake, graph):
    return {member.account_id: member.status for member in fake.members(graph.arn)}


def roll_out(fake: DetectiveFake):
    with fake.acting_as(MANAGEMENT):
        designate(ADMINISTRATOR, REGIONS)
    with fake.acting_as(ADMINISTRATOR):
        enrol(ACCOUNTS, REGIONS)
    fake.settle()


def test_all_accounts_are_enabled_in_every_region(detective_fake: DetectiveFake, organization):
    roll_out(detective_fake)

    assert [graph.region for graph in detective_fake.graphs] == REGIONS
    for graph in detective_fake.graphs:
        assert statuses(detective_fake, graph).items() >= dict.fromkeys(ACCOUNTS, "ENABLED").items()


def test_an_account_that_joins_later_is_enabled_automatically(detective_fake: DetectiveFake, organization):
    roll_out(detective_fake)

    organization.add_account("777777777777", "new@example.com")
    detective_fake.settle()

    for graph in detective_fake.graphs:
        assert statuses(detective_fake, graph)["777777777777"] == "ENABLED"


def test_an_account_that_leaves_is_removed(detective_fake: DetectiveFake, organization):
    roll_out(detective_fake)

    organization.remove_account("000000000001")

    for graph in detective_fake.graphs:
        assert "000000000001" not in statuses(detective_fake, graph)


def test_only_the_management_account_designates(detective_fake: DetectiveFake, organization):
    with detective_fake.acting_as(ADMINISTRATOR), pytest.raises(ClientError) as refusal:
        designate(ADMINISTRATOR, REGIONS)

    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
