"""Faults as a test's author adds them, met by real clients: every error, every retry mode, both kinds of client."""

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
from detective_fake.controls.fault_terms import COMMON_ERRORS
from detective_fake.errors import ServiceQuotaExceeded, UnmetFaults
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
    """Call ListGraphs with a new client that tries three times, and return the response or what it raised."""
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


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
class TestMatrix:
    def test_two_faults(self, fake: DetectiveFake, fault: dict[str, Any], mode: str, kind: str) -> None:
        """Where botocore tries again the third attempt succeeds, and nobody slept; elsewhere the first one fails."""
        added, name = fake.faults.add("ListGraphs", **fault, times=2), name_of(fault)
        outcome = called(fake, kind, mode)
        retried = name in RETRIED or "network" in fault
        assert [each.outcome for each in fake.calls[0].attempts] == ([name, name, "ok"] if retried else [name])
        assert [(each.operation, each.attempt) for each in fake.backoffs] == (
            [("ListGraphs", 1), ("ListGraphs", 2)] if retried else []
        )
        assert (added.met, len(fake.calls)) == (2 if retried else 1, 1)
        if retried:
            assert outcome["ResponseMetadata"]["RetryAttempts"] == 2
            assert all(0 <= each.seconds < 60 for each in fake.backoffs)
        else:
            assert outcome.response["Error"]["Code"] == name
            assert outcome.response["ResponseMetadata"]["RetryAttempts"] == 0

    def test_always(self, fake: DetectiveFake, fault: dict[str, Any], mode: str, kind: str) -> None:
        """The client gives up and raises what it raises for AWS."""
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
    def test_text_and_status_can_be_chosen(self, fake: DetectiveFake) -> None:
        """A front end that throttles with another status than the usual one."""
        fake.faults.add("ListGraphs", error="ThrottlingException", status=503, message="Slow down", times=None)
        with pytest.raises(ClientError, match=r"ThrottlingException.*Slow down"):
            fake.client().list_graphs()
        assert fake.calls[0].error.status == 503  # type: ignore[union-attr]

    def test_further_members_reach_the_client(self, fake: DetectiveFake) -> None:
        """Which the caller may look at."""
        fake.faults.add("CreateGraph", error=ServiceQuotaExceeded(members={"Resources": ("MEMBER",)}))
        with pytest.raises(ClientError) as caught:
            fake.client().create_graph()
        assert caught.value.response["Resources"] == ["MEMBER"]  # type: ignore[typeddict-item]

    def test_on_the_wire_they_are_the_same(self) -> None:
        """Also those that need not take it."""
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
    def test_nothing_has_happened(self, fake: DetectiveFake, fault: dict[str, Any]) -> None:
        """The state is as it was."""
        before = fake.snapshot()
        fake.faults.add("CreateGraph", **fault, times=None)
        with pytest.raises((ClientError, botocore.exceptions.ConnectTimeoutError)):
            fake.client().create_graph()
        assert fake.snapshot() == before

    def test_a_request_that_was_not_received_leaves_no_trace(self, fake: DetectiveFake) -> None:
        """CloudTrail knows of the second attempt alone; a refusal it has seen."""
        fake.faults.add("ListGraphs", network="ConnectTimeoutError")
        fake.faults.add("ListGraphs", error="InternalServerException")
        fake.client().list_graphs()
        assert [each.get("errorCode") for each in fake.cloudtrail] == ["InternalServerException", None]
        assert fake.calls[0].attempts[0].request_id == ""


