"""Detective's operations, enums, error statuses and Regions, read from botocore's data files on first use."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape

from detective_fake.domain.choices import nearest
from detective_fake.errors import FakeUsageError
from detective_fake.protocol.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import OperationModel, Shape

SERVICE_NAME: Final = "detective"
FIRST_REGION: Final = "us-east-1"
"""Has every service. Most tests use only this one, and need not read the list, which takes as long as 50 calls."""


class Operation(NamedTuple):
    """One operation of the service model.

    Attributes:
        name: `"ListMembers"`.
        method: The HTTP method.
        uri: The template of the path: `"/tags/{ResourceArn}"`.
        status: The HTTP status of success.
        input_shape: None if the operation has no input.
        output_shape: None if the operation has no output.
        body_members: The input members in the body, wire name -> member name, in the model's order.
        uri_members: The same for labels in the path.
        query_members: The same for the query string.
        output_members: The member names of the output, in the model's order.
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

    @property
    def path_pattern(self) -> re.Pattern[str]:
        """Matches the path. Each label is a group; it may contain slashes, as an ARN does."""
        return _path_pattern(self.uri)

    @property
    def error_codes(self) -> tuple[str, ...]:
        """The error codes that the model lists. The service's front end has further ones."""
        shapes = cast("list[StructureShape]", service_model().operation_model(self.name).error_shapes)
        return tuple(shape.error_code for shape in shapes)

    def validate(self, parameters: Mapping[str, Any]) -> None:
        """Raise `ValidationFailed` if parameters violate a constraint; an operation without input ignores them."""
        if self.input_shape is not None:
            validate(self.input_shape, parameters)


@functools.cache
def loader() -> Loader:
    """Return this process's loader of botocore's data files. Clients created with it share what is loaded.

    It reads botocore's own directory only, so that neither `~/.aws/models` nor `AWS_DATA_PATH` changes a test.
    """
    return Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


@functools.cache
def service_model() -> ServiceModel:
    """Return the installed botocore's model of Detective.

    Raises:
        FakeUsageError: It cannot be read.
    """
    with explained():  # `load_service_model` would look for the models of all services first, which takes longer
        version = loader().determine_latest_version(SERVICE_NAME, "service-2")
        return ServiceModel(loader().load_data(f"{SERVICE_NAME}/{version}/service-2"), SERVICE_NAME)


@contextmanager
def explained() -> Iterator[None]:
    """Say what to do if botocore's data files cannot be read."""
    try:
        yield
    except DataNotFoundError as error:
        raise FakeUsageError(
            f"botocore cannot read its data files: {error}. If a test replaces the file system, as pyfakefs does, "
            f"call fs.add_real_directory({Loader.BUILTIN_DATA_PATH!r}) first."
        ) from error


@functools.cache
def operations() -> Mapping[str, Operation]:
    """Return every operation of the model by name, in the model's order."""
    model = service_model()
    return MappingProxyType({name: _operation(model.operation_model(name)) for name in model.operation_names})


@functools.cache
def error_statuses() -> Mapping[str, int]:
    """Return Detective's own error codes with their HTTP statuses."""
    shapes = _error_shapes().items()
    return MappingProxyType({code: error.metadata["error"]["httpStatusCode"] for code, error in shapes})


def error_members(code: str) -> tuple[str, ...]:
    """Return the members of an error in the model's order; none for a code that the model does not list."""
    error = _error_shapes().get(code)
    return () if error is None else tuple(error.members)


@functools.cache
def sensitive_members() -> frozenset[str]:
    """Return the names of members, at any depth of any input or output, that must not appear in logs."""
    shapes = (service_model().shape_for(name) for name in service_model().shape_names)
    structures = cast("Iterator[StructureShape]", (shape for shape in shapes if shape.type_name == "structure"))
    return frozenset(
        name
        for structure in structures
        for name, member in structure.members.items()
        if member.metadata.get("sensitive")
    )


