"""The JSON Schema of scenario files: up to date, and of one mind with what reads them."""

from __future__ import annotations

import runpy
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import jsonschema
import pytest
from hypothesis import given

from detective_fake.domain.event_queue import Timings
from detective_fake.domain.quotas import Quotas
from detective_fake.scenario.files import read
from detective_fake.scenario.format import QuotasEntry, Scenario, TimingsEntry
from detective_fake.scenario.kinds import KINDS
from detective_fake.scenario.load_and_save import save
from detective_fake.scenario.parsing import parse
from detective_fake.scenario.schema import SCHEMA_FILE, schema, schema_text
from tests.scenario.lives import lives

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detective_fake.controls.context import FakeContext

SAMPLES = sorted(Path(__file__).parents[3].glob("examples/scenarios/*.*"))
VALIDATOR = jsonschema.Draft202012Validator(schema())


def as_json(value: Any) -> Any:
    """Return what a file has with strings for TOML's times, as editors see them."""
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def tables(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema of a table within one."""
    if isinstance(value, dict):
        if "additionalProperties" in value and "required" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from tables(each)


class TestShippedFile:
    def test_it_is_up_to_date(self) -> None:
        """`python -m detective_fake.scenario.schema > detective_fake/scenario.schema.json` makes it anew."""
        assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()

    def test_the_module_prints_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        """To be written to where the package ships it."""
        runpy.run_path(str(sys.modules[schema.__module__].__file__), run_name="__main__")
        assert capsys.readouterr().out == schema_text()


class TestSchema:
    def test_it_is_one(self) -> None:
        """Of the version it says."""
        jsonschema.Draft202012Validator.check_schema(schema())

    def test_it_refers_to_nothing_that_is_not_there(self) -> None:
        """And has nothing that is not referred to."""
        text = schema_text()
        assert all(f'"#/$defs/{name}"' in text for name in schema()["$defs"])

    def test_every_key_is_described(self) -> None:
        """By the docstrings; those of tests' classes and of limits need not tell what their names do."""
        undescribed = {
            name for each in tables(schema()) for name, key in each["properties"].items() if "description" not in key
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

    def test_nothing_is_said_of_sources(self) -> None:
        """They are for whoever reads the code."""
        assert "Source" not in schema_text()


class TestAgreement:
    @pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
    def test_samples_are_valid(self, sample: Path) -> None:
        """For editors as for the fake."""
        VALIDATOR.validate(as_json(read(sample)))

    @given(lives())
    def test_what_is_saved_is_valid(self, tmp_path_factory: pytest.TempPathFactory, stage: FakeContext) -> None:
        """In full, whatever the state."""
        file = tmp_path_factory.getbasetemp() / "valid.json"
        save(file, stage)
        VALIDATOR.validate(read(file))

    @pytest.mark.parametrize(
        "data",
        [
            {"graph": []},
            {"format": 2},
            {"clock": {"frozen_at": 5}},
            {"accounts": [{}]},
            {"accounts": ["222222222222"]},
            {"accounts": [{"account_id": 222222222222}]},
            {"accounts": [{"account_id": "222222222222", "daily_volume_bytes": "lots"}]},
            {"accounts": [{"account_id": "222222222222", "email": None}]},
            {"graphs": [{"members": ["22"]}]},
            {"graphs": [{"members": {"222222222222": "ENABLED"}}]},
            {"graphs": [{"members": [{"account_id": "222222222222", "status": "ENABLD"}]}]},
            {"graphs": [{"packages": ["EKS"]}]},
            {"graphs": [{"packages": [{"package": "EKS_AUDIT", "state": "DISABLED"}]}]},
            {"graphs": [{"tags": {"a": 1}}]},
            {"graphs": [{"investigations": [{"entity_arn": "arn:aws:s3:::bucket"}]}]},
            {"timings": {"enabling": "PT1H"}},
            {"timings": {"enabling": {"weeks": 1}}},
            {"quotas": {"members_per_graph": 0}},
            {"counters": {"identifiers": {"graph": 1}}},
        ],
    )
    def test_what_is_wrong_is_wrong_for_both(self, data: dict[str, Any]) -> None:
        """Editors underline it before the test fails."""
        assert not VALIDATOR.is_valid(data)
        assert parse(data)[0] is None

    @pytest.mark.parametrize(("entry", "limits"), [(QuotasEntry, Quotas), (TimingsEntry, Timings)])
    def test_there_is_a_key_for_every_limit(self, entry: type[Any], limits: type[Any]) -> None:
        """Of the fake's own, so that none is lost in a file."""
        assert [each.name for each in attrs.fields(entry)] == [each.name for each in attrs.fields(limits)]

    def test_the_format_has_the_version_that_is_read(self) -> None:
        """The default is what is valid."""
        assert KINDS[attrs.fields(Scenario).format.type].structure(Scenario().format) == 1
