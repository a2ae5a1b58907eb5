"""The rest-json protocol: requests to parameters, results to HTTP responses."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.serialize import create_serializer
from hypothesis import example, given
from hypothesis import strategies as st

from detective_fake.errors import (
    Conflict,
    ServiceError,
    ServiceQuotaExceeded,
    ValidationFailed,
)
from detective_fake.exchange import Deferred
from detective_fake.protocol import rest_json
from detective_fake.protocol.model import operations, service_model
from detective_fake.protocol.rest_json import (
    DecodedRequest,
    decode_parameters,
    decode_request,
    encode,
    error_body,
    headers,
    route,
    status,
    unknown_operation,
)
from tests.protocol.shapes import A_TENTH, GRAPH_ARN, NOON, OPERATION_NAMES, REQUEST_ID, answer, input_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.protocol.model import Operation

TAGS_PATH = "/tags/" + quote(GRAPH_ARN, safe="")

JSON_TEXT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
).map(json.dumps)


def operation(name: str) -> Operation:
    """Return an operation by name."""
    return operations()[name]


def decode_body(name: str, body: bytes | str | None) -> dict[str, Any]:
    """Return the parameters in the body of an operation without labels in its path."""
    return decode_parameters(operation(name), operation(name).uri, "", body)


def decode_members(name: str, **members: Any) -> dict[str, Any]:
    """Return the parameters in a body of these members."""
    return decode_body(name, json.dumps(members))


def serialized(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return botocore's serialized request, as `before-call` receives it."""
    serializer = create_serializer("rest-json", include_validation=False)
    request: dict[str, Any] = serializer.serialize_to_request(parameters, service_model().operation_model(name))
    return request


class TestRoute:
    @pytest.mark.parametrize("name", OPERATION_NAMES)
    def test_every_operation_is_found(self, name: str) -> None:
        """Method and path identify it."""
        path = operation(name).uri.replace("{ResourceArn}", quote(GRAPH_ARN, safe=""))
        assert route(operation(name).method, path) is operation(name)

    @pytest.mark.parametrize("label", ["", GRAPH_ARN, "a/b", "a%2Fb", "\n"])
    def test_a_label_may_be_anything(self, label: str) -> None:
        """Plain, with a slash, or missing: validation rejects it."""
        found = route("GET", f"/tags/{label}")
        assert found is operation("ListTagsForResource")

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/graph"), ("PUT", TAGS_PATH), ("GET", "/tags"), ("POST", "/graph/"), ("POST", "/Graph"), ("", "")],
    )
    def test_no_such_route(self, method: str, path: str) -> None:
        """Method, case and trailing slash count."""
        assert route(method, path) is None


