"""Tests of `detective_fake.journal.cloudtrail`."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from detective_fake.errors import ServiceError, TooManyRequests, ValidationFailed
from detective_fake.journal.cloudtrail import CloudTrail
from detective_fake.protocol.model import operations
from detective_fake.protocol.parameter_names import renamed_on_the_wire
from tests.builders import ADMINISTRATOR, ANA, NOON
from tests.journal.journals import NAMES, a_recorder, a_request, a_result

if TYPE_CHECKING:
    from pathlib import Path

    from detective_fake.exchange import Request, Result


def a_trail(*calls: Request | tuple[Request, Result]) -> CloudTrail:
    return CloudTrail(a_recorder(*calls).journal, sensitive=NAMES.sensitive, wire_names=renamed_on_the_wire)


def the_record(request: Request, result: Result | None = None) -> dict[str, Any]:
    (record,) = a_trail((request, result or a_result(request.operation))).records()
    return record


class TestRecord:
    def test_has_the_form_of_the_published_one(self) -> None:
        """Its members, in their order. Source: administration guide, logging-using-cloudtrail."""
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
            "recipientAccountId",
        ]
        assert record | {"userIdentity": {}, "eventID": ""} == {
            "eventVersion": "1.05",
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
            "recipientAccountId": ADMINISTRATOR,
        }

    def test_names_the_caller(self) -> None:
        """As an assumed role."""
        identity = the_record(a_request(account_id=ANA))["userIdentity"]
        assert (identity["type"], identity["accountId"]) == ("AssumedRole", ANA)

    def test_event_ids_are_uuids_of_their_own(self) -> None:
        """Of version 4, the same for the same request."""
        one, other = the_record(a_request()), the_record(a_request(), a_result(request_id="id-2"))
        assert UUID(one["eventID"]).version == 4
        assert one["eventID"] == the_record(a_request())["eventID"] != other["eventID"]

    @pytest.mark.parametrize("operation", operations())
    def test_reading_operations_are_marked(self, operation: str) -> None:
        """Exactly those that change nothing."""
        reads = operation.startswith(("BatchGet", "Describe", "Get", "List"))
        assert the_record(a_request(operation))["readOnly"] is reads

    def test_reads_have_no_response(self) -> None:
        """Only writes do, if there is any."""
        assert the_record(a_request(), a_result(body={"GraphList": []}))["responseElements"] is None
        assert the_record(a_request("DeleteGraph"))["responseElements"] is None
        created = the_record(a_request("CreateGraph"), a_result(body={"GraphArn": "arn"}))
        assert created["responseElements"] == {"GraphArn": "arn"}

    def test_no_parameters_are_null(self) -> None:
        """Not an empty object."""
        assert the_record(a_request())["requestParameters"] is None

    def test_parameters_are_called_as_on_the_wire(self) -> None:
        """In the query string too."""
        record = the_record(a_request("UntagResource", ResourceArn="arn", TagKeys=["a"]))
        assert record["requestParameters"] == {"ResourceArn": "arn", "tagKeys": ["a"]}

    def test_times_are_text(self) -> None:
        """UTC, whatever their zone, as on the wire."""
        there = timezone(timedelta(hours=2))
        record = the_record(a_request("StartInvestigation", Of=[{"ScopeStartTime": NOON.astimezone(there)}]))
        assert record["requestParameters"] == {"Of": [{"ScopeStartTime": "2024-05-17T12:00:00.000Z"}]}

    def test_sensitive_members_are_masked(self) -> None:
        """Of request and response."""
        account = {"AccountId": ANA, "EmailAddress": "ana@example.com"}
        request = a_request("CreateMembers", Accounts=[account], Message="hello")
        text = json.dumps(the_record(request, a_result(body={"Members": [account]})))
        assert "ana@example.com" not in text
        assert "hello" not in text
        assert text.count('"EmailAddress": "***"') == 2


class TestRecords:
    def test_there_is_one_for_each_attempt(self) -> None:
        """They are requests of their own to the service."""
        recorder = a_recorder()
        record = recorder.begin(a_request(), None)
        recorder.add_attempt(record, a_request(), a_result(error=TooManyRequests(), request_id="a"))
        recorder.add_attempt(record, a_request(), a_result(request_id="b"))
        trail = CloudTrail(recorder.journal, sensitive=NAMES.sensitive, wire_names=renamed_on_the_wire)
        assert [(each["requestID"], each.get("errorCode")) for each in trail.records()] == [
            ("a", "TooManyRequestsException"),
            ("b", None),
        ]

    def test_there_is_none_where_the_service_was_not_reached(self) -> None:
        """Nobody could have written it."""
        assert a_trail((a_request(), a_result(network="SSLError", request_id=""))).records() == []

    def test_there_is_one_where_the_answer_was_lost(self) -> None:
        """The service does not know."""
        lost = a_result(body={"GraphArn": "arn"}, network="ReadTimeoutError")
        (record,) = a_trail((a_request("CreateGraph"), lost)).records()
        assert record["responseElements"] == {"GraphArn": "arn"}
        assert "errorCode" not in record

    def test_codes_of_the_front_end_are_there(self) -> None:
        """As any other."""
        error = ServiceError("Rate exceeded", {}, "ThrottlingException", 429)
        assert the_record(a_request(), a_result(error=error))["errorCode"] == "ThrottlingException"


class TestSave:
    def test_writes_what_cloudtrail_delivers(self, tmp_path: Path) -> None:
        """Compressed JSON with all records."""
        trail = a_trail(a_request(), a_request("CreateGraph"))
        trail.save(tmp_path / "trail.json.gz")
        with gzip.open(tmp_path / "trail.json.gz", "rt") as file:
            assert json.load(file) == {"Records": trail.records()}

    def test_equal_records_give_equal_files(self, tmp_path: Path) -> None:
        """No time of writing is in them. Source: RFC 1952, section 2.3, `MTIME`."""
        a_trail(a_request()).save(str(tmp_path / "trail"))
        assert (tmp_path / "trail").read_bytes()[4:8] == bytes(4)
