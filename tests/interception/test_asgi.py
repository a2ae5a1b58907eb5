"""Detective over HTTP: routes, callers, Regions, attempts, and responses."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from detective_fake.errors import Conflict, FakeUsageError
from detective_fake.exchange import Caller
from detective_fake.interception.asgi import Answer, DetectiveApi, headers_of
from detective_fake.interception.callers import make_credentials
from tests.interception.stand_in import DEFAULT_ACCOUNT, GRAPH_ARN, NOON, OTHER_ACCOUNT, REGION, StandIn

if TYPE_CHECKING:
    from tests.interception import stand_in

UNKNOWN = "UnknownOperationException"


class Api:
    """The API with a stand-in for its backend, and what it does besides answering."""

    def __init__(self, *answers: stand_in.Answer) -> None:
        self.backend = StandIn(*answers)
        self.errors: list[BaseException] = []
        self.calls = 0
        self.api = DetectiveApi(
            backend=self.backend,
            region=REGION,
            now=lambda: NOON,
            request_id=lambda: "id-0",
            on_error=self.errors.append,
            after_call=self.count,
        )

    def count(self) -> None:
        self.calls += 1

    def answer(
        self, method: str = "POST", target: str = "/graphs/list", body: bytes = b"{}", /, **headers: str
    ) -> Answer | None:
        """Return the response to a request; `_` stands for `-` in names of headers."""
        path, _, query = target.partition("?")
        scope = {"method": method, "raw_path": path.encode(), "query_string": query.encode()}
        return self.api.answer(scope, {name.replace("_", "-"): value for name, value in headers.items()}, body)

    def answered(self, *request: Any, **headers: str) -> Answer:
        """Return the response to a request that gets one."""
        answer = self.answer(*request, **headers)
        assert answer is not None
        return answer


def a_scope(access_key: str, region: str = "eu-west-1", service: str = "detective") -> str:
    """Return the header `Authorization` of a signed request."""
    return (
        f"AWS4-HMAC-SHA256 Credential={access_key}/20240305/{region}/{service}/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=0123"
    )


def asked(*request: Any, **headers: str) -> Any:
    """Return the request that the backend gets."""
    api = Api()
    api.answer(*request, **headers)
    return api.backend.requests[0]


class TestRoutes:
    def test_a_request_becomes_its_operation_with_parameters(self) -> None:
        """They come from path, query string and body."""
        arn = GRAPH_ARN.replace(":", "%3A")
        request = asked("DELETE", f"/tags/{arn}?tagKeys=a&tagKeys=b%20c", b"")
        assert request.operation == "UntagResource"
        assert request.parameters == {"ResourceArn": GRAPH_ARN, "TagKeys": ["a", "b c"]}

    def test_a_body_that_is_not_json_is_marked_as_malformed(self) -> None:
        """The service refuses it."""
        assert asked("POST", "/graphs/list", b"{").malformed

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/graphs/list"), ("POST", "/"), ("POST", "/graphs"), ("HEAD", "/graphs/list"), ("OPTIONS", "*")],
    )
    def test_an_unknown_route_is_an_unknown_operation(self, method: str, path: str) -> None:
        """It gets the response of AWS's front end; the service gets no call."""
        api = Api()
        status, headers, body = api.answered(method, path)
        assert (status, headers["x-amzn-errortype"], headers["x-amzn-requestid"]) == (404, UNKNOWN, "id-0")
        assert json.loads(body)["Output"]["__type"].endswith(UNKNOWN)
        assert not api.backend.requests

    def test_a_request_signed_for_another_service_is_an_unknown_operation(self) -> None:
        """With `AWS_ENDPOINT_URL` set, requests for all services come here, and some have the same routes."""
        scope = a_scope(OTHER_ACCOUNT, service="guardduty")
        answer = Api().answered("GET", f"/tags/{GRAPH_ARN}", b"", authorization=scope)
        assert answer.headers["x-amzn-errortype"] == UNKNOWN


class TestCallers:
    def test_an_access_key_of_twelve_digits_is_the_account(self) -> None:
        """These are the simplest credentials."""
        assert asked(authorization=a_scope(OTHER_ACCOUNT)).caller.account_id == OTHER_ACCOUNT

    def test_a_key_that_decodes_to_an_account_is_that_account(self) -> None:
        """Also a key of this machine's login, as a client may send it."""
        key = make_credentials(OTHER_ACCOUNT)["aws_access_key_id"]
        api = Api()
        api.backend.caller_rules.machine_keys = frozenset({key})
        api.answer(authorization=a_scope(key))
        assert api.backend.requests[0].caller.account_id == OTHER_ACCOUNT

    def test_an_unsigned_request_is_from_the_default_caller(self) -> None:
        """The default caller may change."""
        api = Api()
        api.backend.caller_rules.default = Caller(OTHER_ACCOUNT, "default")
        api.answer()
        assert api.backend.requests[0].caller.account_id == OTHER_ACCOUNT

    def test_the_region_comes_from_the_signature(self) -> None:
        """It is also the Region of the client."""
        request = asked(authorization=a_scope(DEFAULT_ACCOUNT, "ap-south-1"))
        assert (request.region, request.client_region) == ("ap-south-1", "ap-south-1")

    @pytest.mark.parametrize("authorization", ["", "Bearer x", a_scope(DEFAULT_ACCOUNT, "no Region")])
    def test_without_a_region_in_the_signature_it_is_the_fakes(self, authorization: str) -> None:
        """The same holds for unsigned requests."""
        assert asked(authorization=authorization).region == REGION

    def test_the_user_agent_is_kept(self) -> None:
        """The journal shows it."""
        assert asked(user_agent="aws-sdk-js/3.0").user_agent == "aws-sdk-js/3.0"

    def test_of_a_repeated_header_the_first_counts(self) -> None:
        """Names are in lower case already."""
        assert headers_of({"headers": [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]}) == {"a": "1", "b": "2"}


