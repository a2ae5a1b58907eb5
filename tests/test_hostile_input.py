"""Whatever comes over the wire is answered: well, or with an error of the service model and nothing changed."""

from __future__ import annotations

import functools
import io
import json
import socket
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

import attrs
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given, settings
from hypothesis import strategies as st

from detective_fake import DetectiveFake
from detective_fake.interception.wsgi import DetectiveApplication, NoAnswer
from detective_fake.protocol.model import error_members, error_statuses, operations, service_model
from detective_fake.protocol.results import check_output
from tests.random_calls import ACCOUNTS, ARGUMENTS, GRAPH, INVESTIGATION, NOON, REGIONS, TOKEN, client_of
from tests.server.http import connected, everything, served, told
from tests.test_call_counts import calls_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSRequest

    from detective_fake.interception.wsgi import Answer
    from detective_fake.server.endpoint import Endpoint

OWNER = ACCOUNTS[0]
UNKNOWN_OPERATION = "UnknownOperationException"
MEBIBYTE = 2**20
MANY = MEBIBYTE if settings().max_examples > 100 else 2**14
"""Bytes; the profiler makes many values dear."""

NEVER = dict.fromkeys(("verification", "enabling", "investigation", "administrator_visibility", "recheck"))
"""What is due before a call would change the state whatever becomes of the call."""

SOME: dict[str, Any] = {
    "AccountId": ACCOUNTS[1],
    "AccountIds": list(ACCOUNTS),
    "Accounts": [
        {"AccountId": f"77777777777{digit}", "EmailAddress": f"root@{digit}.example.com"} for digit in range(3)
    ],
    "AutoEnable": True,
    "DatasourcePackages": ["EKS_AUDIT"],
    "DisableEmailNotification": False,
    "EntityArn": f"arn:aws:iam::{ACCOUNTS[4]}:user/u",
    "FilterCriteria": {"Severity": {"Value": "HIGH"}, "CreatedTime": {"StartInclusive": NOON, "EndInclusive": NOON}},
    "IndicatorType": "IMPOSSIBLE_TRAVEL",
    "MaxResults": 2,
    "Message": "Join us",
    "ScopeEndTime": NOON,
    "ScopeStartTime": NOON - timedelta(days=1),
    "SortCriteria": {"Field": "STATUS", "SortOrder": "ASC"},
    "State": "ARCHIVED",
    "TagKeys": ["team"],
    "Tags": {"team": "red"},
}

_parse = create_parser("rest-json").parse
_serialize = create_serializer("rest-json", include_validation=False).serialize_to_request


