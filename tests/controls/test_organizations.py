"""Organizations that follow AWS Organizations. `tests/test_multi_account.py` does the same with moto."""

from __future__ import annotations

import json
import re
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import attrs
import botocore.session
import pytest
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws
from moto.organizations.models import FakeDelegatedAdministrator

from detective_fake import DetectiveFake
from detective_fake.controls.context import FakeContext
from detective_fake.controls.organizations import (
    SERVICE_PRINCIPAL,
    LiveOrganization,
    MotoOrganizations,
    OrganizationControl,
    _client_in_moto,
    set_email,
)
from detective_fake.domain.account import Organization
from detective_fake.domain.clock import Clock
from detective_fake.domain.designation import designate
from detective_fake.domain.world import World
from detective_fake.errors import FakeUsageError
from tests.builders import ADMINISTRATOR, ANA, BEN, MANAGEMENT, NOON, REGION, an_organization_graph
from tests.controls.contexts import seed_on
from tests.invariants import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_IN_USE = "AWSOrganizationsNotInUseException"


class Organizations:
    """A stub of AWS Organizations that, unlike moto, supports Detective. It answers the calls of one client.

    Attributes:
        calls: The operations that were called.
    """

    def __init__(self) -> None:
        session = botocore.session.Session()
        keys: Any = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
        self.client: Any = session.create_client("organizations", **keys)
        self.client.meta.events.register("before-call.organizations", self.answer)  # type: ignore[arg-type]
        self.calls: list[str] = []
        self.organization_id: str | None = "o-1"
        self.accounts: dict[str, str | None] = {MANAGEMENT: "ACTIVE", ADMINISTRATOR: "ACTIVE", ANA: "ACTIVE"}
        self.emails: dict[str, str] = {}
        self.delegated: list[str] = []
        self.trusted: set[str] = set()
        self.failing: dict[str, str] = {}

    def answer(self, model: Any, params: Any, **_: object) -> tuple[Any, dict[str, Any]]:
        """Answer a call, as the API does."""
        self.calls.append(model.name)
        if model.name in self.failing:
            raise refusal(self.failing[model.name])
        response = getattr(self, f"_{model.name}")(**json.loads(params["body"]))
        return SimpleNamespace(status_code=200), response

    def _DescribeOrganization(self) -> dict[str, Any]:  # noqa: N802 - the operation's name, as below
        if self.organization_id is None:
            raise refusal(NOT_IN_USE)
        return {"Organization": {"Id": self.organization_id, "MasterAccountId": MANAGEMENT}}

    def _ListAccounts(self, NextToken: str = "") -> dict[str, Any]:  # noqa: N802, N803
        accounts = [
            {"Id": each}
            | ({"Status": status} if status else {})
            | ({"Email": self.emails[each]} if each in self.emails else {})
            for each, status in self.accounts.items()
        ]
        return {"Accounts": accounts[2:]} if NextToken else {"Accounts": accounts[:2], "NextToken": "2"}

    def _ListDelegatedAdministrators(self, ServicePrincipal: str) -> dict[str, Any]:  # noqa: N802, N803
        assert ServicePrincipal == SERVICE_PRINCIPAL
        return {"DelegatedAdministrators": [{"Id": each} for each in self.delegated]}

    def _EnableAWSServiceAccess(self, ServicePrincipal: str) -> dict[str, Any]:  # noqa: N802, N803
        self.trusted.add(ServicePrincipal)
        return {}

    def _RegisterDelegatedAdministrator(self, AccountId: str, ServicePrincipal: str) -> dict[str, Any]:  # noqa: N802, N803
        assert ServicePrincipal in self.trusted
        self.delegated.append(AccountId)
        return {}


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
    live = LiveOrganization(there.client, context)
    live.pull()
    return live


def the_organization(context: FakeContext) -> Organization:
    """Return the only organization."""
    (organization,) = context.world.organizations.values()
    return organization