class TestBody:
    @pytest.mark.parametrize("body", [None, b"", "", b"{}", b" {}\n"])
    def test_nothing_sent(self, body: bytes | str | None) -> None:
        """Older clients send no body where newer ones send an empty object."""
        assert decode_body("ListGraphs", body) == {}

    def test_members_come_in_the_models_order(self) -> None:
        """Without null members and members that the model does not know."""
        body = b'{"Colour": "blue", "MaxResults": 5, "NextToken": null, "GraphArn": "x"}'
        assert list(decode_body("ListMembers", body).items()) == [("GraphArn", "x"), ("MaxResults", 5)]

    def test_members_of_structures_come_in_the_models_order(self) -> None:
        """As those of the body."""
        body = b'{"SortCriteria": {"SortOrder": "ASC", "Hue": 1, "Field": null}, "FilterCriteria": {"State": null}}'
        found = decode_body("ListInvestigations", body)
        assert list(found.items()) == [("FilterCriteria", {}), ("SortCriteria", {"SortOrder": "ASC"})]

    def test_members_of_the_path_are_not_taken_from_the_body(self) -> None:
        """The ARN in the path counts."""
        body = b'{"ResourceArn": "other", "Tags": {"a": "b"}}'
        found = decode_parameters(operation("TagResource"), TAGS_PATH, "", body)
        assert found == {"ResourceArn": GRAPH_ARN, "Tags": {"a": "b"}}

    def test_the_body_of_an_operation_without_input_is_ignored(self) -> None:
        """`DisableOrganizationAdminAccount` has no members."""
        assert decode_body("DisableOrganizationAdminAccount", b"[") == {}

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[]",
            b"null",
            b"{} {}",
            b"{}\x0c",
            "\u00a0{}",
            b'{"GraphArn": NaN}',
            b'{"GraphArn": -Infinity}',
            b'{"GraphArn": "\xff"}',
            b'{"GraphArn": "\\ud800"}',
            b'{"\\uDC00": 1}',
            b'{"GraphArn": "\xed\xa0\x80"}',
            '{"GraphArn": "\ud800"}',
            b"\xef\xbb\xbf{}",
            "{}".encode("utf-16"),
            b'{"MaxResults": ' + b"9" * 401 + b"}",
            b'{"Colour": -1e999}',
            b"[" * (1 << 20),
            b'{"GraphArn":' * 100_000,
            b'{"Colour": ' + b"[" * 64 + b"]" * 64 + b"}",
            b'{"Colour": ' * 65 + b"1" + b"}" * 65,
        ],
    )
    def test_invalid_bodies(self, body: bytes | str) -> None:
        """The body is no JSON object, no valid Unicode, too deep, or has a number out of range."""
        with pytest.raises(ValidationFailed, match="Invalid request body") as caught:
            decode_body("ListMembers", body)
        assert caught.value.members == {"ErrorCode": "INVALID_REQUEST_BODY"}

    @pytest.mark.parametrize(
        "value",
        [
            '"' + "[" * 100 + '"',
            "[" * 63 + "]" * 63,
            '{"a": ' * 62 + "[]" + "}" * 62,
            "[{}" + ", {}" * 100 + "]",
            "9" * 400,
            "-1e308",
        ],
        ids=lambda value: value[:12],
    )
    def test_large_bodies_within_the_limits(self, value: str) -> None:
        """Depth counts, but neither width nor brackets in texts; also in members that the model does not know."""
        assert decode_body("ListMembers", f'{{"MaxResults": 1, "Colour": {value}}}') == {"MaxResults": 1}

    def test_pairs_of_surrogates_are_characters(self) -> None:
        """`json.dumps` writes every character beyond the first plane as a pair."""
        assert decode_members("CreateMembers", Message="ä 🕵") == {"Message": "ä 🕵"}

    @given(st.sampled_from(OPERATION_NAMES), st.binary() | JSON_TEXT | JSON_TEXT.map(str.encode))
    @example("StartInvestigation", '{"ScopeStartTime": 1e999}')
    @example("StartInvestigation", '{"ScopeStartTime": 1e300}')
    def test_nothing_else_is_ever_raised(self, name: str, body: bytes | str) -> None:
        """Any body is decoded or rejected."""
        try:
            assert isinstance(decode_body(name, body), dict)
        except ValidationFailed as error:
            assert error.message == "Invalid request body"  # noqa: PT017 - either outcome will do


