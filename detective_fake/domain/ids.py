"""IDs and ARNs in the formats of the service.

They are derived from a seed and a count, so a test sees the same ones on every run.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_PARTITIONS = (
    ("us-gov-", "aws-us-gov"),
    ("cn-", "aws-cn"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)


def partition_of(region: str) -> str:
    """Return the partition of a Region: `aws` unless the Region's name has another partition's prefix.

    Source: botocore's endpoint data, which a test compares.
    """
    return next((partition for prefix, partition in _PARTITIONS if region.startswith(prefix)), "aws")


def is_govcloud(region: str) -> bool:
    """Return whether a Region is in GovCloud: no verification, no e-mails, closed accounts are not removed.

    Source: user guide, accounts-invited-members; administration guide, accounts-invited-remove.
    """
    return partition_of(region) == "aws-us-gov"


def graph_arn(*, seed: int, account_id: str, region: str, count: int) -> str:
    """Return the ARN of an account's next behavior graph in a Region.

    Args:
        seed: The fake's.
        count: How many graphs this account has had in the Region before.
    Source: service model, `GraphArn`. That the ID is a UUID of version 4 without hyphens is an inference.
    """
    digits = _digest(f"graph/{seed}/{account_id}/{region}/{count}")
    identifier = f"{digits[:12]}4{digits[13:16]}{'89ab'[int(digits[16], 16) % 4]}{digits[17:]}"
    return f"arn:{partition_of(region)}:detective:{region}:{account_id}:graph:{identifier}"


def investigation_id(*, seed: int, arn: str, count: int, at: datetime) -> str:
    """Return the ID of a graph's next investigation: 13 digits of epoch milliseconds and 8 more.

    Source: service model, `InvestigationId`. The two parts were read off one observed ID.
    """
    milliseconds = round(at.timestamp() * 1000)
    tail = int(_digest(f"investigation/{seed}/{arn}/{count}"), 16) % 10**8
    return f"{milliseconds:013d}{tail:08d}"


def organization_id(*, seed: int, count: int) -> str:
    """Return the ID of the next organization, `o-` and ten letters or digits."""
    return f"o-{_digest(f'organization/{seed}/{count}')[:10]}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