class TestOrganizationFrom:
    """`fake.seed.organization_from`."""

    def test_follows_the_organization_of_a_client(self, there: Organizations, context: FakeContext) -> None:
        """The fake reads the organization before each call."""
        control = seed_on(context).organization_from(there.client)
        assert (control.organization_id, control.management_account_id) == ("o-1", MANAGEMENT)
        assert [type(each) for each in context.outside] == [LiveOrganization]

    @pytest.mark.parametrize("given", [None, "o-1", pytest, DetectiveFake().client()])
    def test_refuses_other_values(self, context: FakeContext, given: Any) -> None:
        """The message names the argument and what is expected."""
        expected = 'organizations_client: expected boto3.client("organizations"), got the '
        with pytest.raises(FakeUsageError, match=f"^{re.escape(expected)}.*{re.escape(repr(given))}"):
            seed_on(context).organization_from(given)
        assert context.outside == []

    def test_refuses_an_asynchronous_client(
        self, there: Organizations, context: FakeContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its methods return coroutines."""
        monkeypatch.setattr(type(there.client), "__aexit__", None, raising=False)
        with pytest.raises(FakeUsageError, match=r"^organizations_client: expected"):
            seed_on(context).organization_from(there.client)


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
        """The graphs of every Region are deleted."""
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
        there.failing = {"ListDelegatedAdministrators": code}
        live.pull()
        designate(context.world, the_organization(context), ADMINISTRATOR, REGION, NOON)
        live.push()
        live.pull()
        assert the_organization(context).delegated_administrator_id == ADMINISTRATOR
        assert there.delegated == []
        assert (live.follows("o-1"), live.follows("o-1", delegation=True)) == (True, False)


class TestAccounts:
    """The accounts of the organization."""

    @pytest.mark.usefixtures("live")
    def test_are_those_of_all_pages(self, context: FakeContext) -> None:
        """The management account first, as Organizations lists them."""
        assert list(the_organization(context).accounts) == [MANAGEMENT, ADMINISTRATOR, ANA]

    def test_joining_and_leaving_are_followed(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """Both may happen between two calls."""
        del there.accounts[ANA]
        there.accounts[BEN] = "ACTIVE"
        live.pull()
        assert list(the_organization(context).accounts) == [MANAGEMENT, ADMINISTRATOR, BEN]

    def test_an_administrator_that_leaves_loses_its_graph(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """And its designation."""
        designate(context.world, the_organization(context), ADMINISTRATOR, REGION, NOON)
        del there.accounts[ADMINISTRATOR]
        live.pull()
        assert not context.world.graphs
        assert not context.world.designations
        assert the_organization(context).delegated_administrator_id is None

    def test_a_closed_account_is_found_by_the_first_pull(self, there: Organizations, context: FakeContext) -> None:
        """A second pull changes nothing."""
        there.accounts[ANA] = "SUSPENDED"
        live = LiveOrganization(there.client, context)
        live.pull()
        live.pull()
        assert context.world.account(ANA).closed

    def test_an_account_can_be_closed_later(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """The next pull closes it, once: what the test adds then stays."""
        there.accounts[ANA] = "PENDING_CLOSURE"
        live.pull()
        assert context.world.account(ANA).closed
        arn = seed_on(context).graph(ANA)
        live.pull()
        assert list(context.world.graphs) == [arn]

    def test_a_closed_administrator_loses_its_graph(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """And its designation. A second pull changes nothing."""
        designate(context.world, the_organization(context), ADMINISTRATOR, REGION, NOON)
        live.push()
        there.accounts[ADMINISTRATOR] = "SUSPENDED"
        live.pull()
        live.pull()
        assert not context.world.graphs
        assert not context.world.designations

    def test_accounts_that_are_active_or_have_no_status_stay_open(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """Newer versions of the API may leave `Status` out, which is deprecated."""
        there.accounts[ANA] = None
        live.pull()
        assert [context.world.account(each).closed for each in there.accounts] == [False] * 3

    def test_an_account_that_joins_is_enrolled_now_with_its_address(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """The organization has it, too. The address may be known later than the account."""
        graph = an_organization_graph(context.world, the_organization(context))
        context.world.put_graph(attrs.evolve(graph, auto_enable=True))
        live.push()
        there.accounts[BEN] = "ACTIVE"
        there.emails = {BEN: "ben@example.com", ANA: "ana@example.com"}
        live.pull()
        row = context.world.membership(graph.arn, BEN)
        assert row is not None
        assert (row.email, row.invited_at) == ("ben@example.com", NOON)
        assert the_organization(context).accounts[BEN] == "ben@example.com"
        assert [context.world.account(each).email for each in (BEN, ANA)] == ["ben@example.com", "ana@example.com"]

    def test_a_known_address_stays(self, there: Organizations, context: FakeContext, live: LiveOrganization) -> None:
        """The test has set it."""
        there.emails = {ANA: "other@example.com"}
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
        live = LiveOrganization(there.client, context)
        live.pull()
        live.push()
        assert there.calls == ["DescribeOrganization"]
        with pytest.raises(FakeUsageError, match="sees no organization"):
            assert live.organization_id

    @pytest.mark.parametrize("operation", ["DescribeOrganization", "ListDelegatedAdministrators"])
    def test_other_errors_reach_the_test(self, there: Organizations, live: LiveOrganization, operation: str) -> None:
        """They are those of the organizations client."""
        there.failing = {operation: "ServiceException"}
        with pytest.raises(ClientError, match="ServiceException"):
            live.pull()

    def test_going_back_to_the_time_before_adds_it_again(
        self, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """Also if another one has taken its place meanwhile."""
        earlier, before = World(), context.world.copy()
        context.world.become(earlier)
        live.push()
        live.pull()
        assert the_organization(context).organization_id == "o-1"
        there.organization_id = "o-2"
        live.pull()
        context.world.become(before)
        live.pull()
        assert the_organization(context).organization_id == "o-2"


class TestChangesOfTheTest:
    @pytest.fixture
    def control(self, context: FakeContext, live: LiveOrganization) -> OrganizationControl:
        context.outside.append(live)
        return OrganizationControl(context, live.organization_id)

    def test_that_would_be_undone_are_refused(self, control: OrganizationControl, context: FakeContext) -> None:
        """The message names the client's method."""
        before = context.world.copy()
        with pytest.raises(FakeUsageError, match=r"o-1 follows AWS Organizations.*\.create_account\("):
            control.add_account(BEN)
        with pytest.raises(FakeUsageError, match=r"\.remove_account_from_organization\("):
            control.remove_account(ANA)
        with pytest.raises(FakeUsageError, match=r"\.deregister_delegated_administrator\("):
            control.deregister_delegated_administrator()
        assert context.world == before

    def test_that_last_are_made(
        self, control: OrganizationControl, there: Organizations, context: FakeContext, live: LiveOrganization
    ) -> None:
        """Closing, and deregistering where AWS Organizations does not support Detective."""
        there.failing = {"ListDelegatedAdministrators": "InvalidInputException"}
        live.pull()
        designate(context.world, the_organization(context), ADMINISTRATOR, REGION, NOON)
        with pytest.raises(FakeUsageError, match=r"\.create_account\("):
            control.add_account(BEN)
        control.deregister_delegated_administrator()
        control.close_account(ANA)
        live.pull()
        assert the_organization(context).delegated_administrator_id is None
        assert context.world.account(ANA).closed

    def test_another_organization_is_changed_as_before(
        self, control: OrganizationControl, context: FakeContext
    ) -> None:
        """The fake does not follow it."""
        other = Organization(organization_id="o-other", management_account_id=BEN, accounts={BEN: None})
        context.world.organizations["o-other"] = other
        own = OrganizationControl(context, "o-other")
        own.add_account("444444444444")
        assert own.account_ids == (BEN, "444444444444")
        assert "444444444444" not in control.account_ids


class TestInsideTheProcess:
    """Clients that nothing in this process answers."""

    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Return the URLs of the requests that botocore would send."""
        sent: list[str] = []

        def send(_: object, request: Any) -> None:
            sent.append(request.url)
            raise EndpointConnectionError(endpoint_url=request.url)

        monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", send)
        return sent

    def a_client(self, **options: Any) -> Any:
        session = botocore.session.Session()
        options["config"] = Config(retries={"max_attempts": 0})
        return session.create_client("organizations", region_name="us-east-1", **options)

    def test_are_refused_before_a_connection(self, context: FakeContext, sent: list[str]) -> None:
        """And before credentials are fetched for a signature."""
        fetch: Any = mock.Mock(side_effect=AssertionError)
        client = self.a_client(aws_access_key_id="a", aws_secret_access_key="b")
        client._request_signer._credentials = DeferredRefreshableCredentials(fetch, "test")  # noqa: SLF001
        with pytest.raises(FakeUsageError, match=r"organizations\.us-east-1\.amazonaws\.com.*Keep moto's mock_aws"):
            LiveOrganization(client, context).pull()
        assert sent == []

    @pytest.mark.parametrize("url", ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000"])
    def test_may_point_to_this_machine(self, context: FakeContext, sent: list[str], url: str) -> None:
        """A server such as moto's answers them."""
        client = self.a_client(aws_access_key_id="a", aws_secret_access_key="b", endpoint_url=url)
        with pytest.raises(EndpointConnectionError):
            LiveOrganization(client, context).pull()
        assert [each.rstrip("/") for each in sent] == [url]

    def test_are_as_before_afterwards(self, sent: list[str]) -> None:
        """The test's own calls are not refused."""
        client = self.a_client(aws_access_key_id="a", aws_secret_access_key="b")
        context = FakeContext(World(), Clock(lambda: 0.0))
        with pytest.raises(FakeUsageError):
            LiveOrganization(client, context).pull()
        with pytest.raises(EndpointConnectionError):
            client.list_roots()
        assert sent


class TestMoto:
    """Organizations of moto, without a client."""

    @pytest.fixture
    def moto(self, context: FakeContext) -> MotoOrganizations:
        return MotoOrganizations(context)

    @pytest.fixture
    def mocked(self) -> Iterator[None]:
        with mock_aws():
            yield

    @pytest.mark.usefixtures("mocked")
    def test_each_account_s_organization_is_followed(self, context: FakeContext, moto: MotoOrganizations) -> None:
        """Whichever account has created it."""
        moto.pull()
        assert context.world.organizations == {}
        for account_id in (MANAGEMENT, BEN):
            _client_in_moto(account_id).create_organization(FeatureSet="ALL")
        moto.pull()
        found = {each.management_account_id: key for key, each in context.world.organizations.items()}
        assert found.keys() == {MANAGEMENT, BEN}
        assert (moto.follows(found[BEN]), moto.follows(found[BEN], delegation=True)) == (True, False)
        assert not moto.follows("o-other")
        _client_in_moto(BEN).delete_organization()
        moto.pull()
        assert [each.management_account_id for each in context.world.organizations.values()] == [MANAGEMENT]
        _client_in_moto(MANAGEMENT).delete_organization()
        _client_in_moto(MANAGEMENT).create_organization(FeatureSet="ALL")
        moto.pull()
        assert the_organization(context).organization_id not in found.values()

    def test_nothing_changes_after_moto_has_ended(self, context: FakeContext, moto: MotoOrganizations) -> None:
        """The organization stays as it was, until moto starts again without it."""
        with mock_aws():
            _client_in_moto(MANAGEMENT).create_organization(FeatureSet="ALL")
            moto.pull()
        before = context.world.copy()
        moto.pull()
        designate(context.world, the_organization(context), MANAGEMENT, REGION, NOON)
        moto.push()
        assert context.world.organizations.keys() == before.organizations.keys()
        with mock_aws():
            moto.pull()
        assert context.world.organizations == {}

    def test_the_delegated_administrator_is_registered_if_moto_supports_detective(
        self, context: FakeContext, moto: MotoOrganizations, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only while moto answers calls."""
        monkeypatch.setattr(FakeDelegatedAdministrator, "SUPPORTED_SERVICES", [SERVICE_PRINCIPAL])
        with mock_aws():
            client = _client_in_moto(MANAGEMENT)
            client.create_organization(FeatureSet="ALL")
            created = [client.create_account(AccountName=each, Email=f"{each}@example.com") for each in ("a", "b")]
            one, other = (each["CreateAccountStatus"]["AccountId"] for each in created)
            moto.pull()
            designate(context.world, the_organization(context), one, REGION, NOON)
            moto.push()
            assert [each["Id"] for each in client.list_delegated_administrators()["DelegatedAdministrators"]] == [one]
        organization = attrs.evolve(the_organization(context), delegated_administrator_id=other)
        context.world.organizations[organization.organization_id] = organization
        moto.push()

    def test_moto_is_not_imported(self, context: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without it, there is nothing to follow."""
        monkeypatch.delitem(sys.modules, "moto.organizations.models", raising=False)
        MotoOrganizations(context).pull()
        assert "moto.organizations.models" not in sys.modules
