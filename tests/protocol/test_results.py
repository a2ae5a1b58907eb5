"""Tests of `detective_fake.protocol.results`."""

from __future__ import annotations

import io
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint
from botocore.hooks import HierarchicalEmitter
from botocore.parsers import create_parser
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from detective_fake.errors import ServiceError, ValidationFailed
from detective_fake.exchange import Deferred
from detective_fake.protocol.model import error_members, error_status, operations, service_model
from detective_fake.protocol.rest_json import encode, headers, status
from detective_fake.protocol.results import NotAnOutput, check_output, parsed, timestamp_zone
from tests.protocol.shapes import A_TENTH, CHARACTERS, GRAPH_ARN, NOON, OPERATION_NAMES, REQUEST_ID, answer, output_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.exchange import Result

URL = "https://api.detective.us-east-1.amazonaws.com"

ERROR_CODES = sorted(code for shape in service_model().error_shapes if (code := shape.name))

TEXT = st.text(CHARACTERS)


class Raw(io.BytesIO):
    """A body on the way, as urllib3 hands it on."""

    def stream(self) -> Iterator[bytes]:
        """Return it in parts."""
        yield self.read()


def from_the_wire(result: Result) -> dict[str, Any]:
    """Return what botocore itself makes of our HTTP answer: endpoint, parser, second parse of errors."""
    sent: Any = AWSResponse(URL, status(result), cast("Any", headers(result)), Raw(encode(result)))
    emitter = HierarchicalEmitter()
    emitter.register("before-send", lambda **_: sent)
    endpoint = Endpoint(URL, "api.detective", emitter, http_session=cast("Any", "no session"))
    request = {"method": "POST", "url": URL, "headers": {}, "body": b"", "context": {}}
    response: dict[str, Any] = endpoint.make_request(service_model().operation_model(result.operation), request)[1]
    return response


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare values; and, by their text, the order of keys and the types, time zones included."""
    assert found == expected
    assert repr(found) == repr(expected)


class TestTheLaw:
    @pytest.mark.parametrize("name", OPERATION_NAMES)
    @A_TENTH
    @given(data=st.data())
    def test_successes(self, name: str, data: st.DataObject) -> None:
        """What is made here is what botocore makes of the wire: keys, order, values, types."""
        result = answer(name, data.draw(output_of(name)))
        assert_same(parsed(result), from_the_wire(result))

    @pytest.mark.parametrize("code", ERROR_CODES)
    @A_TENTH
    @given(data=st.data())
    def test_errors(self, code: str, data: st.DataObject) -> None:
        """Also of every error, whichever of its members it has."""
        names = [name for name in error_members(code) if name != "Message"]
        texts = {name: st.lists(TEXT) if name == "Resources" else TEXT for name in names}
        members = data.draw(st.fixed_dictionaries({}, optional=texts))
        result = answer("CreateMembers", error=ServiceError(data.draw(TEXT), members, code))
        assert_same(parsed(result), from_the_wire(result))

    @given(st.sampled_from([400, 403, 429, 503]), TEXT)
    def test_errors_of_the_front_end(self, code: int, message: str) -> None:
        """Whose codes no model lists."""
        error = ServiceError(message, {"Reason": "rate"}, "ThrottlingException", code)
        result = answer("ListGraphs", error=error)
        assert_same(parsed(result), from_the_wire(result))

    def test_by_the_parser_alone(self) -> None:
        """The endpoint adds nothing to a success but the number of retries."""
        result = answer("ListGraphs", {"GraphList": [{"Arn": GRAPH_ARN}]})
        response = {"body": encode(result), "headers": headers(result), "status_code": status(result)}
        expected = create_parser("rest-json").parse(response, cast("Any", operations()["ListGraphs"].output_shape))
        expected["ResponseMetadata"]["RetryAttempts"] = 0
        assert_same(parsed(result), expected)


class TestParsed:
    def test_metadata_comes_first(self) -> None:
        """In botocore's order."""
        response = parsed(answer("ListMembers", {"MemberDetails": []}), retry_attempts=2)
        assert list(response) == ["ResponseMetadata", "MemberDetails"]
        assert list(response["ResponseMetadata"]) == ["RequestId", "HTTPStatusCode", "HTTPHeaders", "RetryAttempts"]
        assert response["ResponseMetadata"]["RequestId"] == REQUEST_ID
        assert response["ResponseMetadata"]["RetryAttempts"] == 2

    def test_members_at_the_top_are_put_in_order(self) -> None:
        """Without those that are None."""
        body = {"NextToken": "t", "MemberDetails": []}
        assert list(parsed(answer("ListMembers", body))) == ["ResponseMetadata", "MemberDetails", "NextToken"]
        assert "NextToken" not in parsed(answer("ListMembers", {**body, "NextToken": None}))

    def test_deferred_parts_are_written_for_each_reader(self) -> None:
        """Nobody sees what another does to its copy."""
        result = answer("ListGraphs", {"GraphList": Deferred(lambda arn: [{"Arn": arn}], (GRAPH_ARN,))})
        parsed(result)["GraphList"].clear()
        assert parsed(result)["GraphList"] == [{"Arn": GRAPH_ARN}]

    @pytest.mark.parametrize("name", ["AcceptInvitation", "TagResource"])
    def test_no_output(self, name: str) -> None:
        """Only metadata."""
        assert list(parsed(answer(name, {}))) == ["ResponseMetadata"]

    def test_an_error(self) -> None:
        """`Error` first, then metadata, then the members of the error's shape."""
        error = ValidationFailed("no", {"ErrorCode": "INVALID_GRAPH_ARN"})
        response = parsed(answer("ListMembers", error=error))
        assert list(response) == ["Error", "ResponseMetadata", "Message", "ErrorCode"]
        assert response["Error"] == {"Message": "no", "Code": "ValidationException"}
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 400

    def test_an_error_that_is_not_modelled(self) -> None:
        """Has no members at the top."""
        response = parsed(answer("ListMembers", error=ServiceError("no", {}, "ThrottlingException")))
        assert list(response) == ["Error", "ResponseMetadata"]

    def test_every_code_has_a_status_of_an_error(self) -> None:
        """From which botocore makes exceptions."""
        assert all((error_status(code) or 0) >= 400 for code in ERROR_CODES)


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
    def test_it_is_what_botocore_gives(self) -> None:
        """On machines of any zone, also when it has just changed."""
        expected = parse_timestamp("2024-03-05T12:00:00.250Z")
        found = NOON.replace(tzinfo=timestamp_zone())
        assert repr(found) == repr(expected)

    @pytest.mark.usefixtures("_zone")
    @pytest.mark.parametrize("_zone", ["UTC0"], indirect=True)
    @pytest.mark.parametrize("changed", ["UTC5", "ABC0"])
    def test_it_is_asked_for_anew(self, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
        """When the name of the machine's zone has changed, or its offset."""
        before = timestamp_zone()
        monkeypatch.setenv("TZ", changed)
        time.tzset()
        assert repr(timestamp_zone()) == repr(parse_timestamp("2024-03-05T12:00:00.250Z").tzinfo)
        assert timestamp_zone() is not before


def refusal(name: str, **body: Any) -> str:
    """Return what is said of a body that an operation cannot answer."""
    with pytest.raises(NotAnOutput) as caught:
        check_output(operations()[name], body)
    return str(caught.value)


class TestCheckOutput:
    @pytest.mark.parametrize("name", OPERATION_NAMES)
    @A_TENTH
    @given(data=st.data())
    def test_accepts_what_may_be_answered(self, name: str, data: st.DataObject) -> None:
        """Any part of the members."""
        check_output(operations()[name], data.draw(output_of(name)))

    def test_the_message(self) -> None:
        """Where, what, what instead, and what to do."""
        assert refusal("ListMembers", MemberDetails=[{}, {"Status": "GONE"}]) == (
            "ListMembers.MemberDetails[1].Status cannot be 'GONE' in an answer: the service model allows one of "
            "INVITED, VERIFICATION_IN_PROGRESS, VERIFICATION_FAILED, ENABLED, ACCEPTED_BUT_DISABLED. "
            "Answer what Detective could answer, or leave the member out."
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

    def test_subclasses_of_str_are_none(self) -> None:
        """An enum's member would come back from the wire as a plain text."""

        class Status(str):
            __slots__ = ()

        assert "a plain str" in refusal("ListMembers", MemberDetails=[{"Status": Status("ENABLED")}])

    def test_null_in_maps(self) -> None:
        """A state that a package has never been in."""
        change = {"DETECTIVE_CORE": {"LastIngestStateChange": {"STOPPED": None}}}
        check_output(operations()["ListDatasourcePackages"], {"DatasourcePackages": change})

    def test_an_empty_list_may_be_answered(self) -> None:
        """Although `AccountIdList` has at least one item in a request."""
        check_output(operations()["DeleteMembers"], {"AccountIds": [], "UnprocessedAccounts": []})

    @pytest.mark.parametrize("hours", [0, 9])
    def test_any_zone_will_do(self, hours: int) -> None:
        """As long as there is one."""
        at = datetime(2024, 3, 5, tzinfo=timezone(timedelta(hours=hours)))
        check_output(operations()["ListGraphs"], {"GraphList": [{"Arn": GRAPH_ARN, "CreatedTime": at}]})
