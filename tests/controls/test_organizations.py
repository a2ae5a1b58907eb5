"""Organizations that follow AWS Organizations. `tests/test_multi_account.py` does the same with moto."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from detective_fake.controls.context import FakeContext
from detective_fake.controls.organizations import SERVICE_PRINCIPAL, LiveOrganization, set_email
from detective_fake.domain.account import Organization
from detective_fake.domain.clock import Clock
from detective_fake.domain.designation import designate
from detective_fake.domain.world import World
from detective_fake.errors import FakeUsageError
from tests.builders import ADMINISTRATOR, ANA, BEN, MANAGEMENT, NOON, REGION
from tests.invariants import violations

NOT_IN_USE = "AWSOrganizationsNotInUseException"


class Organizations:
    """A stub of AWS Organizations that, unlike moto, supports Detective."""

    class exceptions:  # noqa: N801 - a client's own attribute
        """As on a client."""

        ClientError = ClientError

    def __init__(self) -> None:
        self.organization_id: str | None = "o-1"
        self.accounts = {MANAGEMENT: "ACTIVE", ADMINISTRATOR: "ACTIVE", ANA: "ACTIVE"}
        self.delegated: list[str] = []
        self.trusted: set[str] = set()
        self.failing: dict[str, str] = {}

    def describe_organization(self) -> dict[str, Any]:
        """As the API."""
        self._fail("describe_organization")
        if self.organization_id is None:
            raise refusal(NOT_IN_USE)
        return {"Organization": {"Id": self.organization_id, "MasterAccountId": MANAGEMENT}}

    def get_paginator(self, operation: str) -> Any:
        """Return what has `paginate`."""
        self._fail(operation)
        accounts = [{"Id": each, "Status": status} for each, status in self.accounts.items()]
        pages = {
            "list_accounts": [{"Accounts": accounts[:2]}, {"Accounts": accounts[2:]}],
            "list_delegated_administrators": [{"DelegatedAdministrators": [{"Id": each} for each in self.delegated]}],
        }

        class Paginator:
            def paginate(self, **_: str) -> list[dict[str, Any]]:
                return pages[operation]

        return Paginator()

    def enable_aws_service_access(self, ServicePrincipal: str) -> None:  # noqa: N803 - the API's own name
        """As the API."""
        self.trusted.add(ServicePrincipal)

    def register_delegated_administrator(self, AccountId: str, ServicePrincipal: str) -> None:  # noqa: N803
        """As the API: trusted access comes first."""
        assert ServicePrincipal in self.trusted
        self.delegated.append(AccountId)

    def _fail(self, operation: str) -> None:
        if operation in self.failing:
            raise refusal(self.failing[operation])


def refusal(code: str) -> ClientError:
    """Return an error as botocore raises it."""
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Operation")


@pytest.fixture
def there() -> Organizations:
    """AWS Organizations."""
    return Organizations()


@pytest.fixture
def context() -> FakeContext:
    """A context with an empty world at noon."""
    clock = Clock(lambda: 0.0)
    clock.freeze(NOON)
    return FakeContext(World(), clock)


@pytest.fixture
def live(there: Organizations, context: FakeContext) -> LiveOrganization:
    """A live organization after its first `pull`."""
    live = LiveOrganization(there, context)
    live.pull()
    return live


def the_organization(context: FakeContext) -> Organization:
    """Return the only organization."""
    (organization,) = context.world.organizations.values()
    return organization


class TestDelegation:
    """The delegated administrator for Detective."""

    def test_designating_registers_it_there(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """Once, after enabling trusted access."""
        designate(context.world, the_organization(context), ADMINISTRATOR, REGION, NOON)
        live.push()
        live.push()
        assert there.delegated == [ADMINISTRATOR]
        assert there.trusted == {SERVICE_PRINCIPAL}

    def test_one_registered_there_is_taken_over(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """Then only it and the management account may be designated."""
        there.delegated = [ANA]
        live.pull()
        assert the_organization(context).delegated_administrator_id == ANA
        assert not the_organization(context).may_administer(ADMINISTRATOR)

    def test_deregistering_there_deletes_its_graphs(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """In every Region."""
        for region in (REGION, "eu-west-1"):
            designate(context.world, the_organization(context), ADMINISTRATOR, region, NOON)
        live.push()
        there.delegated = []
        live.pull()
        assert context.world.graphs == {}
        assert violations(context.world) == []

    def test_nothing_is_registered_where_none_is_designated(self, there: Organizations, live: LiveOrganization) -> None:
        """Nor is trusted access enabled."""
        live.push()
        assert (there.delegated, there.trusted) == ([], set())

    @pytest.mark.parametrize("code", ["InvalidInputException", "AccessDeniedException"])
    def test_without_support_the_fake_keeps_the_registration(
        self, there: Organizations, context: FakeContext, live: LiveOrganization, code: str
    ) -> None:
        """The registration holds, although AWS Organizations does not know it."""
        there.failing = {"list_delegated_administrators": code}
        live.pull()
        designate(context.world, the_organization(context), ADMINISTRATOR, REGION, NOON)
        live.push()
        live.pull()
        assert the_organization(context).delegated_administrator_id == ADMINISTRATOR
        assert there.delegated == []


class TestAccounts:
    """The accounts of the organization."""

    @pytest.mark.usefixtures("live")
    def test_are_those_of_all_pages(self, context: FakeContext) -> None:
        """The management account first, as Organizations lists them."""
        assert list(the_organization(context).accounts) == [MANAGEMENT, ADMINISTRATOR, ANA]

    def test_joining_and_leaving_are_followed(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """Both at once."""
        del there.accounts[ANA]
        there.accounts[BEN] = "ACTIVE"
        live.pull()
        assert list(the_organization(context).accounts) == [MANAGEMENT, ADMINISTRATOR, BEN]

    def test_a_closed_account_is_found_by_the_first_pull(self, there: Organizations, context: FakeContext) -> None:
        """A second pull changes nothing."""
        there.accounts[ANA] = "SUSPENDED"
        live = LiveOrganization(there, context)
        live.pull()
        live.pull()
        assert context.world.account(ANA).closed

    def test_an_account_can_be_closed_later(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """The next pull closes it."""
        there.accounts[ANA] = "PENDING_CLOSURE"
        live.pull()
        assert context.world.account(ANA).closed

    def test_a_known_address_stays(self, context: FakeContext, live: LiveOrganization) -> None:
        """The test has set it."""
        set_email(context.world, ANA, "ana@example.com")
        live.pull()
        assert context.world.account(ANA).email == "ana@example.com"


class TestOrganizationItself:
    """Organizations that are created, replaced and deleted."""

    def test_another_one_takes_its_place(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """The graphs of the former organization are deleted."""
        designate(context.world, the_organization(context), MANAGEMENT, REGION, NOON)
        there.organization_id = "o-2"
        live.pull()
        assert the_organization(context).organization_id == "o-2"
        assert context.world.graphs == {}

    def test_only_the_deleted_organization_is_removed(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """Another organization keeps its designation."""
        other = Organization(organization_id="o-other", management_account_id=BEN, accounts={BEN: None})
        context.world.organizations["o-other"] = other
        designate(context.world, other, BEN, REGION, NOON)
        there.organization_id = None
        live.pull()
        assert list(context.world.organizations) == ["o-other"]
        assert len(context.world.graphs) == 1

    def test_without_an_organization_nothing_happens(self, there: Organizations, context: FakeContext) -> None:
        """Neither `pull` nor `push` fails."""
        there.organization_id = None
        live = LiveOrganization(there, context)
        live.pull()
        live.push()
        with pytest.raises(FakeUsageError, match="sees no organization"):
            assert live.organization_id

    @pytest.mark.parametrize("operation", ["describe_organization", "list_delegated_administrators"])
    def test_other_errors_reach_the_test(self, there: Organizations, live: LiveOrganization, operation: str) -> None:
        """They are those of the organizations client."""
        there.failing = {operation: "ServiceException"}
        with pytest.raises(ClientError, match="ServiceException"):
            live.pull()
