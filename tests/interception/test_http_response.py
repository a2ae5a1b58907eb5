"""The response object, as botocore and as aiobotocore read it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiobotocore.awsrequest import AioAWSResponse
from botocore.awsrequest import AWSResponse

from detective_fake.errors import Conflict
from detective_fake.interception.http_response import FakeResponse
from detective_fake.protocol import rest_json
from tests.interception.stand_in import a_result

URL = "https://api.detective.us-east-1.amazonaws.com/graphs/list"
BODY = rest_json.encode(a_result())


@pytest.fixture
def response() -> FakeResponse:
    """Return an answer of ListGraphs."""
    return FakeResponse(a_result(), 200, URL)


async def awaited(value: Any) -> Any:
    """Await what an asynchronous client awaits."""
    return await value


def public_names(kind: type) -> set[str]:
    """Return the attributes that a class promises."""
    return {name for name in dir(kind) if not name.startswith("_")}


class TestSync:
    def test_it_is_a_response_of_botocore(self, response: FakeResponse) -> None:
        """Code that checks its type is content."""
        assert isinstance(response, AWSResponse)

    def test_it_tells_what_was_asked_and_how_it_went(self, response: FakeResponse) -> None:
        """URL and status."""
        assert (response.url, response.status_code) == (URL, 200)

    @pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
    def test_headers_are_found_in_any_case(self, response: FakeResponse, name: str) -> None:
        """As HTTP has it."""
        assert response.headers[name] == response.headers.get(name) == "application/json"

    def test_headers_are_those_of_the_answer(self) -> None:
        """Those of an error tell its type."""
        error = FakeResponse(a_result(error=Conflict()), 409, URL)
        assert {name.lower() for name in error.headers} == {
            "content-type",
            "date",
            "x-amzn-requestid",
            "x-amzn-errortype",
        }

    def test_the_body_is_json(self, response: FakeResponse) -> None:
        """In bytes and as text."""
        assert (response.content, response.text) == (BODY, BODY.decode())

    def test_the_raw_response_has_it_too(self, response: FakeResponse) -> None:
        """Read or streamed."""
        assert (response.raw.read(), b"".join(response.raw.stream())) == (BODY, BODY)

    def test_it_has_nothing_that_botocores_has_not(self) -> None:
        """Nobody comes to rely on what a real response lacks."""
        assert public_names(FakeResponse) == public_names(AWSResponse) | {"headers", "raw"}


class TestAsync:
    def test_content_and_text_are_awaitable(self, response: FakeResponse) -> None:
        """As those of aiobotocore are."""
        assert asyncio.run(awaited(response.content)) == BODY
        assert json.loads(asyncio.run(awaited(response.text))) == json.loads(BODY)

    def test_they_are_awaitable_where_aiobotocores_are(self) -> None:
        """Its response overrides these two alone."""
        assert public_names(AioAWSResponse) == public_names(AWSResponse)

    def test_raw_headers_are_pairs_of_bytes(self, response: FakeResponse) -> None:
        """For aiobotocore up to 2.13."""
        assert (b"content-type", b"application/json") in response.raw.raw_headers


class TestLaziness:
    def test_nothing_is_rendered_before_it_is_read(
        self, response: FakeResponse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Most tests never look at the HTTP answer."""
        monkeypatch.setattr(rest_json, "encode", lambda _result: b"now")
        assert response.content == b"now"

    def test_what_was_rendered_is_kept(self, response: FakeResponse) -> None:
        """The second look costs nothing."""
        assert response.content is response.content
        assert response.headers is response.headers
