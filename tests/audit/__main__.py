"""Compares `docs/audit.toml` with the installed botocore's documentation, and writes the pages of the audit.

python -m tests.audit            prints what is wrong; exits with 1 if anything is
python -m tests.audit --write    writes the pages, after printing the same
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from detective_fake.protocol.model import SERVICE_NAME, error_statuses, loader
from docs._ext import fidelity
from tests.audit.pages import OPERATIONS_PAGE, SENTENCES_PAGE, operations_page, sentences_page
from tests.audit.seen import seen_by_fault, seen_in
from tests.audit.sentences import load, problems, sentences
from tests.audit.stories import STORIES, calls_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the problems, write the pages if told to, and return the exit status."""
    parser = argparse.ArgumentParser("tests.audit", description="Check the audit of the API's documentation.")
    parser.add_argument("--write", action="store_true", help="write the pages")
    write = parser.parse_args(arguments).write
    documented = sentences(loader().load_service_model(SERVICE_NAME, "service-2"))
    found = problems(load(), documented, fidelity.load(), fidelity.has_test)
    print(*found or ["Every sentence has an entry."], sep="\n")
    if found:
        return 1
    if write:
        for path, text in pages().items():
            path.write_text(text, encoding="utf-8")
    return 0


def pages() -> Mapping[Path, str]:
    """Return the pages with their text."""
    audit, rules = load(), fidelity.load()
    seen = {name: seen_in(name, calls_of(name)) for name in STORIES}
    by_fault = {code: seen_by_fault(code) for code in error_statuses()}
    return {
        SENTENCES_PAGE: sentences_page(audit, rules),
        OPERATIONS_PAGE: operations_page(rules, seen, by_fault, audit.never_filled),
    }


if __name__ == "__main__":
    sys.exit(main())
