"""The OpenAPI document: it is valid, has an example of every call, and describes what the server does."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from detective_fake.fake import DetectiveFake
from detective_fake.server.application import control_application
from tests.server.examples import FILE, record
from tests.server.http import Client, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMAS = control_application().openapi()["components"]["schemas"]
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
    *("--phases", "fuzzing", "--max-examples", "3", "--seed", "1", "--generation-database", "none"),
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

    def test_a_body_is_described(self) -> None:
        """With the arguments of the Python function, and their texts."""
        bodies: Any = {
            call.id: call.values[2]["requestBody"]["content"]["application/json"]  # type: ignore[index]
            for call in CALLS
            if "requestBody" in call.values[2]  # type: ignore[operator]
        }
        assert len(bodies) == 16
        fault = bodies["add_fault"]["schema"]["properties"]
        assert "callback" not in fault
        assert fault["latency"]["description"].startswith("How far the fake's clock moves")
        for body in bodies.values():
            Draft202012Validator({**body["schema"], "components": {"schemas": SCHEMAS}}).validate(body["example"])

    def test_every_example_is_true(self, tmp_path: Path) -> None:
        """`record()` in `tests/server/examples.py` makes them again. The last one has the time of a running clock."""
        record(tmp_path / "examples.json")
        *answered, unfrozen = json.loads((tmp_path / "examples.json").read_text("utf-8"))
        *recorded, _ = json.loads(FILE.read_text("utf-8"))
        assert answered == recorded
        assert unfrozen["response"]["frozen"] is False
        assert {each["call"] for each in (*answered, unfrozen)} == {call.id for call in CALLS}


@pytest.mark.slow
class TestAnswers:
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
