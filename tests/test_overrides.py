"""`fake.on` with real clients."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from detective_fake import DetectiveFake, FakeUsageError, ServiceError
from tests.builders import ANA, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.controls.overrides import OverriddenCall

THERE = timezone(timedelta(hours=-7))


@pytest.fixture(params=[False, True], ids=["short", "wire"])
def fake(request: pytest.FixtureRequest) -> Iterator[DetectiveFake]:
    with DetectiveFake(wire=request.param) as fake:
        fake.clock.freeze(NOON)
        yield fake


class TestAnswer:
    def test_reaches_the_client(self, fake: DetectiveFake) -> None:
        """The same on both paths: members in the model's order, times as botocore's parser returns them."""
        arn = fake.seed.graph()

        @fake.on("ListGraphs")
        def two_graphs(call: OverriddenCall) -> dict[str, Any]:
            assert (call.operation, call.account_id, call.at) == ("ListGraphs", fake.account_id, NOON)
            return {"NextToken": "more", "GraphList": [{"CreatedTime": datetime(2024, 1, 1, tzinfo=THERE), "Arn": arn}]}

        answer = fake.client().list_graphs(MaxResults=1)
        assert list(answer) == ["ResponseMetadata", "GraphList", "NextToken"]
        (graph,) = answer["GraphList"]
        assert list(graph) == ["Arn", "CreatedTime"]
        assert graph["CreatedTime"] == datetime(2024, 1, 1, 7, tzinfo=timezone.utc)
        assert graph["CreatedTime"].tzinfo == fake.clock.now().tzinfo
        assert fake.calls[0].result == {"GraphList": [graph], "NextToken": "more"}

    def test_none_lets_the_fake_answer(self, fake: DetectiveFake) -> None:
        """Here the function answers one account only, and its answer is not valid."""
        fake.on("CreateGraph")(lambda call: None if call.account_id == ANA else {"GraphArn": "arn:aws:detective:x"})
        with pytest.raises(FakeUsageError, match=r"CreateGraph\.GraphArn cannot be 'arn:aws:detective:x' in an answer"):
            fake.client().create_graph()
        assert fake.client(ANA).create_graph()["GraphArn"] == fake.graphs[0].arn

    def test_can_change_the_fakes_own_answer(self, fake: DetectiveFake) -> None:
        """Here it says that there are more pages."""
        arn = fake.seed.graph(members=[ANA])

        @fake.on("ListMembers")
        def cut(call: OverriddenCall) -> dict[str, Any]:
            return {**call.proceed(), "NextToken": "more"}

        answer = fake.client().list_members(GraphArn=arn)
        assert ([each["AccountId"] for each in answer["MemberDetails"]], answer["NextToken"]) == ([ANA], "more")

    def test_none_after_proceed_keeps_the_fakes_own_answer(self, fake: DetectiveFake) -> None:
        """The call is performed once."""
        answers: list[object] = []

        @fake.on("CreateGraph")
        def look(call: OverriddenCall) -> None:
            answers.append(call.proceed())

        arn = fake.client().create_graph()["GraphArn"]
        assert answers == [{"GraphArn": arn}]
        assert len(fake.graphs) == len(fake.calls) == 1

    def test_comes_before_validation(self, fake: DetectiveFake) -> None:
        """The function sees parameters that are not valid. If it returns None, the service refuses them."""
        seen: list[int] = []
        fake.on("ListGraphs")(lambda call: seen.append(call.parameters["MaxResults"]))
        with pytest.raises(ClientError, match="ValidationException"):
            fake.client().list_graphs(MaxResults=201)
        assert seen == [201]

    def test_comes_after_faults_and_iam(self, fake: DetectiveFake) -> None:
        """Then the function is not called."""
        on = fake.on("ListGraphs")
        on(lambda _call: pytest.fail("called"))
        fake.faults.add("ListGraphs", error="ConflictException")
        with pytest.raises(ClientError, match="ConflictException"):
            fake.client().list_graphs()
        with fake.deny("*"), pytest.raises(ClientError, match="AccessDenied"):
            fake.client().list_graphs()
        on.remove()

    def test_can_be_lost(self, fake: DetectiveFake) -> None:
        """A fault after the operation loses it, and the second attempt receives it."""
        fake.on("ListGraphs")(lambda _call: {"GraphList": [], "NextToken": "x"})
        fake.faults.add("ListGraphs", network="ReadTimeoutError", when="after")
        assert fake.client().list_graphs()["NextToken"] == "x"
        assert len(fake.calls[0].attempts) == 2

    def test_of_proceed_lists_the_unprocessed_accounts_of_a_fault(self, fake: DetectiveFake) -> None:
        """The call proceeds without them."""
        arn = fake.seed.graph(members=[ANA])
        fake.on("GetMembers")(lambda call: call.proceed())
        fake.faults.add("GetMembers", unprocessed={ANA: "Busy"})
        answer = fake.client().get_members(GraphArn=arn, AccountIds=[ANA])
        assert answer["UnprocessedAccounts"] == [{"AccountId": ANA, "Reason": "Busy"}]


class TestErrors:
    def test_can_be_the_clients_own_exceptions(self, fake: DetectiveFake) -> None:
        """Those that the code under test catches."""
        client = fake.client()

        @fake.on("DeleteGraph")
        def refuse(_call: OverriddenCall) -> None:
            details: Any = {"Error": {"Code": "ConflictException", "Message": "busy"}}
            raise client.exceptions.ConflictException(details, "DeleteGraph")

        with pytest.raises(client.exceptions.ConflictException, match="busy"):
            client.delete_graph(GraphArn=fake.seed.graph())
        assert fake.calls[0].outcome == "ConflictException"

    def test_are_retried_by_botocore(self, fake: DetectiveFake) -> None:
        """If it retries this error. Each attempt calls the function."""
        attempts: list[int] = []

        @fake.on("ListGraphs")
        def throttle(_call: OverriddenCall) -> None:
            attempts.append(1)
            if len(attempts) < 3:
                raise ServiceError(error_code="ThrottlingException", status=429)

        assert fake.client().list_graphs()["ResponseMetadata"]["RetryAttempts"] == 2
        assert (len(attempts), len(fake.calls)) == (3, 1)

    def test_of_the_function_itself_reach_the_test(self, fake: DetectiveFake) -> None:
        """Without a retry, and the call is recorded."""
        fake.on("ListGraphs")(lambda call: call.parameters["GraphArn"])
        with pytest.raises(KeyError, match="GraphArn"):
            fake.client().list_graphs()
        assert [(each.outcome, each.result) for each in fake.calls] == [("KeyError", None)]


class TestCallsOfTheFunction:
    def test_use_the_fake(self, fake: DetectiveFake) -> None:
        """A call of the same operation does not call the function again."""
        arn = fake.seed.graph(members=[ANA])

        @fake.on("ListMembers")
        def again(_call: OverriddenCall) -> Any:
            fake.client(ANA).disassociate_membership(GraphArn=arn)
            return fake.client().list_members(GraphArn=arn)

        assert fake.client().list_members(GraphArn=arn)["MemberDetails"] == []
        assert [each.operation for each in fake.calls] == ["DisassociateMembership", "ListMembers", "ListMembers"]

    def test_can_be_made_by_another_thread(self, fake: DetectiveFake) -> None:
        """The function can wait for it, since no lock is held."""

        @fake.on("ListGraphs")
        def elsewhere(_call: OverriddenCall) -> None:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(fake.client().create_graph).result(timeout=30)

        assert len(fake.client().list_graphs()["GraphList"]) == 1