class TestTimestamps:
    @pytest.mark.parametrize(
        ("sent", "meant"),
        [
            ("2024-03-05T12:00:00Z", NOON.replace(microsecond=0)),
            ("2024-03-05T12:00:00.25z", NOON),
            ("2024-03-05T12:00:00.250000Z", NOON),
            ("2024-03-05T12:00:00.250000999Z", NOON),
            ("2024-03-05T13:30:00.250+01:30", NOON),
            ("2024-03-05T11:00:00.250-01:00", NOON),
            (1709640000, NOON.replace(microsecond=0)),
            (1709640000.25, NOON),
            (0, datetime(1970, 1, 1, tzinfo=timezone.utc)),
            (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ],
    )
    def test_become_datetimes_in_utc(self, sent: object, meant: datetime) -> None:
        """The body has them as text, or as seconds since 1970."""
        found = decode_members("StartInvestigation", ScopeStartTime=sent)["ScopeStartTime"]
        assert found == meant
        assert found.tzinfo is timezone.utc

    @pytest.mark.parametrize(
        "sent",
        [
            "",
            "noon",
            "2024-03-05",
            "2024-03-05T12:00:00",
            "2024-03-05 12:00:00Z",
            "2024-13-05T12:00:00Z",
            "2024-03-05T12:00:60Z",
            "٢٠٢٤-03-05T12:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "1709640000",
            True,
            [],
            1e300,
            10**30,
        ],
    )
    def test_invalid_timestamps(self, sent: object) -> None:
        """Other formats, days that do not exist, times out of range."""
        with pytest.raises(ValidationFailed, match="Invalid request body"):
            decode_members("StartInvestigation", ScopeStartTime=sent)

    def test_within_structures(self) -> None:
        """A filter has two; a missing one is left to validation."""
        sent = {"StartInclusive": "2024-03-05T12:00:00.250Z"}
        found = decode_members("ListInvestigations", FilterCriteria={"State": {"Value": "a"}, "CreatedTime": sent})
        assert found["FilterCriteria"] == {"State": {"Value": "a"}, "CreatedTime": {"StartInclusive": NOON}}

    def test_values_of_a_wrong_type_are_left_to_validation(self) -> None:
        """Here a list in place of a structure."""
        assert decode_members("ListInvestigations", FilterCriteria=[1]) == {"FilterCriteria": [1]}


class TestPath:
    @pytest.mark.parametrize("arn", [GRAPH_ARN, quote(GRAPH_ARN, safe=""), quote(GRAPH_ARN)])
    def test_labels_are_decoded(self, arn: str) -> None:
        """Percent-encoded in full, in part, or not at all."""
        assert decode_parameters(operation("ListTagsForResource"), f"/tags/{arn}", "", None) == {
            "ResourceArn": GRAPH_ARN
        }

    @pytest.mark.parametrize(("label", "value"), [("", ""), ("a/b", "a/b"), ("a%2Fb%25", "a/b%"), ("%FF", "\ufffd")])
    def test_other_values_are_left_to_validation(self, label: str, value: str) -> None:
        """Also those that are not UTF-8."""
        assert decode_parameters(operation("ListTagsForResource"), f"/tags/{label}", "", None) == {"ResourceArn": value}

    def test_the_path_of_an_endpoint_url_is_ignored(self) -> None:
        """`endpoint_url="http://localhost/detective"` comes before the operation's own path."""
        found = decode_parameters(operation("ListTagsForResource"), "/detective" + TAGS_PATH, "", None)
        assert found == {"ResourceArn": GRAPH_ARN}

    def test_another_path_has_no_label(self) -> None:
        """The member is missing then."""
        assert decode_parameters(operation("ListTagsForResource"), "/graph", "", None) == {}


class TestQuery:
    @pytest.mark.parametrize(
        "query",
        [
            "tagKeys=a&tagKeys=b%20c&x=1",
            {"tagKeys": ["a", "b c"], "x": "1"},
            {"tagKeys": ("a", "b c")},
            {"tagKeys": ["a", "b c"], "other": "x y"},
        ],
    )
    def test_lists(self, query: Any) -> None:
        """As sent over the wire, and as botocore holds them before."""
        assert decode_parameters(operation("UntagResource"), TAGS_PATH, query, b"")["TagKeys"] == ["a", "b c"]

    @pytest.mark.parametrize("query", ["", {}, "tagkeys=a"])
    def test_missing(self, query: Any) -> None:
        """Names of members are case-sensitive."""
        assert decode_parameters(operation("UntagResource"), TAGS_PATH, query, b"") == {"ResourceArn": GRAPH_ARN}

    def test_one_key_is_a_list_of_one(self) -> None:
        """The key may be empty, or plain text."""
        assert decode_parameters(operation("UntagResource"), TAGS_PATH, {"tagKeys": "ab"}, b"")["TagKeys"] == ["ab"]
        assert decode_parameters(operation("UntagResource"), TAGS_PATH, "tagKeys=", b"")["TagKeys"] == [""]

    def test_the_last_value_of_a_member_that_is_not_a_list_counts(self) -> None:
        """Detective has no such member today."""
        paged = operation("ListGraphs")._replace(query_members={"nextToken": "NextToken"})
        assert decode_parameters(paged, "/graphs/list", "nextToken=a&nextToken=b&nextToken=c", None) == {
            "NextToken": "c"
        }


class TestWhatBotocoreSends:
    @pytest.mark.parametrize("name", OPERATION_NAMES)
    @A_TENTH
    @given(data=st.data())
    def test_before_call(self, name: str, data: st.DataObject) -> None:
        """`request_dict` decodes to the parameters it was made from."""
        parameters = data.draw(input_of(name))
        request = serialized(name, parameters)
        found = decode_parameters(operation(name), request["url_path"], request["query_string"], request["body"])
        assert found == parameters

    @pytest.mark.parametrize("name", OPERATION_NAMES)
    @A_TENTH
    @given(data=st.data())
    def test_over_the_wire(self, name: str, data: st.DataObject) -> None:
        """So does the HTTP request, and its path leads to the operation."""
        parameters = data.draw(input_of(name))
        request = serialized(name, parameters)
        prepare_request_dict(request, "https://api.detective.us-east-1.amazonaws.com", {})
        prepared = create_request_object(request).prepare()
        url = urlsplit(prepared.url)
        assert route(prepared.method, url.path) is operation(name)
        assert decode_parameters(operation(name), url.path, url.query, prepared.body) == parameters


@pytest.fixture
def _empty_cache() -> Iterator[None]:
    """Begin and end with an empty cache."""
    rest_json._decode_cached.cache_clear()  # noqa: SLF001 of the package's own tests
    yield
    rest_json._decode_cached.cache_clear()  # noqa: SLF001 as above


def cached() -> int:
    """Return the number of requests in the cache."""
    return rest_json._decode_cached.cache_info().currsize  # noqa: SLF001 of the package's own tests


def list_members(**members: Any) -> DecodedRequest:
    """Decode a `ListMembers` request with these members in its body."""
    return decode_request("ListMembers", "/graph/members/list", "", json.dumps(members).encode())


class TestDecodeRequest:
    def test_a_valid_request_has_parameters(self) -> None:
        """They need no further validation."""
        assert list_members(GraphArn=GRAPH_ARN) == DecodedRequest({"GraphArn": GRAPH_ARN}, malformed=False, valid=True)

    def test_an_invalid_request_has_parameters(self) -> None:
        """The service decides which error comes first."""
        assert list_members(MaxResults=201) == DecodedRequest({"MaxResults": 201}, malformed=False, valid=False)

    def test_a_malformed_request_has_no_parameters(self) -> None:
        """They cannot be decoded."""
        found = decode_request("ListMembers", "/graph/members/list", "", b"{")
        assert found == DecodedRequest({}, malformed=True, valid=False)

    def test_a_request_that_botocore_does_not_know_has_no_parameters(self) -> None:
        """An operation of another release; the request is not malformed."""
        assert decode_request("ZipGraph", "/graph/zip", "", b"{}") == DecodedRequest({}, malformed=False, valid=False)


@pytest.mark.usefixtures("_empty_cache")
class TestDecodedRequestCache:
    def test_equal_requests_are_decoded_once(self) -> None:
        """The second call returns the same object."""
        assert list_members(GraphArn=GRAPH_ARN) is list_members(GraphArn=GRAPH_ARN)

    @pytest.mark.parametrize(
        ("other", "parameters"),
        [
            (("GetMembers", "/graph/members/list", b'{"GraphArn": "a"}'), {"GraphArn": "a"}),
            (("ListMembers", "/graph/members/list", b'{"GraphArn": "b"}'), {"GraphArn": "b"}),
            (("ListTagsForResource", "/tags/a", b""), {"ResourceArn": "a"}),
            (("ListTagsForResource", "/tags/b", b""), {"ResourceArn": "b"}),
        ],
    )
    def test_other_requests_differ(self, other: tuple[str, str, bytes], parameters: dict[str, str]) -> None:
        """Their operation, path or body is another one."""
        list_members(GraphArn=GRAPH_ARN)
        name, path, body = other
        assert decode_request(name, path, "", body).parameters == parameters

    def test_long_requests_are_not_kept(self) -> None:
        """Either the body or the path may be long."""
        tags = {"team": "x" * 256}
        body = json.dumps({"Tags": tags}).encode().ljust(2049)
        assert decode_request("CreateGraph", "/graph", "", body).parameters == {"Tags": tags}
        decode_request("ListTagsForResource", "/tags/" + "a" * 2048, "", b"")
        assert cached() == 0

    def test_requests_with_a_query_are_not_kept(self) -> None:
        """Botocore has it as a mapping, which is not hashable."""
        found = decode_request("UntagResource", TAGS_PATH, {"tagKeys": ["team"]}, b"")
        assert (found.parameters["TagKeys"], found.valid) == (["team"], True)
        assert cached() == 0

    def test_its_size_is_bounded(self) -> None:
        """A process may receive any number of requests."""
        for number in range(300):
            list_members(GraphArn=f"{GRAPH_ARN[:-3]}{number:03}")
        assert cached() == 256


class TestStatus:
    def test_of_success(self) -> None:
        """The status comes from the service model."""
        assert status(answer("ListMembers", {})) == 200
        assert status(answer("TagResource", {})) == 204

    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (ServiceQuotaExceeded(), 402),
            (ServiceError("slow down", {}, "ThrottlingException", 429), 429),
            (ServiceError("who?", {}, "UnrecognizedClientException"), 400),
        ],
    )
    def test_of_errors(self, error: ServiceError, expected: int) -> None:
        """It comes from the model, else from the error itself, and else is 400."""
        assert status(answer("ListMembers", error=error)) == expected


