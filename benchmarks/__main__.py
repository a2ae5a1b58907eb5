"""`python -m benchmarks [--json FILE] [--only WORD] [--runs NUMBER]`: all rows as a table, and as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks import calls, lifecycle, runs, worlds

ROWS = (*runs.ROWS, *calls.ROWS, *lifecycle.ROWS, *worlds.ROWS)
PEERS = ("botocore", "boto3", "moto", "pytest")


def main() -> int:
    """Measure, print, write; return 1 if a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    parser.add_argument("--only", default="", help="measure only rows whose text contains this")
    parser.add_argument("--runs", type=int, default=1, help="measure each row this often and take the median")
    options = parser.parse_args()
    machine = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        **{name: version(name) for name in PEERS},
    }
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print(f"{'what':<50} {'against':<40} {'measured':>9} {'target':>9}")
    results = []
    for row in ROWS:
        if options.only not in f"{row.what} {row.against}":
            continue
        value = statistics.median(row.measure() for _ in range(options.runs))
        verdict = row.verdict(value)
        shown = verdict.upper() if verdict == "missed" else verdict
        print(f"{row.what:<50} {row.against:<40} {value:>9.3g} {row.bound:>9}  {shown}", flush=True)
        about = {"what": row.what, "against": row.against}
        results.append({**about, "measured": value, "target": row.bound, "verdict": verdict})
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "rows": results}, indent=2) + "\n", encoding="utf-8")
    return int(any(result["verdict"] == "missed" for result in results))


if __name__ == "__main__":
    sys.exit(main())
