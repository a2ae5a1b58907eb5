"""Operations answered by a test's own functions, through real clients."""

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
    def test_is_what_the_client_gets(self, fake: DetectiveFake) -> None:
        """Both ways alike: members in order, times as botocore makes them."""
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

    def test_none_falls_through(self, fake: DetectiveFake) -> None:
        """By account, for one."""
        fake.on("CreateGraph")(lambda call: None if call.account_id == ANA else {"GraphArn": "arn:aws:detective:x"})
        with pytest.raises(FakeUsageError, match=r"CreateGraph\.GraphArn cannot be 'arn:aws:detective:x' in an answer"):
            fake.client().create_graph()
        assert fake.client(ANA).create_graph()["GraphArn"] == fake.graphs[0].arn

    def test_can_change_what_the_fake_answers(self, fake: DetectiveFake) -> None:
        """A page that is cut in the middle."""
        arn = fake.seed.graph(members=[ANA])

        @fake.on("ListMembers")
        def cut(call: OverriddenCall) -> dict[str, Any]:
            return {**call.proceed(), "NextToken": "more"}

        answer = fake.client().list_members(GraphArn=arn)
        assert ([each["AccountId"] for each in answer["MemberDetails"]], answer["NextToken"]) == ([ANA], "more")

    def test_looking_changes_nothing(self, fake: DetectiveFake) -> None:
        """The call is performed once, and its answer or refusal stands."""
        answers: list[object] = []

        @fake.on("CreateGraph")
        def look(call: OverriddenCall) -> None:
            answers.append(call.proceed())

        arn = fake.client().create_graph()["GraphArn"]
        assert answers == [{"GraphArn": arn}]
        assert len(fake.graphs) == len(fake.calls) == 1

    def test_comes_before_validation(self, fake: DetectiveFake) -> None:
        """An override sees what the service would refuse; without an answer of its own it is refused."""
        seen: list[int] = []
        fake.on("ListGraphs")(lambda call: seen.append(call.parameters["MaxResults"]))
        with pytest.raises(ClientError, match="ValidationException"):
            fake.client().list_graphs(MaxResults=201)
        assert seen == [201]

    def test_comes_after_faults_and_iam(self, fake: DetectiveFake) -> None:
        """It is not asked then."""
        fake.on("ListGraphs")(lambda _call: pytest.fail("asked"))
        fake.faults.add("ListGraphs", error="ConflictException")
        with pytest.raises(ClientError, match="ConflictException"):
            fake.client().list_graphs()
        with fake.deny("*"), pytest.raises(ClientError, match="AccessDenied"):
            fake.client().list_graphs()

    def test_can_be_lost(self, fake: DetectiveFake) -> None:
        """A fault after it; the second attempt gets it."""
        fake.on("ListGraphs")(lambda _call: {"GraphList": [], "NextToken": "x"})
        fake.faults.add("ListGraphs", network="ReadTimeoutError", when="after")
        assert fake.client().list_graphs()["NextToken"] == "x"
        assert len(fake.calls[0].attempts) == 2

    def test_leaves_accounts_unprocessed_where_a_fault_says_so(self, fake: DetectiveFake) -> None:
        """Where the override lets the call proceed."""
        arn = fake.seed.graph(members=[ANA])
        fake.on("GetMembers")(lambda call: call.proceed())
        fake.faults.add("GetMembers", unprocessed={ANA: "Busy"})
        answer = fake.client().get_members(GraphArn=arn, AccountIds=[ANA])
        assert answer["UnprocessedAccounts"] == [{"AccountId": ANA, "Reason": "Busy"}]


class TestRefusal:
    def test_may_be_raised_as_the_code_under_test_would_catch_it(self, fake: DetectiveFake) -> None:
        """A client's own exception."""
        client = fake.client()

        @fake.on("DeleteGraph")
        def refuse(_call: OverriddenCall) -> None:
            details: Any = {"Error": {"Code": "ConflictException", "Message": "busy"}}
            raise client.exceptions.ConflictException(details, "DeleteGraph")

        with pytest.raises(client.exceptions.ConflictException, match="busy"):
            client.delete_graph(GraphArn=fake.seed.graph())
        assert fake.calls[0].outcome == "ConflictException"

    def test_is_retried_if_it_is_of_that_kind(self, fake: DetectiveFake) -> None:
        """Each attempt asks the function."""
        asked: list[int] = []

        @fake.on("ListGraphs")
        def throttle(_call: OverriddenCall) -> None:
            asked.append(1)
            if len(asked) < 3:
                raise ServiceError(error_code="ThrottlingException", status=429)

        assert fake.client().list_graphs()["ResponseMetadata"]["RetryAttempts"] == 2
        assert (len(asked), len(fake.calls)) == (3, 1)

    def test_a_mistake_reaches_the_test(self, fake: DetectiveFake) -> None:
        """Without a retry, and without a record of what never was."""
        fake.on("ListGraphs")(lambda call: call.parameters["GraphArn"])
        with pytest.raises(KeyError, match="GraphArn"):
            fake.client().list_graphs()
        assert len(fake.calls) == 0


class TestCallsOfItsOwn:
    def test_it_may_call_the_fake(self, fake: DetectiveFake) -> None:
        """Also the very operation, which does not come back to it."""
        arn = fake.seed.graph(members=[ANA])

        @fake.on("ListMembers")
        def again(_call: OverriddenCall) -> Any:
            fake.client(ANA).disassociate_membership(GraphArn=arn)
            return fake.client().list_members(GraphArn=arn)

        assert fake.client().list_members(GraphArn=arn)["MemberDetails"] == []
        assert [each.operation for each in fake.calls] == ["DisassociateMembership", "ListMembers", "ListMembers"]

    def test_it_may_wait_for_another_thread_that_does(self, fake: DetectiveFake) -> None:
        """No lock is held meanwhile."""

        @fake.on("ListGraphs")
        def elsewhere(_call: OverriddenCall) -> None:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(fake.client().create_graph).result(timeout=30)

        assert len(fake.client().list_graphs()["GraphList"]) == 1
