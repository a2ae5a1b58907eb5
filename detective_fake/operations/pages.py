"""Pages and their tokens: opaque, and bound to operation, caller, Region, graph and filters, but not to `MaxResults`.

A token says after which item to go on, not how many came before, so that a page walk gives every item once even when
others come and go meanwhile. Knows nothing of what the items are.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from detective_fake.errors import ValidationFailed

if TYPE_CHECKING:
    from detective_fake.operations.call import Call

__all__ = ["NEXT_TOKEN", "PAGING", "limit", "next_token", "position"]

NEXT_TOKEN: Final = "NextToken"  # noqa: S105 - a member's name
PAGING: Final = frozenset({NEXT_TOKEN, "MaxResults"})

_SIGNATURE_BYTES: Final = 12


def limit(call: Call, default: int) -> int:
    """Return how many items the page may hold: `MaxResults`, or the default; a test's `page_size` caps both."""
    size: int = call.parameters.get("MaxResults", default)
    return size if call.page_size is None else min(size, call.page_size)


def next_token(call: Call, position: str | int) -> str:
    """Return the token that goes on after this position."""
    content = f"{_milliseconds(call.at)} {position}".encode()
    return (_signature(call, content) + content).hex()


def position(call: Call, lifetime: timedelta | None = None) -> str | None:
    """Return where the call's token goes on, None on a first page.

    Args:
        lifetime: How long tokens of this operation are valid; None for ever.
    Raises:
        ValidationFailed: The token was not given out for these arguments to this caller, or has expired.
    """
    token = call.parameters.get(NEXT_TOKEN)
    if token is None:
        return None
    signed = _decoded(token)
    signature, content = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
    if signature != _signature(call, content):
        raise _refused(call, "is not one that was given out for these arguments")
    issued_at, _, found = content.decode().partition(" ")
    if lifetime is not None and _milliseconds(call.at) - int(issued_at) > lifetime // timedelta(milliseconds=1):
        raise _refused(call, "has expired")
    return found


def _decoded(token: str) -> bytes:
    try:
        signed = bytes.fromhex(token)
    except ValueError:
        return b""
    # Decoding passes over spaces and capitals: only the very token that was given out will do.
    return signed if signed.hex() == token else b""


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _signature(call: Call, content: bytes) -> bytes:
    arguments = [(name, _ordered(value)) for name, value in call.parameters.items() if name not in PAGING]
    key = _key(call.world.id_seed, call.operation, call.account_id, call.region, repr(sorted(arguments)))
    return blake2b(content, key=key, digest_size=_SIGNATURE_BYTES).digest()


# All pages of a walk have the same.
@lru_cache
def _key(*binding: object) -> bytes:
    return blake2b(repr(binding).encode(), digest_size=32).digest()


def _ordered(value: object) -> object:
    if isinstance(value, dict):
        return sorted((name, _ordered(each)) for name, each in value.items())
    return _milliseconds(value) if isinstance(value, datetime) else value


def _refused(call: Call, why: str) -> ValidationFailed:
    return ValidationFailed(f"{call.operation}Request.{NEXT_TOKEN} {why}.")
