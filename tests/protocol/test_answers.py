"""Tests of `detective_fake.protocol.answers`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from detective_fake.errors import Conflict, ServiceError
from detective_fake.exchange import write_body
from detective_fake.protocol.answers import body_of, refusal_of
from detective_fake.protocol.model import error_statuses
from detective_fake.protocol.results import NotAnOutput
from tests.builders import ANA, NOON

ARN = "arn:aws:detective:us-east-1:123456789012:graph:027c7c4610ea4aacaf0b883093cab899"
THERE = timezone(timedelta(hours=2))


def utc(at: datetime) -> datetime:
    return at.astimezone(timezone.utc)


def answered(operation: str, answer: object) -> dict[str, Any]:
    return write_body(body_of(operation, answer, utc))


def client_error(code: str = "ConflictException", **response: Any) -> ClientError:
    details: Any = {"Error": {"Code": code, "Message": "no"}, **response}
    return ClientError(details, "ListMembers")


class TestBodyOf:
    def test_is_the_answer(self) -> None:
        """As a dict."""
        assert answered("CreateGraph", {"GraphArn": ARN}) == {"GraphArn": ARN}

    def test_gives_each_reader_its_own(self) -> None:
        """Also of what the author holds."""
        given = {"MemberDetails": [{"AccountId": ANA}]}
        body = body_of("ListMembers", given, utc)
        write_body(body)["MemberDetails"][0].clear()
        given["MemberDetails"].clear()
        assert write_body(body) == {"MemberDetails": [{"AccountId": ANA}]}

    def test_members_come_in_the_models_order(self) -> None:
        """Those of structures inside as well, as from a parser."""
        given = {"NextToken": "x", "MemberDetails": [{"Status": "ENABLED", "AccountId": ANA}]}
        answer = answered("ListMembers", given)
        assert list(answer) == ["MemberDetails", "NextToken"]
        assert list(answer["MemberDetails"][0]) == ["AccountId", "Status"]

    def test_times_are_of_the_clock(self) -> None:
        """In its zone, wherever they stand."""
        change = {"LastIngestStateChange": {"STARTED": {"Timestamp": NOON.astimezone(THERE)}, "STOPPED": None}}
        answer = answered("ListDatasourcePackages", {"DatasourcePackages": {"DETECTIVE_CORE": change}})
        states = answer["DatasourcePackages"]["DETECTIVE_CORE"]["LastIngestStateChange"]
        assert states["STARTED"]["Timestamp"].tzinfo is timezone.utc
        assert states == {"STARTED": {"Timestamp": NOON}, "STOPPED": None}

    def test_so_are_those_in_lists(self) -> None:
        """Of structures."""
        answer = answered("ListGraphs", {"GraphList": [{"Arn": ARN, "CreatedTime": NOON.astimezone(THERE)}]})
        assert answer["GraphList"][0]["CreatedTime"].tzinfo is timezone.utc

    def test_scalars_are_not_deferred(self) -> None:
        """There is nothing in them that a reader could change."""
        assert body_of("ListGraphs", {"NextToken": "x"}, utc) == {"NextToken": "x"}

    def test_a_clients_response_will_do(self) -> None:
        """Its metadata are the call's own."""
        assert answered("CreateGraph", {"GraphArn": ARN, "ResponseMetadata": {"RequestId": "x"}}) == {"GraphArn": ARN}
        assert answered("DeleteGraph", {"ResponseMetadata": {}}) == {}

    @pytest.mark.parametrize(
        ("operation", "answer", "message"),
        [
            (
                "ListMembers",
                [],
                r"ListMembers cannot be \[\] in an answer: .* a dict, or None for the fake's own answer",
            ),
            ("ListMembers", {"Members": []}, r"ListMembers\.Members cannot be"),
            (
                "ListMembers",
                {"MemberDetails": [{"Status": "OK"}]},
                r"ListMembers\.MemberDetails\[0\]\.Status cannot be 'OK'",
            ),
            ("ListGraphs", {"GraphList": [{"CreatedTime": datetime(2024, 1, 1)}]}, "CreatedTime .* an aware datetime"),  # noqa: DTZ001
            ("DeleteGraph", {"GraphArn": ARN}, "no output"),
        ],
    )
    def test_what_no_client_could_receive_is_refused(self, operation: str, answer: object, message: str) -> None:
        """With the place, and what would do."""
        with pytest.raises(NotAnOutput, match=message):
            body_of(operation, answer, utc)


class TestRefusalOf:
    def test_a_service_error_is_one_itself(self) -> None:
        """Nothing is made of it."""
        error = Conflict()
        assert refusal_of(error) is error

    def test_other_errors_are_none(self) -> None:
        """They are mistakes."""
        assert refusal_of(KeyError("x")) is None

    @pytest.mark.parametrize("code", error_statuses())
    def test_botocores_errors_are_those_of_the_service(self, code: str) -> None:
        """With the status that the model gives them."""
        error = refusal_of(client_error(code, ResponseMetadata={"HTTPStatusCode": 599}))
        assert isinstance(error, ServiceError)
        assert (error.error_code, error.message, error.status) == (code, "no", None)

    def test_further_members_are_kept(self) -> None:
        """Those of the error's shape."""
        error = refusal_of(client_error("ServiceQuotaExceededException", Message="no", Resources=["MEMBER"], Other=1))
        assert isinstance(error, ServiceError)
        assert error.members == {"Resources": ["MEMBER"]}

    @pytest.mark.parametrize(
        ("metadata", "status"), [({"HTTPStatusCode": 503}, 503), ({}, None), ({"HTTPStatusCode": 200}, None)]
    )
    def test_codes_of_the_front_end_bring_their_status(self, metadata: dict[str, int], status: int | None) -> None:
        """If it is one of an error."""
        error = refusal_of(client_error("SlowDown", ResponseMetadata=metadata))
        assert isinstance(error, ServiceError)
        assert (error.error_code, error.status) == ("SlowDown", status)

    def test_a_message_may_be_missing(self) -> None:
        """As in what tests make up."""
        error = refusal_of(ClientError({"Error": {"Code": "X"}}, "ListMembers"))
        assert isinstance(error, ServiceError)
        assert error.message == ""

    def test_a_code_may_not(self) -> None:
        """There is nothing to answer then."""
        error = ClientError({}, "ListMembers")
        assert refusal_of(error) is None
