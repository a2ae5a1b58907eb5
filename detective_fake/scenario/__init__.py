"""Scenarios: the whole state of a fake in a TOML or JSON file, written by a person or saved by a fake."""
