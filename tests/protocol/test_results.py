"""Parsed responses, and bodies that tests write by hand."""

from __future__ import annotations

import io
import pickle
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter
from botocore.parsers import create_parser
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.errors import Conflict, ServiceError, ValidationFailed
from detective_fake.exchange import Deferred, write_body
from detective_fake.protocol.model import error_members, error_statuses, operations, service_model
from detective_fake.protocol.rest_json import encode, headers, status
from detective_fake.protocol.results import (
    NotAnOutput,
    check_output,
    make_body,
    make_response,
    timestamp_zone,
    to_service_error,
)
from tests.builders import ANA
from tests.protocol.shapes import A_TENTH, CHARACTERS, GRAPH_ARN, NOON, OPERATION_NAMES, REQUEST_ID, answer, output_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.exchange import Result

URL = "https://api.detective.us-east-1.amazonaws.com"

ERROR_CODES = sorted(code for shape in service_model().error_shapes if (code := shape.name))

TEXT = st.text(CHARACTERS)


class Raw(io.BytesIO):
    """A body in the form of urllib3's response."""

    def stream(self) -> Iterator[bytes]:
        """Yield it in parts."""
        yield self.read()


def from_the_wire(result: Result) -> dict[str, Any]:
    """Return what botocore makes of our HTTP response: endpoint, parser, second parse of errors."""
    sent: Any = AWSResponse(URL, status(result), cast("Any", headers(result)), Raw(encode(result)))
    emitter = HierarchicalEmitter()
    emitter.register("before-send", lambda **_: sent)
    endpoint = Endpoint(URL, "api.detective", emitter, http_session=cast("Any", "no session"))
    request = {"method": "POST", "url": URL, "headers": {}, "body": b"", "context": {}}
    response: dict[str, Any] = endpoint.make_request(service_model().operation_model(result.operation), request)[1]
    return response


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare values, and by `repr` the order of keys and the types, time zones included."""
    assert found == expected
    assert repr(found) == repr(expected)


class TestEquivalence:
    @pytest.mark.parametrize("name", OPERATION_NAMES)
    @A_TENTH
    @given(data=st.data())
    def test_successes(self, name: str, data: st.DataObject) -> None:
        """The response equals botocore's: keys, order, values, types."""
        result = answer(name, data.draw(output_of(name)))
        assert_same(make_response(result), from_the_wire(result))

    @pytest.mark.parametrize("code", ERROR_CODES)
    @A_TENTH
    @given(data=st.data())
    def test_errors(self, code: str, data: st.DataObject) -> None:
        """With any of the error's members."""
        names = [name for name in error_members(code) if name != "Message"]
        texts = {name: st.lists(TEXT) if name == "Resources" else TEXT for name in names}
        members = data.draw(st.fixed_dictionaries({}, optional=texts))
        result = answer("CreateMembers", error=ServiceError(data.draw(TEXT), members, code))
        assert_same(make_response(result), from_the_wire(result))

    @given(st.sampled_from([400, 403, 429, 503]), TEXT)
    def test_errors_of_the_front_end(self, code: int, message: str) -> None:
        """The model lacks their codes."""
        error = ServiceError(message, {"Reason": "rate"}, "ThrottlingException", code)
        result = answer("ListGraphs", error=error)
        assert_same(make_response(result), from_the_wire(result))

    def test_by_the_parser_alone(self) -> None:
        """The endpoint adds only the number of retries to a success."""
        result = answer("ListGraphs", {"GraphList": [{"Arn": GRAPH_ARN}]})
        response = {"body": encode(result), "headers": headers(result), "status_code": status(result)}
        expected = create_parser("rest-json").parse(response, cast("Any", operations()["ListGraphs"].output_shape))
        expected["ResponseMetadata"]["RetryAttempts"] = 0
        assert_same(make_response(result), expected)


