"""How fast the fake is, as ratios to what people use instead, measured side by side in one process.

`python -m benchmarks` runs all rows, prints the table and writes JSON; see `docs/performance.md`.
"""
