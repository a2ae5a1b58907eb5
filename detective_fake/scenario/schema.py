"""The JSON Schema of scenario files, made from the signatures and docstrings of the functions that load them.

`python -m detective_fake.scenario.schema > detective_fake/scenario.schema.json` writes the shipped file again.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints, is_typeddict

from detective_fake.controls.seed import Seed
from detective_fake.domain.indicators import INDICATORS, TYPE_KEY, Indicator
from detective_fake.scenario.arguments import alternatives, arguments_of, descriptions
from detective_fake.scenario.scenario_file import GRAPH_TABLES, LISTS, SCHEMA_KEY, SETTINGS

__all__ = ["SCHEMA_FILE", "schema", "schema_text", "table_schema"]

SCHEMA_FILE: Final = Path(__file__).parents[1] / "scenario.schema.json"
"""The schema that the package ships."""

_SCALARS: Final[Mapping[Any, Mapping[str, Any]]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    timedelta: {"type": ["number", "string"], "description": 'Seconds, or a text such as "90 minutes".'},
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file."""
    functions = {**SETTINGS, **{name: getattr(Seed, name) for name in (*LISTS, *GRAPH_TABLES)}}
    definitions = {name: table_schema(arguments_of(function), function) for name, function in functions.items()}
    definitions["graph"]["properties"] |= {name: _list(name) for name in GRAPH_TABLES}
    for name in ("quotas", "timings"):
        definitions[name]["description"] += " Values that are not given stay as the fake has them."
    indicators = [_indicator(kind) for kind in INDICATORS.values()]
    definitions["indicator"] = {"description": "Something that an investigation has found.", "oneOf": indicators}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario file of detective_fake",
        "description": "The state of a fake. What the file does not have does not exist after loading it.",
        "type": "object",
        "properties": {
            SCHEMA_KEY: {"type": "string", "description": "The path of this schema, for editors."},
            **{name: {"$ref": f"#/$defs/{name}"} for name in SETTINGS},
            **{name: _list(name) for name in LISTS},
        },
        "additionalProperties": False,
        "$defs": definitions,
    }


def schema_text() -> str:
    """Return the content of the shipped file."""
    return json.dumps(schema(), indent=2) + "\n"


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def table_schema(arguments: Mapping[str, inspect.Parameter], function: Callable[..., object]) -> dict[str, Any]:
    """Return the schema of a table with these arguments of a function."""
    texts = descriptions(function)
    properties = {}
    for name, argument in arguments.items():
        described = {"description": texts[name]} if texts.get(name) else {}
        default = {"default": argument.default} if type(argument.default) in {bool, int, str} else {}
        properties[name] = {**_type(argument.annotation), **described, **default}
    required = [name for name, argument in arguments.items() if argument.default is argument.empty]
    return _object(function, properties, required)


def _object(documented: object, properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    text = inspect.cleandoc(getattr(documented, "__doc__", None) or "").partition("\n\n")[0]
    return {
        "description": " ".join(text.split()),
        "type": "object",
        "properties": dict(properties),
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _type(hint: Any) -> dict[str, Any]:
    kinds = alternatives(hint)
    if len(kinds) > 1:
        return {"anyOf": [_type(kind) for kind in kinds]}
    kind = next(iter(kinds))
    origin = get_origin(kind)
    if origin is Literal:
        return {"enum": list(get_args(kind))}
    if origin is Iterable:
        return {"type": "array", "items": _type(get_args(kind)[0])}
    if origin is Mapping:
        names, values = map(_type, get_args(kind))
        return {"type": "object", "propertyNames": names, "additionalProperties": values}
    if is_typeddict(kind):
        texts, hints = descriptions(kind), get_type_hints(kind)
        return _object(kind, {name: {**_type(each), "description": texts[name]} for name, each in hints.items()}, [])
    return {"$ref": "#/$defs/indicator"} if kind is Indicator else dict(_SCALARS[kind])


def _indicator(kind: Any) -> dict[str, Any]:
    table = table_schema(arguments_of(kind), kind)
    table["properties"] = {TYPE_KEY: {"const": kind.indicator_type.value}, **table["properties"]}
    table["required"] = [TYPE_KEY, *table["required"]]
    return table


if __name__ == "__main__":
    sys.stdout.write(schema_text())
