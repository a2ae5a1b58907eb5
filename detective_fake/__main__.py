"""`python -m detective_fake` is `detective-fake`."""

from __future__ import annotations

import sys

from detective_fake.cli import main

if __name__ == "__main__":
    sys.exit(main())