class TestAfter:
    @pytest.mark.parametrize("fault", [{"error": "InternalServerException"}, {"network": "ReadTimeoutError"}])
    def test_the_state_has_changed(self, fake: DetectiveFake, fault: dict[str, Any]) -> None:
        """And the second attempt finds it so: inviting the same account twice."""
        graph_arn = fake.seed.graph()
        fake.faults.add("CreateMembers", **fault, when="after")
        accounts: Any = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        answer = fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)
        assert answer["Members"] == []
        assert answer["UnprocessedAccounts"] == [{"AccountId": ANA, "Reason": "Account is already a member"}]
        assert [each.account_id for each in fake.members(graph_arn)] == [ANA]

    def test_an_error_stands_in_place_of_the_answer(self, fake: DetectiveFake) -> None:
        """The caller never sees what was done."""
        fake.faults.add("CreateGraph", error="ConflictException", when="after")
        with pytest.raises(ClientError, match="ConflictException"):
            fake.client().create_graph()
        assert (fake.calls[0].outcome, fake.calls[0].result) == ("ConflictException", None)
        assert len(fake.graphs) == 1

    def test_a_lost_answer_is_in_the_journal(self, fake: DetectiveFake) -> None:
        """And in CloudTrail as a success."""
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

    def test_a_refusal_can_be_lost_too(self, fake: DetectiveFake) -> None:
        """The caller does not learn of it."""
        fake.faults.add("DeleteGraph", network="SSLError", when="after")
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            fake.client().delete_graph(GraphArn=f"arn:aws:detective:us-east-1:{ANA}:graph:{'0' * 32}")
        assert [each.outcome for each in fake.calls[0].attempts] == ["SSLError", "ResourceNotFoundException"]


class TestUnprocessed:
    def test_accounts_of_an_invitation_are_left_out(self, fake: DetectiveFake) -> None:
        """The others are invited."""
        graph_arn = fake.seed.graph()
        fake.faults.add("CreateMembers", unprocessed={ANA: "Throttled"})
        accounts: Any = [{"AccountId": each, "EmailAddress": "x@example.com"} for each in (ANA, BEN)]
        answer = fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)
        assert [each["AccountId"] for each in answer["Members"]] == [BEN]
        assert answer["UnprocessedAccounts"] == [{"AccountId": ANA, "Reason": "Throttled"}]

    def test_a_batch_may_become_empty(self, fake: DetectiveFake) -> None:
        """It is valid as it was sent."""
        graph_arn = fake.seed.graph(members=[ANA])
        fake.faults.add("*Members", unprocessed={ANA: "Busy"}, times=2)
        client = fake.client()
        assert client.get_members(GraphArn=graph_arn, AccountIds=[ANA])["MemberDetails"] == []
        assert client.delete_members(GraphArn=graph_arn, AccountIds=[ANA])["AccountIds"] == []
        assert client.delete_members(GraphArn=graph_arn, AccountIds=[ANA])["AccountIds"] == [ANA]

    def test_other_batches_do_not_meet_it(self, fake: DetectiveFake) -> None:
        """Those without the account; and what is wrong is refused as ever."""
        graph_arn = fake.seed.graph(members=[ANA, BEN])
        fault = fake.faults.add("GetMembers", unprocessed={ANA: "Busy"}, times=None)
        assert len(fake.client().get_members(GraphArn=graph_arn, AccountIds=[BEN])["MemberDetails"]) == 1
        assert fault.met == 0
        with pytest.raises(ClientError, match="ValidationException"):
            fake.client().get_members(GraphArn=graph_arn, AccountIds=[ANA] * 51)


class TestLatency:
    def test_before_the_service_everything_is_later(self, fake: DetectiveFake) -> None:
        """What falls due meanwhile has happened."""
        graph_arn = fake.seed.graph()
        fake.timings.verification = timedelta(minutes=1)
        accounts: Any = [{"AccountId": ANA, "EmailAddress": "ana@example.com"}]
        fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)
        fake.faults.add("ListMembers", latency=timedelta(minutes=2))
        (row,) = fake.client().list_members(GraphArn=graph_arn)["MemberDetails"]
        assert (row["Status"], row["UpdatedTime"]) == ("INVITED", NOON + timedelta(minutes=1))
        assert fake.clock.now() == fake.calls[-1].at == NOON + timedelta(minutes=2)

    def test_after_the_service_the_answer_is_late(self, fake: DetectiveFake) -> None:
        """The call itself was in time."""
        fake.faults.add("CreateGraph", latency=timedelta(seconds=30), when="after")
        fake.client().create_graph()
        assert (fake.graphs[0].created_at, fake.calls[0].at) == (NOON, NOON)
        assert fake.clock.now() == NOON + timedelta(seconds=30)

    def test_delays_stand_beside_other_faults(self, fake: DetectiveFake) -> None:
        """Each attempt has its own."""
        fake.faults.add("*", latency=timedelta(seconds=5), times=None)
        fake.faults.add("*", error="TooManyRequestsException")
        fake.client().list_graphs()
        assert fake.clock.now() == NOON + timedelta(seconds=10)


