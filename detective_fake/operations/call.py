"""A call as operations get it, and the checks that many operations start with."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from detective_fake.errors import AccessDenied, ResourceNotFound, ValidationFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detective_fake.domain.graph import BehaviorGraph
    from detective_fake.domain.world import World

Row = TypeVar("Row")


@attrs.define(eq=False, repr=False)
class Call:
    """One validated call.

    Attributes:
        world: The state to read and change.
        operation: Name of the operation.
        parameters: By wire names, valid under the service model.
        account_id: The caller.
        region: The Region of the request.
        at: Time of the call.
        page_size: The maximum number of items on any page, or None for the service's own page sizes.
    """

    world: World
    operation: str
    parameters: dict[str, Any]
    account_id: str
    region: str
    at: datetime
    page_size: int | None = None


def administered_graph(call: Call, arn_member: str = "GraphArn") -> BehaviorGraph:
    """Return the graph that a call names. Only its administrator gets it.

    Raises:
        ResourceNotFound: There is no such graph in this Region.
        AccessDenied: The graph is another account's, or the caller is suspended. That this is not a 404 is an
            inference from the errors' texts.
    """
    graph = call.world.graphs.get(call.parameters[arn_member])
    if graph is None or graph.region != call.region:
        raise ResourceNotFound
    account = call.world.accounts.get(call.account_id)
    if graph.administrator_id != call.account_id or (account is not None and account.suspended):
        raise AccessDenied
    return graph


NEXT_TOKEN: Final = "NextToken"  # noqa: S105 - a member's name
PAGING: Final = frozenset({NEXT_TOKEN, "MaxResults"})

_SIGNATURE_BYTES: Final = 12


def page_limit(call: Call, default: int) -> int:
    """Return the maximum number of items on a page: `MaxResults` or the default, at most the fake's `page_size`."""
    size: int = call.parameters.get("MaxResults", default)
    return size if call.page_size is None else min(size, call.page_size)


def next_token(call: Call, position: str | int) -> str:
    """Return the token of the page after this position."""
    content = f"{_milliseconds(call.at)} {position}".encode()
    return (_sign(call, content) + content).hex()


def cut_page(
    call: Call, rows: Sequence[Row], default: int, position: Callable[[Row], str | int]
) -> tuple[Sequence[Row], dict[str, str]]:
    """Return the first page of some rows, and the token of the next page as a member of the response, if there is one.

    Args:
        default: As for `page_limit`.
        position: Returns the position of a row.
    """
    limit = page_limit(call, default)
    page = rows[:limit]
    return page, {NEXT_TOKEN: next_token(call, position(page[-1]))} if len(rows) > limit else {}


def page_position(call: Call, lifetime: timedelta | None = None) -> str | None:
    """Return the position after which the call's page starts, None for the first page.

    Args:
        lifetime: How long tokens of this operation are valid. None: forever.
    Raises:
        ValidationFailed: The token belongs to other arguments or another caller, or has expired.
    """
    token = call.parameters.get(NEXT_TOKEN)
    if token is None:
        return None
    try:
        signed = bytes.fromhex(token)
    except ValueError:
        signed = b""
    signature, content = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
    # `fromhex` ignores spaces and letter case, but only the exact token is valid.
    if signed.hex() != token or signature != _sign(call, content):
        raise _reject(call, "is not one that was given out for these arguments")
    issued_at, _, found = content.decode().partition(" ")
    if lifetime is not None and _milliseconds(call.at) - int(issued_at) > lifetime // timedelta(milliseconds=1):
        raise _reject(call, "has expired")
    return found


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _sign(call: Call, content: bytes) -> bytes:
    arguments = [(name, _sort(value)) for name, value in call.parameters.items() if name not in PAGING]
    binding = (call.world.id_seed, call.operation, call.account_id, call.region, repr(sorted(arguments)))
    key = blake2b(repr(binding).encode(), digest_size=32).digest()
    return blake2b(content, key=key, digest_size=_SIGNATURE_BYTES).digest()


def _sort(value: object) -> object:
    if isinstance(value, dict):
        return sorted((name, _sort(each)) for name, each in value.items())
    return _milliseconds(value) if isinstance(value, datetime) else value


def _reject(call: Call, why: str) -> ValidationFailed:
    return ValidationFailed(f"{call.operation}Request.{NEXT_TOKEN} {why}.")
