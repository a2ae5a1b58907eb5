"""What came in with a request, and that remembering it never shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from detective_fake.protocol import decode_request as module
from detective_fake.protocol.decode_request import (
    REMEMBERED_LENGTH,
    REMEMBERED_REQUESTS,
    DecodedRequest,
    decode_request,
)
from tests.protocol.shapes import GRAPH_ARN


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> dict[Any, DecodedRequest]:
    """Begin with an empty memory, which is this test's own."""
    known: dict[Any, DecodedRequest] = {}
    monkeypatch.setattr(module, "_known", known)
    return known


def listing(**members: Any) -> DecodedRequest:
    """Receive a `ListMembers` with these members in its body."""
    return decode_request("ListMembers", "/graph/members/list", "", json.dumps(members).encode())


class TestReceived:
    def test_a_valid_request_has_its_parameters(self) -> None:
        """And nobody need validate them again."""
        assert listing(GraphArn=GRAPH_ARN) == DecodedRequest({"GraphArn": GRAPH_ARN}, malformed=False, valid=True)

    def test_an_invalid_one_has_them_too(self) -> None:
        """What it is refused with, and when, is for others to say."""
        assert listing(MaxResults=201) == DecodedRequest({"MaxResults": 201}, malformed=False, valid=False)

    def test_one_that_cannot_be_decoded_has_none(self) -> None:
        """It is malformed."""
        assert decode_request("ListMembers", "/graph/members/list", "", b"{") == DecodedRequest(
            {}, malformed=True, valid=False
        )

    def test_one_that_botocore_does_not_know_has_none(self) -> None:
        """An operation of another release; it is not malformed."""
        assert decode_request("ZipGraph", "/graph/zip", "", b"{}") == DecodedRequest({}, malformed=False, valid=False)


class TestMemory:
    def test_the_same_request_is_read_once(self) -> None:
        """The second time there is the very same answer."""
        assert listing(GraphArn=GRAPH_ARN) is listing(GraphArn=GRAPH_ARN)

    @pytest.mark.parametrize(
        "other",
        [
            ("GetMembers", "/graph/members/list", b'{"GraphArn": "a"}'),
            ("ListMembers", "/graph/members/list", b'{"GraphArn": "b"}'),
            ("ListTagsForResource", "/tags/a", b""),
            ("ListTagsForResource", "/tags/b", b""),
        ],
    )
    def test_another_request_is_another(self, other: tuple[str, str, bytes]) -> None:
        """By operation, path or body."""
        listing(GraphArn=GRAPH_ARN)
        operation, path, body = other
        found = decode_request(operation, path, "", body)
        assert found.parameters != {"GraphArn": GRAPH_ARN}
        assert found == module._read(operation, path, "", body)  # noqa: SLF001 - what does not remember

    def test_what_is_not_valid_is_not_kept(self, nothing_remembered: dict[Any, DecodedRequest]) -> None:
        """There may be endlessly many."""
        listing(MaxResults=201)
        assert nothing_remembered == {}

    def test_long_requests_are_not_kept(self, nothing_remembered: dict[Any, DecodedRequest]) -> None:
        """They would take more than they save."""
        tags = {"team": "x" * 256}
        body = json.dumps({"Tags": tags}).encode().ljust(REMEMBERED_LENGTH + 1)
        assert decode_request("CreateGraph", "/graph", "", body).parameters == {"Tags": tags}
        assert nothing_remembered == {}

    def test_those_with_a_query_are_not_kept(self, nothing_remembered: dict[Any, DecodedRequest]) -> None:
        """Botocore has it as a mapping, which can be looked for nowhere."""
        found = decode_request("UntagResource", "/tags/" + GRAPH_ARN.replace("/", "%2F"), {"tagKeys": ["team"]}, b"")
        assert (found.parameters["TagKeys"], found.valid) == (["team"], True)
        assert nothing_remembered == {}

    def test_it_never_holds_more_than_it_should(self, nothing_remembered: dict[Any, DecodedRequest]) -> None:
        """It begins anew when it is full."""
        for number in range(REMEMBERED_REQUESTS + 1):
            listing(GraphArn=f"{GRAPH_ARN[:-3]}{number:03}")
        assert len(nothing_remembered) == 1
