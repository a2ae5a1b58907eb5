"""The JSON Schema of scenario files, made from the signatures and docstrings of the functions that load them.

`python -m detective_fake.scenario.schema > detective_fake/scenario.schema.json` writes the shipped file again.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

from detective_fake.controls.seed import Seed
from detective_fake.domain.indicators import INDICATORS, TYPE_KEY, Indicator
from detective_fake.scenario.arguments import SCALARS, alternatives, arguments_of, descriptions
from detective_fake.scenario.scenario_file import GRAPH_TABLES, LISTS, SCHEMA_KEY, SETTINGS

SCHEMA_FILE: Final = Path(__file__).parents[1] / "scenario.schema.json"
"""The schema that the package ships."""


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
    text = inspect.cleandoc(function.__doc__ or "").partition("\n\n")[0]
    return {
        "description": " ".join(text.split()),
        "type": "object",
        "properties": properties,
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
    if kind is Indicator:
        return {"$ref": "#/$defs/indicator"}
    _, found = SCALARS[kind]
    return dict(found)


def _indicator(kind: Any) -> dict[str, Any]:
    table = table_schema(arguments_of(kind), kind)
    table["properties"] = {TYPE_KEY: {"const": kind.indicator_type.value}, **table["properties"]}
    table["required"] = [TYPE_KEY, *table["required"]]
    return table


if __name__ == "__main__":
    sys.stdout.write(schema_text())
