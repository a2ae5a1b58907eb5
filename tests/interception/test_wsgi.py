"""Detective over WSGI: routes, callers, Regions, attempts, and answers as they go over the wire."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from detective_fake.errors import Conflict, FakeUsageError
from detective_fake.interception.access_keys import make
from detective_fake.interception.wsgi import DetectiveApplication, NoAnswer
from tests.interception.stand_in import DEFAULT_ACCOUNT, GRAPH_ARN, NOON, OTHER_ACCOUNT, REGION, StandIn

if TYPE_CHECKING:
    from tests.interception.stand_in import Answer

UNKNOWN = "UnknownOperationException"


def an_application(*answers: Answer) -> tuple[DetectiveApplication, StandIn]:
    """Return an application, and the backend that answers for it: as told, in order, and then well."""
    backend = StandIn(*answers)
    return DetectiveApplication(backend, region=REGION, now=lambda: NOON, request_id=lambda: "id-0"), backend


def a_scope(access_key: str, region: str = "eu-west-1", service: str = "detective") -> str:
    """Return the header `Authorization` of a signed request."""
    return (
        f"AWS4-HMAC-SHA256 Credential={access_key}/20240305/{region}/{service}/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=0123"
    )


def an_environ(method: str = "POST", target: str = "/graphs/list", body: bytes = b"{}", **more: Any) -> dict[str, Any]:
    """Return what a WSGI server hands over for a request."""
    return {
        "REQUEST_METHOD": method,
        "REQUEST_URI": target,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **more,
    }


def asked(**more: Any) -> Any:
    """Return the request that a backend gets of ListGraphs."""
    application, backend = an_application()
    application.answer(an_environ(**more))
    return backend.requests[0]


class TestRoutes:
    def test_a_request_becomes_its_operation_with_parameters(self) -> None:
        """From path, query string and body alike."""
        application, backend = an_application()
        arn = GRAPH_ARN.replace(":", "%3A")
        application.answer(an_environ("DELETE", f"/tags/{arn}?tagKeys=a&tagKeys=b%20c", b""))
        (request,) = backend.requests
        assert request.operation == "UntagResource"
        assert request.parameters == {"ResourceArn": GRAPH_ARN, "TagKeys": ["a", "b c"]}

    def test_a_body_that_is_no_json_is_for_the_service_to_refuse(self) -> None:
        """It gets the request, marked as malformed."""
        application, backend = an_application()
        application.answer(an_environ(body=b"{"))
        assert backend.requests[0].malformed

    @pytest.mark.parametrize(
        ("method", "target"),
        [
            ("GET", "/graphs/list"),
            ("POST", "/"),
            ("POST", "/graphs"),
            ("HEAD", "/graphs/list"),
            ("OPTIONS", "*"),
            ("POST", "http://[/graphs/list"),
        ],
    )
    def test_an_unknown_route_is_an_unknown_operation(self, method: str, target: str) -> None:
        """As the front end of AWS says it; the service is not asked."""
        application, backend = an_application()
        status, headers, body = application.answer(an_environ(method, target))
        assert (status, headers["x-amzn-errortype"], headers["x-amzn-requestid"]) == (404, UNKNOWN, "id-0")
        assert json.loads(body)["Output"]["__type"].endswith(UNKNOWN)
        assert not backend.requests

    def test_what_is_signed_for_another_service_is_unknown(self) -> None:
        """With `AWS_ENDPOINT_URL` set, requests of all services come here, and some have the same routes."""
        application, _ = an_application()
        answer = application.answer(
            an_environ("GET", f"/tags/{GRAPH_ARN}", b"", HTTP_AUTHORIZATION=a_scope(OTHER_ACCOUNT, service="guardduty"))
        )
        assert answer.headers["x-amzn-errortype"] == UNKNOWN

    def test_a_target_may_be_a_whole_url(self) -> None:
        """As proxies get it."""
        application, backend = an_application()
        application.answer(an_environ(target="http://127.0.0.1:80/graphs/list?x=y"))
        assert backend.requests[0].operation == "ListGraphs"

    @pytest.mark.parametrize("length", ["", "-1", "+2", "2.0", "two", "2" * 19, "٢"])
    def test_a_length_that_is_none_is_that_of_no_body(self, length: str) -> None:
        """Servers should refuse it, and not all do."""
        assert not asked(body=b"[]", CONTENT_LENGTH=length).malformed

    def test_a_server_without_the_raw_target_will_do(self) -> None:
        """PEP 3333 promises the decoded path alone."""
        application, backend = an_application()
        environ = an_environ("GET", "", b"", PATH_INFO=f"/tags/{GRAPH_ARN}", QUERY_STRING="")
        application.answer(environ)
        assert backend.requests[0].parameters == {"ResourceArn": GRAPH_ARN}


class TestCallers:
    def test_an_access_key_of_twelve_digits_is_the_account(self) -> None:
        """The simplest credentials there are."""
        assert asked(HTTP_AUTHORIZATION=a_scope(OTHER_ACCOUNT)).caller.account_id == OTHER_ACCOUNT

    def test_a_key_that_decodes_is_the_account_in_it(self) -> None:
        """The machine's own keys among them: nobody knows here which those are."""
        key = make(OTHER_ACCOUNT)["aws_access_key_id"]
        application, backend = an_application()
        backend.caller_rules.machine_keys = frozenset({key})
        application.answer(an_environ(HTTP_AUTHORIZATION=a_scope(key)))
        assert backend.requests[0].caller.account_id == OTHER_ACCOUNT

    def test_whoever_does_not_sign_is_the_default_caller(self) -> None:
        """Even if that is another one by now."""
        application, backend = an_application()
        backend.account_id = OTHER_ACCOUNT
        application.answer(an_environ())
        assert backend.requests[0].caller.account_id == OTHER_ACCOUNT

    def test_the_region_is_that_of_the_signature(self) -> None:
        """It is the client's Region as well: nothing else tells that."""
        request = asked(HTTP_AUTHORIZATION=a_scope(DEFAULT_ACCOUNT, "ap-south-1"))
        assert (request.region, request.client_region) == ("ap-south-1", "ap-south-1")

    @pytest.mark.parametrize("authorization", ["", "Bearer x", a_scope(DEFAULT_ACCOUNT, "no Region")])
    def test_without_one_it_is_the_fakes(self, authorization: str) -> None:
        """As for requests that are not signed."""
        assert asked(HTTP_AUTHORIZATION=authorization).region == REGION

    def test_the_user_agent_is_handed_on(self) -> None:
        """The journal shows it."""
        assert asked(HTTP_USER_AGENT="aws-sdk-js/3.0").user_agent == "aws-sdk-js/3.0"


