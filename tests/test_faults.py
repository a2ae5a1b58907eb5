"""Faults and denials with real clients: every error, every retry mode, synchronous and asynchronous clients."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

import botocore.exceptions
import pytest
from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import ClientError

from detective_fake import DetectiveFake, FakeUsageError
from detective_fake.controls.faults import COMMON_ERRORS
from detective_fake.errors import ServiceQuotaExceeded, UnusedFaults
from detective_fake.exchange import NetworkError
from detective_fake.protocol.model import error_statuses
from tests.builders import ADMINISTRATOR, ANA, BEN, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

MODES = ("legacy", "standard", "adaptive")
NETWORK_ERRORS = get_args(NetworkError)
RETRIED = {
    "InternalServerException",
    "ServiceUnavailableException",
    "ThrottlingException",
    "TooManyRequestsException",
}
ERRORS = (*error_statuses(), "ThrottlingException", "ServiceUnavailableException", "ExpiredTokenException")
FAULTS = [{"error": code} for code in ERRORS] + [{"network": name} for name in NETWORK_ERRORS]
SESSION = AioSession()


@pytest.fixture
def fake() -> Iterator[DetectiveFake]:
    with DetectiveFake() as fake:
        fake.clock.freeze(NOON)
        yield fake


def called(fake: DetectiveFake, kind: str, mode: str) -> Any:
    """Call ListGraphs with a new client that makes up to three attempts, and return the response or the exception."""
    config = Config(retries={"mode": mode, "total_max_attempts": 3})  # type: ignore[arg-type]

    async def call() -> Any:
        options: dict[str, Any] = {"region_name": fake.region, "config": config, **fake.credentials()}
        async with SESSION.create_client("detective", **options) as client:
            return await client.list_graphs()

    try:
        return asyncio.run(call()) if kind == "async" else fake.client(config=config).list_graphs()
    except (ClientError, botocore.exceptions.BotoCoreError) as error:
        return error


def name_of(fault: dict[str, str]) -> str:
    return next(iter(fault.values()))


@pytest.mark.parametrize("kind", ["sync", pytest.param("async", marks=pytest.mark.slow)])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
class TestMatrix:
    def test_two_faults(self, fake: DetectiveFake, fault: dict[str, Any], mode: str, kind: str) -> None:
        """If botocore retries, the third attempt succeeds and nothing sleeps. Otherwise the first attempt fails."""
        added, name = fake.faults.add("ListGraphs", **fault, times=2), name_of(fault)
        outcome = called(fake, kind, mode)
        retried = name in RETRIED or "network" in fault
        assert [each.outcome for each in fake.calls[0].attempts] == ([name, name, "ok"] if retried else [name])
        assert [(each.operation, each.attempt) for each in fake.backoffs] == (
            [("ListGraphs", 1), ("ListGraphs", 2)] if retried else []
        )
        assert (added.used, len(fake.calls)) == (2 if retried else 1, 1)
        if retried:
            assert outcome["ResponseMetadata"]["RetryAttempts"] == 2
            assert all(0 <= each.seconds < 60 for each in fake.backoffs)
        else:
            assert outcome.response["Error"]["Code"] == name
            assert outcome.response["ResponseMetadata"]["RetryAttempts"] == 0

    def test_endless_faults(self, fake: DetectiveFake, fault: dict[str, Any], mode: str, kind: str) -> None:
        """The client gives up and raises the same exception as with AWS."""
        fake.faults.add("ListGraphs", **fault, times=None)
        error, name = called(fake, kind, mode), name_of(fault)
        retried = name in RETRIED or "network" in fault
        assert len(fake.calls[0].attempts) == (3 if retried else 1)
        assert len(fake.backoffs) == (2 if retried else 0)
        if "network" in fault:
            assert type(error) is getattr(botocore.exceptions, name)
            return
        status = error_statuses().get(name) or COMMON_ERRORS[name][0]
        assert type(error).__name__ == (name if name in error_statuses() else "ClientError")
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert error.response["ResponseMetadata"]["RetryAttempts"] == (2 if retried else 0)
        assert error.response["ResponseMetadata"].get("MaxAttemptsReached", False) is retried


class TestErrors:
    def test_can_have_another_text_and_status(self, fake: DetectiveFake) -> None:
        """A front end that throttles with a status other than the default."""
        fake.faults.add("ListGraphs", error="ThrottlingException", status=503, message="Slow down", times=None)
        with pytest.raises(ClientError, match=r"ThrottlingException.*Slow down"):
            fake.client().list_graphs()
        assert fake.calls[0].error.status == 503  # type: ignore[union-attr]

    def test_can_have_further_members(self, fake: DetectiveFake) -> None:
        """The client receives them."""
        fake.faults.add("CreateGraph", error=ServiceQuotaExceeded(members={"Resources": ("MEMBER",)}))
        with pytest.raises(ClientError) as caught:
            fake.client().create_graph()
        assert caught.value.response["Resources"] == ["MEMBER"]  # type: ignore[typeddict-item]

    def test_are_the_same_on_the_wire_path(self) -> None:
        """Also errors that botocore does not retry."""
        seen = []
        for wire in (False, True):
            with DetectiveFake(wire=wire) as fake, fake.faults.add("*", error="ExpiredTokenException"):
                with pytest.raises(ClientError) as caught:
                    fake.client().list_graphs()
                response: Any = caught.value.response
                seen.append((str(caught.value), response["Error"], sorted(response)))
        assert seen[0] == seen[1]


class TestBefore:
    @pytest.mark.parametrize("fault", [{"error": "InternalServerException"}, {"network": "ConnectTimeoutError"}])
    def test_the_operation_is_not_performed(self, fake: DetectiveFake, fault: dict[str, Any]) -> None:
        """The state does not change."""
        before = fake.snapshot()
        fake.faults.add("CreateGraph", **fault, times=None)
        with pytest.raises((ClientError, botocore.exceptions.ConnectTimeoutError)):
            fake.client().create_graph()
        assert fake.snapshot() == before

    def test_cloudtrail_does_not_record_a_request_that_did_not_arrive(self, fake: DetectiveFake) -> None:
        """It records the error of the second attempt."""
        fake.faults.add("ListGraphs", network="ConnectTimeoutError")
        fake.faults.add("ListGraphs", error="InternalServerException")
        fake.client().list_graphs()
        assert [each.get("errorCode") for each in fake.cloudtrail] == ["InternalServerException", None]
        assert fake.calls[0].attempts[0].request_id == ""


class TestAfter:
    @pytest.mark.parametrize("fault", [{"error": "InternalServerException"}, {"network": "ReadTimeoutError"}])
    def test_the_state_has_changed(self, fake: DetectiveFake, fault: dict[str, Any]) -> None:
        """The second attempt invites the same account again."""
        graph_arn = fake.seed.graph()
        fake.faults.add("CreateMembers", **fault, when="after")
        accounts: Any = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        answer = fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)
        assert answer["Members"] == []
        assert answer["UnprocessedAccounts"] == [{"AccountId": ANA, "Reason": "Account is already a member"}]
        assert [each.account_id for each in fake.members(graph_arn)] == [ANA]

    def test_an_error_replaces_the_answer(self, fake: DetectiveFake) -> None:
        """The graph exists, but the client does not receive its ARN."""
        fake.faults.add("CreateGraph", error="ConflictException", when="after")
        with pytest.raises(ClientError, match="ConflictException"):
            fake.client().create_graph()
        assert (fake.calls[0].outcome, fake.calls[0].result) == ("ConflictException", None)
        assert len(fake.graphs) == 1

    def test_a_lost_answer_is_in_the_journal(self, fake: DetectiveFake) -> None:
        """CloudTrail records a success."""
        fake.faults.add("CreateGraph", network="ReadTimeoutError", when="after", times=None)
        with pytest.raises(botocore.exceptions.ReadTimeoutError):
            fake.client(config=Config(retries={"total_max_attempts": 1})).create_graph()
        (record,) = fake.calls
        assert (record.network, record.result, record.failed) == (
            "ReadTimeoutError",
            {"GraphArn": fake.graphs[0].arn},
            True,
        )
        assert [each["responseElements"] for each in fake.cloudtrail] == [record.result]

    def test_an_error_can_be_lost(self, fake: DetectiveFake) -> None:
        """The client does not receive it."""
        fake.faults.add("DeleteGraph", network="SSLError", when="after")
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            fake.client().delete_graph(GraphArn=f"arn:aws:detective:us-east-1:{ANA}:graph:{'0' * 32}")
        assert [each.outcome for each in fake.calls[0].attempts] == ["SSLError", "ResourceNotFoundException"]


class TestUnprocessed:
    def test_accounts_are_not_invited(self, fake: DetectiveFake) -> None:
        """The other accounts of the batch are."""
        graph_arn = fake.seed.graph()
        fake.faults.add("CreateMembers", unprocessed={ANA: "Throttled"})
        accounts: Any = [{"AccountId": each, "EmailAddress": "x@example.com"} for each in (ANA, BEN)]
        answer = fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)
        assert [each["AccountId"] for each in answer["Members"]] == [BEN]
        assert answer["UnprocessedAccounts"] == [{"AccountId": ANA, "Reason": "Throttled"}]

    def test_a_batch_can_become_empty(self, fake: DetectiveFake) -> None:
        """The request itself was valid."""
        graph_arn = fake.seed.graph(members=[ANA])
        fake.faults.add("*Members", unprocessed={ANA: "Busy"}, times=2)
        client = fake.client()
        assert client.get_members(GraphArn=graph_arn, AccountIds=[ANA])["MemberDetails"] == []
        assert client.delete_members(GraphArn=graph_arn, AccountIds=[ANA])["AccountIds"] == []
        assert client.delete_members(GraphArn=graph_arn, AccountIds=[ANA])["AccountIds"] == [ANA]

    def test_batches_without_the_account_do_not_use_it(self, fake: DetectiveFake) -> None:
        """And requests are still validated."""
        graph_arn = fake.seed.graph(members=[ANA, BEN])
        fault = fake.faults.add("GetMembers", unprocessed={ANA: "Busy"}, times=None)
        assert len(fake.client().get_members(GraphArn=graph_arn, AccountIds=[BEN])["MemberDetails"]) == 1
        assert fault.used == 0
        with pytest.raises(ClientError, match="ValidationException"):
            fake.client().get_members(GraphArn=graph_arn, AccountIds=[ANA] * 51)


class TestLatency:
    def test_before_the_operation_it_delays_the_call(self, fake: DetectiveFake) -> None:
        """Events that become due have run."""
        graph_arn = fake.seed.graph()
        fake.timings.verification = timedelta(minutes=1)
        accounts: Any = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)
        fake.faults.add("ListMembers", latency=timedelta(minutes=2))
        (row,) = fake.client().list_members(GraphArn=graph_arn)["MemberDetails"]
        assert (row["Status"], row["UpdatedTime"]) == ("INVITED", NOON + timedelta(minutes=1))
        assert fake.clock.now() == fake.calls[-1].at == NOON + timedelta(minutes=2)

    def test_after_the_operation_it_delays_the_answer(self, fake: DetectiveFake) -> None:
        """The operation is performed without a delay."""
        fake.faults.add("CreateGraph", latency=timedelta(seconds=30), when="after")
        fake.client().create_graph()
        assert (fake.graphs[0].created_at, fake.calls[0].at) == (NOON, NOON)
        assert fake.clock.now() == NOON + timedelta(seconds=30)

    def test_is_used_together_with_other_faults(self, fake: DetectiveFake) -> None:
        """Each attempt is delayed."""
        fake.faults.add("*", latency=timedelta(seconds=5), times=None)
        fake.faults.add("*", error="TooManyRequestsException")
        fake.client().list_graphs()
        assert fake.clock.now() == NOON + timedelta(seconds=10)


class TestCallback:
    @pytest.mark.parametrize(("when", "members"), [("before", []), ("after", [ANA])])
    def test_another_account_can_make_a_call_meanwhile(
        self, fake: DetectiveFake, when: Any, members: list[str]
    ) -> None:
        """Before or after the operation."""
        graph_arn = fake.seed.graph(members=[ANA])

        def leave() -> None:
            fake.client(ANA).disassociate_membership(GraphArn=graph_arn)

        fake.faults.add("ListMembers", callback=leave, when=when)
        rows = fake.client().list_members(GraphArn=graph_arn)["MemberDetails"]
        assert [each["AccountId"] for each in rows] == members
        assert fake.members(graph_arn) == ()

    def test_its_exceptions_reach_the_client_without_a_retry(self, fake: DetectiveFake) -> None:
        """They are mistakes in the test."""
        fake.faults.add("ListGraphs", callback=lambda: os.environ["NOWHERE"])
        with pytest.raises(KeyError, match="NOWHERE"):
            fake.client().list_graphs()


class TestConditions:
    def test_account_region_and_number(self, fake: DetectiveFake) -> None:
        """The second call of one account in one Region."""
        fake.faults.add("List*", error="ConflictException", account_id=ANA, region="eu-west-1", nth=2)
        for region in ("us-east-1", "eu-west-1"):
            fake.client(ANA, region).list_graphs()
            fake.client(BEN, region).list_graphs()
        with pytest.raises(ClientError, match="ConflictException"):
            fake.client(ANA, "eu-west-1").list_invitations()
        assert len(fake.calls.failed) == 1

    @pytest.mark.parametrize(
        ("operation", "options", "message"),
        [
            ("ListMember", {}, r"'ListMember'.*[Dd]id you mean 'ListMembers'"),
            ("ListMembers", {"region": "us-est-2"}, "'us-est-2'"),
            ("ListMembers", {"account_id": "123"}, "twelve digits"),
        ],
    )
    def test_conditions_that_no_call_can_match_are_rejected(
        self, fake: DetectiveFake, operation: str, options: dict[str, str], message: str
    ) -> None:
        """When the fault is added."""
        with pytest.raises(FakeUsageError, match=message):
            fake.faults.add(operation, error="ConflictException", **options)  # type: ignore[arg-type]

    def test_any_region_is_allowed_if_missing_regions_are(self) -> None:
        """Detective is in every Region then."""
        with DetectiveFake(missing_regions="allow", unused_faults="ignore") as fake:
            fake.faults.add("*", error="ConflictException", region="moon-1")


class TestDeny:
    def test_answers_with_the_error_of_iam(self, fake: DetectiveFake) -> None:
        """Until the block ends. botocore does not retry it."""
        graph_arn = fake.seed.graph(ADMINISTRATOR)
        client = fake.client(ADMINISTRATOR)
        with fake.deny("detective:List*", account_id=ADMINISTRATOR), pytest.raises(ClientError) as caught:
            client.list_members(GraphArn=graph_arn)
        assert caught.value.response["Error"] == {
            "Code": "AccessDeniedException",
            "Message": f"User: arn:aws:sts::{ADMINISTRATOR}:assumed-role/detective-fake/detective-fake is not "
            f"authorized to perform: detective:ListMembers on resource: {graph_arn}",
        }
        assert (fake.backoffs, len(fake.calls[0].attempts)) == ([], 1)
        assert client.list_members(GraphArn=graph_arn)["MemberDetails"] == []

    def test_comes_before_validation(self, fake: DetectiveFake) -> None:
        """The client does not learn that its parameters are not valid."""
        fake.deny("detective:ListMembers")
        with pytest.raises(ClientError, match="not authorized to perform: detective:ListMembers on resource: no-arn"):
            fake.client().list_members(GraphArn="no-arn")

    def test_a_denied_call_changes_nothing(self, fake: DetectiveFake) -> None:
        """Also one that is denied only because of its tags."""
        before = fake.snapshot()
        fake.deny("detective:TagResource")
        with pytest.raises(ClientError, match="detective:TagResource"):
            fake.client().create_graph(Tags={"team": "blue"})
        assert fake.snapshot() == before
        assert fake.client().create_graph()["GraphArn"]

    def test_faults_come_first(self, fake: DetectiveFake) -> None:
        """The connection fails, or the front end throttles, before IAM checks the call."""
        fake.deny("*")
        fake.faults.add("*", network="SSLError")
        fake.faults.add("*", error="ThrottlingException")
        with pytest.raises(ClientError, match="not authorized"):
            fake.client().list_graphs()
        outcomes = [each.outcome for each in fake.calls[0].attempts]
        assert outcomes == ["SSLError", "ThrottlingException", "AccessDeniedException"]


class TestMissingRegions:
    def test_connections_fail_where_detective_is_not_available(self, fake: DetectiveFake) -> None:
        """Every attempt fails, as in AWS, without waiting, and CloudTrail records nothing."""
        with pytest.raises(botocore.exceptions.EndpointConnectionError, match=r"cn-north-1\.amazonaws\.com\.cn"):
            fake.client(region="cn-north-1", config=Config(retries={"total_max_attempts": 3})).list_graphs()
        assert [each.outcome for each in fake.calls[0].attempts] == ["EndpointConnectionError"] * 3
        assert (len(fake.backoffs), fake.cloudtrail) == (2, [])

    def test_every_region_works_if_missing_regions_are_allowed(self) -> None:
        """For Regions that are newer than botocore."""
        with DetectiveFake(missing_regions="allow") as fake:
            assert fake.client(region="cn-north-1").list_graphs()["GraphList"] == []

    def test_real_regions_work(self, fake: DetectiveFake) -> None:
        """So do GovCloud and FIPS endpoints."""
        assert fake.client(region="us-gov-west-1").list_graphs()["GraphList"] == []
        assert fake.client(config=Config(use_fips_endpoint=True)).list_graphs()["GraphList"] == []


class TestOptions:
    @pytest.mark.parametrize("option", ["missing_regions", "unused_faults"])
    def test_reject_other_values(self, option: str) -> None:
        """The message lists the allowed ones."""
        with pytest.raises(FakeUsageError, match=f"{option} must be (refuse or allow|error or ignore), not 'no'\\."):
            DetectiveFake(**{option: "no"})  # type: ignore[arg-type]

    def test_botocore_can_really_sleep(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The recorded waits are the same."""
        slept: list[float] = []
        monkeypatch.setattr("botocore.endpoint.time.sleep", slept.append)
        with DetectiveFake(real_backoff=True) as fake:
            fake.faults.add("ListGraphs", error="TooManyRequestsException")
            fake.client().list_graphs()
            assert slept == [each.seconds for each in fake.backoffs] != []


