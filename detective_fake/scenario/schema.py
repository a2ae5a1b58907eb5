"""The JSON Schema of scenario files, made from the classes that read them and their docstrings.

`python -m detective_fake.scenario.schema > detective_fake/scenario.schema.json` makes the shipped file anew.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints

import attrs

from detective_fake.domain.indicators import INDICATORS, TYPE_KEY, Indicator
from detective_fake.scenario.entries import Entry
from detective_fake.scenario.format import Scenario
from detective_fake.scenario.kinds import KINDS
from detective_fake.scenario.parsing import SCHEMA_KEY, non_optional

__all__ = ["SCHEMA_FILE", "schema", "schema_text"]

SCHEMA_FILE: Final = Path(__file__).parents[1] / "scenario.schema.json"
"""Where the package ships the schema."""

_ATTRIBUTE: Final = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario."""
    definitions: dict[str, Any] = {}
    top = _table(Scenario, definitions)
    top["properties"] = {SCHEMA_KEY: {"type": "string", "description": "For editors; ignored."}, **top["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario of detective_fake",
        **top,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """Return the schema as it is shipped."""
    return json.dumps(schema(), indent=2) + "\n"


def _table(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a class, and put those of the classes it refers to among the definitions."""
    hints = get_type_hints(cls)
    described = cls.DESCRIBED_BY if issubclass(cls, Entry) else None
    texts = _texts(described or cls)
    fields = attrs.fields(cls)
    properties = {field.name: _property(field, hints[field.name], texts, definitions) for field in fields}
    return {
        "description": inspect.cleandoc(cls.__doc__ or "").partition("\n\nAttributes:")[0].replace("\n", " "),
        "type": "object",
        "properties": properties,
        "required": [field.name for field in fields if field.default is attrs.NOTHING],
        "additionalProperties": False,
    }


def _property(
    field: attrs.Attribute[Any],
    kind: Any,
    texts: Mapping[str, str],
    definitions: dict[str, Any],
) -> dict[str, Any]:
    described = {"description": texts[field.name]} if texts.get(field.name) else {}
    written = (
        field.default.value if isinstance(field.default, str) and isinstance(field.default, Enum) else field.default
    )
    default = {"default": written} if type(written) in {bool, int, str} else {}
    return {**described, **_kind(non_optional(kind), definitions), **default}


def _kind(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind in KINDS:
        return dict(KINDS[kind].schema)
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _kind(get_args(kind)[0], definitions)}
    if get_origin(kind) is Mapping:
        return {"type": "object", "additionalProperties": _kind(get_args(kind)[1], definitions)}
    name = kind.__name__.removesuffix("Entry")
    if name not in definitions:
        definitions[name] = {}  # before it is known, so that it may refer to itself
        definitions[name] = _indicator(definitions) if kind is Indicator else _entry(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _entry(cls: type[Entry], definitions: dict[str, Any]) -> dict[str, Any]:
    table = _table(cls, definitions)
    if not cls.BARE:
        return table
    description = table.pop("description")
    bare = _kind(get_type_hints(cls)[cls.BARE], definitions)
    return {"description": description, "anyOf": [bare, table]}


def _indicator(definitions: dict[str, Any]) -> dict[str, Any]:
    tables = []
    for indicator_type, cls in INDICATORS.items():
        table = _table(cls, definitions)
        table["properties"] = {TYPE_KEY: {"const": indicator_type.value}, **table["properties"]}
        table["required"] = [TYPE_KEY, *table["required"]]
        tables.append(table)
    return {"description": "One thing that an investigation found.", "oneOf": tables}


def _texts(cls: type) -> dict[str, str]:
    """Return what the docstring of a class says of its attributes, without sources."""
    _, _, attributes = inspect.cleandoc(cls.__doc__ or "").partition("Attributes:\n")
    found = {name: " ".join(text.split()) for name, text in _ATTRIBUTE.findall(attributes)}
    return {name: text.partition("Source:")[0].strip() for name, text in found.items()}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
