"""The facts of a service model, by place.

Places are written as in code: `CreateMembers` is the operation, `CreateMembers.Accounts[].AccountId` a parameter,
`CreateMembers().Members[].Status` a part of the response, `Tags{key}` and `Tags{value}` parts of a map,
`ConflictException` an error, and `Detective` the service itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Facts = Mapping[str, Any]
    Digest = Mapping[str, Facts]

SERVICE: Final = "Detective"
_OF_THE_SERVICE: Final = ("apiVersion", "endpointPrefix", "protocol", "serviceId", "signatureVersion", "signingName")
_TOLD_OTHERWISE: Final = frozenset(
    {"deprecatedMessage", "documentation", "error", "key", "member", "members", "required", "value"}
)
"""Facts about a shape that are prose, or that belong to another place."""


def digest(model: Mapping[str, Any]) -> Digest:
    """Return the facts of a model (a `service-2.json`) that affect calls, without prose, in its own order."""
    shapes = model["shapes"]
    facts: dict[str, Facts] = {SERVICE: _chosen(model["metadata"], _OF_THE_SERVICE)}
    for operation in model["operations"].values():
        facts.update(_operation(operation, shapes))
    for name, shape in shapes.items():
        if shape.get("exception"):
            facts[name] = shape["error"]
            facts.update(_inside(name, shape, shapes))
    return facts


def _operation(operation: Mapping[str, Any], shapes: Mapping[str, Any]) -> Iterator[tuple[str, Facts]]:
    name = operation["name"]
    errors = [error["shape"] for error in operation.get("errors", ())]
    told = {**operation["http"], **_chosen(operation, ["deprecated"])}
    yield name, {**told, "errors": errors} if errors else told
    for place, way in ((name, "input"), (f"{name}()", "output")):
        if way in operation:
            yield from _inside(place, shapes[operation[way]["shape"]], shapes)


def _chosen(facts: Facts, names: Iterable[str]) -> Facts:
    return {name: facts[name] for name in names if name in facts}


def _inside(place: str, shape: Mapping[str, Any], shapes: Mapping[str, Any]) -> Iterator[tuple[str, Facts]]:
    required = shape.get("required", ())
    for name, member in shape.get("members", {}).items():
        yield from _at(f"{place}.{name}", member, shapes, {"required": True} if name in required else {})
    for part, suffix in (("member", "[]"), ("key", "{key}"), ("value", "{value}")):
        if part in shape:
            yield from _at(f"{place}{suffix}", shape[part], shapes, {})


def _at(
    place: str, reference: Mapping[str, Any], shapes: Mapping[str, Any], more: Facts
) -> Iterator[tuple[str, Facts]]:
    shape = shapes[reference["shape"]]
    traits = {trait: value for trait, value in {**shape, **reference}.items() if trait not in _TOLD_OTHERWISE}
    yield place, {**traits, **more}
    yield from _inside(place, shape, shapes)
