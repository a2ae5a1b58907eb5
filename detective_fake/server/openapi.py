"""The OpenAPI document of the control calls, made from the table that answers them.

Knows the table and the shapes; must not know how a call is answered.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final

from detective_fake.server.calls import CALLS
from detective_fake.server.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detective_fake.server.calls import ControlCall
    from detective_fake.server.parameters import Parameter

__all__ = ["HEADER", "document"]

HEADER: Final = "X-Detective-Fake"
"""A page of somebody else's cannot send it without asking first, and is never allowed to."""

_JSON: Final = "application/json"
_REFUSALS: Final = {
    "400": "The arguments are not what they have to be, or what is asked for cannot be.",
    "403": "The request came from a page of somebody else's, to another host, or without the header that changes need.",
    "404": "What the path names is not there.",
    "413": "The body is too large.",
}


@functools.cache
def document() -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, Any] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Controls of detective_fake",
            "version": "1",
            "description": "Look at a fake of Amazon Detective and steer it. Not a part of AWS.",
        },
        "servers": [{"url": "/_fake"}],
        "paths": paths,
        "components": {"schemas": dict(SHAPES)},
    }


def _operation(call: ControlCall) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": call.name, "summary": call.summary}
    parameters = [_parameter(each) for each in call.parameters if each.place in {"path", "query"}]
    if call.changes:
        parameters.append(_header())
    if parameters:
        found["parameters"] = parameters
    body = _body(call.parameters)
    if body is not None:
        found["requestBody"] = body
    refusals = {status: _content(text, _reference("Error")) for status, text in _REFUSALS.items()}
    return {**found, "responses": {"200": _content("As asked for.", _answer(call.answer)), **refusals}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": dict(parameter.kind.schema),
    }


def _header() -> dict[str, Any]:
    return {
        "name": HEADER,
        "in": "header",
        "required": True,
        "description": "Any value.",
        "schema": {"type": "string", "minLength": 1},
    }


def _body(parameters: Sequence[Parameter]) -> dict[str, Any] | None:
    for parameter in parameters:
        if parameter.place == "document":
            return {"required": True, "content": {_JSON: {"schema": dict(parameter.kind.schema)}}}
    members = [each for each in parameters if each.place == "body"]
    if not members:
        return None
    required = [each.name for each in members if each.required]
    schema = {
        "type": "object",
        "properties": {each.name: {**each.kind.schema, "description": each.description} for each in members},
        "required": required,
        "additionalProperties": False,
    }
    return {"required": bool(required), "content": {_JSON: {"schema": schema}}}


def _answer(name: str) -> dict[str, Any]:
    if not name:
        return {"type": "object"}
    shape, is_list = re.subn(r"\[\]$", "", name)
    return {"type": "array", "items": _reference(shape)} if is_list else _reference(shape)


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {_JSON: {"schema": schema}}}
