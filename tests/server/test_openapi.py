"""The OpenAPI document: it is valid, complete, and what the server does."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from detective_fake.fake import DetectiveFake
from detective_fake.server.calls import CALLS
from detective_fake.server.openapi import document
from detective_fake.server.shapes import SHAPES
from tests.server.http import Client, served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ANA = "222222222222"
SCHEMATHESIS = [
    *(sys.executable, "-m", "schemathesis.cli", "run"),
    *("--phases", "coverage,fuzzing", "--max-examples", "4", "--seed", "1", "--generation-database", "none"),
    *("--checks", "all", "--exclude-checks", "positive_data_acceptance,ignored_auth"),
    *("--no-color", "--continue-on-failure"),
]


def schemas(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every schema in the document."""
    if isinstance(value, dict):
        if "schema" in value:
            yield value["schema"]
        for each in value.values():
            yield from schemas(each)


class TestDocument:
    def test_it_is_served(self) -> None:
        """For generators of clients."""
        with served() as endpoint, Client(endpoint) as client:
            assert client.get("/openapi.json") == document()

    def test_every_call_is_in_it(self) -> None:
        """By path and method."""
        found = {(path, method) for path, methods in document()["paths"].items() for method in methods}
        assert found == {(call.path, call.method.lower()) for call in CALLS}

    def test_names_are_given_once(self) -> None:
        """They become functions."""
        names = [each["operationId"] for methods in document()["paths"].values() for each in methods.values()]
        assert len(names) == len(set(names))

    def test_every_schema_is_one(self) -> None:
        """JSON Schema 2020-12, as OpenAPI 3.1 has it."""
        for schema in (*schemas(document()["paths"]), *SHAPES.values()):
            Draft202012Validator.check_schema(schema)

    @pytest.mark.parametrize("call", [call for call in CALLS if call.changes], ids=lambda call: call.name)
    def test_what_changes_something_needs_the_header(self, call: Any) -> None:
        """And says so."""
        parameters = document()["paths"][call.path][call.method.lower()]["parameters"]
        assert [each["name"] for each in parameters if each["in"] == "header"] == ["X-Detective-Fake"]


class TestAnswers:
    def test_a_full_state_is_as_described(self) -> None:
        """With something of every kind in it."""
        with DetectiveFake("111111111111", unmet_faults="ignore") as fake, served(fake) as endpoint:
            fake.seed.account(ANA, daily_volume_bytes=None)
            graph_arn = fake.seed.graph(members={ANA: "VERIFICATION_IN_PROGRESS", "333333333333": "ENABLED"})
            fake.seed.investigation(graph_arn, entity_arn=f"arn:aws:iam::{ANA}:user/ana", severity="LOW")
            fake.seed.organization("444444444444", ["555555555555"])
            fake.client("444444444444").enable_organization_admin_account(AccountId="555555555555")
            fake.faults.add("ListGraphs", status=503)
            with Client(endpoint) as client:
                state = client.get("/state")
        assert all(state[name] for name in ("accounts", "organizations", "graphs", "pending", "faults"))
        Draft202012Validator({"$ref": "#/components/schemas/State", **document()}).validate(state)

    def test_the_server_keeps_to_it_whatever_is_sent(self, tmp_path: Path) -> None:
        """Schemathesis sends what fits the document and what does not, and looks at every answer.

        What fits it may be refused all the same: it cannot say which arguments go together.
        """
        pytest.importorskip("schemathesis", reason="Schemathesis, which sends the requests, is not installed")
        with DetectiveFake(unmet_faults="ignore") as fake, served(fake) as endpoint:
            command = [*SCHEMATHESIS, f"{endpoint.url}/_fake/openapi.json", "--url", f"{endpoint.url}/_fake"]
            ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert ended.returncode == 0, ended.stdout
        assert "No test cases were generated" not in ended.stdout