class TestHeaders:
    def test_of_success(self) -> None:
        """Names are in lower case."""
        assert list(headers(answer("ListMembers", {})).items()) == [
            ("content-type", "application/json"),
            ("date", "Tue, 05 Mar 2024 12:00:00 GMT"),
            ("x-amzn-requestid", REQUEST_ID),
        ]

    def test_of_errors(self) -> None:
        """The error code comes last."""
        found = headers(answer("ListMembers", error=Conflict()))
        assert list(found.items())[-1] == ("x-amzn-errortype", "ConflictException")

    def test_the_date_is_utc(self) -> None:
        """The zone of the clock does not matter."""
        result = answer("ListMembers", {})
        result.at = NOON.astimezone(timezone(timedelta(hours=9)))
        assert headers(result)["date"] == "Tue, 05 Mar 2024 12:00:00 GMT"

    @given(st.datetimes(timezones=st.just(timezone.utc)))
    def test_the_date_is_that_of_http(self, at: datetime) -> None:
        """The standard library formats it in the same way."""
        result = answer("ListMembers", {})
        result.at = at
        assert headers(result)["date"] == format_datetime(at, usegmt=True)

    def test_each_response_has_its_own_headers(self) -> None:
        """Changing them does not change later ones."""
        headers(answer("ListMembers", {})).clear()
        assert headers(answer("ListMembers", {}))


