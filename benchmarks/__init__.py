"""How fast the fake is compared with what people use instead: ratios, measured side by side.

`python -m benchmarks` runs all rows, prints the table and writes JSON; see `docs/performance.md`.
"""
