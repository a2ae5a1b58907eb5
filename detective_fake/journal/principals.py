"""Who a caller is to IAM and to CloudTrail: an assumed role, or a user where the access key is a long-term one.

A test says which account calls, not as whom: role, session and user go by the name of this package.
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from detective_fake.domain.ids import partition_of

if TYPE_CHECKING:
    from detective_fake.exchange import Caller

__all__ = ["principal_arn", "user_identity"]

NAME: Final = "detective-fake"

_LONG_TERM: Final = "AKIA"
"""What access keys of IAM users begin with. Source: IAM user guide, unique identifiers."""


def principal_arn(caller: Caller, region: str) -> str:
    """Return the ARN of a caller in the partition of a Region."""
    partition = partition_of(region)
    if _is_user(caller):
        return f"arn:{partition}:iam::{caller.account_id}:user/{NAME}"
    return f"arn:{partition}:sts::{caller.account_id}:assumed-role/{NAME}/{NAME}"


def user_identity(caller: Caller, region: str, created: str) -> dict[str, Any]:
    """Return a caller as CloudTrail's `userIdentity`.

    Args:
        created: Time the session was made, in ISO 8601.
    Source: CloudTrail user guide, cloudtrail-event-reference-user-identity.
    """
    account_id, arn = caller.account_id, principal_arn(caller, region)
    if _is_user(caller):
        return {
            "type": "IAMUser",
            "principalId": _identifier("AIDA", account_id),
            "arn": arn,
            "accountId": account_id,
            "accessKeyId": caller.access_key,
            "userName": NAME,
        }
    role_id = _identifier("AROA", account_id)
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{NAME}",
        "arn": arn,
        "accountId": account_id,
        "accessKeyId": caller.access_key or _identifier("ASIA", account_id),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": f"arn:{partition_of(region)}:iam::{account_id}:role/{NAME}",
                "accountId": account_id,
                "userName": NAME,
            },
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
        },
    }


def _is_user(caller: Caller) -> bool:
    return (caller.access_key or "").startswith(_LONG_TERM)


def _identifier(prefix: str, account_id: str) -> str:
    return prefix + b32encode(blake2b(f"{prefix}/{account_id}".encode(), digest_size=10).digest()).decode()