class TestUnused:
    def test_a_block_ends_with_an_error(self) -> None:
        """After the fake has stopped."""
        with pytest.raises(UnusedFaults, match=r"1 fault was never used:\n.*ListMembers.*\n.*No calls"):  # noqa: SIM117
            with DetectiveFake() as fake:
                fake.faults.add("ListMembers", error="ConflictException")
        fake.start()
        fake.stop()

    def test_an_unused_denial_or_override_counts_too(self) -> None:
        """The test has not tested what it meant to."""

        def run() -> None:
            with DetectiveFake() as fake, fake.deny("detective:CreateGraph"):
                fake.on("ListMembers")(print)
                fake.client().list_graphs()

        with pytest.raises(UnusedFaults, match="1 denial, 1 override were never used") as caught:
            run()
        assert "action: expected 'detective:CreateGraph', was 'detective:ListGraphs'" in str(caught.value)

    def test_an_asynchronous_block_ends_with_an_error(self) -> None:
        """As a synchronous one does."""

        async def run() -> None:
            async with DetectiveFake() as fake:
                fake.faults.add("ListMembers", error="ConflictException")

        with pytest.raises(UnusedFaults, match="ListMembers"):
            asyncio.run(run())

    def test_an_exception_of_the_body_is_kept(self) -> None:
        """It matters more than an unused fault."""
        with pytest.raises(ZeroDivisionError), DetectiveFake() as fake:  # noqa: PT012 - the block is what is tested
            fake.faults.add("ListMembers", error="ConflictException")
            1 / 0  # noqa: B018 - for its error

    def test_can_be_ignored(self) -> None:
        """By an option. The fake can still list them."""
        with DetectiveFake(unused_faults="ignore") as fake:
            fault = fake.faults.add("ListMembers", error="ConflictException")
            assert fake.unused_report() is None
            assert fake.faults.unused() == (fault,)

    def test_stop_raises_no_error(self) -> None:
        """A teardown does not know whether the test has failed. It can ask for the report."""
        fake = DetectiveFake()
        fake.start()
        fake.faults.add("ListMembers", error="ConflictException")
        fake.stop()
        assert "ListMembers" in str(fake.unused_report())

    def test_a_decorated_function_raises_the_error(self) -> None:
        """As a block does."""

        @DetectiveFake()
        def test(fake: Any = None) -> None:
            fake.faults.add("ListMembers", error="ConflictException")

        with pytest.raises(UnusedFaults):
            test()

    def test_a_reset_forgets_all(self, fake: DetectiveFake) -> None:
        """Faults, denials, overrides, calls and waits."""
        fake.faults.add("ListGraphs", error="TooManyRequestsException")
        fake.faults.add("CreateGraph", error="ConflictException")
        fake.client().list_graphs()
        fake.deny("*")
        fake.on("ListGraphs")(lambda _call: {"GraphList": [], "NextToken": "x"})
        fake.reset()
        assert fake.unused_report() is None
        assert (fake.backoffs, len(fake.faults), list(fake.calls)) == ([], 0, [])
        assert "NextToken" not in fake.client().list_graphs()
