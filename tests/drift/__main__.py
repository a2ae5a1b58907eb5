"""Compares the installed botocore's model of Detective with the recorded one: `nox -s drift`.

python -m tests.drift            says what differs; exits with 1 if anything does
python -m tests.drift --renew    records the installed one, after saying the same
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import botocore

from detective_fake.protocol.model import SERVICE_NAME, loader
from tests.drift.differences import differences
from tests.drift.digest import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.drift.digest import Digest

RECORD: Final = Path(__file__).with_name("detective.json")


def main(arguments: Sequence[str] | None = None, record: Path = RECORD) -> int:
    """Print the differences, renew the record if told to, and return the exit status."""
    parser = argparse.ArgumentParser(
        "tests.drift", description="Compare botocore's model of Detective with the record."
    )
    parser.add_argument("--renew", action="store_true", help="record the installed botocore's model")
    renew = parser.parse_args(arguments).renew
    version, before = read(record)
    installed = digest(loader().load_service_model(SERVICE_NAME, "service-2"))
    lines = differences(before, installed)
    print(*lines, f"{_count(lines)} from botocore {version} to {botocore.__version__}.", sep="\n")
    if renew:
        write(record, botocore.__version__, installed)
    return 0 if renew or not lines else 1


def read(record: Path) -> tuple[str, Digest]:
    """Return the botocore that was recorded, and the digest of its model."""
    recorded: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    return recorded["botocore"], recorded["model"]


def write(record: Path, version: str, model: Digest) -> None:
    """Record a digest, a line for each place, so that git shows what has changed."""
    places = ",\n".join(f"  {json.dumps(place)}: {json.dumps(facts)}" for place, facts in model.items())
    record.write_text(f'{{\n"botocore": {json.dumps(version)},\n"model": {{\n{places}\n}}\n}}\n', encoding="utf-8")


def _count(lines: Sequence[str]) -> str:
    if not lines:
        return "No difference"
    return "1 difference" if len(lines) == 1 else f"{len(lines)} differences"


if __name__ == "__main__":
    sys.exit(main())