class TestMakeResponse:
    def test_metadata_comes_first(self) -> None:
        """In botocore's order."""
        response = make_response(answer("ListMembers", {"MemberDetails": []}), retry_attempts=2)
        assert list(response) == ["ResponseMetadata", "MemberDetails"]
        assert list(response["ResponseMetadata"]) == ["RequestId", "HTTPStatusCode", "HTTPHeaders", "RetryAttempts"]
        assert response["ResponseMetadata"]["RequestId"] == REQUEST_ID
        assert response["ResponseMetadata"]["RetryAttempts"] == 2

    def test_members_stay_in_the_order_of_the_body(self) -> None:
        """An operation's body has the order of the model already."""
        body = {"MemberDetails": [], "NextToken": "t"}
        assert list(make_response(answer("ListMembers", body))) == ["ResponseMetadata", "MemberDetails", "NextToken"]

    def test_deferred_parts_are_written_for_each_reader(self) -> None:
        """Changing one copy does not change another."""
        result = answer("ListGraphs", {"GraphList": Deferred(lambda arn: [{"Arn": arn}], (GRAPH_ARN,))})
        make_response(result)["GraphList"].clear()
        assert make_response(result)["GraphList"] == [{"Arn": GRAPH_ARN}]

    @pytest.mark.parametrize("name", ["AcceptInvitation", "TagResource"])
    def test_no_output(self, name: str) -> None:
        """Only metadata."""
        assert list(make_response(answer(name, {}))) == ["ResponseMetadata"]

    def test_an_error(self) -> None:
        """`Error` first, then metadata, then the members of the error's shape."""
        error = ValidationFailed("no", {"ErrorCode": "INVALID_GRAPH_ARN"})
        response = make_response(answer("ListMembers", error=error))
        assert list(response) == ["Error", "ResponseMetadata", "Message", "ErrorCode"]
        assert response["Error"] == {"Message": "no", "Code": "ValidationException"}
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 400

    def test_an_error_that_is_not_modelled(self) -> None:
        """It has no top-level members."""
        response = make_response(answer("ListMembers", error=ServiceError("no", {}, "ThrottlingException")))
        assert list(response) == ["Error", "ResponseMetadata"]

    def test_every_code_has_a_status_of_an_error(self) -> None:
        """Of an HTTP error, so that botocore raises an exception."""
        assert all(error_statuses()[code] >= 400 for code in ERROR_CODES)


