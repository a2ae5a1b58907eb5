"""Tests of `detective_fake.journal.cloudtrail`."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
import pytest

from detective_fake.errors import AccessDenied, ServiceError, TooManyRequests, ValidationFailed
from detective_fake.exchange import Caller
from detective_fake.journal.cloudtrail import principal_arn, save_trail, trail
from detective_fake.protocol.model import operations
from tests.builders import ADMINISTRATOR, ANA, BEN, MINUTE, NOON
from tests.journal.journals import a_recorder, a_request, a_result

if TYPE_CHECKING:
    from pathlib import Path

    from detective_fake.exchange import Request, Result


ROLE_KEY = "ASIAQAAAAAAAAAAAAAAA"
USER_KEY = "AKIAQAAAAAAAAAAAAAAA"


def the_record(request: Request, result: Result | None = None) -> dict[str, Any]:
    (record,) = trail(a_recorder((request, result or a_result(request.operation))).journal)
    return record


class TestRecord:
    def test_has_the_members_of_the_published_sample(self) -> None:
        """And those that records have had since. Source: administration guide, logging-using-cloudtrail."""
        error = ValidationFailed("Invalid request body")
        record = the_record(a_request("AcceptInvitation", GraphArn="arn"), a_result(error=error, request_id="id-1"))
        assert list(record) == [
            "eventVersion",
            "userIdentity",
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
            "userAgent",
            "errorCode",
            "requestParameters",
            "responseElements",
            "requestID",
            "eventID",
            "readOnly",
            "eventType",
            "managementEvent",
            "eventCategory",
            "recipientAccountId",
        ]
        assert record | {"userIdentity": {}, "eventID": ""} == {
            "eventVersion": "1.11",
            "userIdentity": {},
            "eventTime": "2024-05-17T12:00:00Z",
            "eventSource": "detective.amazonaws.com",
            "eventName": "AcceptInvitation",
            "awsRegion": "us-east-1",
            "sourceIPAddress": "127.0.0.1",
            "userAgent": "Boto3/1",
            "errorCode": "ValidationException",
            "requestParameters": {"GraphArn": "arn"},
            "responseElements": {"message": "Invalid request body"},
            "requestID": "id-1",
            "eventID": "",
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "eventCategory": "Management",
            "recipientAccountId": ADMINISTRATOR,
        }

    def test_event_ids_are_uuids(self) -> None:
        """Version 4, the same for the same request."""
        one, other = the_record(a_request()), the_record(a_request(), a_result(request_id="id-2"))
        assert UUID(one["eventID"]).version == 4
        assert one["eventID"] == the_record(a_request())["eventID"] != other["eventID"]

    @pytest.mark.parametrize("operation", operations())
    def test_marks_read_operations(self, operation: str) -> None:
        """Those whose name says that they read."""
        reads = operation.startswith(("BatchGet", "Describe", "Get", "List"))
        assert the_record(a_request(operation))["readOnly"] is reads

    def test_reads_have_no_response(self) -> None:
        """Only writes do, if their answer has members."""
        assert the_record(a_request(), a_result(body={"GraphList": []}))["responseElements"] is None
        assert the_record(a_request("DeleteGraph"))["responseElements"] is None
        created = the_record(a_request("CreateGraph"), a_result(body={"GraphArn": "arn"}))
        assert created["responseElements"] == {"GraphArn": "arn"}

    def test_a_call_without_parameters_has_null(self) -> None:
        """It does not have an empty object."""
        assert the_record(a_request())["requestParameters"] is None

    def test_parameters_have_their_wire_names(self) -> None:
        """So do those of the query string."""
        record = the_record(a_request("UntagResource", ResourceArn="arn", TagKeys=["a"]))
        assert record["requestParameters"] == {"ResourceArn": "arn", "tagKeys": ["a"]}

    def test_times_are_text(self) -> None:
        """They are in UTC, as on the wire."""
        there = timezone(timedelta(hours=2))
        record = the_record(a_request("StartInvestigation", Of=[{"ScopeStartTime": NOON.astimezone(there)}]))
        assert record["requestParameters"] == {"Of": [{"ScopeStartTime": "2024-05-17T12:00:00.000Z"}]}

    def test_sensitive_members_are_masked(self) -> None:
        """That holds for the request and for the response."""
        account = {"AccountId": ANA, "EmailAddress": "ana@example.com"}
        request = a_request("CreateMembers", Accounts=[account], Message="hello")
        text = json.dumps(the_record(request, a_result(body={"Members": [account]})))
        assert "ana@example.com" not in text
        assert "hello" not in text
        assert text.count('"EmailAddress": "HIDDEN_DUE_TO_SECURITY_REASONS"') == 2

    def test_a_denial_of_iam_has_an_error_message(self) -> None:
        """Its code is not that of Detective's own error, which has its text in the response."""
        text = f"User: arn is not authorized to perform: detective:ListGraphs on resource: {ANA}"
        record = the_record(a_request(), a_result(error=AccessDenied(text)))
        assert (record["errorCode"], record["errorMessage"], record["responseElements"]) == ("AccessDenied", text, None)
        own = the_record(a_request(), a_result(error=AccessDenied()))
        assert own["errorCode"] == "AccessDeniedException"
        assert own["responseElements"] == {"message": AccessDenied.default_message}
        assert "errorMessage" not in own


