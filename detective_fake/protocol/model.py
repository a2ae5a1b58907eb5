"""Detective's operations, enums and error statuses as tables, read from botocore's own service model on first use.

Knows botocore's loader and shapes; must not know requests, answers, or what an operation does.
"""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

import attrs
from botocore.loaders import Loader
from botocore.model import ServiceModel

from detective_fake.protocol.validation import compile_validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.model import OperationModel, StructureShape

__all__ = [
    "Operation",
    "detective_regions",
    "enum_values",
    "error_members",
    "error_status",
    "error_statuses",
    "loader",
    "operations",
    "sensitive_members",
    "service_model",
]

SERVICE_NAME: Final = "detective"


@attrs.frozen(eq=False)
class Operation:
    """One operation of the service model.

    Attributes:
        name: `"ListMembers"`.
        method: HTTP method.
        uri: Template of the path: `"/tags/{ResourceArn}"`.
        status: HTTP status of success.
        input_shape: None where the operation takes nothing.
        output_shape: None where it answers nothing.
        body_members: Where each input member stands: wire name -> member name, in the model's order.
        uri_members: The same for labels in the path.
        query_members: The same for the query string.
        output_members: Member names of the output, in the model's order.
        error_codes: What the model says it may answer; the service's front end knows further ones.
        validate: Raises `ValidationFailed` where parameters break a constraint of the model.
    """

    name: str
    method: str
    uri: str
    status: int
    input_shape: StructureShape | None
    output_shape: StructureShape | None
    body_members: Mapping[str, str]
    uri_members: Mapping[str, str]
    query_members: Mapping[str, str]
    output_members: tuple[str, ...]
    error_codes: tuple[str, ...]
    validate: Callable[[Mapping[str, Any]], None]


@functools.cache
def loader() -> Loader:
    """Return the process's loader of the data files that come with botocore; clients made with it share what is loaded.

    It looks in botocore's own directory alone, so that neither `~/.aws/models` nor `AWS_DATA_PATH` changes a test.
    """
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


@functools.cache
def service_model() -> ServiceModel:
    """Return the installed botocore's model of Detective."""
    return ServiceModel(loader().load_service_model(SERVICE_NAME, "service-2"), SERVICE_NAME)


@functools.cache
def operations() -> Mapping[str, Operation]:
    """Return every operation of the model by name, in the model's order."""
    model = service_model()
    return MappingProxyType({name: _operation(model.operation_model(name)) for name in model.operation_names})


def error_status(code: str) -> int | None:
    """Return the HTTP status of one of Detective's own error codes, None for any other."""
    error = _errors().get(code)
    return None if error is None else error.status


@functools.cache
def error_statuses() -> Mapping[str, int]:
    """Return Detective's own error codes with their HTTP statuses."""
    return MappingProxyType({code: error.status for code, error in _errors().items()})


def error_members(code: str) -> tuple[str, ...]:
    """Return the members of an error's shape in the model's order, none for a code that the model does not list."""
    error = _errors().get(code)
    return () if error is None else error.members


@functools.cache
def enum_values(shape_name: str) -> tuple[str, ...]:
    """Return the values of an enum of the model, `enum_values("MemberStatus")`, in the model's order."""
    return tuple(service_model().shape_for(shape_name).metadata.get("enum", ()))


@functools.cache
def detective_regions() -> Mapping[str, str]:
    """Return the Regions that have Detective, each with its partition, from botocore's endpoint data.

    The names by which old clients ask for FIPS endpoints (`us-east-1-fips`) are no Regions.
    """
    prefix = service_model().endpoint_prefix
    return MappingProxyType(
        {
            region: partition["partition"]
            for partition in loader().load_data("endpoints")["partitions"]
            for region in partition["services"].get(prefix, {}).get("endpoints", ())
            if region in partition["regions"]
        }
    )


@functools.cache
def sensitive_members() -> frozenset[str]:
    """Return the names of members, at any depth of any input or output, that nobody should read in a log."""
    shapes = (service_model().shape_for(name) for name in service_model().shape_names)
    structures = cast("Iterator[StructureShape]", (shape for shape in shapes if shape.type_name == "structure"))
    return frozenset(
        name
        for structure in structures
        for name, member in structure.members.items()
        if member.metadata.get("sensitive")
    )


@attrs.frozen(eq=False)
class _Error:
    status: int
    members: tuple[str, ...]


@functools.cache
def _errors() -> Mapping[str, _Error]:
    return {
        shape.error_code: _Error(shape.metadata["error"]["httpStatusCode"], tuple(shape.members))
        for shape in cast("list[StructureShape]", service_model().error_shapes)
    }


def _operation(model: OperationModel) -> Operation:
    input_shape, output_shape = model.input_shape, model.output_shape
    return Operation(
        name=model.name,
        method=model.http["method"],
        uri=model.http["requestUri"],
        status=model.http.get("responseCode", 200),
        input_shape=input_shape,
        output_shape=output_shape,
        body_members=_located(input_shape, None),
        uri_members=_located(input_shape, "uri"),
        query_members=_located(input_shape, "querystring"),
        output_members=() if output_shape is None else tuple(output_shape.members),
        error_codes=tuple(shape.error_code for shape in cast("list[StructureShape]", model.error_shapes)),
        validate=compile_validator(model.name, input_shape),
    )


def _located(shape: StructureShape | None, location: str | None) -> Mapping[str, str]:
    if shape is None:
        return MappingProxyType({})
    return MappingProxyType(
        {
            member.serialization.get("name", name): name
            for name, member in shape.members.items()
            if member.serialization.get("location") == location
        }
    )