class TestTimestampZone:
    @pytest.fixture
    def _zone(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setenv("TZ", request.param)
        time.tzset()
        yield
        monkeypatch.undo()
        time.tzset()

    @pytest.mark.usefixtures("_zone")
    @pytest.mark.parametrize("_zone", ["UTC", "Europe/Berlin", "America/New_York"], indirect=True)
    def test_it_is_the_zone_that_botocore_returns(self) -> None:
        """On machines of any zone."""
        expected = parse_timestamp("2024-03-05T12:00:00.250Z")
        found = NOON.replace(tzinfo=timestamp_zone())
        assert repr(found) == repr(expected)

    @pytest.mark.usefixtures("_zone")
    @pytest.mark.parametrize("_zone", ["UTC0"], indirect=True)
    @pytest.mark.parametrize("changed", ["UTC5", "ABC0"])
    def test_it_follows_tzset(self, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
        """A change of the zone's name or offset."""
        before = timestamp_zone()
        monkeypatch.setenv("TZ", changed)
        time.tzset()
        assert repr(timestamp_zone()) == repr(parse_timestamp("2024-03-05T12:00:00.250Z").tzinfo)
        assert timestamp_zone() is not before


def refusal(name: str, **body: Any) -> str:
    """Return the message for an invalid body."""
    with pytest.raises(NotAnOutput) as caught:
        check_output(operations()[name], body)
    return str(caught.value)


class TestCheckOutput:
    @pytest.mark.parametrize("name", OPERATION_NAMES)
    @A_TENTH
    @given(data=st.data())
    def test_accepts_valid_bodies(self, name: str, data: st.DataObject) -> None:
        """With any of the members."""
        check_output(operations()[name], data.draw(output_of(name)))

    def test_the_message(self) -> None:
        """It has the place, the value, what is expected, and what to do."""
        assert refusal("ListMembers", MemberDetails=[{}, {"Status": "GONE"}]) == (
            "ListMembers.MemberDetails[1].Status cannot be 'GONE' in an answer: the service model allows one of "
            "INVITED, VERIFICATION_IN_PROGRESS, VERIFICATION_FAILED, ENABLED, ACCEPTED_BUT_DISABLED. "
            "Answer what Detective could answer, or leave the member out. "
            "See https://detective-fake.github.io/detective-fake/e/not-an-output"
        )

    @pytest.mark.parametrize(
        ("name", "body", "said"),
        [
            ("AcceptInvitation", {"GraphArn": GRAPH_ARN}, "AcceptInvitation cannot be {.* allows no output"),
            ("TagResource", {"Tags": {}}, r"TagResource\.Tags cannot be {} .* allows only nothing"),
            ("ListGraphs", {"Graphs": []}, r"ListGraphs\.Graphs cannot be \[\] .* allows only GraphList, NextToken"),
            ("ListGraphs", {"NextToken": None}, "NextToken cannot be None .* a plain str"),
            ("ListGraphs", {"NextToken": ""}, "NextToken cannot be '' .* a length from 1 to 1024"),
            ("ListGraphs", {"GraphList": ()}, r"GraphList cannot be \(\) .* a list"),
            ("ListGraphs", {"GraphList": [1]}, r"GraphList\[0\] cannot be 1 .* a dict"),
            ("ListGraphs", {"GraphList": [{"Arn": "arn"}]}, "Arn cannot be 'arn' .* allows what matches .arn:aws"),
            ("ListGraphs", {"GraphList": [{"CreatedTime": "now"}]}, "CreatedTime cannot be 'now' .* an aware datetime"),
            ("ListGraphs", {"GraphList": [{"CreatedTime": NOON.replace(tzinfo=None)}]}, "allows an aware datetime"),
            ("ListTagsForResource", {"Tags": [("a", "b")]}, r"Tags cannot be \[\('a', 'b'\)\] .* a dict"),
            ("ListTagsForResource", {"Tags": {"a b": ""}}, r"Tags\['a b'\] cannot be 'a b' .* what matches"),
            ("ListTagsForResource", {"Tags": {"a": 1}}, r"Tags\['a'\] cannot be 1 .* a plain str"),
            ("ListTagsForResource", {"Tags": {"a": None}}, r"Tags\['a'\] cannot be None .* a plain str"),
            ("DescribeOrganizationConfiguration", {"AutoEnable": "true"}, "AutoEnable cannot be 'true' .* a bool"),
            ("ListMembers", {"MemberDetails": [{"VolumeUsageInBytes": 1.0}]}, "Bytes cannot be 1.0 .* an int"),
            ("ListMembers", {"MemberDetails": [{"VolumeUsageInBytes": True}]}, "Bytes cannot be True .* an int"),
            (
                "ListMembers",
                {"MemberDetails": [{"PercentOfGraphUtilization": float("nan")}]},
                "Utilization cannot be nan .* a finite float",
            ),
            (
                "ListMembers",
                {"MemberDetails": [{"PercentOfGraphUtilization": "1"}]},
                "Utilization cannot be '1' .* a finite float",
            ),
        ],
    )
    def test_refusals(self, name: str, body: dict[str, Any], said: str) -> None:
        """Each deviation is named with its place and its value."""
        with pytest.raises(NotAnOutput, match=said):
            check_output(operations()[name], body)

    def test_subclasses_of_str_are_rejected(self) -> None:
        """A client receives plain strings."""

        class Status(str):
            __slots__ = ()

        assert "a plain str" in refusal("ListMembers", MemberDetails=[{"Status": Status("ENABLED")}])

    def test_only_keys_of_tags_may_begin_with_aws(self) -> None:
        """Other texts have the pattern of the model as they are."""
        check_output(operations()["ListTagsForResource"], {"Tags": {"aws:cloudformation:stack-name": "x"}})
        assert "Arn cannot be 'aws:arn:" in refusal("ListGraphs", GraphList=[{"Arn": f"aws:{GRAPH_ARN}"}])

    def test_a_refusal_can_be_pickled(self) -> None:
        """A test may raise it in another process."""
        before = NotAnOutput("ListMembers.NextToken", 5, "a plain str")
        after = pickle.loads(pickle.dumps(before))  # noqa: S301 - our own
        assert (str(after), after.args) == (str(before), ("ListMembers.NextToken", 5, "a plain str"))

    def test_null_in_maps(self) -> None:
        """A state that a package was never in."""
        change = {"DETECTIVE_CORE": {"LastIngestStateChange": {"STOPPED": None}}}
        check_output(operations()["ListDatasourcePackages"], {"DatasourcePackages": change})

    def test_accepts_empty_lists(self) -> None:
        """Although `AccountIdList` has at least one item in a request."""
        check_output(operations()["DeleteMembers"], {"AccountIds": [], "UnprocessedAccounts": []})

    @pytest.mark.parametrize("hours", [0, 9])
    def test_accepts_any_zone(self, hours: int) -> None:
        """But not a naive time."""
        at = datetime(2024, 3, 5, tzinfo=timezone(timedelta(hours=hours)))
        check_output(operations()["ListGraphs"], {"GraphList": [{"Arn": GRAPH_ARN, "CreatedTime": at}]})


ELSEWHERE = timezone(timedelta(hours=2))


def utc(at: datetime) -> datetime:
    return at.astimezone(timezone.utc)


def write_response(operation: str, answer: object) -> dict[str, Any]:
    return write_body(make_body(operation, answer, utc))


def client_error(code: str = "ConflictException", **response: Any) -> ClientError:
    details: Any = {"Error": {"Code": code, "Message": "no"}, **response}
    return ClientError(details, "ListMembers")


class TestMakeBody:
    def test_a_dict_is_the_body(self) -> None:
        """By member names."""
        assert write_response("CreateGraph", {"GraphArn": GRAPH_ARN}) == {"GraphArn": GRAPH_ARN}

    def test_each_reader_gets_a_copy(self) -> None:
        """Changing it, or the given value, does not change others."""
        given = {"MemberDetails": [{"AccountId": ANA}]}
        body = make_body("ListMembers", given, utc)
        write_body(body)["MemberDetails"][0].clear()
        given["MemberDetails"].clear()
        assert write_body(body) == {"MemberDetails": [{"AccountId": ANA}]}

    def test_members_come_in_the_models_order(self) -> None:
        """Also those of nested structures."""
        given = {"NextToken": "x", "MemberDetails": [{"Status": "ENABLED", "AccountId": ANA}]}
        answer = write_response("ListMembers", given)
        assert list(answer) == ["MemberDetails", "NextToken"]
        assert list(answer["MemberDetails"][0]) == ["AccountId", "Status"]

    def test_times_are_in_the_clocks_zone(self) -> None:
        """At any depth."""
        change = {"LastIngestStateChange": {"STARTED": {"Timestamp": NOON.astimezone(ELSEWHERE)}, "STOPPED": None}}
        answer = write_response("ListDatasourcePackages", {"DatasourcePackages": {"DETECTIVE_CORE": change}})
        states = answer["DatasourcePackages"]["DETECTIVE_CORE"]["LastIngestStateChange"]
        assert states["STARTED"]["Timestamp"].tzinfo is timezone.utc
        assert states == {"STARTED": {"Timestamp": NOON}, "STOPPED": None}

    def test_times_in_lists_are_in_the_clocks_zone(self) -> None:
        """Within structures."""
        answer = write_response(
            "ListGraphs", {"GraphList": [{"Arn": GRAPH_ARN, "CreatedTime": NOON.astimezone(ELSEWHERE)}]}
        )
        assert answer["GraphList"][0]["CreatedTime"].tzinfo is timezone.utc

    def test_scalars_are_not_deferred(self) -> None:
        """Readers cannot change them."""
        assert make_body("ListGraphs", {"NextToken": "x"}, utc) == {"NextToken": "x"}

    def test_a_clients_response_is_accepted(self) -> None:
        """Without its metadata."""
        assert write_response("CreateGraph", {"GraphArn": GRAPH_ARN, "ResponseMetadata": {"RequestId": "x"}}) == {
            "GraphArn": GRAPH_ARN
        }
        assert write_response("DeleteGraph", {"ResponseMetadata": {}}) == {}

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
            ("DeleteGraph", {"GraphArn": GRAPH_ARN}, "no output"),
        ],
    )
    def test_invalid_bodies_are_rejected(self, operation: str, answer: object, message: str) -> None:
        """The message has the place and what is expected."""
        with pytest.raises(NotAnOutput, match=message):
            make_body(operation, answer, utc)