class TestRecords:
    def test_there_is_one_for_each_attempt(self) -> None:
        """The service sees each as a request."""
        recorder = a_recorder()
        record = recorder.begin(a_request(), None)
        recorder.add(a_request(), a_result(error=TooManyRequests(), request_id="a"), record)
        recorder.add(a_request(), a_result(request_id="b"), record)
        assert [(each["requestID"], each.get("errorCode")) for each in trail(recorder.journal)] == [
            ("a", "TooManyRequestsException"),
            ("b", None),
        ]

    def test_there_is_none_if_the_request_did_not_reach_the_service(self) -> None:
        """The service cannot log it."""
        lost = a_result(network="SSLError", request_id="")
        assert trail(a_recorder((a_request(), lost)).journal) == []

    def test_there_is_one_if_the_answer_was_lost(self) -> None:
        """The service does not know that it was lost."""
        lost = a_result(body={"GraphArn": "arn"}, network="ReadTimeoutError")
        record = the_record(a_request("CreateGraph"), lost)
        assert record["responseElements"] == {"GraphArn": "arn"}
        assert "errorCode" not in record

    def test_errors_of_the_front_end_have_their_code(self) -> None:
        """Like errors of Detective."""
        error = ServiceError("Rate exceeded", {}, "ThrottlingException", 429)
        assert the_record(a_request(), a_result(error=error))["errorCode"] == "ThrottlingException"


class TestSaveTrail:
    def test_writes_what_cloudtrail_delivers(self, tmp_path: Path) -> None:
        """Compressed JSON with all records."""
        journal = a_recorder(a_request(), a_request("CreateGraph")).journal
        save_trail(journal, tmp_path / "trail.json.gz")
        with gzip.open(tmp_path / "trail.json.gz", "rt") as file:
            text = file.read()
        assert json.loads(text) == {"Records": trail(journal)}
        assert text.startswith('{"Records":[{"eventVersion":"')

    def test_equal_records_give_equal_files(self, tmp_path: Path) -> None:
        """The file does not contain the time of writing. Source: RFC 1952, section 2.3, `MTIME`."""
        save_trail(a_recorder(a_request()).journal, str(tmp_path / "trail"))
        assert (tmp_path / "trail").read_bytes()[4:8] == bytes(4)


