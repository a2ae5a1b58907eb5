"""Single calls: against Stubber, against a hook that does nothing, against moto."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.stub import Stubber
from moto import mock_aws

from benchmarks.measuring import Row, ratio
from detective_fake import DetectiveFake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Step = tuple[Any, str, dict[str, Any], dict[str, Any]]

ADMINISTRATOR, MEMBER, MANAGEMENT = "111111111111", "222222222222", "999999999999"
ACCOUNTS = [{"AccountId": MEMBER, "EmailAddress": "root@example.com"}]
THREE_PACKAGES = ["DETECTIVE_CORE", "EKS_AUDIT", "ASFF_SECURITYHUB_FINDING"]
ROLE = f"arn:aws:iam::{MEMBER}:role/build"
INDICATOR = {"indicator_type": "NEW_ASO", "aso": "AMAZON-02"}


class _Nothing:
    status_code = 200


NO_ANSWER: tuple[Any, dict[str, Any]] = (_Nothing, {"ResponseMetadata": {}})


def client_of(account_id: str) -> Any:
    """Return a client of an account, made before any fake."""
    return boto3.Session(account_id, "secret", region_name="us-east-1").client("detective")


def hooked_client() -> Any:
    """Return a client whose calls are answered by a hook that does nothing."""
    client = client_of(ADMINISTRATOR)
    client.meta.events.register("before-call.detective", lambda **_: NO_ANSWER)
    return client


def stubbed(*steps: Step) -> Callable[[], None]:
    """Return work that stubs the given calls and makes them. Each step: client, operation, parameters, response."""
    stubbers = {id(client): Stubber(client) for client, *_ in steps}
    for stubber in stubbers.values():
        stubber.activate()

    def work() -> None:
        for client, operation, parameters, response in steps:
            stubbers[id(client)].add_response(operation, response, parameters)
            getattr(client, operation)(**parameters)

    return work


@contextmanager
def a_graph(*, members: int = 1, status: str = "ENABLED", packages: bool = False) -> Iterator[tuple[Any, str]]:
    """Yield the administrator's client and the ARN of its graph, in an active fake."""
    with DetectiveFake() as fake:
        _, client, arn = _with_graph(fake, members=members, status=status, packages=packages)
        yield client, arn


def _with_graph(
    fake: DetectiveFake, *, members: int = 1, status: str = "ENABLED", packages: bool = False
) -> tuple[DetectiveFake, Any, str]:
    ids = [f"{MEMBER[:6]}{number:06d}" for number in range(members)] if members > 1 else [MEMBER]
    for account_id in ids if packages else ():
        fake.seed.account(account_id, daily_volume_bytes=dict.fromkeys(THREE_PACKAGES, 10**6))
    arn = fake.seed.graph(ADMINISTRATOR, members=dict.fromkeys(ids, status))
    client = client_of(ADMINISTRATOR)
    if packages:
        with fake:
            client.update_datasource_packages(GraphArn=arn, DatasourcePackages=THREE_PACKAGES)
    return fake, client, arn