class TestAttempts:
    FIRST: Final = {"HTTP_AMZ_SDK_INVOCATION_ID": "one", "HTTP_AMZ_SDK_REQUEST": "attempt=1; max=3"}
    SECOND: Final = {"HTTP_AMZ_SDK_INVOCATION_ID": "one", "HTTP_AMZ_SDK_REQUEST": "attempt=2; max=3"}
    OTHER: Final = {"HTTP_AMZ_SDK_INVOCATION_ID": "two", "HTTP_AMZ_SDK_REQUEST": "attempt=2; max=3"}

    def records(self, *attempts: dict[str, str]) -> list[tuple[object, int]]:
        application, backend = an_application()
        for attempt in attempts:
            application.answer(an_environ(**dict[str, Any](attempt)))
        return backend.attempts

    def test_attempts_of_one_call_have_one_record(self) -> None:
        """By the id that SDKs send."""
        (first, one), (second, two) = self.records(self.FIRST, self.SECOND)
        assert (first is second, one, two) == (True, 1, 2)

    def test_another_id_is_another_call(self) -> None:
        """Even if its first attempt has never come here."""
        (first, _), (second, number) = self.records(self.FIRST, self.OTHER)
        assert (first is second, number) == (False, 1)

    def test_another_operation_is_another_call(self) -> None:
        """Under an id that some other call has used."""
        application, backend = an_application()
        for target in ("/graphs/list", "/graph"):
            application.answer(an_environ("POST", target, **dict[str, Any](self.SECOND)))
        (first, _), (second, number) = backend.attempts
        assert (first is second, number) == (False, 1)

    def test_a_first_attempt_begins_a_call(self) -> None:
        """Whatever has come under the same id."""
        (first, _), (second, number) = self.records(self.FIRST, self.FIRST)
        assert (first is second, number) == (False, 1)

    def test_without_an_id_every_request_is_a_call(self) -> None:
        """`curl` sends none."""
        (first, _), (second, number) = self.records({}, {})
        assert (first is second, number) == (False, 1)

    def test_so_many_are_remembered_and_no_more(self) -> None:
        """Nobody says when a client gives up."""
        others = [{"HTTP_AMZ_SDK_INVOCATION_ID": f"{number}"} for number in range(256)]
        attempts = self.records(self.FIRST, *others, self.SECOND)
        assert attempts[-1][1] == 1


class TestAnswers:
    def test_a_result_is_written_out(self) -> None:
        """With the length of its body, which only HTTP needs."""
        application, _ = an_application()
        status, headers, body = application.answer(an_environ())
        assert (status, json.loads(body)["GraphList"][0]["Arn"]) == (200, GRAPH_ARN)
        assert headers["content-length"] == str(len(body))

    def test_where_there_is_no_body_it_has_no_length(self) -> None:
        """Its status says so. Source: RFC 7230, section 3.3.2."""
        application, _ = an_application()
        status, headers, body = application.answer(an_environ("DELETE", f"/tags/{GRAPH_ARN}?tagKeys=a", b""))
        assert (status, body, "content-length" in headers) == (204, b"", False)

    def test_a_refusal_has_its_status_and_code(self) -> None:
        """As the model has them."""
        application, _ = an_application(Conflict("no"))
        status, headers, body = application.answer(an_environ())
        assert (status, headers["x-amzn-errortype"], json.loads(body)) == (409, "ConflictException", {"Message": "no"})

    def test_a_network_fault_has_no_answer(self) -> None:
        """Whoever serves has to close the connection."""
        application, _ = an_application("ReadTimeoutError")
        with pytest.raises(NoAnswer, match="ReadTimeoutError"):
            application.answer(an_environ())

    def test_what_the_test_got_wrong_is_raised(self) -> None:
        """It is for the test to know, and not for the client."""
        application, backend = an_application()

        def refuse(*_args: object) -> Any:
            message = "no such thing"
            raise FakeUsageError(message)

        backend.attempt = refuse  # type: ignore[method-assign]
        with pytest.raises(FakeUsageError, match="no such thing"):
            application.answer(an_environ())

    def test_it_is_called_as_pep_3333_has_it(self) -> None:
        """Status line, list of headers, list of chunks."""
        application, _ = an_application()
        started: list[Any] = []
        (body,) = application(an_environ(), lambda *answer: started.extend(answer))  # type: ignore[arg-type]
        assert started[0] == "200 OK"
        assert ("content-length", str(len(body))) in started[1]