class TestPrincipalArn:
    @pytest.mark.parametrize("access_key", [ROLE_KEY, None])
    def test_a_caller_is_an_assumed_role(self, access_key: str | None) -> None:
        """It needs no access key for that."""
        caller = Caller(ANA, "default", access_key)
        assert principal_arn(caller, "us-east-1") == f"arn:aws:sts::{ANA}:assumed-role/detective-fake/detective-fake"

    def test_a_caller_with_a_long_term_key_is_a_user(self) -> None:
        """These keys have another prefix. The partition is that of the Region."""
        caller = Caller(ANA, "default", USER_KEY)
        assert principal_arn(caller, "us-east-1") == f"arn:aws:iam::{ANA}:user/detective-fake"
        assert principal_arn(caller, "us-gov-west-1").startswith("arn:aws-us-gov:iam::")


class TestUserIdentity:
    def test_a_role_has_a_session(self) -> None:
        """The session has an issuer and a creation time. IDs come from the account and the role."""
        assert the_record(a_request(account_id=ANA, access_key=ROLE_KEY))["userIdentity"] == {
            "type": "AssumedRole",
            "principalId": "AROAZ2HZYERTZA34OPAG:detective-fake",
            "arn": f"arn:aws:sts::{ANA}:assumed-role/detective-fake/detective-fake",
            "accountId": ANA,
            "accessKeyId": ROLE_KEY,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAZ2HZYERTZA34OPAG",
                    "arn": f"arn:aws:iam::{ANA}:role/detective-fake",
                    "accountId": ANA,
                    "userName": "detective-fake",
                },
                "attributes": {"creationDate": "2024-05-17T12:00:00Z", "mfaAuthenticated": "false"},
            },
        }

    def test_a_role_and_a_session_keep_their_names(self) -> None:
        """The issuer's ARN has the path of the role. Another role has another ID."""
        caller = Caller(ANA, "profile", ROLE_KEY, role="audit/reader", session="nightly")
        identity = the_record(attrs.evolve(a_request(), caller=caller))["userIdentity"]
        issuer = identity["sessionContext"]["sessionIssuer"]
        assert identity["arn"] == f"arn:aws:sts::{ANA}:assumed-role/reader/nightly"
        assert identity["principalId"] == f"{issuer['principalId']}:nightly" == "AROA4D4W6KMQKD2VRZF7:nightly"
        assert (issuer["arn"], issuer["userName"]) == (f"arn:aws:iam::{ANA}:role/audit/reader", "reader")

    def test_a_session_begins_with_its_first_call(self) -> None:
        """Later calls with the same key belong to the same session."""
        calls = [
            (a_request(account_id=ANA, access_key=key), a_result(at=NOON + minutes * MINUTE))
            for key, minutes in ((ROLE_KEY, 0), (ROLE_KEY, 1), ("ASIAQBBBBBBBBBBBBBBB", 2))
        ]
        records = trail(a_recorder(*calls).journal)
        created = [each["userIdentity"]["sessionContext"]["attributes"]["creationDate"] for each in records]
        assert created == ["2024-05-17T12:00:00Z", "2024-05-17T12:00:00Z", "2024-05-17T12:02:00Z"]

    def test_a_user_has_a_name_and_no_session(self) -> None:
        """The CloudTrail user guide shows such a record."""
        assert the_record(a_request(account_id=ANA, access_key=USER_KEY))["userIdentity"] == {
            "type": "IAMUser",
            "principalId": "AIDAU7NWLGLZ42TYALWZ",
            "arn": f"arn:aws:iam::{ANA}:user/detective-fake",
            "accountId": ANA,
            "accessKeyId": USER_KEY,
            "userName": "detective-fake",
        }

    def test_there_is_always_an_access_key(self) -> None:
        """The same one for each call of an account."""
        keys = [the_record(a_request(account_id=each))["userIdentity"]["accessKeyId"] for each in (ANA, ANA, BEN)]
        assert keys == [keys[0], keys[0], keys[2]] != [keys[0]] * 3
        assert keys[0] == "ASIADE3N5IRUIGIFNJ7H"