class TestAttempts:
    FIRST: Final = {"amz_sdk_invocation_id": "one", "amz_sdk_request": "attempt=1; max=3"}
    SECOND: Final = {"amz_sdk_invocation_id": "one", "amz_sdk_request": "attempt=2; max=3"}
    OTHER: Final = {"amz_sdk_invocation_id": "two", "amz_sdk_request": "attempt=2; max=3"}

    def records(self, *attempts: dict[str, str]) -> list[tuple[object, int]]:
        api = Api()
        for attempt in attempts:
            api.answer(**attempt)
        return api.backend.attempts

    def test_attempts_of_one_call_share_a_record(self) -> None:
        """SDKs send the same invocation ID with each."""
        (first, one), (second, two) = self.records(self.FIRST, self.SECOND)
        assert (first is second, one, two) == (True, 1, 2)

    def test_another_id_is_another_call(self) -> None:
        """Even if its first attempt never arrived here."""
        (first, _), (second, number) = self.records(self.FIRST, self.OTHER)
        assert (first is second, number) == (False, 1)

    def test_another_operation_is_another_call(self) -> None:
        """Even with the invocation ID of another call."""
        api = Api()
        for path in ("/graphs/list", "/graph"):
            api.answer("POST", path, **self.SECOND)
        (first, _), (second, number) = api.backend.attempts
        assert (first is second, number) == (False, 1)

    def test_a_first_attempt_begins_a_call(self) -> None:
        """Even with an invocation ID that is known."""
        (first, _), (second, number) = self.records(self.FIRST, self.FIRST)
        assert (first is second, number) == (False, 1)

    def test_without_an_id_every_request_is_a_call(self) -> None:
        """`curl` sends none."""
        (first, _), (second, number) = self.records({}, {})
        assert (first is second, number) == (False, 1)

    def test_only_the_last_256_calls_are_remembered(self) -> None:
        """The server does not learn when a client gives up."""
        others = [{"amz_sdk_invocation_id": f"{number}"} for number in range(256)]
        attempts = self.records(self.FIRST, *others, self.SECOND)
        assert attempts[-1][1] == 1


class TestAnswers:
    def test_a_result_is_encoded(self) -> None:
        """As JSON."""
        api = Api()
        status, headers, body = api.answered()
        assert (status, json.loads(body)["GraphList"][0]["Arn"]) == (200, GRAPH_ARN)
        assert headers["content-type"] == "application/json"
        assert api.calls == 1

    def test_an_error_has_its_status_and_code(self) -> None:
        """As in the service model."""
        status, headers, body = Api(Conflict("no")).answered()
        assert (status, headers["x-amzn-errortype"], json.loads(body)) == (409, "ConflictException", {"Message": "no"})

    def test_a_network_fault_loses_the_response(self) -> None:
        """The connection is closed instead."""
        assert Api("ReadTimeoutError").answer() is None


class TestErrors:
    def asked(self, error: BaseException) -> tuple[Api, Answer]:
        api = Api()

        def fail(*_args: object) -> Any:
            raise error

        api.backend.attempt = fail  # type: ignore[method-assign]
        return api, api.answered()

    def test_a_mistake_in_the_test_is_reported_to_both_and_not_retried(self) -> None:
        """The client's log may be the first place where it is seen."""
        api, answer = self.asked(FakeUsageError("Do it so."))
        assert (answer.status, json.loads(answer.body)) == (501, {"message": "Do it so."})
        assert [str(error) for error in api.errors] == ["Do it so."]

    @pytest.mark.parametrize("error", [ValueError("secret"), KeyboardInterrupt("secret"), StopIteration("secret")])
    def test_clients_see_nothing_of_any_other_error(self, error: BaseException) -> None:
        """`pytest.fail` raises a `BaseException`."""
        api, answer = self.asked(error)
        assert (answer.status, api.errors) == (500, [error])
        assert b"secret" not in answer.body


class TestSending:
    def test_an_empty_response_has_no_length(self) -> None:
        """Its status says so. Source: RFC 7230, section 3.3.2."""
        assert self.headers(Answer(204, {}, b"")) == []

    def test_control_characters_do_not_get_into_headers(self) -> None:
        """Tests choose error codes, and may choose any text."""
        assert self.headers(Answer(204, {"x": "a\r\nb: c\u2026"}, b"")) == [(b"x", b"a  b: c?")]

    def headers(self, answer: Answer) -> Any:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(answer.send(send))
        return sent[0]["headers"]