class TestCallback:
    @pytest.mark.parametrize(("when", "members"), [("before", []), ("after", [ANA])])
    def test_another_account_acts_in_the_middle_of_a_call(
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

    def test_its_errors_reach_the_client_at_once(self, fake: DetectiveFake) -> None:
        """They are mistakes of the test."""
        fake.faults.add("ListGraphs", callback=lambda: os.environ["NOWHERE"])
        with pytest.raises(KeyError, match="NOWHERE"):
            fake.client().list_graphs()


class TestWhoAndWhen:
    def test_by_account_region_and_number(self, fake: DetectiveFake) -> None:
        """Of a second call in one Region by one of two accounts."""
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
            (
                "ListMember",
                {},
                "'ListMember' is not a Detective operation, nor a pattern of any; did you mean 'ListMembers'?",
            ),
            ("ListMembers", {"region": "us-est-2"}, "no Detective in Region 'us-est-2'; did you mean '"),
            ("ListMembers", {"account_id": "123"}, "twelve digits"),
        ],
    )
    def test_what_no_call_can_meet_is_refused(
        self, fake: DetectiveFake, operation: str, options: dict[str, str], message: str
    ) -> None:
        """At once, with the nearest."""
        with pytest.raises(FakeUsageError, match=message):
            fake.faults.add(operation, error="ConflictException", **options)  # type: ignore[arg-type]

    def test_a_region_may_be_any_if_there_are_all(self) -> None:
        """Where `missing_regions` allows it."""
        with DetectiveFake(missing_regions="allow", unmet_faults="ignore") as fake:
            fake.faults.add("*", error="ConflictException", region="moon-1")


class TestDeny:
    def test_answers_as_iam_does(self, fake: DetectiveFake) -> None:
        """Until it is allowed again; nothing is tried twice."""
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
        """Whoever may not ask does not learn what was wrong."""
        fake.deny("detective:ListMembers")
        with pytest.raises(ClientError, match="not authorized to perform: detective:ListMembers on resource: no-arn"):
            fake.client().list_members(GraphArn="no-arn")

    def test_a_denied_call_changes_nothing(self, fake: DetectiveFake) -> None:
        """Also one that is denied for its tags alone."""
        before = fake.snapshot()
        fake.deny("detective:TagResource")
        with pytest.raises(ClientError, match="detective:TagResource"):
            fake.client().create_graph(Tags={"team": "blue"})
        assert fake.snapshot() == before
        assert fake.client().create_graph()["GraphArn"]

    def test_faults_come_first(self, fake: DetectiveFake) -> None:
        """The connection fails, or the front end is busy, before IAM is asked."""
        fake.deny("*")
        fake.faults.add("*", network="SSLError")
        fake.faults.add("*", error="ThrottlingException")
        with pytest.raises(ClientError, match="not authorized"):
            fake.client().list_graphs()
        outcomes = [each.outcome for each in fake.calls[0].attempts]
        assert outcomes == ["SSLError", "ThrottlingException", "AccessDeniedException"]


