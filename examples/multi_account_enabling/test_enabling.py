"""moto simulates Organizations and STS, detective_fake simulates Detective. The role's keys identify the member."""

import boto3
import pytest
from enabling import enable_everywhere
from moto import mock_aws

from detective_fake import DetectiveFake


@pytest.fixture
def organization(detective_fake: DetectiveFake):
    """An organization with two accounts; its management account runs the code."""
    with mock_aws():
        organizations = boto3.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        for name in ("shop", "stream"):
            organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        yield organizations


def test_every_account_becomes_a_member(detective_fake: DetectiveFake, organization):
    enabled = enable_everywhere()

    (graph,) = detective_fake.graphs
    members = detective_fake.members(graph.arn)
    assert {member.account_id: member.status for member in members} == dict.fromkeys(enabled, "ENABLED")
    assert len(enabled) == 2


def test_each_account_accepts_for_itself(detective_fake: DetectiveFake, organization):
    enabled = enable_everywhere()

    callers = [call.account_id for call in detective_fake.calls.of("AcceptInvitation")]
    assert callers == enabled


def test_only_new_accounts_are_invited_later(detective_fake: DetectiveFake, organization):
    enable_everywhere()
    status = organization.create_account(AccountName="lab", Email="lab@example.com")["CreateAccountStatus"]

    assert enable_everywhere() == [status["AccountId"]]


def test_no_account_gets_an_email(detective_fake: DetectiveFake, organization):
    enable_everywhere()

    assert not detective_fake.emails