def renamed_on_the_wire(operation: str) -> Mapping[str, str]:
    """Return the input members of an operation that have another name on the wire: member name -> wire name."""
    found = operations()[operation]
    located = (found.body_members, found.uri_members, found.query_members)
    return {member: name for names in located for name, member in names.items() if name != member}


def check_parameter_names(operation: str, parameters: Mapping[str, Any]) -> None:
    """Check that an operation has these parameters, at any depth. Values are not checked.

    Raises:
        FakeUsageError: It does not have one of them.
    """
    shape = operations()[operation].input_shape
    if shape is not None:
        _check_member_names(shape, parameters, operation)
    elif parameters:
        raise FakeUsageError(f"{operation} has no parameters; got {', '.join(parameters)}.")


def _check_member_names(shape: Shape, value: Any, path: str) -> None:
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        for item in value:
            _check_member_names(shape.member, item, path)  # type: ignore[attr-defined]
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, member in value.items():
            if name not in shape.members:
                raise FakeUsageError(f"{path} has no parameter {name!r}; it has {', '.join(shape.members)}.")
            _check_member_names(shape.members[name], member, f"{path}.{name}")


@functools.cache
def detective_regions(variant: str | None = None) -> Mapping[str, str]:
    """Return the Regions that have Detective, each with its partition, from botocore's endpoint data.

    The names that old clients use for FIPS endpoints (`us-east-1-fips`) are not Regions.

    Args:
        variant: Only Regions with such an endpoint: `"fips"`.
    """
    prefix = service_model().endpoint_prefix
    return MappingProxyType(
        {
            region: partition["partition"]
            for partition in loader().load_data("endpoints")["partitions"]
            for region, data in partition["services"].get(prefix, {}).get("endpoints", {}).items()
            if region in partition["regions"]
            and (variant is None or any(variant in each["tags"] for each in data.get("variants", ())))
        }
    )


class Regions(NamedTuple):
    """The Regions that have Detective in one fake.

    Attributes:
        only_real: Whether they are those that botocore lists for Detective; else any.
    """

    only_real: bool = True

    def has(self, region: str, *, fips: bool = False) -> bool:
        """Return whether a Region has Detective, with a FIPS host if that is asked for."""
        if not self.only_real or region == FIRST_REGION:
            return True
        return region in detective_regions("fips" if fips else None)

    def check(self, region: object) -> None:
        """Check that a Region has Detective.

        Raises:
            FakeUsageError: It does not, or is not a string.
        """
        if isinstance(region, str) and self.has(region):
            return
        raise FakeUsageError(
            f"There is no Detective in Region {region!r}; did you mean {nearest(region, detective_regions())!r}? "
            'With missing_regions="allow" it is in every Region.'
        )


@functools.cache
def _error_shapes() -> Mapping[str, StructureShape]:
    return {shape.error_code: shape for shape in cast("list[StructureShape]", service_model().error_shapes)}


@functools.cache
def _path_pattern(uri: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(uri)), re.DOTALL)


def _operation(model: OperationModel) -> Operation:
    input_shape, output_shape = model.input_shape, model.output_shape
    return Operation(
        name=model.name,
        method=model.http["method"],
        uri=model.http["requestUri"],
        status=model.http.get("responseCode", 200),
        input_shape=input_shape,
        output_shape=output_shape,
        body_members=_members_in(input_shape, None),
        uri_members=_members_in(input_shape, "uri"),
        query_members=_members_in(input_shape, "querystring"),
        output_members=() if output_shape is None else tuple(output_shape.members),
    )


def _members_in(shape: StructureShape | None, location: str | None) -> Mapping[str, str]:
    members = {} if shape is None else shape.members
    return MappingProxyType(
        {
            member.serialization.get("name", name): name
            for name, member in members.items()
            if member.serialization.get("location") == location
        }
    )
