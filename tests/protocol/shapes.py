"""Helpers for the tests of `detective_fake.protocol`: Hypothesis strategies made from shapes of the service model."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
from botocore.model import ShapeResolver
from hypothesis import settings
from hypothesis import strategies as st

from detective_fake.exchange import Result
from detective_fake.protocol.model import operations, service_model
from detective_fake.protocol.results import timestamp_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

    from detective_fake.errors import ServiceError

GRAPH_ARN: Final = "arn:aws:detective:us-east-1:123456789012:graph:027c7c4610ea4aacaf0b883093cab899"
REQUEST_ID: Final = "8f8f2b3c-1d2e-4f5a-9b6c-7d8e9f0a1b2c"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
NOON: Final = datetime(2024, 3, 5, 12, 0, 0, 250_000, timezone.utc)

# For properties that are held for each operation by itself: all together they cost what three others do.
A_TENTH: Final = settings(max_examples=max(5, settings().max_examples // 10))

OPERATION_NAMES: Final = sorted(operations())

# Strings with a pattern are drawn from here, as drawing from the pattern itself takes longer than all that is tested.
MATCHING: Final[Mapping[str, tuple[str, ...]]] = {
    "AccountId": ("123456789012", "000000000000"),
    "EmailAddress": ("a@example.com", "first.last+tag@mail.example.org"),
    "EntityArn": ("arn:", "arn:aws:iam::123456789012:role/Admin"),
    "GraphArn": (GRAPH_ARN, GRAPH_ARN.replace(":aws:", ":aws-us-gov:")),
    "InvestigationId": ("174428210107935097857",),
    "TagKey": ("team", "aws-like:1", "_+,-./:;<="),
}

CHARACTERS: Final = st.characters(exclude_categories=["Cs"])


def enum_values(shape_name: str) -> tuple[str, ...]:
    """Return the values of an enum in the model's order: `enum_values("MemberStatus")`."""
    return tuple(cast("StringShape", service_model().shape_for(shape_name)).enum)


def answer(operation: str, body: dict[str, Any] | None = None, error: ServiceError | None = None) -> Result:
    """Return a result as the service makes it."""
    return Result(operation, body, error, REQUEST_ID, NOON)


def shape_from(name: str, **shapes: dict[str, Any]) -> Any:
    """Return a shape of a service model that contains nothing else."""
    return ShapeResolver(cast("Any", shapes)).get_shape_by_name(name)


@functools.cache
def output_of(operation: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return valid response bodies of an operation, with any of its members."""
    shape = operations()[operation].output_shape
    return st.just({}) if shape is None else Values(constrained=True).of(shape)


@functools.cache
def input_of(operation: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return parameters of the right types, with any texts that UTF-8 can encode."""
    return Values(constrained=False).body(operations()[operation].input_shape)


@attrs.frozen
class Values:
    """Makes strategies from shapes: for valid responses, or for any values of the right types."""

    constrained: bool

    def body(self, shape: StructureShape | None) -> st.SearchStrategy[dict[str, Any]]:
        """Return a structure with any of its members, in any order."""
        if shape is None:
            return st.just({})
        members = {name: self.of(member) for name, member in shape.members.items()}
        labels = {name for name, member in shape.members.items() if member.serialization.get("location") == "uri"}
        return st.fixed_dictionaries(
            {name: value for name, value in members.items() if name in labels},
            optional={name: value for name, value in members.items() if name not in labels},
        )

    def of(self, shape: Shape) -> st.SearchStrategy[Any]:
        """Return values of a shape."""
        made: st.SearchStrategy[Any] = getattr(self, f"_{shape.type_name}")(shape)
        return made

    def _boolean(self, _shape: Shape) -> st.SearchStrategy[bool]:
        return st.booleans()

    def _double(self, _shape: Shape) -> st.SearchStrategy[float]:
        return st.floats(allow_nan=False, allow_infinity=False)

    def _integer(self, _shape: Shape) -> st.SearchStrategy[int]:
        return st.integers(-(2**31), 2**31 - 1)

    def _long(self, _shape: Shape) -> st.SearchStrategy[int]:
        return st.integers(-(2**63), 2**63 - 1)

    def _string(self, shape: StringShape) -> st.SearchStrategy[str]:
        if shape.enum:
            return st.sampled_from(shape.enum)
        if self.constrained and shape.name in MATCHING:
            return st.sampled_from(MATCHING[shape.name])
        fewest = shape.metadata.get("min", 0) if self.constrained else 0
        return st.text(CHARACTERS, min_size=fewest, max_size=12)

    def _timestamp(self, _shape: Shape) -> st.SearchStrategy[datetime]:
        """Responses have milliseconds and botocore's zone, requests have microseconds."""
        times = st.integers(0, 4_102_444_800_000_000)
        if self.constrained:
            zone = timestamp_zone()
            return times.map(lambda at: (EPOCH + timedelta(milliseconds=at // 1000)).replace(tzinfo=zone))
        return times.map(lambda at: EPOCH + timedelta(microseconds=at))

    def _list(self, shape: ListShape) -> st.SearchStrategy[list[Any]]:
        # A query string has no form for an empty list, and botocore lets none come to that.
        fewest = int(shape.serialization.get("location") == "querystring")
        return st.lists(self.of(shape.member), min_size=fewest, max_size=2)

    def _map(self, shape: MapShape) -> st.SearchStrategy[dict[str, Any]]:
        value = self.of(shape.value)
        if self.constrained and shape.value.type_name == "structure":
            value |= st.none()
        return st.dictionaries(self.of(shape.key), value, max_size=2)

    def _structure(self, shape: StructureShape) -> st.SearchStrategy[dict[str, Any]]:
        """Rows have the model's order; Hypothesis shuffles optional members."""
        order = tuple(shape.members)
        return self.body(shape).map(lambda row: {name: row[name] for name in order if name in row})
