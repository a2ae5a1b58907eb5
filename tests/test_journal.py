"""The journal, CloudTrail and e-mails as a test's author reads them, of calls by real clients."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from detective_fake import DetectiveFake, FakeUsageError
from tests.builders import ADMINISTRATOR, ANA, BEN, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNTS: Any = [
    {"AccountId": ANA, "EmailAddress": "ana@example.com"},
    {"AccountId": BEN, "EmailAddress": "ben@example.com"},
]


@pytest.fixture(params=[False, True], ids=["short", "wire"])
def fake(request: pytest.FixtureRequest) -> Iterator[DetectiveFake]:
    with DetectiveFake(ADMINISTRATOR, wire=request.param) as fake:
        fake.clock.freeze(NOON)
        yield fake


class TestCalls:
    def test_have_one_record_each(self, fake: DetectiveFake) -> None:
        """With all that can be known of it."""
        answer = fake.client(ANA, "eu-west-1").create_graph(Tags={"team": "blue"})
        (record,) = fake.calls
        assert (record.operation, record.parameters, record.result) == (
            "CreateGraph",
            {"Tags": {"team": "blue"}},
            {"GraphArn": answer["GraphArn"]},
        )
        assert (record.account_id, record.region, record.client_region, record.at) == (
            ANA,
            "eu-west-1",
            "eu-west-1",
            NOON,
        )
        assert record.caller.rule == f"access key decodes to {ANA}"
        assert record.request_id == answer["ResponseMetadata"]["RequestId"]
        assert record.user_agent.startswith("Boto3/") or record.user_agent.startswith("Botocore/")
        assert record.path == ("wire" if fake._options["wire"] else "short")  # noqa: SLF001 - what the fixture set

    def test_are_not_changed_by_whoever_reads_them(self, fake: DetectiveFake) -> None:
        """Neither the record nor a later call that asks the same; parameters come as copies."""
        client = fake.client(ANA)
        client.create_graph(Tags={"team": "blue"})
        fake.calls[0].parameters["Tags"]["team"] = "red"
        fake.calls[0].request.parameters["Tags"]["team"] = "red"
        client.delete_graph(GraphArn=fake.graphs[0].arn)
        client.create_graph(Tags={"team": "blue"})
        assert [call.parameters for call in fake.calls.of("CreateGraph")] == [{"Tags": {"team": "blue"}}] * 2
        assert fake.graphs[0].tags == {"team": "blue"}

    def test_say_how_the_caller_was_found(self, fake: DetectiveFake) -> None:
        """Where a mix-up ends in a refusal, the line tells why."""
        graph_arn = fake.seed.graph(ANA)
        with pytest.raises(ClientError, match="AccessDenied"):
            boto3.client("detective").list_members(GraphArn=graph_arn)
        assert f"by {ADMINISTRATOR} (no key but the fake's neutral one: default used)" in fake.calls[-1].line()
        assert fake.calls.failed == fake.calls.of("ListMembers")

    def test_are_not_the_callers_own(self, fake: DetectiveFake) -> None:
        """Nobody changes a record by changing arguments or answers."""
        graph_arn = fake.seed.graph()
        accounts: Any = [dict(each) for each in ACCOUNTS]
        answer = fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)
        accounts.clear()
        answer["Members"].clear()
        assert fake.calls[0].parameters["Accounts"] == ACCOUNTS
        assert len(fake.calls[0].result["Members"]) == 2  # type: ignore[index]

    def test_hide_addresses_wherever_they_are_shown(self, fake: DetectiveFake) -> None:
        """Values are as they were."""
        fake.client().create_members(GraphArn=fake.seed.graph(), Accounts=ACCOUNTS, Message="come in")
        shown = f"{fake.calls!r} {fake.calls} {fake.calls[0]!r} {fake.cloudtrail}"
        assert "example.com" not in shown
        assert "come in" not in shown
        assert fake.calls[0].parameters["Message"] == "come in"


class TestAssertCalled:
    def test_finds_calls_by_part_of_their_parameters(self, fake: DetectiveFake) -> None:
        """And returns them."""
        graph_arn = fake.seed.graph()
        fake.client().create_members(GraphArn=graph_arn, Accounts=ACCOUNTS)
        (record,) = fake.assert_called(
            "CreateMembers",
            GraphArn=graph_arn,
            Accounts=[{"AccountId": ANA}, {"AccountId": BEN}],
            account_id=ADMINISTRATOR,
        )
        assert record is fake.calls[0]
        fake.assert_called("Create*", times=1, region="us-east-1")
        fake.assert_not_called("CreateMembers", account_id=ANA)

    @pytest.mark.parametrize("check", ["assert_called", "assert_not_called"])
    def test_a_failure_is_shown_where_the_test_asks(self, fake: DetectiveFake, check: str) -> None:
        """Not in what it calls: pytest leaves those frames out."""
        fake.client().list_graphs()
        operation = {"assert_called": "CreateGraph", "assert_not_called": "ListGraphs"}[check]
        with pytest.raises(AssertionError, match="was") as caught:
            getattr(fake, check)(operation)
        assert [Path(entry.path).name for entry in caught.traceback.filter(caught)] == ["test_journal.py"]

    @pytest.mark.parametrize(
        ("operation", "parameters", "message"),
        [
            ("create_members", {}, "did you mean 'CreateMembers'?"),
            ("CreateMembers", {"GraphARN": "x"}, "CreateMembers has no parameter 'GraphARN'; it has GraphArn"),
            ("CreateMembers", {"Accounts": [{"Id": "x"}]}, "CreateMembers.Accounts has no parameter 'Id'"),
        ],
    )
    def test_what_could_never_be_is_refused(
        self, fake: DetectiveFake, operation: str, parameters: dict[str, Any], message: str
    ) -> None:
        """Else `assert_not_called` would pass for ever."""
        for check in (fake.assert_called, fake.assert_not_called, fake.calls.of):
            with pytest.raises(FakeUsageError, match=message):
                check(operation, **parameters)


class TestCloudTrail:
    def test_has_every_call(self, fake: DetectiveFake, tmp_path: Path) -> None:
        """Of all accounts and Regions, refused ones included; as a file, too."""
        fake.client(ANA, "eu-west-1").create_graph()
        with pytest.raises(ClientError):
            fake.client().list_graphs(MaxResults=201)
        created, refused = fake.cloudtrail
        assert (created["recipientAccountId"], created["awsRegion"], created["readOnly"]) == (ANA, "eu-west-1", False)
        assert created["requestID"] == fake.calls[0].request_id
        assert (refused["errorCode"], refused["readOnly"]) == ("ValidationException", True)
        assert refused["responseElements"] == {
            "message": "ListGraphsRequest.MaxResults must be less than or equal to 200. Found 201."
        }
        fake.save_trail(tmp_path / "trail.json.gz")
        with gzip.open(tmp_path / "trail.json.gz") as file:
            assert json.load(file) == {"Records": [created, refused]}

    def test_is_the_same_both_ways_and_each_time(self) -> None:
        """Ids included."""

        def trail(*, wire: bool) -> list[dict[str, Any]]:
            with DetectiveFake(wire=wire) as fake:
                fake.clock.freeze(NOON)
                arn = fake.client().create_graph()["GraphArn"]
                fake.client().create_members(GraphArn=arn, Accounts=ACCOUNTS)
                return fake.cloudtrail

        assert trail(wire=False) == trail(wire=False) == trail(wire=True)


class TestEmails:
    def test_invitations_are_sent_once_they_are_verified(self, fake: DetectiveFake) -> None:
        """To the address given, with the administrator's words."""
        graph_arn = fake.seed.graph()
        fake.client().create_members(GraphArn=graph_arn, Accounts=ACCOUNTS, Message="come in")
        assert len(fake.emails) == 0
        fake.settle()
        assert [each.account_id for each in fake.emails] == [ANA, BEN]
        (email,) = fake.emails.to(ANA)
        assert (email.address, email.administrator_id, email.graph_arn, email.message, email.sent_at) == (
            "ana@example.com",
            ADMINISTRATOR,
            graph_arn,
            "come in",
            NOON,
        )

    def test_some_invitations_go_without(self, fake: DetectiveFake) -> None:
        """As asked for, in GovCloud, and for an organization's own accounts."""
        fake.client().create_members(GraphArn=fake.seed.graph(), Accounts=ACCOUNTS[:1], DisableEmailNotification=True)
        gov = fake.seed.graph(region="us-gov-west-1")
        fake.client(region="us-gov-west-1").create_members(GraphArn=gov, Accounts=ACCOUNTS[:1])
        fake.seed.organization(BEN, ["444444444444"])
        fake.client(BEN).enable_organization_admin_account(AccountId=BEN)
        (graph,) = fake.client(BEN).list_graphs()["GraphList"]
        accounts: Any = [{"AccountId": "444444444444", "EmailAddress": "x@example.com"}]
        fake.client(BEN).create_members(GraphArn=graph["Arn"], Accounts=accounts)
        fake.settle()
        assert fake.emails == []
