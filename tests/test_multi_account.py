"""The main use case, as a user would write it: enable Detective across an organization that is in moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from detective_fake import DetectiveFake, FakeUsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

MANAGEMENT = "123456789012"


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    """Return a fake inside moto, which provides STS and Organizations."""
    with mock_aws(), DetectiveFake(MANAGEMENT) as fake:
        yield fake


@pytest.fixture
def organizations(fake: DetectiveFake) -> Any:  # noqa: ARG001 - moto comes with it
    """Return the Organizations client of the management account; the fake follows it."""
    client = boto3.client("organizations")
    client.create_organization(FeatureSet="ALL")
    return client


def new_account(organizations: Any, name: str) -> str:
    """Let an account join, and return its ID."""
    status = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
    return str(status["AccountId"])


def detective_of(account_id: str) -> Any:
    """Return an account's Detective client through a role in it, as enabling scripts do."""
    role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    credentials = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="enable")["Credentials"]
    return boto3.client(
        "detective",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def statuses(detective: Any, arn: str) -> dict[str, str]:
    """Return account -> status."""
    return {each["AccountId"]: each["Status"] for each in detective.list_members(GraphArn=arn)["MemberDetails"]}


def enable_everywhere(organizations: Any, administrator_id: str) -> tuple[Any, str]:
    """Designate an administrator and enable every account: the code a user would test."""
    boto3.client("detective").enable_organization_admin_account(AccountId=administrator_id)
    detective = detective_of(administrator_id)
    arn = detective.list_graphs()["GraphList"][0]["Arn"]
    detective.update_organization_configuration(GraphArn=arn, AutoEnable=True)
    accounts = organizations.get_paginator("list_accounts").paginate().build_full_result()["Accounts"]
    members = [
        {"AccountId": each["Id"], "EmailAddress": each["Email"]} for each in accounts if each["Id"] != administrator_id
    ]
    detective.create_members(GraphArn=arn, Accounts=members)
    return detective, arn


class TestEnabling:
    """From designation to enabled members, without code that connects moto and the fake."""

    def test_every_account_is_enabled(self, fake: DetectiveFake, organizations: Any) -> None:
        """That includes the management account."""
        accounts = [new_account(organizations, name) for name in ("security", "web", "data")]
        fake.seed.organization_from(organizations)
        detective, arn = enable_everywhere(organizations, accounts[0])
        assert statuses(detective, arn) == dict.fromkeys([MANAGEMENT, *accounts], "ENABLED")

    def test_an_account_that_joins_later_is_enabled(self, fake: DetectiveFake, organizations: Any) -> None:
        """It joins in moto; Detective sees it at the next call."""
        administrator = new_account(organizations, "security")
        fake.seed.organization_from(organizations)
        detective, arn = enable_everywhere(organizations, administrator)
        later = new_account(organizations, "later")
        assert statuses(detective, arn)[later] == "ENABLED"

    def test_an_account_that_leaves_is_removed(self, fake: DetectiveFake, organizations: Any) -> None:
        """It leaves in moto."""
        administrator, leaver = (new_account(organizations, name) for name in ("security", "leaver"))
        fake.seed.organization_from(organizations)
        detective, arn = enable_everywhere(organizations, administrator)
        organizations.remove_account_from_organization(AccountId=leaver)
        assert leaver not in statuses(detective, arn)
        assert detective_of(leaver).list_invitations()["Invitations"] == []

    def test_a_closed_account_is_removed(self, fake: DetectiveFake, organizations: Any) -> None:
        """It is still in the organization, suspended."""
        administrator, closed = (new_account(organizations, name) for name in ("security", "closed"))
        fake.seed.organization_from(organizations)
        detective, arn = enable_everywhere(organizations, administrator)
        organizations.close_account(AccountId=closed)
        assert closed not in statuses(detective, arn)

    def test_a_member_account_may_not_designate(self, fake: DetectiveFake, organizations: Any) -> None:
        """Only the management account may."""
        member = new_account(organizations, "member")
        fake.seed.organization_from(organizations)
        with pytest.raises(ClientError, match="AccessDeniedException"):
            detective_of(member).enable_organization_admin_account(AccountId=member)

    def test_deleting_an_organization_removes_its_graphs(self, fake: DetectiveFake, organizations: Any) -> None:
        """Its designations end, too."""
        fake.seed.organization_from(organizations)
        detective = boto3.client("detective")
        detective.enable_organization_admin_account(AccountId=MANAGEMENT)
        organizations.delete_organization()
        assert detective.list_graphs()["GraphList"] == []
        with pytest.raises(ClientError, match="account is not a member of an organization"):
            detective.list_organization_admin_accounts()
        assert fake.organizations == ()

    def test_a_client_without_an_organization_is_rejected(self, fake: DetectiveFake) -> None:
        """The message says to create one first."""
        with pytest.raises(FakeUsageError, match="sees no organization; create_organization"):
            fake.seed.organization_from(boto3.client("organizations"))


class TestDelegation:
    """The delegated administrator for Detective."""

    def test_is_kept_if_organizations_does_not_support_detective(self, fake: DetectiveFake, organizations: Any) -> None:
        """Here moto rejects the service principal; what Detective registered still applies, and can be deregistered."""
        administrator = new_account(organizations, "security")
        organization = fake.seed.organization_from(organizations)
        detective, _ = enable_everywhere(organizations, administrator)
        assert organization.delegated_administrator_id == administrator
        organization.deregister_delegated_administrator()
        assert detective.list_graphs()["GraphList"] == []
