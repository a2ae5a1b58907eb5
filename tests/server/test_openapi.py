"""The OpenAPI document: it is valid, has an example of every call, and describes what the server does."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from detective_fake.fake import DetectiveFake
from detective_fake.server.application import control_application
from tests.server.http import Client, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from detective_fake.server.endpoint import Endpoint

ANA, BEN = "222222222222", "333333333333"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
)
SCHEMATHESIS = [
    *(sys.executable, "-m", "schemathesis.cli", "run"),
    *("--phases", "coverage,fuzzing", "--max-examples", "4", "--seed", "1", "--generation-database", "none"),
    *("--checks", ",".join(CHECKS)),
    *("--header", "X-Detective-Fake: any"),
    *("--no-color", "--continue-on-failure"),
]
CALLS = [
    pytest.param(method, path, call, id=call["operationId"])
    for path, methods in control_application().openapi()["paths"].items()
    for method, call in methods.items()
]


def schemas(value: Any) -> Iterator[Any]:
    """Yield every schema in a part of the document."""
    if isinstance(value, dict):
        if "schema" in value:
            yield value["schema"]
        for each in value.values():
            yield from schemas(each)


def hold_alike(answered: Any, example: Any) -> None:
    """Hold that a response has every key of its example, and every key inside."""
    if isinstance(example, list):
        for each in zip(answered, example, strict=False):
            hold_alike(*each)
    elif isinstance(example, dict):
        for name, value in example.items():
            hold_alike(answered[name], value)
    else:
        assert type(answered) in {type(None), type(example)}


class TestDocument:
    def test_it_is_served(self) -> None:
        """For generators of clients."""
        with served() as endpoint, Client(endpoint) as client:
            assert client.get("/openapi.json") == control_application().openapi()

    def test_operation_ids_are_unique(self) -> None:
        """Generators make functions of them."""
        names = [call.id for call in CALLS]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize(("method", "path", "call"), CALLS)
    def test_a_call_is_described(self, method: str, path: str, call: Any) -> None:
        """With valid schemas, a description, an example of its response, and the header if it changes something."""
        assert path.startswith("/_fake/")
        assert call["description"].endswith(".")
        assert "example" in call["responses"]["200"]["content"]["application/json"]
        headers = [each["name"] for each in call.get("parameters", ()) if each["in"] == "header"]
        assert headers == ([] if method == "get" else ["X-Detective-Fake"])
        for schema in schemas(call):
            Draft202012Validator.check_schema(schema)

    @pytest.mark.parametrize("name", control_application().openapi()["components"]["schemas"])
    def test_a_body_has_an_example(self, name: str) -> None:
        """Of one of its parameters, at least."""
        schema = control_application().openapi()["components"]["schemas"][name]
        assert any("examples" in each for each in schema["properties"].values())
        Draft202012Validator.check_schema(schema)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    """A served fake with something of every kind in it."""
    with DetectiveFake("111111111111", unused_faults="ignore") as fake, served(fake) as endpoint:
        fake.client().list_graphs()
        fake.seed.account(ANA, email="ana@example.com")
        fake.seed.organization(accounts={ANA: "ana@example.com"})
        fake.client().enable_organization_admin_account(AccountId=ANA)
        administrator = fake.client(ANA)
        graph_arn = administrator.list_graphs()["GraphList"][0]["Arn"]
        administrator.create_members(
            GraphArn=graph_arn, Message="Hi", Accounts=[{"AccountId": BEN, "EmailAddress": "ben@example.com"}]
        )
        fake.settle()
        fake.timings.verification = timedelta(hours=1)
        fake.seed.graph(members={ANA: "VERIFICATION_IN_PROGRESS"})
        fake.faults.add("ListGraphs", status=503)
        yield endpoint


class TestAnswers:
    @pytest.mark.parametrize(("method", "path", "call"), [each for each in CALLS if each.values[0] == "get"])
    def test_a_response_is_like_its_example(self, endpoint: Endpoint, method: str, path: str, call: Any) -> None:
        """It has the same keys and types."""
        example = call["responses"]["200"]["content"]["application/json"]["example"]
        with Client(endpoint) as client:
            hold_alike(client.ask(method.upper(), path.replace("{number}", "1")).json, example)

    def test_the_server_keeps_to_it_whatever_is_sent(self, tmp_path: Path) -> None:
        """Schemathesis sends requests that fit the document, and others, and checks every response.

        A request that fits may still be refused: the document cannot say which parameters go together.
        """
        pytest.importorskip("schemathesis", reason="Schemathesis, which sends the requests, is not installed")
        with DetectiveFake(unused_faults="ignore") as fake, served(fake) as endpoint:
            command = [*SCHEMATHESIS, f"{endpoint.url}/_fake/openapi.json", "--url", endpoint.url]
            ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert ended.returncode == 0, ended.stdout
        assert "No test cases were generated" not in ended.stdout