class TestMissingRegions:
    def test_connections_fail_where_there_is_no_detective(self, fake: DetectiveFake) -> None:
        """At every attempt, as in AWS, and nobody waits; Detective never knows."""
        with pytest.raises(botocore.exceptions.EndpointConnectionError, match=r"cn-north-1\.amazonaws\.com\.cn"):
            fake.client(region="cn-north-1", config=Config(retries={"total_max_attempts": 3})).list_graphs()
        assert [each.outcome for each in fake.calls[0].attempts] == ["EndpointConnectionError"] * 3
        assert (len(fake.backoffs), fake.cloudtrail) == (2, [])

    def test_unless_that_is_turned_off(self) -> None:
        """For Regions that are newer than botocore."""
        with DetectiveFake(missing_regions="allow") as fake:
            assert fake.client(region="cn-north-1").list_graphs()["GraphList"] == []

    def test_clients_of_real_regions_are_not_concerned(self, fake: DetectiveFake) -> None:
        """GovCloud's among them, by whatever endpoint."""
        assert fake.client(region="us-gov-west-1").list_graphs()["GraphList"] == []
        assert fake.client(config=Config(use_fips_endpoint=True)).list_graphs()["GraphList"] == []


class TestOptions:
    @pytest.mark.parametrize("option", ["missing_regions", "unmet_faults"])
    def test_have_few_values(self, option: str) -> None:
        """Which are named."""
        with pytest.raises(FakeUsageError, match=f"{option} is one of '(refuse|error)', '(allow|ignore)', not 'no'"):
            DetectiveFake(**{option: "no"})  # type: ignore[arg-type]

    def test_botocore_may_really_sleep(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Then it is left to itself, and the journal of its waits is the same."""
        slept: list[float] = []
        monkeypatch.setattr("botocore.endpoint.time.sleep", slept.append)
        with DetectiveFake(real_backoff=True) as fake:
            fake.faults.add("ListGraphs", error="TooManyRequestsException")
            fake.client().list_graphs()
            assert slept == [each.seconds for each in fake.backoffs] != []


class TestUnmet:
    def test_a_block_ends_with_an_error(self) -> None:
        """After the fake has stopped."""
        with pytest.raises(UnmetFaults, match=r"A fault was never met:\n.*ListMembers.*\n.*No call was made"):  # noqa: SIM117
            with DetectiveFake() as fake:
                fake.faults.add("ListMembers", error="ConflictException")
        fake.start()
        fake.stop()

    def test_an_asynchronous_block_does_so_too(self) -> None:
        """By the same rule."""

        async def run() -> None:
            async with DetectiveFake() as fake:
                fake.faults.add("ListMembers", error="ConflictException")

        with pytest.raises(UnmetFaults, match="ListMembers"):
            asyncio.run(run())

    def test_a_body_that_raised_has_its_say(self) -> None:
        """Its own error is what matters."""
        with pytest.raises(ZeroDivisionError), DetectiveFake() as fake:  # noqa: PT012 - the block is what is tested
            fake.faults.add("ListMembers", error="ConflictException")
            1 / 0  # noqa: B018 - for its error

    def test_it_can_be_ignored(self) -> None:
        """By an option; the faults can still be asked for."""
        with DetectiveFake(unmet_faults="ignore") as fake:
            fault = fake.faults.add("ListMembers", error="ConflictException")
            assert fake.unmet_faults_report() is None
            assert fake.faults.unmet() == (fault,)

    def test_stopping_alone_says_nothing(self) -> None:
        """It stands in teardowns, which do not know whether the test has failed; they may ask."""
        fake = DetectiveFake()
        fake.start()
        fake.faults.add("ListMembers", error="ConflictException")
        fake.stop()
        assert "ListMembers" in str(fake.unmet_faults_report())

    def test_a_decorated_function_fails(self) -> None:
        """As a block does."""

        @DetectiveFake()
        def test(fake: Any = None) -> None:
            fake.faults.add("ListMembers", error="ConflictException")

        with pytest.raises(UnmetFaults):
            test()

    def test_resetting_forgets_all(self, fake: DetectiveFake) -> None:
        """Faults, denials, overrides, and what was noted of them."""
        fake.faults.add("ListGraphs", error="TooManyRequestsException")
        fake.faults.add("CreateGraph", error="ConflictException")
        fake.client().list_graphs()
        fake.deny("*")
        fake.on("ListGraphs")(lambda _call: {"GraphList": [], "NextToken": "x"})
        fake.reset()
        assert (fake.backoffs, len(fake.faults), list(fake.calls)) == ([], 0, [])
        assert "NextToken" not in fake.client().list_graphs()