@attrs.frozen
class Wire:
    """A request as it arrives."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str] = attrs.field(factory=dict)

    @property
    def environ(self) -> dict[str, Any]:
        """What a WSGI server hands over for it."""
        return {
            "REQUEST_METHOD": self.method,
            "REQUEST_URI": self.target,
            "CONTENT_LENGTH": str(len(self.body)),
            "wsgi.input": io.BytesIO(self.body),
            **self.headers,
        }


class Front:
    """A fake in the middle of a life, and its front towards the wire."""

    def __init__(self) -> None:
        self.fake = DetectiveFake(OWNER, timings=NEVER)
        self.fake.clock.freeze(NOON)
        statuses = ("INVITED", "VERIFICATION_FAILED", "ACCEPTED_BUT_DISABLED", "ENABLED")
        self.fake.seed.organization(ACCOUNTS[5], ACCOUNTS[4:])
        self.arn = self.fake.seed.graph(members=dict(zip(ACCOUNTS[1:], statuses, strict=False)), tags={"team": "blue"})
        role = f"arn:aws:iam::{ACCOUNTS[4]}:role/r"
        self.investigation = self.fake.seed.investigation(self.arn, entity_arn=role)
        self._some = {
            **SOME,
            "GraphArn": self.arn,
            "GraphArns": [self.arn],
            "InvestigationId": self.investigation,
            "ResourceArn": self.arn,
        }
        backend = self.fake._backend  # noqa: SLF001 as `fake.serve` does
        self.application = DetectiveApplication(
            backend, region=REGIONS[0], now=self.fake.clock.now, request_id=lambda: "request"
        )

    def some(self, name: str) -> dict[str, Any]:
        """Return arguments with which an operation succeeds or is refused for what it finds."""
        shape = operations()[name].input_shape
        return (
            {} if shape is None else {member: self._some[member] for member in shape.members if member != "NextToken"}
        )

    def ask(self, wire: Wire) -> str | None:
        """Return the code of the error that a request is answered with, None for a success; hold what is answered."""
        before, calls = self.fake.snapshot(), len(self.fake.calls)
        try:
            answer = self.application.answer(wire.environ)
        except NoAnswer:
            assert self.fake.snapshot() == before
            return "EndpointConnectionError"
        code = answer.headers.get("x-amzn-errortype")
        assert len(self.fake.calls) <= calls + 1
        if code == UNKNOWN_OPERATION:
            assert (answer.status, len(self.fake.calls)) == (404, calls)
        elif code is None:
            hold_success(self.fake.calls[-1].operation, answer)
        else:
            hold_error(code, answer)
        assert code is None or self.fake.snapshot() == before
        return code

    def hold_journal(self) -> None:
        """Hold that whatever came can be read again, and written."""
        assert str(self.fake.calls).count("\n") + 1 == max(len(self.fake.calls), 1)
        json.dumps(self.fake.cloudtrail, allow_nan=False).encode("ascii")
        assert [call.parameters for call in self.fake.calls] == [call.request.parameters for call in self.fake.calls]


def hold_success(operation: str, answer: Answer) -> None:
    """Hold that botocore reads the answer, and that the model allows what it reads."""
    model = operations()[operation]
    assert answer.status == model.status
    response = {"headers": answer.headers, "status_code": answer.status, "body": answer.body}
    parsed: dict[str, Any] = _parse(response, cast("Any", model.output_shape))
    assert parsed.pop("ResponseMetadata")["HTTPStatusCode"] == answer.status
    check_output(model, parsed)


def hold_error(code: str, answer: Answer) -> None:
    """Hold that the model knows the error, and that the answer has the form of it."""
    body = json.loads(answer.body)
    assert answer.status == error_statuses()[code]
    assert body["Message"]
    assert set(body) <= set(error_members(code))


def valid(name: str, arguments: dict[str, Any], front: Front, account_id: str = OWNER) -> Wire:
    """Return the request that botocore makes of an operation's arguments, signed or nearly so."""
    placeholders = {id(GRAPH): front.arn, id(INVESTIGATION): front.investigation, id(TOKEN): "not-a-token"}
    request = _serialize(_filled(arguments, placeholders), service_model().operation_model(name))
    query = urlencode(request["query_string"], doseq=True)
    body = request["body"] if isinstance(request["body"], bytes) else request["body"].encode()
    target = request["url_path"] + (f"?{query}" if query else "")
    return Wire(request["method"], target, body, {"HTTP_AUTHORIZATION": credential(account_id)})


def _filled(value: Any, placeholders: dict[int, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(item, placeholders) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, placeholders) for item in value]
    return placeholders.get(id(value), value)


def credential(account_id: str, region: str = REGIONS[0], service: str = "detective") -> str:
    """Return the header `Authorization` of a signed request, but for its end."""
    return f"AWS4-HMAC-SHA256 Credential={account_id}/20260301/{region}/{service}/aws4_request, Signature=0"


FRAGMENTS = [
    b"null",
    b"true",
    b"-0",
    b"1e999",
    b"-1E+400",
    b"NaN",
    b"-Infinity",
    b"00",
    b"0x1",
    b"1.",
    b"2147483648",
    b"9223372036854775808",
    b"9" * 401,
    b"9" * 5_000,
    b"253402300800",
    b"-62135596801",
    b"1.0000000000000000000000000001",
    b'""',
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\u0000"',
    b'"\xff\xfe"',
    b'"\xed\xa0\x80"',
    b'"\xf0\x9f\x95\xb5\xcc\x88\xe2\x80\xae"',
    b'"a\nb"',
    b'"' + b"x" * 5_000 + b'"',
    b'"0001-01-01T00:00:00Z"',
    b'"9999-12-31T23:59:59.999999999-23:59"',
    b'"2024-02-30T00:00:00Z"',
    b'"2024-06-30T23:59:60Z"',
    b"[]",
    b"[null]",
    b"[[]]",
    b"{}",
    b'{"": {}}',
    b'{"a": 1, "a": 2}',
    b'{"Value": null}',
    b'{"StartInclusive": "0001-01-01T00:00:00Z", "EndInclusive": 0}',
    b"[" * 62 + b"]" * 62,
    b"[" * 400 + b"]" * 400,
    b'{"a":' * 900 + b"1" + b"}" * 900,
    b"[" * 100_000,
    b"[" + b'"222222222222",' * 1_000 + b'"222222222222"]',
    b"/* */ 1",
    b"'a'",
    b"",
]
"""Put in the place of a value in JSON."""

PARTS = ["/", "//", "%", "%2", "%2F", "%00", "%ff", "%u0041", "%25", "%C0%AF", "..", ";", "?", "#", "&", "=", "+", " "]
PARTS += [
    "\xff",
    "\x00",
    "arn",
    ":",
    "tags",
    "/tags/",
    "tagKeys=",
    "http://",
    "[",
    "]",
    "@",
    "graph",
    "*",
    "\\",
    "\r\n",
]
HOLE = "the place of the value"

methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "post", ""]) | st.text(max_size=3)
texts = st.lists(st.sampled_from(PARTS) | st.text(st.characters(max_codepoint=255), max_size=3), max_size=6).map(
    "".join
)
paths = st.sampled_from(sorted({operation.uri for operation in operations().values()})) | texts
bodies = (
    st.binary(max_size=60)
    | st.sampled_from(FRAGMENTS)
    | st.text(max_size=20).map(lambda text: json.dumps(text).encode())
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "HTTP_AUTHORIZATION": st.sampled_from(
            [
                credential(ACCOUNTS[1]),
                credential(OWNER, "nowhere-1"),
                credential(OWNER, REGIONS[1]),
                credential(OWNER, service="guardduty"),
                credential("\xff=/"),
                "Credential=" * 50,
            ]
        )
        | texts,
        "HTTP_AMZ_SDK_INVOCATION_ID": st.sampled_from(["one", "two"]) | texts,
        "HTTP_AMZ_SDK_REQUEST": st.sampled_from(["attempt=1", "attempt=2; max=3", "attempt=" + "9" * 5_000]) | texts,
        "HTTP_USER_AGENT": texts,
        "CONTENT_LENGTH": st.sampled_from(["", "0", "-1", "1e3", "9" * 30]),
    },
)


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Return bytes of which some were cut out, and others put in."""
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(data))] * 2)))
    return data[:start] + draw(st.binary(max_size=4) | st.just(data)) + data[end:]


@st.composite
def mutated(draw: st.DrawFn, body: bytes) -> bytes:
    """Return JSON with a value replaced, a member more, or a member less; at whatever depth."""
    if not body:
        return draw(bodies)
    value = json.loads(body)
    place = value
    while isinstance(place, (dict, list)) and place:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], (dict, list)) or not place[key] or draw(st.booleans()):
            place[key] = HOLE
            break
        place = place[key]
    else:
        value[draw(st.sampled_from(["", "Other", "GraphArn", "__proto__"]))] = HOLE
    return json.dumps(value).encode().replace(json.dumps(HOLE).encode(), draw(st.sampled_from(FRAGMENTS)))


@st.composite
def requests(draw: st.DrawFn, front: Front) -> Wire:
    """Return a request that an operation could take but for one thing, or for none."""
    name = draw(st.sampled_from(sorted(ARGUMENTS)))
    wire = valid(name, draw(ARGUMENTS[name]), front, draw(st.sampled_from(ACCOUNTS)))
    change = draw(st.sampled_from(["body", "body", "bytes", "target", "method", "headers", "nothing"]))
    if change == "body":
        return attrs.evolve(wire, body=draw(mutated(wire.body)))
    if change == "bytes":
        return attrs.evolve(wire, body=draw(damaged(wire.body)))
    if change == "target":
        return attrs.evolve(wire, target=draw(damaged(wire.target.encode())).decode("latin-1"))
    if change == "method":
        return attrs.evolve(wire, method=draw(methods))
    return attrs.evolve(wire, headers={**wire.headers, **draw(headers)}) if change == "headers" else wire


class TestOverHttp:
    """What `fake.serve` answers, without a server."""

    @given(st.lists(st.builds(Wire, methods, st.tuples(paths, texts).map("?".join), bodies, headers), max_size=5))
    def test_anything_at_all(self, wires: list[Wire]) -> None:
        """Any method, path, query, headers and body."""
        front = Front()
        for wire in wires:
            front.ask(wire)
        front.hold_journal()

    @given(st.data())
    def test_requests_that_are_nearly_right(self, data: st.DataObject) -> None:
        """One after the other, as what one has left behind is there for the next."""
        front = Front()
        for _ in range(data.draw(st.integers(1, 5))):
            front.ask(data.draw(requests(front)))
        front.hold_journal()

    @pytest.mark.parametrize("name", sorted(ARGUMENTS))
    def test_each_value_that_should_not_be(self, name: str) -> None:
        """In the place of every member of every operation's body, beside others that may be."""
        front = Front()
        wire = valid(name, front.some(name), front)
        for member in operations()[name].body_members:
            before, after = (
                json.dumps({**json.loads(wire.body), member: HOLE}).encode().split(json.dumps(HOLE).encode())
            )
            for fragment in FRAGMENTS:
                front.ask(attrs.evolve(wire, body=before + fragment + after))
        front.hold_journal()

    def test_what_is_right_is_answered(self) -> None:
        """Or else nothing of the above would have met an operation."""
        front = Front()
        assert front.ask(valid("ListMembers", {"GraphArn": front.arn}, front)) is None
        assert front.ask(valid("DeleteGraph", {"GraphArn": front.arn}, front)) is None

    def test_where_there_is_no_detective_nothing_answers(self) -> None:
        """The connection ends."""
        front = Front()
        wire = attrs.evolve(valid("ListGraphs", {}, front), headers={"HTTP_AUTHORIZATION": credential(OWNER, "moon-1")})
        assert front.ask(wire) == "EndpointConnectionError"


