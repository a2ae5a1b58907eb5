"""Which Regions one fake has: those of botocore's endpoint data, or any.

Remembers what was found, as every call asks.
"""

from __future__ import annotations

from difflib import get_close_matches

from detective_fake.errors import FakeUsageError
from detective_fake.protocol.model import detective_regions

__all__ = ["Regions"]


class Regions:
    """The Regions that calls can reach.

    Args:
        only_real: Whether there are none but those that botocore lists for Detective.

    Attributes:
        known: Regions that calls have reached before; whoever finds one here need not ask further.
    """

    def __init__(self, *, only_real: bool = True) -> None:
        self.known: set[str] = set()
        self._only_real = only_real

    def has(self, region: str) -> bool:
        """Tell whether calls reach a Region. Botocore's endpoint data are loaded when the first one is asked for."""
        if self._only_real and region not in detective_regions():
            return False
        self.known.add(region)
        return True

    def check(self, region: object) -> None:
        """Refuse a Region that calls cannot reach.

        Raises:
            FakeUsageError: There is no Detective there.
        """
        if isinstance(region, str) and self.has(region):
            return
        nearest = get_close_matches(str(region), detective_regions(), n=1, cutoff=0)[0]
        message = (
            f"There is no Detective in Region {region!r}; did you mean {nearest!r}? "
            'A fake made with missing_regions="allow" has every Region.'
        )
        raise FakeUsageError(message)
