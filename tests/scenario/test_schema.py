"""The JSON Schema of scenario files: the shipped file is up to date, and it agrees with loading."""

from __future__ import annotations

import json
import runpy
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given

from detective_fake.controls.seed import Seed
from detective_fake.scenario.files import ScenarioError, read
from detective_fake.scenario.schema import SCHEMA_FILE, schema, schema_text
from tests.controls.contexts import loaded
from tests.scenario.plausible import scenarios

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = sorted(Path(__file__).parents[2].glob("examples/scenarios/*.*"))
VALIDATOR = jsonschema.Draft202012Validator(schema())
ROLE = "arn:aws:iam::222222222222:role/deploy"


def as_json(value: Any) -> Any:
    """Return the content of a file with strings for TOML's times, as editors see them."""
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def tables(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema of a table inside a schema."""
    if isinstance(value, dict):
        if value.get("additionalProperties") is False:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from tables(each)


class TestShippedFile:
    def test_it_is_up_to_date(self) -> None:
        """`python -m detective_fake.scenario.schema > detective_fake/scenario.schema.json` writes it again."""
        assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()

    def test_the_module_prints_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It prints to standard output."""
        runpy.run_path(str(sys.modules[schema.__module__].__file__), run_name="__main__")
        assert capsys.readouterr().out == schema_text()


class TestSchema:
    def test_it_is_valid(self) -> None:
        """For the version that it names."""
        jsonschema.Draft202012Validator.check_schema(schema())

    def test_every_definition_is_used(self) -> None:
        """Some reference leads to each."""
        text = schema_text()
        assert all(f'"#/$defs/{name}"' in text for name in schema()["$defs"])

    def test_every_key_is_described(self) -> None:
        """Except references and attributes whose names say enough."""
        undescribed = {
            name
            for each in tables(schema())
            for name, key in each["properties"].items()
            if "description" not in key and "$ref" not in key and "items" not in key
        }
        assert undescribed <= {
            "indicator_type",
            "ip_address",
            "reason",
            "location",
            "aso",
            "id",
            "is_new_for_entire_account",
            "user_agent",
            "tags_per_graph",
        }

    def test_it_has_no_sources(self) -> None:
        """They are for readers of the code."""
        assert "Source" not in schema_text()

    def test_a_new_argument_becomes_a_key(self) -> None:
        """The keys of a table are the arguments of the function."""
        keys = schema()["$defs"]["organization"]["properties"]
        assert list(keys) == list(Seed.organization.__annotations__)[:-1]


class TestAgreement:
    @pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
    def test_samples_are_valid(self, sample: Path) -> None:
        """As they can be loaded."""
        VALIDATOR.validate(as_json(read(sample)))

    @given(scenarios())
    def test_a_valid_file_has_no_wrong_types(
        self, tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]
    ) -> None:
        """It may contradict itself, but every value is of the expected type."""
        VALIDATOR.validate(data)
        file = tmp_path_factory.getbasetemp() / "valid.json"
        file.write_text(json.dumps(data))
        try:
            loaded(file)
        except ScenarioError as error:
            texts = [problem.message for problem in error.problems]
            assert not [text for text in texts if text.startswith(("expected a", "unknown key"))]

    @pytest.mark.parametrize(
        "data",
        [
            {"graphs": []},
            {"clock": {"frozen_at": 5}},
            {"clock": {}},
            {"account": [{}]},
            {"account": ["222222222222"]},
            {"account": [{"account_id": 222222222222}]},
            {"account": [{"account_id": "222222222222", "daily_volume_bytes": "lots"}]},
            {"account": [{"account_id": "222222222222", "verifies": None}]},
            {"graph": {}},
            {"graph": [{"members": "222222222222"}]},
            {"graph": [{"members": {"222222222222": "ENABLD"}}]},
            {"graph": [{"member": [{"account_id": "222222222222", "status": "ENABLD"}]}]},
            {"graph": [{"packages": ["EKS"]}]},
            {"graph": [{"packages": {"EKS": {}}}]},
            {"graph": [{"packages": {"EKS_AUDIT": {"state": "STARTED"}}}]},
            {"graph": [{"tags": {"a": 1}}]},
            {"graph": [{"investigation": [{}]}]},
            {"graph": [{"investigation": [{"entity_arn": ROLE, "indicators": [{"indicator_type": "NEW_ASO"}]}]}]},
            {"timings": {"enabling": []}},
            {"quotas": {"members_per_graph": "many"}},
        ],
    )
    def test_a_mistake_is_one_for_both(self, tmp_path: Path, data: dict[str, Any]) -> None:
        """Editors underline it before the test fails."""
        (tmp_path / "a.json").write_text(json.dumps(data))
        assert not VALIDATOR.is_valid(data)
        with pytest.raises(ScenarioError):
            loaded(tmp_path / "a.json")