class TestEncode:
    @pytest.mark.parametrize("name", ["AcceptInvitation", "TagResource", "UntagResource"])
    def test_no_output(self, name: str) -> None:
        """The body is empty, not an empty object."""
        assert encode(answer(name, {})) == b""

    def test_an_empty_output(self) -> None:
        """An object without members."""
        assert encode(answer("ListMembers", {})) == b"{}"

    def test_deferred_parts_are_written(self) -> None:
        """The writer calls them."""
        body = {"GraphList": Deferred(lambda arn: [{"Arn": arn}], (GRAPH_ARN,))}
        assert json.loads(encode(answer("ListGraphs", body))) == {"GraphList": [{"Arn": GRAPH_ARN}]}

    @pytest.mark.parametrize(
        ("at", "text"),
        [
            (NOON, "2024-03-05T12:00:00.250Z"),
            (NOON.replace(microsecond=0), "2024-03-05T12:00:00.000Z"),
            (NOON.replace(microsecond=250_999), "2024-03-05T12:00:00.250Z"),
            (NOON.astimezone(timezone(timedelta(hours=-8))), "2024-03-05T12:00:00.250Z"),
        ],
    )
    def test_timestamps(self, at: datetime, text: str) -> None:
        """They are in UTC, to the millisecond."""
        assert encode(answer("GetInvestigation", {"CreatedTime": at})) == b'{"CreatedTime":"%s"}' % text.encode()

    def test_the_machines_zone_does_not_matter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Times are in UTC."""
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "Asia/Tokyo")
            time.tzset()
            encoded = encode(answer("GetInvestigation", {"CreatedTime": NOON}))
        time.tzset()
        assert encoded == b'{"CreatedTime":"2024-03-05T12:00:00.250Z"}'

    def test_null_in_maps(self) -> None:
        """A state that a package was never in."""
        change = {"DETECTIVE_CORE": {"LastIngestStateChange": {"STARTED": None}}}
        body = encode(answer("ListDatasourcePackages", {"DatasourcePackages": change}))
        assert body == b'{"DatasourcePackages":{"DETECTIVE_CORE":{"LastIngestStateChange":{"STARTED":null}}}}'

    def test_numbers(self) -> None:
        """Small floats keep their digits."""
        body = encode(answer("ListMembers", {"MemberDetails": [{"PercentOfGraphUtilization": 2.2953974e-06}]}))
        assert body == b'{"MemberDetails":[{"PercentOfGraphUtilization":2.2953974e-06}]}'


class TestErrorBody:
    def test_message_comes_first(self) -> None:
        """Then the members in the model's order."""
        error = ValidationFailed("no", {"ErrorCodeReason": "because", "ErrorCode": "INTERNAL_ERROR"})
        assert encode(answer("ListMembers", error=error)) == (
            b'{"Message":"no","ErrorCode":"INTERNAL_ERROR","ErrorCodeReason":"because"}'
        )

    def test_members_that_the_shape_lacks_are_left_out(self) -> None:
        """A conflict has only a message."""
        assert error_body(Conflict("no", {"ErrorCode": "INTERNAL_ERROR"})) == {"Message": "no"}

    def test_lists(self) -> None:
        """A tuple is written as a list."""
        assert error_body(ServiceQuotaExceeded("no", {"Resources": ("MEMBER",)})) == {
            "Message": "no",
            "Resources": ["MEMBER"],
        }

    def test_a_code_that_the_model_lacks(self) -> None:
        """Its members are as given."""
        error = ServiceError("slow down", {"Reason": "rate"}, "ThrottlingException", 400)
        assert error_body(error) == {"Message": "slow down", "Reason": "rate"}


class TestUnknownOperation:
    def test_the_response(self) -> None:
        """A 404 that names itself in header and body."""
        code, found, body = unknown_operation(REQUEST_ID, NOON)
        assert code == 404
        assert found == {
            "content-type": "application/json",
            "date": "Tue, 05 Mar 2024 12:00:00 GMT",
            "x-amzn-requestid": REQUEST_ID,
            "x-amzn-errortype": "UnknownOperationException",
        }
        assert body == b'{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}'
