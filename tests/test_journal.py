"""The journal, CloudTrail and e-mails after calls of real clients."""

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
        """A record has request, caller and answer."""
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
        assert record.path == ("wire" if fake._options.wire else "short")  # noqa: SLF001 - what the fixture set

    def test_do_not_change_when_a_test_changes_what_it_read(self, fake: DetectiveFake) -> None:
        """Neither the record nor a later call with the same parameters. Parameters are copies."""
        client = fake.client(ANA)
        client.create_graph(Tags={"team": "blue"})
        fake.calls[0].parameters["Tags"]["team"] = "red"
        fake.calls[0].request.parameters["Tags"]["team"] = "red"
        client.delete_graph(GraphArn=fake.graphs[0].arn)
        client.create_graph(Tags={"team": "blue"})
        assert [call.parameters for call in fake.calls.of("CreateGraph")] == [{"Tags": {"team": "blue"}}] * 2
        assert fake.graphs[0].tags == {"team": "blue"}

    def test_say_how_the_caller_was_found(self, fake: DetectiveFake) -> None:
        """If the wrong caller is denied access, the line says why it was this caller."""
        graph_arn = fake.seed.graph(ANA)
        with pytest.raises(ClientError, match="AccessDenied"):
            boto3.client("detective").list_members(GraphArn=graph_arn)
        assert f"by {ADMINISTRATOR} (no credentials: default used)" in fake.calls[-1].line()
        assert fake.calls.failed == fake.calls.of("ListMembers")

    def test_do_not_change_when_the_caller_changes_its_values(self, fake: DetectiveFake) -> None:
        """Neither its arguments nor the answer."""
        graph_arn = fake.seed.graph()
        accounts: Any = [dict(each) for each in ACCOUNTS]
        answer = fake.client().create_members(GraphArn=graph_arn, Accounts=accounts)
        accounts.clear()
        answer["Members"].clear()
        assert fake.calls[0].parameters["Accounts"] == ACCOUNTS
        assert len(fake.calls[0].result["Members"]) == 2  # type: ignore[index]

    def test_are_shown_without_sensitive_values(self, fake: DetectiveFake) -> None:
        """The values themselves are not masked."""
        fake.client().create_members(GraphArn=fake.seed.graph(), Accounts=ACCOUNTS, Message="come in")
        shown = f"{fake.calls!r} {fake.calls} {fake.calls[0]!r} {fake.cloudtrail}"
        assert "example.com" not in shown
        assert "come in" not in shown
        assert fake.calls[0].parameters["Message"] == "come in"


class TestAssertCalled:
    def test_returns_calls_that_match_some_parameters(self, fake: DetectiveFake) -> None:
        """A `BehaviorGraph` stands for its ARN."""
        graph_arn = fake.seed.graph()
        fake.client().create_members(GraphArn=graph_arn, Accounts=ACCOUNTS)
        (record,) = fake.assert_called(
            "CreateMembers",
            GraphArn=graph_arn,
            Accounts=[{"AccountId": ANA}, {"AccountId": BEN}],
            account_id=ADMINISTRATOR,
        )
        assert record is fake.calls[0]
        fake.assert_called("Create*", times=1, region="us-east-1", GraphArn=fake.graphs[0])
        assert fake.calls.of("CreateMembers", GraphArn=fake.graphs[0]) == fake.calls
        fake.assert_not_called("CreateMembers", account_id=ANA)

    @pytest.mark.parametrize("check", ["assert_called", "assert_not_called"])
    def test_a_failure_is_shown_in_the_test(self, fake: DetectiveFake, check: str) -> None:
        """The frames of the package are hidden."""
        fake.client().list_graphs()
        operation = {"assert_called": "CreateGraph", "assert_not_called": "ListGraphs"}[check]
        with pytest.raises(AssertionError, match="was") as caught:
            getattr(fake, check)(operation)
        assert [Path(entry.path).name for entry in caught.traceback.filter(caught)] == ["test_journal.py"]

    @pytest.mark.parametrize(
        ("operation", "parameters", "message"),
        [
            ("create_members", {}, "[Dd]id you mean 'CreateMembers'"),
            ("CreateMembers", {"GraphARN": "x"}, "CreateMembers.*'GraphARN'.*GraphArn"),
            ("CreateMembers", {"Accounts": [{"Id": "x"}]}, r"CreateMembers\.Accounts.*'Id'"),
        ],
    )
    def test_unknown_names_are_rejected(
        self, fake: DetectiveFake, operation: str, parameters: dict[str, Any], message: str
    ) -> None:
        """Otherwise `assert_not_called` would always pass."""
        for check in (fake.assert_called, fake.assert_not_called, fake.calls.of):
            with pytest.raises(FakeUsageError, match=message):
                check(operation, **parameters)


class TestCloudTrail:
    def test_has_every_call(self, fake: DetectiveFake, tmp_path: Path) -> None:
        """Failed calls of all accounts and Regions are included, and `save_trail` writes the same records."""
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

    def test_is_the_same_on_both_paths_and_each_time(self) -> None:
        """The IDs are the same, too."""

        def trail(*, wire: bool) -> list[dict[str, Any]]:
            with DetectiveFake(wire=wire) as fake:
                fake.clock.freeze(NOON)
                arn = fake.client().create_graph()["GraphArn"]
                fake.client().create_members(GraphArn=arn, Accounts=ACCOUNTS)
                return fake.cloudtrail

        assert trail(wire=False) == trail(wire=False) == trail(wire=True)


class TestEmails:
    def test_are_sent_after_verification(self, fake: DetectiveFake) -> None:
        """They go to the given address, with the administrator's message."""
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

    def test_are_not_sent_for_some_invitations(self, fake: DetectiveFake) -> None:
        """If the request says so, in GovCloud, and for accounts of the organization."""
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