class TestOverBotocore:
    """What a fake answers to clients of this process."""

    @settings(max_examples=settings().max_examples // 4)
    @given(st.sampled_from(sorted(name for name in ARGUMENTS if operations()[name].body_members)), st.data())
    def test_any_body(self, name: str, data: st.DataObject) -> None:
        """One that a handler of the client's has put in the place of the right one."""
        front = Front()
        arguments = front.some(name)
        body = valid(name, arguments, front).body
        body = data.draw(mutated(body) | damaged(body))
        with DetectiveFake(OWNER, wire=True, timings=NEVER) as fake:
            fake.restore(front.fake.snapshot())
            before = fake.snapshot()
            assert succeeds(name, arguments, body) or fake.snapshot() == before


def succeeds(name: str, arguments: dict[str, Any], body: bytes) -> bool:
    """Tell whether an operation succeeds with this body; if it does not, the error is one of the model's."""
    client = client_of(OWNER, REGIONS[0])
    code: str | None = None

    def change(request: AWSRequest, **_: Any) -> None:
        request.data = body

    client.meta.events.register_first("request-created.detective", change, unique_id="change")
    try:
        getattr(client, xform_name(name))(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
    finally:
        client.meta.events.unregister("request-created.detective", unique_id="change")
    assert code is None or code in error_statuses()
    return code is None


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    """A server; what goes wrong in it is raised in the end."""
    with served() as endpoint:
        yield endpoint


class TestOverSockets:
    """What a server does."""

    @settings(max_examples=settings().max_examples // 4)
    @given(st.data())
    def test_any_bytes(self, endpoint: Endpoint, data: st.DataObject) -> None:
        """Requests that are nearly right, or anything; the connection ends, and the server goes on."""
        head = b"POST /graphs/list HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
        request = data.draw(
            damaged(head + b"Authorization: " + credential(OWNER).encode() + b"\r\n\r\n{}") | st.binary()
        )
        with connected(endpoint) as connection, suppress(ConnectionError):
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            everything(connection)
        assert b" 200 OK\r\n" in told(endpoint, head + b"Connection: close\r\n\r\n{}")


class TestSizes:
    """What is large takes work in proportion, counted in calls of ours: one for each byte at the most."""

    @pytest.mark.parametrize(
        "filling", [b"[", b'{"a":', b'{"a":[', b"9", b" ", b"x", b"\\", "ä".encode(), b"\xff"], ids=repr
    )
    @pytest.mark.parametrize("frame", [b"%b", b'{"Tags":%b', b'{"x":"%b"}'], ids=repr)
    def test_a_mebibyte(self, filling: bytes, frame: bytes) -> None:
        """The most that a server reads, of the same again and again."""
        self.hold(frame % (filling * (MEBIBYTE // len(filling))))

    @pytest.mark.parametrize(
        "filling", [b"[],", b"{},", b"1,", b"-1.5e300,", b'"a",', b'"\\u00e4",', b'"a":1,', b'"a":[{}],'], ids=repr
    )
    @pytest.mark.parametrize("frame", [b'{"Tags":{"a":[%b0]}}', b'{"Tags":{%b"b":1}}', b'{"x":[%b1]}'], ids=repr)
    def test_many(self, filling: bytes, frame: bytes) -> None:
        """Values, one beside the other."""
        self.hold(frame % (filling * (MANY // len(filling))))

    def hold(self, body: bytes) -> None:
        """Hold that a body takes its work and no more, and is in nobody's way later on."""
        front = Front()
        counts = calls_within(lambda: front.ask(Wire("POST", "/graph", body)))
        assert sum(counts.values()) <= len(body)
        front.hold_journal()

    @pytest.mark.parametrize(
        "filling", ["/", "%", "%41", "/tags/", "?", "&tagKeys=a", "Credential=a/", "attempt=1", "\xff"]
    )
    def test_heads(self, filling: str) -> None:
        """64 kibibytes, the most that a server reads in a line."""
        front = Front()
        text = filling * (2**16 // len(filling))
        names = ["HTTP_AUTHORIZATION", "HTTP_AMZ_SDK_REQUEST", "HTTP_AMZ_SDK_INVOCATION_ID", "HTTP_USER_AGENT"]
        for target in (f"/tags/{text}", f"/tags/{front.arn}?tagKeys={text}", text):
            wire = Wire("DELETE", target, b"", dict.fromkeys(names, text))
            assert sum(calls_within(functools.partial(front.ask, wire)).values()) <= len(text)
        front.hold_journal()