def response_of(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the response of a call without metadata, as a test gives it to Stubber."""
    response = call()
    del response["ResponseMetadata"]
    return response


def list_members_against_stubber() -> float:
    """One member."""
    fake, client, arn = _with_graph(DetectiveFake())
    with fake:
        response = response_of(lambda: client.list_members(GraphArn=arn))
    assert [(row["AccountId"], row["Status"]) for row in response["MemberDetails"]] == [(MEMBER, "ENABLED")]
    theirs = stubbed((client_of(ADMINISTRATOR), "list_members", {"GraphArn": arn}, response))
    return ratio(lambda: client.list_members(GraphArn=arn), theirs, around=lambda: fake)


def get_members_against_stubber() -> float:
    """One member."""
    fake, client, arn = _with_graph(DetectiveFake())
    parameters = {"GraphArn": arn, "AccountIds": [MEMBER]}
    with fake:
        response = response_of(lambda: client.get_members(**parameters))
    assert [row["AccountId"] for row in response["MemberDetails"]] == [MEMBER]
    theirs = stubbed((client_of(ADMINISTRATOR), "get_members", parameters, response))
    return ratio(lambda: client.get_members(**parameters), theirs, around=lambda: fake)


def create_and_delete_against_stubber() -> float:
    """One account invited and removed."""
    fake, client, arn = _with_graph(DetectiveFake(), members=2)
    create = {"GraphArn": arn, "Accounts": ACCOUNTS}
    delete = {"GraphArn": arn, "AccountIds": [MEMBER]}
    with fake:
        created = response_of(lambda: client.create_members(**create))
        assert len(client.list_members(GraphArn=arn)["MemberDetails"]) == 3
        deleted = response_of(lambda: client.delete_members(**delete))
        assert len(client.list_members(GraphArn=arn)["MemberDetails"]) == 2
    assert created["Members"][0]["AccountId"] == deleted["AccountIds"][0] == MEMBER
    other = client_of(ADMINISTRATOR)

    def ours() -> None:
        client.create_members(**create)
        client.delete_members(**delete)

    theirs = stubbed((other, "create_members", create, created), (other, "delete_members", delete, deleted))
    return ratio(ours, theirs, around=lambda: fake)


def cycle_against_stubber() -> float:
    """One account invited by one client; accepts and leaves by another."""
    fake, client, arn = _with_graph(DetectiveFake(), members=2)
    member = client_of(MEMBER)
    create, graph = {"GraphArn": arn, "Accounts": ACCOUNTS}, {"GraphArn": arn}

    def ours() -> None:
        client.create_members(**create)
        member.accept_invitation(**graph)
        member.disassociate_membership(**graph)

    with fake:
        created = response_of(lambda: client.create_members(**create))
        member.accept_invitation(**graph)
        assert member.list_invitations()["Invitations"][0]["Status"] == "ENABLED"
        member.disassociate_membership(**graph)
        assert member.list_invitations()["Invitations"] == []
    one, other = client_of(ADMINISTRATOR), client_of(MEMBER)
    theirs = stubbed(
        (one, "create_members", create, created),
        (other, "accept_invitation", graph, {}),
        (other, "disassociate_membership", graph, {}),
    )
    return ratio(ours, theirs, around=lambda: fake)


def list_members_against_hook() -> float:
    """One member."""
    return page_against_hook(members=1, status="ENABLED")


def get_members_against_hook() -> float:
    """One member."""
    fake, client, arn = _with_graph(DetectiveFake())
    parameters = {"GraphArn": arn, "AccountIds": [MEMBER]}
    with fake:
        assert [row["AccountId"] for row in client.get_members(**parameters)["MemberDetails"]] == [MEMBER]
    hooked = hooked_client()
    return ratio(
        lambda: client.get_members(**parameters), lambda: hooked.get_members(**parameters), around=lambda: fake
    )


def page_against_hook(*, members: int, status: str, packages: bool = False) -> float:
    """A page of members of one status."""
    fake, client, arn = _with_graph(DetectiveFake(), members=members, status=status, packages=packages)
    parameters: dict[str, Any] = {"GraphArn": arn, "MaxResults": 200} if members > 1 else {"GraphArn": arn}
    with fake:
        details = client.list_members(**parameters)["MemberDetails"]
    assert len(details) == members
    assert all(detail["Status"] == status for detail in details)
    volumes = 0 if status == "INVITED" else 3 if packages else 1
    assert all(len(detail.get("VolumeUsageByDatasourcePackage", ())) == volumes for detail in details)
    assert all(len(detail.get("DatasourcePackageIngestStates", ())) == volumes for detail in details)
    hooked = hooked_client()
    return ratio(
        lambda: client.list_members(**parameters),
        lambda: hooked.list_members(**parameters),
        around=lambda: fake,
    )


def _organization(fake: DetectiveFake) -> tuple[str, str]:
    """Return the ARN of an organization behavior graph with a member, and the ID of an investigation in it."""
    fake.seed.organization(management_account_id=MANAGEMENT, accounts=[ADMINISTRATOR])
    with fake:
        client_of(MANAGEMENT).enable_organization_admin_account(AccountId=ADMINISTRATOR)
        administrator = client_of(ADMINISTRATOR)
        arn = administrator.list_graphs()["GraphList"][0]["Arn"]
        administrator.create_members(GraphArn=arn, Accounts=ACCOUNTS)
        client_of(MEMBER).accept_invitation(GraphArn=arn)
        return arn, fake.seed.investigation(arn, entity_arn=ROLE, indicators=[INDICATOR])


READS: dict[str, tuple[str, str]] = {
    "list_graphs": (ADMINISTRATOR, "GraphList"),
    "list_members": (ADMINISTRATOR, "MemberDetails"),
    "get_members": (ADMINISTRATOR, "MemberDetails"),
    "list_invitations": (MEMBER, "Invitations"),
    "list_tags_for_resource": (ADMINISTRATOR, "Tags"),
    "list_datasource_packages": (ADMINISTRATOR, "DatasourcePackages"),
    "batch_get_graph_member_datasources": (ADMINISTRATOR, "MemberDatasources"),
    "batch_get_membership_datasources": (MEMBER, "MembershipDatasources"),
    "describe_organization_configuration": (ADMINISTRATOR, "AutoEnable"),
    "list_organization_admin_accounts": (MANAGEMENT, "Administrators"),
    "list_investigations": (ADMINISTRATOR, "InvestigationDetails"),
    "get_investigation": (ADMINISTRATOR, "EntityArn"),
    "list_indicators": (ADMINISTRATOR, "Indicators"),
}
"""Every read, the account that calls it, and the member of the response that must not be empty."""


def read_against_moto(read: str) -> float:
    """How many times faster one of our reads is than GuardDuty's `list_detectors` on moto."""
    fake = DetectiveFake()
    arn, investigation_id = _organization(fake)
    graph = {"GraphArn": arn}
    parameters: dict[str, dict[str, Any]] = {
        "list_graphs": {},
        "get_members": {**graph, "AccountIds": [MEMBER]},
        "list_invitations": {},
        "list_tags_for_resource": {"ResourceArn": arn},
        "batch_get_graph_member_datasources": {**graph, "AccountIds": [MEMBER]},
        "batch_get_membership_datasources": {"GraphArns": [arn]},
        "list_organization_admin_accounts": {},
        "get_investigation": {**graph, "InvestigationId": investigation_id},
        "list_indicators": {**graph, "InvestigationId": investigation_id},
    }
    account_id, member = READS[read]
    arguments = parameters.get(read, graph)
    call = getattr(client_of(account_id), read)
    with fake:
        client_of(ADMINISTRATOR).tag_resource(ResourceArn=arn, Tags={"team": "security"})
        client_of(ADMINISTRATOR).update_organization_configuration(GraphArn=arn, AutoEnable=True)
        assert call(**arguments)[member]
    guardduty = boto3.Session("key", "secret", region_name="us-east-1").client("guardduty")
    with mock_aws():
        guardduty.create_detector(Enable=True)
        assert guardduty.list_detectors()["DetectorIds"]
        return 1 / ratio(lambda: call(**arguments), guardduty.list_detectors, around=lambda: fake)


_STUBBER = "Stubber, add_response and call"
_HOOK = "before-call hook that does nothing"

ROWS = (
    Row(what="list_members, one member", against=_STUBBER, target=1.0, measure=list_members_against_stubber),
    Row(what="get_members, one member", against=_STUBBER, target=1.0, measure=get_members_against_stubber),
    Row(
        what="create_members + delete_members", against=_STUBBER, target=1.2, measure=create_and_delete_against_stubber
    ),
    Row(what="invite, accept, leave", against=_STUBBER, target=1.2, measure=cycle_against_stubber),
    Row(what="list_members, one member", against=_HOOK, target=1.35, measure=list_members_against_hook),
    Row(what="get_members, one member", against=_HOOK, target=1.35, measure=get_members_against_hook),
    Row(
        what="list_members, 200 INVITED rows",
        against=_HOOK,
        target=3,
        measure=lambda: page_against_hook(members=200, status="INVITED"),
    ),
    Row(
        what="list_members, 200 ENABLED rows, three packages",
        against=_HOOK,
        target=5,
        measure=lambda: page_against_hook(members=200, status="ENABLED", packages=True),
    ),
    Row(
        what=f"any read, the slowest of {len(READS)}",
        against="moto, GuardDuty list_detectors",
        target=6,
        at_least=True,
        measure=lambda: min(map(read_against_moto, READS)),
    ),
)
