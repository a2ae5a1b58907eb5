"""Access key ids as AWS makes them, with the account in them.

Knows texts alone; must not know credentials objects, callers or the environment.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final, TypedDict

__all__ = ["NEUTRAL_ACCESS_KEY_ID", "NEUTRAL_SECRET_ACCESS_KEY", "Credentials", "decode", "make"]

NEUTRAL_ACCESS_KEY_ID: Final = "AKIADETECTIVEFAKEKEY"
"""Has the form of an access key id and names no account: its fifth character is none of a newer key's."""

NEUTRAL_SECRET_ACCESS_KEY: Final = "a-secret-that-opens-nothing-at-all-00000"  # noqa: S105

# Only of keys made since 2019 do the first 48 bits hold a set bit, the account in 40, and 7 that belong to the key.
_WITH_ACCOUNT: Final = re.compile(r"A[KS]IA[Q-Z2-7][A-Z2-7]{15}")
_ACCOUNT_BITS: Final = 40
_BITS_BELOW: Final = 7
_BYTES_WITH_ACCOUNT: Final = 6
_ACCOUNTS: Final = 10**12

# What every session token of AWS begins with, in base64.
_TOKEN_HEAD: Final = b"!\n\torigin_ec"


def decode(access_key_id: str) -> str | None:
    """Return the account that an access key id was made for, twelve digits; None where it tells none.

    Source: the scheme as published by Aidan Steele and Tal Be'ery, checked on keys whose accounts are known.
    """
    if _WITH_ACCOUNT.fullmatch(access_key_id) is None:
        return None
    head = base64.b32decode(access_key_id[4:])[:_BYTES_WITH_ACCOUNT]
    number = int.from_bytes(head, "big") >> _BITS_BELOW & (1 << _ACCOUNT_BITS) - 1
    return f"{number:012d}" if number < _ACCOUNTS else None


class Credentials(TypedDict):
    """Credentials of a session, by the names of boto3's arguments."""

    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str


def make(account_id: str, seed: int = 0) -> Credentials:
    """Return session credentials whose key decodes to an account, by the names of `boto3.Session`'s arguments.

    Args:
        account_id: Twelve digits.
        seed: Equal accounts and seeds give equal credentials.
    """
    digest = hashlib.sha512(f"{account_id} {seed}".encode()).digest()
    set_bit = 1 << _ACCOUNT_BITS + _BITS_BELOW
    own_bits = digest[0] & (1 << _BITS_BELOW) - 1
    head = (set_bit | int(account_id) << _BITS_BELOW | own_bits).to_bytes(_BYTES_WITH_ACCOUNT, "big")
    return {
        "aws_access_key_id": "ASIA" + base64.b32encode(head + digest[1:5]).decode(),
        "aws_secret_access_key": base64.b64encode(digest[5:35]).decode(),
        "aws_session_token": base64.b64encode(_TOKEN_HEAD + digest * 4 + digest[:5]).decode(),
    }