class TestToServiceError:
    def test_a_service_error_is_returned(self) -> None:
        """The same object."""
        error = Conflict()
        assert to_service_error(error) is error

    def test_other_exceptions_are_not_service_errors(self) -> None:
        """They are mistakes of the test."""
        assert to_service_error(KeyError("x")) is None

    @pytest.mark.parametrize("code", error_statuses())
    def test_a_client_error_becomes_a_service_error(self, code: str) -> None:
        """With the status of the model."""
        error = to_service_error(client_error(code, ResponseMetadata={"HTTPStatusCode": 599}))
        assert isinstance(error, ServiceError)
        assert (error.error_code, error.message, error.status) == (code, "no", None)

    def test_members_are_kept(self) -> None:
        """Those of the error's shape."""
        error = to_service_error(
            client_error("ServiceQuotaExceededException", Message="no", Resources=["MEMBER"], Other=1)
        )
        assert isinstance(error, ServiceError)
        assert error.members == {"Resources": ["MEMBER"]}

    @pytest.mark.parametrize(
        ("metadata", "status"), [({"HTTPStatusCode": 503}, 503), ({}, None), ({"HTTPStatusCode": 200}, None)]
    )
    def test_codes_of_the_front_end_keep_their_status(self, metadata: dict[str, int], status: int | None) -> None:
        """If it is that of an error."""
        error = to_service_error(client_error("SlowDown", ResponseMetadata=metadata))
        assert isinstance(error, ServiceError)
        assert (error.error_code, error.status) == ("SlowDown", status)

    def test_a_message_may_be_missing(self) -> None:
        """Tests may leave it out."""
        error = to_service_error(ClientError({"Error": {"Code": "X"}}, "ListMembers"))
        assert isinstance(error, ServiceError)
        assert error.message == ""

    def test_a_code_may_not_be_missing(self) -> None:
        """Then it is not a service error."""
        error = ClientError({}, "ListMembers")
        assert to_service_error(error) is None
