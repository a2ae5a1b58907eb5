"""Names of parameters, as a test's author writes them: a wrong one would never be found in any call.

Knows input shapes; values are no matter here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.model import StructureShape

from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import operations

if TYPE_CHECKING:
    from botocore.model import Shape

__all__ = ["check_parameter_names", "renamed_on_the_wire"]


def check_parameter_names(operation: str, parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that an operation does not have, at any depth.

    Raises:
        FakeUsageError: It has others.
    """
    shape = operations()[operation].input_shape
    if shape is not None:
        _check(shape, parameters, operation)
    elif parameters:
        message = f"{operation} has no parameters, and so no {', '.join(parameters)}."
        raise FakeUsageError(message)


def renamed_on_the_wire(operation: str) -> Mapping[str, str]:
    """Return what members of an operation's input are called on the wire, where that differs: member -> wire name."""
    found = operations()[operation]
    located = (found.body_members, found.uri_members, found.query_members)
    return {member: name for names in located for name, member in names.items() if name != member}


def _check(shape: Shape, value: Any, path: str) -> None:
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        for item in value:
            _check(shape.member, item, path)  # type: ignore[attr-defined]
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, member in value.items():
            if name not in shape.members:
                message = f"{path} has no parameter {name!r}; it has {', '.join(shape.members)}."
                raise FakeUsageError(message)
            _check(shape.members[name], member, f"{path}.{name}")
